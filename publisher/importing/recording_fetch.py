"""Recordings fetched from the old host, and none that is a page of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from publisher.media.file_type import not_audio, other_audio
from publisher.web.bounded_fetch import FetchError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from publisher.web.bounded_fetch import Fetcher

LARGEST_RECORDING = 4 << 30
"""Bytes of a recording that are fetched."""
_HEAD = 4096
_PAGES = ("an HTML page", "an XML document", "a JSON document", "a text")


def take_recording(fetcher: Fetcher, url: str, target: Path, limit: int, progress: Callable[[int], None]) -> str:
    """Fetch a recording into `target`; what it is, if no publish takes it as it is ("": one does). Raises FetchError, also where the host
    sends a page, a picture or a text instead: nothing is left.
    """
    fetcher.download(url, target, limit, progress)
    head = _head(target)
    what = not_audio(head)
    if what:
        target.unlink()
        raise FetchError(f"is no recording: {url[:300]}", cause=f"the host sends {what}", hint="is the address right?", code="import-fetch")
    return other_audio(head)


def page_instead(path: Path) -> bool:
    """Whether a recording that is here is a page of the old host, which somebody took for one."""
    return not_audio(_head(path)).startswith(_PAGES)


def _head(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(_HEAD)
