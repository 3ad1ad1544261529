"""Tags of Podcasting 2.0 that a show and an episode can carry, as lines of config.toml and of front matter."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from feed.schema.show import UpdateFrequencyTable
from feed.schema.tags import (
    ChatTable,
    FundingTable,
    LicenseTable,
    LocationTable,
    PersonTable,
    RecipientTable,
    SocialTable,
    SoundbiteTable,
    TxtTable,
    ValueTable,
)
from feed.text_cleaning import printable_line
from publisher.core.slugs import slug_of
from publisher.importing.html_to_markdown import as_text
from publisher.load.toml_and_yaml import toml_string

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from feed.reader import Node
    from feed.schema.value_types import Table

_TABLES: tuple[tuple[str, str, type[Table], str], ...] = (
    ("location", "podcast:location", LocationTable, "name"),
    ("social", "podcast:socialInteract", SocialTable, ""),
    ("txt", "podcast:txt", TxtTable, "text"),
)
"""(key, tag, its table, the key of the tag's text)."""
_SINGLE: tuple[tuple[str, str, type[Table], str], ...] = (
    ("license", "podcast:license", LicenseTable, "id"),
    ("chat", "podcast:chat", ChatTable, ""),
)


_ALONE: tuple[tuple[str, str, type[Table], str], ...] = (
    ("funding", "podcast:funding", FundingTable, "label"),
    ("soundbites", "podcast:soundbite", SoundbiteTable, "title"),
)
_OF_BOTH = frozenset(
    [
        "title",
        "link",
        "description",
        "itunes:summary",
        "itunes:title",
        "itunes:block",
        "itunes:explicit",
        "itunes:image",
        "image",
        "podcast:funding",
        "podcast:value",
    ]
) | {row[1] for row in (*_TABLES, *_SINGLE)}
_OF_SHOW = _OF_BOTH | frozenset(
    [
        "language",
        "copyright",
        "item",
        "itunes:author",
        "itunes:category",
        "itunes:owner",
        "itunes:type",
        "itunes:complete",
        "podcast:guid",
        "podcast:locked",
        "podcast:medium",
        "podcast:person",
        "podcast:updateFrequency",
        "atom:link",
        "generator",
        "docs",
        "lastBuildDate",
        "pubDate",
        "ttl",
        "cloud",
        "skipHours",
        "skipDays",
    ]
)
_OF_ITEM = _OF_BOTH | frozenset(
    [
        "guid",
        "pubDate",
        "enclosure",
        "content:encoded",
        "itunes:duration",
        "itunes:season",
        "itunes:episode",
        "itunes:episodeType",
        "podcast:season",
        "podcast:episode",
        "podcast:chapters",
        "podcast:transcript",
        "podcast:soundbite",
        "psc:chapters",
    ]
)
"""What is taken, or made anew for each feed."""


def not_taken(channel: Node, items: Iterable[Node]) -> Iterator[str]:
    """The tags that have no place in the folder, and those that are not as they must be, each once with its count."""
    names = Counter(f"<{node.name}> of the show" for node in channel.children if node.name not in _OF_SHOW)
    for item in items:
        names.update(f"<{node.name}> of episodes" for node in item.children if node.name not in _OF_ITEM)
    for node in (channel, *items):
        names.update(
            f"<{tag}> that is not as it must be"
            for _, tag, table, text in (*_TABLES, *_SINGLE, *_ALONE)
            for found in node.all(tag)
            if not _table(found, table, text)
        )
    for name, times in names.items():
        yield f"not taken over: {printable_line(name)[:200]}" + (f" ({times} times)" if times > 1 else "")


def show_lines(channel: Node) -> Iterator[str]:
    """Keys of `[show]`."""
    if re.fullmatch(r"[A-Za-z]{2,30}", channel.value("podcast:medium")):
        yield f"medium = {_toml(channel.value('podcast:medium'))}"
    if channel.value("itunes:title") not in {"", channel.value("title")}:
        yield f"apple_title = {_toml(printable_line(channel.value('itunes:title')))}"
    yield from _single("update_frequency", channel.first("podcast:updateFrequency"), UpdateFrequencyTable, "text")
    yield from _shared(channel)
    people = _people(channel)
    if people:
        yield f"hosts = {_toml(list(people))}"


def people_lines(channel: Node) -> Iterator[str]:
    """`[people.<id>]` of whoever is heard in every episode."""
    for name, person in _people(channel).items():
        yield f"\n[people.{name}]"
        yield from (f"{key} = {_toml(value)}" for key, value in person.items())


def episode_lines(item: Node) -> Iterator[str]:
    """Keys of front matter."""
    if item.value("itunes:title") not in {"", item.value("title")}:
        yield f"apple_title = {_toml(printable_line(item.value('itunes:title')))}"
    if item.value("podcast:episode") and item.attribute("podcast:episode", "display"):
        yield f"episode_display = {_toml(printable_line(item.attribute('podcast:episode', 'display'))[:32])}"
    for key, tag, table, text in _ALONE:
        yield from _many(key, item.all(tag), table, text)
    short = as_text(item.value("description"))
    if short and item.value("content:encoded") and short != as_text(item.value("content:encoded")):
        yield f"summary = {_toml(short)}"
    yield from _shared(item)


def _shared(node: Node) -> Iterator[str]:
    for key, tag, table, text in _TABLES:
        yield from _many(key, node.all(tag), table, text)
    for key, tag, table, text in _SINGLE:
        yield from _single(key, node.first(tag), table, text)
    values = []
    for value in node.all("podcast:value"):
        recipients = [found for row in value.all("podcast:valueRecipient") if (found := _table(row, RecipientTable, ""))]
        if found := _table(value, ValueTable, "", recipients=recipients):
            values.append(found)
    if values:
        yield f"value = {_toml(values)}"


def _many(key: str, nodes: list[Node], table: type[Table], text: str) -> Iterator[str]:
    rows = [row for node in nodes if (row := _table(node, table, text))]
    if rows:
        yield f"{key} = {_toml(rows)}"


def _single(key: str, node: Node | None, table: type[Table], text: str) -> Iterator[str]:
    row = _table(node, table, text) if node is not None else {}
    if row:
        yield f"{key} = {_toml(row)}"


def _table(node: Node, table: type[Table], text: str, **more: Any) -> dict[str, Any]:
    """A tag as the table it is written from; empty where it is not as the table must be."""
    written: dict[str, Any] = {_key(name): printable_line(value) for name, value in node.attributes.items() if printable_line(value)}
    if text and printable_line(node.text):
        written[text] = printable_line(node.text)
    known = {key: value for key, value in written.items() if key in table.model_fields} | more
    try:
        return table.model_validate(known, strict=False).model_dump(exclude_unset=True)
    except ValidationError:
        return {}


def _key(name: str) -> str:
    """`startTime` as `start_time`."""
    return re.sub(r"(?<=[a-z])([A-Z])", r"_\1", name).lower()


def _people(channel: Node) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for node in channel.all("podcast:person"):
        name = printable_line(node.text)
        person = {
            "name": name,
            "role": node.get("role").lower() or "host",
            "group": node.get("group").lower(),
            "image": node.get("img"),
            "url": node.get("href"),
        }
        person = {
            key: value
            for key, value in person.items()
            if value and (key not in {"image", "url"} or value.startswith(("https://", "http://")))
        }
        try:
            PersonTable.model_validate(person)
        except ValidationError:
            continue
        base = slug_of(name) or "person"
        found[next(key for number in range(1, 1000) if (key := base if number == 1 else f"{base}-{number}") not in found)] = person
    return found


def _toml(value: Any) -> str:
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{key} = {_toml(inner)}" for key, inner in value.items()) + " }"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(map(_toml, value)) + "]"
    return toml_string(value) if isinstance(value, str) else str(value).lower()
