"""What a page names is there: commands and their options, tables and keys, codes of rules and errors, exit statuses, make's targets."""

from __future__ import annotations

import re
import shlex
import tomllib
from functools import cache

import click
import pytest

from feed.rules import BOOKS
from publisher.cli.command_line import COMMANDS, cli
from publisher.commands.explain import explanations
from publisher.core.errors import Exit
from publisher.verify.hosting_rules import HOSTING
from tests.support import ROOT
from tests.support.markdown_pages import fences, name_of, prose, spans, written_pages

PAGES = [path for path in written_pages() if path.name != "CHANGELOG.md"]
RECIPES = sorted(
    path
    for pattern in ("docs/ci/**/*", "examples/**/*.yml", "examples/**/*.toml")
    for path in ROOT.glob(pattern)
    if path.is_file() and path.suffix != ".md"
)
RULES = {rule.code for book in (*BOOKS, HOSTING) for rule in book.rules} | {"F029"}
"""F029 is a property of the program: docs/sources.md."""
OTHERS = {"--build-arg", "--cues", "--episodes", "--hash", "--only"}
"""Options of other programs that stand alone in a sentence."""
CUT = re.compile(r"\s(?:[|;<>]|&&|\|\||\d?>>?).*")
SAID_STATUS = re.compile(r"(?:exit status|status|ends? with|ends in) (\d+)(?![\w.,]*\d|:\d)")
KINDS = ("refused", "audio", "storage", "transcript", "config", "content", "withdraw", "rollback", "import", "artwork", "chapters", "date")


@cache
def options(command: str) -> dict[str, bool]:
    """Options of `publish` ("") or of one of its commands -> whether a value follows."""
    context = click.Context(cli, info_name="publish")
    found = cli.get_command(context, command) if command else cli
    below = found.commands.values() if isinstance(found, click.Group) and command else ()
    params = [param for one in (found, *below) for param in one.params]
    named = {name: param for param in params if isinstance(param, click.Option) for name in (*param.opts, *param.secondary_opts)}
    return {name: not param.is_flag and not param.count for name, param in named.items()} | {"--help": False, "-h": False}


def not_so(line: str) -> str:
    """What is wrong with a line that begins with `publish `; "" when nothing is."""
    try:
        words = shlex.split(CUT.sub("", line), comments=True)[1:]
    except ValueError:
        words = CUT.sub("", line).split()[1:]
    command = ""
    while words:
        word = words.pop(0)
        name = word.partition("=")[0]
        if word.startswith("-"):
            if name not in options(command):
                return f"{name} is no option of publish {command}".rstrip()
            if options(command)[name] and "=" not in word and words:
                words.pop(0)
        elif not command:
            if word not in COMMANDS:
                return f"{word} is no command"
            command = word
            below = getattr(cli.get_command(click.Context(cli, info_name="publish"), command), "commands", None)
            if below and words and words[0].isalpha() and words.pop(0) not in below:
                return f"publish {command} has no such command"
    return ""


def command_lines(text: str) -> list[str]:
    """All that stands as a command of ours in a page or a recipe."""
    blocks = [body.replace("\\\n", " ") for kind, body in fences(text) if kind in ("", "sh", "yaml", "cron", "ini", "dockerfile")]
    lines = [line for body in blocks for line in body.splitlines()] + spans(text)
    found = (re.search(r"(?<![\w.-])(?<!name )(publish [^`]*)", re.sub(r"^\s*#.*|\s#\s.*", "", line)) for line in lines)
    return [
        match[1].rstrip('")')
        for match in found
        if match and re.match(r"publish (?:-|[a-z]+\b)", match[1]) and not re.search("…|publish must know", match[1])
    ]


def tables() -> dict[str, set[str]]:
    """Tables of config.toml and of an episode's head -> their keys, from the reference that is made of the code."""
    found: dict[str, set[str]] = {}
    for page, top in (("config", ""), ("episode", "episode")):
        text = (ROOT / "docs" / "reference" / f"{page}.md").read_text("utf-8")
        for part in re.split(r"^(?=## )", text, flags=re.MULTILINE):
            heading = re.match(r"## `?\[*([\w.<>]+)", part)
            name = heading[1].strip("[]`") if heading else top
            found.setdefault(name, set()).update(re.findall(r"^\| `(\w+)` \|", part, re.MULTILINE))
    return found


TABLES = tables()


def keys_of(table: str) -> set[str] | None:
    """The keys of a table; of one that a person names, those of all such; None where there is no such table."""
    parent = table.rpartition(".")[0]
    return TABLES.get(table) or next((keys for name, keys in TABLES.items() if parent and name.startswith(f"{parent}.<")), None)


def free(table: str) -> bool:
    """Whether it is a key of the table above it that holds a table of any words, as `[transcript.replace]`."""
    parent, _, key = table.rpartition(".")
    return bool(parent) and key in (keys_of(parent) or ())


def unknown_keys(document: dict[str, object], table: str = "") -> list[str]:
    """Keys and tables of a TOML document that neither config.toml nor an episode's head has; a table of free words has any."""
    known = keys_of(table) if table else TABLES["episode"]
    wrong = []
    for key, value in document.items():
        inner = f"{table}.{key}".lstrip(".")
        if isinstance(value, dict) and (keys_of(inner) or any(name.startswith(f"{inner}.") for name in TABLES)):
            wrong += unknown_keys(value, inner)
        elif key not in (known or ()):
            wrong.append(f"[{table}] {key}".removeprefix("[] "))
    return wrong


