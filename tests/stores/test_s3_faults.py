"""A bucket behind a bad line and an overloaded service: what arrives is whole, happens once, and waiting has an end."""

from __future__ import annotations

import itertools
import os
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from publisher.core.errors import StorageError
from publisher.stores.conditions_probe import probe_conditions
from publisher.stores.protocol import ConditionFailed, Headers
from publisher.stores.s3.http import Patience
from publisher.stores.s3.store import S3Settings
from tests.support.fault_proxy import Fault, FaultProxy, Request, once, seeded

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from publisher.stores.s3.store import S3Store
    from tests.support import servers

PAGE = Headers(content_type="text/html; charset=utf-8")
AUDIO = Headers(content_type="audio/mpeg")
HASTE = Patience(connect=2, read=1, total=20, attempts=8, first_pause=0.01, longest_pause=0.05)
MIB = 1 << 20


@pytest.fixture
def behind(s3_server: servers.S3Server, bucket: str, s3_store: type[S3Store]) -> Iterator[Callable[..., tuple[S3Store, FaultProxy]]]:
    """A store on the test's bucket, behind a proxy that decides what happens to each request."""
    proxies: list[FaultProxy] = []

    def open_it(decide: Callable[[Request], Fault], *, latency: float = 0.0, **changes: object) -> tuple[S3Store, FaultProxy]:
        proxies.append(FaultProxy(s3_server.port, decide, latency=latency))
        settings = {"bucket": bucket, "endpoint": proxies[-1].endpoint, "patience": HASTE, **changes}
        return s3_store(S3Settings(**settings)), proxies[-1]

    yield open_it
    for proxy in proxies:
        proxy.close()


PASSING = [Fault.CUT_REQUEST, Fault.LOSE_ANSWER, Fault.SLOW_DOWN, Fault.SERVER_ERROR, Fault.FAIL_AFTER, Fault.HANG]


@pytest.mark.parametrize("fault", PASSING, ids=lambda fault: fault.name)
def test_a_passing_fault_costs_a_repeat_and_nothing_else(behind: Callable[..., tuple[S3Store, FaultProxy]], fault: Fault) -> None:
    store, proxy = behind(once(fault, "PUT"))
    etag = store.put("feed.xml", b"<rss/>" * 1000, PAGE)
    found = store.read("feed.xml")
    assert found is not None
    assert (found.body, found.etag) == (b"<rss/>" * 1000, etag)
    assert [request.method for request, _ in proxy.seen] == ["PUT", "PUT", "GET"]


@pytest.mark.parametrize("fault", [Fault.CUT_ANSWER, Fault.LOSE_ANSWER, Fault.SERVER_ERROR], ids=lambda fault: fault.name)
def test_what_is_read_over_a_bad_line_is_whole(behind: Callable[..., tuple[S3Store, FaultProxy]], tmp_path: Path, fault: Fault) -> None:
    body = os.urandom(300_000)
    store, _ = behind(once(fault, "GET", times=2))
    store.put("media/a.mp3", body, AUDIO)
    found = store.read("media/a.mp3")
    assert found is not None
    assert found.body == body
    store, _ = behind(once(fault, "GET", times=2))
    store.fetch("media/a.mp3", tmp_path / "a.mp3")
    assert (tmp_path / "a.mp3").read_bytes() == body


@pytest.mark.parametrize("fault", [Fault.LOSE_ANSWER, Fault.FAIL_AFTER], ids=lambda fault: fault.name)
def test_a_conditional_write_whose_answer_was_lost_is_a_success(behind: Callable[..., tuple[S3Store, FaultProxy]], fault: Fault) -> None:
    store, _ = behind(once(fault, "PUT"))
    etag = store.put(".airdate/claims/1", b"mine", PAGE, if_absent=True)
    store, _ = behind(once(fault, "PUT"))
    store.put(".airdate/claims/1", b"mine, renewed", PAGE, if_match=etag)
    found = store.read(".airdate/claims/1")
    assert found is not None
    assert found.body == b"mine, renewed"


