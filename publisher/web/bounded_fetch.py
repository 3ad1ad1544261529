"""Files of others, fetched: bounded in size and redirects, taken up where they were cut, never from inside this network."""

from __future__ import annotations

import gzip
import zlib
from contextlib import AbstractContextManager
from typing import IO, TYPE_CHECKING

from publisher.core.errors import StorageError
from publisher.web.web_requests import Answer, Limits, WebClient, open_client

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


FILES = Limits(threads=1, step=30.0, answer=float("inf"), redirects=10, pauses=())
"""For files of any size. Measurement services stand in a row before recordings: five are no rarity."""


_USUAL = "is the address right, and the host up?"
_SAVE = "open it in a browser, save it, and give the file instead of the address"
_PRIVATE = f"is it for subscribers only? give the address with its key, as their apps have it; or {_SAVE}"
_ADVICE = {
    401: _PRIVATE,
    403: _PRIVATE,
    404: "is the address right? the old host shows it under RSS feed",
    410: "the old host says that it is gone for good",
}
"""What to do, by the status of an answer."""


class FetchError(StorageError):
    """A file could not be had; `message` says which and why."""


class Fetcher(AbstractContextManager["Fetcher"]):
    """Files of others: `with Fetcher(feed_url) as fetcher`. Where the feed is not of this machine's own network, no file is."""

    def __init__(self, feed_url: str) -> None:
        self._client = open_client(FILES)
        self._web = WebClient(self._client, FILES, typed=feed_url)

    def __exit__(self, *_error: object) -> None:
        self._client.close()

    def get(self, url: str, limit: int) -> bytes:
        """The body at `url`, at most `limit` bytes. Raises FetchError."""
        answer = self._web.ask("GET", url, keep=True, limit=limit)
        if answer.status != 200:
            raise _not_fetched(url, answer.fault or f"it answers {answer.status}", _ADVICE.get(answer.status, _USUAL))
        if answer.unreadable:
            raise _not_fetched(url, answer.unreadable, _SAVE)
        content = answer.content
        if len(content) > limit:
            raise _not_fetched(url, f"it is larger than {limit:,} bytes")
        return content

    def look(self, url: str) -> Answer:
        """What the host says of the file at `url`, and where that leads; none of its bytes. Never raises."""
        return self._web.ask("HEAD", url)

    def download(self, url: str, target: Path, limit: int, progress: Callable[[int], None] | None = None) -> None:
        """Write what is at `url` into `target`, whole or not at all; goes on where an earlier call was cut. Raises FetchError."""
        part, mark = target.with_name(f"{target.name}.part"), target.with_name(f"{target.name}.part.etag")
        have = _begun(part, mark)
        rest = [{"Range": f"bytes={have}-", "If-Range": mark.read_text("utf-8")}] if have else []

        def open_part(answer: Answer) -> IO[bytes] | None:
            if answer.status not in {200, 206}:
                return None
            if answer.unreadable:
                raise _not_fetched(url, answer.unreadable)
            goes_on = answer.status == 206
            if goes_on and not (asked and answer.header("content-range").startswith(f"bytes {have}-")):
                raise _not_fetched(url, "it answers another part than was asked for")
            etag = answer.header("etag")
            if etag.startswith('"'):
                mark.write_text(etag, "utf-8")
            else:
                mark.unlink(missing_ok=True)
            if goes_on and progress is not None:
                progress(have)
            return part.open("ab" if goes_on else "wb")

        asked: dict[str, str] = {}
        for asked in (*rest, {}):
            answer = self._web.ask("GET", url, asked, into=open_part, progress=progress, limit=limit)
            if answer.status != 416:  # it has become shorter than what is here
                break
        if answer.status not in {200, 206}:
            raise _not_fetched(url, answer.fault or f"it answers {answer.status}")
        if not part.stat().st_size:
            part.unlink()
            mark.unlink(missing_ok=True)
            raise _not_fetched(url, "it is empty")
        if answer.header("content-encoding").strip().lower() in {"gzip", "x-gzip"}:
            _unpack(part, limit, url)
        part.replace(target)
        mark.unlink(missing_ok=True)


def _begun(part: Path, mark: Path) -> int:
    """How many bytes an earlier call left. What is no file is none of ours and goes: a link would be written through, a pipe waits."""
    for place in (part, mark):
        if place.is_symlink() or (place.exists() and not place.is_file()):
            place.unlink()
    return part.stat().st_size if part.exists() and mark.exists() else 0


def _unpack(part: Path, limit: int, url: str) -> None:
    """A file that was sent compressed, as it was before. Raises FetchError where it is broken or grows beyond `limit` bytes."""
    unpacked = part.with_name(f"{part.name}.unpacked")
    size = 0
    try:
        with gzip.open(part) as packed, unpacked.open("wb") as file:
            while block := packed.read(1 << 20):
                size += len(block)
                if size > limit:
                    raise _not_fetched(url, f"it is larger than {limit:,} bytes")
                file.write(block)
        unpacked.replace(part)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        part.unlink()
        raise _not_fetched(url, f"what was sent compressed cannot be unpacked: {error}") from error
    finally:
        unpacked.unlink(missing_ok=True)


def _not_fetched(url: str, why: str, advice: str = _USUAL) -> FetchError:
    return FetchError(f"cannot be fetched: {url[:300]}", cause=why, hint=advice, code="import-fetch")
