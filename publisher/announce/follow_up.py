"""After a publish: purge, look from outside, announce; what an earlier one did not get to is made up for. The look may begin earlier."""

from __future__ import annotations

from contextlib import contextmanager, suppress
from dataclasses import replace
from threading import Thread
from typing import TYPE_CHECKING

from feed.findings import Severity
from publisher.announce.hubs import announce_when_online, is_wanted
from publisher.core import layout
from publisher.core.console import count_words
from publisher.core.errors import NotVerified
from publisher.core.json_results import FindingRow
from publisher.core.placeholders import has_none
from publisher.incremental_build.artifacts import Phase
from publisher.sync.apply import commit
from publisher.sync.this_run import Overtaken

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator, Sequence

    from publisher.core.command_call import Options
    from publisher.core.json_results import PostRow
    from publisher.core.layout import Key
    from publisher.folder_to_plan import Prepared
    from publisher.state.state import State
    from publisher.verify.network import SentFeed
    from publisher.workspace import Workspace

    Look = Generator[None, None, tuple[FindingRow, ...]]
    Posted = tuple[State, tuple[PostRow, ...]]


def load_ahead(workspace: Workspace, prepared: Prepared, options: Options) -> None:
    """Load what the look from outside needs, beside the files that are on their way: there is time."""
    if options.verify and prepared.plan.uploads and workspace.config.storage.is_bucket:
        Thread(target=_load, name="load-ahead").start()  # no daemon: a process must not end inside OpenSSL


def _load() -> None:
    import publisher.verify.network  # noqa: F401  it is loaded, not used
    from publisher.web.connections import trusted_authorities

    trusted_authorities()


class LookOutside:
    """The look from outside at what a publish put. It may begin while State is written."""

    def __init__(self, workspace: Workspace, prepared: Prepared, options: Options) -> None:
        self.workspace, self.prepared, self.options = workspace, prepared, options
        self._begun: Look | None = None

    @contextmanager
    def begun(self, after: State) -> Iterator[None]:
        """Meanwhile it is under way, where nothing has to come before it: a first State, which nobody may read; a purge. What ends the
        write of State ends it, too, and nobody hears of it.
        """
        config, first = self.workspace.config, self.prepared.state.first
        if self.options.verify and after.verified < after.generation and config.storage.is_bucket and not (first or config.cdn.purge):
            look = _verify(self.workspace, self.prepared, after)
            with suppress(Exception):  # it begins again after State, and fails there
                next(look)
                self._begun = look
        try:
            yield
        except BaseException:
            if self._begun is not None:
                self._begun.close()
            raise

    def findings(self, after: State | None) -> tuple[FindingRow, ...]:
        """What it found. Raises NotVerified for what is not right."""
        from publisher.verify.steps import to_the_end

        return to_the_end(self._begun or _verify(self.workspace, self.prepared, after))


def follow_up(
    outside: LookOutside, after: State | None, post: Callable[[State], Posted] | None = None
) -> tuple[State, tuple[FindingRow, ...] | None, tuple[PostRow, ...]]:
    """Purge, verify, post, announce; what an earlier publish did not get to is made up for. Gives State, which remembers what went
    well, what the look from outside found (None: nobody looked), and what `post` did, which gives State as it is on the storage then.

    Where a post was made, its address belongs in feed and pages: hubs are told by the publish that brings it there.
    """
    workspace, prepared, options = outside.workspace, outside.prepared, outside.options
    state = after or prepared.state
    sent = prepared.plan.uploads if after is not None else ()
    done = state
    verified: tuple[FindingRow, ...] | None = None
    posts: tuple[PostRow, ...] = ()
    if sent:
        purge_cdn(workspace, prepared.plan.in_caches)
    try:
        if options.verify and state.verified < state.generation:
            verified = outside.findings(after)
            done = replace(done, verified=state.generation)
        if post is not None:
            pending, done = done, state  # what a post writes holds it, too
            written, posts = post(pending)
            state, done = (state, pending) if written is pending else (written, written)
        if state.announced < state.generation and is_wanted(workspace.config) and not is_posted(posts):
            owed = not sent or prepared.state.announced < prepared.state.generation
            new = options.announce and (owed or any(change.phase is Phase.FEED for change in sent))
            warnings = announce_when_online(workspace, state.generation) if new else []
            workspace.console.warn_each(warnings)
            if not warnings:
                done = replace(done, announced=state.generation)
    finally:
        if done is not state:
            with suppress(Overtaken):
                state = commit(workspace.storage, done, state)
                workspace.state_copies.write(state)
    return state, verified, posts


def is_posted(posts: Sequence[PostRow]) -> bool:
    """Whether there is a post that people can read, which feed and pages are to lead to."""
    return any(row.status == "posted" and row.address for row in posts)


def purge_cdn(workspace: Workspace, keys: Sequence[Key]) -> None:
    """Make the content network forget these keys, where there is one; what did not work is a warning."""
    if keys and workspace.config.cdn.purge:
        from publisher.announce.cdn_purge import purge_keys

        workspace.console.warn_each(purge_keys(workspace, keys))


def _verify(workspace: Workspace, prepared: Prepared, after: State | None) -> Look:
    """The look from outside: at what was just put, where the publish before was looked at. Raises NotVerified for what is not right."""
    from publisher.verify.show import look_at_show

    before = prepared.state
    looked_at = after is not None and not before.first and before.verified == before.generation
    only = _addresses(prepared) if looked_at else None
    findings = yield from look_at_show(workspace, newest=10, sent=_sent(workspace, prepared, after), only=only)
    errors = [item for item in findings if item.severity is Severity.ERROR]
    warnings = [item for item in findings if item.severity is Severity.WARNING]
    for item in warnings:
        workspace.console.warn(f"{item.code} {item.message}")
    if errors:
        missing = "the next publish puts back what the storage lacks; " if workspace.missing_addresses.read() else ""
        raise NotVerified(
            f"published, but what is served is not right: {count_words(len(errors), 'fault')}",
            cause="\n".join(f"{item.code} {item.message}" for item in errors[:10]),
            hint=f"{missing}{errors[0].hint and f'{errors[0].hint}; '}`publish verify` looks again",
            code="not-verified",
        )
    config = workspace.config
    if config.storage.is_bucket:
        workspace.console.say("Looked at it from outside: all well." if not warnings else "Looked at it from outside.")
    else:
        folder = config.storage.url.rstrip("/")
        served = "it is served" if has_none(config.site.url) else f"{config.site.url} is served"
        workspace.console.say(f"Written into {folder}/; upload it to where {served}, then `publish verify --online`.")
    return tuple(FindingRow.of(item) for item in findings)


def _sent(workspace: Workspace, prepared: Prepared, after: State | None) -> SentFeed | None:
    """The feed that was just put; None where it did not change."""
    from publisher.render_show import feed_in

    body = feed_in(prepared.rendering)
    if body is None or prepared.document is None or not workspace.config.storage.is_bucket:
        return None
    from publisher.verify.network import SentFeed

    stored = after.objects.get(layout.feed(workspace.config.feed.file)) if after is not None else None
    return SentFeed(body=body, document=prepared.document, etag=stored.etag if stored is not None else "")


def _addresses(prepared: Prepared) -> frozenset[str]:
    """Where everything lies that was just put, and where the feed says that it does."""
    from feed.rss import enclosure_address

    composition = prepared.rendering.composition
    put = [composition.links.absolute(change.key) for change in prepared.plan.uploads]
    prefix = composition.config.feed.enclosure_prefix
    return frozenset((*put, *(enclosure_address(address, prefix) for address in put)))
