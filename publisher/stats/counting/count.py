"""The count as one SQL text: the pieces put together."""

from __future__ import annotations

from typing import TYPE_CHECKING

from publisher.stats.counting.requests import MEASURED
from publisher.stats.counting.windows import WINDOWS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from publisher.stats.counting.windows import Window


def told_sql(window: Window, accepted: str) -> str:
    """The second half, from a table with the columns of `accepted`: a row for each window, with the rule by which it is left out."""
    *before, last = WINDOWS[window]
    read = {"accepted": f"SELECT * FROM {accepted}", "measured": MEASURED}
    return with_pieces({**read, **{name: WINDOWS[window][name] for name in before}}, WINDOWS[window][last])


def with_pieces(pieces: Mapping[str, str], statement: str) -> str:
    """A statement after the pieces that it is made of."""
    named = ",\n".join(f"{name} AS ({body})" for name, body in pieces.items())
    return f"WITH RECURSIVE {named}\n{statement}"
