"""Who speaks: the labels that people and machines write, in any script; what only looks like one stays text."""

from __future__ import annotations

import html
import json
import unicodedata

import pytest

from feed.transcript.reading import TranscriptReading, read_transcript


def srt(*texts: str) -> bytes:
    return "\n".join(
        f"{number}\n00:00:{number:02},000 --> 00:00:{number:02},900\n{text}\n" for number, text in enumerate(texts, 1)
    ).encode()


def vtt(*texts: str) -> bytes:
    return ("WEBVTT\n\n" + "\n".join(f"00:{at:02}.000 --> 00:{at:02}.900\n{text}\n" for at, text in enumerate(texts, 1))).encode()


def stamped(*texts: str) -> bytes:
    return "\n".join(f"[00:00:{at:02}] {text}" for at, text in enumerate(texts, 1)).encode()


def whisper(*texts: str) -> bytes:
    return json.dumps({"segments": [{"start": at, "end": at + 0.9, "text": f" {text}"} for at, text in enumerate(texts, 1)]}).encode()


def page(*texts: str) -> bytes:
    return f"<html>{''.join(f'<time>0:{at:02}</time><p>{html.escape(text)}</p>' for at, text in enumerate(texts, 1))}".encode()


def said(reading: TranscriptReading) -> list[tuple[str, str]]:
    return [(cue.speaker, cue.text) for cue in reading.cues]


ALL = pytest.mark.parametrize("write", [srt, vtt, stamped, whisper, page])


@ALL
@pytest.mark.parametrize("label", ["Garden Weekly: ", "Breaking News: ", "Today: ", "Ann: "])
def test_a_label_that_stands_there_once_and_alone_is_text(label, write):
    texts = (f"{label}the show about beans.", "Hello and welcome.", "Bye.")
    assert said(read_transcript(write(*texts))) == [("", text) for text in texts]


@ALL
def test_a_guest_who_speaks_once_is_a_speaker_and_that_is_said(write):
    reading = read_transcript(write("Ann: Hi.", "so it is.", "and so on.", "Bo: Yes.", "Ann: Bye."))
    assert [cue.speaker for cue in reading.cues] == ["Ann", "Ann", "Ann", "Bo", "Ann"]
    assert ["“Bo”" in remark.message for remark in reading.remarks if remark.code == "guessed"] == [True]


FORMS = (
    "{}: {}",
    "[{}]: {}",
    "- {}: {}",
    "– {}: {}",
    ">> {}: {}",
    "**{}:** {}",
    "**{}**: {}",
    "{}：{}",
    "[{}] {}",
    "- [{}] {}",
)


@ALL
@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(
    "names",
    [
        ("Ann", "Bo"),
        ("Dr. Ann van Lee", "Speaker 2"),
        ("A", "B"),
        ("José", "Zoë"),
        (unicodedata.normalize("NFD", "José"), unicodedata.normalize("NFD", "Zoë")),
        ("राम", "सीता"),
        ("அருண்", "மீனா"),
        ("主持人", "嘉宾"),
        ("สมชาย", "มานี"),
        ("أحمد", "ليلى"),
    ],
)
def test_a_label_is_known_in_each_way_it_is_written_and_in_every_script(names, form, write):
    one, two = names
    reading = read_transcript(write(*(form.format(name, text) for name, text in ((one, "x y"), (two, "y z"), (one, "z x"), (two, "x")))))
    one, two = (unicodedata.normalize("NFC", name) for name in names)
    assert said(reading) == [(one, "x y"), (two, "y z"), (one, "z x"), (two, "x")]
    assert reading.remarks == ()


@ALL
@pytest.mark.parametrize(
    ("form", "name"),
    [
        ("[SPEAKER_00]: {}", "SPEAKER_00"),
        ("[SPEAKER_00] {}", "SPEAKER_00"),
        ("SPEAKER_00: {}", "SPEAKER_00"),
        ("(speaker 0) {}", "speaker 0"),
        ("(speaker ?) {}", "speaker ?"),
        ("(Speaker A): {}", "Speaker A"),
        ("[Speaker 12] {}", "Speaker 12"),
    ],
)
def test_what_a_machine_writes_is_a_label_even_once(form, name, write):
    assert said(read_transcript(write(form.format("So it is."), "And more.")))[0] == (name, "So it is.")


@ALL
@pytest.mark.parametrize(
    "texts",
    [
        ("[Music] Hello.", "[Laughter] Yes.", "[Music] Bye.", "[Laughter] No."),
        ("[Door slams] Hello.", "Yes.", "Bye."),
        ("One thing: two.", "http://a.example", "At 12:30 we go."),
        ("We said: go.", "so: what", "It is 3:16 now."),
        ("(laughs) Yes.", "(laughs) No."),
        ("Read John 3:16: For God so loved.", "Psalm 23:1 is next."),
    ],
)
def test_what_only_looks_like_a_label_stays_text(texts, write):
    assert said(read_transcript(write(*texts))) == [("", text) for text in texts]


@pytest.mark.parametrize("write", [srt, vtt])
@pytest.mark.parametrize("form", ["{}: {}", "- {}: {}", "[{}]: {}"])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_two_speakers_in_one_card_are_two(write, form, newline):
    data = write("\n".join((form.format("Ann", "hi"), form.format("Bo", "yes, and"), "so on")), form.format("Ann", "bye"))
    reading = read_transcript(data.replace(b"\n", newline.encode()))
    assert said(reading) == [("Ann", "hi"), ("Bo", "yes, and so on"), ("Ann", "bye")]


def test_bold_stamps_with_names_are_read():
    text = "**[00:00] Marc:** Welcome.\n\n**[00:07] Ann:** Thanks.\n\n**[00:12] Marc:** So.\n"
    assert said(read_transcript(text.encode())) == [("Marc", "Welcome."), ("Ann", "Thanks."), ("Marc", "So.")]
    assert [cue.start for cue in read_transcript(text.encode()).cues] == [0, 7, 12]


@pytest.mark.parametrize("verse", ["John 3:16: For God so loved.", "John 3:16", "Genesis 1:1: In the beginning.", "Ann 3:16: so"])
@pytest.mark.parametrize("place", [0, 1])
def test_a_verse_is_no_turn(verse, place):
    turns = [["Ann Lee  0:00", "Welcome."], ["Bo Dan  0:10", "Yes."], ["Ann Lee  0:30", "Bye."]]
    turns[place].insert(1, verse)
    reading = read_transcript("\n".join("\n".join([*turn, ""]) for turn in turns).encode())
    assert [cue.speaker for cue in reading.cues] == ["Ann Lee", "Bo Dan", "Ann Lee"]
    assert verse in reading.cues[place].text
    assert [cue.start for cue in reading.cues] == [0, 10, 30]


def test_where_a_form_names_speakers_in_their_own_place_a_label_in_a_text_stays():
    rows = [{"startTime": at, "endTime": at + 1, "speaker": "Ann", "body": "Rule: never water at noon."} for at in (1, 3)]
    rows.append({"startTime": 5, "endTime": 6, "body": "Rule two: mulch."})
    reading = read_transcript(json.dumps({"version": "1.0.0", "segments": rows}).encode())
    assert all("Rule" in cue.text for cue in reading.cues)
    cited = page("Ann: Hi.", "Ann: Bye.").replace(b"<time>0:01", b"<cite>Bo:</cite><time>0:01")
    assert [cue.speaker for cue in read_transcript(cited).cues] == ["Bo", "Bo"]
