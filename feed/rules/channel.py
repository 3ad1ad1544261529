"""Rules about the channel: what RSS, Apple, Spotify and PSP-1 ask of a show."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from feed.categories import CATEGORIES, LEGACY, did_you_mean
from feed.findings import ERROR, HINT, WARNING
from feed.iso_codes import is_language, is_language_tag, usual_language
from feed.rules.addresses import is_web
from feed.rules.markup import tag_names
from feed.rules.parsing import read_date, read_whole
from feed.rules.rulebook import Rulebook, Violation

if TYPE_CHECKING:
    from collections.abc import Iterator

    from feed.rules.feed_context import FeedContext

CHANNEL: Rulebook[FeedContext] = Rulebook(heading="The show")

LARGE_FEED, LARGEST_VALID_FEED = 1_000_000, 5_000_000
_NO = frozenset({"", "no", "false", "clean", "0"})
"""What is written in itunes:block and itunes:complete by those who mean no."""
_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")
_OBSOLETE = ("itunes:keywords", "itunes:order", "itunes:isClosedCaptioned", "itunes:pubDate", "podcast:images")


@CHANNEL.rule("F003", ERROR, "the show has a title", source="RSS 2.0, Apple, PSP-1")
def title(feed: FeedContext) -> Iterator[Violation]:
    """Directories refuse a show without a name."""
    if not feed.channel.value("title"):
        yield Violation("show.title", "the show has no title", line=feed.channel.line)


@CHANNEL.rule("F004", WARNING, "the title has at most 255 characters, no HTML and no blanks around it", source="Apple, W3C validator")
def title_shape(feed: FeedContext) -> Iterator[Violation]:
    """Apps show titles as they are written, tags and blanks included."""
    node = feed.channel.first("title")
    text = node.text if node else ""
    if node is None or not text.strip():
        return
    if len(text.strip()) > 255:
        yield Violation("show.title", f"the title has {len(text.strip())} characters; 255 are allowed", line=node.line)
    if tag_names(text):
        yield Violation("show.title", "the title holds HTML", "write plain text", line=node.line)
    if text != text.strip():
        yield Violation("show.title", "the title has blanks around it", line=node.line)


@CHANNEL.rule("F005", ERROR, "the show links to its home page", source="RSS 2.0, PSP-1")
def link(feed: FeedContext) -> Iterator[Violation]:
    """`<link>` is the website that apps offer to listeners: an absolute http or https address."""
    address = feed.channel.value("link")
    if not is_web(address):
        message = f"the show's link is not an absolute address: {address[:80]}" if address else "the show has no link"
        yield Violation("show.link", message, "set [site] url", line=feed.channel.line)


@CHANNEL.rule("F006", ERROR, "the show has a description", source="RSS 2.0, Apple, PSP-1")
def description(feed: FeedContext) -> Iterator[Violation]:
    """It is the text listeners decide by."""
    if not feed.channel.value("description"):
        yield Violation("show.description", "the show has no description", line=feed.channel.line)


@CHANNEL.rule("F007", ERROR, "the show's description has at most 4000 bytes", source="Apple, PSP-1")
def description_size(feed: FeedContext) -> Iterator[Violation]:
    """Bytes in UTF-8, not characters: an umlaut counts two, an emoji four."""
    size = len(feed.channel.value("description").encode("utf-8", "surrogatepass"))
    if size > 4000:
        yield Violation("show.description", f"the description has {size:,} bytes; 4,000 are allowed", line=_line(feed, "description"))


@CHANNEL.rule("F008", WARNING, "the show's description is plain text", source="W3C validator")
def description_plain(feed: FeedContext) -> Iterator[Violation]:
    """Most directories show tags in it as text."""
    found = tag_names(feed.channel.value("description"))
    if found:
        yield Violation(
            "show.description",
            f"the description holds HTML: {', '.join(f'<{name}>' for name in found[:6])}",
            line=_line(feed, "description"),
        )


@CHANNEL.rule("F009", ERROR, "the language is a valid code", source="RSS 2.0, Apple, PSP-1")
def language(feed: FeedContext) -> Iterator[Violation]:
    """Two letters of ISO 639-1, with a region where it matters: en, de, pt-br. Apple refuses a feed with a code that is none.
    A script (zh-Hant), or a language that has no code of two letters (fil), is right for W3C's validator and a warning for Apple.
    """
    code = feed.channel.value("language")
    if is_language(code):
        return
    usual = usual_language(code)
    hint = (
        f"Apple asks for two letters, with a region if needed: {usual}" if usual else "two letters, with a region if needed: en, de, pt-br"
    )
    if is_language_tag(code):
        message = f"Apple's guide knows no code like the language {code[:20]!r}"
        yield Violation("show.language", message, hint, severity=WARNING, line=_line(feed, "language"))
    else:
        message = f"the language {code[:20]!r} is not a code directories know" if code else "the show has no language"
        yield Violation("show.language", message, hint, line=_line(feed, "language"))


@CHANNEL.rule("F010", ERROR, "the show says true or false to explicit", source="Apple, W3C validator")
def explicit(feed: FeedContext) -> Iterator[Violation]:
    """Apple takes only true and false; yes, no and clean are no longer read. A capital (True) is only a warning, for W3C's
    validator takes it.
    """
    value = feed.channel.value("itunes:explicit")
    if value not in {"true", "false"}:
        message = f"itunes:explicit is {value[:20]!r}" if value else "the show has no itunes:explicit"
        severity = WARNING if value.lower() in {"true", "false"} else ERROR
        yield Violation("show.explicit", message, "write true or false", severity=severity, line=_line(feed, "itunes:explicit"))


@CHANNEL.rule("F011", ERROR, "the show has one of Apple's categories, in its exact spelling", source="Apple")
def categories(feed: FeedContext) -> Iterator[Violation]:
    """Category names are compared letter by letter; one that is not in Apple's list counts for nothing."""
    found = feed.channel.all("itunes:category")
    if not found:
        yield Violation("show.categories", "the show has no category", 'such as "News > Tech News"', line=feed.channel.line)
    for written, line, meant, retired in _unknown_categories(feed):
        if not retired:
            yield Violation("show.categories", f"Apple has no category {written}", meant and f"write {meant}", line=line)


