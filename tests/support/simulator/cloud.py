"""The service with its own clock, and a process's line to it, on which requests are lost, late, or answered into the void."""

from __future__ import annotations

import datetime as dt
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from publisher.core import layout
from publisher.core.errors import StorageError
from publisher.stores.protocol import ConditionFailed
from tests.support.memory_store import MemoryStore
from tests.support.simulator.scheduler import Killed
from tests.support.simulator.standins import EPOCH, Event

if TYPE_CHECKING:
    import random
    from collections.abc import Callable, Iterable, Iterator

    from publisher.stores.protocol import Conditions, Listed, Stored
    from tests.support.simulator.scheduler import Process, Scheduler

    Fence = Callable[[], None] | None  # asked right before each attempt leaves

PATIENCE = 60.0
"""Seconds a client waits for an answer."""
ATTEMPTS = 3
"""How often it asks before it gives up."""


class Cloud(MemoryStore):
    """The service: whole seconds on a clock of its own, and every object is ours. `stamps` says whether it tells when an object was
    written, `date` how many seconds its other clock, which says what time it is now, is ahead of the first (None: it says nothing).
    """

    def __init__(
        self, scheduler: Scheduler, behaviour: Conditions, ahead: float = 0.0, *, stamps: bool = True, date: float | None = 0.0
    ) -> None:
        self._scheduler = scheduler
        self._ahead = ahead
        self._stamps = stamps
        self._date = date
        super().__init__(behaviour=behaviour, clock=self.time)

    def time(self) -> dt.datetime:
        return dt.datetime.fromtimestamp(int(EPOCH + self._scheduler.now + self._ahead), dt.UTC)

    def read(self, key: Any, *, known: str = "") -> Stored | None:
        there = super().read(key, known=known)
        served = None if self._date is None else self.time() + dt.timedelta(seconds=self._date)
        return there and replace(there, served=served, modified=there.modified if self._stamps else None)

    def head(self, key: Any) -> Listed | None:
        there = super().head(key)
        return there and replace(there, ours=True, modified=there.modified if self._stamps else None)

    def list(self, prefix: Any) -> Iterator[Listed]:
        return (item if self._stamps else replace(item, modified=None) for item in list(super().list(prefix)))

    @property
    def objects(self) -> dict[str, Any]:
        return self._objects


@dataclass(frozen=True, slots=True, kw_only=True)
class Weather:
    """How the lines are in one run. `faults` is the share of requests that something happens to; `pace` how slow the slow are;
    `latest` how many seconds a request may be on its way.
    """

    faults: float
    faults_of_deletes: float
    faults_of_pages: float
    pace: float
    latest: float


@dataclass(slots=True, kw_only=True)
class Sent:
    """A request that changes something: whose, when it left, and when it arrived."""

    process: Process
    words: str
    left: float
    arrived: float = 0.0
    given_up: bool = False
    """Whether its sender no longer waited when it arrived."""
    looked: float = -1e9
    """When the service last answered the process with its own claim, or before a write of State with what is there."""


