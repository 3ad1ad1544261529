"""Keys and tokens from the environment, as a header can carry them; what cannot be carried is refused by its name, never shown."""

from __future__ import annotations

import os
import re

from publisher.core.errors import StorageError

_CARRIED = re.compile(r"[ -~]*")


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
    return value
