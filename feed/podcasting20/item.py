"""An item's tags of the Podcasting 2.0 namespace, in the order they are written."""

from __future__ import annotations

import re
from base64 import b64encode
from typing import TYPE_CHECKING

from feed.podcasting20 import shared
from feed.schema.tags import SocialTable
from feed.xml_writing import FeedPage, ItemWriter, clean

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lxml import etree

    from feed.model import Enclosure, Episode, Person, Show

_FEDIVERSE_POST = re.compile(r"https://([^/@\s]{1,253})/@([^/@\s]{1,100})/[^/\s]{1,100}")


def season(item: etree._Element, episode: Episode, document: FeedPage) -> None:
    """The season's number, and its name where `[seasons]` gives one."""
    shared.season(item, episode.written.season, document.show.seasons)


def episode_number(item: etree._Element, episode: Episode, _document: FeedPage) -> None:
    """The episode's number, and how apps show it."""
    shared.episode_number(item, episode.written.episode, episode.written.episode_display)


def transcript(item: etree._Element, episode: Episode, _document: FeedPage) -> None:
    """One per format and language."""
    for document in episode.transcripts:
        shared.transcript(item, document.url, document.type, document.language, "captions" if document.timed else None)


def chapters(item: etree._Element, episode: Episode, _document: FeedPage) -> None:
    """The chapters' JSON document."""
    if episode.chapters_document is not None:
        shared.chapters(item, episode.chapters_document.url)


def person(item: etree._Element, episode: Episode, document: FeedPage) -> None:
    """Everyone heard: in apps these replace the show's people, so the hosts are written too."""
    for someone in people_of(document.show, episode):
        shared.person(item, someone)


def people_of(show: Show, episode: Episode) -> tuple[Person, ...]:
    """The episode's people, after the show's where its front matter does not name other hosts."""
    if episode.written.hosts is not None:
        return episode.people
    if not episode.people:
        return show.people
    present = {someone.name for someone in episode.people}
    return (*(host for host in show.people if host.name not in present), *episode.people)


def soundbite(item: etree._Element, episode: Episode, _document: FeedPage) -> None:
    """Stretches worth sharing."""
    for table in episode.written.soundbites:
        shared.soundbite(item, table)


def location(item: etree._Element, episode: Episode, _document: FeedPage) -> None:
    """What the episode is about and where it was made."""
    for table in episode.written.locations:
        shared.location(item, table)


def license_(item: etree._Element, episode: Episode, _document: FeedPage) -> None:
    """The episode's licence, where it is not the show's."""
    if episode.written.license is not None:
        shared.license_(item, episode.written.license)


def funding(item: etree._Element, episode: Episode, _document: FeedPage) -> None:
    """Ways to support this episode."""
    for table in episode.written.funding:
        shared.funding(item, table)


def alternate_enclosure(item: etree._Element, episode: Episode, _document: FeedPage) -> None:
    """Other encodings and videos, each with its address and its checksum."""
    for alternate in episode.alternates:
        shared.alternate(item, alternate, _integrity(alternate))


def social_interact(item: etree._Element, episode: Episode, _document: FeedPage) -> None:
    """The posts under which people comment; `comments = false` says that nobody is asked to, and stands alone."""
    if episode.written.comments is False:
        shared.social(item, SocialTable(protocol="disabled"))
        return
    if episode.written.fediverse:
        shared.social(item, _fediverse(clean(episode.written.fediverse)))
    for table in episode.written.social:
        shared.social(item, table)


def chat(item: etree._Element, episode: Episode, _document: FeedPage) -> None:
    """Where listeners talk about the episode."""
    if episode.written.chat is not None:
        shared.chat(item, episode.written.chat)


def image(item: etree._Element, episode: Episode, _document: FeedPage) -> None:
    """The cover with its size and what it shows, and more pictures."""
    if episode.image is not None:
        shared.published_image(item, episode.image, episode.written.cover_alt)
    for table in episode.written.images:
        shared.image(item, table)


def txt(item: etree._Element, episode: Episode, _document: FeedPage) -> None:
    """Free texts for machines."""
    for table in episode.written.txt:
        shared.txt(item, table)


def content_link(item: etree._Element, episode: Episode, _document: FeedPage) -> None:
    """Where else the episode can be watched or heard."""
    for table in episode.written.content_links:
        shared.content_link(item, table)


def value(item: etree._Element, episode: Episode, _document: FeedPage) -> None:
    """Streaming payments, instead of the show's."""
    for table in episode.written.values:
        shared.value(item, table, time_splits=True)


def _integrity(enclosure: Enclosure) -> str:
    """Subresource integrity: the one given, else made from the measured sha256."""
    if enclosure.integrity or not enclosure.sha256:
        return enclosure.integrity
    return "sha256-" + b64encode(bytes.fromhex(enclosure.sha256)).decode("ascii")


def _fediverse(address: str) -> SocialTable:
    """The post, and the account it is by where the address tells (`https://server/@account/number`)."""
    match = _FEDIVERSE_POST.fullmatch(address)
    if match is None:
        return SocialTable(protocol="activitypub", uri=address)
    server, account = match.groups()
    return SocialTable(protocol="activitypub", uri=address, account_id=f"@{account}@{server}", account_url=f"https://{server}/@{account}")


ITEM: Sequence[ItemWriter] = (
    season,
    episode_number,
    transcript,
    chapters,
    person,
    soundbite,
    location,
    license_,
    funding,
    alternate_enclosure,
    social_interact,
    chat,
    image,
    txt,
    content_link,
    value,
)
