"""The service for comments as a process of its own, and what a reader's browser asks of it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Self

import httpx

from publisher.site.parts.words import words_for
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
        self.process.stdout.close()


def send_comment(service: str, site: str, text: str, **fields: str) -> dict[str, Any]:
    """What the form on the page of an episode sends, `first` where no other is named: taken with a nonce of its own, once it may be."""
    fields = {"episode": "first", "name": "Tilda", "text": text, "consent": words_for("en")("comment_consent"), "website": ""} | fields
    headers = {"Origin": "/".join(site.split("/")[:3]), "Accept": "application/json"}
    with httpx.Client(base_url=service, headers=headers, timeout=60) as client:
        given = client.get("/nonce", params={"episode": fields["episode"]}).raise_for_status().json()
        time.sleep(given["wait"])
        answer = client.post("/comments", data=fields | {"nonce": given["nonce"]})
    assert answer.status_code in (200, 201, 202), answer.text
    return answer.json()
