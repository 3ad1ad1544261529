"""The recipes of docs/ci say what their hosts understand, hold no secret, and name what they take by commit.

What their commands do to a bucket is tested in tests/e2e/test_release_job.py and test_many_shows.py.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from publisher.release_job.action import arguments
from tests.support import ROOT, composite_action, recipes
from tests.support.markdown_pages import fences
from tests.support.recipes import ACTIONS, NAMES, RECIPES

EVERY = sorted({*NAMES, *ACTIONS, "systemd/publish.timer"})
SCHEMAS = {
    **dict.fromkeys(ACTIONS, "vendor.github-workflows"),
    "gitlab.yml": "vendor.gitlab-ci",
    "woodpecker.yml": "vendor.woodpecker-ci",
}


def test_the_commands_for_pages_publish_the_sample_show_and_send_nothing_where_the_folder_was_kept(tmp_path):
    show = tmp_path / "home" / "show"
    shutil.copytree(ROOT / "episodes", show / "episodes")
    for file in ("config.toml", "artwork.jpg"):
        shutil.copy(ROOT / file, show)
    environment = {"PATH": f"{Path(sys.prefix) / 'bin'}:/usr/bin:/bin", "HOME": str(show.parent), "LANG": "C.UTF-8"}
    for again in (False, True):
        for script in recipes.jobs("pages.yml")["publish"]:
            done = recipes.run(script, show, environment)
            assert done.status == 0, f"{script}\n{done.stdout}{done.stderr}"
        assert bool(json.loads((show / "publish.json").read_text())["changes"]) is not again
        assert (show / "site" / "feed.xml").read_bytes() == (show / "public" / "feed.xml").read_bytes()
        assert not (show / "site" / "airdate-state").exists(), "what is remembered is not for listeners"


def test_the_folder_of_the_last_run_is_brought_back_before_it_is_published():
    [job] = recipes.documents("pages.yml")[0]["jobs"].values()
    names = [step.get("name") or step["uses"].partition("@")[0] for step in job["steps"]]
    cached = job["steps"][names.index("actions/cache")]["with"]["path"]
    assert cached.split() == ["public", ".airdate-cache"]
    assert names.index("actions/cache") < names.index("Check") < names.index("Publish")


def test_no_two_releases_run_at_once_and_no_recording_is_fetched():
    github, gitlab = recipes.documents("github.yml")[0], recipes.documents("gitlab.yml")[1]
    job = github["jobs"]["publish"]
    assert job["concurrency"] == {"group": "publish", "cancel-in-progress": False}
    assert job["steps"][0]["with"]["lfs"] is False
    publish = gitlab["$[[ inputs.name ]]-publish"]
    assert publish["resource_group"] == "$[[ inputs.name ]]-publish"
    assert {body["variables"]["GIT_LFS_SKIP_SMUDGE"] for body in gitlab.values()} == {"1"}


SHOWS = ("a", "a-b", "a b", "zoë")


@pytest.fixture
def many(tmp_path):
    """A repository with four shows, and how to run git in it."""

    def git(*arguments: str) -> str:
        name = ("-c", "user.name=Ada", "-c", "user.email=ada@small.example", "-c", "commit.gpgsign=false")
        done = subprocess.run(["git", *name, *arguments], cwd=tmp_path / "many", capture_output=True, text=True, check=True, timeout=60)
        return done.stdout.strip()

    for show in SHOWS:
        folder = tmp_path / "many" / "shows" / show
        folder.mkdir(parents=True)
        (folder / "config.toml").write_text(f'[show]\ntitle = "{show}"\n', "utf-8")
    git("init", "--quiet", "--initial-branch", "main")
    git("add", ".")
    git("commit", "--quiet", "--message", "Four shows")
    return git


def changed(folder: Path, before: str) -> list[str]:
    """What the first job of shows.yml hands to the others."""
    [script] = recipes.jobs("shows.yml")["changed"]
    output = folder.parent / "output"
    output.unlink(missing_ok=True)
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(folder.parent),
        "BEFORE": before,
        "GITHUB_OUTPUT": str(output),
        "LANG": "C.UTF-8",
    }
    done = recipes.run(script, folder, environment)
    assert done.status == 0, done.stderr
    [line] = output.read_text("utf-8").splitlines()
    assert line.startswith("shows=")
    return json.loads(line.removeprefix("shows="))


@pytest.mark.parametrize(
    ("file", "shows"),
    [
        ("shows/a/episodes/one/episode.md", ["a"]),
        ("shows/a b/config.toml", ["a b"]),
        ("shows/zoë/config.toml", ["zoë"]),
        ("shows/README.md", []),
        ("requirements.txt", sorted(SHOWS)),
    ],
)
def test_a_push_publishes_the_shows_it_changed_and_all_where_they_share_what_changed(many, tmp_path, file, shows):
    before = many("rev-parse", "HEAD")
    path = tmp_path / "many" / file
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("changed", "utf-8")
    many("add", ".")
    many("commit", "--quiet", "--message", "A change")
    assert sorted(changed(tmp_path / "many", before)) == shows


@pytest.mark.parametrize("before", ["", "0" * 40, "1" * 40], ids=["schedule", "new branch", "forced push"])
def test_all_shows_are_published_where_it_cannot_be_told_what_changed(many, tmp_path, before):
    assert sorted(changed(tmp_path / "many", before)) == sorted(SHOWS)


def test_a_show_that_is_gone_is_not_published(many, tmp_path):
    before = many("rev-parse", "HEAD")
    many("rm", "--quiet", "-r", "shows/a")
    many("commit", "--quiet", "--message", "One less")
    assert changed(tmp_path / "many", before) == []


@pytest.mark.parametrize("name", EVERY)
def test_a_recipe_holds_no_secret_and_no_address_of_a_download(name):
    text = (RECIPES / name).read_text("utf-8")
    assert not re.search(r"AKIA|SECRET_ACCESS_KEY[ ]*[:=][ ]*[^\s$]", text)
    assert re.findall(r"https?://\S+", text) == re.findall(r"https://github\.com/actions/checkout@\w{40}", text)


@pytest.mark.parametrize("name", ACTIONS)
def test_an_action_is_named_by_its_commit_and_a_stranger_s_pull_request_gets_no_keys(name):
    [workflow] = recipes.documents(name)
    assert "pull_request_target" not in (RECIPES / name).read_text("utf-8")
    used = [step["uses"] for job in workflow["jobs"].values() for step in job["steps"] if "uses" in step]
    assert [one for one in used if not re.fullmatch(r"[\w./:-]+@[0-9a-f]{40}", one)] == []
    for step in (step for job in workflow["jobs"].values() for step in job["steps"]):
        assert "${{" not in step.get("run", ""), "what others write reaches a command as an environment variable only"
        if "actions/checkout@" in step.get("uses", ""):
            assert step["with"]["persist-credentials"] is False
    check = workflow["jobs"].get("check")
    if check:
        assert check["if"] == "github.event_name == 'pull_request'"
        assert workflow["jobs"]["publish"]["if"] == "github.event_name != 'pull_request'"
        assert workflow.get("permissions", {}).get("id-token", "none") == "none"
        assert "secrets." not in json.dumps(check)


@pytest.mark.parametrize("name", SCHEMAS)
def test_a_recipe_is_what_its_host_s_schema_allows(name, tmp_path):
    """GitLab's has two documents; the second is judged as it is once the inputs are in it."""
    text = recipes.filled(name) if name == "gitlab.yml" else (RECIPES / name).read_text("utf-8")
    for number, part in enumerate(text.split("\n---\n")):
        (tmp_path / f"{number}.yml").write_text(part, "utf-8")
    program = Path(sys.executable).with_name("check-jsonschema")
    files = sorted(map(str, tmp_path.glob("*.yml")))
    transform = ["--data-transform", "gitlab-ci"] if name == "gitlab.yml" else []
    done = subprocess.run(
        [program, "--builtin-schema", SCHEMAS[name], *transform, *files], capture_output=True, text=True, check=False, timeout=120
    )
    assert done.returncode == 0, done.stdout + done.stderr


