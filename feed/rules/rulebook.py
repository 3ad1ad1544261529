"""A rule, the list that rules are entered in, and what a broken one gives."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass, field, replace
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from feed.findings import Severity

Subject = TypeVar("Subject")


@dataclass(frozen=True, slots=True)
class Violation:
    """One breach of a rule. `field` is the key a person edits (`show.title`, `episode.date`, `audio`, `notes` …).

    `item` is the guid of the episode (None: the show), `line` the line in the feed's XML (0: not known). A rule sets
    `severity` only where it has two; `code` is the rule's, and both are complete once a Rulebook has checked.
    """

    field: str
    message: str
    hint: str = ""
    _: KW_ONLY
    item: str | None = None
    line: int = 0
    severity: Severity | None = None
    code: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule(Generic[Subject]):
    """One rule: `title` says what holds when all is well, `source` who asks for it, `explanation` why and what to do."""

    code: str
    severity: Severity
    title: str
    source: str
    explanation: str
    check: Callable[[Subject], Iterable[Violation]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rulebook(Generic[Subject]):
    """All rules about one kind of subject, in the order they were written down. `heading` names it in the manual."""

    heading: str
    rules: list[Rule[Subject]] = field(default_factory=list)

    def rule(
        self, code: str, severity: Severity, title: str, *, source: str
    ) -> Callable[[Callable[[Subject], Iterable[Violation]]], Callable[[Subject], Iterable[Violation]]]:
        """Enter the decorated function; its docstring is the rule's entry in the manual."""

        def enter(check: Callable[[Subject], Iterable[Violation]]) -> Callable[[Subject], Iterable[Violation]]:
            explanation = " ".join((check.__doc__ or "").split())
            self.rules.append(Rule(code=code, severity=severity, title=title, source=source, explanation=explanation, check=check))
            return check

        return enter

    def check(self, subject: Subject) -> list[Violation]:
        """Everything that is wrong with `subject`, rule by rule."""
        return [
            replace(broken, code=rule.code, severity=broken.severity or rule.severity)
            for rule in self.rules
            for broken in rule.check(subject)
        ]
