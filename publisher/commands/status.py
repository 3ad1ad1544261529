"""`publish status`: what is published, staged, due next and held back; and whether another publish is running."""

from __future__ import annotations

import datetime as dt
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any

import click

from feed.findings import ContentFault
from feed.reader import read_feed
from publisher.core import layout
from publisher.core.call import Call, common, parse_duration, pass_call
from publisher.core.console import count_words
from publisher.core.errors import NotVerified, StorageError
from publisher.core.web import get_feed
from publisher.state.staged import secret_of
from publisher.sync.claims import read_claim
from publisher.workspace import opened

if TYPE_CHECKING:
    from publisher.workspace import Workspace


def status(workspace: Workspace, now: dt.datetime, fresh: float | None) -> dict[str, Any]:
    """The document of `publish status --json`; says the same to people. `fresh` seconds: NotVerified when the newest episode
    that is served is older.
    """
    state = workspace.read_state()
    source = workspace.load(state)
    known = state.by_guid()
    private = workspace.storage.private
    ahead = {row.key for row in private.list(layout.STAGED)}  # one request, however many are waiting
    waiting = []
    for episode in source.episodes:
        published = known.get(episode.guid)
        if published is not None and not published.removed:
            continue
        why = (
            "withdrawn"
            if published is not None and published.withdrawn
            else "draft"
            if episode.written.draft or episode.date is None
            else ""
        )
        staged = bool(episode.written.guid) and layout.staged_note(secret_of(episode.guid)) in ahead
        due = episode.date.isoformat() if episode.date is not None and not why else None
        waiting.append({"slug": episode.slug, "title": episode.written.title, "due": due, "staged": staged, "held_back": why})
    waiting.sort(key=lambda row: (row["due"] is None, row["due"] or "", row["slug"]))
    running = private.read(layout.claim(state.generation + 1))
    document: dict[str, Any] = {
        "generation": state.generation,
        "feed_url": workspace.config.feed_url,
        "published": [
            {"slug": item.slug, "title": item.title, "date": item.date, "removed": item.removed, "withdrawn": item.withdrawn}
            for item in sorted(state.episodes.values(), key=lambda item: item.date, reverse=True)
        ],
        "waiting": waiting,
        "held": state.held,
        "verified": state.verified == state.generation,
        "last_publish": state.published.get(str(state.generation)),
        "publishes": [{"number": int(number), "at": at} for number, at in sorted(state.published.items(), key=lambda row: -int(row[0]))],
        "running": read_claim(private, state.generation + 1, running.body).machine if running is not None else None,
    }
    _say(workspace, document, now)
    if fresh is not None:
        newest = newest_served(workspace.config.feed_url)
        document["newest"] = newest.isoformat() if newest else None
        if newest is None or (now - newest).total_seconds() > fresh:
            raise NotVerified(
                f"nothing newer than {_span(fresh)} is served",
                cause=f"the newest episode in {workspace.config.feed_url} is of {newest.isoformat(' ', 'minutes')}"
                if newest
                else "the feed has no episode",
                hint="`publish status` says what is waiting",
                code="not-fresh",
            )
    return document


def _say(workspace: Workspace, document: dict[str, Any], now: dt.datetime) -> None:
    say = workspace.console.say
    say(
        f"{workspace.store.describe()}, publish {document['generation']}"
        + (f" of {document['last_publish'][:16]}" if document["last_publish"] else "")
    )
    live = [row for row in document["published"] if not row["removed"]]
    say(
        f"{count_words(len(live), 'episode')} published"
        + (f", the newest “{live[0]['title'] or live[0]['slug']}” ({live[0]['date'][:10]})" if live else "")
    )
    for row in document["waiting"]:
        words = row["held_back"] or (
            f"due {row['due'][:16]}" if row["due"] and dt.datetime.fromisoformat(row["due"]) > now else "due now: publish"
        )
        say(f"  {row['slug']}: {words}{', staged' if row['staged'] else ''}")
    if document["held"]:
        say(f"Held as after publish {document['held']}: publish --force resume")
    if document["running"] is not None:
        say(f"Another publish is running, from {document['running'] or 'another machine'}.")


def newest_served(feed_url: str) -> dt.datetime | None:
    """The newest date in the feed that is served now. Raises StorageError when it cannot be fetched."""
    try:
        items = read_feed(get_feed(feed_url).content).items
    except ContentFault as error:
        message = f"what is served is no feed: {feed_url}"
        raise StorageError(message, cause=error.message, hint="is the address right?", code="feed-unreachable") from error
    dates = []
    for item in items:
        try:
            date = parsedate_to_datetime(item.value("pubDate"))
            dates.append(date if date.tzinfo else date.replace(tzinfo=dt.UTC))  # `-0000` says UTC, and that nobody knows more
        except (TypeError, ValueError):
            continue
    return max(dates, default=None)


def _span(seconds: float) -> str:
    return f"{seconds / 3600:g} hours" if seconds >= 3600 else f"{seconds:g} seconds"


@click.command("status")
@common
@click.option("--fresh", metavar="DURATION", help="Exit 6 when the newest served episode is older: 26h.")
@pass_call
def command(call: Call, /, fresh: str | None, **said: Any) -> None:
    """What is published, staged, due next and held back."""
    call.hear(**said)
    call.result(status(opened(call), call.now, parse_duration(fresh) if fresh else None))
