"""TOML and YAML as people write them: the data, and the line of every key, so that a fault can name its place."""

from __future__ import annotations

import datetime as dt
import json
import re
import tomllib
from typing import TYPE_CHECKING, Any, Protocol

from feed.findings import ContentFault, Finding, Severity
from feed.schema.value_types import iso_moment
from publisher.load.dates import as_iso_date
from publisher.load.toml_lines import Path, toml_lines

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


def decoded(raw: bytes) -> str:
    """The text of a file, its line ends made one character. Raises ContentFault with the line that is not UTF-8."""
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        raise ContentFault("the file is not UTF-8 text", code="not-utf8", line=line, hint="save it as UTF-8") from error
    return text.replace("\r\n", "\n").replace("\r", "\n")


def read_toml(text: str) -> tuple[dict[str, Any], dict[Path, int]]:
    """The tables of a TOML text, and the line (from 1) of every key and table. Raises ContentFault with the line."""
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        words = str(error)
        found = re.search(r"at line (\d+)", words)
        line = int(found[1]) if found else text.rstrip().count("\n") + 1
        reason, hint = _toml_words(re.sub(r"\s*\(at [^)]*\)$", "", words), text, line)
        raise ContentFault(f"not valid TOML: {reason}", code="syntax", line=line, hint=hint) from error
    except RecursionError as error:
        raise ContentFault("not valid TOML: nested too deeply", code="syntax", line=1) from error
    return data, toml_lines(text)


def _toml_words(reason: str, text: str, line: int) -> tuple[str, str]:
    """What is wrong in a line of TOML, and what to do, for people who do not know TOML's grammar."""
    lines = text.split("\n")
    shown = lines[line - 1].strip() if 0 < line <= len(lines) else ""
    if reason.startswith("Cannot overwrite"):
        return "this key stands here twice", "delete one of the two lines"
    if twice := re.match(r"Cannot declare \((.*)\) twice", reason):
        table = ".".join(re.findall(r"'([^']*)'", twice[1]))
        return f"the table [{table}] stands here twice", "put its keys under the first one"
    if reason.startswith("Illegal character '\\n'"):
        return "a text is not closed on its line", 'text stands between two quotes; longer text between """ and """'
    reason = reason[:1].lower() + reason[1:]
    key, _, value = (part.strip() for part in shown.partition("#")[0].partition("="))
    if iso := as_iso_date(shown):
        return "this is no date", f"write {key} = {iso}"
    if re.match(r"\d{4}-\d\d-\d\d(?!\d)", value) and not _is_day(value[:10]):
        return f"there is no day {value[:10]}", "year, month and day stand in this order"
    if (iso := iso_moment(value)) != value or re.match(r"\d{1,4}[./-]\d{1,2}[./-]\d{1,4}\b", value):
        return "this is no date as TOML has it", f"write {key} = {iso if iso != value else '2026-05-21T06:00:00+02:00'}"
    if re.fullmatch(r"\d{1,3}:\d\d", value):
        return "this is no time as TOML has it", f'write {key} = "{value}"'
    return reason, next((hint for slip, hint in _SLIPS if re.search(slip, shown)), "")


def _is_day(text: str) -> bool:
    try:
        dt.date.fromisoformat(text)
    except ValueError:
        return False
    return True


_SLIPS = (
    (r"=\s*(True|False|TRUE|FALSE|yes|no|Yes|No)$", "write true or false, in small letters"),
    (r"^[\w-]+\s*=$", "write a value after the `=`, or delete the line"),
    (r"^[\w-]+\s*=\s*[^\W\d]", 'text stands between quotes: key = "value"'),
    (r"^[\w-]+\s*:", "write `key = value`; front matter with `key: value` stands between --- lines"),
)
"""What people write in a line that is no TOML, and what they should; the first that fits is said."""


