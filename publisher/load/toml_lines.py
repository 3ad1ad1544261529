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
