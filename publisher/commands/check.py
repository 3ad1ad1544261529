"""`publish check`: every rule, on the documents that would be published, with the place in the folder a person can edit."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import click

from feed.findings import Finding, Severity
from publisher.check.places import places_of
from publisher.check.rendered import (
    FEED,
    _comments,
    _feed_findings,
    _settings,
    _show_pictures,
    beside,
    document_of,
    episode_findings,
    recordings,
    sifted,
)
from publisher.core import show_files
from publisher.core.call import Call, common
from publisher.core.errors import Exit, StorageError
from publisher.workspace import opened

if TYPE_CHECKING:
    from collections.abc import Sequence

    from feed.rules import Places
    from publisher.adoption.served_feed import LiveFeed
    from publisher.check.known_findings import KnownFindings
    from publisher.core.options import Options
    from publisher.load.schedule import Recorded
    from publisher.load.source import ShowSource
    from publisher.render_show import Rendering
    from publisher.state.state import State
    from publisher.workspace import Workspace

SHOW = ""


def check_folder(workspace: Workspace, options: Options) -> list[Finding]:
    """Every rule on the folder: drafts and episodes that are not due get warnings at most. Compares with what is published.

    What did not change since the last check is neither rendered nor judged again.
    """
    from publisher.adoption import without_state
    from publisher.check.known_findings import KnownFindings
    from publisher.check.not_due import waiting_findings
    from publisher.load.schedule import publication
    from publisher.recipes.incremental import Build
    from publisher.render.composition import compose
    from publisher.render_show import render

    state, remark = workspace.state_copies.read_or_last()
    if remark:
        workspace.console.warn(remark)
    live = _served(workspace) if state.first else None
    state = (live.state if live is not None else None) or state
    source = workspace.load(state)
    published = publication(source, state, options.now, workspace.measure, workspace.choose, workspace.staged)
    tools = workspace.tools
    if live is not None:
        published = without_state.with_served_addresses(published, live)
        tools = replace(tools, make_copy=without_state.kept_copies(workspace, live))
        for tripped in without_state.adopt_tripwire(live, published):
            workspace.console.warn(tripped.message)
    known = KnownFindings(workspace.cache / "findings.json", _show_digest(source))
    keys = {item.slug: _key(item) for item in published.episodes}
    before = {slug: known.get(slug, key) for slug, key in keys.items()}
    shown = known.get(SHOW, "")
    fed = known.get(FEED, _feed_key(state))
    changed = [slug for slug, found in before.items() if found is None]
    changed += [FEED] if fed is None or shown is None else []
    made = known.state(changed)
    composition = compose(source, state, published, tools, Build(made))
    # A page can only be at fault where the show brings templates of its own.
    rendering = render(composition, state, published, pages=bool(source.theme))
    workspace.facts.save()
    findings = [
        *source.findings,
        *published.findings,
        *rendering.findings,
        *waiting_findings(workspace, source, state, options, rendering, made),
    ]
    if rendering.contents:
        places = places_of(source, rendering)
        document = document_of(rendering)
        if document is not None:
            fed = _feed_findings(source, state, rendering, document, options, places, everything=True)
        known.put(FEED, _feed_key(state), fed or ())
        findings += [*(fed or ()), *_older_findings(source, rendering, places, options, known)]
        items = {node.value("guid"): node for node in document.items} if document is not None else {}
        for content in rendering.contents:
            found = before[content.slug]
            if found is None:
                found = [item for item in rendering.findings if item.episode == content.slug]
                found += episode_findings(content, rendering, places, items.get(content.source.guid), everything=True)
            known.put(content.slug, keys[content.slug], found)
            findings += found
        if shown is None:
            shown = [item for item in rendering.findings if not item.episode] + _show_pictures(rendering, places)
        known.put(SHOW, "", shown)
        findings += [*shown, *recordings(rendering, places, workspace)]
        known.save(rendering.build.site)
    else:
        config = source.file.path.name
        findings.append(
            Finding(code="F026", severity=Severity.ERROR, message="no episode is published", file=config, hint="`publish release SLUG`")
        )
    if live is not None:
        findings += without_state.changed_recordings(live, rendering)
    findings += [*_settings(source, state, rendering), *_comments(source)]
    findings += _unused_exceptions(source, findings)
    return sifted(findings, workspace, options)


def _served(workspace: Workspace) -> LiveFeed | None:
    """What listeners have already, where nothing is remembered; a check goes on without."""
    from publisher.adoption.served_feed import served_feed

    try:
        return served_feed(workspace.config.feed_url, workspace.console.say)
    except StorageError as error:
        workspace.console.warn(f"{error.message} ({error.cause}); nothing was compared with it")
        return None


def _show_digest(source: ShowSource) -> str:
    """Of all that concerns every episode: our code, the config with its lines, and the pictures it names."""
    from publisher.core.digests import code_digest, digest_json
    from publisher.render.composition import settings_digest

    pictures = [file.digest for file in (source.artwork, *source.people_images.values()) if file is not None]
    config = show_files.digest(source.file.path, source.folder)
    return digest_json([code_digest(), config, settings_digest(source), pictures, source.guid])


def _feed_key(state: State) -> str:
    """What the rules compare a feed with; whether the feed itself changed, its recipe knows."""
    from publisher.core.digests import digest_json

    served = digest_json([[item.slug, item.guid, item.date] for item in state.episodes.values()]) if state.first else ""
    return f"{state.generation}-{state.show_guid}-{state.etag}{served}"


def _key(recorded: Recorded) -> str:
    """All that an episode's findings come from, the show's settings apart."""
    from publisher.core.digests import digest_json

    source = recorded.source
    names = [file.name for file in source.transcripts]
    return digest_json(
        [
            source.text_digest,
            source.file,
            names,
            recorded.slug,
            source.guid,
            recorded.date.isoformat(),
            recorded.audio.key if recorded.audio else "",
            recorded.facts.sha256,
            recorded.recording_facts.sha256 if recorded.recording_facts else "",
        ]
    )


def _older_findings(source: ShowSource, rendering: Rendering, places: Places, options: Options, known: KnownFindings) -> list[Finding]:
    """The rules about the items of the feed's older pages; of a page that did not change, what was found last time."""
    from feed.reader import read_feed
    from feed.rules import check_feed, to_finding
    from publisher.render_show import artifacts

    findings: list[Finding] = []
    for name in [name for name in rendering.build.site if name.startswith(f"{FEED}/")]:
        found = known.get(name, "") or []
        for page in artifacts(rendering, name):
            if isinstance(page.body, bytes):
                broken = check_feed(read_feed(page.body), **beside(source, rendering, options))
                found = [to_finding(item, places) for item in broken if item.item is not None]
        known.put(name, "", found)
        findings += found
    return findings


