"""Rules about transcripts: the files as apps' own readers take them, and how the feed offers them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from feed.findings import ERROR, HINT, WARNING
from feed.podcasting20.word_lists import TRANSCRIPT_TYPES
from feed.rules.parsing import is_seconds
from feed.rules.rulebook import Rulebook, Violation
from feed.text_cleaning import read_json

if TYPE_CHECKING:
    from collections.abc import Iterator

    from feed.findings import Severity
    from feed.rules.feed_context import FeedContext

TRANSCRIPTS: Rulebook[TranscriptContext] = Rulebook(heading="Transcripts")
OFFERS: Rulebook[FeedContext] = Rulebook(heading="Transcripts in the feed")

_TIMINGS = {
    "text/vtt": re.compile(r"(?:(\d\d):)?([0-5]\d):([0-5]\d)\.(\d{3}) --> (?:(\d\d):)?([0-5]\d):([0-5]\d)\.(\d{3})(?:[ \t][^<>]*)?"),
    "application/x-subrip": re.compile(r"(\d\d):([0-5]\d):([0-5]\d),(\d{3}) --> (\d\d):([0-5]\d):([0-5]\d),(\d{3})\s*"),
}
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
    def cards(self) -> tuple[_Card, ...]:
        """The cues as they stand in the file, read once for all rules."""
        return tuple(_cards(self))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Card:
    """A cue as it stands in the file."""

    line: int
    start: float
    end: float
    lines: tuple[str, ...]


def _violation(
    transcript: TranscriptContext, message: str, hint: str = "", *, line: int = 0, severity: Severity | None = None
) -> Violation:
    return Violation("transcript", message, hint, item=transcript.item, line=line, severity=severity)


@TRANSCRIPTS.rule("T001", ERROR, "WebVTT begins with WEBVTT and a blank line, without byte order mark", source="W3C WebVTT")
def vtt_head(transcript: TranscriptContext) -> Iterator[Violation]:
    """Browsers and apps refuse the whole file otherwise."""
    if transcript.text.startswith("\ufeff"):
        yield _violation(transcript, "the transcript begins with a byte order mark", "save it as UTF-8 without BOM", line=1)
    if "\x00" in transcript.text or "\ufffd" in transcript.text:
        yield _violation(transcript, "the transcript holds characters that were lost in an encoding", "save it as UTF-8")
    if transcript.type != "text/vtt":
        return
    lines = transcript.text.removeprefix("\ufeff").splitlines()
    if not lines or not re.match(r"WEBVTT(?:[ \t]|$)", lines[0]):
        yield _violation(transcript, "the transcript does not begin with WEBVTT", line=1)
    elif len(lines) > 1 and lines[1].strip():
        yield _violation(transcript, "no blank line after WEBVTT", line=2)


@TRANSCRIPTS.rule("T002", ERROR, "every line with --> is a time line apps can read", source="AntennaPod")
def timing_lines(transcript: TranscriptContext) -> Iterator[Violation]:
    """Hours of two digits, milliseconds of three. One bad line makes AntennaPod drop the whole file."""
    pattern = _TIMINGS.get(transcript.type)
    if pattern is None:
        return
    for number, line in enumerate(transcript.text.splitlines(), 1):
        if "-->" in line and not pattern.fullmatch(line):
            yield _violation(transcript, f"not a time line: {line.strip()[:80]}", line=number)


@TRANSCRIPTS.rule("T003", ERROR, "times rise, and end with the episode", source="podcast namespace")
def times(transcript: TranscriptContext) -> Iterator[Violation]:
    """A cue starts before it ends, not before the one above it, and ends at most 2 seconds after the recording."""
    before = 0.0
    for card in transcript.cards:
        if card.end <= card.start:
            yield _violation(transcript, f"a cue ends at {card.end:g} s, before it starts at {card.start:g} s", line=card.line)
        elif card.start < before:
            yield _violation(transcript, f"a cue starts at {card.start:g} s, earlier than the one before it", line=card.line)
        elif transcript.duration and card.end > transcript.duration + 2:
            message = f"a cue ends at {card.end:g} s, the recording at {transcript.duration:g} s"
            yield _violation(transcript, message, "is it the transcript of this recording?", line=card.line)
            return
        before = card.start


@TRANSCRIPTS.rule("T004", WARNING, "lines are short enough for a screen", source="podcast namespace")
def widths(transcript: TranscriptContext) -> Iterator[Violation]:
    """65 characters in WebVTT; two lines of 32 in SRT."""
    wide: list[int] = []
    limits = {"text/vtt": 65, "application/x-subrip": 32}
    if transcript.type not in limits:
        return
    for card in transcript.cards:
        texts = [_ENTITY.sub("&", _VTT_MARKUP.sub("", line)) for line in card.lines] if transcript.type == "text/vtt" else list(card.lines)
        too_many = transcript.type == "application/x-subrip" and len(texts) > 2
        if too_many or max(map(len, texts), default=0) > limits[transcript.type]:
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
        for offset, line in enumerate(card.lines, 1):
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
        text = " ".join(card.lines)
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
    document = _json(transcript.text)
    if not isinstance(document, dict):
        yield _violation(transcript, "the transcript is not a JSON object")
        return
    if not isinstance(document.get("version"), str):
        yield _violation(transcript, "the transcript has no version", 'write "version": "1.0.0"')
    segments = document.get("segments")
    if not isinstance(segments, list) or not segments:
        yield _violation(transcript, "the transcript has no segments")
        return
    bad = [number for number, segment in enumerate(segments) if not _good_segment(segment)]
    if bad:
        yield _violation(transcript, f"{len(bad)} segments lack startTime, endTime or text; the first is number {bad[0] + 1}")


@TRANSCRIPTS.rule("T010", WARNING, "the transcript covers the episode", source="listeners")
def coverage(transcript: TranscriptContext) -> Iterator[Violation]:
    """At least 80 % of it, and up to the last five minutes: else it is cut off, or of another recording."""
    cards = transcript.cards
    if not transcript.duration or not cards:
        return
    spoken = sum(max(0.0, min(card.end, transcript.duration) - card.start) for card in cards)
    last = max(card.end for card in cards)
    if transcript.duration - last > 300:
        yield _violation(transcript, f"the transcript ends at {last:.0f} s, the recording at {transcript.duration:.0f} s", "is it cut off?")
    elif spoken < 0.8 * transcript.duration:
        yield _violation(transcript, f"the transcript covers {100 * spoken / transcript.duration:.0f} % of the recording")


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
    """Apps compare it letter by letter: `text/vtt; charset=utf-8` is not `text/vtt`."""
    for item in feed.items:
        for node in item.node.all("podcast:transcript"):
            if not node.get("url"):
                yield Violation("transcript", "a podcast:transcript has no url", item=item.guid, line=node.line)
            if node.get("type") not in TRANSCRIPT_TYPES:
                message = f"no app reads transcripts of type {node.get('type')[:60]!r}"
                yield Violation("transcript", message, f"one of {', '.join(TRANSCRIPT_TYPES)}", item=item.guid, line=node.line)


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


def _seconds(hours: str | None, minutes: str, seconds: str, millis: str) -> float:
    return int(hours or 0) * 3600 + int(minutes) * 60 + int(seconds) + int(millis) / 1000


def _cards(transcript: TranscriptContext) -> Iterator[_Card]:
    if transcript.type == "application/json":
        document = _json(transcript.text)
        segments = document.get("segments") if isinstance(document, dict) else None
        for segment in segments if isinstance(segments, list) else ():
            if _good_segment(segment):
                yield _Card(line=0, start=float(segment["startTime"]), end=float(segment["endTime"]), lines=(segment["body"],))
        return
    pattern = _TIMINGS.get(transcript.type)
    if pattern is None:
        return
    head: tuple[int, float, float] | None = None
    body: list[str] = []
    for number, line in enumerate((*transcript.text.splitlines(), ""), 1):
        match = pattern.fullmatch(line) if "-->" in line else None
        if match is not None:
            head, body = (number, _seconds(*match.groups()[:4]), _seconds(*match.groups()[4:])), []
        elif line.strip():
            body.append(line)
        elif head is not None:
            yield _Card(line=head[0], start=head[1], end=head[2], lines=tuple(body))
            head = None


def _json(text: str) -> object:
    try:
        return read_json(text)
    except (ValueError, RecursionError):
        return None


def _good_segment(segment: object) -> bool:
    if not isinstance(segment, dict):
        return False
    body = segment.get("body")
    return isinstance(body, str) and bool(body.strip()) and is_seconds(segment.get("startTime")) and is_seconds(segment.get("endTime"))
