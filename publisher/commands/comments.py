"""`publish comments`: the service that takes what listeners write, and what moderators do about it.

One module, because one command is typed; each of its parts is a few lines over `publisher/comments/`.
"""

from __future__ import annotations

import contextlib
import datetime as dt
from dataclasses import dataclass, replace
from functools import cache, partial, wraps
from pathlib import Path
from typing import TYPE_CHECKING, Concatenate, ParamSpec

import click

from feed.findings import ContentFault
from feed.times import short_clock
from publisher.comments import texts
from publisher.comments.pulling import PulledComments, pull_comments
from publisher.comments.results import (
    CommentInFull,
    CommentList,
    CommentRow,
    CommentsPulled,
    CommentStats,
    EpisodeComments,
    Erased,
    Exported,
)
from publisher.core.command_call import SEVERAL, Call, common
from publisher.core.console import BOLD, count_words
from publisher.core.errors import AirdateError, ContentError, NotVerified, PlanRefused, UsageError
from publisher.core.json_results import Result
from publisher.core.local_cache import write_whole
from publisher.core.slugs import meant_instead
from publisher.load.config_reader import read_config
from publisher.load.dates import moment_words
from publisher.workspace import Workspace, opened

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from publisher.comments.database.values import CommentState, StoredComment
    from publisher.comments.moderation.desk import Desk
    from publisher.comments.results import ImportedComments

P = ParamSpec("P")


@dataclass(frozen=True, slots=True, kw_only=True)
class Serving(Result):
    """Where `publish comments serve` answers; said as soon as it does."""

    url: str
    """The address on this machine."""


_DATABASE = click.option(
    "--database", metavar="URL", default="", help="sqlite:///FILE or postgresql://…; else `database` under [comments]."
)
_CONTEXT = "publisher.commands.comments.database"


def _at_desk(function: Callable[Concatenate[Desk, Call, P], None]) -> Callable[..., None]:
    """The options of a command that works on one show's comments; it gets them opened, until it ends."""

    @_DATABASE
    @common
    @wraps(function)
    def work(call: Call, /, database: str, *args: P.args, **given: P.kwargs) -> None:
        function(_desk(call, database), call, *args, **given)

    return work


def _desk(call: Call, database: str) -> Desk:
    from publisher.comments.database import open_database

    context = click.get_current_context()
    workspace = opened(call)
    address = database or context.meta.get(_CONTEXT, "") or workspace.config.comments.database
    found = open_database(address, workspace.file.folder)
    from publisher.comments.moderation.desk import Desk

    context.call_on_close(found.close)
    state = cache(lambda: workspace.state_copies.read_or_last()[0])
    return Desk(workspace=workspace, database=found, show=workspace.config.show.guid or workspace.guid(state()), state=state)


@click.group("comments", invoke_without_command=True)
@_DATABASE
@common
def command(call: Call, /, database: str) -> None:
    """What listeners write: the service that takes it, and what waits for a moderator.

    Without a command: list what waits.
    """
    context = click.get_current_context()
    if context.invoked_subcommand is None:
        _list(_desk(call, database), call, ("held",), None)
    else:
        context.meta[_CONTEXT] = database


@command.command("serve")
@partial(common, options=SEVERAL)
@click.option("--port", type=click.IntRange(0, 65535), default=8090, help="Where to listen (default: 8090; 0 takes a free one).")
@click.option("--host", default="127.0.0.1", help="The address to listen on (default: 127.0.0.1, for a proxy on this machine).")
@_DATABASE
def serve(call: Call, /, configs: tuple[Path, ...], port: int, host: str, database: str) -> None:
    """Take comments for one show or several (-c repeated), until SIGTERM or Ctrl-C."""
    from publisher.comments.database import open_database

    paths = [*([call.config] if call.config else []), *configs] or [call.config_path]
    files = [read_config(path) for path in paths]
    address = database or click.get_current_context().meta.get(_CONTEXT, "") or files[0].config.comments.database

    def ready(url: str) -> None:
        call.console.show(f"comments: {url} (Ctrl-C ends it)")
        call.result(Serving(url=url))

    with contextlib.ExitStack() as until_the_end:
        opened_database = open_database(address, files[0].folder)
        until_the_end.callback(opened_database.close)
        workspaces = [Workspace(file, call.console) for file in files]
        for workspace in workspaces:
            until_the_end.callback(workspace.close)
        from publisher.comments.service.whole_service import run

        run(workspaces, opened_database, call.console.warn, host=host, port=port, ready=ready)


