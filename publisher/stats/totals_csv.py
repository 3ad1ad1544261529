"""Daily totals that another host exported, as CSV of whatever shape: one row for each day and episode, a column for each episode, or one for each
day. A file that tells no days is refused: what cannot be known is not guessed.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

from publisher.core.errors import ContentError
from publisher.importing.written_dates import read_written_date

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

LARGEST: Final = 64 << 20
"""Bytes of a file."""
DAYS: Final = ("date", "day", "download date", "downloaded on", "datum", "tag", "fecha", "jour", "data")
"""What the column of the day is called; never that of the day an episode came out."""
COUNTS: Final = (
    "downloads",
    "total downloads",
    "unique downloads",
    "iab downloads",
    "download count",
    "count",
    "total",
    "plays",
    "listens",
    "hits",
)
"""What the column of the number is called; the first of these that is there."""
EPISODES: Final = (
    "guid",
    "episode guid",
    "slug",
    "episode slug",
    "url",
    "episode url",
    "file",
    "filename",
    "episode",
    "episode title",
    "title",
    "name",
    "track",
)
"""What the column of the episode is called: what tells it for certain comes first."""
_MEASURES: Final = frozenset(
    (*COUNTS, "unique", "uniques", "listeners", "unique listeners", "subscribers", "followers", "streams", "requests", "views")
)
_SLASHED: Final = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4}|\d{2})(?!\d)")
_NUMBER: Final = re.compile(r"\d{1,3}(?:[,.' \u00a0\u202f]\d{3})+|\d+")
_NOTHING: Final = ("", "-", "–", "n/a", "null", "none")


class OldRow(NamedTuple):
    """Downloads of a day; `episode` is what the file calls it, "" for the show as a whole."""

    day: dt.date
    episode: str
    downloads: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OldTotals:
    """What a file tells: each day and episode once, and from which columns."""

    rows: tuple[OldRow, ...]
    columns: str


def read_old_totals(body: bytes, name: str, *, day_first: bool | None = None) -> OldTotals:
    """Read an export. `day_first` says what 3/4/2025 means where nothing else in the file does. Raises ContentError `stats-import`."""
    table = [(number, row) for number, row in enumerate(_rows(body), 1) if any(cell.strip() for cell in row)]
    if len(table) < 2:
        raise _refused(name, "it holds no table", "is it the file that the host exported?")
    head = [_plain(cell) for cell in table[0][1]]
    reader = _Reader(name, table[1:], day_first)
    day, count, episode = (next((head.index(word) for word in words if word in head), None) for words in (DAYS, COUNTS, EPISODES))
    if count is None:
        count = next((place for place, cell in enumerate(head) if "downloads" in cell.split()), None)
    others = {cell for place, cell in enumerate(head) if place not in (day, count, episode)}
    if count is not None and head[count] == "total" and episode is None and others - _MEASURES:
        count = None  # of the columns beside it, one for each episode
    if day is not None and count is not None:
        words = [table[0][1][place].strip() for place in (day, count, episode) if place is not None]
        return reader.long(day, count, episode, f"read from the columns {', '.join(words)}")
    if day is not None:
        return reader.column_for_each_episode(day, table[0][1])
    dated = {place: cell for place, cell in enumerate(table[0][1]) if place != episode and re.search(r"\d", cell)}
    if dated and episode is not None:
        return reader.column_for_each_day(episode, dated)
    wanted = f"a column of days ({', '.join(DAYS[:3])} …) and one of numbers ({', '.join(COUNTS[:3])} …)"
    raise _refused(
        name,
        f"it tells no days: its columns are {', '.join(cell.strip() for cell in table[0][1])[:200]}",
        f"ask the host for daily totals: {wanted}",
    )


class _Reader:
    """The rows of one file, each fault told with its line."""

    def __init__(self, name: str, rows: Sequence[tuple[int, Sequence[str]]], day_first: bool | None) -> None:
        self._name = name
        self._rows = rows
        self._day_first = day_first

    def long(self, day: int, count: int, episode: int | None, columns: str) -> OldTotals:
        """A row for each day and episode; several of one (by app, by country) are added up."""
        day_of = self._days([_cell(row, day) for _, row in self._rows])
        found = (
            (day_of(_cell(row, day), line), _cell(row, episode) if episode is not None else "", self._number(_cell(row, count), line))
            for line, row in self._rows
            if not _is_sum(_cell(row, day))
        )
        return _totals(found, columns)

    def column_for_each_episode(self, day: int, head: Sequence[str]) -> OldTotals:
        """A row for each day."""
        day_of = self._days([_cell(row, day) for _, row in self._rows])
        places = [place for place in range(len(head)) if place != day and not _is_sum(head[place])]
        found = (
            (day_of(_cell(row, day), line), head[place].strip(), self._number(_cell(row, place), line))
            for line, row in self._rows
            if not _is_sum(_cell(row, day))
            for place in places
        )
        return _totals(found, "read as a column for each episode")

    def column_for_each_day(self, episode: int, dated: Mapping[int, str]) -> OldTotals:
        """A row for each episode."""
        day_of = self._days(list(dated.values()))
        days = {place: day_of(cell, 1) for place, cell in dated.items()}
        found = (
            (when, _cell(row, episode), self._number(_cell(row, place), line))
            for line, row in self._rows
            if not _is_sum(_cell(row, episode))
            for place, when in days.items()
        )
        return _totals(found, "read as a column for each day")

    def _days(self, cells: Sequence[str]) -> Callable[[str, int], dt.date]:
        """What reads the days of a column: 3/4/2025 is told by the others in it, or by who asks; never by chance."""
        slashed = [found for cell in cells if (found := _SLASHED.match(cell.strip())) and not re.match(r"\d{4}", cell.strip())]
        firsts, seconds = ({int(found[part]) for found in slashed} for part in (1, 2))
        dotted = any("." in found[0] for found in slashed)
        day_first = True if dotted or max(firsts, default=0) > 12 else False if max(seconds, default=0) > 12 else self._day_first
        if slashed and day_first is None:
            hint = "say it: --day-first (3 April) or --month-first (March 4)"
            raise _refused(self._name, f"{slashed[0][0]} may be two days", hint)

        def day_of(cell: str, line: int) -> dt.date:
            text = cell.strip()
            found = None if re.match(r"\d{4}", text) else _SLASHED.match(text)
            try:
                if found:
                    one, other, year = int(found[1]), int(found[2]), int(found[3])
                    day, month = (one, other) if day_first else (other, one)
                    return dt.date(year if year > 99 else 2000 + year, month, day)
                read = read_written_date(text)
                if read is not None:
                    return read.moment.date()
            except ValueError:
                pass
            raise _refused(
                self._name, f"line {line}: {text[:60]!r} is no day", "a file of daily totals has a day in each row, as 2025-04-03"
            )

        return day_of

    def _number(self, cell: str, line: int) -> int:
        text = cell.strip()
        if text.lower() in _NOTHING:
            return 0
        if not _NUMBER.fullmatch(text) or len(text) > 20:
            raise _refused(self._name, f"line {line}: {text[:60]!r} is no number of downloads", "is the file as the host exported it?")
        return int(re.sub(r"\D", "", text))


def _totals(found: Iterable[tuple[dt.date, str, int]], columns: str) -> OldTotals:
    counted: Counter[tuple[dt.date, str]] = Counter()
    for day, episode, downloads in found:
        counted[day, episode] += downloads
    rows = (OldRow(day, episode, downloads) for (day, episode), downloads in sorted(counted.items()) if downloads)
    return OldTotals(rows=tuple(rows), columns=columns)


def _rows(body: bytes) -> Iterator[list[str]]:
    text = _text(body)
    first = text.lstrip().partition("\n")[0]
    return csv.reader(io.StringIO(text, newline=""), delimiter=max(",;\t|", key=first.count))


def _text(body: bytes) -> str:
    if body[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return body.decode("utf-16", "replace")
    try:
        return body.decode("utf-8-sig")
    except UnicodeDecodeError:
        from charset_normalizer import from_bytes

        best = from_bytes(body[: 1 << 20]).best()
        return body.decode(best.encoding if best else "latin-1", "replace")


def _plain(cell: str) -> str:
    return " ".join(re.sub(r"[_()\-:]+", " ", cell).split()).casefold()


def _cell(row: Sequence[str], place: int) -> str:
    return row[place].strip() if place < len(row) else ""


def _is_sum(cell: str) -> bool:
    return _plain(cell) in ("total", "totals", "sum", "all episodes", "total downloads", "gesamt", "summe", "all")


def _refused(name: str, cause: str, hint: str) -> ContentError:
    return ContentError(f"these are no daily totals: {name}", cause=cause, hint=hint, code="stats-import")
