"""Two feeds, compared: the door of this room."""

from __future__ import annotations

from typing import TYPE_CHECKING

from feed.reader.whole_addresses import joined
from publisher.compare.apps import APPS
from publisher.compare.differences import Asked, field_rows, identity_rows, recording_rows, show_rows
from publisher.compare.episodes import BuiltFeed, Feed, read_whole_feed, with_base
from publisher.compare.matches import match
from publisher.compare.old_address import ask_old_address, redirect_rows
from publisher.compare.recordings import ask_recordings
from publisher.compare.results import AppRow, Comparison
from publisher.importing.feed_source import is_address

if TYPE_CHECKING:
    from publisher.compare.results import RedirectSeen
    from publisher.web.web_requests import Answer


def compare_feeds(old: str, new: str | BuiltFeed, *, recordings: bool = True) -> Comparison:
    """What a subscriber of `old` would see if `new` took its place; both are an address or a file, `new` may also be built and not served.

    All pages are read. With `recordings`, those of both are asked for by HEAD, where they are served. Raises StorageError or
    UsageError where a feed cannot be had, ContentError where it is none.
    """
    before, after = read_whole_feed(old), read_whole_feed(new)
    target = after.seen.address
    redirect = ask_old_address(old, target) if is_address(old) else None
    before, after = _with_bases(before, after, redirect)
    matches = match(before.episodes, after.episodes)
    findings = [*identity_rows(before, after, matches), *field_rows(before, after, matches)]
    served = after if recordings and not isinstance(new, BuiltFeed) else None
    asked = Asked(old=_asked(before if recordings else None), new=_asked(served))
    findings += recording_rows(before, after, matches, asked)
    findings += show_rows(before, after)
    if redirect is not None and is_address(target) and target != old:
        findings += redirect_rows(redirect, target)
    return Comparison(
        old=before.seen,
        new=after.seen,
        episodes=len(before.episodes),
        twice=max(map(len, matches.twice.values()), default=0),
        lost=len(matches.lost),
        apps=tuple(
            AppRow(name=app.name, twice=len(matches.twice[app.name]), missing=len(matches.missing[app.name]), source=app.source)
            for app in APPS
        ),
        redirect=redirect,
        findings=tuple(findings),
    )


def _with_bases(old: Feed, new: Feed, redirect: RedirectSeen | None) -> tuple[Feed, Feed]:
    """Both feeds with the addresses that apps complete guids by; where one is not known, neither is used."""
    base = redirect.leads_to if redirect is not None else next((item.base for item in old.episodes), "")
    target = next((item.base for item in new.episodes), "")
    return (
        (with_base(old, base), new)
        if is_address(joined(base, old.base)) and is_address(target)
        else (with_base(old, ""), with_base(new, ""))
    )


def _asked(feed: Feed | None) -> dict[str, Answer]:
    if feed is None:
        return {}
    where = feed.seen.address
    return ask_recordings([episode.enclosure for episode in feed.episodes], where if is_address(where) else "")
