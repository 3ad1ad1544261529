"""`publish verify`: the served show looked at from outside, and how its findings end the command."""

from __future__ import annotations

import click

from publisher.commands.check import end_with
from publisher.core.command_call import Call, common
from publisher.core.errors import Exit
from publisher.workspace import opened


@click.command("verify")
@common
@click.option("--all", "everything", is_flag=True, help="Every recording, not only the newest ten.")
@click.option("--newest", type=click.IntRange(1), default=10, help="How many recordings (default: 10).")
@click.option("--links", is_flag=True, help="Ask for the links in the notes too, at other people's sites.")
@click.option("--online", is_flag=True, help="Ask [site] url although the storage is a folder.")
def command(call: Call, /, everything: bool, newest: int, links: bool, online: bool) -> None:
    """Look at the served show from outside, as a directory's crawler does."""
    from publisher.verify.show import look_at_show
    from publisher.verify.steps import to_the_end

    workspace = opened(call)
    looked_at = workspace.addressed() if online else workspace
    look = look_at_show(looked_at, newest=newest, everything=everything, links=links, online=online)
    end_with(call, to_the_end(look), "text", Exit.UNVERIFIED)
