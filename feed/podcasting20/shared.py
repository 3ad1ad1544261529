"""Podcasting 2.0 tags that the channel, items and live streams can carry."""

from __future__ import annotations

from math import gcd
from typing import TYPE_CHECKING

from feed.podcasting20.word_lists import license_id
from feed.xml_writing import PODCAST, add, add_text, is_address, number, optional_number, true_false

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from lxml import etree

    from feed.model import Enclosure, Image, Person
    from feed.schema.shared import SharedItemTags, SharedTags
    from feed.schema.tags import AlternateTable, ContentLinkTable, RecipientTable, RemoteItemTable, SeasonTable, SocialTable, TimeSplitTable


def funding(parent: etree._Element, written: SharedTags) -> None:
    """`<podcast:funding url>label`: ways to support the show or the episode."""
    for table in written.funding:
        add(parent, f"{PODCAST}funding", table.label, {"url": table.url})


def people(parent: etree._Element, everyone: Iterable[Person]) -> None:
    """`<podcast:person role group img href>name`."""
    for person in everyone:
        attributes = {"role": person.role, "group": person.group, "img": person.image, "href": person.url}
        add_text(parent, f"{PODCAST}person", person.name, attributes)


def season(parent: etree._Element, written: SharedItemTags, seasons: Mapping[int, SeasonTable]) -> None:
    """`<podcast:season name>number`; the name is the one `[seasons]` gives."""
    if written.season is not None:
        table = seasons.get(written.season)
        add(parent, f"{PODCAST}season", str(written.season), {"name": table.name if table is not None else None})


def episode_number(parent: etree._Element, written: SharedItemTags) -> None:
    """`<podcast:episode display>number`, a decimal one too."""
    if written.episode is not None:
        add(parent, f"{PODCAST}episode", number(written.episode), {"display": written.episode_display})


def transcript(parent: etree._Element, url: str, kind: str, language: str | None, rel: str | None) -> None:
    """`<podcast:transcript url type language rel>`; `rel` is captions where there are time codes."""
    add(parent, f"{PODCAST}transcript", attributes={"url": url, "type": kind, "language": language, "rel": rel})


def chapters(parent: etree._Element, url: str) -> None:
    """`<podcast:chapters url type>`, which has this one type."""
    add(parent, f"{PODCAST}chapters", attributes={"url": url, "type": "application/json+chapters"})


def soundbite(parent: etree._Element, written: SharedItemTags) -> None:
    """`<podcast:soundbite startTime duration>title`: stretches worth sharing."""
    for table in written.soundbites:
        add(parent, f"{PODCAST}soundbite", table.title or "", {"startTime": number(table.start_time), "duration": number(table.duration)})


def location(parent: etree._Element, written: SharedTags) -> None:
    """`<podcast:location>`: places spoken of or recorded at. rel is always written: readers disagree on its default."""
    for table in written.locations:
        add_text(parent, f"{PODCAST}location", table.name, {"rel": table.rel, "geo": table.geo, "osm": table.osm, "country": table.country})


def license_(parent: etree._Element, written: SharedTags) -> None:
    """`<podcast:license url>identifier`, a known identifier in the list's own spelling."""
    if written.license is not None:
        add_text(parent, f"{PODCAST}license", license_id(written.license.id), {"url": written.license.url})


def txt(parent: etree._Element, written: SharedTags) -> None:
    """`<podcast:txt purpose>text`: free texts for machines."""
    for table in written.txt:
        add_text(parent, f"{PODCAST}txt", table.text, {"purpose": table.purpose})


def chat(parent: etree._Element, written: SharedTags) -> None:
    """`<podcast:chat server protocol accountId space>`: where listeners talk."""
    table = written.chat
    if table is not None:
        attributes = {"server": table.server, "protocol": table.protocol, "accountId": table.account_id, "space": table.space}
        add(parent, f"{PODCAST}chat", attributes=attributes)


def post(parent: etree._Element, table: SocialTable) -> None:
    """`<podcast:socialInteract>`: the post under which people comment; `disabled` carries nothing else."""
    attributes = {"protocol": table.protocol}
    if table.protocol != "disabled":
        attributes |= {
            "uri": table.uri or "",
            "accountId": table.account_id or "",
            "accountUrl": table.account_url or "",
            "priority": "" if table.priority is None else str(table.priority),
        }
    add(parent, f"{PODCAST}socialInteract", attributes=attributes)


def social(parent: etree._Element, written: SharedTags) -> None:
    """The posts under which people comment."""
    for table in written.social:
        post(parent, table)


