"""One feed that is complete and clean; the tests break it, rule by rule."""

from __future__ import annotations

import pytest

from tests.support.clean_feed import feed


@pytest.fixture(scope="session")
def good_feed() -> str:
    return feed()


@pytest.fixture(scope="session")
def make_feed():
    return feed
