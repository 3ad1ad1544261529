"""The command `publish`: arguments in, the straight line, one exit status out."""

from __future__ import annotations

import datetime as dt
import errno
import gc
import os
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from publisher.errors import AirdateError, ContentError, Exit, StorageError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

    from feed.findings import Finding
    from publisher.config import ConfigFile
    from publisher.console import Console
    from publisher.publish import Options
    from publisher.workspace import Workspace

COMMON: tuple[tuple[tuple[str, ...], dict[str, Any]], ...] = (
    (("-c", "--config"), {"type": click.Path(path_type=Path, readable=False), "help": "The show's config (default: ./config.toml)."}),
    (("-y", "--yes"), {"is_flag": True, "help": "Ask nothing."}),
    (("--json", "as_json"), {"is_flag": True, "help": "One JSON document on stdout; all else on stderr."}),
    (("-v", "--verbose"), {"is_flag": True, "help": "Say more."}),
    (("-q", "--quiet"), {"is_flag": True, "help": "Say only what went wrong."}),
    (("--no-color",), {"is_flag": True, "help": "No colours (also NO_COLOR)."}),
    (("--strict",), {"is_flag": True, "help": "Warnings stop, too."}),
    (("--now",), {"metavar": "TIME", "help": "Act as if it were this time (ISO 8601 with offset)."}),
    (("--no-verify",), {"is_flag": True, "help": "Do not look at the result from outside."}),
    (("--force", "force"), {"multiple": True, "metavar": "NAME", "help": "Do what the plan refuses, as its message says."}),
    (("--wait",), {"metavar": "DURATION", "help": "Wait up to this long for another publish to finish: 30s, 5m."}),
)

PRINTED = ("policy", "cors", "cloudfront", "cloudflare", "fastly", "nginx")


def common(function: Callable[..., Any]) -> Callable[..., Any]:
    """The options that every command takes, before or after its name."""
    for names, settings in reversed(COMMON):
        function = click.option(*names, **settings)(function)
    return function


class Call:
    """What was said on the command line, over all levels; what the commands share."""

    def __init__(self) -> None:
        self._said: dict[str, Any] = {}

    def hear(self, **said: Any) -> None:
        """Options of one level; a later level adds to an earlier one."""
        for name, value in said.items():
            if value not in (None, False, ()):
                self._said[name] = (*self._said.get(name, ()), *value) if name == "force" else value

    def __getitem__(self, name: str) -> Any:
        return self._said.get(name)

    @property
    def console(self) -> Console:
        """Made once."""
        from publisher.console import Console

        if "console" not in self._said:
            color = False if self["no_color"] else None
            self._said["console"] = Console(
                quiet=bool(self["quiet"]), verbose=bool(self["verbose"]), as_json=bool(self["as_json"]), color=color
            )
        console: Console = self._said["console"]
        return console

    @property
    def now(self) -> dt.datetime:
        """The time, read once, here and nowhere else."""
        if "clock" not in self._said:
            self._said["clock"] = parse_moment(self["now"]) if self["now"] else dt.datetime.now(dt.UTC)
        clock: dt.datetime = self._said["clock"]
        return clock

    @property
    def config(self) -> ConfigFile:
        """The show's config, read."""
        from publisher.config import read_config

        return read_config(self["config"] or Path("config.toml"))

    @property
    def workspace(self) -> Workspace:
        """The show, opened."""
        from publisher.workspace import Workspace

        return Workspace(self.config, self.console, self.now)

    def result(self, document: dict[str, Any]) -> None:
        """The command's document, when it was asked for."""
        if self["as_json"]:
            self.console.data(document)

    def confirm(self, question: str) -> bool:
        """Ask a person; without one, or with --yes, it is meant."""
        if self["yes"] or not self.console.interactive:
            return True
        return click.confirm(question, default=True, err=True)

    def options(self, **more: Any) -> Options:
        """For the pipeline."""
        from publisher.publish import Options

        return Options(
            now=self.now,
            yes=bool(self["yes"]),
            strict=bool(self["strict"]),
            verify=not self["no_verify"],
            forces=frozenset(self["force"] or ()),
            wait=parse_duration(self["wait"]) if self["wait"] else 0.0,
            **more,
        )


pass_call = click.make_pass_decorator(Call, ensure=True)


