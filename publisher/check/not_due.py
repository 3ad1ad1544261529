"""`publish check` on what nobody hears yet, drafts and episodes that are not due: the same rules, and nothing worse than a warning."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from feed.findings import Finding, Severity
from publisher.check.rendered import FEED, Judgement
from publisher.incremental_build.recipe_names import episode_of, kind_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from publisher.incremental_build.build import Build, Known

MEANT = frozenset(("I012", "I021", "I028", "T012"))
"""Rules about dates and company: a feed of drafts breaks them without a fault of its items."""


def pictures_of(build: Build) -> Known:
    """The show's own pictures as they are in the feed: they are needed once more, and the same."""
    return build.known(name for name in build.site if kind_of(name) in ("artwork", "art") and not episode_of(name))


def waiting_findings(judgement: Judgement) -> list[Finding]:
    """The faults of episodes that listeners cannot hear yet."""
    judgement.judge()
    return list(softened(_of_episodes(judgement)))


def _of_episodes(judgement: Judgement) -> Iterator[Finding]:
    rendering = judgement.rendering
    for name, recipe in rendering.build.site.items():
        yield from (item for item in recipe.findings if item.episode and not (name == FEED and item.code in MEANT))
    yield from (item for item in rendering.beyond if item.episode)


def softened(findings: Iterable[Finding]) -> Iterator[Finding]:
    """Findings of which none is worse than a warning."""
    for item in findings:
        yield dataclasses.replace(item, severity=Severity.WARNING) if item.severity is Severity.ERROR else item
