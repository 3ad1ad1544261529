"""Findings: what is wrong with the content, as values that are collected and shown together."""

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple


class Severity(StrEnum):
    """How much a finding matters."""

    ERROR = "error"
    """Stops a publish when it concerns the show or an episode this publish adds or changes."""
    WARNING = "warning"
    """Worth mending; `--strict` stops for it."""
    HINT = "hint"
    """Good to know; never stops anything."""


ERROR, WARNING, HINT = Severity
LEFT_OUT, GUESSED = "left-out", "guessed"
TOLD = (LEFT_OUT, GUESSED)
"""Codes of hints that a publish tells, too, worst first: something of a person's file is not published, or was read on a guess."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing wrong with the content, with the place a person can edit.

    `code` names the rule (`publish explain CODE` prints its entry), `file` is relative to the show's folder with
    forward slashes ("" when no file is to blame), `line` counts from 1 (0: the file as a whole), `hint` says what to do,
    and `episode` is the slug the finding concerns ("" for the whole show).
    """

    code: str
    severity: Severity
    message: str
    file: str = ""
    line: int = 0
    hint: str = ""
    episode: str = ""

    @property
    def place(self) -> str:
        """`file:line`, as an editor takes it."""
        return f"{self.file}:{self.line}" if self.line else self.file


class Remark(NamedTuple):
    """What a person must hear of a reading that succeeded: `code` is one of TOLD, `message` says what and why."""

    code: str
    message: str


class ContentFault(Exception):  # noqa: N818  a fault of content is a value that a caller turns into a Finding
    """A reader cannot make sense of its input. Raised by pure readers; the caller knows the file and makes the Finding.

    `line` counts from 1 within the text given (0: the whole).
    """

    def __init__(self, message: str, *, code: str, line: int = 0, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.code = code
        self.line = line
        self.hint = hint

    def finding(self, file: str, *, line_offset: int = 0, episode: str = "", severity: Severity = Severity.ERROR) -> Finding:
        """Give the fault as a Finding in `file`; `line_offset` is added where the text began further down in that file."""
        line = self.line + line_offset if self.line else 0
        return Finding(code=self.code, severity=severity, message=self.message, file=file, line=line, hint=self.hint, episode=episode)
