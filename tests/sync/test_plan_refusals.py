"""A plan that would surprise listeners refuses itself, ends in the line to type, and does it when that line was typed."""

from __future__ import annotations

import hashlib
import re
import shutil

import pytest

from tests.support.show_factory import recording, tree


def lose_the_guid(show):
    show.edit("2026-05-01-first", 'guid = "first-guid"', 'guid = "another"')


def drop_the_guid(show):
    show.edit("2026-05-01-first", 'guid = "first-guid"\n', "")


def remove_one(show):
    show.remove("2026-05-01-first")


def make_a_draft(show):
    show.edit("2026-05-01-first", "+++\n\n", "draft = true\n+++\n\n")


def remove_two(show):
    show.remove("2026-05-01-first")
    show.remove("2026-05-08-second")


def be_another_show(show):
    show.configure("0f9f6ba2-7e5d-5c6f-9d6b-0f5a3b2c1d00", "58c5d453-ce41-5f39-9af8-1792af28cfa4")


def move_house(show):
    show.configure("https://small.example", "https://large.example")


def prettify(show):
    show.configure('url = "https://small.example"', 'url = "https://small.example"\npretty_urls = true')


def rename_the_feed(show):
    show.configure("[storage]", '[feed]\nfile = "podcast.xml"\n\n[storage]')


def go_back_to_an_old_text(show):
    text = (show.folder / "episodes/2026-05-01-first/episode.md").read_text()
    show.edit("2026-05-01-first", "Some notes.", "New notes.")
    assert show.publish().status == 0
    show.write("episodes/2026-05-01-first/episode.md", text)


def test_a_text_that_was_meant_to_come_back_is_the_newest_from_then_on(published):
    go_back_to_an_old_text(published)
    assert published.publish("--force", "older=first").status == 0
    published.edit("2026-05-08-second", "Some notes.", "Other notes.")
    outcome = published.publish()
    assert outcome.status == 0, outcome.stderr


def roll_back(show):
    show.edit("2026-05-01-first", "Some notes.", "New notes.")
    assert show.publish().status == 0
    assert show.run("rollback", "--yes").status == 0
    show.edit("2026-05-01-first", "New notes.", "Newer notes.")


# name of the case: what happens, what to type, a part of what is said
TRIPWIRES = {
    "a guid that changed": (lose_the_guid, "--force guid=first", "every app would show it as a new episode"),
    "a guid that was lost": (drop_the_guid, "--force guid=first", 'guid = "first-guid" in episodes/2026-05-01-first/episode.md'),
    "an episode that is gone": (remove_one, "--force remove=first", "“first” is published, and not in this folder any more"),
    "an episode that is a draft again": (make_a_draft, "--force remove=first", "published"),
    "a third of the show gone": (remove_two, "--force remove=first --force remove=second --force shrink", "2 of 5 episodes would go"),
    "another show": (be_another_show, "--force show", "another show is published here: “A Small Show”"),
    "another address": (move_house, "--force links", "from https://small.example to https://large.example"),
    "other links": (prettify, "--force links", "every address would change"),
    "another feed": (rename_the_feed, "--force feed-address", "new_feed_url under [feed] to https://small.example/podcast.xml"),
    "a stale checkout": (go_back_to_an_old_text, "--force older=first", "is this checkout up to date?"),
    "a rollback": (roll_back, "--force resume", "by a rollback"),
}


@pytest.fixture
def published(show):
    """Five episodes, published."""
    for day in (10, 12, 14):
        show.episode(f"2026-05-{day}-day-{day}", date=f"2026-05-{day}T06:00:00+02:00")
    assert show.publish().status == 0
    return show


@pytest.mark.parametrize("name", TRIPWIRES)
def test_it_is_refused_with_the_line_to_type_and_done_when_typed(published, name):
    happen, force, said = TRIPWIRES[name]
    happen(published)
    before = tree(published.public)
    outcome = published.publish()
    assert outcome.status == 5, outcome.stderr
    assert re.search(r"^error: .", outcome.stderr, re.MULTILINE)
    assert said in outcome.stderr
    hint, more = outcome.stderr.strip().splitlines()[-2:]
    line = hint.partition("if it is meant: ")[2]
    assert line == f"publish {force}"
    assert re.fullmatch(r"more: publish explain refused-[a-z-]+", more)
    assert tree(published.public) == before, "nothing was changed"
    assert published.publish(*line.split()[1:]).status == 0
    again = published.publish()
    assert (again.status, "Nothing changed" in again.stderr) == (0, True), "a force is said once"


@pytest.mark.parametrize("name", TRIPWIRES)
def test_another_force_does_not_cover_it(published, name):
    TRIPWIRES[name][0](published)
    assert published.publish("--force", "adopt", "--force", "remove=elsewhere").status == 5


