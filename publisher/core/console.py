"""What people read: messages on stderr, data on stdout, progress on a terminal."""

from __future__ import annotations

import json
import os
import sys
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TextIO

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractContextManager

    from publisher.core.errors import AirdateError

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
        """`text` in colours, where they are seen."""
        return f"\x1b[{';'.join(codes)}m{text}\x1b[0m" if self.colored else text

    @property
    def colored(self) -> bool:
        """Whether stderr shows colours."""
        return self._shows_color(sys.stderr)

    @property
    def color_stdout(self) -> bool:
        """Whether stdout shows colours."""
        return self._shows_color(sys.stdout)

    def _shows_color(self, stream: TextIO) -> bool:
        if self.color is not None:
            return self.color
        return stream.isatty() and "NO_COLOR" not in os.environ and os.environ.get("TERM") != "dumb"

    def say(self, text: str = "") -> None:
        """A line for people; not with --quiet."""
        if not self.quiet:
            print(text, file=sys.stderr, flush=True)  # noqa: T201

    def detail(self, text: str) -> None:
        """A line only with --verbose."""
        if self.verbose:
            print(self.paint(text, DIM), file=sys.stderr, flush=True)  # noqa: T201

    def warn(self, text: str) -> None:
        """A warning, --quiet or not."""
        print(f"{self.paint('warning:', YELLOW, BOLD)} {text}", file=sys.stderr, flush=True)  # noqa: T201

    def data(self, document: Any) -> None:
        """The command's result: one JSON document on stdout."""
        print(json.dumps(document, ensure_ascii=False, indent=2), flush=True)  # noqa: T201

    def line(self, text: str) -> None:
        """A line of data on stdout."""
        print(text, flush=True)  # noqa: T201

    def error(self, error: AirdateError) -> None:
        """Cause, hint and address of an error, as docs/errors.md explains them."""
        lines = [f"{self.paint('error:', RED, BOLD)} {error.message}"]
        lines += [f"  {line.strip()}" for line in error.cause.splitlines() if line.strip()]
        where = f"docs/errors.md#{error.code}" if error.code else ""
        if error.hint or where:
            lines.append(f"{self.paint('hint:', BLUE, BOLD)} {'   '.join(part for part in (error.hint, self.paint(where, DIM)) if part)}")
        print("\n".join(lines), file=sys.stderr, flush=True)  # noqa: T201

    def progress(self, what: str, total: int) -> AbstractContextManager[Progress]:
        """Progress over `total` bytes: a bar with rate and remaining time on a terminal, plain lines elsewhere."""
        return Progress(self, what, total)


class Progress:
    """`with console.progress("sending", n) as progress: progress.add(bytes, name)`."""

    def __init__(self, console: Console, what: str, total: int) -> None:
        self._console = console
        self._what = what
        self._total = total
        self._bar: Any = None
        self._task: Any = None

    def __enter__(self) -> Progress:  # noqa: PYI034
        if self._console.quiet or self._console.as_json or not sys.stderr.isatty() or not self._total:
            return self
        from rich.console import Console as Terminal
        from rich.progress import BarColumn, DownloadColumn, TextColumn, TimeRemainingColumn, TransferSpeedColumn
        from rich.progress import Progress as Bar

        columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TransferSpeedColumn(), TimeRemainingColumn())
        self._bar = Bar(*columns, console=Terminal(stderr=True), transient=True)
        self._bar.start()
        self._task = self._bar.add_task(self._what, total=self._total)
        return self

    def add(self, count: int, name: str = "") -> None:
        """`count` more bytes are done; `name` is the file they belong to."""
        if self._bar is not None:
            self._bar.update(self._task, advance=count)
        elif name:
            self._console.detail(f"{self._what} {name} ({size_words(count)})")

    def __exit__(self, *_exception: object) -> None:
        if self._bar is not None:
            self._bar.stop()


def size_words(size: int) -> str:
    """`1.4 MB`, for people."""
    amount = float(size)
    for unit in ("bytes", "kB", "MB", "GB"):
        if amount < 1000 or unit == "GB":
            return f"{size} bytes" if unit == "bytes" else f"{amount:.1f} {unit}"
        amount /= 1000
    raise AssertionError


def count_words(count: int, one: str, many: str = "") -> str:
    """`1 file`, `2 files`."""
    return f"{count} {one if count == 1 else many or one + 's'}"


def chunks(items: list[str], limit: int) -> Iterator[str]:
    """The first `limit` items, then how many more there are."""
    yield from items[:limit]
    if len(items) > limit:
        yield f"… and {len(items) - limit} more"