def workflows_in(page: str) -> list[dict[str, Any]]:
    """The workflows, whole or in part, that a page shows."""
    text = (RECIPES / page).read_text("utf-8")
    return [YAML(typ="safe").load(body) for kind, body in fences(text) if kind == "yaml"]


WORKFLOWS = [(page, number) for page in ("action.md", "on-time.md") for number in range(len(workflows_in(page)))]


@pytest.mark.parametrize(("page", "number"), WORKFLOWS)
def test_a_workflow_on_a_page_is_what_github_s_schema_allows(page, number, tmp_path):
    shown = {"jobs": {"publish": {"runs-on": "ubuntu-24.04", "steps": [{"run": "true"}]}}} | workflows_in(page)[number]
    (tmp_path / "shown.json").write_text(json.dumps(shown))
    program = Path(sys.executable).with_name("check-jsonschema")
    words = [program, "--builtin-schema", "vendor.github-workflows", tmp_path / "shown.json"]
    done = subprocess.run(words, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_workflow_of_the_action_s_page_gives_it_inputs_and_takes_outputs_that_there_are():
    [whole] = workflows_in("action.md")
    [job] = whole["jobs"].values()
    _, airdate, told = job["steps"]
    action = composite_action.action()
    assert set(airdate["with"]) <= set(action["inputs"])
    assert re.findall(rf"steps\.{airdate['id']}\.outputs\.([\w-]+)", str(told["env"])) == ["next-due"]
    assert "next-due" in action["outputs"] and "${{" not in told["run"]
    words = arguments({"AIRDATE_COMMAND": airdate["with"]["command"]}, planned=False)
    assert words[-6:] == ["--until-due", "30m", "--wait", "10m", "--format", "github"]


def test_the_job_that_keeps_a_repository_alive_pushes_a_commit_that_changes_nothing(many, tmp_path):
    [job] = workflows_in("on-time.md")[1]["jobs"].values()
    [step] = job["steps"]
    many("config", "receive.denyCurrentBranch", "ignore")
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(tmp_path),
        "TOKEN": "t0ken",
        "GITHUB_SERVER_URL": "https://github.example",
        "GITHUB_REPOSITORY": "you/show",
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": f"url.file://{tmp_path}/many.insteadOf",
        "GIT_CONFIG_VALUE_0": "https://x-access-token:t0ken@github.example/you/show",
    }
    done = recipes.run(step["run"], tmp_path, environment)
    assert done.status == 0, done.stdout + done.stderr
    assert many("log", "--format=%an %s", "main").splitlines() == ["keep-alive Still on the air", "Ada Four shows"]
    assert not many("diff", "main~1", "main")


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd-analyze is not installed")
def test_systemd_understands_the_units(tmp_path):
    units = shutil.copytree(RECIPES / "systemd", tmp_path / "units")
    programs = tmp_path / "show" / ".venv" / "bin"
    programs.mkdir(parents=True)
    (programs / "publish").symlink_to("/bin/true")
    done = subprocess.run(
        ["systemd-analyze", "verify", "--user", *sorted(map(str, units.iterdir()))],
        env={"PATH": os.environ["PATH"], "HOME": str(tmp_path), "XDG_RUNTIME_DIR": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert (done.returncode, done.stderr) == (0, "")
