"""Which episodes are to be told to which networks: State says it from the publish on that brings them."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import TYPE_CHECKING

from publisher.core.placeholders import has_none
from publisher.state.posts import with_post
from publisher.state.published_episodes import Post

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from publisher.core.command_call import Options
    from publisher.load.config_tables import Config
    from publisher.state.published_episodes import PublishedEpisode
    from publisher.state.state import State
    from publisher.workspace import Workspace

NEW = dt.timedelta(days=1)
"""How old an episode may be when it is published and still be posted by itself."""
TRIED_FOR = dt.timedelta(days=7)
"""How long a post that is owed is made up for."""
DONE = {"mastodon": "posted on Mastodon", "bluesky": "posted on Bluesky", "webhook": "told to the webhook"}
MOST = 10
"""New episodes that one publish may bring and still have posted."""


def with_owed(
    workspace: Workspace, episodes: Mapping[str, PublishedEpisode], before: State, options: Options
) -> Mapping[str, PublishedEpisode]:
    """The Ledger with a post owed at each network for every episode that comes with this publish, and is new; very many at once come
    from somewhere else, and nobody asked to be told of them all.
    """
    config = workspace.config
    if not options.announce or has_none(config.site.url):
        return episodes
    come = [slug for slug, item in episodes.items() if slug not in before.episodes and item.title and not item.removed]
    new = [slug for slug in come if _is_new(episodes[slug], options.now)]
    _say_old(workspace, [slug for slug in come if slug not in new])
    why = f"{len(new)} episodes of today come at once" if len(new) > MOST else ""
    why = "a feed was there already, and nobody remembers what it told" if new and "adopt" in options.forces else why
    if why:
        workspace.console.warn(f"{why}: no network is told of what is new; `publish announce SLUG` tells of one")
        return episodes
    return {**episodes, **{slug: replace(episodes[slug], posts=_owed(config, options)) for slug in new}}


def owe_again(state: State, slug: str, config: Config, options: Options) -> State:
    """State in which a published episode is owed at each network that does not have it, however old it is."""
    for post in _owed(config, options):
        known = state.episodes[slug].post(post.network)
        if known is None or known.status == "owed" or (known.status == "unclear" and post.network == "webhook"):
            state = with_post(state, slug, post)
    return state


def owes(state: State, config: Config) -> bool:
    """Whether a post is to be made, or looked for."""
    return next(jobs(state, config), None) is not None


def _owed(config: Config, options: Options) -> tuple[Post, ...]:
    at = options.now.astimezone(dt.UTC).isoformat(timespec="seconds")
    return tuple(Post(network=network, status="owed", at=at) for network in config.announce.networks)


def _is_new(item: PublishedEpisode, now: dt.datetime) -> bool:
    """Whether an episode is no older than a day when it comes."""
    return now - dt.datetime.fromisoformat(item.date) <= NEW


def _say_old(workspace: Workspace, slugs: Sequence[str]) -> None:
    """Tell of episodes that come too late to be posted by themselves: somebody may wait for a post."""
    if len(slugs) == 1:
        workspace.console.say(f"“{slugs[0]}” is older than a day, so no network is told of it; `publish announce {slugs[0]}` does it.")
    elif slugs:
        workspace.console.say(
            f"{len(slugs)} episodes are older than a day, so no network is told of them; `publish announce SLUG` tells of one."
        )


def jobs(state: State, config: Config) -> Iterator[tuple[str, str]]:
    """Slug and network of each post that is to be made or looked for, the oldest episode first."""
    networks = config.announce.networks
    found = [
        (dt.datetime.fromisoformat(item.date), item.slug, post.network)
        for item in state.episodes.values()
        for post in item.posts
        if post.network in networks and not (_is_over(post) or item.removed or item.withdrawn)
    ]
    for _, slug, network in sorted(found, key=lambda row: row[:2]):
        yield slug, network


def pending(state: State, config: Config, now: dt.datetime) -> Iterator[tuple[str, Post, str]]:
    """Each post that is not known to be made, the oldest episode first: its episode, what State has of it, and what does it: "" for the next
    publish, or `announce SLUG`, since nothing more is done about it by itself.
    """
    networks = config.announce.networks
    items = [item for item in state.episodes.values() if not (item.removed or item.withdrawn)]
    for item in sorted(items, key=lambda item: (dt.datetime.fromisoformat(item.date), item.slug)):
        for post in item.posts:
            if post.network in networks and post.status != "posted":
                late = post.status == "owed" and now - dt.datetime.fromisoformat(post.at) > TRIED_FOR
                yield item.slug, post, f"announce {item.slug}" if late or _is_over(post) else ""


def _is_over(post: Post) -> bool:
    """Whether nothing more is done about a post: it stands there, or nobody can ask whether it does."""
    return post.status == "posted" or (post.status == "unclear" and post.network == "webhook")
