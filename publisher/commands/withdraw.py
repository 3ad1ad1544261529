"""`publish withdraw`: one published episode taken down for good; the next `publish prune` deletes its recording."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

import click

from publisher.adoption.without_state import remembered_or_served
from publisher.core import layout
from publisher.core.command_call import Call, Options, common
from publisher.core.console import count_words
from publisher.core.errors import Exit, NotVerified, PlanRefused, UsageError
from publisher.core.slugs import meant_instead
from publisher.publish import publish
from publisher.sync.kept.files import forgotten_files
from publisher.workspace import Workspace, opened

if TYPE_CHECKING:
    from collections.abc import Callable

    from publisher.core.json_results import Published
    from publisher.state.state import State
    from publisher.sync.storage import Storage


def withdrawn(state: State, slug: str) -> State:
    """State in which an episode is taken down: what the next plan is made from. Raises UsageError when there is none."""
    known = state.episodes.get(slug)
    if known is None:
        hint = meant_instead(slug, state.episodes, "`publish status` lists what is published")
        raise UsageError(f"no episode `{slug}` was ever published", hint=hint, code="withdraw-unknown")
    if known.withdrawn:
        raise UsageError(f"“{slug}” is withdrawn already", hint="`publish prune` deletes what is left of it", code="withdraw-unknown")
    audio = known.audio and replace(known.audio, facts=replace(known.audio.facts, tags={}, chapters=(), doubts=()))
    down = replace(known, withdrawn=True, audio=audio, elsewhere=None)
    return replace(state, episodes={**state.episodes, slug: down}, forgotten=state.generation + 1)


def scrub(storage: Storage, state: State) -> int:
    """Delete the record of every publish before `state`: it holds what was withdrawn. Returns how many went."""
    records = (item.key for folder in (layout.CLAIMS, layout.HISTORY) for item in storage.private.list(folder))
    keys = [key for key in records if (made := layout.generation_in(key)) is not None and made < state.generation]
    gone = {slug for slug, item in state.episodes.items() if item.withdrawn}
    texts = [item.key for item in storage.private.list(layout.TEXTS) if layout.name_in_text(item.key) in gone]
    files = [item.key for item in forgotten_files(storage.private, state)]
    storage.private.delete([*keys, *texts, *files])
    return len(keys)


def withdraw(workspace: Workspace, slug: str, options: Options, *, ask: Callable[[str], bool]) -> Published:
    """Take an episode down: out of feed, lists and search, its page says so, and every record that held it is scrubbed."""
    known = withdrawn(remembered_or_served(workspace, options.forces), slug).episodes[slug]
    title = known.title
    workspace.console.say(
        f"This is for good: “{title or slug}” leaves feed, pages and every record of the show, and nothing gets its address `{slug}` or its"
        f"\nguid {known.guid} again. The same recording may come back later only as a new episode, with another slug and guid."
    )
    if not ask(f"Take “{title or slug}” down for all listeners, for good?"):
        raise PlanRefused("nothing was changed: you said no", code="refused-by-you")
    try:
        result = publish(workspace, replace(options, yes=True), lambda state: withdrawn(state, slug))
    except NotVerified:
        scrub(workspace.storage, workspace.state_copies.read())
        raise
    records = scrub(workspace.storage, workspace.state_copies.read())
    workspace.console.show(
        f"“{title or slug}” is withdrawn; {count_words(records, 'old record')} of it scrubbed. `publish prune` deletes the recording."
    )
    for post in known.posts:
        if post.address:
            workspace.console.show(f"What was posted of it stays where it is, until you delete it there: {post.address}")
    return result


@click.command("withdraw")
@common
@click.argument("slug")
def command(call: Call, /, slug: str) -> None:
    """Take the episode SLUG down: its page says so, `publish prune` deletes its recording."""
    result = withdraw(opened(call), slug, call.options(), ask=partial(call.confirm, default=False))
    call.result(result)
    if result.held:
        raise click.exceptions.Exit(Exit.HELD)
