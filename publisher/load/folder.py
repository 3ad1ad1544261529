"""The show's folder, read: config, front matter, notes, and which file is what. Every fault is collected, none is guessed away."""

from __future__ import annotations

import datetime as dt
import hashlib
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from pydantic import ValidationError

from feed.findings import ContentFault, Finding, Severity
from feed.identity import episode_guid
from feed.schema.episode import FrontMatter
from publisher.core import show_files as door
from publisher.core.show_files import SourceFile
from publisher.core.slugs import slug_of
from publisher.load.config import is_person_id
from publisher.load.dates import resolve_date
from publisher.load.episode_cache import EpisodeCache, Signature, signature_of
from publisher.load.episode_file import _glimpse, read_episode_text
from publisher.load.episode_files import cover_of, documents, images_in, is_address, named_file, named_pictures, source_file
from publisher.load.source import EpisodeSource, ShowSource
from publisher.load.toml_and_yaml import error_at, line_of
from publisher.load.validation import faults

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from publisher.load.config import Config, ConfigFile

MAX_COMMENTS = 2 * 1024 * 1024
"""Bytes of a file of comments."""


def load_show(file: ConfigFile, *, show_guid: str, now: dt.datetime | None = None, cache: EpisodeCache | None = None) -> ShowSource:
    """Read the folder around a config that was read. Faults are in `findings`; an episode that cannot be understood is left out.

    Faults of drafts, and of episodes that are not due at `now`, are warnings. `cache` spares reading what did not change.
    """
    findings: list[Finding] = []
    root = file.folder.resolve()
    episodes: list[EpisodeSource] = []
    folder = file.folder / "episodes"
    for path in _entries(folder, root, "episodes", findings):
        name = f"episodes/{path.name}"
        if path.name.startswith(".") or (path.is_symlink() and _refused(path, root, name, findings)):
            continue
        try:
            signature = signature_of(path)
        except NotADirectoryError:
            continue
        except OSError as error:
            findings.append(_unreadable(name, error, slug_of(path.name)))
            continue
        known = cache.get(path.name, signature) if cache is not None else None
        if known is not None:
            episodes.append(_recalled(path, root, name, known, signature))
            continue
        if not any(row[0] == "episode.md" for row in signature):
            findings.append(
                Finding(
                    code="episode-missing",
                    severity=Severity.WARNING,
                    message="there is no episode.md in this folder; it is left out",
                    file=name,
                    hint="`publish new TITLE` makes one",
                )
            )
            continue
        before = len(findings)
        try:
            episode = _load_episode(path, name, root, file.config, show_guid, now, findings, tuple(row[0] for row in signature))
        except OSError as error:
            findings.append(_unreadable(f"{name}/{Path(error.filename or '').name}", error, slug_of(path.name)))
            continue
        if episode is not None:
            episodes.append(episode)
            if cache is not None and len(findings) == before:
                cache.put(path.name, signature, episode)
    if cache is not None:
        cache.save()
    twins = _twins(episodes, now)
    findings += twins.values()
    episodes = [episode for episode in episodes if episode.name not in twins]
    show = file.config.show
    artwork = named_file(
        root, root, show.artwork, "show.artwork", file.path.name, file.line("show", "artwork") or file.line("show"), findings
    )
    people = {}
    for person_id, person in file.config.people.items():
        if person.image and not person.image.startswith(("https://", "http://")):
            image = named_file(
                root, root, person.image, f"people.{person_id}.image", file.path.name, file.line("people", person_id, "image"), findings
            )
            if image:
                people[person_id] = image
    seasons = {}
    for number, season in file.config.seasons.items():
        if season.artwork and number.isdecimal():
            image = named_file(
                root, root, season.artwork, f"seasons.{number}.artwork", file.path.name, file.line("seasons", number, "artwork"), findings
            )
            if image:
                seasons[int(number)] = image
    images = {}
    for index, table in enumerate(show.images):
        if not is_address(table.href):
            picture = named_file(
                root, root, table.href, "show.images", file.path.name, file.line("show", "images", index, "href"), findings
            )
            if picture:
                images[table.href] = picture
    pages = tuple(_files("pages", file.folder, root, ".md", findings))
    comments = {item.path.stem: item for item in _files("comments", file.folder, root, ".json", findings, largest=MAX_COMMENTS)}
    theme = dict(sorted(_theme(file.folder / file.config.site.theme, root, file.config.site.theme, findings)))
    return ShowSource(
        file=file,
        guid=show_guid,
        artwork=artwork,
        episodes=tuple(episodes),
        people_images=people,
        season_artwork=seasons,
        images=images,
        pages=pages,
        comments=comments,
        theme=theme,
        findings=tuple(findings),
    )


