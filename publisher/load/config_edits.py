"""Values written into config.toml by a command: one line each, every other byte stays as a person wrote it."""

from __future__ import annotations

import datetime as dt
import re
import tomllib
from typing import TYPE_CHECKING, Any

from publisher.load.toml_and_yaml import toml_string
from publisher.load.toml_lines import toml_lines

if TYPE_CHECKING:
    from collections.abc import Iterable

    from publisher.load.toml_lines import Path

Value = str | bool | dt.date
"""What can be written."""

_OLD = rb"(\"(?:\\.|[^\"\\\r\n])*\"|'[^'\r\n]*'|true|false|[0-9][0-9:.TZ+-]*)"
"""A value on one line, as it may be replaced."""


def with_values(raw: bytes, changes: Iterable[tuple[tuple[str, ...], Value]], *, behind: str = "") -> bytes | None:
    """The config with each value at its path, the last name being the key; None where that has to be written by hand.

    A new line goes below the table's heading, or below the key `behind` where the table has it; a table that is missing comes at the end.
    """
    for path, value in changes:
        edited = _with_value(raw, path, value, behind)
        if edited is None:
            return None
        raw = edited
    return raw


def written_line(key: str, value: Value) -> str:
    """The line of a key as TOML."""
    return f"{key} = {_toml(value)}"


def _toml(value: Value) -> str:
    return toml_string(value) if isinstance(value, str) else str(value).lower() if isinstance(value, bool) else value.isoformat()


def _with_value(raw: bytes, path: tuple[str, ...], value: Value, behind: str) -> bytes | None:
    try:
        wanted = tomllib.loads(raw.decode("utf-8-sig"))
        places = toml_lines(raw.decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n"))
    except ValueError:
        return None
    edited = _edited(raw, places, path, value, behind)
    try:
        _set(wanted, path, value)
        return edited if tomllib.loads(edited.decode("utf-8-sig")) == wanted else None
    except (ValueError, AttributeError, TypeError):
        return None


def _set(document: dict[str, Any], path: tuple[str, ...], value: Value) -> None:
    for name in path[:-1]:
        document = document.setdefault(name, {})
    document[path[-1]] = value


def _edited(raw: bytes, places: dict[Path, int], path: tuple[str, ...], value: Value, behind: str) -> bytes:
    """The bytes with the value where it belongs; whoever calls looks whether it came out as was wanted."""
    ends = b"\r\n" if b"\r\n" in raw else b"\n"
    lines = raw.split(b"\n")
    names, key = path[:-1], path[-1]
    written = written_line(key, value).encode()
    here, table = places.get(path, 0), places.get(names, 0)
    first = lines[table - 1].removeprefix(b"\xef\xbb\xbf") if table else b""
    dotted = rb"[ \t]*" + rb"[ \t]*\.[ \t]*".join(re.escape(name.encode()) for name in names) + rb"[ \t]*\."
    if here:
        old = lines[here - 1]
        found = re.match(rb"([^=]*=[ \t]*)" + _OLD, old)
        lines[here - 1] = found[1] + _toml(value).encode() + old[found.end() :] if found else old
    elif first.lstrip().startswith(b"["):
        lines.insert(max(table, places.get((*names, behind), 0)), written + ends[:-1])
    elif table and re.match(dotted, first):
        lines.insert(table, b".".join(name.encode() for name in names) + b"." + written + ends[:-1])
    elif not table:
        text = raw if not raw or raw.endswith(b"\n") else raw + ends
        return text + (ends if text.strip() else b"") + b"[" + ".".join(names).encode() + b"]" + ends + written + ends
    return b"\n".join(lines)
