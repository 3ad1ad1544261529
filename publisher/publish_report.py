"""What a publish says of itself, to people and as its result."""

from __future__ import annotations

import shlex
import sys
from dataclasses import replace
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

from feed.findings import TOLD, Finding, Severity
from publisher.core.console import Console, count_words, size_words
from publisher.core.json_results import ChangeRow, FindingRow, HeldRow, Published, Summary
from publisher.core.placeholders import has_none, is_nowhere

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Collection, Sequence

    from publisher.folder_to_plan import Prepared
    from publisher.held_back.faulty_episodes import Held
    from publisher.state.state import State
    from publisher.workspace import Workspace

COLORS = {"new": "32", "removed": "31", "changed": "33", "show": "33"}
SHOWN = 12
"""Lines of a kind that the plan shows before it is carried out; --verbose and --dry-run show all."""


def result_of(workspace: Workspace, prepared: Prepared, after: State | None) -> Published:
    """What a publish did; what it would do when `after` is None."""
    from publisher.show_changes.compare import show_changes  # a publish with nothing to do needs none of it

    plan = prepared.plan
    due = prepared.publication.due
    changes = (
        ChangeRow(action=item.action, key=item.key, reason=str(item.reason), bytes=item.size, phase=item.phase.name.lower())
        for item in plan.changes
    )
    told = show_changes(prepared)
    return Published(
        changes=tuple(changes),
        episodes=told.episodes,
        show=told.show,
        summary=Summary(**plan.counts(), bytes=plan.bytes_to_send),
        findings=tuple(FindingRow.of(item) for item in (*prepared.findings, *prepared.faults)),
        held=tuple(
            HeldRow(
                slug=item.slug,
                folder=item.name,
                published=item.published is not None,
                findings=tuple(FindingRow.of(fault) for fault in item.faults),
            )
            for item in prepared.held
        ),
        generation=(after or prepared.state).generation,
        requests=workspace.store.requests,
        bytes_sent=plan.bytes_to_send if after else 0,
        seconds=round(workspace.console.seconds, 3),
        feed_url=workspace.config.feed_url,
        next_due=due[0].isoformat() if due else None,
    )


def together(done: Sequence[Published]) -> Published:
    """What several publishes did, as that of one; an episode that was brought and changed again was brought."""
    last = done[-1]
    looked = [item.verified for item in done if item.verified is not None]
    posts = [item.posts for item in done if item.posts is not None]
    return replace(
        last,
        changes=tuple(chain.from_iterable(item.changes for item in done)),
        summary=Summary(**{name: sum(getattr(item.summary, name) for item in done) for name in Summary.__slots__}),
        episodes=tuple({row.slug: row for item in reversed(done) for row in item.episodes}.values()),
        show=tuple(dict.fromkeys(chain.from_iterable(item.show for item in done))),
        bytes_sent=sum(item.bytes_sent for item in done),
        verified=tuple(dict.fromkeys(chain.from_iterable(looked))) if looked else None,
        posts=tuple(chain.from_iterable(posts)) if posts else None,
    )


def show_findings(console: Console, findings: Sequence[Finding], settled: Collection[str] = ()) -> None:
    """Warnings in full, and in a line for each episode what was guessed or left out; other hints only as a count: a publish is no
    place for advice. `settled` episodes stay as they are published: theirs was told when they were.
    """
    from publisher.core.finding_formats import as_lines, as_text

    shown = [item for item in findings if item.severity is not Severity.HINT]
    if shown:
        console.say(as_text(shown, colour=True))
    hints = [item for item in findings if item.severity is Severity.HINT]
    told = as_lines(item for item in hints if item.code in TOLD and item.episode not in settled)
    if told:
        console.say("Guessed or left out (`publish check` says more):")
        for line in told if console.verbose else told[:SHOWN]:
            console.say(f"  {line}")
        if len(told) > SHOWN and not console.verbose:
            console.say(console.paint(f"  … and {len(told) - SHOWN} more (--verbose shows all)", "2"))
    if hints:
        console.detail(f"{count_words(len(hints), 'hint')}: see `publish check`")


