"""What `publish init`, `new` and `import` write where a person has said nothing yet, so that it can be told from words of the show."""

from __future__ import annotations

from urllib.parse import urlsplit

TITLE, AUTHOR, DESCRIPTION = "My Podcast", "Me", "A podcast."
NOTES = "What is this episode about?"
SITE = "https://podcast.example.org"
UNTITLED, UNKNOWN = "Untitled", "Unknown"
"""Title and author of a show whose old feed names none."""

_EXAMPLES = ("example.com", "example.edu", "example.net", "example.org")


def is_example(url: str) -> bool:
    """Whether an address lies under one of the names that are kept for examples: nobody can serve a show there."""
    try:
        host = (urlsplit(url).hostname or "").rstrip(".")
    except ValueError:
        return False
    return host.endswith(tuple(f".{name}" for name in _EXAMPLES)) or host in _EXAMPLES
