"""Every reader takes time in proportion to its input: doubled five times, the steps it takes at most double, too.

Counted are lines of our code that run, and characters handed to functions: a text that grows and is copied for each line shows there.
"""

from __future__ import annotations

import itertools
import json
import sys
from typing import TYPE_CHECKING, Any

import pytest

from feed.transcript.reading import read_transcript

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType

OUR_CODE = "/feed/"
DOUBLED = (20, 40, 80, 160, 320, 640)
SPOKEN = "so we sow the beans"


def clock(seconds: float) -> str:
    return f"{int(seconds) // 3600:02}:{int(seconds) // 60 % 60:02}:{seconds % 60:06.3f}"


def rows(count: int, write: Callable[[int], str]) -> str:
    return "\n".join(write(number) for number in range(count))


def timed(number: int, text: str) -> str:
    return f"{clock(number * 2)} --> {clock(number * 2 + 1.9)}\n{text}\n"


INPUTS: dict[str, Callable[[int], str]] = {
    "WebVTT": lambda count: "WEBVTT\n\n" + rows(count, lambda number: timed(number, SPOKEN)),
    "WebVTT, one cue of many paragraphs": lambda count: f"WEBVTT\n\n{timed(0, SPOKEN)}\n" + f"{SPOKEN}\n\n" * count,
    "WebVTT, one cue of many lines": lambda count: f"WEBVTT\n\n{timed(0, SPOKEN)}" + f"{SPOKEN}\n" * count,
    "WebVTT, many voices in a cue": lambda count: f"WEBVTT\n\n{timed(0, rows(count, lambda number: f'<v N{number}>{SPOKEN}'))}",
    "WebVTT, many times in a cue": lambda count: "WEBVTT\n\n" + timed(0, rows(count, lambda number: f"<{clock(number)}><c>bean</c>")),
    "WebVTT, marks that never end": lambda count: f"WEBVTT\n\n{timed(0, rows(count, lambda _: '<v <c <b &amp &'))}",
    "WebVTT, comments": lambda count: "WEBVTT\n\n" + "NOTE x\ny\n\n" * count + timed(0, SPOKEN),
    "WebVTT, rolling": lambda count: "WEBVTT\n\n" + rows(count, lambda number: timed(number, f"line {number}\nline {number + 1}")),
    "WebVTT, growing": lambda count: (
        "WEBVTT\n\n" + rows(count, lambda number: timed(number, "<c>" + " ".join(f"w{word}" for word in range(number % 9 + 1)) + "</c>"))
    ),
    "SRT": lambda count: rows(count, lambda number: f"{number + 1}\n{timed(number, SPOKEN)}".replace(".", ",")),
    "SRT, one card of many lines": lambda count: f"1\n{timed(0, SPOKEN)}".replace(".", ",") + f"{SPOKEN}\n" * count,
    "SRT, a long preface": lambda count: f"{SPOKEN}\n" * count + f"1\n{timed(0, SPOKEN)}".replace(".", ","),
    "SRT, one start": lambda count: rows(count, lambda number: timed(0, f"{SPOKEN} {number}")),
    "SRT, labels": lambda count: rows(count, lambda number: timed(number, f"Name{number % 97}: {SPOKEN}")),
    "SRT, two labels in a card": lambda count: timed(0, rows(count, lambda number: f"Name{number % 7}: {SPOKEN}")),
    "stamped": lambda count: rows(count, lambda number: f"[{clock(number)}] {SPOKEN}"),
    "stamped, one long section": lambda count: f"[00:01] {SPOKEN}\n" + f"{SPOKEN}\n" * count,
    "stamped, many paragraphs": lambda count: f"[00:01] {SPOKEN}\n" + f"\n{SPOKEN}\n" * count + f"[00:09] {SPOKEN}",
    "Otter": lambda count: rows(count, lambda number: f"Ann Lee  {number // 60}:{number % 60:02}\n{SPOKEN}\n"),
    "Otter, one long turn": lambda count: "Ann Lee  0:05\n" + f"{SPOKEN}\n" * count,
    "Otter, one turn of many blanks": lambda count: f"Ann Lee  0:05\n{SPOKEN}" + "\n" * count + SPOKEN,
    "Descript": lambda count: "Ann: " + rows(count, lambda number: f"so [{clock(number)}] {SPOKEN}"),
    "HTML": lambda count: "<html>" + rows(count, lambda number: f"<cite>Ann:</cite><time>{clock(number)}</time><p>{SPOKEN}</p>"),
    "HTML, one paragraph": lambda count: "<html><time>0:01</time><p>" + f"{SPOKEN}<br>" * count,
    "JSON": lambda count: json.dumps(
        {"segments": [{"startTime": 2 * number, "endTime": 2 * number + 1, "body": f"{SPOKEN} {number}"} for number in range(count)]}
    ),
    "JSON, words": lambda count: json.dumps(
        {"words": [{"word": "bean", "start": number / 2, "end": number / 2} for number in range(count)]}
    ),
    "JSON of a service": lambda count: json.dumps(
        {
            "words": [
                {"text": "bean,", "start": number * 500, "end": number * 500, "confidence": 1, "speaker": "A"} for number in range(count)
            ]
        }
    ),
    "JSON of a service, marks": lambda count: json.dumps(
        {
            "results": {
                "speaker_labels": {"segments": [{"items": [{"start_time": str(number), "speaker_label": "s"}]} for number in range(count)]},
                "items": [
                    {"type": "pronunciation", "start_time": "1", "alternatives": [{"content": "bean"}]},
                    *({"type": "punctuation", "alternatives": [{"content": "!"}]} for _ in range(count)),
                ],
            }
        }
    ),
    "JSON of YouTube": lambda count: json.dumps(
        {"events": [{"tStartMs": number * 500, "dDurationMs": 900, "segs": [{"utf8": SPOKEN}]} for number in range(count)]}
    ),
    "TSV": lambda count: "start\tend\ttext\n" + rows(count, lambda number: f"{number * 500}\t\t{SPOKEN}"),
    "TTML": lambda count: (
        "<tt><body><div>"
        + rows(count, lambda number: f'<p begin="{number}s" end="{number + 1}s">{SPOKEN}<br/>x</p>')
        + "</div></body></tt>"
    ),
    "TTML, one paragraph of many words": lambda count: (
        '<tt><body><p begin="1s"><span unit="sentence">' + '<span unit="word" begin="1s">bean</span>' * count + "</span></p></body></tt>"
    ),
    "ASS": lambda count: (
        "[Events]\n" + rows(count, lambda number: f"Dialogue: 0,{clock(number)},{clock(number + 1)},,,0,0,0,,{{x}}{SPOKEN}{{")
    ),
    "ASS, one long line": lambda count: f"[Events]\nDialogue: 0,{clock(1)},{clock(2)},,,0,0,0,," + "{\\i1}bean" * count,
    "SBV": lambda count: rows(count, lambda number: f"{clock(number * 2)},{clock(number * 2 + 1.9)}\n{SPOKEN}\n"),
    "SBV, one card of many lines": lambda count: f"0:00:01.000,0:00:02.000\n{SPOKEN}\n" + f"{SPOKEN}\n" * count,
    "JSON, Chinese words": lambda count: json.dumps(
        {"words": [{"word": "豆", "start": number / 2, "end": number / 2} for number in range(count)]}
    ),
}