def test_a_machine_whose_clock_is_behind_is_told_so_and_never_how_to_take_an_episode_away(published):
    published.episode("2026-05-28-fresh", date="2026-05-28T06:00:00+02:00")
    published.episode("2026-05-29-fresher", date="2026-05-29T06:00:00+02:00")
    assert published.publish().status == 0
    before, published.now = tree(published.public), "2026-05-20T12:00:00+00:00"
    for arguments in ((), ("--force", "remove=fresh", "--force", "remove", "--force", "shrink")):
        outcome = published.publish("--json", *arguments)
        assert outcome.status == 5, outcome.stderr
        assert outcome.document["error"]["code"] == "refused-clock"
        assert "--force" not in outcome.document["error"]["hint"]
        assert "“fresh” of 2026-05-28" in outcome.document["error"]["message"]
        assert "2026-05-20" in outcome.document["error"]["message"]
        assert "publish 2 was made on 2026-06-01" in outcome.document["error"]["cause"]
    assert tree(published.public) == before
    published.now = "2026-06-01T12:00:10+00:00"
    assert published.publish().status == 0


def test_an_episode_whose_date_was_put_into_the_future_may_go_when_it_is_meant(published):
    published.edit("2026-05-01-first", "2026-05-01", "2026-07-01")
    outcome = published.publish("--json")
    assert outcome.document["error"]["code"] == "refused-remove"
    assert "its date lies in the future now" in outcome.document["error"]["message"]
    assert outcome.document["error"]["hint"].endswith("publish --force remove=first")


@pytest.mark.parametrize(
    ("old", "new", "said", "mend"),
    [
        ("date = 2026-05-01T06", "date = 2026-07-01T06", "its date lies in the future now: 2026-07-01 06:00", "put its date back"),
        ("+++\n\n", "draft = true\n+++\n\n", "its folder, which is here, says draft = true now", "take that line out"),
        ("date = 2026-05-01T06:00:00+02:00\n", "", "its folder, which is here, has no date now", "put its date back"),
    ],
    ids=["later", "draft", "undated"],
)
@pytest.mark.parametrize("alone", [True, False])
def test_a_published_episode_that_waits_again_is_there_and_withdraw_is_the_way_down(published, old, new, said, mend, alone):
    published.edit("2026-05-01-first", old, new)
    if alone:
        for name in ("08-second", "10-day-10", "12-day-12", "14-day-14"):
            published.run("withdraw", name[3:], "--yes", "--no-verify")
    outcome = published.publish()
    assert outcome.status == 5, outcome.stderr
    assert said in outcome.stderr and mend in outcome.stderr and "episodes/2026-05-01-first/episode.md" in outcome.stderr
    assert "publish withdraw first" in outcome.stderr
    assert "not in this folder" not in outcome.stderr and "publish release" not in outcome.stderr


def test_a_deleted_folder_is_told_the_way_down_too(published):
    remove_one(published)
    assert "`publish withdraw first`" in published.publish().stderr


@pytest.mark.parametrize(("now", "told"), [("2026-05-30T12:00:00+00:00", True), ("2026-06-01T11:59:30+00:00", False)])
def test_a_publish_by_a_clock_before_the_last_publish_says_so(published, now, told):
    published.now = now
    outcome = published.publish()
    assert outcome.status == 0, outcome.stderr
    assert ("the last publish was made on 2026-06-01" in outcome.stderr) is told


@pytest.mark.parametrize(("more", "refused"), [(0, True), (1, False)])
def test_two_that_go_are_many_from_a_third_of_the_show_on(published, more, refused):
    published.episode("2026-05-16-day-16", date="2026-05-16T06:00:00+02:00")
    for day in range(more):
        published.episode(f"2026-05-{20 + day}-more", date=f"2026-05-{20 + day}T06:00:00+02:00")
    assert published.publish().status == 0
    remove_two(published)
    outcome = published.publish("--force", "remove=first", "--force", "remove=second")
    assert (outcome.status, "--force shrink" in outcome.stderr) == ((5, True) if refused else (0, False))


def test_one_that_goes_is_never_many(show):
    show.episode("2026-05-10-third", date="2026-05-10T06:00:00+02:00")
    assert show.publish().status == 0
    remove_one(show)
    assert show.publish("--force", "remove=first").status == 0


def test_a_new_address_is_told_how_apps_and_old_links_find_it(published):
    move_house(published)
    said = published.publish().stderr
    assert 'new_feed_url = "https://large.example/feed.xml"' in said and 'former = ["https://small.example/feed.xml"]' in said
    published.configure(
        "[storage]", '[feed]\nnew_feed_url = "https://large.example/feed.xml"\nformer = ["https://small.example/feed.xml"]\n\n[storage]'
    )
    done = published.publish()
    assert done.status == 5 and "new_feed_url" not in done.stderr
    assert published.publish("--force", "links").status == 0
    assert "<itunes:new-feed-url>https://large.example/feed.xml<" in (published.public / "feed.xml").read_text()