def parse_moment(text: str) -> dt.datetime:
    """`2026-05-21T06:00:00+02:00`. Raises UsageError."""
    try:
        moment = dt.datetime.fromisoformat(text)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise UsageError(f"not a time: {text}", hint="write it with its offset: 2026-05-21T06:00:00+02:00", code="usage")
    return moment


def parse_duration(text: str) -> float:
    """Seconds of `90`, `30s`, `5m`, `26h`, `2d`. Raises UsageError."""
    units = {"s": 1, "m": 60, "h": 3600, "d": 86400}
    number, unit = (text[:-1], text[-1]) if text and text[-1] in units else (text, "s")
    try:
        seconds = float(number) * units[unit]
    except ValueError:
        seconds = -1
    if not 0 <= seconds < 1e9:
        raise UsageError(f"not a duration: {text}", hint="write it like 30s, 5m or 26h", code="usage")
    return seconds


@click.group(invoke_without_command=True, context_settings={"help_option_names": ["-h", "--help"]})
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
    from publisher.unchanged import Glance, nothing_to_do

    glance = Glance(call["config"] or Path("config.toml"))
    document = None
    if not (dry_run or call["force"]):
        document = nothing_to_do(glance, call.console, now=call.now, strict=bool(call["strict"]), verify=not call["no_verify"])
    if document is None:
        from publisher.publish import publish

        document = publish(call.workspace, call.options(dry_run=dry_run), glance=glance)
    call.result(document)


@cli.command()
@common
@click.argument("feed", required=False)
@click.option("--format", "form", type=click.Choice(["text", "json", "github", "sarif"]), default="text", help="How findings are written.")
@click.option("--select", multiple=True, metavar="RULE", help="Only these rules (a prefix is enough).")
@click.option("--ignore", multiple=True, metavar="RULE", help="Not these rules (a prefix is enough).")
@pass_call
def check(call: Call, /, feed: str | None, form: str, select: tuple[str, ...], ignore: tuple[str, ...], **said: Any) -> None:
    """Hold the show's folder, or any FEED (address or file), against every rule."""
    call.hear(**said)
    from publisher.checks import check_folder
    from publisher.foreign import check_foreign

    options = call.options(select=_names(select), ignore=_names(ignore))
    findings = check_foreign(feed, options) if feed else check_folder(call.workspace, options)
    call.console.line(written(findings, "json" if call["as_json"] else form, colour=call.console.color_stdout))
    worst = {str(item.severity) for item in findings}
    if "error" in worst or (options.strict and "warning" in worst):
        raise click.exceptions.Exit(Exit.CONTENT)


@cli.command()
@common
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--title", help="The show's name.")
@click.option("--author", help="Who makes it.")
@click.option("--description", help="What it is about.")
@click.option("--language", help="en, de, pt-br …")
@click.option("--category", help='One of Apple\'s: "News > Tech News".')
@click.option("--explicit/--clean", default=None, help="Whether it is for adults only.")
@click.option("--timezone", help="Europe/Berlin")
@click.option("--url", help="Where listeners will reach it: https://podcast.example.org")
@click.option("--storage", help="A folder, or s3://bucket/prefix.")
@click.option("--endpoint", help="Address of an S3-compatible service.")
@click.option("--provider", help="aws, r2, b2, minio, hetzner, spaces, wasabi …")
@click.option("--artwork", type=click.Path(path_type=Path, exists=True, dir_okay=False), help="A square picture, copied in.")
@pass_call
def init(call: Call, /, folder: Path, **said: Any) -> None:
    """Start a new show in FOLDER."""
    answers = _split(said)
    call.hear(**said)
    from publisher.starting import init_show

    init_show(folder, answers, call.console, ask=call.console.interactive and not call["yes"])


@cli.command()
@common
@click.argument("title")
@click.option(
    "--audio",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="The recording, copied in; its tags fill in what they can.",
)
@pass_call
def new(call: Call, /, title: str, audio: Path | None, **said: Any) -> None:
    """Start a new episode called TITLE, as a draft."""
    call.hear(**said)
    from publisher.starting import new_episode

    new_episode(call.config, title, audio, call.now, call.console)


@cli.command()
@common
@click.argument("slug")
@click.option("--at", metavar="TIME", help="When it is due; now when absent.")
@pass_call
def release(call: Call, /, slug: str, at: str | None, **said: Any) -> None:
    """Take the draft mark off the episode SLUG and write its date."""
    call.hear(**said)
    from publisher.starting import release_episode

    release_episode(call.config, slug, at, call.now, call.console)


