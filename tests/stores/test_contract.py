"""What every store promises, asked of each of them."""

from __future__ import annotations

import hashlib
import os
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from publisher.core.errors import StorageError
from publisher.stores.conditions_probe import KEY as PROBE_KEY
from publisher.stores.conditions_probe import probe_conditions
from publisher.stores.protocol import ConditionFailed, Headers

if TYPE_CHECKING:
    from pathlib import Path

    from publisher.stores.protocol import Store

PAGE = Headers(content_type="text/html; charset=utf-8", cache_control="public, max-age=300")
LISTED = ("feed.xml", "episodes/b.html", "episodes/a/x.vtt", "episodes-2.html", "a.html")
NAMES = ("episodes/für-élise.html", "a b.txt", "a+b.txt", "50%25.txt", "a&b=c.txt", "日本/語.html", "it's(1)!.txt", "a~b.txt")
BAD_NAMES = ("", "/etc/passwd", "../outside", "a/../../b", "a//b", "a/", ".", "a/./b", "a\\b", "a\nb", "a\0b", "x" * 1025, "\ud800")
AUDIO = Headers(content_type="audio/mpeg", cache_control="public, max-age=31536000, immutable")


def md5(data: bytes) -> bytes:
    return hashlib.md5(data, usedforsecurity=False).digest()


def test_what_was_put_is_read_back(store: Store) -> None:
    etag = store.put("episodes/a.html", b"<p>one", PAGE)
    found = store.read("episodes/a.html")
    assert found is not None
    assert found.body == b"<p>one"
    assert found.etag == etag
    assert '"' not in etag
    assert found.modified is not None


def test_nothing_is_read_as_none_and_not_as_an_error(store: Store) -> None:
    assert store.read("episodes/a.html") is None
    assert store.head("episodes/a.html") is None
    store.put("episodes/a.html", b"x", PAGE)
    assert store.read("episodes/b.html") is None


def test_what_the_reader_knows_is_not_sent_again(store: Store) -> None:
    etag = store.put(".airdate/state", b"{}", PAGE)
    same = store.read(".airdate/state", known=etag)
    assert same is not None
    assert (same.unchanged, same.body, same.etag) == (True, b"", etag)
    other = store.read(".airdate/state", known="0" * 32)
    assert other is not None
    assert (other.unchanged, other.body) == (False, b"{}")
    assert store.read("none", known=etag) is None


def test_ages_can_be_told_by_the_storages_own_clock(store: Store) -> None:
    store.put(".airdate/claims/1", b"{}", PAGE)
    found = store.read(".airdate/claims/1")
    assert found is not None
    assert found.served is not None
    assert found.modified is not None
    assert -2 <= (found.served - found.modified).total_seconds() < 60
    for line in (store.head(".airdate/claims/1"), *store.list(".airdate/claims/")):
        assert line is not None
        assert line.modified is not None
        assert abs((line.modified - found.modified).total_seconds()) < 1


def test_a_folder_is_no_object(store: Store) -> None:
    store.put("episodes/a/b.html", b"x", PAGE)
    for key in ("episodes", "episodes/a"):
        assert store.read(key) is None
        assert store.head(key) is None


def test_a_second_put_replaces_and_gives_another_etag(store: Store) -> None:
    first = store.put("index.html", b"one", PAGE)
    second = store.put("index.html", b"other", PAGE)
    assert first != second
    found = store.read("index.html")
    assert found is not None
    assert (found.body, found.etag) == (b"other", second)


def test_an_empty_object_is_an_object(store: Store) -> None:
    store.put("empty.txt", b"", PAGE)
    found = store.read("empty.txt")
    assert found is not None
    assert found.body == b""


def test_the_etag_follows_the_bytes(store: Store) -> None:
    assert store.put("a.html", b"same", PAGE) == store.put("b.html", b"same", PAGE)


