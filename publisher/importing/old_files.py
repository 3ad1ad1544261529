"""Files and pages of the old host that front matter and config.toml name: a file becomes one of the folder, a page of an episode ours."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from publisher.core.layout import EPISODES
from publisher.importing.episode_pages import host_of
from publisher.importing.recording_fetch import LARGEST_RECORDING, take_recording
from publisher.importing.recordings_left_there import audio_ending
from publisher.load.toml_and_yaml import toml_string
from publisher.web.bounded_fetch import FetchError

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable
    from pathlib import Path

    from feed.reader import Node
    from publisher.importing.episode_pages import EpisodePages
    from publisher.importing.old_pictures import OldPictures
    from publisher.web.bounded_fetch import Fetcher

_ADDRESS = re.compile(r"https?://[^\s<>\"'()\[\]]+[^\s<>\"'()\[\].,;:!?]")
LINKED = ("summary", "funding", "content_links")
"""Keys whose words and addresses people follow."""


def page_at(url: str, pages: EpisodePages, address: str) -> str:
    """The whole address of an episode's page here; "" for what is none, or while nobody said where the site will be."""
    page = pages.ours(address)
    return f"{url.rstrip('/')}/{EPISODES}{page.link}" if page is not None and url else ""


def with_our_pages(keys: dict[str, Any], ours: Callable[[str], str]) -> dict[str, Any]:
    """Keys of front matter in which links to episodes of the old host lead to ours."""
    return {key: _ours(value, ours) if key in LINKED else value for key, value in keys.items()}


def _ours(value: Any, ours: Callable[[str], str]) -> Any:
    if isinstance(value, str):
        return _ADDRESS.sub(lambda found: ours(found[0]) or found[0], value)
    if isinstance(value, dict):
        return {key: _ours(one, ours) for key, one in value.items()}
    return [_ours(one, ours) for one in value] if isinstance(value, list) else value


def take_further_pictures(pictures: OldPictures, text: Path, folder: Path, node: Node, whose: str) -> None:
    """Let `images` of a show or an episode, in the file `text`, name files of `folder`."""
    addresses = [found.get("href") for found in node.all("podcast:image")]
    for number, address in enumerate(dict.fromkeys(addresses), 1):
        if address and _names(text, "images", f"href = {toml_string(address)}"):
            name = pictures.taken(address, folder, f"image-{number}", whose)
            _replace(text, "images", f"href = {toml_string(address)}", f"href = {toml_string(name)}" if name else "")


def take_alternates(fetcher: Fetcher, folder: Path, item: Node, hosts: Collection[str], warnings: list[str]) -> None:
    """Let `alternates` of the episode.md in `folder` name files where the old `hosts` have them; what lies elsewhere stays there."""
    text = folder / "episode.md"
    for number, (kind, address) in enumerate(_alternates(item), 1):
        written = f"url = {toml_string(address)}"
        if host_of(address) not in hosts or not _names(text, "alternates", written):
            continue
        file = folder / f"alternate-{number}.{audio_ending(kind, address)}"
        try:
            if not file.exists():
                take_recording(fetcher, address, file, LARGEST_RECORDING, lambda _count: None)
        except FetchError as error:
            warnings.append(f"{folder.name}: another encoding {error.message} ({error.cause})")
            continue
        _replace(text, "alternates", written, f"file = {toml_string(file.name)}")


def _alternates(item: Node) -> Iterable[tuple[str, str]]:
    """Type and address of each other encoding, in order."""
    for tag in item.all("podcast:alternateEnclosure"):
        for source in tag.all("podcast:source")[:1]:
            yield tag.get("type"), source.get("uri")


def _names(text: Path, key: str, written: str) -> bool:
    return any(line.startswith(f"{key} = ") and written in line for line in text.read_bytes().decode("utf-8", "replace").split("\n"))


def _replace(text: Path, key: str, written: str, new: str) -> None:
    """Put `new` in place of what is `written` in the line of a key; every other byte stays."""
    lines = text.read_bytes().decode("utf-8").split("\n")
    if new:
        after = [line.replace(written, new) if line.startswith(f"{key} = ") else line for line in lines]
        text.write_bytes("\n".join(after).encode("utf-8"))
