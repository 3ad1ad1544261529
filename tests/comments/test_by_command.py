"""What a moderator types: each decision is on the storage when the command ends, on SQLite and PostgreSQL alike."""

from __future__ import annotations

import datetime as dt
import gzip
import json
import re

import pytest

from feed.guids import show_guid
from publisher.comments.database import open_database
from publisher.comments.database.values import StoredComment
from publisher.core import layout
from publisher.core.errors import Exit
from publisher.stores.protocol import Headers
from tests.support.changed_comments import edit, erase

SHOW = "0f9f6ba2-7e5d-5c6f-9d6b-0f5a3b2c1d00"
CAME = dt.datetime(2026, 5, 30, 12, tzinfo=dt.UTC)
SENTENCE = "I agree that it is stored."
WORD = "Unspeakable"


def held(number: int, text: str = "", **values) -> StoredComment:
    given = {
        "id": f"c{number}",
        "show": SHOW,
        "episode": "first",
        "guid": "first-guid",
        "name": "Tilda",
        "text": text or f"Comment number {number}",
        "created": CAME + dt.timedelta(minutes=number),
        "consent": SENTENCE,
        "consent_language": "en",
        "consent_version": "abcd",
        "consent_at": CAME,
        "author": "ff00",
    }
    return StoredComment(**(given | values))


class Moderator:
    """A show in a bucket with a database of comments, and who types commands about it."""

    def __init__(self, show, address: str) -> None:
        self.show = show
        self.address = address
        self.database = open_database(address)

    def __call__(self, *arguments: str, status: int = 0, now: str = ""):
        done = self.show.run("comments", *arguments, "--database", self.address, now=now or None)
        assert done.status == status, done.stderr
        return done

    def json(self, *arguments: str, now: str = ""):
        return self(*arguments, "--json", now=now).document


@pytest.fixture
def moderator(far, database_address):
    found = Moderator(far, database_address)
    yield found
    found.database.close()


def on_storage(memory, slug: str = "first"):
    return [row["text"] for row in json.loads(memory.bytes_of(f"comments/{slug}.json"))["comments"]]


def test_what_waits_is_listed(moderator):
    moderator.database.add([held(1, at=754), held(2, state="approved"), held(3, "Another\nline", episode="second")])
    assert moderator.json("list") == moderator.json()
    rows = moderator.json("list")["comments"]
    assert [row["id"] for row in rows] == ["c1", "c3"]
    assert rows[0] == {
        "id": "c1",
        "episode": "first",
        "name": "Tilda",
        "text": "Comment number 1",
        "at": 754,
        "state": "held",
        "date": "2026-05-30T12:01:00Z",
        "reply_to": None,
        "language": "",
        "source": "form",
    }
    assert [row["id"] for row in moderator.json("list", "--all")["comments"]] == ["c1", "c2", "c3"]
    assert [row["id"] for row in moderator.json("list", "--all", "--episode", "second")["comments"]] == ["c3"]
    said = moderator("list")
    assert "c1  held  Tilda on first, at 12:34" in said.stdout and "2 comments waiting." in said.stderr
    assert moderator("list", "--state", "spam").stderr == "No comment waits.\n"


def test_what_waits_is_listed_without_asking_the_storage_where_the_config_names_the_show(moderator, memory):
    moderator.database.add([held(1)])
    before = memory.requests
    moderator("list")
    assert memory.requests == before


def test_a_show_that_names_itself_nowhere_finds_its_comments(moderator):
    moderator.show.configure(f'guid = "{SHOW}"\n', "")
    guid = show_guid("https://small.example/feed.xml")
    moderator.database.add([held(1, show=guid), held(2)])
    assert [row["id"] for row in moderator.json("list")["comments"]] == ["c1"]


def test_decisions_are_on_the_storage_when_the_command_ends(moderator, memory):
    moderator.database.add([held(1), held(2), held(3)])
    done = moderator.json("approve", "c1", "c2")
    assert [row["state"] for row in done["comments"]] == ["approved", "approved"]
    assert on_storage(memory) == ["Comment number 1", "Comment number 2"]
    moderator("reject", "c1")
    assert on_storage(memory) == ["Comment number 2"]
    moderator("spam", "c2", "c3")
    assert on_storage(memory) == []
    assert moderator.json("stats")["outbox"] == 0