def test_head_tells_size_and_etag(store: Store) -> None:
    etag = store.put("a.html", b"12345", PAGE)
    found = store.head("a.html")
    assert found is not None
    assert (found.key, found.size, found.etag) == ("a.html", 5, etag)


def test_headers_are_kept_where_the_store_keeps_headers(store: Store) -> None:
    store.put("a.html", b"x", PAGE)
    found = store.read("a.html")
    assert found is not None
    assert found.headers in (PAGE, None)


@pytest.mark.conditions
def test_if_absent_writes_once(store: Store) -> None:
    store.put(".airdate/claims/1", b"mine", PAGE, if_absent=True)
    with pytest.raises(ConditionFailed):
        store.put(".airdate/claims/1", b"theirs", PAGE, if_absent=True)
    found = store.read(".airdate/claims/1")
    assert found is not None
    assert found.body == b"mine"


@pytest.mark.conditions
def test_if_match_writes_only_over_what_was_read(store: Store) -> None:
    first = store.put("feed.xml", b"one", PAGE)
    second = store.put("feed.xml", b"two", PAGE, if_match=first)
    with pytest.raises(ConditionFailed):
        store.put("feed.xml", b"three", PAGE, if_match=first)
    found = store.read("feed.xml")
    assert found is not None
    assert found.body == b"two"
    store.put("feed.xml", b"four", PAGE, if_match=second)


def test_if_match_takes_an_etag_in_quotes_as_well(store: Store) -> None:
    first = store.put("feed.xml", b"one", PAGE)
    store.put("feed.xml", b"two", PAGE, if_match=f'"{first}"')


@pytest.mark.conditions
def test_if_match_on_nothing_fails_its_condition(store: Store) -> None:
    with pytest.raises(ConditionFailed):
        store.put("feed.xml", b"one", PAGE, if_match="0" * 32)
    assert store.read("feed.xml") is None


@pytest.mark.conditions
@pytest.mark.parametrize("condition", ["absent", "match"])
def test_of_eight_racing_writers_exactly_one_wins(store: Store, condition: str) -> None:
    for turn in range(2):
        key = f".airdate/claims/{turn}"
        etag = store.put(key, b"before", PAGE) if condition == "match" else None
        start = threading.Barrier(8)

        def write(number: int, key: str = key, etag: str | None = etag, start: threading.Barrier = start) -> bytes | None:
            body = f"writer {number}".encode()
            start.wait()
            try:
                store.put(key, body, PAGE, if_match=etag, if_absent=etag is None)
            except ConditionFailed:
                return None
            return body

        with ThreadPoolExecutor(8) as pool:
            winners = [body for body in pool.map(write, range(8)) if body is not None]
        found = store.read(key)
        assert found is not None
        assert winners == [found.body]


def test_a_file_is_stored_as_bytes_are(store: Store, tmp_path: Path) -> None:
    recording = tmp_path / "audio.mp3"
    data = bytes(range(256)) * 12_345
    recording.write_bytes(data)
    etag = store.put("media/a-12345678.mp3", recording, AUDIO, md5=md5(data))
    assert etag == md5(data).hex()
    found = store.read("media/a-12345678.mp3")
    assert found is not None
    assert found.body == data


def test_a_file_edited_later_does_not_change_what_is_stored(store: Store, tmp_path: Path) -> None:
    recording = tmp_path / "audio.mp3"
    recording.write_bytes(b"before" * 1000)
    store.put("media/a.mp3", recording, AUDIO)
    with recording.open("r+b") as file:
        file.write(b"after!")
    found = store.read("media/a.mp3")
    assert found is not None
    assert found.body == b"before" * 1000


def test_a_file_that_holds_other_bytes_than_were_measured_is_refused(store: Store, tmp_path: Path) -> None:
    recording = tmp_path / "audio.mp3"
    recording.write_bytes(b"after the measuring")
    with pytest.raises(StorageError) as caught:
        store.put("media/a.mp3", recording, AUDIO, md5=md5(b"before"))
    assert caught.value.code == "storage-changed"
    assert store.read("media/a.mp3") is None


