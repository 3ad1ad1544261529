"""Reading as a whole: limits, any bytes at all, and what was written read back."""

from __future__ import annotations

import html
import random
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from feed.findings import ContentFault
from feed.model import Cue
from feed.transcript.paragraphs import paragraphs
from feed.transcript.reading import TranscriptReading, read_transcript
from feed.transcript.writers import write_json, write_srt, write_text, write_vtt
from tests.support.seeds import SEEDS, needs_seeds

SAMPLES = sorted((Path(__file__).parent / "samples").glob("*.sample"))


def reading_or_fault(data: bytes, duration: float | None = None) -> TranscriptReading | ContentFault:
    """The reading, checked in every way that must hold for all input; or the fault. Anything else is a failure."""
    try:
        reading: TranscriptReading | ContentFault = read_transcript(data, duration=duration)
    except ContentFault as fault:
        reading = fault
    if isinstance(reading, ContentFault):
        assert reading.code in ("transcript-unreadable", "transcript-too-large", "text-encoding")
        assert reading.line >= 1 or len(data) > 8_000_000
        assert reading.message.isprintable() and len(reading.message) < 400
        reading.message.encode()
        return reading
    assert reading.cues
    assert all(cue.text and 0 <= cue.start < cue.end for cue in reading.cues)
    assert all(one.end <= two.start for one, two in pairwise(reading.cues))
    for write in (write_vtt, write_srt, write_json, write_text):
        write(reading.cues).encode()
    assert sum(len(turn.paragraphs) for section in paragraphs(reading.cues, ()) for turn in section.turns) > 0
    written = write_vtt(reading.cues)
    assert written.count("-->") >= len(reading.cues)
    assert read_transcript(written.encode()).form == "WebVTT"
    return reading


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=400))
@example(b"")
@example(b"\x00")
@example(b"\xff\xfe")
@example(b"\xff\xfe\x00\xd8")
@example(b"WEBVTT\n\n-->")
@example(b"WEBVTT\n\n00:01.000 --> \n<v")
@example(b"[[[[")
@example(b"[{}]")
@example(b'{"segments":{}}')
@example(b'{"segments":[{"startTime":{},"body":[]}]}')
@example(b'[{"start_ms":"NaN","text":"a"}]')
@example(b'{"segments":[{"startTime":1,"body":"\\ud800"}]}')
@example(b'{"segments":[{"startTime":' + b"9" * 5000 + b',"body":"a"}]}')
@example(b"<p><time>0:01</time>")
@example(b"<time>0:01<p>a")
@example(b"00:00:01: \x00\x00a")
@example(b"97:59:59: a\n97:59:59: b")
@example("٣:٠٠ a".encode())
def test_any_bytes_make_a_reading_or_a_fault(data: bytes) -> None:
    reading_or_fault(data)


LINES = [
    "00:00:01: a",
    "[00:02] b",
    "WEBVTT",
    "",
    "00:01.000 --> 00:02.000",
    "Emma: hi",
    "<v Emma>hi",
    "NOTE x",
    "1",
    "Emma  0:05",
    "Emma: [0:05] x",
    "{",
    "<p>",
    "--> -->",
    "12:75 x",
    '{"segments":[{"startTime":1,"body":"x"}]}',
    "<time>0:05</time>",
    "Show transcript",
    "New comment",
    "\u2028",
    '".',
    "&lt;",
]


@settings(max_examples=200, deadline=None)
@given(st.lists(st.sampled_from(LINES), max_size=12))
def test_any_mixture_of_forms_makes_a_reading_or_a_fault(lines: list[str]) -> None:
    reading_or_fault("\n".join(lines).encode(), 10.0)


def test_a_thousand_mutations_of_real_files_make_a_reading_or_a_fault() -> None:
    chance = random.Random(20260521)  # noqa: S311
    corpus = [path.read_bytes().split(b".\n", 1)[1] for path in SAMPLES]
    corpus += [path.read_bytes()[:6000] for path in sorted(SEEDS.glob("*.txt"))]
    kinds = {TranscriptReading: 0, ContentFault: 0}
    for _ in range(1000):
        data = bytearray(chance.choice(corpus))
        for _ in range(chance.randint(1, 6)):
            at = chance.randint(0, len(data))
            match chance.randint(0, 4):
                case 0:
                    data[at : at + chance.randint(1, 30)] = b""
                case 1:
                    data[at:at] = chance.randbytes(chance.randint(1, 8))
                case 2:
                    other = chance.choice(corpus)
                    data[at:at] = other[chance.randint(0, len(other)) :][:200]
                case 3:
                    data[at:at] = data[at : at + 100] * chance.randint(1, 4)
                case _:
                    data[at:at] = chance.choice([b"\n", b"-->", b"<", b"{", b":", b"\x00", b"\xff", b"00:00:00", b"]", b'"'])
        kinds[type(reading_or_fault(bytes(data), chance.choice([None, 5.0, 60.0])))] += 1
    assert min(kinds.values()) > 50


def test_a_file_over_eight_megabytes_is_refused_before_it_is_read() -> None:
    with pytest.raises(ContentFault, match=r"8000001 bytes; the limit is 8000000 \(8 MB\)") as caught:
        read_transcript(b"{" * 8_000_001)
    assert caught.value.code == "transcript-too-large"


