"""The count in the dialects of engines that somebody has: DuckDB's text through sqlglot, and what sqlglot does not know of these.

Trino's and Athena's was never run by us: what is different there is written from Trino's manual (functions, SELECT).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal

from publisher.core.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlglot.expressions import Expr

Dialect = Literal["spark", "trino", "athena"]
"""As sqlglot calls them; Athena speaks Trino's."""


def in_dialect(sql: str, dialect: Dialect) -> str:
    """A statement in DuckDB's dialect, in another one. Raises UsageError where sqlglot is not installed."""
    try:
        from sqlglot import ErrorLevel, parse_one
    except ImportError as error:
        message = "what writes SQL for other engines is not installed"
        raise UsageError(message, cause=str(error), hint="pip install duckdb maxminddb sqlglot", code="stats-extra") from error
    tree, change = parse_one(sql, read="duckdb"), _spark if dialect == "spark" else _trino
    for node in reversed(list(tree.walk())):  # what stands deepest comes first
        changed = change(node)
        if changed is not node:
            node.replace(changed)
    return tree.sql(dialect=dialect, pretty=True, unsupported_level=ErrorLevel.RAISE)


def _spark(node: Expr) -> Expr:
    """Spark has a function that tries in place of TRY(…), and odd names in paths of JSON stand in brackets."""
    from sqlglot import exp

    if not isinstance(node, exp.Try):
        return node
    tried = node.this
    if isinstance(tried, exp.JSONExtractScalar):
        # get_json_object would write numbers anew, 1780392600.25 as 1.78039260025E9
        parsed = _call("try_parse_json", tried.this)
        return _each_path(tried, lambda path: _call("try_variant_get", parsed.copy(), _text(_in_brackets(path)), _text("string")))
    if isinstance(tried, exp.Anonymous) and tried.name == "url_decode":
        return _call("try_url_decode", *tried.expressions)
    return node


def _trino(node: Expr) -> Expr:
    """Trino stops at an array's end, hashes bytes, repeats into arrays, and looks for one path of JSON at a time."""
    from sqlglot import exp

    if isinstance(node, exp.JSONExtractScalar):
        return _each_path(node, lambda path: _call("json_extract_scalar", node.this.copy(), _text(path)))
    if isinstance(node, exp.Bracket):
        return _call("element_at", node.this, exp.Literal.number(int(node.expressions[0].name) + 1))
    if isinstance(node, exp.MD5):
        return _call("lower", _call("to_hex", _call("md5", _call("to_utf8", node.this))))
    if isinstance(node, exp.Repeat):
        times = exp.cast(exp.Greatest(this=exp.Literal.number(0), expressions=[node.args["times"]]), "int")
        return _call("array_join", _call("repeat", node.this, times), _text(""))
    if isinstance(node, exp.EndsWith):
        return exp.EQ(this=_call("substr", node.this, exp.Neg(this=_call("length", node.expression))), expression=node.expression.copy())
    if isinstance(node, exp.Contains):
        return exp.GT(this=_call("strpos", node.this, node.expression), expression=exp.Literal.number(0))
    return node


def _each_path(found: Expr, one: Callable[[str], Expr]) -> Expr:
    """An array of what stands at each of the paths."""
    from sqlglot import exp

    return exp.Array(expressions=[one(path.name) for path in found.expression.expressions])


def _call(name: str, *values: Expr) -> Expr:
    from sqlglot import exp

    return exp.Anonymous(this=name, expressions=list(values))


def _text(value: str) -> Expr:
    from sqlglot import exp

    return exp.Literal.string(value)


def _in_brackets(path: str) -> str:
    """`$."cs(User-Agent)"` as `$['cs(User-Agent)']`."""
    return re.sub(r'\."([^"]+)"', r"['\1']", path)