@pytest.mark.parametrize("fault", [Fault.LOSE_ANSWER, Fault.SLOW_DOWN, Fault.CUT_REQUEST], ids=lambda fault: fault.name)
def test_a_conditional_write_that_somebody_else_won_stays_lost_after_repeats(
    behind: Callable[..., tuple[S3Store, FaultProxy]], fault: Fault
) -> None:
    other, _ = behind(lambda _: Fault.NONE)
    other.put("claim", b"theirs", PAGE)
    for condition in ({"if_absent": True}, {"if_match": "0" * 32}):
        store, _ = behind(once(fault, "PUT"))
        with pytest.raises(ConditionFailed):
            store.put("claim", b"mine", PAGE, **condition)


@pytest.mark.parametrize("fault", [Fault.LOSE_ANSWER, Fault.FAIL_AFTER, Fault.CUT_REQUEST], ids=lambda fault: fault.name)
@pytest.mark.parametrize("number", range(3))
def test_a_probe_whose_answers_get_lost_is_not_fooled(behind: Callable[..., tuple[S3Store, FaultProxy]], fault: Fault, number: int) -> None:
    puts = itertools.count()
    store, _ = behind(lambda request: fault if request.method == "PUT" and next(puts) == number else Fault.NONE)
    assert probe_conditions(store) == "enforced"


class TooLateError(Exception):
    """What a fence raises."""


@pytest.mark.parametrize("fault", [Fault.CUT_REQUEST, Fault.LOSE_ANSWER, Fault.SLOW_DOWN, Fault.HANG], ids=lambda fault: fault.name)
@pytest.mark.parametrize("keys", [["a.html"], ["a.html", "b.html"]], ids=["one", "several"])
def test_a_delete_is_not_repeated_when_its_time_is_over(
    behind: Callable[..., tuple[S3Store, FaultProxy]], fault: Fault, keys: list[str]
) -> None:
    tireless = Patience(connect=2, read=0.3, total=60, attempts=1000, first_pause=0.01, longest_pause=0.05)
    store, proxy = behind(lambda request: fault if request.method in ("DELETE", "POST") else Fault.NONE, patience=tireless)
    for key in keys:
        store.put(key, b"<p>", PAGE)
    over = threading.Event()

    def fence() -> None:
        if over.is_set():
            raise TooLateError

    timer = threading.Timer(0.5, over.set)
    timer.start()
    with pytest.raises(TooLateError):
        store.delete(keys, fence=fence)
    timer.join()
    sent = [request for request, _ in proxy.seen if request.method in ("DELETE", "POST")]
    time.sleep(1.5)
    assert sent
    assert sent == [request for request, _ in proxy.seen if request.method in ("DELETE", "POST")], "nothing is sent afterwards"


def test_a_connection_that_took_its_time_is_not_used_when_the_time_is_over(behind: Callable[..., tuple[S3Store, FaultProxy]]) -> None:
    """Names to look up, addresses that do not answer, a handshake: a laptop that sleeps there wakes up with a line to the server."""
    store, proxy = behind(lambda _: Fault.NONE)
    asked = itertools.count()

    def fence() -> None:
        if next(asked):
            raise TooLateError

    with pytest.raises(TooLateError):
        store.delete(["a.html"], fence=fence)
    assert not [request for request, _ in proxy.seen if request.method == "DELETE"]


