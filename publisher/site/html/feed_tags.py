"""What the feed says beside titles, notes and chapters, as pages show it: live streams, soundbites, other encodings, places, licence, chat."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import quote

from feed.podcasting20.word_lists import license_id
from feed.times import short_clock
from publisher.core.addresses import outside

if TYPE_CHECKING:
    from feed.model import Enclosure, Episode, LiveItem, Show
    from feed.schema.shared import SharedTags
    from feed.schema.tags import ChatTable, LocationTable
    from publisher.site.parts.words import Words

_PLACES = {"subject": "place_subject", "creator": "place_creator"}
_STATUSES = {"live": "live_live", "pending": "live_pending", "ended": "live_ended"}
_OSM = re.compile(r"([NWR])([0-9]{1,18})", re.IGNORECASE)
_OSM_KINDS = {"N": "node", "W": "way", "R": "relation"}
_GEO = re.compile(r"geo:(-?[0-9]{1,3}(?:\.[0-9]{1,12})?),(-?[0-9]{1,3}(?:\.[0-9]{1,12})?)(?![0-9.])", re.IGNORECASE)


class TagLine(NamedTuple):
    """One thing that is said: what it is called, what it is, and where it leads ("" for nowhere)."""

    name: str
    text: str
    link: str = ""


class Bite(NamedTuple):
    """A stretch worth sharing: its title, the fragment that plays it, its times; `place` is the fragment where it is the first with it."""

    title: str
    fragment: str
    times: str
    place: str


class ShownStream(NamedTuple):
    """A live stream: its status in words, when it starts and ends, where it is followed, and what else is said of it."""

    title: str
    status: str
    running: bool
    start: str
    moment: str
    end: str
    description: str
    page: str
    listen: str
    links: tuple[TagLine, ...]
    lines: tuple[TagLine, ...]


def particulars(written: SharedTags, words: Words, *, licence: bool = True) -> tuple[TagLine, ...]:
    """Places, licence and chat of a show, an episode or a stream."""
    lines = [TagLine(words(_PLACES[table.rel]), table.name, _map(table)) for table in written.locations]
    if licence and written.license is not None:
        lines.append(TagLine(words("license"), license_id(written.license.id), outside(written.license.url)))
    if written.chat is not None:
        lines.append(_chat(written.chat, words("chat")))
    return tuple(lines)


def soundbites(episode: Episode) -> tuple[Bite, ...]:
    """Of an episode, in their order of time; the episode's title where they have none."""
    found: list[Bite] = []
    for table in sorted(episode.written.soundbites, key=lambda table: table.start_time):
        start, end = float(table.start_time), table.start_time + table.duration
        fragment = f"t={_plain(start)},{_plain(end)}"
        first = all(bite.fragment != fragment for bite in found)
        times = f"{short_clock(start)}–{short_clock(end)}"
        found.append(Bite(table.title or episode.written.title, fragment, times, fragment if first else ""))
    return tuple(found)


def encodings(episode: Episode, words: Words) -> tuple[tuple[str, Enclosure], ...]:
    """What each other encoding of a recording is called: its title, else what it is, with the height of a video and its language."""
    return tuple(
        (
            ", ".join(
                part
                for part in (
                    made.title or words("video" if made.type.startswith("video/") else "recording"),
                    f"{made.height}p" if made.height and f"{made.height}p" not in made.title else "",
                    words.language_name(made.lang) if made.lang else "",
                )
                if part
            ),
            made,
        )
        for made in episode.alternates
        if not made.default
    )


def streams(show: Show, words: Words) -> tuple[ShownStream, ...]:
    """The show's live streams, in the order they are written."""
    return tuple(_stream(live, words) for live in show.live)


def podroll(show: Show) -> tuple[TagLine, ...]:
    """Shows the podcaster recommends, by title, else by address; one with neither is known to programs alone."""
    lines = (TagLine("", table.title or outside(table.feed_url), outside(table.feed_url)) for table in show.written.podroll)
    return tuple(line for line in lines if line.text)


def _stream(live: LiveItem, words: Words) -> ShownStream:
    table = live.written
    one_day = table.end is not None and (table.end.date(), table.end.utcoffset()) == (table.start.date(), table.start.utcoffset())
    return ShownStream(
        title=table.title,
        status=words(_STATUSES[table.status]),
        running=table.status == "live",
        start=words.moment(table.start, zone=not one_day),
        moment=table.start.isoformat(timespec="seconds"),
        end="" if table.end is None else words.moment(table.end, day=not one_day),
        description=table.description or "",
        page=outside(table.link),
        listen="" if table.status == "ended" else outside(table.url),
        links=tuple(TagLine("", link.label, outside(link.href)) for link in table.content_links if outside(link.href)),
        lines=particulars(table, words),
    )


def _map(table: LocationTable) -> str:
    """Where a place is shown on a map; "" when the feed does not say where it is."""
    if found := _OSM.fullmatch((table.osm or "").partition("#")[0].strip()):
        return f"https://www.openstreetmap.org/{_OSM_KINDS[found[1].upper()]}/{found[2]}"
    if found := _GEO.match((table.geo or "").strip()):
        return f"https://www.openstreetmap.org/?mlat={found[1]}&mlon={found[2]}"
    return ""


def _chat(table: ChatTable, name: str) -> TagLine:
    """A chat as people join it, with a link where its protocol has one."""
    protocol, server, space = table.protocol.lower(), table.server.strip(), (table.space or "").strip()
    room = quote(space, safe="@:!")
    links = {
        "matrix": f"https://matrix.to/#/{room}" if space else "",
        "irc": f"ircs://{quote(server, safe='.:')}/{quote(space.lstrip('#'), safe='')}",
        "xmpp": f"xmpp:{room}?join" if "@" in space else "",
    }
    text = ", ".join(part for part in (space, server) if part)
    return TagLine(name, f"{text} ({table.protocol})", links.get(protocol, ""))


def _plain(seconds: float) -> str:
    return f"{seconds:.2f}".rstrip("0").rstrip(".")
