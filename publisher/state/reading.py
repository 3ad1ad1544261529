"""What is read from the storage is a stranger's word: unpacked and parsed within limits, and every field held against its type."""

from __future__ import annotations

import datetime as dt
import re
import zlib
from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar

from feed.model import AudioFacts, Chapter
from feed.text_cleaning import printable_line, read_json
from publisher.core import layout
from publisher.core.errors import StorageError
from publisher.incremental_build.artifacts import RecipeRecord, StoredObject
from publisher.state.published_episodes import NETWORKS, AudioElsewhere, Post, PublishedAlternate, PublishedAudio, PublishedEpisode, Text

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

LARGEST = 256 << 20
"""Bytes of JSON that one document may unpack to; the State of ten thousand episodes has a tenth of it."""
DAMAGE = (ValueError, KeyError, TypeError, AttributeError, IndexError, OverflowError)
"""What a document that is not as we write it raises while it is read."""
_HEADER = re.compile(r"[\t\x20-\x7e\x80-\xff]*")
_LINE = re.compile(r"[^\x00-\x1f\x7f]*")
_SLUG = re.compile(r"[a-z0-9-]{1,200}")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_HOST = re.compile(r"[^\x00-\x20\x7f/?#@\\\"<>]*")
_ENDING = re.compile(r"[A-Za-z0-9_-]{1,16}")
_STATUS = re.compile("owed|posting|posted|unclear")
_WEB = re.compile(r"(?:https?://[^\x00-\x20\x7f\"<>]{1,2000})?")
_GENERATION = re.compile(r"[1-9][0-9]{0,11}")

T = TypeVar("T")


def unpacked(raw: bytes, largest: int = 0) -> bytes:
    """What was packed with gzip, whole. Raises ValueError where it is cut, damaged or larger than `largest` (LARGEST where 0)."""
    refuse_page(raw)
    unpacking = zlib.decompressobj(wbits=31)
    try:
        body = unpacking.decompress(raw, (largest or LARGEST) + 1)
    except zlib.error as error:
        raise ValueError(f"it cannot be unpacked: {error}") from error
    if len(body) > (largest or LARGEST):
        raise ValueError(f"it unpacks to more than {largest or LARGEST:,} bytes")
    if not unpacking.eof:
        raise ValueError("its end is missing")
    return body


def document(raw: bytes) -> Any:
    """A JSON object. Raises ValueError."""
    refuse_page(raw)
    found = read_json(raw)
    if not isinstance(found, dict):
        raise ValueError("it is no JSON object")  # noqa: TRY004  damage like any other
    return found


def refuse_page(raw: bytes) -> None:
    """Raise StorageError for a web page: a website, a login or a proxy answers in place of the storage, and nothing is damaged."""
    start = raw[:512].lstrip(b"\xef\xbb\xbf \t\r\n")
    if start.startswith(b"<"):
        raise StorageError(
            "a web page answers in place of what the storage remembers",
            cause=f"it begins with {printable_line(start[:60].decode('utf-8', 'replace'))}",
            hint="is `[storage] endpoint` the S3 interface, and does a login or a proxy stand between? What is remembered is not harmed.",
            code="storage-answer",
        )


def damage_in_words(error: Exception) -> str:
    """The cause to tell of a damaged document: one line, whatever it holds."""
    return printable_line(f"{type(error).__name__}: {str(error)[:600]}")[:300]


def fits_header(text: str) -> bool:
    """Whether a header can carry it."""
    return _HEADER.fullmatch(text) is not None


def fits_ending(text: str) -> bool:
    """Whether a file's name may end so."""
    return _ENDING.fullmatch(text) is not None


def built(kind: Callable[..., T], item: Mapping[str, Any]) -> T:
    """A value from its JSON form, each field held against what it is. Raises ValueError, TypeError or KeyError."""
    readers = _readers(kind)
    return kind(**{name: readers[name](value) for name, value in item.items()})


@cache
def _readers(kind: Any) -> dict[str, Callable[[Any], Any]]:
    """By field: the reader of its name, where one is stricter, else of its type as it is written."""
    return {name: _BY_NAME.get(name) or _BY_TYPE[str(field.type)] for name, field in kind.__dataclass_fields__.items()}


def text(value: Any) -> str:
    """Any text."""
    if type(value) is not str:
        raise TypeError(f"{value!r:.60} is no text")
    return value


def line(value: Any) -> str:
    """A text on one line."""
    return _matching(_LINE, value, "no single line")


def header(value: Any) -> str:
    """What a header can carry."""
    return _matching(_HEADER, value, "nothing a header can carry")


def _matching(pattern: re.Pattern[str], value: Any, why: str) -> str:
    if not pattern.fullmatch(text(value)):
        raise ValueError(f"{value!r:.60} is {why}")
    return str(value)


def count(value: Any) -> int:
    """A number of things: whole, not negative, and such as a file system can count."""
    if type(value) is not int or not 0 <= value < 1 << 53:
        raise TypeError(f"{value!r:.60} is no count")
    return value


def generation(value: Any) -> int:
    """The number of a publish."""
    if count(value) >= 10**12:
        raise ValueError(f"there was no publish {value}")
    return int(value)


