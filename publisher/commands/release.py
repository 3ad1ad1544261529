"""`publish release`: the draft mark off, the date written."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from feed.findings import ContentFault
from publisher.core import show_files
from publisher.core.command_call import Call, common
from publisher.core.errors import ContentError, UsageError
from publisher.core.json_results import Result
from publisher.core.slugs import meant_instead, slug_of
from publisher.load.dates import as_iso_date, resolve_date, zone_of
from publisher.load.episode_text import read_episode_text
from publisher.workspace import Workspace, opened

if TYPE_CHECKING:
    from pathlib import Path

    from publisher.load.config_reader import ConfigFile


@dataclass(frozen=True, slots=True, kw_only=True)
class Released(Result):
    """What `publish release` wrote into an episode.md."""

    slug: str
    """The episode."""
    due: str
    """Its date (ISO 8601)."""


def release_episode(workspace: Workspace, slug: str, at: str | None, now: dt.datetime) -> Released:
    """Take the draft mark off, write the date. Everything else in the file stays as it is, to the byte."""
    file, console = workspace.file, workspace.console
    path, front = _find(file, slug)
    if front.get("draft") is not True and front.get("date") is not None:
        _refuse_published(workspace, slug, str(front.get("guid", "")))
    zone = zone_of(file.config.show.timezone)
    if at is None:
        moment = now.astimezone(zone).replace(microsecond=0)
    else:
        try:
            written = dt.datetime.fromisoformat(at)
        except ValueError as error:
            iso = as_iso_date(at)
            meant = f": `publish release {slug} --at {iso}`" if iso else " like 2026-05-21T06:00, with or without offset"
            raise UsageError(f"not a time: {at}", hint=f"write it{meant}", code="usage") from error
        day = dt.date.fromisoformat(at) if len(at) == len("2026-05-21") else written
        try:
            moment = resolve_date(day, file.config.show.timezone, file.config.show.release_time)
        except ContentFault as fault:
            typed = f"`publish release {slug} --at {at}T06:00`, or set release_time under [show]"
            hint = typed if fault.code == "date-without-time" else fault.hint
            raise UsageError(f"not a time one can be sure of: {fault.message}", hint=hint, code=fault.code) from fault
    raw = show_files.read(path, file.folder)
    after = _with_date(raw, moment)
    released, *_ = read_episode_text(after)
    if released != {**{key: value for key, value in front.items() if key != "draft"}, "date": moment}:
        hint = "write it by hand: date, and no draft line"
        raise UsageError(f"the date cannot be written into {path}", hint=hint, code="release-by-hand")
    path.write_bytes(after)
    console.show(f"{slug} is due {moment.isoformat(' ', 'minutes')}")
    if front.get("draft") is not True and front.get("date") is not None:
        console.say(f"(it was due {front['date']})")
    console.say("Next:")
    console.say("  publish --dry-run")
    console.say("  publish")
    return Released(slug=slug, due=moment.isoformat())


def _refuse_published(workspace: Workspace, slug: str, guid: str) -> None:
    """Raise UsageError where listeners have this episode: another date would move it in their apps."""
    state = workspace.state_copies.read()
    known = state.by_guid().get(guid) or state.episodes.get(slug)
    if known is not None:
        what = "was withdrawn for good" if known.withdrawn else f"is published, since {known.date[:16].replace('T', ' ')}"
        hint = (
            f"its date stays; `publish withdraw {known.slug}` takes it down for good"
            if not known.withdrawn
            else "a new episode has another slug and guid"
        )
        raise UsageError(f"“{slug}” {what}", hint=hint, code="release-published")


def _with_date(raw: bytes, moment: dt.datetime) -> bytes:
    """An episode.md without its draft line and with this date; every other line stays as it is, to the byte."""
    _, places, _, _ = read_episode_text(raw)
    lines = raw.decode("utf-8").split("\n")
    fences = [number for number, line in enumerate(lines) if line.strip("\ufeff \t\r") in ("+++", "---")]
    if len(fences) < 2:  # line ends of thirty years ago
        return raw
    toml = "+" in lines[fences[0]]
    old = [places[key] - 1 for key in (("date",), ("draft",)) if key in places]
    tables = [line - 1 for key, line in places.items() if len(key) == 1 and lines[line - 1].lstrip().startswith("[")] if toml else []
    at = old[0] if old else min(tables, default=fences[1])
    date = f"date{' = ' if toml else ': '}{moment.isoformat()}" + ("\r" if lines[at].endswith("\r") else "")
    after = []
    for number, line in enumerate(lines):
        after += [date] if number == at else []
        after += [] if number in old else [line]
    return "\n".join(after).encode()


def _find(file: ConfigFile, slug: str) -> tuple[Path, dict[str, Any]]:
    found: dict[str, tuple[Path, dict[str, Any]]] = {}
    for path in sorted((file.folder / "episodes").glob("*/episode.md")):
        try:
            front, _, _, _ = read_episode_text(show_files.read(path, file.folder))
        except ContentFault as fault:
            if slug in (path.parent.name, slug_of(path.parent.name)):
                where = path.relative_to(file.folder).as_posix()
                raise ContentError(f"this episode cannot be read: {where}", [fault.finding(where)], code="content-invalid") from fault
            continue
        found[front.get("slug") or slug_of(path.parent.name)] = (path, front)
    if slug in found:
        return found[slug]
    hint = meant_instead(slug, found, "the slug is the folder's name without its date")
    raise UsageError(f"there is no episode `{slug}`", hint=hint, code="usage")


@click.command("release")
@common
@click.argument("slug")
@click.option("--at", metavar="TIME", help="When it is due; now when absent.")
def command(call: Call, /, slug: str, at: str | None) -> None:
    """Take the draft mark off the episode SLUG and write its date."""
    call.result(release_episode(opened(call), slug, at, call.now))
