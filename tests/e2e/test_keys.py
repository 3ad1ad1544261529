"""What a key may do: the policy we print is enough for the ways of life, and less than it is told."""

from __future__ import annotations

import http.client
import json
import os
from functools import partial
from urllib.parse import quote

import pytest

from publisher.core.errors import StorageError
from publisher.stores.protocol import Headers
from publisher.stores.s3.store import S3Settings, S3Store
from tests.support import servers
from tests.support.e2e_show import Bucket, bucket_show
from tests.support.every_tag_show import make_every_tag
from tests.support.fault_proxy import Fault, FaultProxy, once

READER = (servers.READ_KEY, servers.READ_SECRET)


def below(place, prefix):
    """What listeners find below a prefix, without what we remember."""
    return {key: body for key, body in place.objects().items() if not key.startswith(f"{prefix}.airdate/")}


@pytest.mark.parametrize("prefix", ["", "shows/one/"], ids=["whole bucket", "prefix"])
def test_a_whole_life_publish_no_change_change_rollback_prune(place, warm, tmp_path, prefix):
    show = bucket_show(tmp_path / "desk", f"{place.name}/{prefix}".rstrip("/"))
    show.episode()
    run = partial(warm.run, show, endpoint=place.server.endpoint)
    first = run("--yes")
    assert first.status == 0, first.stderr
    assert f"\nTo bucket {place.name} at {place.server.endpoint}{prefix and f', below {prefix}'}\n" in f"\n{first.stderr}"
    good = below(place, prefix)
    assert f"{prefix}feed.xml" in good
    quiet = run("--yes", "--json")
    assert (quiet.status, quiet.document["changes"], quiet.document["requests"]) == (0, [], 2)
    show.edit("2026-05-01-first", "Some notes.", "A terrible mistake.")
    assert run("--yes").status == 0
    assert b"terrible" in place.get(f"{prefix}feed.xml")
    back = run("rollback", "--yes")
    assert back.status == 0, back.stderr
    assert {key: place.get(key) for key in good} == good
    place.server.client().create_multipart_upload(Bucket=place.name, Key=f"{prefix}media/cut.mp3")
    assert run("prune", "--yes", "--json").document["uploads"] == 0, "somebody may go on with it"
    assert run("prune", "--yes", "--json", now="2028-01-01T12:00:00+00:00").document["uploads"] == 1
    assert good.items() <= below(place, prefix).items(), "what was just taken back may still be cached, and stays for a while"


def printed_policy(show, place, warm):
    done = warm.run(show, "bucket", "--print", "policy", endpoint=place.server.endpoint)
    assert done.status == 0, done.stderr
    return json.loads(done.stdout)


@pytest.fixture
def policies(s3_server):
    if s3_server.provider != "ceph":
        pytest.skip("Ceph alone has keys with policies here: make test-ceph")
    return s3_server.allow_reader


def test_the_printed_policy_is_enough_for_a_key_to_publish_with(place, warm, tmp_path, policies):
    show = bucket_show(tmp_path / "desk", f"{place.name}/show")
    show.episode()
    policies(place.name, printed_policy(show, place, warm))
    place.put("other/feed.xml", b"<rss/>")
    run = partial(warm.run, show, endpoint=place.server.endpoint, keys=READER)
    for words in ("First notes.", "Second notes."):
        done = run("--yes")
        assert done.status == 0, done.stderr
        show.edit("2026-05-01-first", "Some notes." if words == "First notes." else "First notes.", words)
    show.episode("2026-07-01-later", date="2026-07-01T06:00:00+02:00")
    for arguments in (("--yes",), ("stage", "later"), ("rollback", "--yes"), ("prune", "--yes"), ("status",), ("pull",)):
        done = run(*arguments)
        assert done.status == 0, f"{arguments}: {done.stderr}"
    assert place.get("other/feed.xml") == b"<rss/>"


