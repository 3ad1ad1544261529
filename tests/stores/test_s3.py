"""A bucket on a real server: what is particular to S3."""

from __future__ import annotations

import contextlib
import gc
import hashlib
import os
import socket
import subprocess
import sys
import threading
import time
import weakref
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from publisher.core.errors import StorageError
from publisher.stores.boto3_store import Boto3Store
from publisher.stores.conditions_probe import KEY as PROBE_KEY
from publisher.stores.conditions_probe import probe_conditions
from publisher.stores.open_store import Location, open_store
from publisher.stores.protocol import ConditionFailed, Headers
from publisher.stores.s3.http import Patience
from publisher.stores.s3.store import S3Settings, S3Store
from tests.support import ROOT, servers
from tests.support.fault_proxy import Fault, FaultProxy, Request, once

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    Opened = Callable[..., S3Store]

PAGE = Headers(content_type="text/html; charset=utf-8", cache_control="public, max-age=300")
AUDIO = Headers(content_type="audio/mpeg", cache_control="public, max-age=31536000, immutable")
HASTE = Patience(connect=2, read=5, total=5, attempts=6, first_pause=0.01, longest_pause=0.05)
MIB = 1 << 20


@pytest.fixture
def opened(s3_server: servers.S3Server, bucket: str, s3_store: type[S3Store]) -> Opened:
    """Open a store on the test's bucket, with other settings where given."""

    def open_it(**changes: object) -> S3Store:
        settings = {"bucket": bucket, "endpoint": s3_server.endpoint, "patience": HASTE, **changes}
        return s3_store(S3Settings(**settings))

    return open_it


def refusal(call: Callable[[], object]) -> StorageError:
    with pytest.raises(StorageError) as caught:
        call()
    return caught.value


def test_another_program_finds_type_caching_and_bytes_under_the_prefix(opened: Opened, bucket: str, s3_server: servers.S3Server) -> None:
    opened(prefix="/a/show/").put("feed.xml", b"<rss/>", PAGE)
    seen = s3_server.client().get_object(Bucket=bucket, Key="a/show/feed.xml")
    assert seen["Body"].read() == b"<rss/>"
    assert (seen["ContentType"], seen["CacheControl"]) == (PAGE.content_type, PAGE.cache_control)


def test_headers_come_back_as_they_went(opened: Opened) -> None:
    store = opened()
    store.put("a.mp3", b"sound", AUDIO)
    found = store.read("a.mp3")
    assert found is not None
    assert found.headers == AUDIO


def test_a_store_that_nobody_holds_is_gone_with_its_connections(opened: Opened) -> None:
    store = opened()
    store.put("feed.xml", b"<rss/>", PAGE)
    held = weakref.ref(store._http)
    del store
    gc.collect()
    assert held() is None


def test_two_shows_in_one_bucket_do_not_see_each_other(opened: Opened) -> None:
    one, other = opened(prefix="one"), opened(prefix="one-more")
    one.put("a.html", b"1", PAGE)
    other.put("b.html", b"2", PAGE)
    assert [line.key for line in one.list("")] == ["a.html"]
    assert one.read("b.html") is None


def test_the_server_counts_the_requests_that_we_count(opened: Opened, bucket: str, s3_server: servers.S3Server) -> None:
    before = s3_server.counted(bucket)
    store = opened()
    store.read(".airdate/state")
    for number in range(5):
        store.put(f"{number}.html", b"x", PAGE)
    list(store.list(""))
    store.delete([f"{number}.html" for number in range(5)])
    after = s3_server.counted(bucket)
    assert store.requests == 8
    assert sum(after.values()) - sum(before.values()) == 8


def test_a_listing_goes_on_beyond_a_thousand(opened: Opened) -> None:
    from concurrent.futures import ThreadPoolExecutor

    store = opened()
    keys = [f"e/{number:04}" for number in range(1003)]
    with ThreadPoolExecutor(32) as pool:
        list(pool.map(lambda key: store.put(key, b"", PAGE), keys))
    before = store.requests
    assert [line.key for line in store.list("e/")] == keys
    assert store.requests - before == 2
    store.delete(keys)
    assert store.requests - before == 4
    assert list(store.list("")) == []


