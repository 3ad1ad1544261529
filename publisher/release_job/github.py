"""`--format github`: findings as annotations, the plan in the step's summary, results as the step's outputs. Forgejo and Gitea read the same.

What is written there comes from titles and files of whoever sent a change: none of it becomes a command, a mention or a link.
"""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import TYPE_CHECKING

from feed.findings import Severity
from publisher.core.errors import ContentError
from publisher.core.finding_formats import as_github, github_command, in_order
from publisher.show_changes.compare import ShowChanges
from publisher.show_changes.sentences import as_markdown, escaped

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from feed.findings import Finding
    from publisher.core.command_call import Call
    from publisher.core.errors import AirdateError
    from publisher.core.json_results import Published

LONGEST = 60_000
"""Characters of a plan: a comment of a pull request takes 65,536."""


def as_annotations(findings: Iterable[Finding], config: Path) -> str:
    """Findings as workflow commands, their files named as the repository of the show's `config` names them."""
    return as_github(findings, _in_repository(config))


def tell_result(call: Call, result: Published, *, planned: bool, zone: str | None, compared: str = "") -> None:
    """What a publish did, or `planned` to do, to the service; `compared` says with what, where that is not what is published."""
    rows = [row.finding() for row in result.findings]
    call.console.commands(as_annotations(rows, call.config_path))
    changes = ShowChanges(show=result.show, episodes=result.episodes)
    files = result.summary.new + result.summary.content + result.summary.headers + result.summary.lost
    plan = as_markdown(changes, files, result.summary.bytes, zone, planned=planned, compared=compared)
    _write("GITHUB_STEP_SUMMARY", "\n".join([plan, *_faults(rows), ""]))
    changed = bool(result.changes or result.episodes or result.show)
    sent = not planned and bool(result.changes)
    told = {"published": _bool(sent), "changed": _bool(changed), "feed-url": result.feed_url, "plan": plan[:LONGEST]}
    _write("GITHUB_OUTPUT", _outputs(told | {"next-due": result.next_due or ""}))


def tell_failure(call: Call, error: AirdateError) -> None:
    """Why nothing was published, or what is not right with it."""
    findings = error.findings if isinstance(error, ContentError) else ()
    call.console.commands(as_annotations(findings, call.config_path))
    more = f" ({error.hint})" if error.hint else ""
    call.console.commands(github_command("error", {"title": error.code or "airdate"}, f"{error.message}{more}"))
    _write("GITHUB_STEP_SUMMARY", "\n".join([f"### {escaped(error.message)}", "", escaped(error.hint), *_faults(findings), ""]))
    _write("GITHUB_OUTPUT", _outputs({"published": "false", "changed": "false", "plan": escaped(error.message)}))


def _faults(findings: Iterable[Finding]) -> list[str]:
    """What was found, but for hints, as a list."""
    told = [item for item in in_order(findings) if item.severity is not Severity.HINT][:100]
    lines = [f"- {item.severity.value} in {escaped(item.place or 'the show')}: {escaped(f'{item.code} {item.message}')}" for item in told]
    return ["", "### What was found", "", *lines] if lines else []


def _in_repository(config: Path) -> str:
    """The show's folder as the repository names it; "" where it is the top, or lies elsewhere."""
    folder = Path(os.path.realpath(config if config.is_dir() else config.parent))
    root = Path(os.path.realpath(os.environ.get("GITHUB_WORKSPACE") or "."))
    return folder.relative_to(root).as_posix() if folder != root and folder.is_relative_to(root) else ""


def _outputs(values: Mapping[str, str]) -> str:
    """Outputs of a step, in the form for texts of several lines: what ends one is the digest of what it holds."""
    lines = []
    for name, value in values.items():
        end = f"end-{hashlib.sha256(value.encode()).hexdigest()[:32]}"
        lines += [f"{name}<<{end}", value, end]
    return "\n".join(lines) + "\n"


def _write(variable: str, text: str) -> None:
    """Append to the file that the service names, if it does."""
    if place := os.environ.get(variable):
        with Path(place).open("a", encoding="utf-8", errors="replace") as file:
            file.write(text)


def _bool(value: bool) -> str:
    return "true" if value else "false"
