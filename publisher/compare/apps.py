"""When apps take an item of a new feed for an episode that they have, each as its own code says.

An app tries its ways in order. A way is what an episode is known by there: of two with the same, the app keeps one.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

from publisher.compare.episodes import resolved

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

    from publisher.compare.episodes import ComparedEpisode

_LONGEST = 738
"""Characters of an address that the Podcast Index keeps as a guid."""
_ALIKE_SECONDS = 600
_QUOTES = str.maketrans({"“": '"', "”": '"', "„": '"', "—": "-"})


def _always(_old: ComparedEpisode, _new: ComparedEpisode) -> bool:
    return True


@dataclass(frozen=True, slots=True)
class Way:
    """One way of knowing an episode: by a `key` (None: it has nothing of the kind), where what `fits` says is true as well."""

    key: Callable[[ComparedEpisode], Hashable | None]
    fits: Callable[[ComparedEpisode, ComparedEpisode], bool] = _always


@dataclass(frozen=True, slots=True)
class App:
    """An app, or the library that apps are built with; `source` is where its rule is written."""

    name: str
    ways: tuple[Way, ...]
    source: str


def guid(episode: ComparedEpisode) -> str | None:
    """The guid as a string. Apple's requirements for feeds: every episode has a guid, which never changes
    (podcasters.apple.com/support/823-podcast-requirements).
    """
    return episode.guid or None


def title_and_date(episode: ComparedEpisode) -> tuple[str, str] | None:
    """Title and date: what is left to know an item without a guid by (PTM 2.3, section 5.3, on how podcatchers differ)."""
    when = _instant(episode) or episode.written_date
    return (episode.title, when) if episode.title and when else None


def one_has_no_guid(old: ComparedEpisode, new: ComparedEpisode) -> bool:
    """Title and date only stand in for a guid."""
    return not (old.guid and new.guid)


def antennapod_identity(episode: ComparedEpisode) -> str | None:
    """AntennaPod: the guid as it is written, else the title, else the recording's address, else the link
    (model/…/feed/FeedItem.java, getIdentifyingValue; FeedItemDuplicateGuesserPool.findById).
    """
    return episode.written_guid or episode.title or episode.enclosure or episode.link or None


def enclosure(episode: ComparedEpisode) -> str | None:
    """The recording's address. AntennaPod: storage/database/…/FeedItemDuplicateGuesserPool.java, guessDuplicate. Audiobookshelf:
    server/models/PodcastEpisode.js, checkMatchesGuidOrEnclosureUrl.
    """
    return episode.enclosure or None


def antennapod_likeness(episode: ComparedEpisode) -> tuple[str, str] | None:
    """AntennaPod: the title but for its quotes and dashes, and the day (FeedItemDuplicateGuesser.java, titlesLookSimilar and
    datesLookSimilar).
    """
    title = episode.title.strip().translate(_QUOTES)
    return (title, _instant(episode)[:10]) if title and episode.date is not None else None


def antennapod_alike(old: ComparedEpisode, new: ComparedEpisode) -> bool:
    """AntennaPod: less than ten minutes between their lengths, and the same kind of file (FeedItemDuplicateGuesser.java,
    durationsLookSimilar and mimeTypeLooksSimilar).
    """
    kinds = {kind.partition("/")[0] for kind in (old.type, new.type) if kind}
    return abs((old.duration or 0) - (new.duration or 0)) < _ALIKE_SECONDS and len(kinds) < 2


def gpodder_guid(episode: ComparedEpisode) -> str | None:
    """gPodder: the guid, resolved against the feed's address where it is a permalink; else the link, else the recording's address
    (gpodder/podcastparser, podcastparser.py, EpisodeGuid and validate_episode; gpodder/gpodder, model.py, get_new_episodes). An empty
    guid is one: gPodder keeps a single episode of all that have it.
    """
    if episode.written_guid is not None:
        return _resolved_guid(episode)
    link = resolved(episode.link, episode.base) if episode.link else ""
    return link or episode.enclosure or None


def feedparser_id(episode: ComparedEpisode) -> str | None:
    """The `id` of feedparser: the guid, resolved against the feed's address where it is a permalink, an attribute that is misspelled
    included (kurtmckee/feedparser, feedparser/namespaces/_base.py, _start_guid, mixin.py, pop, and parsers/strict.py).
    """
    return (resolved(episode.guid, episode.base) if episode.is_link else episode.guid) or None


def newsboat_guid(episode: ComparedEpisode) -> str | None:
    """newsboat: the guid as it is written, else link and date together, else the link, else the title (newsboat/newsboat,
    src/rssparser.cpp, RssParser::get_guid, and rss/rss09xparser.cpp).
    """
    return episode.written_guid or (episode.link and episode.link + episode.written_date) or episode.title or None


def podcast_index_guid(episode: ComparedEpisode) -> str | None:
    """The Podcast Index: the guid, else the recording's address (Podcastindex-org/aggregator, partytime/partytime.js)."""
    return episode.guid or episode.enclosure[:_LONGEST] or None


def anytime_guid(episode: ComparedEpisode) -> str | None:
    """Anytime: the guid, else the recording's address (amugofjava/anytime_podcast_player,
    lib/services/podcast/mobile_podcast_service.dart, episodeKey).
    """
    return episode.guid or episode.enclosure or None


def _resolved_guid(episode: ComparedEpisode) -> str:
    return resolved(episode.guid, episode.base) if episode.is_permalink else episode.guid


def _instant(episode: ComparedEpisode) -> str:
    return episode.date.astimezone(dt.UTC).isoformat() if episode.date is not None else ""


APPS = (
    App("Apple Podcasts", (Way(guid), Way(title_and_date, one_has_no_guid)), "podcasters.apple.com/support/823-podcast-requirements"),
    App(
        "AntennaPod",
        (Way(antennapod_identity), Way(enclosure), Way(antennapod_likeness, antennapod_alike)),
        "github.com/AntennaPod/AntennaPod, FeedItem.java, FeedItemDuplicateGuesser.java",
    ),
    App("gPodder", (Way(gpodder_guid),), "github.com/gpodder/podcastparser, podcastparser.py"),
    App("feedparser", (Way(feedparser_id), Way(title_and_date, one_has_no_guid)), "github.com/kurtmckee/feedparser, namespaces/_base.py"),
    App("newsboat", (Way(newsboat_guid),), "github.com/newsboat/newsboat, src/rssparser.cpp"),
    App("Podcast Index", (Way(podcast_index_guid),), "github.com/Podcastindex-org/aggregator, partytime/partytime.js"),
    App("Audiobookshelf", (Way(guid), Way(enclosure)), "github.com/advplyr/audiobookshelf, server/models/PodcastEpisode.js"),
    App("Anytime", (Way(anytime_guid),), "github.com/amugofjava/anytime_podcast_player, mobile_podcast_service.dart"),
)
"""The apps whose rule can be read."""
