"""`publish explain`: any code that a message carries is explained where Airdate is installed, without a network."""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from publisher.commands.explain import explanations
from tests.support import ROOT


def explain(*words: str) -> subprocess.CompletedProcess[str]:
    command = [str(Path(sys.executable).with_name("publish")), "explain", *words]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("F026", "Directories refuse an empty show"),
        ("f026", "the feed has an episode"),
        ("H001", "asked for by"),
        ("config-missing", "publish init FOLDER"),
        ("REFUSED-GUID", "Put the old"),
    ],
)
def test_a_rule_and_an_error_are_said_in_full(code, words):
    done = explain(code)
    assert (done.returncode, done.stderr) == (0, "")
    assert words in done.stdout


def test_without_a_code_all_are_listed():
    done = explain()
    assert done.returncode == 0
    assert {line.split()[0] for line in done.stdout.splitlines()} == set(explanations())


def test_json_gives_the_parts():
    (document,) = json.loads(explain("F026", "--json").stdout)["codes"]
    assert document["code"] == "F026" and document["severity"] == "error" and document["text"] and document["source"]
    assert "severity" not in json.loads(explain("disk", "--json").stdout)["codes"][0]


def test_a_code_that_is_not_known_ends_with_2_and_the_one_that_was_meant():
    done = explain("config-mising")
    assert done.returncode == 2
    assert "did you mean `config-missing`?" in done.stderr and "publish explain explain-unknown" in done.stderr


def test_every_entry_says_what_and_what_to_do():
    assert [entry.code for entry in explanations().values() if not (entry.title and entry.text)] == []


def test_it_asks_no_network():
    watched = """
import runpy, sys
def refuse(event, _):
    if event in ("socket.connect", "socket.getaddrinfo", "socket.sendto"):
        raise SystemExit("the network is asked: " + event)
sys.addaudithook(refuse)
sys.argv = ["publish", "explain", "F026"]
runpy.run_module("publisher.cli", run_name="__main__")
"""
    done = subprocess.run([sys.executable, "-c", watched], capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (0, "") and "F026" in done.stdout


def test_nothing_that_people_are_told_names_a_page_that_is_not_installed():
    told = [entry.code for entry in explanations().values() if "docs/" in f"{entry.title} {entry.text}"]
    for path in (path for package in ("feed", "publisher") for path in (ROOT / package).rglob("*.py")):
        tree = ast.parse(path.read_text("utf-8"))
        said = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}  # docstrings
        texts = (node for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in said)
        told += [f"{path.name}:{node.lineno}" for node in texts if re.search(r"\bdocs/(?!\d)", node.value)]
    assert told == []
