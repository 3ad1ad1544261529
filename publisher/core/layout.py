"""The layout of the storage: the one place that makes keys and reads them, each kind by one row that says its form.

A name may be read in more than one way (`art/social-news-….jpg` is the social picture of `news`, or the cover of an episode
called `social-news`), so `parse` gives every reading. Whoever has the fact at hand uses that instead.

One module, because a key's form must be written and read in one place.
"""

from __future__ import annotations

import re
from enum import Enum
from functools import cache
from typing import TYPE_CHECKING, NamedTuple, NewType

from feed.paging import page_name
from publisher.core.errors import StorageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

Key = NewType("Key", str)
"""The name of an object, relative to the show's prefix. Only this module makes one."""

Folder = NewType("Folder", str)
"""How keys begin that lie together, as `media/`; only this module makes one."""

HASH = "[0-9a-f]{8}"
"""How the sha256 of an object stands in its name."""

LONGEST_KEY = 1024
"""Bytes of UTF-8; the limit of S3."""

STATE = ".airdate"
"""The first part of every key that is the program's own."""

ROOT = Folder("")
MEDIA = Folder("media/")
ART = Folder("art/")
ASSETS = Folder("assets/")
EPISODES = Folder("episodes/")
COMMENTS = Folder("comments/")
STAGED = Folder("staged/")
CLAIMS = Folder(f"{STATE}/claims/")
HISTORY = Folder(f"{STATE}/history/")
SHARDS = Folder(f"{STATE}/state-")
TEXTS = Folder(f"{STATE}/texts/")
FILES = Folder(f"{STATE}/files/")
STATS = Folder(f"{STATE}/stats/")

FOREVER = (MEDIA, ART, ASSETS)
"""Where every name changes with what it names."""

LARGE = (MEDIA, STAGED)
"""Where recordings lie, and so what is uploaded in parts."""

UNSEEN = (f"{STATE}/", STAGED)
"""Where keys begin that listeners have no business with."""

PUBLIC_PATTERNS = (
    "*.html",
    "*.xml",
    "*.rss",
    "robots.txt",
    "site.webmanifest",
    *(f"{folder}*" for folder in (MEDIA, ART, ASSETS, EPISODES, "search/", "oembed/", COMMENTS)),
)
"""What everybody may read: all but UNSEEN."""


class Kind(Enum):
    """What lies on the storage, each with the form of its keys."""

    RECORDING = "media/{slug}-{hash}.{ending}"
    ALTERNATE = "media/{slug}-alt-{name}-{hash}.{ending}"

    ICON = "art/icon-{size}-{hash}.png"
    SOCIAL_PICTURE = "art/social-{subject}-{hash}.jpg"
    SIZED_PICTURE = "art/{subject}-{pixels}-{hash}.{ending}"
    SMALL_PICTURE = "art/{subject}-{size}-{hash}.jpg"
    PICTURE = "art/{subject}-{hash}.{ending}"
    ASSET = "assets/{name}-{hash}.{ending}"

    TRANSCRIPT = "episodes/{slug}/transcript-{hash}.{ending}"
    TRANSLATION = "episodes/{slug}/transcript-{language}-{hash}.{ending}"
    CHAPTERS = "episodes/{slug}/chapters-{hash}.json"
    MARKDOWN = "episodes/{slug}/episode-{hash}.md"

    HOME = "index.html"
    NOT_FOUND = "404.html"
    SUBSCRIBE = "subscribe.html"
    PEOPLE = "people.html"
    SEARCH = "search.html"
    SITEMAP = "sitemap.xml"
    ROBOTS = "robots.txt"
    MANIFEST = "site.webmanifest"
    EPISODE = "episodes/{slug}.html"
    EMBED = "embed/{slug}.html"
    OEMBED = "oembed/{slug}.json"
    COMMENTS = "comments/{slug}.json"
    ANSWERS = "comments/{slug}.social.json"
    OLDER_COMMENTS = "comments/{slug}-{part}.json"
    STATS_PAGE = "stats/index.html"
    ARCHIVE = "archive/{number}.html"
    SEASON = "season-{number}.html"
    SEASON_PART = "season-{number}/{part}.html"
    PERSON = "people/{person}.html"
    PERSON_PART = "people/{person}/{part}.html"
    OWN_PAGE = "{page}.html"
    SEARCH_PROGRAM = "search/pagefind-{hash}/{file}"
    SEARCH_INDEX = "search/{span}/{file}"

    FEED_PAGE = "{feed}-{part}.{feed_ending}"
    FEED = "{feed}.{feed_ending}"

    STATE = ".airdate/state.json"
    SHARD = ".airdate/state-{name}-{long_hash}.json.gz"
    CLAIM = ".airdate/claims/{generation}"
    HISTORY = ".airdate/history/{generation}-{run}-{number}"
    TEXT = ".airdate/texts/{name}-{text_hash}.json.gz"
    KEPT_FILE = ".airdate/files/{whole_hash}.gz"
    STATS_MONTH = ".airdate/stats/{month}-{source}.parquet"
    STATS_OPEN = ".airdate/stats/open-{source}.zip"
    STATS_IMPORTED = ".airdate/stats/imported-{source}.parquet"
    STATS_PROBE = ".airdate/stats/probe"
    PROBE = ".airdate/probe-{name}"
    STAGED_NOTE = "staged/{secret}.json"
    STAGED_RECORDING = "staged/{secret}-{hash}.{ending}"
    STAGED_UNHASHED = "staged/{secret}.{ending}"  # as earlier versions named a recording


