"""What `publish check` costs, by the whole command: the first time, again, and after one episode changed.

    python -m benchmarks.checks [EPISODES [CUES]]

The first time, recordings are measured, the loudness of the newest twenty by ffmpeg, and every text is read. The second table is the rules
alone, on feeds of growing length.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.big_show import make_show
from benchmarks.programs import publish_command
from feed.reader import read_feed
from feed.rules import check_feed
from tests.support import ROOT
from tests.support.clean_feed import feed


def check(show: Path, name: str) -> float:
    """Processor seconds of one `publish check`, printed with wall time and memory."""
    command = [*publish_command(), "check", "--json"]
    began = time.perf_counter()
    process = subprocess.Popen(
        command,
        cwd=show,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    seconds = used.ru_utime + used.ru_stime
    print(
        f"  {name:28} {seconds:6.1f} s of processor, {time.perf_counter() - began:6.1f} s in all, "
        f"{used.ru_maxrss / 1024:5.0f} MB, exit status {process.returncode}"
    )
    return seconds


def commands(episodes: int, cues: int) -> None:
    """Cold, warm, after an edit of the config that concerns no transcript, and with one changed episode, on a show whose feed holds the
    newest 500.
    """
    folder = Path(tempfile.mkdtemp(prefix="airdate-checks-"))
    show = folder / "show"
    try:
        make_show(show, episodes, cues=cues, extra="[feed]\nlimit = 500")
        print(f"publish check, {episodes} episodes of {cues} cues:")
        cold = check(show, "the first time")
        warm = check(show, "again")
        config = show / "config.toml"
        config.write_text(config.read_text().replace("[site]\n", '[site]\nfooter = "All of it."\n'))
        edited = check(show, "after an edit of the config")
        text = next((show / "episodes").iterdir()) / "episode.md"
        text.write_text(text.read_text() + "\nOne line more.\n")
        one = check(show, "after one line")
        print(
            f"  again / first: {warm / cold:.3f}, after the config / first: {edited / cold:.3f}, after one line / first: {one / cold:.3f}"
        )
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def feed_of(count: int) -> bytes:
    """A feed of `count` items."""
    head, _, rest = feed().partition("<item>")
    body = "<item>" + rest.partition("</item>")[0] + "</item>"
    items = [body.replace("episode-2", f"episode-{n}").replace("000000000002", f"{n:012}") for n in range(count)]
    return (head + "".join(items) + "</channel></rss>").encode()


def rules() -> None:
    """How the cost of checking a feed grows with its episodes."""
    base = None
    for count in (100, 1_000, 10_000):
        data = feed_of(count)
        started = time.process_time()
        document = read_feed(data)
        read = time.process_time() - started
        found = check_feed(document, now=datetime(2026, 3, 4, tzinfo=UTC))
        checked = time.process_time() - started - read
        base = base or (read + checked) / count
        print(
            f"{count:6} episodes, {len(data) / 1e6:5.1f} MB: read {read:.2f} s, {sum(1 for _ in found)} findings in {checked:.2f} s, "
            f"{(read + checked) / count / base:.2f} x the cost per episode of 100"
        )


if __name__ == "__main__":
    commands(int(sys.argv[1]) if len(sys.argv) > 1 else 2_000, int(sys.argv[2]) if len(sys.argv) > 2 else 60)
    rules()
