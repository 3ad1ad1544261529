"""What this machine knows of its person, as an offer to somebody who is asked: time zone and language."""

from __future__ import annotations

import os
from pathlib import Path
from zoneinfo import ZoneInfo

LOCALTIME = Path("/etc/localtime")


def time_zone() -> str:
    """The name of the machine's time zone; UTC where it tells none."""
    named = os.environ.get("TZ", "").lstrip(":")
    try:
        linked = LOCALTIME.resolve().as_posix().partition("zoneinfo/")[2]
    except OSError:
        linked = ""
    for name in (named, linked.removeprefix("posix/"), "UTC"):
        try:
            return ZoneInfo(name).key
        except (ValueError, OSError, KeyError):  # an unknown name is a KeyError, "" a ValueError
            continue
    return "UTC"


def language() -> str:
    """The language of the machine's locale, with Brazil's region, which tells two languages apart; "en" where it says none."""
    found = next((value for name in ("LC_ALL", "LC_MESSAGES", "LANG") if (value := os.environ.get(name))), "")
    code, _, region = found.partition(".")[0].partition("@")[0].partition("_")
    if (code, region) == ("pt", "BR"):
        return "pt-br"
    return code if len(code) == 2 and code.isascii() and code.islower() else "en"
