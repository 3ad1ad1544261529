"""`publish stats`: downloads, counted from logs by the published rules."""

from __future__ import annotations

import datetime as dt
import sys
from contextlib import nullcontext
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from publisher.core.command_call import SEVERAL, Call, common
from publisher.core.console import count_words
from publisher.core.errors import UsageError
from publisher.core.slugs import meant_instead
from publisher.stats.period import Period, is_period, read_period
from publisher.workspace import Workspace, opened

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from contextlib import AbstractContextManager

    from publisher.stats.engines.duckdb_engine import DuckCount
    from publisher.stats.engines.transpiling import Dialect
    from publisher.stats.report.values import ShowNumbers

_PERIOD = "publisher.commands.stats.period"


_engine = click.option(
    "--engine",
    type=click.Choice(["duckdb", "spark"]),
    default="duckdb",
    help="What counts what is new: DuckDB on this machine, or Spark, for very many logs.",
)


class _Stats(click.Group):
    """A group whose first word may be a period instead of a command."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Take the period out of the words."""
        found = next((word for word in args if is_period(word)), None)
        if found is not None and not any(word in self.commands for word in args):
            args = [word for word in args if word is not found]
            ctx.meta[_PERIOD] = read_period(found)
        return super().parse_args(ctx, args)


@click.group("stats", cls=_Stats, invoke_without_command=True, subcommand_metavar="[PERIOD] [COMMAND]")
@partial(common, options=SEVERAL)
@click.option("--episode", metavar="SLUG", default="", help="Of this episode alone.")
@click.option("--csv", "spreadsheet", is_flag=True, help="Every daily sum as CSV on stdout.")
@click.option("--html", is_flag=True, help="Write the page of numbers into the folder `stats` beside the config.")
@_engine
def command(call: Call, /, configs: tuple[Path, ...], *, episode: str, spreadsheet: bool, html: bool, engine: str) -> None:
    """Count downloads from the logs of `[stats]`, by the published rules; PERIOD is 2026-06, 2026-06-03 or 2026-06-03..2026-06-09.

    Without a period: the last week and the one before; as JSON, CSV and page all days that the logs tell of. With -c repeated: several shows
    in one table.
    """
    context = click.get_current_context()
    paths = [*([call.config] if call.config else []), *configs]
    if context.invoked_subcommand is not None:
        if len(paths) > 1:
            raise UsageError(f"`publish stats {context.invoked_subcommand}` looks at one show", hint="name one with -c", code="usage")
        call.config = paths[0] if paths else None
        return
    if spreadsheet and call.as_json:
        raise UsageError("stdout is one document: --csv or --json", code="usage")
    from publisher.stats.report.csv_rows import as_csv
    from publisher.stats.report.results import document
    from publisher.stats.report.text import LISTED, as_text

    asked: Period | None = context.meta.get(_PERIOD)
    workspaces = [opened(call, path) for path in paths or [call.config_path]]
    with _counting(call, engine) as begin:
        whole = [_numbers(workspace, call.now, begin) for workspace in workspaces]
    shows = _only(whole, episode) if episode else whole
    today = call.now.astimezone(dt.UTC).date()
    if spreadsheet:
        call.console.data(as_csv(shows, asked).removesuffix("\n"))
    elif call.as_json:
        call.result(document(shows, asked, today))
    else:
        for line in as_text(shows, asked, today, listed=sys.maxsize if call.verbose else LISTED):
            call.console.show(line)
    if html:
        _write_pages(call, zip(workspaces, whole, strict=True), asked, episode)


@command.command("pull")
@common
@_engine
def pull(call: Call, /, engine: str) -> None:
    """Read what is new in the logs and keep what counts of it, before the service throws them away; R2 keeps them for seven days."""
    from publisher.stats.numbers import pull

    workspace = opened(call)
    with _counting(call, engine) as begin:
        found = pull(workspace, workspace.state_copies.read(), call.now, begin)
    call.console.say(f"Read {count_words(len(found.read), 'new log')}." if found.read else "Nothing is new in the logs.")
    for name in found.read if call.verbose else ():
        call.console.say(f"  {name}")
    if found.unread:
        call.console.warn(f"{count_words(found.unread, 'line')} could not be read: `publish stats check` shows some")
    if found.open_from:
        call.console.say(f"Days before {found.open_from} are closed.")
    call.result(found)


@command.command("import")
@common
@click.argument("export", metavar="OLD.csv", type=click.Path(path_type=Path))
@click.option("--host", metavar="NAME", default="", help="What the old host is called; the file's name when absent.")
@click.option("--day-first/--month-first", "day_first", default=None, help="What 3/4/2025 means, where nothing else in the file says it.")
def import_(call: Call, /, export: Path, *, host: str, day_first: bool | None) -> None:
    """Keep the daily totals that an old host exported; they are shown apart from what is counted."""
    from publisher.stats.imported_totals import import_totals

    workspace = opened(call)
    found = import_totals(workspace, workspace.state_copies.read(), export, host=host, day_first=day_first)
    span = f" from {found.first} to {found.last}" if found.first else ""
    call.console.say(f"Kept {found.downloads:,} downloads of {found.host}{span}, {found.columns}.")
    call.result(found)


