"""The programs that ours is compared with, themselves: what PyPI puts on the path for some of them starts a Python first."""

from __future__ import annotations

import compileall
import importlib.util
import os
import sys
from functools import cache
from pathlib import Path

from tests.support import ROOT, servers

WITHIN = {"s5cmd": "bin/s5cmd", "hugo": "binaries/hugo"}
"""Where their packages keep the program."""


def find_program(name: str) -> str | None:
    """The program inside its package, else the one on the path; None where there is none."""
    if name in WITHIN:
        found = importlib.util.find_spec(name)
        for folder in found.submodule_search_locations or () if found else ():
            if (program := Path(folder) / WITHIN[name]).is_file():
                return str(program)
    return servers.find_program(name)


@cache
def publish_command() -> list[str]:
    """Ours as it is installed: the script beside this Python, else the module; its modules are compiled, as pip does it."""
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    for folder in ("feed", "publisher"):
        compileall.compile_dir(ROOT / folder, quiet=2)
    script = Path(sys.executable).with_name("publish")
    return [sys.executable, str(script)] if script.is_file() else [sys.executable, "-m", "publisher.cli"]
