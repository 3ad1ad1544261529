"""The three stores that keep one contract."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from publisher.stores.directory import DirectoryStore
from publisher.stores.memory import MemoryStore

if TYPE_CHECKING:
    from pathlib import Path

    from publisher.stores import Store


@pytest.fixture(params=["memory", "directory", "s3"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    if request.param == "memory":
        return MemoryStore()
    if request.param == "directory":
        return DirectoryStore(tmp_path / "public")
    from publisher.stores.s3 import S3Settings, S3Store

    bucket = request.getfixturevalue("bucket")
    return S3Store(S3Settings(bucket=bucket, prefix="a/show", endpoint=request.getfixturevalue("seaweed").endpoint))
