"""The order of the rooms: each package imports only what stands below it, and no two modules import each other in a circle."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from tests.support import ROOT

if TYPE_CHECKING:
    from pathlib import Path

ORDER = (
    "publisher.cli",
    "publisher.commands",
    "publisher.release_job",
    "publisher.publish",
    "publisher.ask_and_apply",
    "publisher.comments",
    "publisher.stats",
    "publisher.thread",
    "publisher.announce",
    "publisher.nothing_to_do",
    "publisher.publish_report",
    "publisher.repair",
    "publisher.show_changes",
    "publisher.moving",
    "publisher.compare",
    "publisher.restore",
    "publisher.folder_to_plan",
    "publisher.check",
    "publisher.verify",
    "publisher.directories",
    "publisher.bucket",
    "publisher.preview",
    "publisher.adoption",
    "publisher.render_show",
    "publisher.workspace",
    "publisher.held_back",
    "publisher.site",
    "publisher.render",
    "publisher.importing",
    "publisher.sync",
    "publisher.load",
    "publisher.state",
    "publisher.incremental_build",
    "publisher.media",
    "publisher.stores",
    "publisher.web",
    "publisher.core",
    "publisher",
    "feed",
)
"""From the top; what stands further down is imported by what stands further up, never the reverse."""


def modules(root: Path = ROOT) -> dict[str, Path]:
    """Dotted name -> file, of everything that is installed."""
    found = {}
    for package in ("feed", "publisher"):
        for path in sorted((root / package).rglob("*.py")):
            parts = path.relative_to(root).with_suffix("").parts
            found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


def imports(name: str, text: str, known: set[str]) -> set[str]:
    """The modules that a module names in its imports, wherever they stand: at the top, under TYPE_CHECKING, in functions."""
    found = set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                base = ".".join([*name.split(".")[: -node.level], *([base] if base else [])])
            names = [f"{base}.{alias.name}" if f"{base}.{alias.name}" in known else base for alias in node.names]
        else:
            continue
        found |= {item for item in names if item in known}
    return found - {name}


def room(name: str, order: tuple[str, ...] = ORDER) -> int:
    """The place of a module's room in the order."""
    fitting = [place for place, package in enumerate(order) if name == package or name.startswith(f"{package}.")]
    if name == "publisher":
        return order.index("publisher")
    fitting = [place for place in fitting if order[place] != "publisher"]
    assert len(fitting) == 1, f"{name} stands in no room of the order"
    return fitting[0]


def upward(graph: dict[str, set[str]]) -> list[str]:
    """Imports of something that stands further up."""
    return sorted(f"{name} -> {other}" for name, others in graph.items() for other in others if room(other) < room(name))


def circles(graph: dict[str, set[str]]) -> list[list[str]]:
    """Modules that reach each other by imports (Tarjan's strongly connected components)."""
    index: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    found: list[list[str]] = []

    def visit(name: str) -> None:
        index[name] = low[name] = len(index)
        stack.append(name)
        for other in sorted(graph[name]):
            if other not in index:
                visit(other)
                low[name] = min(low[name], low[other])
            elif other in stack:
                low[name] = min(low[name], index[other])
        if low[name] == index[name]:
            circle = []
            while True:
                circle.append(stack.pop())
                if circle[-1] == name:
                    break
            if len(circle) > 1:
                found.append(sorted(circle))

    for name in sorted(graph):
        if name not in index:
            visit(name)
    return found


def the_graph() -> dict[str, set[str]]:
    """Every module of the project and what it imports."""
    found = modules()
    return {name: imports(name, path.read_text(encoding="utf-8"), set(found)) for name, path in found.items()}


def test_no_import_runs_up() -> None:
    assert upward(the_graph()) == []


def test_no_two_modules_import_each_other_in_a_circle() -> None:
    assert circles(the_graph()) == []


def test_an_import_that_runs_up_is_seen_wherever_it_stands() -> None:
    known = {"feed.rss", "publisher.core.errors", "publisher.load.config_tables"}
    for text in (
        "from publisher.load.config_tables import Config\n",
        "from publisher.load import config_tables\n",
        "if TYPE_CHECKING:\n    import publisher.load.config_tables\n",
        "def late():\n    from publisher.load.config_tables import Config\n",
    ):
        graph = {"publisher.core.errors": imports("publisher.core.errors", text, known)}
        assert upward(graph) == ["publisher.core.errors -> publisher.load.config_tables"], text


def test_a_circle_is_seen() -> None:
    assert circles({"a": {"b"}, "b": {"c"}, "c": {"a"}, "d": {"a"}}) == [["a", "b", "c"]]