@CHANNEL.rule("F012", WARNING, "the show has at most two categories, none of them retired", source="Apple, W3C validator")
def category_count(feed: FeedContext) -> Iterator[Violation]:
    """To Apple only the first one counts, with its subcategory. Apple renamed its categories in 2019; old names still map, for now."""
    found = feed.channel.all("itunes:category")
    if len(found) > 2:
        yield Violation("show.categories", f"the show has {len(found)} categories; directories use two", line=found[2].line)
    for written, line, meant, retired in _unknown_categories(feed):
        if retired:
            yield Violation("show.categories", f"the category {written} was retired in 2019", f"write {meant}", line=line)


@CHANNEL.rule("F013", ERROR, "the show has artwork", source="Apple, PSP-1")
def artwork(feed: FeedContext) -> Iterator[Violation]:
    """`<itunes:image href>` with the absolute address of a square JPEG or PNG; the picture itself has rules of its own."""
    node = feed.channel.first("itunes:image")
    address = node.get("href") if node else ""
    if not is_web(address):
        message = f"the artwork's address is not absolute: {address[:80]}" if address else "the show has no artwork"
        yield Violation("show.artwork", message, "a square JPEG or PNG, 3000 pixels a side", line=_line(feed, "itunes:image"))


@CHANNEL.rule("F014", ERROR, "the feed names its own address", source="PSP-1, W3C validator")
def self_link(feed: FeedContext) -> Iterator[Violation]:
    """`<atom:link rel="self">` tells an app where the feed lives when it was handed over as a file or a copy.
    One that names another address than it was fetched from is a warning, as W3C's validator has it.
    """
    found = [node for node in feed.channel.all("atom:link") if node.get("rel") == "self"]
    address = found[0].get("href") if found else ""
    if not found:
        hint = 'add <atom:link rel="self" href="…" type="application/rss+xml"/>'
        yield Violation("site.url", "the feed does not name its own address", hint, line=feed.channel.line)
    elif not is_web(address):
        yield Violation("site.url", f"the feed's own address is not absolute: {address[:80]}", line=found[0].line)
    elif feed.feed_url and address != feed.feed_url:
        message = f"the feed says it is at {address[:120]}, but it is at {feed.feed_url}"
        yield Violation("site.url", message, severity=WARNING, line=found[0].line)


