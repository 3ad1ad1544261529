"""A process that has everything imported and forks the command `publish` for each line of JSON it reads: hundreds of real
processes that can really be killed, without paying for Python's start each time."""

from __future__ import annotations

import itertools
import json
import os
import platform
import select
import signal
import sys
import tempfile
from typing import Any


def main() -> None:
    import boto3
    import feedgen.feed
    import httpx
    import jinja2
    import lxml.etree
    import markdown_it
    import nh3
    import PIL.Image
    import psycopg
    import sqlalchemy.dialects.postgresql
    import sqlalchemy.dialects.sqlite
    import urllib3

    import publisher.cli.command_line
    import publisher.commands.build
    import publisher.commands.comments
    import publisher.commands.rollback
    import publisher.commands.stage
    import publisher.publish
    import publisher.render.media_and_documents
    import publisher.stores.conditions_probe
    import publisher.stores.s3.lean
    import publisher.stores.s3.store  # noqa: F401
    from publisher.core.digests import code_digest

    _ = boto3, feedgen, httpx, jinja2, lxml, markdown_it, nh3, PIL, psycopg, sqlalchemy, urllib3
    code_digest()
    pending = b""
    while True:
        ready, _, _ = select.select([0], [], [], 0.01)
        if ready:
            piece = os.read(0, 65_536)
            if not piece:
                return
            pending += piece
            *lines, pending = pending.split(b"\n")
            for line in lines:
                _tell({"started": _fork(json.loads(line))})
        try:
            pid, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            continue
        if pid:
            _tell({"ended": pid, "status": os.waitstatus_to_exitcode(status)})


def _tell(what: dict[str, int]) -> None:
    os.write(1, json.dumps(what).encode() + b"\n")


def _die_at(folder: str, number: int) -> None:
    """kill -9 right before something below a folder comes or goes for the `number`th time, counted from 0."""
    left = itertools.count(number, -1)

    def look(event: str, about: tuple[Any, ...]) -> None:
        if event in ("os.rename", "os.remove") and os.fsdecode(about[0]).startswith(folder) and next(left) == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(look)


def _fork(call: dict) -> int:
    pid = os.fork()
    if pid:
        return pid
    status = 1
    try:
        for number, name, flags in ((0, os.devnull, os.O_RDONLY), (1, call["stdout"], os.O_WRONLY), (2, call["stderr"], os.O_WRONLY)):
            os.dup2(os.open(name, flags), number)
        signal.signal(signal.SIGINT, signal.default_int_handler)  # a background job is started without it
        os.environ.clear()
        os.environ.update(call["environment"])
        tempfile.tempdir = None  # it may be known from before
        os.chdir(call["folder"])
        if call["machine"]:
            platform.node = lambda: call["machine"]
        from publisher.cli.command_line import main as command
        from publisher.sync.storage import Storage

        Storage.is_remote = False  # type: ignore[method-assign,assignment]  # what a dead one sent to a server of this machine has arrived
        if call["dies"]:
            _die_at(*call["dies"])
        status = int(command(call["arguments"]))
        sys.stdout.flush()
        sys.stderr.flush()
    finally:
        os._exit(status)
    return 0


if __name__ == "__main__":
    main()
