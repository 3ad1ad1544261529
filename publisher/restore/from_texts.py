"""A show brought back from the private side of its storage: config and texts as they were published, and every other file."""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from publisher.core import layout
from publisher.core.console import count_words
from publisher.core.errors import AirdateError, StorageError
from publisher.incremental_build.recipe_names import recipe_name
from publisher.load.config_reader import parse_config, read_config
from publisher.load.episode_text import read_episode_text
from publisher.stores.open_store import open_store
from publisher.sync.kept.files import episode_place, read_kept_file, read_kept_files, stays_inside
from publisher.sync.kept.texts import CONFIG, is_plain, read_texts
from publisher.workspace import Workspace

if TYPE_CHECKING:
    from collections.abc import Iterator

    from publisher.core.console import Console
    from publisher.load.config_reader import ConfigFile
    from publisher.restore.target_folder import TargetFolder
    from publisher.state.published_episodes import PublishedEpisode
    from publisher.state.state import State
    from publisher.stores.open_store import Location
    from publisher.stores.protocol import Store


@dataclass(kw_only=True)
class _Bringing:
    """What is read from: the private side, and the public one where it can be reached; what could not be had is in `left`."""

    state: State
    private: Store
    public: Store | None
    target: TargetFolder
    left: list[str] = field(default_factory=list)

    def from_public(self, sha256: str) -> bytes | None:
        """Bytes that listeners have; None where no object holds them."""
        key = next((key for key, stored in self.state.objects.items() if stored.sha256 == sha256 and not stored.gone), None)
        stored = self.public.read(key) if self.public is not None and key is not None else None
        return stored.body if stored is not None and hashlib.sha256(stored.body).hexdigest() == sha256 else None

    def write(self, place: str, sha256: str, *, apart: bool) -> bool:
        """Put the file with these bytes at its place; whether it is there."""
        if self.target.has(place, sha256):
            return True
        try:
            body = read_kept_file(self.private, sha256) if apart else self.from_public(sha256)
        except StorageError as error:
            self.left.append(f"{place}: {_damage(error)}")
            return False
        if body is None:
            self.left.append(f"{place}: its bytes are not on the storage any more")
            return False
        self.target.write(place, body)
        return True


def restore_from_texts(
    state: State, private: Store, target: TargetFolder, console: Console, location: Location
) -> tuple[int, int, list[str]]:
    """Write the show's folder, config.toml last: how many episodes there are, how many other files, and what is not as it was published.
    `location` is how the private side is reached: where the config does not say how, so is the public one.

    Raises StorageError where the config is not kept, or it or the list of files is damaged, ContentError where it cannot be read.
    """
    kept = (read_texts(private, CONFIG, state.config) or {}).get(CONFIG)
    if kept is None:
        raise StorageError(
            "config.toml as it was published is not there any more",
            hint=f"publish import {state.site_url.rstrip('/')}/{state.feed_key} FOLDER --force locked: what listeners have",
            code="restore-nothing",
        )
    file = parse_config(target.folder / CONFIG, kept)
    bringing = _Bringing(state=state, private=private, public=_public(file, console, location), target=target)
    listed = read_kept_files(private, state.files)
    folders = dict(listed.folders) if listed is not None else {}
    wanted = [item for item in state.episodes.values() if not (item.removed or item.withdrawn)]
    many = Counter(folders.values())
    names = {item.slug: f"{item.date[:10]}-{item.slug}" for item in wanted}
    names |= {slug: name for slug, name in folders.items() if slug in names and many[name] == 1}
    files = 0
    for place, row in listed.files.items() if listed is not None else ():
        if place != CONFIG:
            files += bringing.write(place, row.sha256, apart=row.apart)
    there = 0
    for number, item in enumerate(wanted, 1):
        console.say(f"  {number}/{len(wanted)} {names[item.slug]}")
        there += _episode(bringing, item, episode_place(names[item.slug]))
    if listed is None:
        files += _pictures_as_published(bringing, file, names)
    target.write(CONFIG, kept)
    bringing.left += _differences(target, state, console)
    return there, files, bringing.left