_PARTS = {
    "slug": r"[a-z0-9-]+",
    "page": r"[a-z0-9-]+",
    "person": r"[a-z0-9-]+",
    "subject": r"[^/]+",
    "name": r"[^/]+",
    "file": r".+",
    "feed": r"[^/]+",
    "feed_ending": r"xml|rss",
    "ending": r"[^/.]+",
    "language": r"[a-z0-9-]+",
    "hash": HASH,
    "long_hash": r"[0-9a-f]{12}",
    "text_hash": r"[0-9a-f]{16}",
    "whole_hash": r"[0-9a-f]{64}",
    "secret": r"[0-9a-f]{40}",
    "run": r"[^/]+",
    "number": r"0|[1-9]\d*",
    "part": r"0|[1-9]\d*",
    "size": r"[1-9]\d{0,4}",
    "pixels": r"\d{1,5}x\d{1,5}",
    "month": r"\d{4}-\d\d",
    "source": r"[a-z0-9-]+",
    "span": r"\d{4}(?:-\d\d)?",
    "generation": r"\d{8,}",
}
"""What each part of a form may be."""

EPISODE_FILES = frozenset((Kind.RECORDING, Kind.ALTERNATE, Kind.TRANSCRIPT, Kind.TRANSLATION, Kind.CHAPTERS, Kind.MARKDOWN))
"""What an episode's page and the feed lead to: named by its bytes, so nobody sees it until something names it."""


class KeyReading(NamedTuple):
    """What a key may be: its kind, and the parts of its name by the words of the kind's form."""

    kind: Kind
    parts: Mapping[str, str]

    @property
    def key(self) -> Key:
        """The key that reads so."""
        return _key(self.kind, **self.parts)

    @property
    def owner(self) -> str:
        """The slug of the episode it would belong to, of a picture whose it is; "" where the kind has none."""
        return self.parts.get("slug") or self.parts.get("subject", "")


def key_of(text: str) -> Key:
    """The key that a listing, State or a claim holds, or that was typed; StorageError `storage-key` for one that could leave its place."""
    fault = _fault(text)
    if fault:
        raise StorageError(
            f"the storage cannot keep this name: {text!r}", cause=fault, hint="rename the file or the slug", code="storage-key"
        )
    return Key(text)


_PLAIN = re.compile(r"\.?[A-Za-z0-9_~-][A-Za-z0-9._~-]*(?:/\.?[A-Za-z0-9_~-][A-Za-z0-9._~-]*)*")
"""Most keys: looked at once, for there are very many."""


def _fault(text: str) -> str:
    if len(text) <= LONGEST_KEY and _PLAIN.fullmatch(text):
        return ""
    parts = text.split("/")
    if not text or "" in parts:
        return "a part of it is empty"
    if "." in parts or ".." in parts:
        return "`.` and `..` are no names"
    if any(ord(character) < 0x20 or character in "\\\x7f" for character in text):
        return "it holds a backslash or a control character"
    if any(0xD800 <= ord(character) <= 0xDFFF for character in text):
        return "it is not valid Unicode"
    return f"it is longer than {LONGEST_KEY} bytes" if len(text.encode()) > LONGEST_KEY else ""


