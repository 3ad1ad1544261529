"""`publish purge`: the content network's copies of pages and feed are dropped; the storage stays as it is."""

from __future__ import annotations

import click

from publisher.core.command_call import Call, common
from publisher.workspace import opened


@click.command("purge")
@common
def command(call: Call, /) -> None:
    """Make the content network forget every page and the feed; each publish does it for what it changed."""
    from publisher.announce.cdn_purge import purge_all

    call.result(purge_all(opened(call).addressed()))
