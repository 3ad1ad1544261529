"""How the cost of checking a feed grows with its episodes: python -m benchmarks.checks"""

from __future__ import annotations

import importlib.util
import time
from datetime import UTC, datetime
from pathlib import Path

from feed.reader import read_feed
from feed.rules import check_feed

SPEC = importlib.util.spec_from_file_location("samples", Path(__file__).resolve().parent.parent / "tests/rules/conftest.py")
SAMPLES = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(SAMPLES)


def feed_of(count: int) -> bytes:
    head, _, rest = SAMPLES.feed().partition("<item>")
    body = "<item>" + rest.partition("</item>")[0] + "</item>"
    items = [body.replace("episode-2", f"episode-{n}").replace("000000000002", f"{n:012}") for n in range(count)]
    return (head + "".join(items) + "</channel></rss>").encode()


def main() -> None:
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
    main()