def test_what_is_under_way_is_given_up_when_the_store_is_stopped_and_its_parts_stay(
    behind: Callable[..., tuple[S3Store, FaultProxy]], tmp_path: Path
) -> None:
    recording = tmp_path / "audio.mp3"
    recording.write_bytes(os.urandom(14 * MIB))
    tireless = Patience(connect=5, read=20, total=100, attempts=1000, first_pause=0.01, longest_pause=0.02)
    tired = once(Fault.SLOW_DOWN, "PUT", "partNumber=2", times=100_000)
    store, proxy = behind(tired, multipart_above=8 * MIB, part_size=5 * MIB, patience=tireless)
    stopping = threading.Timer(2.0, store.stopped.set)
    stopping.start()
    with pytest.raises(StorageError) as caught:
        store.put("media/a.mp3", recording, AUDIO)
    assert caught.value.code == "storage-stopped"
    assert "DELETE" not in [request.method for request, _ in proxy.seen]
    store.stopped.clear()
    proxy.decide = lambda _: Fault.NONE
    before = len(proxy.seen)
    store.put("media/a.mp3", recording, AUDIO)
    sent = [request.path for request, _ in proxy.seen[before:] if "partNumber=" in request.path and request.method == "PUT"]
    assert len(sent) == 1, "the others had arrived"


def test_the_same_bytes_of_somebody_else_are_no_success_without_a_repeat(behind: Callable[..., tuple[S3Store, FaultProxy]]) -> None:
    store, _ = behind(lambda _: Fault.NONE)
    store.put("claim", b"the same", PAGE)
    with pytest.raises(ConditionFailed):
        store.put("claim", b"the same", PAGE, if_absent=True)


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        (Fault.SLOW_DOWN, "storage-busy-server"),
        (Fault.CUT_REQUEST, "storage-lost"),
        (Fault.LOSE_ANSWER, "storage-lost"),
        (Fault.HANG, "storage-lost"),
    ],
    ids=lambda value: value.name if isinstance(value, Fault) else value,
)
def test_patience_has_an_end(behind: Callable[..., tuple[S3Store, FaultProxy]], fault: Fault, code: str) -> None:
    impatient = Patience(connect=1, read=0.2, total=1, attempts=4, first_pause=0.01, longest_pause=0.02)
    store, proxy = behind(lambda request: fault if request.method == "PUT" else Fault.NONE, patience=impatient)
    assert store.head("feed.xml") is None  # the first request makes the client, and boto3 takes its time for it
    began = time.monotonic()
    with pytest.raises(StorageError) as caught:
        store.put("feed.xml", b"<rss/>" * 100, PAGE)
    assert time.monotonic() - began < 5
    assert caught.value.code == code
    assert 2 <= len([request for request, _ in proxy.seen if request.method == "PUT"]) <= 4


def test_a_line_that_takes_nothing_for_a_while_is_waited_for_while_sending(
    behind: Callable[..., tuple[S3Store, FaultProxy]], tmp_path: Path
) -> None:
    recording = tmp_path / "audio.mp3"
    recording.write_bytes(os.urandom(16 * MIB))
    patience = Patience(connect=0.3, read=5, total=0, attempts=1)
    store, _ = behind(once(Fault.STALL, "PUT"), patience=patience)
    store.put("media/a.mp3", recording, AUDIO)
    found = store.head("media/a.mp3")
    assert found is not None
    assert found.size == 16 * MIB


def test_half_a_recording_is_never_an_object(behind: Callable[..., tuple[S3Store, FaultProxy]], tmp_path: Path) -> None:
    recording = tmp_path / "audio.mp3"
    recording.write_bytes(os.urandom(3 * MIB))
    store, _ = behind(once(Fault.CUT_REQUEST, "PUT", times=99))
    with pytest.raises(StorageError):
        store.put("media/a.mp3", recording, AUDIO)
    assert store.read("media/a.mp3") is None