def _entries(folder: Path, root: Path, name: str, findings: list[Finding]) -> list[Path]:
    """What lies in a folder, by name; nothing where there is none, or where it is none of the show's."""
    try:
        if not os.path.lexists(folder) or _refused(folder, root, name, findings) or not folder.is_dir():
            return []
        return [folder / name for name in sorted(os.listdir(folder))]  # noqa: PTH208  paths sort slowly
    except OSError as error:
        findings.append(_unreadable(name, error))
        return []


def _refused(folder: Path, root: Path, name: str, findings: list[Finding]) -> bool:
    """Whether a folder is none of the show's, which is told."""
    try:
        door.place_of(folder, root)
    except door.Refused as fault:
        findings.append(fault.finding(name))
        return True
    except OSError as error:
        findings.append(_unreadable(name, error))
        return True
    return False


def _files(name: str, folder: Path, root: Path, form: str, findings: list[Finding], *, largest: int = 0) -> Iterator[SourceFile]:
    """The files of one form in the folder `name` of the show."""
    for path in _entries(folder / name, root, name, findings):
        if path.suffix == form:
            place = error_at(f"{name}/{path.name}")
            found = source_file(path, f"{name}/{path.name}", root, findings, place, largest=largest)
            if found is not None:
                yield found


def _theme(
    folder: Path, root: Path, name: str, findings: list[Finding], *, inside: str = "", seen: frozenset[Path] = frozenset()
) -> Iterator[tuple[str, SourceFile]]:
    """Every file of a theme's folder by its place in it, and the templates in folders of it; links may make a circle."""
    seen |= {folder.resolve()}
    for path in _entries(folder, root, name, findings):
        if path.name.startswith("."):
            continue
        if path.is_dir():
            if path.resolve() not in seen:
                yield from _theme(path, root, f"{name}/{path.name}", findings, inside=f"{inside}{path.name}/", seen=seen)
        elif not inside or path.suffix == ".html":
            file = source_file(path, f"{name}/{path.name}", root, findings, error_at(f"{name}/{path.name}"))
            if file is not None:
                yield f"{inside}{path.name}", file


def _unreadable(file: str, error: OSError, episode: str = "") -> Finding:
    return Finding(
        code="file-unreadable",
        severity=Severity.ERROR,
        message=f"this cannot be read: {error.strerror or error}",
        file=file,
        hint="may your user read it? ls -l shows it",
        episode=episode,
    )


def _load_episode(
    path: Path,
    name: str,
    root: Path,
    config: Config,
    show_guid: str,
    now: dt.datetime | None,
    findings: list[Finding],
    names: tuple[str, ...],
) -> EpisodeSource | None:
    file = f"{name}/episode.md"
    try:
        raw = door.read(path / "episode.md", root)
    except door.Refused as fault:
        findings.append(fault.finding(file))
        return None
    try:
        front, lines, notes, notes_offset = read_episode_text(raw)
    except ContentFault as fault:
        severity = Severity.WARNING if _waits(_glimpse(raw), now, config) else Severity.ERROR
        findings.append(fault.finding(file, episode=slug_of(path.name), severity=severity))
        return None
    severity = Severity.WARNING if _waits(front, now, config) else Severity.ERROR
    try:
        written = FrontMatter.model_validate(front)
    except ValidationError as error:
        place = error_at(file, episode=slug_of(path.name), severity=severity)
        findings += faults(error, FrontMatter, lines, place)
        return None
    slug = slug_of(written.slug if written.slug is not None else path.name)
    place = error_at(file, episode=slug, severity=severity)
    if not slug:
        findings.append(place("slug-empty", "no address can be made of this folder's name", 1, 'write one: slug = "a-short-name"'))
        return None
    if written.slug is not None and written.slug != slug:
        findings.append(
            place("slug-invalid", f"a slug is made of a-z, 0-9 and -, not `{written.slug}`", line_of(lines, ("slug",)), f'slug = "{slug}"')
        )
    date = None
    if written.date is not None:
        try:
            date = resolve_date(written.date, config.show.timezone, config.show.release_time)
        except ContentFault as fault:
            findings.append(place(fault.code, fault.message, line_of(lines, ("date",)), fault.hint))
    for key in ("hosts", "guests"):
        for index, person in enumerate(getattr(written, key) or ()):
            if person not in config.people and (key == "hosts" or is_person_id(person)):
                findings.append(
                    place(
                        "person-unknown",
                        f"`{person}` is not in [people]",
                        line_of(lines, (key, index)),
                        f"add [people.{person}] to config.toml",
                    )
                )
    transcripts, chapters_file = documents(path, name, root, findings, place)
    cover = cover_of(path, name, root, written, line_of(lines, ("cover",)), findings, slug, severity)
    images = tuple(images_in(path, root, notes, notes_offset, place, findings))
    images += named_pictures(path, root, written, {file.name for file in images}, lines, place, findings)
    if date is None and written.date is not None:
        return None
    source = EpisodeSource(
        folder=path,
        root=root,
        name=name,
        slug=slug,
        guid=written.guid or episode_guid(show_guid, slug),
        written=written,
        date=date,
        digest=hashlib.sha256(raw).hexdigest(),
        names=names,
        transcripts=transcripts,
        chapters_file=chapters_file,
        cover=cover,
        images=images,
    )
    source.__dict__["_text"] = lines, notes, notes_offset
    return source


