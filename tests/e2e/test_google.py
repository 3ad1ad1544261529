"""The real command on Google Cloud Storage as its answers are scripted: conditions hold, whoever publishes."""

from __future__ import annotations

import json

import pytest

from tests.support.e2e_show import bucket_show
from tests.support.google_server import GoogleServer


@pytest.fixture
def google():
    with GoogleServer() as server:
        yield server


@pytest.fixture
def show(google, tmp_path):
    show = bucket_show(tmp_path / "desk", "show")
    show.configure('url = "s3://show"', f'url = "s3://show"\nprovider = "gcs"\nendpoint = "{google.address}"')
    show.episode()
    show.episode("2026-05-08-second", date="2026-05-08T06:00:00+02:00")
    return show


def test_every_way_of_life_works_on_google_and_each_visible_write_has_its_generation(google, show, warm):
    def run(*arguments):
        done = warm.run(show, *arguments, endpoint=google.address)
        assert done.status == 0, f"{arguments}: {done.stderr}"
        return done

    assert "conditional writes" not in run("--yes").stderr
    assert b"first-guid" in google.objects["/show/feed.xml"].body
    begun = len(google.asked)
    show.edit("2026-05-01-first", "Some notes.", "Better notes.")
    run("--yes")
    written = [asked for asked in google.asked[begun:] if asked.method == "PUT" and asked.path.endswith((".xml", ".html", "/state.json"))]
    assert {"/show/feed.xml", "/show/index.html"} <= {asked.path for asked in written}
    assert all(int(asked.headers["x-goog-if-generation-match"]) > 0 for asked in written), [asked.path for asked in written]
    show.episode("2026-07-01-later", date="2026-07-01T06:00:00+02:00")
    for arguments in (
        ("stage", "later"),
        ("rollback", "--yes"),
        ("prune", "--yes"),
        ("--yes", "--force", "resume"),
        ("withdraw", "first", "--yes"),
    ):
        run(*arguments)
    assert b"first-guid" not in google.objects["/show/feed.xml"].body
    assert not [name for asked in google.asked for name in asked.headers if name.startswith("x-amz-")]


def test_the_same_publish_from_several_machines_at_once_is_made_once(google, show, warm, tmp_path):
    clones = [show.copy(tmp_path / f"clone-{number}") for number in range(3)]
    running = [warm.start(clone, "--yes", endpoint=google.address, machine=clone.folder.name) for clone in clones]
    outcomes = [process.wait() for process in running]
    assert [outcome.status for outcome in outcomes] == [0] * 3, [outcome.stderr for outcome in outcomes]
    assert json.loads(google.objects["/show/.airdate/state.json"].body)["generation"] == 1
