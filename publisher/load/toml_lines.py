"""The line of every key of a TOML text, so that a fault can name its place; tomllib gives none."""

from __future__ import annotations

import re
import tomllib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

Path = tuple[str | int, ...]
"""Where a value stands: ("show", "title"), ("chapters", 0, "start")."""

_BARE = re.compile(r"[A-Za-z0-9_-]+")
_BLANK = re.compile(r"(?:[ \t\r\n]+|#[^\n]*)*")
_SPACES = re.compile(r"[ \t]*")
_PLAIN = re.compile(r"[^,\]}#\n]*")
_STRING = re.compile(r""""{3}(?:\\.|[^\\])*?"{3,5}|'{3}.*?'{3,5}|"(?:\\.|[^"\\])*"|'[^']*'""", re.DOTALL)
"""A text, the longer forms first: one of those may end in up to two quotes of its own."""


def toml_lines(text: str) -> dict[Path, int]:
    """The line of every key and table header of a valid TOML text (tomllib itself gives no positions)."""
    lines: dict[Path, int] = {}
    arrays: dict[Path, int] = {}
    scanner = _KeyScanner(text)
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


class _KeyScanner:
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
        self._past(_BLANK)
        return self.at < len(self.text)

    def key(self) -> Path:
        """A dotted key; stops before `=` or `]`."""
        parts: list[str | int] = []
        while True:
            self._past(_SPACES)
            if quoted := self._past(_STRING):
                parts.append(tomllib.loads(f"key = {quoted}")["key"])  # its escapes
            elif bare := self._past(_BARE):
                parts.append(bare)
            else:
                return tuple(parts)
            self._past(_SPACES)
            if self.text[self.at : self.at + 1] != ".":
                return tuple(parts)
            self.at += 1

    def value(self, path: Path, lines: dict[Path, int]) -> None:
        """Past one value, noting the lines of what is inside."""
        self._past(_SPACES)
        opening = self.text[self.at]
        if opening not in "[{":
            self._past(_STRING if opening in "\"'" else _PLAIN)
            return
        self.at += 1
        index = 0
        while self.skip_blank() and self.text[self.at] not in "]}":
            if opening == "[":
                inner: Path = (*path, index)
                lines[inner] = self.line
                index += 1
            else:
                inner = (*path, *self.key())
                _note(lines, inner, self.line)
                self.at += 1  # the equals sign
            self.value(inner, lines)
            self.skip_blank()
            if self.text[self.at] == ",":
                self.at += 1
        self.at += 1

    def _past(self, pattern: re.Pattern[str]) -> str:
        """Past what the pattern fits, which may be nothing; the text of it."""
        found = pattern.match(self.text, self.at)
        if found is None:
            return ""
        self.at = found.end()
        return found[0]