@pytest.mark.parametrize("page", [*PAGES, *RECIPES], ids=name_of)
def test_every_command_and_option_is_there(page):
    text = page.read_text("utf-8")
    text = text if page.suffix == ".md" else f"```sh\n{text}\n```"
    assert [f"{line}: {why}" for line in command_lines(text) if (why := not_so(line))] == []


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_option_that_stands_alone_is_there(page):
    known = {name for command in ("", *COMMANDS) for name in options(command)} | OTHERS
    text = re.sub(
        r"<!-- tokens -->.*?<!-- /tokens -->|^Each has a light.*", "", page.read_text("utf-8"), flags=re.DOTALL | re.MULTILINE
    )  # of CSS
    alone = {name for span in spans(text) for name in re.findall(r"^(--[a-z][a-z-]*)", span)}
    assert sorted(alone - known) == []


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_table_and_key_is_there(page):
    text = page.read_text("utf-8")
    wrong = []
    for span in spans(text):
        if found := re.fullmatch(r"\[{1,2}([a-z][\w.]*)\]{1,2}(?: (\w+).*)?", span):
            table, key = found[1], found[2]
            keys = keys_of(table)
            if (keys is None and not free(table) and not any(name.startswith(f"{table}.") for name in TABLES)) or (
                key and key not in (keys or ())
            ):
                wrong.append(span)
    for key, table in re.findall(r"`(\w+)(?: = [^`]*)?` under\s+`\[(\w+)\]`", text):
        wrong += [f"[{table}] {key}"] if key not in TABLES.get(table, ()) else []
    for kind, body in fences(text):
        if kind == "toml" and page.name not in ("CONTRIBUTING.md", "ARCHITECTURE.md"):
            wrong += unknown_keys(tomllib.loads(body))
    assert wrong == []


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_code_and_exit_status_is_there(page):
    text = page.read_text("utf-8")
    assert set(re.findall(r"(?<![\w-])[ACDFHILU]\d{3}(?![\w-])", text)) - RULES == set()
    named = {span for span in spans(text) if re.fullmatch(rf"(?:{'|'.join(KINDS)})(?:-[a-z]+)+", span)}
    assert sorted(named - set(explanations()) - {"storage-class"}) == []
    rows = "".join(re.findall(r"^\| (?:exit )?status \|.*\n\|[-|]+\n((?:\|.*\n)+)", text, re.MULTILINE))
    said = [*SAID_STATUS.findall(prose(text)), *re.findall(r"^\| (\d+) \|", rows, re.MULTILINE)]
    assert {int(number) for number in said} - {int(status) for status in Exit} == set()


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_target_of_make_variable_and_program_of_the_sources_is_there(page):
    text = page.read_text("utf-8")
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    assert set(re.findall(r"`make ([a-z-]+)", text)) - targets == set()
    programs = re.findall(r"python (?:-m )?((?:benchmarks|tools|tests)[./][\w./]+)(?![\w/]*::)([^`#\n]*)", text)
    assert [f"{name}{rest}" for name, rest in programs if not takes(name, rest)] == []
    sources = "\n".join(
        path.read_text("utf-8") for path in (*sorted((ROOT / "publisher").rglob("*.py")), ROOT / "Makefile", ROOT / "tests/conftest.py")
    )
    helpers = "\n".join(path.read_text("utf-8") for path in sorted((ROOT / "tests").rglob("*.py")))
    assert [name for name in sorted(set(re.findall(r"\bAIRDATE_[A-Z_0-9]+\b", text))) if name not in sources + helpers] == []


def takes(program: str, rest: str) -> bool:
    """Whether a program of the sources is there, and has the options that it is given."""
    path = ROOT / program.rstrip(".").removesuffix(".py").replace(".", "/")
    found = [place for place in (path.with_suffix(".py"), path / "__main__.py") if place.exists()]
    return bool(found) and all(option in found[0].read_text("utf-8") for option in re.findall(r" (--[a-z][a-z-]*)", rest))


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("publish --until-due 30m", ""),
        ("publish check --strict > out.txt", ""),
        ("publish --wait 10m verify --all", ""),
        ("publish sheck", "sheck is no command"),
        ("publish check --strickt", "--strickt is no option of publish check"),
        ("publish --now check", ""),
        ("publish --all", "--all is no option of publish"),
    ],
)
def test_a_command_or_option_that_is_not_there_is_found(line, why):
    assert not_so(line) == why


def test_a_program_or_an_option_of_the_sources_that_is_not_there_is_found():
    assert takes("benchmarks.curves", " --rounds 2 --plot docs/curves.svg")
    assert not takes("benchmarks.curves", " --no-such 2") and not takes("benchmarks.curve", "")


def test_a_key_that_is_not_there_is_found():
    assert unknown_keys(tomllib.loads("[show]\ntitel = 1\n[stroage]\nurl = 1\n")) == ["[show] titel", "stroage"]
    assert unknown_keys(tomllib.loads("[people.ada]\nname = 'Ada'\n[transcript.replace]\n'a b' = 'c'\n")) == []
    assert unknown_keys(tomllib.loads("audio_revision = 2\n")) == []
    assert SAID_STATUS.findall("ends with 9, and status 4; ends with 10:00 and status 200") == ["9", "4", "200"]
