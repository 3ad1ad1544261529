"""What a service says of an error in JSON: the words alone, not the document around them."""

from __future__ import annotations

from typing import Any, Final

from feed.text_cleaning import read_json

_FIELDS: Final = ("message", "msg", "detail", "details", "error_description", "description", "reason", "title", "errors", "error", "code")
"""Where services have their words, the plainest first: RFC 9457 (detail, title), RFC 6749 (error_description), Cloudflare (errors: message)."""
_DEEPEST: Final = 4


def error_words(content: bytes) -> str:
    """The words in the body of an answer: of JSON the field that tells the error, "" where none does; of all else the text."""
    text = content.decode("utf-8", "replace").strip()
    if not text.startswith(("{", "[")):
        return text
    try:
        return words_in(read_json(content))
    except (ValueError, RecursionError):
        return text


def words_in(value: Any, depth: int = 0) -> str:
    """The first text or number in the fields that tell errors; lists are looked through."""
    if depth > _DEEPEST or isinstance(value, bool):
        return ""
    if isinstance(value, str | int):
        return str(value)
    inner = value if isinstance(value, list) else [value[name] for name in _FIELDS if name in value] if isinstance(value, dict) else ()
    return next((words for one in inner if (words := words_in(one, depth + 1))), "")
