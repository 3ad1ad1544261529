"""The table that people read in a terminal, and the last week in one line, for `publish status`."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from rich.cells import cell_len

from feed.text_cleaning import printable_line
from publisher.stats.period import Period
from publisher.stats.report.methods import method_of
from publisher.stats.report.summary import STEPS, by_episode, first_days, shares, total, usual, weeks
from publisher.stats.report.values import show_numbers

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from publisher.state.state import State
    from publisher.stats.report.values import DailySum, ShowNumbers
    from publisher.workspace import Workspace

LISTED = 10
"""Episodes, apps and countries that are listed without --verbose."""
MONTH = 30
"""Days whose apps and countries are told where no period is asked for."""


def as_text(shows: Sequence[ShowNumbers], asked: Period | None, today: dt.date, *, listed: int = LISTED) -> Iterator[str]:
    """Lines for a terminal: of the days `asked`, or of the last week and the one before; `today` is by UTC."""
    yield _heading(shows)
    both = weeks(shows, today)
    if both is None:
        yield "No log was read yet, so nothing is counted."
    else:
        recent = asked or Period.ending(both[0].last, MONTH)
        yield ""
        yield from _table(["", "", *_period_columns(asked, both)[0]], _period_rows(shows, _period_columns(asked, both)[1], listed))
        later = sum(row.downloads for show in shows for row in show.within(None) if row.date > both[0].last)
        if asked is None and later:
            yield f"This week is {_days(both[0])}, whole days alone; since then {_number(later)} so far."
        yield ""
        steps = ["1 day", *(f"{step} days" for step in STEPS[1:])]
        yield from _table(["The newest episodes", "came out", *steps, "all"], _first_rows(shows, both[0].last, listed))
        sums = [row for show in shows for row in show.within(recent)]
        yield from _parts(f"Apps, {_days(recent)}", sums, lambda row: row.app, listed)
        yield from _parts(f"Devices, {_days(recent)}", sums, lambda row: row.device, listed)
        yield from _parts(f"Countries, {_days(recent)}", sums, lambda row: row.country, listed)
    yield from _imported(shows)
    yield ""
    yield from _said_beside(shows)


def _heading(shows: Sequence[ShowNumbers]) -> str:
    names = ", ".join(printable_line(show.title) for show in shows)
    counted = [show.counted for show in shows if show.counted is not None]
    reach = (
        f", logs of {_days(Period(first=min(span.first for span in counted), last=max(span.last for span in counted)))}" if counted else ""
    )
    return f"{names}: downloads by days in UTC{reach}"


def _period_columns(asked: Period | None, both: tuple[Period, Period]) -> tuple[list[str], list[Period]]:
    if asked is not None:
        return [_days(asked)], [asked]
    return ["this week", "week before", ""], list(both)


def _period_rows(shows: Sequence[ShowNumbers], spans: Sequence[Period], listed: int) -> Iterator[list[str]]:
    """All, of several shows each, then the episodes that were downloaded most."""

    def row(name: str, numbers: list[int]) -> list[str]:
        return [name, "", *map(_number, numbers), *([_difference(*numbers)] if len(numbers) == 2 else [])]

    yield row("All episodes", [sum(total(show.within(span)) for show in shows) for span in spans])
    if len(shows) > 1:
        for show in shows:
            yield row(f"  {printable_line(show.title)}", [total(show.within(span)) for span in spans])
    by_span = [{(_label(shows, show, slug)): n for show in shows for slug, n in by_episode(show.within(span)).items()} for span in spans]
    most = sorted({name for found in by_span for name in found}, key=lambda name: ([-found.get(name, 0) for found in by_span], name))
    for name in most[:listed]:
        yield row(f"  {name}", [found.get(name, 0) for found in by_span])
    if len(most) > listed:
        rest = [sum(found.get(name, 0) for name in most[listed:]) for found in by_span]
        yield row(f"  {len(most) - listed} more (--verbose)", rest)


def _first_rows(shows: Sequence[ShowNumbers], last: dt.date, listed: int) -> Iterator[list[str]]:
    found = [(show, row) for show in shows for row in first_days(show, last) if show.only in ("", row.episode.slug)]
    found.sort(key=lambda pair: pair[1].episode.date, reverse=True)
    for show, row in found[:listed]:
        numbers = [_number(row.after[step]) for step in STEPS]
        yield [f"  {_label(shows, show, row.episode.slug)}", row.episode.date.isoformat(), *numbers, _number(row.total)]
    for show in shows:
        name = f"  usual for {printable_line(show.title)}" if len(shows) > 1 else "  usual"
        yield [name, "", *(_number(number) for number in usual(first_days(show, last)).values()), ""]


def _parts(heading: str, sums: Sequence[DailySum], name: Callable[[DailySum], str], listed: int) -> Iterator[str]:
    """Parts of the whole; nothing where nothing is known of any."""
    rows = shares(sums, name)
    if not any(row.name for row in rows):
        return
    cells = [
        [f"  {printable_line(row.name) or 'not known, or few'}", "", _number(row.downloads), f"{row.part:.0%}"] for row in rows[:listed]
    ]
    if len(rows) > listed:
        rest = rows[listed:]
        part = sum(row.part for row in rest)
        cells.append([f"  {len(rest)} more (--verbose)", "", _number(sum(row.downloads for row in rest)), f"{part:.0%}"])
    yield ""
    yield from _table([heading, "", "downloads", "part"], iter(cells))


def _imported(shows: Sequence[ShowNumbers]) -> Iterator[str]:
    """The old host's totals, apart."""
    for show in shows:
        if old := show.old_within(None):
            span = Period(first=min(row.date for row in old), last=max(row.date for row in old))
            whose = f" of {printable_line(show.title)}" if len(shows) > 1 else ""
            yield ""
            number = _number(sum(row.downloads for row in old))
            yield f"Imported totals of the old host{whose}, {_days(span)}: {number}"
            yield "  counted by its own rules, and in none of the numbers above"


