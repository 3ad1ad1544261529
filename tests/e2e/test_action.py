"""action.yml: each of its steps as written, in a clean home, on a real bucket: pushes, schedules, pull requests of strangers."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.support import ROOT, composite_action, servers
from tests.support.e2e_show import Bucket, bucket_show
from tools import lock, release_check

if TYPE_CHECKING:
    from tests.support.composite_action import Job
    from tests.support.show_factory import Show

POINTER = (
    b"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393\nsize 12345\n"
)
HOSTILE = "Deal\\n::error::owned ##[add-mask]x <img src=x onerror=alert(1)> [a](javascript:b) @everyone %0A::warning::b"


def environment(home: Path, event: str, ref: str = "refs/heads/main") -> dict[str, str]:
    """What a runner's job has that began so."""
    home.mkdir(parents=True, exist_ok=True)
    told = home / "event.json"
    told.write_text(json.dumps({"repository": {"default_branch": "main"}}))
    return {
        "PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin",
        "HOME": str(home),
        "LANG": "C.UTF-8",
        "GITHUB_EVENT_NAME": event,
        "GITHUB_EVENT_PATH": str(told),
        "GITHUB_REF": ref,
    }


def keys(place: Bucket) -> dict[str, str]:
    return {
        "AWS_ACCESS_KEY_ID": servers.KEY,
        "AWS_SECRET_ACCESS_KEY": servers.SECRET,
        "AWS_ENDPOINT_URL_S3": place.server.endpoint,
    }


@pytest.fixture(scope="module")
def runner(tmp_path_factory) -> Path:
    """A runner on which the step Install ran, as it is written."""
    place = tmp_path_factory.mktemp("runner")
    home = tmp_path_factory.mktemp("install-home")
    clean = release_check.passed_on() | environment(home, "push")
    done = composite_action.run(home, place, clean, {"python": sys.executable}, steps=("Install",))
    assert done.status == 0, done.said
    return place


@pytest.fixture
def show(place: Bucket, tmp_path) -> Show:
    """A show's repository, at the time it is."""
    show = bucket_show(tmp_path / "desk", place.name, site=place.url)
    show.episode()
    return show


@pytest.fixture
def job(runner, place, tmp_path):
    """Run the step Publish on a show as a job that began by `event`."""

    def begin(show: Show, event: str = "push", *, with_keys: bool = True, ref: str = "refs/heads/main", **inputs: str) -> Job:
        job_environment = environment(tmp_path / "home", event, ref) | (keys(place) if with_keys else {})
        return composite_action.run(show.folder, runner, job_environment, inputs, steps=("Publish",))

    return begin


def test_what_was_installed_is_what_is_locked_and_nothing_of_the_checkout_is_run(runner):
    python = runner / "airdate" / "bin" / "python"
    there = release_check.run([python, "-I", "-m", "pip", "freeze", "--all", "--exclude", "airdate", "--exclude", "pip"])
    versions = {
        name.lower().replace("_", "-").replace(".", "-"): version for name, _, version in (line.partition("==") for line in there.split())
    }
    wanted = {}
    for part in ("build", "run"):
        wanted |= {
            name.replace(".", "-"): version for name, (version, _) in lock.locked((ROOT / "locked" / f"{part}.txt").read_text()).items()
        }
    assert versions == wanted


def test_a_push_publishes_and_the_second_sends_nothing(job, show, place):
    first = job(show)
    assert first.status == 0, first.said
    assert place.get("feed.xml")
    assert first.outputs["published"] == first.outputs["changed"] == "true"
    assert first.outputs["feed-url"] == f"{place.url}/feed.xml"
    assert "First" in first.outputs["plan"]
    assert "What was published" in first.summary
    before = place.objects()
    second = job(show)
    assert second.status == 0, second.said
    assert (second.outputs["published"], second.outputs["changed"]) == ("false", "false")
    assert place.objects() == before


def test_a_schedule_publishes_and_tells_what_is_due_next(job, show):
    show.episode("2099-01-01-later", date="2099-01-01T06:00:00+01:00")
    done = job(show, "schedule", command="publish --until-due 5m")
    assert done.status == 0, done.said
    assert done.outputs["next-due"] == "2099-01-01T06:00:00+01:00"


@pytest.mark.parametrize("inputs", [{"dry-run": "true"}, {"dry-run": "true", "command": "stage"}])
def test_a_dry_run_writes_nothing_and_its_plan_is_in_the_summary(job, show, place, inputs):
    done = job(show, **inputs)
    assert done.status == 0, done.said
    assert place.listed() == set()
    assert "What this publishes" in done.summary
    assert (done.outputs["published"], done.outputs["changed"]) == ("false", "true")


