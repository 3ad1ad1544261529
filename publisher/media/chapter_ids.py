"""The ids of the chapters inside an MP3, and those its tables of contents list: published as it is, a file may hold any."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


def chapter_ids(recording: Path) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Ids of the chapters (twice what stands twice), and the ids that contents list; a table that is listed itself is none."""
    from mutagen.id3 import CHAP, CTOC, ID3

    class Whole(ID3):  # type: ignore[misc]  # mutagen has no types
        """mutagen keeps one frame of each id; here all are seen as they are read."""

        seen: list[object]

        def _add(self, frame: object, strict: bool) -> None:
            self.seen.append(frame)
            super()._add(frame, strict)

    tag = Whole()
    tag.seen = []
    try:
        tag.load(recording)
    except Exception:  # noqa: BLE001  mutagen lets several of Python's own errors through on damaged tags
        return (), ()
    chapters = tuple(frame.element_id for frame in tag.seen if isinstance(frame, CHAP))
    tables = [frame for frame in tag.seen if isinstance(frame, CTOC)]
    own = {table.element_id for table in tables}
    return chapters, tuple(child for table in tables for child in table.child_element_ids if child not in own)