@pytest.mark.parametrize(
    ("method", "part"),
    [("POST", "uploads"), ("PUT", "partNumber=2"), ("POST", "uploadId"), ("GET", "uploads")],
    ids=["begin", "part", "put together", "look for parts"],
)
@pytest.mark.parametrize("fault", [Fault.LOSE_ANSWER, Fault.SLOW_DOWN], ids=lambda fault: fault.name)
def test_a_large_file_arrives_over_a_bad_line(
    behind: Callable[..., tuple[S3Store, FaultProxy]], tmp_path: Path, method: str, part: str, fault: Fault
) -> None:
    recording = tmp_path / "audio.mp3"
    data = os.urandom(9 * MIB)
    recording.write_bytes(data)
    store, proxy = behind(once(fault, method, part), multipart_above=8 * MIB, part_size=5 * MIB)
    etag = store.put("media/a.mp3", recording, AUDIO, if_absent=True)
    assert fault in [hit for _, hit in proxy.seen]
    found = store.read("media/a.mp3")
    assert found is not None
    assert (found.body, found.etag) == (data, etag)


def test_an_upload_that_is_gone_because_it_was_put_together_is_a_success(
    behind: Callable[..., tuple[S3Store, FaultProxy]], tmp_path: Path
) -> None:
    recording = tmp_path / "audio.mp3"
    recording.write_bytes(os.urandom(9 * MIB))
    faults = iter([Fault.LOSE_ANSWER, Fault.GONE])

    def decide(request: Request) -> Fault:
        return next(faults) if request.method == "POST" and "uploadId" in request.path else Fault.NONE

    store, _ = behind(decide, multipart_above=8 * MIB, part_size=5 * MIB)
    etag = store.put("media/a.mp3", recording, AUDIO)
    found = store.head("media/a.mp3")
    assert found is not None
    assert (found.size, found.etag) == (9 * MIB, etag)


def test_an_upload_that_is_gone_without_a_result_is_an_error(behind: Callable[..., tuple[S3Store, FaultProxy]], tmp_path: Path) -> None:
    recording = tmp_path / "audio.mp3"
    recording.write_bytes(os.urandom(9 * MIB))
    store, _ = behind(once(Fault.GONE, "POST", "uploadId"), multipart_above=8 * MIB, part_size=5 * MIB)
    with pytest.raises(StorageError) as caught:
        store.put("media/a.mp3", recording, AUDIO)
    assert caught.value.code == "storage-lost"
    assert store.head("media/a.mp3") is None


LARGE = {"multipart_above": 8 * MIB, "part_size": 5 * MIB}


def uploads(server: servers.S3Server, bucket: str) -> list[str]:
    return [one["UploadId"] for one in server.client().list_multipart_uploads(Bucket=bucket).get("Uploads", ())]


@pytest.mark.parametrize("fault_at", ["partNumber=2", "uploadId"])
def test_an_upload_that_another_publisher_put_together_is_a_success(
    behind: Callable[..., tuple[S3Store, FaultProxy]], tmp_path: Path, fault_at: str
) -> None:
    """Two publish the same large recording: the second takes the first one's upload up and is done before it."""
    recording = tmp_path / "audio.mp3"
    recording.write_bytes(os.urandom(9 * MIB))
    other, _ = behind(lambda _: Fault.NONE, **LARGE)
    done: list[str] = []

    def decide(request: Request) -> Fault:
        if fault_at in request.path and request.method in ("PUT", "POST") and not done:
            done.append(other.put("media/a.mp3", recording, AUDIO))
        return Fault.NONE

    store, _ = behind(decide, **LARGE)
    assert store.put("media/a.mp3", recording, AUDIO, if_absent=True) == done[0]
    found = store.head("media/a.mp3")
    assert found is not None
    assert (found.size, found.etag) == (9 * MIB, done[0])


def test_an_upload_that_became_another_recording_is_no_success(behind: Callable[..., tuple[S3Store, FaultProxy]], tmp_path: Path) -> None:
    recording, theirs = tmp_path / "audio.mp3", tmp_path / "theirs.mp3"
    for path in (recording, theirs):
        path.write_bytes(os.urandom(9 * MIB))
    other, _ = behind(lambda _: Fault.NONE, **LARGE)
    done: list[str] = []

    def decide(request: Request) -> Fault:
        if "partNumber=2" in request.path and not done:
            done.append(other.put("media/a.mp3", theirs, AUDIO))
        return Fault.NONE

    store, _ = behind(decide, **LARGE)
    with pytest.raises(StorageError) as caught:
        store.put("media/a.mp3", recording, AUDIO)
    assert caught.value.code == "storage-lost"


