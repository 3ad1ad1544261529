"""Comments kept, found, decided, edited and erased: on SQLite and on PostgreSQL alike."""

from __future__ import annotations

import dataclasses
import datetime as dt
from concurrent.futures import ThreadPoolExecutor

import pytest
import sqlalchemy as sql

from publisher.comments.database import open_database, tables
from publisher.comments.database.comments import ERASED
from publisher.comments.database.schema_steps import STEPS
from publisher.comments.database.values import StoredComment
from publisher.core.errors import StorageError, UsageError
from tests.support.changed_comments import decide, edit, erase

NOW = dt.datetime(2026, 11, 29, 12, 0, 0, 123_456, tzinfo=dt.UTC)
SHOW, OTHER = "0f9f6ba2-7e5d-5c6f-9d6b-0f5a3b2c1d00", "1f9f6ba2-7e5d-5c6f-9d6b-0f5a3b2c1d00"


@pytest.fixture
def database(database_address):
    opened = open_database(database_address)
    yield opened
    opened.close()


def comment(name="a1", **other):
    return StoredComment(
        **{
            "id": name, "show": SHOW, "episode": "first", "guid": "g", "name": "Ada ✂ 𝒳", "text": "The hinge!\n\n'; DROP TABLE comment; --", "at": 754,
            "language": "en", "created": NOW, "consent": "I agree.", "consent_language": "en", "consent_version": "abc", "consent_at": NOW,
            "author": "token's digest",
        }
        | other
    )  # fmt: skip


def test_a_comment_comes_back_as_it_was_kept_also_from_another_connection(database, database_address):
    kept = comment(edited=NOW, decided=NOW + dt.timedelta(microseconds=1), reply_to="a0", foreign_id="7", source="isso")
    assert database.add([kept]) == 1
    assert database.find(SHOW, "a1") == kept
    again = open_database(database_address)
    assert again.list(SHOW) == (kept,)
    again.close()


def test_a_show_does_not_see_the_comments_of_another(database):
    database.add([comment(), comment("b1", show=OTHER)])
    assert database.find(OTHER, "a1") is None
    assert decide(database, OTHER, "a1", "approved", NOW) is None
    assert erase(database, OTHER, "a1", NOW) is None
    assert edit(database, OTHER, "a1", text="mine", now=NOW) is None
    assert [item.id for item in database.list(OTHER)] == ["b1"]
    assert database.find(SHOW, "a1") == comment()


def test_what_is_kept_already_is_left_as_it_is(database):
    database.add([comment(), comment("d1", source="disqus", foreign_id="9")])
    assert database.add([comment(text="another"), comment("d2", source="disqus", foreign_id="9"), comment("d3", foreign_id="9")]) == 1
    assert [item.id for item in database.list(SHOW)] == ["a1", "d1", "d3"]
    assert database.find(SHOW, "a1") == comment()


