"""`publish preview`: the show served on this machine."""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from publisher.commands.build import render_everything, write_site
from publisher.core.call import Call, common, parse_moment
from publisher.core.results import Result
from publisher.workspace import opened

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Mapping

    from publisher.core.options import Options
    from publisher.recipes.artifacts import Recipe
    from publisher.workspace import Workspace


@dataclass(frozen=True, slots=True, kw_only=True)
class Previewed(Result):
    """Where `publish preview` serves the show; said as soon as it answers."""

    url: str
    """The address on this machine."""


def preview_site(workspace: Workspace, options: Options, port: int, at: dt.datetime | None, ready: Callable[[str], None]) -> None:
    """Serve the show on this machine as the storage would, drafts and scheduled episodes marked, until Ctrl-C.

    With `at` it is shown as it will be at that time, without drafts. `ready` gets the address once it answers.
    """
    from publisher.core.local_cache import CACHE
    from publisher.preview.served_files import Sources
    from publisher.preview.server import serve

    place = Path(tempfile.mkdtemp(prefix="airdate-preview-"))
    out, fetched = place / "site", place / "recordings"
    fetched.mkdir()
    folder, site = workspace.file.folder, workspace.config.site
    state, remark = workspace.last_state()
    if remark:
        workspace.console.warn(remark)
    sources = Sources(fetched)
    earlier: Mapping[str, Recipe] = {}

    def rebuild() -> None:
        nonlocal earlier
        fresh = workspace.read_again()
        rendering = render_everything(fresh, state, at or options.now, drafts=at is None, earlier=earlier, offline=bool(remark))
        earlier = rendering.build.site
        write_site(rendering, out, recordings=False)
        sources.follow(rendering, fresh)

    try:
        stores = (workspace.config.storage.url, workspace.config.storage.private or "")
        serve(
            out,
            port=port,
            site_url=site.url,
            rebuild=rebuild,
            watch=[folder, folder / site.theme],
            ignore=[folder / name for name in (CACHE, *stores) if name and "://" not in name],
            pretty_urls=site.pretty_urls,
            sources=sources,
            ready=ready,
            built=False,
        )
    finally:
        shutil.rmtree(place, ignore_errors=True)


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