def test_the_printed_policy_of_the_comments_service_reads_state_and_no_numbers(place, warm, tmp_path, policies, aws_environment):
    show = bucket_show(tmp_path / "desk", f"{place.name}/show")
    show.episode()
    assert warm.run(show, "--yes", endpoint=place.server.endpoint).status == 0
    place.put("show/.airdate/stats/2026-06-logs.parquet", b"PAR1")
    done = warm.run(show, "bucket", "--print", "comments-policy", endpoint=place.server.endpoint)
    policies(place.name, json.loads(done.stdout))
    aws_environment.setenv("AWS_ACCESS_KEY_ID", servers.READ_KEY)
    aws_environment.setenv("AWS_SECRET_ACCESS_KEY", servers.READ_SECRET)
    store = S3Store(S3Settings(bucket=place.name, prefix="show", endpoint=place.server.endpoint, provider="ceph"))
    for key in place.objects():
        name = key.removeprefix("show/")
        if name.startswith((".airdate/", "staged/")) and not name.startswith(".airdate/state"):
            with pytest.raises(StorageError) as caught:
                store.read(name)
            assert caught.value.code == "storage-denied"
        else:
            assert store.read(name) is not None
    store.put("comments/first.json", b"{}", Headers(content_type="application/json", cache_control=""))
    with pytest.raises(StorageError):
        store.put("feed.xml", b"", Headers(content_type="application/rss+xml", cache_control=""))


def test_the_printed_policy_lets_a_large_upload_go_on_and_nothing_beside_the_prefix(place, warm, tmp_path, policies, aws_environment):
    show = bucket_show(tmp_path / "desk", f"{place.name}/show")
    policies(place.name, printed_policy(show, place, warm))
    aws_environment.setenv("AWS_ACCESS_KEY_ID", servers.READ_KEY)
    aws_environment.setenv("AWS_SECRET_ACCESS_KEY", servers.READ_SECRET)
    recording = tmp_path / "audio.mp3"
    recording.write_bytes(os.urandom(11 << 20))
    audio = Headers(content_type="audio/mpeg")
    settings = {"bucket": place.name, "prefix": "show", "multipart_above": 8 << 20, "part_size": 5 << 20}
    with FaultProxy(place.server.port, once(Fault.FORBIDDEN, "PUT", "partNumber=3", times=9)) as proxy, pytest.raises(StorageError):
        S3Store(S3Settings(endpoint=proxy.endpoint, **settings)).put("media/a.mp3", recording, audio)
    assert "Uploads" not in place.server.client().list_multipart_uploads(Bucket=place.name), "what cannot go on is taken away"
    place.server.client().list_multipart_uploads(Bucket=place.name)
    with FaultProxy(place.server.port, lambda request: Fault.HANG if "partNumber=3" in request.path else Fault.NONE) as proxy:
        from publisher.stores.s3.http import Patience

        brief = Patience(connect=5, read=1, total=1, attempts=1)
        with pytest.raises(StorageError):
            S3Store(S3Settings(endpoint=proxy.endpoint, patience=brief, **settings)).put("media/a.mp3", recording, audio)
    store = S3Store(S3Settings(endpoint=place.server.endpoint, **settings))
    store.put("media/a.mp3", recording, audio)
    assert store.bytes_sent < 5 << 20, "two of three parts were there"
    other = S3Store(S3Settings(bucket=place.name, prefix="other", endpoint=place.server.endpoint))
    for call in (lambda: other.put("feed.xml", b"", audio), lambda: list(other.list("")), lambda: other.delete(["feed.xml"])):
        with pytest.raises(StorageError) as caught:
            call()
        assert caught.value.code == "storage-denied"


def seen_by_anybody(server, bucket):
    """Every key of a bucket, and what somebody without keys is answered."""
    line = http.client.HTTPConnection("127.0.0.1", server.port, timeout=20)
    answers = {}
    for key in Bucket(server, bucket).listed():
        line.request("HEAD", f"/{bucket}/{quote(key)}")
        answer = line.getresponse()
        answer.read()
        answers[key] = answer.status
    line.close()
    return answers


