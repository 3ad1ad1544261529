"""What takes the place of clocks, threads and chance in the modules of `publisher/` while a run goes on."""

from __future__ import annotations

import concurrent.futures
import platform
import secrets
import sys
import tempfile
import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple, Self

from tests.support.simulator.scheduler import Killed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from types import ModuleType

    from tests.support.simulator.scheduler import Scheduler

EPOCH = 1_577_880_000.0
"""The wall clock at the scheduler's second 0: before any file of this machine was made."""


class Like:
    """A module of which some names are ours, and the rest as it is."""

    def __init__(self, real: ModuleType, **ours: Any) -> None:
        self.__dict__.update(ours)
        self._real = real

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)


class Event:
    """threading.Event."""

    def __init__(self, scheduler: Scheduler) -> None:
        self._scheduler = scheduler
        self._set = False

    def is_set(self) -> bool:
        return self._set

    def set(self) -> None:
        self._set = True

    def clear(self) -> None:
        self._set = False

    def wait(self, timeout: float | None = None) -> bool:
        return self._set or self._scheduler.wait(ready=self.is_set, seconds=timeout) or self._set


class VirtualThread:
    """threading.Thread."""

    def __init__(self, scheduler: Scheduler, target: Callable[..., None], args: tuple[Any, ...] = (), **_names: Any) -> None:
        self._scheduler = scheduler
        self._work = lambda: target(*args)
        self._thread: Any = None

    def start(self) -> None:
        self._thread = self._scheduler.start(self._scheduler.process, self._work)

    def is_alive(self) -> bool:
        return self._thread is not None and not self._thread.done

    def join(self, timeout: float | None = None) -> None:
        if self.is_alive():
            self._scheduler.wait(ready=lambda: not self.is_alive(), seconds=timeout)


class Lock:
    """threading.Lock and RLock: what holds one may let others run."""

    def __init__(self, scheduler: Scheduler) -> None:
        self._scheduler = scheduler
        self._holder: Any = None
        self._depth = 0

    def acquire(self, blocking: bool = True, timeout: float = -1) -> bool:
        me = self._scheduler.running
        while self._holder not in (None, me):  # whoever was woken with us may be first
            waited = blocking and self._scheduler.wait(ready=lambda: self._holder is None, seconds=None if timeout < 0 else timeout)
            if not waited and (not blocking or timeout >= 0):
                return False
        self._holder, self._depth = me, self._depth + 1
        return True

    def release(self) -> None:
        self._depth -= 1
        if not self._depth:
            self._holder = None

    def __enter__(self) -> bool:
        return self.acquire()

    def __exit__(self, *_error: object) -> None:
        self.release()


class Future:
    """concurrent.futures.Future; its hash is its number, so that sets of them have the same order in every run."""

    def __init__(self, number: int) -> None:
        self._number = number
        self._state = "waits"
        self._value: Any = None
        self._error: BaseException | None = None

    def __hash__(self) -> int:
        return self._number

    def __eq__(self, other: object) -> bool:
        return self is other

    def done(self) -> bool:
        return self._state in ("done", "cancelled")

    def cancelled(self) -> bool:
        return self._state == "cancelled"

    def exception(self) -> BaseException | None:
        return self._error

    def result(self) -> Any:
        if self._error is not None:
            raise self._error
        if self._state != "done":
            raise RuntimeError("asked for before it was done")
        return self._value