def _unused_exceptions(source: ShowSource, findings: Sequence[Finding]) -> list[Finding]:
    """Exceptions that nothing needs any more."""
    found = {(item.code, episode) for item in findings for episode in (item.episode, "")}
    return [
        Finding(
            code="exception-unused",
            severity=Severity.HINT,
            message=f"nothing breaks {exception.rule} any more" + (f" in {exception.episode}" if exception.episode else ""),
            file=source.file.path.name,
            line=source.file.line("check", "exceptions", index),
            hint="take the exception out",
        )
        for index, exception in enumerate(source.config.check.exceptions)
        if (exception.rule, exception.episode or "") not in found
    ]


@click.command("check")
@common
@click.argument("feed", required=False)
@click.option("--format", "form", type=click.Choice(["text", "json", "github", "sarif"]), default="text", help="How findings are written.")
@click.option("--select", multiple=True, metavar="RULE", help="Only these rules (a prefix is enough).")
@click.option("--ignore", multiple=True, metavar="RULE", help="Not these rules (a prefix is enough).")
def command(call: Call, /, feed: str | None, form: str, select: tuple[str, ...], ignore: tuple[str, ...]) -> None:
    """Hold the show's folder, or any FEED (address or file), against every rule."""
    from publisher.check.any_feed import check_foreign

    options = call.options(select=_names(select), ignore=_names(ignore))
    findings = check_foreign(feed, options) if feed else check_folder(opened(call), options)
    end_with(call, findings, form, Exit.CONTENT)


def end_with(call: Call, findings: list[Finding], form: str, status: Exit) -> None:
    """Show what was found, and end the command with `status` where that stops it."""
    call.console.data(written(findings, "json" if call.as_json else form))
    if any(item.severity is Severity.ERROR or (call.strict and item.severity is Severity.WARNING) for item in findings):
        raise click.exceptions.Exit(status)


def written(findings: list[Finding], form: str) -> str:
    """Findings in one of the forms of `--format`."""
    from publisher.core import finding_formats as report

    if form == "text":
        return report.as_text(findings, colour=True).rstrip("\n")
    if form == "sarif":
        from feed.rules import BOOKS
        from publisher.verify.hosting_rules import HOSTING

        return report.as_sarif(findings, titles={rule.code: rule.title for book in (*BOOKS, HOSTING) for rule in book.rules}).rstrip("\n")
    return {"json": report.as_json, "github": report.as_github}[form](findings).rstrip("\n")


def _names(values: tuple[str, ...]) -> tuple[str, ...]:
    """`--select F,I --select A` as ("F", "I", "A")."""
    return tuple(name.strip() for value in values for name in value.split(",") if name.strip())
