"""What a publish tells people, and what `--json` says of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from feed.findings import Finding, Severity
from publisher.core.console import count_words, size_words

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Mapping, Sequence

    from publisher.core.console import Console
    from publisher.prepare import Prepared
    from publisher.workspace import Workspace

SHOWN = 12
"""Lines of a kind that the plan shows; --verbose shows all."""


def finding_document(finding: Finding) -> dict[str, Any]:
    """A finding as in `--json`."""
    return {
        "code": finding.code,
        "severity": str(finding.severity),
        "file": finding.file,
        "line": finding.line,
        "message": finding.message,
        "hint": finding.hint,
    }


def findings_of(documents: Iterable[Mapping[str, Any]]) -> list[Finding]:
    """Findings from their `--json` form."""
    return [Finding(**{**row, "severity": Severity(row["severity"])}) for row in documents]


def show_findings(console: Console, findings: Sequence[Finding]) -> None:
    """Warnings in full, hints only as a count: a publish is no place for advice."""
    from publisher.core.finding_formats import as_text

    shown = [item for item in findings if item.severity is not Severity.HINT]
    if shown:
        console.say(as_text(shown, colour=console.colored))
    hints = len(findings) - len(shown)
    if hints:
        console.detail(f"{count_words(hints, 'hint')}: see `publish check`")


def show_plan(console: Console, workspace: Workspace, prepared: Prepared) -> None:
    """The plan for people: where to, what is new for listeners, then what changes."""
    from publisher.sync.plan import Reason

    before = {slug for slug, item in prepared.state.episodes.items() if not item.removed}
    episodes = [
        f"  {console.paint('new episode', '32')}  {content.source.written.title}"
        for content in prepared.rendering.contents
        if content.slug not in before
    ]
    episodes += [f"  {console.paint('removed', '31')}      {item.slug}" for item in prepared.publication.removed if not item.removed]
    signs = {"put": "~", "keep": "-"}
    files = [
        f"  {'+' if change.reason is Reason.NEW else signs[change.action]} {change.key}"
        f"  {console.paint(f'{change.reason}, {size_words(change.size)}', '2')}"
        for change in prepared.plan.changes
    ]
    console.say(f"To {workspace.store.describe()}")
    for lines in (episodes, files):
        limit = len(lines) if console.verbose else SHOWN
        for line in lines[:limit]:
            console.say(line)
        if len(lines) > limit:
            console.say(console.paint(f"  … and {len(lines) - limit} more (--verbose shows all)", "2"))
    console.say(f"{count_words(len(prepared.plan.uploads), 'file')} to send, {size_words(prepared.plan.bytes_to_send)}")


def show_steps(console: Console, feed_url: str, home_url: str, due: Sequence[dt.datetime], folder: str = "") -> None:
    """Where the show is, what is due next, and for a `folder` how to look at it."""
    console.say(f"  feed  {feed_url}")
    console.say(f"  page  {home_url}")
    if due:
        console.say(f"  next  {count_words(len(due), 'episode')} waiting, the first is due {due[0].isoformat(' ', 'minutes')}")
    if folder:
        console.say(f"Look at it with `publish preview`; the files are in {folder}/.")