def test_a_line_without_end_is_refused_in_text_and_fine_in_json() -> None:
    with pytest.raises(ContentFault, match="line 2 of the transcript has 20001 characters; the limit is 20000") as caught:
        read_transcript(b"00:00:01: a\n" + b"x" * 20_001)
    assert (caught.value.code, caught.value.line) == ("transcript-too-large", 2)
    assert read_transcript(b"00:00:01: a\n" + b"x" * 20_000).cues
    assert read_transcript(write_json([Cue(start=0, end=9, text="word " * 5000 + "end.")]).encode()).cues[-1].end == 9


def test_the_fault_says_what_was_tried_and_shows_the_line() -> None:
    with pytest.raises(ContentFault) as caught:
        read_transcript(b"\n\nDear listeners,\x1b[31m welcome\n")
    assert caught.value.line == 3
    assert caught.value.message == "no form of transcript fits; line 3 does not fit: Dear listeners,\N{REPLACEMENT CHARACTER}[31m welcome"
    assert caught.value.hint.startswith(
        "tried WebVTT, JSON, TTML, HTML, ASS, SRT, SBV, TSV, Otter, Descript and lines that start with a time;"
    )


def test_text_cut_in_the_middle_of_a_character_loses_that_character_only() -> None:
    assert read_transcript("00:00:01: naïve é".encode()[:-1]).cues[0].text == "naïve"


# Normal form, as the strategies make it: whole milliseconds, ascending, a cue ends by the next start, a speaker for every cue
# or for none, text of words in one line that no repair touches.
WORD = st.text(st.sampled_from("abcdefgäöüßéñ"), min_size=1, max_size=9)
WILD_WORD = st.text(st.sampled_from("abcdefgÄö<>&-'/([#"), min_size=1, max_size=9)
NAMES = st.sampled_from(["Emma", "Jonas Ek", "SPEAKER_00", "Zoë van Dam"])


@st.composite
def talks(draw: st.DrawFn, words: st.SearchStrategy[str], longest: int) -> tuple[Cue, ...]:
    cues: list[Cue] = []
    names = draw(st.sampled_from([NAMES, st.just("")]))
    at = 0
    for gap, length, said in draw(
        st.lists(st.tuples(st.integers(0, 5000), st.integers(1, 90_000), st.lists(words, min_size=2, max_size=8)), min_size=1, max_size=12)
    ):
        speaker = draw(names)
        text = f"{draw(WORD)} {' '.join(said)}"[:longest].strip()
        start = at + gap
        at = start + length
        cues.append(Cue(start=start / 1000, end=at / 1000, text=text, speaker=speaker))
    return tuple(cues)


@settings(max_examples=150, deadline=None)
@given(talks(WILD_WORD, 60))
def test_vtt_reads_back_without_loss(cues: tuple[Cue, ...]) -> None:
    cues = tuple(cue for cue in cues if len(html.escape(cue.text, quote=False)) <= 65)  # what needs no cut: see write_vtt
    if not cues:
        return
    reading = read_transcript(write_vtt(cues).encode())
    assert (reading.form, reading.cues, reading.repairs) == ("WebVTT", cues, ())


@settings(max_examples=150, deadline=None)
@given(talks(WORD, 40))
def test_srt_reads_back_without_loss(cues: tuple[Cue, ...]) -> None:
    if len({cue.speaker for cue in cues}) == 1:  # one label alone is text to whoever reads it
        cues = tuple(Cue(start=cue.start, end=cue.end, text=cue.text) for cue in cues)
    reading = read_transcript(write_srt(cues).encode())
    assert (reading.form, reading.cues) == ("SRT", cues)
    assert {repair.name for repair in reading.repairs} <= {"speakers carried on"}


@settings(max_examples=150, deadline=None)
@given(talks(WILD_WORD, 500))
def test_json_reads_back_without_loss(cues: tuple[Cue, ...]) -> None:
    reading = read_transcript(write_json(cues, "en").encode())
    assert (reading.form, reading.language, reading.cues, reading.repairs) == ("podcast JSON", "en", cues, ())


@needs_seeds
@pytest.mark.parametrize(("number", "count", "duration"), [("000", 274, 1152.0), ("004", 296, 1088.0)])
def test_the_real_pages_read_whole_or_as_their_stamped_lines(number: str, count: int, duration: float) -> None:
    page = next(SEEDS.glob(f"{number}_*.txt")).read_bytes()
    lines = page.split(b"Show transcript", 1)[1].split(b"New comment", 1)[0]
    reading = read_transcript(page, duration=duration)
    assert reading.cues == read_transcript(lines, duration=duration).cues
    assert len(reading.cues) == count
    assert reading.cues[-1].end <= duration
    assert max(cue.end - cue.start for cue in reading.cues) < 60
    assert not any("comment" in cue.text for cue in reading.cues[-1:])
    assert not any('".' in cue.text for cue in reading.cues)
    assert read_transcript(write_json(reading.cues).encode()).cues == reading.cues
    for write in (write_vtt, write_srt):
        assert " ".join(cue.text for cue in read_transcript(write(reading.cues).encode()).cues).split() == (
            " ".join(cue.text for cue in reading.cues).split()
        )


@pytest.mark.parametrize(("named", "language"), [("de", "de"), ("pt-BR", "pt-BR"), ("<b>", ""), ("English (US)", ""), ("e" * 50, "")])
def test_only_a_language_tag_is_taken_for_a_language(named: str, language: str) -> None:
    assert read_transcript(f"WEBVTT\nLanguage: {named}\n\n00:01.000 --> 00:02.000\na\n".encode()).language == language
