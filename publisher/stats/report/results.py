"""What `publish stats` and `publish stats check` give with `--json`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from publisher.core.json_results import Result
from publisher.stats.counting.rules import RULES
from publisher.stats.report.methods import method_of
from publisher.stats.report.summary import STEPS, FirstDays, by_day, by_episode, first_days, shares, total, usual, weeks

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Sequence

    from publisher.stats.counts import Counted
    from publisher.stats.period import Period
    from publisher.stats.report.values import DailySum, ShowNumbers


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowRow(Result):
    """A show whose numbers these are."""

    show: str
    """Its podcast:guid."""
    title: str
    """Its title."""
    downloads: int
    """All of the asked days."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EpisodeDownloads(Result):
    """An episode's downloads."""

    slug: str
    """Its name in addresses."""
    downloads: int
    """Of the asked days."""
    show: str | None = None
    """The podcast:guid of its show, where several were asked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DayDownloads(Result):
    """An episode's downloads on a day."""

    date: str
    """The day by UTC (ISO 8601); a download belongs to the day its window began."""
    slug: str
    """The episode; of an old host's totals empty where the whole show is meant."""
    downloads: int
    """How many."""
    show: str | None = None
    """The podcast:guid of its show, where several were asked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShareRow(Result):
    """Downloads by app, kind of device or country."""

    name: str
    """What it is called; empty where it is not known, and for what few listeners of a day had in common. A country by its two letters (ISO 3166)."""
    downloads: int
    """Of the asked days."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SpanRow(Result):
    """Days, both included."""

    first: str
    """ISO 8601."""
    last: str
    """ISO 8601."""
    downloads: int
    """All of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UsualRow(Result):
    """The median of a show's newest twenty episodes in their first days; null where fewer than three tell."""

    after_1: int | None
    """After one day."""
    after_7: int | None
    """After seven."""
    after_30: int | None
    """After thirty."""
    show: str | None = None
    """The podcast:guid of the show, where several were asked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstDaysRow(UsualRow):
    """An episode's downloads in its first days; the day it came out (UTC) is the first. null: not over yet, or without logs."""

    slug: str
    """The episode."""
    date: str
    """The day it came out (ISO 8601)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stats(Result):
    """Downloads counted from logs, and how."""

    period: str | None
    """The days that were asked for, as 2026-06-01..2026-06-30; null for all that there are."""
    episodes: tuple[EpisodeDownloads, ...]
    """Of the asked days, the most downloaded first."""
    days: tuple[DayDownloads, ...]
    """Each of the asked days and episodes with a download, by UTC."""
    downloads: int
    """All of the asked days."""
    unread: int
    """Lines of the logs that could not be read."""
    method: str
    """By which rules and in which windows it was counted, in a sentence."""
    window: str
    """calendar, rolling or extending."""
    limits: tuple[str, ...]
    """What the logs do not tell, in sentences."""
    apps: tuple[ShareRow, ...]
    """Of the asked days, the most used first."""
    devices: tuple[ShareRow, ...]
    """Of the asked days, by kind of device."""
    countries: tuple[ShareRow, ...]
    """Of the asked days; one row without a name where no database of countries is named."""
    week: SpanRow | None
    """The last seven days that are over, whatever was asked for."""
    week_before: SpanRow | None
    """The seven days before them."""
    first_days: tuple[FirstDaysRow, ...]
    """Of each episode, the newest first."""
    usual: tuple[UsualRow, ...]
    """What is usual for the show, or for each of the shows."""
    open_from: str | None
    """From this day on (ISO 8601) numbers may still grow, because logs come late."""
    imported: tuple[DayDownloads, ...]
    """The old host's totals, counted by its own rules, in none of the numbers above."""
    shows: tuple[ShowRow, ...]
    """The shows whose numbers these are."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleRow(Result):
    """What a rule left out."""

    rule: str
    """Its word."""
    paragraph: str
    """Of the guideline; empty for what is not its matter."""
    words: str
    """What it leaves out."""
    requests: int
    """How many lines."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UnreadRow(Result):
    """A line that cannot be read."""

    file: str
    """The log."""
    line: int
    """Its number there."""
    text: str
    """How it begins."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StatsChecked(Result):
    """Where every line of the logs went: those that each rule left out and the downloads are together all lines."""

    method: str
    """By which rules, in one sentence."""
    lines: int
    """All lines."""
    downloads: int
    """Those that are counted."""
    left_out: tuple[RuleRow, ...]
    """By rule, in the order they are applied."""
    unread: tuple[UnreadRow, ...]
    """The first lines that cannot be read."""


def document(shows: Sequence[ShowNumbers], asked: Period | None, today: dt.date) -> Stats:
    """The document of these shows: of the days `asked`, or of all of them; `today` is by UTC."""
    within = [(show, show.within(asked)) for show in shows]
    sums = [row for _, rows in within for row in rows]
    both = weeks(shows, today)
    windows = dict.fromkeys(show.window for show in shows)
    open_from = min((show.open_from for show in shows if show.open_from), default=None)

    def guid(show: ShowNumbers) -> str | None:
        return show.guid if len(shows) > 1 else None

    episodes = [
        EpisodeDownloads(slug=slug, downloads=number, show=guid(show)) for show, rows in within for slug, number in by_episode(rows).items()
    ]
    firsts = {show.guid: first_days(show, both[0].last) if both else () for show in shows}
    return Stats(
        period=str(asked) if asked else None,
        episodes=tuple(sorted(episodes, key=lambda row: -row.downloads)),
        days=tuple(
            sorted(
                (row for show, rows in within for row in _days(by_day(rows), guid(show))),
                key=lambda row: (row.date, row.show or "", row.slug),
            )
        ),
        downloads=total(sums),
        unread=sum(show.unread for show in shows),
        method=" ".join(method_of(window) for window in windows),
        window=", ".join(windows),
        limits=tuple(dict.fromkeys(text for show in shows for text in show.limits)),
        apps=_shares(sums, "app"),
        devices=_shares(sums, "device"),
        countries=_shares(sums, "country"),
        week=_span(shows, both[0]) if both else None,
        week_before=_span(shows, both[1]) if both else None,
        first_days=tuple(_first_row(row, guid(show)) for show in shows for row in firsts[show.guid] if show.only in ("", row.episode.slug)),
        usual=tuple(_usual_row(firsts[show.guid], guid(show)) for show in shows),
        open_from=open_from.isoformat() if open_from else None,
        imported=tuple(
            DayDownloads(date=row.date.isoformat(), slug=row.slug, downloads=row.downloads, show=guid(show))
            for show in shows
            for row in show.old_within(asked)
        ),
        shows=tuple(ShowRow(show=show.guid, title=show.title, downloads=total(rows)) for show, rows in within),
    )


def _days(daily: dict[tuple[dt.date, str], int], show: str | None) -> Iterable[DayDownloads]:
    return (DayDownloads(date=day.isoformat(), slug=slug, downloads=number, show=show) for (day, slug), number in daily.items())


def _shares(sums: Sequence[DailySum], column: str) -> tuple[ShareRow, ...]:
    return tuple(ShareRow(name=row.name, downloads=row.downloads) for row in shares(sums, lambda item: str(getattr(item, column))))


def _span(shows: Sequence[ShowNumbers], span: Period) -> SpanRow:
    number = sum(total(show.within(span)) for show in shows)
    return SpanRow(first=span.first.isoformat(), last=span.last.isoformat(), downloads=number)


def _first_row(row: FirstDays, show: str | None) -> FirstDaysRow:
    after = {f"after_{step}": row.after[step] for step in STEPS}
    return FirstDaysRow(slug=row.episode.slug, date=row.episode.date.isoformat(), show=show, **after)


def _usual_row(rows: Sequence[FirstDays], show: str | None) -> UsualRow:
    return UsualRow(show=show, **{f"after_{step}": number for step, number in usual(rows).items()})


def checked(counted: Counted) -> StatsChecked:
    """Where every line went."""
    return StatsChecked(
        method=method_of(counted.window),
        lines=counted.lines,
        downloads=sum(row[-1] for row in counted.sums),
        left_out=tuple(
            RuleRow(rule=rule.name, paragraph=rule.paragraph, words=rule.words, requests=counted.left_out[rule.name]) for rule in RULES
        ),
        unread=tuple(UnreadRow(file=file, line=line, text=text) for file, line, text in counted.unread),
    )
