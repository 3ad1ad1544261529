"""The service for comments as a process of its own, and what a reader's browser asks of it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Self

from tests.support.show_factory import ROOT

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


@dataclass
class Service:
    """`publish comments serve` on a free port; it lasts until `stop` or `kill`, and `start` begins again at the same port."""

    configs: list[Path]
    database: str
    port: int = 0
    environment: Mapping[str, str] = field(default_factory=dict)
    process: subprocess.Popen[str] | None = None
    url: str = ""

    def start(self) -> Service:
        """Wait until it answers."""
        named = [word for path in self.configs for word in ("-c", str(path))]
        arguments = ["comments", "serve", "--json", "--port", str(self.port), "--database", self.database, *named]
        self.process = subprocess.Popen(
            [sys.executable, "-m", "publisher.cli", *arguments],
            cwd=ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True, env=os.environ | dict(self.environment),
        )  # fmt: skip
        said = ""
        while not said.endswith("}\n") or said.count("{") != said.count("}"):
            line = self.process.stdout.readline()
            if not line:
                raise RuntimeError(f"the service ended with {self.process.wait()}: {said}")
            said += line
        self.url = json.loads(said)["url"].rstrip("/")
        self.port = int(self.url.rpartition(":")[2])
        return self

    def end(self, number: signal.Signals) -> int:
        """End it, and give its exit status."""
        os.kill(self.process.pid, number)
        status = self.process.wait(30)
        self.process.stdout.close()
        return status

    def kill(self) -> None:
        """As a power cut does."""
        self.end(signal.SIGKILL)

    def stop(self) -> int:
        """As systemd does."""
        return self.end(signal.SIGTERM)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        if self.process is not None and self.process.poll() is None:
            self.stop()
