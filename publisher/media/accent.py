"""The colour of a picture, remembered: Pillow is loaded for a picture that was never looked at."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from publisher.core.digests import code_digest
from publisher.core.local_cache import CacheFile

if TYPE_CHECKING:
    from pathlib import Path

    from publisher.core.show_files import SourceFile


def remembered_accent(picture: SourceFile, remembered: Path) -> str:
    """The colour that stands out most in a picture, looked up in a file of the cache by the picture's bytes, and kept there."""
    file = CacheFile(remembered, code_digest("publisher/media", libraries=("Pillow",)))
    color = file.read().get(picture.digest)
    if not isinstance(color, str) or not re.fullmatch("#[0-9a-f]{6}", color):  # it goes into the style sheet
        from publisher.media.image_processing import accent_of

        color = accent_of(picture)
        file.write({picture.digest: color})
    return color
