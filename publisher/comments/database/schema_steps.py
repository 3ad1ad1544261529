"""The schema by numbered steps: a database of any age becomes one of today, and no step is ever changed once it is out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import text

from publisher.core.errors import StorageError

if TYPE_CHECKING:
    from sqlalchemy import Connection

_LOCK = 0x61697264
"""PostgreSQL's advisory lock that whoever changes the schema holds."""

STEPS: tuple[tuple[str, ...], ...] = (
    (
        """CREATE TABLE comment (
        id TEXT PRIMARY KEY, show TEXT NOT NULL, episode TEXT NOT NULL, guid TEXT NOT NULL, name TEXT NOT NULL, text TEXT NOT NULL,
        at INTEGER, reply_to TEXT, language TEXT NOT NULL, created BIGINT NOT NULL, edited BIGINT, state TEXT NOT NULL, decided BIGINT,
        consent TEXT NOT NULL, consent_language TEXT NOT NULL, consent_version TEXT NOT NULL, consent_at BIGINT, author TEXT NOT NULL,
        source TEXT NOT NULL, foreign_id TEXT NOT NULL, sameness TEXT NOT NULL,
        CHECK (state IN ('held', 'approved', 'rejected', 'spam', 'erased')))""",
        "CREATE INDEX comment_by_state ON comment (show, state, created)",
        "CREATE INDEX comment_by_episode ON comment (show, episode, created)",
        "CREATE INDEX comment_by_author ON comment (author) WHERE author <> ''",
        "CREATE UNIQUE INDEX comment_by_foreign_id ON comment (show, source, foreign_id) WHERE foreign_id <> ''",
        "CREATE INDEX comment_by_sameness ON comment (show, episode, sameness)",
        "CREATE TABLE answered_nonce (nonce TEXT PRIMARY KEY, sent TEXT NOT NULL, comment TEXT NOT NULL, answered BIGINT NOT NULL)",
        "CREATE INDEX answered_nonce_by_time ON answered_nonce (answered)",
        "CREATE TABLE limit_count (network TEXT PRIMARY KEY, began BIGINT NOT NULL, count INTEGER NOT NULL)",
        """CREATE TABLE outbox (number {serial}, show TEXT NOT NULL, kind TEXT NOT NULL, payload TEXT NOT NULL, due BIGINT NOT NULL,
        tries INTEGER NOT NULL)""",
        "CREATE INDEX outbox_by_due ON outbox (due)",
        "CREATE TABLE setting (name TEXT PRIMARY KEY, value TEXT NOT NULL)",
    ),
)
"""The statements of each step, counted from 1; `{serial}` is a key that counts by itself."""


def bring_up_to_date(connection: Connection) -> None:
    """Take the steps that this database has not seen, inside the caller's transaction. Raises StorageError for one of a newer program."""
    sqlite = connection.dialect.name == "sqlite"
    if not sqlite:
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
    connection.execute(text("CREATE TABLE IF NOT EXISTS schema_step (step INTEGER PRIMARY KEY)"))
    last = connection.execute(text("SELECT coalesce(max(step), 0) FROM schema_step")).scalar_one()
    if last > len(STEPS):
        raise StorageError(
            f"the database of comments was made by a newer Airdate (step {last}, this one knows {len(STEPS)})",
            hint="install that version here, or a newer one",
            code="comments-newer",
        )
    serial = "INTEGER PRIMARY KEY AUTOINCREMENT" if sqlite else "BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY"
    for number in range(last + 1, len(STEPS) + 1):
        for statement in STEPS[number - 1]:
            connection.execute(text(statement.replace("{serial}", serial)))
        connection.execute(text("INSERT INTO schema_step (step) VALUES (:step)"), {"step": number})