class Line:
    """A process's store: each call is a request, which takes time on the way there and back."""

    def __init__(self, cloud: Cloud, scheduler: Scheduler, process: Process, weather: Weather, watch: Any) -> None:
        self.conditions: Conditions | None = None
        self.requests = 0
        self.unanswered = 0
        self.is_remote = True
        self.stopped = Event(scheduler)
        self.before: Callable[[str], None] = lambda _words: None
        """Called before each request leaves; may end or halt the process."""
        self._cloud = cloud
        self._scheduler = scheduler
        self._process = process
        self._weather = weather
        self._watch = watch
        self._pace = weather.pace ** self.dice.random()

    @property
    def dice(self) -> random.Random:
        return self._scheduler.dice

    # the protocol

    @property
    def place(self) -> str:
        return ""

    def describe(self) -> str:
        return "the simulated bucket"

    def read(self, key: Any, *, known: str = "") -> Stored | None:
        return self._ask(f"read {key}", lambda: self._cloud.read(key, known=known))

    def head(self, key: Any) -> Listed | None:
        return self._ask(f"look at {key}", lambda: self._cloud.head(key))

    def fetch(self, key: Any, target: Any) -> str | None:
        there = self._ask(f"fetch {key}", lambda: self._cloud.read(key))
        if there is None:
            return None
        target.write_bytes(there.body)  # here, for whoever has given up waiting has taken its folder away
        return str(there.etag)

    def put(
        self, key: Any, body: Any, headers: Any, *, if_match: str | None = None, if_absent: bool = False, fence: Fence = None, **digest: Any
    ) -> str:
        sent = {"if_match": if_match, "if_absent": if_absent} if self.conditions != "refused" else {}
        words = f"write {key}{' if absent' if if_absent else ' if as known' if if_match else ''}"
        raw = body if isinstance(body, bytes) else body.read_bytes()
        try:
            return self._ask(words, lambda: self._cloud.put(key, raw, headers, **sent, **digest), changes=True, fence=fence)
        except ConditionFailed:
            there = self.head(key) if self._repeated else None
            if there is not None and there.etag == self._cloud.etag_of(raw):
                return there.etag  # an earlier attempt had arrived
            raise

    def copy(self, source: Any, target: Any, headers: Any, *, fence: Fence = None) -> str:
        return self._ask(f"copy {source} to {target}", lambda: self._cloud.copy(source, target, headers), changes=True, fence=fence)

    def delete(self, keys: Iterable[Any], *, fence: Fence = None, **conditions: Any) -> None:
        doomed = list(keys)
        if doomed:
            words = f"delete {' '.join(doomed)}"
            self._ask(words, lambda: self._cloud.delete(doomed, **conditions), changes=True, fence=fence)

    def list(self, prefix: Any) -> Iterator[Listed]:
        return self._ask(f"list {prefix}", lambda: self._cloud.list(prefix))

    def clear_leftovers(self, before: dt.datetime) -> int:
        return 0

    def flush(self) -> None:
        """A bucket keeps what it has taken."""

    @contextmanager
    def lock(self, *, wait: float = 0.0) -> Iterator[None]:
        yield

    # the way there and back

    _repeated = False

    def _ask(self, words: str, carry_out: Callable[[], Any], *, changes: bool = False, fence: Fence = None) -> Any:
        self._repeated = False
        for _ in range(ATTEMPTS):
            self._stop_if_told()
            self.before(words)
            if fence is not None:
                fence()
            answer = self._once(words, carry_out, changes=changes)
            if answer is not None:
                kind, value = answer
                if kind == "error":
                    raise value
                return value
            self._repeated = True
            self.stopped.wait(self.dice.uniform(0.05, 2.0))
        raise StorageError(f"no answer: {words}", code="storage-lost")

    def _stop_if_told(self) -> None:
        if not self._process.alive:
            raise Killed
        if self.stopped.is_set():
            raise StorageError("given up", code="storage-stopped")

    def _once(self, words: str, carry_out: Callable[[], Any], *, changes: bool) -> tuple[str, Any] | None:
        """One exchange; None for no answer."""
        self.requests += 1
        scheduler, process = self._scheduler, self._process
        fate, there, back, patience = self._fate(words, changes=changes)
        sent = self._sent(words)
        answer: list[tuple[str, Any]] = []
        self.unanswered += changes

        def arrive() -> None:
            sent.arrived = scheduler.now
            sent.given_up = sent.given_up or not process.alive
            try:
                outcome: tuple[str, Any] = ("value", carry_out())
            except (ConditionFailed, StorageError) as error:
                outcome = ("error", error)
            if not isinstance(outcome[1], ConditionFailed):
                self._watch.arrived(sent, outcome[1], changes=changes)
            self._watch.note(process, f"{words}{_as_told(fate, outcome, changes=changes)}")
            if fate in ("well", "slow"):
                scheduler.at(scheduler.now + back, lambda: come_back(outcome))

        def come_back(outcome: tuple[str, Any]) -> None:
            answer.append(outcome)
            scheduler.look(process)

        if fate == "lost":
            self._watch.note(process, f"{words} … lost on the way")
        else:
            scheduler.at(scheduler.now + there, arrive)
        try:
            scheduler.wait(ready=lambda: bool(answer) or self.stopped.is_set(), seconds=patience)
        finally:
            sent.given_up = not answer
        if not answer:
            self._stop_if_told()
            return None
        self.unanswered -= changes
        return answer[0]

    def _sent(self, words: str) -> Sent:
        return Sent(process=self._process, words=words, left=self._scheduler.now, looked=self._watch.looked(self._process, words))

    def _fate(self, words: str, *, changes: bool) -> tuple[str, float, float, float]:
        """What becomes of a request, the seconds there and back, and how long its sender waits."""
        dice, weather = self.dice, self._weather
        there, back = (self._pace * dice.uniform(0.01, 0.2) for _ in range(2))
        page = words.startswith("write ") and not layout.is_unseen(layout.key_of(words.split(" ")[1]))
        faults = weather.faults_of_deletes if words.startswith("delete") else weather.faults_of_pages if page else weather.faults
        if dice.random() >= faults:
            return "well", there, back, PATIENCE
        fate = dice.choice(("slow", "lost", "answer lost", "late") if changes else ("slow", "lost", "answer lost"))
        if fate == "slow":
            return fate, dice.uniform(0.0, min(25.0, weather.latest)), dice.uniform(0.0, 25.0), PATIENCE
        if fate == "late":
            there = dice.uniform(0.5, weather.latest)
        return fate, there, back, dice.choice((0.1, 1.0, PATIENCE))


def _as_told(fate: str, outcome: tuple[str, Any], *, changes: bool) -> str:
    """How it went, in words."""
    how = "" if fate == "well" else f" ({fate})"
    if isinstance(outcome[1], ConditionFailed):
        return f"{how}: not so, nothing written"
    if outcome[0] == "error":
        return f"{how}: {outcome[1]}"
    if outcome[1] is None and not changes:
        return f"{how}: nothing there"
    return how