def _recalled(path: Path, root: Path, name: str, known: dict[str, Any], signature: Signature) -> EpisodeSource:
    """An episode as the cache remembers it."""

    def file(row: list[str]) -> SourceFile:
        return SourceFile(path=path / row[0], name=row[1], digest=row[2], root=root, language=row[3] if len(row) > 3 else "")

    return EpisodeSource(
        folder=path,
        root=root,
        name=name,
        slug=known["slug"],
        guid=known["guid"],
        written=FrontMatter.model_validate(known["front"]),
        date=dt.datetime.fromisoformat(known["date"]) if known["date"] else None,
        digest=known["digest"],
        names=tuple(row[0] for row in signature),
        transcripts=tuple(map(file, known["transcripts"])),
        chapters_file=file(known["chapters"]) if "chapters" in known else None,
        cover=file(known["cover"]) if "cover" in known else None,
        images=tuple(map(file, known["images"])),
    )


def _waits(front: Mapping[str, Any], now: dt.datetime | None, config: Config) -> bool:
    """Whether listeners cannot see the episode yet anyway: a draft, without date, or not due at `now`."""
    if str(front.get("draft")).lower() in ("true", "yes", "on"):
        return True
    date = front.get("date")
    try:
        date = dt.datetime.fromisoformat(date.strip()) if isinstance(date, str) else date
    except ValueError:
        return False
    if not isinstance(date, dt.date):
        return date is None
    if now is None:
        return False
    if not isinstance(date, dt.datetime):
        return date > now.date() + dt.timedelta(days=1)
    zone = config.show.timezone
    return (date if date.tzinfo else date.replace(tzinfo=ZoneInfo(zone) if zone else dt.UTC)) > now


def _twins(episodes: list[EpisodeSource], now: dt.datetime | None) -> dict[str, Finding]:
    """Two episodes with one slug, or one guid, by folder: all but the one that listeners have had longest, which is the original."""
    found: dict[str, Finding] = {}
    slugs: dict[str, EpisodeSource] = {}
    guids: dict[str, EpisodeSource] = {}
    latest = dt.datetime.max.replace(tzinfo=dt.UTC)
    for episode in sorted(episodes, key=lambda item: (item.written.draft, item.date or latest, item.name)):
        waits = episode.written.draft or episode.date is None or (now is not None and not episode.due(now))
        place = error_at(episode.file, episode=episode.slug, severity=Severity.WARNING if waits else Severity.ERROR)
        if episode.slug in slugs:
            message = f"this address is taken: {slugs[episode.slug].name} is also `{episode.slug}`"
            found[episode.name] = place("slug-twice", message, episode.line("slug"), "rename the folder, or write another slug")
        elif episode.guid in guids:
            message = f"this looks like a copy of {guids[episode.guid].name}: both have the guid {episode.guid}"
            found[episode.name] = place("guid-twice", message, episode.line("guid"), "delete the `guid` line here")
        slugs.setdefault(episode.slug, episode)
        guids.setdefault(episode.guid, episode)
    return found