@command.command("list")
@_at_desk
@click.option("--all", "everything", is_flag=True, help="Not only what waits.")
@click.option("--state", type=click.Choice(["held", "approved", "rejected", "spam", "erased"]), help="Those in this state instead.")
@click.option("--episode", metavar="SLUG", help="Of this episode alone.")
def list_(desk: Desk, call: Call, /, *, everything: bool, state: CommentState | None, episode: str | None) -> None:
    """List what waits for a moderator, oldest first."""
    from publisher.comments.database.values import STATES

    _list(desk, call, (state,) if state else STATES if everything else ("held",), episode)


def _list(desk: Desk, call: Call, states: tuple[CommentState, ...], episode: str | None) -> None:
    comments = desk.database.list(desk.show, states, episode) if episode is None or episode.isprintable() else ()
    for comment in comments:
        _show(desk, call, comment)
    waiting = sum(comment.state == "held" for comment in comments)
    others = f", {len(comments) - waiting} decided" if len(comments) > waiting else ""
    call.console.say(f"{count_words(waiting, 'comment')} waiting{others}." if comments else "No comment waits.")
    call.result(CommentList(comments=tuple(map(CommentRow.of, comments))))


def _show(desk: Desk, call: Call, comment: StoredComment) -> None:
    """One comment, for people."""
    console = call.console
    at = f", at {short_clock(comment.at)}" if comment.at is not None else ""
    answers = f", answering {comment.reply_to}" if comment.reply_to else ""
    when = moment_words(comment.created.isoformat(), desk.workspace.config.show.timezone)
    console.show(f"{console.paint(comment.id, BOLD)}  {comment.state}  {comment.name or '—'} on {comment.episode}{at}{answers}, {when}")
    for line in comment.text.split("\n"):
        console.show(f"    {line}")


@command.command("show")
@_at_desk
@click.argument("comment")
def show(desk: Desk, call: Call, /, comment: str) -> None:
    """Show all that is kept of one comment, and the links that decide about it."""
    found = _found(desk, (comment,))[0]
    links = () if found.state == "erased" else tuple(desk.notice(found, call.now).links.values())
    _show(desk, call, found)
    for label, said in (("agreed to", found.consent), ("changed", str(found.edited or "")), ("decided", str(found.decided or ""))):
        if said:
            call.console.show(f"    {label}: {said}")
    for link in links:
        call.console.show(f"    {link}")
    call.result(CommentInFull.whole(found, links))


def _decides(state: CommentState, done: str) -> Callable[..., None]:
    """A command that puts comments into a state."""

    @_at_desk
    @click.argument("comments", nargs=-1)
    @click.option("--all", "everything", is_flag=True, help="All that wait.")
    def decide(desk: Desk, call: Call, /, comments: tuple[str, ...], *, everything: bool) -> None:
        if bool(comments) == everything:
            raise click.UsageError("name comments, or give --all")
        named = [one.id for one in (desk.database.list(desk.show, ("held",)) if everything else _found(desk, comments))]
        found = desk.decide(named, state, call.now, overwrite="overwrite" in call.forces)
        for comment in found:
            call.console.show(f"  {comment.id}  {comment.name} on {comment.episode}: {done}")
            if comment.edited and state == "approved":  # perhaps after it was read
                call.console.show("    as its author changed it:")
                for line in comment.text.split("\n"):
                    call.console.show(f"    {line}")
        call.result(CommentList(comments=tuple(map(CommentRow.of, found))))

    return decide


approve = command.command("approve", help="Put comments on their pages; their files on the storage have them when this ends.")(
    _decides("approved", "on the page")
)
reject = command.command("reject", help="Keep comments off their pages, or take them off again.")(_decides("rejected", "not on the page"))
spam = command.command("spam", help="The same, because they are spam.")(_decides("spam", "spam"))


@command.command("reply")
@_at_desk
@click.argument("comment")
@click.argument("text")
@click.option("--as", "name", metavar="NAME", help="Who answers (default: the show).")
def reply(desk: Desk, call: Call, /, comment: str, text: str, *, name: str | None) -> None:
    """Answer the comment COMMENT with TEXT, as the show; it is on the page when this ends."""
    words = texts.paragraphs(text)
    if not texts.visible(words):
        raise UsageError("an answer says something", hint="publish comments reply COMMENT 'Thank you!'", code="usage")
    whose = texts.one_line(name or "") or desk.title
    found = desk.reply(_found(desk, (comment,))[0], words, whose, call.now, overwrite="overwrite" in call.forces)
    _show(desk, call, found)
    call.result(CommentList(comments=(CommentRow.of(found),)))


