"""Bodies that wait to be sent come back as they were made, take no memory, and leave nothing behind."""

from __future__ import annotations

import multiprocessing
import os
import signal
import subprocess
import sys
import tracemalloc

import pytest

from publisher.incremental_build import spool as module
from publisher.incremental_build.artifacts import Phase, artifact, bytes_of
from publisher.incremental_build.build import Build, Known
from publisher.incremental_build.spool import Spool, Spooled
from publisher.render.worker_processes import ALONE, FEWEST, render_each
from tests.support import ROOT
from tests.support.show_factory import make_show, tree


@pytest.fixture(autouse=True)
def no_room(monkeypatch):
    """Everything goes to the file."""
    monkeypatch.setattr(module, "HELD", 0)


def test_what_is_put_comes_back(tmp_path):
    spool = Spool(tmp_path)
    bodies = [os.urandom(size) for size in (1, 70_000, 3, 1_000_000)]
    kept = [spool.keep(artifact(f"{number}.html", body, Phase.PAGE)) for number, body in enumerate(bodies)]
    assert all(isinstance(item.body, Spooled) for item in kept)
    assert [bytes_of(item) for item in reversed(kept)] == bodies[::-1]
    assert list(tmp_path.iterdir()) == []


def test_the_first_bodies_stay_in_memory_and_no_feed_that_comes_later(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "HELD", 10)
    spool = Spool(tmp_path)
    first, second, feed = (
        spool.keep(artifact(key, b"x" * 6, phase)) for key, phase in (("a", Phase.PAGE), ("b", Phase.PAGE), ("f", Phase.FEED))
    )
    assert [type(item.body) for item in (first, second, feed)] == [bytes, Spooled, Spooled]
    assert feed.content == b"x" * 6


def test_a_full_disk_keeps_them_in_memory(tmp_path, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    spool = Spool(tmp_path)
    monkeypatch.setattr(os, "write", full)
    assert spool.keep(artifact("a.html", b"words", Phase.PAGE)).body == b"words"


@pytest.mark.skipif(sys.platform != "linux", reason="processes are forked on Linux alone")
def test_what_forked_processes_put_comes_back_in_this_one(tmp_path, monkeypatch):
    monkeypatch.setattr("publisher.render.worker_processes._workers", lambda: 3)
    build = Build(Known(), spool=Spool(tmp_path))

    def body(index):
        return f"page {index} ".encode() * 3000

    def one(index):
        build.make(f"page/{index}", index, lambda: [artifact(f"{index}.html", body(index), Phase.PAGE)])
        return os.getpid()

    count = ALONE + FEWEST + 9
    assert len(set(render_each(build, count, one))) > 1
    assert list(build.site) == [f"page/{index}" for index in range(count)]
    assert [bytes_of(build.site[f"page/{index}"].artifacts[0]) for index in range(count)] == [body(index) for index in range(count)]
    assert multiprocessing.active_children() == []


def test_the_file_is_closed_with_the_last_body_in_it(tmp_path):
    item = Spool(tmp_path).keep(artifact("a.html", b"words", Phase.PAGE))
    assert bytes_of(item) == b"words"
    descriptor = item.body.spool._file
    os.fstat(descriptor)
    del item
    with pytest.raises(OSError, match="Bad file"):
        os.fstat(descriptor)


def test_recipes_take_no_memory_for_what_they_made(tmp_path):
    build = Build(Known(), spool=Spool(tmp_path))
    tracemalloc.start()
    try:
        for number in range(200):
            build.make(f"page/{number}", number, lambda number=number: [artifact(f"{number}.html", b"x" * 100_000, Phase.PAGE)])
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 2_000_000, "20 MB were made"


def test_a_publish_from_the_file_is_the_same_publish(tmp_path, monkeypatch):
    shows = [make_show(tmp_path / name) for name in ("memory", "file")]
    for show, held in zip(shows, (1 << 30, 0), strict=True):
        monkeypatch.setattr(module, "HELD", held)
        show.episode()
        assert show.publish().status == 0
        assert show.run("build", "--standalone", "--out", str(show.folder / "site")).status == 0
    published = [{key: body for key, body in tree(show.public).items() if "state" not in key} for show in shows]
    assert published[0] == published[1]
    assert {"feed.xml", "episodes/first.html"} <= published[0].keys()
    assert tree(shows[0].folder / "site") == tree(shows[1].folder / "site")


@pytest.mark.skipif(sys.platform == "win32", reason="no kill -9")
def test_whoever_is_killed_leaves_no_body_behind(tmp_path):
    code = (
        "import os, sys; from pathlib import Path; from publisher.incremental_build import spool; spool.HELD = 0\n"
        "from publisher.incremental_build.artifacts import Phase, artifact\n"
        "kept = spool.Spool(Path(sys.argv[1])).keep(artifact('a.html', b'x' * 1000000, Phase.PAGE))\n"
        "os.kill(os.getpid(), 9)\n"
    )
    done = subprocess.run([sys.executable, "-c", code, str(tmp_path)], cwd=ROOT, check=False)
    assert done.returncode == -signal.SIGKILL
    assert list(tmp_path.rglob("*")) == []
