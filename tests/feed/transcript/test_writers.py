"""What we write, read again the way AntennaPod and Pocket Casts read it (their rules, in our words)."""

from __future__ import annotations

import json
import re
from itertools import pairwise

import pytest

from feed.model import Cue
from feed.transcript.reading import read_transcript
from feed.transcript.writers import speaker_name, write_json, write_srt, write_text, write_vtt

LONG = (
    "Well, the first thing to say about kettles is that nobody owns only one; there is the loud one, the pretty one, and the one "
    "that works. And so the question is not which kettle, it is when, and with whom, and how much water is left in it."
)


def cue(start: float, end: float, text: str, speaker: str = "") -> Cue:
    return Cue(start=start, end=end, text=text, speaker=speaker)


TALK = (
    cue(0, 2, "Shall we begin?", "Emma"),
    cue(2, 30, LONG, "Jonas <Jo> Ek & Sons"),
    cue(30, 34, "He said: at 10:30 --> it's <b>late</b> & dark:", "Emma"),
    cue(34, 38, "One rule: be kind. Another: be quick: it rains.", "Emma"),
    cue(38, 40, "10:30 is late.", "Jonas <Jo> Ek & Sons"),
    cue(359_990, 359_995, "Still here after ninety-nine hours.", "Emma"),
)


# AntennaPod, VTT: any line with an arrow must be a timing line with two-digit hours, else the whole file is dropped; the
# voice is found by a pattern that knows no `&` and `>` in names; the speaker is carried on.
AP_VTT_TIME = re.compile(r"(?:\d\d:)?\d\d:\d\d\.\d{3}")
AP_VOICE = re.compile(r"<v(?:\.[^\t\n\r &<>.]+)*[ \t]([^\n\r&>]+)>")


def antennapod_vtt(text: str) -> list[tuple[str, str]] | None:
    lines, segments, speaker = iter(text.split("\n")), [], ""
    for line in lines:
        if "-->" not in line:
            continue
        parts = line.split("-->")
        if len(parts) < 2 or not all(AP_VTT_TIME.fullmatch(part.strip().split(" ")[0]) for part in parts[:2]):
            return None
        payload = ""
        for body in lines:
            if not body:
                break
            payload += body.strip() + " "
        voice = AP_VOICE.search(payload)
        speaker = voice[1] if voice else speaker
        said = re.sub(r"<[^>]*>", "", payload).replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
        segments.append((speaker, said.strip()))
    return segments


def antennapod_srt(text: str) -> list[tuple[str, str]]:
    """Any `: ` in a card is a label, and what follows a second colon is lost."""
    segments, speaker = [], ""
    for card in text.strip().split("\n\n"):
        number, timing, *lines = card.split("\n")
        assert number.isdigit()
        assert re.fullmatch(r"\d\d:\d\d:\d\d,\d{3} --> \d\d:\d\d:\d\d,\d{3}", timing)
        body = "".join(line.strip() + " " for line in lines)
        if ": " in body:
            parts = body.strip().split(":")
            speaker, body = parts[0], parts[1]
        segments.append((speaker, body.strip()))
    return segments


def antennapod_json(text: str) -> list[tuple[str, str]]:
    """Segments without both times are skipped, and the first letter of every body is looked at."""
    segments = []
    for row in json.loads(text)["segments"]:
        if row.get("startTime", -1) < 0 or row.get("endTime", -1) < 0:
            continue
        assert row["body"][0]
        segments.append((row.get("speaker", ""), row["body"]))
    return segments


def joined(segments: list[tuple[str, str]]) -> dict[str, str]:
    said: dict[str, str] = {}
    for speaker, text in segments:
        said[speaker] = f"{said.get(speaker, '')} {text}".strip()
    return said


def expected(*, name: int = 99) -> dict[str, str]:
    return joined([(speaker_name(one.speaker)[:name], one.text) for one in TALK])


def test_antennapod_reads_every_word_and_speaker_of_our_vtt() -> None:
    assert joined(antennapod_vtt(write_vtt(TALK)) or []) == expected()


def test_antennapod_reads_every_word_and_speaker_of_our_json() -> None:
    assert joined(antennapod_json(write_json(TALK))) == expected()


def test_antennapod_loses_no_word_of_our_srt_to_colons() -> None:
    words = {speaker: re.sub(r"[^a-z0-9 ]", "", text.lower()).split() for speaker, text in joined(antennapod_srt(write_srt(TALK))).items()}
    wanted = {speaker: re.sub(r"[^a-z0-9 ]", "", text.lower()).split() for speaker, text in expected().items()}
    assert words == wanted


def test_the_model_of_antennapod_does_drop_what_careless_writers_write() -> None:
    assert antennapod_vtt("WEBVTT\n\n00:01.000 --> 00:02.000\na --> b\n\n100:00:00.000 --> 100:00:01.000\nx\n") is None
    assert antennapod_srt("1\n00:00:01,000 --> 00:00:02,000\nHe said: one: two\n") == [("He said", "one")]


def test_a_json_without_text_is_not_written_as_an_empty_body() -> None:
    assert antennapod_json(write_json([cue(0, 1, ""), cue(1, 2, "Here.")])) == [("", "Here.")]


def test_pocket_casts_finds_the_speaker_in_every_vtt_cue() -> None:
    text = write_vtt(TALK)
    assert text.count("-->") == text.count("\n<v ") >= len(TALK)


