"""A show's logs counted on Spark, all at once: nothing is kept, and nothing that was kept is looked at."""

from __future__ import annotations

from typing import TYPE_CHECKING

from publisher.stats.agents.countries import country_reader
from publisher.stats.agents.known_agents import classify
from publisher.stats.counts import MOST, each_log, known_rows
from publisher.stats.engines.spark_engine import SparkCount, spark_session
from publisher.stats.forms.known import limits_of, refuse_two_sides
from publisher.stats.kept.private_folder import private_folder
from publisher.stats.numbers import Numbers

if TYPE_CHECKING:
    from publisher.state.state import State
    from publisher.stats.forms.form import Form
    from publisher.workspace import Workspace


def numbers_on_spark(workspace: Workspace, state: State) -> Numbers:
    """The numbers of all logs that are here now. Raises UsageError `stats-spark` where there is no Spark, and what `count_logs` raises."""
    settings = workspace.config.stats
    forms: dict[str, Form] = {}
    with private_folder() as private, spark_session(private) as session:
        count = SparkCount(session, private, known_rows(workspace.file.folder, settings, state), most=MOST)
        for name, path, form in each_log(workspace, private):
            forms[name] = form
            count.take(path, form)
        refuse_two_sides(forms)
        count.read(classify, country_reader(workspace.file.folder / settings.country) if settings.country else None)
        found = count.count(settings.window)
    return Numbers(
        sums=found.sums,
        window=settings.window,
        days=found.days,
        open_from=None,
        limits=limits_of(forms.values()),
        unread=found.left_out["unread"],
    )
