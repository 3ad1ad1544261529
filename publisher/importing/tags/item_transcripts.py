"""The transcripts that an item names: one for each language, in the form that tells most."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from feed.text_cleaning import printable_line

if TYPE_CHECKING:
    from feed.reader import Node

FORMS = {
    "text/vtt": "vtt",
    "application/x-subrip": "srt",
    "application/srt": "srt",
    "application/json": "json",
    "text/html": "html",
    "text/plain": "txt",
}
"""By type, the best first: what tells times before what does not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Offered:
    """A transcript in one language. `forms` are (address, name of the file), the best first; `language` is "" for the show's own."""

    language: str
    forms: tuple[tuple[str, str], ...]


def transcripts_of(item: Node, show_language: str) -> list[Offered]:
    """The episode's own language first, of which the file's name says nothing: the show's, or else the one that is named first."""
    found: dict[str, dict[str, str]] = {}
    for node in item.all("podcast:transcript"):
        kind = _kind(node)
        if kind in FORMS and node.get("url"):
            found.setdefault(_language(node, show_language), {}).setdefault(kind, node.get("url"))
    own = "" if "" in found else next(iter(found), "")
    rows = []
    for language in sorted(found, key=lambda language: language != own):
        name = "transcript" if language == own else f"transcript.{language}"
        rows.append(
            Offered(
                language=language,
                forms=tuple((found[language][kind], f"{name}.{FORMS[kind]}") for kind in FORMS if kind in found[language]),
            )
        )
    return rows


def left_of_transcripts(item: Node) -> list[str]:
    """Transcripts of a kind that is not read."""
    kinds = {_kind(node) for node in item.all("podcast:transcript")} - FORMS.keys()
    return [f"<podcast:transcript> of the type {printable_line(kind)[:60] or 'that is not named'}" for kind in sorted(kinds)]


def _kind(node: Node) -> str:
    return node.get("type").partition(";")[0].strip().lower()


def _language(node: Node, show_language: str) -> str:
    """As a file can be called by; "" for the show's."""
    written = node.get("language").replace("_", "-").lower()
    plain = re.fullmatch(r"[a-z]{2,3}(?:-[a-z0-9]{2,8})*", written) is not None
    return written if plain and written != show_language.replace("_", "-").strip().lower() else ""
