"""`publish explain`: an error or a rule in full, without a network or a browser."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

import click

from publisher.core.command_call import Call, common
from publisher.core.errors import UsageError
from publisher.core.json_results import Result
from publisher.core.slugs import meant_instead

if TYPE_CHECKING:
    from publisher.core.console import Console

_SECTION = re.compile(r"^### (\S+)\n+(.*?)(?=\n##|\Z)", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation(Result):
    """What stands behind a code."""

    code: str
    """As messages and findings carry it."""
    title: str
    """What holds when all is well (a rule), or what is wrong (an error)."""
    text: str
    """Why, and what to do."""
    severity: str | None = None
    """error, warning or hint, of a rule."""
    source: str | None = None
    """Who asks for it, of a rule."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Explained(Result):
    """What one code means, or all of them."""

    codes: tuple[Explanation, ...]
    """Errors first, in the order of their page, then rules in the order of their books."""


@cache
def explanations() -> dict[str, Explanation]:
    """Every code there is: errors in the order of their page, then rules in the order of their books."""
    from feed.rules import BOOKS
    from publisher.verify.hosting_rules import HOSTING

    page = files("publisher.core").joinpath("errors.md").read_text("utf-8")
    errors = [
        Explanation(code=code, title=_one_line(title), text=text.strip())
        for code, body in _SECTION.findall(page)
        for title, _, text in [body.partition("\n\n")]
    ]
    rules = [
        Explanation(code=rule.code, title=rule.title, text=rule.explanation, severity=rule.severity.value, source=rule.source)
        for book in (*BOOKS, HOSTING)
        for rule in book.rules
    ]
    return {entry.code: entry for entry in (*errors, *rules)}


def explain(console: Console, code: str) -> Explained:
    """Print what stands behind `code`, in capitals or not. Raises UsageError where there is no such code."""
    known = explanations()
    entry = known.get(code.lower()) or known.get(code.upper())
    if entry is None:
        hint = meant_instead(code, known, "`publish explain` lists all of them")
        raise UsageError(f"there is no error and no rule `{code}`", hint=hint, code="explain-unknown")
    kind = f"  {entry.severity}, asked for by {entry.source}" if entry.severity else ""
    console.show(f"{console.paint(entry.code, '1')}{kind}\n\n{entry.title}\n\n{entry.text}")
    return Explained(codes=(entry,))


def list_codes(console: Console) -> Explained:
    """Print every code with its first line."""
    for entry in explanations().values():
        console.show(f"{entry.code:<22} {entry.title}")
    return Explained(codes=tuple(explanations().values()))


def _one_line(text: str) -> str:
    return " ".join(text.split())


@click.command("explain")
@common
@click.argument("code", required=False)
def command(call: Call, /, code: str | None) -> None:
    """Say in full what the error or the rule CODE means and what to do; without CODE, list them all."""
    call.result(explain(call.console, code) if code else list_codes(call.console))
