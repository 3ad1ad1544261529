"""Where the old host had each episode's page, and where that page is here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from publisher.core import layout
from publisher.core.addresses import Links

if TYPE_CHECKING:
    from publisher.workspace import Workspace


def former_pages(workspace: Workspace) -> list[tuple[str, str]]:
    """(old address, address here) of every episode that names former ones, the oldest first; drafts and unlisted ones have none here."""
    state, _ = workspace.state_copies.read_or_last()
    config = workspace.config
    links = Links(config.site.url, layout.HOME, config.site.pretty_urls)
    return [
        (old, links.absolute(layout.episode_page(episode.slug)))
        for episode in workspace.load(state).episodes
        if not (episode.written.draft or episode.written.unlisted)
        for old in episode.written.former
    ]
