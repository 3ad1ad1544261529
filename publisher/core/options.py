"""What the command line asks of a publish, as one value."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import datetime as dt


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What the command line says. `now` is read once there."""

    now: dt.datetime
    yes: bool = False
    strict: bool = False
    verify: bool = True
    dry_run: bool = False
    forces: frozenset[str] = frozenset()
    wait: float = 0.0
    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
