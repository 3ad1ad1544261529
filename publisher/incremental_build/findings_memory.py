"""What was wrong with recipes when they were made: in full on the machine that made them, by rule alone everywhere else."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from feed.findings import Finding, Severity
from publisher.core.json_results import FindingRow, Json, document_of
from publisher.core.local_cache import CacheFile
from publisher.incremental_build.recipe_names import episode_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from publisher.incremental_build.artifacts import Recipe, RecipeRecord

MORE = "`publish check` says more"


class FindingsMemory:
    """One file of the cache: findings by the fingerprint of their recipe. What is not in it is told by the rules that State keeps."""

    def __init__(self, path: Path) -> None:
        self._file = CacheFile(path, "1")
        self._known = self._file.read()
        self._recalled: dict[str, tuple[Finding, ...]] = {}

    def recall(self, name: str, record: RecipeRecord) -> tuple[Finding, ...]:
        """The findings of recipe `name` as `record` has it."""
        rows = self._known.get(record.fingerprint)
        if isinstance(rows, list):
            found = self._recalled[record.fingerprint] = read_rows(rows)
            return found
        return tuple(by_rule(rule, name) for rule in record.rules)

    def keep(self, site: Mapping[str, Recipe]) -> None:
        """Remember what is wrong with these recipes, and nothing else: last of all, for what was read is let go."""
        found = {recipe.fingerprint: rows for recipe in site.values() if (rows := self._rows(recipe))}
        if found != self._known:
            self._file.write(found)
        self._known, self._recalled = {}, {}

    def _rows(self, recipe: Recipe) -> list[Any]:
        """The rows of a recipe's findings: those that were read, where nothing came to them."""
        known = self._recalled.get(recipe.fingerprint)
        return self._known[recipe.fingerprint] if known and recipe.findings is known else as_rows(recipe.findings)


def as_rows(findings: Iterable[Finding]) -> list[Json]:
    """Findings as JSON values. One that is known by its rule alone is left out."""
    return [document_of(FindingRow.of(item)) for item in findings if item.hint != MORE]


def read_rows(rows: Iterable[Mapping[str, Any]]) -> tuple[Finding, ...]:
    """Findings from their rows."""
    return tuple(FindingRow.read(row).finding() for row in rows)


def rules_of(findings: Iterable[Finding]) -> tuple[str, ...]:
    """The rules that State keeps: others may read it, so never a message, a file or a word of a text."""
    return tuple(sorted({item.code for item in findings if item.severity is not Severity.HINT}))


def by_rule(rule: str, recipe: str) -> Finding:
    """A finding of which only the rule is known."""
    from feed.rules import BOOKS

    titles = {item.code: item.title for book in BOOKS for item in book.rules}
    message = f"this does not hold: {titles[rule]}" if rule in titles else "this was found when it was made, on another machine"
    return Finding(code=rule, severity=Severity.WARNING, message=message, hint=MORE, episode=episode_of(recipe))