def test_words_that_were_changed_since_they_came_are_shown_as_they_are_approved(moderator):
    moderator.database.add([held(1), held(2)])
    edit(moderator.database, SHOW, "c1", text="Other words\nthan those", now=CAME)
    said = moderator("approve", "c1", "c2").stdout
    assert "as its author changed it:\n    Other words\n    than those\n" in said
    assert said.count("changed it") == 1


def test_all_that_wait_are_decided_at_once(moderator, memory):
    moderator.database.add([held(1), held(2, state="rejected"), held(3)])
    assert [row["id"] for row in moderator.json("approve", "--all")["comments"]] == ["c1", "c3"]
    assert len(on_storage(memory)) == 2
    moderator("approve", status=Exit.USAGE)
    moderator("spam", "c1", "--all", status=Exit.USAGE)


def test_a_comment_that_there_is_not_decides_nothing(moderator, memory):
    moderator.database.add([held(1, id="c1"), held(2, id="c22x")])
    done = moderator("approve", "c1", "c2x", status=Exit.USAGE)
    assert "there is no comment c2x" in done.stderr and "did you mean `c22x`?" in done.stderr
    assert moderator.json("list")["comments"][0]["state"] == "held"


def test_all_that_is_kept_of_a_comment_is_shown_with_its_links(moderator):
    moderator.database.add([held(1)])
    moderator.show.configure("[storage]", '[comments]\nurl = "https://comments.example/c/"\n\n[storage]')
    found = moderator.json("show", "c1")
    assert (found["consent"], found["consent_version"], found["guid"]) == (SENTENCE, "abcd", "first-guid")
    assert len(found["links"]) == 3 and all(re.match(r"https://comments\.example/c/moderate/[\w.-]+$", link) for link in found["links"])


def test_the_show_answers(moderator, memory):
    moderator.database.add([held(1), held(2, reply_to="c1")])
    moderator("approve", "c1", "c2")
    answer = moderator.json("reply", "c2", "We oiled it since.")["comments"][0]
    assert (answer["name"], answer["reply_to"], answer["source"]) == ("A Small Show", "c1", "moderator")
    last = json.loads(memory.bytes_of("comments/first.json"))["comments"][-1]
    assert (last["text"], last["reply_to"], last["by_show"]) == ("We oiled it since.", "c1", True)
    moderator("reply", "c1", "  \n", status=Exit.USAGE)


def test_an_answer_is_cleaned_as_what_listeners_write_is(moderator):
    moderator.database.add([held(1)])
    moderator("reply", "c1", "We \x1b[31moiled\udcff it.\r\n\n\n\nTwice.", "--as", "Ada\x1b[1m\nField\u202e")
    answer = moderator.json("list", "--all")["comments"][1]
    assert (answer["name"], answer["text"]) == ("Ada[1m Field", "We [31moiled it.\n\nTwice.")
    moderator("reply", "c1", "\u200b \x1b", status=Exit.USAGE)


def test_what_is_no_text_names_no_comment(moderator):
    moderator.database.add([held(1)])
    for name in ("\udcff", "a\x00b", "' OR 1=1 --"):
        for command in ("show", "approve", "reject", "spam", "erase"):
            moderator(command, name, status=Exit.USAGE)
        assert moderator.json("list", "--all", "--episode", name)["comments"] == []
    assert moderator.json("list")["comments"][0]["state"] == "held"


def test_comments_are_counted(moderator):
    moderator.database.add([held(1), held(2, state="approved"), held(3, episode="second", state="spam")])
    found = moderator.json("stats")
    assert (found["held"], found["approved"], found["spam"], found["waiting_since"]) == (1, 1, 1, "2026-05-30T12:01:00Z")
    assert [(row["episode"], row["held"], row["spam"]) for row in found["episodes"]] == [("first", 1, 0), ("second", 0, 1)]


