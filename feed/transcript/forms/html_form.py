"""Reader of HTML transcripts: `cite` names the speaker, `time` the start, `p` holds the text; other pages are read as text.

A page is cut at its tags by hand: the standard library's parser takes quadratic time for tags that never end.
"""

from __future__ import annotations

import html
import re

from feed.text_cleaning import outside_comments
from feed.transcript.raw_cues import RawCue, parse_clock

# fmt: off
_BLOCKS = frozenset((
    "address", "article", "aside", "blockquote", "body", "br", "dd", "div", "dl", "dt", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "li",
    "main", "ol", "p", "section", "table", "td", "tr", "ul",
))
_SILENT = frozenset((
    "button", "form", "head", "nav", "noscript", "script", "select", "style", "svg", "template", "textarea", "title",
))
# fmt: on
_TAG = re.compile(r"<(/?[a-zA-Z][a-zA-Z0-9]{0,30}(?:[\s/][^<>]*)?|![^<>]*|\?[^<>]*)>")
_LANGUAGE = re.compile(r"\slang\s*=\s*[\"']?([a-zA-Z0-9-]{1,35})")


def recognise(text: str) -> bool:
    """It begins with a tag."""
    head = text.lstrip()[:2000].lower()
    return head.startswith("<") and any(
        mark in head for mark in ("<!doctype html", "<html", "<body", "<cite", "<time", "<p", "<div", "<section")
    )


def scan(text: str) -> tuple[list[RawCue], str, str]:
    """The stretches marked by `time` and `p`, the page's language, and the page as lines of text."""
    scanner = _Scanner()
    pieces = _TAG.split(outside_comments(text))
    scanner.take_text(pieces[0])
    for tag, data in zip(pieces[1::2], pieces[2::2], strict=True):
        scanner.take_tag(tag)
        scanner.take_text(data)
    scanner.flush()
    return scanner.raws if scanner.timed else [], scanner.language, "".join(scanner.lines)


class _Scanner:
    """Collects speaker, time and text in the order of the page; scripts, forms and navigation are left out."""

    def __init__(self) -> None:
        self.raws: list[RawCue] = []
        self.lines: list[str] = []
        self.language = ""
        self.timed = False
        self._silent = ""
        self._field = ""
        self._value: list[str] = []
        self._text: list[str] = []
        self._speaker = ""
        self._start: float | None = None

    def take_tag(self, tag: str) -> None:
        """A tag without its brackets; comments, declarations and unknown tags change nothing."""
        ends = tag.startswith("/")
        name = re.split(r"[\s/]", tag[1:] if ends else tag, maxsplit=1)[0].lower()
        if self._silent:
            if ends and name == self._silent:
                self._silent = ""
        elif name in _SILENT:
            if not ends and not tag.endswith("/"):
                self._silent = name
        elif name in ("cite", "time"):
            self.flush()
            self._field = "" if ends else name
        elif name in _BLOCKS:
            self.lines.append("\n")
            if name == "br":
                self._text.append(" ")
            else:
                self.flush()
        elif name == "html" and not self.language:
            found = _LANGUAGE.search(tag)
            self.language = found[1] if found else ""

    def take_text(self, data: str) -> None:
        """What stands between two tags."""
        if self._silent or not data:
            return
        data = html.unescape(data)
        self.lines.append(data.replace("\n", " "))
        (self._value if self._field else self._text).append(data)

    def flush(self) -> None:
        """End the field or stretch at hand; the next stretch has no time of its own until a `time` says so."""
        value, self._value = "".join(self._value).strip(), []
        if self._field == "cite":
            self._speaker = value.removesuffix(":").strip()
        elif self._field == "time":
            self._start = parse_clock(value.strip("[]() "))
            self.timed = self.timed or self._start is not None
        self._field = ""
        text, self._text = "".join(self._text), []
        if text.strip():
            self.raws.append(RawCue(self._start, None, text, self._speaker))
            self._start = None
