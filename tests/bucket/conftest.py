"""A bucket that remembers what it was asked."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support.service_servers import SettingsBucket

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def settings_bucket(aws_environment: pytest.MonkeyPatch) -> Iterator[SettingsBucket]:
    """A bucket that keeps settings as Amazon does, and keys for it in the environment."""
    aws_environment.setenv("AWS_ACCESS_KEY_ID", "key")
    aws_environment.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    with SettingsBucket() as server:
        yield server
