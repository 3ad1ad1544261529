"""`publish purge`: the content network forgets every page and the feed."""

from __future__ import annotations

from typing import Any

import click

from publisher.core.call import Call, common, pass_call
from publisher.workspace import opened


@click.command("purge")
@common
@pass_call
def command(call: Call, /, **said: Any) -> None:
    """Make the content network forget every page and the feed; each publish does it for what it changed."""
    call.hear(**said)
    from publisher.announce.cdn_purge import purge_all

    call.result(purge_all(opened(call)))
