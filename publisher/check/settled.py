"""What findings count for in a publish: what it leaves as it is stops nothing."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from feed.findings import Finding, Severity
from publisher.incremental_build.recipe_names import recipe_name
from publisher.sync.plan_refusals import first_step, tripwires

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable

    from publisher.load.schedule import Publication
    from publisher.load.show_source import ShowSource
    from publisher.render_show import Rendering
    from publisher.state.state import State


def perhaps_published(finding: Finding) -> Finding:
    """A recording that is missing here is no fault where nobody could say whether it is published or staged."""
    if finding.code != "audio-missing":
        return finding
    message = f"{finding.message}; whether it is published or staged could not be asked"
    return replace(finding, severity=Severity.WARNING, message=message)


def nothing_published(file: str, published: Publication, state: State, *, unknown: bool) -> list[Finding]:
    """What to say of a show without an episode to judge: a new one is only not finished. Nothing where those whose recordings are
    missing may all be published.
    """
    if unknown and any(item.code == "audio-missing" for item in published.findings):
        return []
    if state.first:
        message, severity = "no episode is published yet", Severity.WARNING
    else:
        message, severity = "no episode is published any more", Severity.ERROR
    first = next((item.source.file for item in published.waiting if item.why == "draft"), file)
    hint = "" if any(not item.removed for item in published.removed) else first_step(published)
    return [Finding(code="F026", severity=severity, message=message, file=first, hint=hint)]


def would_be_refused(source: ShowSource, published: Publication, state: State, now: dt.datetime) -> list[Finding]:
    """What a publish would refuse unless it is forced, as warnings; nothing where faults stop it before."""
    if any(item.severity is Severity.ERROR for item in (*source.findings, *published.findings)):
        return []
    files = {item.slug: item.file for item in source.episodes}
    return [
        Finding(
            code=f"refused-{item.name}",
            severity=Severity.WARNING,
            message=f"{item.message}: a publish is refused",
            file=files.get(item.scope, source.file.path.name),
            hint=item.hint,
            episode=item.scope,
        )
        for item in tripwires(source, state, published, now)
        if item.name in _REFUSED
    ]


_REFUSED = frozenset({"remove", "older", "links", "feed-address"})
"""Refusals for what the folder says; of other guids and of an empty feed there are rules."""


def as_it_counts(finding: Finding, published: Publication) -> Finding:
    """What is wrong with an episode that a preview shows before its time is a warning at most."""
    early = finding.severity is Severity.ERROR and finding.episode in published.marked
    return replace(finding, severity=Severity.WARNING) if early else finding


def settle(findings: Iterable[Finding], state: State, rendering: Rendering) -> list[Finding]:
    """Findings as they count for a publish: errors on published episodes that this publish does not change are warnings."""
    same = untouched(state, rendering)
    return [
        replace(item, severity=Severity.WARNING) if item.episode in same and item.severity is Severity.ERROR else item
        for item in dict.fromkeys(findings)
    ]


def untouched(state: State, rendering: Rendering) -> set[str]:
    """The published episodes that this publish does not change, by slug."""
    return {
        slug
        for slug in rendering.episodes
        if slug in state.episodes
        and not any(_differs(recipe_name(kind, slug), state, rendering) for kind in ("transcript", "chapters", "page", "art"))
    }


def _differs(recipe: str, state: State, rendering: Rendering) -> bool:
    """Whether a recipe was made of other things than what is published; what is only put back was not."""
    known = state.recipes.get(recipe)
    return rendering.build.changed(recipe) and (known is None or known.fingerprint != rendering.build.site[recipe].fingerprint)
