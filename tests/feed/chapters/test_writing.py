"""The forms in which apps read chapters."""

from __future__ import annotations

import json

from feed.chapters.writing import write_json, write_lines
from feed.model import Chapter

CHAPTERS = (
    Chapter(start=0, title="Intro"),
    Chapter(start=65.5, title="A = B; <b> & “c”", end=70, url="https://a.example/?x=1&y", image="https://show.example/i.jpg"),
    Chapter(start=80, title="Hidden", toc=False, url="notes.html", image="i.jpg"),
    Chapter(start=3723, title="End"),
)


def test_json_says_its_version_first_and_holds_only_what_there_is():
    text = write_json(CHAPTERS, title="Episode", show="Show")
    document = json.loads(text)
    assert list(document) == ["version", "title", "podcastName", "chapters"]
    assert (document["version"], document["title"], document["podcastName"]) == ("1.2.0", "Episode", "Show")
    assert document["chapters"] == [
        {"startTime": 0, "title": "Intro"},
        {"startTime": 65.5, "endTime": 70, "title": "A = B; <b> & “c”", "img": "https://show.example/i.jpg", "url": "https://a.example/?x=1&y"},
        {"startTime": 80, "title": "Hidden", "toc": False},
        {"startTime": 3723, "title": "End"},
    ]  # fmt: skip


def test_whole_seconds_are_written_without_a_fraction():
    assert '"startTime": 3723,' in write_json([Chapter(start=3723.0, title="x")], title="", show="")


def test_json_survives_titles_that_no_encoding_holds():
    text = write_json([Chapter(start=0, title="a\ud800\x00b\nc")], title="\udfff", show="")
    assert json.loads(text.encode())["chapters"][0]["title"] == "ab c"


def test_lines_leave_hidden_chapters_out():
    assert write_lines(CHAPTERS) == ["00:00:00 Intro", "00:01:05 A = B; <b> & “c”", "01:02:03 End"]


def test_fewer_than_three_lines_are_none():
    assert write_lines(CHAPTERS[:3]) == []
