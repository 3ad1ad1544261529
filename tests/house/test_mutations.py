"""The tool that breaks conditions: what it breaks, what notices, and that it says so."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
CODE = """\
import sys


def dear(price):
    return price > 10


def size(count):
    if count == 1:
        return "one"
    return "many"


def climb(height):
    while height < 10:
        height += min(1, 10 - height)
    return f"{'top' if height == 10 else 'over'}"


def unknown(word):
    return "a" if word in ("apple", "egg") else "an"
"""
TESTS = """\
from toy.shop import climb, dear


def test_what_is_dear():
    assert dear(100) and not dear(1)  # the boundary itself is never tried


def test_climbing_ends_at_the_top():
    assert climb(3) == "top"


def test_that_always_fails():
    assert not dear(100)
"""
ELSEWHERE = """\
import subprocess
import sys


def test_the_size_of_one_in_another_process():
    assert subprocess.check_output([sys.executable, "-c", "from toy.shop import size; print(size(1))"], text=True) == "one\\n"
"""


@pytest.fixture(scope="module")
def toy(tmp_path_factory):
    root = tmp_path_factory.mktemp("toy")
    (root / "toy").mkdir()
    (root / "toy" / "__init__.py").touch()
    (root / "toy" / "shop.py").write_text(CODE)
    (root / "tests" / "toy").mkdir(parents=True)
    (root / "tests" / "toy" / "test_shop.py").write_text(TESTS)
    (root / "tests" / "elsewhere").mkdir()
    (root / "tests" / "elsewhere" / "test_process.py").write_text(ELSEWHERE)
    return root


def run(root, *arguments):
    command = [sys.executable, str(ROOT / "tools" / "mutations.py"), "--root", str(root), "--rooms", "toy", *arguments]
    environment = {**os.environ, "MUTATIONS_PATIENCE": "8"}
    return subprocess.run(command, check=False, env=environment, capture_output=True, text=True, timeout=300)


def test_each_condition_is_listed_with_the_test_that_notices_or_as_a_survivor(toy):
    ended = run(toy, "1")
    assert ended.returncode == 0, ended.stderr
    rows = dict(re.findall(r"^\| toy/shop\.py:(\d+ \| .*) \| (.*) \|$", ended.stdout, re.MULTILINE))
    here = "tests/toy/test_shop.py::test_"
    assert rows["5 | `price > 10` → `price >= 10`"] == "**survived**"
    assert rows["9 | `count == 1` → `count != 1`"] == "tests/elsewhere/test_process.py::test_the_size_of_one_in_another_process"
    assert rows["15 | `height < 10` → `height <= 10`"] == here + "climbing_ends_at_the_top (hangs)"
    assert rows["17 | `height == 10` → `height != 10`"] == here + "climbing_ends_at_the_top"
    assert rows["21 | `word in ('apple', 'egg')` → `word not in ('apple', 'egg')`"] == "**survived**"
    assert "3 of 5 are noticed" in ended.stdout
    assert "fail without any break, and notice nothing: tests/toy/test_shop.py::test_that_always_fails" in ended.stdout
    assert (toy / "toy" / "shop.py").read_text() == CODE


def test_the_same_seed_draws_the_same_and_too_few_noticed_is_a_failure(toy):
    first, second = run(toy, "3", "--places", "2"), run(toy, "3", "--places", "2", "--least", "3")
    assert first.stdout == second.stdout
    assert (first.returncode, second.returncode) == (0, 1)
    assert "recording" not in second.stderr