@CHANNEL.rule("F015", WARNING, "the show has an author", source="Apple, Spotify")
def author(feed: FeedContext) -> Iterator[Violation]:
    """Spotify refuses a show without `<itunes:author>`."""
    if not feed.channel.value("itunes:author"):
        yield Violation("show.author", "the show has no author", line=feed.channel.line)


@CHANNEL.rule("F019", ERROR, "the show's type is episodic or serial", source="Apple")
def show_type(feed: FeedContext) -> Iterator[Violation]:
    """It decides in which order apps offer episodes. Absent, it is episodic."""
    node = feed.channel.first("itunes:type")
    if node is not None and node.text.strip() not in {"episodic", "serial"}:
        yield Violation("show.type", f"itunes:type is {node.text.strip()[:20]!r}", "write episodic or serial", line=node.line)


@CHANNEL.rule("F020", ERROR, "in a serial show every full episode has a number", source="Apple, PSP-1")
def serial_numbers(feed: FeedContext) -> Iterator[Violation]:
    """Apps order a serial show by its numbers."""
    if feed.channel.value("itunes:type") != "serial":
        return
    for item in feed.items:
        if item.kind != "full" or item.node.value("itunes:episode"):
            continue
        number = item.node.value("podcast:episode")
        if number:
            message, hint = f"Apple shows no number for an episode {number[:20]} of a serial show", 'add: type = "bonus"'
            yield Violation("episode.episode", message, hint, item=item.guid, line=item.node.line, severity=WARNING)
        else:
            message = "an episode of a serial show needs a number"
            yield Violation("episode.episode", message, "add: episode = 1", item=item.guid, line=item.node.line)


@CHANNEL.rule("F021", WARNING, "block and complete are written only when they are meant", source="Apple, W3C validator")
def block(feed: FeedContext) -> Iterator[Violation]:
    """Only `Yes` has an effect, and what an effect: `itunes:block` takes the show out of Apple Podcasts. Any other word has
    none; `no` is harmless (a hint), but whoever writes `true` means yes.
    """
    for parent, guid, prefix in feed.parents():
        for name in ("itunes:block", "itunes:complete"):
            node = parent.first(name)
            if node is None:
                continue
            key = f"{prefix}.{name.removeprefix('itunes:')}"
            written = node.text.strip()
            if written.lower() != "yes":
                message, severity = f"{name} is {written[:20]!r}; only Yes has an effect", HINT if written.lower() in _NO else WARNING
                yield Violation(key, message, "leave the tag out, or write Yes", item=guid, severity=severity, line=node.line)
            elif parent is feed.channel and name == "itunes:block" and not feed.hidden:
                message = "the feed asks Apple Podcasts to hide the whole show"
                yield Violation(key, message, "take itunes:block out, unless it is meant", line=node.line)


@CHANNEL.rule("F022", WARNING, "new-feed-url is the feed's own address", source="Apple")
def new_feed_url(feed: FeedContext) -> Iterator[Violation]:
    """It belongs into the feed at the new address and points to itself. Apps follow it wherever it appears, at once and for good."""
    node = feed.channel.first("itunes:new-feed-url")
    own = feed.feed_url or next((link.get("href") for link in feed.channel.all("atom:link") if link.get("rel") == "self"), "")
    if node is not None and own and node.text.strip() != own:
        message = f"the feed sends every subscriber to {node.text.strip()[:120] or 'nowhere'}"
        yield Violation("feed.new_feed_url", message, f"only right if the show has left; its own address is {own}", line=node.line)


@CHANNEL.rule("F023", HINT, "the owner can be reached by mail", source="Spotify, YouTube, Amazon")
def owner(feed: FeedContext) -> Iterator[Violation]:
    """Those directories send a code to `<itunes:owner><itunes:email>` before they list a show. Spammers read it too."""
    node = feed.channel.first("itunes:owner")
    if node is None or "@" not in node.value("itunes:email"):
        hint = "[show.owner] with name, email and public = true, at least until the show is listed"
        yield Violation("show.owner", "no owner's address: Spotify, YouTube and Amazon cannot verify the show", hint)


@CHANNEL.rule("F024", WARNING, "the feed has no obsolete tags", source="Apple, podcast namespace")
def obsolete(feed: FeedContext) -> Iterator[Violation]:
    """No app reads them any more; some mislead."""
    seen: dict[str, tuple[int, int]] = {}
    for node in (feed.channel, *feed.document.items):
        for name, found in node.named.items():
            if name in _OBSOLETE or name.startswith("googleplay:"):
                count, line = seen.get(name, (0, found[0].line))
                seen[name] = (count + len(found), line)
    for name, (count, line) in seen.items():
        yield Violation("feed", f"{name} is obsolete ({count} times)" if count > 1 else f"{name} is obsolete", line=line)


