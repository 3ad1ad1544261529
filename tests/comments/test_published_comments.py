"""Approved comments on the storage are what the database says, whoever writes at once, and nothing that nobody here knows is lost."""

from __future__ import annotations

import datetime as dt
import json
import threading

import pytest

from publisher.comments.database import open_database
from publisher.comments.database.outbox import decide
from publisher.comments.database.values import StoredComment
from publisher.comments.published_comments import PublishedComments, files_of
from publisher.core import layout
from publisher.core.errors import StorageError
from publisher.incremental_build.artifacts import SHORT
from publisher.stores.protocol import Headers
from tests.support import changed_comments
from tests.support.memory_store import MemoryStore

SHOW = "0f9f6ba2-7e5d-5c6f-9d6b-0f5a3b2c1d00"
NOW = dt.datetime(2026, 6, 1, 12, tzinfo=dt.UTC)
HEADERS = Headers(content_type="application/json")


def comment(number: int, episode: str = "first", **values) -> StoredComment:
    given = {
        "id": f"c{number:05}",
        "show": SHOW,
        "episode": episode,
        "name": "Ada",
        "text": f"Comment {number}",
        "created": NOW + dt.timedelta(seconds=number),
        "state": "approved",
    }
    return StoredComment(**(given | values))


@pytest.fixture
def database(database_address):
    found = open_database(database_address)
    yield found
    found.close()


def published(store, database, *slugs: str) -> PublishedComments:
    return PublishedComments(store=store, database=database, show=SHOW, slugs=lambda: {"first", *slugs})


def document(store, name: str):
    stored = store.read(layout.key_of(f"comments/{name}.json"))
    return json.loads(stored.body) if stored else None


def texts(store, name: str) -> list[str]:
    return [row["text"] for row in document(store, name)["comments"]]


def test_a_file_is_what_pages_read():
    rows = [
        comment(1, at=754),
        comment(2, reply_to="c00001", source="moderator"),
        comment(3, reply_to="c09999"),
    ]
    [(key, body)] = files_of("first", rows, ()).items()
    assert key == "comments/first.json"
    assert json.loads(body) == {
        "episode": "first",
        "comments": [
            {"id": "c00001", "name": "Ada", "text": "Comment 1", "date": "2026-06-01T12:00:01Z", "at": 754},
            {"id": "c00002", "name": "Ada", "text": "Comment 2", "date": "2026-06-01T12:00:02Z", "reply_to": "c00001", "by_show": True},
            {"id": "c00003", "name": "Ada", "text": "Comment 3", "date": "2026-06-01T12:00:03Z"},
        ],
        "total": 3,
    }


def test_the_newest_500_stand_in_the_first_file_and_older_ones_in_those_it_leads_to():
    files = files_of("first", [comment(number) for number in range(1203)], ())
    assert list(files) == ["comments/first-3.json", "comments/first-2.json", "comments/first.json"], "pages read the last one first"
    read = {key: json.loads(body) for key, body in files.items()}
    assert [len(one["comments"]) for one in read.values()] == [203, 500, 500]
    newest = read["comments/first.json"]
    assert (newest["comments"][-1]["id"], newest["total"], newest["older"]) == ("c01202", 1203, "first-2.json")
    assert (read["comments/first-2.json"]["older"], "older" in read["comments/first-3.json"]) == ("first-3.json", False)
    ids = [row["id"] for one in read.values() for row in one["comments"]]
    assert ids == sorted(ids) and len(set(ids)) == 1203


def test_a_file_is_never_larger_than_a_folder_takes():
    rows = [comment(number, text="🎙" * 5000) for number in range(700)]
    files = files_of("first", rows, ())
    assert max(map(len, files.values())) < 8 << 20
    assert sum(len(json.loads(body)["comments"]) for body in files.values()) == 700


def test_older_comments_never_take_the_name_of_another_episode(database):
    store = MemoryStore()
    database.add([comment(number) for number in range(501)])
    published(store, database).write("first")
    assert texts(store, "first-2") == ["Comment 0"]
    database.add([comment(9001, "first-2")])  # an episode of that name came out, and somebody wrote about it
    published(store, database, "first-2").write("first-2")
    assert texts(store, "first-2") == ["Comment 9001"]
    assert (document(store, "first")["older"], texts(store, "first-3")) == ("first-3.json", ["Comment 0"])


