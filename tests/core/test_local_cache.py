"""Files of the cache: written whole, empty where they are missing, damaged or of another version."""

from __future__ import annotations

import os

import pytest

from publisher.core import digests
from publisher.core.digests import code_digest
from publisher.core.local_cache import CACHE, RACY, CacheFile, cache_folder, may_still_change, stamp_of, write_whole

CONTENT = {"one": [1, 2], "Über": None, "\ud800": "a lone surrogate"}


def test_what_was_written_is_read_back(tmp_path):
    CacheFile(tmp_path / "file.json", "1").write(CONTENT)
    assert CacheFile(tmp_path / "file.json", "1").read().keys() >= {"one", "Über"}
    assert [path.name for path in tmp_path.iterdir()] == ["file.json"]


def test_what_another_version_wrote_is_not_believed(tmp_path):
    CacheFile(tmp_path / "file.json", "1").write({"one": 1})
    assert CacheFile(tmp_path / "file.json", "2").read() == {}


@pytest.mark.parametrize("damage", ["", "{", "[]", "3", '{"version": "1"}', '{"version": "1", "content": []}', "\0\0", "[" * 100_000])
def test_a_damaged_file_is_empty_and_can_be_written(tmp_path, damage):
    path = tmp_path / "file.json"
    path.write_text(damage, encoding="utf-8")
    assert CacheFile(path, "1").read() == {}
    CacheFile(path, "1").write({"one": 1})
    assert CacheFile(path, "1").read() == {"one": 1}


def test_a_file_that_is_missing_is_empty(tmp_path):
    assert CacheFile(tmp_path / "file.json", "1").read() == {}


def test_a_file_that_cannot_be_written_is_no_error(tmp_path):
    (tmp_path / "file").touch()
    CacheFile(tmp_path / "file" / "file.json", "1").write({"one": 1})
    (tmp_path / "folder.json").mkdir()
    CacheFile(tmp_path / "folder.json", "1").write({"one": 1})
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file", "folder.json"]


def test_who_is_stopped_while_writing_leaves_the_file_of_before(tmp_path, monkeypatch):
    path = tmp_path / "index"
    write_whole(path, b"first")

    def stopped(*_arguments):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(type(path), "replace", stopped)
    with pytest.raises(OSError, match="No space"):
        write_whole(path, b"second")
    assert path.read_bytes() == b"first"
    assert [path.name for path in tmp_path.iterdir()] == ["index"]


def test_nothing_is_written_through_a_link_where_the_new_file_begins(tmp_path):
    (tmp_path / "precious").write_bytes(b"kept")
    (tmp_path / f"index.{os.getpid()}.part").symlink_to("precious")
    write_whole(tmp_path / "index", b"new")
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {"precious": b"kept", "index": b"new"}


def test_another_file_under_the_same_name_has_another_stamp(tmp_path):
    path, other = tmp_path / "file", tmp_path / "other"
    path.write_text("same")
    other.write_text("same")
    os.utime(other, ns=(path.stat().st_atime_ns, path.stat().st_mtime_ns))
    before = stamp_of(path.stat())
    other.replace(path)
    assert stamp_of(path.stat()) != before


def test_a_file_changed_less_than_two_seconds_ago_may_change_under_the_same_stamp():
    now = 1_000 * RACY
    assert may_still_change(now, now)
    assert may_still_change(now - RACY + 1, now)
    assert not may_still_change(now - RACY, now)


def test_the_digest_of_code_is_that_of_the_parts_that_are_named(tmp_path, monkeypatch):
    for name in ("feed/a.py", "publisher/media/b.py", "publisher/core/digests.py"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(name)
    monkeypatch.setattr(digests, "__file__", str(tmp_path / "publisher/core/digests.py"))
    code_digest.cache_clear()
    before = code_digest(), code_digest("publisher/media"), code_digest("feed/a.py", libraries=())
    (tmp_path / "publisher/media/b.py").write_text("changed")
    code_digest.cache_clear()
    after = code_digest(), code_digest("publisher/media"), code_digest("feed/a.py", libraries=())
    code_digest.cache_clear()
    assert [one != two for one, two in zip(before, after, strict=True)] == [True, True, False]


def test_a_cache_that_leads_out_of_the_show_is_none(tmp_path):
    (tmp_path / "show").mkdir()
    assert cache_folder(tmp_path / "show") == tmp_path / "show" / CACHE
    assert (tmp_path / "show" / CACHE / ".gitignore").read_text() == "*\n"
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / CACHE).symlink_to(tmp_path / "show")
    assert cache_folder(tmp_path / "other") is None
    (tmp_path / "third").mkdir()
    (tmp_path / "third" / CACHE).touch()
    assert cache_folder(tmp_path / "third") is None