def keys_of(texts: Iterable[str]) -> tuple[Key, ...]:
    """Several at once."""
    return tuple(map(key_of, texts))


def parse(text: str) -> tuple[KeyReading, ...]:
    """Everything that a name may be, none for one that no key of ours looks like."""
    first, slash, _ = text.partition("/")
    found = [read(kind, text) for kind in (*_kinds().get(f"{first}{slash}" if slash else "", ()), *_kinds()["*"])]
    return tuple(reading for reading in found if reading is not None)


def owners(text: str) -> frozenset[str]:
    """The slugs of the episodes that a name may belong to."""
    return frozenset(reading.owner for reading in parse(text)) - {""}


def read(kind: Kind, text: str) -> KeyReading | None:
    """A name read as one of this kind; None where it cannot be."""
    found = _pattern(kind).fullmatch(text)
    return KeyReading(kind, found.groupdict()) if found and not _fault(text) else None


@cache
def _pattern(kind: Kind) -> re.Pattern[str]:
    literals_and_parts = re.split(r"\{(\w+)\}", kind.value)
    return re.compile(
        "".join(f"(?P<{word}>{_PARTS[word]})" if odd % 2 else re.escape(word) for odd, word in enumerate(literals_and_parts)),
        re.ASCII | re.DOTALL,
    )


@cache
def _kinds() -> Mapping[str, tuple[Kind, ...]]:
    """The kinds by the folder they lie in; those whose folder has a number in its name under `*`."""
    found: dict[str, tuple[Kind, ...]] = {"*": ()}
    for kind in Kind:
        first, slash, _ = kind.value.partition("/")
        name = ("*" if "{" in first else f"{first}/") if slash else ""
        found[name] = (*found.get(name, ()), kind)
    return found


def _key(kind: Kind, **parts: str) -> Key:
    return key_of(kind.value.format_map(parts))


def _maker(kind: Kind) -> Callable[..., Key]:
    """Makes keys of a kind from the parts of its form, in their order; of a sha256 its first eight digits are enough."""
    words = re.findall(r"\{(\w+)\}", kind.value)

    def make(*parts: str | int) -> Key:
        return _key(kind, **{word: str(part)[:8] if word == "hash" else str(part) for word, part in zip(words, parts, strict=True)})

    return make


# recordings


recording: Callable[[str, str, str], Key] = _maker(Kind.RECORDING)
"""An episode's recording, as it is published."""


def recording_in(path: str) -> KeyReading | None:
    """The recording that the path of an address leads to, also behind the prefix of a measurement service."""
    _, found, name = path.rpartition(f"/{MEDIA}")
    return read(Kind.RECORDING, f"{MEDIA}{name}") if found else None


alternate: Callable[[str, str, str, str], Key] = _maker(Kind.ALTERNATE)
"""Another encoding of an episode; `name` tells it from the others."""


def page_in(path: str) -> KeyReading | None:
    """The episode's page that the path of an address leads to, with .html or without."""
    _, found, name = path.rpartition(f"/{EPISODES}")
    return read(Kind.EPISODE, f"{EPISODES}{name.removesuffix('.html')}.html") if found else None


# pictures; each says whose it is (`subject`): an episode's slug, or one of these

OF_SHOW = "show"
ARTWORK = "artwork"


def of_person(person_id: str) -> str:
    """Whose a portrait is."""
    return f"person-{person_id}".lower()


def of_season(number: int) -> str:
    """Whose a season's cover is."""
    return f"season-{number}"


picture: Callable[[str, str, str], Key] = _maker(Kind.PICTURE)
"""Artwork or a cover, whole; `digest` is how its sha256 begins."""
small_picture: Callable[[str, int, str], Key] = _maker(Kind.SMALL_PICTURE)
"""A square copy of a picture, `size` pixels wide."""


def sized_picture(subject: str, width: int, height: int, digest: str, ending: str) -> Key:
    """A picture as it was given: its name tells its pixels, so that nobody needs to open one that is published already."""
    return _key(Kind.SIZED_PICTURE, subject=subject, pixels=f"{width}x{height}", hash=digest[:8], ending=ending)


