"""Rules about transcripts: the files as apps' own readers take them, and how the feed offers them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from feed.findings import ERROR, HINT, WARNING, Severity
from feed.podcasting20.word_lists import TRANSCRIPT_TYPES
from feed.rules.parsing import is_seconds
from feed.rules.rulebook import Rulebook, Violation
from feed.text_cleaning import read_json

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from feed.rules.feed_context import FeedContext

TRANSCRIPTS: Rulebook[TranscriptContext] = Rulebook(heading="Transcripts")
OFFERS: Rulebook[FeedContext] = Rulebook(heading="Transcripts in the feed")

_TIMINGS = {
    "text/vtt": re.compile(r"(?:(\d\d):)?([0-5]\d):([0-5]\d)\.(\d{3}) --> (?:(\d\d):)?([0-5]\d):([0-5]\d)\.(\d{3})(?:[ \t][^<>]*)?"),
    "application/x-subrip": re.compile(r"(\d\d):([0-5]\d):([0-5]\d),(\d{3}) --> (\d\d):([0-5]\d):([0-5]\d),(\d{3})\s*"),
}
_OTHER_SRT = frozenset({"application/srt", "application/srr"})
_SAID = r"(\S[^\n]*(?:\n\S[^\n]*)*)"
_VTT_TIME, _SRT_TIME = r"((?:[0-9]{2}:)?[0-5][0-9]:[0-5][0-9]\.[0-9]{3})", r"([0-9]{2}:[0-5][0-9]:[0-5][0-9],[0-9]{3})"
_USUAL = {
    "text/vtt": (re.compile(rf"\n\n(){_VTT_TIME} --> {_VTT_TIME}\n{_SAID}"), "WEBVTT", 3, 3),
    "application/x-subrip": (re.compile(rf"\n\n([0-9]+)\n{_SRT_TIME} --> {_SRT_TIME}\n{_SAID}"), "", 2, 4),
}
"""By type: the pattern of a usual cue, what stands before the first one, its time line, and lines from one to the next beside its text's."""
_MARKUP = re.compile("[&<>]")
_VTT_MARKUP = re.compile(r"</?(?:v|c|i|b|u|ruby|rt|lang)(?:[. \t][^<>\n]*)?>|<\d\d:\d\d(?::\d\d)?\.\d{3}>")
_VOICE = re.compile(r"<v(?:\.[^\s<>]*)?[ \t]+([^\n>]*)>")
_ENTITY = re.compile(r"&(?:amp|lt|gt|nbsp|lrm|rlm|quot|apos|#\d{1,7}|#x[0-9a-fA-F]{1,6});")
_HTML_TAG = re.compile(r"<([A-Za-z][A-Za-z0-9]{0,20})")
_PAGE_TAGS = frozenset({"html", "head", "body", "title", "meta", "cite", "time", "p"})


@dataclass(frozen=True, kw_only=True)
class TranscriptContext:
    """A transcript file of the episode `item`: its `text`, its MIME `type`, the episode's `duration` in seconds (None: not known)."""

    text: str
    type: str
    item: str | None = None
    duration: float | None = None

    @cached_property
    def cards(self) -> Sequence[_Card]:
        """The cues as they stand in the file, read once for all rules."""
        if self.type == "application/json":
            good = [segment for segment in self.segments if _good_segment(segment)]
            return [_Card(0, float(segment["startTime"]), float(segment["endTime"]), segment["body"]) for segment in good]
        return _usual_cards(self.text, self.type) or list(_cards(self))

    @cached_property
    def document(self) -> Any:
        """A JSON transcript as it was read; None where it is none."""
        try:
            return read_json(self.text)
        except (ValueError, RecursionError):
            return None

    @property
    def segments(self) -> list[Any]:
        """The segments of a JSON transcript."""
        segments = self.document.get("segments") if isinstance(self.document, dict) else None
        return segments if isinstance(segments, list) else []


class _Card(NamedTuple):
    """A cue as it stands in the file, and the number of its time line."""

    line: int
    start: float
    end: float
    text: str


def _violation(
    transcript: TranscriptContext, message: str, hint: str = "", *, line: int = 0, severity: Severity | None = None
) -> Violation:
    return Violation("transcript", message, hint, item=transcript.item, line=line, severity=severity)