@cli.command()
@common
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), default=Path("site"), help="The folder (default: site).")
@click.option("--standalone", is_flag=True, help="Everything, recordings too, whatever is published.")
@pass_call
def build(call: Call, /, out: Path, standalone: bool, **said: Any) -> None:
    """Write the site, as published or about to be, into a folder."""
    call.hear(**said)
    from publisher.building import build_site

    document = build_site(call.workspace, call.options(), out, standalone=standalone)
    call.console.say(f"Built {document['files']} files in {out}/")
    if call["as_json"]:
        call.console.data(document)


@cli.command()
@common
@click.option("--port", type=click.IntRange(0, 65535), default=8000, help="Where to serve it (default: 8000).")
@click.option("--at", metavar="TIME", help="As it will be at this time.")
@pass_call
def preview(call: Call, /, port: int, at: str | None, **said: Any) -> None:
    """Serve the show on this machine as the storage would, drafts marked; rebuilds and reloads on change."""
    call.hear(**said)
    from publisher.building import preview_site

    preview_site(call.workspace, call.options(), port, parse_moment(at) if at else None)


@cli.command()
@common
@click.option("--all", "everything", is_flag=True, help="Every recording, not only the newest ten.")
@click.option("--newest", type=click.IntRange(1), default=10, help="How many recordings (default: 10).")
@click.option("--links", is_flag=True, help="Ask for the links in the notes too, at other people's sites.")
@click.option("--online", is_flag=True, help="Ask [site] url although the storage is a folder.")
@pass_call
def verify(call: Call, /, everything: bool, newest: int, links: bool, online: bool, **said: Any) -> None:
    """Look at the served show from outside, as a directory's crawler does."""
    call.hear(**said)
    from publisher.looking import look

    findings = look(call.workspace, newest=newest, everything=everything, links=links, online=online)
    call.console.line(written(findings, "json" if call["as_json"] else "text", colour=call.console.color_stdout))
    worst = {str(item.severity) for item in findings}
    if "error" in worst or (call["strict"] and "warning" in worst):
        raise click.exceptions.Exit(Exit.UNVERIFIED)


@cli.command()
@common
@click.argument("what", type=click.Choice(["config", "episode"]), required=False)
@pass_call
def schema(call: Call, /, what: str | None, **said: Any) -> None:
    """Print the JSON Schemas of config.toml and of an episode's front matter."""
    call.hear(**said)
    from publisher.schemas import json_schemas

    schemas = json_schemas()
    call.console.data(schemas[what] if what else schemas)


@cli.command()
@common
@click.argument("slug", required=False)
@pass_call
def stage(call: Call, /, slug: str | None, **said: Any) -> None:
    """Upload recordings ahead of time, of the episode SLUG or of all; any machine can release them then."""
    call.hear(**said)
    from publisher.staging import stage as run

    call.result(run(call.workspace, slug, call.now))


@cli.command()
@common
@click.argument("slug", required=False)
@pass_call
def pull(call: Call, /, slug: str | None, **said: Any) -> None:
    """Fetch published recordings back into the folder, of the episode SLUG or of all."""
    call.hear(**said)
    from publisher.staging import pull as run

    call.result(run(call.workspace, slug, call.now))


@cli.command()
@common
@click.option("--fresh", metavar="DURATION", help="Exit 6 when the newest served episode is older: 26h.")
@pass_call
def status(call: Call, /, fresh: str | None, **said: Any) -> None:
    """What is published, staged, due next and held back."""
    call.hear(**said)
    from publisher.status import status as run

    call.result(run(call.workspace, call.now, parse_duration(fresh) if fresh else None))


@cli.command()
@common
@click.argument("number", type=click.IntRange(1), required=False)
@pass_call
def rollback(call: Call, /, number: int | None, **said: Any) -> None:
    """Pages and feed as they were after publish NUMBER (the one before the last), held until you resume."""
    call.hear(**said)
    from publisher.history import rollback as run

    call.result(run(call.workspace, number, call.options(), ask=call.confirm))


@cli.command()
@common
@click.argument("slug")
@pass_call
def withdraw(call: Call, /, slug: str, **said: Any) -> None:
    """Take the episode SLUG down: its page says so, `publish prune` deletes its recording."""
    call.hear(**said)
    from publisher.publish import withdraw as run

    call.result(run(call.workspace, slug, call.options(), ask=call.confirm))


