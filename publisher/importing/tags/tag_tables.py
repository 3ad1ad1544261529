"""A tag of a feed as the table that it is written from, and such values as TOML."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from feed.text_cleaning import printable_line
from publisher.load.toml_and_yaml import toml_string

if TYPE_CHECKING:
    from collections.abc import Iterator

    from feed.reader import Node
    from feed.schema.value_types import Table


def table_of(node: Node, table: type[Table], text: str = "", /, **more: Any) -> dict[str, Any]:
    """The keys of a tag, its words under `text`; empty where it is not as the table must be."""
    written: dict[str, Any] = {key_of(name): printable_line(value) for name, value in node.attributes.items() if printable_line(value)}
    if text and printable_line(node.text):
        written[text] = printable_line(node.text)
    return fitting({key: value for key, value in written.items() if key in table.model_fields} | more, table)


def fitting(keys: dict[str, Any], table: type[Table]) -> dict[str, Any]:
    """The keys as the table reads them; empty where it does not."""
    try:
        return table.model_validate(keys, strict=False).model_dump(exclude_unset=True, by_alias=True)
    except ValidationError:
        return {}


def key_of(attribute: str) -> str:
    """`startTime` as `start_time`."""
    return re.sub(r"(?<=[a-z])([A-Z])", r"_\1", attribute).lower().replace("-", "_")


def key_lines(keys: dict[str, Any]) -> Iterator[str]:
    """Each key with its value, a line each."""
    return (f"{key} = {as_toml(value)}" for key, value in keys.items())


def as_toml(value: Any) -> str:
    """A value on one line."""
    if isinstance(value, dict):
        return "{ " + ", ".join(key_lines(value)) + " }"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(map(as_toml, value)) + "]"
    if isinstance(value, str):
        return toml_string(value)
    return value.isoformat() if hasattr(value, "isoformat") else str(value).lower()
