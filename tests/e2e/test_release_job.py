"""The recipes of docs/ci against a bucket: twice, on a clone without recordings, without a terminal; faults have their status."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support import ROOT
from tests.support.e2e_show import Bucket, bucket_show, clean_environment, program
from tests.support.show_factory import Show, recording


def steps(name: str) -> list[str]:
    """The shell commands of a recipe that run the program."""
    import re

    from ruamel.yaml import YAML

    text = (ROOT / "docs" / "ci" / name).read_text()
    if name == "github.yml":
        lines = [step.get("run", "") for step in YAML(typ="safe").load(text)["jobs"]["publish"]["steps"]]
    elif name == "gitlab.yml":
        jobs = YAML(typ="safe").load(text)
        lines = [*jobs["check"]["script"], *jobs["publish"]["script"]]
    else:
        lines = re.findall(r"^\S+ +\S+ +\* +\* +\* +(.+)$", text, re.MULTILINE)
    return [line for line in lines if "publish " in line and "--fresh" not in line]


def job(folder: Path, name: str, place: Bucket, **more: str) -> list[int]:
    """The statuses of a recipe's commands in a clean home; like a runner, stops at the first that fails."""
    statuses = []
    for command in steps(name):
        done = subprocess.run(
            ["bash", "-eo", "pipefail", "-c", command],
            cwd=folder,
            env=clean_environment(folder.parent, place.server.endpoint) | more,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=120,
            check=False,
        )
        statuses.append(done.returncode)
        if done.returncode:
            break
    return statuses


def runner(show: Show, home: Path) -> Show:
    """A fresh checkout without recordings in a home of its own, the program installed as the recipes say."""
    clone = show.copy(home / "show", audio=False)
    (clone.folder / ".venv").symlink_to(Path(sys.prefix))
    return clone


@pytest.mark.parametrize("name", ["github.yml", "gitlab.yml", "cron.md"])
def test_the_job_publishes_a_change_of_text_without_any_recording_and_sends_nothing_the_second_time(name, place, warm, tmp_path):
    show = bucket_show(tmp_path / "desk", place.name, site=place.url)
    show.episode()
    show.episode("2026-05-08-second", date="2026-05-08T06:00:00+02:00")
    assert warm.run(show, "--yes", endpoint=place.server.endpoint).status == 0
    media = {key for key in place.listed() if key.startswith("media/")}
    show.edit("2026-05-01-first", "Some notes.", "Better notes.")
    first = runner(show, tmp_path / "runner-1")
    assert job(first.folder, name, place) == [0] * len(steps(name))
    done = json.loads((first.folder / "publish.json").read_text())
    assert "episodes/first.html" in [change["key"] for change in done["changes"] if change["reason"] == "content"]
    assert b"Better notes." in place.get("feed.xml")
    assert {key for key in place.listed() if key.startswith("media/")} == media
    second = runner(show, tmp_path / "runner-2")
    before = place.objects()
    assert job(second.folder, name, place) == [0] * len(steps(name))
    done = json.loads((second.folder / "publish.json").read_text())
    assert (done["changes"], done["bytes_sent"]) == ([], 0)
    assert place.objects() == before


@pytest.mark.parametrize(
    ("fault", "status"),
    [("an invalid episode", 3), ("a wrong key", 4), ("no such bucket", 4), ("an episode gone", 5)],
)
def test_a_fault_ends_the_job_with_its_status_and_nothing_changed(fault, status, place, warm, tmp_path):
    show = bucket_show(tmp_path / "desk", place.name, site=place.url)
    show.episode()
    show.episode("2026-05-08-second", date="2026-05-08T06:00:00+02:00")
    assert warm.run(show, "--yes", endpoint=place.server.endpoint).status == 0
    before = place.objects()
    clone = runner(show, tmp_path / "runner")
    more = {}
    if fault == "an invalid episode":
        clone.edit("2026-05-01-first", "title =", "titel =")
    elif fault == "a wrong key":
        more = {"AWS_SECRET_ACCESS_KEY": "not the one"}
    elif fault == "no such bucket":
        clone.configure(f"s3://{place.name}", "s3://no-such-bucket-here")
    else:
        clone.remove("2026-05-01-first")
    assert job(clone.folder, "cron.md", place, **more) == [status]
    assert json.loads((clone.folder / "publish.json").read_text())["status"] == status
    assert place.objects() == before


def test_what_is_served_wrong_is_status_6(place, tmp_path):
    show = bucket_show(tmp_path / "desk", place.name, site=f"{place.server.endpoint}/somewhere-else")
    show.episode(audio=recording(15.0))
    outcome = program(show, "--yes", "--json", endpoint=place.server.endpoint)
    assert outcome.status == 6, outcome.stderr
    assert place.get("feed.xml")


def test_a_daily_show_that_serves_nothing_new_is_status_6(place, warm, tmp_path):
    show = bucket_show(tmp_path / "desk", place.name, site=place.url)
    show.episode(date="2026-05-31T18:00:00+02:00")
    assert warm.run(show, "--yes", endpoint=place.server.endpoint).status == 0
    fresh = ("status", "--fresh", "26h", "--quiet")
    assert warm.run(show, *fresh, endpoint=place.server.endpoint).status == 0
    outcome = warm.run(show, *fresh, endpoint=place.server.endpoint, now="2026-06-01T18:00:01+00:00")
    assert outcome.status == 6
    assert "26 hours" in outcome.stderr
