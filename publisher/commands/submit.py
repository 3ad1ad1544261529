"""`publish submit`: the directories where a show is entered, what each asks for, and whether this show has it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import click

from publisher.core.command_call import Call, common
from publisher.core.json_results import Result
from publisher.directories.entries import DIRECTORIES, Directory, Need
from publisher.directories.listed import Listing, at_apple, at_podcast_index
from publisher.directories.needs import Met, look
from publisher.workspace import opened

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping

    from publisher.core.console import Console

NEEDS = {
    "online": "a feed that anyone can read",
    "episode": "a published episode",
    "artwork": "artwork",
    "category": "a category",
    "owner": "the owner's e-mail address in the feed",
}
MARKS = {True: "yes", False: "no ", None: "?  "}
NOBODY_ASKED = Listing(listed=None, said="")


@dataclass(frozen=True, slots=True, kw_only=True)
class NeedRow(Result):
    """Something that directories ask of a show."""

    need: str
    """online, episode, artwork, category or owner."""
    met: bool | None
    """Whether this show has it; null where that is not known."""
    said: str
    """What was found, and what to do where it is not met."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DirectoryRow(Result):
    """A directory."""

    name: str
    """Its name."""
    address: str
    """Where a show is entered."""
    ready: bool
    """Whether this show has all that it asks for."""
    missing: tuple[str, ...]
    """What is not met yet."""
    listed: bool | None
    """Whether it lists this show; null where that is not known."""
    said: str
    """The show's page there, or why it is not known."""
    note: str
    """What else is worth knowing."""
    source: str
    """Where this is written."""
    checked: str
    """When that was read (ISO 8601)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Directories(Result):
    """Where a show is entered."""

    feed_url: str
    """The address that all of them are given."""
    needs: tuple[NeedRow, ...]
    """What they ask for, and whether it is there."""
    directories: tuple[DirectoryRow, ...]
    """In the order in which one enters a show."""


def submit(console: Console, feed_url: str, title: str, now: dt.datetime) -> Directories:
    """The table of directories for the show that is served at `feed_url`. Nothing is sent but the question whether it is listed."""
    met = {row.need: row for row in look(feed_url)}
    listings = {"apple": at_apple(feed_url, title), "podcast index": at_podcast_index(feed_url, now)} if met["online"].met else {}
    rows = tuple(_row(entry, met, listings.get(entry.asked, NOBODY_ASKED)) for entry in DIRECTORIES)
    needs = tuple(NeedRow(need=row.need, met=row.met, said=row.said) for row in met.values())
    result = Directories(feed_url=feed_url, needs=needs, directories=rows)
    _show(console, result)
    return result


def _row(entry: Directory, met: Mapping[Need, Met], listing: Listing) -> DirectoryRow:
    missing = tuple(need for need in entry.needs if met[need].met is False)
    return DirectoryRow(
        name=entry.name,
        address=entry.address,
        ready=all(met[need].met for need in entry.needs),
        missing=missing,
        listed=listing.listed,
        said=listing.said,
        note=entry.note,
        source=entry.source,
        checked=entry.checked,
    )


def _show(console: Console, result: Directories) -> None:
    """The same for people."""
    console.show(f"Give them this address: {result.feed_url}\n")
    for need in result.needs:
        console.show(f"  {MARKS[need.met]} {NEEDS[need.need]}: {need.said}")
    for row in result.directories:
        state = {True: "lists the show", False: "does not list it", None: "listed: not known"}[row.listed]
        ready = (
            ""
            if row.listed
            else "; ready to enter"
            if row.ready
            else f"; first: {', '.join(NEEDS[name] for name in row.missing)}"
            if row.missing
            else ""
        )
        console.show(f"\n{console.paint(row.name, '1')}  {row.address}")
        console.show(f"  {state}{f' ({row.said})' if row.said else ''}{ready}")
        console.show(f"  {row.note}")
        console.show(console.paint(f"  {row.source}, read {row.checked}", "2"))


@click.command("submit")
@common
def command(call: Call, /) -> None:
    """Where to enter the show (Apple, Spotify …), what each asks for and whether the show has it, and who lists it already."""
    config = opened(call).addressed().config
    call.result(submit(call.console, config.feed_url, config.show.title, call.now))
