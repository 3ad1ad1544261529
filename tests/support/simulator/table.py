"""What went wrong in many runs, counted by kind and cause."""

from __future__ import annotations

import os
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from multiprocessing import get_context

from tests.support.simulator.storm import run_storm

Row = tuple[int, tuple[tuple[str, str], ...], bool]


@dataclass(kw_only=True)
class Table:
    """`unexcused` are the seeds of runs that did harm which nothing excuses; `counts` in how many runs a kind had a cause."""

    kind: str
    runs: int
    unexcused: list[int] = field(default_factory=list)
    harmed: int = 0
    counts: Counter[tuple[str, str]] = field(default_factory=Counter)

    @classmethod
    def of(cls, seeds: range, kind: str, theme: str = "", processes: int = 1) -> Table:
        """Run them, on several processors where asked."""
        run = partial(verdict, kind=kind, theme=theme)
        table = cls(kind=kind, runs=len(seeds))
        if processes == 1:
            table._add(map(run, seeds))
            return table
        with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as pool:
            table._add(pool.map(run, seeds, chunksize=50))
        return table

    def _add(self, rows: map[Row]) -> None:
        for seed, faults, excused in rows:
            self.counts.update(faults)
            self.harmed += bool(faults)
            self.unexcused += [] if excused else [seed]

    def __str__(self) -> str:
        rows = [f"{times:6}  {fault} {cause and f'({cause})'}".rstrip() for (fault, cause), times in sorted(self.counts.items())]
        head = f"{self.kind}: {self.runs} runs, {self.harmed} with a fault, not excused: {self.unexcused or 'none'}"
        return "\n".join([head, *rows])


def verdict(seed: int, kind: str, theme: str) -> Row:
    """What one run came to, small enough to be sent between processes."""
    outcome = run_storm(seed, kind, theme)
    return (
        seed,
        tuple(sorted({(fault.kind, fault.cause) for fault in outcome.faults})),
        outcome.excused and not (outcome.faults and kind not in ("ignored", "refused")),
    )


PROCESSORS = os.cpu_count() or 1
