"""The made-up show on a server of its own, and a browser to look at it."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

sys.path.insert(0, str(Path(__file__).parent))  # sample_pages is also read by tools/ and benchmarks/
import sample_pages
from browsing import Site, browser, open_page

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["browser", "open_page", "site"]


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The made-up show, served."""
    made = Site(tmp_path_factory.mktemp("site"))
    sample_pages.write_site(made.folder, sample_pages.sample_site(made.origin))
    yield made
    made.close()
