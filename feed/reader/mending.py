"""Mends the XML of feeds as browsers and feedparser read it, and says what was mended: bytes -> text that a parser takes.

Nothing is fetched: an entity that stands elsewhere is left out. What entities grow to is bounded.
"""

from __future__ import annotations

import codecs
import re
import sys
from html import escape
from html.entities import html5
from typing import TYPE_CHECKING, NamedTuple

from feed.findings import ContentFault
from feed.text_decoding import decode_text

if TYPE_CHECKING:
    from collections.abc import Iterator

LARGEST_GROWTH = 1_000_000
"""Characters that the entities of a document may come to in all."""
LONGEST_HEAD = 100_000
"""Characters of the beginning in which entities are declared."""

_WESTERN = frozenset({"iso8859-1", "iso8859-15", "cp1252", "ascii"})
_FIVE = frozenset({"amp", "lt", "gt", "quot", "apos"})
_OTHER_LETTERS = "letters in "
"""How what is said of a wrong encoding begins that parsers take."""
_CLOSING = {"<![CDATA[": "]]>", "<!--": "-->", "<?": "?>"}
_OPENING = re.compile(r"<!\[CDATA\[|<!--|<\?")
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_NO_UTF_8 = re.compile("[\udc80-\udcff]+")
_LANGUAGE = re.compile(rb"<language>\s{0,20}([A-Za-z]{2,3})")
_BLANKS = "\ufeff\u200b\xa0 \t\r\n"
_BEGINNING = re.compile(f"([{_BLANKS}]*)<\\?xml\\b[^<>]{{0,400}}\\?>")
_FIRST = re.compile(r"<\?xml\b[^<>]{0,400}\?>|<rss\b|<!--|<!DOCTYPE|<\?")
"""How what may stand first in a feed begins."""
_TYPES = re.compile(r"(?>\s+|<!--.*?-->|<\?.*?\?>)*+<!DOCTYPE", re.DOTALL)
_MARK = re.compile(r"<!--.{0,1000}?-->|\"[^\"]*\"|'[^']*'|[\[\]>]", re.DOTALL)
_ENTITY = re.compile(r"<!ENTITY\s+([A-Za-z_][\w.:-]{0,100})\s+(?:\"([^\"]*)\"|'([^']*)'|(?:SYSTEM|PUBLIC)\b)")
_NUMERIC = re.compile(r"&(#[0-9]{1,9}|#[xX][0-9A-Fa-f]{1,8});")
_REFERENCE = re.compile(r"&(?:(#[0-9]{1,9}|#[xX][0-9A-Fa-f]{1,8}|[A-Za-z_][\w.:-]{0,60});)?|<(?![A-Za-z_/!?])")
_VOID = re.compile(r"<(br|hr|img|wbr)\b(?:[^<>]{0,2000}[^<>/])?>(?!\s{0,20}</\1\s{0,20}>)", re.IGNORECASE)


class Mend(NamedTuple):
    """One kind of fault that was mended: what it was, how often, and the `line` of the first (0: the document as a whole)."""

    message: str
    times: int = 1
    line: int = 0

    @property
    def is_xml(self) -> bool:
        """Strict parsers read it as well, with wrong letters."""
        return self.message.startswith(_OTHER_LETTERS)

    def __str__(self) -> str:
        times = f"{self.times} times, first in " if self.times > 1 else ""
        return self.message + (f" ({times}line {self.line})" if self.line else "")


class Mended(NamedTuple):
    """A document without declarations of its own, its lines where they were, and what was mended in it."""

    text: str
    mends: tuple[Mend, ...]


def is_misdeclared(data: bytes, declared: str) -> bool:
    """Whether a document says that it is in a western encoding, and its letters are others': parsers read wrong ones, without a word."""
    return _codec(declared) in _WESTERN and not data.isascii() and bool(_decoded(data, declared)[1])


def mend(data: bytes, declared: str) -> Mended:
    """The document in `data`; `declared` is the encoding that it names. Raises ContentFault F001 where its entities grow without end."""
    text, wrong = _decoded(data, declared)
    mender = _Mender()
    if wrong:
        mender.say(wrong)
    text = mender.mended(text)
    return Mended(text, tuple(Mend(message, times, line) for message, (times, line) in mender.found.items()))


