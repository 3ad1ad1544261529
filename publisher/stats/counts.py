"""The door of this room: a show's logs, counted."""

from __future__ import annotations

from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Final

from publisher.core.errors import UsageError
from publisher.stats.agents.known_agents import classify
from publisher.stats.agents.networks import listed, ranges, read_networks
from publisher.stats.blocks import first_lines
from publisher.stats.engines.duckdb_engine import DuckCount, FileRead
from publisher.stats.forms.known import forms_of, limits_of, refuse_two_sides
from publisher.stats.period import Period
from publisher.stats.recordings import recordings_of
from publisher.stats.report.methods import method_of
from publisher.stats.results import RuleRow, StatsChecked, UnreadRow

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Iterator

    from publisher.load.config_tables import StatsTable
    from publisher.state.state import State
    from publisher.stats.counting.windows import Window

MOST: Final = 500
"""Downloads of one show that one address can have in a day: §5.5.2, step 1.2, 1 asks for a number and names none. More than one household or
office fetches, less than a program does; an address with more people behind it goes into `[stats] include`.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """What was counted: `sums` are rows of day, episode, app, device, country and downloads, `days` those that the logs tell of."""

    sums: tuple[tuple[dt.date, str, str, str, str, int], ...]
    left_out: dict[str, int]
    lines: int
    unread: tuple[tuple[str, int, str], ...]
    limits: tuple[str, ...]
    window: Window
    days: Period | None


def count_logs(folder: Path, settings: StatsTable, state: State) -> Counted:
    """Count the logs of a show whose folder and State these are. Raises UsageError, ContentError and StorageError."""
    logs = _logs(folder, settings)
    forms = forms_of({name: first_lines(path) for name, path in logs.items()}, settings.form or "")
    refuse_two_sides(forms)
    with _counting() as count:
        count.know(recordings_of(state.episodes.values()), most=MOST)
        if settings.datacentres:
            count.networks("networks", ranges(read_networks(folder / settings.datacentres)))
        count.networks("included", ranges(listed(settings.include)))
        found = [count.read(name, logs[name], form, classify) for name, form in forms.items()]
        count.count(settings.window)
        return Counted(
            sums=tuple(count.downloads()),
            left_out=count.left_out(),
            lines=count.lines,
            unread=tuple(count.unread),
            limits=limits_of(forms.values()),
            window=settings.window,
            days=_days_of(found),
        )


@contextmanager
def _counting() -> Iterator[DuckCount]:
    with TemporaryDirectory(prefix="airdate-stats-", ignore_cleanup_errors=True) as folder, closing(DuckCount(Path(folder))) as count:
        yield count


def _days_of(found: Iterable[FileRead]) -> Period | None:
    """The days that log files tell of."""
    ends = [day for one in found for day in (one.first, one.last) if day is not None]
    return Period(first=min(ends), last=max(ends)) if ends else None


def _logs(folder: Path, settings: StatsTable) -> dict[str, Path]:
    """The files that `[stats] logs` names, each by its way from the show's folder on: two servers may have logs of one name."""
    if not settings.logs:
        hint = 'say where the logs are: logs = "logs/*" under [stats]; no logs are kept yet? Numbers begin the day they are'
        raise UsageError("config.toml names no logs", hint=hint, code="stats-logs")
    found = sorted(path for path in folder.glob(settings.logs) if path.is_file())
    if not found:
        raise UsageError(
            f"there is no log: {settings.logs}", cause=f"looked from {folder.resolve()} on", hint="is the pattern right?", code="stats-logs"
        )
    return {path.relative_to(folder).as_posix(): path for path in found}


def checked(counted: Counted) -> StatsChecked:
    """Where every line went."""
    from publisher.stats.counting.rules import RULES

    return StatsChecked(
        method=method_of(counted.window),
        lines=counted.lines,
        downloads=sum(row[-1] for row in counted.sums),
        left_out=tuple(
            RuleRow(rule=rule.name, paragraph=rule.paragraph, words=rule.words, requests=counted.left_out[rule.name]) for rule in RULES
        ),
        unread=tuple(UnreadRow(file=file, line=line, text=text) for file, line, text in counted.unread),
    )
