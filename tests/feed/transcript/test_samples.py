"""Every form and fault we know, each in a small file: head, input and the cues expected, with a line of one dot between.

The head names the form (or the fault with its line), and where it matters encoding, line ends, the audio's duration,
language, repairs, and what is said of guesses and of what is left out. Control signs stand as their pictures (␛).
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import pytest

from feed.findings import ContentFault
from feed.model import Cue
from feed.transcript.reading import read_transcript
from feed.transcript.writers import write_json, write_srt, write_text, write_vtt

SAMPLES = sorted((Path(__file__).parent / "samples").glob("*.sample"))
GOOD = [path for path in SAMPLES if not path.read_text(encoding="utf-8").startswith("fault:")]
BAD = [path for path in SAMPLES if path not in GOOD]


class Sample(NamedTuple):
    head: dict[str, str]
    data: bytes
    cues: tuple[Cue, ...]


def parse(path: Path) -> Sample:
    head_text, text, expected = path.read_text(encoding="utf-8").split(".\n", 1)[0], "", ""
    rest = path.read_text(encoding="utf-8")[len(head_text) + 2 :]
    text, expected = ("", rest[2:]) if rest.startswith(".\n") else rest.split("\n.\n", 1)
    head = dict(line.split(": ", 1) for line in head_text.splitlines())
    text = "".join(chr(ord(sign) - 0x2400) if "\u2400" <= sign <= "\u2420" else sign for sign in text) + ("\n" if text else "")
    if head.get("newline") == "crlf":
        text = text.replace("\n", "\r\n")
    cues = []
    for line in expected.splitlines():
        label, said = line.split(" | ", 1)
        start, end, *speaker = label.split(" ", 2)
        cues.append(Cue(start=float(start), end=float(end), text=said, speaker=" ".join(speaker)))
    return Sample(head, text.encode(head.get("encoding", "utf-8")), tuple(cues))


def duration(sample: Sample) -> float | None:
    return float(sample.head["duration"]) if "duration" in sample.head else None


@pytest.mark.parametrize("path", GOOD, ids=lambda path: path.stem)
def test_a_sample_reads_as_a_person_would_read_it(path: Path) -> None:
    sample = parse(path)
    reading = read_transcript(sample.data, duration=duration(sample))
    assert reading.cues == sample.cues
    assert reading.form == sample.head["form"]
    assert reading.language == sample.head.get("language", "")
    done = {repair.name: repair.count for repair in reading.repairs}
    for told in filter(None, sample.head.get("repairs", "").split(", ")):
        name, count = told.rsplit(" ", 1)
        assert done.get(name, 0) == int(count), done
    assert "; ".join(remark.message for remark in reading.remarks) == sample.head.get("said", "")
    assert all(repair.count > 0 and repair.example for repair in reading.repairs)


@pytest.mark.parametrize("path", BAD, ids=lambda path: path.stem)
def test_what_is_no_transcript_is_refused_with_the_line_that_does_not_fit(path: Path) -> None:
    sample = parse(path)
    code, line = sample.head["fault"].split(" ")
    with pytest.raises(ContentFault) as caught:
        read_transcript(sample.data)
    assert (caught.value.code, caught.value.line) == (code, int(line))
    assert "WebVTT" in caught.value.hint and "SRT" in caught.value.hint


@pytest.mark.parametrize("path", GOOD, ids=lambda path: path.stem)
def test_what_was_read_is_in_normal_form_and_json_holds_it_without_loss(path: Path) -> None:
    cues = read_transcript(parse(path).data).cues
    again = read_transcript(write_json(cues).encode())
    assert again.cues == cues
    assert again.repairs == ()
    one = (
        1 if len({cue.speaker for cue in cues}) == 1 and cues[0].speaker else 0
    )  # SRT names one who speaks alone once: text to whoever reads it
    for text, more in ((write_vtt(cues), 0), (write_srt(cues), one * len(cues[0].speaker.split()))):
        words = " ".join(cue.text for cue in read_transcript(text.encode()).cues).split()
        assert len(words) - more == sum(len(cue.text.split()) for cue in cues) or ": " in "".join(cue.text for cue in cues)
    assert all(cue.text in " ".join(write_text(cues).split()) for cue in cues)
