"""The way here: a show that was imported from another host, step by step until nothing leans on that host any more."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from publisher.compare.two_feeds import compare_feeds
from publisher.core.console import count_words
from publisher.core.errors import AirdateError
from publisher.importing.named_hosts import addresses_naming
from publisher.importing.tags.item_recordings import address_of_recording
from publisher.moving.feed_and_folder import BuiltShow, FeedThere, build_show, former_pages, look_at_feed
from publisher.moving.hosts import GENERAL, NOT_READ, host_of
from publisher.moving.redirects import redirects_of
from publisher.moving.results import Move, NamedRow, Step
from publisher.moving.shared_steps import APPLE, KEPT, WEEKS, by_hand, step_of
from publisher.verify.former_addresses import FormerAddress, judge_former, look_at_former

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from publisher.compare.results import Comparison
    from publisher.core.command_call import Options
    from publisher.load.config_tables import Config
    from publisher.moving.hosts import Host
    from publisher.workspace import Workspace


@dataclass(frozen=True, slots=True, kw_only=True)
class ArrivalSeen:
    """Everything that was looked at, before anybody judges it. `comparison` is with the served feed, or with the folder's where none
    is served yet; None where the old feed cannot be seen any more, or could not be compared (`why`).
    """

    old: FeedThere
    new: FeedThere
    former: FormerAddress
    host: Host
    built: BuiltShow | str
    comparison: Comparison | None
    folder: Comparison | None
    why: str
    pages: Sequence[tuple[str, str]]
    named: tuple[NamedRow, ...] | None

    @property
    def moved(self) -> bool:
        """Whether the old address leads to the new feed already."""
        return self.old.answer.address == self.new.address or self.former.leads_here


def arrival(workspace: Workspace, options: Options, old: str) -> Move:
    """The list for the move of the feed at `old` to this folder's. Nothing is changed anywhere."""
    looked = _look(workspace, options, old)
    comparison = looked.comparison
    return Move(
        direction="here",
        old_feed=old,
        new_feed=looked.new.address,
        host=looked.host.name,
        steps=tuple(_steps(workspace, looked)),
        episodes=comparison.episodes if comparison is not None else None,
        twice=comparison.twice if comparison is not None else None,
        lost=comparison.lost if comparison is not None else None,
        named=looked.named or (),
        config_changed=False,
    )


def _look(workspace: Workspace, options: Options, old: str) -> ArrivalSeen:
    new = workspace.config.feed_url
    there, here = look_at_feed(old), look_at_feed(new)
    former = judge_former(there.answer, new)
    built = build_show(workspace, options)
    host = host_of("" if there.answer.hops else there.channel("generator"), old)
    moved = there.answer.address == new
    served = folder = None
    why = "the old feed cannot be seen any more: its address leads to the new one" if moved else there.why
    if there.document is not None and not moved:
        try:
            served = compare_feeds(old, new, recordings=False) if here.document is not None else None
            if isinstance(built, BuiltShow) and (served is None or not served.safe):
                folder = compare_feeds(old, built.feed, recordings=False)
        except AirdateError as error:
            why = error.message
    pages = former_pages(workspace)
    return ArrivalSeen(
        old=there,
        new=here,
        former=former,
        host=host,
        built=built,
        comparison=served or folder,
        folder=folder or served,
        why=why,
        pages=pages,
        named=_named(built, [old, *(page for page, _ in pages), *_recordings(there, moved=moved)], host, workspace.config)
        if isinstance(built, BuiltShow)
        else None,
    )


def _recordings(there: FeedThere, *, moved: bool) -> list[str]:
    """Where the old feed has its recordings, while it can be seen."""
    return [address_of_recording(item) for item in there.document.items] if there.document is not None and not moved else []


def _named(built: BuiltShow, old: Sequence[str], host: Host, config: Config) -> tuple[NamedRow, ...]:
    """The addresses of what is built that name the old host: that of the old feed, of its pages and recordings, and all of a known host's.
    A measurement service that this show uses as well is no host of old.
    """
    hosts = dict.fromkeys([*((urlsplit(address).hostname or "").lower() for address in old), *host.domains])
    for own in (config.site.url, config.feed.enclosure_prefix or ""):
        hosts.pop((urlsplit(own).hostname or "").lower(), None)
    return tuple(NamedRow(file=item.file, address=item.address) for item in addresses_naming(list(hosts), built.texts))


def _steps(workspace: Workspace, looked: ArrivalSeen) -> Iterator[Step]:
    yield step_of(
        "export",
        None,
        "What no feed carries is saved from the old host",
        how=(
            "download statistics (nobody can import them), drafts and episodes that wait for their date",
            "recordings as they were before the host made them smaller, addresses of private feeds",
        ),
    )
    yield _old_feed(looked)
    yield _imported(looked)
    yield _served(looked)
    yield _compared(looked)
    yield _new_feed_url(workspace, looked)
    yield _old_new_feed_url(looked)
    yield _redirect(workspace, looked)
    yield _pages(looked)
    yield from by_hand(looked.new.address)
    yield _leans(looked)
    weeks = f"at least {WEEKS} weeks after the redirect works"
    own = "".join(f"; {looked.host.name} itself says: {item.keep}" for item in looked.host.redirects if item.keep)
    yield step_of(
        "keep",
        None,
        f"The old account is kept {weeks}, better for good where it costs nothing{own}",
        how=("an address that stops answering loses whoever opens their app only then; `publish status` warns when it does",),
        source=KEPT,
    )


