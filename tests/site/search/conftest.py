"""A show of three years, published once, and a browser."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support.browsing import Site
from tests.support.searched_show import add_episode, searched
from tests.support.show_factory import Show, make_show

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def show(tmp_path) -> Show:
    """Three episodes in two years."""
    made = searched(make_show(tmp_path / "show"))
    add_episode(made, "2025-03-03-fog", "Porridge", front='guests = ["Grace Hooper"]')
    add_episode(made, "2026-04-04-lamps", "Marmalade", notes="All about wicks.\n")
    add_episode(made, "2026-05-05-clocks", "Quicksilver", front='tags = ["time"]')
    return made


@pytest.fixture(scope="session")
def served(tmp_path_factory) -> Iterator[Site]:
    """The show's site in a folder below the server's root, as it is published."""
    made = searched(make_show(tmp_path_factory.mktemp("searched")))
    add_episode(made, "2025-03-03-fog", "Porridge")
    add_episode(made, "2026-04-04-lamps", "Marmalade", title="Lamps & <i>wicks</i>", notes="All about wicks.\n")
    add_episode(made, "2026-05-05-clocks", "Quicksilver")
    add_episode(made, "2026-05-06-hidden", "Secretum", front="unlisted = true")
    add_episode(made, "2026-05-07-waiting", "Secretum", front="draft = true")
    add_episode(made, "2026-09-09-later", "Secretum")
    made.configure("[storage]", '[transcript.replace]\nMarmalade = "Marmelade"\n\n[storage]')
    made.write("pages/imprint.md", "# Imprint\n\nThe person answering is called Nobody Inparticular.\n")
    outcome = made.publish("--yes")
    assert outcome.status == 0, outcome.stderr
    site = Site(made.public)
    yield site
    site.close()
