"""Break conditions of the code, one at a time, and see which test notices: a test of the tests.

    python tools/mutations.py [SEED] [--places 40] [--least N] [--only TEXT]

Of all conditions of ROOMS (what stands behind if, elif and while, in ternaries, comprehensions and guards; each clause of `and`
and `or`; each comparison) the seed draws some, and for each a way to break it: it is negated, a clause dropped, a boundary moved
by one. The same seed draws the same from the same code.

The tests run once as the code is, under coverage, which tells for each line the tests that run it; that is kept in
build/mutations/ until sources or tests change. A broken line is then met by those tests alone, those of its room and the quick
ones first, up to the first that fails, and after a minute of them by mypy; a line that no test runs, by the tests of its room. A test
that hangs has noticed as well. What fails without the break, too, has noticed nothing. Left out is what is slow and only repeats
the rest from further away: tests in a browser, podcast clients, e2e and soak.

Broken code runs in a copy of the checkout in a temporary directory, each in its own. Ends with status 1 when fewer than --least
are noticed, otherwise with 0.
"""

from __future__ import annotations

import argparse
import ast
import compileall
import contextlib
import copy
import hashlib
import importlib.util
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import coverage

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

ROOMS = ("feed/rules", "publisher/commands", "publisher/media", "publisher/render", "publisher/state", "publisher/sync")
LEFT_OUT = ("clients", "e2e", "soak", "support")
NOT_COPIED = shutil.ignore_patterns(".git", ".venv", "build", "dist", "public", "__pycache__", "*.egg-info", ".*cache", ".hypothesis")
AT_ONCE = 2
SOON = 60.0
"""Seconds of tests before mypy is asked, which is far quicker than all that run some lines."""
OTHER: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq, ast.NotEq: ast.Eq, ast.Is: ast.IsNot, ast.IsNot: ast.Is, ast.In: ast.NotIn, ast.NotIn: ast.In,
}  # fmt: skip
"""The comparison that differs at the boundary alone, or else the opposite."""
BOUNDED = (ast.Lt, ast.LtE, ast.Gt, ast.GtE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Break:
    """One way to break a condition: the expression to replace, and by what."""

    old: ast.expr
    new: ast.expr


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A condition: its file, its lines from 1, the broken files it can become."""

    path: str
    lines: range
    column: int
    ways: tuple[tuple[str, str], ...]
    """Old and new expression."""
    broken: tuple[str, ...]
    """The whole file with the new one, for each."""


def breaks_of(tree: ast.Module) -> dict[ast.expr, list[Break]]:
    """Every condition of a module and how it can be broken."""
    found: dict[ast.expr, list[Break]] = {}

    def add(node: ast.expr, *breaks: Break) -> None:
        found.setdefault(node, []).extend(breaks)

    for node in ast.walk(tree):
        tests: list[ast.expr] = []
        if isinstance(node, ast.If | ast.While | ast.IfExp):
            tests = [node.test]
        elif isinstance(node, ast.comprehension):
            tests = node.ifs
        elif isinstance(node, ast.match_case) and node.guard:
            tests = [node.guard]
        elif isinstance(node, ast.BoolOp):
            for number, clause in enumerate(node.values):
                rest = node.values[:number] + node.values[number + 1 :]
                add(clause, Break(old=node, new=rest[0] if len(rest) == 1 else ast.BoolOp(op=node.op, values=rest)))
        elif isinstance(node, ast.Compare):
            for number, operator in enumerate(node.ops):
                ops = [*node.ops[:number], OTHER[type(operator)](), *node.ops[number + 1 :]]
                add(node, Break(old=node, new=ast.Compare(left=node.left, ops=ops, comparators=node.comparators)))
        for test in tests:
            if ast.unparse(test) == "TYPE_CHECKING" or (isinstance(test, ast.Compare) and not isinstance(test.ops[0], BOUNDED)):
                continue  # nothing to run, or negated above
            negated = test.operand if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not) else ast.UnaryOp(ast.Not(), test)
            add(test, Break(old=test, new=negated))
    return found


def places_of(root: Path, path: str) -> Iterator[Place]:
    """The conditions of one file, from top to bottom."""
    text = (root / path).read_bytes()
    tree = ast.parse(text)
    starts = [0]
    for line in text.splitlines(keepends=True):
        starts.append(starts[-1] + len(line))
    anchors: dict[ast.AST, ast.expr] = {}
    for string in ast.walk(tree):
        if isinstance(string, ast.JoinedStr):  # what stands inside does not say where it stands (before Python 3.12)
            for inside in ast.walk(string):
                anchors.setdefault(inside, string)
    for node, breaks in breaks_of(tree).items():
        ways, files = [], []
        for one in breaks:
            anchor = anchors.get(one.old, one.old)
            written = ast.unparse(copy.deepcopy(anchor, {id(one.old): one.new}))
            begin, end = starts[anchor.lineno - 1] + anchor.col_offset, starts[_last(anchor) - 1] + (anchor.end_col_offset or 0)
            broken = text[:begin] + f"({written})".encode() + text[end:]
            ast.parse(broken)
            ways.append((ast.unparse(one.old), ast.unparse(one.new)))
            files.append(broken.decode())
        at = anchors.get(node, node)
        yield Place(path=path, lines=range(at.lineno, _last(at) + 1), column=at.col_offset, ways=tuple(ways), broken=tuple(files))


def _last(node: ast.expr) -> int:
    return node.end_lineno or node.lineno


def draw(places: list[Place], seed: int, many: int) -> list[tuple[Place, int]]:
    """Some places, each with the number of one way to break it. Each has dice of its own, so that a change of other code changes nothing here."""
    seen: Counter[str] = Counter()
    thrown = []
    for number, place in enumerate(places):
        name = f"{place.path} {place.ways}"
        seen[name] += 1
        dice = random.Random(f"{seed} {name} {seen[name]}")
        thrown.append((dice.random(), number, dice.randrange(len(place.ways))))
    chosen = sorted((number, way) for _, number, way in sorted(thrown)[:many])
    return [(places[number], way) for number, way in chosen]


class Workshop:
    """A temporary directory with a copy of the checkout as it is, from which copies are taken to break."""

    def __init__(self, root: Path, sources: Iterable[str], tests: Sequence[str], scratch: Path) -> None:
        self.root, self.sources, self.scratch = root, tuple(sources), scratch
        self.whole = self._copy(root, "whole")
        for source in self.sources:
            compileall.compile_dir(self.whole / source, quiet=2)
        self.folders = [
            folder.name
            for folder in sorted((self.whole / "tests").iterdir())
            if (folder.name in tests if tests else folder.name not in LEFT_OUT) and any(folder.rglob("test_*.py"))
        ]
        self._data: dict[str, coverage.CoverageData] = {}
        self.seconds: dict[str, float] = {}
        self.failed: list[str] = []
        self._typed = False

    def _copy(self, origin: Path, name: str) -> Path:
        target = self.scratch / name / "tree"
        shutil.copytree(origin, target, symlinks=True, ignore=NOT_COPIED if origin == self.root else None)
        if not (target / ".venv").is_symlink() and (self.root / ".venv").exists():
            (target / ".venv").symlink_to((self.root / ".venv").resolve())
        return target

    def _pytest(self, tree: Path, arguments: list[str], **more: str) -> dict[str, Any]:
        """Run tests in a copy; what the plugin noted, and pytest's exit status."""
        beside = tree.parent
        for name in ("temporary", "cache"):
            (beside / name).mkdir(exist_ok=True)
        inherited = {name: value for name, value in os.environ.items() if not name.startswith(("COVERAGE_", "PYTEST_"))}
        environment = {
            **inherited,
            "PYTHONPATH": os.pathsep.join((str(tree), str(Path(__file__).resolve().parent))),
            "TMPDIR": str(beside / "temporary"),
            "XDG_CACHE_HOME": str(beside / "cache"),
            "MUTATIONS_NOTES": str(beside / "notes.json"),
            **more,
        }
        command = [sys.executable, "-m", *arguments, "-p", "mutations_plugin", "-p", "no:cacheprovider", "-q"]
        with (beside / "output").open("wb") as output:
            process = subprocess.Popen(
                command, cwd=tree, env=environment, stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True
            )
            try:
                status = process.wait()
            finally:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)  # with the servers that a test that was cut left behind
        if not (beside / "notes.json").exists():
            raise SystemExit("pytest did not begin:\n" + (beside / "output").read_text("utf-8", "replace")[-4000:])
        return {**json.loads((beside / "notes.json").read_text("utf-8")), "status": status}

    def record(self, kept: Path) -> None:
        """Run the tests as the code is, a folder at a time, and keep which runs what; what is kept and still true stays."""
        kept.mkdir(parents=True, exist_ok=True)
        shared = _digest(self.whole, [*self.sources, "tests/conftest.py", "tests/support", "tools/mutations_plugin.py"])
        names = {folder: kept / f"{folder}-{_digest(self.whole, [f'tests/{folder}'], shared)}" for folder in self.folders}
        for old in kept.iterdir():
            if old.with_suffix("") not in names.values():
                old.unlink()
        self._typed = (self.whole / "pyproject.toml").exists() and _mypy(self.whole, self.scratch / "types") == 0
        with ThreadPoolExecutor(AT_ONCE) as pool:
            list(pool.map(lambda folder: self._record_folder(folder, names[folder]), self.folders))
        for folder in self.folders:
            notes = json.loads(names[folder].with_suffix(".json").read_text("utf-8"))
            self.failed += notes["failed"]
            self.seconds.update({test: taken for test, taken in notes["seconds"].items() if test not in notes["failed"]})
            self._data[folder] = coverage.CoverageData(str(names[folder].with_suffix(".coverage")))
            self._data[folder].read()

    def _record_folder(self, folder: str, kept: Path) -> None:
        if kept.with_suffix(".json").exists():
            return
        print(f"recording tests/{folder}", file=sys.stderr, flush=True)
        tree = self._copy(self.whole, f"record-{folder}")
        settings = tree.parent / "coveragerc"
        settings.write_text(
            f"[run]\nsource = {','.join(self.sources)}\nrelative_files = true\nparallel = true\ndata_file = {tree.parent}/data\n"
            "concurrency = thread,multiprocessing\npatch = subprocess,_exit\ndisable_warnings = no-data-collected,module-not-imported\n"
        )
        notes = self._pytest(tree, ["coverage", "run", f"--rcfile={settings}", "-m", "pytest", f"tests/{folder}"])
        if not notes["seconds"] or notes["running"]:
            raise SystemExit(f"tests/{folder} did not run:\n" + (tree.parent / "output").read_text("utf-8", "replace")[-4000:])
        measured = coverage.Coverage(config_file=str(settings), data_file=str(kept.with_suffix(".coverage")))
        measured.combine([str(data) for data in sorted(tree.parent.glob("data.*"))])
        measured.save()
        kept.with_suffix(".json").write_text(json.dumps(notes), "utf-8")
        shutil.rmtree(tree.parent)

    def tests_of(self, place: Place) -> dict[str, float]:
        """The tests that run a place, with the seconds each takes; what the first test of a file runs, its fixtures may have run for all."""
        names: set[str] = set()
        for data in self._data.values():
            contexts = data.contexts_by_lineno(place.path)
            names |= {name for line in place.lines for name in contexts.get(line, ())}
        first: dict[str, str] = {}
        for name in self.seconds:
            first.setdefault(name.partition("::")[0], name)
        names |= {name for name in self.seconds if first[name.partition("::")[0]] in names}
        return {name: self.seconds[name] for name in sorted(names) if name in self.seconds} or self._tests_of_room(place)

    def _tests_of_room(self, place: Place) -> dict[str, float]:
        room = Path(place.path).parent.parts
        for first in range(len(room)):
            beginning = "/".join(("tests", *room[first:])) + "/"
            found = {name: taken for name, taken in self.seconds.items() if name.startswith(beginning)}
            if found:
                return found
        return {}

    def run_broken(self, number: int, place: Place, broken: str) -> str:
        """Who notices that a place is broken: a test, one that hangs, the import, mypy; nobody is the empty text."""
        room, soon, late, taken = Path(place.path).parent.name, dict[str, float](), dict[str, float](), 0.0
        for name, seconds in sorted(self.tests_of(place).items(), key=lambda test: (room not in test[0].split("/"), test[1])):
            taken += seconds
            (soon if taken <= SOON or not soon else late)[name] = seconds
        return (
            self._tests_notice(number, place, broken, soon)
            or self._types_of_broken(number, place, broken)
            or self._tests_notice(number, place, broken, late)
        )

    def _tests_notice(self, number: int, place: Place, broken: str, chosen: dict[str, float]) -> str:
        while chosen:
            tree = self._copy(self.whole, f"broken-{number}")
            Path(importlib.util.cache_from_source(str(tree / place.path))).unlink(missing_ok=True)
            (tree / place.path).write_text(broken, "utf-8")
            notes = self._run_chosen(tree, chosen, MUTATIONS_ROOM=Path(place.path).parent.name)
            shutil.rmtree(tree.parent)
            if notes["running"]:
                return f"{notes['running']} (hangs)"
            if notes["status"] == 0:
                break
            if not notes["failed"]:
                return "the import"
            name = notes["failed"][0]
            tree = self._copy(self.whole, f"whole-{number}")
            notes = self._run_chosen(tree, {name: chosen.get(name, 0.0)})
            shutil.rmtree(tree.parent)
            if notes["status"] == 0:
                return str(name)
            self.failed.append(name)
            chosen.pop(name, None)
        return ""

    def _types_of_broken(self, number: int, place: Place, broken: str) -> str:
        if not self._typed:
            return ""
        tree = self._copy(self.whole, f"typed-{number}")
        (tree / place.path).write_text(broken, "utf-8")
        shutil.copytree(self.scratch / "types", tree.parent / "types")
        status = _mypy(tree, tree.parent / "types")
        shutil.rmtree(tree.parent)
        return "mypy" if status else ""

    def _run_chosen(self, tree: Path, chosen: dict[str, float], **more: str) -> dict[str, Any]:
        (tree.parent / "chosen.json").write_text(json.dumps(chosen), "utf-8")
        files = sorted({name.partition("::")[0] for name in chosen})
        return self._pytest(
            tree, ["pytest", "-x", "--hypothesis-seed=0", *files], MUTATIONS_CHOSEN=str(tree.parent / "chosen.json"), **more
        )


