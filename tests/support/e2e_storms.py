"""What may happen to a publish, and what must hold all the same: cuts at every request, networks that fail, servers that die.

`tests/e2e` runs a few of each, `tests/soak` many.
"""

from __future__ import annotations

import random
import shutil
import threading
import time
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.support.e2e_show import Bucket, Listener, Warm, bucket_show, killed_at
from tests.support.fault_proxy import Fault, FaultProxy, Request, seeded
from tests.support.listeners import complaints
from tests.support.show_factory import NOW, Show, make_show, recording, tree

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

LATER = "2026-06-02T12:00:00+00:00"
TRANSCRIPT = "WEBVTT\n\n00:00.000 --> 00:05.000\n<v Ada>What a machine {0}.\n\n00:05.000 --> 00:12.000\n<v Ada>So it is.\n"
CHAPTERS = "00:00:00.000 Start\n00:00:08.000 Middle {0}\n"


@dataclass
class Scene:
    """A show before and after a change that touches everything, and what the bucket holds before and after an uncut publish."""

    show: Show
    bucket: Bucket
    warm: Warm
    arguments: tuple[str, ...]
    before: dict[str, tuple[bytes, str, str]]
    goal: dict[str, bytes]
    requests: int
    feeds: tuple[bytes, ...]

    def converges(self) -> None:
        """The next publish ends well, and what is there is what an uncut one leaves. What `stage` or an overtaken plan left is no part."""
        outcome = self.warm.run(self.show, *self.arguments, endpoint=self.bucket.server.endpoint, now=LATER)
        assert outcome.status == 0, outcome.stderr
        there = self.bucket.outcome()
        different = [key for key in there.keys() | self.goal.keys() if there.get(key) != self.goal.get(key)]
        assert not different, sorted(different)

    def is_repaired(self) -> None:
        """After `--repair` listeners reach what an uncut publish leaves, and a second look finds nothing missing."""
        for _ in range(2):
            outcome = self.warm.run(self.show, *self.arguments, "--repair", "--json", endpoint=self.bucket.server.endpoint, now=LATER)
            assert outcome.status == 0, outcome.stderr
        assert (outcome.document["repair"]["files"], outcome.document["changes"]) == ([], [])
        there = self.bucket.outcome()
        different = [key for key, body in self.goal.items() if not key.startswith(".airdate/") and there.get(key) != body]
        assert not different, sorted(different)

    def rob(self, seed: int) -> list[str]:
        """Delete some of what listeners are led to, before and after the change."""
        here = [key for key in sorted(self.bucket.listed() & self.goal.keys()) if not key.startswith(".airdate/") and "second" not in key]
        named = [key for key in here if key.endswith((".html", ".xml")) or self._named(key)]
        taken = random.Random(seed).sample(named, min(4, len(named)))  # noqa: S311  the same dice each time
        self.bucket.delete(*taken)
        return taken

    def _named(self, key: str) -> bool:
        """Whether anything names a key after the change: what nothing names is not put back."""
        name = key.rpartition("/")[2].encode()
        return any(name in body for other, body in self.goal.items() if other != key)

    @property
    def listener(self) -> Listener:
        """Apps alone where nothing was published before: the first page names the feed a moment before it is there."""
        return Listener(self.bucket, pages=("feed.xml", "index.html") if self.before else ("feed.xml",))

    def is_old_or_new(self, listener: Listener) -> None:
        """Nobody saw a dangling address, nor any feed but the old and the new one."""
        listener.assert_content()
        assert all(feed in self.feeds for feed in listener.feeds), "a feed that is neither the old nor the new one"


def episode(show: Show, slug: str, day: int, **more: str) -> None:
    name = f"2026-05-{day:02}-{slug}"
    show.episode(name, date=f"2026-05-{day:02}T06:00:00+02:00", **more)
    show.write(f"episodes/{name}/transcript.vtt", TRANSCRIPT.format(slug))
    show.write(f"episodes/{name}/chapters.txt", CHAPTERS.format(slug))


def first_publish(folder: Path, bucket: Bucket, warm: Warm, client: str = "auto") -> Scene:
    """Nothing there yet."""
    show = bucket_show(folder / "show", bucket.name, client=client)
    for day, slug in enumerate(("first", "second"), 1):
        episode(show, slug, day)
    return _scene(show, bucket, warm, arguments=("--yes",))


