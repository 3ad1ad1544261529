"""`publish check` on what nobody hears yet, drafts and episodes that are not due: the same rules, and nothing worse than a warning."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from feed.findings import Finding, Severity

if TYPE_CHECKING:
    from pathlib import Path

    from feed.model import AudioFacts
    from publisher.core.options import Options
    from publisher.load.source import ShowSource
    from publisher.render.episode_sources import EpisodeSources
    from publisher.render_show import Rendering
    from publisher.state.state import State
    from publisher.workspace import Workspace

MEANT = frozenset(("I012", "I021", "I028", "T012"))
"""Rules about dates and company: a feed of drafts breaks them without a fault of its items."""


def waiting_findings(
    workspace: Workspace, source: ShowSource, state: State, options: Options, published: Rendering, made: State
) -> list[Finding]:
    """The faults of every episode with a recording that `published` does not hold yet; a draft without one is just not there yet.

    `made` is what an earlier check made, so that the show's pictures are not made again.
    """
    from feed.rules import check_feed, to_finding
    from publisher.check import rendered
    from publisher.check.places import places_of
    from publisher.load.schedule import publication, who_waits
    from publisher.recipes.incremental import Build
    from publisher.render.composition import compose
    from publisher.render_show import render

    waiting = [item for item in who_waits(source, state, options.now) if item.why != "withdrawn"]
    if not waiting:
        return []
    alone = dataclasses.replace(source, episodes=tuple(item.source for item in waiting), findings=())
    coming = publication(alone, state, options.now, workspace.measure, workspace.choose, workspace.staged, with_drafts=True)
    drafts = {item.source.slug for item in waiting if item.why == "draft"}
    findings = [item for item in coming.findings if item.code != "audio-missing" or item.episode not in drafts]
    if coming.episodes:
        tools = dataclasses.replace(workspace.tools, make_copy=_untagged)
        composition = compose(alone, state, coming, tools, Build(_pictures_of(published, made)))
        rendering = render(composition, state, coming, pages=False)
        places = places_of(alone, rendering)
        document = rendered.document_of(rendering)
        items = {node.value("guid"): node for node in document.items} if document is not None else {}
        if document is not None:
            broken = check_feed(document, **rendered.beside(alone, rendering, options))
            findings += [to_finding(item, places) for item in broken if item.item is not None and item.code not in MEANT]
        for content in rendering.contents:
            findings += rendered.episode_findings(content, rendering, places, items.get(content.source.guid), everything=True)
        findings += rendered.recordings(rendering, places, workspace, published.contents)
        findings += [item for item in rendering.findings if item.episode]
    return [dataclasses.replace(item, severity=Severity.WARNING) if item.severity is Severity.ERROR else item for item in findings]


def _untagged(sources: EpisodeSources, recording: Path) -> tuple[Path, AudioFacts]:
    """The recording as it is: tags are not written before an episode is due."""
    return recording, sources.recorded.facts


def _pictures_of(published: Rendering, made: State) -> State:
    """The show's own pictures as they are in the feed: they are needed once more, and the same."""
    from publisher.recipes.artifacts import RecipeRecord, StoredObject
    from publisher.recipes.recipe_names import episode_of, kind_of
    from publisher.state.state import State

    objects = dict(made.objects)
    recipes = {}
    for name, recipe in published.build.site.items():
        if kind_of(name) in ("art", "artwork") and not episode_of(name):
            recipes[name] = RecipeRecord(fingerprint=recipe.fingerprint, keys=recipe.keys)
            for item in recipe.artifacts or ():
                objects[item.key] = StoredObject(
                    size=item.size, sha256=item.sha256, etag="", content_type=item.content_type, cache_control=item.cache_control
                )
    return State(recipes=recipes, objects=objects)
