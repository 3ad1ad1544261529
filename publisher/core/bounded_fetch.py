"""Files of others, fetched: bounded in size and redirects, taken up where they were cut, never from inside this network."""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

from publisher.core.errors import StorageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path
    from types import TracebackType

    import httpx

REDIRECTS = 10
"""Measurement services stand in a row before recordings: five are no rarity."""
TIMEOUT = 30.0
"""Seconds without a byte."""


class FetchError(StorageError):
    """A file could not be had; `message` says which and why."""


class Fetcher:
    """`with Fetcher(feed_url) as fetcher`. Where the feed itself is not of this network, no address of this network is asked."""

    def __init__(self, feed_url: str) -> None:
        import httpx

        self._inside = is_inside(urlsplit(feed_url).hostname or "")
        self._client = httpx.Client(
            timeout=TIMEOUT, follow_redirects=False, headers={"User-Agent": "airdate", "Accept-Encoding": "identity"}
        )

    def __enter__(self) -> Fetcher:  # noqa: PYI034
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._client.close()

    def get(self, url: str, limit: int) -> bytes:
        """The body at `url`, at most `limit` bytes. Raises FetchError."""
        body = b""
        for chunk in self._chunks(url, {}, _nothing):
            body += chunk
            if len(body) > limit:
                raise _fault(url, f"it is larger than {limit:,} bytes")
        return body

    def download(self, url: str, target: Path, limit: int, progress: Callable[[int], None] = lambda _count: None) -> None:
        """Write what is at `url` into `target`, whole or not at all; goes on where an earlier call was cut. Raises FetchError."""
        part, mark = target.with_name(f"{target.name}.part"), target.with_name(f"{target.name}.part.etag")
        have = part.stat().st_size if part.exists() and mark.exists() else 0
        headers = {"Range": f"bytes={have}-", "If-Range": mark.read_text("utf-8")} if have else {}
        size = 0
        file = None

        def begin(answer: httpx.Response) -> None:
            nonlocal size, file
            goes_on = answer.status_code == 206 and answer.headers.get("content-range", "").startswith(f"bytes {have}-")
            if answer.status_code == 206 and not goes_on:
                raise _fault(url, "it answers another part than was asked for")
            size = have if goes_on else 0
            etag = answer.headers.get("etag", "")
            if etag.startswith('"'):
                mark.write_text(etag, "utf-8")
            else:
                mark.unlink(missing_ok=True)
            file = part.open("ab" if goes_on else "wb")
            progress(size)

        try:
            for chunk in self._chunks(url, headers, begin):
                size += len(chunk)
                if size > limit:
                    raise _fault(url, f"it is larger than {limit:,} bytes")
                if file is not None:
                    file.write(chunk)
                progress(len(chunk))
        finally:
            if file is not None:
                file.close()
        if not size:
            raise _fault(url, "it is empty")
        part.replace(target)
        mark.unlink(missing_ok=True)

    def _chunks(self, url: str, headers: dict[str, str], begin: Callable[[httpx.Response], None]) -> Iterator[bytes]:
        import httpx

        here = url
        try:
            for _ in range(REDIRECTS + 1):
                self._refuse(url, here)
                with self._client.stream("GET", here, headers=headers) as answer:
                    if answer.status_code in (301, 302, 303, 307, 308) and answer.headers.get("location"):
                        here = urljoin(here, answer.headers["location"])
                        continue
                    if answer.status_code == 416 and headers:
                        headers = {}
                        continue
                    if answer.status_code not in (200, 206):
                        raise _fault(url, f"it answers {answer.status_code}")
                    begin(answer)
                    yield from answer.iter_raw()
                    return
        except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
            raise _fault(url, " ".join(str(error).split())[:200] or type(error).__name__) from error
        raise _fault(url, f"more than {REDIRECTS} redirects")

    def _refuse(self, url: str, here: str) -> None:
        parts = urlsplit(here)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise _fault(url, "it is no web address" if here == url else "it leads to something that is no web address")
        if not self._inside and is_inside(parts.hostname):
            raise _fault(url, "it leads into this machine's own network")


def is_inside(host: str) -> bool:
    """Whether a host is this machine or one of its own network, as far as its name tells."""
    if host.rstrip(".").lower() == "localhost" or host.lower().endswith((".localhost", ".local", ".internal")):
        return True
    try:
        return not ipaddress.ip_address(host).is_global
    except ValueError:
        return False


def _nothing(_answer: object) -> None:
    return None


def _fault(url: str, why: str) -> FetchError:
    return FetchError(f"cannot be fetched: {url[:300]}", cause=why, hint="is the address right, and the host up?", code="import-fetch")