@pytest.mark.parametrize("with_keys", [True, False])
def test_a_pull_request_is_planned_without_keys_and_held_against_the_served_feed(job, show, place, with_keys):
    assert job(show).status == 0
    before = place.objects()
    show.write("episodes/2026-05-01-first/audio.mp3", POINTER)  # published: no recording is needed
    show.episode("2026-05-08-second", date="2026-05-08T06:00:00+02:00")
    done = job(show, "pull_request", ref="refs/pull/7/merge", with_keys=with_keys, command="publish --until-due 5m")
    assert done.status == 0, done.said
    assert place.objects() == before
    assert "**new episode**: “Second”" in done.summary
    assert "First" not in done.summary
    assert "Compared with" in done.summary
    assert not [line for line in done.commands if "audio" in line]
    assert (done.outputs["published"], done.outputs["changed"]) == ("false", "true")


def test_a_pull_request_of_a_show_that_nobody_serves_says_that_nothing_was_compared(job, show):
    done = job(show, "pull_request", with_keys=False)
    assert done.status == 0, done.said
    assert "Nothing could be compared" in done.summary


def test_a_push_to_another_branch_is_planned_alone(job, show, place):
    assert job(show, ref="refs/heads/idea").status == 0
    assert place.listed() == set()


def test_a_pull_request_with_keys_is_refused(job, show, place):
    done = job(show, "pull_request_target")
    assert done.status == 2
    assert done.commands[0].startswith("::error title=event::pull_request_target is refused")
    assert place.listed() == set()


def test_a_fault_is_an_annotation_on_its_file_and_line_as_the_repository_names_it(job, show, tmp_path, runner, place):
    repository = tmp_path / "repository"
    inner = show.copy(repository / "shows" / "one")
    inner.edit("2026-05-01-first", 'title = "First"', 'title = "First"\ntitel = "x"\nseason = -1')
    for event in ("push", "pull_request"):
        done = composite_action.run(
            repository, runner, environment(tmp_path / "home", event) | keys(place), {"config": "shows/one/config.toml"}, steps=("Publish",)
        )
        assert done.status == 3, done.said
        assert any(
            re.match(r"::error file=shows/one/episodes/2026-05-01-first/episode\.md,line=\d+,title=", line) for line in done.commands
        )
        assert "What was found" in done.summary
        assert done.outputs["published"] == "false"


@pytest.mark.parametrize("event", ["push", "pull_request"])
def test_titles_are_neither_commands_nor_markup(job, show, event):
    show.episode("2026-05-08-deal", title=HOSTILE, date="2026-05-08T06:00:00+02:00")
    show.episode("2026-05-09-mine", title="::stop-commands::x", date="2026-05-09T06:00:00+02:00")
    done = job(show, event)
    assert all(
        line.startswith(("::error file=", "::warning file=", "::notice file=", "::error title=", "::warning title="))
        for line in done.commands
    )
    assert done.status == 0, done.said
    for text in (done.summary, done.outputs["plan"]):
        assert "owned" in text
        assert "<img" not in text.replace("\\<img", "")
        assert not re.search(r"(?<!\\)\]\(", text)
        assert "@everyone" not in text


def test_another_command_is_run_with_its_options(job, show, place):
    done = job(show, command="check --strict", strict="true")
    assert done.status in (0, 3), done.said
    assert place.listed() == set()


def test_inputs_are_words_and_never_shell(job, show, tmp_path):
    done = job(show, config="config.toml; touch pwned", command='publish --now "$(touch pwned)"')
    assert done.status != 0
    assert not list(tmp_path.rglob("pwned"))


@pytest.mark.parametrize(
    ("inputs", "named"),
    [({"dry-run": "yes"}, "dry-run"), ({"dry-run": "1"}, "dry-run"), ({"strict": "on"}, "strict"), ({"command": 'publish "'}, "command")],
)
def test_an_input_that_cannot_be_read_stops_the_job_and_is_named(job, show, place, inputs, named):
    done = job(show, **inputs)
    assert done.status == 2, done.said
    assert f"::error title=input::the input {named}" in done.said
    assert "Traceback" not in done.said
    assert place.listed() == set()


def test_a_dry_run_may_be_written_with_a_capital(job, show, place):
    done = job(show, **{"dry-run": "True"})
    assert (done.status, done.outputs["published"], place.listed()) == (0, "false", set()), done.said


def test_why_a_plan_failed_is_markdown_that_mentions_nobody(job, show):
    done = job(show, "pull_request", config="@everyone/[a](javascript:b)/config.toml")
    assert done.status != 0
    for text in (done.summary, done.outputs["plan"]):
        assert "everyone" in text
        assert "@everyone" not in text
        assert not re.search(r"(?<!\\)\]\(", text)


def test_inputs_and_outputs_are_those_that_are_documented():
    whole = composite_action.action()
    assert set(whole["inputs"]) == {"config", "command", "dry-run", "strict", "python"}
    assert set(whole["outputs"]) == {"published", "changed", "feed-url", "plan", "next-due"}
    assert whole["runs"]["using"] == "composite"
    for step in whole["runs"]["steps"]:
        assert re.fullmatch(r"[\w./-]+@[0-9a-f]{40}", step["uses"]) if "uses" in step else step["shell"] == "bash"
        assert "${{" not in step.get("run", "")