def test_fetch_writes_the_file_whole_or_not_at_all(store: Store, tmp_path: Path) -> None:
    etag = store.put("media/a.mp3", b"sound" * 1000, AUDIO)
    target = tmp_path / "here.mp3"
    assert store.fetch("media/a.mp3", target) == etag
    assert target.read_bytes() == b"sound" * 1000
    assert store.fetch("media/none.mp3", tmp_path / "none.mp3") is None
    assert [path.name for path in tmp_path.glob("*.mp3*")] == ["here.mp3"]


def test_copy_gives_another_key_the_same_bytes(store: Store) -> None:
    store.put("media/new.mp3", b"sound", AUDIO)
    store.put("media/old.mp3", b"older sound", AUDIO)
    etag = store.copy("media/new.mp3", "media/old.mp3", AUDIO)
    found = store.read("media/old.mp3")
    assert found is not None
    assert (found.body, found.etag) == (b"sound", etag)
    assert found.headers in (AUDIO, None)


def test_copying_what_is_not_there_is_an_error(store: Store) -> None:
    with pytest.raises(StorageError):
        store.copy("media/none.mp3", "media/old.mp3", AUDIO)
    assert store.read("media/old.mp3") is None


def test_delete_takes_away_and_forgives_what_is_not_there(store: Store) -> None:
    for name in ("a", "b", "c"):
        store.put(f"media/{name}.mp3", b"x", AUDIO)
    store.delete(["media/a.mp3", "media/none.mp3", "media/b.mp3"])
    store.delete(["media/none.mp3"])
    store.delete([])
    assert [line.key for line in store.list("")] == ["media/c.mp3"]


class TooLateError(Exception):
    """What a fence raises."""


def too_late() -> None:
    raise TooLateError


