"""Names as they stand in addresses."""

from __future__ import annotations

import re
import unicodedata

_LEADING_DATE = re.compile(r"^\d{4}-\d{2}-\d{2}[-_ ]*")


def slug_of(name: str) -> str:
    """A folder's or episode's name as it stands in addresses: no leading date, only a-z, 0-9 and hyphens."""
    name = unicodedata.normalize("NFC", _LEADING_DATE.sub("", name) or name).lower()
    name = name.replace("ä", "ae").replace("ö", "oe").replace("ü", "ue").replace("ß", "ss")
    if not name.isascii():
        from anyascii import anyascii

        name = anyascii(name).lower()
    return re.sub(r"[^a-z0-9]+", "-", re.sub(r"['’`]", "", name)).strip("-")[:100].strip("-")
