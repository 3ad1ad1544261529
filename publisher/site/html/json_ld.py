"""What search engines read: schema.org JSON-LD of a show and an episode. What nobody wrote and nothing measured is not in it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from feed.schema.value_types import whole_number
from feed.times import iso_duration
from publisher.core import layout
from publisher.core.addresses import Links, outside

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

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
            "author": _maker(written.author, show.people),
        }
    )


def episode_data(show: Show, view: EpisodeView, address: str, links: Links) -> dict[str, Any]:
    """`PodcastEpisode` with its `AudioObject`, one `Clip` per chapter and the `PodcastSeries` it belongs to.

    The transcript's files are named (as caption and as text), its words not repeated: they stand on the page already, and would double
    its weight. `transcript` is left out, for it holds words and no address.
    """
    episode = view.episode
    data: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": "PodcastEpisode",
        "@id": address,
        "url": address,
        "name": episode.written.title,
        "datePublished": episode.date.isoformat(),
        "inLanguage": episode.written.language or show.written.language,
        "image": (episode.image or show.image).url,
        "associatedMedia": _audio(episode),
        "partOfSeries": _series(show, links),
    }
    if episode.notes.summary:
        data["description"] = episode.notes.summary
    if episode.enclosure.duration:
        data["duration"] = iso_duration(episode.enclosure.duration)
    if episode.written.episode is not None:
        # A number of schema.org is a whole one; any other is a text.
        data["episodeNumber"] = whole_number(episode.written.episode) or str(episode.written.episode)
    if episode.written.season is not None:
        season = {"@type": "PodcastSeason", "seasonNumber": episode.written.season}
        data["partOfSeason"] = season | ({"name": view.season_name} if view.season_name else {})
    performers = [_person(person) for person in episode.people if person.group in _PERFORMING_GROUPS]
    if performers:
        data["actor"] = performers
    if episode.written.author:
        data["author"] = _maker(episode.written.author, (*episode.people, *show.people))
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


def size_of(size: int) -> str:
    """`12.3 MB`, decimal: schema.org asks for kilobytes or megabytes, as text (https://schema.org/contentSize)."""
    kilobytes = f"{size / 1000:.1f}"
    return f"{kilobytes} kB" if float(kilobytes) < 1000 else f"{size / 1_000_000:.1f} MB"


def _audio(episode: Episode) -> dict[str, Any]:
    audio: dict[str, Any] = {
        "@type": "AudioObject",
        "contentUrl": episode.enclosure.url,
        "encodingFormat": episode.enclosure.type,
    }
    if episode.enclosure.length:
        audio["contentSize"] = size_of(episode.enclosure.length)
    if episode.enclosure.duration:
        audio["duration"] = iso_duration(episode.enclosure.duration)
    written = {document.type: document.url for document in reversed(episode.transcripts)}
    if "text/vtt" in written:
        audio["caption"] = {"@type": "MediaObject", "contentUrl": written["text/vtt"], "encodingFormat": "text/vtt"}
    if "text/plain" in written:
        audio["encoding"] = {"@type": "TextObject", "contentUrl": written["text/plain"], "encodingFormat": "text/plain"}
    return audio


def _clips(episode: Episode, address: str) -> list[dict[str, Any]]:
    clips = []
    chapters = [chapter for chapter in episode.chapters if chapter.toc]
    for number, chapter in enumerate(chapters):
        following = chapters[number + 1].start if number + 1 < len(chapters) else episode.enclosure.duration
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


def _maker(name: str, people: Iterable[Person]) -> dict[str, Any] | str:
    """Who made it: a person where one of `people` has this name; else the name alone, which says neither person nor organisation."""
    known = next((person for person in people if person.name == name), None)
    return name if known is None else _person(known)


def _person(person: Person) -> dict[str, Any]:
    data = {"@type": "Person", "name": person.name}
    if outside(person.url):
        data["url"] = outside(person.url)
    return data
