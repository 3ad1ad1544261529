"""New shows and new episodes: `init`, `new`, `release`. Each ends with the next commands to type."""

from __future__ import annotations

import datetime as dt
import json
import re
import shutil
import uuid
from typing import TYPE_CHECKING, Any

from feed.findings import ContentFault
from feed.identity import show_guid
from publisher import door
from publisher.config import parse_config
from publisher.dates import resolve_date
from publisher.errors import ContentError, UsageError
from publisher.load import read_episode_text
from publisher.slugs import slug_of

if TYPE_CHECKING:
    from pathlib import Path

    from publisher.config import ConfigFile
    from publisher.console import Console

QUESTIONS = (
    ("title", "What is the show called?", "My Podcast"),
    ("author", "Who makes it?", "Me"),
    ("description", "What is it about, in a sentence or two?", "A podcast."),
    ("language", "Which language (en, de, pt-br …)?", "en"),
    ("category", "Which category of Apple's?", "Technology"),
    ("timezone", "Which time zone do your dates stand in?", "UTC"),
    ("url", "Where will listeners reach it (https://…; leave empty if you do not know yet)?", ""),
    ("storage", "Where do the files go (a folder, or s3://bucket)?", "public"),
)


def text(value: str) -> str:
    """A TOML string: a JSON one is."""
    return json.dumps(value, ensure_ascii=False)


def init_show(folder: Path, answers: dict[str, Any], console: Console, *, ask: bool) -> None:
    """Write config.toml and the folders of a new show. Raises UsageError when there is one already, ContentError for answers
    that no show can have.
    """
    if (folder / "config.toml").exists():
        raise UsageError(
            f"there is a show here already: {folder / 'config.toml'}",
            hint="publish it with `publish`, or choose another folder",
            code="init-exists",
        )
    if ask:
        import click

        for name, question, default in QUESTIONS:
            if not answers.get(name):
                answers[name] = click.prompt(question, default=default, err=True, show_default=bool(default))
    given = {name: answers.get(name) or default for name, _, default in QUESTIONS}
    url = given["url"].rstrip("/")
    guid = show_guid(f"{url}/feed.xml") if url else str(uuid.uuid5(uuid.uuid4(), given["title"]))
    config = _config(given, url or "https://podcast.example.org", guid, answers)
    parse_config(folder / "config.toml", config.encode())
    (folder / "episodes").mkdir(parents=True, exist_ok=True)
    (folder / "config.toml").write_text(config, "utf-8")
    if answers.get("artwork"):
        shutil.copyfile(answers["artwork"], folder / f"artwork{answers['artwork'].suffix.lower()}")
    if not (folder / ".gitignore").exists():
        (folder / ".gitignore").write_text(".airdate-cache/\n/public/\n", "utf-8")
    console.say(f"Your show is in {folder}/")
    step = f"cd {folder}" if str(folder) != "." else ""
    console.say("Next:")
    for line in (
        step,
        "" if answers.get("artwork") else "put a square picture of 3000 x 3000 pixels there: artwork.jpg",
        ""
        if url
        else f"write where listeners will reach it into config.toml: url under [site] (it says {url or 'https://podcast.example.org'} now)",
        'publish new "The first episode" --audio recording.mp3',
        "publish preview",
    ):
        if line:
            console.say(f"  {line}")


def _config(given: dict[str, str], url: str, guid: str, answers: dict[str, Any]) -> str:
    extension = answers["artwork"].suffix.lower() if answers.get("artwork") else ".jpg"
    lines = [
        "[show]",
        f"title = {text(given['title'])}",
        f"description = {text(given['description'])}",
        f"author = {text(given['author'])}",
        f"language = {text(given['language'])}",
        f"categories = [{text(given['category'])}]",
        f"artwork = {text('artwork' + extension)}",
        f"explicit = {'true' if answers.get('explicit') else 'false'}",
        f"timezone = {text(given['timezone'])}",
        f"guid = {text(guid)}    # the show's identity for life: never change it",
        "",
        "[site]",
        f"url = {text(url)}    # where listeners reach the storage",
        "",
        "[storage]",
        f"url = {text(given['storage'])}    # keys and secrets never stand here",
    ]
    lines += [f"{name} = {text(answers[name])}" for name in ("endpoint", "provider") if answers.get(name)]
    return "\n".join(lines) + "\n"