@command.command("check")
@common
@click.argument("period", required=False)
@click.option("--episode", metavar="SLUG", default="", help="Of this episode alone.")
def check(call: Call, /, period: str | None, episode: str) -> None:
    """Say where every line of the logs went: how many each rule left out, and how many downloads remain. Of a PERIOD or an episode: the lines
    about its recordings, by the day they are of, or on which the window of their download began.
    """
    from publisher.stats.counts import count_logs
    from publisher.stats.report.results import checked

    workspace, asked = opened(call), read_period(period) if period else None
    state = workspace.state_copies.read()
    if episode and episode not in state.episodes:
        hint = meant_instead(episode, state.episodes, "`publish status` lists them")
        raise UsageError(f"there is no published episode `{episode}`", hint=hint, code="usage")
    found = checked(count_logs(workspace, state, asked, episode))
    for row in found.left_out:
        if row.requests:
            paragraph = f" (§{row.paragraph})" if row.paragraph else ""
            call.console.show(f"{row.requests:>10}  {row.words}{paragraph}")
    call.console.show(f"{found.downloads:>10}  downloads")
    whose = "of them" if asked or episode else "in all"
    call.console.show(f"{found.lines:>10}  lines {whose}")
    for line in found.unread:
        call.console.warn(f"{line.file}, line {line.line} cannot be read: {line.text}")
    call.console.say(found.method)
    call.result(found)


@command.command("sql")
@common
@click.option("--for", "dialect", type=click.Choice(["spark", "trino", "athena"]), required=True, help="The engine that it is for.")
@click.option("--form", metavar="FORM", default="", help="The form of your logs; that of `[stats] form` when absent.")
@click.option("--days", type=click.IntRange(1, 400), default=31, help="How many days the logs are of, for Trino and Athena (default: 31).")
@click.option("--logs", metavar="ADDRESS", default="", help="Where your engine finds the logs; what `[stats] logs` names when absent.")
@click.option("--months", metavar="ADDRESS", default="", help="A folder that your engine writes the months into, as Parquet.")
@click.option(
    "--agents", "agents_file", type=click.Path(path_type=Path, exists=True, dir_okay=False), help="A file with an agent of the logs a line."
)
def sql(call: Call, /, dialect: Dialect, form: str, days: int, logs: str, months: str, agents_file: Path | None) -> None:
    """Print the count as SQL for an engine of your own, from the logs where they lie to the months as `publish stats` keeps them."""
    import secrets

    from publisher.stats.agents.known_agents import classify
    from publisher.stats.counts import MOST, known_rows
    from publisher.stats.engines.printed import Places, Statements, place_of, statements
    from publisher.stats.forms.known import form_called

    workspace = opened(call)
    settings = workspace.config.stats
    state = workspace.state_copies.read()
    known = known_rows(workspace.file.folder, settings, state)
    known["settings"] = [(secrets.token_hex(16), MOST)]
    lines = agents_file.read_text("utf-8", "backslashreplace").splitlines() if agents_file else []
    agents = {line: classify(line) for line in dict.fromkeys(("", *lines))}
    logs = logs or settings.logs or "s3://your-logs/2026-06/"
    places = Places(
        logs=place_of(logs, dialect, workspace.file.folder),
        months=place_of(months or "s3://your-private-bucket/months/", dialect, workspace.file.folder),
        guid=workspace.guid(state),
    )
    found = tuple(statements(dialect, known, agents, form_called(form or settings.form or ""), settings.window, days=days, places=places))
    if call.as_json:
        call.result(Statements(dialect=dialect, statements=found))
    else:
        call.console.data("\n\n".join(found))


def _counting(call: Call, engine: str) -> AbstractContextManager[Callable[[Path], DuckCount]]:
    """What begins a count on this engine."""
    if engine == "spark":
        from publisher.stats.engines.spark_counts import spark_counts

        return spark_counts(call.console)
    from publisher.stats.engines.duckdb_engine import DuckCount

    return nullcontext(DuckCount)


def _numbers(workspace: Workspace, now: dt.datetime, begin: Callable[[Path], DuckCount]) -> ShowNumbers:
    """What is known of a show's downloads."""
    from publisher.stats.numbers import numbers
    from publisher.stats.report.values import show_numbers

    state = workspace.state_copies.read()
    return show_numbers(workspace, state, numbers(workspace, state, now, begin))


def _only(shows: list[ShowNumbers], slug: str) -> list[ShowNumbers]:
    """The shows that have an episode of this name, asked for it alone. Raises UsageError where none has."""
    found = [replace(show, only=slug) for show in shows if slug in show.slugs]
    if not found:
        hint = meant_instead(slug, [known for show in shows for known in show.slugs], "`publish status` lists them")
        raise UsageError(f"no show here has an episode `{slug}`", hint=hint, code="usage")
    return found


def _write_pages(call: Call, pairs: Iterable[tuple[Workspace, ShowNumbers]], asked: Period | None, episode: str) -> None:
    from publisher.stats.report.written_page import write_page

    for workspace, show in pairs:
        path, address = write_page(workspace, show, call.now.astimezone(dt.UTC).date(), asked, episode)
        call.console.say(f"The page of numbers: {path}")
        if address:
            call.console.say(f"With sums alone, for everybody: {address}")
