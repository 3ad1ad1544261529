"""Tripwires: what in a plan would surprise listeners and is refused, with the exact line to type when it is meant."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

from feed.text_cleaning import printable_line
from publisher.core.errors import PlanRefused
from publisher.core.placeholders import is_example
from publisher.load.dates import moment_words

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from publisher.load.config_tables import Config
    from publisher.load.schedule import Publication, WaitingEpisode
    from publisher.load.show_source import ShowSource
    from publisher.state.state import State

CLOCKS_DIFFER = dt.timedelta(minutes=2)
"""What two machines' clocks may differ by without a word."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tripped:
    """One tripwire that the plan runs into. `scope` narrows the force: an episode's slug; `final` is one that no force covers."""

    name: str
    message: str
    hint: str = ""
    scope: str = ""
    cause: str = ""
    final: bool = False

    @property
    def force(self) -> str:
        """What to type after --force."""
        return f"{self.name}={self.scope}" if self.scope else self.name


def tripwires(source: ShowSource, state: State, publication: Publication, now: dt.datetime) -> list[Tripped]:
    """Every tripwire the publish runs into. Pure."""
    if state.show_guid and state.show_guid != source.guid:
        message = f"another show is published here: “{printable_line(state.show_title)}” ({printable_line(state.show_guid)})"
        hint = f"is [{'site' if state.first else 'storage'}] url the right one? This show's guid is {source.guid}"
        return [Tripped(name="show", message=message, hint=hint)]
    behind = list(_behind(state, publication, now))
    if behind:
        return behind
    return [
        *_held(state),
        *_older(state, publication, source.config.show.timezone, kept=bool(source.config.storage.private)),
        *_lost(source, state, publication),
        *_moved(source.config, state),
        *_other_hosts(source.config, state),
    ]


def clock_remark(state: State, now: dt.datetime) -> str:
    """What to say on a machine whose clock is behind that of the last publish; "" where it is not."""
    made = state.published.get(str(state.generation), "")
    if not made or dt.datetime.fromisoformat(made) - now < CLOCKS_DIFFER:
        return ""
    words = f"the last publish was made on {_moment(made)} by its machine's clock; this one says {now.astimezone(dt.UTC):%Y-%m-%d %H:%M}"
    return f"{words}: is it slow?"


def _behind(state: State, publication: Publication, now: dt.datetime) -> Iterator[Tripped]:
    """Episodes that are published, and due only in this machine's future, by the very date they were published with."""
    due = {item.source.guid: item.due for item in publication.waiting}
    made = state.published.get(str(state.generation), "")
    for item in publication.removed:
        then = due.get(item.guid)
        if not item.removed and then is not None and then <= dt.datetime.fromisoformat(item.date):
            message = f"this machine's clock is behind: it says {now.astimezone(dt.UTC):%Y-%m-%d %H:%M}, and “{item.slug}” of {_moment(item.date)} is published"
            cause = f"publish {state.generation} was made on {_moment(made)}" if made else ""
            yield Tripped(name="clock", message=message, cause=cause, hint="set this machine's clock, then publish again", final=True)
            return


def _moment(text: str) -> str:
    """A time of State for people, in UTC as the clock of this machine is told."""
    return f"{dt.datetime.fromisoformat(text).astimezone(dt.UTC):%Y-%m-%d %H:%M}"


def _held(state: State) -> Iterator[Tripped]:
    if state.held:
        message = f"the show is held as it was after publish {state.held}, by a rollback"
        yield Tripped(name="resume", message=message, hint="it stays so until you say otherwise")


def _older(state: State, publication: Publication, zone: str | None, *, kept: bool) -> Iterator[Tripped]:
    for item in publication.episodes:
        known = state.episodes.get(item.slug)
        texts = known.texts if known is not None else ()
        if any(item.source.text_digest == old.digest for old in texts[1:]):  # each stands once, the newest first
            message = f"this text of “{item.slug}” was published before and has been replaced"
            pull = f"; `publish pull --texts {item.slug}` brings it" if kept else ""
            newer = f"{texts[0].by or texts[0].machine or 'another machine'} on {moment_words(texts[0].at, zone)}"
            yield Tripped(
                name="older", scope=item.slug, message=message, hint=f"the newer one came from {newer}: is this checkout up to date?{pull}"
            )


