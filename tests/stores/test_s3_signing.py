"""Our signatures beside those of botocore, which is where every service's were tested."""

from __future__ import annotations

import datetime as dt
import string
from unittest import mock

import pytest
from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import ReadOnlyCredentials
from hypothesis import given
from hypothesis import strategies as st

from publisher.stores.s3.signing import UNSIGNED, AccessKeys, signed

NOW = 1_790_000_000.0
"""2026-09-21T14:13:20Z"""
NAMES = st.sampled_from(["Content-Type", "Cache-Control", "Content-MD5", "If-None-Match", "x-amz-acl", "User-Agent", "X-Amz-Meta-Airdate"])
VALUES = st.text(st.sampled_from(string.printable[:95] + "  "), max_size=40)
WORDS = st.text(st.sampled_from(string.ascii_letters + string.digits + "-_.~"), min_size=1, max_size=12)


def by_botocore(method: str, url: str, headers: dict[str, str], payload: str, keys: ReadOnlyCredentials, region: str) -> str:
    class Fixed(S3SigV4Auth):
        def payload(self, request: AWSRequest) -> str:
            return payload

    request = AWSRequest(method=method, url=url, headers={**headers, "X-Amz-Content-SHA256": payload})
    with mock.patch("botocore.auth.get_current_datetime") as clock:
        clock.return_value = dt.datetime.fromtimestamp(NOW, dt.UTC).replace(tzinfo=None)
        Fixed(keys, "s3", region).add_auth(request)
    return str(request.headers["Authorization"])


@given(
    method=st.sampled_from(["GET", "PUT", "HEAD", "POST", "DELETE"]),
    host=st.sampled_from(
        ["http://127.0.0.1:8333", "https://show.s3.amazonaws.com", "https://host:443", "http://host:80", "http://Host:443"]
    ),
    path=st.lists(WORDS, max_size=4),
    query=st.dictionaries(WORDS, WORDS | st.just(""), max_size=3),
    headers=st.dictionaries(NAMES, VALUES, max_size=5),
    payload=st.sampled_from([UNSIGNED, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"]),
    token=st.none() | WORDS,
    region=st.sampled_from(["us-east-1", "auto"]),
)
def test_every_request_is_signed_as_botocore_signs_it(
    *, method: str, host: str, path: list[str], query: dict[str, str], headers: dict[str, str], payload: str, token: str | None, region: str
) -> None:
    url = f"{host}/{'/'.join(path)}" + ("?" + "&".join(f"{name}={value}" for name, value in sorted(query.items())) if query else "")
    expected = by_botocore(method, url, headers, payload, ReadOnlyCredentials("key", "secret", token), region)
    ours = signed(method, url, headers, payload=payload, keys=AccessKeys("key", "secret", token), region=region, now=NOW)
    assert ours["Authorization"] == expected
    assert ours["X-Amz-Date"] == "20260921T141320Z"
    assert ours.get("X-Amz-Security-Token") == token


@pytest.mark.parametrize("other", [{"method": "GET"}, {"url": "http://host/bucket/b"}, {"payload": "0" * 64}, {"region": "eu"}])
def test_another_request_has_another_signature(other: dict[str, str]) -> None:
    given = {"method": "PUT", "url": "http://host/bucket/a", "payload": UNSIGNED, "region": "us-east-1"}
    sign = [
        signed(one["method"], one["url"], {}, payload=one["payload"], keys=AccessKeys("key", "secret"), region=one["region"], now=NOW)
        for one in (given, given | other)
    ]
    assert sign[0]["Authorization"] != sign[1]["Authorization"]


def test_the_secret_is_not_in_what_is_sent() -> None:
    sent = signed("GET", "http://host/a", {}, payload=UNSIGNED, keys=AccessKeys("key", "very-secret"), region="auto", now=NOW)
    assert "very-secret" not in repr(sent)
