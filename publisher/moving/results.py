"""What `publish move` found, as `--json` shows it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from publisher.core.json_results import Result


@dataclass(frozen=True, slots=True, kw_only=True)
class Step(Result):
    """One line of the list."""

    step: str
    """Its name: export, old-feed, imported, served, compared, new-feed-url, old-new-feed-url, redirect, pages, spotify, amazon, youtube,
    leans, keep; on the way out compared, unlocked, owner, names-new, new-names-itself, redirect, recordings, pages, safe."""
    done: bool | None
    """Whether it is so, as seen now; null where nobody can look."""
    title: str
    """What has to be so."""
    said: str
    """What was seen."""
    how: tuple[str, ...]
    """What to do, a line each; empty where it is done."""
    source: str
    """The page that says so, and when it was read; empty where it needs none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedRow(Result):
    """An address of what is published here that still names the old host."""

    file: str
    """The file that holds it, by its place below the site."""
    address: str
    """The address."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Move(Result):
    """A show that moves."""

    direction: Literal["here", "away"]
    """Whether it comes from another host, or leaves for one."""
    old_feed: str
    """The address that subscribers have."""
    new_feed: str
    """The address that they are to get."""
    host: str
    """The host that it leaves; empty for one that is not known, and for the way out."""
    steps: tuple[Step, ...]
    """The list, in the order in which one goes about it."""
    episodes: int | None
    """How many episodes the old feed has; null where it could not be compared."""
    twice: int | None
    """How many of them would come twice."""
    lost: int | None
    """How many would be lost."""
    named: tuple[NamedRow, ...]
    """Addresses that still name the old host; none on the way out."""
    config_changed: bool
    """Whether config.toml was written."""