def test_an_upload_that_somebody_else_began_is_never_thrown_away(
    behind: Callable[..., tuple[S3Store, FaultProxy]], bucket: str, s3_server: servers.S3Server, tmp_path: Path
) -> None:
    recording = tmp_path / "audio.mp3"
    recording.write_bytes(os.urandom(9 * MIB))
    store, _ = behind(once(Fault.FORBIDDEN, "PUT", "partNumber"), **LARGE)
    theirs = s3_server.client().create_multipart_upload(Bucket=bucket, Key="media/a.mp3", ContentType="audio/mpeg")["UploadId"]
    with pytest.raises(StorageError):
        store.put("media/a.mp3", recording, AUDIO)
    assert uploads(s3_server, bucket) == [theirs]
    s3_server.client().abort_multipart_upload(Bucket=bucket, Key="media/a.mp3", UploadId=theirs)
    store, _ = behind(once(Fault.FORBIDDEN, "PUT", "partNumber"), **LARGE)
    with pytest.raises(StorageError):
        store.put("media/a.mp3", recording, AUDIO)
    assert uploads(s3_server, bucket) == [], "our own is taken away"


def test_parts_stay_when_the_line_is_dead_and_count_the_next_time(
    behind: Callable[..., tuple[S3Store, FaultProxy]], tmp_path: Path
) -> None:
    recording = tmp_path / "audio.mp3"
    recording.write_bytes(os.urandom(14 * MIB))
    brief = Patience(connect=5, read=20, total=20, attempts=2, first_pause=0.01, longest_pause=0.02)
    store, _ = behind(once(Fault.CUT_REQUEST, "PUT", "partNumber=3", times=99), multipart_above=8 * MIB, part_size=5 * MIB, patience=brief)
    with pytest.raises(StorageError) as caught:
        store.put("media/a.mp3", recording, AUDIO)
    assert caught.value.code == "storage-lost"
    again, proxy = behind(lambda _: Fault.NONE, multipart_above=8 * MIB, part_size=5 * MIB)
    again.put("media/a.mp3", recording, AUDIO)
    sent = [request.path for request, _ in proxy.seen if "partNumber" in request.path]
    assert len(sent) == 1
    assert "partNumber=3" in sent[0]


def test_a_whole_show_arrives_though_every_fifth_request_fails(behind: Callable[..., tuple[S3Store, FaultProxy]]) -> None:
    kinds = [fault for fault in PASSING if fault is not Fault.HANG] + [Fault.CUT_ANSWER]
    store, proxy = behind(seeded(7, 0.2, kinds))
    bodies = {f"episodes/{number:03}.html": os.urandom(2000) for number in range(150)}
    with ThreadPoolExecutor(16) as pool:
        list(pool.map(lambda key: store.put(key, bodies[key], PAGE, if_absent=True), bodies))
        found = list(pool.map(store.read, bodies))
    assert [one and one.body for one in found] == list(bodies.values())
    assert sum(fault is not Fault.NONE for _, fault in proxy.seen) > 30


def test_slow_answers_are_waited_for_side_by_side(behind: Callable[..., tuple[S3Store, FaultProxy]]) -> None:
    store, _ = behind(lambda _: Fault.NONE, latency=0.2)
    began = time.monotonic()
    start = threading.Barrier(32)

    def put(number: int) -> None:
        start.wait()
        store.put(f"{number}.html", b"x", PAGE)

    with ThreadPoolExecutor(32) as pool:
        list(pool.map(put, range(32)))
    assert time.monotonic() - began < 32 * 0.2 / 2
