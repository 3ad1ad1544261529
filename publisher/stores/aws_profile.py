"""A profile of ~/.aws, read as the AWS tools read it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

FILES = (("AWS_CONFIG_FILE", "~/.aws/config"), ("AWS_SHARED_CREDENTIALS_FILE", "~/.aws/credentials"))


def usable_profile(name: str, environment: Mapping[str, str]) -> str:
    """The profile to sign with: `name`, or "" where this machine does not have it and the environment brings keys, as a CI's does."""
    brought = all(environment.get(half, "").strip() for half in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"))
    if name and (brought or environment.get("AWS_WEB_IDENTITY_TOKEN_FILE")) and read_profile(name, environment) is None:
        return ""
    return name


def read_profile(name: str, environment: Mapping[str, str]) -> dict[str, str] | None:
    """What the two files say of the profile, the one in use where `name` is empty. None where they cannot be read or do not know it."""
    wanted = name or environment.get("AWS_PROFILE") or environment.get("AWS_DEFAULT_PROFILE") or "default"
    found: dict[str, str] | None = {} if wanted == "default" else None
    for variable, usual in FILES:
        path = Path(environment.get(variable) or usual).expanduser()
        if not path.is_file():
            continue
        from configparser import Error, RawConfigParser

        file = RawConfigParser(default_section="")
        try:
            file.read_string(path.read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError, Error):
            return None
        for section in file.sections():
            if section.removeprefix("profile ").strip().strip("\"'") == wanted:
                found = {**(found or {}), **file[section]}
    return found
