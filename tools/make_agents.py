"""Write publisher/stats/agents/user-agents-v2.json and its licence, from a checkout of github.com/opawg/user-agents-v2 (MIT).

    python tools/make_agents.py CHECKOUT

Each entry gets `pieces`: three letters each, one of which stands in every agent that its pattern matches. By them the patterns that come
into question are found without trying a thousand.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path
from re import _constants as op  # type: ignore[attr-defined]  # the parser that `re` itself uses: nothing else reads a pattern as it does
from re import _parser  # type: ignore[attr-defined]
from typing import Any

FOLDER = Path(__file__).resolve().parent.parent / "publisher" / "stats" / "agents"
SOURCE = "https://github.com/opawg/user-agents-v2"
MATCHED = ("bots", "apps", "libraries", "browsers")
"""In the order in which an agent is looked for in them: the first pattern that matches is what it is (README of the list)."""
FILES = (*MATCHED, "devices")
KEPT = ("name", "pattern", "category", "examples")
LENGTH = 3


def required(parts: Any) -> tuple[str, ...]:
    """Texts one of which is part of everything that a parsed pattern matches; the set whose shortest text is longest, empty if none is."""
    found: list[tuple[str, ...]] = []
    run = ""
    for kind, value in [*parts, (None, None)]:
        if kind is op.LITERAL:
            run += chr(value)
            continue
        if kind is op.AT:  # has no width: what stands around it stands side by side
            continue
        if run:
            found.append((run,))
            run = ""
        if kind is op.SUBPATTERN:
            found.append(required(value[3]))
        elif kind is op.BRANCH:
            branches = [required(branch) for branch in value[1]]
            found.append(tuple(sorted({text for branch in branches for text in branch})) if all(branches) else ())
        elif kind in (op.MAX_REPEAT, op.MIN_REPEAT) and value[0]:
            found.append(required(value[2]))
    return max((texts for texts in found if texts), key=lambda texts: (min(map(len, texts)), -len(texts)), default=())


def pieces_of(pattern: str, seen: Counter[str]) -> list[str]:
    """Of each required text the piece that is rarest in the list's examples. Raises ValueError where a text is too short for one."""
    texts = required(_parser.parse(pattern))
    if not texts or min(map(len, texts)) < LENGTH:
        raise ValueError(f"no piece of {LENGTH} letters is part of everything that this matches: {pattern}")
    return sorted({min(_pieces(text), key=lambda piece: (seen[piece], piece)) for text in texts})


def _pieces(text: str) -> set[str]:
    return {text[start : start + LENGTH] for start in range(len(text) - LENGTH + 1)}


def made(checkout: Path) -> dict[str, Any]:
    """The list as we keep it."""
    lists = {name: json.loads((checkout / "src" / f"{name}.json").read_text("utf-8"))["entries"] for name in FILES}
    kept = {name: [{key: entry[key] for key in KEPT if entry.get(key)} for entry in entries] for name, entries in lists.items()}
    seen = Counter(piece for name in MATCHED for entry in kept[name] for example in entry.get("examples", ()) for piece in _pieces(example))
    for name in MATCHED:
        for entry in kept[name]:
            re.compile(entry["pattern"])
            entry["pieces"] = pieces_of(entry["pattern"], seen)
    commit = subprocess.run(["git", "-C", str(checkout), "rev-parse", "HEAD"], capture_output=True, text=True, check=True).stdout.strip()
    return {"source": SOURCE, "commit": commit, "licence": "MIT, see user-agents-v2.LICENSE", **kept}


def _text(kept: dict[str, Any]) -> str:
    """JSON with a line for each entry, so that a difference can be read."""
    members = []
    for name, value in kept.items():
        entries = ",\n".join(json.dumps(entry, ensure_ascii=False) for entry in value) if name in FILES else ""
        members.append(f"{json.dumps(name)}: " + (f"[\n{entries}\n]" if entries else json.dumps(value, ensure_ascii=False)))
    return "{\n" + ",\n".join(members) + "\n}\n"


def main() -> None:
    """From the checkout that is named into the package."""
    checkout = Path(sys.argv[1])
    (FOLDER / "user-agents-v2.json").write_text(_text(made(checkout)), encoding="utf-8")
    (FOLDER / "user-agents-v2.LICENSE").write_bytes((checkout / "LICENSE").read_bytes())


if __name__ == "__main__":
    main()
