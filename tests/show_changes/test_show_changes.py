"""The plan speaks of the show: which episode changes and what of it, who published it last, and what of the show itself."""

from __future__ import annotations

import json

import pytest

from tests.support.show_factory import LIVE, make_show, recording

FIRST = "2026-05-01-first"


@pytest.fixture
def show(tmp_path, monkeypatch):
    monkeypatch.setenv("AIRDATE_BY", "Ann")
    made = make_show(tmp_path)
    made.episode()
    made.episode("2026-05-08-second", date="2026-05-08T06:00:00+02:00")
    assert made.publish().status == 0
    return made


def planned(show, *arguments):
    done = show.publish("--dry-run", *arguments)
    assert done.status == 0, done.stderr
    return done.stdout


def test_a_new_episode_is_said_by_its_title_and_files_only_when_asked(show):
    show.episode("2026-05-15-third", date="2026-05-15T06:00:00+02:00")
    assert "new episode: “Third”" in planned(show) and "episodes/third.html" not in planned(show)
    assert "+ episodes/third.html" in planned(show, "--verbose")


def test_changed_notes_are_said_with_who_published_them_last_and_when(show):
    show.edit(FIRST, "Some notes.", "Other notes.")
    assert "the notes of “First” change, last published by Ann on 2026-06-01 at 14:00" in planned(show)
    assert "Second" not in planned(show)


@pytest.mark.parametrize(
    ("edit", "words"),
    [
        (lambda show: show.edit(FIRST, 'title = "First"', 'title = "The first"'), "the title of “The first” changes"),
        (lambda show: show.edit(FIRST, "date = 2026-05-01", "date = 2026-05-02"), "the date of “First” changes"),
        (lambda show: show.edit(FIRST, "Some notes.", "Some notes. And [a link](https://a.example)."), "the notes of “First” change"),
        (lambda show: show.edit(FIRST, 'title = "First"', 'title = "First"\nexplicit = true'), "the details of “First” change"),
        (lambda show: show.write(f"episodes/{FIRST}/chapters.txt", "00:00 Start\n00:01 End\n"), "the chapters of “First” change"),
        (lambda show: show.write(f"episodes/{FIRST}/transcript.txt", "00:00:00: Hello.\n"), "the transcript of “First” changes"),
        (lambda show: show.configure('description = "', 'description = "Now: '), "the description of the show changes"),
        (lambda show: show.configure('title = "A Small Show"', 'title = "A Big Show"'), "the title of the show changes"),
        (lambda show: show.write("pages/about.md", '+++\ntitle = "About"\n+++\nHello.\n'), "the pages of the show change"),
        (lambda show: show.configure("[storage]", "[feed]\nfull_notes = 1\n\n[storage]"), "the settings of the show change"),
        (lambda show: show.configure("[storage]", f"{LIVE}\n[storage]"), "the live streams of the show change"),
        (lambda show: show.configure("https://small.example", "http://127.0.0.1:1"), "the address of the show changes"),
    ],
    ids=["title", "date", "notes", "details", "chapters", "transcript", "description", "name", "page", "settings", "live", "address"],
)
def test_each_part_has_its_word_and_is_said_once_published(show, edit, words):
    edit(show)
    forced = ["--force", "links"] if "address" in words else []
    assert words in planned(show, *forced)
    assert show.publish(*forced).status == 0
    assert words not in show.publish("--dry-run").stdout


def test_an_episode_that_goes_is_said(show):
    show.remove(FIRST)
    assert "“First” is taken out of the feed" in planned(show, "--force", "remove=first", "--force", "shrink")


def test_a_replaced_recording_is_said(show):
    show.write(f"episodes/{FIRST}/audio.mp3", recording(voice=7))
    show.edit(FIRST, 'title = "First"', 'title = "First"\naudio_revision = 2')
    assert "the recording" in planned(show) and "of “First”" in planned(show)


def test_the_document_lists_episodes(show):
    show.edit(FIRST, "Some notes.", "Other notes.")
    show.episode("2026-05-15-third", date="2026-05-15T06:00:00+02:00")
    document = show.publish("--json").document
    third, first = document["episodes"]
    assert (third["slug"], third["change"], third["parts"], "last_by" in third) == ("third", "new", [], False)
    assert third["page"] == "https://small.example/episodes/third.html"
    assert third["enclosure"].startswith("https://small.example/media/third-") and third["guid"] and third["title"] == "Third"
    assert (first["slug"], first["change"], first["parts"], first["last_by"]) == ("first", "changed", ["notes"], "Ann")
    assert show.publish("--json").document["episodes"] == []


def test_markdown_is_for_a_pull_request_and_takes_no_title_for_markup(show):
    show.episode("2026-05-15-third", title="*Third* [x]", date="2026-05-15T06:00:00+02:00")
    text = planned(show, "--format", "markdown")
    assert text.startswith("### What this publishes\n\n- **new episode**: “\\*Third\\* \\[x\\]”\n")
    assert " to send, " in text.splitlines()[-1]


def test_format_goes_with_a_publish_alone(show):
    assert show.run("--format", "markdown", "status").status == 2


@pytest.mark.parametrize(
    ("environment", "name"),
    [
        ({"AIRDATE_BY": "Ann", "GITHUB_ACTOR": "robot"}, "Ann"),
        ({"AIRDATE_BY": "", "GITHUB_ACTOR": "octo"}, "octo"),
        ({"AIRDATE_BY": "", "GITHUB_ACTOR": "", "GITLAB_USER_LOGIN": "lab"}, "lab"),
        ({"AIRDATE_BY": "a\x1b[31mred\nline"}, "a[31mred line"),
    ],
)
def test_who_publishes(tmp_path, monkeypatch, environment, name):
    from publisher.show_changes.who_publishes import who_publishes

    for variable in ("AIRDATE_BY", "GITHUB_ACTOR", "GITLAB_USER_LOGIN"):
        monkeypatch.delenv(variable, raising=False)
    for variable, value in environment.items():
        monkeypatch.setenv(variable, value)
    found = who_publishes(tmp_path)
    assert found == name or ("\x1b" not in found and "\n" not in found and name.startswith("a["))


def test_what_is_remembered_tells_no_word(show):
    state = json.loads(next(show.public.rglob("state.json")).read_text())
    assert set(state["words"]) >= {"title", "description", "details", "looks"}
    assert all(len(digest) == 12 for digest in state["words"].values())
