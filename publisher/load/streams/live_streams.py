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
_EARLY = dt.timedelta(hours=1)
"""So long before its start a stream may run already."""
_ELSEWHERE = ("chapters", "transcripts", "funding")
"""Keys that no app looks for in a stream, and AntennaPod takes for the show's, or fails at."""


@dataclass(frozen=True, kw_only=True)
class LiveStream:
    """A `[[live]]` table: its place among them, what is written, from when it may run, when it starts and when it is over (None: that
    cannot be told).
    """

    index: int
    written: LiveItemTable
    early: dt.datetime | None
    start: dt.datetime | None
    over: dt.datetime | None

    def left(self, now: dt.datetime | None) -> bool:
        """Whether it was over for a day at `now`, and is in the feed no more."""
        return now is not None and self.over is not None and now >= self.over + A_DAY


def streams_of(file: ConfigFile) -> tuple[LiveStream, ...]:
    """Every stream; one without an end is over a day after it starts."""
    return tuple(_stream(index, table, file) for index, table in enumerate(file.config.live))


def turning_points(streams: Sequence[LiveStream], now: dt.datetime) -> list[dt.datetime]:
    """The moments after `now` at which there is something else to say of a stream, soonest first."""
    moments = [moment for item in streams if item.over is not None for moment in (item.over, item.over + A_DAY)]
    moments += [moment for item in streams for moment in (item.early, item.start) if moment is not None]
    return sorted(moment for moment in moments if moment > now)


def stream_findings(streams: Sequence[LiveStream], file: ConfigFile, now: dt.datetime | None) -> Iterator[Finding]:
    """What is to be said of each at `now`."""
    name, zone = file.path.name, file.config.show.timezone
    place = error_at(name, severity=Severity.WARNING)
    for item in streams:
        table, line = item.written, file.line("live", item.index, "end") or file.line("live", item.index)
        if item.left(now):
            message = f"the live stream “{table.title}” was over {moment_words(str(item.over), zone)}, and is in the feed no more"
            yield error_at(name, severity=Severity.HINT)(LEFT_OUT, message, line, "delete its [[live]] table")
            continue
        if now is not None and item.over is not None and item.over <= now and table.status != "ended":
            message = f"the live stream “{table.title}” was over {moment_words(str(item.over), zone)}, and the feed says {table.status}"
            hint = 'status = "ended", or another `end`; a day after its end it leaves the feed'
            yield place("live-over", message, line, hint)
        elif fault := _untimely(item, zone, now):
            yield place("live-times", f"the live stream “{table.title}” {fault}", line, "mend the times or the status")
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


def _untimely(item: LiveStream, zone: str | None, now: dt.datetime | None) -> str:
    """How its times contradict each other or its status; "" where they do not."""
    if item.early is None or item.start is None or item.over is None:
        return ""
    if item.over <= item.start:
        return f"ends {moment_words(str(item.over), zone)}, before it starts"
    if now is not None and item.written.status != "pending" and now < item.early:
        return f"starts {moment_words(str(item.start), zone)}, and the feed says {item.written.status}"
    if now is not None and item.written.status == "pending" and item.start <= now:
        return f"started {moment_words(str(item.start), zone)}, and the feed says pending: apps tell nobody that it runs"
    return ""


def _stream(index: int, table: LiveItemTable, file: ConfigFile) -> LiveStream:
    def moment(written: dt.datetime, later: dt.timedelta = dt.timedelta(0)) -> dt.datetime | None:
        try:
            return resolve_date(written, file.config.show.timezone, None) + later
        except (ContentFault, OverflowError):  # a fault of the times is told where they are written into the feed
            return None

    over = moment(table.start, A_DAY) if table.end is None else moment(table.end)
    return LiveStream(index=index, written=table, early=moment(table.start, -_EARLY), start=moment(table.start), over=over)
