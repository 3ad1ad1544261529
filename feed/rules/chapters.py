"""Rules about chapters: one list in every form, as apps read it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from feed.findings import ERROR, HINT, WARNING, Severity
from feed.rules.addresses import is_secure
from feed.rules.parsing import is_seconds
from feed.rules.rulebook import Rulebook, Violation
from feed.text_cleaning import read_json

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from feed.model import Chapter
    from feed.rules.feed_context import FeedContext

CHAPTERS: Rulebook[ChaptersContext] = Rulebook(heading="Chapters")
INLINE_CHAPTERS: Rulebook[FeedContext] = Rulebook(heading="Chapters in the feed")


@dataclass(frozen=True, slots=True, kw_only=True)
class ChaptersContext:
    """An episode's chapters: the list itself and how it was written.

    `json` is the text of the chapters file (None: there is none), `forms` the same chapters as read from elsewhere
    ("the notes", "the file's tags", "the feed"), `duration` the episode's in seconds, `audio_type` its MIME type. `ids` are
    the CHAP element ids in the file and `contents` those its CTOC lists. `missing` are pictures that could not be reached.
    """

    chapters: Sequence[Chapter]
    item: str | None = None
    json: str | None = None
    duration: float | None = None
    audio_type: str = ""
    forms: Mapping[str, Sequence[Chapter]] = field(default_factory=dict)
    ids: Sequence[str] = ()
    contents: Sequence[str] = ()
    missing: Sequence[str] = ()


def _violation(episode: ChaptersContext, message: str, hint: str = "", *, severity: Severity | None = None) -> Violation:
    return Violation("chapters", message, hint, item=episode.item, severity=severity)


@CHAPTERS.rule("C001", ERROR, "the chapters file is valid JSON chapters", source="podcast namespace")
def json_chapters(episode: ChaptersContext) -> Iterator[Violation]:
    """An object with a version and a list of chapters, each with a startTime in seconds."""
    if episode.json is None:
        return
    try:
        document = read_json(episode.json)
    except (ValueError, RecursionError):
        document = None
    if not isinstance(document, dict):
        yield _violation(episode, "the chapters file is not a JSON object")
        return
    if not isinstance(document.get("version"), str):
        yield _violation(episode, "the chapters file has no version", 'write "version": "1.2.0"')
    found = document.get("chapters")
    if not isinstance(found, list):
        yield _violation(episode, "the chapters file has no list of chapters")
        return
    for number, chapter in enumerate(found, 1):
        start = chapter.get("startTime") if isinstance(chapter, dict) else None
        if not is_seconds(start):
            yield _violation(episode, f"chapter {number} has no startTime in seconds")
            return


@CHAPTERS.rule("C002", ERROR, "chapters rise, each at its own time, inside the episode", source="podcast namespace")
def ascending(episode: ChaptersContext) -> Iterator[Violation]:
    """A chapter's end comes after its start."""
    before: float | None = None
    for chapter in episode.chapters:
        if before is not None and chapter.start <= before:
            yield _violation(episode, f"the chapter {chapter.title[:60]!r} does not start after the one before it")
        elif episode.duration and chapter.start >= episode.duration:
            yield _violation(
                episode, f"the chapter {chapter.title[:60]!r} starts after the end", "are these the chapters of this recording?"
            )
        elif chapter.end is not None and chapter.end <= chapter.start:
            yield _violation(episode, f"the chapter {chapter.title[:60]!r} ends before it starts")
        before = chapter.start


@CHAPTERS.rule("C003", WARNING, "the first chapter starts at 0", source="Apple, Spotify")
def first(episode: ChaptersContext) -> Iterator[Violation]:
    """Apple and Spotify take the list in the notes only then."""
    if episode.chapters and episode.chapters[0].start > 0:
        yield _violation(episode, f"the first chapter starts at {episode.chapters[0].start:g} s", "add one at 0, such as Intro")


@CHAPTERS.rule("C004", WARNING, "there are at least three chapters", source="Apple, Spotify")
def count(episode: ChaptersContext) -> Iterator[Violation]:
    """Shorter lists in the notes are not taken for chapters."""
    if 0 < len(episode.chapters) < 3:
        yield _violation(episode, f"{'1 chapter' if len(episode.chapters) == 1 else '2 chapters'}; Apple and Spotify want three or more")


@CHAPTERS.rule("C005", WARNING, "every chapter has a title", source="apps")
def titles(episode: ChaptersContext) -> Iterator[Violation]:
    """Unless toc is false: then it only changes the picture."""
    for chapter in episode.chapters:
        if chapter.toc and not chapter.title.strip():
            yield _violation(episode, f"the chapter at {chapter.start:g} s has no title")


@CHAPTERS.rule("C006", HINT, "titles are short", source="Apple, Spotify")
def short_titles(episode: ChaptersContext) -> Iterator[Violation]:
    """Spotify shows 40 characters, Apple 45."""
    for chapter in episode.chapters:
        if len(chapter.title) > 40:
            app = "Apple 45" if len(chapter.title) > 45 else "Spotify 40"
            yield _violation(episode, f"a chapter's title has {len(chapter.title)} characters, {app} at most: {chapter.title[:80]}")


