"""python -m tests.support.simulator SEED[-SEED] [enforced|ignored|refused] [any|prune|ctrl-c|lines]."""

from __future__ import annotations

import sys
from collections import Counter

from tests.support.simulator.storm import KINDS, run_storm


def main(arguments: list[str]) -> int:
    first, _, last = arguments[0].partition("-")
    seeds = range(int(first), int(last) if last else int(first) + 1)
    kinds = [kind for kind in KINDS if kind in arguments[1:]] or KINDS
    theme = next((word for word in arguments[1:] if word not in KINDS), "")
    found: Counter[tuple[str, ...]] = Counter()
    wrong = 0
    for kind in kinds:
        for seed in seeds:
            outcome = run_storm(seed, kind, theme)
            for fault in {(fault.kind, fault.cause) for fault in outcome.faults}:
                found[kind, *fault] += 1
            if outcome.faults and len(seeds) > 1:
                print(kind, seed, *sorted({fault.kind for fault in outcome.faults}), flush=True)
            if len(seeds) == 1:
                print(outcome.story())
            wrong += bool(outcome.faults)
    for (kind, fault, cause), times in sorted(found.items()):
        print(f"{times:6}  {kind:9} {fault} {cause}")
    print(f"{len(seeds)} seeds in each of {len(kinds)} kinds of conditions; {wrong} runs with a fault")
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
