"""The numbers as one page in the show's looks: it loads nothing, runs nothing, and can be read from a disk."""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
from importlib.resources import files
from typing import TYPE_CHECKING

from markupsafe import Markup

from publisher.core.addresses import outside
from publisher.site.parts import charts
from publisher.site.parts.words import words_for
from publisher.stats.period import Period
from publisher.stats.report.summary import STEPS, first_days, shares, total, usual, usual_curve, weeks

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from publisher.site.parts.theme import Theme
    from publisher.stats.report.summary import FirstDays
    from publisher.stats.report.values import DailySum, ShowNumbers

GENERATOR = "airdate stats"
"""What a page of ours says it was made by; no other page is written over."""
SHOWN_DAYS = 90
"""Days that are drawn where no period is asked for."""
MOST_BARS = 120
"""A bar a day up to so many; of a longer time a bar a week."""
LISTED = 25
"""Episodes in the table; apps and countries of the pictures are fewer."""
MOST_PARTS = 8
_DEVICES = {
    "mobile": "stats_mobile",
    "computer": "stats_computer",
    "smart speaker": "stats_speaker",
    "smart tv": "stats_tv",
    "watch": "stats_watch",
    "auto": "stats_car",
}
"""The kinds of `publisher.stats.agents`, and the words for them."""
MARKED_DAYS = (1, 7, 14, 21, 30)
"""Days of an episode that are named under the picture, and have a row in its table."""