def test_nothing_is_sent_where_nothing_changed_and_caches_ask_again_soon(database):
    store = MemoryStore()
    database.add([comment(1)])
    assert published(store, database).write("first") == ("comments/first.json",)
    stored = store.read(layout.comments("first"))
    assert (stored.headers.content_type, stored.headers.cache_control) == ("application/json", SHORT)
    assert published(store, database).write("first") == ()


def test_a_rejected_comment_leaves_and_numbered_files_empty(database):
    store = MemoryStore()
    database.add([comment(number) for number in range(501)])
    writer = published(store, database)
    writer.write("first")
    changed_comments.decide(database, SHOW, "c00007", "rejected", NOW)
    assert set(writer.write("first")) == {"comments/first.json", "comments/first-2.json"}
    assert "Comment 7" not in texts(store, "first") and len(texts(store, "first")) == 500
    assert texts(store, "first-2") == []


def test_an_episode_without_comments_has_an_empty_list(database):
    store = MemoryStore()
    published(store, database).write("first")
    assert texts(store, "first") == []


@pytest.mark.parametrize("behaviour", ["enforced", "refused", "ignored"])
def test_many_who_approve_at_once_lose_none(database, behaviour):
    store = MemoryStore(behaviour=behaviour)
    database.add([comment(number, state="held") for number in range(40)])
    faults: list[BaseException] = []

    def approve(numbers) -> None:
        try:
            for number in numbers:
                decide(database.access, SHOW, [f"c{number:05}"], "approved", NOW, NOW)
                published(store, database).write("first")
        except BaseException as fault:
            faults.append(fault)

    threads = [threading.Thread(target=approve, args=(range(begin, 40, 4),)) for begin in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert faults == []
    assert len(texts(store, "first")) == 40


def test_comments_that_this_database_never_had_are_not_written_over(database):
    store = MemoryStore()
    theirs = {"comments": [{"id": "x1", "name": "Tilda", "text": "From another service", "date": "2026-05-22T08:00:00Z"}]}
    store.put(layout.comments("first"), json.dumps(theirs).encode(), HEADERS)
    database.add([comment(1)])
    with pytest.raises(StorageError) as caught:
        published(store, database).write("first")
    assert caught.value.code == "comments-unknown"
    assert texts(store, "first") == ["From another service"]
    published(store, database).write("first", overwrite=True)
    assert texts(store, "first") == ["Comment 1"]


class _Overtaken(MemoryStore):
    """Somebody else's comments come between the look at a file and the first write of it."""

    theirs = b'{"comments": [{"id": "x1", "name": "Tilda", "text": "From another service", "date": "2026-05-22T08:00:00Z"}]}'
    overtaken = False

    def put(self, key, *arguments, **named):
        if not self.overtaken:
            self.overtaken = True
            super().put(key, self.theirs, HEADERS)
        return super().put(key, *arguments, **named)


@pytest.mark.parametrize("there", [False, True])
def test_what_another_service_writes_after_the_look_is_not_written_over(database, there):
    store = _Overtaken()
    store.overtaken = there
    database.add([comment(1)])
    if there:
        published(store, database).write("first")
        database.add([comment(2)])
        store.overtaken = False
    with pytest.raises(StorageError) as caught:
        published(store, database).write("first")
    assert caught.value.code == "comments-unknown"
    assert texts(store, "first") == ["From another service"]


def test_what_was_erased_here_is_known_and_goes(database):
    store = MemoryStore()
    database.add([comment(1), comment(2)])
    published(store, database).write("first")
    changed_comments.erase(database, SHOW, "c00001", NOW)
    published(store, database).write("first")
    assert texts(store, "first") == ["Comment 2"]


def test_a_file_that_is_no_list_is_replaced(database):
    store = MemoryStore()
    store.put(layout.comments("first"), b"<html>", HEADERS)
    database.add([comment(1)])
    published(store, database).write("first")
    assert texts(store, "first") == ["Comment 1"]