def test_published_comments_come_into_the_folder_and_from_there_into_the_page(moderator, memory, tmp_path):
    moderator.database.add([held(1, WORD)])
    moderator("approve", "c1")
    again = moderator.show.copy(tmp_path / "again")
    pulled = moderator.json("pull")["pulled"]
    assert pulled == [{"episode": "first", "file": "comments/first.json", "comments": 1}]
    assert moderator.json("pull")["pulled"] == []
    assert "Every comment on the storage is here." in moderator("pull").stderr
    assert "`publish` writes them into the pages." in again.run("comments", "pull").stderr
    assert moderator.show.publish("--yes").status == 0
    assert WORD in memory.bytes_of("episodes/first.html").decode()
    assert on_storage(memory) == [WORD]


def test_published_comments_go_nowhere_by_a_link(moderator, tmp_path):
    moderator.database.add([held(1, WORD)])
    moderator("approve", "c1")
    (tmp_path / "elsewhere").mkdir()
    (moderator.show.folder / "comments").symlink_to(tmp_path / "elsewhere")
    outcome = moderator.show.run("comments", "pull")
    assert outcome.status == 2 and "comments leads out of the show's folder" in outcome.stderr
    assert list((tmp_path / "elsewhere").iterdir()) == []


def test_no_rollback_and_no_prune_touches_comments(moderator, memory):
    assert moderator.show.publish("--yes").status == 0
    moderator.database.add([held(1)])
    moderator("approve", "c1")
    moderator.show.edit("2026-05-08-second", "Some notes.", "Other notes.")
    assert moderator.show.publish("--yes").status == 0
    before = memory.bytes_of("comments/first.json")
    assert moderator.show.run("rollback", "--yes").status == 0
    assert moderator.show.run("prune", "--yes", now="2027-06-01T12:00:00+00:00").status == 0
    assert memory.bytes_of("comments/first.json") == before


def everything(memory) -> str:
    """All that lies on the storage, as one who unpacks it reads it."""

    return "\n".join(opened(memory.bytes_of(key)).decode("utf-8", "replace") for key in memory.keys)


def opened(body: bytes) -> bytes:
    return gzip.decompress(body) if body.startswith(b"\x1f\x8b") else body


def test_an_erased_comment_leaves_pages_files_folder_and_what_rollback_reads(moderator, memory):
    moderator.database.add([held(1, WORD), held(2, "It stays here")])
    moderator("approve", "c1", "c2")
    moderator("pull")
    assert moderator.show.publish("--yes").status == 0
    moderator.show.edit("2026-05-08-second", "Some notes.", "Other notes.")
    assert moderator.show.publish("--yes").status == 0
    assert WORD in everything(memory)
    done = moderator.json("erase", "c1", "--no-verify")
    assert WORD not in everything(memory)
    assert "It stays here" in memory.bytes_of("episodes/first.html").decode()
    here = [path for path in moderator.show.folder.rglob("*") if path.is_file() and WORD.encode() in opened(path.read_bytes())]
    assert here == [], "no cache of the folder keeps it"
    assert WORD not in (moderator.show.folder / "comments" / "first.json").read_text()
    assert (done["comments"][0]["state"], done["comments"][0]["text"], done["left"]) == ("erased", "", "")
    assert done["published"] == 3 and done["records"] == 2
    assert moderator.show.run("rollback", "2", "--yes").status == Exit.REFUSED
    kept = moderator.json("show", "c1")
    assert (kept["name"], kept["consent"], kept["links"]) == ("", "", [])
    assert moderator.json("erase")["comments"] == [], "nothing is left to finish"


@pytest.mark.parametrize("again", [False, True], ids=["on-the-page", "off-the-page"])
def test_what_is_kept_on_the_private_side_has_no_erased_comment(show, tmp_path, again):
    show.configure('url = "public"', 'url = "public"\nprivate = "kept"')
    moderator = Moderator(show, f"sqlite:///{tmp_path / 'comments.sqlite'}")
    moderator.database.add([held(1, WORD), held(2, "It stays here")])
    for decision in ("approve", "reject") if again else ("approve",):
        moderator(decision, "c1")
        moderator("approve", "c2")
        moderator("pull")
        assert show.publish("--yes").status == 0

    def tells(word: str) -> list[str]:
        return [path.name for path in (show.folder / "kept").rglob("*") if path.is_file() and word.encode() in opened(path.read_bytes())]

    assert tells(WORD)
    moderator("erase", "c1", "--no-verify")
    assert tells(WORD) == []
    assert tells("It stays here")
    moderator.database.close()


