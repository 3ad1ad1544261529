"""What `publish init`, `new` and `import` write where a person has said nothing yet, so that it can be told from words of the show."""

from __future__ import annotations

from urllib.parse import urlsplit

TITLE, AUTHOR, DESCRIPTION = "My Podcast", "Me", "A podcast."
NOTES = "What is this episode about?"
NO_ADDRESS = "https://no-address-yet.invalid"
"""What a show without an address is made with: nobody is ever given a name under .invalid (RFC 2606)."""
UNTITLED, UNKNOWN = "Untitled", "Unknown"
"""Title and author of a show whose old feed names none."""

_EXAMPLES = ("example.com", "example.edu", "example.net", "example.org")


def is_example(url: str) -> bool:
    """Whether an address lies under one of the names that documents give as examples, or is none yet: nobody can serve a show there."""
    host = _host(url)
    return has_none(url) or host.endswith(tuple(f".{name}" for name in _EXAMPLES)) or host in _EXAMPLES


def has_none(url: str) -> bool:
    """Whether an address is that of a show which has none yet."""
    return url.startswith(NO_ADDRESS)


def is_nowhere(url: str) -> bool:
    """Whether an address lies below `.example`, which is kept free for ever (RFC 2606): nobody can serve a show there, either."""
    return _host(url).endswith(".example")


def _host(url: str) -> str:
    """The name in an address, "" for what is none."""
    try:
        return (urlsplit(url).hostname or "").rstrip(".")
    except ValueError:
        return ""