def great_change(folder: Path, bucket: Bucket, warm: Warm, client: str = "auto") -> Scene:
    """An episode added, one renamed, one taken away, one with another recording."""
    show = bucket_show(folder / "show", bucket.name, client=client)
    for day, slug in enumerate(("first", "second", "third"), 1):
        episode(show, slug, day)
    outcome = warm.run(show, "--yes", endpoint=bucket.server.endpoint, now=NOW)
    assert outcome.status == 0, outcome.stderr
    before = bucket.snapshot()
    change(show)
    return _scene(show, bucket, warm, arguments=("--yes", "--force", "remove=second"), before=before, feeds=(before["feed.xml"][0],))


def change(show: Show) -> None:
    """Everything that may happen to a show from one publish to the next."""
    episode(show, "fourth", 4)
    show.edit("2026-05-01-first", 'title = "First"', 'title = "First, Renamed"\naudio_revision = 2')
    show.write("episodes/2026-05-01-first/audio.mp3", recording(24.0, 99))
    show.remove("2026-05-02-second")


def _scene(
    show: Show, bucket: Bucket, warm: Warm, *, arguments: tuple[str, ...], before: dict | None = None, feeds: tuple[bytes, ...] = ()
) -> Scene:
    with FaultProxy(bucket.server.port) as proxy:
        outcome = warm.run(show, *arguments, endpoint=proxy.endpoint, now=LATER)
        assert outcome.status == 0, outcome.stderr
        requests = len(proxy.seen)
    goal = bucket.outcome()
    return Scene(show, bucket, warm, arguments, before or {}, goal, requests, (*feeds, goal["feed.xml"]))


def cut_at(scene: Scene, number: int, *, arrived: bool) -> None:
    """kill -9 at one request; listeners see the old or the new show; the next publish finishes the work."""
    scene.bucket.restore(scene.before)
    scene.show.now = LATER
    with scene.listener as listener:
        with killed_at(scene.warm, scene.show, scene.bucket, number, *scene.arguments, arrived=arrived) as (outcome, _):
            TALLY[f"killed at a request: status {outcome.status}"] += 1
            assert outcome.status in (-9, 0)
        listener.look()
        scene.converges()
    scene.is_old_or_new(listener)


def robbed_after_a_cut(scene: Scene, number: int) -> None:
    """kill -9 at one request, then objects vanish; `--repair` finishes the work and puts them back."""
    scene.bucket.restore(scene.before)
    with killed_at(scene.warm, scene.show, scene.bucket, number, *scene.arguments, arrived=bool(number % 2)) as (outcome, _):
        assert outcome.status in (-9, 0)
    scene.rob(number)
    scene.is_repaired()


def repair_cut_at(scene: Scene, number: int) -> None:
    """Objects vanish, and the repair is killed at one request; the next one ends it."""
    scene.bucket.restore(scene.before)
    scene.rob(number)
    with killed_at(scene.warm, scene.show, scene.bucket, number, *scene.arguments, "--repair", arrived=bool(number % 2)) as (outcome, _):
        assert outcome.status in (-9, 0)
    scene.is_repaired()


def cut_at_random(scene: Scene, seed: int) -> None:
    """kill -9 after a random time, three times in a row."""
    dice = random.Random(seed)  # noqa: S311  the same dice each time
    scene.bucket.restore(scene.before)
    endpoint = scene.bucket.server.endpoint
    with scene.listener as listener:
        for _ in range(dice.choice((1, 1, 2, 3))):
            running = scene.warm.start(scene.show, *scene.arguments, endpoint=endpoint, now=LATER)
            time.sleep(dice.uniform(0.1, 1.6))
            running.kill()
            status = running.wait().status
            TALLY[f"killed at a random time: status {status}"] += 1
            assert status in (-9, 0)
        scene.converges()
    scene.is_old_or_new(listener)


FAULTS = (
    Fault.CUT_REQUEST,
    Fault.LOSE_ANSWER,
    Fault.CUT_ANSWER,
    Fault.SLOW_DOWN,
    Fault.SERVER_ERROR,
    Fault.FAIL_AFTER,
    Fault.STALL,
)

TALLY: Counter[str] = Counter()
"""How the publishes of this session ended, by kind of storm; `tests/soak` tells it at its end."""