def test_other_links_leave_the_feed_where_it_is(published):
    prettify(published)
    assert "new_feed_url" not in published.publish().stderr


def test_a_force_without_scope_covers_all_of_its_name(published):
    remove_two(published)
    assert published.publish("--force", "remove", "--force", "shrink").status == 0


def test_a_dry_run_is_refused_as_well(published):
    remove_one(published)
    outcome = published.publish("--dry-run", "--json")
    assert outcome.status == 5
    assert outcome.document["error"]["code"] == "refused-remove"
    assert outcome.document["status"] == 5


def test_a_new_feed_url_is_no_surprise(published):
    rename_the_feed(published)
    published.configure('file = "podcast.xml"', 'file = "podcast.xml"\nnew_feed_url = "https://small.example/podcast.xml"')
    assert published.publish().status == 0


def test_an_empty_show_is_refused(show):
    show.remove("2026-05-08-second")
    make_a_draft(show)
    outcome = show.publish()
    assert outcome.status == 5
    assert outcome.stderr.strip().splitlines()[-2].startswith("hint: if it is meant: publish --force empty")


def test_a_feed_that_is_not_ours_is_read_before_it_is_replaced(show):
    theirs = (
        '<rss version="2.0"><channel><title>Old</title><item><guid>first-guid</guid></item><item><guid>lost</guid></item></channel></rss>'
    )
    show.write("public/feed.xml", theirs)
    before = tree(show.public)
    outcome = show.publish()
    assert outcome.status == 5
    assert "with 2 episodes" in outcome.stderr
    assert "1 of them are not in this folder (guids lost)" in outcome.stderr or "guids lost" in outcome.stderr
    assert outcome.stderr.strip().splitlines()[-2].startswith("hint: if it is meant: publish --force adopt")
    assert tree(show.public) == before
    assert show.publish("--force", "adopt").status == 0


def test_files_that_are_not_ours_are_not_overwritten(show):
    show.write("public/index.html", "<h1>My old home page</h1>")
    before = tree(show.public)
    outcome = show.publish()
    assert outcome.status == 5
    assert "index.html" in outcome.stderr
    assert outcome.stderr.strip().splitlines()[-2].startswith("hint: if it is meant: publish --force overwrite")
    assert tree(show.public) == before
    assert show.publish("--force", "overwrite").status == 0
    assert "A Small Show" in (show.public / "index.html").read_text()


@pytest.mark.parametrize("salt", [b"", b"encrypted"], ids=["md5", "encrypted"])
def test_our_own_pages_are_not_taken_for_somebody_elses_where_nothing_is_remembered(far, memory, salt):
    memory.etag_of = lambda body: hashlib.md5(salt + body, usedforsecurity=False).hexdigest()
    assert far.publish().status == 0
    memory.go_back({key: kept for key, kept in memory.memorize().items() if key.endswith(".html")})
    outcome = far.publish("--force", "adopt")
    assert outcome.status == 0, outcome.stderr
    home = memory.bytes_of("index.html")
    memory.go_back({key: kept for key, kept in memory.memorize().items() if key.endswith(".html")})
    memory.replace("index.html", home.replace(b"Small", b"Large"))
    outcome = far.publish("--force", "adopt")
    assert outcome.status == 5
    assert "would be overwritten: index.html" in outcome.stderr


def test_a_feed_that_cannot_be_read_is_refused_all_the_same(show):
    show.write("public/feed.xml", "<!DOCTYPE a [<!ENTITY b SYSTEM 'file:///etc/hostname'>]><rss>&b;")
    assert show.publish().status == 5


def test_a_published_episode_that_cannot_be_read_is_told_with_its_fault(published):
    published.write("episodes/2026-05-01-first/episode.md", "+++\nx =\n+++\n")
    outcome = published.publish()
    assert outcome.status in (3, 5)
    assert "episodes/2026-05-01-first/episode.md:2" in outcome.stderr


def test_an_episode_with_the_words_of_today_and_yesterdays_back_again_is_no_stale_checkout(published):
    published.edit("2026-05-01-first", "Some notes.", "One.")
    assert published.publish().status == 0
    published.edit("2026-05-01-first", "One.", "Two.")
    assert published.publish().status == 0
    published.edit("2026-05-01-first", "Two.", "Three.")
    assert published.publish().status == 0


def test_an_episode_may_come_back_under_its_guid(published):
    shutil.move(published.folder / "episodes/2026-05-01-first", published.folder / "kept")
    assert published.publish("--force", "remove=first").status == 0
    shutil.move(published.folder / "kept", published.folder / "episodes/2026-05-01-first")
    outcome = published.publish()
    assert outcome.status == 0, outcome.stderr
    assert "first-guid" in (published.public / "feed.xml").read_text()


def test_a_replaced_recording_is_a_matter_of_content_not_of_force(published):
    published.write("episodes/2026-05-01-first/audio.mp3", recording(40.0))
    assert published.publish("--force", "overwrite").status == 3
