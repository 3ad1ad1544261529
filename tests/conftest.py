"""Fixtures for the whole house: a real S3 server and its buckets."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import servers

if TYPE_CHECKING:
    from collections.abc import Iterator

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


@pytest.fixture(scope="session")
def seaweed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[servers.SeaweedServer]:
    """SeaweedFS, one process for the whole run."""
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
def bucket(seaweed: servers.SeaweedServer, aws_environment: pytest.MonkeyPatch) -> Iterator[str]:
    """A new empty bucket on SeaweedFS, with the credentials to fill it in the environment."""
    aws_environment.setenv("AWS_ACCESS_KEY_ID", servers.KEY)
    aws_environment.setenv("AWS_SECRET_ACCESS_KEY", servers.SECRET)
    name = seaweed.make_bucket()
    yield name
    seaweed.drop_bucket(name)
