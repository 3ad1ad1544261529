"""From the folder to the plan, as one value: load, who is due, refusals, render, check, plan."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from feed.findings import Finding, Severity
from publisher.core import layout
from publisher.core.console import count_words
from publisher.core.errors import ContentError
from publisher.load.schedule import Publication, publication
from publisher.recipes.incremental import Build
from publisher.recipes.recipe_names import recipe_name
from publisher.render.composition import compose
from publisher.render_show import Rendering, render
from publisher.state.state import State
from publisher.sync.plan import Plan, make_plan
from publisher.sync.plan_refusals import refuse, tripwires

if TYPE_CHECKING:
    from collections.abc import Iterable

    from publisher.adoption.served_feed import LiveFeed
    from publisher.core.options import Options
    from publisher.load.source import ShowSource
    from publisher.workspace import Workspace


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """Everything that is known before the first byte leaves."""

    source: ShowSource
    state: State
    publication: Publication
    rendering: Rendering
    plan: Plan
    findings: tuple[Finding, ...]


def prepare(workspace: Workspace, state: State, options: Options) -> Prepared:
    """Load, check, render and plan. Raises ContentError for findings that stop a publish, PlanRefused for tripwires."""
    live: LiveFeed | None = None
    if state.first:
        from publisher.adoption import without_state

        live = without_state.live_feed(workspace, options.forces)
        state = (live.state if live is not None else None) or state
    source = workspace.load(state)
    if state.first and state.show_guid != source.guid and "show" in options.forces:
        state = State()  # what another show had is none of ours
    published = publication(source, state, options.now, workspace.measure, workspace.choose, workspace.staged)
    workspace.facts.save()
    tools = workspace.tools
    if live is not None:
        published = without_state.with_served_addresses(published, live)
        tools = replace(tools, make_copy=without_state.kept_copies(workspace, live, options.forces))
    _refuse_early(source, state, published, options, live)
    if live is not None and state.episodes:
        without_state.say_taken_over(workspace, state, live)
    rendering = render(compose(source, state, published, tools, Build(state)), state, published)
    workspace.facts.save()
    from publisher.check.rendered import apply_show_exceptions, check_rendering

    findings = [*source.findings, *published.findings, *rendering.findings, *check_rendering(source, state, rendering, options)]
    if live is not None and state.episodes:
        findings += without_state.changed_recordings(live, rendering, options.forces)
    findings = settle(apply_show_exceptions(findings, workspace.config), state, rendering)
    stop = [item for item in findings if item.severity is Severity.ERROR or (options.strict and item.severity is Severity.WARNING)]
    if stop:
        raise ContentError(f"not published: {count_words(len(stop), 'fault')} to mend first", findings, code="content-invalid")
    plan = make_plan(state, rendering.build.site)
    if state.first:
        uploads = [change.artifact for change in plan.uploads if change.artifact is not None]
        refuse(without_state.overwrite_tripwire(workspace.store, layout.feed(workspace.config.feed.file), uploads), options.forces)
    return Prepared(source=source, state=state, publication=published, rendering=rendering, plan=plan, findings=tuple(findings))


def _refuse_early(source: ShowSource, state: State, published: Publication, options: Options, live: LiveFeed | None) -> None:
    """Tripwires, before anything is rendered; faults of the content come first, since they explain most of them."""
    faults = [item for item in (*source.findings, *published.findings) if item.severity is Severity.ERROR]
    if faults:
        raise ContentError(
            f"not published: {count_words(len(faults), 'fault')} to mend first",
            (*source.findings, *published.findings),
            code="content-invalid",
        )
    tripped = tripwires(source, state, published)
    if live is not None:
        from publisher.adoption.without_state import adopt_tripwire

        tripped += adopt_tripwire(live, published)
    refuse(tripped, options.forces)


def settle(findings: Iterable[Finding], state: State, rendering: Rendering) -> list[Finding]:
    """Findings as they count for a publish: errors on published episodes that this publish does not change are warnings."""
    untouched = {
        slug
        for slug in rendering.episodes
        if slug in state.episodes
        and not any(rendering.build.changed(recipe_name(kind, slug)) for kind in ("transcript", "chapters", "page", "art"))
    }
    settled = []
    for finding in dict.fromkeys(findings):
        if finding.episode in untouched and finding.severity is Severity.ERROR:
            finding = replace(finding, severity=Severity.WARNING)  # noqa: PLW2901
        settled.append(finding)
    return settled
