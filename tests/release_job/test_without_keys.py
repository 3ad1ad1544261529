"""`publish check` of a clone in a CI that has neither keys nor recordings: a sound show is sound there, too."""

from __future__ import annotations

import shutil
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest

from tests.support.show_factory import make_show, recording

POINTER = b"version https://git-lfs.github.com/spec/v1\noid sha256:" + b"0" * 64 + b"\nsize 1\n"
FIRST = "2026-05-01-first"


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


@pytest.fixture
def served(tmp_path):
    """A published show of two episodes, its folder `public` served; and a config for a bucket that cannot be asked."""
    folder = tmp_path / "show"
    folder.mkdir()
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder / "public")))
    Thread(target=server.serve_forever, daemon=True).start()
    show = make_show(folder)
    show.configure("https://small.example", f"http://127.0.0.1:{server.server_address[1]}")
    show.episode()
    show.episode("2026-05-08-second", date="2026-05-08T06:00:00+02:00")
    assert show.publish().status == 0
    yield show
    server.shutdown()
    server.server_close()


def clone(show, target, form, bucket="s3://nobody-has-keys/show"):
    """As git gives it to a CI: recordings are pointers of LFS, or not there."""
    there = show.copy(target, audio=form == "whole")
    there.configure('url = "public"', f'url = "{bucket}"\nendpoint = "http://127.0.0.1:1"')
    if form == "pointers":
        for folder in (there.folder / "episodes").iterdir():
            (folder / "audio.mp3").write_bytes(POINTER)
    return there


@pytest.mark.parametrize("form", ["pointers", "absent", "whole"])
def test_a_sound_show_passes_and_is_compared_with_what_is_served(served, tmp_path, aws_environment, form):
    done = clone(served, tmp_path / "clone", form).run("check")
    assert done.status == 0, done.stdout + done.stderr
    assert "compared with what http://127.0.0.1:" in done.stderr
    assert "audio-" not in done.stdout and "lfs" not in done.stdout


@pytest.mark.parametrize("form", ["pointers", "absent", "whole"])
def test_nothing_is_said_of_the_tags_of_a_recording_that_nobody_looked_into(served, tmp_path, aws_environment, form):
    served.episode("2026-05-15-third", date="2026-05-15T06:00:00+02:00")
    served.write("episodes/2026-05-15-third/chapters.txt", "00:00 Hello\n00:08 Goodbye\n")
    assert served.publish().status == 0
    assert "audio-tags-differ" not in served.run("check").stdout
    assert "audio-tags-differ" not in clone(served, tmp_path / "clone", form).run("check").stdout
    served.write("episodes/2026-05-15-third/chapters.txt", "00:00 Hello\n00:09 Goodbye\n")
    assert "audio-tags-differ" in served.run("check").stdout


@pytest.mark.parametrize("form", ["pointers", "absent"])
def test_a_changed_guid_is_found_by_what_is_served(served, tmp_path, aws_environment, form):
    there = clone(served, tmp_path / "clone", form)
    there.edit(FIRST, "first-guid", "another-guid")
    done = there.run("check")
    assert done.status == 3, done.stdout + done.stderr
    assert "guid" in done.stdout


@pytest.mark.parametrize("form", ["pointers", "absent"])
def test_where_nobody_tells_what_is_published_it_says_so_and_passes(served, tmp_path, aws_environment, form):
    there = clone(served, tmp_path / "clone", form)
    shutil.rmtree(served.public)
    done = there.run("check")
    assert done.status == 0, done.stdout + done.stderr
    assert "nothing was compared with what is published" in done.stderr
    assert "could not be asked" in done.stdout


def test_a_real_fault_is_one_without_keys_too(served, tmp_path, aws_environment):
    there = clone(served, tmp_path / "clone", "pointers")
    there.edit(FIRST, "Some notes.", "![](nothing.jpg)")
    assert there.run("check").status == 3


def test_with_the_storage_at_hand_pointers_of_what_is_published_are_silent(served, tmp_path):
    there = clone(served, tmp_path / "clone", "pointers", bucket=str(served.public))
    for done in (there.run("check"), there.publish()):
        assert done.status == 0, done.stdout + done.stderr
        assert "pointer" not in done.stdout + done.stderr


def test_a_pointer_of_another_encoding_does_not_take_the_place_of_what_is_published(served, tmp_path):
    served.write(f"episodes/{FIRST}/small.mp3", recording(20, 9))
    served.edit(FIRST, "+++\n\n", '[[alternates]]\nfile = "small.mp3"\ntitle = "Small"\n+++\n\n')
    assert served.publish().status == 0
    before = (served.public / "feed.xml").read_bytes()
    there = clone(served, tmp_path / "clone", "pointers", bucket=str(served.public))
    there.write(f"episodes/{FIRST}/small.mp3", POINTER)
    done = there.publish()
    assert done.status == 0, done.stderr
    assert (served.public / "feed.xml").read_bytes() == before