def once_on_a_page(moderator):
    """A comment that was published, and that a page has no more."""
    moderator.database.add([held(1, WORD)])
    for decision in ("approve", "reject"):
        moderator(decision, "c1")
        moderator("pull")
        assert moderator.show.publish("--yes").status == 0


def test_a_comment_that_no_page_has_any_more_leaves_the_records(moderator, memory):
    once_on_a_page(moderator)
    assert WORD in everything(memory)
    done = moderator.json("erase", "c1")
    assert WORD not in everything(memory)
    assert (done["published"], done["records"] > 0) == (None, True)
    assert moderator.json("erase")["comments"] == [], "nothing is left to finish"


def test_what_authors_erased_themselves_is_finished_by_command(moderator, memory):
    moderator.database.add([held(1, WORD)])
    moderator("approve", "c1")
    moderator("pull")
    moderator.show.publish("--yes")
    erase(moderator.database, SHOW, "c1", CAME + dt.timedelta(days=1))
    left = moderator.json("erase", "--no-publish")
    assert "first" in left["left"] and WORD in everything(memory)
    assert [row["id"] for row in left["comments"]] == ["c1"]
    assert [row["id"] for row in moderator.json("erase", "--no-verify")["comments"]] == ["c1"]
    assert WORD not in everything(memory)


def test_what_an_author_erased_and_no_page_has_any_more_leaves_the_records(moderator, memory):
    once_on_a_page(moderator)
    erase(moderator.database, SHOW, "c1", CAME + dt.timedelta(days=1))
    done = moderator.json("erase")
    assert WORD not in everything(memory)
    assert ([row["id"] for row in done["comments"]], done["published"], done["records"] > 0) == (["c1"], None, True)


def test_comments_are_kept_for_all_of_the_days_that_the_config_says(moderator):
    moderator.show.configure("[storage]", "[comments]\nkeep = 30\n\n[storage]")
    moderator.database.add([held(1)])
    last = (CAME + dt.timedelta(days=30, minutes=1)).isoformat()
    assert moderator.json("erase", "--expired", "--yes", now=last)["comments"] == []
    later = (CAME + dt.timedelta(days=30, minutes=1, seconds=1)).isoformat()
    assert [row["id"] for row in moderator.json("erase", "--expired", "--yes", now=later)["comments"]] == ["c1"]


def test_erasing_where_another_database_wrote_comments_is_refused_unless_they_are_given_up(moderator, memory, tmp_path):
    moderator.database.add([held(1)])
    moderator("approve", "c1")
    other = Moderator(moderator.show, f"sqlite:///{tmp_path / 'other.sqlite'}")
    other.database.add([held(2)])
    refused = other("erase", "c2", "--no-publish", status=Exit.STORAGE)
    assert "this database never had" in refused.stderr
    assert on_storage(memory) == ["Comment number 1"]
    other("erase", "c2", "--no-publish", "--force", "overwrite")
    assert on_storage(memory) == []
    other.database.close()


def test_comments_that_were_nowhere_but_in_the_database_are_said_to_be_erased(moderator):
    moderator.show.configure("[storage]", "[comments]\nkeep = 30\n\n[storage]")
    moderator.database.add([held(1, WORD), held(2, created=CAME - dt.timedelta(days=60))])
    for arguments, erased in (((), []), (("c1",), ["c1"]), (("--expired", "--yes"), ["c2"]), ((), [])):
        assert [row["id"] for row in moderator.json("erase", *arguments)["comments"]] == erased


def test_comments_that_were_kept_long_enough_are_erased_once_somebody_agreed(moderator, memory):
    old = CAME - dt.timedelta(days=800)
    moderator.database.add([held(1, WORD, created=old), held(2), held(3, created=old), held(4, created=old, state="approved")])
    moderator("erase", "--expired", status=Exit.USAGE)
    moderator.show.configure("[storage]", "[comments]\nkeep = 730\n\n[storage]")
    asked = moderator("erase", "--expired", status=Exit.REFUSED).stderr
    assert "Erase 3 comments older than 730 days for good, 1 of them on pages?" in asked
    assert {row["id"] for row in moderator.json("erase", "--expired", "--yes")["comments"]} == {"c1", "c3", "c4"}
    assert [row["id"] for row in moderator.json("list")["comments"]] == ["c2"]


