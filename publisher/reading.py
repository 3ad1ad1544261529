"""TOML and YAML as people write them: the data, and the line of every key, so that a fault can name its place."""

from __future__ import annotations

import ast
import datetime as dt
import difflib
import inspect
import itertools
import re
import textwrap
import tomllib
from functools import cache
from typing import TYPE_CHECKING, Any, get_args

from pydantic import BaseModel, ValidationError

from feed.findings import ContentFault, Finding, Severity

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

Path = tuple[str | int, ...]
"""Where a value stands: ("show", "title"), ("chapters", 0, "start")."""

_BARE = re.compile(r"[A-Za-z0-9_-]+")


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
    if re.search(r"=\s*(True|False|TRUE|FALSE|yes|no|Yes|No)$", shown):
        return reason, "write true or false, in small letters"
    if re.match(r"[\w-]+\s*=$", shown):
        return reason, "write a value after the `=`, or delete the line"
    if re.match(r"[\w-]+\s*=\s*[^\W\d]", shown):
        return reason, 'text stands between quotes: key = "value"'
    if re.match(r"[\w-]+\s*:", shown):
        return reason, "write `key = value`; front matter with `key: value` stands between --- lines"
    return reason, ""


def toml_lines(text: str) -> dict[Path, int]:
    """The line of every key and table header of a valid TOML text (tomllib itself gives no positions)."""
    lines: dict[Path, int] = {}
    arrays: dict[Path, int] = {}
    scanner = _Scanner(text)
    table: Path = ()
    while scanner.skip_blank():
        line = scanner.line
        if scanner.text.startswith("[[", scanner.at):
            scanner.at += 2
            table = _resolve(scanner.key(), arrays)
            arrays[table] = arrays.get(table, -1) + 1
            lines.setdefault(table, line)
            table = (*table, arrays[table])
            scanner.at += 2
        elif scanner.text[scanner.at] == "[":
            scanner.at += 1
            table = _resolve(scanner.key(), arrays)
            scanner.at += 1
        else:
            key: Path = (*table, *scanner.key())
            _note(lines, key, line)
            scanner.at += 1  # the equals sign
            scanner.value(key, lines)
            continue
        _note(lines, table, line)
    return lines


def _note(lines: dict[Path, int], path: Path, line: int) -> None:
    """`path` stands on this line, and the tables around it begin here unless they did before."""
    for depth in range(1, len(path)):
        lines.setdefault(path[:depth], line)
    lines[path] = line


def _resolve(key: Path, arrays: Mapping[Path, int]) -> Path:
    """A header's path with the index of each array of tables it runs through."""
    path: Path = ()
    for depth, part in enumerate(key):
        path = (*path, part)
        if path in arrays and depth < len(key) - 1:
            path = (*path, arrays[path])
    return path


