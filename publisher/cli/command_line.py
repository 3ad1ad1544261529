"""The command `publish`: arguments in, the line from folder to feed or one of the commands, one exit status out."""

from __future__ import annotations

import datetime as dt
import gc
import os
import signal
import sys
import threading
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

import click

from publisher.core.command_call import Call, common, parse_duration
from publisher.core.console import listen, silence
from publisher.core.errors import AirdateError, ContentError, Exit, NotVerified, UsageError, refused_here
from publisher.core.json_results import ErrorRow, Failed, FindingRow, Repair

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import FrameType

    from feed.findings import Finding

COMMANDS = {
    "announce": "Tell hubs and directories that the feed is new; with SLUG, post that episode at the networks that do not have it.",
    "bucket": "Create the bucket or mend its settings: reading for everybody, CORS, lifecycle. Shows them first.",
    "build": "Write the site, as published or about to be, into a folder.",
    "check": "Hold the show's folder, or any FEED (address or file), against every rule.",
    "comments": "What listeners write: the service that takes it, and what waits for a moderator.",
    "compare": "Say what subscribers of the feed OLD would see if the feed NEW took its place.",
    "explain": "Say in full what the error or the rule CODE means and what to do; without CODE, list them all.",
    "import": "Take over the show of another host: its FEED as a show's FOLDER, identity kept.",
    "init": "Start a new show in FOLDER.",
    "login": "Try the storage's keys, and keep them as a profile in ~/.aws/credentials.",
    "move": "What is left to do when a show moves here from the feed OLD ([feed] former), or away; and which of it is done.",
    "new": "Start a new episode called TITLE, as a draft.",
    "preview": "Serve the show on this machine as the storage would, drafts marked; rebuilds and reloads on change.",
    "prune": "Delete what nothing refers to any more, after 30 days of grace.",
    "pull": "Fetch published recordings back into the folder, of the episode SLUG or of all.",
    "purge": "Make the content network forget every page and the feed; each publish does it for what it changed.",
    "release": "Take the draft mark off the episode SLUG and write its date.",
    "restore": "Bring back a show whose folder is lost, from its STORAGE into the new FOLDER.",
    "rollback": "Pages and feed as they were after publish NUMBER (the one before the last), held until you resume.",
    "schema": "Print the JSON Schemas of config.toml and of an episode's front matter.",
    "stage": "Upload recordings ahead of time, of the episode SLUG or of all; any machine can release them then.",
    "stats": "Count downloads from the logs you have, by the published rules; PERIOD is 2026-06, a day, or A..B.",
    "status": "What is published, staged, due next and held back.",
    "submit": "Where to enter the show (Apple, Spotify …), what each asks for and whether the show has it, and who lists it already.",
    "verify": "Look at the served show from outside, as a directory's crawler does.",
    "withdraw": "Take the episode SLUG down: its page says so, `publish prune` deletes its recording.",
}
"""Every command with what `--help` says of it; its module in `publisher.commands` is imported when it is called."""


