"""Virtual time, and the threads of several processes on several machines: one runs at a time, and the seed decides which."""

from __future__ import annotations

import heapq
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from greenlet import greenlet

if TYPE_CHECKING:
    import random
    from collections.abc import Callable
    from pathlib import Path


class Killed(BaseException):
    """The process is gone: what its code still does on its way out reaches nobody."""


@dataclass(eq=False)
class Machine:
    """A computer. While it sleeps its threads stand still, and so do its timers; the clock that counts from its start goes on."""

    name: str
    folder: Path
    slow_by: float = 0.0
    """Seconds its wall clock is behind."""
    wakes_at: float = 0.0
    slept: float = 0.0


@dataclass(eq=False)
class Process:
    """One run of a command. `goes_on_at`: stopped until then (Ctrl-Z), while its timers run."""

    name: str
    machine: Machine
    alive: bool = True
    goes_on_at: float = 0.0
    threads: list[Thread] = field(default_factory=list)

    def standing_until(self) -> float:
        return max(self.goes_on_at, self.machine.wakes_at)


@dataclass(eq=False)
class Thread:
    """A thread of a process. `turn` counts how often it was woken, so that what was meant for an earlier wait is known as late."""

    process: Process
    coroutine: greenlet
    turn: int = 0
    timer: float | None = None
    ready: Callable[[], bool] | None = None
    thrown: BaseException | None = None
    done: bool = False


class Scheduler:
    """Runs what is due, in the order of time; what is due at one moment in the order of the seed."""

    def __init__(self, dice: random.Random, now: float = 0.0) -> None:
        self.dice = dice
        self.now = now
        self.steps = 0
        self._due: list[tuple[float, float, int, Callable[[], None]]] = []
        self._count = 0
        self._running: Thread | None = None
        self._home = greenlet.getcurrent()
        self.processes: list[Process] = []

    # from outside of threads

    def at(self, moment: float, action: Callable[[], None]) -> None:
        """Do this at that time."""
        self._count += 1
        heapq.heappush(self._due, (max(moment, self.now), self.dice.random(), self._count, action))

    def run(self, most: int = 400_000) -> bool:
        """Until nothing is due any more; False when that is not reached."""
        while self._due:
            self.steps += 1
            if self.steps > most:
                return False
            self.now, _, _, action = heapq.heappop(self._due)
            action()
        return True

    def start(self, process: Process, work: Callable[[], None]) -> Thread:
        """A new thread. What `work` raises is its own affair; the first thread of a process takes the others with it when it ends."""

        def body() -> None:
            with suppress(Killed):
                work()
            thread.done = True

        thread = Thread(process, greenlet(body, self._home))
        if not process.threads:
            self.processes.append(process)
        process.threads.append(thread)
        self._wake(thread)
        return thread

    def kill(self, process: Process) -> None:
        """End a process at once."""
        process.alive = False
        if self._running is not None:  # a coroutine that ends gives back to us, not to the one that ended it
            self.at(self.now, lambda: self.kill(process))
            return
        for thread in process.threads:
            if not thread.done:
                thread.turn += 1
                self._running = thread
                with suppress(Killed):
                    thread.coroutine.throw(Killed)
                self._running = None
                thread.done = True

    def interrupt(self, process: Process) -> None:
        """Ctrl-C: the first thread sees it wherever it waits."""
        main = process.threads[0]
        if process.alive and not main.done:
            main.thrown = KeyboardInterrupt()
            self._wake(main)

    def sleep_of(self, machine: Machine, seconds: float) -> None:
        """The machine sleeps from now on: timers of its threads wait as much longer."""
        machine.wakes_at = self.now + seconds
        machine.slept += seconds
        for process in self.processes:
            for thread in process.threads:
                if process.machine is machine and thread.timer is not None and not thread.done:
                    self._set_timer(thread, thread.timer + seconds)

    def look(self, process: Process) -> None:
        """Wake the threads of a process whose wait is over."""
        for thread in process.threads:
            if thread.ready is not None and not thread.done and thread.ready():
                thread.ready = None
                self._wake(thread)

    # from within a thread

    @property
    def running(self) -> Thread:
        if self._running is None:
            raise RuntimeError("no thread of a simulated process is running")
        return self._running

    @property
    def process(self) -> Process:
        return self.running.process

    def wait(self, *, ready: Callable[[], bool] | None = None, seconds: float | None = None) -> bool:
        """Let others run until `ready`, or for so long by the machine's timers; whether it became ready."""
        thread = self.running
        if not thread.process.alive:
            raise Killed
        thread.ready = ready
        if seconds is not None:
            self._set_timer(thread, self.now + max(seconds, 0.0))
        self._home.switch()
        thread.ready = thread.timer = None
        if thread.thrown is not None:
            thrown, thread.thrown = thread.thrown, None
            raise thrown
        return ready is not None and ready()

    def _set_timer(self, thread: Thread, moment: float) -> None:
        thread.timer = moment
        turn = thread.turn
        self.at(moment, lambda: self._resume(thread, turn) if thread.timer == moment else None)

    def _wake(self, thread: Thread) -> None:
        turn = thread.turn
        self.at(self.now, lambda: self._resume(thread, turn))

    def _resume(self, thread: Thread, turn: int) -> None:
        if thread.turn != turn or thread.done:
            return
        held = thread.process.standing_until()
        if held > self.now:
            self.at(held, lambda: self._resume(thread, turn))
            return
        thread.turn += 1
        self._running = thread
        try:
            thread.coroutine.switch()
        finally:
            self._running = None
        process = thread.process
        if not process.alive or (thread.done and thread is process.threads[0]):
            self.kill(process)
        else:
            self.look(process)
