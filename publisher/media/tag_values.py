"""What goes into a tag, in the form that tags allow: texts, links, languages, covers."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from feed.findings import ContentFault
from feed.iso_codes import THREE_LETTERS

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from feed.model import Chapter


LARGEST_COVER: Final = 300_000
"""Bytes: the tag stands before the audio, so every byte of it delays the first second heard."""
_COVER_PIXELS: Final = 1400


def language_code(language: str) -> str:
    """The three letters ID3 wants for a BCP 47 tag: `deu` for `de-AT`; `und` when there are none."""
    primary = language.replace("_", "-").split("-")[0].lower()
    code = THREE_LETTERS.get(primary, primary)
    return code if len(code) == 3 and code.isascii() and code.isalpha() else "und"


def plain_text(text: str) -> str:
    """Without the control characters that end or split a tag's text."""
    return "".join(character for character in text if character.isprintable() or character in "\n\t").strip()


def link_text(url: str) -> str:
    """An address in the characters that ID3 and MP4 links allow."""
    return quote(url, safe="%:/?#[]@!$&'()*+,;=~-._")


def small_cover(picture: bytes) -> tuple[bytes, list[str]]:
    """The picture as a JPEG of at most 300 kB; one that is small enough stays as it is."""
    from publisher.media.image_processing import resized

    if picture[:3] == b"\xff\xd8\xff" and len(picture) <= LARGEST_COVER:
        return picture, []
    try:
        return (resized(picture, _COVER_PIXELS, LARGEST_COVER) if picture else b""), []
    except ContentFault as fault:
        return b"", [f"the file has no cover: {fault.message}"]


@dataclass(frozen=True, slots=True, kw_only=True)
class AudioTags:
    """What players show of a file that someone saved, and what Apple Podcasts and Overcast read: its chapters.

    `show` is the album, `artist` the hosts, `number` the track, `season` the disc, `language` BCP 47, `link` the episode's
    page, `cover` a picture in any form (it is made small enough; empty: the recording's own), `chapter_images` pictures
    by the chapter's position. A chapter's `toc` False keeps it out of the table of contents.
    """

    title: str
    show: str
    artist: str = ""
    number: int | None = None
    season: int | None = None
    genre: str = "Podcast"
    date: datetime | None = None
    language: str = ""
    link: str = ""
    description: str = ""
    cover: bytes = b""
    chapters: tuple[Chapter, ...] = ()
    chapter_images: Mapping[int, bytes] = field(default_factory=dict)
