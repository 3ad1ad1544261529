"""Values of a parsed JSON document, each as what it should be: rows, texts, speakers, seconds; nothing raises."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from feed.transcript.raw_cues import parse_clock, valid_seconds

if TYPE_CHECKING:
    from collections.abc import Iterable


def dictionary(value: object) -> dict[str, Any]:
    """The value where it is an object, else an empty one."""
    return value if isinstance(value, dict) else {}


def rows_of(value: object) -> list[dict[str, Any]]:
    """The objects in a list; none where it is no list."""
    return [row for row in value if isinstance(row, dict)] if isinstance(value, list) else []


def first_of(row: dict[str, Any], names: Iterable[str]) -> object:
    """The value of the first of `names` that has one."""
    return next((row[name] for name in names if row.get(name) is not None), None)


def text_of(value: object) -> str:
    """The value where it is a text, else none."""
    return value if isinstance(value, str) else ""


def name_of(value: object) -> str:
    """A speaker as text: a string, a number, or an object with a name."""
    if isinstance(value, dict):
        value = value.get("name") or value.get("label")
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 10_000:
        return f"Speaker {value}"
    return value if isinstance(value, str) else ""


def seconds(value: object) -> float | None:
    """Seconds from a number, or from a string that holds one (`1.4`, `1,4`, `1.4s`) or a clock time."""
    if isinstance(value, str):
        value = value.strip()
        if ":" in value:
            return parse_clock(value)
        try:
            value = float(value.removesuffix("s").replace(",", "."))
        except ValueError:
            return None
    return valid_seconds(value)


def millis(value: object) -> float | None:
    """Seconds from milliseconds, a number or a string that holds one."""
    return parts_of_second(value, 1000)


def parts_of_second(value: object, parts: int) -> float | None:
    """Seconds from a count of which `parts` make one."""
    if isinstance(value, str):
        try:
            value = float(value.strip().replace(",", "."))
        except ValueError:
            return None
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not -1e15 < value < 1e15:
        return None
    return valid_seconds(value / parts)
