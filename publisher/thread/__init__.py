"""The thread of an episode at networks: it is posted once after a publish that went well, and what people answer comes back here.

What others call stands here. Nothing behind it is loaded where no network is written.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Mapping

    from publisher.core.command_call import Options
    from publisher.core.json_results import PostRow
    from publisher.folder_to_plan import Prepared
    from publisher.load.config_tables import Config
    from publisher.state.published_episodes import PublishedEpisode
    from publisher.state.state import State
    from publisher.workspace import Workspace


def with_owed(
    workspace: Workspace, episodes: Mapping[str, PublishedEpisode], before: State, options: Options
) -> Mapping[str, PublishedEpisode]:
    """The Ledger with a post owed at each network for every episode that comes with this publish, and is new."""
    if not workspace.config.announce.networks:
        return episodes
    from publisher.thread import owed

    return owed.with_owed(workspace, episodes, before, options)


def post_new(workspace: Workspace, prepared: Prepared, options: Options) -> Callable[[State], tuple[State, tuple[PostRow, ...]]] | None:
    """What posts all that is owed once the show was looked at, and gives State as it is on the storage then; None where no network is
    written.
    """
    if not workspace.config.announce.networks:
        return None
    from publisher.thread import posting

    return partial(posting.post_new, workspace, prepared, options)


def would_post(workspace: Workspace, prepared: Prepared, options: Options) -> tuple[PostRow, ...] | None:
    """What would be posted, told to people as well; None where that is nothing."""
    if not workspace.config.announce.networks:
        return None
    from publisher.thread import posting

    return posting.would_post(workspace, prepared, options) or None


def bring_answers(workspace: Workspace, before: State, state: State, now: dt.datetime) -> bool:
    """Fetch what people answered to the posts of `before` into the show's folder; whether there is anything new for the pages."""
    posted = [slug for slug, item in before.episodes.items() if any(post.status == "posted" and post.address for post in item.posts)]
    if not posted:
        return False
    from publisher.core.console import count_words
    from publisher.thread import answers

    brought = answers.fetch_answers(workspace, state, now, posted)
    for item in brought:
        workspace.console.say(f"Answers to “{item.episode}”: {count_words(item.answers, 'answer')}, in {item.file}.")
    return bool(brought)


def owes(state: State, config: Config) -> bool:
    """Whether a post is to be made yet."""
    if not config.announce.networks:
        return False
    from publisher.thread import owed

    return owed.owes(state, config)
