"""Tags that a show and an episode can carry, as lines of config.toml and of front matter."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlsplit

from feed.podcasting20.item import fediverse_post
from feed.podcasting20.word_lists import LICENSES
from feed.schema.show import BlockTable, UpdateFrequencyTable
from feed.schema.tags import (
    AlternateSourceTable,
    AlternateTable,
    ChatTable,
    ContentLinkTable,
    FundingTable,
    ImageTable,
    LicenseTable,
    LocationTable,
    RecipientTable,
    RemoteItemTable,
    SocialTable,
    SoundbiteTable,
    TimeSplitTable,
    TxtTable,
    ValueTable,
)
from feed.text_cleaning import printable_line
from publisher.importing.html_to_markdown import as_lines, as_text
from publisher.importing.tags.item_transcripts import transcripts_of
from publisher.importing.tags.tag_tables import fitting, key_of, table_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from typing import TypeAlias

    from feed.reader import Node
    from feed.schema.value_types import Table

    Keys: TypeAlias = dict[str, Any]


class Tag(NamedTuple):
    """A tag and the key that it becomes: its table, and the key of its words; `many` where it may stand more than once."""

    key: str
    name: str
    table: type[Table]
    text: str = ""
    many: bool = True


SHARED = (
    Tag("location", "podcast:location", LocationTable, "name"),
    Tag("social", "podcast:socialInteract", SocialTable),
    Tag("txt", "podcast:txt", TxtTable, "text"),
    Tag("license", "podcast:license", LicenseTable, "id", many=False),
    Tag("chat", "podcast:chat", ChatTable, many=False),
    Tag("images", "podcast:image", ImageTable),
)
"""Of a show, an episode and a stream."""
OF_ITEMS = (
    Tag("funding", "podcast:funding", FundingTable, "label"),
    Tag("soundbites", "podcast:soundbite", SoundbiteTable, "title"),
    Tag("content_links", "podcast:contentLink", ContentLinkTable, "label"),
)
"""Of an episode and a stream beside."""
_CODES = {"applepodcastsverify", "verify"}
"""Purposes of `<podcast:txt>` that have keys of their own under `[show.verify]`."""


def show_keys(channel: Node, items: Iterable[Node], here: Iterable[str], warnings: list[str]) -> Keys:
    """Keys of `[show]`. `here` are addresses of the old host and of the new: a page there is not the show's own."""
    keys: Keys = {}
    if re.fullmatch(r"[A-Za-z]{2,30}", channel.value("podcast:medium")):
        keys["medium"] = channel.value("podcast:medium")
    if channel.value("itunes:title") not in {"", channel.value("title")}:
        keys["apple_title"] = printable_line(channel.value("itunes:title"))
    if link := _own_page(channel.value("link"), list(here), warnings):
        keys["link"] = link
    if alt := _alt(channel):
        keys["artwork_alt"] = alt
    uses = channel.attribute("podcast:podping", "usesPodping").lower()
    if uses in {"true", "false"}:
        keys["podping"] = uses == "true"
    if frequency := _first(channel, "podcast:updateFrequency", UpdateFrequencyTable, "text"):
        keys["update_frequency"] = frequency
    blocks = [_filled({"id": node.get("id")}) | {"block": _yes(node.text)} for node in channel.all("podcast:block")]
    keys |= _filled({"blocks": [row for block in blocks if (row := fitting(block, BlockTable))]})
    podroll, publisher = channel.first("podcast:podroll"), channel.first("podcast:publisher")
    keys |= _filled({"podroll": _remote(podroll), "remote_items": _remote(channel)})
    if found := _remote(publisher):
        keys["publisher"] = {key: value for key, value in found[0].items() if (key, value) != ("medium", "publisher")}
    keys |= _trailer(channel, items, warnings)
    return keys | shared_keys(channel)


def verify_keys(channel: Node) -> Keys:
    """Keys of `[show.verify]`: codes with which directories know that the feed is theirs to list."""
    codes = [(node.get("purpose"), printable_line(node.text)) for node in channel.all("podcast:txt") if printable_line(node.text)]
    apple = next((code for purpose, code in codes if purpose == "applepodcastsverify"), "")
    return _filled({"apple": apple, "other": [code for purpose, code in codes if purpose == "verify"]})


