"""`publish announce`: hubs and directories told once more."""

from __future__ import annotations

from typing import Any

import click

from publisher.core.call import Call, common, pass_call
from publisher.workspace import opened


@click.command("announce")
@common
@pass_call
def command(call: Call, /, **said: Any) -> None:
    """Tell hubs and directories that the feed is new; each publish does it by itself."""
    call.hear(**said)
    from publisher.announce.hubs import announce_now

    call.result(announce_now(opened(call)))
