"""The daily totals that an old host exported, kept beside the show's own numbers and never among them."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING

from publisher.core.console import count_words
from publisher.core.errors import UsageError
from publisher.core.json_results import Result
from publisher.core.slugs import slug_of
from publisher.stats.engines.duckdb_engine import DuckCount
from publisher.stats.kept.months import keep_imported
from publisher.stats.kept.private_folder import private_folder
from publisher.stats.kept.private_side import private_side
from publisher.stats.totals_csv import LARGEST, read_old_totals

if TYPE_CHECKING:
    from pathlib import Path

    from publisher.state.state import State
    from publisher.workspace import Workspace


@dataclass(frozen=True, slots=True, kw_only=True)
class TotalsImported(Result):
    """What `publish stats import` kept."""

    host: str
    """What the old host is called from now on."""
    columns: str
    """How the file was read."""
    first: str | None
    """The first day that it tells of (ISO 8601)."""
    last: str | None
    """The last one."""
    downloads: int
    """All of them."""
    unknown: tuple[str, ...]
    """Episodes that are not here, as the file calls them."""


def import_totals(workspace: Workspace, state: State, path: Path, *, host: str, day_first: bool | None) -> TotalsImported:
    """Keep the daily totals that an old host exported, in the place of those it told before. Raises ContentError `stats-import` where they are
    none, StorageError, PlanRefused, UsageError.
    """
    try:
        with path.open("rb") as file:
            raw = file.read(LARGEST + 1)
        if len(raw) > LARGEST:
            raise UsageError(f"this is larger than {LARGEST:,} bytes: {path}", hint="is it the right file?", code="stats-import")
        found = read_old_totals(raw, path.name, day_first=day_first)
    except OSError as error:
        raise UsageError(f"the file cannot be read: {path}", cause=error.strerror or str(error), code="stats-import") from error
    known = _episode_names(state)
    host = slug_of(host or path.stem) or "old-host"
    rows = [(host, row.day, known.get(row.episode.casefold(), ""), row.episode, row.downloads) for row in found.rows]
    with private_folder() as folder, closing(DuckCount(folder)) as count:
        keep_imported(private_side(workspace), count, workspace.guid(state), host, rows)
    unknown = sorted({row.episode for row in found.rows if row.episode and row.episode.casefold() not in known})
    for name in unknown[:5]:
        workspace.console.warn(f"no episode here is called “{name}”: its downloads are told of the show as a whole")
    if len(unknown) > 5:
        workspace.console.warn(f"and {count_words(len(unknown) - 5, 'other name')} likewise")
    days = [row.day for row in found.rows]
    return TotalsImported(
        host=host,
        columns=found.columns,
        first=min(days).isoformat() if days else None,
        last=max(days).isoformat() if days else None,
        downloads=sum(row.downloads for row in found.rows),
        unknown=tuple(unknown),
    )


def _episode_names(state: State) -> dict[str, str]:
    """How an episode may be called in a host's export, to its slug: by guid, slug, title, or the name of its recording."""
    found: dict[str, str] = {}
    for episode in state.episodes.values():
        for name in (episode.title, episode.slug, episode.guid):
            if name:
                found[name.casefold()] = episode.slug
    return found
