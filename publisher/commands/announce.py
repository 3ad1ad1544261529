"""`publish announce`: hubs and directories told once more."""

from __future__ import annotations

import click

from publisher.core.command_call import Call, common
from publisher.workspace import opened


@click.command("announce")
@common
def command(call: Call, /) -> None:
    """Tell hubs and directories that the feed is new; each publish does it by itself."""
    from publisher.announce.hubs import announce_now

    call.result(announce_now(opened(call).addressed()))
