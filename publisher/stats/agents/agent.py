"""What is known of an agent: the value that the count goes by."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["app", "library", "browser", "bot", "watch", "malformed", "none", "unknown"]
"""What asks; `bot`, `watch`, `malformed` and `none` (no agent was told) are not counted. What loads in advance tells so by no agent: the
guideline's minute of sound leaves it out (5.5.2, step 1.1).
"""

NOT_COUNTED: tuple[Kind, ...] = ("bot", "watch", "malformed", "none")


@dataclass(frozen=True, slots=True, kw_only=True)
class Agent:
    """What is known of an agent. `app` is a name for people, `device` the kind of device (mobile, computer, smart speaker, smart tv, watch,
    auto); "" where nobody knows.
    """

    kind: Kind
    app: str = ""
    device: str = ""
