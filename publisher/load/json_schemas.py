"""JSON Schemas of what people write, for editors that complete it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from feed.schema.episode import FrontMatter
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
