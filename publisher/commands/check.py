"""`publish check`: every rule, on the documents that would be published, with the place in the folder a person can edit."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from feed.findings import Finding, Severity
from publisher.core.command_call import Call, Options, common
from publisher.core.errors import Exit
from publisher.publish_report import show_held
from publisher.workspace import Workspace, opened

if TYPE_CHECKING:
    from collections.abc import Sequence

    from publisher.load.show_source import ShowSource


def check_folder(workspace: Workspace, options: Options) -> tuple[list[Finding], bool]:
    """Every rule on the folder: drafts and episodes that are not due get warnings at most. Compares with what is published.
    And whether a publish would hold back all that is at fault, and go on (`--skip-faulty`).

    What did not change since the last check is neither rendered nor judged again.
    """
    from feed.rules import filter_findings
    from publisher.folder_to_plan import Purpose, Scope, prepare

    state, unasked = workspace.state_or_last()
    prepared = prepare(workspace, state, options, Purpose.CHECK, Scope(offline=unasked, unknown=unasked and state.first))
    show_held(workspace.console, prepared.held)
    stopping = any(item.severity is Severity.ERROR for item in prepared.findings)
    findings = [*prepared.findings, *prepared.faults, *_unused_exceptions(prepared.source, prepared.findings)]
    found = list(dict.fromkeys(filter_findings(findings, select=options.select, ignore=options.ignore)))
    return found, bool(prepared.held) and not stopping


def _unused_exceptions(source: ShowSource, findings: Sequence[Finding]) -> list[Finding]:
    """Exceptions that nothing needs any more."""
    found = {(item.code, episode) for item in findings for episode in (item.episode, "")}
    return [
        Finding(
            code="exception-unused",
            severity=Severity.HINT,
            message=f"nothing breaks {exception.rule} any more" + (f" in {exception.episode}" if exception.episode else ""),
            file=source.file.path.name,
            line=source.file.line("check", "exceptions", index),
            hint="take the exception out",
        )
        for index, exception in enumerate(source.config.check.exceptions)
        if (exception.rule, exception.episode or "") not in found
    ]


@click.command("check")
@common
@click.argument("feed", required=False)
@click.option("--format", "form", type=click.Choice(["text", "json", "github", "sarif"]), default="text", help="How findings are written.")
@click.option("--select", multiple=True, metavar="RULE", help="Only these rules (a prefix is enough).")
@click.option("--ignore", multiple=True, metavar="RULE", help="Not these rules (a prefix is enough).")
def command(call: Call, /, feed: str | None, form: str, select: tuple[str, ...], ignore: tuple[str, ...]) -> None:
    """Hold the show's folder, or any FEED (address or file), against every rule."""
    from publisher.check.any_feed import check_foreign

    options = call.options(select=_names(select), ignore=_names(ignore))
    findings, goes_on = (check_foreign(feed, options), False) if feed else check_folder(opened(call), options)
    strict = call.strict and any(item.severity is Severity.WARNING for item in findings)
    end_with(call, findings, form, Exit.HELD if goes_on and not strict else Exit.CONTENT, fold=bool(feed))


def end_with(call: Call, findings: list[Finding], form: str, status: Exit, *, fold: bool = False) -> None:
    """Show what was found, what recurs once where `fold` says so, and end the command with `status` where that stops it."""
    if form == "github" and not call.as_json:
        from publisher.release_job.github import as_annotations

        call.console.commands(as_annotations(findings, call.config_path))
    else:
        call.console.data(written(findings, "json" if call.as_json else form, fold=fold))
    if any(item.severity is Severity.ERROR or (call.strict and item.severity is Severity.WARNING) for item in findings):
        raise click.exceptions.Exit(status)


def written(findings: list[Finding], form: str, *, fold: bool = False) -> str:
    """Findings in one of the forms of `--format`; only a text for people is folded."""
    from publisher.core import finding_formats as report

    if form == "text":
        return report.as_text(findings, colour=True, fold=fold).rstrip("\n")
    if form == "sarif":
        from feed.rules import BOOKS
        from publisher.verify.hosting_rules import HOSTING

        return report.as_sarif(findings, titles={rule.code: rule.title for book in (*BOOKS, HOSTING) for rule in book.rules}).rstrip("\n")
    return report.as_json(findings).rstrip("\n")


def _names(values: tuple[str, ...]) -> tuple[str, ...]:
    """`--select F,I --select A` as ("F", "I", "A")."""
    return tuple(name.strip() for value in values for name in value.split(",") if name.strip())