@TRANSCRIPTS.rule("T001", ERROR, "WebVTT begins with WEBVTT and a blank line, without byte order mark", source="W3C WebVTT")
def vtt_head(transcript: TranscriptContext) -> Iterator[Violation]:
    """Browsers and apps refuse the whole file otherwise."""
    if transcript.text.startswith("\ufeff"):
        yield _violation(transcript, "the transcript begins with a byte order mark", "save it as UTF-8 without BOM", line=1)
    if "\x00" in transcript.text:
        yield _violation(transcript, "the transcript holds NUL characters", "save it as UTF-8")
    elif "\ufffd" in transcript.text:  # apps read it all the same
        message = "the transcript holds characters that were lost in an encoding"
        yield _violation(transcript, message, "save it as UTF-8", severity=WARNING)
    if transcript.type != "text/vtt":
        return
    lines = "\n".join(transcript.text.removeprefix("\ufeff").split("\n", 2)[:2]).splitlines()
    if not lines or not re.match(r"WEBVTT(?:[ \t]|$)", lines[0]):
        yield _violation(transcript, "the transcript does not begin with WEBVTT", line=1)
    elif len(lines) > 1 and lines[1].strip():
        yield _violation(transcript, "no blank line after WEBVTT", line=2)


@TRANSCRIPTS.rule("T002", ERROR, "every line with --> is a time line apps can read", source="AntennaPod")
def timing_lines(transcript: TranscriptContext) -> Iterator[Violation]:
    """Hours of two digits, milliseconds of three. One bad line makes AntennaPod drop the whole file."""
    pattern = _TIMINGS.get(transcript.type)
    if pattern is None or transcript.text.count("-->") == len(transcript.cards):
        return
    for number, line in enumerate(transcript.text.splitlines(), 1):
        if "-->" in line and not pattern.fullmatch(line):
            yield _violation(transcript, f"not a time line: {line.strip()[:80]}", line=number)


@TRANSCRIPTS.rule("T003", ERROR, "times rise, and end with the episode", source="podcast namespace")
def times(transcript: TranscriptContext) -> Iterator[Violation]:
    """A cue starts before it ends, not before the one above it, and ends at most 2 seconds after the recording."""
    before = 0.0
    latest = transcript.duration + 2 if transcript.duration else float("inf")
    for line, start, end, _ in transcript.cards:
        if end <= start:
            yield _violation(transcript, f"a cue ends at {end:g} s, before it starts at {start:g} s", line=line)
        elif start < before:
            yield _violation(transcript, f"a cue starts at {start:g} s, earlier than the one before it", line=line)
        elif end > latest:
            message = f"a cue ends at {end:g} s, the recording at {transcript.duration:g} s"
            yield _violation(transcript, message, "is it the transcript of this recording?", line=line)
            return
        before = start


@TRANSCRIPTS.rule("T004", WARNING, "lines are short enough for a screen", source="podcast namespace")
def widths(transcript: TranscriptContext) -> Iterator[Violation]:
    """65 characters in WebVTT; two lines of 32 in SRT."""
    wide: list[int] = []
    limit_of = {"text/vtt": 65, "application/x-subrip": 32}.get(transcript.type)
    if limit_of is None:
        return
    for card in transcript.cards:
        if transcript.type == "application/x-subrip" and card.text.count("\n") > 1:
            wide.append(card.line)
        elif len(card.text) > limit_of and max(map(len, lines := card.text.split("\n"))) > limit_of:
            shown = lines if transcript.type != "text/vtt" else [_ENTITY.sub("&", _VTT_MARKUP.sub("", line)) for line in lines]
            if max(map(len, shown)) > limit_of:
                wide.append(card.line)
    if wide:
        limit = "65 characters" if transcript.type == "text/vtt" else "two lines of 32 characters"
        yield _violation(transcript, f"{len(wide)} cues are longer than {limit}", line=wide[0])


@TRANSCRIPTS.rule("T005", ERROR, "& < > are escaped in WebVTT, and names have none of them", source="W3C WebVTT, AntennaPod")
def escapes(transcript: TranscriptContext) -> Iterator[Violation]:
    """`&amp;` `&lt;` `&gt;` in the text; a name in `<v Name>` that holds them breaks the reader."""
    if transcript.type != "text/vtt":
        return
    for card in transcript.cards:
        if not _MARKUP.search(card.text):
            continue
        for offset, line in enumerate(card.text.split("\n"), 1):
            name = next((name for name in _VOICE.findall(line) if "&" in name or "<" in name), None)
            rest = _ENTITY.sub("", _VTT_MARKUP.sub("", line))
            if name is not None:
                yield _violation(transcript, f"a speaker's name holds & or <: {name[:60]}", line=card.line + offset)
            elif "-->" not in line and ("&" in rest or "<" in rest or ">" in rest):
                yield _violation(
                    transcript, f"& < or > is not escaped: {line.strip()[:80]}", "write &amp; &lt; &gt;", line=card.line + offset
                )