def test_a_public_bucket_is_read_without_credentials_and_not_written(
    s3_server: servers.S3Server, bucket: str, aws_environment: pytest.MonkeyPatch
) -> None:
    public = s3_server.make_bucket(public=True)
    S3Store(S3Settings(bucket=public, endpoint=s3_server.endpoint)).put("feed.xml", b"<rss/>", PAGE)
    aws_environment.delenv("AWS_ACCESS_KEY_ID")
    visitor = S3Store(S3Settings(bucket=public, endpoint=s3_server.endpoint, anonymous=True))
    found = visitor.read("feed.xml")
    assert found is not None
    assert found.body == b"<rss/>"
    with contextlib.suppress(StorageError):  # who may not list is told "forbidden" by some, as at Amazon
        assert visitor.read("none.xml") is None
    assert refusal(lambda: visitor.put("feed.xml", b"!", PAGE)).code == "storage-credentials"
    private = S3Store(S3Settings(bucket=bucket, endpoint=s3_server.endpoint, anonymous=True))
    assert refusal(lambda: private.read("feed.xml")).code == "storage-credentials"


def test_a_wrong_secret_is_told_from_an_unknown_key(opened: Opened, aws_environment: pytest.MonkeyPatch) -> None:
    aws_environment.setenv("AWS_SECRET_ACCESS_KEY", "not the secret")
    wrong = refusal(lambda: opened().read("feed.xml"))
    aws_environment.setenv("AWS_ACCESS_KEY_ID", "nobody")
    unknown = refusal(lambda: opened().read("feed.xml"))
    assert wrong.code == unknown.code == "storage-credentials"
    assert "secret key is wrong" in wrong.message
    assert "does not know this access key" in unknown.message
    assert "not the secret" not in f"{wrong.message}{wrong.cause}{wrong.hint}"


def test_a_bucket_that_is_not_there_is_named(opened: Opened) -> None:
    store = opened(bucket="no-such-bucket")
    for call in (lambda: store.read("feed.xml"), lambda: store.put("feed.xml", b"", PAGE), lambda: list(store.list(""))):
        error = refusal(call)
        assert error.code == "storage-no-bucket"
        assert "no-such-bucket" in error.message


def test_credentials_that_may_only_read_are_told_so(opened: Opened, aws_environment: pytest.MonkeyPatch) -> None:
    opened().put("feed.xml", b"<rss/>", PAGE)
    aws_environment.setenv("AWS_ACCESS_KEY_ID", servers.READ_KEY)
    aws_environment.setenv("AWS_SECRET_ACCESS_KEY", servers.READ_SECRET)
    reader = opened()
    assert reader.read("feed.xml") is not None
    error = refusal(lambda: reader.put("feed.xml", b"!", PAGE))
    assert error.code == "storage-denied"
    assert "s3:PutObject" in error.hint
    assert refusal(lambda: reader.delete(["feed.xml"])).code == "storage-denied"
    assert refusal(lambda: reader.delete(["feed.xml", "a.html"])).code == "storage-denied"


def test_nobody_listening_is_found_out_quickly(opened: Opened) -> None:
    (port,) = servers.free_ports(1)
    store = opened(endpoint=f"http://127.0.0.1:{port}", patience=Patience(first_pause=0.01))
    error = refusal(lambda: store.read("feed.xml"))
    assert error.code == "storage-unreachable"
    assert "Connection(" not in error.cause  # people know no connection pools
    assert error.cause.count("refused") == 1
    assert f"127.0.0.1:{port}" in error.message
    assert "0x" not in error.cause
    assert store.requests == 3


def test_a_host_that_does_not_exist_is_named(opened: Opened) -> None:
    error = refusal(lambda: opened(endpoint="https://nobody.invalid").read("feed.xml"))
    assert error.code == "storage-dns"
    assert "nobody.invalid" in error.message


def test_plain_http_behind_an_https_address_is_a_matter_of_tls(opened: Opened, s3_server: servers.S3Server) -> None:
    error = refusal(lambda: opened(endpoint=s3_server.endpoint.replace("http:", "https:")).read("feed.xml"))
    assert error.code == "storage-tls"


@pytest.fixture
def secure(opened: Opened, s3_server: servers.S3Server, aws_environment: pytest.MonkeyPatch) -> Opened:
    """Open a store over TLS, its certificate trusted."""
    if not s3_server.certificate.is_file():
        pytest.skip("openssl is not installed (needed for a certificate)")
    aws_environment.setenv("AWS_CA_BUNDLE", str(s3_server.certificate))
    return lambda **changes: opened(endpoint=s3_server.secure_endpoint, **changes)


