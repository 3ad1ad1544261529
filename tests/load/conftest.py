"""A small show."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support import show_factory

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def show(tmp_path: Path) -> show_factory.Show:
    """A show with one episode that is due."""
    show = show_factory.make_show(tmp_path / "show")
    show.episode()
    return show