@TRANSCRIPTS.rule("T006", WARNING, 'SRT text has ": " only behind a speaker', source="AntennaPod")
def srt_colons(transcript: TranscriptContext) -> Iterator[Violation]:
    """AntennaPod takes what stands before it for a name, and drops what follows a second one."""
    if transcript.type != "application/x-subrip":
        return
    for card in transcript.cards:
        if ":" not in card.text:
            continue
        text = card.text.replace("\n", " ")
        label, found, rest = text.partition(": ")
        if found and (": " in rest or len(label) > 40 or any(mark in label for mark in ".!?,;")):
            yield _violation(
                transcript, f'": " in the text is taken for a speaker: {text[:80]}', "offer WebVTT or JSON too", line=card.line + 1
            )


@TRANSCRIPTS.rule(
    "T007", ERROR, "JSON transcripts have a version, and segments with times and text", source="podcast namespace, AntennaPod"
)
def json_segments(transcript: TranscriptContext) -> Iterator[Violation]:
    """AntennaPod skips a segment without endTime and stumbles over an empty body."""
    if transcript.type != "application/json":
        return
    document = transcript.document
    if not isinstance(document, dict):
        yield _violation(transcript, "the transcript is not a JSON object")
        return
    if not isinstance(document.get("version"), str):
        yield _violation(transcript, "the transcript has no version", 'write "version": "1.0.0"')
    segments = document.get("segments")
    if not isinstance(segments, list) or not segments:
        yield _violation(transcript, "the transcript has no segments")
        return
    if len(transcript.cards) < len(segments):
        bad = [number for number, segment in enumerate(segments) if not _good_segment(segment)]
        yield _violation(transcript, f"{len(bad)} segments lack startTime, endTime or text; the first is number {bad[0] + 1}")


@TRANSCRIPTS.rule("T010", WARNING, "the transcript covers the episode", source="listeners")
def coverage(transcript: TranscriptContext) -> Iterator[Violation]:
    """At least 80 % of it, and up to the last five minutes: else it is cut off, or of another recording."""
    cards, length = transcript.cards, transcript.duration
    if not length or not cards:
        return
    spoken = sum(min(end, length) - start for _, start, end, _ in cards if start < end and start < length)
    last = max(card.end for card in cards)
    if length - last > 300:
        yield _violation(transcript, f"the transcript ends at {last:.0f} s, the recording at {length:.0f} s", "is it cut off?")
    elif spoken < 0.8 * length:
        yield _violation(transcript, f"the transcript covers {100 * spoken / length:.0f} % of the recording")


@TRANSCRIPTS.rule("T013", WARNING, "HTML transcripts hold only cite, time and p", source="podcast namespace, Pocket Casts")
def html_tags(transcript: TranscriptContext) -> Iterator[Violation]:
    """Pocket Casts does not read one with a script."""
    if transcript.type != "text/html":
        return
    found = {name.lower() for name in _HTML_TAG.findall(transcript.text)} - _PAGE_TAGS
    if found:
        yield _violation(
            transcript, f"the transcript holds {', '.join(f'<{name}>' for name in sorted(found)[:6])}", "cite, time and p are enough"
        )


@OFFERS.rule(
    "T008", ERROR, "a transcript's type is one of the five, without parameters", source="podcast namespace, AntennaPod, Pocket Casts"
)
def types(feed: FeedContext) -> Iterator[Violation]:
    """The podcast namespace asks for url and type; which types apps read differs, and they compare letter by letter:
    `text/vtt; charset=utf-8` is not `text/vtt`. AntennaPod also reads `application/srt` and `application/srr`.
    """
    for item in feed.items:
        for node in item.node.all("podcast:transcript"):
            if not node.get("url"):
                yield Violation("transcript", "a podcast:transcript has no url", item=item.guid, line=node.line)
            kind = node.get("type")
            if kind in TRANSCRIPT_TYPES:
                continue
            hint, severity = f"one of {', '.join(TRANSCRIPT_TYPES)}", WARNING
            if not kind:
                message, severity = "a podcast:transcript has no type", ERROR
            elif kind in _OTHER_SRT:
                message, hint = f"some apps read transcripts of type {kind}, others do not", "write application/x-subrip"
            else:
                message = f"hardly an app reads transcripts of type {kind[:60]!r}"
            yield Violation("transcript", message, hint, item=item.guid, severity=severity, line=node.line)


