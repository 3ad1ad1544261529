"""`config.toml` read: its tables, and the line of every key."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pydantic import ValidationError

from feed.findings import ContentFault, Finding
from publisher.core import show_files
from publisher.core.errors import ContentError
from publisher.load.config_cross_checks import disagreements
from publisher.load.config_tables import Config
from publisher.load.toml_and_yaml import decoded, error_at, line_of, read_toml
from publisher.load.validation_messages import faults

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfigFile:
    """A config that was read, with the place of every key."""

    path: Path
    config: Config
    lines: Mapping[tuple[str | int, ...], int]
    raw: bytes = field(default=b"", repr=False)

    @property
    def folder(self) -> Path:
        """The show's folder."""
        return self.path.parent

    @property
    def libraries(self) -> tuple[Path, ...]:
        """The folders that recordings may be linked from."""
        return tuple(self.folder / name for name in self.config.load.linked)

    def line(self, *path: str | int) -> int:
        """The line of a key (0 when it is not written)."""
        return line_of(self.lines, path)


def read_config(path: Path) -> ConfigFile:
    """Read `config.toml`, or the one in the folder `path`. Raises ContentError with every fault in it."""
    try:
        if path.is_dir():
            path = path / "config.toml"
        raw = show_files.read(path, path.parent)
    except show_files.Refused as fault:
        raise ContentError(f"the config cannot be read: {path.name} {fault.reason}", hint=fault.hint, code="config-unreadable") from fault
    except FileNotFoundError as error:
        raise ContentError(
            f"there is no config here: {path}",
            cause=f"looked in {path.parent.resolve()}",
            hint="start a show with `publish init FOLDER`, or name its config with --config FILE",
            code="config-missing",
        ) from error
    except (OSError, ValueError) as error:
        cause = getattr(error, "strerror", None) or str(error)
        hint = "may your user read it? ls -l shows it"
        raise ContentError(f"the config cannot be read: {path}", cause=cause, hint=hint, code="config-unreadable") from error
    return parse_config(path, raw)


def parse_config(path: Path, raw: bytes) -> ConfigFile:
    """The config whose bytes are `raw`. Raises ContentError with every fault in it."""
    name = path.name
    findings: list[Finding] = []
    place = error_at(name)
    lines: dict[tuple[str | int, ...], int] = {}
    config: Config | None = None
    try:
        data, lines = read_toml(decoded(raw))
        config = Config.model_validate(data)
    except ContentFault as fault:
        findings.append(fault.finding(name))
    except ValidationError as error:
        findings += faults(error, Config, lines, place)
    else:
        findings += [place(fault.code, fault.message, line_of(lines, fault.key), fault.hint) for fault in disagreements(config)]
    if findings or config is None:
        raise ContentError("the config is not valid", findings, code="config-invalid")
    return ConfigFile(path=path, config=config, lines=lines, raw=raw)
