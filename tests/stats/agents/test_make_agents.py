"""The list of agents is what the tool makes of a checkout, and each piece stands in whatever its pattern matches."""

from __future__ import annotations

import json
import subprocess
from collections import Counter

import pytest

from publisher.stats.agents.known_agents import KINDS, LIST
from tools.make_agents import FILES, made, pieces_of

LISTS = json.loads(LIST.read_text("utf-8"))


def test_the_tool_makes_the_same_list_of_the_checkout_it_was_made_from(tmp_path):
    (tmp_path / "src").mkdir()
    for name in FILES:
        entries = [{key: value for key, value in entry.items() if key != "pieces"} for entry in LISTS[name]]
        (tmp_path / "src" / f"{name}.json").write_text(json.dumps({"comments": ["…"], "entries": entries}))
    identity = ("-c", "user.name=Ada", "-c", "user.email=ada@small.example")
    for command in (("init", "--quiet"), ("add", "src"), (*identity, "commit", "--quiet", "-m", "List")):
        subprocess.run(["git", "-C", str(tmp_path), *command], check=True, capture_output=True)
    again = made(tmp_path)
    assert {name: again[name] for name in FILES} == {name: LISTS[name] for name in FILES}


def test_a_piece_of_each_entry_stands_in_each_of_its_examples():
    for name in KINDS:
        for entry in LISTS[name]:
            for agent in entry.get("examples", ()):
                assert any(piece in agent for piece in entry["pieces"]), (entry, agent)


@pytest.mark.parametrize(
    ("pattern", "pieces"),
    [
        ("^Acast.+([Aa]ndroid|iOS|Darwin)", ["Aca"]),
        ("ipad|iPad|IPAD", ["IPA", "Pad", "ipa"]),
        ("(abc)?defg", ["def"]),
        ("(abcd)+x", ["abc"]),
        (".+[Bb]rave", ["ave"]),
    ],
)
def test_pieces_are_of_what_every_match_has(pattern, pieces):
    assert pieces_of(pattern, Counter()) == pieces


@pytest.mark.parametrize("pattern", ["ab", "[a-z]+", "abc|x", "(abc)?"])
def test_a_pattern_without_a_piece_is_refused(pattern):
    with pytest.raises(ValueError, match="no piece of 3 letters"):
        pieces_of(pattern, Counter())