def _public(file: ConfigFile, console: Console, location: Location) -> Store | None:
    """What listeners reach; None where the config leads nowhere from here."""
    workspace = Workspace(file, console)
    try:
        named = workspace.location(workspace.config.storage.url)
        given = {
            name: getattr(named, name) or getattr(location, name) for name in ("endpoint", "region", "provider", "profile", "addressing")
        }
        return open_store(replace(named, **given), file.folder)
    except AirdateError as error:
        console.warn(f"the place that listeners reach cannot be opened: {error.message}")
        return None


def _episode(bringing: _Bringing, item: PublishedEpisode, folder: str) -> bool:
    """Write an episode's texts, its episode.md last; whether they are kept."""
    try:
        texts = read_texts(bringing.private, item.slug, item.texts[0].digest) if item.texts else None
    except StorageError as error:
        bringing.left.append(f"“{item.title or item.slug}”: {_damage(error)}")
        return False
    if texts is None:
        bringing.left.append(f"“{item.title or item.slug}”: its text is not kept; it was published before the storage had a private side")
        return False
    for name in sorted(texts, key=lambda name: name == "episode.md"):
        place = f"{folder}/{name}"
        if not bringing.target.has(place, hashlib.sha256(texts[name]).hexdigest()):
            bringing.target.write(place, texts[name])
    return True


def _damage(error: StorageError) -> str:
    """What is kept there, where it is damaged; what else the storage answers is raised again."""
    if error.code != "texts-unreadable":
        raise error
    return f"{error.message} ({error.cause})"


def _pictures_as_published(bringing: _Bringing, file: ConfigFile, names: dict[str, str]) -> int:
    """Artwork and covers as listeners have them, where an earlier version kept no other files: how many there are now."""
    recipes, wanted = bringing.state.recipes, {"artwork": file.config.show.artwork}
    wanted |= {recipe_name("art", slug): place for slug, place in _covers(bringing, names)}
    done = 0
    for recipe, place in wanted.items():
        if not stays_inside(place):
            continue
        record = recipes.get(recipe)
        stored = bringing.state.objects.get(record.keys[0]) if record is not None and record.keys else None
        done += bringing.write(place, stored.sha256, apart=False) if stored is not None else 0
    bringing.left.append(
        "pages, theme, portraits and pictures of notes are not kept: an earlier version published this show last; artwork and covers "
        "are as listeners have them"
    )
    return done


def _covers(bringing: _Bringing, names: dict[str, str]) -> Iterator[tuple[str, str]]:
    """Where each episode has its cover: as its front matter names it."""
    for slug, name in names.items():
        path = bringing.target.folder / "episodes" / name / "episode.md"
        record = bringing.state.recipes.get(recipe_name("art", slug))
        if path.exists() and record is not None and record.keys:
            written = read_episode_text(path.read_bytes())[0].get("cover")
            usual = f"cover.{record.keys[0].rpartition('.')[2]}"
            yield slug, f"{episode_place(name)}/{written if isinstance(written, str) and is_plain(written) else usual}"


def _differences(target: TargetFolder, state: State, console: Console) -> Iterator[str]:
    """A line for each thing in which the folder is not what was published last."""
    workspace = Workspace(read_config(target.folder / CONFIG), console)
    try:
        storage, opened = workspace.config.storage, workspace.storage
        there = opened.private.head(layout.STATE_KEY)
        if there is None or there.etag != state.etag:
            yield (
                f"config.toml names another place than this one, {storage.private or storage.url}: write where the show lies into [storage]"
            )
        source = workspace.load(state)
        here = {episode.guid: episode for episode in source.episodes}
        differ = [
            here[item.guid].name if item.guid in here else item.slug
            for item in state.episodes.values()
            if item.texts and not (item.removed or item.withdrawn)
            if item.guid not in here or here[item.guid].text_digest != item.texts[0].digest
        ]
        if differ:
            shown = ", ".join(differ[:5]) + (f" and {len(differ) - 5} more" if len(differ) > 5 else "")
            yield f"{count_words(len(differ), 'episode')} not wholly as published (a picture or a file of theirs is missing): {shown}"
    except AirdateError as error:
        yield f"what was restored could not be compared with what is published: {error.message}"
    finally:
        workspace.close()