def test_lists_are_in_order_and_come_in_pages(database):
    made = [comment(f"a{number}", created=NOW + dt.timedelta(seconds=number // 2), episode=f"e{number % 3}") for number in range(9)]
    database.add(reversed(made))
    assert [item.id for item in database.list(SHOW)] == [item.id for item in made]
    assert [item.id for item in database.list(SHOW, episode="e1")] == ["a1", "a4", "a7"]
    assert [item.id for item in database.list(SHOW, after="a2", limit=3)] == ["a3", "a4", "a5"]
    assert database.episodes(SHOW) == ("e0", "e1", "e2")


def test_states_are_decided_and_counted(database):
    database.add([comment(f"a{number}") for number in range(5)])
    assert decide(database, SHOW, "a0", "approved", NOW).decided == NOW
    decide(database, SHOW, "a1", "spam", NOW)
    decide(database, SHOW, "a2", "rejected", NOW)
    assert decide(database, SHOW, "none", "approved", NOW) is None
    assert database.count(SHOW) == {"held": 2, "approved": 1, "rejected": 1, "spam": 1, "erased": 0}
    assert database.count(SHOW, "second")["held"] == 0
    assert [item.id for item in database.approved(SHOW, "first")] == ["a0"]
    with pytest.raises(sql.exc.IntegrityError):
        decide(database, SHOW, "a0", "nonsense", NOW)


def test_an_edit_changes_the_words_and_says_when(database):
    database.add([comment(state="approved")])
    edited = edit(database, SHOW, "a1", text="Other words.", now=NOW, state="held")
    assert edited == dataclasses.replace(comment(), text="Other words.", edited=NOW)
    assert database.find(SHOW, "a1") == edited


def test_what_is_erased_holds_nothing_of_its_author_and_stays_erased(database):
    database.add([comment(state="approved", foreign_id="3", source="isso"), comment("a2", reply_to="a1")])
    erased = erase(database, SHOW, "a1", NOW)
    kept = {"id": "a1", "show": SHOW, "episode": "first", "created": NOW, "decided": NOW, "state": "erased"}
    told = {name: value for name, value in dataclasses.asdict(erased).items() if value and name not in kept}
    assert told == {"guid": "g", "source": "isso"}
    with database.access.read() as connection:
        row = connection.execute(sql.select(tables.COMMENT).where(tables.COMMENT.c.id == "a1")).one()._mapping
    assert {name: row[name] for name in ERASED} == dict(ERASED)
    assert decide(database, SHOW, "a1", "approved", NOW) is None
    assert edit(database, SHOW, "a1", text="back again", now=NOW) is None
    assert database.find(SHOW, "a2").reply_to == "a1"


def test_whoever_asks_first_makes_a_setting_and_all_get_the_same(database_address):
    opened = [open_database(database_address) for _ in range(4)]
    with ThreadPoolExecutor(16) as pool:
        got = set(pool.map(lambda number: opened[number % 4].setting("secret", f"mine {number}"), range(64)))
    assert len(got) == 1
    assert {one.setting("secret", "late") for one in opened} == got
    for one in opened:
        one.close()


def test_many_may_open_a_new_database_at_once(database_address):
    with ThreadPoolExecutor(6) as pool:
        opened = list(pool.map(lambda _: open_database(database_address), range(6)))
    with ThreadPoolExecutor(12) as pool:
        assert sum(pool.map(lambda number: opened[number % 6].add([comment(f"c{number}")]), range(60))) == 60
    for one in opened:
        one.close()


def test_the_steps_make_the_tables_that_we_speak_of(database):
    with database.access.read() as connection:
        looked = sql.inspect(connection)
        found = {name: {column["name"] for column in looked.get_columns(name)} for name in looked.get_table_names()}
    assert found.pop("schema_step") == {"step"}
    assert found == {name: {column.name for column in table.columns} for name, table in tables.METADATA.tables.items()}


def test_a_database_of_a_newer_program_is_left_alone(database, database_address):
    with database.access.write() as connection:
        connection.execute(sql.text("INSERT INTO schema_step (step) VALUES (:step)"), {"step": len(STEPS) + 1})
    with pytest.raises(StorageError) as caught:
        open_database(database_address)
    assert caught.value.code == "comments-newer"


@pytest.mark.parametrize(
    "address", ["", "comments.sqlite", "sqlite://", "mysql://here/comments", "postgresql://here", "sqlite:///x?mode=ro"]
)
def test_an_address_of_no_database_is_refused_without_telling_it(address):
    with pytest.raises(UsageError) as caught:
        open_database(address)
    assert caught.value.code == "comments-no-database"
    assert not address or address not in caught.value.message


@pytest.mark.parametrize(
    "address",
    [
        "postgresql://me:pa@SECRET:SECRET@host/comments",
        "postgresql://me:pa@SECRET/SECRET@host/comments",
        "postgresql://me:pa/SECRET@SECRET@host/comments",
        "postgresql://me:SECRET@host:SECRET/comments",
        "postgresql://me:SECRET@[::1/comments",
        "postgresql://me:pa@SECRET?SECRET@host/comments",
    ],
)
def test_of_a_password_that_splits_its_address_nothing_is_told(address):
    with pytest.raises(UsageError) as caught:
        open_database(address)
    assert caught.value.code == "comments-no-database"
    assert "SECRET" not in f"{caught.value} {caught.value.cause} {caught.value.hint}"
    assert "percent" in caught.value.hint


@pytest.mark.parametrize("address", ["sqlite:////nowhere/at/all/comments.sqlite", "postgresql://127.0.0.1:1/comments"])
def test_a_database_that_does_not_answer_is_told(address):
    with pytest.raises(StorageError) as caught:
        open_database(address)
    assert caught.value.code == "comments-database"


def test_sqlite_keeps_what_it_answered(tmp_path):
    opened = open_database("sqlite:///comments.sqlite", tmp_path)
    assert (tmp_path / "comments.sqlite").is_file()
    with opened.access.read() as connection:
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 2  # FULL
    opened.close()
