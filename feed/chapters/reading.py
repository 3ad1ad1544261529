"""A chapters file in any of the forms tools write, told apart by content and not by name."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, NamedTuple

from feed.chapters.form_values import end_of, moment, shown, unreadable, web_address
from feed.chapters.timed_lines import timed_line
from feed.chapters.xml_forms import read_xml
from feed.findings import LEFT_OUT, ContentFault, Remark
from feed.model import Chapter
from feed.text_cleaning import one_line, read_json, xml_safe
from feed.text_decoding import decode_text, is_text
from feed.transcript.forms import captions

if TYPE_CHECKING:
    from collections.abc import Callable

FILE_BYTES = 1_000_000
"""The largest chapters file that is read."""
COUNT = 5_000
"""The most chapters an episode may have."""

_LINK_AT_END = re.compile(r"\s*<([^<>\s]*)>$")
_NUMBERED = re.compile(r"\s*CHAPTER(?P<number>[0-9]{1,4})(?P<name>NAME|URL)?\s*=(?P<value>.*)", re.IGNORECASE)
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_CUE_LINE = re.compile(
    r"\s*(REM|CATALOG|CDTEXTFILE|PERFORMER|SONGWRITER|TITLE|FILE|TRACK|FLAGS|ISRC|PREGAP|POSTGAP|INDEX)\s+(.*)", re.IGNORECASE
)
_CUE_INDEX = re.compile(r"([0-9]{1,2})\s+([0-9]{1,4}):([0-5]?[0-9]):([0-7]?[0-9])\s*")
_OF_TRACKS = re.compile(r"^[ \t]*(PERFORMER|SONGWRITER|ISRC)[ \t]", re.IGNORECASE | re.MULTILINE)
_FRAMES = 75
_TIMEBASE = re.compile(r"([0-9]{1,10})/([0-9]{1,10})")


class ChaptersReading(NamedTuple):
    """The chapters of a file, in its order, and what was guessed or left out of it."""

    chapters: tuple[Chapter, ...]
    remarks: tuple[Remark, ...] = ()


def read_chapters(data: bytes, language: str = "") -> ChaptersReading:
    """The chapters of a file, in its order: JSON chapters 1.0 to 1.2, Podlove's or Auphonic's JSON and ffprobe's, Podlove Simple
    Chapters, Matroska chapters, WebVTT, SRT, a cue sheet, ffmetadata, mp4chaps and Auphonic text, `CHAPTER01=` lines, Audacity labels,
    plain `MM:SS Title`; in the encodings of `decode_text`, which knows what to say of them.

    Raises ContentFault chapters-unreadable with the first line that does not fit and all forms that were tried, and `text-encoding`.
    """
    if len(data) > FILE_BYTES:
        raise unreadable(f"the chapters file holds {len(data):,} bytes, at most {FILE_BYTES:,} are read", 0)
    if not is_text(data):
        raise unreadable("the chapters file is no text: is it a document or a recording under this name?", 0)
    decoded = decode_text(data, language)
    text = xml_safe(decoded.text).lstrip("\ufeff")
    if not text.strip():
        raise unreadable("the chapters file is empty", 0)
    left_out: list[str] = []
    chapters = _reader(text)(text, left_out)
    if len(chapters) > COUNT:
        raise unreadable(f"the chapters file holds {len(chapters):,} chapters, at most {COUNT:,} are read", 0)
    return ChaptersReading(tuple(chapters), (*(Remark(LEFT_OUT, words) for words in left_out), *decoded.remarks))


def _reader(text: str) -> Callable[[str, list[str]], list[Chapter]]:
    """The reader of a form: from a text to its chapters; to a list it adds what of the file is left out, and why."""
    start = text.lstrip()
    if start.startswith(";FFMETADATA"):
        return _read_ffmetadata
    if start.startswith("<"):
        return read_xml
    if start.startswith("{") or re.match(r"\[\s*[\]{\[]", start):
        return _read_json
    if _NUMBERED.match(start):
        return _read_numbered
    if captions.recognise_vtt(start) or captions.recognise_srt(start):
        return _read_captions
    return _read_cue_sheet if _CUE_LINE.match(start.partition("\n")[0]) else _read_lines


def _read_lines(text: str, _left_out: list[str]) -> list[Chapter]:
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
    start = moment(parts[0], number, f"the start in line {number}")
    return Chapter(start=start, title=one_line(parts[2]), end=end_of(parts[1], start, number, f"the end in line {number}"))


def _timed_line(line: str, number: int) -> Chapter:
    found = timed_line(line)
    if found is None:
        raise unreadable(f"line {number} is no chapter: {shown(line)}", number)
    link = _LINK_AT_END.search(found.title)
    title = found.title[: link.start()] if link else found.title
    start = moment(found.start, number, f"the start in line {number}")
    end = end_of(found.end, start, number, f"the end in line {number}")
    return Chapter(start=start, title=one_line(title), end=end, url=web_address(link[1]) if link else "")


def _read_numbered(text: str, _left_out: list[str]) -> list[Chapter]:
    """`CHAPTER01=00:00:00.000` and `CHAPTER01NAME=Title`, as OGM tools write."""
    starts: dict[int, float] = {}
    titles: dict[int, str] = {}
    addresses: dict[int, str] = {}
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        match = _NUMBERED.fullmatch(line)
        if match is None:
            raise unreadable(f"line {number} is no chapter: {shown(line)}", number)
        key, kind = int(match["number"]), (match["name"] or "").upper()
        if kind == "NAME":
            titles[key] = one_line(match["value"])
        elif kind == "URL":
            addresses[key] = web_address(match["value"].strip())
        else:
            starts[key] = moment(match["value"], number, f"the start in line {number}")
    return [Chapter(start=start, title=titles.get(key, ""), url=addresses.get(key, "")) for key, start in starts.items()]


def _read_json(text: str, _left_out: list[str]) -> list[Chapter]:
    try:
        document = read_json(text)
    except json.JSONDecodeError as error:
        raise unreadable(f"the chapters are no JSON: {error.msg} in line {error.lineno}", error.lineno) from None
    except (ValueError, RecursionError):
        raise unreadable("the chapters are no JSON that can be read", 0) from None
    entries = document.get("chapters") if isinstance(document, dict) else document
    if not isinstance(entries, list):
        raise unreadable("the JSON holds no list “chapters”", 0)
    return [_json_chapter(entry, number) for number, entry in enumerate(entries, 1)]


def _json_chapter(entry: object, number: int) -> Chapter:
    if not isinstance(entry, dict):
        raise unreadable(f"chapter {number} is no object: {shown(str(entry)[:200])}", 0)
    # ffprobe's `start` counts in its own `time_base`.
    start = moment(_first(entry, "startTime", "start_time", "start"), 0, f"the start of chapter {number}")
    tags = entry.get("tags")
    return Chapter(
        start=start,
        title=_text(_first(entry, "title")) or (_text(_first(tags, "title", "TITLE")) if isinstance(tags, dict) else ""),
        end=end_of(_first(entry, "endTime", "end_time", "end"), start, 0, f"the end of chapter {number}"),
        url=web_address(_text(_first(entry, "url", "href", "link"))),
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


def _read_captions(text: str, _left_out: list[str]) -> list[Chapter]:
    """WebVTT and SRT: a card is a chapter."""
    chapters = []
    for number, cue in enumerate(captions.cards(text), 1):
        if cue.start is None:
            raise unreadable(f"the start of chapter {number} is no time", 0)
        title = one_line(cue.text)
        chapters.append(Chapter(start=cue.start, title=title, end=end_of(cue.end, cue.start, 0, f"the end of chapter {number}")))
    return chapters


def _read_cue_sheet(text: str, left_out: list[str]) -> list[Chapter]:
    """A cue sheet: each track is a chapter, from its INDEX 01 (else 00) in minutes, seconds and frames, of which 75 make a second."""
    tracks: list[tuple[int, dict[str, str]]] = []
    files = 0
    for number, line in enumerate(text.split("\n"), 1):
        match = _CUE_LINE.fullmatch(line)
        if match is None:
            if line.strip():
                raise unreadable(f"line {number} is no line of a cue sheet: {shown(line)}", number)
            continue
        command, value = match[1].upper(), match[2].strip()
        files += command == "FILE"
        if files > 1:
            raise unreadable(f"the cue sheet is of several recordings, the second in line {number}", number)
        if command == "TRACK":
            tracks.append((number, {}))
        elif command == "TITLE" and tracks:
            tracks[-1][1]["title"] = one_line(value.strip('"'))
        elif command == "INDEX" and tracks:
            index = _CUE_INDEX.fullmatch(value)
            if index is None or int(index[4]) >= _FRAMES:
                raise unreadable(f"line {number} is no index: {shown(line)}", number)
            tracks[-1][1].setdefault(str(int(index[1])), str(int(index[2]) * 60 + int(index[3]) + int(index[4]) / _FRAMES))
    unread = dict.fromkeys(name.upper() for name in _OF_TRACKS.findall(text))
    left_out += [f"{name} of the cue sheet is left out: a chapter has a title alone" for name in unread]
    chapters = []
    for number, fields in tracks:
        start = fields.get("1") or fields.get("0")
        if start is None:
            raise unreadable(f"the track in line {number} has no INDEX 01", number)
        chapters.append(Chapter(start=round(float(start), 3), title=fields.get("title", "")))
    return chapters


def _read_ffmetadata(text: str, _left_out: list[str]) -> list[Chapter]:
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
                raise unreadable(f"line {number} is no key=value: {shown(line)}", number)
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
        raise unreadable(f"the chapter that begins in line {line} has no START in a TIMEBASE", line)
    unit = int(base[1]) / int(base[2])
    seconds = moment(int(start) * unit, line, f"the start of the chapter in line {line}")
    until = end_of(int(end) * unit, seconds, line, f"the end of the chapter in line {line}") if re.fullmatch(r"[0-9]{1,18}", end) else None
    title = one_line(_ESCAPED.sub(r"\1", fields.get("title", "")))
    return Chapter(start=round(seconds, 6), title=title, end=None if until is None else round(until, 6))
