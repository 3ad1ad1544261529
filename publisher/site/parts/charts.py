"""Pictures of numbers, drawn when a page is made: places in an SVG, so that a page needs no script.

Across, places are percentages of the picture's width, and so letters keep their size on a phone; down, they are pixels. Where a language is
written from right to left (`mirrored`), so is the picture.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

HEIGHT = 180
"""Pixels of the ground on which bars and lines stand."""
TOP = 12
"""Pixels above it, for the letters of the highest line of the grid."""
FOOT = 26
"""Pixels below it, for what stands under a bar."""
ROW = 42
"""Pixels of a row of `Parts`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """A bar: `x` and `width` in per cent, `y` and `height` in pixels; `said` is what a pointer is told."""

    x: str
    width: str
    y: str
    height: str
    said: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """Letters beside the picture: a line of the grid with its number (`y`), or what stands under a place (`x`), by which of its ends."""

    said: str
    x: str = "0"
    y: str = "0"
    anchor: str = "middle"


@dataclass(frozen=True, slots=True, kw_only=True)
class Bars:
    """A bar for each of several numbers."""

    bars: tuple[Box, ...]
    grid: tuple[Mark, ...]
    marks: tuple[Mark, ...]
    height: int = TOP + HEIGHT + FOOT
    ground: int = TOP + HEIGHT


@dataclass(frozen=True, slots=True, kw_only=True)
class ChartLine:
    """A line: `points` in a field of 100 by 100, and the kind that its looks come from: this, usual or other."""

    points: str
    kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Lines:
    """Numbers that grow from day to day, a line for each episode."""

    lines: tuple[ChartLine, ...]
    grid: tuple[Mark, ...]
    marks: tuple[Mark, ...]
    top: int = TOP
    ground: int = TOP + HEIGHT
    field: int = HEIGHT
    height: int = TOP + HEIGHT + FOOT


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A row: its name, its number in words, and a bar."""

    name: Mark
    number: Mark
    bar: Box


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """Parts of a whole, one below the other."""

    rows: tuple[Part, ...]
    height: int


def bars(values: Sequence[int], said: Sequence[str], marked: Mapping[int, str], number: Callable[[int], str], *, mirrored: bool) -> Bars:
    """A bar for each of the values, from the first; `said` tells of each, `marked` what stands under some of them, by their place."""
    top = ceiling(max(values, default=0))
    each = 100 / max(len(values), 1)
    drawn = [
        Box(
            x=_percent(_turned((place + 0.1) * each, mirrored, each * 0.8)),
            width=_percent(each * 0.8),
            y=_pixels(TOP + HEIGHT * (1 - value / top)),
            height=_pixels(HEIGHT * value / top),
            said=told,
        )
        for place, (value, told) in enumerate(zip(values, said, strict=True))
    ]
    marks = [_mark(text, (place + 0.5) * each, mirrored) for place, text in marked.items()]
    return Bars(bars=tuple(drawn), grid=_grid(top, number, mirrored), marks=tuple(marks))


def lines(
    curves: Sequence[tuple[str, Sequence[int]]], days: int, marked: Mapping[int, str], number: Callable[[int], str], *, mirrored: bool
) -> Lines:
    """A line for each of the curves (its kind, its value on each day), the first below the others; `marked` by day, from 1."""
    top = ceiling(max((max(curve, default=0) for _, curve in curves), default=0))
    step = 100 / max(days - 1, 1)
    drawn = []
    for kind, curve in curves:
        points = [f"{_turned(day * step, mirrored):.2f},{100 * (1 - value / top):.2f}" for day, value in enumerate(curve)]
        if len(points) == 1:  # a day old: a short stroke
            points.append(f"{_turned(step / 2, mirrored):.2f},{points[0].partition(',')[2]}")
        if points:
            drawn.append(ChartLine(points=" ".join(points), kind=kind))
    marks = [_mark(text, (day - 1) * step, mirrored) for day, text in marked.items()]
    return Lines(lines=tuple(drawn), grid=_grid(top, number, mirrored), marks=tuple(marks))


def parts(rows: Sequence[tuple[str, str, float]], *, mirrored: bool) -> Parts:
    """A row for each (name, number in words, part of the whole from 0 to 1); the longest bar goes from side to side."""
    longest = max((part for _, _, part in rows), default=0) or 1
    first, last = ("end", "start") if mirrored else ("start", "end")
    drawn = []
    for place, (name, number, part) in enumerate(rows):
        width = 100 * part / longest
        y = _pixels(place * ROW + 15)
        drawn.append(
            Part(
                name=Mark(said=name, x=_percent(_turned(0, mirrored)), y=y, anchor=first),
                number=Mark(said=number, x=_percent(_turned(100, mirrored)), y=y, anchor=last),
                bar=Box(x=_percent(_turned(0, mirrored, width)), width=_percent(width), y=_pixels(place * ROW + 23), height="8"),
            )
        )
    return Parts(rows=tuple(drawn), height=len(rows) * ROW)


def ceiling(value: float) -> int:
    """The next round number that is not below: 1, 2, 4, 6, 8 or 10 of its power of ten, and at least 2, so that half of it is a number, too."""
    power = 10 ** max(math.floor(math.log10(value)), 0) if value >= 1 else 1
    return max(2, next(step * power for step in (1, 2, 4, 6, 8, 10) if step * power >= value))


def _grid(top: int, number: Callable[[int], str], mirrored: bool) -> tuple[Mark, ...]:
    side, anchor = ("100%", "start") if mirrored else ("0", "end")
    return tuple(
        Mark(said=number(value), x=side, y=_pixels(TOP + HEIGHT * (1 - value / top)), anchor=anchor) for value in (0, top // 2, top)
    )


def _mark(text: str, place: float, mirrored: bool) -> Mark:
    """Letters under a place, which stay within the picture at both of its ends."""
    x = _turned(place, mirrored)
    return Mark(said=text, x=_percent(x), anchor="start" if x < 6 else "end" if x > 94 else "middle")


def _turned(x: float, mirrored: bool, width: float = 0) -> float:
    return 100 - x - width if mirrored else x


def _percent(value: float) -> str:
    return f"{value:.2f}%"


def _pixels(value: float) -> str:
    return f"{value:.1f}"
