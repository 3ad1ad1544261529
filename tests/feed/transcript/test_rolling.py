"""Rolling and karaoke captions: each sentence once, at the time its first new word is said."""

from __future__ import annotations

from itertools import pairwise

import pytest

from feed.times import timestamp
from feed.transcript.reading import read_transcript
from feed.transcript.writers import write_json, write_srt, write_vtt

LINES = ("the soil is warm today", "so we sow the beans", "and then we wait", "for the rain to come", "to the rain to come")


def card(start: float, end: float, text: str) -> str:
    return f"{timestamp(start)} --> {timestamp(end)}\n{text}\n"


def rolling(lines: tuple[str, ...] = LINES, *, tags: bool = True) -> list[str]:
    """As YouTube writes them: the line before stands above each new one, and alone for 10 ms between the two."""
    cards, above = [], " "
    for number, line in enumerate(lines):
        start = number * 3.0
        first, *rest = line.split()
        timed = first + "".join(f"<{timestamp(start + 0.2 * place)}><c> {word}</c>" for place, word in enumerate(rest, 1))
        cards += [card(start, start + 2.99, f"{above}\n{timed if tags else line}"), card(start + 2.99, start + 3, f"{line}\n ")]
        above = line
    return cards


def highlighted(*sentences: str, tag: str = "u", pauses: bool = False) -> list[str]:
    """As Whisper's `highlight_words` writes them: a cue for each word of a sentence, and one for each pause."""
    cards, at = [], 0.0
    for sentence in sentences:
        said = sentence.split()
        for place in range(len(said)):
            if pauses and place:
                cards.append(card(at, at + 0.2, sentence))
                at += 0.2
            marked = " ".join(f"<{tag}>{word}</{tag}>" if here == place else word for here, word in enumerate(said))
            cards.append(card(at, at + 0.5, marked))
            at += 0.5
    return cards


def vtt(cards: list[str]) -> bytes:
    return "\n".join(("WEBVTT\nKind: captions\nLanguage: en\n", *cards)).encode()


def srt(cards: list[str]) -> bytes:
    return "\n".join(f"{number}\n{text}" for number, text in enumerate(cards, 1)).encode()


@pytest.mark.parametrize("tags", [True, False])
@pytest.mark.parametrize("write", [vtt, srt])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_each_line_of_rolling_captions_is_said_once(tags, write, newline):
    reading = read_transcript(write(rolling(tags=tags)).replace(b"\n", newline.encode()))
    assert tuple(cue.text for cue in reading.cues) == LINES
    assert [cue.start for cue in reading.cues] == [0, 3, 6, 9, 12]
    assert [remark.code for remark in reading.remarks] == ["guessed"]
    assert "rolling captions" in reading.remarks[0].message


@pytest.mark.parametrize("tag", ["u", "b", "U"])
@pytest.mark.parametrize("pauses", [True, False])
@pytest.mark.parametrize("write", [vtt, srt])
def test_a_sentence_with_a_cue_for_each_word_is_said_once(tag, pauses, write):
    sentences = ("The soil is warm.", "We sow beans.", "No no.", "No no.", "Rain comes late.")
    reading = read_transcript(write(highlighted(*sentences, tag=tag, pauses=pauses)))
    assert [cue.text for cue in reading.cues] == list(sentences)
    assert all(one.end <= two.start for one, two in pairwise(reading.cues))
    assert reading.cues[0].end == pytest.approx(2.0 + 0.6 * pauses)


def test_new_words_on_the_same_line_begin_at_their_own_time():
    cards = [
        card(0, 2, "we<00:00:00.500><c> sow</c>"),
        card(2, 4, "we sow<00:00:02.500><c> beans</c>"),
        card(4, 6, "we sow beans\nand<00:00:04.500><c> wait</c>"),
        card(6, 8, "and wait\n<00:00:06.750><c>for rain</c>"),
    ]
    cues = read_transcript(vtt(cards)).cues
    assert [(cue.start, cue.end, cue.text) for cue in cues] == [(0, 4, "we sow beans"), (4, 6, "and wait"), (6.75, 8, "for rain")]


@pytest.mark.parametrize(
    "texts",
    [
        ("No.", "No.", "No.", "No."),
        ("Yes.", "Yes we can.", "What?", "What? Now?", "Good."),
        ("One\ntwo", "three\nfour", "five\nsix"),
        ("<i>Same.</i>", "<i>Same.</i>", "<i>Same.</i>"),
        ("Ha.", "Ha ha.", "Ha ha ha."),
    ],
)
@pytest.mark.parametrize("write", [vtt, srt])
def test_what_is_simply_said_again_stays(texts, write):
    cards = [card(number * 2, number * 2 + 1.9, text) for number, text in enumerate(texts)]
    reading = read_transcript(write(cards))
    assert len(reading.cues) == len(texts)
    assert reading.remarks == ()


@pytest.mark.parametrize("write", [write_vtt, write_srt, write_json])
def test_what_was_taken_once_reads_back_the_same(write):
    cues = read_transcript(vtt(rolling())).cues
    again = read_transcript(write(cues).encode())
    assert (again.cues, again.remarks) == (cues, ())


def test_japanese_lines_roll_too():
    lines = ("今日は庭の話です", "豆をまきましょう", "雨を待ちます")
    assert tuple(cue.text for cue in read_transcript(vtt(rolling(lines, tags=False))).cues) == lines


def test_text_that_looks_like_markup_survives():
    cards = rolling(("if x &lt;b&gt; y", "and R&amp;D too", "that is all"), tags=False)
    assert [cue.text for cue in read_transcript(vtt(cards)).cues] == ["if x <b> y", "and R&D too", "that is all"]
