"""An old host that answers every path with a recording."""

import pytest

from tests.support.service_servers import Answering
from tests.support.show_factory import picture, recording


@pytest.fixture
def host(monkeypatch):
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    with Answering(answers=[(200, recording(voice=1), {"Content-Type": "audio/mpeg"})]) as server:
        server.routes = {"/art.png": (200, picture(form="PNG"), {})}
        yield server