class Pool:
    """concurrent.futures.ThreadPoolExecutor."""

    def __init__(self, scheduler: Scheduler, max_workers: int | None = None, **_names: Any) -> None:
        self._scheduler = scheduler
        self._most = max_workers or 4
        self._busy = 0
        self._futures: list[Future] = []

    def submit(self, work: Callable[..., Any], *arguments: Any) -> Future:
        future = Future(self._scheduler.steps * 1000 + len(self._futures))
        self._futures.append(future)

        def body() -> None:
            while self._busy >= self._most and not future.cancelled():
                self._scheduler.wait(ready=lambda: self._busy < self._most or future.cancelled())
            if future.cancelled():
                return
            future._state = "runs"
            self._busy += 1
            try:
                future._value = work(*arguments)
            except Killed:
                raise
            except BaseException as error:
                future._error = error
            self._busy -= 1
            future._state = "done"

        self._scheduler.start(self._scheduler.process, body)
        return future

    def map(self, work: Callable[..., Any], *rows: Iterable[Any]) -> Iterator[Any]:
        futures = [self.submit(work, *row) for row in zip(*rows, strict=False)]
        self.shutdown()
        return iter([future.result() for future in futures])

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        for future in self._futures:
            if cancel_futures and future._state == "waits":
                future._state = "cancelled"
        if wait and not all(future.done() for future in self._futures):
            self._scheduler.wait(ready=lambda: all(future.done() for future in self._futures))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self.shutdown()


class Waited(NamedTuple):
    """What concurrent.futures.wait gives."""

    done: set[Future]
    not_done: set[Future]


def standins(scheduler: Scheduler) -> list[tuple[Any, Any]]:
    """Each real thing, and what stands in for it."""

    def wait(futures: Iterable[Future], timeout: float | None = None, return_when: str = concurrent.futures.ALL_COMPLETED) -> Waited:
        asked = list(futures)

        def over() -> bool:
            done = [future for future in asked if future.done()]
            if len(done) == len(asked):
                return True
            some = return_when == concurrent.futures.FIRST_COMPLETED and done
            return bool(some) or (
                return_when == concurrent.futures.FIRST_EXCEPTION and any(future.exception() is not None for future in done)
            )

        if not over():
            scheduler.wait(ready=over, seconds=timeout)
        return Waited({future for future in asked if future.done()}, {future for future in asked if not future.done()})

    def pool(max_workers: int | None = None, **names: Any) -> Pool:
        return Pool(scheduler, max_workers, **names)

    def sleep(seconds: float) -> None:
        scheduler.wait(seconds=seconds)

    def monotonic() -> float:
        machine = scheduler.process.machine
        return scheduler.now - machine.slept  # nothing asks while it sleeps

    def clock(number: int) -> float:
        return monotonic() if number == time.CLOCK_MONOTONIC else scheduler.now

    futures = Like(concurrent.futures, ThreadPoolExecutor=pool, wait=wait)
    return [
        (
            time,
            Like(
                time,
                sleep=sleep,
                monotonic=monotonic,
                perf_counter=monotonic,
                clock_gettime=clock,
                time=lambda: EPOCH + scheduler.now - scheduler.process.machine.slow_by,
            ),
        ),
        (
            threading,
            Like(
                threading,
                Event=lambda: Event(scheduler),
                Lock=lambda: Lock(scheduler),
                RLock=lambda: Lock(scheduler),
                Thread=lambda **names: VirtualThread(scheduler, **names),
            ),
        ),
        (time.sleep, sleep),
        (time.monotonic, monotonic),
        (concurrent.futures, futures),
        (concurrent.futures.ThreadPoolExecutor, pool),
        (concurrent.futures.wait, wait),
        (platform, Like(platform, node=lambda: scheduler.process.machine.name)),
        (secrets, Like(secrets, token_hex=lambda count=16: scheduler.dice.randbytes(count).hex())),
        (tempfile, Like(tempfile, gettempdir=lambda: str(scheduler.process.machine.folder))),
    ]


@contextmanager
def standing_in(scheduler: Scheduler) -> Iterator[None]:
    """Meanwhile every module of `publisher/` uses these."""
    ours = {id(real): standin for real, standin in standins(scheduler)}
    patched = []
    try:
        for name, module in list(sys.modules.items()):
            if name != "publisher" and not name.startswith("publisher."):
                continue
            for attribute, value in list(vars(module).items()):
                if id(value) in ours:
                    patched.append((module, attribute, value))
                    setattr(module, attribute, ours[id(value)])
        yield
    finally:
        for module, attribute, value in reversed(patched):
            setattr(module, attribute, value)
