"""Google Cloud Storage in its own dialect: signatures, and conditions that compare generations."""

from __future__ import annotations

import hashlib
import hmac
import os
from typing import TYPE_CHECKING

import pytest

from publisher.core.errors import StorageError
from publisher.stores.boto3_store import Boto3Store
from publisher.stores.conditions_probe import probe_conditions
from publisher.stores.open_store import Location, open_store
from publisher.stores.protocol import ConditionFailed, Headers
from publisher.stores.providers import AMAZON, GOOGLE
from publisher.stores.s3.http import Patience
from publisher.stores.s3.signing import UNSIGNED, AccessKeys, signed
from publisher.stores.s3.store import S3Settings, S3Store
from publisher.sync.storage import Storage
from tests.support import servers
from tests.support.google_server import GoogleServer

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.support.service_servers import Asked

PAGE = Headers(content_type="text/html; charset=utf-8", cache_control="public, max-age=300")
PART = 1 << 20
HASTE = Patience(connect=2, read=5, total=5, attempts=4, first_pause=0.001, longest_pause=0.01)
KEYS = AccessKeys("GOOGTS7C7FUP3AIRVJTE2BCD", "bGoa+V7g/yqDXvKRqq+JTFn4uQZbPiQJo4pf9RzJ")
NOW = 1_551_430_800.0
"""2019-03-01T09:00:00Z"""


@pytest.fixture
def server(aws_environment: pytest.MonkeyPatch) -> Iterator[GoogleServer]:
    aws_environment.setenv("AWS_ACCESS_KEY_ID", servers.KEY)
    aws_environment.setenv("AWS_SECRET_ACCESS_KEY", servers.SECRET)
    with GoogleServer() as running:
        yield running


def settings(server: GoogleServer) -> S3Settings:
    return S3Settings(bucket="show", endpoint=server.address, provider="gcs", patience=HASTE, multipart_above=PART, part_size=PART)


@pytest.fixture
def store(server: GoogleServer) -> S3Store:
    return S3Store(settings(server))


def test_a_request_is_signed_as_google_writes_it() -> None:
    headers = {"Content-Type": "text/html", "x-goog-if-generation-match": "0"}
    sent = signed(
        "PUT", "https://storage.googleapis.com/show/a.html", headers, payload=UNSIGNED, keys=KEYS, region="auto", now=NOW, dialect=GOOGLE
    )
    names = "content-type;host;x-goog-content-sha256;x-goog-date;x-goog-if-generation-match"
    request = (
        "PUT\n/show/a.html\n\ncontent-type:text/html\nhost:storage.googleapis.com\nx-goog-content-sha256:UNSIGNED-PAYLOAD\n"
        f"x-goog-date:20190301T090000Z\nx-goog-if-generation-match:0\n\n{names}\nUNSIGNED-PAYLOAD"
    )
    digest = hashlib.sha256(request.encode()).hexdigest()
    words = f"GOOG4-HMAC-SHA256\n20190301T090000Z\n20190301/auto/storage/goog4_request\n{digest}"
    key = b"GOOG4" + KEYS.secret_key.encode()
    for word in ("20190301", "auto", "storage", "goog4_request", words):
        key = hmac.new(key, word.encode(), "sha256").digest()
    assert sent["Authorization"] == (
        f"GOOG4-HMAC-SHA256 Credential={KEYS.access_key}/20190301/auto/storage/goog4_request, SignedHeaders={names}, Signature={key.hex()}"
    )
    assert not [name for name in sent if name.lower().startswith("x-amz-")]
    amazon = signed(
        "PUT", "https://storage.googleapis.com/show/a.html", {}, payload=UNSIGNED, keys=KEYS, region="auto", now=NOW, dialect=AMAZON
    )
    assert amazon["Authorization"].startswith("AWS4-HMAC-SHA256 ")


def test_a_write_where_nothing_may_be_is_refused_the_second_time(store: S3Store, server: GoogleServer) -> None:
    store.put(".airdate/claims/1", b"mine", PAGE, if_absent=True)
    with pytest.raises(ConditionFailed):
        store.put(".airdate/claims/1", b"theirs", PAGE, if_absent=True)
    assert server.objects["/show/.airdate/claims/1"].body == b"mine"


def test_a_publisher_that_slept_overwrites_nothing_newer(store: S3Store, server: GoogleServer) -> None:
    known = store.put("feed.xml", b"<rss>1", PAGE)
    S3Store(settings(server)).put("feed.xml", b"<rss>2", PAGE, if_match=known)
    with pytest.raises(ConditionFailed):
        store.put("feed.xml", b"<rss>old", PAGE, if_match=known)
    assert server.objects["/show/feed.xml"].body == b"<rss>2"


