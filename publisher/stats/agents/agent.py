"""What is known of an agent: the value that the count goes by."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["app", "library", "browser", "bot", "watch", "preload", "malformed", "none", "unknown"]
"""What asks; `bot`, `watch`, `preload`, `malformed` and `none` (no agent was told) are not counted."""

NOT_COUNTED: tuple[Kind, ...] = ("bot", "watch", "preload", "malformed", "none")


@dataclass(frozen=True, slots=True, kw_only=True)
class Agent:
    """What is known of an agent. `app` and `device` are names for people; "" where nobody knows."""

    kind: Kind
    app: str = ""
    device: str = ""
