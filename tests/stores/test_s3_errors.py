"""What a service or a network said, and what we make of it."""

from __future__ import annotations

from email.utils import formatdate

import pytest
from botocore.retries.standard import ThrottledRetryableChecker, TransientRetryableChecker

from publisher.core.errors import StorageError
from publisher.stores.credential_errors import explain_credentials
from publisher.stores.s3.errors import (
    BucketAccess,
    S3Answer,
    error_code,
    explain,
    explain_network,
    is_transient,
    parse_xml,
)

PLACE = BucketAccess(bucket="show", endpoint="https://s3.example", region="us-east-1", identity="the key of profile pod")

NOW = "now"
"""The time of the test, which may be long after this file was read."""


def answer(status: int, code: str = "", said: str = "", **headers: str) -> S3Answer:
    body = f"<Error><Code>{code}</Code><Message>{said}</Message></Error>".encode() if code else b""
    return S3Answer(status=status, headers={name.replace("_", "-"): value for name, value in headers.items()}, body=body)


@pytest.mark.parametrize(
    ("given", "code", "words"),
    [
        (answer(403, "AccessDenied", "no"), "storage-denied", "s3:PutObject"),
        (answer(403), "storage-denied", "ListBucket"),
        (answer(403, "SignatureDoesNotMatch"), "storage-credentials", "secret key is wrong"),
        (answer(403, "InvalidAccessKeyId"), "storage-credentials", "does not know this access key"),
        (answer(401, "Unauthorized"), "storage-credentials", "AWS_ACCESS_KEY_ID"),
        (answer(400, "ExpiredToken"), "storage-expired", "log in again"),
        (answer(403, "RequestTimeTooSkewed", date="Sun, 22 Nov 2026 01:00:00 GMT"), "storage-clock", "Sun, 22 Nov 2026"),
        (answer(404, "NoSuchBucket"), "storage-no-bucket", "publish bucket"),
        (answer(301, "PermanentRedirect", x_amz_bucket_region="eu-central-1"), "storage-region", 'region = "eu-central-1"'),
        (answer(301, location="https://elsewhere.example"), "storage-region", "https://elsewhere.example"),
        (answer(307, "TemporaryRedirect"), "storage-region", "endpoint"),
        (answer(400, "AccessControlListNotSupported"), "storage-acl", "bucket policy"),
        (answer(400, "BadDigest"), "storage-changed", "still being written"),
        (answer(501, "NotImplemented"), "storage-unsupported", "endpoint"),
        (answer(413), "storage-size", "proxy"),
        (answer(507), "storage-full", "publish prune"),
        (answer(503, "SlowDown"), "storage-busy-server", "publish again"),
        (answer(403, "SlowDown"), "storage-busy-server", "publish again"),
        (answer(403, "TooManyRequests"), "storage-busy-server", "overloaded"),
        (answer(400, "ThrottlingException"), "storage-busy-server", "overloaded"),
        (answer(403, "RequestTimeTooSkewed", date=NOW), "storage-lost", "on its way for too long"),
        (answer(403, "RequestExpired", date=NOW), "storage-lost", "very slow"),
        (answer(400, "AuthorizationHeaderMalformed", "unexpected scope: 20260519/us-east-1/s3/aws4_request"), "storage-region", "garage"),
        (answer(501, "NotImplemented", "Content-MD5 is not implemented"), "storage-unsupported", "Content-MD5"),
        (answer(418), "storage-answer", "418"),
    ],
)
def test_each_answer_has_its_remedy(given: S3Answer, code: str, words: str) -> None:
    if given.headers.get("date") == NOW:
        given.headers["date"] = formatdate(usegmt=True)
    error = explain(given, doing="write feed.xml", place=PLACE)
    assert error.code == code
    assert words in f"{error.message}\n{error.cause}\n{error.hint}"
    assert error.hint


def test_the_region_of_a_malformed_authorization_is_read_from_the_answer() -> None:
    body = b"<Error><Code>AuthorizationHeaderMalformed</Code><Message>wrong</Message><Region>eu-west-1</Region></Error>"
    error = explain(S3Answer(status=400, headers={}, body=body), doing="read feed.xml", place=PLACE)
    assert (error.code, error.hint) == ("storage-region", 'set `[storage] region = "eu-west-1"`')


@pytest.mark.parametrize("status", [400, 501])
def test_a_condition_that_is_refused_is_told_from_a_request_that_is(status: int) -> None:
    given = answer(status, "NotImplemented", "A header you provided implies functionality that is not implemented")
    assert explain(given, doing="write x", place=PLACE, conditional=True).code == "storage-conditions"
    assert explain(given, doing="write x", place=PLACE).code != "storage-conditions"


