"""A show's numbers: the logs' news read and kept, and all that is known since."""

from __future__ import annotations

import datetime as dt
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from publisher.core.console import count_words
from publisher.core.digests import digest_json
from publisher.core.errors import UsageError
from publisher.core.json_results import Result
from publisher.stats.agents.known_agents import classify
from publisher.stats.counts import form_teller, know_show
from publisher.stats.engines.duckdb_engine import DuckCount
from publisher.stats.forms.known import limits_of, named_form, refuse_two_sides
from publisher.stats.kept.months import all_sums, imported
from publisher.stats.kept.one_run import SOURCE, Keeper, Kept, keep
from publisher.stats.kept.open_object import read_opened
from publisher.stats.kept.private_folder import private_folder
from publisher.stats.kept.private_side import kept_in, private_side
from publisher.stats.kept.tables import SUMS, columns
from publisher.stats.period import Period
from publisher.stats.recordings import recordings_of
from publisher.stats.sources import log_source

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from publisher.state.state import State
    from publisher.stats.counting.windows import Window
    from publisher.stats.kept.log_files import LogFile
    from publisher.stats.kept.one_run import SumRow
    from publisher.workspace import Workspace


@dataclass(frozen=True, slots=True, kw_only=True)
class Numbers:
    """What is known of a show's downloads: `sums` are rows of day, episode, app, device, country and downloads, `days` those that logs told of;
    days from `open_from` on may still grow. `unread` lines of all logs could not be read. `old` is what old hosts told: day, episode ("" for
    the show, or for one that is not here), downloads.
    """

    sums: tuple[tuple[dt.date, str, str, str, str, int], ...]
    window: Window
    days: Period | None
    open_from: dt.date | None
    limits: tuple[str, ...]
    unread: int
    old: tuple[tuple[dt.date, str, int], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class LogsPulled(Result):
    """What `publish stats pull` read."""

    read: tuple[str, ...]
    """The logs that nobody had read yet, or that have grown."""
    unread: int
    """Lines of them that could not be read."""
    late: int
    """Requests of days that are closed and whose logs are gone: they are left out."""
    open_from: str | None
    """From this day on (ISO 8601) numbers may still grow, because logs come late."""


def numbers(workspace: Workspace, state: State, now: dt.datetime, begin: Callable[[Path], DuckCount] = DuckCount) -> Numbers:
    """Read what is new in the logs, and tell what is known; `begin` begins a count in a private folder, on this engine or that. Raises
    UsageError, ContentError, StorageError, PlanRefused.
    """
    kept = _kept(workspace, state, now, begin)
    return _told(workspace, kept.sums, kept.files, kept.closed_to, kept.old)


def kept_numbers(workspace: Workspace, state: State) -> Numbers:
    """What is known already: no log is read, and nothing changes. Raises UsageError and StorageError."""
    with private_folder() as folder, closing(DuckCount(folder)) as count:
        store = kept_in(workspace)
        opened = read_opened(store, count, SOURCE, workspace.guid(state))
        all_sums(store, count, opened)
        sums = count.run(f"SELECT {columns(SUMS)} FROM all_sums ORDER BY ALL").fetchall()
        old = imported(store, count)
    return _told(workspace, sums, opened.files, opened.closed_to, old)


def _told(
    workspace: Workspace, sums: Sequence[SumRow], files: Sequence[LogFile], closed_to: dt.date | None, old: Iterable[tuple[Any, ...]]
) -> Numbers:
    ends = [at.date() for file in files for at in (file.first, file.last) if at is not None]
    ends += [row[0] for row in sums]  # an engine of somebody's own may have written a month
    forms = dict.fromkeys(file.form for file in files if file.form)
    return Numbers(
        sums=tuple((day, slug, app, device, country, number) for day, slug, app, device, country, number, _ in sums),
        window=workspace.config.stats.window,
        days=Period(first=min(ends), last=max(ends)) if ends else None,
        open_from=closed_to,
        limits=(
            *limits_of(filter(None, map(named_form, forms))),
            *_other_windows(sums, workspace.config.stats.window),
            *_late(sum(file.late for file in files)),
        ),
        unread=sum(file.unread for file in files),
        old=tuple((day, slug, downloads) for _, day, slug, _, downloads in old),
    )


def _other_windows(sums: Iterable[SumRow], window: Window) -> Iterator[str]:
    """What is said of days that were counted in other windows than those of the config."""
    others: dict[str, list[dt.date]] = {}
    for row in sums:
        if row[-1] != window:
            others.setdefault(row[-1], []).append(row[0])
    for other, days in sorted(others.items()):
        yield f"days from {min(days)} to {max(days)} were counted in {other} windows, and are gone from the logs"


def _late(requests: int) -> Iterator[str]:
    """What is said of requests that came too late, as long as the numbers are without them."""
    if requests:
        yield f"{count_words(requests, 'request')} of days that are closed left out: they came when the logs of these days were gone"


def pull(workspace: Workspace, state: State, now: dt.datetime, begin: Callable[[Path], DuckCount] = DuckCount) -> LogsPulled:
    """Read what is new in the logs, so that services may throw them away. Takes and raises what `numbers` does."""
    kept = _kept(workspace, state, now, begin)
    read = {file.name: file for file in kept.files if file.name in kept.read}
    return LogsPulled(
        read=kept.read,
        unread=sum(file.unread for file in read.values()),
        late=kept.late,
        open_from=kept.closed_to.isoformat() if kept.closed_to else None,
    )


def _kept(workspace: Workspace, state: State, now: dt.datetime, begin: Callable[[Path], DuckCount]) -> Kept:
    """Keep what is new, and say what was left out."""
    settings, folder = workspace.config.stats, workspace.file.folder

    def counting(private: Path, salt: str) -> DuckCount:
        count = begin(private)
        know_show(count, folder, settings, state, salt)
        return count

    def refuse(forms: Mapping[str, str]) -> None:
        refuse_two_sides({name: found for name, of in forms.items() if (found := named_form(of)) is not None})

    source, missing = None, None
    try:
        source = log_source(workspace)
        source.found()
    except UsageError as error:
        source, missing = None, error
    store = private_side(workspace, make=missing is None)
    keeper = Keeper(
        store=store,
        guid=workspace.guid(state),
        window=settings.window,
        method=digest_json([settings.window, settings.form, settings.include, settings.datacentres, settings.country]),
        recordings=dict(_recordings(state)),
        now=now,
        source=source,
        counting=counting,
        classify=classify,
        form=form_teller(settings),
        refuse=refuse,
    )
    kept = keep(keeper)
    if missing is not None:
        if not kept.files and not kept.old and not kept.sums:
            raise missing
        workspace.console.warn(f"{missing.message}: the numbers are those that were kept")
    if kept.late:
        words = count_words(kept.late, "request")
        workspace.console.warn(f"{words} of days that are closed came too late: the logs of these days are gone, so they are left out")
    return kept


def _recordings(state: State) -> Iterator[tuple[str, dt.date]]:
    """The ends of the paths of all recordings, with the days (UTC) on which their episodes came out."""
    for episode in state.episodes.values():
        day = dt.datetime.fromisoformat(episode.date).astimezone(dt.UTC).date()
        yield from ((row[0], day) for row in recordings_of([episode]))
