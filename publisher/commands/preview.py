"""`publish preview`: the show served on this machine."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import click

from publisher.commands.build import write_site
from publisher.core.command_call import Call, Options, common, parse_moment
from publisher.core.json_results import Result
from publisher.core.local_cache import CACHE
from publisher.folder_to_plan import Purpose, Scope, prepare
from publisher.publish_report import show_findings
from publisher.workspace import Workspace, opened

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Mapping

    from feed.findings import Finding
    from publisher.incremental_build.artifacts import Recipe


@dataclass(frozen=True, slots=True, kw_only=True)
class Previewed(Result):
    """Where `publish preview` serves the show; said as soon as it answers."""

    url: str
    """The address on this machine."""


def preview_site(workspace: Workspace, options: Options, port: int, at: dt.datetime | None, ready: Callable[[str], None]) -> None:
    """Serve the show on this machine as the storage would, drafts and scheduled episodes marked, until Ctrl-C.

    With `at` it is shown as it will be at that time, without drafts. `ready` gets the address once it answers.
    """
    from publisher.preview.application import Preview
    from publisher.preview.served_files import Sources
    from publisher.preview.server import Changes, serve

    storage, site, folder = workspace.config.storage, workspace.config.site, workspace.file.folder
    state, unasked = workspace.state_or_last()
    earlier: Mapping[str, Recipe] = {}
    shown: tuple[Finding, ...] = ()
    with TemporaryDirectory(prefix="airdate-preview-", ignore_cleanup_errors=True) as place:
        out, fetched = Path(place, "site"), Path(place, "recordings")
        fetched.mkdir()
        sources = Sources(fetched)

        def rebuild() -> None:
            nonlocal earlier, shown
            fresh = workspace.read_again(at)
            scope = Scope(drafts=at is None, earlier=earlier, offline=unasked)
            prepared = prepare(fresh, state, replace(options, now=at or options.now), Purpose.BUILD, scope)
            earlier = prepared.rendering.build.site
            if prepared.findings != shown:
                shown = prepared.findings
                show_findings(workspace.console, shown)
            write_site(prepared.rendering, out, recordings=False)
            sources.follow(prepared.rendering, fresh)

        ignore = [folder / name for name in (CACHE, *storage.folders)]
        changes = Changes(rebuild=rebuild, watch=[folder, folder / site.theme], ignore=ignore, built=False)
        serve(Preview(folder=out, site_url=site.url, sources=sources, pretty_urls=site.pretty_urls), changes, port=port, ready=ready)


@click.command("preview")
@common
@click.option("--port", type=click.IntRange(0, 65535), default=8000, help="Where to serve it (default: 8000).")
@click.option("--at", metavar="TIME", help="As it will be at this time.")
def command(call: Call, /, port: int, at: str | None) -> None:
    """Serve the show on this machine as the storage would, drafts marked; rebuilds and reloads on change."""
    moment = parse_moment(at) if at else None

    def ready(address: str) -> None:
        call.console.show(f"preview: {address} (Ctrl-C ends it)")
        call.result(Previewed(url=address))

    preview_site(opened(call), call.options(), port, moment, ready)
