"""From `[storage]` to a store: addresses, services, regions. Nothing here asks the network."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from publisher.core.errors import StorageError
from publisher.stores.conditions_probe import probe_conditions
from publisher.stores.directory import DirectoryStore
from publisher.stores.open_store import Location, open_store
from publisher.stores.providers import provider_of
from publisher.stores.s3.store import S3Store
from tests.support.memory_store import MemoryStore

if TYPE_CHECKING:
    from pathlib import Path

BAD_ADDRESSES = (
    "",
    "https://example.org/show",
    "gs://bucket",
    "S3://bucket",
    "s3://",
    "s3:///prefix",
    "s3://b",
    "s3://bucket/../x",
    "s3://bucket/a//b",
    "s3://key:secret@bucket",
    "s3://bucket?x",
)

pytestmark = pytest.mark.usefixtures("aws_environment")


@pytest.fixture
def keys(aws_environment: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    aws_environment.setenv("AWS_ACCESS_KEY_ID", "key")
    aws_environment.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    return aws_environment


def test_a_folder_is_meant_beside_the_config(tmp_path: Path) -> None:
    store = open_store(Location("public"), tmp_path)
    assert isinstance(store, DirectoryStore)
    assert store.root == tmp_path / "public"
    assert open_store(Location(str(tmp_path / "elsewhere")), tmp_path / "x").describe().endswith("elsewhere")


@pytest.mark.parametrize("secret", ["abc123", "ab/c+1=", "a@b"])
def test_a_key_that_somebody_wrote_into_the_address_is_in_no_message(secret: str, tmp_path: Path) -> None:
    with pytest.raises(StorageError) as caught:
        open_store(Location(f"s3://AKID:{secret}@bucket/show"), tmp_path)
    assert secret not in f"{caught.value.message}{caught.value.cause}{caught.value.hint}"
    assert "publish login" in caught.value.hint


@pytest.mark.parametrize("url", BAD_ADDRESSES)
def test_an_address_that_is_none_is_refused(url: str, tmp_path: Path) -> None:
    with pytest.raises(StorageError) as caught:
        open_store(Location(url), tmp_path)
    assert caught.value.code == "storage-url"
    assert caught.value.hint


@pytest.mark.usefixtures("keys")
@pytest.mark.parametrize(
    ("url", "settings", "base", "region"),
    [
        ("s3://show", {}, "https://show.s3.us-east-1.amazonaws.com", "us-east-1"),
        ("s3://show/a/b", {"region": "eu-central-1"}, "https://show.s3.eu-central-1.amazonaws.com", "eu-central-1"),
        ("s3://show", {"region": "cn-north-1"}, "https://show.s3.cn-north-1.amazonaws.com.cn", "cn-north-1"),
        ("s3://my.show", {}, "https://s3.us-east-1.amazonaws.com/my.show", "us-east-1"),
        ("s3://show", {"endpoint": "https://abc.r2.cloudflarestorage.com"}, "https://abc.r2.cloudflarestorage.com/show", "auto"),
        ("s3://show", {"provider": "b2", "region": "eu-central-003"}, "https://s3.eu-central-003.backblazeb2.com/show", "eu-central-003"),
        ("s3://show", {"provider": "spaces", "region": "ams3"}, "https://show.ams3.digitaloceanspaces.com", "ams3"),
        ("s3://show", {"provider": "hetzner"}, "https://fsn1.your-objectstorage.com/show", "fsn1"),
        ("s3://show", {"endpoint": "http://127.0.0.1:8333/"}, "http://127.0.0.1:8333/show", "us-east-1"),
        ("s3://show", {"endpoint": "storage.example", "addressing": "virtual"}, "https://show.storage.example", "us-east-1"),
    ],
)
def test_a_bucket_is_addressed_as_its_service_wants_it(url: str, settings: dict[str, str], base: str, region: str, tmp_path: Path) -> None:
    store = open_store(Location(url, **settings), tmp_path)
    assert isinstance(store, S3Store)
    assert (store.address, store.region) == (base, region)


def test_region_and_endpoint_may_come_from_the_environment(keys: pytest.MonkeyPatch, tmp_path: Path) -> None:
    keys.setenv("AWS_REGION", "eu-west-1")
    assert open_store(Location("s3://show"), tmp_path).address == "https://show.s3.eu-west-1.amazonaws.com"
    keys.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9000")
    assert open_store(Location("s3://show"), tmp_path).address == "http://127.0.0.1:9000/show"
    assert open_store(Location("s3://show", provider="r2", endpoint="https://a.r2.cloudflarestorage.com"), tmp_path).region == "auto"
    assert open_store(Location("s3://show", provider="ceph"), tmp_path).address == "http://127.0.0.1:9000/show"
    assert "127.0.0.1" not in open_store(Location("s3://show", provider="hetzner"), tmp_path).address


@pytest.mark.parametrize(
    "settings", [{"provider": "minio"}, {"provider": "r2"}, {"endpoint": "ftp://host"}, {"endpoint": "https://k:s@host"}]
)
@pytest.mark.usefixtures("keys")
def test_an_endpoint_that_is_missing_or_none_is_said_so(settings: dict[str, str], tmp_path: Path) -> None:
    with pytest.raises(StorageError) as caught:
        open_store(Location("s3://show", **settings), tmp_path)
    assert caught.value.code == "storage-endpoint"


def test_an_unknown_provider_is_answered_with_the_known_ones(tmp_path: Path) -> None:
    with pytest.raises(StorageError) as caught:
        open_store(Location("s3://show", provider="azure"), tmp_path)
    assert "hetzner" in caught.value.hint


@pytest.mark.parametrize(
    ("endpoint", "name"),
    [
        ("", "aws"),
        ("https://s3.eu-west-1.amazonaws.com", "aws"),
        ("https://s3.us-west-004.backblazeb2.com", "b2"),
        ("https://fra1.digitaloceanspaces.com:443/", "spaces"),
        ("https://storage.googleapis.com", "gcs"),
        ("https://notamazonaws.com", "other"),
        ("http://localhost:9000", "other"),
    ],
)
def test_a_service_is_known_by_its_host(endpoint: str, name: str) -> None:
    assert provider_of("", endpoint).name == name


@pytest.mark.parametrize("behaviour", ["enforced", "refused", "ignored"])
def test_the_probe_tells_what_a_service_does(behaviour: str) -> None:
    store = MemoryStore(behaviour=behaviour)
    assert probe_conditions(store) == behaviour
    assert list(store.list("")) == []
    assert store.requests <= 5


def test_a_probe_beside_another_probe_takes_its_word() -> None:
    from publisher.stores.conditions_probe import KEY
    from publisher.stores.protocol import Headers

    store = MemoryStore()
    store.put(KEY, b"another's", Headers(content_type="text/plain"))
    assert probe_conditions(store) == "enforced"
    assert store.read(KEY) is not None
