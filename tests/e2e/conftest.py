from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from e2e_show import Bucket, Warm

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="session")
def warm(tmp_path_factory) -> Iterator[Warm]:
    """The command, ready to be forked."""
    command = Warm(tmp_path_factory.mktemp("warm"))
    yield command
    command.close()


@pytest.fixture
def place(s3_server, aws_environment) -> Iterator[Bucket]:
    """A new empty bucket that anybody may read."""
    name = s3_server.make_bucket(public=True)
    yield Bucket(s3_server, name)
    s3_server.drop_bucket(name)