def content_link(parent: etree._Element, tables: Iterable[ContentLinkTable]) -> None:
    """`<podcast:contentLink href>label`: where else it can be watched or heard."""
    for table in tables:
        add(parent, f"{PODCAST}contentLink", table.label, {"href": table.href})


def remote_item(parent: etree._Element, table: RemoteItemTable, *, medium: str | None = None) -> None:
    """`<podcast:remoteItem>`; `medium` overrides the written one."""
    attributes = {
        "feedGuid": table.feed_guid,
        "feedUrl": table.feed_url,
        "itemGuid": table.item_guid,
        "medium": medium or table.medium,
        "title": table.title,
    }
    add(parent, f"{PODCAST}remoteItem", attributes=attributes)


def published_image(parent: etree._Element, published: Image, alt: str | None) -> None:
    """`<podcast:image purpose="artwork">` for the artwork or cover that itunes:image names: adds its size and what it shows."""
    add(
        parent,
        f"{PODCAST}image",
        attributes={
            "href": published.url,
            "alt": alt,
            "aspect-ratio": _aspect_ratio(published.width, published.height) or "1/1",
            "width": str(published.width) if published.width else None,
            "height": str(published.height) if published.height else None,
            "type": published.type,
            "purpose": "artwork",
        },
    )


def image(parent: etree._Element, written: SharedTags) -> None:
    """`<podcast:image>`: more pictures; one that is still the name of a file has no address to write yet."""
    for table in written.images:
        if is_address(table.href):
            attributes = {
                "href": table.href,
                "alt": table.alt,
                "aspect-ratio": table.aspect_ratio or _aspect_ratio(table.width or 0, table.height or 0),
                "width": optional_number(table.width),
                "height": optional_number(table.height),
                "type": table.type,
                "purpose": table.purpose,
            }
            add(parent, f"{PODCAST}image", attributes=attributes)


def alternate(parent: etree._Element, written: Enclosure | AlternateTable, integrity: str) -> None:
    """`<podcast:alternateEnclosure>` with the places it can be got from and its checksum or signature."""
    attributes = {
        "type": written.type,
        "length": str(written.length) if written.length else None,
        "bitrate": str(written.bitrate) if written.bitrate else None,
        "height": str(written.height) if written.height else None,
        "lang": written.lang,
        "title": written.title,
        "rel": written.rel,
        "codecs": written.codecs,
        "default": "true" if written.default else None,
    }
    element = add(parent, f"{PODCAST}alternateEnclosure", attributes=attributes)
    add(element, f"{PODCAST}source", attributes={"uri": written.url})
    for source in written.sources:
        add(element, f"{PODCAST}source", attributes={"uri": source.uri, "contentType": source.content_type})
    if integrity:
        kind = "pgp-signature" if "PGP SIGNATURE" in integrity else "sri"
        add(element, f"{PODCAST}integrity", attributes={"type": kind, "value": integrity})


def value(parent: etree._Element, written: SharedTags, *, time_splits: bool = True) -> None:
    """`<podcast:value>`: streaming payments with their recipients, and the stretches that are split in another way."""
    for table in written.values:
        element = add(parent, f"{PODCAST}value", attributes={"type": table.type, "method": table.method, "suggested": table.suggested})
        for recipient in table.recipients:
            _recipient(element, recipient)
        for split in table.time_splits if time_splits else ():
            _time_split(element, split)


def _time_split(parent: etree._Element, table: TimeSplitTable) -> None:
    attributes = {
        "startTime": number(table.start_time),
        "duration": number(table.duration),
        "remoteStartTime": optional_number(table.remote_start_time),
        "remotePercentage": optional_number(table.remote_percentage),
    }
    element = add(parent, f"{PODCAST}valueTimeSplit", attributes=attributes)
    if table.remote_item is not None:
        remote_item(element, table.remote_item)
    else:
        for recipient in table.recipients:
            _recipient(element, recipient)


def _recipient(parent: etree._Element, table: RecipientTable) -> None:
    attributes = {
        "name": table.name,
        "type": table.type,
        "address": table.address,
        "customKey": table.custom_key,
        "customValue": table.custom_value,
        "split": str(table.split),
        "fee": true_false(table.fee),
    }
    add(parent, f"{PODCAST}valueRecipient", attributes=attributes)


def _aspect_ratio(width: int, height: int) -> str | None:
    divisor = gcd(width, height)
    return f"{width // divisor}/{height // divisor}" if width and height else None
