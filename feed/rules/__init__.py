"""The rules of `publish check`: what is wrong with a feed, a recording, a picture, a transcript, chapters.

Each rule is a small function in an open list (a Rulebook). Checking yields Violation values; `place` turns one into a Finding
at the line a person can edit, or at the feed's own line where it is somebody else's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, NamedTuple

from feed.findings import ContentFault, Finding, Severity
from feed.reader import FeedDocument, read_feed
from feed.rules.addresses import split
from feed.rules.against_state import AGAINST_STATE
from feed.rules.artwork import ARTWORK, PICTURES
from feed.rules.audio import AUDIO
from feed.rules.channel import CHANNEL
from feed.rules.chapters import CHAPTERS, INLINE_CHAPTERS
from feed.rules.document import DOCUMENT
from feed.rules.feed_context import FeedContext
from feed.rules.items import ITEMS
from feed.rules.notes import NOTES
from feed.rules.podcasting20 import PODCASTING20
from feed.rules.rulebook import Rule, Rulebook, Violation
from feed.rules.transcripts import OFFERS, TRANSCRIPTS

if TYPE_CHECKING:
    from datetime import datetime

    from feed.model import AudioFacts, ImageFacts

FEED_BOOKS: tuple[Rulebook[FeedContext], ...] = (CHANNEL, PODCASTING20, ITEMS, NOTES, PICTURES, OFFERS, INLINE_CHAPTERS)
"""What is checked once the document can be read as a feed."""

BOOKS: tuple[Rulebook[Any], ...] = (DOCUMENT, *FEED_BOOKS, AUDIO, ARTWORK, TRANSCRIPTS, CHAPTERS, AGAINST_STATE)
"""Every rule, in the order of the manual; Any, for each list looks at something else."""


def check_feed(
    document: FeedDocument,
    *,
    feed_url: str | None = None,
    now: datetime | None = None,
    hidden: bool = False,
    recordings: Mapping[str, AudioFacts] | None = None,
    pictures: Mapping[str, ImageFacts] | None = None,
    integrities: Mapping[str, str] | None = None,
) -> list[Violation]:
    """Every rule that a feed alone can break.

    `hidden`: `itunes:block` is meant. `recordings` (guid -> facts of the published copy), `pictures` (address -> facts) and
    `integrities` (address -> `sha384-…`), where at hand, are held against what the feed says.
    """
    feed = FeedContext(
        document=document,
        feed_url=feed_url,
        now=now,
        hidden=hidden,
        recordings=recordings or {},
        pictures=pictures or {},
        integrities=integrities or {},
    )
    books = (DOCUMENT, *FEED_BOOKS) if document.channels else (DOCUMENT,)
    found = [violation for book in books for violation in book.check(feed)]
    split.cache_clear()  # the addresses of this feed
    return found


def check_feed_bytes(data: bytes, *, feed_url: str | None = None, now: datetime | None = None) -> list[Violation]:
    """`check_feed` on any bytes: what cannot be read as XML is F001."""
    try:
        document = read_feed(data)
    except ContentFault as fault:
        return [Violation("feed", fault.message, fault.hint, code=fault.code, severity=Severity.ERROR, line=fault.line)]
    return check_feed(document, feed_url=feed_url, now=now)


class FileLine(NamedTuple):
    """Where a person can mend something: file, line (0: the file as a whole), and the episode's slug."""

    file: str
    line: int = 0
    episode: str = ""


Places = Callable[[str | None, str], FileLine | None]
"""(guid of the episode or None, field) -> the place; None where the folder has no such thing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EditedFile:
    """A file a person edits: the show's config or an episode's front matter.

    `lines` maps fields to lines, by full name (`episode.date`) or key alone (`date`). `files` maps `audio`, `artwork`,
    `transcript`, `chapters` and `notes` to other files, where they are ones of their own.
    """

    file: str
    slug: str = ""
    lines: Mapping[str, int] = field(default_factory=dict)
    files: Mapping[str, str] = field(default_factory=dict)

    def place(self, name: str) -> FileLine:
        """Where the field `name` is written."""
        other = self.files.get(name)
        if other:
            return FileLine(other, 0, self.slug)
        table, _, key = name.rpartition(".")
        line = self.lines.get(name) or self.lines.get(key) or self.lines.get(table)
        # What is not written has no line: its table has one, and a front matter begins where the file does.
        return FileLine(self.file, line or (1 if self.slug and table == "episode" else 0), self.slug)


def to_finding(violation: Violation, places: Places | None = None, *, file: str = "feed.xml") -> Finding:
    """A Finding at the line a person can edit (`places`), else at the line of the feed itself, called `file`.

    Without places, as for a feed of others, the episode is named by its guid, for it has no slug.
    """
    guid = "" if places else violation.item or ""
    where = (places(violation.item, violation.field) if places else None) or FileLine(file, violation.line, guid)
    return Finding(
        code=violation.code,
        severity=violation.severity or Severity.ERROR,
        message=violation.message,
        file=where.file,
        line=where.line,
        hint=violation.hint,
        episode=where.episode,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Exemption:
    """`[[check.exceptions]]`: a finding that is known and meant. `episode` is a slug ("" : any place); `reason` says why."""

    rule: str
    reason: str
    episode: str = ""


def apply_exceptions(findings: Iterable[Finding], exceptions: Sequence[Exemption]) -> Iterator[Finding]:
    """Findings with what is meant as a hint that gives the reason. What keeps a show from being read is no rule, and stays."""
    for finding in findings:
        meant = next((item for item in exceptions if item.rule == finding.code and item.episode in {"", finding.episode}), None)
        if meant is None or (finding.severity is Severity.ERROR and find_rule(finding.code) is None):
            yield finding
        else:
            yield replace(finding, severity=Severity.HINT, message=meant.reason, hint="")


def filter_findings(findings: Iterable[Finding], *, select: Sequence[str] = (), ignore: Sequence[str] = ()) -> list[Finding]:
    """What is left of `findings`. `select` and `ignore` are beginnings of codes ("F", "I00"); the longer one wins, then `ignore`."""

    def kept(finding: Finding) -> bool:
        wanted = max((len(prefix) for prefix in select if finding.code.startswith(prefix)), default=-1 if select else 0)
        unwanted = max((len(prefix) for prefix in ignore if finding.code.startswith(prefix)), default=-1)
        return wanted > unwanted and wanted >= 0

    return [finding for finding in findings if kept(finding)]


def find_rule(code: str) -> Rule[Any] | None:
    """The rule called `code`."""
    return next((rule for book in BOOKS for rule in book.rules if rule.code == code), None)