class NumbersPage:
    """The page of one show. `chosen` is the slug of the episode whose first days are drawn, the newest when "" or not known;
    `sums_only` leaves out apps, devices and countries, for a page that everybody may read.
    """

    def __init__(self, show: ShowNumbers, theme: Theme, today: dt.date, *, asked: Period | None, chosen: str = "", sums_only: bool) -> None:
        self._show, self._theme, self._sums_only = show, theme, sums_only
        self._words = words_for(show.language)
        self._mirrored = self._words.direction == "rtl"
        self._weeks = weeks([show], today)
        last = self._weeks[0].last if self._weeks else today
        self._span = asked or Period.ending(last, SHOWN_DAYS)
        self._firsts = first_days(show, last)
        self._chosen = next(
            (row for row in self._firsts if row.episode.slug == chosen), next((row for row in self._firsts if row.curve), None)
        )
        self._sums = show.within(self._span)

    def html(self) -> bytes:
        """The page."""
        style, own = self._theme.style, Markup(files(__package__).joinpath("page.css").read_text("utf-8"))  # noqa: S704  ours
        sources = " ".join(f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'" for text in (style, own))
        settings, words = self._theme.settings, self._words
        return self._theme.render(
            "stats.html",
            words=words,
            show=self._show.title,
            home=outside(settings.home) or outside(settings.url),
            policy=f"default-src 'none'; style-src {sources}; base-uri 'none'; form-action 'none'",
            generator=GENERATOR,
            style=style,
            chart_style=own,
            reach=self._reach(),
            tiles=tuple(self._tiles()),
            pictures=[picture for picture in self._pictures() if picture],
            newest=self._newest(),
            old=self._old(),
            method=tuple(self._method()),
            limits=tuple(f"{limit[0].upper()}{limit[1:]}." for limit in self._show.limits),
        )

    def _reach(self) -> str:
        counted = self._show.counted
        if counted is None:
            return self._words("stats_none")
        return self._words("stats_reach", first=self._date(counted.first), last=self._date(counted.last))

    def _tiles(self) -> Iterator[tuple[str, str]]:
        if self._weeks is not None:
            for name, span in zip((self._words("stats_week"), self._words("stats_week_before")), self._weeks, strict=True):
                yield name, self._number(total(self._show.within(span)))
            yield self._words("stats_all"), self._number(total(self._show.sums))

    def _pictures(self) -> Iterator[dict[str, object] | None]:
        if self._weeks is None:
            return
        yield self._by_day()
        yield self._first_days()
        if not self._sums_only:
            words = self._words
            yield self._parts("apps", words("apps"), lambda row: row.app, str)
            yield self._parts("devices", words("stats_devices"), lambda row: row.device, self._device)
            yield self._parts("countries", words("stats_countries"), lambda row: row.country, self._country)

    def _by_day(self) -> dict[str, object]:
        """A bar for each day, of a long time for each week."""
        step = 1 if self._span.days <= MOST_BARS else 7
        starts = [self._span.first + dt.timedelta(days=day) for day in range(0, self._span.days, step)]
        values = [0] * len(starts)
        for row in self._sums:
            values[(row.date - self._span.first).days // step] += row.downloads
        most = max(range(len(values)), key=lambda place: values[place])
        kind = ("stats_by_day", "stats_by_day_said") if step == 1 else ("stats_by_week", "stats_by_week_said")
        said = [f"{self._date(day)}: {self._number(value)}" for day, value in zip(starts, values, strict=True)]
        marked = {place: self._short(starts[place]) for place in dict.fromkeys(round(part * (len(starts) - 1) / 3) for part in range(4))}
        return {
            "name": "days",
            "kind": "bars",
            "heading": self._words(kind[0]),
            "said": self._words(kind[1], most=self._number(values[most]), date=self._date(starts[most])),
            "chart": charts.bars(values, said, marked, self._number, mirrored=self._mirrored),
            "legend": (),
            "head": (self._words("stats_day"), self._words("stats_title")),
            "rows": [(self._date(day), self._number(value)) for day, value in zip(reversed(starts), reversed(values), strict=True)],
        }

    def _first_days(self) -> dict[str, object] | None:
        """The chosen episode beside what is usual and the others; None where no episode's first days are known."""
        chosen, words = self._chosen, self._words
        if chosen is None or not chosen.curve:
            return None
        typical = usual_curve(self._firsts, chosen.episode.slug)
        others = [row.curve for row in self._firsts if row is not chosen and row.curve]
        curves = [*(("other", curve) for curve in others), ("usual", typical), ("this", chosen.curve)]
        legend = [("this", words("stats_this"))]
        legend += [("usual", words("stats_usual"))] if typical else []
        legend += [("other", words("stats_others"))] if others else []
        age = len(chosen.curve)
        said = words("stats_first_days_said", day=self._number(age), number=self._number(chosen.curve[-1]))
        if len(typical) >= age:
            said += words.space + words("stats_first_days_usual", number=self._number(typical[age - 1]))
        days = sorted({*MARKED_DAYS, age})
        return {
            "name": "first",
            "kind": "lines",
            "heading": words("stats_first_days", title=f"\u2068{chosen.episode.title}\u2069"),  # letters of two directions stay apart
            "said": said,
            "chart": charts.lines(
                curves, STEPS[-1], {day: self._number(day) for day in MARKED_DAYS}, self._number, mirrored=self._mirrored
            ),
            "legend": tuple(legend),
            "head": (words("stats_day"), words("stats_this"), words("stats_usual")),
            "rows": [(self._number(day), self._at(chosen.curve, day), self._at(typical, day)) for day in days],
        }

    def _parts(self, name: str, heading: str, of: Callable[[DailySum], str], called: Callable[[str], str]) -> dict[str, object] | None:
        """Parts of the whole; None where nothing is known of any."""
        found = shares(self._sums, of)
        if not any(row.name for row in found):
            return None
        rows = [(called(row.name) if row.name else self._words("stats_unknown"), row.downloads, row.part) for row in found[:MOST_PARTS]]
        if rest := found[MOST_PARTS:]:
            rows.append((self._words("stats_rest"), sum(row.downloads for row in rest), sum(row.part for row in rest)))
        longest = max(rows, key=lambda row: row[1])
        drawn = [(_cut(row[0]), f"{self._number(row[1])} · {self._per_cent(row[2])}", row[2]) for row in rows]
        return {
            "name": name,
            "kind": "parts",
            "heading": heading,
            "said": self._words("stats_parts_said", name=longest[0], part=self._per_cent(longest[2])),
            "chart": charts.parts(drawn, mirrored=self._mirrored),
            "legend": (),
            "head": (heading, self._words("stats_title"), self._words("stats_part")),
            "rows": [(row[0], self._number(row[1]), self._per_cent(row[2])) for row in rows],
        }

    def _newest(self) -> dict[str, object] | None:
        words, rows = self._words, self._firsts[:LISTED]
        if not rows:
            return None
        typical = usual(self._firsts).values()
        lines = [(row.episode.title, self._date(row.episode.date), *self._after(row), self._number(row.total)) for row in rows]
        return {
            "head": (words("episodes"), words("stats_out"), *(words.count("count_days", step) for step in STEPS), words("stats_all")),
            "rows": [*lines, (words("stats_usual"), "", *("–" if number is None else self._number(number) for number in typical), "")],
        }

    def _after(self, row: FirstDays) -> Iterator[str]:
        return ("–" if (number := row.after[step]) is None else self._number(number) for step in STEPS)

    def _old(self) -> str:
        old = self._show.old
        if not old:
            return ""
        number = self._number(sum(row.downloads for row in old))
        first, last = min(row.date for row in old), max(row.date for row in old)
        return self._words("stats_old_said", number=number, first=self._date(first), last=self._date(last))

    def _method(self) -> Iterator[str]:
        words, show = self._words, self._show
        windows = {"calendar": "stats_calendar", "rolling": "stats_rolling", "extending": "stats_extending"}
        yield words("stats_rules") + words.space + words(windows[show.window])
        if show.open_from is not None:
            yield words("stats_open", date=self._date(show.open_from))
        if show.unread:
            yield words.count("count_unread", show.unread)

    # numbers and days, as the language writes them

    def _at(self, curve: Sequence[int], day: int) -> str:
        return self._number(curve[day - 1]) if day <= len(curve) else "–"

    def _number(self, value: int) -> str:
        from babel.numbers import format_decimal

        return format_decimal(value, locale=self._words.locale)

    def _per_cent(self, part: float) -> str:
        from babel.numbers import format_percent

        return format_percent(part, locale=self._words.locale)

    def _date(self, day: dt.date) -> str:
        return self._words.date(dt.datetime.combine(day, dt.time()))

    def _short(self, day: dt.date) -> str:
        from babel.dates import format_skeleton

        return format_skeleton("MMMd", day, locale=self._words.locale)

    def _device(self, kind: str) -> str:
        """A kind of device as the language calls it; as it is where there is no word."""
        return self._words(_DEVICES[kind]) if kind in _DEVICES else kind

    def _country(self, code: str) -> str:
        """A country as the language calls it; its two letters where it calls it nothing."""
        name: str = self._words.locale.territories.get(code.upper(), code)
        return name


def _cut(name: str) -> str:
    """A name that leaves room for its number on a phone; the table has all of it."""
    return name if len(name) <= 24 else f"{name[:23]}…"
