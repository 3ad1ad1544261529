"""A look in steps: the first asks, those after it wait for the answers. One that is closed before its end gives up, and finds nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Generator

Found = TypeVar("Found")


def to_the_end(steps: Generator[None, None, Found]) -> Found:
    """What a look finds, begun or not."""
    while True:
        try:
            next(steps)
        except StopIteration as end:
            found: Found = end.value
            return found