def _digest(root: Path, names: Iterable[str], before: str = "") -> str:
    digest = hashlib.sha256(before.encode())
    for name in names:
        for file in sorted((root / name).rglob("*")) if (root / name).is_dir() else [root / name]:
            if file.is_file() and "__pycache__" not in file.parts:
                digest.update(f"{file.relative_to(root)}\0".encode() + hashlib.sha256(file.read_bytes()).digest())
    return digest.hexdigest()[:16]


def _mypy(tree: Path, cache: Path) -> int:
    """The exit status of mypy as `make test` runs it; `cache` is what it remembers."""
    command = [sys.executable, "-m", "mypy", "--cache-dir", str(cache)]
    return subprocess.run(command, cwd=tree, env={**os.environ, "PYTHONPATH": str(tree)}, stdout=subprocess.DEVNULL, check=False).returncode


def _short(text: str) -> str:
    one_line = " ".join(text.split()).replace("|", "\\|")
    return f"`{one_line if len(one_line) <= 100 else one_line[:99] + '…'}`"


def main(arguments: list[str] | None = None) -> int:
    """Draw, break, run, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("seed", nargs="?", type=int, default=1)
    parser.add_argument("--places", type=int, default=40, help="how many are drawn")
    parser.add_argument("--least", type=int, default=0, help="status 1 when fewer are noticed")
    parser.add_argument("--only", default="", help="of those drawn, run the ones whose place (file:line) has this text in it")
    parser.add_argument("--root", type=Path, default=Path(__file__).resolve().parent.parent)
    parser.add_argument("--rooms", nargs="+", default=ROOMS, help="folders of code to draw from")
    parser.add_argument("--tests", nargs="+", default=(), help="folders of tests/ that are to notice, instead of all but the slow ones")
    given = parser.parse_args(arguments)
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a script's background ignores it, and tests that press Ctrl-C would wait
    root = given.root.resolve()
    paths = [file.relative_to(root).as_posix() for room in sorted(given.rooms) for file in sorted((root / room).rglob("*.py"))]
    places = sorted((place for path in paths for place in places_of(root, path)), key=lambda one: (one.path, one.lines.start, one.column))
    drawn = [one for one in draw(places, given.seed, given.places) if given.only in f"{one[0].path}:{one[0].lines.start}"]
    with tempfile.TemporaryDirectory(prefix="mutations-") as scratch, ThreadPoolExecutor(AT_ONCE) as pool:
        workshop = Workshop(root, sorted({room.partition("/")[0] for room in given.rooms}), given.tests, Path(scratch))
        workshop.record(root / "build" / "mutations")
        print(f"seed {given.seed}: {len(drawn)} of {len(places)} conditions\n\n| place | broken | noticed by |\n|---|---|---|", flush=True)
        answers = pool.map(lambda one: workshop.run_broken(one[0], one[1][0], one[1][0].broken[one[1][1]]), enumerate(drawn))
        noticed = 0
        for (place, way), test in zip(drawn, answers, strict=True):
            old, new = place.ways[way]
            noticed += bool(test)
            who = test or ("**survived**" if workshop.tests_of(place) else "**survived**: no test runs it")
            print(f"| {place.path}:{place.lines.start} | {_short(old)} → {_short(new)} | {who} |", flush=True)
    print(f"\n{noticed} of {len(drawn)} are noticed")
    if workshop.failed:
        failed = sorted(set(workshop.failed))
        rest = f" and {len(failed) - 5} more" if len(failed) > 5 else ""
        print(f"fail without any break, and notice nothing: {', '.join(failed[:5])}{rest}")
    return 1 if noticed < given.least else 0


if __name__ == "__main__":
    sys.exit(main())