class Commands(click.Group):
    """The commands, each loaded when it is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  click's signature
        """All names, in alphabetical order."""
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002  click's signature
        """The command called so; None where there is none."""
        if cmd_name not in COMMANDS:
            return None
        module = import_module(f"publisher.commands.{'import_' if cmd_name == 'import' else cmd_name}")
        command: click.Command = module.command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002  click's signature
        """The list in `--help`, without loading a single command."""
        with formatter.section("Commands"):
            formatter.write_dl(sorted(COMMANDS.items()))


@click.group(cls=Commands, invoke_without_command=True, context_settings={"help_option_names": ["-h", "--help"]})
@common
@click.option("--dry-run", is_flag=True, help="Show the plan and do nothing else.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "markdown", "github"]),
    default="text",
    help="How it is told; github: annotations, step summary, outputs.",
)
@click.option(
    "--until-due", metavar="DURATION", default="", help="Send ahead what falls due within this time (30m), and publish it to the second."
)
@click.option("--no-announce", is_flag=True, help="Tell no hub of this publish, and post none of its episodes.")
@click.option("--repair", is_flag=True, help="Look at everything on the storage, and put back what vanished or holds other bytes.")
@click.version_option(package_name="airdate", prog_name="airdate")
def cli(call: Call, /, dry_run: bool, form: str, until_due: str, no_announce: bool, repair: bool) -> None:
    """A folder in, a podcast out: check the show, and publish what changed.

    Without a command: publish the show of ./config.toml.
    """
    if click.get_current_context().invoked_subcommand is not None:
        for name, given in (
            ("--dry-run", dry_run),
            ("--format", form != "text"),
            ("--until-due", bool(until_due)),
            ("--no-announce", no_announce),
            ("--repair", repair),
        ):
            if given:
                raise UsageError(f"{name} goes with `publish` alone", code="usage")
        return
    from publisher.nothing_to_do import FolderSnapshot, nothing_to_do

    call.for_github = form == "github"
    within = parse_duration(until_due) if until_due else 0.0
    snapshot = FolderSnapshot(call.config_path)
    result = None
    if not (dry_run or repair or call.forces or call.for_github):
        until = call.now + dt.timedelta(seconds=within)
        result = nothing_to_do(snapshot, call.console, now=until, strict=call.strict, verify=not call.no_verify)
    if result is None:
        from publisher.publish import publish
        from publisher.workspace import opened

        told = call.options(dry_run=dry_run, markdown=form == "markdown", repair=repair, announce=not no_announce)
        workspace, options = opened(call), told
        compared = ""
        if dry_run and form != "text":
            from publisher.release_job.without_keys import plan_without_keys

            result, compared = plan_without_keys(workspace, options) or (None, "")
        if result is None and until_due:
            from publisher.release_job.until_due import publish_until_due

            result = publish_until_due(workspace, options, within, snapshot)
        elif result is None:
            result = publish(workspace, options, snapshot=snapshot)
        if form == "github":
            from publisher.release_job.github import tell_result

            tell_result(call, result, planned=dry_run, zone=workspace.config.show.timezone, compared=compared)
    call.result(result)
    if result.held:
        raise click.exceptions.Exit(Exit.HELD)


def main(arguments: list[str] | None = None) -> int:
    """Run the command; returns the exit status. The only place that catches everything."""
    call = Call()
    interrupts = _heed_ctrl_c()
    _open_streams()
    listen(lambda words: call.console.say(f"note: {words}"))
    if arguments is None:  # a process of its own is soon over: looking for rings among a show's many values took a third of its time
        gc.set_threshold(300_000, 50, 50)
    try:
        result = cli.main(arguments, prog_name="publish", obj=call, standalone_mode=False)
        return result if isinstance(result, int) else Exit.OK
    except click.ClickException as error:
        return _misused(call, error, sys.argv[1:] if arguments is None else arguments)
    except AirdateError as error:
        return _failed(call, error)
    except (click.exceptions.Abort, KeyboardInterrupt) as error:
        _stopped(call, str(error.__cause__ or error) or "stopped; run the same command again to go on")
        if arguments is None and threading.active_count() > 1:  # an answer that does not come keeps nobody waiting
            os._exit(Exit.INTERRUPTED)
        return Exit.INTERRUPTED
    except SystemExit:  # click's end where the reader of --help has gone
        silence(sys.stdout)
        return Exit.OK
    except Exception as error:  # noqa: BLE001  a person at midnight gets words, not a traceback
        if interrupts:
            _stopped(call, "stopped; run the same command again to go on")
            return Exit.INTERRUPTED
        return _failed(call, refused_here(error)) if isinstance(error, OSError) else _bug(call, error)
    finally:
        if arguments is None:
            gc.freeze()  # the process ends here: looking through all it holds once more took an eighth of its time


def _heed_ctrl_c() -> list[int]:
    """The Ctrl-C that come from now on: a library that is being imported may make any other error of one."""
    came: list[int] = []

    def stop(number: int, frame: FrameType | None) -> None:
        came.append(number)
        signal.default_int_handler(number, frame)

    with suppress(ValueError):  # not in the main thread
        if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
            signal.signal(signal.SIGINT, stop)
    return came


def _open_streams() -> None:
    """A stream that was closed before we began leads nowhere."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, Path(os.devnull).open(mode, encoding="utf-8"))  # noqa: SIM115  open until the end


def _failed(call: Call, error: AirdateError) -> int:
    findings = error.findings if isinstance(error, ContentError) else ()
    if findings:
        from publisher.core.finding_formats import as_text

        call.console.say(as_text([item for item in findings if item.severity != "hint"], colour=True), always=True)
    call.console.error(error)
    if call.for_github:
        from publisher.release_job.github import tell_failure

        tell_failure(call, error)
    repair = error.repair if isinstance(error, NotVerified) else None
    row = ErrorRow(code=error.code, message=error.message, cause=error.cause, hint=error.hint)
    return _end(call, row, error.status, findings, repair)


def _misused(call: Call, error: click.ClickException, arguments: Sequence[str]) -> int:
    try:
        error.show()
    except BrokenPipeError:
        silence(sys.stderr)
    call.as_json = call.as_json or "--json" in arguments  # what follows the fault was not read
    return _end(call, ErrorRow(code="usage", message=error.format_message(), cause="", hint=""), Exit.USAGE)


def _stopped(call: Call, words: str) -> None:
    call.console.say(words, always=True)
    _end(call, ErrorRow(code="interrupted", message=words, cause="", hint=""), Exit.INTERRUPTED)


def _bug(call: Call, error: Exception) -> int:
    import traceback

    frame = traceback.extract_tb(error.__traceback__)[-1]
    what = f"{type(error).__name__}: {error}"
    lines = [
        f"error: this is a bug in Airdate: {what}",
        f"  at {Path(frame.filename).name}:{frame.lineno} in {frame.name}",
        "hint: what was published before is as it was; --verbose shows the whole story for a report",
    ]
    if call.verbose:
        lines += traceback.format_exception(error)
    call.console.say("\n".join(lines), always=True)
    return _end(call, ErrorRow(code="bug", message=what), Exit.BUG)


def _end(call: Call, error: ErrorRow, status: Exit, findings: Sequence[Finding] = (), repair: Repair | None = None) -> int:
    """The document of a command that failed, where one is asked for; gives the exit status."""
    call.result(Failed(error=error, status=int(status), findings=tuple(FindingRow.of(item) for item in findings), repair=repair))
    return status
