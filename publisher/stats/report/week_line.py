"""The last week in one line, for `publish status`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from publisher.stats.report.summary import total, weeks

if TYPE_CHECKING:
    import datetime as dt

    from publisher.stats.report.values import ShowNumbers


def week_line(show: ShowNumbers, today: dt.date) -> str:
    """`1,204 downloads from 2026-06-22 to 2026-06-28, 1,100 in the week before`; "" where nothing is counted. `today` is by UTC."""
    both = weeks((show,), today)
    if both is None:
        return ""
    this, before = (total(show.within(span)) for span in both)
    said = f"{this:,} {'download' if this == 1 else 'downloads'} from {both[0].first.isoformat()} to {both[0].last.isoformat()}"
    known = show.counted is not None and show.counted.first <= both[1].first
    return f"{said}, {before:,} in the week before" if known else said
