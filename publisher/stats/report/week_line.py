"""The last week in one line, for `publish status`."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from publisher.stats.report.summary import total, weeks

if TYPE_CHECKING:
    from publisher.state.state import State
    from publisher.stats.report.values import ShowNumbers
    from publisher.workspace import Workspace


def last_week(workspace: Workspace, state: State, now: dt.datetime) -> str:
    """The line for what was counted of a show until now; no log is read. "" where nothing is. Raises UsageError and StorageError."""
    from publisher.stats.numbers import kept_numbers
    from publisher.stats.report.joining import show_numbers

    return week_line(show_numbers(workspace.config, state, kept_numbers(workspace, state)), now.astimezone(dt.UTC).date())


def week_line(show: ShowNumbers, today: dt.date) -> str:
    """`1,204 downloads from 2026-06-22 to 2026-06-28, 1,100 in the week before`; "" where nothing is counted. `today` is by UTC."""
    both = weeks((show,), today)
    if both is None:
        return ""
    this, before = (total(show.within(span)) for span in both)
    said = f"{this:,} {'download' if this == 1 else 'downloads'} from {both[0].first.isoformat()} to {both[0].last.isoformat()}"
    known = show.counted is not None and show.counted.first <= both[1].first
    return f"{said}, {before:,} in the week before" if known else said