def flag(value: Any) -> bool:
    """Yes or no."""
    if type(value) is not bool:
        raise TypeError(f"{value!r:.60} is neither true nor false")
    return value


def slug(value: Any) -> str:
    """What an episode is called in addresses."""
    return _matching(_SLUG, value, "no slug")


def sha256(value: Any) -> str:
    """A sha256, in hexadecimal digits."""
    return _matching(_SHA256, value, "no sha256")


def _seconds(value: Any) -> float:
    if type(value) not in (int, float) or not 0 <= value < 1e9:
        raise TypeError(f"{value!r:.60} is no time in seconds")
    return value  # type: ignore[no-any-return]  # a whole number stays one, so that the same bytes are written again


def moment(value: Any) -> str:
    """A time with its offset, as ISO 8601 writes it."""
    if dt.datetime.fromisoformat(line(value)).utcoffset() is None:
        raise ValueError(f"{value!r:.60} does not tell its offset")
    return str(value)


def publishes(value: Any) -> dict[str, str]:
    """When each publish was made, by number."""
    return {_matching(_GENERATION, number, "no publish"): moment(at) for number, at in value.items()}


def hosts(value: Any) -> dict[str, str]:
    """The hosts of networks."""
    return {_network(name): _host(host) for name, host in value.items()}


def texts_by_name(value: Any) -> dict[str, str]:
    """Texts, each under a name."""
    return {text(name): text(one) for name, one in value.items()}


def key(value: Any) -> layout.Key:
    """A key."""
    try:
        return layout.key_of(text(value))
    except StorageError as error:
        raise ValueError(f"{value!r:.60} is no key: {error.cause}") from error


def rows(value: Any) -> list[Any]:
    """Several of something."""
    if type(value) is not list:
        raise TypeError(f"{value!r:.60} is no list")
    return value


def keys(value: Any) -> tuple[layout.Key, ...]:
    """Several keys."""
    return tuple(map(key, rows(value)))


def _texts(value: Any) -> tuple[str, ...]:
    return tuple(map(text, rows(value)))


def _posts(value: Any) -> tuple[Post, ...]:
    """At most one for each network."""
    found = tuple(built(Post, one) for one in rows(value))
    if len({post.network for post in found}) < len(found):
        raise ValueError("an episode has two posts at one network")
    for post in found:
        moment(post.at)
    return found


def _network(value: Any) -> str:
    if text(value) not in NETWORKS:
        raise ValueError(f"{value!r:.60} is no network")
    return str(value)


def _host(value: Any) -> str:
    """A server's name, with its port where it has one of its own: no path, no user."""
    return _matching(_HOST, value, "no host")


def _web_address(value: Any) -> str:
    return _matching(_WEB, value, "no address of the web")


_BY_TYPE: dict[str, Callable[[Any], Any]] = {
    "str": text,
    "int": count,
    "bool": flag,
    "float": _seconds,
    "float | None": lambda value: None if value is None else _seconds(value),
    "Key": key,
    "Mapping[str, str]": texts_by_name,
    "AudioFacts": lambda value: built(AudioFacts, value),
    "PublishedAudio | None": lambda value: None if value is None else built(PublishedAudio, value),
    "AudioElsewhere | None": lambda value: None if value is None else built(AudioElsewhere, value),
    "tuple[str, ...]": _texts,
    "tuple[Key, ...]": keys,
    "tuple[Chapter, ...]": lambda value: tuple(built(Chapter, one) for one in rows(value)),
    "tuple[Text, ...]": lambda value: tuple(built(Text, one) for one in rows(value)),
    "tuple[Post, ...]": _posts,
    "PostStatus": lambda value: _matching(_STATUS, value, "no state of a post"),
    "tuple[PublishedAlternate, ...]": lambda value: tuple(built(PublishedAlternate, one) for one in rows(value)),
}
_BY_NAME: dict[str, Callable[[Any], Any]] = {
    "slug": slug,
    "date": moment,
    "machine": line,
    "network": _network,
    "host": _host,
    "address": _web_address,
    "id": line,
    "type": header,
    "extension": lambda value: _matching(_ENDING, value, "no end of a file's name"),
}


def episode(slug: str, item: Mapping[str, Any]) -> PublishedEpisode:
    """A line of the Ledger, kept under its slug."""
    found = built(PublishedEpisode, item)
    if found.slug != slug:
        raise ValueError(f"{found.slug} is kept as {slug!r:.60}")
    return found


_STORED = (int, str, str, str, str, int, int)


def stored_object(row: Any) -> StoredObject:
    """An object that was put, from its row. There are very many."""
    found = StoredObject(*row[:7], *map(_texts, row[7:]))
    if type(row) is not list or tuple(map(type, row[:7])) != _STORED or min(found.size, found.since, found.gone) < 0:
        raise TypeError(f"{row!r:.60} is no row of an object")
    if not _HEADER.fullmatch(found.etag + found.content_type + found.cache_control):
        raise ValueError(f"{row!r:.60} holds what no header can carry")
    return found


def recipe_record(row: Any) -> RecipeRecord:
    """What a recipe was made from and made, from its row."""
    fingerprint, made, *rules = rows(row)
    return RecipeRecord(text(fingerprint), keys(made), *map(_texts, rules))
