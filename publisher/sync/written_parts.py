"""The parts of an episode and of the show that people write, each with a digest: what State remembers, to say later which changed."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from publisher.core.digests import digest_json

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from publisher.core.show_files import SourceFile
    from publisher.load.show_source import EpisodeSource, ShowSource

_SAID_BY_THEMSELVES = frozenset({"title", "date", "draft", "audio", "audio_revision"})
"""Keys of front matter that State holds as they are, or that change with the recording."""
_SETTINGS = ("feed", "audio", "chapters", "transcript", "cdn", "announce")
"""Tables of config.toml that decide what listeners get or who is told: not those that may differ from machine to machine."""
_LATER = frozenset({"settings", "live streams", "pictures"})
"""Parts of the show that State of an earlier version does not know: nothing is said of them until both sides do."""


def parts_of(episode: EpisodeSource) -> dict[str, str]:
    """A digest for each part of an episode that there is, by its word. Its text is read for it."""
    written = episode.written.model_dump(mode="json", by_alias=True, exclude_unset=True, exclude=set(_SAID_BY_THEMSELVES))
    return {
        "notes": _short(episode.notes.strip()),
        "details": _short(digest_json(written)),
        **_of_files("transcript", episode.transcripts),
        **_of_files("chapters", (episode.chapters_file,)),
        **_of_files("cover", (episode.cover,)),
        **_of_files("pictures", episode.images),
    }


def parts_of_show(source: ShowSource) -> dict[str, str]:
    """A digest for each part of the show itself, by its word."""
    config = source.config
    details = {
        "show": config.show.model_dump(mode="json", by_alias=True, exclude={"title", "description"}),
        "people": {name: person.model_dump(mode="json") for name, person in sorted(config.people.items())},
        "seasons": {name: season.model_dump(mode="json") for name, season in sorted(config.seasons.items())},
    }
    settings = {name: getattr(config, name).model_dump(mode="json", exclude_defaults=True) for name in _SETTINGS}
    pictures = {**source.images, **source.people_images, **{str(number): file for number, file in source.season_artwork.items()}}
    looks = [config.site.model_dump_json(exclude={"url"}), *(f"{name} {file.digest}" for name, file in sorted(source.theme.items()))]
    return {
        "title": _short(config.show.title),
        "description": _short(config.show.description),
        "details": _short(digest_json(details)),
        "looks": _short("\n".join(looks)),
        "settings": _short(digest_json(settings)),
        "live streams": _short(digest_json([item.model_dump(mode="json", exclude_defaults=True) for item in config.live])),
        "pictures": _short("\n".join(f"{name} {file.digest}" for name, file in sorted(pictures.items()))),
        **_of_files("cover", (source.artwork,)),
        **_of_files("pages", source.pages),
    }


def changed(before: Mapping[str, str], after: Mapping[str, str]) -> tuple[str, ...]:
    """The words of an episode's parts that differ, came or went, in the order in which they are written down."""
    return tuple(word for word in dict.fromkeys((*after, *before)) if before.get(word) != after.get(word))


def changed_of_show(before: Mapping[str, str], after: Mapping[str, str]) -> tuple[str, ...]:
    """The words of the show's parts that differ, as far as both sides know them."""
    return tuple(word for word in changed(before, after) if word not in _LATER or (word in before and word in after))


def _of_files(word: str, files: Iterable[SourceFile | None]) -> dict[str, str]:
    rows = sorted(f"{file.name} {file.digest}" for file in files if file is not None)
    return {word: _short("\n".join(rows))} if rows else {}


def _short(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:12]
