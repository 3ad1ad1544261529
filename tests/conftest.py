"""Fixtures for every room: a real S3 server and its buckets here, others in the modules that are named first."""

from __future__ import annotations

import os
import socketserver
import sys
import tempfile
from typing import TYPE_CHECKING, Any

import hypothesis
import pytest

from tests.support import servers

if TYPE_CHECKING:
    from collections.abc import Iterator

pytest_plugins = (
    "tests.support.turns",
    "tests.support.browsing",
    "tests.support.memory_bucket",
    "tests.support.e2e_show",
    "tests.support.full_show",
    "tests.support.postgres_server",
)

# The machine is shared: what has to be quick is measured in processor time.
# The same examples each time, or a run fails on what nobody changed; the long tests look for new ones.
hypothesis.settings.register_profile(
    "shared", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow], derandomize="AIRDATE_SOAK" not in os.environ
)
hypothesis.settings.load_profile("shared")

AWS_SETTINGS = (
    "AWS_PROFILE",
    "AWS_DEFAULT_PROFILE",
    "AWS_REGION",
    "AWS_DEFAULT_REGION",
    "AWS_SESSION_TOKEN",
    "AWS_SECURITY_TOKEN",
    "AWS_ENDPOINT_URL",
    "AWS_ENDPOINT_URL_S3",
    "AWS_ROLE_ARN",
    "AWS_WEB_IDENTITY_TOKEN_FILE",
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what speaks to an S3 server: `-m s3`."""
    for item in items:
        if "s3_server" in getattr(item, "fixturenames", ()):
            item.add_marker("s3")


@pytest.fixture(scope="session", autouse=True)
def clients_may_hang_up() -> Iterator[None]:
    """A server's thread whose client hangs up prints nothing: it would stand in what a command said, of another test perhaps."""
    loud = socketserver.BaseServer.handle_error

    def handle_error(server: socketserver.BaseServer, request: Any, client_address: Any) -> None:
        if not isinstance(sys.exc_info()[1], ConnectionError):
            loud(server, request, client_address)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socketserver.BaseServer, "handle_error", handle_error)
        yield


@pytest.fixture(scope="session", autouse=True)
def temporary_folder_of_ours(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """What commands that tests kill leave in the temporary folder is left in one of this run."""
    folder = str(tmp_path_factory.mktemp("tmp"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TMPDIR", folder)
        patch.setattr(tempfile, "tempdir", folder)
        yield


@pytest.fixture(scope="session")
def s3_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[servers.S3Server]:
    """One S3 server for the whole run: SeaweedFS, or Ceph where AIRDATE_S3=ceph asks for it."""
    if os.environ.get("AIRDATE_S3") == "ceph":
        from tests.support.ceph_server import ceph_server

        yield from ceph_server(tmp_path_factory.mktemp("ceph"))
    else:
        yield from servers.seaweed_server(tmp_path_factory.mktemp("seaweed"))


@pytest.fixture
def aws_environment(tmp_path: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """An environment without anything of this machine's AWS settings; the patch, to set what the test wants."""
    for name in AWS_SETTINGS:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "no-aws-config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "no-aws-credentials"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.delenv("AWS_ACCESS_KEY_ID", raising=False)
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY", raising=False)
    return monkeypatch


@pytest.fixture
def bucket(s3_server: servers.S3Server, aws_environment: pytest.MonkeyPatch) -> Iterator[str]:
    """A new empty bucket, with the credentials to fill it in the environment."""
    aws_environment.setenv("AWS_ACCESS_KEY_ID", servers.KEY)
    aws_environment.setenv("AWS_SECRET_ACCESS_KEY", servers.SECRET)
    name = s3_server.make_bucket()
    yield name
    s3_server.drop_bucket(name)
