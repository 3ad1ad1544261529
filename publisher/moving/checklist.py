"""The list in words: one to tick off, which may be pasted into a ticket."""

from __future__ import annotations

from typing import TYPE_CHECKING

from publisher.core.console import count_words

if TYPE_CHECKING:
    from collections.abc import Iterator

    from publisher.moving.results import Move


def as_text(move: Move) -> Iterator[str]:
    """Lines; the last says how far it is."""
    if move.direction == "here":
        yield f"Moving here{f' from {move.host}' if move.host else ''}"
    else:
        yield "Moving away"
    yield f"  from {move.old_feed}"
    yield f"  to   {move.new_feed}"
    yield ""
    for step in move.steps:
        asked = "" if step.done is not None else " (nobody can look: tick it off yourself)" if not step.said else ""
        yield f"- [{'x' if step.done else ' '}] {step.title}{f': {step.said}' if step.said else ''}{asked}"
        for line in step.how:
            yield f"      {line}"
        if step.source and not step.done:
            yield f"      source: {step.source}"
    seen = [step for step in move.steps if step.done is not None]
    done = sum(bool(step.done) for step in seen)
    yield ""
    yield f"{done} of {count_words(len(seen), 'thing')} that can be looked at are so."
