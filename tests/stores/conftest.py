"""The stores that keep one contract, and a service that keeps all of it but conditions."""

from __future__ import annotations

from secrets import token_hex
from typing import TYPE_CHECKING

import pytest

from publisher.stores.directory import DirectoryStore
from tests.support import servers
from tests.support.google_server import GoogleServer
from tests.support.memory_store import MemoryStore

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from publisher.stores.protocol import Store
    from publisher.stores.s3.store import S3Store


@pytest.fixture(scope="session")
def google_server() -> Iterator[GoogleServer]:
    """A service that makes writes conditional by generations, and by nothing else."""
    with GoogleServer() as server:
        yield server


@pytest.fixture(scope="session")
def careless_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[servers.RcloneServer]:
    """A service that takes conditions and does not heed them."""
    server = servers.RcloneServer(tmp_path_factory.mktemp("careless"), servers.need("rclone", "s3"))
    yield server
    server.stop()


CLIENTS = ["lean", "boto3"]


def client_class(name: str) -> type[S3Store]:
    """The store that speaks by this client."""
    from publisher.stores.boto3_store import Boto3Store
    from publisher.stores.s3.store import S3Store

    return {"lean": S3Store, "boto3": Boto3Store}[name]


@pytest.fixture(params=CLIENTS)
def s3_store(request: pytest.FixtureRequest) -> type[S3Store]:
    """Each of the two clients."""
    return client_class(request.param)


@pytest.fixture(
    params=["memory", "directory", "google", *(pytest.param(one, marks=pytest.mark.s3) for one in CLIENTS), "careless", "careless-boto3"]
)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    if request.param == "memory":
        return MemoryStore()
    if request.param == "directory":
        return DirectoryStore(tmp_path / "public")
    from publisher.stores.s3.store import S3Settings

    provider = ""
    if request.param in CLIENTS:
        bucket, endpoint = request.getfixturevalue("bucket"), request.getfixturevalue("s3_server").endpoint
    elif request.param == "google":
        environment = request.getfixturevalue("aws_environment")
        environment.setenv("AWS_ACCESS_KEY_ID", servers.KEY)
        environment.setenv("AWS_SECRET_ACCESS_KEY", servers.SECRET)
        bucket, endpoint, provider = f"show-{token_hex(4)}", request.getfixturevalue("google_server").address, "gcs"
    else:
        if request.node.get_closest_marker("conditions"):
            request.node.add_marker(pytest.mark.xfail(strict=True, reason="this service writes whatever the condition says"))
        server, environment = request.getfixturevalue("careless_server"), request.getfixturevalue("aws_environment")
        environment.setenv("AWS_ACCESS_KEY_ID", servers.KEY)
        environment.setenv("AWS_SECRET_ACCESS_KEY", servers.SECRET)
        bucket, endpoint = server.make_bucket(), server.endpoint
    client = client_class("boto3" if request.param.endswith("boto3") else "lean")
    return client(S3Settings(bucket=bucket, prefix="a/show", endpoint=endpoint, provider=provider))
