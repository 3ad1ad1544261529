"""Digests: of JSON values, and of the code that renders."""

from __future__ import annotations

import hashlib
import json
import os
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
    root = str(Path(__file__).resolve().parents[2])
    for part in parts or ("feed", "publisher"):
        for path in _sources(os.path.join(root, part)):  # noqa: PTH118  hundreds: texts are faster
            with open(path, "rb", buffering=0) as file:  # noqa: PTH123  as above
                digest.update(path[len(root) + 1 :].replace(os.sep, "/").encode() + b"\0" + file.read() + b"\0")
    for name in libraries:
        try:
            digest.update(f"{name}={version(name)}\n".encode())
        except PackageNotFoundError:
            continue
    return digest.hexdigest()


def _sources(place: str) -> list[str]:
    """What is read of our own in a folder, by name; a file itself."""
    if not os.path.isdir(place):  # noqa: PTH112  as above
        return [place]
    kinds = (".py", ".html", ".css", ".js", ".toml", ".xml", ".txt", ".svg")
    return sorted(os.path.join(folder, name) for folder, _, names in os.walk(place) for name in names if name.endswith(kinds))  # noqa: PTH118


def canonical_json(value: object) -> bytes:
    """JSON values as bytes: the same value, the same bytes."""
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()


def digest_json(value: object) -> str:
    """A short digest of JSON values."""
    return hashlib.sha256(_encode(value).encode()).hexdigest()[:32]
