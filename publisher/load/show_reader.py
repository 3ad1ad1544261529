"""The show's folder, read: its episodes, pictures, pages, comments and theme. Every fault is collected, none is guessed away."""

from __future__ import annotations

import datetime as dt
import os
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from feed.findings import LEFT_OUT, Finding, Severity
from publisher.core import show_files
from publisher.core.slugs import slug_of
from publisher.load.episode_cache import EpisodeCache, signature_of
from publisher.load.episode_reader import load_episode, recalled
from publisher.load.named_files import ShowFiles, is_address
from publisher.load.show_source import EpisodeSource, ShowSource
from publisher.load.streams.live_streams import stream_findings, streams_of
from publisher.load.toml_and_yaml import error_at

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from publisher.core.show_files import SourceFile
    from publisher.load.config_reader import ConfigFile
    from publisher.load.config_tables import Config

_Name = TypeVar("_Name", str, int)

_PUBLISHED_ONLY_ABOVE = frozenset(
    (".css", ".js", ".svg", ".png", ".jpg", ".jpeg", ".webp", ".avif", ".gif", ".ico", ".woff2", ".woff", ".ttf", ".otf")
)
_ANSWERS = ".social"
MAX_COMMENTS = 8 * 1024 * 1024
"""Bytes of a file of comments."""


def load_show(file: ConfigFile, *, show_guid: str, now: dt.datetime | None = None, cache: EpisodeCache | None = None) -> ShowSource:
    """Read the folder around a config that was read. Faults are in `findings`; an episode that cannot be understood is left out.

    Faults of drafts, and of episodes that are not due at `now`, are warnings. `cache` spares reading what did not change.
    """
    findings: list[Finding] = []
    root = file.folder.resolve()
    episodes = [
        episode
        for path in _entries(file.folder / "episodes", root, "episodes", findings)
        if (episode := _episode(path, root, file.config, show_guid, now, cache, findings)) is not None
    ]
    if cache is not None:
        cache.save()
    twins = _twins(episodes, now)
    findings += twins.values()
    findings += _other_bases(episode for episode in episodes if episode.name not in twins)
    theme, streams = file.config.site.theme, streams_of(file)
    findings += stream_findings(streams, file, now)
    talk = {item.path.stem: item for item in _files("comments", file.folder, root, ".json", findings, largest=MAX_COMMENTS)}
    return ShowSource(
        file=file,
        guid=show_guid,
        artwork=_named(file, root, ("show", "artwork"), file.config.show.artwork, findings),
        episodes=tuple(episode for episode in episodes if episode.name not in twins),
        people_images=_people_images(file, root, findings),
        season_artwork=_season_artwork(file, root, findings),
        images=_show_images(file, root, findings),
        pages=tuple(_files("pages", file.folder, root, ".md", findings)),
        comments={name: item for name, item in talk.items() if not name.endswith(_ANSWERS)},
        answers={name.removesuffix(_ANSWERS): item for name, item in talk.items() if name.endswith(_ANSWERS)},
        theme=dict(sorted(_theme(file.folder / theme, root, theme, findings))) if _theme_there(file, root, findings) else {},
        streams=tuple(item for item in streams if not item.left(now)),
        findings=tuple(findings),
    )


class Looks(NamedTuple):
    """What pages beside the show's own need of its folder: its artwork, and the files of its theme by their place in it."""

    artwork: SourceFile | None
    theme: Mapping[str, SourceFile]


def load_looks(file: ConfigFile) -> Looks:
    """These alone. Faults in them are told by whoever reads the whole folder."""
    root, theme, unheard = file.folder.resolve(), file.config.site.theme, list[Finding]()
    there = _theme_there(file, root, unheard)
    return Looks(
        artwork=_named(file, root, ("show", "artwork"), file.config.show.artwork, unheard),
        theme=dict(sorted(_theme(file.folder / theme, root, theme, unheard))) if there else {},
    )


def _episode(
    path: Path, root: Path, config: Config, show_guid: str, now: dt.datetime | None, cache: EpisodeCache | None, findings: list[Finding]
) -> EpisodeSource | None:
    """The episode in a folder, from the cache where nothing changed; None where there is none, or it cannot be understood."""
    name = f"{path.parent.name}/{path.name}"
    if path.name.startswith(".") or (path.is_symlink() and _refused(path, root, name, findings)):
        return None
    try:
        signature = signature_of(path)
    except NotADirectoryError:
        return None
    except OSError as error:
        findings.append(_unreadable(name, error, slug_of(path.name)))
        return None
    known = cache.get(path.name, signature) if cache is not None else None
    if known is not None:
        return recalled(path, root, name, known, signature)
    if not any(row[0] == "episode.md" for row in signature):
        place = error_at(name, severity=Severity.WARNING)
        message = "there is no episode.md in this folder; it is left out"
        near = next(
            (row[0] for row in signature if row[0].lower() in ("episode.md", "episode.md.txt", "episode.txt", "episode.markdown")), ""
        )
        findings.append(place("episode-missing", message, hint=f"rename {near} to episode.md" if near else "`publish new TITLE` makes one"))
        return None
    before = len(findings)
    try:
        episode = load_episode(path, name, root, config, show_guid, now, findings, tuple(row[0] for row in signature))
    except OSError as error:
        findings.append(_unreadable(f"{name}/{Path(error.filename or '').name}", error, slug_of(path.name)))
        return None
    if episode is not None and cache is not None and len(findings) == before:
        cache.put(path.name, signature, episode)
    return episode


def _named(file: ConfigFile, root: Path, key: tuple[str | int, ...], written: str, findings: list[Finding]) -> SourceFile | None:
    """The file that a key of config.toml names; None and a finding when it is not there."""
    words = ".".join(str(part) for part in key if not isinstance(part, int))
    line = file.line(*key) or file.line(key[0])
    return ShowFiles(root=root, findings=findings, place=error_at(file.path.name)).named(root, written, words, line)