@pytest.mark.parametrize(
    "body",
    [
        b"<Error><Code>NotImplemented</Code><Message>no</Message><Header>Content-MD5</Header></Error>",
        b"<Error><Code>InvalidArgument</Code><Message>no</Message><ArgumentName>x-amz-meta-airdate</ArgumentName></Error>",
        b"<Error><Code>NotImplemented</Code><Message>metadata is not implemented</Message></Error>",
    ],
)
def test_a_header_that_is_refused_by_name_is_no_condition(body: bytes) -> None:
    error = explain(S3Answer(status=501, headers={}, body=body), doing="write x", place=PLACE, conditional=True)
    assert error.code == "storage-unsupported"
    named = (
        body.replace(b"Content-MD5", b"If-None-Match").replace(b"x-amz-meta-airdate", b"If-Match").replace(b"metadata", b"If-None-Match")
    )
    error = explain(S3Answer(status=501, headers={}, body=named), doing="write x", place=PLACE, conditional=True)
    assert error.code == "storage-conditions"


@pytest.mark.parametrize(
    "code", sorted({*ThrottledRetryableChecker._THROTTLED_ERROR_CODES, *TransientRetryableChecker._TRANSIENT_ERROR_CODES})
)
@pytest.mark.parametrize("status", [400, 403, 503])
def test_what_botocore_asks_again_we_ask_again(code: str, status: int) -> None:
    assert is_transient(answer(status, code))


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        *((answer(status), True) for status in (408, 425, 429, 500, 502, 503, 504, 506, 520, 522, 524, 599)),
        *((answer(status), False) for status in (400, 404, 409, 411, 501, 505, 507)),
        (answer(200, "SlowDown"), False),
        (answer(503), True),
        (answer(429), True),
        (answer(500, "InternalError"), True),
        (answer(400, "RequestTimeout"), True),
        (answer(409, "ConditionalRequestConflict"), True),
        (answer(409, "BucketAlreadyExists"), False),
        (answer(412), False),
        (answer(403, "AccessDenied"), False),
        (answer(501), False),
    ],
)
def test_only_what_may_pass_is_asked_again(given: S3Answer, expected: bool) -> None:
    assert is_transient(given) is expected


@pytest.mark.parametrize(
    "body",
    [
        b"<!DOCTYPE a [<!ENTITY x 'y'>]><Error><Code>&x;</Code></Error>",
        b"<html>not S3",
        b"",
        b"\xff\xfe<Error>",
        b"{}",
    ],
)
def test_an_answer_that_is_no_plain_xml_is_an_error_and_no_traceback(body: bytes) -> None:
    with pytest.raises(StorageError) as caught:
        parse_xml(body)
    assert caught.value.code == "storage-answer"
    assert error_code(S3Answer(status=400, headers={}, body=body)) == ("", "")
    assert explain(S3Answer(status=400, headers={}, body=body), doing="read x", place=PLACE).code == "storage-answer"


def test_what_a_server_says_cannot_paint_the_terminal() -> None:
    error = explain(answer(400, "Odd", "line\none &#x9b;31m two"), doing="write x", place=PLACE)
    assert "\n" not in error.cause
    assert "\x9b" not in error.cause


@pytest.mark.parametrize(
    ("name", "text", "code"),
    [
        ("NameResolutionError", "Failed to resolve", "storage-dns"),
        ("SSLError", "CERTIFICATE_VERIFY_FAILED", "storage-tls"),
        ("ProxyError", "Unable to connect to proxy", "storage-unreachable"),
        ("ConnectTimeoutError", "timed out", "storage-unreachable"),
        ("ProtocolError", "Connection aborted.", "storage-lost"),
        ("ReadTimeoutError", "Read timed out.", "storage-lost"),
    ],
)
def test_each_way_a_connection_fails_has_its_remedy(name: str, text: str, code: str) -> None:
    error = explain_network(type(name, (Exception,), {})(text), doing="write feed.xml", place=PLACE, tries=3)
    assert error.code == code
    assert "3 times" in error.cause


@pytest.mark.parametrize(
    ("name", "code", "words"),
    [
        ("ProfileNotFound", "storage-credentials", "profile podcast"),
        ("PartialCredentialsError", "storage-credentials", "two halves"),
        ("UnauthorizedSSOTokenError", "storage-expired", "aws sso login --profile podcast"),
        ("TokenRetrievalError", "storage-expired", "log in again"),
        ("NoCredentialsError", "storage-credentials", "AWS_SECRET_ACCESS_KEY"),
    ],
)
def test_each_lack_of_credentials_has_its_remedy(name: str, code: str, words: str) -> None:
    error = explain_credentials(type(name, (Exception,), {})("said"), profile="podcast")
    assert error.code == code
    assert words in f"{error.message} {error.hint}"
