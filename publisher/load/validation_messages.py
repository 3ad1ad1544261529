"""pydantic's errors in a table that a person wrote, as Findings in words for people."""

from __future__ import annotations

import ast
import dataclasses
import inspect
import itertools
import textwrap
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple, get_args

from pydantic import BaseModel, ValidationError

from publisher.load.dates import as_iso_date
from publisher.load.toml_and_yaml import line_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from feed.findings import Finding

Path = tuple[str | int, ...]
"""Where a value stands: ("show", "title"), ("chapters", 0, "start")."""


def faults(error: ValidationError, model: type[BaseModel], lines: Mapping[Path, int], place: Callable[..., Finding]) -> list[Finding]:
    """A validation error as one Finding per fault, in words for people.

    `place(code, message, line, hint)` makes the Finding, so that the caller adds file, offset and episode.
    """
    findings: dict[Path, list[Finding]] = {}
    for fault in error.errors(include_url=False, include_context=True):
        path: Path = ()
        for part in fault["loc"]:
            if not (isinstance(part, str) and _is_branch(part) and part not in _fields(model, path)):
                path = (*path, part)
        name = _name(path)
        known = _fields(model, path[:-1])
        hint = ""
        kind = fault["type"]
        if kind == "missing":
            message, code = f"`{name}` is missing", "missing-key"
            hint = known.get(str(path[-1]), "")
        elif kind == "extra_forbidden":
            message, code = f"unknown key `{name}`", "unknown-key"
            hint = _unknown_hint(model, path, known)
        else:
            message, code = f"`{name}` {_complaint(fault)}", "wrong-value"
            iso = as_iso_date(str(fault.get("input"))) if " date like " in message else ""
            hint = f"write {iso}" if iso else known.get(str(path[-1]), "") if path else ""
        findings.setdefault(path, []).append(place(code, message, line_of(lines, path) or 1, hint))
    return [_one(found) for found in findings.values()]


def _one(found: list[Finding]) -> Finding:
    """One finding for a value that may be of several kinds and is none: pydantic tells of each kind by itself."""
    first = found[0]
    kinds = [item.message.partition(" must be ")[2].partition(", not ")[0] for item in found]
    if len(found) == 1 or not all(kinds):
        return first
    head, _, rest = first.message.partition(" must be ")
    given = rest.partition(", not ")[2]
    return dataclasses.replace(first, message=f"{head} must be {' or '.join(dict.fromkeys(kinds))}" + (f", not {given}" if given else ""))


def _is_branch(part: str) -> bool:
    """Pydantic names the branch of a union in the path (`datetime`, `str`); people do not write it."""
    return part in {"datetime", "date", "str", "float", "int", "bool", "function-before", "none"} or part.startswith(
        ("function-", "constrained-", "lax-or-")
    )


def _name(path: Path) -> str:
    name = ""
    for part in path:
        name += f"[{part + 1}]" if isinstance(part, int) else f".{part}" if name else part
    return name


def _unknown_hint(model: type[BaseModel], path: Path, known: Mapping[str, str]) -> str:
    key = str(path[-1])
    for depth in range(len(path) - 2, -1, -1):
        if key in _fields(model, path[:depth]):
            table = ".".join(part for part in path[: depth + 1] if isinstance(part, str))
            above = f"the first [[{table}]]" if isinstance(path[depth + 1], int) else f"[{table}]"
            return f"`{key}` belongs above {above}: in TOML a table takes every key below it"
    import difflib

    close = difflib.get_close_matches(key, known, n=1, cutoff=0.6)
    if close:
        return f"did you mean `{close[0]}`?"
    return (
        f"known here: {', '.join(sorted(known))}"
        if len(known) <= 12
        else f"`publish schema {'episode' if 'draft' in known else 'config'}` lists every key"
    )


