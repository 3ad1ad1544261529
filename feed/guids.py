"""The guids by which apps and directories know a show and its episodes for life.

Made once and kept; never recomputed from an address or a title that changed.
"""

import re
from uuid import UUID, uuid5

from feed.findings import ContentFault

PODCAST_NAMESPACE = UUID("ead4c236-bf58-58c6-a2c6-a6b28d128cb6")
"""The namespace of every podcast:guid (Podcasting 2.0, tag guid)."""

_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")


def show_guid(feed_url: str) -> str:
    """The podcast:guid that belongs to this feed address: UUIDv5 over it without scheme and trailing slashes.

    >>> show_guid("https://podnews.net/rss")
    '9b024349-ccf0-5f69-a609-6b82873eab3c'
    """
    return str(uuid5(PODCAST_NAMESPACE, _name(_SCHEME.sub("", feed_url.strip(), count=1).rstrip("/"))))


def episode_guid(show_guid: str, slug: str) -> str:
    """The guid of an episode that brought none: UUIDv5 of its slug in the show's guid.

    Raises ContentFault when the show's guid is not a UUID.
    """
    try:
        namespace = UUID(show_guid.strip())
    except ValueError:
        raise ContentFault(
            f"the show's guid is not a UUID: {show_guid}",
            code="guid-invalid",
            hint="write the guid that directories know the show by, or let `publish init` make one",
        ) from None
    return str(uuid5(namespace, _name(slug)))


def _name(text: str) -> str:
    """Without lone surrogates, which no UTF-8 can hold."""
    return text.encode("utf-8", "replace").decode("utf-8")
