"""The tables as SQLAlchemy knows them; `schema_steps.py` makes them."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import BigInteger, Column, Integer, MetaData, Table, Text
from sqlalchemy.types import TypeDecorator

EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_MICROSECOND = dt.timedelta(microseconds=1)


class Moment(TypeDecorator[dt.datetime]):
    """A time in UTC, kept as microseconds since 1970: the same number in both databases."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: dt.datetime | None, dialect: Any) -> int | None:  # noqa: ARG002  SQLAlchemy's signature
        """Whole microseconds."""
        return None if value is None else (value - EPOCH) // _MICROSECOND

    def process_result_value(self, value: int | None, dialect: Any) -> dt.datetime | None:  # noqa: ARG002  SQLAlchemy's signature
        """The time again."""
        return None if value is None else EPOCH + value * _MICROSECOND


METADATA = MetaData()

COMMENT = Table(
    "comment",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("show", Text, nullable=False),
    Column("episode", Text, nullable=False),
    Column("guid", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("at", Integer),
    Column("reply_to", Text),
    Column("language", Text, nullable=False),
    Column("created", Moment, nullable=False),
    Column("edited", Moment),
    Column("state", Text, nullable=False),
    Column("decided", Moment),
    Column("consent", Text, nullable=False),
    Column("consent_language", Text, nullable=False),
    Column("consent_version", Text, nullable=False),
    Column("consent_at", Moment),
    Column("author", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("foreign_id", Text, nullable=False),
    Column("sameness", Text, nullable=False),
)
"""`sameness` is the digest of the text without its case and blanks: what says the same twice is found by it."""

ANSWERED_NONCE = Table(
    "answered_nonce",
    METADATA,
    Column("nonce", Text, primary_key=True),
    Column("sent", Text, nullable=False),
    Column("comment", Text, nullable=False),
    Column("answered", Moment, nullable=False),
)
"""Which nonce was answered, for which words (their digest), with which comment."""

LIMIT_COUNT = Table(
    "limit_count",
    METADATA,
    Column("network", Text, primary_key=True),
    Column("began", Moment, nullable=False),
    Column("count", Integer, nullable=False),
)
"""How many posts came from a network (its digest, salted anew each day) since its hour began."""

OUTBOX = Table(
    "outbox",
    METADATA,
    Column("number", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    Column("show", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("payload", Text, nullable=False),
    Column("due", Moment, nullable=False),
    Column("tries", Integer, nullable=False),
)
"""What is still to be told or written, so that it is after a restart, too."""

SETTING = Table("setting", METADATA, Column("name", Text, primary_key=True), Column("value", Text, nullable=False))
"""The secret that signs, and the salt of the day."""