@command.command("erase")
@_at_desk
@click.argument("comments", nargs=-1)
@click.option("--expired", is_flag=True, help="Those older than `keep` days, as config.toml says.")
@click.option("--no-publish", is_flag=True, help="Leave the pages to a later publish, and the records of earlier ones with them.")
def erase(desk: Desk, call: Call, /, comments: tuple[str, ...], *, expired: bool, no_publish: bool) -> None:
    """Take comments out for good: of the database, files, pages, and what a rollback reads.

    Without a comment: finish it for what authors erased themselves.
    """
    if bool(comments) and expired:
        raise click.UsageError("name comments, or give --expired")
    found = _found(desk, comments) if comments else _expired(desk, call) if expired else _erased_by_authors(desk)
    files, published, records, left = _erased(desk, call, found, no_publish=no_publish)
    if not (comments or expired or records or left or published is not None):
        found = []  # of what authors erased, nothing was left anywhere
    rows = (desk.database.find(desk.show, one.id) for one in found)
    call.console.say(f"{count_words(len(found), 'comment')} erased." if found else "Nothing is left to erase.")
    result = Erased(
        comments=tuple(CommentRow.of(row) for row in rows if row is not None),
        files=tuple(files),
        published=published,
        records=records,
        left=left,
    )
    call.result(result)


def _erased(desk: Desk, call: Call, found: list[StoredComment], *, no_publish: bool) -> tuple[list[str], int | None, int, str]:
    """Erase everywhere: the files of the folder that were written, the publish that followed, how many records went, what is left."""
    from publisher.commands.withdraw import scrub
    from publisher.comments.erasing import forgetting, in_folder, in_records, pages_with
    from publisher.publish import publish

    workspace, storage = desk.workspace, desk.workspace.storage
    desk.erase(found, call.now, overwrite="overwrite" in call.forces)
    pages = sorted({*pages_with(workspace.store, found), *in_folder(workspace.file.folder, found)})
    files = [row.file for row in pull_comments(workspace.store, workspace.file.folder, pages)] if pages else []
    published, state = None, workspace.state_copies.read()
    if pages and (no_publish or not (workspace.file.folder / "episodes").is_dir()):
        left = f"{', '.join(pages)}: the page still has it. In the show's folder: publish comments erase"
        call.console.warn(left)
        return files, None, 0, left
    if pages:
        call.console.say(f"The page of {', '.join(pages)} still has it; this publish takes it out.")
        try:
            published = publish(workspace.read_again(), replace(call.options(), yes=True), forgetting).generation
        except NotVerified:
            scrub(storage, workspace.state_copies.read())
            raise
        except AirdateError:
            call.console.warn(
                "it is out of the database and the files, not yet of the pages: once this is mended, `publish comments erase`"
            )
            raise
        state = workspace.state_copies.read()
    records = scrub(storage, state) if pages or in_records(storage.private, state.generation, found) else 0
    return files, published, records, ""


def _expired(desk: Desk, call: Call) -> list[StoredComment]:
    """What was kept for as long as config.toml says, once somebody agreed."""
    days = desk.workspace.config.comments.keep
    if days is None:
        raise UsageError("config.toml does not say how long comments are kept", hint="keep = 730 under [comments]", code="comments-keep")
    until = call.now - dt.timedelta(days=days)
    found = [one for one in desk.database.list(desk.show) if one.state != "erased" and one.created < until]
    standing = sum(one.state == "approved" for one in found)
    question = f"Erase {count_words(len(found), 'comment')} older than {days} days for good, {standing} of them on pages?"
    if found and not call.confirm(question, default=False):
        raise PlanRefused("nothing was changed: you said no", code="refused-by-you")
    return found


def _erased_by_authors(desk: Desk) -> list[StoredComment]:
    from publisher.comments.erasing import erased_since

    return erased_since(desk.state(), desk.database.list(desk.show, ("erased",)))


def _found(desk: Desk, ids: Iterable[str]) -> list[StoredComment]:
    """The comments with these ids. Raises UsageError for one that there is not."""
    found = []
    for named in dict.fromkeys(ids):
        comment = desk.database.find(desk.show, named)
        if comment is None:
            known = [one.id for one in desk.database.list(desk.show)]
            hint = meant_instead(named, known, "`publish comments list --all` names them")
            raise UsageError(f"there is no comment {named}", hint=hint, code="comment-unknown")
        found.append(comment)
    return found