class _Mender:
    """One document while it is mended: its entities (None: they stand elsewhere), and what was found."""

    def __init__(self) -> None:
        self.found: dict[str, tuple[int, int]] = {}
        self._entities: dict[str, str | None] = {}
        self._open: set[str] = set()
        self._room = LARGEST_GROWTH
        self._line = 1

    def say(self, message: str, match: re.Match[str] | None = None) -> None:
        """Note a fault; `match` is where it stands in the piece at hand."""
        times, line = self.found.get(message, (0, 0))
        if not times and match is not None:
            line = self._line + match.string.count("\n", 0, match.start())
        self.found[message] = times + 1, line

    def mended(self, text: str) -> str:
        for control in _CONTROL.finditer(text):
            self.say("a control character, taken out", control)
        text = _CONTROL.sub("", text)
        first = _FIRST.search(text, 0, LONGEST_HEAD)
        if first and first[0].startswith(("<?xml", "<rss")) and text[: first.start()].strip(_BLANKS):
            self.say("something before the feed, taken out")
            text = _lines_of(text[: first.start()]) + text[first.start() :]
        beginning = _BEGINNING.match(text)
        if beginning:
            if beginning[1].removeprefix("\ufeff"):
                self.say("something before <?xml, taken out", beginning)
            text = _lines_of(beginning[0]) + text[beginning.end() :]
        text = self._without_types(text)
        out = []
        for piece, is_markup in _pieces(text):
            out.append(_VOID.sub(self._void, _REFERENCE.sub(self._reference, piece)) if is_markup else piece)
            self._line += piece.count("\n")
        return self._without_rest("".join(out))

    def _without_types(self, text: str) -> str:
        """Without its <!DOCTYPE …>, whose entities are remembered."""
        start = _TYPES.match(text[:LONGEST_HEAD])
        if start is None:
            return text
        depth, begin = 0, start.end() - len("<!DOCTYPE")
        for mark in _MARK.finditer(text, start.end(), LONGEST_HEAD):
            depth += {"[": 1, "]": -1}.get(mark[0], 0)
            if mark[0] == ">" and not depth:
                for entity in _ENTITY.finditer(text, begin, mark.end()):
                    value = entity[2] if entity[2] is not None else entity[3]
                    self._entities.setdefault(entity[1], None if value is None else _NUMERIC.sub(_character, value))
                return text[:begin] + _lines_of(text[begin : mark.end()]) + text[mark.end() :]
        return text

    def _reference(self, match: re.Match[str]) -> str:
        written, name = match[0], match[1]
        if name is None:
            self.say(f"a bare {written}, read as itself", match)
            return escape(written)
        if name in _FIVE:
            return written
        if name.startswith("#"):
            sign = _character(match)
            if sign and not name.startswith("#X"):
                return written
            self.say("the number of no character, taken out", match)
            return escape(sign)
        if name in self._entities:
            return self._grown(name, match)
        sign = html5.get(f"{name};", "")
        if sign:
            self.say("names that HTML knows and XML does not (as &nbsp;), read as their characters", match)
            return escape(sign)
        self.say("a bare &, read as itself", match)
        return f"&amp;{written[1:]}"

    def _grown(self, name: str, match: re.Match[str]) -> str:
        value = self._entities[name]
        if value is None:
            self.say("an entity that stands outside the feed, left out", match)
            return ""
        self._room -= len(value) + 1
        if self._room < 0 or name in self._open:
            raise ContentFault("the feed's entities grow without end", code="F001", hint="write the text itself instead of an entity")
        self._open.add(name)
        grown = _REFERENCE.sub(self._reference, value)
        self._open.remove(name)
        return grown

    def _void(self, match: re.Match[str]) -> str:
        self.say(f"<{match[1]}> without an end, closed", match)
        return f"{match[0][:-1]}/>"

    def _without_rest(self, text: str) -> str:
        begin = text.rfind("</rss>")
        end = begin + len("</rss>")
        if begin < 0 or not "".join(piece for piece, is_markup in _pieces(text[end:]) if is_markup).strip():
            return text
        self.say("something behind </rss>, left out")
        return text[:end]


def _pieces(text: str) -> Iterator[tuple[str, bool]]:
    """The text in order: markup and its text (True), and CDATA, comments and instructions (False), in which nothing is mended."""
    at = start = 0
    never = set()
    while opening := _OPENING.search(text, at):
        closing = _CLOSING[opening[0]]
        end = -1 if closing in never else text.find(closing, opening.end())
        at = opening.end()
        if end < 0:
            never.add(closing)
            continue
        at = end + len(closing)
        yield text[start : opening.start()], True
        yield text[opening.start() : at], False
        start = at
    yield text[start:], True


def _lines_of(text: str) -> str:
    """As many line ends as in `text`, so that what follows keeps its line."""
    return "\n" * text.count("\n")


def _character(match: re.Match[str]) -> str:
    """What `#38` or `#x26` stands for; "" for what XML may not hold."""
    hexadecimal = match[1][1] in "xX"
    number = int(match[1][1 + hexadecimal :], 16 if hexadecimal else 10)
    sign = chr(number) if number <= sys.maxunicode else "\0"
    return "" if _CONTROL.match(sign) else sign


def _codec(declared: str) -> str:
    try:
        return codecs.lookup(declared).name if declared else "utf-8"
    except LookupError:
        return ""


def _decoded(data: bytes, declared: str) -> tuple[str, str]:
    """The text, and what was wrong with the encoding it names ("": nothing)."""
    codec = _codec(declared)
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return decode_text(data).text, ""
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        pass
    else:
        honest = data.isascii() or not declared or codec == "utf-8"
        return text, "" if honest else f"{_OTHER_LETTERS}UTF-8, declared as {declared}"
    if codec in _WESTERN:
        is_so = not any(0x80 <= byte < 0xA0 for byte in data)
        return data.decode(
            "cp1252", "replace"
        ), "" if is_so or codec == "cp1252" else f"{_OTHER_LETTERS}Windows-1252, declared as {declared}"
    if codec not in {"", "utf-8"} and not codec.startswith("utf-16"):
        try:
            return data.decode(codec), ""
        except (UnicodeDecodeError, LookupError):
            pass
    text = data.decode("utf-8", "surrogateescape")
    wrong = f"letters that are no {declared or 'UTF-8'}, guessed"
    if not _NO_UTF_8.sub("", text).isascii():
        return _NO_UTF_8.sub(lambda run: run[0].encode("utf-8", "surrogateescape").decode("cp1252", "replace"), text), wrong
    language = _LANGUAGE.search(data)
    try:
        return decode_text(data, language[1].decode("ascii") if language else "").text, wrong
    except ContentFault:
        return data.decode("cp1252", "replace"), wrong
