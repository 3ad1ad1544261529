"""What is measured or derived: the values that flow from the show's folder to the feed and the pages.

What a person writes is in `feed.schema`; an Episode holds both, no field twice.
Times are seconds (float), sizes bytes, dates aware datetimes, addresses absolute URLs unless a docstring says otherwise.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from feed.schema.episode import FrontMatter
    from feed.schema.live import LiveItemTable
    from feed.schema.show import ShowTable
    from feed.schema.tags import AlternateSourceTable, PersonTable, SeasonTable


class Cue(NamedTuple):
    """One stretch of speech: `start` <= time < `end`, in seconds. The apps' reader shows `text` under `speaker`. There are very many."""

    start: float
    end: float
    text: str
    speaker: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Chapter:
    """One chapter, starting at `start` seconds.

    `end` is None where the next chapter's start (or the audio's end) ends it. `image` and `url` are absolute URLs once
    rendered; before that `image` may name a file in the episode's folder, or a picture inside the recording. `toc` False hides it
    from lists of chapters. `location` is a place as JSON chapters have it: name, geo, osm.
    """

    start: float
    title: str
    end: float | None = None
    url: str = ""
    image: str = ""
    toc: bool = True
    location: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class AudioFacts:
    """What was measured in a recording, by content and not by name.

    `type` is the MIME type of the enclosure (audio/mpeg, audio/x-m4a, video/mp4), `extension` the one that fits it,
    without a dot. `duration` is the counted one, in seconds. `bitrate` is bits per second, `tags` the title, artist …
    found in the file (lower-case names), `chapters` those inside the file, `doubts` sentences on why a header was not
    believed ("the Xing header says 60 s, the frames 20 s"), `left_out` those on what a published copy does not hold of its
    recording. `vbr` and `has_index` tell a variable bit rate and whether a Xing, Info or VBRI header is there; `faststart` is
    False for an MP4 whose moov atom comes after its data.
    """

    size: int
    sha256: str
    duration: float
    type: str
    extension: str
    bitrate: int = 0
    channels: int = 0
    sample_rate: int = 0
    vbr: bool = False
    has_index: bool = True
    faststart: bool = True
    tag_bytes: int = 0
    cover_bytes: int = 0
    tags: Mapping[str, str] = field(default_factory=dict)
    chapters: tuple[Chapter, ...] = ()
    doubts: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageFacts:
    """What was measured in a picture: by content and not by name. `type` is image/jpeg, image/png, image/webp or image/gif;
    `mode` Pillow's (RGB, RGBA, L, P, CMYK).
    """

    size: int
    sha256: str
    type: str
    width: int
    height: int
    mode: str = "RGB"
    dpi: int = 72
    srgb: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Enclosure:
    """The published copy of a recording: `<enclosure url length type>` and `<itunes:duration>`.

    `url` is where listeners get it, before any measurement prefix. Frozen once published. What follows `sha256` is written
    for `<podcast:alternateEnclosure>` only; `integrity` is subresource integrity as written, else made from `sha256`.
    """

    url: str
    length: int
    type: str
    duration: float
    sha256: str = ""
    bitrate: int = 0
    title: str = ""
    height: int = 0
    lang: str = ""
    rel: str = ""
    codecs: str = ""
    default: bool = False
    integrity: str = ""
    sources: tuple[AlternateSourceTable, ...] = ()
    hosts: tuple[str, ...] = ()
    """Of a recording that lies at another host: the origins that it is loaded from; its address is written as it is, without a prefix."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A file beside the episode that apps fetch: `<podcast:transcript>` (many) or `<podcast:chapters>` (one)."""

    url: str
    type: str
    language: str = ""
    timed: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Image:
    """A published picture: `<itunes:image href>`, `<podcast:image>`."""

    url: str
    width: int = 0
    height: int = 0
    type: str = "image/jpeg"


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Someone heard or at work in an episode: `<podcast:person role group img href>`."""

    name: str
    id: str = ""
    role: str = "host"
    group: str = "cast"
    image: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Notes:
    """An episode's notes, rendered: `page` HTML for our pages, `apps` the HTML that apps keep (`<content:encoded>`),
    `summary` plain text (`<description>`, at most 4000 bytes).
    """

    page: str
    apps: str
    text: str
    summary: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Episode:
    """One `<item>`: what was written (`written`), and all that was measured or derived around it."""

    written: FrontMatter
    slug: str
    guid: str
    date: datetime
    link: str
    enclosure: Enclosure
    notes: Notes
    image: Image | None = None
    people: tuple[Person, ...] = ()
    transcripts: tuple[Document, ...] = ()
    chapters: tuple[Chapter, ...] = ()
    chapters_document: Document | None = None
    alternates: tuple[Enclosure, ...] = ()
    discussion: str = ""
    """Address of the comments on the episode's page; "" where the page takes none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveItem:
    """One `<podcast:liveItem>`: what was written (`written`), its times with a zone, and everyone who is heard."""

    written: LiveItemTable
    people: tuple[Person, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Show:
    """One `<channel>`: what was written (`written`) and what was derived. `episodes` are newest first."""

    written: ShowTable
    guid: str
    link: str
    feed_url: str
    image: Image
    episodes: tuple[Episode, ...] = ()
    people: tuple[Person, ...] = ()
    directory: Mapping[str, PersonTable] = field(default_factory=dict)
    live: tuple[LiveItem, ...] = ()
    seasons: Mapping[int, SeasonTable] = field(default_factory=dict)