def steps(text: str) -> int:
    """Lines of our code that run while a transcript is read, and characters of texts made on the way and handed to functions."""
    counted = 0
    last: dict[tuple[object, str], object] = {}

    def size(value: object) -> int:
        if isinstance(value, (str, bytes)):
            return len(value)
        return sum(len(part) for part in value.values() if isinstance(part, str)) if isinstance(value, dict) else 0

    def trace(frame: FrameType, event: str, _argument: Any) -> Any:
        nonlocal counted
        counted += 1
        if event != "call":
            return trace
        code, here = frame.f_code, frame.f_locals
        handed = code.co_argcount + code.co_kwonlyargcount + bool(code.co_flags & 4) + bool(code.co_flags & 8)
        for name in code.co_varnames[:handed]:
            value = here.get(name)
            if value is not last.get((code, name)):  # else the same text once more, which costs nothing
                counted += size(value)
                last[code, name] = value
        return trace if OUR_CODE in code.co_filename else None

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        read_transcript(text.encode())
    finally:
        sys.settrace(before)
    return counted


@pytest.mark.parametrize("name", INPUTS)
def test_twice_the_input_takes_at_most_twice_the_steps(name):
    make = INPUTS[name]
    read_transcript(make(DOUBLED[0]).encode())  # what is imported and compiled once
    counted = [steps(make(count)) for count in DOUBLED]
    assert all(more < 2.4 * less for less, more in itertools.pairwise(counted)), counted
