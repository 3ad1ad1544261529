"""What a user agent is: bot, app, library or browser, and on which kind of device, by the list `user-agents-v2` (MIT)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from feed.text_cleaning import read_json
from publisher.stats.agents.agent import Agent
from publisher.stats.agents.agent_rules import calls_itself_a_bot, mended, rule_against

if TYPE_CHECKING:
    from publisher.stats.agents.agent import Kind

LIST = Path(__file__).with_name("user-agents-v2.json")
"""Made by tools/make_agents.py; its licence lies beside it."""
KINDS: Final[dict[str, Kind]] = {"bots": "bot", "apps": "app", "libraries": "library", "browsers": "browser"}
"""The lists in the order in which an agent is looked for in them: the first pattern that matches is what it is (README of the list)."""
PIECE = 3
"""Letters of a piece, one of which stands in everything that an entry's pattern matches."""
MOST = 50
"""Patterns that come into question for an agent. For the list's own examples they are 13 at most; for more than this it is put together."""


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry of the list. A library that the list files under "bot" is one: what asks by it is a program, not a player."""

    kind: Kind
    name: str
    pattern: str


def classify(agent: str) -> Agent:
    """What a user agent is. Distinct agents are few beside requests: ask once for each."""
    text = mended(agent)
    rule = rule_against(text)
    if rule:
        return Agent(kind=rule)
    entry = found(text)
    if (entry is None or entry.kind in ("browser", "library")) and calls_itself_a_bot(text):
        return Agent(kind="bot")
    if entry is None:
        return Agent(kind="unknown", device=_device(text))
    return Agent(kind=entry.kind, app=entry.name, device="" if entry.kind == "bot" else _device(text))


def found(agent: str) -> Entry | None:
    """The first entry whose pattern matches, None where the list does not know the agent.

    Only patterns are tried of which a piece stands in the agent: a dozen instead of a thousand.
    """
    entries, by_piece = _entries()
    pieces = {agent[start : start + PIECE] for start in range(len(agent) - PIECE + 1)}
    numbers = sorted(set(chain.from_iterable(by_piece[piece] for piece in pieces & by_piece.keys())))
    for number in numbers[:MOST]:
        if _compiled(entries[number].pattern).search(agent):
            return entries[number]
    return None


def _device(agent: str) -> str:
    return next((name for pattern, name in _devices() if pattern.search(agent)), "")


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    """A pattern, compiled when an agent first asks for it. What it may begin with anyhow is taken off: `.*bot` finds what `bot` finds, and
    looks through an agent once instead of from each of its letters on.
    """
    return re.compile(re.sub(r"^\.(?:\*|\+(?=.))", lambda found: "" if found[0] == ".*" else ".", pattern))


@cache
def _list() -> dict[str, Any]:
    lists: dict[str, Any] = read_json(LIST.read_bytes())
    return lists


@cache
def _devices() -> list[tuple[re.Pattern[str], str]]:
    return [(re.compile(device["pattern"]), device["category"].replace("_", " ")) for device in _list()["devices"]]


@cache
def _entries() -> tuple[list[Entry], dict[str, list[int]]]:
    """The entries in order, and the places of those that each piece leads to."""
    entries: list[Entry] = []
    by_piece: dict[str, list[int]] = {}
    for name, kind in KINDS.items():
        for entry in _list()[name]:
            for piece in entry["pieces"]:
                by_piece.setdefault(piece, []).append(len(entries))
            entries.append(Entry("bot" if entry.get("category") == "bot" else kind, entry["name"], entry["pattern"]))
    return entries, by_piece