@CHAPTERS.rule("C007", HINT, "chapters are not too many for the episode", source="Apple, Spotify")
def density(episode: ChaptersContext) -> Iterator[Violation]:
    """At most six an hour, at least two minutes each; half a minute in episodes of less than ten minutes."""
    if not episode.chapters or not episode.duration:
        return
    gaps = [later.start - chapter.start for chapter, later in zip(episode.chapters, episode.chapters[1:], strict=False)]
    least, words = (120, "two minutes") if episode.duration >= 600 else (30, "half a minute")
    if len(episode.chapters) > max(6, 6 * episode.duration / 3600):
        yield _violation(episode, f"{len(episode.chapters)} chapters in {episode.duration / 60:.0f} minutes; Apple advises six an hour")
    elif any(0 < gap < least for gap in gaps):
        yield _violation(episode, f"a chapter is shorter than {words}")


@CHAPTERS.rule("C008", WARNING, "chapters start at whole seconds", source="AntennaPod")
def whole_seconds(episode: ChaptersContext) -> Iterator[Violation]:
    """AntennaPod cuts fractions, so its list differs from the others."""
    broken = [chapter for chapter in episode.chapters if chapter.start != int(chapter.start)]
    if broken:
        message = f"{len(broken)} chapters start between two seconds; the first is {broken[0].title[:60]!r}"
        yield _violation(episode, message, "round them to whole seconds")


@CHAPTERS.rule("C009", ERROR, "all forms of the chapters say the same", source="AntennaPod")
def forms(episode: ChaptersContext) -> Iterator[Violation]:
    """Apps take the longest list they find; starts may differ by a second. Hidden chapters need not stand in every form."""
    shown = [chapter for chapter in episode.chapters if chapter.toc]
    for where, others in episode.forms.items():
        chapters = shown if len(others) == len(shown) else episode.chapters
        if len(others) != len(chapters):
            yield _violation(episode, f"{where} has {len(others)} chapters, not {len(shown)}")
        elif any(abs(one.start - other.start) > 1 for one, other in zip(chapters, others, strict=True)):
            yield _violation(episode, f"the chapters of {where} start at other times")


@CHAPTERS.rule("C010", ERROR, "pictures and links of chapters are absolute https addresses that exist", source="podcast namespace")
def addresses(episode: ChaptersContext) -> Iterator[Violation]:
    """Web players load nothing else. This machine is exempt."""
    for chapter in episode.chapters:
        for name, address in (("picture", chapter.image), ("link", chapter.url)):
            if address and not is_secure(address):
                yield _violation(episode, f"a chapter's {name} is not an absolute https address: {address[:120]}")
            elif address and address in episode.missing:
                yield _violation(episode, f"a chapter's {name} cannot be reached: {address[:120]}")


@CHAPTERS.rule("C012", WARNING, "no chapter is hidden", source="AntennaPod")
def hidden(episode: ChaptersContext) -> Iterator[Violation]:
    """AntennaPod ignores toc and shows hidden chapters too."""
    if any(not chapter.toc for chapter in episode.chapters):
        yield _violation(episode, "a chapter with toc = false is shown by some apps all the same")


@CHAPTERS.rule("C013", WARNING, "chapter titles in an M4A have at most 127 bytes", source="AntennaPod")
def m4a_titles(episode: ChaptersContext) -> Iterator[Violation]:
    """A longer one makes AntennaPod lose the list."""
    if episode.audio_type in {"audio/x-m4a", "audio/mp4", "audio/m4a"}:
        for chapter in episode.chapters:
            if len(chapter.title.encode("utf-8", "surrogatepass")) > 127:
                yield _violation(episode, f"a chapter's title has more than 127 bytes: {chapter.title[:60]}")


@CHAPTERS.rule("C014", ERROR, "chapters inside the file have ids of their own, and its contents list only those", source="ID3v2 chapters")
def ids(episode: ChaptersContext) -> Iterator[Violation]:
    """Players find a chapter by its id."""
    if len(set(episode.ids)) != len(episode.ids):
        yield _violation(episode, "two chapters inside the file have the same id")
    unknown = [name for name in episode.contents if name not in set(episode.ids)]
    if unknown:
        yield _violation(episode, f"the contents inside the file list a chapter that is not there: {unknown[0][:40]}")


@INLINE_CHAPTERS.rule("C011", WARNING, "chapters in the feed start at HH:MM:SS", source="AntennaPod")
def inline_starts(feed: FeedContext) -> Iterator[Violation]:
    """AntennaPod reads a start in bare seconds as 0."""
    for item in feed.items:
        starts = [chapter.get("start") for group in item.node.all("psc:chapters") for chapter in group.all("psc:chapter")]
        bare = next((start for start in starts if ":" not in start), None)
        if bare is not None:
            yield Violation("chapters", f"a psc:chapter starts at {bare[:20]!r}", "write HH:MM:SS.mmm", item=item.guid, line=item.node.line)
