"""The page of numbers, written: into the show's folder for its people, where git is told that it is none of its business, and where the config
says so, as sums, for everybody.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from publisher.core import layout
from publisher.core.errors import PlanRefused, UsageError
from publisher.core.local_cache import write_whole
from publisher.core.show_files import folder_to_write
from publisher.load.show_reader import load_looks
from publisher.media.colors import ACCENT
from publisher.site.parts.page_values import SiteSettings
from publisher.site.parts.theme import Theme
from publisher.stats.report.page import GENERATOR, NumbersPage
from publisher.stores.protocol import Headers

if TYPE_CHECKING:
    import datetime as dt
    from pathlib import Path

    from publisher.stats.period import Period
    from publisher.stats.report.values import ShowNumbers
    from publisher.workspace import Workspace

_HEADERS = Headers(content_type="text/html; charset=utf-8", cache_control="public, max-age=300")


def write_page(workspace: Workspace, show: ShowNumbers, today: dt.date, asked: Period | None, chosen: str) -> tuple[Path, str]:
    """Write the page of a show; gives where it lies, and the address of the one for everybody ("" where there is none). `chosen` is the slug
    of the episode that is drawn, "" for the newest. Raises PlanRefused `refused-readable` where listeners would reach it, UsageError where
    something else lies in its place.
    """
    path = workspace.file.folder / layout.STATS_PAGE
    _refuse_readable(workspace, path)
    if path.exists() and f'content="{GENERATOR}"'.encode() not in path.read_bytes():
        message = f"something else lies where the page of numbers goes: {path}"
        raise UsageError(message, hint="move it to another place", code="stats-page")
    theme = _theme(workspace)
    folder_to_write(path.parent, workspace.file.folder)
    ignored = path.parent / ".gitignore"
    if not ignored.exists():
        ignored.write_text("*\n")
    write_whole(path, NumbersPage(show, theme, today, asked=asked, chosen=chosen, sums_only=False).html())
    if not workspace.config.stats.public:
        return path, ""
    body = NumbersPage(show, theme, today, asked=asked, chosen=chosen, sums_only=True).html()
    workspace.store.put(layout.STATS_PAGE, body, _HEADERS)
    workspace.store.flush()
    return path, theme.links(layout.STATS_PAGE).absolute(layout.STATS_PAGE)


def _refuse_readable(workspace: Workspace, path: Path) -> None:
    """What lies in the listeners' folder is uploaded with it."""
    storage = workspace.config.storage
    if not storage.is_bucket and path.resolve().is_relative_to((workspace.file.folder / storage.url).resolve()):
        message = f"the page of numbers would lie in the folder that listeners reach: {path}"
        hint = "let the site go into a folder of its own (`url` under [storage]); for a page with sums alone: public = true under [stats]"
        raise PlanRefused(message, hint=hint, code="refused-readable")


def _theme(workspace: Workspace) -> Theme:
    """The looks of the show."""
    looks, site = load_looks(workspace.file), workspace.config.site
    accent = site.accent or (workspace.accent_of(looks.artwork) if looks.artwork is not None else ACCENT)
    settings = SiteSettings(url=site.url, home=site.home or "", pretty_urls=site.pretty_urls, accent=accent, subscribe=site.subscribe)
    return Theme(settings, looks.theme)
