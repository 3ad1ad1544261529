"""`publish move`: a show that moves, here or away, as a list to tick off, and what of it is so."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from publisher.core.command_call import Call, common
from publisher.core.errors import UsageError
from publisher.workspace import opened

if TYPE_CHECKING:
    from publisher.workspace import Workspace

FORMS = ("redirects", "nginx", "cloudfront", "worker", "fastly", "s3")


@click.command("move")
@common
@click.argument("old", required=False)
@click.option(
    "--away", metavar="NEW_FEED", help="Leave for another host, whose feed has this address: compared first, then told in the feed."
)
@click.option("--print", "form", type=click.Choice(FORMS), help="Print redirects of the old addresses, and do nothing else.")
def command(call: Call, /, old: str | None, away: str | None, form: str | None) -> None:
    """What is left to do when a show moves here from the feed OLD ([feed] former), or away; and which of it is done."""
    from publisher.moving.arrival import arrival
    from publisher.moving.checklist import as_text
    from publisher.moving.departure import departure

    if old and away:
        raise UsageError("a show moves here or away, not both", hint="leave out OLD or --away", code="usage")
    workspace = opened(call)
    feed = workspace.config.feed
    leaving = away or ("" if old else feed.moved_to or "")
    if form:
        call.console.data(_redirects(call, workspace, form, leaving).rstrip("\n"))
        return
    if leaving:
        moved = departure(
            workspace, leaving, call.now.date(), confirm=lambda question: call.confirm(question, default=False), begin=bool(away)
        )
    else:
        moved = arrival(workspace, call.options(), _former(old, feed.former, workspace))
    for line in as_text(moved):
        call.console.show(line)
    call.result(moved)


def _former(old: str | None, former: tuple[str, ...], workspace: Workspace) -> str:
    """The address that the show moves from."""
    if old or former:
        return old or former[0]
    raise UsageError(
        "this show has no former address",
        hint=f'write former = ["https://…"] under [feed] of {workspace.file.path.name}, or name the old feed; `publish import` does both; '
        "--away NEW_FEED is the way out",
        code="move-nothing",
    )


def _redirects(call: Call, workspace: Workspace, form: str, leaving: str) -> str:
    """The redirects in one form: of the old host's pages, or on the way out of everything here."""
    from publisher.compare.this_folder import feed_of_folder
    from publisher.moving.departure import moved_addresses
    from publisher.moving.feed_and_folder import former_pages
    from publisher.moving.redirects import FORMS as WRITERS
    from publisher.moving.redirects import as_s3, redirects_of

    pairs = moved_addresses(feed_of_folder(workspace, call.options()), leaving) if leaving else former_pages(workspace)
    made, left = redirects_of(pairs)
    for address in left:
        call.console.warn(f"no redirect from {address}: it is a front page, several lead from it, or it is its own target")
    if not made:
        raise UsageError(
            "there is nothing to redirect",
            hint="`publish import` keeps the old addresses of pages (`former` of an episode); --away NEW_FEED prints those of this show",
            code="move-nothing",
        )
    if form == "s3":
        return as_s3(made, workspace.config)
    return WRITERS[form](made)
