"""What a service says it keeps is held against what was sent, and services whose ETags are no MD5 are not taken for liars."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest

from publisher.core.errors import StorageError
from publisher.stores.protocol import ConditionFailed, Headers
from publisher.stores.s3.store import S3Settings
from tests.support import servers
from tests.support.service_servers import Answering

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from publisher.stores.s3.store import S3Store
    from tests.support.service_servers import Asked

PAGE = Headers(content_type="text/html; charset=utf-8")


def md5(body: bytes) -> str:
    return hashlib.md5(body, usedforsecurity=False).hexdigest()


@dataclass
class Keeping(Answering):
    """A bucket that keeps `kept(body)` of what it is sent, and calls it `named(body)`; `said` goes with each answer to a PUT.
    The answers to the next `lost` PUTs are errors, although the work is done.
    """

    kept: Callable[[bytes], bytes] = lambda body: body
    named: Callable[[bytes], str] = md5
    said: dict[str, str] = field(default_factory=dict)
    objects: dict[str, bytes] = field(default_factory=dict)
    lost: int = 0

    def answer(self, asked: Asked) -> tuple[int, bytes, dict[str, str]]:
        if asked.method == "PUT":
            if "if-none-match" in asked.headers and asked.path in self.objects:
                return 412, b"", {}
            self.objects[asked.path] = self.kept(asked.body)
            if self.lost:
                self.lost -= 1
                return 500, b"", {}
            return 200, b"", {"ETag": f'"{self.named(asked.body)}"', **self.said}
        return 200, self.objects[asked.path], {"ETag": f'"{self.named(self.objects[asked.path])}"'}


@pytest.fixture
def service(aws_environment: pytest.MonkeyPatch) -> Iterator[Keeping]:
    aws_environment.setenv("AWS_ACCESS_KEY_ID", servers.KEY)
    aws_environment.setenv("AWS_SECRET_ACCESS_KEY", servers.SECRET)
    with Keeping() as server:
        yield server


def methods(service: Keeping) -> list[str]:
    return [asked.method for asked in service.asked]


def test_an_etag_that_is_the_md5_costs_nothing_more(s3_store: type[S3Store], service: Keeping) -> None:
    assert s3_store(S3Settings(bucket="b", endpoint=service.address)).put("a.html", b"<p>", PAGE) == md5(b"<p>")
    assert methods(service) == ["PUT"]


def test_bytes_that_were_altered_on_the_way_are_found_out(s3_store: type[S3Store], service: Keeping) -> None:
    service.kept, service.named = bytes.upper, lambda body: md5(body.upper())
    with pytest.raises(StorageError) as caught:
        s3_store(S3Settings(bucket="b", endpoint=service.address)).put("a.html", b"<p>", PAGE)
    assert caught.value.code == "storage-changed"
    assert "a.html" in caught.value.message


def test_a_service_with_etags_of_its_own_is_read_back_once_and_then_believed(s3_store: type[S3Store], service: Keeping) -> None:
    service.named = lambda body: md5(b"salt" + body)
    store = s3_store(S3Settings(bucket="b", endpoint=service.address))
    for number in range(3):
        store.put(f"{number}.html", b"<p>", PAGE)
    assert methods(service) == ["PUT", "GET", "PUT", "PUT"]


@pytest.mark.parametrize(
    "said",
    [
        {"x-amz-server-side-encryption": "aws:kms"},
        {"x-amz-server-side-encryption": "aws:kms:dsse"},
        {"x-amz-server-side-encryption-customer-algorithm": "AES256"},
    ],
    ids=["kms", "dsse", "customer"],
)
def test_an_encrypted_object_has_another_etag_and_is_not_read_back(s3_store: type[S3Store], service: Keeping, said: dict[str, str]) -> None:
    service.named, service.said = lambda body: md5(b"encrypted" + body), said
    store = s3_store(S3Settings(bucket="b", endpoint=service.address))
    store.put("a.html", b"<p>", PAGE)
    assert methods(service) == ["PUT"]
    service.said, service.kept, service.named = {}, bytes.upper, lambda body: md5(body.upper())
    with pytest.raises(StorageError):
        store.put("b.html", b"<p>", PAGE)


def test_an_etag_that_is_no_md5_at_all_is_taken_as_it_is(s3_store: type[S3Store], service: Keeping) -> None:
    service.named = lambda body: f"v{len(body)}-1"
    assert s3_store(S3Settings(bucket="b", endpoint=service.address)).put("a.html", b"<p>", PAGE) == "v3-1"
    assert methods(service) == ["PUT"]


@pytest.mark.parametrize("salt", [b"", b"encrypted"], ids=["md5", "kms"])
def test_a_repeated_write_meets_its_own_bytes_or_somebody_elses_whatever_etags_are(
    s3_store: type[S3Store], service: Keeping, salt: bytes
) -> None:
    service.named = lambda body: md5(salt + body)
    service.said = {"x-amz-server-side-encryption": "aws:kms"} if salt else {}
    service.lost = 1
    store = s3_store(S3Settings(bucket="b", endpoint=service.address))
    assert store.put("a.html", b"<p>", PAGE, if_absent=True) == md5(salt + b"<p>")
    service.lost, service.kept = 1, bytes.upper
    service.named = lambda body: md5(salt + body.upper())
    with pytest.raises(ConditionFailed):
        store.put("b.html", b"<p>", PAGE, if_absent=True)