def bad_network(scene: Scene, seed: int) -> int:
    """One publish through a network that fails; success, or status 4 with the old show whole. Its status."""
    dice = random.Random(seed)  # noqa: S311  the same dice each time
    share, latency = dice.uniform(0.05, 0.30), dice.choice((0.0, 0.0, 0.02, 0.05))
    scene.bucket.restore(scene.before)
    decide = seeded(seed, share, FAULTS)
    if seed % 5 == 4:  # the line is cut for good after a while: no patience helps
        decide = _down_after(dice.randrange(scene.requests), decide)
    with scene.listener as listener:
        with FaultProxy(scene.bucket.server.port, decide, latency=latency) as proxy:
            outcome = scene.warm.start(scene.show, *scene.arguments, endpoint=proxy.endpoint, now=LATER).wait(400)
        TALLY[f"bad network: status {outcome.status}"] += 1
        TALLY["bad network: requests hit"] += sum(fault is not Fault.NONE for _, fault in proxy.seen)
        assert outcome.status in (0, 4), outcome.stderr
        assert "Traceback" not in outcome.stderr
        scene.converges()
    scene.is_old_or_new(listener)
    return outcome.status


def _down_after(number: int, decide: Callable[[Request], Fault]) -> Callable[[Request], Fault]:
    return lambda request: Fault.SERVER_ERROR if request.number >= number else decide(request)


def server_dies(scene: Scene, seed: int) -> int:
    """The server itself is killed in the middle, and comes back; the publish ends well or with status 4."""
    dice = random.Random(seed)  # noqa: S311  the same dice each time
    server = scene.bucket.server
    scene.bucket.restore(scene.before)
    at = dice.randrange(3, scene.requests)
    struck = threading.Event()

    def decide(request: Request) -> Fault:
        if request.number == at:
            struck.set()
        return Fault.NONE

    with FaultProxy(server.port, decide) as proxy:
        running = scene.warm.start(scene.show, *scene.arguments, endpoint=proxy.endpoint, now=LATER)
        assert struck.wait(60), running.wait().stderr
        server.stop()
        time.sleep(dice.uniform(0, 1))
        server.start()
        outcome = running.wait(400)
    TALLY[f"server killed: status {outcome.status}"] += 1
    assert outcome.status in (0, 4), outcome.stderr
    with scene.listener as listener:
        scene.converges()
    scene.is_old_or_new(listener)
    return outcome.status


@dataclass
class FolderScene:
    """A show that goes into a folder, before and after a change of everything."""

    show: Show
    warm: Warm
    arguments: tuple[str, ...]
    before: Path
    goal: dict[str, bytes]


def folder_change(folder: Path, warm: Warm) -> FolderScene:
    """The great change, into a folder."""
    show = make_show(folder / "show")
    for day, slug in enumerate(("first", "second", "third"), 1):
        episode(show, slug, day)
    outcome = warm.run(show, "--yes", endpoint="", now=NOW)
    assert outcome.status == 0, outcome.stderr
    before = folder / "before"
    shutil.copytree(show.public, before)
    change(show)
    arguments = ("--yes", "--force", "remove=second")
    outcome = warm.run(show, *arguments, endpoint="", now=LATER)
    assert outcome.status == 0, outcome.stderr
    return FolderScene(show, warm, arguments, before, _listened_to(show))


def folder_cut_at_random(scene: FolderScene, seed: int) -> None:
    """kill -9 after a random time, some times in a row: what lies there is whole each time, and the next publish ends the work."""
    dice = random.Random(seed)  # noqa: S311  the same dice each time
    shutil.rmtree(scene.show.public)
    shutil.copytree(scene.before, scene.show.public)
    for _ in range(dice.choice((1, 1, 2, 3))):
        running = scene.warm.start(scene.show, *scene.arguments, endpoint="", now=LATER)
        time.sleep(dice.uniform(0.1, 1.6))
        running.kill()
        TALLY[f"killed in a folder: status {running.wait().status}"] += 1
        assert complaints(_listened_to(scene.show)) == []
    outcome = scene.warm.run(scene.show, *scene.arguments, endpoint="", now=LATER)
    assert outcome.status == 0, outcome.stderr
    assert _listened_to(scene.show) == scene.goal


def _listened_to(show: Show) -> dict[str, bytes]:
    """All that listeners can reach, and the index of State."""
    return {name: body for name, body in tree(show.public).items() if not name.startswith("airdate-state/") or name.endswith("/state.json")}
