"""An agent's name looked up, once for each distinct one."""

from __future__ import annotations

import re
from typing import Final

from publisher.stats.agents.agent import Agent

_WATCH: Final = re.compile(r"atc/.*watchOS|.*\(null\)/\(null\) watchOS", re.DOTALL)
"""§5.5.2, step 1.2, 7."""


def classify(agent: str) -> Agent:
    """What is known of an agent by its name."""
    if agent in ("", "-"):
        return Agent(kind="none")
    if _WATCH.match(agent):
        return Agent(kind="watch")
    if re.search(r"bot\b|crawler|spider|curl|wget|python-requests", agent, re.IGNORECASE):
        return Agent(kind="bot")
    return Agent(kind="unknown")
