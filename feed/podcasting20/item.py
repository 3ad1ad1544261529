"""An item's tags of the Podcasting 2.0 namespace, in the order they are written."""

from __future__ import annotations

import re
from base64 import b64encode
from typing import TYPE_CHECKING

from feed.podcasting20 import shared
from feed.schema.tags import SocialTable
from feed.xml_writing import FeedPage, ItemWriter, clean

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from lxml import etree

    from feed.model import Enclosure, Episode, Person, Show
    from feed.schema.episode import FrontMatter

_FEDIVERSE_POST = re.compile(r"https://([^/@\s]{1,253})/@([^/@\s]{1,100})/[^/\s]{1,100}")


def transcript(item: etree._Element, episode: Episode, _page: FeedPage) -> None:
    """One per format and language."""
    for document in episode.transcripts:
        shared.transcript(item, document.url, document.type, document.language, "captions" if document.timed else None)


def chapters(item: etree._Element, episode: Episode, _page: FeedPage) -> None:
    """The chapters' JSON document."""
    if episode.chapters_document is not None:
        shared.chapters(item, episode.chapters_document.url)


def people_of(show: Show, episode: Episode) -> tuple[Person, ...]:
    """Everyone heard: the episode's people, after the show's where its front matter does not name other hosts.

    In apps they replace the show's people, so the hosts are among them.
    """
    if episode.written.hosts is not None:
        return episode.people
    if not episode.people:
        return show.people
    present = {someone.name for someone in episode.people}
    return (*(host for host in show.people if host.name not in present), *episode.people)


def alternate_enclosure(item: etree._Element, episode: Episode, _page: FeedPage) -> None:
    """Other encodings and videos, each with its address and its checksum."""
    for alternate in episode.alternates:
        shared.alternate(item, alternate, _integrity(alternate))


def social_interact(item: etree._Element, episode: Episode, _page: FeedPage) -> None:
    """The posts under which people comment; `comments = false` says that nobody is asked to, and stands alone."""
    if episode.written.comments is False:
        shared.post(item, SocialTable(protocol="disabled"))
        return
    if episode.written.fediverse:
        shared.post(item, fediverse_post(clean(episode.written.fediverse)))
    shared.social(item, episode.written)


def image(item: etree._Element, episode: Episode, _page: FeedPage) -> None:
    """The cover with its size and what it shows, and more pictures."""
    if episode.image is not None:
        shared.published_image(item, episode.image, episode.written.cover_alt)
    shared.image(item, episode.written)


def _integrity(enclosure: Enclosure) -> str:
    """Subresource integrity: the one given, else made from the measured sha256."""
    if enclosure.integrity or not enclosure.sha256:
        return enclosure.integrity
    return "sha256-" + b64encode(bytes.fromhex(enclosure.sha256)).decode("ascii")


def fediverse_post(address: str) -> SocialTable:
    """The post, and the account it is by where the address tells (`https://server/@account/number`)."""
    match = _FEDIVERSE_POST.fullmatch(address)
    if match is None:
        return SocialTable(protocol="activitypub", uri=address)
    server, account = match.groups()
    return SocialTable(protocol="activitypub", uri=address, account_id=f"@{account}@{server}", account_url=f"https://{server}/@{account}")


def _of_episode(write: Callable[[etree._Element, FrontMatter], None]) -> ItemWriter:
    """A tag that is written from the front matter alone."""
    return lambda item, episode, _: write(item, episode.written)


ITEM: Sequence[ItemWriter] = (
    lambda item, episode, page: shared.season(item, episode.written, page.show.seasons),
    _of_episode(shared.episode_number),
    transcript,
    chapters,
    lambda item, episode, page: shared.people(item, people_of(page.show, episode)),
    _of_episode(shared.soundbite),
    _of_episode(shared.location),
    _of_episode(shared.license_),
    _of_episode(shared.funding),
    alternate_enclosure,
    social_interact,
    _of_episode(shared.chat),
    image,
    _of_episode(shared.txt),
    lambda item, episode, _: shared.content_link(item, episode.written.content_links),
    _of_episode(shared.value),
)
