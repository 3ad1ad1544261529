"""The look from outside: a served show over the network, a folder by its files."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from feed.findings import Finding
    from publisher.workspace import Workspace


def look(workspace: Workspace, *, newest: int = 10, everything: bool = False) -> list[Finding]:
    """What a crawler would find wrong. A folder has no server: its files are held against the feed."""
    from publisher.verify import verify, verify_folder

    config = workspace.config
    if "://" not in config.storage.url:
        return verify_folder(workspace.file.folder / config.storage.url, config.site.url, config.feed.file)
    return verify(workspace.feed_url, newest=newest, everything=everything)