def _said_beside(shows: Sequence[ShowNumbers]) -> Iterator[str]:
    """Method, what may still change, and what the logs do not tell."""
    yield from dict.fromkeys(method_of(show.window) for show in shows)
    open_from = [show.open_from for show in shows if show.open_from is not None]
    if open_from:
        yield f"Numbers from {min(open_from).isoformat()} on may still grow: logs come late."
    yield from dict.fromkeys(f"These logs: {limit}." for show in shows for limit in show.limits)
    unread = sum(show.unread for show in shows)
    if unread:
        lines = "1 line of the logs" if unread == 1 else f"{unread:,} lines of the logs"
        yield f"{lines} could not be read: `publish stats check` shows them."


def _label(shows: Sequence[ShowNumbers], show: ShowNumbers, slug: str) -> str:
    return f"{printable_line(show.title)}: {slug}" if len(shows) > 1 else slug


def _days(span: Period) -> str:
    return span.first.isoformat() if span.days == 1 else f"{span.first.isoformat()} to {span.last.isoformat()}"


def _number(number: int | None) -> str:
    return "–" if number is None else f"{number:,}"


def _difference(now: int, before: int) -> str:
    """`+9 %`: how much more it is than before; "" where nothing was."""
    return f"{(now - before) / before:+.0%}".replace("-", "−") if before else ""


def _table(head: Sequence[str], rows: Iterator[Sequence[str]]) -> Iterator[str]:
    """Columns, the first to the left and the others to the right, as wide as they are shown."""
    cells = [list(head), *map(list, rows)]
    widths = [max(cell_len(row[column]) for row in cells) for column in range(len(head))]
    for row in cells:
        first = row[0] + " " * (widths[0] - cell_len(row[0]))
        others = ("  " + " " * (width - cell_len(cell)) + cell for cell, width in zip(row[1:], widths[1:], strict=True) if width)
        yield (first + "".join(others)).rstrip()


def last_week(workspace: Workspace, state: State, now: dt.datetime) -> str:
    """The line for what was counted of a show until now; no log is read. "" where nothing is. Raises UsageError and StorageError."""
    from publisher.stats.numbers import kept_numbers

    return week_line(show_numbers(workspace, state, kept_numbers(workspace, state)), now.astimezone(dt.UTC).date())


def week_line(show: ShowNumbers, today: dt.date) -> str:
    """`1,204 downloads from 2026-06-22 to 2026-06-28, 1,100 in the week before`; "" where nothing is counted. `today` is by UTC."""
    both = weeks((show,), today)
    if both is None:
        return ""
    this, before = (total(show.within(span)) for span in both)
    said = f"{this:,} {'download' if this == 1 else 'downloads'} from {both[0].first.isoformat()} to {both[0].last.isoformat()}"
    known = show.counted is not None and show.counted.first <= both[1].first
    return f"{said}, {before:,} in the week before" if known else said