class _Scanner:
    """Walks a TOML text that tomllib has accepted; so it may trust its shape."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self._counted = 0
        self._line = 1

    @property
    def line(self) -> int:
        self._line += self.text.count("\n", self._counted, self.at)
        self._counted = self.at
        return self._line

    def skip_blank(self) -> bool:
        """Past white space and comments; False at the end."""
        while self.at < len(self.text):
            character = self.text[self.at]
            if character == "#":
                end = self.text.find("\n", self.at)
                self.at = len(self.text) if end < 0 else end
            elif character in " \t\r\n":
                self.at += 1
            else:
                return True
        return False

    def key(self) -> Path:
        """A dotted key; stops before `=` or `]`."""
        parts: list[str | int] = []
        while True:
            self._spaces()
            quote = self.text[self.at]
            if quote in "\"'":
                start = self.at
                self._string()
                parts.append(tomllib.loads(f"key = {self.text[start : self.at]}")["key"])  # its escapes
            else:
                found = _BARE.match(self.text, self.at)
                if found is None:
                    return tuple(parts)
                parts.append(found[0])
                self.at = found.end()
            self._spaces()
            if self.text[self.at : self.at + 1] != ".":
                return tuple(parts)
            self.at += 1

    def value(self, path: Path, lines: dict[Path, int]) -> None:
        """Past one value, noting the lines of what is inside."""
        self._spaces()
        character = self.text[self.at]
        if character in "\"'":
            self._string()
        elif character == "[":
            self.at += 1
            index = 0
            while self.skip_blank() and self.text[self.at] != "]":
                lines[(*path, index)] = self.line
                self.value((*path, index), lines)
                index += 1
                self.skip_blank()
                if self.text[self.at] == ",":
                    self.at += 1
            self.at += 1
        elif character == "{":
            self.at += 1
            while self.skip_blank() and self.text[self.at] != "}":
                key = (*path, *self.key())
                _note(lines, key, self.line)
                self.at += 1
                self.value(key, lines)
                self.skip_blank()
                if self.text[self.at] == ",":
                    self.at += 1
            self.at += 1
        else:
            while self.at < len(self.text) and self.text[self.at] not in ",]}#\n":
                self.at += 1

    def _spaces(self) -> None:
        while self.text[self.at : self.at + 1] in (" ", "\t"):
            self.at += 1

    def _string(self) -> None:
        quote = self.text[self.at]
        long = self.text.startswith(quote * 3, self.at)
        fence = quote * 3 if long else quote
        start = self.at + len(fence)
        end = start
        while not self.text.startswith(fence, end):
            end += 2 if quote == '"' and self.text[end] == "\\" else 1
        while long and self.text[end + 3 : end + 4] == quote:  # a string may end in up to two quotes of its own
            end += 1
        self.at = end + len(fence)


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
        hint = "text with a colon stands between quotes" if error.problem and "mapping values" in error.problem else ""
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
                return dt.date.fromisoformat(text) if len(text) == 10 else dt.datetime.fromisoformat(text.strip())
    except ValueError:
        return text
    return text


def line_of(lines: Mapping[Path, int], path: Sequence[str | int]) -> int:
    """The line of a key, or of the nearest table around it; 0 when nothing is known."""
    for depth in range(len(path), 0, -1):
        if tuple(path[:depth]) in lines:
            return lines[tuple(path[:depth])]
    return 0


def faults(error: ValidationError, model: type[BaseModel], lines: Mapping[Path, int], place: Callable[..., Finding]) -> list[Finding]:
    """A validation error as one Finding per fault, in words for people.

    `place(code, message, line, hint)` makes the Finding, so that the caller adds file, offset and episode.
    """
    findings = []
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
            hint = known.get(str(path[-1]), "") if path else ""
        findings.append(place(code, message, line_of(lines, path) or 1, hint))
    return list(dict.fromkeys(findings))


def _is_branch(part: str) -> bool:
    """pydantic names the branch of a union in the path (`datetime`, `str`); people do not write it."""
    return part in {"datetime", "date", "str", "float", "int", "bool", "function-before", "none"} or part.startswith(("function-", "constrained-", "lax-or-"))


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
    close = difflib.get_close_matches(key, known, n=1, cutoff=0.6)
    if close:
        return f"did you mean `{close[0]}`?"
    return f"known here: {', '.join(sorted(known))}" if len(known) <= 12 else f"docs/reference/{'episode' if 'draft' in known else 'config'}.md lists every key"


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
    waiting = [model]
    while waiting:
        current = waiting.pop()
        if current.__name__ not in found:
            found[current.__name__] = current
            inner = (_model_in(field.annotation) for field in current.model_fields.values())
            waiting += [item.model if isinstance(item, _AnyKey) else item for item in inner if item is not None]
    return found


def _inner(current: Any, part: str) -> Any:
    """The model behind one key: through Optional, tuples and dictionaries."""
    if isinstance(current, dict):
        return current.get(part)
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


class _AnyKey(dict[str, Any]):
    """A dictionary of tables (`[people.<id>]`): any key leads to the same model."""

    def __init__(self, model: Any) -> None:
        super().__init__()
        self.model = model

    def get(self, _key: str, _default: Any = None) -> Any:
        return self.model


def _complaint(fault: Any) -> str:
    kind, context, given = fault["type"], fault.get("ctx", {}), fault.get("input")
    shown = f", not {given!r}" if isinstance(given, (str, int, float, bool)) and len(str(given)) < 60 else ""
    words = {
        "string_type": f"must be text between quotes{shown}",
        "string_too_short": "must not be empty",
        "bool_type": f"must be true or false{shown}",
        "bool_parsing": f"must be true or false{shown}",
        "int_type": f"must be a whole number{shown}",
        "int_parsing": f"must be a whole number{shown}",
        "int_from_float": f"must be a whole number{shown}",
        "float_type": f"must be a number{shown}",
        "float_parsing": f"must be a number{shown}",
        "tuple_type": f"must be a list: [ … ]{shown}",
        "list_type": f"must be a list: [ … ]{shown}",
        "dict_type": f"must be a table{shown}",
        "model_type": f"must be a table{shown}",
        "model_attributes_type": f"must be a table{shown}",
    }
    if kind in words:
        return words[kind]
    if kind == "literal_error":
        return f"must be {context.get('expected', '')}{shown}"
    if kind == "greater_than_equal":
        return f"must be at least {context['ge']:g}{shown}"
    if kind == "greater_than":
        return f"must be more than {context['gt']:g}{shown}"
    if kind == "less_than_equal":
        return f"must be at most {context['le']:g}{shown}"
    if kind.startswith(("datetime", "date")):
        return f"must be a date like 2026-05-21T06:00:00+02:00{shown}"
    if kind.startswith("time"):
        return f"must be a time of day like 06:00:00{shown}"
    if kind == "value_error":
        return f"{context.get('error', fault['msg'])}{shown}"
    message = str(fault["msg"])
    return message[:1].lower() + message[1:]


def error_at(file: str, *, offset: int = 0, episode: str = "", severity: Severity = Severity.ERROR) -> Callable[..., Finding]:
    """The maker of findings for one file, as `faults` wants it. `offset` is added to every known line."""

    def place(code: str, message: str, line: int = 0, hint: str = "") -> Finding:
        return Finding(
            code=code, severity=severity, message=message, file=file, line=line + offset if line else 0, hint=hint, episode=episode
        )

    return place