def _old_feed(looked: ArrivalSeen) -> Step:
    title = f"The old feed answers: {looked.old.address}"
    if looked.moved:
        return step_of("old-feed", True, title, "it leads to the new feed")
    if looked.old.document is None:
        how = ("ask the old host before anything else: without its feed nobody can be redirected",)
        return step_of("old-feed", False, title, f"it {looked.old.why}", how)
    return step_of("old-feed", True, title, looked.host.name and f"made by {looked.host.name}")


def _imported(looked: ArrivalSeen) -> Step:
    title = "Every episode of the old feed is in this folder"
    if isinstance(looked.built, str):
        return step_of("imported", False, title, looked.built, ("`publish check` says what to mend",))
    if looked.folder is None:
        return step_of("imported", None, title, looked.why)
    found = looked.folder
    if found.lost:
        how = (f"publish import {looked.old.address} . --yes", "publish compare " + looked.old.address)
        return step_of("imported", False, title, f"{found.lost} of {count_words(found.episodes, 'episode')} are not", how)
    return step_of("imported", True, title, f"all {found.episodes}")


def _served(looked: ArrivalSeen) -> Step:
    title = f"The new feed is served: {looked.new.address}"
    if looked.new.document is None:
        return step_of("served", False, title, f"it {looked.new.why}", ("publish", "publish verify --all"))
    return step_of("served", True, title, count_words(len(looked.new.document.items), "episode"))


def _compared(looked: ArrivalSeen) -> Step:
    title = "No episode would come twice, none would be lost"
    command = f"publish compare {looked.old.address} {looked.new.address}"
    if looked.comparison is None:
        return step_of("compared", None, title, looked.why, () if looked.moved else (command,))
    found = looked.comparison
    what = "" if looked.new.document is not None else " (compared with this folder, which is not published yet)"
    return step_of("compared", found.safe, title, found.sentence + what, (command,))


def _new_feed_url(workspace: Workspace, looked: ArrivalSeen) -> Step:
    title = "The new feed names itself (itunes:new-feed-url)"
    new = looked.new.address
    line = f'write new_feed_url = "{new}" under [feed] of {workspace.file.path.name}, then publish'
    if looked.new.document is None:
        set_already = workspace.config.feed.new_feed_url == new
        return step_of("new-feed-url", None, title, "it is not served yet", () if set_already else (line,), APPLE)
    found = looked.new.channel("itunes:new-feed-url")
    said = f"it says {found}" if found else "it has none"
    return step_of("new-feed-url", found == new, title, said, (line,), APPLE)


def _old_new_feed_url(looked: ArrivalSeen) -> Step:
    title = "The old feed names the new one (itunes:new-feed-url), where its host can"
    if looked.moved:
        return step_of("old-new-feed-url", None, title, "the old feed cannot be seen any more: its address leads to the new one")
    found = looked.old.channel("itunes:new-feed-url")
    said = f"it says {found}" if found else "it has none"
    how = (f"only when the comparison is right: write {looked.new.address} there; some apps read it in the old feed",)
    return step_of("old-new-feed-url", found == looked.new.address, title, said, how, APPLE)


def _redirect(workspace: Workspace, looked: ArrivalSeen) -> Step:
    title = f"The old address redirects with 301 to {looked.new.address}"
    others = look_at_former([item for item in workspace.config.feed.former if item != looked.old.address], looked.new.address)
    rows = [looked.former, *others]
    done = all(row.leads_here for row in rows)
    said = "; ".join(f"{row.address} {row.said}" for row in rows)
    not_read = [NOT_READ.format(host=looked.host.name)] if looked.host.name and not looked.host.redirects else []
    told = [item.redirect for item in looked.host.redirects] or [*not_read, GENERAL]
    how = ["only when the comparison is right, and between two episodes:", *told, f"the address to give: {looked.new.address}"]
    sources = " · ".join(f"{item.source}, read {item.checked}" for item in looked.host.redirects)
    return step_of("redirect", done, title, said, how, sources or APPLE)


def _pages(looked: ArrivalSeen) -> Step:
    title = "The old episode pages lead to the new ones"
    pairs = [pair for pair in looked.pages if redirects_of([pair])[0]]
    if not pairs:
        return step_of("pages", None, title, "this folder names no old page that could be redirected (`former` of an episode)")
    old, new = pairs[-1]
    row = look_at_former([old], new)[0]
    forms = "publish move --print redirects (or nginx, cloudfront, worker, fastly)"
    how = (f"{count_words(len(pairs), 'page')}, where you may set redirects there: {forms}",)
    return step_of("pages", row.leads_here, title, f"the last of {len(pairs)}, {row.address}, {row.said}", how)


def _leans(looked: ArrivalSeen) -> Step:
    title = "Nothing that is published here names the old host"
    if looked.named is None:
        return step_of("leans", None, title, "the show cannot be built yet")
    count = len(looked.named)
    hosts = looked.host.name or urlsplit(looked.old.address).hostname or looked.old.address
    said = f"{count} {'address' if count == 1 else 'addresses'} of feed, pages and documents still name {hosts}"
    how = [f"{row.file}: {row.address}" for row in looked.named[:10]]
    how += [f"… and {count - 10} more (--json has them all)"] if count > 10 else []
    return step_of("leans", not count, title, said, how)
