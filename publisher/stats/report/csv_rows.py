"""Daily sums as CSV, for spreadsheets."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from publisher.stats.period import Period
    from publisher.stats.report.values import ShowNumbers

HEAD = ("date", "show", "slug", "app", "device", "country", "downloads", "source")
"""The columns. `date` is a day by UTC, `show` the podcast:guid, `source` "logs", or "imported" for the old host's totals."""
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def as_csv(shows: Sequence[ShowNumbers], asked: Period | None) -> str:
    """A line for each sum of the days `asked`, or of all days, in order; the old host's totals last."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(HEAD)
    for show in shows:
        sums = sorted(show.within(asked), key=lambda row: (row.date, row.slug, row.app, row.device, row.country))
        writer.writerows(
            _safe((row.date.isoformat(), show.guid, row.slug, row.app, row.device, row.country, row.downloads, "logs")) for row in sums
        )
    for show in shows:
        old = sorted(show.old_within(asked), key=lambda row: (row.date, row.slug))
        writer.writerows(_safe((row.date.isoformat(), show.guid, row.slug, "", "", "", row.downloads, "imported")) for row in old)
    return out.getvalue()


def _safe(cells: Iterable[str | int]) -> list[str | int]:
    """Cells that no spreadsheet takes for a formula: an app's name comes from whoever asked."""
    return [f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA) else cell for cell in cells]
