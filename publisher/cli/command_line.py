"""The command `publish`: arguments in, the line from folder to feed or one of the commands, one exit status out."""

from __future__ import annotations

import errno
import gc
import os
import sys
import threading
from importlib import import_module
from pathlib import Path
from typing import Any

import click

from publisher.core.call import Call, common, pass_call
from publisher.core.errors import AirdateError, ContentError, Exit, StorageError, UsageError

COMMANDS = {
    "announce": "Tell hubs and directories that the feed is new; each publish does it by itself.",
    "bucket": "Create the bucket or mend its settings: reading for everybody, CORS, lifecycle. Shows them first.",
    "build": "Write the site, as published or about to be, into a folder.",
    "check": "Hold the show's folder, or any FEED (address or file), against every rule.",
    "import": "Take over the show of another host: its FEED as a show's FOLDER, identity kept.",
    "init": "Start a new show in FOLDER.",
    "login": "Try the storage's keys, and keep them as a profile in ~/.aws/credentials.",
    "new": "Start a new episode called TITLE, as a draft.",
    "preview": "Serve the show on this machine as the storage would, drafts marked; rebuilds and reloads on change.",
    "prune": "Delete what nothing refers to any more, after 30 days of grace.",
    "pull": "Fetch published recordings back into the folder, of the episode SLUG or of all.",
    "purge": "Make the content network forget every page and the feed; each publish does it for what it changed.",
    "release": "Take the draft mark off the episode SLUG and write its date.",
    "rollback": "Pages and feed as they were after publish NUMBER (the one before the last), held until you resume.",
    "schema": "Print the JSON Schemas of config.toml and of an episode's front matter.",
    "stage": "Upload recordings ahead of time, of the episode SLUG or of all; any machine can release them then.",
    "status": "What is published, staged, due next and held back.",
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
@click.version_option(package_name="airdate", prog_name="airdate")
@pass_call
@click.pass_context
def cli(context: click.Context, call: Call, /, dry_run: bool, **said: Any) -> None:
    """A folder in, a podcast out: check the show, and publish what changed.

    Without a command: publish the show of ./config.toml.
    """
    call.hear(**said)
    if context.invoked_subcommand is not None:
        if dry_run:
            raise UsageError("--dry-run goes with `publish` alone", code="usage")
        return
    from publisher.nothing_to_do import Glance, nothing_to_do

    glance = Glance(call.config_path)
    document = None
    if not (dry_run or call["force"]):
        document = nothing_to_do(glance, call.console, now=call.now, strict=bool(call["strict"]), verify=not call["no_verify"])
    if document is None:
        from publisher.publish import publish
        from publisher.workspace import opened

        document = publish(opened(call), call.options(dry_run=dry_run), glance=glance)
    call.result(document)


def main(arguments: list[str] | None = None) -> int:
    """Run the command; returns the exit status. The only place that catches everything."""
    call = Call()
    # A show is many values that stay, and a command is soon over: looking for rings among them took a third of its time.
    gc.set_threshold(100_000, 50, 50)
    try:
        result = cli.main(arguments, prog_name="publish", obj=call, standalone_mode=False)
        return result if isinstance(result, int) else Exit.OK
    except click.ClickException as error:
        error.show()
        return Exit.USAGE
    except AirdateError as error:
        _tell(call, error)
        return error.status
    except (click.exceptions.Abort, KeyboardInterrupt) as error:
        _tell_stop(call, str(error.__cause__ or error) or "stopped; run the same command again to go on")
        if arguments is None and threading.active_count() > 1:  # an answer that does not come keeps nobody waiting
            sys.stdout.flush()
            os._exit(Exit.INTERRUPTED)
        return Exit.INTERRUPTED
    except (BrokenPipeError, SystemExit):  # click exits when the reader of our output has gone
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return Exit.OK
    except OSError as error:
        fault = _disk_fault(error)
        _tell(call, fault)
        return fault.status
    except Exception as error:  # noqa: BLE001  a person at midnight gets words, not a traceback
        _tell_bug(call, error)
        return Exit.BUG


def _disk_fault(error: OSError) -> StorageError:
    """What this machine refused, when nothing nearer to it had words for it."""
    name = str(error.filename or "")
    hint = (
        "make room, then run the same command again"
        if error.errno in (errno.ENOSPC, errno.EDQUOT)
        else "may your user read and write there?"
    )
    return StorageError(f"this machine refuses: {error.strerror or error}", cause=name, hint=hint, code="disk")


def _tell(call: Call, error: AirdateError) -> None:
    findings = error.findings if isinstance(error, ContentError) else ()
    if findings:
        from publisher.core.finding_formats import as_text

        print(as_text([item for item in findings if item.severity != "hint"], colour=call.console.colored), file=sys.stderr)  # noqa: T201
    call.console.error(error)
    if call["as_json"]:
        from publisher.publish_report import finding_document

        call.console.data(
            {
                "error": _plain(error),
                "status": int(error.status),
                "findings": [finding_document(item) for item in findings],
            }
        )


def _tell_stop(call: Call, words: str) -> None:
    print(words, file=sys.stderr)  # noqa: T201  the console may not be there yet
    if call["as_json"]:
        error = AirdateError(words, code="interrupted")
        call.console.data({"error": _plain(error), "status": int(Exit.INTERRUPTED), "findings": []})


def _plain(error: AirdateError) -> dict[str, str]:
    return {"code": error.code, "message": error.message, "cause": error.cause, "hint": error.hint}


def _tell_bug(call: Call, error: Exception) -> None:
    import traceback

    frame = traceback.extract_tb(error.__traceback__)[-1]
    print(f"error: this is a bug in Airdate: {type(error).__name__}: {error}", file=sys.stderr)  # noqa: T201
    print(f"  at {Path(frame.filename).name}:{frame.lineno} in {frame.name}", file=sys.stderr)  # noqa: T201
    print("hint: what was published before is as it was; --verbose shows the whole story for a report", file=sys.stderr)  # noqa: T201
    if call["verbose"]:
        traceback.print_exception(error)
    if call["as_json"]:
        call.console.data(
            {"error": {"code": "bug", "message": f"{type(error).__name__}: {error}"}, "status": int(Exit.BUG), "findings": []}
        )