def _fields(model: type[BaseModel], path: Path) -> dict[str, str]:
    """The keys one may write at `path`, each with the first sentence of its documentation."""
    current: Any = model
    for part in path:
        if isinstance(part, int):
            continue
        current = _inner(current, part)
        if current is None:
            return {}
    if not (isinstance(current, type) and issubclass(current, BaseModel)):
        return {}
    docs = field_docs(current)
    return {field.alias or name: docs.get(name, "") for name, field in current.model_fields.items()}


@cache
def field_docs(model: type[BaseModel]) -> dict[str, str]:
    """What the docstrings of a model's fields say, by field. Read from the source when somebody asks, for reading it costs time."""
    found: dict[str, str] = {}
    for base in reversed(model.__mro__):
        if not issubclass(base, BaseModel) or base is BaseModel:
            continue
        body = ast.parse(textwrap.dedent(inspect.getsource(base))).body[0]
        statements = body.body if isinstance(body, ast.ClassDef) else []
        for statement, after in itertools.pairwise(statements):
            if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name) and isinstance(after, ast.Expr):
                text = after.value.value if isinstance(after.value, ast.Constant) else None
                if isinstance(text, str):
                    found[statement.target.id] = " ".join(text.split())
    return found


def models_in(model: type[BaseModel]) -> dict[str, type[BaseModel]]:
    """A model and every one inside it, by name."""
    found: dict[str, type[BaseModel]] = {}
    pending = [model]
    while pending:
        current = pending.pop()
        if current.__name__ not in found:
            found[current.__name__] = current
            inner = (_model_in(field.annotation) for field in current.model_fields.values())
            pending += [item.model if isinstance(item, _AnyKey) else item for item in inner if item is not None]
    return found


def _inner(current: Any, part: str) -> Any:
    """The model behind one key: through Optional, tuples and dictionaries."""
    if isinstance(current, _AnyKey):
        return current.model
    if not (isinstance(current, type) and issubclass(current, BaseModel)):
        return None
    field = next((field for name, field in current.model_fields.items() if part in (name, field.alias)), None)
    if field is None:
        return None
    return _model_in(field.annotation)


def _model_in(annotation: Any) -> Any:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    found = None
    for argument in get_args(annotation):
        found = found or _model_in(argument)
    if found is not None and getattr(annotation, "__origin__", None) is dict:
        return _AnyKey(found)
    return found


class _AnyKey(NamedTuple):
    """A dictionary of tables (`[people.<id>]`): any key leads to the same model."""

    model: Any


_WORDS = {
    "string_type": "must be text between quotes",
    "string_too_short": "must not be empty",
    "bool_type": "must be true or false",
    "bool_parsing": "must be true or false",
    "int_type": "must be a whole number",
    "int_parsing": "must be a whole number",
    "int_from_float": "must be a whole number",
    "float_type": "must be a number",
    "float_parsing": "must be a number",
    "tuple_type": "must be a list: [ … ]",
    "list_type": "must be a list: [ … ]",
    "dict_type": "must be a table",
    "model_type": "must be a table",
    "model_attributes_type": "must be a table",
    "literal_error": "must be {expected}",
    "greater_than_equal": "must be at least {ge:g}",
    "greater_than": "must be more than {gt:g}",
    "less_than_equal": "must be at most {le:g}",
    "value_error": "{error}",
    "date": "must be a date like 2026-05-21T06:00:00+02:00",
    "time": "must be a time of day like 06:00:00",
}
"""What pydantic's kinds of faults are in words; those of dates and times by how they begin."""


def _complaint(fault: Any) -> str:
    kind, given = fault["type"], fault.get("input")
    shown = f", not {given!r}" if isinstance(given, (str, int, float, bool)) and len(str(given)) < 60 else ""
    words = _WORDS.get(kind) or _WORDS.get(kind[:4])
    if words is None:
        message = str(fault["msg"])
        return message[:1].lower() + message[1:]
    return words.format(**fault.get("ctx", {})) + ("" if kind == "string_too_short" else shown)