@OFFERS.rule("T009", HINT, "a timed transcript is offered as WebVTT", source="podcast namespace, Apple")
def offers_vtt(feed: FeedContext) -> Iterator[Violation]:
    """It is the one format that Apple, Pocket Casts, AntennaPod and browsers all read."""
    for item in feed.items:
        offered = {node.get("type") for node in item.node.all("podcast:transcript")}
        if offered & {"application/json", "application/x-subrip", "application/srt"} and "text/vtt" not in offered:
            yield Violation("transcript", "the transcript is not offered as WebVTT", item=item.guid, line=item.node.line)


@OFFERS.rule("T011", WARNING, "a transcript in another language says so", source="podcast namespace")
def languages(feed: FeedContext) -> Iterator[Violation]:
    """Without a language it is taken to be in the show's. Two of one type need one each."""
    for item in feed.items:
        seen: set[tuple[str, str]] = set()
        for node in item.node.all("podcast:transcript"):
            key = (node.get("type"), node.get("language").lower())
            if key in seen:
                hint = "give each its language"
                yield Violation("transcript", "two transcripts of one type in one language", hint, item=item.guid, line=node.line)
            seen.add(key)


@OFFERS.rule("T012", HINT, "episodes have a transcript", source="PSP-1, accessibility")
def has_transcript(feed: FeedContext) -> Iterator[Violation]:
    """Some people can only read what others hear. One hint for the whole feed."""
    without = [item for item in feed.items if item.kind != "trailer" and "podcast:transcript" not in item.node.named]
    if without:
        count = f"{len(without)} episodes have" if len(without) > 1 else "an episode has"
        first = without[0] if len(without) == 1 else None
        message = f"{count} no transcript"
        line = without[0].node.line
        yield Violation("transcript" if first else "show.transcript", message, item=first.guid if first else None, line=line)


@lru_cache(maxsize=4096)
def _clock(time: str) -> float:
    """Seconds of a time in the form of `_TIMINGS`; a cue ends where the next one starts, so most are asked for twice."""
    return _whole(time[:-4]) + int(time[-3:]) / 1000


@lru_cache(maxsize=16384)
def _whole(time: str) -> int:
    """The same of its hours, minutes and seconds, which every episode has."""
    return int(time[:-6] or 0) * 3600 + int(time[-5:-3]) * 60 + int(time[-2:])


def _usual_cards(text: str, kind: str) -> list[_Card]:
    """The cues of a file in which they are one below the other, with nothing else between them; else none.

    So is what we write ourselves, and one pattern reads it in a quarter of the time.
    """
    pattern, head, line, between = _USUAL.get(kind, (None, "", 0, 0))
    if pattern is None or not text.startswith(head) or "\r" in text or len(text.splitlines()) != text.count("\n"):
        return []
    body = text[len(head) :] if head else f"\n\n{text}"
    parts = pattern.split(body)
    if any(parts[:-1:5]) or parts[-1] != "\n" or len(parts) // 5 != text.count("-->"):
        return []
    cards = []
    for start, end, said in zip(parts[2::5], parts[3::5], parts[4::5], strict=True):
        cards.append(_Card(line, _clock(start), _clock(end), said))
        line += said.count("\n") + between
    return cards


def _cards(transcript: TranscriptContext) -> Iterator[_Card]:
    pattern = _TIMINGS.get(transcript.type)
    if pattern is None:
        return
    head: tuple[int, float, float] | None = None
    body: list[str] = []
    for number, line in enumerate((*transcript.text.splitlines(), ""), 1):
        if "-->" in line and pattern.fullmatch(line):
            start, _, end = line.split()[:3]
            head, body = (number, _clock(start), _clock(end)), []
        elif line.strip():
            body.append(line)
        elif head is not None:
            yield _Card(*head, "\n".join(body))
            head = None


def _good_segment(segment: object) -> bool:
    if not isinstance(segment, dict):
        return False
    body = segment.get("body")
    return isinstance(body, str) and bool(body.strip()) and is_seconds(segment.get("startTime")) and is_seconds(segment.get("endTime"))
