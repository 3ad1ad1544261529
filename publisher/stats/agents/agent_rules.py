"""Agents that the guideline leaves out by how they are written, one rule a function. Numbers of paragraphs are those of the Podcast
Technical Measurement Guidelines 2.3 (IAB Tech Lab, September 2026).
"""

from __future__ import annotations

import re
from typing import Literal

LONGEST = 600
"""Characters. The longest agent among the 1,400 examples of user-agents-v2 has 255; a longer one than this is no agent."""
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_LOST_POINT = re.compile(r"\b(?:Firefox|FxiOS|Chrome|CriOS|Edg)[/ ]\d+\.0\d")
_ESCAPED = re.compile(r"(?:\\x[89A-Fa-f][0-9A-Fa-f])+|\\x22|\\x5[cC]")
"""How nginx and Apache write letters beyond ASCII, byte for byte, and quotes. What an app itself writes as `%E6%92%AD` the list knows so."""
_BOT = re.compile(r"(?<!cu)(?<![mc][ _])bot(?![a-z])|crawler|spider(?!man)", re.IGNORECASE)
"""But for telephones: Cubot makes them, as do those who sell the M bot and the C bot."""
_CODE = re.compile(
    r"</?(?:a|b|body|div|form|html|i|iframe|img|input|link|meta|object|script|style|svg)[\s>/]|<[!?]"  # a page's
    r"|\$\{|\(\)\s*\{|`|\.\./"  # a template's, a shell's, a path's
    r"|\bunion\s+(?:all\s+)?select\b|;\s*(?:select|drop|insert|delete|exec|declare|create|alter|copy|attach|pragma)\s|;\s*update\s+\S+\s+set\b"
    r"|'\s*(?:;|--|\)|\|\||(?:or|and|union)\s)|\b(?:sleep|pg_sleep|benchmark|waitfor)\s*\(",
    re.IGNORECASE,
)


def _letters(escaped: re.Match[str]) -> str:
    """Letters of UTF-8 that a server wrote as numbers; as they are where they are none."""
    try:
        return bytes.fromhex(escaped[0].replace("\\x", "")).decode()
    except UnicodeDecodeError:
        return escaped[0]


def mended(agent: str) -> str:
    """Step 1.2, 4: what is merely malformed is corrected. Line breaks, blanks and quotes around it, and the name of the header before it
    are not part of an agent.
    """
    text = _ESCAPED.sub(_letters, agent).replace("\r", "").replace("\n", "").strip()
    text = text.removeprefix("User-Agent:").strip()
    return text[1:-1].strip() if len(text) > 1 and text[0] == text[-1] and text[0] in "\"'" else text


def rule_against(agent: str) -> Literal["none", "watch", "malformed", ""]:
    """The name of the first rule that leaves a mended agent out; empty if none does."""
    return "none" if nameless(agent) else "watch" if watch(agent) else "malformed" if malformed(agent) else ""


def nameless(agent: str) -> bool:
    """Step 1.2, 4, and 5.5.4: no agent was told, for which logs write `-`. By nothing could it be told from a bot, or from a second listener
    of its address.
    """
    return agent in ("", "-")


def watch(agent: str) -> bool:
    """Step 1.2, 7, and 8.1: a watch loads what its phone has loaded already. Agents that begin with `atc/` and include `watchOS`, and
    those that contain `(null)/(null) watchOS`.
    """
    return (agent.startswith("atc/") and "watchOS" in agent) or "(null)/(null) watchOS" in agent


def malformed(agent: str) -> bool:
    """Step 1.2, 4: no agent that a player writes, so that it says nothing about who asks: one with control characters or of more than
    600 characters, code of any kind, or a browser's version without a point (the guideline's own case, “Firefox 55.02”).
    """
    if len(agent) > LONGEST or _CONTROL.search(agent):
        return True
    return bool(_LOST_POINT.search(agent) or _CODE.search(agent))


def calls_itself_a_bot(agent: str) -> bool:
    """Step 1.2, 5, and 7.1: bots that say so. The guideline wants the word in what indexes podcasts; asked of agents that no list knows as an
    app.
    """
    return bool(_BOT.search(agent))
