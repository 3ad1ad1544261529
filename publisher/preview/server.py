"""A preview served on this machine: until Ctrl-C, and made anew after each change of the show's folder."""

from __future__ import annotations

import gc
import socket
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from publisher.core.console import Console
from publisher.core.errors import AirdateError, UsageError
from publisher.preview.application import BuildStatus, Preview, explain

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


LOOPBACK = {"127.0.0.1": "127.0.0.1", "localhost": "localhost", "::1": "[::1]"}
"""Addresses to listen on -> the Host that browsers send for them."""


@dataclass(frozen=True, kw_only=True)
class Changes:
    """What `rebuild` is called for: each change under `watch`, not under `ignore`; at once, too, where nothing is `built` yet.

    It runs in the thread that serves, and must leave the pages alone when it raises: the old ones stay.
    """

    rebuild: Callable[[], None]
    watch: Sequence[Path]
    ignore: Sequence[Path] = ()
    built: bool = True


def serve(
    preview: Preview,
    changes: Changes | None,
    *,
    port: int,
    host: str = "127.0.0.1",
    ready: Callable[[str], None] | None = None,
    stop: threading.Event | None = None,
) -> None:
    """Serve a preview until Ctrl-C (or until `stop` is set), made anew after `changes`; why that failed is shown in the terminal and
    on the open pages.

    `ready` gets the address once it answers (port 0 picks a free one); without it the address is printed on stderr. Raises
    UsageError when `host` is not this machine's loopback or the port is taken.
    """
    import uvicorn

    if host not in LOOPBACK:
        raise UsageError(
            f"the preview only listens on this machine, not on {host}",
            cause="it shows drafts and has no password",
            hint="use 127.0.0.1, or forward the port over ssh",
            code="preview-host",
        )
    listener = _listen(host, port)
    if changes is not None and not changes.built:
        _attempt(changes.rebuild, preview.build)
    server = uvicorn.Server(
        uvicorn.Config(preview, log_level="error", access_log=False, lifespan="off", timeout_graceful_shutdown=2, server_header=False)
    )
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, name="preview", daemon=True)
    thread.start()
    try:
        address = f"http://{LOOPBACK[host]}:{listener.getsockname()[1]}/"
        (ready or _say_ready)(address)
        _follow(preview, changes, stop or threading.Event())
    except KeyboardInterrupt:
        pass
    finally:
        preview.build.closing = True
        server.should_exit = True
        thread.join(timeout=5)
        listener.close()


def _listen(host: str, port: int) -> socket.socket:
    listener = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except (OSError, OverflowError) as error:
        listener.close()
        raise UsageError(
            f"port {port} cannot be used",
            cause=getattr(error, "strerror", None) or str(error),
            hint=f"another preview may be running; take another port with `publish preview --port {port + 1}`",
            code="preview-port",
        ) from error
    listener.listen(128)  # from now on connections wait, even before the server thread accepts them
    return listener


def _say_ready(address: str) -> None:
    Console().say(f"preview: {address} (Ctrl-C ends it)")


def _follow(preview: Preview, changes: Changes | None, stop: threading.Event) -> None:
    """Wait for changes and rebuild after each, until `stop` is set."""
    roots = [path for path in changes.watch if path.exists()] if changes is not None else []
    if changes is None or not roots:
        while not stop.wait(0.2):
            pass
        return
    import watchfiles

    usual = watchfiles.DefaultFilter()
    ours = [path.resolve() for path in (preview.folder, *changes.ignore)]

    def concerns_us(change: watchfiles.Change, path: str) -> bool:
        here = Path(path).resolve()
        return usual(change, path) and not any(here.is_relative_to(place) for place in ours)

    for _ in watchfiles.watch(*roots, watch_filter=concerns_us, stop_event=stop, debounce=300, step=50, raise_interrupt=True):
        _attempt(changes.rebuild, preview.build)
        gc.collect()  # a preview lives on: what the build before held goes


def _attempt(rebuild: Callable[[], None], build: BuildStatus) -> None:
    """Build; where that fails, keep why and say it."""
    try:
        rebuild()
    except AirdateError as error:
        build.error = explain(error)
    except Exception as error:  # noqa: BLE001  the preview outlives every mistake in a half-written file
        build.error = f"{type(error).__name__}: {error}"
    else:
        build.error = ""
        build.generation += 1
        return
    Console().say(build.error)
