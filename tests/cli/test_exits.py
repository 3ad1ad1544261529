"""How the command ends: every documented status, words instead of tracebacks, and one JSON document where it was asked for."""

from __future__ import annotations

import errno
import json
import os
import signal
import subprocess
import sys
import time

import pytest

from publisher.core.errors import Exit
from tests.support import ROOT
from tests.support.show_factory import make_show, tree


def test_0_when_it_is_done_and_when_there_is_nothing_to_do(show):
    assert show.publish().status == Exit.OK
    assert show.publish().status == Exit.OK


def test_1_is_a_bug_of_ours_in_words(show, monkeypatch):
    def broken(*_arguments, **_options):
        raise ZeroDivisionError("by nought")

    monkeypatch.setattr("publisher.publish.publish", broken)
    outcome = show.publish("--json")
    assert outcome.status == Exit.BUG
    assert outcome.document["error"]["code"] == "bug"
    assert "this is a bug in Airdate: ZeroDivisionError: by nought" in outcome.stderr
    assert "Traceback" not in outcome.stderr
    assert "Traceback" in show.publish("--verbose").stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--nonsense"], "No such option"),
        (["nonsense"], "No such command"),
        (["release"], "Missing argument"),
        (["release", "nobody"], "there is no episode `nobody`"),
        (["release", "frist"], "did you mean `first`?"),
        (["--now", "tomorrow"], "write it with its offset"),
        (["--now", "2026-06-01T12:00:00"], "write it with its offset"),
        (["--wait", "soon"], "write it like 30s, 5m or 26h"),
        (["--dry-run", "check"], "--dry-run goes with `publish` alone"),
    ],
)
def test_2_for_a_command_line_that_cannot_be(show, arguments, said):
    outcome = show.run(*arguments)
    assert outcome.status == Exit.USAGE
    assert said in outcome.stderr
    assert outcome.stdout == ""


def test_3_for_content(show):
    show.edit("2026-05-01-first", 'title = "First"\n', "")
    assert show.publish().status == Exit.CONTENT


def test_3_for_warnings_when_strict(show):
    show.episode("2026-05-20-empty", audio=None, front="draft = true\nnonsense = 1")
    assert show.publish("--dry-run").status == Exit.OK
    assert show.publish("--dry-run", "--strict").status == Exit.CONTENT


def test_4_for_the_storage(tmp_path):
    show = make_show(tmp_path / "show", storage="ftp://elsewhere")
    show.episode()
    outcome = show.publish("--json")
    assert outcome.status == Exit.STORAGE
    assert outcome.document["error"]["code"] == "storage-url"


def test_5_for_a_plan_that_is_refused(show):
    show.publish()
    show.remove("2026-05-01-first")
    assert show.publish().status == Exit.REFUSED


def test_6_for_what_is_published_and_not_right(show, monkeypatch):
    from feed.findings import Finding, Severity

    def look(*_a, **_k):
        yield
        return [Finding(code="V001", severity=Severity.ERROR, message="the feed answers 500")]

    monkeypatch.setattr("publisher.verify.show.look_at_show", look)
    outcome = show.run()
    assert outcome.status == Exit.UNVERIFIED
    assert "V001 the feed answers 500" in outcome.stderr
    assert "`publish verify` looks again" in outcome.stderr
    assert (show.public / "feed.xml").is_file()
    assert show.run().status == Exit.UNVERIFIED, "it is looked at until it is right"
    monkeypatch.undo()
    assert show.run().status == Exit.OK


def test_130_when_interrupted(show, monkeypatch):
    def interrupted(*_arguments, **_options):
        raise KeyboardInterrupt

    monkeypatch.setattr("publisher.publish.publish", interrupted)
    outcome = show.publish()
    assert outcome.status == Exit.INTERRUPTED
    assert "run the same command again" in outcome.stderr


