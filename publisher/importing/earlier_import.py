"""What a show's folder holds already when an import is run again: episodes by their guid, and what a person changed, which stays."""

from __future__ import annotations

import re
import tomllib
from typing import TYPE_CHECKING, Any

from feed.findings import ContentFault
from feed.text_cleaning import printable_line
from publisher.core.slugs import slug_of
from publisher.importing.chosen_items import TakenBefore
from publisher.importing.html_to_markdown import picture_addresses
from publisher.load.episode_text import read_episode_text
from publisher.load.toml_and_yaml import toml_string

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

_OURS = frozenset(("audio", "audio_unmeasured", "audio_tags", "order", "former", "guid_base"))
"""Keys that an import writes, or takes away, for reasons of its own."""
_OF_CONFIG = frozenset(("artwork", "hosts", "guid"))


def taken_before(folder: Path) -> TakenBefore:
    """The episodes of a show's folder, whatever their folders are called; one that cannot be read is known by that name alone."""
    names: dict[str, str] = {}
    without, slugs = set(), {}
    for path in sorted((folder / "episodes").glob("*/episode.md")):
        name, (front, _) = path.parent.name, _read(path.read_bytes())
        guid = str(front.get("guid") or "")
        if guid:
            names.setdefault(guid, name)
        else:
            without.add(name)
        slugs[name] = str(front.get("slug") or slug_of(name))
    return TakenBefore(names=names, without=frozenset(without), slugs=slugs)


def kept_words(place: Path, text: str, notes: str, guid: str) -> Iterator[str]:
    """A line for what stays in the episode.md of `place`, where an import would write `text` with these `notes` today."""
    front, here = _read((place / "episode.md").read_bytes())
    new, there = _read(text.encode("utf-8"))
    if not front:
        yield f"{place.name}: episode.md cannot be read and stays as it is"
        return
    if guid and not front.get("guid"):
        yield f"{place.name}: its guid is missing; write guid = {toml_string(guid)} into episode.md, or it comes twice to every subscriber"
    changed = sorted(
        key for key in (front.keys() | new.keys()) - _OURS - {"guid"} if _without_files(front.get(key)) != _without_files(new.get(key))
    )
    changed += ["notes"] if here.strip() != _with_files(there, notes, place).strip() else []
    if changed:
        yield f"{place.name}: what is written here stays; the old feed has another {', '.join(changed)}"


def kept_config(config: Path, text: str) -> Iterator[str]:
    """A line for what stays in config.toml, where an import would write `text` today."""
    here, new = _tables(config.read_text("utf-8", "replace")), tomllib.loads(text)
    show, there = here.get("show", {}), new.get("show", {})
    changed = sorted(key for key in (show.keys() | there.keys()) - _OF_CONFIG if show.get(key) != there.get(key) and key in there)
    changed += ["live"] if new.get("live") and new["live"] != here.get("live") else []
    if changed:
        yield f"config.toml: what is written here stays; the old feed has another {', '.join(changed)}"


def people_here(config: Path) -> dict[str, dict[str, Any]]:
    """`[people]` of a config.toml that may not be there."""
    people = _tables(config.read_text("utf-8", "replace")).get("people") if config.exists() else None
    return {name: row for name, row in people.items() if isinstance(row, dict)} if isinstance(people, dict) else {}


def seasons_here(config: Path) -> set[int]:
    """The numbers of `[seasons]` of a config.toml."""
    seasons = _tables(config.read_text("utf-8", "replace")).get("seasons")
    return {int(number) for number in seasons if number.isdecimal()} if isinstance(seasons, dict) else set()


def grow_config(config: Path, tables: Iterable[str]) -> Iterator[str]:
    """Write tables that new episodes need at the end of config.toml, where they fit in; a line tells which, or what to write by hand."""
    more = "\n".join(tables).strip()
    if not more:
        return
    names = ", ".join(line.strip("[]") for line in more.splitlines() if line.startswith("["))
    before = config.read_bytes().decode("utf-8", "surrogateescape")
    text = f"{before.rstrip(chr(10))}\n\n{more}\n" if not before.endswith("\n") else f"{before}\n{more}\n"
    if _tables(text):
        config.write_bytes(text.encode("utf-8", "surrogateescape"))
        yield f"config.toml: added for new episodes: {names}"
    else:
        yield f"config.toml: new episodes need tables that cannot be added to it as it is: {printable_line(more)[:2000]}"


_TAKEN = re.compile(r"(image|alternate)-[1-9]\d*\.\w+")


def _without_files(value: Any) -> Any:
    """Rows of a key without where their files are, where that may be one that an import brought."""
    rows = value if isinstance(value, list) and all(isinstance(row, dict) for row in value) else []
    if not any(_TAKEN.fullmatch(str(row.get("href") or row.get("file") or "")) or "url" in row for row in rows):
        return value
    return [{key: one for key, one in row.items() if key not in {"href", "file", "url"}} for row in rows]


def _tables(text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except (tomllib.TOMLDecodeError, UnicodeError):
        return {}


def _read(raw: bytes) -> tuple[dict[str, Any], str]:
    try:
        front, _, notes, _ = read_episode_text(raw)
    except ContentFault:
        return {}, ""
    return front, notes


def _with_files(text: str, notes: str, place: Path) -> str:
    """Notes as an import leaves them: with the names of the pictures that it fetched."""
    for number, address in enumerate(picture_addresses(notes), 1):
        file = next((path.name for path in sorted(place.glob(f"notes-{number}.*"))), "")
        text = text.replace(f"](<{address}>)", f"]({file})") if file else text
    return text
