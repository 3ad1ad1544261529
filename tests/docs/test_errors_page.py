"""The page of errors explains every code that a message may carry, and none that no message carries."""

from __future__ import annotations

import ast
import re

import pytest

from feed.categories import CATEGORIES
from tests.support import ROOT

PAGE = (ROOT / "publisher/core/errors.md").read_text("utf-8")
CODE = re.compile(r"[a-z]+(-[a-z0-9]+)*")
RULE = re.compile(r"[A-Z]\d{3}")
# Names that begin like a code and are none.
NO_CODES = {"bucket-acl", "bucket-owner-full-control", "storage-class"}


def texts(node: ast.AST) -> list[str]:
    return [item.value for item in ast.walk(node) if isinstance(item, ast.Constant) and isinstance(item.value, str)]


def codes_in(tree: ast.AST) -> set[str]:
    """`code="…"`, the first argument of `place(…)` and `Disagreement(…)`, what is assigned to `code`, tripwires by name, the
    two codes of what a reader remarks, and the tables of stores."""
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.keyword) and node.arg == "code":
            found.update(texts(node.value))
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            if node.func.id in ("place", "Disagreement") and node.args:
                found.update(texts(node.args[0]))
            elif node.func.id == "Tripped":
                found.update(f"refused-{name}" for word in node.keywords if word.arg == "name" for name in texts(word.value))
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "_finding":
            found.update(texts(node.args[1]))
        elif isinstance(node, ast.Assign) and any(
            isinstance(name, ast.Name) and name.id in {"LEFT_OUT", "GUESSED"} for name in ast.walk(node.targets[0])
        ):
            found.update(texts(node.value))
        elif isinstance(node, ast.Assign) and any(isinstance(name, ast.Name) and name.id == "code" for name in ast.walk(node.targets[0])):
            value = node.value.elts[-1] if isinstance(node.value, ast.Tuple) else node.value
            for choice in (value.body, value.orelse) if isinstance(value, ast.IfExp) else (value,):
                found.update(texts(choice))
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and re.fullmatch(r"storage(-[a-z]+)+", node.value):
            found.add(node.value)
    return {code for code in found if CODE.fullmatch(code)} - NO_CODES


def codes() -> set[str]:
    found: set[str] = set()
    for folder in ("publisher", "feed"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            if path.parent.name != "rules":
                found |= codes_in(ast.parse(path.read_text("utf-8")))
    return found


def headings() -> list[str]:
    return re.findall(r"^### (.+)$", PAGE, re.MULTILINE)


def test_every_code_has_a_heading():
    assert sorted(codes() - set(headings())) == []


def test_every_heading_is_a_code_that_is_used():
    assert sorted(set(headings()) - codes()) == []


def test_no_heading_stands_twice_and_each_says_something():
    assert len(headings()) == len(set(headings()))
    for section in PAGE.split("\n### ")[1:]:
        code, _, body = section.partition("\n")
        assert len(body.split("\n## ")[0].strip().split("\n\n")) >= 2, f"{code}: what it means, and what to do"


def test_a_code_that_is_not_explained_would_be_found():
    assert codes_in(ast.parse('raise UsageError("x", code="brand-new")')) == {"brand-new"}
    assert codes_in(ast.parse('found.append(place("other-one", "x"))')) == {"other-one"}
    assert codes_in(ast.parse('message, code = "`x` is missing", "third-one"')) == {"third-one"}
    assert codes_in(ast.parse('Tripped(name="fourth", message="x")')) == {"refused-fourth"}


def test_rules_are_explained_on_their_own_page():
    assert not [heading for heading in headings() if RULE.fullmatch(heading)]


@pytest.mark.parametrize("category", CATEGORIES)
def test_apples_categories_stand_under_their_error(category):
    line = f"- {category}" + (": " + ", ".join(CATEGORIES[category]) if CATEGORIES[category] else "")
    assert line in PAGE.split("### category-unknown")[1].split("###")[0].splitlines()


def test_no_message_names_a_file_that_an_installed_user_has_not_got():
    named: set[str] = set()
    for path in sorted((ROOT / "publisher").rglob("*.py")):
        tree = ast.parse(path.read_text("utf-8"))
        said = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
        words = (node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and id(node) not in said)
        named.update(word for word in words if isinstance(word, str) and re.search(r"docs/[\w/.-]+\.md", word))
    assert sorted(named) == []


def test_the_page_leads_nowhere_that_a_terminal_cannot_show():
    assert re.findall(r"(?<!!)\[[^\]\n]*\]\([^)]*\)", PAGE[PAGE.index("\n## ") :]) == []
