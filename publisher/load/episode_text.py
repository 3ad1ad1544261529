"""`episode.md`: the front matter, and the notes behind it."""

from __future__ import annotations

import re
from typing import Any

from feed.findings import ContentFault
from publisher.load.toml_and_yaml import decoded, read_toml, read_yaml


def glimpse(raw: bytes) -> dict[str, Any]:
    """What the first lines of an episode.md that cannot be read seem to say about when it is due."""
    seen: dict[str, Any] = {}
    for line in raw[:65536].decode("utf-8", "replace").splitlines()[:100]:
        if match := re.match(r"\s*(draft|date)\s*[=:]\s*\"?([^\s\"#]+(?: \d\d:[^\s\"#]+)?)", line):
            seen.setdefault(match[1], match[2])
    return seen


def read_episode_text(raw: bytes) -> tuple[dict[str, Any], dict[tuple[str | int, ...], int], str, int]:
    """An episode.md: front matter, the line of each key in the file, the notes, and the lines before them. Raises ContentFault."""
    from feed.notes import split_front_matter

    text = decoded(raw)
    kind, front_text, front_offset, notes, notes_offset = split_front_matter(text)
    if not kind:
        raise ContentFault(
            "the file does not start with front matter",
            code="front-matter-missing",
            line=1,
            hint='start with +++, a line title = "…", and +++ again',
        )
    try:
        front, lines = (read_toml if kind == "toml" else read_yaml)(front_text)
    except ContentFault as fault:
        raise ContentFault(fault.message, code=fault.code, line=fault.line + front_offset, hint=fault.hint) from fault
    return front, {path: line + front_offset for path, line in lines.items()}, notes, notes_offset