def test_one_comment_is_shown_with_when_it_was_changed_and_nothing_that_never_was(moderator):
    changed = CAME + dt.timedelta(minutes=9)
    moderator.database.add([held(1, edited=changed), held(2)])
    labels = [
        [label for label in ("agreed to:", "changed:", "decided:") if label in moderator("show", name).stdout] for name in ("c1", "c2")
    ]
    assert labels == [["agreed to:", "changed:"], ["agreed to:"]]
    assert f"changed: {changed}" in moderator("show", "c1").stdout


def test_an_export_comes_back_the_same(moderator, tmp_path, far):
    moderator.database.add([held(1, 'A "quoted" <b>\n\n🎙 line', at=3), held(2, reply_to="c1", state="approved"), held(3)])
    erase(moderator.database, SHOW, "c3", CAME)
    file = tmp_path / "export.json"
    assert moderator.json("export", str(file)) == {"file": str(file), "comments": 3}
    assert moderator("export").stdout == file.read_text()
    other = f"sqlite:///{tmp_path / 'other.sqlite'}"
    done = far.run("comments", "import", str(file), "--database", other, "--json")
    assert (done.document["added"], done.document["source"]) == (3, "airdate")
    assert far.run("comments", "export", "--database", other).stdout == file.read_text()
    assert far.run("comments", "import", str(file), "--database", other, "--json").document["already"] == 3


def test_an_export_of_another_show_is_refused(moderator, tmp_path):
    file = tmp_path / "export.json"
    file.write_text(moderator("export").stdout.replace(SHOW, "another"))
    done = moderator("import", str(file), status=Exit.CONTENT)
    assert "another show" in done.stderr


def test_what_an_export_of_another_service_holds_is_taken_and_the_rest_told(moderator, memory, tmp_path):
    from tests.comments.interchange.test_other_services import DISQUS

    file = tmp_path / "disqus.xml"
    file.write_text(DISQUS)
    assert moderator.show.publish("--yes").status == 0
    moderator.show.edit("2026-05-01-first", "guid = ", 'former = ["https://old.example/show/first"]\nguid = ')
    told = moderator("import", str(file), "--dry-run")
    assert "3 comments of disqus would come." in told.stderr
    done = moderator.json("import", str(file))
    assert (done["added"], done["already"]) == (3, 0)
    assert {row["what"]: row["count"] for row in done["left_out"]} == {"that were deleted": 1, "whose thread is missing": 1}
    assert on_storage(memory) == ["One & two.\nThree\n\nSee this (https://a.example/x)", "An answer"]
    assert moderator.json("import", str(file))["already"] == 3


def test_what_lies_on_the_storage_already_is_taken_over_first(moderator, memory):
    assert moderator.show.publish("--yes").status == 0
    theirs = {"comments": [{"id": "x1", "name": "Ada", "text": "From before", "date": "2026-05-22T08:00:00Z"}]}
    memory.put(layout.comments("first"), json.dumps(theirs).encode(), Headers(content_type="application/json"))
    moderator.database.add([held(1)])
    done = moderator("approve", "c1", status=Exit.STORAGE)
    assert "this database never had" in done.stderr
    moderator("pull")
    moderator("import", str(moderator.show.folder / "comments" / "first.json"))
    assert on_storage(memory) == ["From before", "Comment number 1"]


def test_what_is_erased_is_in_no_file_of_the_database_while_a_service_has_it_open(far, tmp_path):
    address = f"sqlite:///{tmp_path / 'comments.sqlite'}"
    service = open_database(address)
    service.add([held(1, WORD), held(2)])
    files = sorted(tmp_path.glob("comments.sqlite*"))
    assert any(WORD.encode() in file.read_bytes() for file in files)
    assert far.run("comments", "erase", "c1", "--database", address).status == 0
    assert [file.name for file in tmp_path.glob("comments.sqlite*") if WORD.encode() in file.read_bytes()] == []
    assert service.find(SHOW, "c1").state == "erased"
    service.close()
