"""`publish build`: the whole site in a folder."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from publisher.core.command_call import Call, Options, common
from publisher.core.console import count_words
from publisher.core.errors import UsageError
from publisher.core.json_results import Result
from publisher.folder_to_plan import Purpose, Scope, prepare
from publisher.incremental_build.artifacts import CopyOf
from publisher.publish_report import show_findings
from publisher.render.recordings_again import recordings_again
from publisher.state.state import State
from publisher.workspace import Workspace, opened

if TYPE_CHECKING:
    from publisher.core.layout import Key
    from publisher.render_show import Rendering


MARK = ".airdate-build"


@dataclass(frozen=True, slots=True, kw_only=True)
class Built(Result):
    """What `publish build` wrote."""

    folder: str
    """Where the site lies."""
    files: int
    """How many there are."""
    missing: tuple[str, ...]
    """Recordings that pages and feed name and that are not in it: nothing here gives the bytes that were published."""


def build_site(workspace: Workspace, options: Options, out: Path, *, standalone: bool) -> Built:
    """Write the site as published or about to be into `out`. A published recording is there where the folder gives the bytes that
    were published; `standalone` ignores State and holds everything.
    """
    state, unasked = (State(), False) if standalone else workspace.state_or_last()
    if out.exists() and any(out.iterdir()) and not (out / MARK).exists():
        raise UsageError(f"this folder is not empty: {out}", hint="choose another with --out, or empty it", code="build-folder")
    prepared = prepare(workspace, state, options, Purpose.BUILD, Scope(offline=unasked))
    show_findings(workspace.console, prepared.findings)
    recordings = _recordings(prepared.rendering)
    recordings_again(prepared.rendering.composition, recordings)
    count = write_site(prepared.rendering, out, recordings=True)
    missing = sorted(key for key in recordings if not (out / key).is_file())
    workspace.console.show(f"Built {count} files in {out}/")
    if missing:
        which = missing[0] if len(missing) == 1 else f"{missing[0]} and {len(missing) - 1} more"
        remedy = "`publish pull` fetches what is not here, --standalone makes everything anew"
        workspace.console.warn(
            f"{count_words(len(missing), 'recording')} not in it, as nothing here gives the bytes that were published: {which}; {remedy}"
        )
    return Built(folder=str(out), files=count, missing=tuple(missing))


def _recordings(rendering: Rendering) -> set[Key]:
    """The recordings and other encodings that pages and feed name; the addresses of replaced ones they do not."""
    named = rendering.composition.recordings.values()
    return {key for item in named for key in (*item.audio.keys[:1], *(other.key for other in item.alternates_published))}


def write_site(rendering: Rendering, out: Path, *, recordings: bool) -> int:
    """Write every artifact into `out`, with or without `recordings`, replacing what an earlier build left."""
    out.mkdir(parents=True, exist_ok=True)
    (out / MARK).write_text("made by `publish build`; made anew each time\n")
    kept = {MARK}
    count = 0
    for recipe in rendering.build.site.values():
        for item in recipe.artifacts or ():
            path = out / item.key
            if isinstance(item.body, CopyOf) or (isinstance(item.body, Path) and not recordings):
                continue  # it is served from where it lies
            path.parent.mkdir(parents=True, exist_ok=True)
            kept.add(item.key)
            count += 1
            if isinstance(item.body, Path):
                shutil.copyfile(item.body, path)
            elif (body := item.content) is not None and not (
                path.is_file() and path.stat().st_size == item.size and path.read_bytes() == body
            ):
                path.write_bytes(body)
    for path in sorted(out.rglob("*"), reverse=True):
        if path.is_dir() and not path.is_symlink():
            if not any(path.iterdir()):
                path.rmdir()
        elif path.relative_to(out).as_posix() not in kept:
            path.unlink()
    return count


@click.command("build")
@common
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), default=Path("site"), help="The folder (default: site).")
@click.option("--standalone", is_flag=True, help="Everything, recordings too, whatever is published.")
def command(call: Call, /, out: Path, standalone: bool) -> None:
    """Write the site, as published or about to be, into a folder."""
    call.result(build_site(opened(call), call.options(), out, standalone=standalone))