def test_one_that_sleeps_between_its_look_and_its_write_overwrites_nothing_newer(store: S3Store, server: GoogleServer) -> None:
    known = store.put("feed.xml", b"<rss>1", PAGE)

    def meanwhile(asked: Asked) -> None:
        server.replace("/show/feed.xml", b"<rss>2")

    server.before_write = meanwhile
    with pytest.raises(ConditionFailed):
        store.put("feed.xml", b"<rss>old", PAGE, if_match=known)
    store.delete(["feed.xml"], etags={"feed.xml": hashlib.md5(b"<rss>2", usedforsecurity=False).hexdigest()})
    assert server.objects["/show/feed.xml"].body == b"<rss>2"


def test_a_delete_takes_only_what_it_knows(store: S3Store, server: GoogleServer) -> None:
    known = store.put("a.html", b"1", PAGE)
    newer = store.put("a.html", b"2", PAGE)
    store.delete(["a.html", "none.html"], etags={"a.html": known, "none.html": known})
    assert "/show/a.html" in server.objects
    store.delete(["a.html"], etags={"a.html": newer})
    assert server.objects == {}
    assert not [asked for asked in server.writes() if "delete" in asked.query], "a deletion of many heeds no conditions"


def test_our_own_write_whose_answer_was_lost_is_known_as_ours(store: S3Store, server: GoogleServer) -> None:
    known = store.put("feed.xml", b"<rss>1", PAGE)
    lost: list[str] = []

    def lose(asked: Asked) -> None:
        if not lost:  # carried out, and nobody hears of it
            lost.append(asked.path)
            server.replace(asked.path, asked.body)
            raise ConnectionError

    server.before_write = lose
    assert store.put("feed.xml", b"<rss>2", PAGE, if_match=known) == server.objects["/show/feed.xml"].etag
    assert lost == ["/show/feed.xml"]


def test_a_large_file_is_looked_at_first_since_parts_know_no_conditions(store: S3Store, server: GoogleServer, tmp_path: Path) -> None:
    recording = tmp_path / "audio.mp3"
    recording.write_bytes(os.urandom(2 * PART + 5))
    etag = store.put("media/a.mp3", recording, PAGE, if_absent=True)
    assert server.objects["/show/media/a.mp3"].body == recording.read_bytes()
    with pytest.raises(ConditionFailed):
        store.put("media/a.mp3", recording, PAGE, if_absent=True)
    with pytest.raises(ConditionFailed):
        store.put("media/a.mp3", recording, PAGE, if_match="0" * 32)
    assert store.put("media/a.mp3", recording, PAGE, if_match=etag) == etag


def test_objects_carry_our_mark_whichever_dialect_put_it_there(store: S3Store, server: GoogleServer) -> None:
    Boto3Store(settings(server)).put("by-boto3.html", b"x", PAGE)
    store.put("by-us.html", b"x", PAGE)
    server.replace("/show/strange.html", b"x")
    marks = {line.key: found.ours for line in store.list("") if (found := store.head(line.key)) is not None}
    assert marks == {"by-boto3.html": True, "by-us.html": True, "strange.html": False}


def test_plain_keys_are_spoken_to_google_by_the_lean_client_and_promise_conditions(server: GoogleServer, tmp_path: Path) -> None:
    lean = open_store(Location(url="s3://show", endpoint=server.address, provider="gcs"), tmp_path)
    assert not isinstance(lean, Boto3Store)
    assert lean.conditions == "enforced"
    assert probe_conditions(lean) == "enforced"


def test_boto3_cannot_make_writes_to_google_conditional_and_says_so(
    server: GoogleServer, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from publisher.core import console

    heard: list[str] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(console, "_listeners", [heard.append])
        patch.setattr(console, "_said", set())
        by_boto3 = open_store(Location(url="s3://show", endpoint=server.address, provider="gcs", client="boto3"), tmp_path)
        open_store(Location(url="s3://show", endpoint=server.address, provider="gcs"), tmp_path)
        open_store(Location(url="s3://show", endpoint=server.address, provider="r2", client="boto3"), tmp_path)
    assert len(heard) == 1
    assert "one machine" in heard[0]
    assert by_boto3.conditions == "ignored"
    assert probe_conditions(by_boto3) == "ignored"


def test_what_was_found_out_through_boto3_is_not_believed_of_the_lean_client(server: GoogleServer, store: S3Store) -> None:
    boto3 = Boto3Store(settings(server))
    ours, theirs = Storage(public=store, private=store), Storage(public=boto3, private=boto3)
    assert not theirs.use_remembered(ours.to_remember("enforced"))
    assert not ours.use_remembered(theirs.to_remember("ignored"))
    assert ours.use_remembered(ours.to_remember("enforced"))


def test_a_wrong_secret_is_told_as_one(server: GoogleServer, store: S3Store, aws_environment: pytest.MonkeyPatch) -> None:
    aws_environment.setenv("AWS_SECRET_ACCESS_KEY", "another")
    with pytest.raises(StorageError) as caught:
        store.put("a.html", b"", PAGE)
    assert caught.value.code == "storage-credentials"
