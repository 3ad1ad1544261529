"""Rules that compare with what is published already: identity, dates, recordings and pictures never change in silence."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime  # noqa: TC003  a field's type
from typing import TYPE_CHECKING

from feed.findings import ERROR, WARNING
from feed.rules.parsing import read_date
from feed.rules.rulebook import Rulebook, Violation

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from feed.reader import FeedDocument

AGAINST_STATE: Rulebook[StateContext] = Rulebook(heading="Against what is published")


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedFacts:
    """An episode as listeners' apps know it. `url` is the enclosure's address, `link` its page."""

    guid: str
    url: str
    link: str = ""
    date: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StateContext:
    """A feed about to be published, beside what was published last.

    `guid` is the show's recorded one ("" : none yet). `published_files` and `files` map addresses of recordings and
    pictures to the sha256 published there and to the one about to be.
    """

    document: FeedDocument
    guid: str = ""
    episodes: Sequence[PublishedFacts] = ()
    published_files: Mapping[str, str] = field(default_factory=dict)
    files: Mapping[str, str] = field(default_factory=dict)


@AGAINST_STATE.rule("F017", ERROR, "the show's guid never changes", source="podcast namespace")
def show_guid(context: StateContext) -> Iterator[Violation]:
    """Apps would take it for another show and drop what they know about this one."""
    node = context.document.channel.first("podcast:guid")
    if context.guid and (node is None or node.text.strip() != context.guid):
        message = f"the show's guid was {context.guid}, now it is {(node.text.strip() if node else '')[:60] or 'missing'}"
        yield Violation("show.guid", message, f"write back {context.guid}", line=node.line if node else 0)


@AGAINST_STATE.rule("I004", ERROR, "the guid of a published episode never changes", source="Apple")
def episode_guid(context: StateContext) -> Iterator[Violation]:
    """Every subscriber would get the episode a second time."""
    here = {item.value("guid") for item in context.document.items}
    by_url = {episode.url: episode for episode in context.episodes}
    by_link = {episode.link: episode for episode in context.episodes if episode.link}
    for item in context.document.items:
        enclosure, guid = item.first("enclosure"), item.value("guid")
        known = by_url.get(enclosure.get("url")) if enclosure else None
        known = known or by_link.get(item.value("link"))
        if known and known.guid not in here:
            message = f"the episode was published with the guid {known.guid[:80]}"
            yield Violation("episode.guid", message, f"write back {known.guid[:80]}", item=guid or None, line=item.line)


@AGAINST_STATE.rule("I013", WARNING, "the date of a published episode stays", source="podcast apps")
def episode_date(context: StateContext) -> Iterator[Violation]:
    """Apps sort by it: the episode jumps in lists, or is announced again."""
    dates = {episode.guid: episode.date for episode in context.episodes}
    for item in context.document.items:
        before, now = dates.get(item.value("guid")), read_date(item.value("pubDate")).date
        if before and now and before != now:
            message = f"the episode was published with the date {before.isoformat()}"
            yield Violation("episode.date", message, item=item.value("guid"), line=item.line)


@AGAINST_STATE.rule("U013", ERROR, "a published recording keeps its bytes", source="directories' caches")
def recordings(context: StateContext) -> Iterator[Violation]:
    """Directories and apps keep address and length: a changed file under the same address is cut off or never fetched."""
    for item in context.document.items:
        enclosure = item.first("enclosure")
        if enclosure is not None and _changed(context, enclosure.get("url")):
            hint = "set audio_revision one higher: it gets an address of its own"
            message = "the recording changed under a published address"
            yield Violation("audio", message, hint, item=item.value("guid") or None, line=enclosure.line)


@AGAINST_STATE.rule("A007", ERROR, "changed artwork has a changed address", source="Apple")
def pictures(context: StateContext) -> Iterator[Violation]:
    """Directories fetch a picture again only when its address is new."""
    for parent, key in ((context.document.channel, "show.artwork"), *((item, "artwork") for item in context.document.items)):
        node = parent.first("itunes:image")
        if node is not None and _changed(context, node.get("href")):
            message = "the artwork changed under a published address"
            yield Violation(key, message, "give it another name", item=parent.value("guid") or None, line=node.line)


def _changed(context: StateContext, address: str) -> bool:
    before, now = context.published_files.get(address), context.files.get(address)
    return bool(before and now and before != now)
