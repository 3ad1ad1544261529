"""The count as one SQL text: the pieces put together."""

from __future__ import annotations

from typing import TYPE_CHECKING

from publisher.stats.counting.requests import ACCEPTED, JUDGING, MEASURED
from publisher.stats.counting.windows import DOWNLOADS, WINDOWS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from publisher.stats.counting.windows import Window


def count_sql(window: Window) -> str:
    """The whole count, from `requests`, `agents`, `recordings`, `networks`, `included`, `places` and `settings` to the columns of `tables.DOWNLOADS`."""
    return with_pieces({**JUDGING, "accepted": ACCEPTED, **WINDOWS[window]}, DOWNLOADS)


def accepted_sql() -> str:
    """Its first half alone: what remains of `requests` when each was judged by itself."""
    return with_pieces(JUDGING, ACCEPTED)


def told_sql(window: Window, accepted: str = "accepted") -> str:
    """Its second half, from the table `accepted` or another one with its columns: a row for each window, with the rule by which it is left
    out.
    """
    *before, last = WINDOWS[window]
    read = {} if accepted == "accepted" else {"accepted": f"SELECT * FROM {accepted}"}
    return with_pieces({**read, "measured": MEASURED, **{name: WINDOWS[window][name] for name in before}}, WINDOWS[window][last])


def with_pieces(pieces: Mapping[str, str], statement: str) -> str:
    """A statement after the pieces that it is made of."""
    named = ",\n".join(f"{name} AS ({body})" for name, body in pieces.items())
    return f"WITH RECURSIVE {named}\n{statement}"
