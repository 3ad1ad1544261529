"""Rules about episodes: identity, recording, date and numbers, as they stand in the feed."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING

from feed.findings import ERROR, WARNING, Severity
from feed.rules.addresses import extension, is_part_of_address, is_secure, is_web
from feed.rules.audio import ENCLOSURE_TYPES
from feed.rules.parsing import read_number, read_whole
from feed.rules.rulebook import Rulebook, Violation

if TYPE_CHECKING:
    from collections.abc import Iterator

    from feed.rules.feed_context import FeedContext, Item

ITEMS: Rulebook[FeedContext] = Rulebook(heading="Episodes")

_NO_ADDRESS = "the guid is no address", 'write isPermaLink="false"'
_NUMBERED = re.compile(r"(?:#\s?\d|S\d{1,3}\s?E\d|(?:Ep|Eps|Episode|Folge)\.?\s?#?\d|\d{1,3}\s?[:–—-]\s)", re.IGNORECASE)
_WORD = re.compile(r"\w+")
_INTEGRITY = re.compile(r"sha(?:256|384|512)-[A-Za-z0-9+/]{40,90}={0,2}")


def _violation(item: Item, field: str, message: str, hint: str = "", *, severity: Severity | None = None, line: int = 0) -> Violation:
    return Violation(field, message, hint, item=item.guid, line=line or item.node.line, severity=severity)


@ITEMS.rule("I001", ERROR, "every episode has a title", source="Apple, PSP-1")
def title(feed: FeedContext) -> Iterator[Violation]:
    """It is all a listener sees in a list."""
    for item in feed.items:
        if not item.node.value("title"):
            yield _violation(item, "episode.title", "the episode has no title")


@ITEMS.rule("I002", WARNING, "titles hold neither number nor show name", source="Apple")
def title_words(feed: FeedContext) -> Iterator[Violation]:
    """Apps write the number from `itunes:episode` and the show's name themselves; in the title they stand twice."""
    show = _words(feed.channel.value("title"))
    for item in feed.items:
        text = item.node.value("title")
        if _NUMBERED.match(text):
            yield _violation(item, "episode.title", f"the title begins with a number: {text[:60]}", "write it into season and episode")
        elif len(show) > 5 and show in _words(text) and item.kind != "trailer":
            yield _violation(item, "episode.title", f"the title repeats the show's name: {text[:80]}")


@ITEMS.rule("I003", ERROR, "every episode has a guid of its own", source="Apple, PSP-1")
def guid(feed: FeedContext) -> Iterator[Violation]:
    """Apps tell episodes apart by it, with regard to case. Without one, or with one twice, episodes vanish or come back."""
    seen: dict[str, int] = {}
    for item in feed.items:
        if item.guid is None:
            yield _violation(item, "episode.guid", "the episode has no guid", "publish new mints one")
        elif item.guid in seen:
            message = f"another episode has the same guid (line {seen[item.guid]})"
            yield _violation(item, "episode.guid", message, "this looks like a copy: delete its guid line")
        else:
            seen[item.guid] = item.node.line


@ITEMS.rule("I005", ERROR, "a guid that is no address says so", source="RSS 2.0, W3C validator")
def permalink(feed: FeedContext) -> Iterator[Violation]:
    """A part of one (abc-123), which W3C's validator takes, is a warning: gPodder and feedparser complete it, by `xml:base` or the feed's place."""
    has_base = is_web(feed.document.root.get("xml:base"))
    for item in feed.items:
        node, part = item.node.first("guid"), is_part_of_address(item.guid or "")
        if node is not None and item.guid and node.get("isPermaLink") != "false" and not (is_web(item.guid) or (part and has_base)):
            yield _violation(item, "episode.guid", *_NO_ADDRESS, severity=WARNING if part else ERROR, line=node.line)


@ITEMS.rule("I006", WARNING, "guids are unique beyond this feed", source="W3C validator")
def guid_shape(feed: FeedContext) -> Iterator[Violation]:
    """Short numbers collide as soon as an app or an import counts them too."""
    for item in feed.items:
        if item.guid and (len(item.guid) < 8 or item.guid.isdigit()):
            yield _violation(item, "episode.guid", f"the guid {item.guid[:40]!r} is not unique enough", "keep it if it is published")


@ITEMS.rule("I007", ERROR, "every episode has one enclosure with url, length and type", source="Apple, PSP-1, W3C validator")
def enclosure(feed: FeedContext) -> Iterator[Violation]:
    """It is the recording. Of a second one W3C's validator warns; further encodings belong into `podcast:alternateEnclosure`."""
    for item in feed.items:
        found = item.node.all("enclosure")
        if item.enclosure is None:
            yield _violation(item, "audio", "the episode has no enclosure")
            continue
        if len(found) > 1:
            yield _violation(item, "audio", f"the episode has {len(found)} enclosures, not one", severity=WARNING)
        missing = [name for name in ("url", "length", "type") if not item.enclosure.get(name)]
        if missing:
            yield _violation(item, "audio", f"the enclosure has no {' and no '.join(missing)}", line=item.enclosure.line)
        elif not is_web(item.enclosure.get("url")):
            message = f"the enclosure's address is not absolute: {item.enclosure.get('url')[:80]}"
            yield _violation(item, "audio", message, line=item.enclosure.line)


