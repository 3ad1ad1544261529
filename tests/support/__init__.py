"""What helps tests of several rooms: servers, browsers, sample shows and the fixtures made of them."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
"""The top folder of the project."""
