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
    rendering = render_everything(workspace, state, options.now)
    count = write_site(rendering, out, link_media=False)
    return {"folder": str(out), "files": count}


def render_everything(
    workspace: Workspace, state: State, now: dt.datetime, *, drafts: bool = False, earlier: Mapping[str, Recipe] | None = None
) -> Rendering:
    """Every page and document, whatever the storage holds; anew, but for what `earlier` (recipes of a rendering without a fault) holds.

    Raises ContentError when something cannot be rendered.
    """
    source = workspace.load(state)
    published = publication(source, state, now, workspace.measure, workspace.choose, workspace.staged, with_drafts=drafts)
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


def write_site(rendering: Rendering, out: Path, *, link_media: bool) -> int:
    """Write every artifact into `out`, replacing what an earlier build left. `link_media`: recordings as links, not copies."""
    out.mkdir(parents=True, exist_ok=True)
    (out / MARK).write_text("made by `publish build`; made anew each time\n")
    kept = {MARK}
    count = 0
    for recipe in rendering.build.site.values():
        for item in recipe.artifacts or ():
            path = out / item.key
            if isinstance(item.body, CopyOf):
                continue  # it is linked where it lies
            path.parent.mkdir(parents=True, exist_ok=True)
            kept.add(item.key)
            count += 1
            if isinstance(item.body, bytes):
                if not (path.is_file() and path.stat().st_size == item.size and path.read_bytes() == item.body):
                    path.write_bytes(item.body)
            elif link_media:
                path.unlink(missing_ok=True)
                path.symlink_to(item.body.resolve())
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
    from publisher.unchanged import FOLDERS
    from publisher.workspace import Workspace as Opened

    out = Path(tempfile.mkdtemp(prefix="airdate-preview-"))
    folder = workspace.file.folder

    earlier: Mapping[str, Recipe] = {}

    def rebuild() -> None:
        nonlocal earlier
        fresh = Opened(read_config(workspace.file.path), workspace.console, workspace.now)
        rendering = render_everything(fresh, State(), at or options.now, drafts=at is None, earlier=earlier)
        earlier = rendering.build.site
        write_site(rendering, out, link_media=True)

    try:
        rebuild()
        places = dict.fromkeys((*FOLDERS, workspace.config.site.theme))
        watch = [path for path in (workspace.file.path, *(folder / name for name in places)) if path.exists()]
        serve(out, port=port, site_url=workspace.config.site.url, rebuild=rebuild, watch=watch)
    finally:
        shutil.rmtree(out, ignore_errors=True)