def _lost(source: ShowSource, state: State, publication: Publication) -> Iterator[Tripped]:
    gone = [item for item in publication.removed if not item.removed and not item.withdrawn]
    by_slug = {item.slug: item for item in publication.episodes}
    waiting = {item.source.guid: item for item in publication.waiting}
    for lost in gone:
        if lost.slug in by_slug:
            message = f"the guid of “{lost.slug}” changed: every app would show it as a new episode"
            hint = f'put it back: guid = "{lost.guid}" in {by_slug[lost.slug].source.file}'
            yield Tripped(name="guid", scope=lost.slug, message=message, hint=hint)
        elif lost.guid in waiting:
            yield _listeners_have(lost.slug, waiting[lost.guid])
        else:
            broken = next((finding for finding in source.findings if finding.episode == lost.slug), None)
            hint = "a renamed folder keeps its address when its `guid` line comes along; is this checkout up to date?"
            message = f"“{lost.slug}” is published, and not in this folder any more"
            if broken is not None:
                hint = f"{broken.place}: {broken.message}: {broken.hint}." if broken.hint else f"{broken.place}: {broken.message}."
                message = f"“{lost.slug}” is published, and its folder, which is here, is at fault"
            yield Tripped(name="remove", scope=lost.slug, message=message, hint=f"{hint} {_DOWN.format(lost.slug)}")
    if not publication.episodes:
        yield Tripped(name="empty", message="no episode would be in the feed", hint="" if gone else first_step(publication))
    live = [item for item in state.episodes.values() if not item.removed]
    if len(gone) * 3 >= max(len(live), 1) and len(gone) > 1:
        yield Tripped(name="shrink", message=f"{len(gone)} of {len(live)} episodes would go", hint="is this the whole folder?")


_DOWN = "To take it down for good: `publish withdraw {}`"


def _listeners_have(slug: str, waiting: WaitingEpisode) -> Tripped:
    """A published episode whose folder is here and says that nobody may see it yet."""
    file = waiting.source.file
    if waiting.due is not None:
        message = f"“{slug}” is published, and its date lies in the future now: {waiting.due.isoformat(' ', 'minutes')}"
        hint = f"put its date back in {file}; an episode that listeners have cannot come again."
    else:
        undone, mend = (
            ("says draft = true", "take that line out of") if waiting.source.written.draft else ("has no date", "put its date back into")
        )
        message = f"“{slug}” is published, and its folder, which is here, {undone} now"
        hint = f"{mend} {file}; what listeners have cannot wait again."
    return Tripped(name="remove", scope=slug, message=message, hint=f"{hint} {_DOWN.format(slug)}")


def first_step(publication: Publication) -> str:
    """What brings the first episode of an empty feed on the air."""
    drafts = [item.source.slug for item in publication.waiting if item.why == "draft"]
    if drafts:
        return f"`publish release {drafts[0]}` takes the draft mark off; then `publish`"
    if publication.due:
        return f"the first is due {publication.due[0].isoformat(' ', 'minutes')}: run `publish` then, by cron or in CI; it does nothing by itself"
    return "an episode needs a date that has come, a recording, and no `draft = true`; `publish new TITLE` begins one"


def _moved(config: Config, state: State) -> Iterator[Tripped]:
    if state.first or is_example(state.site_url):
        return  # nobody can ever have subscribed there
    if (state.site_url.rstrip("/"), state.pretty_urls) != (config.site.url.rstrip("/"), config.site.pretty_urls):
        message = f"every address would change: from {state.site_url} to {config.site.url}"
        yield Tripped(name="links", message=message, hint=_way_from(state, config))
    if state.feed_key != config.feed.file and not config.feed.new_feed_url:
        message = f"the feed's address would change from {state.feed_key} to {config.feed.file}: subscribers stay at the old one"
        yield Tripped(name="feed-address", message=message, hint=f"set new_feed_url under [feed] to {config.feed_url}")


def _other_hosts(config: Config, state: State) -> Iterator[Tripped]:
    """Networks whose token would go to another host than before."""
    for network, host in config.announce.hosts.items():
        before = state.token_hosts.get(network, host)
        if before != host:
            message = f"the secret of [announce.{network}] went to {before} before, and would go to {host}"
            yield Tripped(name="host", scope=network, message=message, hint=f"is {host} yours? Whoever gets the secret can post as you")


def _way_from(state: State, config: Config) -> str:
    """How listeners find the way from the addresses that were, to those that would be."""
    hint = "old addresses must go on working: keep the old host answering, or redirect it"
    old = f"{state.site_url.rstrip('/')}/{state.feed_key or config.feed.file}"
    lines = [f'new_feed_url = "{config.feed_url}"'] if not config.feed.new_feed_url else []
    lines += [f'former = ["{old}"]'] if old not in config.feed.former else []
    if old == config.feed_url or not lines:
        return hint
    return f"{hint}. Under [feed] write {' and '.join(lines)}: apps follow the one, `publish verify` looks at the other"


def refuse(tripped: Sequence[Tripped], forces: Collection[str]) -> None:
    """Raise PlanRefused for the tripwires that no `--force` covers. A force without scope covers every scope of its name."""
    open_ones = [item for item in tripped if item.final or (item.force not in forces and item.name not in forces)]
    if not open_ones:
        return
    first = open_ones[0]
    if first.final:
        raise PlanRefused(first.message, cause=first.cause, hint=first.hint, code=f"refused-{first.name}")
    flags = " ".join(f"--force {item.force}" for item in open_ones)
    raise PlanRefused(
        "; ".join(item.message for item in open_ones),
        cause="\n  ".join(dict.fromkeys(item.hint for item in open_ones if item.hint)),
        hint=f"if it is meant: publish {flags}",
        code=f"refused-{first.name}",
    )
