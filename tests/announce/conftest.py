"""A service that remembers what it was asked."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support.service_servers import Answering

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch) -> Iterator[Answering]:
    """A server in place of every service that has an address of its own, without pauses."""
    from publisher.announce import service_requests as asking

    with Answering() as server:
        addresses = asking.Services(
            cloudflare=f"{server.address}/client/v4",
            fastly=server.address,
            podping=f"{server.address}/podping",
            podcast_index=f"{server.address}/pubnotify",
            pauses=(0.0, 0.0),
        )
        monkeypatch.setattr(asking, "SERVICES", addresses)
        yield server
