"""Render: the publication as a Site of recipes. Each is made from what it needs, and only when that changed."""

from __future__ import annotations

COVER_SIZES = (320, 640)