@CHANNEL.rule("F025", WARNING, "the copyright is a name", source="PSP-1")
def copyright_name(feed: FeedContext) -> Iterator[Violation]:
    """Without the word, the sign and the year: apps add those."""
    text = feed.channel.value("copyright")
    if text and ("©" in text or "(c)" in text.lower() or "copyright" in text.lower() or _YEAR.search(text)):
        message = f"the copyright holds more than a name: {text[:60]}"
        yield Violation("show.copyright", message, "write only who holds it", line=_line(feed, "copyright"))


@CHANNEL.rule("F026", ERROR, "the feed has an episode", source="Apple")
def has_episode(feed: FeedContext) -> Iterator[Violation]:
    """Directories refuse an empty show; a trailer is enough."""
    if not feed.items and not _is_list(feed):
        yield Violation("feed", "the feed has no episode", "publish a trailer first", line=feed.channel.line)


@CHANNEL.rule("F027", WARNING, "the feed is smaller than 1 MB", source="W3C validator")
def feed_size(feed: FeedContext) -> Iterator[Violation]:
    """Every app fetches it again and again. Validators stop reading at 5,000,000 bytes."""
    size = feed.document.size
    if size > LARGE_FEED:
        severity = ERROR if size >= LARGEST_VALID_FEED else WARNING
        hint = "[feed] limit moves old episodes to further pages; full_notes keeps long notes to the newest"
        yield Violation("feed.limit", f"the feed has {size:,} bytes", hint, severity=severity)


@CHANNEL.rule("F028", WARNING, "lastBuildDate is not in the future and not before the newest episode", source="W3C validator")
def build_date(feed: FeedContext) -> Iterator[Violation]:
    """Some readers skip a feed that says it has not changed."""
    node = feed.channel.first("lastBuildDate")
    if node is None:
        return
    date, fault, _ = read_date(node.text.strip())
    newest = max((item.date for item in feed.items if item.date), default=None)
    if date is None or fault:
        yield Violation("feed", f"lastBuildDate {fault}", line=node.line)
    elif feed.now and date > feed.now:
        yield Violation("feed", "lastBuildDate is in the future", line=node.line)
    elif newest and date < newest:
        yield Violation("feed", "lastBuildDate is earlier than the newest episode", line=node.line)


@CHANNEL.rule("F030", WARNING, "the RSS image has the show's title and link, and is small", source="RSS 2.0, W3C validator")
def rss_image(feed: FeedContext) -> Iterator[Violation]:
    """Old readers show the picture with that title, linked. A width, where it is said, is at most 144, a height 400."""
    node = feed.channel.first("image")
    if node is None:
        return
    for name in ("title", "link"):
        if node.value(name) != feed.channel.value(name):
            yield Violation(f"show.{name}", f"the image's {name} differs from the show's", line=node.line)
    for name, most in (("width", 144), ("height", 400)):
        size = node.value(name)
        if size and not 0 < (read_whole(size) or 0) <= most:
            yield Violation("feed", f"the image's {name} is {size[:30]!r}, not 1 to {most}", line=node.line)


def _line(feed: FeedContext, name: str) -> int:
    node = feed.channel.first(name)
    return node.line if node else feed.channel.line


def _is_list(feed: FeedContext) -> bool:
    medium = feed.channel.value("podcast:medium")
    return medium == "mixed" or medium.endswith("L") or medium in {"publisher", "newsletter", "blog"}


def _unknown_categories(feed: FeedContext) -> Iterator[tuple[str, int, str, bool]]:
    """Each category Apple does not know: as written, its line, what was meant, and whether Apple retired it."""
    for node in feed.channel.all("itunes:category"):
        name = node.get("text")
        if name not in CATEGORIES:
            yield name[:60], node.line, did_you_mean(name), name in LEGACY
            continue
        for child in node.all("itunes:category"):
            sub = child.get("text")
            if sub not in CATEGORIES[name]:
                yield f"{name} > {sub[:60]}", child.line, did_you_mean(f"{name} > {sub}"), sub in LEGACY
