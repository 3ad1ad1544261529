"""From the folder to the plan, as one value: load, who is due, refusals, render, check, plan."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import Enum, auto
from typing import TYPE_CHECKING

from feed.findings import Finding, Severity
from publisher.core import layout
from publisher.core.console import count_words
from publisher.core.errors import ContentError, StorageError
from publisher.held_back import faulty_episodes
from publisher.held_back.as_served import moves
from publisher.held_back.faulty_episodes import Held, WithoutFaulty
from publisher.incremental_build.build import Build, Known
from publisher.incremental_build.findings_memory import FindingsMemory
from publisher.incremental_build.spool import Spool
from publisher.load.schedule import Publication, publication
from publisher.render.media_and_documents import Tools, compose
from publisher.render.recordings_again import recordings_again, without_lost_ones
from publisher.render_show import Rendering, render
from publisher.state.state import State
from publisher.sync.missing_objects import LostObjects
from publisher.sync.other_checkouts import replaced_unseen
from publisher.sync.plan import Plan, make_plan
from publisher.sync.plan_refusals import clock_remark, refuse, tripwires

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path

    from feed.model import AudioFacts
    from feed.reader import FeedDocument
    from publisher.adoption.served_feed import LiveFeed
    from publisher.core.command_call import Options
    from publisher.core.layout import Key
    from publisher.incremental_build.artifacts import Recipe
    from publisher.load.show_source import ShowSource
    from publisher.media.loudness import LoudnessCache
    from publisher.render.episode_sources import EpisodeSources
    from publisher.workspace import Workspace


class Purpose(Enum):
    """What a show is prepared for."""

    PUBLISH = auto()
    """Made is what the storage does not have; what must not be published is refused."""
    CHECK = auto()
    """Made is what the last check did not see; what waits is looked at, too, and nothing is refused."""
    BUILD = auto()
    """Everything is made, whatever the storage has."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """What is prepared: with `drafts` all of the folder; `offline` without asking the storage for what is staged, `unknown` where it
    did not say what is published either; but for what `earlier` (recipes of a rendering before) holds; what is `lost` on the storage
    is made again; with `skip_faulty`, episodes at fault are held back.
    """

    drafts: bool = False
    offline: bool = False
    unknown: bool = False
    earlier: Mapping[str, Recipe] = field(default_factory=dict)
    lost: LostObjects = field(default_factory=LostObjects)
    skip_faulty: bool = False
    faults: tuple[Finding, ...] = ()  # errors whose episodes are held back
    edit: Callable[[State], State] = lambda state: state  # of what is remembered, or was taken over: a withdrawal


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """The folder, read, and who is due; `live` is what listeners have where nothing is remembered."""

    source: ShowSource
    state: State
    publication: Publication
    tools: Tools
    live: LiveFeed | None = None
    held: tuple[Held, ...] = ()
    """Faulty episodes that do not keep the others off the air."""
    stuck: tuple[str, ...] = ()
    """Faulty published ones that cannot be left as they were published."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """Everything that is known before the first byte leaves."""

    source: ShowSource
    state: State
    publication: Publication
    rendering: Rendering
    plan: Plan
    findings: tuple[Finding, ...]
    damaged: Mapping[Key, str] = field(default_factory=dict)
    """Objects that hold other bytes on the storage than were put, each with its ETag there."""
    reasons: Mapping[Key, str] = field(default_factory=dict)
    """Why what is lost cannot be made again."""
    document: FeedDocument | None = None
    """The feed as it was judged; None where it did not change, or is not looked at from outside."""
    held: tuple[Held, ...] = ()
    """Faulty episodes that are left out, or stay as they were published."""

    @property
    def faults(self) -> tuple[Finding, ...]:
        """What is wrong with those that are held back."""
        return tuple(fault for item in self.held for fault in item.faults)


def select(workspace: Workspace, state: State, options: Options, *, live: LiveFeed | None = None, scope: Scope | None = None) -> Selection:
    """Load the folder, and find who is due and with which recording."""
    scope = scope or Scope()
    source = workspace.load(state)
    if state.first and state.show_guid != source.guid and "show" in options.forces:
        state = State()  # what another show had is none of ours
    recordings = workspace.recordings_here if scope.offline or scope.unknown else workspace.recordings
    source = faulty_episodes.with_published_faults(source, state, workspace.published_copies) if scope.skip_faulty else source
    kept = WithoutFaulty(source=source)
    if scope.faults:
        served = workspace.served_episodes(state, scope.lost.keys)
        kept = faulty_episodes.without_faulty(source, state, scope.faults, workspace.published_copies, served)
    source = kept.source
    if kept.frozen:
        recordings = replace(recordings, choose=lambda episode: None if episode.guid in kept.frozen else workspace.choose(episode))
    published = publication(source, state, options.now, recordings, with_drafts=scope.drafts, as_served=scope.unknown)
    published = without_lost_ones(published, scope.lost.keys) if scope.lost.keys else published
    workspace.facts.save()
    tools = workspace.tools_here if scope.offline or scope.unknown else workspace.tools
    if live is not None:
        from publisher.adoption import without_state

        published = without_state.with_served_addresses(source, published, live)
        tools = replace(tools, make_copy=without_state.kept_copies(workspace, live, options.forces))
    return Selection(source=source, state=state, publication=published, tools=tools, live=live, held=kept.held, stuck=kept.stuck)


def prepare(
    workspace: Workspace, state: State, options: Options, purpose: Purpose = Purpose.PUBLISH, scope: Scope | None = None
) -> Prepared:
    """Load, check, render and plan. Raises ContentError for findings that stop a publish or a build, PlanRefused for tripwires.

    Where faulty episodes are to be skipped, it is done again without those, until what is left is sound.
    """
    scope = scope or Scope()
    skip = purpose is not Purpose.BUILD and (options.skip_faulty or workspace.config.publish.skip_faulty)
    scope = replace(scope, skip_faulty=skip)
    while True:
        try:
            prepared = _prepared(workspace, state, options, purpose, scope)
            faults = faulty_episodes.of_episodes(prepared.findings)
            if purpose is Purpose.PUBLISH or not skip or set(faults) <= set(scope.faults):
                return prepared
        except ContentError as error:
            faults = faulty_episodes.of_episodes(error.findings)
            if not skip or set(faults) <= set(scope.faults):
                raise
        scope = replace(scope, faults=tuple(dict.fromkeys((*scope.faults, *faults))))


def _prepared(workspace: Workspace, state: State, options: Options, purpose: Purpose, scope: Scope) -> Prepared:
    live = _live_feed(workspace, options, purpose) if state.first and purpose is not Purpose.BUILD else None
    state = scope.edit((live.state if live is not None else None) or state)
    if scope.unknown:
        workspace.console.warn(f"compared with what {live.address} serves" if live else "nothing was compared with what is published")
    selection = select(workspace, state, options, live=live, scope=scope)
    source, published, state = selection.source, selection.publication, selection.state
    if purpose is not Purpose.BUILD:
        workspace.last_publish.had(source.episodes)
    if selection.stuck and purpose is Purpose.PUBLISH:
        raise faulty_episodes.not_here_as_published(selection.stuck, scope.faults, moves=moves(state, workspace.config))
    _refuse_early(workspace, selection, options, purpose)
    if purpose is Purpose.CHECK:
        rendering, findings = _checked(workspace, selection, options, scope)
        document = None
    else:
        rendering, findings, document = _rendered(workspace, selection, options, purpose, scope)
    reasons = recordings_again(rendering.composition, scope.lost.keys)
    from publisher.check.rendered import apply_show_exceptions, settings_findings
    from publisher.check.settled import as_it_counts, perhaps_published, settle

    findings = [*source.findings, *published.findings, *rendering.findings, *findings, *settings_findings(source, state, rendering)]
    if live is not None:
        from publisher.adoption import without_state

        findings += without_state.moved_back(live, rendering)
        findings += without_state.changed_recordings(live, rendering, options.forces) if state.episodes else []
    left = {item.published.slug for item in selection.held if item.published is not None}
    findings = [item for item in findings if item.episode not in left]  # they stay as they were published, whatever is wrong with them
    findings = [perhaps_published(item) for item in findings] if scope.unknown else findings
    findings = [as_it_counts(item, published) for item in apply_show_exceptions(findings, workspace.config)]
    plan = make_plan(state, rendering.build.site, scope.lost.keys)
    if purpose is Purpose.PUBLISH:
        findings = settle(findings, state, rendering)
        _refuse_faults(findings, options)
        _refuse_overwriting(workspace, state, plan, options)
    return Prepared(
        source=source,
        state=state,
        publication=published,
        rendering=rendering,
        plan=plan,
        findings=tuple(dict.fromkeys(findings)),
        damaged=scope.lost.changed,
        reasons=reasons,
        document=document,
        held=selection.held,
    )


def _live_feed(workspace: Workspace, options: Options, purpose: Purpose) -> LiveFeed | None:
    """What listeners have already, where nothing is remembered; a check goes on without."""
    from publisher.adoption.without_state import live_feed, served_or_last_seen

    if purpose is Purpose.PUBLISH:
        return live_feed(workspace, options.forces)
    try:
        return served_or_last_seen(workspace)
    except StorageError as error:
        workspace.console.warn(f"{error.message} ({error.cause}); nothing was compared with it")
        return None


def _rendered(
    workspace: Workspace, selection: Selection, options: Options, purpose: Purpose, scope: Scope
) -> tuple[Rendering, list[Finding], FeedDocument | None]:
    """What is published or built, judged; what is wrong with the feed beside what is published; and the feed, where it changed and goes to a bucket."""
    from publisher.check.rendered import TRIPWIRED, Judgement

    state, published = selection.state, selection.publication
    memory = FindingsMemory(workspace.cache / "published-findings.json")
    known = Known(recipes=scope.lost.unharmed(state.recipes), objects=state.objects)
    build = Build(known, everything=purpose is Purpose.BUILD, earlier=scope.earlier, memory=memory, spool=Spool(workspace.cache))
    rendering = render(compose(selection.source, state, published, selection.tools, build), state, published)
    workspace.facts.save()
    if purpose is Purpose.BUILD:
        _refuse_broken(selection, rendering)
    judgement = Judgement(rendering=rendering, now=options.now)
    judgement.judge()
    if purpose is Purpose.PUBLISH:
        memory.keep(build.site)
    compared = [item for item in judgement.compare_with_state(state) if item.code not in TRIPWIRED] if not state.first else []
    rendering = replace(rendering, contents=tuple(content.without_text() for content in rendering.contents))
    return rendering, compared, judgement.document if workspace.config.storage.is_bucket else None


def _checked(workspace: Workspace, selection: Selection, options: Options, scope: Scope) -> tuple[Rendering, list[Finding]]:
    """What changed since the last check, rendered and judged; what is wrong beside what is published; and what waits."""
    from publisher.check.last_check import LastCheck
    from publisher.check.rendered import Judgement
    from publisher.check.settled import nothing_published, would_be_refused
    from publisher.media.loudness import LoudnessCache

    source, state, published = selection.source, selection.state, selection.publication
    last = LastCheck(workspace.cache / "findings.json", source, published, state)
    build = Build(last.known, memory=last, spool=Spool(workspace.cache))
    # A page can only be at fault where the show brings templates of its own.
    rendering = render(compose(source, state, published, selection.tools, build), state, published, pages=bool(source.theme))
    workspace.facts.save()
    meter = LoudnessCache(workspace.cache / "loudness.json")
    if rendering.contents:
        judgement = Judgement(rendering=rendering, now=options.now, meter=meter)
        judgement.judge()
        build.add("feed", judgement.compare_with_state(state))
        last.keep(build.site)
        findings = []
    else:
        findings = nothing_published(source.file.path.name, published, state, unknown=scope.unknown)
    findings += would_be_refused(source, published, state, options.now)
    return rendering, [*findings, *_waiting(workspace, selection, options, rendering, meter, scope)]


def _waiting(
    workspace: Workspace, selection: Selection, options: Options, published: Rendering, meter: LoudnessCache, scope: Scope
) -> Iterable[Finding]:
    """The faults of every episode with a recording that is not published yet; a draft without one is just not there yet."""
    from publisher.check.not_due import pictures_of, softened, waiting_findings
    from publisher.check.rendered import Judgement

    waiting = [item for item in selection.publication.waiting if item.why != "withdrawn"]
    if not waiting:
        return []
    alone = replace(selection.source, episodes=tuple(item.source for item in waiting), findings=())
    coming = publication(
        alone, selection.state, options.now, workspace.recordings_here if scope.offline else workspace.recordings, with_drafts=True
    )
    drafts = {item.source.slug for item in waiting if item.why == "draft"}
    findings = [item for item in coming.findings if item.code != "audio-missing" or item.episode not in drafts]
    if coming.episodes:
        tools = replace(workspace.tools, make_copy=_untagged, notes=None, items=None)  # they would forget those of all others
        build = Build(pictures_of(published.build), spool=Spool(workspace.cache))
        rendering = render(compose(alone, selection.state, coming, tools, build), selection.state, coming, pages=False)
        findings += waiting_findings(Judgement(rendering=rendering, now=options.now, meter=meter, others=published.contents))
    return softened(findings)


def _untagged(sources: EpisodeSources, recording: Path) -> tuple[Path, AudioFacts]:
    """The recording as it is: tags are not written before an episode is due."""
    return recording, sources.recorded.facts


def _refuse_early(workspace: Workspace, selection: Selection, options: Options, purpose: Purpose) -> None:
    """Tripwires, before anything is rendered; faults of the content come first, since they explain most of them. A check warns."""
    source, state, published, live = selection.source, selection.state, selection.publication, selection.live
    if live is not None:  # else nothing of it is loaded
        from publisher.adoption.without_state import adopt_tripwire, say_taken_over
    adopting = adopt_tripwire(live, published) if live is not None else []
    if purpose is not Purpose.PUBLISH:
        for tripped in adopting:
            workspace.console.warn(tripped.message)
        return
    findings = (*source.findings, *published.findings)
    faults = [item for item in findings if item.severity is Severity.ERROR]
    if faults:
        raise ContentError(f"not published: {count_words(len(faults), 'fault')} to mend first", findings, code="content-invalid")
    if remark := clock_remark(state, options.now):
        workspace.console.warn(remark)
    unseen = replaced_unseen(source, state, published, workspace.last_publish.read(), workspace.came_by_git)
    refuse([*tripwires(source, state, published, options.now), *unseen, *adopting], options.forces)
    if live is not None and state.episodes:
        say_taken_over(workspace, state, live)


def _refuse_broken(selection: Selection, rendering: Rendering) -> None:
    """A site that cannot be made whole is not built; what breaks a rule is."""
    from feed.rules import find_rule

    findings = [*selection.source.findings, *selection.publication.findings, *rendering.findings]
    errors = [item for item in findings if item.severity is Severity.ERROR and find_rule(item.code) is None]
    if errors:
        raise ContentError(f"not built: {count_words(len(errors), 'fault')} to mend first", findings, code="content-invalid")


def _refuse_faults(findings: list[Finding], options: Options) -> None:
    """Errors stop a publish, and warnings a strict one."""
    stop = [item for item in findings if item.severity is Severity.ERROR or (options.strict and item.severity is Severity.WARNING)]
    if stop:
        raise ContentError(f"not published: {count_words(len(stop), 'fault')} to mend first", findings, code="content-invalid")


def _refuse_overwriting(workspace: Workspace, state: State, plan: Plan, options: Options) -> None:
    """A first publish overwrites nothing of others."""
    if not state.first:
        return
    from publisher.adoption.without_state import overwrite_tripwire

    uploads = [change.artifact for change in plan.uploads if change.artifact is not None]
    refuse(overwrite_tripwire(workspace.store, layout.feed(workspace.config.feed.file), uploads), options.forces)