def episode_keys(item: Node, channel: Node, names: Iterable[str]) -> Keys:
    """Keys of front matter; `names` are those of the episode's hosts, as its `dc:creator` would be written."""
    keys: Keys = {}
    if item.value("itunes:title") not in {"", item.value("title")}:
        keys["apple_title"] = printable_line(item.value("itunes:title"))
    if author := author_of(item, channel, names):
        keys["author"] = author
    keys |= numbers_beside(item)
    keys |= _filled({"language": next((offered.language for offered in transcripts_of(item, channel.value("language"))), "")})
    short = as_lines(item.value("description"))
    if short and (notes := item.value("content:encoded")) and ("\n" in short or as_text(short) != as_text(notes)):
        keys["summary"] = short
    if alt := _alt(item):
        keys["cover_alt"] = alt
    comments = item.value("comments")
    if comments.startswith(("https://", "http://")):
        keys["comments"] = comments if comments.partition("#")[0] != item.value("link").partition("#")[0] else True
    keys |= item_keys(item)
    social = keys.get("social", [])
    if [row["protocol"] for row in social] == ["disabled"]:
        keys["comments"] = False
        del keys["social"]
    elif social and social[0].get("uri") and social[0] == fediverse_post(social[0]["uri"]).model_dump(exclude_unset=True):
        keys["fediverse"] = social[0]["uri"]
        keys["social"] = social[1:]
    keys |= _filled({"alternates": alternates(item)})
    return _filled(keys)


def author_of(item: Node, channel: Node, names: Iterable[str]) -> str:
    """Who wrote the episode, where that is somebody else than the show and its hosts say."""
    mail = re.fullmatch(r"[^\s()]{1,200}@[^\s()]{1,200}\s*\(([^()]{1,300})\)", item.value("author"))
    known = {printable_line(channel.value("itunes:author")), ", ".join(names), ""}
    own = printable_line(item.value("itunes:author"))
    if own:
        return own if own != printable_line(channel.value("itunes:author")) else ""
    written = (printable_line(word) for word in (item.value("dc:creator"), mail[1] if mail else ""))
    return next((word for word in written if word not in known), "")


def type_of(item: Node, channel: Node) -> str:
    """`trailer` or `bonus`, as the item says, or else the show: `<podcast:trailer>` names trailers by their recording."""
    written = item.value("itunes:episodeType").lower()
    url = item.attribute("enclosure", "url")
    if not written and url and any(node.get("url") == url for node in channel.all("podcast:trailer")):
        return "trailer"
    return written if written in {"trailer", "bonus"} else ""


def numbers_beside(item: Node) -> Keys:
    """What stands instead of an episode's number."""
    display = printable_line(item.attribute("podcast:episode", "display"))[:32]
    return {"episode_display": display} if display and item.value("podcast:episode") else {}


def item_keys(node: Node) -> Keys:
    """Of an episode or a stream."""
    keys: Keys = {}
    for tag in OF_ITEMS:
        keys |= _filled({tag.key: _all(node, tag)})
    return keys | shared_keys(node)


def shared_keys(node: Node) -> Keys:
    """Of a show, an episode or a stream."""
    keys: Keys = {}
    for tag in SHARED:
        rows = _all(node, tag)
        keys |= _filled({tag.key: rows if tag.many else rows[:1] and rows[0]})
    return keys | _filled({"value": _values(node)})


def alternates(node: Node) -> list[Keys]:
    """Other encodings of an episode or a stream, as addresses."""
    found = []
    for tag in node.all("podcast:alternateEnclosure"):
        sources = [row for source in tag.all("podcast:source") if (row := table_of(source, AlternateSourceTable))]
        if not sources:
            continue
        more: Keys = {"url": sources[0]["uri"]}
        if re.fullmatch(r"[0-9]{1,12}\.[0-9]{1,12}", tag.get("bitrate")):
            more["bitrate"] = round(float(tag.get("bitrate")))
        if tag.attribute("podcast:integrity", "value"):
            more["integrity"] = tag.attribute("podcast:integrity", "value")
        more |= _filled({"sources": sources[1:]})
        if row := table_of(_without_nothing(tag), AlternateTable, **more):
            found.append(row)
    return found


def seasons_of(items: Iterable[Node], warnings: list[str]) -> dict[int, str]:
    """The names of seasons; of two for one the newest."""
    found: dict[int, str] = {}
    others: dict[int, set[str]] = {}
    for item in items:
        number, name = item.value("podcast:season"), printable_line(item.attribute("podcast:season", "name"))
        if name and re.fullmatch(r"0{0,5}[1-9][0-9]{0,6}", number):
            found.setdefault(int(number), name)
            others.setdefault(int(number), set()).add(name)
    for season, names in others.items():
        if len(names) > 1:
            left = ", ".join(sorted(names - {found[season]}))
            warnings.append(f"season {season} has several names: “{found[season]}” stays, the first in the feed; left out: {left[:300]}")
    return dict(sorted(found.items()))


def image_of(node: Node) -> str:
    """The address of a show's artwork or an episode's cover."""
    plain = node.first("image")
    return node.attribute("itunes:image", "href") or (plain.value("url") if plain is not None else "")


