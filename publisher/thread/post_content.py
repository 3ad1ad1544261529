"""What networks are told of an episode: words and picture of a post, or a document."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from feed.text_cleaning import one_line
from publisher.core.errors import StorageError
from publisher.incremental_build.recipe_names import recipe_name
from publisher.thread.post_text import PostContent, PostPicture

if TYPE_CHECKING:
    from publisher.folder_to_plan import Prepared
    from publisher.load.config_tables import Config
    from publisher.render.episode_content import EpisodeContent
    from publisher.state.published_episodes import PublishedEpisode
    from publisher.state.state import State
    from publisher.stores.protocol import Store


def content_of(content: EpisodeContent, config: Config, picture: PostPicture | None) -> PostContent:
    """What is posted of an episode."""
    written = content.source.written
    values = {
        "title": one_line(written.title),
        "link": content.sources.link,
        "show": one_line(config.show.title),
        "summary": one_line(content.notes.summary.partition("\n\n")[0]),
        "number": "" if written.episode is None else str(written.episode),
        "season": "" if written.season is None else str(written.season),
    }
    date = content.recorded.date.isoformat()
    return PostContent(guid=content.source.guid, date=date, values=values, language=content.sources.language, picture=picture)


def picture_of(content: EpisodeContent, config: Config, state: State, store: Store) -> PostPicture | None:
    """The card of an episode's page, else its cover or the artwork, as they were published; None where that cannot be had."""
    written = content.source.written
    named = ". ".join(part for part in (f"{written.title} · {config.show.title}", written.cover_alt or "") if part)
    for recipe in (recipe_name("social", content.slug), recipe_name("art", content.slug), "artwork"):
        record = state.recipes.get(recipe)
        if record is not None and record.keys:
            key = record.keys[-1]  # a cover is followed by smaller copies
            try:
                stored = store.read(key)
            except StorageError:
                stored = None
            if stored is not None:
                return PostPicture(body=stored.body, type="image/png" if key.endswith(".png") else "image/jpeg", alt=named)
    return None


def document_of(prepared: Prepared, content: EpisodeContent, item: PublishedEpisode, written: PostContent) -> dict[str, Any]:
    """What a program of yours is told of an episode."""
    config, episode = prepared.source.config, content.episode
    return {
        "type": "episode.published",
        "timestamp": episode.date.isoformat(),
        "data": {
            "show": {"title": config.show.title, "guid": prepared.source.guid, "feed": config.feed_url, "page": config.home_url},
            "episode": {
                "slug": content.slug,
                "guid": episode.guid,
                "title": episode.written.title,
                "season": episode.written.season,
                "number": episode.written.episode,
                "date": episode.date.isoformat(),
                "language": written.language,
                "page": episode.link,
                "summary": episode.notes.summary,
                "notes": episode.notes.apps,
                "image": episode.image.url if episode.image is not None else prepared.rendering.composition.show.image.url,
                "audio": {
                    "url": episode.enclosure.url,
                    "type": episode.enclosure.type,
                    "bytes": episode.enclosure.length,
                    "seconds": episode.enclosure.duration,
                },
            },
            "posts": [{"network": post.network, "page": post.address} for post in item.posts if post.status == "posted" and post.address],
        },
    }
