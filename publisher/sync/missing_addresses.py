"""Addresses that a look from outside did not find, remembered until the storage itself was asked.

An answer of a content network or a host proves nothing, so nothing is done for it but to ask. Losing the file loses nothing:
the next look from outside finds the same.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from publisher.core.local_cache import CacheFile

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

MISSING = "missing.json"
"""The file in the cache; it is there only while there is something to ask for."""


class MissingAddresses:
    """The file in the folder `cache`."""

    def __init__(self, cache: Path) -> None:
        self._path = cache / MISSING
        self._file = CacheFile(self._path, "1")

    def read(self) -> list[str]:
        """Those to ask for, each once."""
        found = self._file.read().get("addresses")
        return list(dict.fromkeys(item for item in found if isinstance(item, str))) if isinstance(found, list) else []

    def add(self, addresses: Iterable[str]) -> None:
        """Remember these too."""
        self.keep([*self.read(), *addresses])

    def keep(self, addresses: Iterable[str]) -> None:
        """Remember these alone."""
        addresses = list(dict.fromkeys(addresses))
        if addresses:
            self._file.write({"addresses": addresses})
        else:
            with suppress(OSError):
                self._path.unlink()
