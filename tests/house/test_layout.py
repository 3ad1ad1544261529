"""One module makes and reads storage keys: nobody else makes one from text, nobody else writes how ours begin, and mypy holds it."""

from __future__ import annotations

import ast
import re
import subprocess
import sys

import pytest

from publisher.core.layout import STATE, Kind
from tests.support import ROOT

LAYOUT = ROOT / "publisher" / "core" / "layout.py"
OTHERS = sorted(set((ROOT / "publisher").rglob("*.py")) - {LAYOUT})
FORMS = [kind.value for kind in Kind]
FOLDERS = sorted({form.partition("/")[0] for form in FORMS if "/" in form} - {STATE, "season-{number}"})
FILES = sorted(form for form in FORMS if form.endswith((".html", ".xml", ".txt", ".webmanifest", ".json")) and "{" not in form)
NAMES = re.compile(rf"(?<![\w.-])(?:{'|'.join(FOLDERS)})/|{re.escape(STATE)}/|(?:^|[\s/])(?:season|feed)-(?:$|\\d)")
"""How our keys begin, and how the number of a season or of a page of the feed is put to one."""
MODULE = re.compile(r"(?:publisher|feed)/[\w/]+\.py")


def written(text: str) -> list[str]:
    """Texts of a module that are a name of ours, or look for one; what stands as a statement is for people."""
    tree = ast.parse(text)
    statements = {node.value for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    texts = [node for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str) and node not in statements]
    return [f"{node.lineno}: {node.value}" for node in texts if NAMES.search(MODULE.sub("", node.value)) or node.value in ROOT_FILES]


ROOT_FILES = set(FILES) - {"people.html", "search.html", "subscribe.html"}
"""Objects at the root, but for those that share their name with the template they are made from."""


def made(text: str) -> list[str]:
    """Where a module makes a key without the layout: by the type's own name, by a cast to it, or of words put together on the spot."""
    tree = ast.parse(text)
    imported = [alias for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) for alias in node.names]
    types = {"Key", "Folder", *(alias.asname or alias.name for alias in imported if alias.name in {"Key", "Folder"})}
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name = ast.unparse(node.func).rpartition(".")[2]
            kind = ast.unparse(node.args[0]).strip("'\"").rpartition(".")[2] if name == "cast" and node.args else name
            composed = name == "key_of" and isinstance(node.args[0], (ast.JoinedStr, ast.BinOp, ast.Constant))
            if kind in types or composed:
                found.append(f"{node.lineno}: {ast.unparse(node)}")
    return found


@pytest.mark.parametrize("path", OTHERS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_no_other_module_makes_a_key_or_writes_how_one_begins(path):
    text = path.read_text("utf-8")
    assert made(text) == []
    assert written(text) == []


@pytest.mark.parametrize(
    "line",
    [
        'key = f"media/{slug}-{digest}.mp3"',
        'key = "episodes/" + slug',
        'found = re.search(r"/(media/[^/]+)$", path)',
        'hidden = key.startswith(("art/", "assets/"))',
        'key = f".airdate/state-{name}.json.gz"',
        'key = f"season-{number}.html"',
        'page = re.compile(r"feed-\\d+")',
        'home = "index.html"',
    ],
)
def test_a_name_that_is_written_elsewhere_is_seen(line):
    assert written(line)


@pytest.mark.parametrize(
    "line",
    [
        "key = Key(text)",
        "key = layout.Key(text)",
        "from publisher.core.layout import Key as Name\nkey = Name(text)",
        'key = cast("Key", text)',
        "folder = Folder(text)",
        'key = layout.key_of(f"{folder}{name}")',
        "key = key_of(folder + name)",
    ],
)
def test_a_key_that_is_made_elsewhere_is_seen(line):
    assert made(line)


def test_a_docstring_may_say_what_a_key_looks_like():
    assert written('def f():\n    """As `media/slug-01234567.mp3`."""\n') == []


HEAD = """\
from publisher.core import layout
from publisher.incremental_build.artifacts import CopyOf, Phase, artifact
from publisher.stores.protocol import Headers, Store


def use(store: Store, name: str, headers: Headers) -> None:
"""
PAIRS = [
    ("store.read(layout.key_of(name))", "store.read(name)"),
    ("store.head(layout.STATE_KEY)", 'store.head(f"media/{name}")'),
    ("store.put(layout.HOME, b'', headers)", "store.put('index.html', b'', headers)"),
    ("store.copy(layout.HOME, layout.SEARCH, headers)", "store.copy(layout.HOME, layout.SEARCH + name, headers)"),
    ("store.delete([layout.claim(1)])", "store.delete([name])"),
    ("store.list(layout.MEDIA)", "store.list('media/')"),
    ("store.list(layout.folder_of(layout.HOME))", "store.list(layout.HOME.rpartition('/')[0])"),
    ("artifact(layout.episode_page(name), b'', Phase.PAGE)", "artifact(f'episodes/{name}.html', b'', Phase.PAGE)"),
    ("CopyOf(layout.HOME)", "CopyOf(layout.HOME.lower())"),
]
"""What is right, and beside it the same with a text."""


def test_mypy_refuses_a_text_where_a_key_belongs(tmp_path):
    lines = [line for pair in PAIRS for line in pair]
    module = tmp_path / "snippet.py"
    module.write_text(HEAD + "".join(f"    {line}\n" for line in lines))
    command = [sys.executable, "-m", "mypy", "--strict", "--follow-imports=silent", str(module)]
    said = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=300).stdout
    first = HEAD.count("\n") + 1
    refused = {lines[int(number) - first] for number in re.findall(r"snippet\.py:(\d+): error: .* \"str\"; expected", said)}
    assert refused == {bad for _, bad in PAIRS}, said
    assert said.count(": error:") == len(PAIRS), said
