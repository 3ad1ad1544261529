"""Keys and tokens from the environment, as a header can carry them; what cannot be carried is refused by its name, never shown.

Services repeat what they were sent: what they say is shown without any secret that this process has read.
"""

from __future__ import annotations

import json
import os
import re
from urllib.parse import quote, urlsplit

from feed.text_cleaning import printable_line
from publisher.core.errors import StorageError

_CARRIED = re.compile(r"[ -~]*")
_LONG = 16
"""Characters from which on a piece of an address may be a key: those of webhooks and watchdogs are longer."""
SHORTEST = 8
"""Characters from which on a secret is taken out of what is said: shorter ones are words."""
_known: set[str] = set()


def secret_in(*names: str) -> str:
    """What the first of these variables that is set holds, without the blanks and line ends around it that copying leaves; "" where
    none is. Raises StorageError `secret-unfit`.
    """
    found = ((name, os.environ.get(name, "").strip()) for name in names)
    return next((carried(value, name) for name, value in found if value), "")


def carried(value: str, name: str) -> str:
    """A key or token without blanks and line ends around it. Raises StorageError `secret-unfit`, which says `name` and not the value."""
    value = value.strip()
    if not _CARRIED.fullmatch(value):
        raise StorageError(
            f"{name} holds characters that no key has",
            cause="a line end, a control character or a letter beyond ASCII stands in the middle of it",
            hint="copy it again, alone and on one line",
            code="secret-unfit",
        )
    return kept_secret(value)


def kept_secret(value: str) -> str:
    """The same value, which `said` shows nobody from now on."""
    if len(value) >= SHORTEST:
        _known.update({value, quote(value, safe=""), json.dumps(value)[1:-1]})
    return value


def said(words: str, most: int, *, asked: str = "") -> str:
    """What somebody else says, on one line of `most` characters, without the secrets that were read here, nor what may be one in the
    address that was `asked`.
    """
    for secret in sorted({*_known, *_pieces(asked)}, key=len, reverse=True):
        words = words.replace(secret, "…")
    return printable_line(words)[:most]


def _pieces(address: str) -> set[str]:
    """What may be a key in an address: each long piece behind its host, and who asks."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return {address}
    who = parts.netloc.rpartition("@")[0]
    return {piece for piece in re.split(r"[/?&=;#:]", f"{parts.path}?{parts.query}") if len(piece) >= _LONG} | ({who} if who else set())
