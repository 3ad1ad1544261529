"""A comparison in words: for a terminal, and as Markdown for a ticket."""

from __future__ import annotations

from typing import TYPE_CHECKING

from feed.findings import Severity
from feed.text_cleaning import printable_line
from publisher.core.console import count_words

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from publisher.compare.results import Comparison, Difference

_SHOWN = 10
"""Episodes that are named for each kind of finding that matters; of what is only said, the first."""

_WHAT = {
    "twice": "Would come twice",
    "lost": "Would be lost",
    "new": "Only in the new feed",
    "duplicate": "More than once in a feed",
    "guid": "Another guid",
    "date": "Another date",
    "order": "Elsewhere in the order",
    "title": "Another title",
    "enclosure": "Another address of the recording (programs that go by it alone, as castget and podget do, fetch it again)",
    "bytes": "Another length in bytes",
    "duration": "Another length in seconds",
    "artwork": "Artwork of their own",
    "explicit": "Explicit changed",
    "block": "Block changed",
    "recording": "The recording does not answer",
}


def as_text(comparison: Comparison) -> Iterator[str]:
    """Lines for a terminal; the last is the verdict."""
    yield from _head(comparison)
    for title, rows in _groups(comparison):
        yield ""
        yield title
        for row in rows[: _most(rows)]:
            yield f"  {_line(row)}"
        if len(rows) > _most(rows):
            yield f"  … and {len(rows) - _most(rows)} more (--json lists them all)"
    about = [row for row in comparison.findings if not row.episode]
    if about:
        yield ""
        yield "The show"
        yield from (f"  {row.message}{_values(row)}" for row in about)
    yield ""
    yield "In apps, each simulated by its own rule"
    for app in comparison.apps:
        yield f"  {app.name}: {app.twice} twice, {app.missing} lost"
    if changed := apps_that_change(comparison):
        yield f"  Something would change in {', '.join(changed)}."
    yield ""
    yield comparison.sentence


def as_markdown(comparison: Comparison) -> str:
    """The same for a ticket."""
    lines = ["## Two feeds compared", "", *(f"- {_plain(line)}" for line in _head(comparison)), ""]
    lines += ["| app | would come twice | lost |", "|---|---|---|"]
    lines += [f"| {app.name} | {app.twice} | {app.missing} |" for app in comparison.apps]
    for title, rows in _groups(comparison):
        lines += ["", f"### {title}", "", *(f"- {_plain(_line(row))}" for row in rows[: _most(rows)])]
        if len(rows) > _most(rows):
            lines.append(f"- … and {len(rows) - _most(rows)} more")
    about = [row for row in comparison.findings if not row.episode]
    if about:
        lines += ["", "### The show", "", *(f"- {_plain(row.message + _values(row))}" for row in about)]
    return "\n".join([*lines, "", f"**{comparison.sentence}**"])


def apps_that_change(comparison: Comparison) -> list[str]:
    """The simulated apps in which an episode would come twice or not be found."""
    return [app.name for app in comparison.apps if app.twice or app.missing]


def _head(comparison: Comparison) -> Iterator[str]:
    for name, feed in (("old", comparison.old), ("new", comparison.new)):
        pages = f" on {feed.pages} pages" if feed.pages > 1 else ""
        yield f"{name}: {printable_line(feed.address)} ({count_words(feed.episodes, 'episode')}{pages})"


def _groups(comparison: Comparison) -> Iterator[tuple[str, Sequence[Difference]]]:
    """What is said of episodes, by kind, the worst first."""
    for what, words in _WHAT.items():
        rows = [row for row in comparison.findings if row.what == what and row.episode]
        if rows:
            yield f"{words}: {count_words(len({row.episode for row in rows}), 'episode')}", rows


def _most(rows: Sequence[Difference]) -> int:
    return _SHOWN if any(row.severity is not Severity.HINT for row in rows) else 1


def _line(row: Difference) -> str:
    where = f" in {', '.join(row.apps)}" if row.apps else ""
    title = printable_line(row.title)[:100]
    return f"“{title}”: {row.message}{where}{_values(row)}"


def _values(row: Difference) -> str:
    old, new = printable_line(row.old)[:200], printable_line(row.new)[:200]
    if row.what in {"lost", "new", "duplicate"}:
        return f" ({old or new})"
    if row.what in {"feed", "redirect", "order", "paging", "locked", "new-feed-url"} or (not old and not new):
        return ""
    return f": {old or '(nothing)'} → {new or '(nothing)'}"


def _plain(text: str) -> str:
    """Words of others as Markdown that shows them as they are."""
    return "".join(f"\\{sign}" if sign in "\\`*_[]<>|#" else sign for sign in text)
