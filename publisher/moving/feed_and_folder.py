"""What a move looks at: the feed at an address, the folder as it would be published, and the pages of old that it names."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from feed.findings import ContentFault
from feed.reader import LARGEST_FEED, FeedDocument, read_feed
from publisher.compare.this_folder import built_feed
from publisher.core import layout
from publisher.core.addresses import Links
from publisher.core.errors import AirdateError
from publisher.folder_to_plan import Purpose, Scope, prepare
from publisher.web.web_requests import Answer, Limits, get

if TYPE_CHECKING:
    from collections.abc import Iterable

    from publisher.compare.episodes import BuiltFeed
    from publisher.core.command_call import Options
    from publisher.incremental_build.artifacts import Recipe
    from publisher.workspace import Workspace

LIMITS = Limits(threads=1, body=LARGEST_FEED)


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedThere:
    """What an address answers: `document` is its feed, None where there is none, and `why` says so then."""

    address: str
    answer: Answer
    document: FeedDocument | None
    why: str

    def channel(self, name: str) -> str:
        """A value of its channel; "" where there is none."""
        return self.document.channel.value(name) if self.document is not None else ""


def look_at_feed(address: str) -> FeedThere:
    """The first page of the feed at an address. Never raises for what a server does."""
    answer = get(address, LIMITS, {"Accept-Encoding": "gzip"})
    if answer.status != 200:
        return FeedThere(address=address, answer=answer, document=None, why=answer.outcome)
    try:
        document = read_feed(answer.content)
    except ContentFault as fault:
        return FeedThere(address=address, answer=answer, document=None, why=f"answers no feed: {fault.message}")
    why = "" if document.channels else "answers no podcast feed"
    return FeedThere(address=address, answer=answer, document=document if document.channels else None, why=why)


@dataclass(frozen=True, slots=True, kw_only=True)
class BuiltShow:
    """The show as the folder would publish it: its feed, and every text of the site by its place there."""

    feed: BuiltFeed
    texts: tuple[tuple[str, bytes], ...]


def build_show(workspace: Workspace, options: Options) -> BuiltShow | str:
    """The show built and nothing published; why not, where it cannot be."""
    try:
        state, remark = workspace.state_copies.read_or_last()
        prepared = prepare(workspace, state, options, Purpose.BUILD, Scope(offline=bool(remark)))
    except AirdateError as error:
        return error.message
    texts = tuple(_texts(prepared.rendering.build.site.values()))
    return BuiltShow(feed=built_feed(prepared.rendering, workspace.config), texts=texts)


def _texts(recipes: Iterable[Recipe]) -> Iterable[tuple[str, bytes]]:
    for recipe in recipes:
        for item in recipe.artifacts or ():
            body = item.content
            if body is not None:
                yield item.key, body


def former_pages(workspace: Workspace) -> list[tuple[str, str]]:
    """(old address, address here) of every episode that names former ones, the oldest first; drafts and unlisted ones have none here."""
    state, _ = workspace.state_copies.read_or_last()
    config = workspace.config
    links = Links(config.site.url, layout.HOME, config.site.pretty_urls)
    return [
        (old, links.absolute(layout.episode_page(episode.slug)))
        for episode in workspace.load(state).episodes
        if not (episode.written.draft or episode.written.unlisted)
        for old in episode.written.former
    ]
