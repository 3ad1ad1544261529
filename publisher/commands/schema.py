"""`publish schema`: the JSON Schemas of what people write, and of what `--json` gives."""

from __future__ import annotations

from typing import Any

import click

from publisher.core.command_call import Call, common


def result_schemas() -> dict[str, dict[str, Any]]:
    """The schema of what each command gives with `--json`, by its name, and of an `error`."""
    from pydantic import TypeAdapter

    from publisher.announce.cdn_purge import Purged
    from publisher.announce.hubs import Announced
    from publisher.commands.bucket import Bucket
    from publisher.commands.build import Built
    from publisher.commands.explain import Explained
    from publisher.commands.init import NewShow
    from publisher.commands.login import LoggedIn
    from publisher.commands.new import NewEpisode
    from publisher.commands.preview import Previewed
    from publisher.commands.prune import Pruned
    from publisher.commands.pull import Pulled
    from publisher.commands.release import Released
    from publisher.commands.rollback import RolledBack
    from publisher.commands.stage import StagedRecordings
    from publisher.commands.status import Status
    from publisher.commands.submit import Directories
    from publisher.core.json_results import Failed, FindingRow, Published
    from publisher.importing.feed_import import Imported

    findings = tuple[FindingRow, ...]
    results: dict[str, Any] = {
        "publish": Published,
        "announce": Announced,
        "bucket": Bucket,
        "build": Built,
        "check": findings,
        "explain": Explained,
        "import": Imported,
        "init": NewShow,
        "login": LoggedIn,
        "new": NewEpisode,
        "preview": Previewed,
        "prune": Pruned,
        "pull": Pulled,
        "purge": Purged,
        "release": Released,
        "rollback": RolledBack,
        "stage": StagedRecordings,
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
    from publisher.load.json_schemas import json_schemas

    if what == "results":
        call.console.json(result_schemas())
    else:
        schemas = json_schemas()
        call.console.json(schemas[what] if what else schemas)
