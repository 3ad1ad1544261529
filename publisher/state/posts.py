"""What State holds of posts, changed without touching anything else of it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from publisher.state.published_episodes import NETWORKS

if TYPE_CHECKING:
    from publisher.state.published_episodes import Post, PostStatus, PublishedEpisode
    from publisher.state.state import State

_FURTHER: dict[PostStatus, int] = {"owed": 0, "posting": 1, "unclear": 2, "posted": 3}


def readable_posts(state: State, slug: str, guid: str) -> tuple[Post, ...]:
    """The posts about an episode that people can read."""
    known = state.episodes.get(slug)
    posts = known.posts if known is not None and known.guid == guid else ()
    return tuple(post for post in posts if post.status == "posted" and post.address)


def with_post(state: State, slug: str, post: Post) -> State:
    """The same with this post about an episode, in place of the one at its network."""
    return _with_episode(state, _together(state.episodes[slug], (post,), always=True))


def without_post(state: State, slug: str, network: str) -> State:
    """The same without a post about an episode at a network."""
    item = state.episodes[slug]
    return _with_episode(state, replace(item, posts=tuple(post for post in item.posts if post.network != network)))


def with_posts_of(state: State, other: State) -> State:
    """The same with what `other` knows of posts where that went further: a publish that was planned before a post was made must not
    forget it.
    """
    ours = {slug: item for slug, item in other.episodes.items() if item.posts and slug in state.episodes}
    changed = {slug: _together(state.episodes[slug], item.posts) for slug, item in ours.items()}
    changed = {slug: item for slug, item in changed.items() if item != state.episodes[slug]}
    if changed:
        state = replace(state, episodes={**state.episodes, **changed})
    hosts = {**state.token_hosts, **other.token_hosts}
    return replace(state, token_hosts=hosts) if hosts != state.token_hosts else state


def _with_episode(state: State, item: PublishedEpisode) -> State:
    return replace(state, episodes={**state.episodes, item.slug: item})


def _together(item: PublishedEpisode, posts: tuple[Post, ...], *, always: bool = False) -> PublishedEpisode:
    """The episode with these posts, where they went further than its own, or always."""
    found = {post.network: post for post in item.posts}
    for post in posts:
        known = found.get(post.network)
        if known is None or always or _FURTHER[post.status] > _FURTHER[known.status]:
            found[post.network] = post
    return replace(item, posts=tuple(found[network] for network in NETWORKS if network in found))
