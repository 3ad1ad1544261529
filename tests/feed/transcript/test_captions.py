"""WebVTT and SRT as people have them: what is text stays text, what is markup goes, what is left out is said."""

from __future__ import annotations

import pytest

from feed.transcript.reading import TranscriptReading, read_transcript

LINE_ENDS = ("\n", "\r\n", "\r")


def srt(*texts: str, numbered: bool = True, blank: bool = True) -> str:
    cards = [
        (f"{number}\n" if numbered else "") + f"00:00:{number:02},000 --> 00:00:{number:02},900\n{text}\n"
        for number, text in enumerate(texts, 1)
    ]
    return ("\n" if blank else "").join(cards)


def vtt(*texts: str) -> str:
    cues = (f"00:{number:02}.000 --> 00:{number:02}.900\n{text}\n" for number, text in enumerate(texts, 1))
    return "\n".join(("WEBVTT\n", *cues))


def read(text: str) -> TranscriptReading:
    return read_transcript(text.encode())


def said(text: str) -> list[str]:
    return [cue.text for cue in read(text).cues]


PLAIN = (
    "We go from A --> B now.",
    "A --> B",
    "x -> y: a map",
    "→ look: there",
    "12:00 --> 13:00 is lunch.",
    "from 0:10 --> 0:20, as said",
    "If x <y and y> z then",
    "I <3 you and 5> 4",
    "a <b and c> d",
    "if i <c and c> j",
    "<T> is a type, <bob at x> an address",
    "vector<int> and <br> and <p>",
    "AT&T, R&D, Q&A, &copy now",
)


@pytest.mark.parametrize("text", PLAIN)
@pytest.mark.parametrize("write", [srt, vtt])
@pytest.mark.parametrize("newline", LINE_ENDS)
def test_what_is_no_markup_and_no_time_is_text(text, write, newline):
    assert said(write("Before.", text, "After.").replace("\n", newline)) == ["Before.", text, "After."]


MARKUP = (
    ("<b>Bold</b> and <I>slanted</I>", "Bold and slanted"),
    ('<font color="#fff">Red</font> <FONT size=2>big</FONT>', "Red big"),
    ("<c.yellow.bg_blue>Colour</c>", "Colour"),
    ("<b><i>Both</i></b>", "Both"),
    ("<lang en-GB>Lorry</lang>", "Lorry"),
    ("<ruby>kan<rt>ji</rt></ruby>", "kanji"),
    ("One <00:00:01.500>word <00:01.700>more", "One word more"),
    ("Salt &amp; pepper &lt;3&nbsp;cups &#8217;n&#x27; all", "Salt & pepper <3 cups ’n' all"),
    ("<s>struck</s> <u>under</u >", "struck under"),
)


@pytest.mark.parametrize(("text", "expected"), MARKUP)
@pytest.mark.parametrize("write", [srt, vtt])
def test_known_markup_goes(text, expected, write):
    assert said(write(text)) == [expected]


@pytest.mark.parametrize("numbered", [True, False])
@pytest.mark.parametrize("blank", [True, False])
@pytest.mark.parametrize("texts", [("The answer is\n42", "Really."), ("One", "2024", "Three"), ("It was\n7", "42", "x\n3")])
def test_a_line_that_is_a_number_is_said(numbered, blank, texts):
    assert said(srt(*texts, numbered=numbered, blank=blank)) == [text.replace("\n", " ") for text in texts]


def test_numbers_of_joined_files_are_no_text():
    assert said(srt("One.", "Two.") + "\n1\n00:00:10,000 --> 00:00:11,000\nThree.\n") == ["One.", "Two.", "Three."]