def new_episode(file: ConfigFile, title: str, audio: Path | None, now: dt.datetime, console: Console) -> None:
    """Write a new draft's folder and episode.md; what the recording's tags know is filled in."""
    slug = slug_of(title)
    if not slug:
        raise UsageError(f"no folder name can be made of this title: {title}", hint="a title needs a letter or a digit", code="usage")
    day = now.astimezone(_zone(file)).date().isoformat()
    folder = file.folder / "episodes" / f"{day}-{slug}"
    taken = {slug_of(path.name) for path in (file.folder / "episodes").glob("*") if path.is_dir()}
    if slug in taken:
        raise UsageError(
            f"there is an episode with this address already: {slug}", hint="choose another title, or write `slug` later", code="new-exists"
        )
    tags: dict[str, str] = {}
    if audio is not None:
        from publisher.audio import probe

        try:
            facts = probe(audio)
        except Exception as fault:
            if hasattr(fault, "finding"):
                raise ContentError(
                    f"this recording cannot be used: {audio}", [fault.finding(str(audio))], code="audio-unreadable"
                ) from fault
            raise
        tags = dict(facts.tags)
    folder.mkdir(parents=True)
    lines = ["+++", f"title = {text(title)}", "draft = true", f"guid = {text(str(uuid.uuid4()))}    # the episode's identity for life"]
    track = re.match(r"\d+", tags.get("track", ""))
    if track and int(track[0]) > 0:
        lines.append(f"episode = {int(track[0])}")
    lines += ["+++", "", tags.get("comment", "").strip() or "What is this episode about?", ""]
    (folder / "episode.md").write_text("\n".join(lines), "utf-8")
    if audio is not None:
        shutil.copyfile(audio, folder / f"audio.{facts.extension}")
    place = folder.relative_to(file.folder)
    console.say(f"A draft: {place}/episode.md")
    console.say("Next:")
    if audio is None:
        console.say(f"  put the recording there: {place}/audio.mp3")
    console.say(f"  write the notes: {place}/episode.md")
    console.say("  publish preview")
    console.say(f"  publish release {slug}")


def release_episode(file: ConfigFile, slug: str, at: str | None, now: dt.datetime, console: Console) -> None:
    """Take the draft mark off, write the date. Everything else in the file stays as it is, to the byte."""
    path, front = _find(file, slug)
    zone = _zone(file)
    if at is None:
        moment = now.astimezone(zone).replace(microsecond=0)
    else:
        try:
            written = dt.datetime.fromisoformat(at)
        except ValueError as error:
            raise UsageError(f"not a time: {at}", hint="write it like 2026-05-21T06:00, with or without offset", code="usage") from error
        day = dt.date.fromisoformat(at) if len(at) == len("2026-05-21") else written
        try:
            moment = resolve_date(day, file.config.show.timezone, file.config.show.release_time)
        except ContentFault as fault:
            raise UsageError(f"not a time one can be sure of: {fault.message}", hint=fault.hint, code=fault.code) from fault
    raw = door.read(path, file.folder)
    after = _with_date(raw, moment)
    released, *_ = read_episode_text(after)
    if released != {**{key: value for key, value in front.items() if key != "draft"}, "date": moment}:
        hint = "write it by hand: date, and no draft line"
        raise UsageError(f"the date cannot be written into {path}", hint=hint, code="release-by-hand")
    path.write_bytes(after)
    console.say(f"{slug} is due {moment.isoformat(' ', 'minutes')}")
    if front.get("draft") is not True and front.get("date") is not None:
        console.say(f"(it was due {front['date']})")
    console.say("Next:")
    console.say("  publish --dry-run")
    console.say("  publish")


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
            front, _, _, _ = read_episode_text(door.read(path, file.folder))
        except ContentFault as fault:
            if slug in (path.parent.name, slug_of(path.parent.name)):
                where = f"episodes/{path.parent.name}/episode.md"
                raise ContentError(f"this episode cannot be read: {where}", [fault.finding(where)], code="content-invalid") from fault
            continue
        found[front.get("slug") or slug_of(path.parent.name)] = (path, front)
    if slug in found:
        return found[slug]
    import difflib

    close = difflib.get_close_matches(slug, found, n=1)
    raise UsageError(
        f"there is no episode `{slug}`",
        hint=f"did you mean `{close[0]}`?" if close else "the slug is the folder's name without its date",
        code="usage",
    )


def _zone(file: ConfigFile) -> dt.tzinfo:
    from zoneinfo import ZoneInfo

    return ZoneInfo(file.config.show.timezone) if file.config.show.timezone else dt.UTC
