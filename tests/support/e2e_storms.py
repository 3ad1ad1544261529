"""What may happen to a publish, and what must hold all the same: cuts at every request, networks that fail, servers that die.

`tests/e2e` runs a few of each, `tests/soak` many.
"""

from __future__ import annotations

import itertools
import random
import threading
import time
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.support.e2e_show import Bucket, Listener, Warm, killed_at
from tests.support.fault_proxy import Fault, FaultProxy, Request, seeded
from tests.support.listeners import complaints
from tests.support.show_factory import NOW, Outcome, Show, recording

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

LATER = "2026-06-02T12:00:00+00:00"
FAR = "2099-06-02T12:00:00+00:00"
"""When the grace of all that was ever replaced is over."""
TRANSCRIPT = "WEBVTT\n\n00:00.000 --> 00:05.000\n<v Ada>What a machine {0}.\n\n00:05.000 --> 00:12.000\n<v Ada>So it is.\n"
CHAPTERS = "00:00:00.000 Start\n00:00:08.000 Middle {0}\n"


@dataclass
class Scene:
    """A show, a command that changes what listeners have of it, and what the storage holds before it and after one that is not cut."""

    show: Show
    bucket: Bucket
    warm: Warm
    arguments: tuple[str, ...]
    then: tuple[str, ...]
    """The publish that comes after a cut."""
    now: str
    before: dict[str, tuple[bytes, str, str]]
    goal: dict[str, bytes]
    ends: list[dict[str, bytes]]
    """What may be there after the publish that follows: as if the command had never begun, or as if it had not been cut."""
    requests: int
    """How many the command takes, at least."""

    def run(self, *arguments: str) -> Outcome:
        """A command that goes well."""
        outcome = self.warm.run(self.show, *arguments, endpoint=self.bucket.server.endpoint, now=self.now)
        assert outcome.status == 0, outcome.stderr
        return outcome

    def converges(self) -> None:
        """The next publish ends well, what is there is what an uncut one leaves, and the one after it has nothing to do. What `stage` or
        an overtaken plan left is no part.
        """
        self.run(*self.then)
        there = self.bucket.outcome()
        different = [sorted(key for key in there.keys() | end.keys() if there.get(key) != end.get(key)) for end in self.ends]
        assert [] in different, different
        assert self.run(*self.then, "--json").document["changes"] == []
        assert self.bucket.outcome() == there

    def is_repaired(self) -> None:
        """After `--repair` listeners reach what an uncut publish leaves, and a second look finds nothing missing."""
        for _ in range(2):
            outcome = self.run(*self.then, "--repair", "--json")
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

    def is_whole(self) -> None:
        """Whatever feed and pages lead to is there, and everything has the bytes of before or after."""
        there = self.bucket.objects()
        if "feed.xml" in there:
            assert complaints(there) == []
        known = [{key: body for key, (body, *_) in self.before.items()}, self.goal, *self.ends]
        seen = {key for key in there.keys() & {key for one in known for key in one} if not key.startswith(".airdate/")}
        assert [key for key in sorted(seen) if there[key] not in [one.get(key) for one in known]] == []

    def is_old_or_new(self, listener: Listener) -> None:
        """Nobody saw a dangling address, nor any feed but the old and the new one."""
        listener.assert_content()
        feeds = [self.before["feed.xml"][0]] if self.before else []
        feeds += [one["feed.xml"] for one in (self.goal, *self.ends)]
        assert all(feed in feeds for feed in listener.feeds), "a feed that is neither the old nor the new one"


def episode(show: Show, slug: str, day: int, **more: str) -> None:
    name = f"2026-05-{day:02}-{slug}"
    show.episode(name, date=f"2026-05-{day:02}T06:00:00+02:00", **more)
    show.write(f"episodes/{name}/transcript.vtt", TRANSCRIPT.format(slug))
    show.write(f"episodes/{name}/chapters.txt", CHAPTERS.format(slug))


def first_publish(folder: Path, bucket: Bucket, warm: Warm, client: str = "auto") -> Scene:
    """Nothing there yet."""
    show = bucket.show(folder / "show", client)
    for day, slug in enumerate(("first", "second"), 1):
        episode(show, slug, day)
    return _scene(show, bucket, warm, ("--yes",))


def great_change(folder: Path, bucket: Bucket, warm: Warm, client: str = "auto") -> Scene:
    """An episode added, one renamed, one taken away, one with another recording."""
    show = _published(folder, bucket, warm, client)
    change(show)
    return _scene(show, bucket, warm, CHANGED)


def one_more(folder: Path, bucket: Bucket, warm: Warm, client: str = "auto") -> Scene:
    """An episode added."""
    show = _published(folder, bucket, warm, client)
    episode(show, "fourth", 4)
    return _scene(show, bucket, warm, ("--yes",))


def withdrawal(folder: Path, bucket: Bucket, warm: Warm, client: str = "auto") -> Scene:
    """An episode withdrawn."""
    show = _published(folder, bucket, warm, client)
    return _scene(show, bucket, warm, ("withdraw", "second", "--yes"), ("--yes",))


def way_back(folder: Path, bucket: Bucket, warm: Warm, client: str = "auto") -> Scene:
    """An episode added, taken back, and brought again."""
    show = one_more(folder, bucket, warm, client).show
    return _scene(show, bucket, warm, ("rollback", "--yes"), ("--yes", "--force", "resume"))


