"""The live streams of config.toml at a moment: which are announced, which are over, and what of them no feed can say."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

from feed.findings import LEFT_OUT, ContentFault, Finding, Severity
from publisher.load.dates import moment_words, resolve_date
from publisher.load.toml_and_yaml import error_at

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from feed.schema.live import LiveItemTable
    from publisher.load.config_reader import ConfigFile

A_DAY = dt.timedelta(days=1)
_ELSEWHERE = ("chapters", "transcripts", "funding")
"""Keys that no app looks for in a stream, and AntennaPod takes for the show's, or fails at."""


@dataclass(frozen=True, kw_only=True)
class Stream:
    """A `[[live]]` table: its place among them, what is written, and when it is over (None: that cannot be told)."""

    index: int
    written: LiveItemTable
    over: dt.datetime | None

    def left(self, now: dt.datetime | None) -> bool:
        """Whether it was over for a day at `now`, and is in the feed no more."""
        return now is not None and self.over is not None and now >= self.over + A_DAY


def streams_of(file: ConfigFile) -> tuple[Stream, ...]:
    """Every stream; one without an end is over a day after it starts."""
    return tuple(Stream(index=index, written=table, over=_over(table, file)) for index, table in enumerate(file.config.live))


def turning_points(streams: Sequence[Stream], now: dt.datetime) -> list[dt.datetime]:
    """The moments after `now` at which there is something else to say of a stream, soonest first."""
    moments = [moment for item in streams if item.over is not None for moment in (item.over, item.over + A_DAY)]
    return sorted(moment for moment in moments if moment > now)


def stream_findings(streams: Sequence[Stream], file: ConfigFile, now: dt.datetime | None) -> Iterator[Finding]:
    """What is to be said of each at `now`."""
    name, zone = file.path.name, file.config.show.timezone
    for item in streams:
        table, line = item.written, file.line("live", item.index, "end") or file.line("live", item.index)
        if item.left(now):
            message = f"the live stream “{table.title}” was over {moment_words(str(item.over), zone)}, and is in the feed no more"
            yield error_at(name, severity=Severity.HINT)(LEFT_OUT, message, line, "delete its [[live]] table")
            continue
        if now is not None and item.over is not None and item.over <= now and table.status != "ended":
            message = f"the live stream “{table.title}” was over {moment_words(str(item.over), zone)}, and the feed says {table.status}"
            hint = 'status = "ended", or another `end`; a day after its end it leaves the feed'
            place = error_at(name, severity=Severity.WARNING)
            yield place("live-over", message, line, hint)
        for key, message in _unsaid(table, file):
            at = file.line("live", item.index, key) or file.line("live", item.index)
            hint = "apps that do not know live streams take it for the show's"
            yield error_at(name, severity=Severity.HINT)(LEFT_OUT, message, at, hint)


def _unsaid(table: LiveItemTable, file: ConfigFile) -> Iterator[tuple[str, str]]:
    """Keys of a stream that its `<podcast:liveItem>` does not carry, each with what is said of it."""
    for key in _ELSEWHERE:
        written = getattr(table, key)
        if written and not (key == "funding" and set(written) <= set(file.config.show.funding)):
            yield key, f"`{key}` of a live stream is not in the feed"
    if table.explicit is not None and table.explicit != file.config.show.explicit:
        yield "explicit", "`explicit` of a live stream is not in the feed"


def _over(table: LiveItemTable, file: ConfigFile) -> dt.datetime | None:
    try:
        if table.end is not None:
            return resolve_date(table.end, file.config.show.timezone, None)
        return resolve_date(table.start, file.config.show.timezone, None) + A_DAY
    except (ContentFault, OverflowError):  # a fault of the times is told where they are written into the feed
        return None