@ITEMS.rule("I008", ERROR, "no two episodes have the same recording's address", source="Apple")
def enclosure_unique(feed: FeedContext) -> Iterator[Violation]:
    """Apple ignores an episode whose enclosure address repeats."""
    seen: dict[str, int] = {}
    for item in feed.items:
        address = item.enclosure.get("url") if item.enclosure else ""
        if address and address in seen:
            yield _violation(item, "audio", f"another episode has the same recording's address (line {seen[address]})")
        elif address:
            seen[address] = item.node.line


@ITEMS.rule("I009", ERROR, "the enclosure's length is the size of the file", source="PSP-1, AntennaPod")
def length(feed: FeedContext) -> Iterator[Violation]:
    """Bytes, as a whole number of whatever size. Apps show it, and check downloads by it; below 16,384 AntennaPod takes it for unknown."""
    for item in feed.items:
        written = item.enclosure.get("length") if item.enclosure else ""
        if not item.enclosure or not written:
            continue
        size = read_whole(written)
        facts = feed.recordings.get(item.guid or "")
        if size is None:
            yield _violation(item, "audio", f"the length is not a whole number: {written[:20]!r}", line=item.enclosure.line)
        elif facts is not None and facts.size != size:
            yield _violation(item, "audio", f"the length says {size:,} bytes, the file has {facts.size:,}", line=item.enclosure.line)
        elif size < 16_384:
            message = f"the length says {size:,} bytes; that is no recording"
            yield _violation(item, "audio", message, severity=WARNING, line=item.enclosure.line)


@ITEMS.rule("I010", ERROR, "the enclosure is MP3, M4A or MP4, and its type fits its name", source="Apple")
def enclosure_type(feed: FeedContext) -> Iterator[Violation]:
    """Apple decides by the extension, others by the type. Opus, FLAC and WAV belong into `podcast:alternateEnclosure`.
    Another type of sound or picture (audio/mp3) is a warning: Apple's guide goes by the extension, and says of no other that it is refused.
    """
    for item in feed.items:
        if item.enclosure is None or not item.enclosure.get("url") or not item.enclosure.get("type"):
            continue
        suffix, kind = extension(item.enclosure.get("url")), item.enclosure.get("type")
        facts = feed.recordings.get(item.guid or "")
        if suffix not in ENCLOSURE_TYPES:
            message = f"Apple does not take .{suffix[:10]} files" if suffix else "the enclosure's address has no extension"
            yield _violation(item, "audio", message, "publish MP3 or M4A", line=item.enclosure.line)
        elif kind not in ENCLOSURE_TYPES[suffix]:
            hint = f"write {min(ENCLOSURE_TYPES[suffix], key=lambda name: ('x-' not in name, name))}"
            plays = kind.lower().removeprefix("x-").startswith(("audio/", "video/"))
            message, severity = f"the type {kind[:40]} does not fit .{suffix}", WARNING if plays else ERROR
            yield _violation(item, "audio", message, hint, severity=severity, line=item.enclosure.line)
        elif facts is not None and kind not in ENCLOSURE_TYPES.get(facts.extension, {facts.type}):
            yield _violation(item, "audio", f"the type says {kind[:40]}, the file is {facts.type}", line=item.enclosure.line)


@ITEMS.rule("I011", ERROR, "every episode has a date as RFC 2822 writes it", source="Apple, Spotify, W3C validator")
def date(feed: FeedContext) -> Iterator[Violation]:
    """Four-digit year, numeric zone or GMT, the right weekday. Spotify lists nothing without a date.
    Old forms that every reader must know (EST, a year of two digits, no zone) are warnings, as W3C's validator has them.
    """
    for item in feed.items:
        node = item.node.first("pubDate")
        if node is None or not node.text.strip():
            yield _violation(item, "episode.date", "the episode has no date")
        elif item.written_date.fault:
            hint, severity = "such as Sat, 01 Aug 2026 06:00:00 +0200", item.written_date.severity
            yield _violation(item, "episode.date", f"pubDate {item.written_date.fault}", hint, severity=severity, line=node.line)


