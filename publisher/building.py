"""The site in a folder: `build` and `preview`."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from feed.findings import Severity
from publisher.build import CopyOf
from publisher.console import count_words
from publisher.errors import ContentError, UsageError
from publisher.publication import publication
from publisher.rendering import Renderer, Rendering
from publisher.state import State

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping

    from publisher.build import Recipe
    from publisher.publish import Options
    from publisher.staging import Staged
    from publisher.workspace import Workspace

MARK = ".airdate-build"


def build_site(workspace: Workspace, options: Options, out: Path, *, standalone: bool) -> dict[str, Any]:
    """Write the site as published or about to be into `out`. Recordings that are published are linked where they are;
    `standalone` ignores State and holds everything.
    """
    if standalone:
        state, remark = State(), ""
    else:
        state, remark = workspace.last_state()
    if remark:
        workspace.console.warn(remark)
    if out.exists() and any(out.iterdir()) and not (out / MARK).exists():
        raise UsageError(f"this folder is not empty: {out}", hint="choose another with --out, or empty it", code="build-folder")
    rendering = render_everything(workspace, state, options.now, offline=bool(remark))
    count = write_site(rendering, out, recordings=True)
    return {"folder": str(out), "files": count}


def render_everything(
    workspace: Workspace,
    state: State,
    now: dt.datetime,
    *,
    drafts: bool = False,
    earlier: Mapping[str, Recipe] | None = None,
    offline: bool = False,
) -> Rendering:
    """Every page and document, whatever the storage holds; anew, but for what `earlier` (recipes of a rendering without a fault) holds.
    `offline`: the storage cannot be asked for what is staged. Raises ContentError when something cannot be rendered.
    """
    source = workspace.load(state)
    staged = _nothing_staged if offline else workspace.staged
    published = publication(source, state, now, workspace.measure, workspace.choose, staged, with_drafts=drafts)
    workspace.facts.save()
    waiting = frozenset(item.slug for item in published.episodes if not item.source.due(now))
    rendering = Renderer(
        source,
        state,
        published,
        workspace.make_copy,
        everything=True,
        earlier=earlier,
        marked=waiting,
        measure_other=workspace.measure_other,
    ).render()
    findings = [*source.findings, *published.findings, *rendering.findings]
    errors = [item for item in findings if item.severity is Severity.ERROR]
    if errors:
        raise ContentError(f"not built: {count_words(len(errors), 'fault')} to mend first", findings, code="content-invalid")
    return rendering


def _nothing_staged(_guid: str) -> Staged | None:
    return None


def write_site(rendering: Rendering, out: Path, *, recordings: bool) -> int:
    """Write every artifact into `out`, with or without `recordings`, replacing what an earlier build left."""
    out.mkdir(parents=True, exist_ok=True)
    (out / MARK).write_text("made by `publish build`; made anew each time\n")
    kept = {MARK}
    count = 0
    for recipe in rendering.build.site.values():
        for item in recipe.artifacts or ():
            path = out / item.key
            if isinstance(item.body, CopyOf) or not (recordings or isinstance(item.body, bytes)):
                continue  # it is served from where it lies
            path.parent.mkdir(parents=True, exist_ok=True)
            kept.add(item.key)
            count += 1
            if isinstance(item.body, bytes):
                if not (path.is_file() and path.stat().st_size == item.size and path.read_bytes() == item.body):
                    path.write_bytes(item.body)
            else:
                shutil.copyfile(item.body, path)
    for path in sorted(out.rglob("*"), reverse=True):
        if path.is_dir() and not path.is_symlink():
            if not any(path.iterdir()):
                path.rmdir()
        elif path.relative_to(out).as_posix() not in kept:
            path.unlink()
    return count


def preview_site(workspace: Workspace, options: Options, port: int, at: dt.datetime | None) -> None:
    """Serve the show on this machine as the storage would, drafts and scheduled episodes marked, until Ctrl-C.

    With `at` it is shown as it will be at that time, without drafts.
    """
    from publisher.config import read_config
    from publisher.preview import serve
    from publisher.sources import Sources
    from publisher.workspace import CACHE
    from publisher.workspace import Workspace as Opened

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
        fresh = Opened(read_config(workspace.file.path), workspace.console, workspace.now)
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