def show_plan(workspace: Workspace, prepared: Prepared, *, asked_for: bool, markdown: bool = False) -> None:
    """The plan for people: where to, and what changes for listeners; with --verbose, or where that is nothing, the files. Where it is what was `asked_for`, it
    is whole and goes to stdout; else it is a message.
    """
    from publisher.show_changes.compare import show_changes
    from publisher.show_changes.sentences import as_markdown, sentences
    from publisher.sync.plan import Reason

    console = workspace.console
    tell = console.show if asked_for else console.say
    changes, zone = show_changes(prepared), workspace.config.show.timezone
    if markdown:
        tell(as_markdown(changes, len(prepared.plan.uploads), prepared.plan.bytes_to_send, zone))
        return
    episodes = [f"  {console.paint(words, COLORS[kind])}" for kind, words in sentences(changes, zone)]
    signs = {"put": "~", "keep": "-"}
    files = [
        f"  {'+' if change.reason is Reason.NEW else signs[change.action]} {change.key}"
        f"  {console.paint(f'{change.reason}, {size_words(change.size)}', '2')}"
        for change in prepared.plan.changes
    ]
    tell(f"To {workspace.store.describe()}")
    for lines in (episodes, files if console.verbose or not episodes else []):
        limit = len(lines) if console.verbose or asked_for else SHOWN
        for line in lines[:limit]:
            tell(line)
        if len(lines) > limit:
            tell(console.paint(f"  … and {len(lines) - limit} more (--verbose shows all)", "2"))
    tell(f"{count_words(len(prepared.plan.uploads), 'file')} to send, {size_words(prepared.plan.bytes_to_send)}")


def show_result(workspace: Workspace, prepared: Prepared, after: State | None, due: Sequence[dt.datetime]) -> None:
    """How a publish went, and what is there now."""
    console, plan = workspace.console, prepared.plan
    if after is None:
        console.say("Nothing changed, nothing sent.")
    elif not plan.changes:
        anew = "; made anew by this version, with the same bytes" if plan.stale_fingerprints else ""
        console.say(f"Nothing changed for listeners{anew}.")
    else:
        workspace.forget_copies()
        sent = f"{count_words(len(plan.uploads), 'file')}, {size_words(plan.bytes_to_send)}"
        console.say(f"{console.paint('Published', '32', '1')}: {sent} in {console.seconds:.1f} s.")
    config = workspace.config
    if after is not None and prepared.state.first and config.storage.is_bucket and not workspace.storage.is_apart:
        console.say(
            "Texts and config.toml are kept nowhere but in this folder, for [storage] has no private side: keep them in git, or a copy. "
            "Of a lost folder, `publish restore` brings back what listeners have."
        )
    if after is not None and is_nowhere(config.site.url):
        console.say(
            f"warning: nobody can reach {config.site.url}, for names under .example are never given away: url under [site] is to say where"
        )
    folder = "" if config.storage.is_bucket else config.storage.url
    show_steps(console, config.feed_url, config.home_url, due, workspace.file.path, folder)


def show_held(console: Console, held: Sequence[Held]) -> None:
    """Which faulty episodes were held back, and what is wrong with each."""
    for item in held:
        what = "stays as it was last published" if item.published is not None else "is held back"
        faults = "".join(
            f"\n  {fault.place}: {fault.code} {fault.message}" + (f" ({fault.hint})" if fault.hint else "") for fault in item.faults
        )
        console.warn(f"“{item.slug}” {what}, until this is mended:{faults}")
        if item.untouched:
            console.warn(
                f"“{item.slug}”: its words are not here, so its page and its item of the feed are left as they are: "
                "what changes of the show (title, looks, people, links to newer episodes) is on them once it is mended"
            )


def show_what_releases(console: Console, due: dt.datetime, config: Path) -> None:
    """What brings a waiting episode on the air: a publish when it is `due`, typed or by cron."""
    console.show(
        f"        nothing happens by itself: run `publish` after {due.isoformat(' ', 'minutes')}, or paste this line into `crontab -e`:"
    )
    console.show(f"        {_cron_line(config)}")


def _cron_line(config: Path) -> str:
    """A line of a crontab that publishes every hour what is due; cron knows neither this folder nor this PATH, and takes % for a new line."""
    import shutil

    beside = Path(sys.executable).with_name("publish")
    program = str(beside) if beside.exists() else shutil.which("publish") or "publish"
    config = config.absolute()
    named = [] if config.name == "config.toml" else ["--config", config.name]
    words = f"cd {shlex.quote(str(config.parent))} && {shlex.join([program, *named])} --yes --quiet"
    return "10 * * * *  " + words.replace("%", r"\%")


def show_steps(console: Console, feed_url: str, home_url: str, due: Sequence[dt.datetime], config: Path, folder: str = "") -> None:
    """Where the show of `config` is, what is due next and what brings it on the air, and for a `folder` how to look at it."""
    if has_none(feed_url):
        console.show("  the show has no address yet: url under [site] is to say where listeners will reach it")
    else:
        console.show(f"  feed  {feed_url}")
        console.show(f"  page  {home_url}")
    if due:
        console.show(f"  next  {count_words(len(due), 'episode')} waiting, the first is due {due[0].isoformat(' ', 'minutes')}")
        show_what_releases(console, due[0], config)
    if folder:
        console.say(f"Look at it with `publish preview`; the files are in {folder}/.")
