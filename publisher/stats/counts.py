"""The door of this room: a show's logs, counted."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from publisher.core.errors import ContentError
from publisher.core.show_files import named_by_config
from publisher.stats.agents.countries import country_reader
from publisher.stats.agents.known_agents import classify
from publisher.stats.agents.networks import listed, ranges, read_networks
from publisher.stats.blocks import first_lines
from publisher.stats.engines.duckdb_engine import DuckCount, FileRead
from publisher.stats.forms.form import Form
from publisher.stats.forms.known import forms_of, refuse_two_sides
from publisher.stats.kept.log_files import LogFile, together
from publisher.stats.kept.private_folder import private_folder
from publisher.stats.recordings import recordings_of
from publisher.stats.sources import log_source

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterator
    from pathlib import Path

    from publisher.load.config_tables import StatsTable
    from publisher.state.state import State
    from publisher.stats.counting.windows import Window
    from publisher.stats.period import Period
    from publisher.workspace import Workspace

FormTeller = Callable[[str, Sequence[str], str], Form | None]
MOST: Final = 500
"""Downloads of one show that one address can have in a day: §5.5.2, step 1.2, 1 asks for a number and names none. More than one household or
office fetches, less than a program does; an address with more people behind it goes into `[stats] include`.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """What was counted: `sums` are rows of day, episode, app, device, country and downloads."""

    sums: tuple[tuple[dt.date, str, str, str, str, int], ...]
    left_out: dict[str, int]
    lines: int
    unread: tuple[tuple[str, int, str], ...]
    window: Window


def count_logs(workspace: Workspace, state: State, period: Period | None = None, slug: str = "") -> Counted:
    """Count the logs that are here now, from nothing on, and keep nothing; `left_out` and `lines` are those of a period or an episode alone
    where one is named. Raises UsageError, ContentError and StorageError.
    """
    settings, folder = workspace.config.stats, workspace.file.folder
    found: list[FileRead] = []
    with private_folder() as private, closing(DuckCount(private)) as count:
        know_show(count, folder, settings, state)
        forms: dict[str, Form] = {}
        for name, path, form in each_log(workspace, private):
            forms[name] = form
            found.append(count.read(name, path, form, classify))
        count.finish()
        told = (
            LogFile(name=name, mark="", form=form.name, sha256="", stem="", bytes=0, begins="", first=one.first, last=one.last)
            for (name, form), one in zip(forms.items(), found, strict=True)
        )
        for names in together(told):
            refuse_two_sides({name: forms[name] for name in names})
        count.count(settings.window)
        wanted = [row for row in count.downloads() if (period is None or row[0] in period) and slug in ("", row[1])]
        left_out = count.left_out(period, slug)
        return Counted(
            sums=tuple(wanted),
            left_out=left_out,
            lines=sum(left_out.values()) + sum(row[-1] for row in wanted),
            unread=tuple(count.unread),
            window=settings.window,
        )


def each_log(workspace: Workspace, private: Path) -> Iterator[tuple[str, Path, Form]]:
    """Each log that is here now: its name, where it lies until the next one is asked for, and its form. Raises what `count_logs` raises."""
    source, form_of, form = log_source(workspace), form_teller(workspace.config.stats), None
    logs, odd = source.found(), []
    for wait in (True, False):  # a log of no known form is read as the others
        for log, path in source.taken(logs, private / "fetched"):
            try:
                told = form_of(log.name, first_lines(path), form.name if form else "")
            except ContentError:
                if not wait:
                    raise
                odd.append(log)
                continue
            if told is not None:
                form = told
                yield log.name, path, told
        logs = odd


def form_teller(settings: StatsTable) -> FormTeller:
    """What tells the form of one log after the other: by its name, its first lines, and the form of another log of the show ("" for none), which
    is taken where nothing else tells; None for a log without lines. It raises ContentError where nobody can tell.
    """

    def form_of(name: str, lines: Sequence[str], other: str) -> Form | None:
        try:
            return forms_of({name: lines}, settings.form or "").get(name)
        except ContentError:
            if not other:
                raise
            return forms_of({name: lines}, other).get(name)

    return form_of


def know_show(count: DuckCount, folder: Path, settings: StatsTable, state: State, salt: str = "") -> None:
    """Tell a count what it has to know of the show: its recordings, data centres, and addresses behind which there are many listeners."""
    known = known_rows(folder, settings, state)
    count.know(known["recordings"], most=MOST, salt=salt)
    for name in ("networks", "included"):
        count.networks(name, known[name])
    if settings.country:
        count.countries(country_reader(*named_by_config(folder, settings.country)))


def known_rows(folder: Path, settings: StatsTable, state: State) -> dict[str, list[tuple[Any, ...]]]:
    """The same as rows, by the table of `publisher.stats.counting.tables` that they are for. Raises ContentError."""
    centres = read_networks(*named_by_config(folder, settings.datacentres)) if settings.datacentres else ()
    return {
        "recordings": list(recordings_of(state.episodes.values())),
        "networks": list(ranges(centres)),
        "included": list(ranges(listed(settings.include))),
    }
