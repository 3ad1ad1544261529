"""Chapters in XML: Podlove Simple Chapters, Matroska's."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from feed.chapters.form_values import end_of, moment, unreadable, web_address
from feed.model import Chapter
from feed.text_cleaning import one_line, outside_comments

if TYPE_CHECKING:
    from lxml.etree import _Element

_PODLOVE = "http://podlove.org/simple-chapters"
_XML_DECLARATION = re.compile(r"\s*<\?xml[^>]{0,200}\?>")


def read_xml(text: str, left_out: list[str]) -> list[Chapter]:
    """Podlove Simple Chapters, also within a feed, and Matroska chapters."""
    from lxml import etree

    text = outside_comments(_XML_DECLARATION.sub("", text, count=1))
    if "<!DOCTYPE" in text.upper() or "<!ENTITY" in text.upper():
        raise unreadable("the XML declares a document type, which chapters never need", 0)
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False, load_dtd=False)
    try:
        root = etree.fromstring(text.encode(), parser)
    except etree.XMLSyntaxError as error:
        raise unreadable(f"the chapters are no XML: {one_line(error.msg or '')[:200]}", error.lineno or 0) from None
    if root.tag == "Chapters":
        return _matroska(root, left_out)
    elements = [e for e in root.iter() if isinstance(e.tag, str) and e.tag in (f"{{{_PODLOVE}}}chapter", "chapter")]
    if not elements:
        raise unreadable("the XML holds no <psc:chapter> and no <ChapterAtom>", 0)
    chapters = []
    for number, element in enumerate(elements, 1):
        line = element.sourceline if isinstance(element.sourceline, int) else 0
        chapters.append(
            Chapter(
                start=moment(element.get("start"), line, f"the start of chapter {number}"),
                title=one_line(element.get("title") or ""),
                url=web_address(one_line(element.get("href") or "")),
                image=one_line(element.get("image") or ""),
            )
        )
    return chapters


def _matroska(root: _Element, left_out: list[str]) -> list[Chapter]:
    """The chapters of the default edition, else of the first; those that are hidden stay out of the list, those that are off are none."""
    editions = root.findall("EditionEntry")
    edition = next((one for one in editions if one.findtext("EditionFlagDefault") == "1"), editions[0] if editions else root)
    if len(editions) > 1:
        left_out.append(f"other editions of the chapters are left out, {len(editions) - 1}: an episode has one list")
    off = sum((atom.findtext("ChapterFlagEnabled") or "1").strip() == "0" for atom in edition.iter("ChapterAtom"))
    if off:
        left_out.append(f"chapters that are switched off are left out, {off}")
    chapters = []
    for number, atom in enumerate(edition.iter("ChapterAtom"), 1):
        if (atom.findtext("ChapterFlagEnabled") or "1").strip() == "0":
            continue
        line = atom.sourceline if isinstance(atom.sourceline, int) else 0
        start = moment(atom.findtext("ChapterTimeStart"), line, f"the start of chapter {number}")
        chapters.append(
            Chapter(
                start=round(start, 6),
                title=one_line(atom.findtext("ChapterDisplay/ChapterString") or ""),
                end=end_of(atom.findtext("ChapterTimeEnd"), start, line, f"the end of chapter {number}"),
                toc=(atom.findtext("ChapterFlagHidden") or "0").strip() != "1",
            )
        )
    return chapters
