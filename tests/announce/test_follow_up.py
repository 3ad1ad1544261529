"""Around a whole publish: the network forgets, then we look, then the world is told; none of it can undo a publish."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from types import SimpleNamespace as Value

import pytest

from publisher.announce import follow_up
from publisher.core.errors import StorageError
from publisher.sync import apply
from publisher.sync.this_run import Overtaken
from tests.support import ROOT, servers
from tests.support.fault_proxy import Fault, FaultProxy
from tests.support.show_factory import make_show

BUCKET = Value(config=Value(storage=Value(is_bucket=True), cdn=Value(purge="")))


@pytest.fixture
def scene(tmp_path, s3_server, service, aws_environment):
    """A show with everything around it; `asked_before` holds, for each look at the served feed, how many services had been asked."""
    aws_environment.setenv("AWS_ACCESS_KEY_ID", servers.KEY)
    aws_environment.setenv("AWS_SECRET_ACCESS_KEY", servers.SECRET)
    aws_environment.setenv("AWS_ENDPOINT_URL_S3", s3_server.endpoint)
    aws_environment.setenv("PODPING_TOKEN", "pp-secret")
    bucket = s3_server.make_bucket(public=True)
    asked_before = []

    def decide(request):
        if request.path.endswith("/feed.xml"):
            asked_before.append(len(service.asked))
        return Fault.NONE

    with FaultProxy(s3_server.port, decide) as site:
        show = make_show(tmp_path / "show", storage=f"s3://{bucket}")
        show.configure('url = "https://small.example"', f'url = "{site.endpoint}/{bucket}"')
        around = f'[cdn]\npurge = "{service.address}/purge"\n[feed]\nhubs = ["{service.address}/hub"]\n'
        around += f'[announce]\npodping = true\npodcast_index = true\nheartbeat = "{service.address}/ping"\n'
        show.write("config.toml", f"{show.config.read_text()}\n{around}")
        show.episode()
        yield show, asked_before
    s3_server.drop_bucket(bucket)


def test_purge_comes_before_the_look_and_the_world_hears_after_it(scene, service):
    show, asked_before = scene
    done = show.run("--yes")
    assert done.status == 0, done.stderr
    assert [asked.path for asked in service.asked] == ["/ping/start", "/purge", "/hub", "/podping", "/pubnotify", "/ping"]
    assert asked_before[0] == 1, "whether listeners have a feed already is looked up first"
    assert set(asked_before[1:]) == {2}, "looked at after the purge, before anybody was told"
    service.asked.clear()
    assert show.run("--yes").status == 0
    assert [asked.path for asked in service.asked] == ["/ping/start", "/ping"], "nothing changed: nobody else is bothered"


def test_what_is_put_later_is_looked_at_after_the_purge_too(scene, service):
    show, asked_before = scene
    assert show.run("--yes").status == 0
    service.asked.clear()
    asked_before.clear()
    show.episode("2026-05-02-second")
    assert show.run("--yes").status == 0
    assert [asked.path for asked in service.asked][:2] == ["/ping/start", "/purge"]
    assert set(asked_before) == {2}


def test_each_failure_is_a_warning_with_the_line_to_type_and_the_publish_stands(scene, service):
    show, _ = scene
    service.answers = [(500, b"out of order", {})]
    done = show.run("--yes", "--json")
    assert done.status == 0, done.stderr
    warned = [line for line in done.stderr.splitlines() if "once that is mended" in line]
    lines = [line.rpartition(": ")[2] for line in warned]
    publish = lines[0]
    assert publish.startswith("publish")
    assert lines == [publish, f"{publish} purge", f"{publish} announce", f"{publish} announce", f"{publish} announce", publish]
    assert done.document["generation"] == 1
    service.answers = [(200, b"", {})]
    service.asked.clear()
    again = show.run("--yes")
    assert again.status == 0, again.stderr
    assert [asked.path for asked in service.asked] == ["/ping/start", "/hub", "/podping", "/pubnotify", "/ping"], "told this time"


def test_a_publish_that_fails_is_told_to_the_watchdog_and_to_nobody_else(scene, service):
    show, _ = scene
    show.edit("2026-05-01-first", 'title = "First"\n', "")
    assert show.run("--yes").status == 3
    assert [asked.path for asked in service.asked] == ["/ping/start", "/ping/fail"]
    service.asked.clear()
    assert show.run("--dry-run").status == 3
    assert service.asked == []


@pytest.fixture
def plain_scene(tmp_path, s3_server, aws_environment):
    """A show on a bucket, and every request for what it serves."""
    aws_environment.setenv("AWS_ACCESS_KEY_ID", servers.KEY)
    aws_environment.setenv("AWS_SECRET_ACCESS_KEY", servers.SECRET)
    aws_environment.setenv("AWS_ENDPOINT_URL_S3", s3_server.endpoint)
    bucket = s3_server.make_bucket(public=True)
    asked = []

    def decide(request):
        asked.append(request.path)
        return Fault.NONE

    with FaultProxy(s3_server.port, decide) as site:
        show = make_show(tmp_path / "show", storage=f"s3://{bucket}")
        show.configure('url = "https://small.example"', f'url = "{site.endpoint}/{bucket}"')
        show.episode()
        yield show, asked
    s3_server.drop_bucket(bucket)


def recordings(asked):
    return {path.rpartition("/media/")[2].rpartition("-")[0] for path in asked if "/media/" in path}


def test_the_look_after_a_publish_is_at_what_was_put_and_at_all_that_no_look_has_reached_yet(plain_scene):
    show, asked = plain_scene
    assert show.run("--yes").status == 0
    assert recordings(asked) == {"first"}
    for name, options, looked_at in (("second", (), {"second"}), ("third", ("--no-verify",), set()), ("fourth", (), None)):
        asked.clear()
        show.episode(f"2026-05-02-{name}")
        done = show.run("--yes", *options)
        assert done.status == 0, done.stderr
        assert recordings(asked) == (looked_at if looked_at is not None else {"first", "second", "third", "fourth"})


@pytest.fixture
def at_the_commit(monkeypatch):
    """What is done when State is about to be written, from now on."""
    real = apply.commit

    def does(act):
        def commit(*arguments):
            act()
            return real(*arguments)

        monkeypatch.setattr(apply, "commit", commit)

    return does


def wait_for_a_look(asked):
    end = time.monotonic() + 60
    while recordings(asked) != {"second"} and time.monotonic() < end:
        time.sleep(0.01)


def test_the_look_begins_while_state_is_written(plain_scene, at_the_commit):
    show, asked = plain_scene
    assert show.run("--yes").status == 0
    show.episode("2026-05-02-second")
    asked.clear()
    before = []

    def look_is_under_way():
        wait_for_a_look(asked)
        before.extend(asked)

    at_the_commit(look_is_under_way)
    done = show.run("--yes")
    assert done.status == 0, done.stderr
    assert recordings(before) == {"second"}
    assert done.stderr.endswith("Looked at it from outside.\n")
    assert sum(path.endswith("/second.html") for path in asked) == 1, "nothing is asked again"


@pytest.mark.parametrize("options", [("--no-verify",), ()], ids=["no look", "a first publish"])
def test_no_look_begins_before_state_is_written(plain_scene, at_the_commit, options):
    show, asked = plain_scene
    if options:
        assert show.run("--yes").status == 0
        show.episode("2026-05-02-second")
        asked.clear()
    before = []
    at_the_commit(lambda: (time.sleep(0.3), before.extend(asked)))
    done = show.run("--yes", *options)
    assert done.status == 0
    assert recordings(before) == set()
    assert ("anyone can read what publishing keeps for itself" in done.stderr) is not bool(options), "a first State, too"


def test_a_look_under_way_is_heard_of_by_nobody_where_state_cannot_be_written(plain_scene, at_the_commit):
    show, asked = plain_scene
    assert show.run("--yes").status == 0
    show.episode("2026-05-02-second")
    asked.clear()

    def refused():
        wait_for_a_look(asked)
        raise StorageError("the index is refused", code="storage-denied")

    at_the_commit(refused)
    done = show.run("--yes")
    assert recordings(asked) == {"second"}
    assert done.status == 4
    assert done.stderr.splitlines()[-2:] == ["error: the index is refused", "more: publish explain storage-denied"]
    assert "ooked" not in done.stderr
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("ThreadPoolExecutor")]
    at_the_commit(lambda: None)
    assert show.run("--yes").stderr.endswith("Looked at it from outside.\n")


@pytest.mark.parametrize("error", [StorageError("gone"), Overtaken(), KeyboardInterrupt()])
def test_what_ends_the_write_of_state_ends_the_look(monkeypatch, error):
    ended = []

    def look(*_):
        try:
            yield
        finally:
            ended.append(True)

    monkeypatch.setattr(follow_up, "_verify", look)
    outside = follow_up.LookOutside(BUCKET, Value(state=Value(first=False)), Value(verify=True))
    with pytest.raises(type(error)), outside.begun(Value(verified=1, generation=2)):
        raise error
    assert ended


def test_a_look_that_cannot_begin_fails_in_its_own_turn(monkeypatch):
    def look(*_):
        raise OSError("no authorities")
        yield

    monkeypatch.setattr(follow_up, "_verify", look)
    outside = follow_up.LookOutside(BUCKET, Value(state=Value(first=False)), Value(verify=True))
    with outside.begun(Value(verified=1, generation=2)):
        pass
    with pytest.raises(OSError, match="no authorities"):
        outside.findings(None)


def test_what_looks_from_outside_is_loaded_ahead():
    code = "import sys; from publisher.announce import follow_up; follow_up._load(); print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split()
    assert {"httpx", "publisher.web.connections", "publisher.verify.network"} <= set(loaded)


def test_a_publish_that_ends_waits_for_what_is_still_being_loaded():
    code = """
import time
from types import SimpleNamespace as Value
from publisher.announce import follow_up
def load():
    time.sleep(0.3)
    print("loaded", flush=True)
follow_up._load = load
bucket = Value(config=Value(storage=Value(is_bucket=True)))
follow_up.load_ahead(bucket, Value(plan=Value(uploads=["a page"])), Value(verify=True))
"""
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True).stdout == "loaded\n"
