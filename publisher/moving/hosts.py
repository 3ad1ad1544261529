"""The table of hosts that shows move from: how each is known, and where its redirect is set, with the page that says so."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urlsplit


@dataclass(frozen=True, slots=True, kw_only=True)
class Instruction:
    """Where a host's redirect is set and what it is called there; `keep` is how long it wants to be kept. `source` is the page that
    says so, read on the day `checked` (ISO 8601).
    """

    redirect: str
    keep: str
    source: str
    checked: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Host:
    """A host. `marks` are words of its feeds' `<generator>`, `domains` where its feeds lie; `redirects` is empty where no help of its own
    could be read: then nothing is said that might be wrong.
    """

    name: str
    marks: tuple[str, ...]
    domains: tuple[str, ...] = ()
    redirects: tuple[Instruction, ...] = ()


HOSTS = (
    Host(
        name="Podigee",
        marks=("podigee",),
        domains=("podigee.io", "podigee.com"),
        redirects=(
            Instruction(
                redirect=(
                    "In the podcast's settings, on the tab “Mehr Optionen” (more options): the new address into the field for "
                    "<itunes:new-feed-url> and into the field of each feed format, without blanks around it."
                ),
                keep="four to five weeks",
                source="https://hilfe.podigee.com/article/165-subdomain-andern",
                checked="2026-11-29",
            ),
        ),
    ),
    Host(
        name="Spotify for Creators (Anchor)",
        marks=("anchor podcasts", "anchor.fm", "spotify"),
        domains=("anchor.fm",),
        redirects=(
            Instruction(
                redirect=(
                    "In the settings on the web (not in the app), under “Redirect your podcast”: paste the new address, then “Redirect”. "
                    "Turn off subscriptions and listener support first. It may take up to seven days."
                ),
                keep="at least a week after the redirect works",
                source=(
                    "https://support.spotify.com/br-pt/podcasters/article/switching-away-from-spotify-for-podcasters-with-a-301-redirect"
                ),
                checked="2026-11-29",
            ),
        ),
    ),
    Host(
        name="WordPress",
        marks=("wordpress",),
        domains=("wordpress.com",),
        redirects=(
            Instruction(
                redirect=(
                    "With Seriously Simple Podcasting: Podcast, Settings, Redirection, “Redirect podcast feed to new URL”, and the new address "
                    "as “New podcast feed URL”. It redirects for good 48 hours after it was saved; until then the feed says where it went."
                ),
                keep="",
                source=(
                    "https://github.com/CastosHQ/Seriously-Simple-Podcasting/blob/master/php/classes/handlers/class-settings-handler.php"
                ),
                checked="2026-11-29",
            ),
            Instruction(
                redirect=(
                    "With PowerPress: a 301 redirect of the web server or of a redirection plugin; “iTunes New Feed URL” in the advanced settings "
                    "is meant only for those who cannot set one."
                ),
                keep="",
                source="https://github.com/wp-plugins/powerpress",
                checked="2026-11-29",
            ),
        ),
    ),
    Host(name="Libsyn", marks=("libsyn",), domains=("libsyn.com",)),
    Host(name="Buzzsprout", marks=("buzzsprout",), domains=("buzzsprout.com",)),
    Host(name="Podbean", marks=("podbean",), domains=("podbean.com",)),
    Host(name="Transistor", marks=("transistor",), domains=("transistor.fm",)),
    Host(name="Captivate", marks=("captivate",), domains=("captivate.fm",)),
    Host(name="Acast", marks=("acast",), domains=("acast.com",)),
    Host(name="RSS.com", marks=("rss.com",), domains=("rss.com",)),
)
"""Those whose help was read first."""

UNKNOWN = Host(name="", marks=())

NOT_READ = "Where {host} sets it and what it is called there was not read: ask its support."
"""For a host whose help could not be read."""

GENERAL = (
    "Look in the settings of the feed for “redirect”, “301” or “new feed URL”; where there is nothing of the kind, the host's support "
    "sets it when asked. It has to be 301 (for good), not 302, and lead to the whole address."
)
"""For a host whose own words are not known."""


def host_of(generator: str, address: str) -> Host:
    """The host of a feed: by what the feed says made it, else by where it lies; UNKNOWN for any other."""
    made_by = generator[:300].lower()
    domain = (urlsplit(address).hostname or "").lower() if address else ""
    for host in HOSTS:
        if any(re.search(rf"(?<![a-z0-9]){re.escape(mark)}(?![a-z0-9])", made_by) for mark in host.marks):
            return host
    for host in HOSTS:
        if any(domain == one or domain.endswith(f".{one}") for one in host.domains):
            return host
    return UNKNOWN
