"""What may be a key, the same for every store."""

from __future__ import annotations

from publisher.core.errors import StorageError

LONGEST_KEY = 1024
"""Bytes of UTF-8; the limit of S3."""

STATE = ".airdate"
"""The first part of every key that is the program's own."""

STATE_KEY = f"{STATE}/state.json"
"""The index of State, whose writing is the commit."""

CLAIMS = f"{STATE}/claims/"


def claim_key(generation: int) -> str:
    """The claim of publish number `generation`."""
    return f"{CLAIMS}{generation:08}"


def check_key(key: str) -> str:
    """Return `key` where every store can keep it; StorageError `storage-key` for one that could leave its place."""
    parts = key.split("/")
    fault = ""
    if not key or "" in parts:
        fault = "a part of it is empty"
    elif "." in parts or ".." in parts:
        fault = "`.` and `..` are no names"
    elif any(ord(character) < 0x20 or character in "\\\x7f" for character in key):
        fault = "it holds a backslash or a control character"
    elif any(0xD800 <= ord(character) <= 0xDFFF for character in key):
        fault = "it is not valid Unicode"
    elif len(key.encode()) > LONGEST_KEY:
        fault = f"it is longer than {LONGEST_KEY} bytes"
    if fault:
        raise StorageError(
            f"the storage cannot keep this name: {key!r}", cause=fault, hint="rename the file or the slug", code="storage-key"
        )
    return key
