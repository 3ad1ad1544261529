"""What `publish stats` gives with `--json`."""

from __future__ import annotations

from dataclasses import dataclass

from publisher.core.json_results import Result


@dataclass(frozen=True, slots=True, kw_only=True)
class EpisodeRow(Result):
    """An episode's downloads."""

    slug: str
    """Its name in addresses."""
    downloads: int
    """Of the asked days."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DayRow(Result):
    """An episode's downloads on a day."""

    date: str
    """The day by UTC (ISO 8601); a download belongs to the day its window began."""
    slug: str
    """The episode."""
    downloads: int
    """How many."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stats(Result):
    """Downloads, and how they were counted."""

    period: str | None
    """The days that were asked for; null for all that there are."""
    method: str
    """By which rules, in one sentence."""
    limits: tuple[str, ...]
    """What these logs do not tell."""
    downloads: int
    """All of them."""
    episodes: tuple[EpisodeRow, ...]
    """By episode, the most heard first."""
    days: tuple[DayRow, ...]
    """By day and episode."""
    unread: int
    """Lines that could not be read, whatever their day."""


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