@cli.command()
@common
@pass_call
def prune(call: Call, /, **said: Any) -> None:
    """Delete what nothing refers to any more, after 30 days of grace."""
    call.hear(**said)
    from publisher.history import prune as run

    call.result(run(call.workspace, call.options(), ask=call.confirm))


@cli.command("import")
@common
@click.argument("feed")
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--url", help="Where listeners will reach the show from now on: https://podcast.example.org")
@click.option("--no-audio", is_flag=True, help="Everything but the recordings; the same command without it fetches them later.")
@pass_call
def import_(call: Call, /, feed: str, folder: Path, url: str | None, no_audio: bool, **said: Any) -> None:
    """Take over the show of another host: its FEED as a show's FOLDER, identity kept."""
    call.hear(**said)
    from publisher.importing import import_show

    call.result(import_show(feed, folder, call.console, url=url or "", audio=not no_audio))


@cli.command()
@common
@click.option("--print", "what", type=click.Choice(PRINTED), help="Print a document to paste elsewhere, and do nothing else.")
@click.option("--profile", help="Another profile for this one time: the key that publishes need not change settings.")
@click.option("--account", metavar="NUMBER", help="The Amazon account of the CloudFront distribution.")
@click.option("--dry-run", is_flag=True, help="Show the difference and do nothing else.")
@pass_call
def bucket(call: Call, /, what: str | None, profile: str | None, account: str | None, dry_run: bool, **said: Any) -> None:
    """Create the bucket or mend its settings: reading for everybody, CORS, lifecycle. Shows them first."""
    call.hear(**said)
    from publisher.bucket import bucket as run
    from publisher.bucket import print_document

    if what:
        call.console.line(print_document(call.workspace, what).rstrip("\n"))
        return
    call.result(run(call.workspace, confirm=call.confirm, profile=profile or "", account=account or "", dry_run=dry_run))


@cli.command()
@common
@click.option("--key-id", help="The key's id; the secret is asked for, or read from standard input.")
@click.option("--profile", help="The profile's name (default: airdate-BUCKET).")
@pass_call
def login(call: Call, /, key_id: str | None, profile: str | None, **said: Any) -> None:
    """Try the storage's keys, and keep them as a profile in ~/.aws/credentials."""
    call.hear(**said)
    from publisher.login import login as run

    verify = not call["no_verify"]
    call.result(run(call.config, call.console, key_id=key_id or "", profile=profile or "", confirm=call.confirm, verify=verify))


@cli.command()
@common
@pass_call
def announce(call: Call, /, **said: Any) -> None:
    """Tell hubs and directories that the feed is new; each publish does it by itself."""
    call.hear(**said)
    from publisher.announce import announce_now

    call.result(announce_now(call.workspace))


@cli.command()
@common
@pass_call
def purge(call: Call, /, **said: Any) -> None:
    """Make the content network forget every page and the feed; each publish does it for what it changed."""
    call.hear(**said)
    from publisher.purge import purge_all

    call.result(purge_all(call.workspace))


def written(findings: list[Finding], form: str, *, colour: bool) -> str:
    """Findings in one of the forms of `--format`."""
    from publisher import report

    if form == "text":
        return report.as_text(findings, colour=colour).rstrip("\n")
    if form == "sarif":
        from feed.rules import BOOKS
        from publisher.hosting import HOSTING

        return report.as_sarif(findings, titles={rule.code: rule.title for book in (*BOOKS, HOSTING) for rule in book.rules}).rstrip("\n")
    return {"json": report.as_json, "github": report.as_github}[form](findings).rstrip("\n")


def _names(values: tuple[str, ...]) -> tuple[str, ...]:
    """`--select F,I --select A` as ("F", "I", "A")."""
    return tuple(name.strip() for value in values for name in value.split(",") if name.strip())


def _split(said: dict[str, Any]) -> dict[str, Any]:
    """Take the options of this command alone out of what was said."""
    shared = {names[-1].lstrip("-").replace("-", "_") for names, _ in COMMON}
    return {name: said.pop(name) for name in list(said) if name not in shared}


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
        from publisher.report import as_text

        print(as_text([item for item in findings if item.severity != "hint"], colour=call.console.colored), file=sys.stderr)  # noqa: T201
    call.console.error(error)
    if call["as_json"]:
        from publisher.telling import finding_document

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


if __name__ == "__main__":
    sys.exit(main())
