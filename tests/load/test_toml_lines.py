"""The line of every key: found in any TOML there is, so that a fault never points beside its place."""

from __future__ import annotations

import tomllib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feed.findings import ContentFault
from publisher.load.toml_and_yaml import read_toml, read_yaml
from publisher.load.toml_lines import toml_lines

BARE = st.text("abcdefgh_-0123", min_size=1, max_size=6)
# Quotes, brackets, hashes, equals signs and line ends inside texts are what a scanner trips over.
WORDS = st.text("ab \"'#[]{}=,.\\\tä", max_size=12)
COMMENT = st.one_of(st.just(""), WORDS.map(lambda text: f" # {text}".replace("\t", " ")))
GAP = st.lists(st.one_of(st.just(""), WORDS.map(lambda text: f"# {text}".replace("\t", " "))), max_size=2)


def quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\t", "\\t") + '"'


def literal(text: str) -> str:
    return "'" + text.replace("'", "") + "'"


def long(text: str) -> str:
    return '"""\n' + text.replace("\\", "\\\\").replace('"', '\\"') + '\n"""'


def long_ended_by_quotes(text: str) -> str:
    return '"""' + text.replace("\\", "\\\\").replace('"', "") + '"""""'


def long_literal(text: str) -> str:
    return "'''" + text.replace("'", "") + "\n'''"


SCALARS = st.one_of(
    st.builds(quoted, WORDS),
    st.builds(literal, WORDS),
    st.builds(long, WORDS),
    st.builds(long_ended_by_quotes, WORDS),
    st.builds(long_literal, WORDS),
    st.integers(-9, 9).map(str),
    st.sampled_from(["true", "1.5", "inf", "2026-05-21", "2026-05-21T06:00:00+02:00", "2026-05-21 06:00:00", "06:00:00", "0xff", "1_000"]),
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3).map(lambda items: "[" + ",".join(items) + "]"),
        st.lists(inner, min_size=1, max_size=3).map(lambda items: "[ # x ]\n  " + ",\n\n  ".join(items) + ", # y\n]"),
        st.dictionaries(st.one_of(BARE, st.tuples(BARE, BARE).map(".".join)), inner.filter(lambda text: "\n" not in text), max_size=2).map(
            lambda pairs: "{" + ", ".join(f"{key} = {value}" for key, value in pairs.items()) + "}"
        ),
    ),
    max_leaves=6,
)
KEYS = st.one_of(BARE, BARE.map(lambda key: f'"{key}"'), WORDS.map(quoted), st.tuples(BARE, BARE).map(" . ".join))


@st.composite
def documents(draw: st.DrawFn) -> str:
    """Most of TOML: dotted and quoted keys, every kind of text, arrays over lines, inline tables, tables and arrays of tables."""
    lines: list[str] = []
    for table in range(draw(st.integers(0, 4))):
        lines += draw(GAP)
        if table:
            name = draw(st.sampled_from(["t", "t.u", "[t.v]", "[w]", "[w.x]", "z"])).replace("t", f"t{draw(st.integers(0, 2))}")
            lines.append(f"[{name}]{draw(COMMENT)}")
        for _ in range(draw(st.integers(0, 3))):
            lines += draw(GAP)
            indent = draw(st.sampled_from(["", "  ", "\t"]))
            lines.append(f"{indent}{draw(KEYS)} = {draw(VALUES)}{draw(COMMENT)}")
    return "\n".join(lines) + draw(st.sampled_from(["", "\n", "\n\n# end"]))


def paths(value: object, path: tuple[str | int, ...] = ()):
    """The path of everything in the data."""
    if path:
        yield path
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from paths(inner, (*path, key))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from paths(inner, (*path, index))


@settings(max_examples=300, deadline=None)
@given(documents())
def test_the_reported_line_of_a_key_holds_that_key(text):
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return  # the generator may declare a table twice
    lines = toml_lines(text)
    written = text.split("\n")
    for path in paths(data):
        assert path in lines, path
        if isinstance(path[-1], str):
            escaped = quoted(path[-1])[1:-1]
            assert escaped in written[lines[path] - 1], (path, lines[path])
    assert set(lines) == set(paths(data))


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=60), st.sampled_from(["", "a = 1\n", "[[a]]\nb = ", 'a = """', "x = {", "a.b = ["]))
def test_any_text_is_read_or_refused_with_a_line(text, before):
    for read in (read_toml, read_yaml):
        fault = None
        try:
            read(before + text)
        except ContentFault as raised:
            fault = raised
        assert fault is None or (fault.code == "syntax" and 1 <= fault.line <= (before + text).count("\n") + 2)


@pytest.mark.parametrize(
    ("text", "path", "line"),
    [
        ("a = 1\nb = 2\n", ("b",), 2),
        ('a = """\nb = 2\n"""\nb = 3\n', ("b",), 4),
        ("a = '''\n'''''\nb = 3\n", ("b",), 3),
        ("[[c]]\nx = 1\n\n[[c]]\n# c\nx = 2\n", ("c", 1, "x"), 6),
        ("[c]\nd = [\n 1,\n 2, # ]\n 3]\ne = 1\n", ("c", "d", 2), 5),
        ("[c]\nd = [\n 1,\n 2, # ]\n 3]\ne = 1\n", ("c", "e"), 6),
        ("[[a]]\n[a.b]\nc = 1\n[[a]]\n[a.b]\nc = 2\n", ("a", 1, "b", "c"), 6),
        ('"a b" . c = 1\n', ("a b", "c"), 1),
        ("x = {a = 1, b = {c = 2}}\n", ("x", "b", "c"), 1),
        ('"\\u00e4" = 1\n', ("ä",), 1),
    ],
)
def test_lines_of_the_hard_places(text, path, line):
    assert toml_lines(text)[path] == line
