"""Names as they stand in addresses."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

_LEADING_DATE = re.compile(r"^\d{4}-\d{2}-\d{2}[-_ ]*")


def meant_instead(slug: str, known: Iterable[str], otherwise: str) -> str:
    """The hint for a slug that nothing has: the one that was meant where one is like it."""
    import difflib

    close = difflib.get_close_matches(slug, list(known), n=1)
    return f"did you mean `{close[0]}`?" if close else otherwise


def slug_of(name: str) -> str:
    """A folder's or episode's name as it stands in addresses: no leading date, only a-z, 0-9 and hyphens."""
    name = unicodedata.normalize("NFC", _LEADING_DATE.sub("", name) or name).lower()
    name = name.replace("ä", "ae").replace("ö", "oe").replace("ü", "ue").replace("ß", "ss")
    if not name.isascii():
        from anyascii import anyascii

        name = anyascii(name).lower()
    return re.sub(r"[^a-z0-9]+", "-", re.sub(r"['’`]", "", name)).strip("-")[:100].strip("-")
