"""A chapters file in any of the forms tools write, told apart by content and not by name."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from feed.chapters.timed_lines import timed_line
from feed.findings import ContentFault
from feed.model import Chapter
from feed.text_cleaning import one_line, outside_comments, read_json, xml_safe
from feed.text_decoding import decode_text, is_text
from feed.times import parse_time
from feed.transcript.forms import captions

if TYPE_CHECKING:
    from collections.abc import Callable

    from lxml.etree import _Element

FILE_BYTES = 1_000_000
"""The largest chapters file that is read."""
COUNT = 5_000
"""The most chapters an episode may have."""

_PODLOVE = "http://podlove.org/simple-chapters"
_TRIED = (
    "JSON chapters, ffprobe's JSON, Podlove Simple Chapters and Matroska chapters (XML), WebVTT, SRT, a cue sheet, ffmetadata, "
    "CHAPTER01= lines, Audacity labels, and lines “HH:MM:SS Title” (mp4chaps, Auphonic)"
)
_LINK_AT_END = re.compile(r"\s*<([^<>\s]*)>$")
_NUMBERED = re.compile(r"\s*CHAPTER(?P<number>[0-9]{1,4})(?P<name>NAME|URL)?\s*=(?P<value>.*)", re.IGNORECASE)
_XML_DECLARATION = re.compile(r"\s*<\?xml[^>]{0,200}\?>")
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_CUE_LINE = re.compile(
    r"\s*(REM|CATALOG|CDTEXTFILE|PERFORMER|SONGWRITER|TITLE|FILE|TRACK|FLAGS|ISRC|PREGAP|POSTGAP|INDEX)\s+(.*)", re.IGNORECASE
)
_CUE_INDEX = re.compile(r"([0-9]{1,2})\s+([0-9]{1,4}):([0-5]?[0-9]):([0-7]?[0-9])\s*")
_FRAMES = 75
_TIMEBASE = re.compile(r"([0-9]{1,10})/([0-9]{1,10})")


def read_chapters(data: bytes, language: str = "") -> tuple[Chapter, ...]:
    """The chapters of a file, in its order: JSON chapters 1.0 to 1.2, Podlove's or Auphonic's JSON and ffprobe's, Podlove Simple
    Chapters, Matroska chapters, WebVTT, SRT, a cue sheet, ffmetadata, mp4chaps and Auphonic text, `CHAPTER01=` lines, Audacity labels,
    plain `MM:SS Title`; in the encodings of `decode_text`, which knows what to say of them.

    Raises ContentFault chapters-unreadable with the first line that does not fit and all forms that were tried, and `text-encoding`.
    """
    if len(data) > FILE_BYTES:
        raise _fault(f"the chapters file holds {len(data):,} bytes, at most {FILE_BYTES:,} are read", 0)
    if not is_text(data):
        raise _fault("the chapters file is no text: is it a document or a recording under this name?", 0)
    text = xml_safe(decode_text(data, language).text).lstrip("\ufeff")
    if not text.strip():
        raise _fault("the chapters file is empty", 0)
    chapters = _reader(text)(text)
    if len(chapters) > COUNT:
        raise _fault(f"the chapters file holds {len(chapters):,} chapters, at most {COUNT:,} are read", 0)
    return tuple(chapters)


def _reader(text: str) -> Callable[[str], list[Chapter]]:
    start = text.lstrip()
    if start.startswith(";FFMETADATA"):
        return _read_ffmetadata
    if start.startswith("<"):
        return _read_xml
    if start.startswith("{") or re.match(r"\[\s*[\]{\[]", start):
        return _read_json
    if _NUMBERED.match(start):
        return _read_numbered
    if captions.recognise_vtt(start) or captions.recognise_srt(start):
        return _read_captions
    return _read_cue_sheet if _CUE_LINE.match(start.partition("\n")[0]) else _read_lines


def _fault(message: str, line: int) -> ContentFault:
    return ContentFault(message, code="chapters-unreadable", line=line, hint=f"tried: {_TRIED}")


def _shown(text: str) -> str:
    text = one_line(text)
    return f"“{text[:80]}…”" if len(text) > 80 else f"“{text}”"


def _time(value: object, line: int, what: str) -> float:
    try:
        return parse_time(value)
    except (ValueError, OverflowError):
        raise _fault(f"{what} is no time: {_shown(str(value)[:200])}", line) from None


def _end(value: object, start: float, line: int, what: str) -> float | None:
    if value is None or value == "":
        return None
    end = _time(value, line, what)
    return end if end > start else None


def _read_lines(text: str) -> list[Chapter]:
    """mp4chaps, Auphonic, Audacity labels and plain lists, one chapter a line."""
    chapters: list[Chapter] = []
    for number, line in enumerate(text.split("\n"), 1):
        # Audacity writes a second line, `\<tab>low<tab>high`, for a label with a frequency range.
        if not line.strip() or line.lstrip().startswith(("#", "\\\t", "//")):
            continue
        chapters.append(_label(line, number) or _timed_line(line, number))
    return chapters


def _label(line: str, number: int) -> Chapter | None:
    parts = line.split("\t", 2)
    if len(parts) != 3 or ":" in parts[0]:
        return None
    start = _time(parts[0], number, f"the start in line {number}")
    return Chapter(start=start, title=one_line(parts[2]), end=_end(parts[1], start, number, f"the end in line {number}"))


def _timed_line(line: str, number: int) -> Chapter:
    found = timed_line(line)
    if found is None:
        raise _fault(f"line {number} is no chapter: {_shown(line)}", number)
    link = _LINK_AT_END.search(found.title)
    title = found.title[: link.start()] if link else found.title
    start = _time(found.start, number, f"the start in line {number}")
    end = _end(found.end, start, number, f"the end in line {number}")
    return Chapter(start=start, title=one_line(title), end=end, url=_address(link[1]) if link else "")


def _read_numbered(text: str) -> list[Chapter]:
    """`CHAPTER01=00:00:00.000` and `CHAPTER01NAME=Title`, as OGM tools write."""
    starts: dict[int, float] = {}
    titles: dict[int, str] = {}
    addresses: dict[int, str] = {}
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        match = _NUMBERED.fullmatch(line)
        if match is None:
            raise _fault(f"line {number} is no chapter: {_shown(line)}", number)
        key, kind = int(match["number"]), (match["name"] or "").upper()
        if kind == "NAME":
            titles[key] = one_line(match["value"])
        elif kind == "URL":
            addresses[key] = _address(match["value"].strip())
        else:
            starts[key] = _time(match["value"], number, f"the start in line {number}")
    return [Chapter(start=start, title=titles.get(key, ""), url=addresses.get(key, "")) for key, start in starts.items()]


def _read_json(text: str) -> list[Chapter]:
    try:
        document = read_json(text)
    except json.JSONDecodeError as error:
        raise _fault(f"the chapters are no JSON: {error.msg} in line {error.lineno}", error.lineno) from None
    except (ValueError, RecursionError):
        raise _fault("the chapters are no JSON that can be read", 0) from None
    entries = document.get("chapters") if isinstance(document, dict) else document
    if not isinstance(entries, list):
        raise _fault("the JSON holds no list “chapters”", 0)
    return [_json_chapter(entry, number) for number, entry in enumerate(entries, 1)]


def _json_chapter(entry: object, number: int) -> Chapter:
    if not isinstance(entry, dict):
        raise _fault(f"chapter {number} is no object: {_shown(str(entry)[:200])}", 0)
    # ffprobe's `start` counts in its own `time_base`.
    start = _time(_first(entry, "startTime", "start_time", "start"), 0, f"the start of chapter {number}")
    tags = entry.get("tags")
    return Chapter(
        start=start,
        title=_text(_first(entry, "title")) or (_text(_first(tags, "title", "TITLE")) if isinstance(tags, dict) else ""),
        end=_end(_first(entry, "endTime", "end_time", "end"), start, 0, f"the end of chapter {number}"),
        url=_address(_text(_first(entry, "url", "href", "link"))),
        image=_text(_first(entry, "img", "image")),
        toc=entry.get("toc") is not False,
        location=_location(entry.get("location")),
    )


def _location(value: object) -> dict[str, str]:
    """`location` of JSON chapters: what of name, geo and osm is text."""
    return {name: text for name in ("name", "geo", "osm") if (text := _text(value.get(name)))} if isinstance(value, dict) else {}


def chapters_author(data: bytes) -> str:
    """The `author` that a chapters file in JSON names; "" for any other file."""
    try:
        document = read_json(xml_safe(decode_text(data[:FILE_BYTES]).text).lstrip("\ufeff"))
    except (ContentFault, ValueError, RecursionError):
        return ""
    return _text(document.get("author")) if isinstance(document, dict) else ""


def _first(entry: dict[str, Any], *names: str) -> object:
    return next((entry[name] for name in names if entry.get(name) is not None), None)


def _text(value: object) -> str:
    return one_line(value) if isinstance(value, str) else ""


def _read_captions(text: str) -> list[Chapter]:
    """WebVTT and SRT: a card is a chapter."""
    chapters = []
    for number, cue in enumerate(captions.cards(text), 1):
        if cue.start is None:
            raise _fault(f"the start of chapter {number} is no time", 0)
        title = one_line(cue.text)
        chapters.append(Chapter(start=cue.start, title=title, end=_end(cue.end, cue.start, 0, f"the end of chapter {number}")))
    return chapters


def _read_cue_sheet(text: str) -> list[Chapter]:
    """A cue sheet: each track is a chapter, from its INDEX 01 (else 00) in minutes, seconds and frames, of which 75 make a second."""
    tracks: list[tuple[int, dict[str, str]]] = []
    files = 0
    for number, line in enumerate(text.split("\n"), 1):
        match = _CUE_LINE.fullmatch(line)
        if match is None:
            if line.strip():
                raise _fault(f"line {number} is no line of a cue sheet: {_shown(line)}", number)
            continue
        command, value = match[1].upper(), match[2].strip()
        files += command == "FILE"
        if files > 1:
            raise _fault(f"the cue sheet is of several recordings, the second in line {number}", number)
        if command == "TRACK":
            tracks.append((number, {}))
        elif command == "TITLE" and tracks:
            tracks[-1][1]["title"] = one_line(value.strip('"'))
        elif command == "INDEX" and tracks:
            index = _CUE_INDEX.fullmatch(value)
            if index is None or int(index[4]) >= _FRAMES:
                raise _fault(f"line {number} is no index: {_shown(line)}", number)
            tracks[-1][1].setdefault(str(int(index[1])), str(int(index[2]) * 60 + int(index[3]) + int(index[4]) / _FRAMES))
    chapters = []
    for number, fields in tracks:
        start = fields.get("1") or fields.get("0")
        if start is None:
            raise _fault(f"the track in line {number} has no INDEX 01", number)
        chapters.append(Chapter(start=round(float(start), 3), title=fields.get("title", "")))
    return chapters


def _read_xml(text: str) -> list[Chapter]:
    """Podlove Simple Chapters, also within a feed, and Matroska chapters."""
    from lxml import etree

    text = outside_comments(_XML_DECLARATION.sub("", text, count=1))
    if "<!DOCTYPE" in text.upper() or "<!ENTITY" in text.upper():
        raise _fault("the XML declares a document type, which chapters never need", 0)
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False, load_dtd=False)
    try:
        root = etree.fromstring(text.encode(), parser)
    except etree.XMLSyntaxError as error:
        raise _fault(f"the chapters are no XML: {one_line(error.msg or '')[:200]}", error.lineno or 0) from None
    if root.tag == "Chapters":
        return _matroska(root)
    elements = [e for e in root.iter() if isinstance(e.tag, str) and e.tag in (f"{{{_PODLOVE}}}chapter", "chapter")]
    if not elements:
        raise _fault("the XML holds no <psc:chapter> and no <ChapterAtom>", 0)
    chapters = []
    for number, element in enumerate(elements, 1):
        line = element.sourceline if isinstance(element.sourceline, int) else 0
        chapters.append(
            Chapter(
                start=_time(element.get("start"), line, f"the start of chapter {number}"),
                title=one_line(element.get("title") or ""),
                url=_address(one_line(element.get("href") or "")),
                image=one_line(element.get("image") or ""),
            )
        )
    return chapters


def _matroska(root: _Element) -> list[Chapter]:
    """The chapters of the default edition, else of the first; those that are hidden stay out of the list, those that are off are none."""
    editions = root.findall("EditionEntry")
    edition = next((one for one in editions if one.findtext("EditionFlagDefault") == "1"), editions[0] if editions else root)
    chapters = []
    for number, atom in enumerate(edition.iter("ChapterAtom"), 1):
        if (atom.findtext("ChapterFlagEnabled") or "1").strip() == "0":
            continue
        line = atom.sourceline if isinstance(atom.sourceline, int) else 0
        start = _time(atom.findtext("ChapterTimeStart"), line, f"the start of chapter {number}")
        chapters.append(
            Chapter(
                start=round(start, 6),
                title=one_line(atom.findtext("ChapterDisplay/ChapterString") or ""),
                end=_end(atom.findtext("ChapterTimeEnd"), start, line, f"the end of chapter {number}"),
                toc=(atom.findtext("ChapterFlagHidden") or "0").strip() != "1",
            )
        )
    return chapters


def _read_ffmetadata(text: str) -> list[Chapter]:
    chapters: list[Chapter] = []
    fields: dict[str, str] = {}
    section, begun = "", 0
    # The last, empty section closes the one before it.
    for number, line in enumerate([*_unfolded(text), "[]"], 1):
        if line.startswith("[") and line.rstrip().endswith("]"):
            if section == "CHAPTER":
                chapters.append(_ffmetadata_chapter(fields, begun))
            section, begun, fields = line.strip()[1:-1].upper(), number, {}
        elif line.strip() and not line.startswith((";", "#")):
            key, equals, value = line.partition("=")
            if not equals and section == "CHAPTER":
                raise _fault(f"line {number} is no key=value: {_shown(line)}", number)
            fields[key.strip().lower()] = value
    return chapters


def _unfolded(text: str) -> list[str]:
    """Lines; one that ends in a backslash goes on in the next, which then stays empty to keep the count."""
    lines: list[str] = []
    folded = -1
    for line in text.split("\n"):
        goes_on = (len(line) - len(line.rstrip("\\"))) % 2 == 1
        content = line[:-1] if goes_on else line
        if folded >= 0:
            lines[folded] += " " + content
            lines.append("")
        else:
            lines.append(content)
        folded = (folded if folded >= 0 else len(lines) - 1) if goes_on else -1
    return lines


def _ffmetadata_chapter(fields: dict[str, str], line: int) -> Chapter:
    base = _TIMEBASE.fullmatch(fields.get("timebase", "1/1000000000").strip())
    start, end = fields.get("start", "").strip(), fields.get("end", "").strip()
    if base is None or int(base[2]) == 0 or not re.fullmatch(r"[0-9]{1,18}", start):
        raise _fault(f"the chapter that begins in line {line} has no START in a TIMEBASE", line)
    unit = int(base[1]) / int(base[2])
    seconds = _time(int(start) * unit, line, f"the start of the chapter in line {line}")
    until = _end(int(end) * unit, seconds, line, f"the end of the chapter in line {line}") if re.fullmatch(r"[0-9]{1,18}", end) else None
    title = one_line(_ESCAPED.sub(r"\1", fields.get("title", "")))
    return Chapter(start=round(seconds, 6), title=title, end=None if until is None else round(until, 6))


def _address(text: str) -> str:
    """A link with a scheme a browser may follow; else none."""
    return text if text.lower().startswith(("https://", "http://")) else ""
