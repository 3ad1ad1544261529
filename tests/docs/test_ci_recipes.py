"""The recipes of docs/ci do what they say: their very commands, run in a home of their own on a copy of the sample show."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from tests.support import ROOT

RECIPES = ROOT / "docs" / "ci"
INSTALL = re.compile(r"(?:\.venv/bin/)?python3? -m (?:pip install|venv)\b.*")


def steps(name: str) -> list[str]:
    """The shell commands of a recipe, in their order, without those that install."""
    text = (RECIPES / name).read_text()
    if name in ("github.yml", "pages.yml"):
        lines = [step["run"] for step in YAML(typ="safe").load(text)["jobs"]["publish"]["steps"] if "run" in step]
    elif name == "gitlab.yml":
        jobs = YAML(typ="safe").load(text)
        lines = [line for part in (jobs["default"]["before_script"], jobs["check"]["script"], jobs["publish"]["script"]) for line in part]
    else:
        cron = re.findall(r"^\S+ +\S+ +\* +\* +\* +(.+)$", text, re.MULTILINE)
        shell = [line for block in re.findall(r"```sh\n(.*?)```", text, re.DOTALL) for line in block.splitlines()]
        lines = [*shell[:3], *cron, *shell[3:]]
    return [line for line in lines if not INSTALL.fullmatch(line)]


@pytest.mark.parametrize("name", ["github.yml", "pages.yml", "gitlab.yml", "cron.md"])
def test_the_very_commands_publish_the_show(name, tmp_path):
    show = tmp_path / "home" / "show"
    shutil.copytree(ROOT / "episodes", show / "episodes")
    for file in ("config.toml", "artwork.jpg"):
        shutil.copy(ROOT / file, show)
    (show / ".venv").symlink_to(Path(sys.prefix))
    environment = {"PATH": f"{Path(sys.prefix) / 'bin'}:/usr/bin:/bin", "HOME": str(show.parent), "LANG": "C.UTF-8"}
    ran = []
    for command in steps(name):
        fresh = "--fresh" in command  # the address of the sample show leads nowhere, so nothing can be said of what it serves
        done = subprocess.run(
            ["bash", "-eo", "pipefail", "-c", command],
            cwd=show,
            env=environment,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
            stdin=subprocess.DEVNULL,
        )
        said = done.stderr + ((show / "publish.log").read_text() if (show / "publish.log").exists() else "")
        assert done.returncode == (4 if fresh else 0), f"{command}\n{done.stdout}{said}"
        ran.append(command)
    assert any("publish --yes --json" in command for command in ran)
    assert json.loads((show / "publish.json").read_text())
    assert (show / "public" / "feed.xml").is_file()


def test_the_folder_of_the_last_run_is_brought_back_before_it_is_published():
    steps = YAML(typ="safe").load((RECIPES / "pages.yml").read_text())["jobs"]["publish"]["steps"]
    cached = [step.get("with", {}).get("path") for step in steps if "actions/cache@" in step.get("uses", "")]
    assert cached == ["public"]
    assert [step.get("uses", "").partition("@")[0] for step in steps].index("actions/cache") < [step.get("name") for step in steps].index(
        "Check"
    )


def test_no_two_releases_run_at_once_and_no_recording_is_fetched():
    github = YAML(typ="safe").load((RECIPES / "github.yml").read_text())
    gitlab = YAML(typ="safe").load((RECIPES / "gitlab.yml").read_text())
    assert github["concurrency"] == {"group": "publish", "cancel-in-progress": False}
    assert github["jobs"]["publish"]["steps"][0]["with"] == {"lfs": False}
    assert gitlab["publish"]["resource_group"] == "publish"
    assert gitlab["variables"]["GIT_LFS_SKIP_SMUDGE"] == "1"


@pytest.mark.parametrize("name", ["github.yml", "pages.yml", "gitlab.yml", "cron.md"])
def test_recipes_hold_no_secret_and_no_download_address(name):
    text = (RECIPES / name).read_text()
    assert not re.search(r"https?://|AKIA|SECRET_ACCESS_KEY\s*[:=]\s*\S", text)


def test_the_machine_that_runs_this_has_bash():
    assert shutil.which("bash"), os.environ.get("PATH")
