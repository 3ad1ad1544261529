"""What `publish stats check` gives with `--json`."""

from __future__ import annotations

from dataclasses import dataclass

from publisher.core.json_results import Result


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
