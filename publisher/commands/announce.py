"""`publish announce`: hubs and directories told once more; or one episode told to the networks that do not have it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from publisher.core.command_call import Call, Options, common
from publisher.core.errors import Exit, UsageError
from publisher.workspace import Workspace, opened

if TYPE_CHECKING:
    from publisher.core.json_results import Published
    from publisher.state.state import State


@click.command("announce")
@common
@click.argument("slug", required=False)
def command(call: Call, /, slug: str | None) -> None:
    """Tell hubs and directories that the feed is new, which each publish does by itself; with SLUG publish, and post that episode at
    the networks that do not have it, however old it is.
    """
    workspace = opened(call).addressed()
    if slug is None:
        from publisher.announce.hubs import announce_now

        call.result(announce_now(workspace))
        return
    result = announce_episode(workspace, slug, call.options())
    call.result(result)
    if result.held:
        raise click.exceptions.Exit(Exit.HELD)


def announce_episode(workspace: Workspace, slug: str, options: Options) -> Published:
    """Publish, and post an episode that was published before at each network that does not have it. Raises UsageError where there is
    no such episode, or no network; and what `publish` raises.
    """
    from publisher.core.slugs import meant_instead
    from publisher.publish import publish
    from publisher.thread.owed import owe_again

    config = workspace.config
    if not config.announce.networks:
        hint = "write [announce.mastodon], [announce.bluesky] or [announce.webhook] in config.toml"
        raise UsageError("there is no network to post at", hint=hint, code="announce-nobody")
    state = workspace.state_copies.read()
    known = state.episodes.get(slug)
    if known is None or known.removed or known.withdrawn:
        hint = meant_instead(slug, state.episodes, "`publish status` lists what is published")
        raise UsageError(f"no episode `{slug}` is published", hint=hint, code="announce-unknown")

    def owed(state: State) -> State:
        return owe_again(state, slug, config, options)

    if owed(state) is state:
        workspace.console.say(f"Every network has “{slug}” already.")
    return publish(workspace, options, owed)
