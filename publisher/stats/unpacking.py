"""What a log file holds, whatever it is packed in: told by its first bytes, never by its name, and bounded.

gzip, bzip2, xz and zstd, of several members; Parquet and JSON documents become JSON lines. What breaks off is read as far as it goes.
"""

from __future__ import annotations

import bz2
import json
import lzma
import re
import sys
import zlib
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path
    from typing import BinaryIO

CHUNK: Final = 1 << 20
"""Bytes that are unpacked at once."""
MOST_TIMES: Final = 250
"""How many times its size a file may unpack to. Logs come to 20 or 60 times, a bomb of gzip to 1,000, one of zstd to far more."""
ALWAYS: Final = 64 << 20
"""Bytes that a file may unpack to in any case."""
LARGEST_DOCUMENT: Final = 32 << 20
"""Bytes of a JSON document, which is read as a whole; Bunny's answers have 5 MB at most, Cloudflare's less."""
MEMORY: Final = 256 << 20
"""Bytes that an unpacker may ask for."""
_DOCUMENT: Final = re.compile(rb'\s*(?:\[\s*[{\]]|\{\s*(?:\n|"(?:data|pagination|result|success|errors|messages|events)"\s*:))')
"""How a JSON document begins that is no JSON line: a list, an object over several lines, the answer of a service."""
_HOLDERS: Final = ("data", "result", "events")
"""Where entries lie in the answers of Bunny and Cloudflare."""


class BrokenOff(Exception):  # noqa: N818  what was read before stays read
    """The file does not go on as it began; why, in words."""


class Unpacker(Protocol):
    """What bz2, lzma and zstd have."""

    @property
    def eof(self) -> bool:
        """Whether a member is at its end."""

    @property
    def needs_input(self) -> bool:
        """Whether nothing more comes out before something comes in."""

    @property
    def unused_data(self) -> bytes:
        """What follows the member."""

    def decompress(self, data: bytes, max_length: int) -> bytes:
        """At most `max_length` bytes of what `data` and all before it hold."""


class _Gzip:
    """gzip with the face of the other three."""

    def __init__(self) -> None:
        self._inner = zlib.decompressobj(wbits=31)
        self._hungry = True

    @property
    def eof(self) -> bool:
        return self._inner.eof

    @property
    def needs_input(self) -> bool:
        return self._hungry

    @property
    def unused_data(self) -> bytes:
        return self._inner.unused_data

    def decompress(self, data: bytes, max_length: int) -> bytes:
        out = self._inner.decompress(self._inner.unconsumed_tail + data, max_length)
        self._hungry = not self._inner.unconsumed_tail and len(out) < max_length
        return out


class _Zstd:
    """zstd, which Python has from 3.14 on; its faults are those of the other three."""

    def __init__(self) -> None:
        try:
            zstd = import_module("compression.zstd" if sys.version_info >= (3, 14) else "backports.zstd")
        except ImportError as error:
            raise BrokenOff("what unpacks zstd is not installed: pip install backports.zstd") from error
        self._inner: Unpacker = zstd.ZstdDecompressor(options={zstd.DecompressionParameter.window_log_max: 27})
        self._fault: type[Exception] = zstd.ZstdError

    @property
    def eof(self) -> bool:
        return self._inner.eof

    @property
    def needs_input(self) -> bool:
        return self._inner.needs_input

    @property
    def unused_data(self) -> bytes:
        return self._inner.unused_data

    def decompress(self, data: bytes, max_length: int) -> bytes:
        try:
            return self._inner.decompress(data, max_length)
        except self._fault as error:
            raise OSError(str(error)) from error


_PACKED: Final[tuple[tuple[bytes, Callable[[], Unpacker]], ...]] = (
    (b"\x1f\x8b", _Gzip),
    (b"BZh", bz2.BZ2Decompressor),
    (b"\xfd7zXZ\x00", lambda: lzma.LZMADecompressor(memlimit=MEMORY)),
    (b"\x28\xb5\x2f\xfd", _Zstd),
)
_PARQUET: Final = b"PAR1"
_MARK: Final = b"\xef\xbb\xbf"
"""What some programs write before UTF-8."""


def holds_lines(path: Path) -> bool:
    """Whether what a file holds, packed or not, is text as it is: no Parquet, no JSON document. Raises BrokenOff and OSError as `chunks`."""
    with path.open("rb") as file:
        begins = file.read(8)
        file.seek(0)
        return not begins.startswith(_PARQUET) and not _DOCUMENT.match(next(_plain(file, begins), b"").removeprefix(_MARK)[:4096])


