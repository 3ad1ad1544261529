"""Somebody at a shell who types what a page says, in a home of their own."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx

from tests.support import ROOT

if TYPE_CHECKING:
    from collections.abc import Mapping


def bare(line: str) -> str:
    """A command without the comment behind it."""
    return re.sub(r"(?:^|\s+)#.*", "", line)


def commands(block: str) -> list[str]:
    """The commands of a ```sh block: one a line, or a line that goes on behind a backslash."""
    return [line for line in map(bare, block.replace("\\\n", " ").splitlines()) if line]


class Reader:
    """The home, the folder they are in, and what they type."""

    def __init__(self, home: Path, environment: Mapping[str, str] | None = None) -> None:
        home.mkdir()
        self.home = self.folder = home
        self.address = ""
        self.elsewhere: Any = None  # the accounts of a page that speaks of some
        self._serving: list[subprocess.Popen[str]] = []
        programs = f"{Path(sys.executable).parent}:/usr/bin:/bin"
        self.environment = {"HOME": str(home), "PATH": programs, "PYTHONPATH": str(ROOT), "LANG": "C.UTF-8", **(environment or {})}

    def type(self, line: str, status: int = 0) -> str:
        """Run one line, which must end with `status`; what it says."""
        done = subprocess.run(
            ["bash", "-c", f"trap 'pwd >&2' EXIT\n{line}"],
            cwd=self.folder,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == status, f"{line}\n{done.stdout}{done.stderr}"
        self.folder = Path(done.stderr.splitlines()[-1])
        return done.stdout + done.stderr

    def serve(self, line: str) -> str:
        """Run a service, on any port that is free, until `leave`; its address."""
        process = subprocess.Popen(
            ["bash", "-c", f"exec {line} --port 0"],
            cwd=self.folder,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self._serving.append(process)
        limit = threading.Timer(60, process.kill)
        limit.start()
        address = next((found[0] for said in process.stdout or () if (found := re.search(r"http://\S+", said))), None)
        limit.cancel()
        assert address, "it ended without a word about its address"
        return address

    def leave(self) -> None:
        """End what was left running, with Ctrl-C."""
        for process in self._serving:
            process.send_signal(signal.SIGINT)
            process.communicate(timeout=30)
        self._serving.clear()

    def look(self, line: str) -> str:
        """Run a preview, on any port that is free, until its first page is there; end it with Ctrl-C."""
        with subprocess.Popen(
            ["bash", "-c", f"exec {line} --port 0"],
            cwd=self.folder,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        ) as process:
            limit = threading.Timer(60, process.kill)
            limit.start()
            try:
                address = next((found[0] for said in process.stdout if (found := re.search(r"http://\S+", said))), None)
                assert address, "it ended without a word about its address"
                page = httpx.get(address, timeout=30, follow_redirects=True).raise_for_status().text
            finally:
                limit.cancel()
                process.send_signal(signal.SIGINT)
                process.communicate(timeout=30)
        return page
