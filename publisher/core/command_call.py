"""What was written on the command line: the options that every command takes, as the value that every command gets."""

from __future__ import annotations

import datetime as dt
import time
from dataclasses import dataclass, field
from functools import cached_property, wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec

import click

from publisher.core.errors import FORCES, PlanRefused, UsageError, refused_here

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from publisher.core.console import Console
    from publisher.core.json_results import Result

P = ParamSpec("P")


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What the command line says. `now` is read once there."""

    now: dt.datetime
    read_at: float = field(default_factory=time.time)
    """The seconds of this machine's clock when `now` was read, which may be another time (`--now`)."""
    yes: bool = False
    strict: bool = False
    skip_faulty: bool = False
    verify: bool = True
    dry_run: bool = False
    markdown: bool = False
    repair: bool = False
    announce: bool = True
    """Whether hubs are told, and new episodes posted."""
    forces: frozenset[str] = frozenset()
    wait: float = 0.0
    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()


@dataclass(kw_only=True)
class Call:
    """The options that every command takes, gathered over both levels (`publish -v status --json`), and what is made of them."""

    config: Path | None = None
    yes: bool = False
    as_json: bool = False
    verbose: bool = False
    quiet: bool = False
    no_color: bool = False
    strict: bool = False
    skip_faulty: bool = False
    time: str = ""
    no_verify: bool = False
    forces: tuple[str, ...] = ()
    wait: str = ""
    for_github: bool = False
    _read_at: float = 0.0

    def add(self, given: Mapping[str, object]) -> None:
        """Take the options of one level; a later level adds to an earlier one."""
        for name, value in given.items():
            if isinstance(value, tuple):
                self.forces = (*self.forces, *value)
            elif value:
                setattr(self, name, value)

    @cached_property
    def console(self) -> Console:
        """Where results and messages go."""
        from publisher.core.console import Console

        return Console(quiet=self.quiet, verbose=self.verbose, as_json=self.as_json, color=False if self.no_color else None)

    @cached_property
    def now(self) -> dt.datetime:
        """The time, read once, here and nowhere else."""
        self._read_at = time.time()
        return parse_moment(self.time) if self.time else dt.datetime.now(dt.UTC)

    @property
    def config_path(self) -> Path:
        """Where the show's config lies: as named, else in the folder where the command was given, or in the show's folder around it."""
        return self.config or _config_around(Path())

    def result(self, result: Result) -> None:
        """The command's document, when it was asked for."""
        if self.as_json:
            from publisher.core.json_results import document_of

            self.console.json(document_of(result))

    def confirm(self, question: str, *, default: bool = True) -> bool:
        """Ask a person; with --yes it is meant. `default` is what Enter alone says; where nobody can be asked, a question that Enter
        answers with yes is meant, too, and any other is refused: PlanRefused needs-yes.
        """
        if self.yes or (default and not self.console.interactive):
            return True
        if not self.console.interactive:
            raise PlanRefused(
                "nothing was changed: nobody is here to say yes", cause=question, hint="the same command with --yes", code="needs-yes"
            )
        from publisher.core.console import harmless

        return click.confirm(harmless(question), default=default, err=True)

    def options(
        self,
        *,
        dry_run: bool = False,
        markdown: bool = False,
        repair: bool = False,
        announce: bool = True,
        select: tuple[str, ...] = (),
        ignore: tuple[str, ...] = (),
    ) -> Options:
        """What the line from folder to feed needs to know of it."""
        return Options(
            now=self.now,
            read_at=self._read_at,
            yes=self.yes,
            strict=self.strict,
            skip_faulty=self.skip_faulty,
            verify=not self.no_verify,
            dry_run=dry_run,
            markdown=markdown,
            repair=repair,
            announce=announce,
            forces=_known_forces(self.forces),
            wait=parse_duration(self.wait) if self.wait else 0.0,
            select=select,
            ignore=ignore,
        )


COMMON = (
    click.option("-c", "--config", type=click.Path(path_type=Path, readable=False), help="The show's config (default: ./config.toml)."),
    click.option("-y", "--yes", is_flag=True, help="Ask nothing."),
    click.option("--json", "as_json", is_flag=True, help="One JSON document on stdout; all else on stderr."),
    click.option("-v", "--verbose", is_flag=True, help="Say more."),
    click.option("-q", "--quiet", is_flag=True, help="Say only what went wrong."),
    click.option("--no-color", is_flag=True, help="No colours (also NO_COLOR)."),
    click.option("--strict", is_flag=True, help="Warnings stop, too."),
    click.option("--skip-faulty", is_flag=True, help="Hold faulty episodes back, publish the others, and end with 7."),
    click.option("--now", "time", metavar="TIME", help="Act as if it were this time (ISO 8601 with offset)."),
    click.option("--no-verify", is_flag=True, help="Do not look at the result from outside."),
    click.option("--force", "forces", multiple=True, metavar="NAME", help="Do what the plan refuses, as its message says."),
    click.option("--wait", metavar="DURATION", help="Wait up to this long for another publish to finish: 30s, 5m."),
)
_NAMES = frozenset(Call.__dataclass_fields__)


SEVERAL = (
    click.option(
        "-c",
        "--config",
        "configs",
        multiple=True,
        type=click.Path(path_type=Path, readable=False),
        help="A show's config; once for each show.",
    ),
    *COMMON[1:],
)
"""The same for a command that takes several shows at once: it gets `configs` beside the Call."""


def common(function: Callable[Concatenate[Call, P], None], options: Sequence[Callable[..., Any]] = COMMON) -> Callable[..., None]:
    """The options that every command takes, before or after its name; the command gets them as a Call, then its own."""

    @wraps(function)
    def command(*args: P.args, **given: P.kwargs) -> None:
        call = click.get_current_context().ensure_object(Call)
        call.add({name: given.pop(name) for name in _NAMES & given.keys()})
        try:
            function(call, *args, **given)
        except BrokenPipeError as error:  # of another program: our own streams fall silent, and click takes it for the end of help
            raise refused_here(error) from error

    for option in reversed(options):
        command = option(command)
    return command


def _config_around(here: Path) -> Path:
    """config.toml in this folder; else in the nearest one above that has `episodes/` beside it, as a show has."""
    name = Path("config.toml")
    if name.exists():
        return name
    above = here.absolute().parents
    levels = (depth for depth, folder in enumerate(above, 1) if (folder / name).is_file() and (folder / "episodes").is_dir())
    depth = next(levels, 0)
    return Path(*[".."] * depth) / name


def _known_forces(names: tuple[str, ...]) -> frozenset[str]:
    """What was written after `--force`. Raises UsageError for a name that no refusal has: a slip would otherwise do nothing."""
    for name in names:
        known, _, slug = name.partition("=")
        if known not in FORCES or (slug and known not in ("guid", "host", "older", "remove")) or name.endswith("="):
            raise UsageError(f"`--force {name}`: there is no such refusal", hint=f"known: {', '.join(FORCES)}", code="usage")
    return frozenset(names)


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
