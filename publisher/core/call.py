"""What was said on the command line: one value that every command gets, and the options that all of them take."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from publisher.core.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

    from publisher.core.console import Console
    from publisher.core.options import Options

COMMON: tuple[tuple[tuple[str, ...], dict[str, Any]], ...] = (
    (("-c", "--config"), {"type": click.Path(path_type=Path, readable=False), "help": "The show's config (default: ./config.toml)."}),
    (("-y", "--yes"), {"is_flag": True, "help": "Ask nothing."}),
    (("--json", "as_json"), {"is_flag": True, "help": "One JSON document on stdout; all else on stderr."}),
    (("-v", "--verbose"), {"is_flag": True, "help": "Say more."}),
    (("-q", "--quiet"), {"is_flag": True, "help": "Say only what went wrong."}),
    (("--no-color",), {"is_flag": True, "help": "No colours (also NO_COLOR)."}),
    (("--strict",), {"is_flag": True, "help": "Warnings stop, too."}),
    (("--now",), {"metavar": "TIME", "help": "Act as if it were this time (ISO 8601 with offset)."}),
    (("--no-verify",), {"is_flag": True, "help": "Do not look at the result from outside."}),
    (("--force", "force"), {"multiple": True, "metavar": "NAME", "help": "Do what the plan refuses, as its message says."}),
    (("--wait",), {"metavar": "DURATION", "help": "Wait up to this long for another publish to finish: 30s, 5m."}),
)


def common(function: Callable[..., Any]) -> Callable[..., Any]:
    """The options that every command takes, before or after its name."""
    for names, settings in reversed(COMMON):
        function = click.option(*names, **settings)(function)
    return function


class Call:
    """What was said on the command line, over all levels; what the commands share."""

    def __init__(self) -> None:
        self._said: dict[str, Any] = {}

    def hear(self, **said: Any) -> None:
        """Options of one level; a later level adds to an earlier one."""
        for name, value in said.items():
            if value not in (None, False, ()):
                self._said[name] = (*self._said.get(name, ()), *value) if name == "force" else value

    def __getitem__(self, name: str) -> Any:
        return self._said.get(name)

    @property
    def console(self) -> Console:
        """Made once."""
        from publisher.core.console import Console

        if "console" not in self._said:
            color = False if self["no_color"] else None
            self._said["console"] = Console(
                quiet=bool(self["quiet"]), verbose=bool(self["verbose"]), as_json=bool(self["as_json"]), color=color
            )
        console: Console = self._said["console"]
        return console

    @property
    def now(self) -> dt.datetime:
        """The time, read once, here and nowhere else."""
        if "clock" not in self._said:
            self._said["clock"] = parse_moment(self["now"]) if self["now"] else dt.datetime.now(dt.UTC)
        clock: dt.datetime = self._said["clock"]
        return clock

    @property
    def config_path(self) -> Path:
        """Where the show's config lies: as named, else in the folder where the command was given."""
        return self["config"] or Path("config.toml")

    def result(self, document: dict[str, Any]) -> None:
        """The command's document, when it was asked for."""
        if self["as_json"]:
            self.console.data(document)

    def confirm(self, question: str) -> bool:
        """Ask a person; without one, or with --yes, it is meant."""
        if self["yes"] or not self.console.interactive:
            return True
        return click.confirm(question, default=True, err=True)

    def options(self, **more: Any) -> Options:
        """For the pipeline."""
        from publisher.core.options import Options

        return Options(
            now=self.now,
            yes=bool(self["yes"]),
            strict=bool(self["strict"]),
            verify=not self["no_verify"],
            forces=frozenset(self["force"] or ()),
            wait=parse_duration(self["wait"]) if self["wait"] else 0.0,
            **more,
        )


pass_call = click.make_pass_decorator(Call, ensure=True)


def parse_moment(text: str) -> dt.datetime:
    """`2026-05-21T06:00:00+02:00`. Raises UsageError."""
    try:
        moment = dt.datetime.fromisoformat(text)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise UsageError(f"not a time: {text}", hint="write it with its offset: 2026-05-21T06:00:00+02:00", code="usage")
    return moment


def parse_duration(text: str) -> float:
    """Seconds of `90`, `30s`, `5m`, `26h`, `2d`. Raises UsageError."""
    units = {"s": 1, "m": 60, "h": 3600, "d": 86400}
    number, unit = (text[:-1], text[-1]) if text and text[-1] in units else (text, "s")
    try:
        seconds = float(number) * units[unit]
    except ValueError:
        seconds = -1
    if not 0 <= seconds < 1e9:
        raise UsageError(f"not a duration: {text}", hint="write it like 30s, 5m or 26h", code="usage")
    return seconds
