"""An episode's notes: Markdown as a person writes it, rendered for our pages, for apps, and as plain text.

`render_notes` is the way in. Nothing heavy is imported before it is called.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from feed.findings import ContentFault
from feed.model import Chapter, Image, Notes
from feed.notes.limits import SplitText, check_limits, split_front_matter
from feed.text_cleaning import one_line

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from feed.notes.html_tree import Child, Element
    from feed.schema.episode import SourceTable

__all__ = ["Appendix", "SplitText", "check_limits", "embedded_code", "image_names", "missing_alts", "render_notes", "split_front_matter"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Appendix:
    """What follows the notes in apps, and stands elsewhere on the page: the list of chapters, the sources, the disclosure."""

    chapters: Sequence[Chapter] = ()
    sources: Sequence[SourceTable] = ()
    disclosure: str = ""


def render_notes(
    markdown: str,
    *,
    summary: str | None,
    base_url: str,
    link: str = "",
    images: Mapping[str, str | Image] | None = None,
    duration: float | None = None,
    appendix: Appendix = Appendix(),
) -> Notes:
    """What pages show (`page`), what apps keep (`apps`), the same as plain `text`, and the `summary` for `<description>`.

    `base_url` is the episode page's address, against which relative links are resolved; `link` is what a shortened summary
    ends with. `images` leads from a picture's name as written to where it is published; other pictures become links.
    `duration` in seconds: only times before it seek. The apps' notes end with the `appendix`; its chapters are listed when there are
    three or more and the notes hold no such list (Apple, Spotify and YouTube read chapters from it).

    Raises ContentFault: notes-too-large, notes-line-too-long, notes-too-complex, source-time.
    """
    from feed.chapters.in_notes import LINES_FROM, chapters_in
    from feed.chapters.writing import write_lines
    from feed.notes.for_apps import AppsWriter, break_lines
    from feed.notes.for_pages import PageWriter
    from feed.notes.html_tree import Element, text_of, write_html
    from feed.notes.markdown import parse_notes
    from feed.notes.plain_text import first_paragraph, write_summary, write_text

    images = images or {}
    tree = parse_notes(markdown)
    page = PageWriter(base_url, images, duration).write(tree)
    blocks = AppsWriter(base_url, images).write(tree)
    body = (
        summary.strip() if summary else first_paragraph(tree) or text_of([block for block in blocks[:1] if block.tag not in ("ul", "ol")])
    )
    if not blocks and summary:
        # Apps show the longest text they find; a list of chapters alone would hide the summary.
        blocks.append(Element("p", {}, [one_line(summary)]))
    lines = write_lines(appendix.chapters)
    if lines and len(chapters_in(tree)) < LINES_FROM:
        blocks.append(break_lines(lines))
    blocks.extend(_sources(appendix.sources))
    disclosure = one_line(appendix.disclosure)
    if disclosure and disclosure not in text_of(block for block in blocks[-1:]):
        blocks.append(Element("p", {}, [disclosure]))
    return Notes(
        page=write_html(page).strip(),
        apps="\n".join(write_html([block]) for block in blocks),
        text=write_text(blocks),
        summary=write_summary(body, link=link or base_url, disclosure=disclosure),
    )


def image_names(markdown: str) -> list[tuple[int, str]]:
    """Each picture the notes show, as (line, name as it lies in the folder); the loader looks for those that are files."""
    from feed.notes.markdown import images

    return [(line, name) for line, name, _ in images(markdown)]


def missing_alts(markdown: str) -> list[tuple[int, str]]:
    """Each picture without a text for those who cannot see it, as (line, name)."""
    from feed.notes.markdown import images

    return [(line, name) for line, name, alt in images(markdown) if not alt.strip()]


def embedded_code(markdown: str) -> list[tuple[int, str]]:
    """Code for a player, a script or the like in the notes, as (line, element): it is shown as text, for no app would run it."""
    from feed.notes.markdown import code

    return code(markdown)


def _sources(sources: Sequence[SourceTable]) -> list[Element]:
    from feed.notes.html_tree import Element
    from feed.notes.links import absolute, is_web
    from feed.times import parse_time, short_clock

    items: list[Child] = []
    for number, source in enumerate(sources, 1):
        title, address = one_line(source.title), absolute(source.url, "")
        item: list[Child] = (
            [Element("a", {"href": address}, [title])] if is_web(address) else [f"{title} ({address})" if address else title]
        )
        if source.at is not None:
            try:
                item.append(f", {short_clock(parse_time(source.at))}")
            except ValueError:
                message = f"source {number} ({title}) is spoken of at {source.at!r}, which is no time"
                raise ContentFault(message, code="source-time", hint='write seconds, "MM:SS" or "HH:MM:SS"') from None
        items.append(Element("li", {}, item))
    return [Element("ul", {}, items)] if items else []
