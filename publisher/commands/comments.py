"""`publish comments`: the service that takes what listeners write."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import click

from publisher.core.command_call import SEVERAL, Call, common
from publisher.core.json_results import Result
from publisher.load.config_reader import read_config

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Serving(Result):
    """Where `publish comments serve` answers; said as soon as it does."""

    url: str
    """The address on this machine."""


@click.group("comments")
def command() -> None:
    """What listeners write: the service that takes it, and what waits for a moderator."""


@command.command("serve")
@partial(common, options=SEVERAL)
@click.option("--port", type=click.IntRange(0, 65535), default=8090, help="Where to listen (default: 8090; 0 takes a free one).")
@click.option("--host", default="127.0.0.1", help="The address to listen on (default: 127.0.0.1, for a proxy on this machine).")
@click.option("--database", metavar="URL", default="", help="sqlite:///FILE or postgresql://…; else `database` under [comments].")
def serve(call: Call, /, configs: tuple[Path, ...], port: int, host: str, database: str) -> None:
    """Take comments for one show or several (-c repeated), until SIGTERM or Ctrl-C."""
    from publisher.comments.database import open_database
    from publisher.comments.service.application import make_application
    from publisher.comments.service.server import serve as serve_application

    paths = [*([call.config] if call.config else []), *configs] or [call.config_path]
    files = [read_config(path) for path in paths]

    def ready(address: str) -> None:
        call.console.show(f"comments: {address} (Ctrl-C ends it)")
        call.result(Serving(url=address))

    opened = open_database(database or files[0].config.comments.database, files[0].folder)
    with contextlib.closing(opened):
        serve_application(make_application(opened), host=host, port=port, ready=ready)