def clearing(folder: Path, bucket: Bucket, warm: Warm, client: str = "auto") -> Scene:
    """All deleted that the great change, and a withdrawal after it, left."""
    scene = great_change(folder, bucket, warm, client)
    scene.run("withdraw", "third", "--yes")
    return _scene(scene.show, bucket, warm, ("prune", "--yes"), ("--yes",), FAR)


CHANGED = ("--yes", "--force", "remove=second")


def change(show: Show) -> None:
    """Everything that may happen to a show from one publish to the next."""
    episode(show, "fourth", 4)
    show.edit("2026-05-01-first", 'title = "First"', 'title = "First, Renamed"\naudio_revision = 2')
    show.write("episodes/2026-05-01-first/audio.mp3", recording(24.0, 99))
    show.remove("2026-05-02-second")


def _published(folder: Path, bucket: Bucket, warm: Warm, client: str) -> Show:
    """Three episodes that are published."""
    show = bucket.show(folder / "show", client)
    for day, slug in enumerate(("first", "second", "third"), 1):
        episode(show, slug, day)
    outcome = warm.run(show, "--yes", endpoint=bucket.server.endpoint, now=NOW)
    assert outcome.status == 0, outcome.stderr
    return show


def _scene(show: Show, bucket: Bucket, warm: Warm, arguments: tuple[str, ...], then: tuple[str, ...] = (), now: str = LATER) -> Scene:
    """What is there now is `before`."""
    scene = Scene(show, bucket, warm, arguments, then or arguments, now, bucket.snapshot(), {}, [], 0)
    if then:
        scene.run(*then)
        scene.ends.append(bucket.outcome())
        bucket.restore(scene.before)
    with FaultProxy(bucket.server.port) as proxy:
        outcome = warm.run(show, *arguments, endpoint=proxy.endpoint, now=now)
        assert outcome.status == 0, outcome.stderr
        scene.requests = len(proxy.seen)
    scene.goal = bucket.outcome()
    changed = [key for key in scene.before.keys() | scene.goal.keys() if scene.before.get(key, b" ")[0] != scene.goal.get(key)]
    scene.requests = scene.requests or sum(not key.startswith(".airdate/") for key in changed)
    if then:
        scene.run(*then)
    scene.ends.append(bucket.outcome())
    return scene


def cut_at(scene: Scene, number: int, *, arrived: bool = False) -> int:
    """kill -9 at one request; listeners see the old or the new show; the next publish finishes the work. The status of what was killed."""
    scene.bucket.restore(scene.before)
    with scene.listener as listener:
        with killed_at(scene.warm, scene.show, scene.bucket, number, *scene.arguments, arrived=arrived, now=scene.now) as (outcome, _):
            TALLY[f"killed at a request: status {outcome.status}"] += 1
            assert outcome.status in (-9, 0)
        scene.is_whole()
        listener.look()
        scene.converges()
    scene.is_old_or_new(listener)
    return outcome.status


def robbed_after_a_cut(scene: Scene, number: int) -> int:
    """kill -9 at one request, then objects vanish; `--repair` finishes the work and puts them back."""
    scene.bucket.restore(scene.before)
    with killed_at(scene.warm, scene.show, scene.bucket, number, *scene.arguments, arrived=bool(number % 2), now=scene.now) as (outcome, _):
        assert outcome.status in (-9, 0)
    scene.rob(number)
    scene.is_repaired()
    return outcome.status


def repair_cut_at(scene: Scene, number: int) -> int:
    """Objects vanish, and the repair is killed at one request; the next one ends it."""
    scene.bucket.restore(scene.before)
    scene.rob(number)
    arguments = (*scene.arguments, "--repair")
    with killed_at(scene.warm, scene.show, scene.bucket, number, *arguments, arrived=bool(number % 2), now=scene.now) as (outcome, _):
        assert outcome.status in (-9, 0)
    scene.is_repaired()
    return outcome.status


def at_every_request(scene: Scene, storm: Callable[[Scene, int], int]) -> None:
    """A storm at one request after the other, until the command is through before it is met."""
    last = next(number for number in itertools.count() if storm(scene, number) == 0)
    assert last >= scene.requests


def cut_at_random(scene: Scene, seed: int) -> None:
    """kill -9 after a random time, three times in a row."""
    dice = random.Random(seed)  # noqa: S311  the same dice each time
    scene.bucket.restore(scene.before)
    endpoint = scene.bucket.server.endpoint
    with scene.listener as listener:
        for _ in range(dice.choice((1, 1, 2, 3))):
            running = scene.warm.start(scene.show, *scene.arguments, endpoint=endpoint, now=scene.now)
            time.sleep(dice.uniform(0.1, 1.6))
            running.kill()
            status = running.wait().status
            TALLY[f"killed at a random time: status {status}"] += 1
            assert status in (-9, 0)
            scene.is_whole()
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
            outcome = scene.warm.start(scene.show, *scene.arguments, endpoint=proxy.endpoint, now=scene.now).wait(400)
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
        running = scene.warm.start(scene.show, *scene.arguments, endpoint=proxy.endpoint, now=scene.now)
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
