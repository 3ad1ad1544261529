"""`publish new`: a draft episode."""

from __future__ import annotations

import re
import shutil
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from feed.findings import ContentFault
from publisher.core.command_call import Call, common
from publisher.core.errors import ContentError, UsageError
from publisher.core.json_results import Result
from publisher.core.placeholders import NOTES
from publisher.core.show_files import folder_to_write, typed_here
from publisher.core.slugs import slug_of
from publisher.load.config_reader import ConfigFile, read_config
from publisher.load.dates import zone_of
from publisher.load.toml_and_yaml import toml_string

if TYPE_CHECKING:
    import datetime as dt

    from publisher.core.console import Console


@dataclass(frozen=True, slots=True, kw_only=True)
class NewEpisode(Result):
    """The draft that `publish new` wrote."""

    slug: str
    """The episode's name in addresses."""
    file: str
    """Its episode.md, in the show's folder."""


def new_episode(file: ConfigFile, title: str, audio: Path | None, now: dt.datetime, console: Console) -> NewEpisode:
    """Write a new draft's folder and episode.md; what the recording's tags know is filled in."""
    slug = slug_of(title)
    if not slug:
        raise UsageError(f"no folder name can be made of this title: {title}", hint="a title needs a letter or a digit", code="usage")
    day = now.astimezone(zone_of(file.config.show.timezone)).date().isoformat()
    folder = file.folder / "episodes" / f"{day}-{slug}"
    taken = {slug_of(path.name) for path in (file.folder / "episodes").glob("*") if path.is_dir()}
    if slug in taken:
        raise UsageError(
            f"there is an episode with this address already: {slug}", hint="choose another title, or write `slug` later", code="new-exists"
        )
    tags: dict[str, str] = {}
    if audio is not None:
        from publisher.media.measure import measure_audio

        try:
            facts = measure_audio(audio)
        except ContentFault as fault:
            told = ContentFault(fault.message, code=fault.code, hint=typed_here(fault.hint, audio.parent.as_posix()))
            raise ContentError(f"this recording cannot be used: {audio}", [told.finding(str(audio))], code=fault.code) from fault
        tags = dict(facts.tags)
    folder_to_write(folder, file.folder)
    lines = [
        "+++",
        f"title = {toml_string(title)}",
        "draft = true",
        f"guid = {toml_string(str(uuid.uuid4()))}    # the episode's identity for life",
    ]
    track = re.match(r"\d+", tags.get("track", ""))
    if track and int(track[0]) > 0:
        lines.append(f"episode = {int(track[0])}")
    lines += ["+++", "", tags.get("comment", "").strip() or NOTES, ""]
    (folder / "episode.md").write_text("\n".join(lines), "utf-8")
    if audio is not None:
        shutil.copyfile(audio, folder / f"audio.{facts.extension}")
    place = folder.relative_to(file.folder)
    console.show(f"A draft: {place}/episode.md")
    console.say("Next:")
    if audio is None:
        console.say(f"  put the recording there: {place}/audio.mp3")
    console.say(f"  write the notes: {place}/episode.md")
    console.say("  publish preview")
    console.say(f"  publish release {slug}")
    return NewEpisode(slug=slug, file=f"{place.as_posix()}/episode.md")


@click.command("new")
@common
@click.argument("title")
@click.option(
    "--audio",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="The recording, copied in; its tags fill in what they can.",
)
def command(call: Call, /, title: str, audio: Path | None) -> None:
    """Start a new episode called TITLE, as a draft."""
    call.result(new_episode(read_config(call.config_path), title, audio, call.now, call.console))