def pixels_in(key: Key) -> tuple[int, int]:
    """Width and height of a `sized_picture`; 0 and 0 where the name does not tell."""
    found = read(Kind.SIZED_PICTURE, key)
    width, _, height = found.parts["pixels"].partition("x") if found else ("0", "", "0")
    return int(width), int(height)


social_picture: Callable[[str, str], Key] = _maker(Kind.SOCIAL_PICTURE)
"""What other sites show with a link to an episode, or to the show."""
icon: Callable[[int, str], Key] = _maker(Kind.ICON)
"""The artwork as an icon, `size` pixels wide."""
asset: Callable[[str, str, str], Key] = _maker(Kind.ASSET)
"""A style sheet, script or picture of the theme."""


# documents of an episode


def transcript(slug: str, language: str, digest: str, ending: str) -> Key:
    """A transcript; `language` is "" for the episode's own."""
    if language:
        return _key(Kind.TRANSLATION, slug=slug, language=language.lower(), hash=digest[:8], ending=ending)
    return _key(Kind.TRANSCRIPT, slug=slug, hash=digest[:8], ending=ending)


def language_in(key: Key) -> str:
    """The language that the name of a transcript tells, in small letters; "" where it tells none."""
    found = None if read(Kind.TRANSCRIPT, key) else read(Kind.TRANSLATION, key)
    return found.parts["language"] if found else ""


chapters: Callable[[str, str], Key] = _maker(Kind.CHAPTERS)
"""An episode's chapters as JSON."""
markdown: Callable[[str, str], Key] = _maker(Kind.MARKDOWN)
"""An episode's page as Markdown."""


# pages

HOME = _key(Kind.HOME)
NOT_FOUND = _key(Kind.NOT_FOUND)
SUBSCRIBE = _key(Kind.SUBSCRIBE)
PEOPLE = _key(Kind.PEOPLE)
SEARCH = _key(Kind.SEARCH)
SITEMAP = _key(Kind.SITEMAP)
ROBOTS = _key(Kind.ROBOTS)
MANIFEST = _key(Kind.MANIFEST)
STATS_PAGE = _key(Kind.STATS_PAGE)
"""The page of numbers, where the config says that everybody may read them. No publish writes it: `publish stats --html` does."""


episode_page: Callable[[str], Key] = _maker(Kind.EPISODE)
"""The page of an episode."""
embed_page: Callable[[str], Key] = _maker(Kind.EMBED)
"""The small player that other sites show in a frame."""
oembed: Callable[[str], Key] = _maker(Kind.OEMBED)
"""The document that tells other sites how to embed an episode."""
comments: Callable[[str], Key] = _maker(Kind.COMMENTS)
"""The newest comments on an episode. No publish writes them: the service that takes them does."""
older_comments: Callable[[str, int], Key] = _maker(Kind.OLDER_COMMENTS)
"""Older comments on an episode, in files counted from 2."""
answers: Callable[[str], Key] = _maker(Kind.ANSWERS)
"""The answers that an episode's posts on social networks got. A publish writes them, as it does a page."""
archive_page: Callable[[int], Key] = _maker(Kind.ARCHIVE)
"""A page of the list of all episodes; 1 holds the oldest."""


def season_page(number: int, part: int = 0) -> Key:
    """A page of a season; part 0 is the one people are led to."""
    if part:
        return _key(Kind.SEASON_PART, number=str(number), part=str(part))
    return _key(Kind.SEASON, number=str(number))


def person_page(slug: str, part: int = 0) -> Key:
    """A page of somebody's episodes; part 0 is the one people are led to."""
    if part:
        return _key(Kind.PERSON_PART, person=slug, part=str(part))
    return _key(Kind.PERSON, person=slug)


own_page: Callable[[str], Key] = _maker(Kind.OWN_PAGE)
"""A page that the show wrote itself."""


def is_taken(key: Key) -> bool:
    """Whether a page that we make has, or may get, the key of an `own_page`."""
    return any(reading.kind is not Kind.OWN_PAGE for reading in parse(key))


search_program: Callable[[str, str], Key] = _maker(Kind.SEARCH_PROGRAM)
"""A file of the program that searches, and of its first index."""
search_index: Callable[[str, str], Key] = _maker(Kind.SEARCH_INDEX)
"""A file of the index over the episodes of a year or month: `2025`, `2026-05`."""


def folder_of(key: Key) -> Folder:
    """The folder an object lies in: `search/2025/`."""
    return Folder(key[: key.rfind("/") + 1])


