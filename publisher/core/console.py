"""What people read: messages on stderr, data on stdout, progress on a terminal."""

from __future__ import annotations

import json
import os
import re
import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from rich.progress import Progress as Bar
    from rich.progress import TaskID

    from publisher.core.errors import AirdateError

_COLORS = re.compile("\ufdd0((?:[012]|3[1-6])(?:;(?:[012]|3[1-6]))*)\ufdd1")
"""Where a colour begins or ends: marks that are no characters, so that an escape sequence in somebody's title is never one of ours."""
_UNSHOWN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
"""What would move the cursor, name the window, or turn the order of letters; and what no terminal can be sent."""
RED, YELLOW, BLUE, GREEN, BOLD, DIM = "31", "33", "34", "32", "1", "2"


@dataclass(slots=True)
class Console:
    """Where messages go. `quiet` keeps errors only, `as_json` makes stdout one JSON document, `color` None asks the terminal."""

    quiet: bool = False
    verbose: bool = False
    as_json: bool = False
    color: bool | None = None
    _started: float = field(default_factory=time.monotonic)

    @property
    def interactive(self) -> bool:
        """Whether a person can be asked."""
        return sys.stdin.isatty() and sys.stderr.isatty() and not self.as_json

    @property
    def seconds(self) -> float:
        """Since the start of the command."""
        return time.monotonic() - self._started

    def paint(self, text: str, *codes: str) -> str:
        """`text` in colours; they are taken out again where a stream shows none."""
        return painted(text, *codes)

    def shows_color(self, stream: TextIO) -> bool:
        """Whether a stream shows colours."""
        if self.color is not None:
            return self.color
        return stream.isatty() and "NO_COLOR" not in os.environ and os.environ.get("TERM") != "dumb"

    def say(self, text: str = "", *, always: bool = False) -> None:
        """A message on stderr; with --quiet only where it is `always` said."""
        if always or not self.quiet:
            self._print(text, sys.stderr)

    def show(self, text: str = "") -> None:
        """A line of what was asked for, on stdout; a message where that is one JSON document."""
        if not self.quiet:
            self._print(text, sys.stderr if self.as_json else sys.stdout)

    def detail(self, text: str) -> None:
        """A message only with --verbose."""
        if self.verbose:
            self._print(self.paint(text, DIM), sys.stderr)

    def warn(self, text: str) -> None:
        """A warning, --quiet or not."""
        self._print(f"{self.paint('warning:', YELLOW, BOLD)} {text}", sys.stderr)

    def warn_each(self, warnings: Sequence[str]) -> None:
        """Several warnings."""
        for text in warnings:
            self.warn(text)

    def data(self, text: str) -> None:
        """A document on stdout, --quiet or not."""
        self._print(text, sys.stdout)

    def commands(self, text: str) -> None:
        """Workflow commands for the service that runs this job: on stdout, or beside the one JSON document."""
        if text.strip():
            print(harmless(text.rstrip("\n")), file=sys.stderr if self.as_json else sys.stdout, flush=True)

    def json(self, document: object) -> None:
        """The one JSON document of --json."""
        self.data(json.dumps(document, ensure_ascii=False, indent=2))

    def error(self, error: AirdateError) -> None:
        """Cause, hint and address of an error, as errors.md beside this module explains them."""
        lines = [f"{self.paint('error:', RED, BOLD)} {error.message}"]
        lines += [f"  {line.strip()}" for line in error.cause.splitlines() if line.strip()]
        if error.hint:
            lines.append(f"{self.paint('hint:', BLUE, BOLD)} {error.hint}")
        if error.code:
            lines.append(self.paint(f"more: publish explain {error.code}", DIM))
        self._print("\n".join(lines), sys.stderr)

    def _print(self, text: str, stream: TextIO) -> None:
        """Write a line. Where the reader has gone, this stream is silent from now on: the command still does what it was asked."""
        try:
            shown = _COLORS.sub("\x1b[\\1m" if self.shows_color(stream) else "", harmless(text))
            print(no_commands(shown) if "GITHUB_ACTIONS" in os.environ else shown, file=stream, flush=True)
        except BrokenPipeError:
            silence(stream)

    def progress(self, what: str, total: int) -> Progress:
        """Progress over `total` bytes: a bar with rate and remaining time on a terminal, plain lines elsewhere."""
        return Progress(self, what, total)


