"""`publish schema`: the JSON Schemas of what people write, and of what `--json` gives."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from feed.schema.episode import FrontMatter
from publisher.core.command_call import Call, common
from publisher.load.config_tables import Config
from publisher.load.validation_messages import field_docs, models_in

if TYPE_CHECKING:
    from pydantic import BaseModel


def json_schemas() -> dict[str, dict[str, Any]]:
    """The schemas of `config` (config.toml) and `episode` (front matter), each key with what its docstring says."""
    return {"config": _schema(Config), "episode": _schema(FrontMatter)}


def _schema(model: type[BaseModel]) -> dict[str, Any]:
    schema = model.model_json_schema(by_alias=True)
    parts = {model.__name__: schema, **schema.get("$defs", {})}
    for name, inner in models_in(model).items():
        docs = field_docs(inner)
        for key, field in inner.model_fields.items():
            entry = parts.get(name, {}).get("properties", {}).get(field.alias or key)
            if entry is not None and key in docs:
                entry["description"] = docs[key]
            if entry is not None and hasattr(inner, "_short_forms"):
                _with_short_forms(entry, field.alias or key)
    return schema


def _with_short_forms(entry: dict[str, Any], key: str) -> None:
    """What `feed.schema` also takes: one table for a list of them, a text for a licence, a place or an address."""
    if key == "license":
        entry["anyOf"].append({"type": "string"})
    elif key in {"location", "funding", "value"}:
        items = entry.pop("items")
        entry["anyOf"] = [{"type": entry.pop("type"), "items": items}, items, *([] if key == "value" else [{"type": "string"}])]


def result_schemas() -> dict[str, dict[str, Any]]:
    """The schema of what each command gives with `--json`, by its name, and of an `error`."""
    from pydantic import TypeAdapter

    from publisher.announce.cdn_purge import Purged
    from publisher.announce.hubs import Announced
    from publisher.commands.bucket import Bucket
    from publisher.commands.build import Built
    from publisher.commands.comments import Serving
    from publisher.commands.explain import Explained
    from publisher.commands.init import NewShow
    from publisher.commands.login import LoggedIn
    from publisher.commands.new import NewEpisode
    from publisher.commands.preview import Previewed
    from publisher.commands.prune import Pruned
    from publisher.commands.pull import Pulled
    from publisher.commands.release import Released
    from publisher.commands.restore import Restored
    from publisher.commands.rollback import RolledBack
    from publisher.commands.stage import StagedRecordings
    from publisher.commands.status import Status
    from publisher.commands.submit import Directories
    from publisher.comments.results import CommentInFull, CommentList, CommentsPulled, CommentStats, Erased, Exported, ImportedComments
    from publisher.compare.results import Comparison
    from publisher.core.json_results import Failed, FindingRow, Published
    from publisher.importing.feed_import import Imported
    from publisher.moving.results import Move
    from publisher.stats.engines.printed import Statements
    from publisher.stats.imported_totals import TotalsImported
    from publisher.stats.numbers import LogsPulled
    from publisher.stats.report.results import Stats, StatsChecked

    findings = tuple[FindingRow, ...]
    results: dict[str, Any] = {
        "publish": Published,
        "announce": Announced,
        "bucket": Bucket,
        "build": Built,
        "check": findings,
        "comments": CommentList,
        "comments approve": CommentList,
        "comments erase": Erased,
        "comments export": Exported,
        "comments import": ImportedComments,
        "comments list": CommentList,
        "comments pull": CommentsPulled,
        "comments reject": CommentList,
        "comments reply": CommentList,
        "comments serve": Serving,
        "comments show": CommentInFull,
        "comments spam": CommentList,
        "comments stats": CommentStats,
        "compare": Comparison,
        "explain": Explained,
        "import": Imported,
        "init": NewShow,
        "login": LoggedIn,
        "move": Move,
        "new": NewEpisode,
        "preview": Previewed,
        "prune": Pruned,
        "pull": Pulled,
        "purge": Purged,
        "release": Released,
        "restore": Restored,
        "rollback": RolledBack,
        "stage": StagedRecordings,
        "stats": Stats,
        "stats check": StatsChecked,
        "stats import": TotalsImported,
        "stats pull": LogsPulled,
        "stats sql": Statements,
        "status": Status,
        "submit": Directories,
        "verify": findings,
        "withdraw": Published,
        "error": Failed,
    }
    return {name: TypeAdapter(kind).json_schema(mode="serialization") for name, kind in results.items()}


@click.command("schema")
@common
@click.argument("what", type=click.Choice(["config", "episode", "results"]), required=False)
def command(call: Call, /, what: str | None) -> None:
    """Print the JSON Schemas of config.toml and of an episode's front matter; with `results` those of every command's --json."""
    if what == "results":
        call.console.json(result_schemas())
    else:
        schemas = json_schemas()
        call.console.json(schemas[what] if what else schemas)
