"""`publish stats`: downloads, counted from logs by the published rules."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from publisher.core.command_call import Call, common
from publisher.core.console import count_words
from publisher.stats.period import Period, is_period, read_period
from publisher.workspace import opened

if TYPE_CHECKING:
    from publisher.stats.counts import Counted

_PERIOD = "publisher.commands.stats.period"


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
@common
def command(call: Call, /) -> None:
    """Count downloads from the logs of `[stats]`, by the published rules; PERIOD is 2026-06, 2026-06-03 or 2026-06-03..2026-06-09.

    Without a period: all days that the logs tell of.
    """
    context = click.get_current_context()
    if context.invoked_subcommand is not None:
        return
    from publisher.stats.counts import in_period

    period: Period | None = context.meta.get(_PERIOD)
    found = in_period(_counted(call), period)
    for row in found.episodes:
        call.console.show(f"{row.downloads:>8}  {row.slug}")
    call.console.show(f"{found.downloads:>8}  downloads" + (f", {period}" if period else ""))
    if found.unread:
        call.console.warn(f"{count_words(found.unread, 'line')} could not be read: publish stats check")
    call.console.say(found.method)
    for limit in found.limits:
        call.console.say(f"These logs: {limit}.")
    call.result(found)


@command.command("check")
@common
def check(call: Call, /) -> None:
    """Say where every line of the logs went: how many each rule left out, and how many downloads remain."""
    from publisher.stats.counts import checked

    found = checked(_counted(call))
    for row in found.left_out:
        if row.requests:
            paragraph = f" (§{row.paragraph})" if row.paragraph else ""
            call.console.show(f"{row.requests:>10}  {row.words}{paragraph}")
    call.console.show(f"{found.downloads:>10}  downloads")
    call.console.show(f"{found.lines:>10}  lines in all")
    for line in found.unread:
        call.console.warn(f"{line.file}, line {line.line} cannot be read: {line.text}")
    call.console.say(found.method)
    call.result(found)


def _counted(call: Call) -> Counted:
    from publisher.stats.counts import count_logs

    workspace = opened(call)
    return count_logs(workspace.file.folder, workspace.config.stats, workspace.state_copies.read())