def unfit(node: Node) -> Iterator[str]:
    """Names of the tags of a show or an episode that are not as they must be, and of attributes that have no key."""
    for tag in (*SHARED, *OF_ITEMS):
        for found in node.all(tag.name):
            if _has_own_place(found, node):
                continue
            if not _row(found, tag):
                yield f"<{tag.name}> that is not as it must be"
            else:
                yield from (
                    f"the attribute {name} of <{tag.name}>" for name in found.attributes if key_of(name) not in tag.table.model_fields
                )
        if not tag.many and len(node.all(tag.name)) > 1:
            yield f"more than one <{tag.name}>"
    if len(alternates(node)) < len(node.all("podcast:alternateEnclosure")):
        yield "<podcast:alternateEnclosure> that is not as it must be"
    for value in node.all("podcast:value"):
        yield from (
            f"<{inner.name}> that is not as it must be"
            for inner in value.walk()
            if inner.name in _PAYMENT and not _PAYMENT[inner.name](inner)
        )


def _all(node: Node, tag: Tag) -> list[Keys]:
    return [row for found in node.all(tag.name) if not _has_own_place(found, node) and (row := _row(found, tag))]


def _row(found: Node, tag: Tag) -> Keys:
    if tag.key == "txt":
        if found.get("purpose") in _CODES:
            return {}
        text = found.text.strip()
        return table_of(found, TxtTable, **({"text": text} if text else {}))
    row = table_of(found, tag.table, tag.text)
    if tag.key == "license" and not row.get("url") and row.get("id", "").upper() not in LICENSES:
        return {}
    return row


def _has_own_place(found: Node, node: Node) -> bool:
    """Whether it is the artwork or the cover, which is taken as a file; or a code, which has a key of its own."""
    if found.name == "podcast:txt":
        return found.get("purpose") in _CODES
    return found.name == "podcast:image" and found.get("href") == image_of(node)


def _alt(node: Node) -> str:
    return next(
        (printable_line(found.get("alt")) for found in node.all("podcast:image") if _has_own_place(found, node) and found.get("alt")), ""
    )


def _own_page(link: str, here: list[str], warnings: list[str]) -> str:
    if not link.startswith(("https://", "http://")):
        return ""
    hosts = {urlsplit(address).hostname for address in here if address}
    if urlsplit(link).hostname not in hosts:
        return printable_line(link)
    if urlsplit(link).hostname != urlsplit(here[-1]).hostname:
        warnings.append(f"not taken over: the show's page at the old host, {printable_line(link)[:300]}: its page here stands instead")
    return ""


def _trailer(channel: Node, items: Iterable[Node], warnings: list[str]) -> Keys:
    """A trailer that is no episode; the first, where there are several."""
    episodes = {item.attribute("enclosure", "url") for item in items}
    urls = [node.get("url") for node in channel.all("podcast:trailer") if node.get("url") not in episodes]
    found = [url for url in urls if url.startswith(("https://", "http://"))]
    warnings += [f"not taken over: a trailer at “{printable_line(url)[:300]}”, which is no web address" for url in urls if url not in found]
    warnings += [f"not taken over: a second trailer that is no episode: {printable_line(url)[:300]}" for url in found[1:]]
    return {"trailer": printable_line(found[0])} if found else {}


def _remote(node: Node | None) -> list[Keys]:
    if node is None:
        return []
    return [row for found in node.all("podcast:remoteItem") if (row := table_of(found, RemoteItemTable))]


def _values(node: Node) -> list[Keys]:
    return [found for value in node.all("podcast:value") if (found := _value(value))]


def _value(value: Node) -> Keys:
    splits = [row for split in value.all("podcast:valueTimeSplit") if (row := _time_split(split))]
    more = {"recipients": _recipients(value)} | _filled({"time_splits": splits})
    return table_of(value, ValueTable, **more) if more["recipients"] else {}


def _time_split(split: Node) -> Keys:
    remote = _remote(split)
    return table_of(split, TimeSplitTable, **_filled({"remote_item": remote[0] if remote else {}, "recipients": _recipients(split)}))


def _recipients(node: Node) -> list[Keys]:
    return [row for found in node.all("podcast:valueRecipient") if (row := table_of(found, RecipientTable))]


_PAYMENT: Mapping[str, Callable[[Node], object]] = {
    "podcast:value": _value,
    "podcast:valueRecipient": lambda node: table_of(node, RecipientTable),
    "podcast:valueTimeSplit": _time_split,
}
"""The tags of a payment, and what reads each."""


def _first(node: Node, name: str, table: type[Table], text: str) -> Keys:
    found = node.first(name)
    return table_of(found, table, text) if found is not None else {}


def _without_nothing(tag: Node) -> Node:
    """An alternate without what says nothing: a length of 0, a bit rate that is no whole number."""
    skip = {name for name in ("length", "bitrate", "height") if not re.fullmatch(r"0*[1-9][0-9]*", tag.get(name))}
    return tag._replace(attributes={name: value for name, value in tag.attributes.items() if name not in skip})


def _yes(text: str) -> bool:
    return text.strip().lower() in {"yes", "true"}


def _filled(keys: Mapping[str, Any]) -> Keys:
    return {key: value for key, value in keys.items() if value not in ("", None, [], {}, ())}
