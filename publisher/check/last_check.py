"""What `publish check` made and found last time: what did not change since is neither made nor judged again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from publisher.core import show_files
from publisher.core.digests import code_digest, digest_json
from publisher.core.layout import key_of, keys_of
from publisher.core.local_cache import CacheFile
from publisher.incremental_build.artifacts import Recipe, RecipeRecord, StoredObject
from publisher.incremental_build.build import Known
from publisher.incremental_build.findings_memory import as_rows, read_rows
from publisher.incremental_build.recipe_names import TRANSCRIPT, episode_of, kind_of
from publisher.render.media_and_documents import settings_digest

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from feed.findings import Finding
    from publisher.load.schedule import Publication, Recorded
    from publisher.load.show_source import ShowSource
    from publisher.state.state import State

FEED = "feed"


class LastCheck:
    """One file of the cache: recipes as they were made for the last check, and what was wrong with each.

    Nothing is known once the config, our code or a picture of the show changed, and nothing of an episode that did; but for
    transcripts, whose fingerprints hold all that they and their faults come from.
    """

    def __init__(self, path: Path, source: ShowSource, publication: Publication, state: State) -> None:
        self._file = CacheFile(path, "2")
        self._show = _show_digest(source)
        known = self._file.read()
        self._keys = {item.slug: _key(item) for item in publication.episodes} | {"": _feed_key(state)}
        keys = known.get("keys", {}) if known.get("show") == self._show else {}
        changed = {slug for slug, key in self._keys.items() if keys.get(slug) != key}
        self._rows: Mapping[str, Any] = {
            name: row
            for name, row in known.get("recipes", {}).items()
            if kind_of(name) == TRANSCRIPT or (keys and (episode_of(name) or ("" if name == FEED else None)) not in changed)
        }
        self._objects: Mapping[str, Any] = known.get("objects", {})

    @property
    def known(self) -> Known:
        """What was made then and is as it was."""
        recipes = {
            name: RecipeRecord(fingerprint=fingerprint, keys=keys_of(keys))
            for name, (fingerprint, keys, _) in self._rows.items()
            if all(key in self._objects for key in keys)
        }
        objects = {
            key_of(key): StoredObject(size=size, sha256=sha256, etag="", content_type=kind, cache_control="")
            for key, (size, sha256, kind) in self._objects.items()
        }
        return Known(recipes=recipes, objects=objects)

    def recall(self, name: str, record: RecipeRecord) -> tuple[Finding, ...]:
        """The findings of recipe `name`."""
        fingerprint, _, rows = self._rows[name]
        return read_rows(rows) if fingerprint == record.fingerprint else ()

    def keep(self, site: Mapping[str, Recipe]) -> None:
        """Remember what was made and found now."""
        recipes = {name: [recipe.fingerprint, list(recipe.keys), as_rows(recipe.findings)] for name, recipe in site.items()}
        made = {item.key: [item.size, item.sha256, item.content_type] for recipe in site.values() for item in recipe.artifacts or ()}
        named = {key for recipe in site.values() for key in recipe.keys}
        objects = {key: made.get(key) or self._objects[key] for key in sorted(named) if key in made or key in self._objects}
        self._file.write({"show": self._show, "keys": self._keys, "recipes": recipes, "objects": objects})


def _show_digest(source: ShowSource) -> str:
    """Of all that concerns every episode: our code, the config with its lines, and the pictures it names."""
    pictures = [file.digest for file in (source.artwork, *source.people_images.values()) if file is not None]
    config = show_files.digest(source.file.path, source.folder)
    return digest_json([code_digest(), config, settings_digest(source), pictures, source.guid])


def _feed_key(state: State) -> str:
    """What the rules compare a feed with; whether the feed itself changed, its recipe knows."""
    served = digest_json([[item.slug, item.guid, item.date] for item in state.episodes.values()]) if state.first else ""
    return f"{state.generation}-{state.show_guid}-{state.etag}{served}"


def _key(recorded: Recorded) -> str:
    """All that an episode's findings come from, the show's settings apart."""
    source = recorded.source
    return digest_json(
        [
            source.text_digest,
            source.file,
            recorded.slug,
            source.guid,
            recorded.date.isoformat(),
            recorded.audio.key if recorded.audio else recorded.elsewhere.url if recorded.elsewhere else "",
            recorded.facts.sha256,
            recorded.recording_facts.sha256 if recorded.recording_facts else "",
        ]
    )