def top_folders(keys: Iterable[Key]) -> list[Folder]:
    """The folders that these keys begin with, each once, in order; none for what lies at the root."""
    return sorted({Folder(f"{first}/") for first, slash, _ in (key.partition("/") for key in keys) if slash})


def shows_below(keys: Iterable[Key]) -> tuple[Folder, ...]:
    """Where other shows begin below this one, as what lies there tells: each remembers itself in a folder of its own."""
    found = (key.partition(f"/{STATE}/") for key in keys)
    return tuple(sorted({Folder(f"{before}/") for before, state, _ in found if state}))


# the feed


def feed(file: str) -> Key:
    """The feed, named by `[feed] file`."""
    return key_of(file)


def feed_page(file: str, number: int) -> Key:
    """A full archive page of a long feed."""
    return key_of(page_name(file, number))


# what the program remembers

STATE_KEY = _key(Kind.STATE)
"""The index of State, whose writing is the commit."""


def shard(name: str, sha256: str) -> Key:
    """A part of State, named by what it holds."""
    return _key(Kind.SHARD, name=name, long_hash=sha256[:12])


def shard_name(key: Key) -> str:
    """Which part of State a shard is."""
    found = read(Kind.SHARD, key)
    return found.parts["name"] if found else ""


def claim(generation: int) -> Key:
    """The claim of publish number `generation`."""
    return _key(Kind.CLAIM, generation=f"{generation:08}")


def history_part(generation: int, number: int, run: str) -> Key:
    """A history part of a claim. It carries the run of the command, so that two that run at once do not meet."""
    return _key(Kind.HISTORY, generation=f"{generation:08}", run=run, number=str(number))


def generation_in(key: Key) -> int | None:
    """Which publish a claim or a history part is of; None for what is neither."""
    found = read(Kind.CLAIM, key) or read(Kind.HISTORY, key)
    return int(found.parts["generation"]) if found else None


text: Callable[[str, str], Key] = _maker(Kind.TEXT)
"""Texts as they were published: an episode's slug or `config.toml`, and their digest."""


def name_in_text(key: Key) -> str:
    """The slug, or `config.toml`, whose text this is; "" for what is none."""
    found = read(Kind.TEXT, key)
    return found.parts["name"] if found else ""


kept_file: Callable[[str], Key] = _maker(Kind.KEPT_FILE)
"""A file that a published show is made of, or the list of them, by its sha256."""


# numbers

stats_month: Callable[[str, str], Key] = _maker(Kind.STATS_MONTH)
"""The daily sums of a month (`2026-06`) and a source of logs."""
stats_open: Callable[[str], Key] = _maker(Kind.STATS_OPEN)
"""What a source of logs has open yet, and which of its files were read."""
stats_imported: Callable[[str], Key] = _maker(Kind.STATS_IMPORTED)
"""The daily totals that another host told."""
STATS_PROBE = _key(Kind.STATS_PROBE)
"""An object that only tries out who may read what lies beside it."""


def month_in(key: Key) -> tuple[str, str]:
    """Which month and source daily sums are of; "" and "" for what are none."""
    found = read(Kind.STATS_MONTH, key)
    return (found.parts["month"], found.parts["source"]) if found else ("", "")


def imported_host(key: Key) -> str:
    """Which host told the daily totals under this key; "" for what is none."""
    found = read(Kind.STATS_IMPORTED, key)
    return found.parts["source"] if found else ""


probe: Callable[[str], Key] = _maker(Kind.PROBE)
"""An object that only tries out what may be written."""
staged_note: Callable[[str], Key] = _maker(Kind.STAGED_NOTE)
"""What is known of a staged recording; nobody guesses `secret` who does not know the episode's guid."""
staged_recording: Callable[[str, str, str], Key] = _maker(Kind.STAGED_RECORDING)
"""A recording that lies on the storage ahead of time: `secret`, sha256, ending."""


def secret_in(key: Key) -> str:
    """By which secret something is staged; "" for what is not."""
    found = read(Kind.STAGED_RECORDING, key) or read(Kind.STAGED_UNHASHED, key)
    return found.parts["secret"] if found else ""


def is_unseen(key: Key) -> bool:
    """Whether listeners have no business with it."""
    return key.startswith(UNSEEN)
