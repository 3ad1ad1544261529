"""The feed as it was written last, remembered on this machine: an item that is made of the same is not written again."""

from __future__ import annotations

import hashlib
import json
from contextlib import suppress
from typing import TYPE_CHECKING

from feed.text_cleaning import read_json
from publisher.core.digests import code_digest
from publisher.core.local_cache import write_whole

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from lxml import etree


class ItemsCache:
    """One file: a line with the names of the items, which stand for all they are made of, and the feed. A damaged file is as good as
    none, and one that cannot be written no error.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def read(self) -> dict[str, etree._Element]:
        """The items by name, each to be taken into one feed."""
        from feed.written_items import items_in

        try:
            line, _, body = self._path.read_bytes().partition(b"\n")
            head = read_json(line)
            names = head["names"] if head["made"] == _made(body) else []
        except (OSError, ValueError, KeyError, TypeError):
            return {}
        return items_in(body, names)

    def keep(self, body: bytes, names: Sequence[str]) -> None:
        """Remember this feed, in place of the one before."""
        line = json.dumps({"made": _made(body), "names": names}, separators=(",", ":"))
        with suppress(OSError):
            write_whole(self._path, line.encode() + b"\n" + body)


def _made(body: bytes) -> str:
    """By which code, and that it is whole."""
    return f"{code_digest()} {hashlib.sha256(body).hexdigest()}"
