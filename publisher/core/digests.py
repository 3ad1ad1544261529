"""Digests: of JSON values, and of the code that renders."""

from __future__ import annotations

import hashlib
import json
from functools import cache
from pathlib import Path

_encode = json.JSONEncoder(sort_keys=True, default=str, ensure_ascii=False, separators=(",", ":")).encode

LIBRARIES = ("feedgen", "lxml", "markdown-it-py", "mdit-py-plugins", "nh3", "Jinja2", "Pillow", "mutagen", "babel")


@cache
def code_digest(*parts: str, libraries: tuple[str, ...] = LIBRARIES) -> str:
    """A hash over our own sources and the versions of `libraries`: when either changes, what they made is made anew.

    `parts` are the files and folders that made it, like `publisher/media`; all, where none is named.
    """
    from importlib.metadata import PackageNotFoundError, version

    digest = hashlib.sha256()
    root = Path(__file__).resolve().parents[2]
    for part in parts or ("feed", "publisher"):
        for path in sorted((root / part).rglob("*")) if (root / part).is_dir() else [root / part]:
            if path.suffix in {".py", ".html", ".css", ".js", ".toml", ".xml", ".txt", ".svg"} and path.is_file():
                digest.update(path.relative_to(root).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    for name in libraries:
        try:
            digest.update(f"{name}={version(name)}\n".encode())
        except PackageNotFoundError:
            continue
    return digest.hexdigest()


def canonical_json(value: object) -> bytes:
    """JSON values as bytes: the same value, the same bytes."""
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()


def digest_json(value: object) -> str:
    """A short digest of JSON values."""
    return hashlib.sha256(_encode(value).encode()).hexdigest()[:32]
