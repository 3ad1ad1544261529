"""`altcha`: the reader's browser works for a comment, asking nobody else; what it is to work on goes with a nonce, so it is good once."""

from __future__ import annotations

import base64
import binascii
from typing import TYPE_CHECKING, Any

from feed.text_cleaning import read_json

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping

WORK = 50_000
"""Digests that a browser tries at most: a second or two."""
_LONGEST = 4000


def challenge(key: str, nonce: str, until: dt.datetime) -> Mapping[str, Any]:
    """What goes out with a nonce, in the form that altcha's widget and solvers read (version 1)."""
    from altcha.v1 import ChallengeOptions, create_challenge

    made = create_challenge(ChallengeOptions(hmac_key=key, max_number=WORK, salt=nonce, expires=until))
    found: Mapping[str, Any] = made.to_dict()
    return found


def is_solved(key: str, nonce: str, payload: str) -> bool:
    """Whether somebody worked for this very nonce, whose hour is judged with it."""
    from altcha.v1 import verify_solution

    if len(payload) > _LONGEST:
        return False
    try:
        solution = read_json(base64.b64decode(payload, validate=True))
        if str(solution["salt"]).partition("?")[0] != nonce:
            return False
        verified, _why = verify_solution(solution, key, check_expires=False)
    except (ValueError, TypeError, KeyError, AttributeError, binascii.Error):
        return False
    return bool(verified)