def chunks(path: Path) -> Iterator[bytes]:
    """What a log holds, piece by piece. Raises BrokenOff where it cannot be read on, OSError where it cannot be read at all."""
    with path.open("rb") as file:
        begins = file.read(8)
        file.seek(0)
        if begins.startswith(_PARQUET):
            yield from _parquet(path)
            return
        plain = _plain(file, begins)
        first = next(plain, b"").removeprefix(_MARK)
        if _DOCUMENT.match(first[:4096]):
            yield from _entries(first, plain)
        else:
            yield first
            yield from plain


def _plain(file: BinaryIO, begins: bytes) -> Iterator[bytes]:
    make = next((make for mark, make in _PACKED if begins.startswith(mark)), None)
    return _members(file, make) if make else iter(lambda: file.read(CHUNK), b"")


def _members(file: BinaryIO, make: Callable[[], Unpacker]) -> Iterator[bytes]:
    """The members of a packed file, one after the other; zeros between and behind them are padding."""
    waiting, read, written = file.read(CHUNK), 0, 0
    while waiting:
        unpacker = make()
        while not unpacker.eof:
            read += len(waiting)
            try:
                out = unpacker.decompress(waiting, CHUNK)
            except (OSError, EOFError, ValueError, zlib.error, lzma.LZMAError) as error:
                raise BrokenOff(f"it cannot be unpacked: {error}") from error
            written += len(out)
            if written > max(ALWAYS, MOST_TIMES * read):
                raise BrokenOff(f"it unpacks to more than {MOST_TIMES} times its size")
            if out:
                yield out
            waiting = b""
            if not unpacker.eof and unpacker.needs_input:
                waiting = file.read(CHUNK)
                if not waiting and not out:
                    raise BrokenOff("it ends in the middle of what is packed")
        waiting = unpacker.unused_data.lstrip(b"\0")
        read -= len(waiting)
        while not waiting and (more := file.read(CHUNK)):
            waiting = more.lstrip(b"\0")


def _entries(first: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    """The entries of JSON documents, a line each."""
    whole = bytearray(first)
    for chunk in rest:
        whole += chunk
        if len(whole) > LARGEST_DOCUMENT:
            raise BrokenOff(f"a JSON document of more than {LARGEST_DOCUMENT >> 20} MB: save it as lines, an entry each")
    text = whole.decode("utf-8", "replace").strip()
    decoder, at = json.JSONDecoder(), 0
    while at < len(text):
        try:
            document, at = decoder.raw_decode(text, at)
        except (ValueError, RecursionError) as error:
            raise BrokenOff(f"it is no JSON from here on: {error}") from error
        for entry in _listed(document):
            yield json.dumps(entry, separators=(",", ":")).encode() + b"\n"
        while at < len(text) and text[at].isspace():
            at += 1


def _listed(document: Any) -> list[Any]:
    """The entries of one document: of a list, or of a service's answer around one."""
    while isinstance(document, dict) and (holder := next((name for name in _HOLDERS if isinstance(document.get(name), dict | list)), None)):
        document = document[holder]
    return document if isinstance(document, list) else [document]


def _parquet(path: Path) -> Iterator[bytes]:
    """The rows of a Parquet file as JSON lines, read by DuckDB with nothing but this file before it."""
    import duckdb

    try:
        with duckdb.connect(config={"memory_limit": "300MB", "threads": 1, "autoinstall_known_extensions": False}) as database:
            database.execute("SET enable_progress_bar = false")
            database.execute("SET allowed_paths = [?]", [str(path)])
            database.execute("SET enable_external_access = false")
            database.execute("SET lock_configuration = true")
            found = database.execute("SELECT to_json(rows) FROM read_parquet(?) AS rows", [str(path)])
            bound = max(ALWAYS, MOST_TIMES * path.stat().st_size)
            while rows := found.fetchmany(5_000):
                chunk = "".join(f"{row}\n" for (row,) in rows).encode("utf-8", "backslashreplace")
                bound -= len(chunk)
                if bound < 0:
                    raise BrokenOff(f"it unpacks to more than {MOST_TIMES} times its size")
                yield chunk
    except duckdb.Error as error:
        raise BrokenOff(f"it cannot be read as Parquet: {str(error).splitlines()[0]}") from error