@ITEMS.rule("I012", WARNING, "no episode is dated in the future", source="W3C validator, AntennaPod")
def future(feed: FeedContext) -> Iterator[Violation]:
    """Some apps play it early, AntennaPod drops its date, W3C's validator warns: an episode that is not due stays out of the feed."""
    if feed.now is None:
        return
    for item in feed.items:
        if item.date and item.date > feed.now:
            yield _violation(item, "episode.date", "the episode is dated in the future", "hold it back until then")


@ITEMS.rule("I018", ERROR, "the duration is the recording's, in whole seconds", source="Apple, PSP-1, W3C validator")
def duration(feed: FeedContext) -> Iterator[Violation]:
    """Apps show it before anything is downloaded. MM:SS and HH:MM:SS are read too, and so is 0, which tells nothing."""
    for item in feed.items:
        node = item.node.first("itunes:duration")
        facts = feed.recordings.get(item.guid or "")
        if node is None or not node.text.strip():
            yield _violation(item, "audio", "the episode has no itunes:duration", severity=WARNING)
        elif item.duration == 0:
            yield _violation(item, "audio", "the duration says 0 s", severity=WARNING, line=node.line)
        elif item.duration is None:
            yield _violation(item, "audio", f"the duration is not a whole number of seconds: {node.text.strip()[:20]!r}", line=node.line)
        elif facts is not None and abs(facts.duration - item.duration) > 1:
            message = f"the duration says {item.duration} s, the recording has {facts.duration:.1f} s"
            yield _violation(item, "audio", message, line=node.line)


@ITEMS.rule("I019", ERROR, "season and episode are whole numbers, each pair used once", source="Apple, W3C validator")
def numbers(feed: FeedContext) -> Iterator[Violation]:
    """Counting starts at 1."""
    seen: set[tuple[str, str, str]] = set()
    for item in feed.items:
        for name in ("season", "episode"):
            node = item.node.first(f"itunes:{name}")
            if node is not None and not read_whole(node.text.strip()):
                message = f"itunes:{name} is {node.text.strip()[:20]!r}, not a whole number from 1"
                yield _violation(item, f"episode.{name}", message, line=node.line)
        number = item.node.value("itunes:episode") or item.node.value("podcast:episode")
        key = (item.node.value("itunes:season"), number, item.kind)
        if number and key in seen:
            message = f"another {item.kind} episode has the number {number} in the same season"
            yield _violation(item, "episode.episode", message, severity=WARNING)
        seen.add(key)


@ITEMS.rule("I020", ERROR, "the episode's type is full, trailer or bonus", source="Apple")
def episode_type(feed: FeedContext) -> Iterator[Violation]:
    """Absent, it is full."""
    for item in feed.items:
        node = item.node.first("itunes:episodeType")
        if node is not None and node.text.strip() not in {"full", "trailer", "bonus"}:
            yield _violation(
                item, "episode.type", f"itunes:episodeType is {node.text.strip()[:20]!r}", "full, trailer or bonus", line=node.line
            )


@ITEMS.rule("I021", WARNING, "either all full episodes have a season or none", source="Apple")
def seasons(feed: FeedContext) -> Iterator[Violation]:
    """Apple puts the others into an unknown season, which is never downloaded by itself."""
    full = [item for item in feed.items if item.kind == "full"]
    without = [item for item in full if not item.node.value("itunes:season")]
    if len(without) < len(full):
        for item in without:
            yield _violation(item, "episode.season", "the episode has no season, others have one")


@ITEMS.rule("I022", ERROR, "an episode says true or false to explicit", source="Apple")
def explicit(feed: FeedContext) -> Iterator[Violation]:
    """Absent, the show's word counts. A capital (True) is only a warning: W3C's validator takes it."""
    for item in feed.items:
        node = item.node.first("itunes:explicit")
        written = node.text.strip() if node is not None else "true"
        if node is not None and written not in {"true", "false"}:
            message, severity = f"itunes:explicit is {written[:20]!r}", WARNING if written.lower() in {"true", "false"} else ERROR
            yield _violation(item, "episode.explicit", message, "write true or false", severity=severity, line=node.line)


@ITEMS.rule("I023", WARNING, "a show with explicit episodes is marked explicit", source="Apple")
def explicit_show(feed: FeedContext) -> Iterator[Violation]:
    """To Apple, false says that the whole show is without. Some mark episodes alone; then make an exception of this rule."""
    if feed.channel.value("itunes:explicit") == "false":
        for item in feed.items:
            if item.node.value("itunes:explicit") == "true":
                yield _violation(item, "episode.explicit", "the episode is explicit, the show is not", "set [show] explicit = true")


@ITEMS.rule("I024", WARNING, "every episode links to its page, over https", source="Apple, podcast namespace")
def link(feed: FeedContext) -> Iterator[Violation]:
    """It is what people share."""
    for item in feed.items:
        address = item.node.value("link")
        if not is_secure(address):
            message = f"the episode's link is not https: {address[:80]}" if address else "the episode has no link"
            yield _violation(item, "episode.link", message)