def test_over_tls_everything_arrives_as_well(secure: Opened, tmp_path: Path) -> None:
    store = secure(multipart_above=8 * MIB, part_size=5 * MIB)
    small, large = tmp_path / "small.mp3", tmp_path / "large.mp3"
    small.write_bytes(os.urandom(100_000))
    large.write_bytes(os.urandom(9 * MIB))
    etag = store.put("feed.xml", b"<rss/>", PAGE, if_absent=True)
    store.put("feed.xml", b"<rss></rss>", PAGE, if_match=etag)
    store.put("small.mp3", small, AUDIO)
    store.put("large.mp3", large, AUDIO)
    store.copy("small.mp3", "copy.mp3", AUDIO)
    for key, body in (("feed.xml", b"<rss></rss>"), ("small.mp3", small.read_bytes()), ("copy.mp3", small.read_bytes())):
        found = store.read(key)
        assert found is not None
        assert found.body == body
    assert store.fetch("large.mp3", tmp_path / "back.mp3")
    assert (tmp_path / "back.mp3").read_bytes() == large.read_bytes()
    store.delete(["feed.xml", "small.mp3"])
    assert [line.key for line in store.list("")] == ["copy.mp3", "large.mp3"]


def test_other_bytes_than_were_measured_are_refused_over_tls_too(secure: Opened, tmp_path: Path) -> None:
    recording = tmp_path / "audio.mp3"
    recording.write_bytes(b"after")
    store = secure()
    assert refusal(lambda: store.put("a.mp3", recording, AUDIO, md5=b"0" * 16)).code == "storage-changed"
    assert store.read("a.mp3") is None


def test_a_certificate_that_nobody_signed_is_not_trusted(secure: Opened, aws_environment: pytest.MonkeyPatch) -> None:
    for name in ("AWS_CA_BUNDLE", "REQUESTS_CA_BUNDLE"):
        aws_environment.delenv(name, raising=False)
    error = refusal(lambda: secure().read("feed.xml"))
    assert error.code == "storage-tls"
    assert "AWS_CA_BUNDLE" in error.hint


