"""How many comments a second one process takes and how long a reader waits, with the memory it needs; beside Isso where that is installed.

Run it from the top folder: python -m benchmarks.comments [--posts 2000] [--at-once 50] [--postgresql URL] [--isso PROGRAM]. Readers come from
200 networks, each asks for a nonce and then sends; Isso knows no nonce, so it is asked once. Its limits and ours are raised, both hold
what they take, both write with SQLite's full synchronisation. `--isso` is the program of its virtual environment (pip install isso==0.14.0).
"""

from __future__ import annotations

import argparse
import asyncio
import json
import re
import statistics
import subprocess
import tempfile
import time
from pathlib import Path

import httpx

from publisher.site.parts.words import words_for
from tests.support.comment_load import Answer, Commenters, Connection, Load
from tests.support.comment_service import Service
from tests.support.servers import free_ports
from tests.support.show_factory import make_show

ORIGIN = "https://small.example"
TABLES = f"""
[site.comments]
url = "{ORIGIN}/comments"
[comments]
per_hour = 1000000
least_seconds = 0
"""


class IssoReaders:
    """The same readers at Isso."""

    def text(self, number: int) -> str:
        return f"Comment {number}: the hinge, the chair and the field."

    async def post(self, connection: Connection, number: int) -> Answer:
        place = number % 200
        headers = {
            "Origin": ORIGIN,
            "X-Forwarded-For": f"10.{place // 100}.{place % 100}.{number % 250 + 1}",
            "Content-Type": "application/json",
        }
        body = {"author": f"Reader {place}", "text": self.text(number), "title": "First"}
        return await connection.ask("POST", "/new?uri=%2Ffirst", headers, json.dumps(body).encode())


def published(folder: Path) -> Path:
    """A show of one episode that is out."""
    show = make_show(folder)
    show.write("config.toml", show.config.read_text("utf-8") + TABLES)
    show.episode()
    assert show.publish("--yes").status == 0
    return show.config


def peak(process: int) -> float:
    """MB that a process held at most."""
    found = re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{process}/status").read_text())
    return int(found[1]) / 1000 if found else 0.0


def measure(name: str, url: str, post, posts: int, at_once: int, process: int) -> None:
    asyncio.run(post(Connection(url), posts + 1))  # what is made at the first
    load = Load(url, post, posts, at_once=at_once)
    took = load.run()
    statuses = {answer.status for answer in load.answers.values()}
    assert statuses <= {200, 201, 202}, statuses
    waits = sorted(answer.seconds * 1000 for answer in load.answers.values())
    p50, p99 = statistics.median(waits), waits[int(len(waits) * 0.99)]
    alone = Load(url, lambda connection, number: post(connection, number + posts + 10), 50, at_once=1)
    alone.run()
    one = statistics.median(answer.seconds * 1000 for answer in alone.answers.values())
    print(
        f"{name:<22} {posts / took:8.0f} comments/s   {p50:7.0f} ms median   {p99:7.0f} ms p99   {one:6.1f} ms alone   {peak(process):6.0f} MB"
    )


def isso(program: str, folder: Path, posts: int, at_once: int) -> None:
    (port,) = free_ports(1)
    config = folder / "isso.cfg"
    config.write_text(
        f"[general]\ndbpath = {folder}/isso.db\nhost = {ORIGIN}\nlog-file = {folder}/isso.log\n[moderation]\nenabled = true\n"
        f"[server]\nlisten = http://127.0.0.1:{port}\ntrusted-proxies = 127.0.0.1\n[guard]\nenabled = false\n"
    )
    process = subprocess.Popen([program, "-c", str(config), "run"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        url = f"http://127.0.0.1:{port}"
        end = time.monotonic() + 60
        while time.monotonic() < end:
            try:
                httpx.get(f"{url}/info")
            except httpx.TransportError:
                time.sleep(0.1)
            else:
                break
        measure("Isso, SQLite", url, IssoReaders().post, posts, at_once, process.pid)
    finally:
        process.terminate()
        process.wait(30)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--posts", type=int, default=2000)
    parser.add_argument("--at-once", type=int, default=50)
    parser.add_argument("--postgresql", default="")
    parser.add_argument("--isso", default="")
    given = parser.parse_args()
    print(f"{given.posts} comments by {given.at_once} at once")
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        config = published(folder / "show")
        databases = {"SQLite": f"sqlite:///{folder}/comments.sqlite"} | ({"PostgreSQL": given.postgresql} if given.postgresql else {})
        for name, database in databases.items():
            with Service([config], database) as service:
                commenters = Commenters(ORIGIN, words_for("en")("comment_consent"))
                measure(f"publish, {name}", service.url, commenters.post, given.posts, given.at_once, service.process.pid)
        if given.isso:
            isso(given.isso, folder, given.posts, given.at_once)


if __name__ == "__main__":
    main()
