"""How it was counted, in sentences that stand beside each number."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from publisher.stats.counting.windows import Window

GUIDELINES = "Podcast Technical Measurement Guidelines 2.3 (IAB Tech Lab)"
_WINDOWS: dict[Window, str] = {
    "calendar": "a listener's requests for an episode on one day (UTC) are one download",
    "rolling": "a listener's requests for an episode within 24 hours of the first are one download",
    "extending": "a listener's requests for an episode are one download until 24 hours pass without one",
}


def method_of(window: Window) -> str:
    """The rules and the window, in a sentence."""
    return f"Counted by the rules of the {GUIDELINES}, in {window} windows: {_WINDOWS[window]}."