def test_a_recording_is_streamed_and_never_held_whole(opened: Opened, bucket: str, s3_server: servers.S3Server, tmp_path: Path) -> None:
    recording = tmp_path / "audio.mp3"
    with recording.open("wb") as file:
        for _ in range(60):
            file.write(os.urandom(MIB))
    code = (
        "import resource, sys; from pathlib import Path; from publisher.stores.protocol import Headers\n"
        "from publisher.stores.open_store import Location, open_store\n"
        f"store = open_store(Location('s3://{bucket}', endpoint='{s3_server.endpoint}'), Path()); store.read('x')\n"
        "before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        f"store.put('a.mp3', Path('{recording}'), Headers(content_type='audio/mpeg'))\n"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True, timeout=60)
    assert int(done.stdout) < 8 * 1024


def test_no_credentials_at_all_says_where_they_belong(opened: Opened, aws_environment: pytest.MonkeyPatch) -> None:
    aws_environment.delenv("AWS_ACCESS_KEY_ID")
    aws_environment.delenv("AWS_SECRET_ACCESS_KEY")
    error = refusal(lambda: opened().read("feed.xml"))
    assert error.code == "storage-credentials"
    assert "AWS_ACCESS_KEY_ID" in error.hint


def test_a_login_that_ran_out_says_how_to_log_in_again(
    s3_server: servers.S3Server, bucket: str, aws_environment: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    config = tmp_path / "config"
    config.write_text(
        "[profile podcast]\nsso_session = office\nsso_account_id = 123456789012\nsso_role_name = publisher\n"
        "[sso-session office]\nsso_region = us-east-1\nsso_start_url = https://office.invalid/start\n"
    )
    aws_environment.setenv("AWS_CONFIG_FILE", str(config))
    aws_environment.setenv("HOME", str(tmp_path))
    store = open_store(Location(f"s3://{bucket}", endpoint=s3_server.endpoint, profile="podcast"), tmp_path)
    error = refusal(lambda: store.read("feed.xml"))
    assert error.code == "storage-expired"
    assert "aws sso login --profile podcast" in error.hint


def test_a_wrong_clock_is_set_by_the_storages_own(opened: Opened, s3_server: servers.S3Server) -> None:
    right = time.time
    with FaultProxy(s3_server.port) as proxy, pytest.MonkeyPatch.context() as patch:
        patch.setattr("time.time", lambda: right() - 5 * 3600)
        patch.setattr("botocore.auth.get_current_datetime", lambda: datetime.fromtimestamp(time.time(), UTC).replace(tzinfo=None))
        store = opened(endpoint=proxy.endpoint)
        store.put("feed.xml", b"<rss/>", PAGE, if_absent=True)
        assert store.head("feed.xml") is not None
        assert [request.method for request, _ in proxy.seen] == ["PUT", "PUT", "HEAD"], "the difference is remembered"


def test_an_address_that_is_no_storage_is_said_so(opened: Opened, tmp_path: Path) -> None:
    (port,) = servers.free_ports(1)
    arguments = [sys.executable, "-m", "http.server", "--bind", "127.0.0.1", "--directory", str(tmp_path), str(port)]
    with subprocess.Popen(arguments, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as website:
        servers.wait_until_answers(f"http://127.0.0.1:{port}/", website)
        store = opened(endpoint=f"http://127.0.0.1:{port}", patience=Patience(attempts=1))
        codes = [refusal(call).code for call in (lambda: store.read("a"), lambda: store.put("a", b"", PAGE), lambda: list(store.list("")))]
        website.kill()
    assert codes == ["storage-no-bucket", "storage-unsupported", "storage-no-bucket"]


def test_a_profile_is_read_from_the_usual_files(opened: Opened, aws_environment: pytest.MonkeyPatch, tmp_path: Path) -> None:
    aws_environment.delenv("AWS_ACCESS_KEY_ID")
    aws_environment.delenv("AWS_SECRET_ACCESS_KEY")
    credentials = tmp_path / "credentials"
    credentials.write_text(f"[podcast]\naws_access_key_id = {servers.KEY}\naws_secret_access_key = {servers.SECRET}\n")
    aws_environment.setenv("AWS_SHARED_CREDENTIALS_FILE", str(credentials))
    opened(profile="podcast").put("feed.xml", b"<rss/>", PAGE)
    unknown = open_store(Location("s3://show", endpoint="http://127.0.0.1:9", profile="another"), tmp_path)
    error = refusal(lambda: unknown.read("feed.xml"))
    assert error.code == "storage-credentials"
    assert "another" in error.message


def test_a_large_file_goes_in_parts_of_one_size(opened: Opened, bucket: str, s3_server: servers.S3Server, tmp_path: Path) -> None:
    recording = tmp_path / "audio.mp3"
    data = os.urandom(11 * MIB + 5)
    recording.write_bytes(data)
    store = opened(multipart_above=8 * MIB, part_size=5 * MIB)
    etag = store.put("media/a.mp3", recording, AUDIO, md5=hashlib.md5(data, usedforsecurity=False).digest(), if_absent=True)
    assert etag.endswith("-3")
    seen = s3_server.client().get_object(Bucket=bucket, Key="media/a.mp3")
    assert seen["Body"].read() == data
    assert (seen["ContentType"], seen["CacheControl"], seen["ETag"].strip('"')) == (AUDIO.content_type, AUDIO.cache_control, etag)
    with pytest.raises(ConditionFailed):
        store.put("media/a.mp3", recording, AUDIO, if_absent=True)
    assert "Uploads" not in s3_server.client().list_multipart_uploads(Bucket=bucket)


def test_a_large_file_whose_condition_fails_is_not_sent_at_all(
    opened: Opened, bucket: str, s3_server: servers.S3Server, tmp_path: Path
) -> None:
    recording = tmp_path / "audio.mp3"
    recording.write_bytes(os.urandom(9 * MIB))
    there = opened().put("media/a.mp3", b"theirs", AUDIO)
    with FaultProxy(s3_server.port) as proxy:
        store = opened(endpoint=proxy.endpoint, multipart_above=8 * MIB, part_size=5 * MIB)
        for key, condition in (
            ("media/a.mp3", {"if_absent": True}),
            ("media/a.mp3", {"if_match": "0" * 32}),
            ("media/b.mp3", {"if_match": there}),
        ):
            with pytest.raises(ConditionFailed):
                store.put(key, recording, AUDIO, **condition)
    assert {request.method for request, _ in proxy.seen} == {"HEAD"}, "nothing was sent"
    store = opened(multipart_above=8 * MIB, part_size=5 * MIB)
    assert "Uploads" not in s3_server.client().list_multipart_uploads(Bucket=bucket)
    store.put("media/a.mp3", recording, AUDIO, if_match=there)
    assert store.read("media/b.mp3") is None
    found = store.head("media/a.mp3")
    assert found is not None
    assert found.size == 9 * MIB


def test_a_large_file_that_changed_is_not_put_together(opened: Opened, bucket: str, s3_server: servers.S3Server, tmp_path: Path) -> None:
    recording = tmp_path / "audio.mp3"
    recording.write_bytes(os.urandom(11 * MIB))
    store = opened(multipart_above=8 * MIB, part_size=5 * MIB)
    error = refusal(lambda: store.put("media/a.mp3", recording, AUDIO, md5=b"0" * 16))
    assert error.code == "storage-changed"
    assert store.read("media/a.mp3") is None
    assert "Uploads" not in s3_server.client().list_multipart_uploads(Bucket=bucket)


UPLOADER = """
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from publisher.stores.protocol import Headers
from publisher.stores.s3.store import S3Settings, S3Store
bucket, endpoint, path = sys.argv[1:]
store = S3Store(S3Settings(bucket=bucket, endpoint=endpoint, multipart_above=8 << 20, part_size=5 << 20))
store.put("media/a.mp3", Path(path), Headers(content_type="audio/mpeg", cache_control=""))
"""


def test_an_upload_that_was_killed_goes_on_where_it_ended(opened: Opened, bucket: str, s3_server: servers.S3Server, tmp_path: Path) -> None:
    recording = tmp_path / "audio.mp3"
    data = os.urandom(31 * MIB)
    recording.write_bytes(data)
    third = threading.Event()

    def decide(request: Request) -> Fault:
        if "partNumber" in request.path:
            number = int(request.path.split("partNumber=")[1].split("&")[0])
            if number >= 4:
                third.set()
                return Fault.HANG
        return Fault.NONE

    with FaultProxy(s3_server.port, decide) as proxy:
        arguments = [sys.executable, "-c", UPLOADER, bucket, proxy.endpoint, str(recording)]
        process = subprocess.Popen(arguments, cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)})
        assert third.wait(30)
        while sum(1 for _ in s3_server.client().list_multipart_uploads(Bucket=bucket).get("Uploads", ())) != 1:
            pass
        upload = s3_server.client().list_multipart_uploads(Bucket=bucket)["Uploads"][0]["UploadId"]
        while len(s3_server.client().list_parts(Bucket=bucket, Key="media/a.mp3", UploadId=upload).get("Parts", ())) < 3:
            pass
        process.kill()
        process.wait()
    with FaultProxy(s3_server.port) as proxy:
        store = opened(endpoint=proxy.endpoint, multipart_above=8 * MIB, part_size=5 * MIB)
        store.put("media/a.mp3", recording, Headers(content_type="audio/mpeg"), md5=hashlib.md5(data, usedforsecurity=False).digest())
    assert sum(request.length for request, _ in proxy.seen) < 17 * MIB
    found = opened().read("media/a.mp3")
    assert found is not None
    assert found.body == data
    assert "Uploads" not in s3_server.client().list_multipart_uploads(Bucket=bucket)


def test_parts_of_another_recording_under_the_same_key_are_sent_again(
    opened: Opened, bucket: str, s3_server: servers.S3Server, tmp_path: Path
) -> None:
    begun = s3_server.client().create_multipart_upload(Bucket=bucket, Key="media/a.mp3", ContentType="audio/mpeg")["UploadId"]
    s3_server.client().upload_part(Bucket=bucket, Key="media/a.mp3", UploadId=begun, PartNumber=1, Body=os.urandom(5 * MIB))
    recording = tmp_path / "audio.mp3"
    data = os.urandom(9 * MIB)
    recording.write_bytes(data)
    store = opened(multipart_above=8 * MIB, part_size=5 * MIB)
    store.put("media/a.mp3", recording, Headers(content_type="audio/mpeg"))
    found = store.read("media/a.mp3")
    assert found is not None
    assert found.body == data


def test_an_upload_begun_with_other_headers_does_not_decide_them(
    opened: Opened, bucket: str, s3_server: servers.S3Server, tmp_path: Path
) -> None:
    s3_server.client().create_multipart_upload(Bucket=bucket, Key="media/a.mp3", ContentType="text/plain")
    recording = tmp_path / "audio.mp3"
    recording.write_bytes(os.urandom(9 * MIB))
    store = opened(multipart_above=8 * MIB, part_size=5 * MIB)
    store.put("media/a.mp3", recording, AUDIO, if_absent=True)
    found = store.read("media/a.mp3")
    assert found is not None
    assert found.headers == AUDIO


def test_what_cut_uploads_left_is_thrown_away_when_it_is_old_and_ours(opened: Opened, bucket: str, s3_server: servers.S3Server) -> None:
    client = s3_server.client()
    for key in ("show/media/a.mp3", "show/media/b.mp3", "other/media/a.mp3"):
        upload = client.create_multipart_upload(Bucket=bucket, Key=key)["UploadId"]
        client.upload_part(Bucket=bucket, Key=key, UploadId=upload, PartNumber=1, Body=b"x" * 1000)
    store = opened(prefix="show")
    store.put("feed.xml", b"<rss/>", PAGE)
    now = datetime.now(UTC)
    assert store.clear_leftovers(now - timedelta(hours=1)) == 0
    assert store.clear_leftovers(now + timedelta(hours=1)) == 2
    assert store.clear_leftovers(now + timedelta(hours=1)) == 0
    left = client.list_multipart_uploads(Bucket=bucket)["Uploads"]
    assert [one["Key"] for one in left] == ["other/media/a.mp3"]
    client.abort_multipart_upload(Bucket=bucket, Key="other/media/a.mp3", UploadId=left[0]["UploadId"])
    assert [line.key for line in store.list("")] == ["feed.xml"]


def test_a_file_that_is_gone_is_not_the_storages_fault(opened: Opened, tmp_path: Path) -> None:
    error = refusal(lambda: opened().put("media/a.mp3", tmp_path / "none.mp3", AUDIO))
    assert error.code == "storage-source"
    assert "none.mp3" in error.message


@pytest.fixture
def rclone(tmp_path: Path) -> Iterator[servers.RcloneServer]:
    server = servers.RcloneServer(tmp_path / "rclone", servers.need("rclone", "s3"))
    yield server
    server.stop()


def test_a_service_that_does_not_heed_conditions_is_found_out(rclone: servers.RcloneServer, opened: Opened) -> None:
    store = opened(endpoint=rclone.endpoint, bucket="show")
    assert probe_conditions(store) == "ignored"
    assert store.read(PROBE_KEY) is None


def test_a_service_that_knows_no_deletion_of_many_still_deletes(opened: Opened, s3_server: servers.S3Server) -> None:
    with FaultProxy(s3_server.port, once(Fault.UNKNOWN, "POST", "delete")) as proxy:
        store = opened(endpoint=proxy.endpoint)
        for key in ("a", "b"):
            store.put(key, b"x", PAGE)
        store.delete(["a", "b"])
        assert [request.method for request, _ in proxy.seen] == ["PUT", "PUT", "POST", "DELETE", "DELETE"]
        assert list(store.list("")) == []


def test_what_goes_over_the_line_is_what_every_service_takes(opened: Opened, s3_server: servers.S3Server, tmp_path: Path) -> None:
    recording = tmp_path / "audio.mp3"
    recording.write_bytes(b"sound")
    with FaultProxy(s3_server.port) as proxy:
        store = opened(endpoint=proxy.endpoint)
        etag = store.put("feed.xml", b"<rss/>", PAGE)
        store.put("feed.xml", b"<rss></rss>", PAGE, if_match=f'"{etag}"')
        store.put("media/a.mp3", recording, AUDIO, if_absent=True)
        plain, matched, absent = (request.headers for request, _ in proxy.seen)
    assert not {"if-match", "if-none-match"} & set(plain)
    assert (matched["if-match"], absent["if-none-match"]) == (etag, "*")
    assert plain["x-amz-content-sha256"] in (hashlib.sha256(b"<rss/>").hexdigest(), "UNSIGNED-PAYLOAD")  # Content-MD5 guards it, too
    assert absent["x-amz-content-sha256"] == "UNSIGNED-PAYLOAD"
    for headers in (plain, matched, absent):
        assert {"content-md5", "authorization", "content-length"} <= set(headers)
        odd = {"expect", "transfer-encoding", "x-amz-acl", "x-amz-sdk-checksum-algorithm", "content-encoding"}
        assert not (odd & set(headers)) | {name for name in headers if name.startswith("x-amz-checksum")}


def test_an_acl_is_sent_only_when_asked_for_and_never_with_what_listeners_may_not_see(opened: Opened, s3_server: servers.S3Server) -> None:
    with FaultProxy(s3_server.port) as proxy:
        store = opened(endpoint=proxy.endpoint, acl="public-read")
        for key in ("feed.xml", ".airdate/state", "staged/0a1b.mp3"):
            store.put(key, b"", PAGE)
        store.copy("staged/0a1b.mp3", "media/a.mp3", AUDIO)
        assert [request.headers.get("x-amz-acl") for request, _ in proxy.seen] == ["public-read", None, None, "public-read"]


def test_a_bucket_may_stand_in_the_name_of_the_host(opened: Opened, s3_server: servers.S3Server, monkeypatch: pytest.MonkeyPatch) -> None:
    known = socket.getaddrinfo

    def known_here(host: str, *more: object, **named: object) -> object:
        return known("127.0.0.1" if host.endswith(f".{servers.DOMAIN}") else host, *more, **named)

    monkeypatch.setattr(socket, "getaddrinfo", known_here)
    store = opened(endpoint=f"http://{servers.DOMAIN}:{s3_server.port}", addressing="virtual", prefix="show")
    etag = store.put("episodes/für élise+1.html", b"<p>", PAGE, if_absent=True)
    store.put("episodes/für élise+1.html", b"<p>two", PAGE, if_match=etag)
    store.copy("episodes/für élise+1.html", "a.html", PAGE)
    store.delete(["a.html", "none.html"])
    assert [line.key for line in store.list("")] == ["episodes/für élise+1.html"]
    by_path = opened(prefix="show").read("episodes/für élise+1.html")
    assert by_path is not None
    assert by_path.body == b"<p>two"


def test_a_session_token_is_sent_along(opened: Opened, s3_server: servers.S3Server, aws_environment: pytest.MonkeyPatch) -> None:
    aws_environment.setenv("AWS_SESSION_TOKEN", "temporary")
    with FaultProxy(s3_server.port) as proxy:
        store = opened(endpoint=proxy.endpoint, patience=Patience(attempts=1))
        with contextlib.suppress(StorageError):  # Ceph does not look at it
            store.read("feed.xml")
        assert proxy.seen[0][0].headers["x-amz-security-token"] == "temporary"


def test_a_service_that_refuses_conditions_is_found_out_and_then_written_to_without(opened: Opened, s3_server: servers.S3Server) -> None:
    with FaultProxy(s3_server.port, once(Fault.UNKNOWN, "PUT")) as proxy:
        store = opened(endpoint=proxy.endpoint)
        assert probe_conditions(store) == "refused"
        store.put("feed.xml", b"one", PAGE)
        store.put("feed.xml", b"two", PAGE, if_absent=True)
        store.put("feed.xml", b"three", PAGE, if_match="0" * 32)


def test_opening_a_bucket_does_not_load_boto3_when_the_environment_has_the_keys(s3_server: servers.S3Server, bucket: str) -> None:
    code = (
        "import sys; from pathlib import Path; from publisher.stores.open_store import Location, open_store\n"
        f"open_store(Location('s3://{bucket}', endpoint='{s3_server.endpoint}'), Path()).read('feed.xml')\n"
        "print(sorted(name for name in sys.modules if name in ('boto3', 'botocore.client', 's3transfer', 'httpx', 'lxml')))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.strip() == "[]"


def test_a_folder_does_not_load_what_a_bucket_needs() -> None:
    code = (
        "import sys; from pathlib import Path; from publisher.stores.open_store import Location, open_store\n"
        "open_store(Location('public'), Path('/nowhere')).read('feed.xml')\n"
        "print(sorted(name for name in sys.modules if name.split('.')[0] in ('botocore', 'urllib3', 'ssl')))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.strip() == "[]"


def test_boto3s_own_client_speaks_to_the_same_bucket(bucket: str, s3_server: servers.S3Server) -> None:
    store = Boto3Store(S3Settings(bucket=bucket, endpoint=s3_server.endpoint))
    store.put("feed.xml", b"<rss/>", PAGE)
    assert store.client().head_object(Bucket=bucket, Key="feed.xml")["ContentLength"] == 6