def _people_images(file: ConfigFile, root: Path, findings: list[Finding]) -> dict[str, SourceFile]:
    """The pictures of `[people]` that are files, by the person's id."""
    people = file.config.people.items()
    named = {name: person.image for name, person in people if person.image and not person.image.startswith(("https://", "http://"))}
    return _there({name: _named(file, root, ("people", name, "image"), image, findings) for name, image in named.items()})


def _season_artwork(file: ConfigFile, root: Path, findings: list[Finding]) -> dict[int, SourceFile]:
    """The artwork of `[seasons]`, by the season's number."""
    seasons = file.config.seasons.items()
    named = {number: season.artwork for number, season in seasons if season.artwork and number.isdecimal()}
    return _there({int(number): _named(file, root, ("seasons", number, "artwork"), image, findings) for number, image in named.items()})


def _show_images(file: ConfigFile, root: Path, findings: list[Finding]) -> dict[str, SourceFile]:
    """`[show] images` that are files, by the name written."""
    files = ShowFiles(root=root, findings=findings, place=error_at(file.path.name))
    named = {table.href: index for index, table in enumerate(file.config.show.images) if not is_address(table.href)}
    lines = {href: file.line("show", "images", index, "href") for href, index in named.items()}
    return _there({href: files.named(root, href, "show.images", line) for href, line in lines.items()})


def _there(found: Mapping[_Name, SourceFile | None]) -> dict[_Name, SourceFile]:
    return {name: file for name, file in found.items() if file is not None}


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
        show_files.place_of(folder, root)
    except show_files.Refused as fault:
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
            files = ShowFiles(root=root, findings=findings, place=error_at(f"{name}/{path.name}"))
            found = files.found(path, f"{name}/{path.name}", largest=largest)
            if found is not None:
                yield found


def _theme_there(file: ConfigFile, root: Path, findings: list[Finding]) -> bool:
    """Whether the theme's folder is one; that it is not, where somebody named one or something else lies there, is told."""
    site = file.config.site
    folder = file.folder / site.theme
    if folder.resolve() == root:
        message = "this is the show's folder itself: whatever lies in it would be published"
    elif folder.is_dir():
        return True
    elif folder.exists():
        message = f"`{site.theme}` is no folder"
    elif "theme" in site.model_fields_set:
        message = f"there is no folder `{site.theme}` here"
    else:
        return True
    line = file.line("site", "theme") or file.line("site")
    place, hint = error_at(file.path.name), "a theme lies in a folder of its own: `publish explain theme-folder`"
    findings.append(place("theme-folder", message, line, hint))
    return False


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
            files = ShowFiles(root=root, findings=findings, place=error_at(f"{name}/{path.name}"))
            file = files.found(path, f"{name}/{path.name}")
            if file is not None:
                yield f"{inside}{path.name}", file
        elif path.suffix.lower() in _PUBLISHED_ONLY_ABOVE:
            place = error_at(f"{name}/{path.name}", severity=Severity.HINT)
            findings.append(
                place(LEFT_OUT, "only templates are taken from folders of a theme", hint="put it into the theme's folder itself")
            )


def _unreadable(file: str, error: OSError, episode: str = "") -> Finding:
    place = error_at(file, episode=episode)
    return place("file-unreadable", f"this cannot be read: {error.strerror or error}", hint="may your user read it? ls -l shows it")


_TWIN = (
    "the same episode twice: delete this folder, for with another guid it would come twice to every subscriber; "
    "a new episode begun as a copy: delete the `guid` line here"
)


def _twins(episodes: list[EpisodeSource], now: dt.datetime | None) -> dict[str, Finding]:
    """Two episodes with one slug, or one guid, by folder: all but the one that listeners have had longest, which is the original."""
    found: dict[str, Finding] = {}
    slugs: dict[str, EpisodeSource] = {}
    guids: dict[str, EpisodeSource] = {}
    latest = dt.datetime.max.replace(tzinfo=dt.UTC)
    for episode in sorted(episodes, key=lambda item: (item.written.draft, item.date or latest, item.name)):
        severity = Severity.WARNING if episode.waits(now) else Severity.ERROR
        place = error_at(episode.file, episode=episode.slug, severity=severity)
        if episode.slug in slugs:
            message = f"this address is taken: {slugs[episode.slug].name} is also `{episode.slug}`"
            found[episode.name] = place("slug-twice", message, episode.line("slug"), "rename the folder, or write another slug")
        elif episode.guid in guids:
            message = f"this looks like a copy of {guids[episode.guid].name}: both have the guid {episode.guid}"
            found[episode.name] = place("guid-twice", message, episode.line("guid"), _TWIN)
        slugs.setdefault(episode.slug, episode)
        guids.setdefault(episode.guid, episode)
    return found


def _other_bases(episodes: Iterable[EpisodeSource]) -> Iterator[Finding]:
    """Episodes whose guids would be completed by another address than that of the newest: a feed has one."""
    latest = dt.datetime.max.replace(tzinfo=dt.UTC)
    named = sorted((item for item in episodes if item.written.guid_base), key=lambda item: (item.date or latest, item.name), reverse=True)
    for episode in named:
        if episode.written.guid_base != named[0].written.guid_base:
            place = error_at(episode.file, episode=episode.slug, severity=Severity.WARNING)
            message = f"apps complete this guid by {named[0].written.guid_base}, as that of {named[0].name}: a feed has one such address"
            hint = (
                "to apps that complete guids it is another episode; write the address that more of your listeners subscribed to everywhere"
            )
            yield place("guid-base", message, episode.line("guid_base"), hint)
