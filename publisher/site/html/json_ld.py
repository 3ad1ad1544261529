"""What search engines read: schema.org JSON-LD of a show and an episode."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from feed.schema.value_types import whole_number
from feed.times import iso_duration
from publisher.core import layout
from publisher.core.addresses import Links, outside

if TYPE_CHECKING:
    from collections.abc import Sequence

    from feed.model import Episode, Person, Show
    from publisher.core.layout import Key
    from publisher.site.parts.page_values import EpisodeView

_PERFORMING_GROUPS = frozenset({"cast"})


def show_data(show: Show, links: Links) -> dict[str, Any]:
    """`PodcastSeries`."""
    written = show.written
    return (
        {"@context": "https://schema.org"}
        | _series(show, links)
        | {
            "description": written.description,
            "image": show.image.url,
            "inLanguage": written.language,
            "author": {"@type": "Organization", "name": written.author},
        }
    )


def episode_data(show: Show, view: EpisodeView, address: str, links: Links) -> dict[str, Any]:
    """`PodcastEpisode` with its `AudioObject`, one `Clip` per chapter and the `PodcastSeries` it belongs to.

    The transcript is linked (as caption and as text), not repeated: its words stand on the page already, and would double its weight.
    """
    episode = view.episode
    data: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": "PodcastEpisode",
        "@id": address,
        "url": address,
        "name": episode.written.title,
        "description": episode.notes.summary,
        "datePublished": episode.date.isoformat(),
        "duration": iso_duration(episode.enclosure.duration),
        "inLanguage": episode.written.language or show.written.language,
        "image": (episode.image or show.image).url,
        "isAccessibleForFree": True,
        "associatedMedia": _audio(episode),
        "partOfSeries": _series(show, links),
    }
    if episode.written.episode is not None:
        # A number of schema.org is a whole one; any other is a text.
        data["episodeNumber"] = whole_number(episode.written.episode) or str(episode.written.episode)
    if episode.written.season is not None:
        data["partOfSeason"] = {
            "@type": "PodcastSeason",
            "seasonNumber": episode.written.season,
            "name": view.season_name or str(episode.written.season),
        }
    performers = [_person(person) for person in episode.people if person.group in _PERFORMING_GROUPS]
    if performers:
        data["actor"] = performers
    if episode.written.author:
        data["author"] = {"@type": "Person", "name": episode.written.author}
    clips = _clips(episode, address)
    if clips:
        data["hasPart"] = clips
    if episode.written.tags:
        data["keywords"] = list(episode.written.tags)
    return data


def trail_data(trail: Sequence[tuple[str, Key]], links: Links) -> dict[str, Any]:
    """`BreadcrumbList`: the way to a page, name and key of each step, itself last."""
    steps = [
        {"@type": "ListItem", "position": place, "name": name, "item": links.absolute(key)} for place, (name, key) in enumerate(trail, 1)
    ]
    return {"@context": "https://schema.org", "@type": "BreadcrumbList", "itemListElement": steps}


def _series(show: Show, links: Links) -> dict[str, Any]:
    return {"@type": "PodcastSeries", "name": show.written.title, "url": links.absolute(layout.HOME), "webFeed": show.feed_url}


def _audio(episode: Episode) -> dict[str, Any]:
    audio: dict[str, Any] = {
        "@type": "AudioObject",
        "contentUrl": episode.enclosure.url,
        "encodingFormat": episode.enclosure.type,
        "contentSize": str(episode.enclosure.length),
        "duration": iso_duration(episode.enclosure.duration),
    }
    written = {document.type: document.url for document in reversed(episode.transcripts)}
    if "text/vtt" in written:
        audio["caption"] = {"@type": "MediaObject", "contentUrl": written["text/vtt"], "encodingFormat": "text/vtt"}
    if "text/plain" in written:
        audio["transcript"] = written["text/plain"]
    return audio


def _clips(episode: Episode, address: str) -> list[dict[str, Any]]:
    clips = []
    for number, chapter in enumerate(episode.chapters):
        following = episode.chapters[number + 1].start if number + 1 < len(episode.chapters) else episode.enclosure.duration
        clips.append(
            {
                "@type": "Clip",
                "name": chapter.title,
                "startOffset": round(chapter.start, 2),
                "endOffset": round(chapter.end if chapter.end is not None else following, 2),
                "url": f"{address}#t={int(chapter.start)}",
            }
        )
    return clips


def _person(person: Person) -> dict[str, Any]:
    data = {"@type": "Person", "name": person.name}
    if outside(person.url):
        data["url"] = outside(person.url)
    return data