def test_a_fence_may_make_a_conditional_write_of_its_own(store: Store) -> None:
    """It renews a claim, beside another thread that does the same."""
    known = {key: store.put(key, b"1", PAGE) for key in ("claim", "feed.xml")}
    renewing = threading.Lock()

    def renew() -> None:
        with renewing:
            known["claim"] = store.put("claim", known["claim"].encode(), PAGE, if_match=known["claim"])

    def work() -> None:
        for _ in range(3):
            known["feed.xml"] = store.put("feed.xml", known["feed.xml"].encode(), PAGE, if_match=known["feed.xml"], fence=renew)
        store.delete(["feed.xml"], etags={"feed.xml": known["feed.xml"]}, fence=renew)

    def keep() -> None:
        for _ in range(3):
            renew()

    threads = [threading.Thread(target=work, daemon=True), threading.Thread(target=keep, daemon=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert not any(thread.is_alive() for thread in threads)
    assert store.read("feed.xml") is None


def test_what_a_fence_no_longer_lets_through_is_not_done(store: Store) -> None:
    etag = store.put("feed.xml", b"newer", PAGE)
    for call in (
        lambda: store.put("feed.xml", b"older", PAGE, fence=too_late),
        lambda: store.put("feed.xml", b"older", PAGE, if_match=etag, fence=too_late),
        lambda: store.put("a.html", b"older", PAGE, if_absent=True, fence=too_late),
        lambda: store.copy("feed.xml", "a.html", PAGE, fence=too_late),
        lambda: store.delete(["feed.xml"], fence=too_late),
        lambda: store.delete(["feed.xml", "a.html"], fence=too_late),
    ):
        with pytest.raises(TooLateError):
            call()
    assert [(line.key, line.etag) for line in store.list("")] == [("feed.xml", etag)]
    asked: list[int] = []
    store.put("a.html", b"x", PAGE, fence=lambda: asked.append(1))
    store.copy("a.html", "b.html", PAGE, fence=lambda: asked.append(2))
    store.delete(["a.html", "b.html"], fence=lambda: asked.append(3))
    assert {1, 2, 3} == set(asked)
    assert [line.key for line in store.list("")] == ["feed.xml"]


@pytest.mark.conditions
def test_a_delete_that_expects_another_object_leaves_the_one_that_is_there(store: Store) -> None:
    store.conditions = probe_conditions(store)
    older, etag = (store.put("a.html", body, PAGE) for body in (b"older", b"newer"))
    store.delete(["a.html"], etags={"a.html": older})
    if os.environ.get("AIRDATE_S3") != "ceph":  # it cannot tell
        assert store.read("a.html") is not None
    store.delete(["a.html", "none.html"], etags={"a.html": etag, "none.html": etag})
    assert store.read("a.html") is None


def test_list_is_in_order_of_key_and_knows_its_prefix(store: Store) -> None:
    etags = {key: store.put(key, key.encode(), PAGE) for key in LISTED}
    assert [line.key for line in store.list("")] == sorted(etags)
    assert [(line.key, line.size, line.etag) for line in store.list("episodes/")] == [
        (key, len(key), etags[key]) for key in ("episodes/a/x.vtt", "episodes/b.html")
    ]
    assert [line.key for line in store.list("episodes")] == ["episodes-2.html", "episodes/a/x.vtt", "episodes/b.html"]
    assert list(store.list("none/")) == []


def test_our_own_keys_are_listed_beside_the_others(store: Store) -> None:
    for key in (".airdate/claims/10", ".airdate/claims/9", ".airdate/state", "index.html"):
        store.put(key, b"x", PAGE)
    store.put(".airdate/state", b"y", PAGE, if_match=store.put(".airdate/state", b"x", PAGE))
    assert [line.key for line in store.list(".airdate/claims/")] == [".airdate/claims/10", ".airdate/claims/9"]
    assert [line.key for line in store.list("")] == [".airdate/claims/10", ".airdate/claims/9", ".airdate/state", "index.html"]


@pytest.mark.parametrize("key", NAMES)
def test_any_reasonable_name_is_a_key(store: Store, key: str) -> None:
    store.put(key, key.encode(), PAGE)
    found = store.read(key)
    assert found is not None
    assert found.body == key.encode()
    assert [line.key for line in store.list("")] == [key]
    store.delete([key, "another"])
    assert store.read(key) is None


@pytest.mark.parametrize("key", BAD_NAMES)
def test_a_name_that_could_lead_elsewhere_is_refused(store: Store, key: str) -> None:
    for call in (
        lambda: store.read(key),
        lambda: store.put(key, b"x", PAGE),
        lambda: store.delete([key]),
        lambda: store.head(key),
        lambda: store.copy("a", key, PAGE),
    ):
        with pytest.raises(StorageError) as caught:
            call()
        assert caught.value.code in ("storage-key", "storage-missing")
    assert list(store.list("")) == []


def test_many_threads_put_many_small_files(store: Store) -> None:
    keys = [f"episodes/{number:03}/page.html" for number in range(120)]
    with ThreadPoolExecutor(16) as pool:
        list(pool.map(lambda key: store.put(key, key.encode(), PAGE), keys))
    store.flush()
    assert [line.key for line in store.list("episodes/")] == keys
    store.delete(keys)
    assert list(store.list("")) == []


@pytest.mark.conditions
def test_the_probe_finds_conditions_enforced_and_leaves_nothing(store: Store) -> None:
    assert probe_conditions(store) == "enforced"
    assert store.conditions == "enforced"
    assert store.read(PROBE_KEY) is None


def test_requests_are_counted(store: Store) -> None:
    before = store.requests
    store.put("a.html", b"12345", PAGE)
    assert store.requests - before == 1


def test_describe_names_the_place_on_one_line(store: Store) -> None:
    assert store.describe()
    assert "\n" not in store.describe()