def read_yaml(text: str) -> tuple[dict[str, Any], dict[Path, int]]:
    """The mapping of a YAML 1.2 text, and the line of every key. Aliases are refused (a few lines can grow to gigabytes)."""
    from ruamel.yaml import YAML
    from ruamel.yaml.error import MarkedYAMLError, YAMLError
    from ruamel.yaml.events import AliasEvent

    yaml = YAML(typ="safe", pure=True)
    try:
        for event in yaml.parse(text):
            if isinstance(event, AliasEvent):
                raise ContentFault("YAML aliases are not read", code="syntax", line=event.start_mark.line + 1, hint="write the value out")
        node = YAML(typ="safe", pure=True).compose(text)
    except MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        problem = error.problem or ""
        hint = "text with a colon stands between quotes" if "mapping values" in problem else ""
        hint = 'text that begins with @, `, % or the like stands between quotes: title: "@home"' if "cannot start" in problem else hint
        raise ContentFault(f"not valid YAML: {error.problem or error.context}", code="syntax", line=line, hint=hint) from error
    except (YAMLError, ValueError, RecursionError) as error:
        raise ContentFault(f"not valid YAML: {str(error).splitlines()[0]}", code="syntax", line=1) from error
    if node is None:
        return {}, {}
    lines: dict[Path, int] = {}
    data = _from_node(node, (), lines)
    if not isinstance(data, dict):
        raise ContentFault("the front matter must be `key: value` lines", code="syntax", line=1)
    return data, lines


_YAML_KINDS = frozenset(("map", "seq", "str", "int", "float", "bool", "null", "timestamp", "merge"))


def _from_node(node: Any, path: Path, lines: dict[Path, int]) -> Any:
    kind = node.tag.removeprefix("tag:yaml.org,2002:")
    if kind not in _YAML_KINDS:
        line = node.start_mark.line + 1
        raise ContentFault(f"YAML tags are not read: {kind[:60]}", code="syntax", line=line, hint="write the value alone")
    if path:
        lines.setdefault(path, node.start_mark.line + 1)
    if node.id == "mapping":
        mapping: dict[str, Any] = {}
        for key_node, value_node in node.value:
            key = str(key_node.value)
            if key in mapping:
                raise ContentFault(f"the key `{key}` stands here twice", code="syntax", line=key_node.start_mark.line + 1)
            lines[(*path, key)] = key_node.start_mark.line + 1
            mapping[key] = _from_node(value_node, (*path, key), lines)
        return mapping
    if node.id == "sequence":
        return [_from_node(item, (*path, index), lines) for index, item in enumerate(node.value)]
    return _scalar(node.value, kind)


def _scalar(text: str, kind: str) -> Any:
    """YAML 1.2 core scalars, and dates with their offset kept."""
    try:
        match kind:
            case "null":
                return None
            case "bool":
                return text.lower() == "true"
            case "int":
                return int(text.replace("_", ""), 0) if not re.fullmatch(r"[-+]?0\d+", text) else int(text)
            case "float":
                return float(text.replace("_", ""))
            case "timestamp":
                return dt.date.fromisoformat(text) if len(text) == 10 else dt.datetime.fromisoformat(iso_moment(text))
    except ValueError:
        return text
    return text


def line_of(lines: Mapping[Path, int], path: Sequence[str | int]) -> int:
    """The line of a key, or of the nearest table around it; 0 when nothing is known."""
    for depth in range(len(path), 0, -1):
        if tuple(path[:depth]) in lines:
            return lines[tuple(path[:depth])]
    return 0


class FindingAt(Protocol):
    """What makes findings for one file, at a line of it (0: none)."""

    def __call__(self, code: str, message: str, line: int = 0, hint: str = "") -> Finding:
        """The finding."""
        ...


def error_at(file: str, *, episode: str = "", severity: Severity = Severity.ERROR) -> FindingAt:
    """The maker of findings for one file, as `faults` wants it."""

    def place(code: str, message: str, line: int = 0, hint: str = "") -> Finding:
        return Finding(code=code, severity=severity, message=message, file=file, line=line, hint=hint, episode=episode)

    return place


def toml_string(value: str) -> str:
    """A TOML string: a JSON one is, but for the character DEL."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
