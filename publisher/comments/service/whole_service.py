"""The service run: shows opened, moderators told meanwhile, requests answered until it is told to end."""

from __future__ import annotations

import datetime as dt
from functools import partial
from typing import TYPE_CHECKING

from publisher.comments.moderation.desk import Desk, LastState
from publisher.comments.moderation.outbox_worker import Teller, telling, ways
from publisher.comments.moderation.routes import moderation_routes
from publisher.comments.service.application import make_application
from publisher.comments.service.server import serve
from publisher.comments.service.shows import Shows, served_show
from publisher.comments.service.taking import Taking

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from publisher.comments.database.comments import Database
    from publisher.workspace import Workspace


def run(
    workspaces: Sequence[Workspace], database: Database, say: Callable[[str], None], *, host: str, port: int, ready: Callable[[str], None]
) -> None:
    """Take comments for these shows until SIGTERM or Ctrl-C; `say` hears what fails, `ready` the address once it answers.

    Raises ContentError where a show does not say where its pages and the service are, UsageError where the port is taken.
    """
    now = partial(dt.datetime.now, dt.UTC)
    states = [LastState(workspace.state_copies.read) for workspace in workspaces]
    desks = [_desk(workspace, database, state) for workspace, state in zip(workspaces, states, strict=True)]
    shows = Shows(
        served_show(desk.workspace.config, state.read, say, guid=desk.show, tells=ways(desk), pages=desk.pages)
        for desk, state in zip(desks, states, strict=True)
    )
    with telling(Teller(desks, now, say), desks, now, say) as wake:
        taking = Taking(database, shows, now, stored=wake)
        routes = moderation_routes({desk.show: desk for desk in desks}, database, now)
        serve(make_application(taking, say, routes), host=host, port=port, ready=ready)


def _desk(workspace: Workspace, database: Database, state: LastState) -> Desk:
    guid = workspace.config.show.guid or workspace.guid(workspace.state_copies.read_or_last()[0])
    return Desk(workspace=workspace, database=database, show=guid, state=state)
