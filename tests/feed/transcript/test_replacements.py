"""Names put right, with their case, once, and only as whole words."""

from __future__ import annotations

import time

import pytest

from feed.model import Cue
from feed.transcript.reading import read_transcript
from feed.transcript.replacements import Replacement, apply_replacements
from feed.transcript.writers import write_json, write_srt, write_text, write_vtt
from tests.support.seeds import SEEDS, needs_seeds


def mended(text: str, rules: dict[str, str]) -> str:
    (cue,), _ = apply_replacements([Cue(start=0, end=1, text=text)], rules, {})
    return cue.text


@pytest.mark.parametrize(
    ("text", "rules", "expected"),
    [
        ("Carpathy said", {"Carpathy": "Karpathy"}, "Karpathy said"),
        ("CARPATHY SAID", {"Carpathy": "Karpathy"}, "KARPATHY SAID"),
        ("and carpathy said", {"Carpathy": "Karpathy"}, "and karpathy said"),
        ("and carpathy said", {"carpathy": "Karpathy"}, "and Karpathy said"),
        ("Deep mind wins", {"deep mind": "DeepMind"}, "DeepMind wins"),
        ("Car path carpathyan", {"car": "bus", "carpathy": "x"}, "Bus path carpathyan"),
        ("cars and a car.", {"car": "bus"}, "cars and a bus."),
        ("Open AI Studio, Open AI", {"Open AI": "OpenAI", "Open AI Studio": "Studio"}, "Studio, OpenAI"),
        ("a b", {"a": "b", "b": "a"}, "b a"),
        ("Mackenzie's plan", {"Mackenzie": "McKinsey"}, "McKinsey's plan"),
        ("O’Brian came", {"O'Brian": "O'Brien"}, "O'Brien came"),
        ("c++ and .net (x)", {"c++": "C++", ".net": ".NET"}, "C++ and .NET (x)"),
        ("ÄRGER mit ärger", {"Ärger": "Öl"}, "ÖL mit öl"),
        ("nothing", {}, "nothing"),
        ("nothing", {"": "x", "  ": "y"}, "nothing"),
        ("just um this", {"um": ""}, "just this"),
    ],
)
def test_a_rule_applies_to_whole_words_and_keeps_the_case(text: str, rules: dict[str, str], expected: str) -> None:
    assert mended(text, rules) == expected


def test_the_report_counts_each_rule_that_was_used_in_the_order_of_the_rules() -> None:
    cues = [Cue(start=0, end=1, text="Foo bar foo"), Cue(start=1, end=2, text="FOO")]
    assert apply_replacements(cues, {"qux": "x", "bar": "baz", "foo": "fu"}, {})[1] == (
        Replacement(wrong="bar", right="baz", count=1),
        Replacement(wrong="foo", right="fu", count=3),
    )


def test_voices_become_names_and_unknown_ones_stay() -> None:
    cues = [Cue(start=0, end=1, text="a", speaker=name) for name in ("SPEAKER_00", "speaker_01", "Guest", "")]
    named, _ = apply_replacements(cues, {}, {"SPEAKER_00": "Emma", "SPEAKER_01": "Jonas"})
    assert [cue.speaker for cue in named] == ["Emma", "Jonas", "Guest", ""]


def test_a_rule_never_empties_a_cue() -> None:
    assert mended("um", {"um": ""}) == "um"


def test_a_thousand_rules_are_one_pass() -> None:
    rules = {f"{chr(97 + number % 26)}wrong{number}": f"right{number}" for number in range(1000)}
    cues = [Cue(start=number, end=number + 1, text="the quick brown fox jumps awrong0 over it " * 3) for number in range(500)]
    begin = time.process_time()
    _, done = apply_replacements(cues, rules, {})
    assert done == (Replacement(wrong="awrong0", right="right0", count=1500),)
    assert time.process_time() - begin < 5  # a rule after the other takes minutes


@needs_seeds
def test_one_table_mends_every_spelling_of_the_names_in_two_real_transcripts():
    table = {
        "Carpathy": "Karpathy",
        "Carpathie": "Karpathy",
        "Metta": "Meta",
        "Meto": "Meta",
        "McKinzie": "McKinsey",
        "Mackenzie": "McKinsey",
    }
    mended: dict[str, int] = {}
    for name, duration in (("000_7009488f9fc2abd8", 1152), ("004_261584d3dcf49f01", 1088)):
        reading = read_transcript((SEEDS / f"{name}.txt").read_bytes(), duration=duration)
        cues, replacements = apply_replacements(reading.cues, table, {})
        mended |= {item.wrong: item.count for item in replacements}
        assert len(cues) == len(reading.cues)
        assert not any(wrong.lower() in write(cues).lower() for wrong in table for write in (write_vtt, write_srt, write_json, write_text))
    assert mended.keys() == table.keys()
