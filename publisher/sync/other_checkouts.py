"""Words that another checkout published since this folder last did: the later publish replaces them, and says so.

Only what is sure is said: a folder that has not published yet has seen nothing, and a State that does not tell which publish
brought a text is not asked to guess. Losing the file loses a warning, nothing else.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from feed.findings import Finding, Severity
from publisher.core.local_cache import CacheFile

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from publisher.load.schedule import Publication
    from publisher.state.state import State


class LastPublish:
    """The number of the last publish whose words all lay in this folder, kept for each storage in the file `path`."""

    def __init__(self, path: Path, storage: str) -> None:
        self._file = CacheFile(path, "1")
        self._storage = storage

    def read(self) -> int:
        """0 where this folder has not published yet."""
        number = self._file.read().get(self._storage)
        return number if isinstance(number, int) else 0

    def keep(self, generation: int) -> None:
        """Remember a publish from this folder."""
        if generation != self.read():
            self._file.write({**self._file.read(), self._storage: generation})


def replaced_unseen(state: State, publication: Publication, last: int) -> Iterator[Finding]:
    """A warning for each episode whose published words came after publish `last` and are neither those here nor known here. Pure."""
    seen = {at for number, at in state.published.items() if int(number) <= last}
    later = set(state.published.values()) - seen
    for item in publication.episodes if last else ():
        known = state.episodes.get(item.slug)
        texts = known.texts if known is not None else ()
        if texts and texts[0].at in later and all(item.source.text_digest != text.digest for text in texts):
            came = f"{texts[0].machine or 'another machine'} on {texts[0].at[:16].replace('T', ' at ')}"
            yield Finding(
                code="text-unseen",
                severity=Severity.WARNING,
                message=f"after this folder last published, “{item.slug}” was published with other words from {came}; those here replace them",
                file=item.source.file,
                hint="is this checkout up to date? --strict stops for it",
                episode=item.source.slug,
            )
