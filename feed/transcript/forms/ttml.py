"""Reader of TTML and IMSC (W3C), as Apple Podcasts writes it, too: paragraphs or sentences with times, and who speaks them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from feed.text_cleaning import outside_comments
from feed.transcript.raw_cues import RawCue, RawTranscript, WrongForm, parse_clock, valid_seconds
from feed.word_boundaries import join

if TYPE_CHECKING:
    from lxml.etree import _Element

_ROOT = re.compile(r"<(?:[A-Za-z][A-Za-z0-9]{0,20}:)?tt[\s>]")
_DECLARATION = re.compile(r"\s*<\?xml[^>]{0,200}\?>")
_OFFSET = re.compile(r"([0-9]{1,12}(?:[.,][0-9]{1,9})?)(h|m|s|ms|f|t)?", re.ASCII)
_WITH_FRAMES = re.compile(r"([0-9]{1,3}:[0-9]{2}:[0-9]{2}):([0-9]{1,3})(?:\.[0-9]{1,3})?", re.ASCII)
_SECONDS = {"h": 3600.0, "m": 60.0, "s": 1.0, "ms": 0.001, "": 1.0}
_BREAK = "\N{LINE SEPARATOR}"
_FRAME_RATE = 30.0
"""Where the document names none (TTML2, `ttp:frameRate`)."""
_XML_ID = "{http://www.w3.org/XML/1998/namespace}id"
_XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"


def recognise(text: str) -> bool:
    """Its root is `tt`."""
    head = text.lstrip()[:4000]
    return head.startswith("<") and _ROOT.search(head) is not None


def read(text: str) -> RawTranscript:
    """The paragraphs, or the sentences within them that have times of their own. Raises WrongForm with the line where it is no XML."""
    from lxml import etree

    text = outside_comments(_DECLARATION.sub("", text, count=1))
    if "<!DOCTYPE" in text or "<!ENTITY" in text:
        raise WrongForm(1, "TTML with a document type")
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False, load_dtd=False, remove_pis=True)
    try:
        root = etree.fromstring(text.encode(), parser)
    except etree.XMLSyntaxError as fault:
        raise WrongForm(fault.lineno or 1, "TTML that is no XML") from None
    if _name(root) != "tt":
        raise WrongForm(1, "XML, but no TTML")
    clock = _Clock(root)
    agents = {agent.get(_XML_ID, ""): _said(agent) for agent in root.iter("{*}agent")}
    raws: list[RawCue] = []
    for paragraph in root.iter("{*}p"):
        begun = sum(clock.at(above.get("begin")) or 0.0 for above in paragraph.iterancestors())
        written = _attribute(paragraph, "agent") or next(
            (agent for above in paragraph.iterancestors() if (agent := _attribute(above, "agent"))), ""
        )
        speaker = agents.get(written) or written
        timed = [part for part in paragraph if _name(part) == "span" and _is_sentence(part)]
        within = begun + (clock.at(paragraph.get("begin")) or 0.0)
        for part in timed or [paragraph]:
            inner = begun if part is paragraph or _attribute(part, "unit") else within  # Apple's count from nought
            raws.append(RawCue(*clock.span(part, inner), _text(part), speaker))
    return RawTranscript(raws, root.get(_XML_LANG, ""))


class _Clock:
    """Reads a document's times, by the rates that it names."""

    def __init__(self, root: _Element) -> None:
        frames, ticks = _rate(root, "frameRate"), _rate(root, "tickRate")
        multiplier = (_attribute(root, "frameRateMultiplier") or "1 1").split()
        if len(multiplier) == 2 and all(part.isdecimal() and 0 < int(part) < 100_000 for part in multiplier):
            frames = (frames or _FRAME_RATE) * int(multiplier[0]) / int(multiplier[1])
        self._units = {**_SECONDS, "f": 1 / (frames or _FRAME_RATE), "t": 1 / (ticks or frames or 1.0)}

    def at(self, written: str | None) -> float | None:
        """Seconds of a time expression: `00:00:01.5`, `00:00:01:12`, `1.5s`, `90f`; of Apple's bare numbers, too."""
        written = (written or "").strip()
        offset, frames = _OFFSET.fullmatch(written), _WITH_FRAMES.fullmatch(written)
        if offset:
            return valid_seconds(float(offset[1].replace(",", ".")) * self._units[offset[2] or ""])
        if frames:
            whole = parse_clock(frames[1])
            return None if whole is None else valid_seconds(whole + int(frames[2]) * self._units["f"])
        return parse_clock(written)

    def span(self, element: _Element, begun: float) -> tuple[float | None, float | None]:
        """Begin and end of an element, from its words where it has no times itself; `begun` is when what it lies in begins."""
        begin, end, length = (self.at(element.get(name)) for name in ("begin", "end", "dur"))
        if begin is None:
            inner = [part for part in element.iter("{*}span") if part.get("begin") is not None]
            begin = self.at(inner[0].get("begin")) if inner else None
            end = self.at(inner[-1].get("end")) if inner and end is None else end
        if end is None and begin is not None and length is not None:
            end = begin + length
        return valid_seconds(begin + begun) if begin is not None else None, valid_seconds(end + begun) if end is not None else None


def _rate(root: _Element, name: str) -> float:
    written = _attribute(root, name)
    return float(written) if written.isdecimal() and len(written) < 10 else 0.0


def _attribute(element: _Element, name: str) -> str:
    """An attribute in whatever namespace: drafts and writers differ in it."""
    return next((str(value).strip() for key, value in element.attrib.items() if str(key).rpartition("}")[2] == name), "")


def _name(element: _Element) -> str:
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""


def _is_sentence(part: _Element) -> bool:
    """A span with a time of its own, or a sentence of Apple's; not a word."""
    unit = _attribute(part, "unit")
    return unit == "sentence" or (part.get("begin") is not None and not unit)


def _text(element: _Element) -> str:
    """What is said: `br` breaks a line, and words of Apple's are parted by blanks, which stand nowhere in the file."""
    words = [part for part in element.iter("{*}span") if _attribute(part, "unit") == "word"]
    if words:
        return join(_said(word) for word in words)
    for line_break in list(element.iter("{*}br")):
        line_break.text = _BREAK
    lines = "".join(map(str, element.itertext())).split(_BREAK)
    return "\n".join(" ".join(line.split()) for line in lines)


def _said(element: _Element) -> str:
    return " ".join("".join(map(str, element.itertext())).split())
