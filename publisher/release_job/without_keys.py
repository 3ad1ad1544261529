"""The plan of a pull request: whoever sent it has no keys, so it is held against what the show's address serves."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from feed.findings import Severity
from publisher.core.console import count_words
from publisher.core.errors import ContentError
from publisher.folder_to_plan import Purpose, Scope, prepare
from publisher.publish_report import result_of, show_findings
from publisher.show_changes.compare import show_changes
from publisher.show_changes.sentences import as_markdown
from publisher.thread import would_post

if TYPE_CHECKING:
    from publisher.core.command_call import Options
    from publisher.core.json_results import Published
    from publisher.workspace import Workspace


def plan_without_keys(workspace: Workspace, options: Options) -> tuple[Published, str] | None:
    """What a publish would bring, and in words with what that was compared; None where the storage can be read after all.

    A recording that is published is not missed. Raises ContentError for what would stop the publish.
    """
    state, remark = workspace.state_copies.read_or_last()
    if not remark:
        return None
    workspace.console.say(f"{remark[:1].upper()}{remark[1:]}.")
    prepared = prepare(workspace, state, options, Purpose.CHECK, Scope(offline=True, unknown=state.first))
    stop = {Severity.ERROR, Severity.WARNING} if options.strict else {Severity.ERROR}
    if faults := [item for item in prepared.findings if item.severity in stop]:
        words = f"this would not be published: {count_words(len(faults), 'fault')} to mend first"
        raise ContentError(words, prepared.findings, code="content-invalid")
    show_findings(workspace.console, prepared.findings)
    if not state.first:
        compared = "Compared with what was last seen published."
    elif prepared.state.episodes:
        compared = f"Compared with {workspace.config.feed_url}: notes, transcripts, pictures and files could not be compared."
    else:
        compared = f"Nothing could be compared: {workspace.config.feed_url} serves no feed of this show."
    workspace.console.show(as_markdown(show_changes(prepared), 0, 0, workspace.config.show.timezone, compared=compared))
    posts = would_post(workspace, prepared, options) if prepared.state.episodes else None
    return replace(result_of(workspace, prepared, None), posts=posts), compared
