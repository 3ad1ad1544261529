"""`publish schema`: the JSON Schemas of what people write."""

from __future__ import annotations

from typing import Any

import click

from publisher.core.call import Call, common, pass_call


@click.command("schema")
@common
@click.argument("what", type=click.Choice(["config", "episode"]), required=False)
@pass_call
def command(call: Call, /, what: str | None, **said: Any) -> None:
    """Print the JSON Schemas of config.toml and of an episode's front matter."""
    call.hear(**said)
    from publisher.load.json_schemas import json_schemas

    schemas = json_schemas()
    call.console.data(schemas[what] if what else schemas)
