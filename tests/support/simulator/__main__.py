"""python -m tests.support.simulator SEED[-SEED] [enforced|ignored|refused|dateless|two-clocks|folder] [any|prune|ctrl-c|lines|cut]."""

from __future__ import annotations

import sys

from tests.support.simulator.storm import KINDS, run_storm
from tests.support.simulator.table import Table


def main(arguments: list[str]) -> int:
    first, _, last = arguments[0].partition("-")
    kinds = [kind for kind in KINDS if kind in arguments[1:]] or KINDS
    theme = next((word for word in arguments[1:] if word not in KINDS), "")
    if not last:
        outcomes = [run_storm(int(first), kind, theme) for kind in kinds]
        print(*(outcome.story() for outcome in outcomes), sep="\n\n")
        return any(outcome.faults for outcome in outcomes)
    tables = [Table.of(range(int(first), int(last)), kind, theme) for kind in kinds]
    print(*tables, sep="\n")
    return any(table.unexcused for table in tables)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
