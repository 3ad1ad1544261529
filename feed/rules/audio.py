"""Rules about recordings: what was measured, held against what apps can play and what the feed says."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from feed.findings import ERROR, HINT, WARNING, Severity
from feed.rules.addresses import extension
from feed.rules.rulebook import Rulebook, Violation

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from feed.model import AudioFacts

AUDIO: Rulebook[AudioContext] = Rulebook(heading="Recordings")

ENCLOSURE_TYPES = {
    "mp3": frozenset({"audio/mpeg"}),
    "m4a": frozenset({"audio/x-m4a", "audio/mp4", "audio/m4a"}),
    "m4b": frozenset({"audio/x-m4a", "audio/mp4", "audio/m4a"}),
    "mp4": frozenset({"video/mp4"}),
    "m4v": frozenset({"video/x-m4v", "video/mp4"}),
    "mov": frozenset({"video/quicktime"}),
    "pdf": frozenset({"application/pdf"}),
}
"""Extension -> types that fit; what Apple takes as the main enclosure."""

_NAME = re.compile(r"[A-Za-z0-9._-]+")
_LONGEST = 12 * 3600


@dataclass(frozen=True, slots=True, kw_only=True)
class AudioContext:
    """A recording to be checked, of the episode `item`.

    `name` is its published file name, `type` the declared MIME type, `show` and `title` what the feed says. `loudness` is
    in LUFS and `peak` in dBTP (None: not measured). `others` maps the sha256 of other episodes' recordings to their titles.
    `revision` is that of a recording that is published already: its file stays as it is (0: it is yet to be published).
    """

    facts: AudioFacts
    item: str | None = None
    name: str = ""
    type: str = ""
    show: str = ""
    title: str = ""
    loudness: float | None = None
    peak: float | None = None
    others: Mapping[str, str] = field(default_factory=dict)
    revision: int = 0


def _violation(audio: AudioContext, message: str, hint: str = "", *, severity: Severity | None = None) -> Violation:
    return Violation("audio", message, hint, item=audio.item, severity=severity)


@AUDIO.rule("U001", ERROR, "the recording can be played and its length be counted", source="all players")
def playable(audio: AudioContext) -> Iterator[Violation]:
    """A length that headers and frames tell differently is only a warning: the counted one is published."""
    if audio.facts.duration <= 0 or audio.facts.size <= 0:
        yield _violation(audio, "the recording has no sound", "is it still being written or synced?")
    for doubt in audio.facts.doubts:
        yield _violation(audio, f"the recording's own header is wrong: {doubt}", "export it again", severity=WARNING)


@AUDIO.rule("U002", ERROR, "name, content and declared type agree", source="Apple")
def agreement(audio: AudioContext) -> Iterator[Violation]:
    """Apple goes by the extension, others by the type, players by the content."""
    suffix = extension(audio.name) if audio.name else audio.facts.extension
    fitting = ENCLOSURE_TYPES.get(suffix)
    if fitting is None:
        yield _violation(audio, f"apps do not play .{suffix[:10]} files" if suffix else "the file has no extension", "publish MP3 or M4A")
    elif audio.facts.type not in fitting:
        yield _violation(audio, f"the file is called .{suffix}, but holds {audio.facts.type}", f"call it .{audio.facts.extension}")
    elif audio.type and audio.type not in fitting:
        yield _violation(audio, f"the feed calls the .{suffix} file {audio.type[:40]}", f"write {audio.facts.type}")


@AUDIO.rule("U003", ERROR, "the published file's name is plain ASCII", source="Apple")
def name(audio: AudioContext) -> Iterator[Violation]:
    """Letters, digits, dot, hyphen and underscore survive every client and cache."""
    if audio.name and not _NAME.fullmatch(audio.name.rpartition("/")[2]):
        yield _violation(audio, f"the file's name holds other than letters, digits, . - _: {audio.name[:80]}")


@AUDIO.rule("U004", WARNING, "the bit rate suits speech", source="Apple, Spotify")
def bitrate(audio: AudioContext) -> Iterator[Violation]:
    """64 to 128 kbit/s mono, 128 to 256 kbit/s stereo."""
    facts, kilobits = audio.facts, round(audio.facts.bitrate / 1000)
    low, high = (64, 128) if facts.channels == 1 else (128, 256)
    if facts.type.startswith("audio/") and kilobits and facts.channels and not low * 0.97 <= kilobits <= high * 1.03:
        yield _violation(audio, f"{kilobits} kbit/s {'mono' if facts.channels == 1 else 'stereo'}; Apple advises {low} to {high}")


@AUDIO.rule("U005", WARNING, "the sample rate is 44.1 or 48 kHz", source="Apple")
def sample_rate(audio: AudioContext) -> Iterator[Violation]:
    """Other rates are resampled, or play at the wrong speed in old players."""
    if audio.facts.sample_rate and audio.facts.sample_rate not in {44_100, 48_000}:
        yield _violation(audio, f"the sample rate is {audio.facts.sample_rate:,} Hz", "export with 44,100 or 48,000 Hz")


@AUDIO.rule("U006", WARNING, "a variable bit rate comes with an index", source="players")
def index(audio: AudioContext) -> Iterator[Violation]:
    """Without Xing, Info or VBRI header players guess the length and jump to the wrong place."""
    if audio.facts.vbr and not audio.facts.has_index:
        yield _violation(audio, "variable bit rate without an index: jumps land in the wrong place", "export with a constant bit rate")


@AUDIO.rule("U007", HINT, "the loudness is -16 LUFS, within 1, and peaks stay below -1 dBTP", source="Apple")
def loudness(audio: AudioContext) -> Iterator[Violation]:
    """Listeners do not want to reach for the volume between two shows."""
    if audio.loudness is not None and abs(audio.loudness + 16) > 1:
        yield _violation(audio, f"the loudness is {audio.loudness:.1f} LUFS", "aim at -16 LUFS")
    if audio.peak is not None and audio.peak > -1:
        yield _violation(audio, f"peaks reach {audio.peak:.1f} dBTP", "limit them to -1 dBTP")


@AUDIO.rule("U008", WARNING, "tags are small", source="streaming players")
def tag_size(audio: AudioContext) -> Iterator[Violation]:
    """They stand before the sound: every listener waits for them."""
    if audio.facts.cover_bytes > 500_000:
        yield _violation(audio, f"the cover inside the file has {audio.facts.cover_bytes:,} bytes", "300 kB are plenty")
    elif audio.facts.tag_bytes > 1_000_000:
        yield _violation(audio, f"the tags inside the file have {audio.facts.tag_bytes:,} bytes")


@AUDIO.rule("U009", WARNING, "title and show inside the file are those of the feed", source="players that show tags")
def tag_texts(audio: AudioContext) -> Iterator[Violation]:
    """Car radios and file players show them. Tags that are missing are no fault. A published file keeps its tags: only a hint."""
    hint = "`[audio] tags = true` writes them into the published copy"
    if audio.revision:
        hint = f"the published file keeps its old tags; audio_revision = {audio.revision + 1} makes a new one"
    for key, expected in (("title", audio.title), ("album", audio.show)):
        found = audio.facts.tags.get(key, "").strip()
        if found and expected and _loose(found) != _loose(expected):
            message = f"the {key} inside the file is {found[:60]!r}, the feed says {expected[:60]!r}"
            yield _violation(audio, message, hint, severity=HINT if audio.revision else None)


@AUDIO.rule("U010", ERROR, "the recording is at most 12 hours long", source="Spotify")
def longest(audio: AudioContext) -> Iterator[Violation]:
    """Spotify refuses longer ones."""
    if audio.facts.duration > _LONGEST:
        yield _violation(audio, f"the recording lasts {audio.facts.duration / 3600:.1f} hours; 12 are allowed", "publish it in parts")


@AUDIO.rule("U011", WARNING, "an M4A begins with its index", source="AntennaPod, players")
def faststart(audio: AudioContext) -> Iterator[Violation]:
    """With moov behind the data nothing plays before all is loaded, and AntennaPod finds no chapters."""
    if not audio.facts.faststart:
        yield _violation(audio, "the index (moov) stands at the end of the file", "export for the web, or with ffmpeg -movflags +faststart")


@AUDIO.rule("U012", WARNING, "no two episodes have the same recording", source="Apple")
def same_recording(audio: AudioContext) -> Iterator[Violation]:
    """Most likely the wrong file was copied."""
    other = audio.others.get(audio.facts.sha256)
    if other:
        yield _violation(audio, f"the recording is the very one of {other[:80]!r}", "is it the right file?")


def _loose(text: str) -> str:
    return "".join(letter for letter in text.casefold() if letter.isalnum())
