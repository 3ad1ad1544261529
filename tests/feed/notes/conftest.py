from __future__ import annotations

import pytest

from feed.notes import Appendix, render_notes


@pytest.fixture(scope="session")
def render():
    """`render_notes` for an episode's page."""

    def call(markdown, **settings):
        appendix = Appendix(**{name: settings.pop(name) for name in ("chapters", "sources", "disclosure") if name in settings})
        return render_notes(
            markdown, **{"summary": None, "base_url": "https://show.example/episodes/a.html", "appendix": appendix, **settings}
        )

    return call