@pytest.mark.parametrize("credit", ["Transcribed by Foo", "Foo Ltd\n\nAll rights: theirs\nMade in May", "Time 00:10"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
@pytest.mark.parametrize("newline", LINE_ENDS)
def test_what_stands_above_the_first_card_is_left_out_and_said(credit, mark, newline):
    reading = read(mark + f"{credit}\n\n{srt('Hi.', 'You.')}".replace("\n", newline))
    assert (reading.form, [cue.text for cue in reading.cues]) == ("SRT", ["Hi.", "You."])
    (remark,) = reading.remarks
    assert (remark.code, remark.message.endswith(credit.partition("\n")[0])) == ("left-out", True)


def test_a_long_preface_does_not_make_another_form_of_it():
    reading = read("\n".join(f"Line {number}" for number in range(400)) + f"\n\n{srt('Hi.')}")
    assert (reading.form, len(reading.cues)) == ("SRT", 1)
    assert "400 lines" in reading.remarks[0].message


@pytest.mark.parametrize("voice", ["<v Ann>", "<V Ann>", "<v.loud Ann>", "<v\tAnn>"])
def test_web_vtt_without_its_first_line_keeps_its_speakers(voice):
    text = f"1\n00:01.000 --> 00:02.000\n{voice}Hi</v>\n\n2\n00:02.000 --> 00:03.000\n<v Bo><i>You</i></v>\n"
    reading = read(text)
    assert [(cue.speaker, cue.text) for cue in reading.cues] == [("Ann", "Hi"), ("Bo", "You")]


def test_an_srt_with_voices_keeps_its_numbers_silent():
    assert said(srt("<v Ann>Hi", "<v Bo>42")) == ["Hi", "42"]


def test_a_text_behind_the_times_is_not_lost():
    assert said("1\n00:00:01,000 --> 00:00:02,000 Hello there.\n\n2\n00:00:02,000 --> 00:00:03,000\nBye.\n") == ["Hello there.", "Bye."]
    settings = "WEBVTT\n\n00:01.000 --> 00:02.000 align:start position:0%\nHi.\n\n00:02.000 --> 00:03.000 X1:1 Y1:2\nBye.\n"
    assert said(settings) == ["Hi.", "Bye."]


def test_paragraphs_within_a_cue_that_look_like_ids_are_said():
    assert said("WEBVTT\n\n00:01.000 --> 00:09.000\nFirst.\n\n42\nmen came.\n\n43\n\n00:10.000 --> 00:11.000\nLast.\n") == [
        "First. 42 men came.",
        "Last.",
    ]


def test_a_form_that_does_not_fit_does_not_pass_in_silence():
    reading = read('{"broken": \n[00:00:01] Hello.\n[00:00:05] Bye.\n')
    assert reading.form == "stamped text"
    assert [remark.code for remark in reading.remarks] == ["left-out", "guessed"]
    assert "does not fit JSON" in reading.remarks[1].message


@pytest.mark.parametrize("newline", LINE_ENDS)
def test_further_paragraphs_of_the_last_section_belong_to_it(newline):
    text = "[00:00:01] Ann: One.\n\n[00:00:05] Bo: Two.\n\nStill Bo.\n\nAnd this.\n"
    reading = read(text.replace("\n", newline))
    assert [cue.text for cue in reading.cues] == ["One.", "Two. Still Bo. And this."]
    assert [remark.code for remark in reading.remarks] == ["guessed"]


def test_a_spoken_line_that_is_a_heading_elsewhere_is_said():
    reading = read("[00:00:01]\nTranscript\n[00:00:05]\nis the word.\n")
    assert [cue.text for cue in reading.cues] == ["Transcript", "is the word."]
    assert [cue.text for cue in read("[00:00:01] Hi.\nTranscript\n[00:00:05] Bye.\n").cues] == ["Hi. Transcript", "Bye."]


def test_right_to_left_marks_and_hard_spaces_break_nothing():
    assert said(srt("\u200fשלום\u200e", "a\u00a0b")) == ["שלום", "a b"]
    assert [cue.speaker for cue in read(vtt("<v\u00a0Ann>Hi")).cues] == ["Ann"]
