"""The folder for what can be made again: where it lies in a show's folder."""

from __future__ import annotations

CACHE = ".airdate-cache"