def test_what_publish_bucket_opens_is_all_that_listeners_need_and_nothing_else(s3_server, bucket, warm, tmp_path):
    show = make_every_tag(tmp_path / "show")
    show.configure('url = "public"', f'url = "s3://{bucket}/show"\nprovider = "{s3_server.provider}"')
    show.configure("[site]\n", "[site]\npretty_urls = true\n")
    for arguments in (("bucket",), ("--yes",)):
        done = warm.run(show, *arguments, endpoint=s3_server.endpoint)
        assert done.status == 0, done.stderr
    answers = seen_by_anybody(s3_server, bucket)
    ours = {key for key in answers if key.startswith(("show/.airdate/", "show/staged/"))}
    assert {key: status for key, status in answers.items() if status != (403 if key in ours else 200)} == {}
    assert ours
    assert answers.keys() > ours


@pytest.mark.parametrize("kept_apart", [False, True], ids=["one bucket", "private bucket"])
def test_an_acl_opens_what_listeners_need_and_nothing_that_is_staged_or_remembered(s3_server, bucket, warm, tmp_path, kept_apart):
    if s3_server.provider != "ceph":
        pytest.skip("SeaweedFS takes ACLs and does not heed them: make test-ceph")
    private = s3_server.make_bucket()
    show = bucket_show(tmp_path / "show", bucket)
    more = f'\nprivate = "s3://{private}"' if kept_apart else ""
    show.configure(f'url = "s3://{bucket}"', f'url = "s3://{bucket}"\nacl = "public-read"{more}')
    show.episode()
    show.episode("2026-07-01-later", date="2026-07-01T06:00:00+02:00")
    for arguments in (("--yes",), ("stage", "later")):
        done = warm.run(show, *arguments, endpoint=s3_server.endpoint)
        assert done.status == 0, done.stderr
    public, closed = seen_by_anybody(s3_server, bucket), seen_by_anybody(s3_server, private)
    ours = {key for key in public if key.startswith((".airdate/", "staged/"))}
    assert {key: status for key, status in public.items() if status != (403 if key in ours else 200)} == {}
    assert set(closed.values()) == ({403} if kept_apart else set())
    assert any(key.startswith("staged/") for key in (closed if kept_apart else public))
    s3_server.drop_bucket(private)


def test_a_key_that_may_not_list_is_refused_and_nothing_is_taken_for_a_first_publish(place, warm, tmp_path, policies):
    show = bucket_show(tmp_path / "desk", f"{place.name}/show")
    show.episode()
    policy = printed_policy(show, place, warm)
    policy["Statement"] = [one for one in policy["Statement"] if one["Sid"] == "Objects"]
    policies(place.name, policy)
    done = warm.run(show, "--yes", endpoint=place.server.endpoint, keys=READER)
    assert done.status == 4
    assert "s3:ListBucket" in done.stderr
    assert place.listed() == set()


def test_a_state_that_may_not_be_read_is_never_a_first_publish(place, warm, tmp_path):
    show = bucket_show(tmp_path / "desk", place.name)
    show.episode()
    assert warm.run(show, "--yes", endpoint=place.server.endpoint).status == 0
    before = place.objects()
    show.edit("2026-05-01-first", "Some notes.", "Other notes.")
    with FaultProxy(place.server.port, once(Fault.FORBIDDEN, "GET", "state.json", times=99)) as proxy:
        for arguments in (("--yes",), ("--dry-run",), ("--yes", "--force", "adopt")):
            done = warm.run(show.copy(tmp_path / f"clone{len(proxy.seen)}"), *arguments, endpoint=proxy.endpoint)
            assert done.status == 4, done.stderr
            assert "storage-denied" in done.stderr
        assert {request.method for request, _ in proxy.seen} == {"GET"}
    assert place.objects() == before