@command.command("export")
@_at_desk
@click.argument("file", required=False, type=click.Path(path_type=Path, dir_okay=False))
def export(desk: Desk, call: Call, /, file: Path | None) -> None:
    """Write all comments as one JSON document into FILE, or to stdout; import takes it back without loss."""
    from publisher.comments.interchange.import_export import export_comments

    body, count = export_comments(desk)
    if file is None:
        call.console.data(body.decode().rstrip("\n"))
        return
    write_whole(file, body)
    call.console.say(f"{count_words(count, 'comment')} in {file}.")
    call.result(Exported(file=str(file), comments=count))


@command.command("import")
@_at_desk
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--thread", "threads", multiple=True, metavar="ADDRESS=SLUG", help="The episode that a page elsewhere was about.")
@click.option("--dry-run", is_flag=True, help="Say what would be taken, and take nothing.")
def import_(desk: Desk, call: Call, /, file: Path, threads: tuple[str, ...], *, dry_run: bool) -> None:
    """Take over comments: Isso's database, the XML of Disqus or WordPress, what export wrote, or a comments/SLUG.json."""
    from publisher.comments.interchange.import_export import import_comments

    named = dict(_named_thread(desk, thread) for thread in threads)
    try:
        result = import_comments(desk, file, named, dry_run=dry_run, overwrite="overwrite" in call.forces)
    except ContentFault as fault:
        raise ContentError(fault.message, cause=str(file), hint=fault.hint, code=fault.code) from fault
    _tell_import(call, result, dry_run=dry_run)
    call.result(result)


def _named_thread(desk: Desk, written: str) -> tuple[str, str]:
    address, _, slug = written.rpartition("=")
    if slug not in desk.state().episodes or not address:
        hint = meant_instead(slug, desk.state().episodes, "`publish status` lists what is published")
        raise UsageError(f"--thread {written}: ADDRESS=SLUG with the slug of an episode is meant", hint=hint, code="usage")
    return address, slug


def _tell_import(call: Call, result: ImportedComments, *, dry_run: bool) -> None:
    """What was taken, and everything that was not."""
    console = call.console
    for guess in result.guessed:
        console.warn(f"{guess.page} was taken for {guess.episode}; if it is another's: --thread ADDRESS=SLUG")
    for row in result.pages:
        console.warn(f"{count_words(row.count, 'comment')} on {row.what} left out: no episode of the show; else --thread {row.what}=SLUG")
    for row in result.left_out:
        console.warn(f"{count_words(row.count, 'comment')} {row.what} left out")
    for row in result.not_kept:
        console.say(f"not kept: {row.count} {row.what}")
    already = f", {result.already} were here" if result.already else ""
    console.say(f"{count_words(result.added, 'comment')} of {result.source} {'would come' if dry_run else 'taken'}{already}.")


@command.command("stats")
@_at_desk
def stats(desk: Desk, call: Call, /) -> None:
    """Count comments by state and episode, and what is still to be sent."""
    counted = {slug: desk.database.count(desk.show, slug) for slug in desk.database.episodes(desk.show)}
    waiting = desk.database.list(desk.show, ("held",), limit=1)
    for slug, count in counted.items():
        told = ", ".join(f"{number} {state}" for state, number in count.items() if number)
        call.console.show(f"  {slug}: {told}")
    total = desk.database.count(desk.show)
    outbox = desk.outbox.waiting(desk.show)
    call.console.show(", ".join(f"{number} {state}" for state, number in total.items()) + f"; {outbox} still to be sent or written")
    since = waiting[0].created.isoformat().replace("+00:00", "Z") if waiting else None
    episodes = tuple(
        EpisodeComments(episode=slug, **{str(state): number for state, number in count.items()}) for slug, count in counted.items()
    )
    call.result(
        CommentStats(**{str(state): number for state, number in total.items()}, waiting_since=since, outbox=outbox, episodes=episodes)
    )


@command.command("pull")
@common
@_DATABASE
@click.argument("slug", required=False)
def pull(call: Call, /, slug: str | None, database: str) -> None:  # noqa: ARG001  every part of the command takes it
    """Bring published comments, and answers to posts on social networks, into the folder, of the episode SLUG or of all; the next publish
    writes them into the pages.
    """
    from publisher.thread.answers import fetch_answers

    workspace, slugs = opened(call), None if slug is None else (slug,)
    rows = pull_comments(workspace.store, workspace.file.folder, slugs)
    answers = fetch_answers(workspace, workspace.state_copies.read(), call.now, slugs, bring=True)
    rows += [PulledComments(episode=item.episode, file=item.file, comments=item.answers) for item in answers]
    for row in rows:
        call.console.show(f"  {row.file} ({count_words(row.comments, 'comment')})")
    call.console.say("`publish` writes them into the pages." if rows else "Every comment on the storage is here.")
    call.result(CommentsPulled(pulled=tuple(rows)))
