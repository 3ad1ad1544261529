"""A form of log: how it is told, and the SELECT that reads it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """A form of log.

    `sql` is a SELECT in DuckDB's dialect over the relation `lines(source VARCHAR, number BIGINT, line VARCHAR)`. It gives the columns of
    `publisher.stats.counting.tables.REQUESTS`, by name: one row for each line, in which `at IS NULL` says that the line cannot be read;
    none for a header. It is made of functions that Spark has, too, or that sqlglot turns into such.
    """

    name: str
    """The word in `[stats] form`."""
    words: str
    """Whose it is, for people."""
    tells: Callable[[Sequence[str]], bool]
    """Whether these first lines of a file are of this form."""
    sql: str
    """The SELECT."""
    limits: tuple[str, ...] = ()
    """Sentences about what this form does not tell; shown beside its numbers."""
    side: Literal["server", "network", "bucket"] = "server"
    """Where requests are logged: by a server of one's own, by a content network, by the bucket. Two sides see the same download twice."""
    fitted: Callable[[Sequence[str]], Form] | None = None
    """The form for a file that begins with these lines, where a header says which fields there are."""
