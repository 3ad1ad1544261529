"""Tests in two processes: what is marked `alone` has the machine to itself."""

from __future__ import annotations

import subprocess
import sys

from tests.support import ROOT

TESTS = """\
import pathlib
import time

import pytest


@pytest.mark.parametrize("number", range(6))
@pytest.mark.{mark}
def test_something(number):
    began = time.monotonic()
    time.sleep(0.1)
    with pathlib.Path("times").open("a") as times:
        times.write(f"{mark} {{began}} {{time.monotonic()}}\\n")
"""


def test_nothing_runs_beside_a_test_that_is_alone_and_every_test_gets_its_turn(tmp_path):
    for name, mark in (("a", "beside"), ("b", "alone"), ("c", "alone"), ("d", "beside")):
        (tmp_path / f"test_{name}.py").write_text(TESTS.format(mark=mark))
    command = [sys.executable, "-m", "pytest", "-c", "/dev/null", "-W", "ignore", "-p", "tests.support.turns", "-p", "no:cacheprovider"]
    command += ["-n", "2", "--dist", "loadfile", "--rootdir", tmp_path, f"--basetemp={tmp_path / 'base'}", tmp_path]
    done = subprocess.run(
        command,
        cwd=tmp_path,
        env={"PATH": "/usr/bin:/bin", "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert "24 passed" in done.stdout, done.stdout + done.stderr
    ran = [(mark, float(began), float(ended)) for mark, began, ended in map(str.split, (tmp_path / "times").read_text().splitlines())]
    alone = [(began, ended) for mark, began, ended in ran if mark == "alone"]
    assert len(alone) == 12
    beside = [one for one in ran for began, ended in alone if one[1] < ended and one[2] > began and one[1:] != (began, ended)]
    assert beside == []
