"""`publish preview`: the show served on this machine."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from publisher.commands.build import render_everything, write_site
from publisher.core.call import Call, common, parse_moment, pass_call
from publisher.workspace import opened

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping

    from publisher.core.options import Options
    from publisher.recipes.artifacts import Recipe
    from publisher.workspace import Workspace


def preview_site(workspace: Workspace, options: Options, port: int, at: dt.datetime | None) -> None:
    """Serve the show on this machine as the storage would, drafts and scheduled episodes marked, until Ctrl-C.

    With `at` it is shown as it will be at that time, without drafts.
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
            built=False,
        )
    finally:
        shutil.rmtree(place, ignore_errors=True)


@click.command("preview")
@common
@click.option("--port", type=click.IntRange(0, 65535), default=8000, help="Where to serve it (default: 8000).")
@click.option("--at", metavar="TIME", help="As it will be at this time.")
@pass_call
def command(call: Call, /, port: int, at: str | None, **said: Any) -> None:
    """Serve the show on this machine as the storage would, drafts marked; rebuilds and reloads on change."""
    call.hear(**said)
    preview_site(opened(call), call.options(), port, parse_moment(at) if at else None)
