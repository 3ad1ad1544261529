from __future__ import annotations

import pytest

from tests.stats.logged_show import LoggedShow, make_logged_show
from tests.support.show_factory import Show

pytest.importorskip("duckdb")


@pytest.fixture(scope="session")
def published_once(tmp_path_factory) -> LoggedShow:
    return make_logged_show(tmp_path_factory.mktemp("stats") / "show")


@pytest.fixture
def logged(published_once, tmp_path) -> LoggedShow:
    """A published show without a line in its log yet."""
    import shutil

    shutil.copytree(published_once.show.folder, tmp_path / "show")
    return LoggedShow(Show(tmp_path / "show"), published_once.paths, published_once.sizes)
