"""The lists of words that the Podcasting 2.0 namespace knows: roles, services, licences, mediums, protocols."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

# fmt: off
ROLES: Mapping[str, Sequence[str]] = {
    "creative direction": (
        "director", "assistant director", "executive producer", "senior producer", "producer", "associate producer",
        "development producer", "creative director",
    ),
    "cast": ("host", "co-host", "guest host", "guest", "voice actor", "narrator", "announcer", "reporter"),
    "writing": (
        "author", "editorial director", "co-writer", "writer", "songwriter", "guest writer", "story editor", "managing editor",
        "script editor", "script coordinator", "researcher", "editor", "fact checker", "translator", "transcriber", "logger",
    ),
    "audio production": (
        "studio coordinator", "technical director", "technical manager", "audio engineer", "remote recording engineer",
        "post production engineer",
    ),
    "audio post-production": (
        "audio editor", "sound designer", "foley artist", "composer", "theme music", "music production", "music contributor",
    ),
    "administration": (
        "production coordinator", "booking coordinator", "production assistant", "content manager", "marketing manager",
        "sales representative", "sales manager",
    ),
    "visuals": ("graphic designer", "cover art designer"),
    "community": ("social media manager",),
    "misc.": ("consultant", "intern"),
    "video production": ("camera operator", "lighting designer", "camera grip", "assistant camera"),
    "video post-production": ("editor", "assistant editor"),
}
# fmt: on
"""Group -> its roles, in lower case (readers compare without regard to case). "editor" stands in two groups."""

_GROUP_OF = {role: group for group, roles in reversed(list(ROLES.items())) for role in roles}

# fmt: off
SERVICES: Sequence[str] = (
    "acast", "amazon", "anchor", "apple", "audible", "audioboom", "backtracks", "bitcoin", "blubrry", "buzzsprout", "captivate",
    "castos", "castopod", "facebook", "fireside", "fyyd", "google", "gpodder", "hypercatcher", "kasts", "libsyn", "mastodon",
    "megafono", "megaphone", "omnystudio", "overcast", "paypal", "pinecast", "podbean", "podcastaddict", "podcastguru",
    "podcastindex", "podcasts", "podchaser", "podcloud", "podfriend", "podiant", "podigee", "podnews", "podomatic", "podserve",
    "podverse", "redcircle", "relay", "resonaterecordings", "rss", "shoutengine", "simplecast", "slack", "soundcloud", "spotify",
    "spreaker", "tiktok", "transistor", "twitter", "whooshkaa", "youtube", "zencast",
)
# fmt: on
"""Slugs for `<podcast:block id>`."""

LICENSES: Sequence[str] = ("ARR", "CC-BY-4.0", "CC-BY-NC-4.0", "CC-BY-NC-ND-4.0", "POD-V4V-1.0")
"""Licences that need no address."""

_MEDIUMS = ("podcast", "music", "video", "film", "audiobook", "newsletter", "blog", "publisher", "course")
MEDIUMS: Sequence[str] = (*_MEDIUMS, "mixed", *(f"{medium}L" for medium in _MEDIUMS))
"""`<podcast:medium>`; those in L and `mixed` are lists of other feeds and have no items."""

SOCIAL_PROTOCOLS: Sequence[str] = ("disabled", "activitypub", "twitter", "lightning", "atproto", "hive", "matrix", "nostr")
"""`<podcast:socialInteract protocol>`."""

RECIPIENT_TYPES: Sequence[str] = ("node", "lnaddress", "wallet")
"""`<podcast:valueRecipient type>`."""

TRANSCRIPT_TYPES: Sequence[str] = ("text/vtt", "application/json", "application/x-subrip", "text/html", "text/plain")
"""`<podcast:transcript type>`, compared literally by apps: no parameters."""


def is_role(role: str) -> bool:
    """Whether the taxonomy knows the role."""
    return role.strip().lower() in _GROUP_OF


def group_of(role: str) -> str:
    """The group a role belongs to, `cast` for a role the taxonomy does not know; "editor" is of writing."""
    return _GROUP_OF.get(role.strip().lower(), "cast")


def license_id(written: str) -> str:
    """A known licence as the list spells it, whatever case it was written in; any other as it is."""
    identifier = written.strip()
    return next((known for known in LICENSES if known.lower() == identifier.lower()), identifier)
