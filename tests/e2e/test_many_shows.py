"""Shows that share a bucket by prefix: no command of one ever names what is another's."""

from __future__ import annotations

import datetime as dt
from functools import partial
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from lxml import etree

from tests.support.e2e_show import bucket_show
from tests.support.fault_proxy import FaultProxy

PREFIXES = ("show", "show2", "show-2", "sho", "a", "a/b", "a/b/c", "a/media/b", "a/staged/b", "one/two/three", "x.y", "Zoe +1")
"""Twelve; some begin as others do, some lie below others, two where another keeps its recordings."""
TRIED = ("show", "sho", "a", "a/b")
"""Those whose keys begin as others' do: the commands are run on them."""
LATER = dt.datetime(2028, 1, 1, 12, tzinfo=dt.UTC).isoformat()


def owner_of(key: str) -> str:
    """The show whose key this is: the longest prefix that it lies below."""
    return max((prefix for prefix in PREFIXES if key.startswith(f"{prefix}/")), key=len, default="")


def there(place) -> dict[str, tuple[str, object]]:
    """Every key with what tells that it was written again."""
    pages = place.server.client().get_paginator("list_objects_v2").paginate(Bucket=place.name)
    return {one["Key"]: (one["ETag"], one["LastModified"]) for page in pages for one in page.get("Contents", ())}


def asked_for(proxy: FaultProxy, bucket: str) -> list[tuple[str, str]]:
    """Each request's method with the key it names, the prefix it lists, or the keys in its body."""
    found = []
    for request, _ in proxy.seen:
        parts = urlsplit(request.path)
        key, query = unquote(parts.path.removeprefix(f"/{bucket}").lstrip("/")), parse_qs(parts.query, keep_blank_values=True)
        if "delete" in query:
            found += [("DELETE", one.text or "") for one in etree.fromstring(proxy.posted[request.number]).iterfind(".//{*}Key")]
        else:
            found += [(request.method, one) for one in ([key] if key else query.get("prefix", [""]))]
    return found


@pytest.fixture
def twelve(place, warm, tmp_path):
    """Twelve shows in one bucket, each with an upload that was cut; what is published of the last eight is what was of the first."""
    shows, client = {}, place.server.client()
    for number, prefix in enumerate(TRIED):
        show = shows[prefix] = bucket_show(tmp_path / f"desk{number}", f"{place.name}/{prefix}")
        show.configure("0f9f6ba2-7e5d-5c6f-9d6b-0f5a3b2c1d00", f"0f9f6ba2-7e5d-5c6f-9d6b-0f5a3b2c1d{number:02}")
        show.episode()
        show.episode("2026-05-08-second", date="2026-05-08T06:00:00+02:00")
        done = warm.run(show, "--yes", endpoint=place.server.endpoint)
        assert done.status == 0, f"{prefix}: {done.stderr}"
    published = [key for key in place.listed() if key.startswith("show/")]
    for prefix in PREFIXES:
        for key in published if prefix not in TRIED else ():
            source = {"Bucket": place.name, "Key": key}
            client.copy_object(Bucket=place.name, Key=key.replace("show", prefix, 1), CopySource=source)
        client.create_multipart_upload(Bucket=place.name, Key=f"{prefix}/media/second-0a1b2c3d.mp3")
    return shows


def test_repair_withdraw_and_prune_of_one_show_name_no_other_shows_key(twelve, place, warm):
    for prefix in TRIED:
        before = {key: value for key, value in there(place).items() if owner_of(key) != prefix}
        assert {owner_of(key) for key in before} == {*PREFIXES} - {prefix}
        place.delete(f"{prefix}/episodes/first.html")
        with FaultProxy(place.server.port) as proxy:
            run = partial(warm.run, twelve[prefix], endpoint=proxy.endpoint)
            for arguments in (("--yes", "--repair"), ("withdraw", "second", "--yes"), ("prune", "--yes", "--json")):
                done = run(*arguments, now=LATER)
                assert done.status == 0, f"{prefix}: {arguments}: {done.stderr}"
        assert (done.document["uploads"], done.document["strays"]) == (1, [])
        asked = asked_for(proxy, place.name)
        assert {(method, key) for method, key in asked if not key.startswith(f"{prefix}/")} == set()
        assert {owner_of(key) for method, key in asked if method != "GET"} == {prefix}
        assert {"DELETE", "PUT"} <= {method for method, _ in asked}
        assert {key: value for key, value in there(place).items() if owner_of(key) != prefix} == before
        assert place.get(f"{prefix}/episodes/first.html"), "it was repaired"
    left = {one["Key"] for one in place.server.client().list_multipart_uploads(Bucket=place.name)["Uploads"]}
    assert {owner_of(key) for key in left} == {*PREFIXES} - {*TRIED}