def test_vtt_begins_as_readers_ask_and_holds_no_style_or_note() -> None:
    text = write_vtt(TALK)
    assert text.startswith("WEBVTT\n\n00:00:00.000 --> 00:00:02.000\n<v Emma>Shall we begin?\n")
    assert not re.search(r"(?m)^(STYLE|REGION|NOTE)", text)
    assert "99:59:50.000 --> 99:59:55.000" in text


def test_lines_keep_to_the_width_of_each_form() -> None:
    assert max(map(len, write_vtt(TALK).splitlines())) <= 65
    cards = [card.split("\n")[2:] for card in write_srt(TALK).strip().split("\n\n")]
    assert max(len(line) for card in cards for line in card) <= 32
    assert max(map(len, cards)) <= 2


@pytest.mark.parametrize("text", ["x" * 500, "&" * 200, "a<b>c" * 60, "&" * 31 + "x" * 40, "wide " * 100], ids=str.split)
def test_words_without_end_are_cut_and_entities_are_not(text: str) -> None:
    written = write_vtt([cue(0, 10, text)])
    assert max(map(len, written.splitlines())) <= 65
    assert re.sub(r"&(amp|lt|gt);", "", written).count("&") == 0
    read = "".join(one.text for one in read_transcript(written.encode()).cues)
    assert read.replace(" ", "") == text.replace(" ", "")


def test_a_long_cue_is_cut_at_clauses_with_times_in_proportion() -> None:
    pieces = read_transcript(write_vtt([cue(10, 100, " ".join([LONG] * 3))]).encode()).cues
    assert len(pieces) > 1 and all(piece.text[-1] in ",;." for piece in pieces)
    assert pieces[0].start == 10 and pieces[-1].end == 100
    assert all(one.end == two.start for one, two in pairwise(pieces))
    pace = [(piece.end - piece.start) / len(piece.text) for piece in pieces]
    assert max(pace) < 1.1 * min(pace)


def test_no_piece_is_a_single_word_left_over() -> None:
    text = ("one two three four five six seven eight nine ten " * 3).replace("ten one", "ten eleven one").strip()
    assert min(len(piece.text.split()) for piece in read_transcript(write_vtt([cue(0, 9, text)]).encode()).cues) > 5


def test_a_cue_too_short_to_divide_keeps_positive_times() -> None:
    written = write_vtt([cue(1, 1.001, LONG)])
    assert written.count("-->") == 1
    assert read_transcript(written.encode()).cues == (cue(1, 1.001, LONG),)


@pytest.mark.parametrize("write", [write_vtt, write_srt, write_json])
def test_text_without_spaces_is_cut_at_its_own_marks_and_gets_no_spaces(write) -> None:
    text = "今日は薬缶の話をします。" * 100 + "薬缶" * 90
    cues = read_transcript(write([cue(0, 60, text)]).encode()).cues
    assert "".join(one.text for one in cues) == text
    if write is not write_json:
        assert sum(one.text.endswith("。") for one in cues) >= 3


def test_srt_names_the_speaker_once_per_change_and_at_the_start_of_a_card() -> None:
    text = write_srt([cue(0, 2, "Good evening.", "Emma"), cue(2, 4, "Late again.", "Emma"), cue(4, 6, "Always.", "Jonas")])
    assert text == (
        "1\n00:00:00,000 --> 00:00:02,000\nEmma: Good evening.\n\n2\n00:00:02,000 --> 00:00:04,000\nLate again.\n\n"
        "3\n00:00:04,000 --> 00:00:06,000\nJonas: Always.\n"
    )


def test_srt_holds_no_sign_that_players_take_for_markup() -> None:
    text = write_srt([cue(0, 2, "a <b>{\\an8} c --> d")])
    assert not set("<{}") & set(text)
    assert text.count("-->") == 1


def test_a_name_too_long_for_a_card_is_cut_at_a_word() -> None:
    assert "Maximilian von und zu: Yes." in write_srt([cue(0, 2, "Yes.", "Maximilian von und zu Bodenstein: the Younger")])


def test_json_is_compact_and_says_its_version() -> None:
    assert write_json([cue(0.5, 2, "Grüße.", "A & B")], "de") == (
        '{"version":"1.0.0","language":"de","segments":[{"speaker":"A B","startTime":0.5,"endTime":2,"body":"Grüße."}]}\n'
    )


def test_plain_text_shows_turns_with_their_times() -> None:
    talk = [cue(8, 9, "Shall we", "Emma"), cue(9, 10, "begin?", "Emma"), cue(70, 72, "We shall.", "Jonas")]
    assert write_text(talk) == "Emma (0:08)\nShall we begin?\n\nJonas (1:10)\nWe shall.\n"
    assert write_text([cue(8, 9, "Nobody in particular.")]) == "[0:08]\nNobody in particular.\n"
    assert [(one.start, one.speaker, one.text) for one in read_transcript(write_text(talk).encode()).cues] == [
        (8, "Emma", "Shall we begin?"),
        (70, "Jonas", "We shall."),
    ]


@pytest.mark.parametrize("write", [write_vtt, write_srt, write_json, write_text])
def test_no_cues_at_all_make_a_document_and_no_fault(write) -> None:
    assert write(()) in ("WEBVTT\n", "", '{"version":"1.0.0","segments":[]}\n')
