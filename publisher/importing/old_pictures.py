"""Pictures that notes, chapters and people have at the old host: each becomes a file of the new folder, and what showed it names the file."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING, Any

from feed.findings import ContentFault
from feed.text_cleaning import printable_line, read_json
from publisher.importing.html_to_markdown import picture_addresses
from publisher.load.toml_and_yaml import toml_string
from publisher.web.bounded_fetch import FetchError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from publisher.web.bounded_fetch import Fetcher

LARGEST_PICTURE = 32 << 20
PORTRAITS = "people"
"""The folder of the show in which portraits lie."""
_PIXELS = 2
"""A picture of no more, either way, shows nothing: it counts who reads."""


class OldPictures:
    """The old host's pictures, each address asked once; what could not be had is in `warnings`, and tried again by the next import."""

    def __init__(self, fetcher: Fetcher, warnings: list[str]) -> None:
        self._fetcher = fetcher
        self._warnings = warnings
        self._known: dict[str, Path | None] = {}

    def taken(self, address: str, folder: Path, name: str, whose: str) -> str:
        """The name of the file in `folder` that holds the picture, made of `name`; "" where there is none. `whose` begins a warning."""
        here = next((path.name for path in sorted(folder.glob(f"{name}.*"))), "")
        if here:
            return here
        known = self._known.get(address)
        if known is not None:
            shutil.copyfile(known, folder / f"{name}{known.suffix}")
            return f"{name}{known.suffix}"
        if address in self._known:
            return ""
        path = self._known[address] = self._fetched(address, folder, name, whose)
        return path.name if path is not None else ""

    def _fetched(self, address: str, folder: Path, name: str, whose: str) -> Path | None:
        from publisher.media.image_processing import measure_image

        try:
            raw = self._fetcher.get(address, LARGEST_PICTURE)
            facts = measure_image(raw)
        except FetchError as error:
            self._warnings.append(f"{whose}: a picture {error.message} ({error.cause})")
            return None
        except ContentFault as fault:
            self._warnings.append(f"{whose}: a picture cannot be used: {printable_line(address)[:300]} ({fault.message})")
            return None
        if facts.width <= _PIXELS and facts.height <= _PIXELS:
            self._warnings.append(f"{whose}: a picture of one pixel, which counts readers, is not taken: {printable_line(address)[:300]}")
            return None
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"{name}.{facts.type.rpartition('/')[2].replace('jpeg', 'jpg')}"
        path.write_bytes(raw)
        return path


def take_pictures_of_notes(pictures: OldPictures, folder: Path, notes: str) -> None:
    """Let the episode.md of `folder` show files of it where it shows pictures of `notes`, the old host's as Markdown."""
    path = folder / "episode.md"
    before = text = path.read_bytes().decode("utf-8")
    for number, address in enumerate(picture_addresses(notes), 1):
        written = f"](<{address}>)"
        if written in text and (name := pictures.taken(address, folder, f"notes-{number}", folder.name)):
            text = text.replace(written, f"]({name})")
    if text != before:
        path.write_bytes(text.encode("utf-8"))


def take_pictures_of_chapters(pictures: OldPictures, path: Path, ours: Callable[[str], str]) -> None:
    """Let a chapters.json name files beside it where it names pictures of the old host; `ours` gives the new address of a link, or ""."""
    try:
        content = read_json(path.read_bytes())
    except (OSError, ValueError, ContentFault):
        return
    rows = [row for row in content.get("chapters", ()) if isinstance(row, dict)] if isinstance(content, dict) else []
    changed = False
    for row, name in zip(rows, _numbered(row.get("img") for row in rows), strict=True):
        picture = pictures.taken(row["img"], path.parent, name, path.parent.name) if name else ""
        page = ours(row["url"]) if isinstance(row.get("url"), str) else ""
        row |= {key: value for key, value in (("img", picture), ("url", page)) if value}
        changed = changed or bool(picture or page)
    if changed:
        path.write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", "utf-8")


def _numbered(addresses: Iterable[Any]) -> list[str]:
    """A file's name for each address, the same for the same one; "" for what is none."""
    numbers: dict[str, int] = {}
    return [
        f"chapter-{numbers.setdefault(address, len(numbers) + 1)}" if isinstance(address, str) and _is_address(address) else ""
        for address in addresses
    ]


def take_portraits(pictures: OldPictures, config: Path, portraits: Iterable[str]) -> None:
    """Let `[people]` of config.toml name files of people/ where it names these addresses."""
    named = {f"image = {toml_string(address)}": address for address in portraits}
    before, person = config.read_bytes().decode("utf-8"), ""
    lines = before.split("\n")
    for number, line in enumerate(lines):
        if line.startswith("["):
            person = line.removeprefix("[people.").removesuffix("]") if line.startswith("[people.") else ""
        elif person and line in named and (name := pictures.taken(named[line], config.parent / PORTRAITS, person, f"[people.{person}]")):
            lines[number] = f"image = {toml_string(f'{PORTRAITS}/{name}')}"
    if (text := "\n".join(lines)) != before:
        config.write_bytes(text.encode("utf-8"))


def _is_address(written: str) -> bool:
    return written.startswith(("https://", "http://"))