def test_a_reader_that_goes_away_is_no_bug(show):
    show.publish()
    done = subprocess.run(
        ["bash", "-c", f"{os.sys.executable} -m publisher.cli --config {show.config} schema | head -1; echo ${{PIPESTATUS[0]}}"],
        cwd=show.folder.parent,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.splitlines()[-1] in ("0", str(128 + 13))
    assert "Traceback" not in done.stderr
    assert "bug" not in done.stderr


@pytest.mark.parametrize("failure", ["content", "usage of the config", "storage"])
def test_with_json_a_failure_is_one_document_too(show, failure):
    if failure == "content":
        show.edit("2026-05-01-first", 'title = "First"\n', "")
    elif failure == "storage":
        show.configure('url = "public"', 'url = "s3://"')
    else:
        show.config.unlink()
    outcome = show.publish("--json")
    document = json.loads(outcome.stdout)
    assert set(document) == {"error", "status", "findings"}
    assert set(document["error"]) == {"code", "message", "cause", "hint"}
    assert document["status"] == outcome.status


def test_a_folder_that_may_not_be_written_is_told(show):
    show.public.mkdir()
    show.public.chmod(0o555)
    try:
        outcome = show.program("--no-verify", "--json", humble=True)
    finally:
        show.public.chmod(0o755)
    assert outcome.status == Exit.STORAGE, outcome.stderr
    assert outcome.document["error"]["code"] in ("storage-denied", "disk")
    assert "ermission" in outcome.stderr
    assert tree(show.public) == {}


def test_a_show_whose_own_folder_is_read_only_is_published_all_the_same(show, tmp_path):
    show.configure('url = "public"', f'url = "{tmp_path / "elsewhere"}"')
    show.folder.chmod(0o555)
    try:
        outcome = show.program("--no-verify", humble=True)
    finally:
        show.folder.chmod(0o755)
    assert outcome.status == 0, outcome.stderr
    assert (tmp_path / "elsewhere/feed.xml").is_file()


@pytest.fixture
def small_disk(tmp_path):
    """A disk of 600 kB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=600k", "tmpfs", folder], capture_output=True, check=False).returncode:
        pytest.skip("no right to mount a small disk here")
    try:
        yield folder
    finally:
        subprocess.run(["umount", folder], check=True)


def test_a_full_disk_leaves_what_was_published_whole(show, small_disk):
    show.configure('url = "public"', f'url = "{small_disk / "public"}"')
    show.remove("2026-05-08-second")
    assert show.publish().status == 0
    before = tree(small_disk)
    for day in (10, 11, 12, 13):
        show.episode(f"2026-05-{day}-more", title="More", front=f'slug = "more-{day}"', date=f"2026-05-{day}T06:00:00+02:00", guid=False)
    outcome = show.publish("--json")
    assert outcome.status == Exit.STORAGE, outcome.stderr
    assert outcome.document["error"]["code"] == "storage-full"
    assert "make room" in outcome.document["error"]["hint"]
    after = tree(small_disk)
    assert {name: after.get(name) for name in before} == before


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EROFS, errno.EIO])
def test_a_disk_that_fails_anywhere_else_is_told_in_words(show, monkeypatch, number):
    def fails(*_arguments, **_options):
        raise OSError(number, os.strerror(number), "/somewhere")

    monkeypatch.setattr("publisher.workspace.load_show", fails)
    outcome = show.publish("--json")
    assert outcome.status == Exit.STORAGE
    assert outcome.document["error"]["code"] == "disk"
    assert os.strerror(number) in outcome.stderr
    assert "bug" not in outcome.stderr


def test_130_for_ctrl_c_that_a_library_makes_another_error_of(show, monkeypatch):
    def swallow(*_arguments, **_options):
        try:
            os.kill(os.getpid(), signal.SIGINT)
            time.sleep(5)
        except KeyboardInterrupt:
            pass
        raise SystemError("returned NULL without setting an exception")

    monkeypatch.setattr("publisher.publish.publish", swallow)
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        outcome = show.publish("--json")
    finally:
        signal.signal(signal.SIGINT, before)
    assert outcome.status == Exit.INTERRUPTED
    assert outcome.document["error"]["code"] == "interrupted"
    assert "bug" not in outcome.stderr


@pytest.mark.parametrize("name", ["airdate-state/state.json", "airdate-state/claims/00000002", "index.html"])
def test_a_pipe_in_the_storage_keeps_nobody_waiting(show, name):
    assert show.publish().status == Exit.OK
    show.edit("2026-05-01-first", "Some notes.", "Other notes.")
    (show.public / name).unlink(missing_ok=True)
    os.mkfifo(show.public / name)
    outcome = show.program("--no-verify")
    assert outcome.status == Exit.STORAGE, outcome.stderr
    assert "no regular file" in outcome.stderr


def test_a_pipe_in_place_of_an_episode_keeps_nobody_waiting(show):
    path = show.folder / "episodes/2026-05-01-first/episode.md"
    path.unlink()
    os.mkfifo(path)
    outcome = show.program("check")
    assert outcome.status == Exit.CONTENT, outcome.stderr
    assert "no regular file" in outcome.stdout + outcome.stderr


@pytest.mark.parametrize(("typed", "kept"), [("", "True"), ("['--version']", "False")])
def test_a_process_that_ends_does_not_look_through_what_it_holds_and_a_caller_that_goes_on_does(typed, kept):
    code = f"import gc; from publisher.cli import main; main({typed}); print(gc.get_freeze_count() > 0)"
    done = subprocess.run([sys.executable, "-c", code, "--version"], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == kept