class Progress:
    """`with console.progress("sending", n) as progress: progress.add(bytes, name)`."""

    def __init__(self, console: Console, what: str, total: int) -> None:
        self._console = console
        self._what = what
        self._total = total
        self._bar: tuple[Bar, TaskID] | None = None

    def __enter__(self) -> Progress:  # noqa: PYI034
        if self._console.quiet or self._console.as_json or not sys.stderr.isatty() or not self._total:
            return self
        from rich.console import Console as Terminal
        from rich.progress import BarColumn, DownloadColumn, TextColumn, TimeRemainingColumn, TransferSpeedColumn
        from rich.progress import Progress as Bar

        columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TransferSpeedColumn(), TimeRemainingColumn())
        bar = Bar(*columns, console=Terminal(stderr=True), transient=True)
        bar.start()
        self._bar = bar, bar.add_task(self._what, total=self._total)
        return self

    def add(self, count: int, name: str = "") -> None:
        """`count` more bytes are done; `name` is the file they belong to."""
        if self._bar is not None:
            bar, task = self._bar
            bar.update(task, advance=count)
        elif name:
            self._console.detail(f"{self._what} {name} ({size_words(count)})")

    def __exit__(self, *_exception: object) -> None:
        if self._bar is not None:
            self._bar[0].stop()


def painted(text: str, *codes: str) -> str:
    """`text` between marks that a console turns into colours."""
    return f"\ufdd0{';'.join(codes)}\ufdd1{text}\ufdd00\ufdd1"


def harmless(text: str) -> str:
    """`text` as a terminal may be given it, wherever its parts came from: controls are written out as JSON writes them."""
    return text if text.isascii() and text.isprintable() else _UNSHOWN.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


_COMMAND = re.compile("^(\\s*):(?=:)|#(?=#\\[)", re.MULTILINE)


def no_commands(text: str) -> str:
    """`text` as a runner of GitHub's may read it: a line that begins with `::`, or holds `##[` anywhere, would be a command."""
    return _COMMAND.sub(lambda found: f"{found[1]}\\u003a" if found[1] is not None else "\\u0023", text)


_said: set[str] = set()
_listeners: list[Callable[[str], None]] = []


def listen(say: Callable[[str], None]) -> None:
    """From now on `say` hears of what happens far from a console, and nothing of it counts as said."""
    _listeners[:] = [say]
    _said.clear()


def notice(words: str) -> None:
    """Say what happens far from a console, unless this command said it already."""
    if words not in _said:
        _said.add(words)
        for say in _listeners:
            say(words)


PATIENCE = 10.0
"""Seconds without an answer after which it is said who is waited for."""


@contextmanager
def waiting_for(host: str) -> Iterator[Callable[[], None]]:
    """Say, after a while, that `host` is waited for; what is given is called when it answers."""
    import threading

    timer = threading.Timer(PATIENCE, notice, (f"still waiting for {host}",))
    timer.daemon = True
    timer.start()
    try:
        yield timer.cancel
    finally:
        timer.cancel()


def silence(stream: TextIO) -> None:
    """What goes to a stream whose reader has gone goes nowhere from now on."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, stream.fileno())
    os.close(nowhere)


def size_words(size: int) -> str:
    """`1.4 MB`, for people."""
    amount = float(size)
    for unit in ("bytes", "kB", "MB", "GB"):
        if amount < 1000 or unit == "GB":
            return f"{size} bytes" if unit == "bytes" else f"{amount:.1f} {unit}"
        amount /= 1000
    raise AssertionError


def listed_words(words: Sequence[str]) -> str:
    """`a, b and c`."""
    return " and ".join(filter(None, (", ".join(words[:-1]), words[-1])))


def count_words(count: int, one: str, many: str = "") -> str:
    """`1 file`, `2 files`."""
    return f"{count} {one if count == 1 else many or one + 's'}"
