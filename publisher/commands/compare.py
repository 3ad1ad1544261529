"""`publish compare`: what a subscriber's app would see if this feed took the place of that one."""

from __future__ import annotations

import click

from publisher.core.command_call import Call, common
from publisher.core.errors import Exit
from publisher.workspace import opened


@click.command("compare")
@common
@click.argument("old")
@click.argument("new", required=False)
@click.option("--format", "form", type=click.Choice(["text", "markdown"]), default="text", help="How it is told; markdown: for a ticket.")
@click.option("--no-recordings", is_flag=True, help="Do not ask for the recordings (HEAD); the feeds alone.")
def command(call: Call, /, old: str, new: str | None, form: str, no_recordings: bool) -> None:
    """Say what subscribers of the feed OLD would see if the feed NEW took its place."""
    from publisher.compare.sentences import as_markdown, as_text
    from publisher.compare.this_folder import feed_of_folder
    from publisher.compare.two_feeds import compare_feeds

    other = new if new is not None else feed_of_folder(opened(call), call.options())
    found = compare_feeds(old, other, recordings=not no_recordings)
    if call.as_json:
        call.result(found)
    elif form == "markdown":
        call.console.data(as_markdown(found))
    else:
        for line in as_text(found):
            call.console.show(line)
    if not found.safe:
        if call.quiet and not call.as_json:
            call.console.say(found.sentence, always=True)
        raise click.exceptions.Exit(Exit.CONTENT)
