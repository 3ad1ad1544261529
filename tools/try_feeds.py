"""Hold every feed of a folder against the rules, and count which ones find errors: are they faults that others would call one, too?

    python tools/try_feeds.py FOLDER

Reads files that end in .xml, .rss or .atom and have an enclosure; nothing is fetched, and nothing is written.
"""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path

from feed.findings import Severity
from feed.rules import check_feed_bytes, find_rule

ENDINGS = {".xml", ".rss", ".atom"}


def tried(folder: Path) -> tuple[int, Counter[str], Counter[str], dict[str, str]]:
    """How many feeds there are, and of each rule: the feeds with an error of it, its errors, and one of them with its feed."""
    number, feeds, errors, first = 0, Counter[str](), Counter[str](), dict[str, str]()
    for path in sorted(folder.rglob("*")):
        if path.suffix.lower() not in ENDINGS or not path.is_file():
            continue
        data = path.read_bytes()
        if b"<enclosure" not in data:
            continue
        number += 1
        broken = [item for item in check_feed_bytes(data) if item.severity is Severity.ERROR]
        feeds.update({item.code for item in broken})
        for item in broken:
            errors[item.code] += 1
            first.setdefault(item.code, f"{path.relative_to(folder)}:{item.line}: {item.message}")
    return number, feeds, errors, first


def main() -> int:
    """Print the table; 2 where no folder was given."""
    if len(sys.argv) != 2 or not Path(sys.argv[1]).is_dir():
        print("usage: python tools/try_feeds.py FOLDER", file=sys.stderr)
        return 2
    number, feeds, errors, first = tried(Path(sys.argv[1]))
    print(f"{number} feeds with an enclosure\n\nrule   feeds   errors   source; the first")
    for code, count in sorted(feeds.items(), key=lambda row: (-row[1], row[0])):
        rule = find_rule(code)
        print(f"{code:6}{count:6}{errors[code]:9}   {rule.source if rule else '-'}; {first[code]}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
