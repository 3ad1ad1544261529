"""Posts that come at once: each is kept whole or not at all, whatever becomes of the others beside it."""

from __future__ import annotations

import dataclasses
import datetime as dt
import itertools
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
import sqlalchemy as sql

from publisher.comments.database import open_database, posts
from publisher.comments.database.values import StoredComment
from publisher.core.errors import StorageError
from tests.support.changed_comments import decide

NOW = dt.datetime(2026, 11, 29, 12, 0, tzinfo=dt.UTC)
SHOW = "0f9f6ba2-7e5d-5c6f-9d6b-0f5a3b2c1d00"


@pytest.fixture
def database(database_address):
    opened = open_database(database_address)
    yield opened
    opened.close()


def post(number, *, nonce=None, text=None, network="n", per_hour=1000, **other):
    comment = StoredComment(
        id=f"c{number}", show=SHOW, episode="first", name="Ada", text=text or f"Words of {number}.", created=NOW, author="me"
    )
    return posts.CommentPost(
        comment=dataclasses.replace(comment, **other),
        nonce=nonce or f"n{number}",
        sent=text or f"s{number}",
        network=network,
        per_hour=per_hour,
    )


def at_once(database, made):
    """What came of posts that were sent at the same moment."""
    together = threading.Barrier(len(made))

    def send(one):
        together.wait()
        return posts.take(database.access, one)[0]

    with ThreadPoolExecutor(len(made)) as pool:
        return list(pool.map(send, made))


def test_of_many_with_one_nonce_one_is_stored_and_the_others_are_told_so(database):
    outcomes = at_once(database, [post(number, nonce="same", text="The very same words.") for number in range(12)])
    assert sorted(outcomes) == ["before"] * 11 + ["stored"]
    assert len(database.list(SHOW)) == 1


def test_a_network_gets_no_more_through_at_once_than_one_by_one(database):
    outcomes = at_once(database, [post(number, per_hour=5) for number in range(16)])
    assert sorted(outcomes) == ["many"] * 11 + ["stored"] * 5
    assert len(database.list(SHOW)) == 5
    with database.access.read() as connection:
        assert connection.execute(sql.text("SELECT count(*) FROM answered_nonce")).scalar() == 5


def test_one_that_is_refused_takes_nothing_of_the_others_with_it(database):
    made = [post(number, reply_to="nobody" if number % 3 == 0 else None) for number in range(15)]
    assert at_once(database, made) == ["reply" if number % 3 == 0 else "stored" for number in range(15)]
    assert {comment.id for comment in database.list(SHOW)} == {f"c{number}" for number in range(15) if number % 3}


def test_what_breaks_one_breaks_none_of_the_others(database):
    def work(connection):
        posts._take(connection, post(99))
        raise LookupError("of one alone")

    together = threading.Barrier(9)

    def send(number):
        together.wait()
        return posts.take(database.access, post(number))[0] if number else database.access.write_together(work)

    with ThreadPoolExecutor(9) as pool:
        sent = [pool.submit(send, number) for number in range(9)]
        with pytest.raises(LookupError):
            sent[0].result()
        assert {one.result() for one in sent[1:]} == {"stored"}
    assert len(database.list(SHOW)) == 8


def test_on_a_full_disk_nothing_is_said_to_be_stored_that_is_not(tmp_path):
    database = open_database("sqlite:///comments.sqlite", tmp_path)
    with database.access.read() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar()
    sql.event.listen(database.access._engine, "begin", lambda connection: connection.exec_driver_sql(f"PRAGMA max_page_count={pages + 60}"))
    numbers, stored, failed = itertools.count(), [], threading.Event()

    def send():
        while not failed.is_set():
            number = next(numbers)
            try:
                if posts.take(database.access, post(number, text="x" * 3000 + str(number)))[0] == "stored":
                    stored.append(f"c{number}")
            except StorageError:
                failed.set()

    with ThreadPoolExecutor(8) as pool:
        for one in [pool.submit(send) for _ in range(8)]:
            one.result()
    assert {comment.id for comment in database.list(SHOW)} == set(stored)
    assert stored
    database.close()


def test_an_author_who_was_approved_often_needs_no_moderator(database):
    two = dataclasses.replace(post(1), approve_after=2, tells=("mail",))
    assert posts.take(database.access, two)[1].state == "held"
    for number in (1, 2):
        if number == 2:
            posts.take(database.access, post(2))
        decide(database, SHOW, f"c{number}", "approved", NOW)
    outcome, third = posts.take(database.access, dataclasses.replace(post(3), approve_after=2, tells=("mail",)))
    assert (outcome, third.state, third.decided) == ("stored", "approved", third.created)
    stranger = dataclasses.replace(post(4, author="another"), approve_after=2)
    assert posts.take(database.access, stranger)[1].state == "held"
    with database.access.read() as connection:
        jobs = [tuple(row) for row in connection.execute(sql.text("SELECT kind, payload FROM outbox ORDER BY number"))]
    assert jobs == [("mail", "c1"), ("mail", "c3"), ("page", "first")]