@ITEMS.rule("I025", ERROR, "podcast:season and podcast:episode are numbers and agree with iTunes'", source="podcast namespace")
def podcast_numbers(feed: FeedContext) -> Iterator[Violation]:
    """Apps take one or the other."""
    for item in feed.items:
        for name, read in (("season", read_whole), ("episode", read_number)):
            node = item.node.first(f"podcast:{name}")
            if node is None:
                continue
            number, other = read(node.text.strip()), read_whole(item.node.value(f"itunes:{name}"))
            if number is None:
                yield _violation(item, f"episode.{name}", f"podcast:{name} is {node.text.strip()[:20]!r}, not a number", line=node.line)
            elif other and number != other:
                yield _violation(item, f"episode.{name}", f"podcast:{name} says {number:g}, itunes:{name} {other}", line=node.line)


@ITEMS.rule("I026", WARNING, "soundbites lie inside the episode and last 15 to 120 seconds", source="podcast namespace")
def soundbites(feed: FeedContext) -> Iterator[Violation]:
    """Apps share them as clips."""
    for item in feed.items:
        for node in item.node.all("podcast:soundbite"):
            start, span = read_number(node.get("startTime")), read_number(node.get("duration"))
            if start is None or span is None:
                yield _violation(item, "episode.soundbites", "a soundbite needs startTime and duration in seconds", line=node.line)
            elif item.duration and start + span > item.duration + 1:
                yield _violation(item, "episode.soundbites", "a soundbite ends after the episode", line=node.line)
            elif not 15 <= span <= 120:
                yield _violation(item, "episode.soundbites", f"a soundbite lasts {span:g} s; 15 to 120 are advised", line=node.line)


@ITEMS.rule("I027", ERROR, "other encodings have a type, a source and at most one integrity", source="podcast namespace")
def alternates(feed: FeedContext) -> Iterator[Violation]:
    """An integrity that does not match the file makes apps throw the download away."""
    for item in feed.items:
        for node in item.node.all("podcast:alternateEnclosure"):
            sources, checks = node.all("podcast:source"), node.all("podcast:integrity")
            faults = [] if node.get("type") else ["an alternateEnclosure has no type"]
            if not sources or not all(source.get("uri") for source in sources):
                faults.append("an alternateEnclosure has no source with a uri")
            if len(checks) > 1:
                faults.append("an alternateEnclosure has more than one integrity")
            for check in checks[:1]:
                kind, value = check.get("type"), check.get("value")
                known = {feed.integrities[source.get("uri")] for source in sources if source.get("uri") in feed.integrities}
                if kind not in {"sri", "pgp-signature"} or not value or (kind == "sri" and not _INTEGRITY.fullmatch(value)):
                    faults.append("an integrity is neither sri (sha384-…) nor a pgp-signature")
                elif kind == "sri" and known and value not in known:
                    faults.append("the integrity does not match the file")
            for fault in faults:
                yield _violation(item, "episode.alternates", fault, line=node.line)


@ITEMS.rule("I028", WARNING, "the newest episode comes first", source="convention of all readers")
def order(feed: FeedContext) -> Iterator[Violation]:
    """Readers that fetch only the beginning take it for what is new. Serial shows too: apps turn them around themselves."""
    dated = [item for item in feed.items if item.date]
    for before, item in pairwise(dated):
        if before.date and item.date and before.date < item.date:
            yield _violation(item, "episode.date", "the episode is newer than the one above it", "newest first")
            return


@ITEMS.rule("I031", WARNING, "an episode's title has at most 255 characters", source="Apple")
def title_length(feed: FeedContext) -> Iterator[Violation]:
    """Apple's guide allows so many to each tag that it names no other limit for; apps show far fewer."""
    for item in feed.items:
        for name in ("title", "itunes:title"):
            node = item.node.first(name)
            if node is not None and len(node.text.strip()) > 255:
                message = f"the {name} has {len(node.text.strip())} characters; 255 are allowed"
                yield _violation(item, "episode.title", message, line=node.line)


@ITEMS.rule("I032", ERROR, "an episode's artwork has an absolute address", source="Apple, W3C validator")
def artwork(feed: FeedContext) -> Iterator[Violation]:
    """Without one, leave `<itunes:image>` out: the show's artwork stands in."""
    for item in feed.items:
        for node in item.node.all("itunes:image"):
            address = node.get("href")
            if not is_web(address):
                message = f"the artwork's address is not absolute: {address[:80]}" if address else "itunes:image has no address"
                yield _violation(item, "artwork", message, "leave the tag out, or give it an address", line=node.line)


def _words(text: str) -> str:
    """The words alone, in lower case, each between blanks."""
    return f" {' '.join(_WORD.findall(text.lower()))} "
