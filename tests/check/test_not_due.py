"""`publish check` on drafts and episodes that are not due: every rule that can be asked, and nothing worse than a warning."""

from __future__ import annotations

import contextlib
import sqlite3

import pytest

from tests.support.show_factory import long_recording, make_show, recording

LATER = "date = 2031-05-08T06:00:00+02:00"
DRAFT = "draft = true"


@pytest.fixture
def show(tmp_path):
    made = make_show(tmp_path / "show")
    made.episode(audio=long_recording(700))
    return made


def put(show, *lines, notes="What is said about it.\n", audio=None, name="soon"):
    title = 'title = "Soon"\n' if not any(line.startswith("title") for line in lines) else ""
    show.write(f"episodes/{name}/episode.md", f"+++\n{title}" + "\n".join(lines) + f"\n+++\n\n{notes}")
    if audio:
        show.write(f"episodes/{name}/audio.mp3", audio)


def found(show, *arguments):
    """Code, severity and place of what is found in the waiting episode."""
    outcome = show.run("check", "--json", *arguments)
    rows = [row for row in outcome.findings() if "soon" in row["file"]]
    return outcome.status, [(row["code"], row["severity"], row["file"].rpartition("/")[2], row["line"]) for row in rows]


@pytest.mark.parametrize("waits", [DRAFT, LATER])
def test_the_rules_are_asked_before_an_episode_is_due_and_stop_nothing(show, waits):
    put(show, waits, 'title = "S2E3: Soon"', "guid = '7'", audio=recording(40))
    status, rows = found(show)
    assert status == 0
    assert {("I002", "warning", "episode.md", 3), ("I006", "warning", "episode.md", 4)} <= set(rows)
    assert not {code for code, *_ in rows} & {"I012", "I021", "I028", "T012"}
    assert found(show, "--strict")[0] == 3


def test_an_error_in_a_draft_is_a_warning(show):
    show.write(
        "episodes/soon/transcript.vtt", "WEBVTT\n\n00:00:00.000 --> 00:00:30.000\nHere.\n\n00:10:00.000 --> 00:10:09.000\nPast the end.\n"
    )
    put(show, DRAFT, audio=recording(40))
    status, rows = found(show)
    assert status == 0
    assert ("T003", "warning", "transcript.vtt", 0) in rows


def test_a_draft_without_recording_is_only_not_there_yet_but_one_with_a_date_is_told_of_it(show):
    put(show, DRAFT)
    assert found(show) == (0, [])
    put(show, LATER)
    assert found(show) == (0, [("audio-missing", "warning", "episode.md", 1)])


def test_the_recording_of_another_episode_is_noticed_before_it_is_published(show):
    put(show, DRAFT, audio=long_recording(700))
    assert ("U012", "warning", "audio.mp3", 0) in found(show)[1]


def test_a_recording_that_waits_is_neither_tagged_nor_copied(show):
    def copies():
        return sorted(path.relative_to(show.folder) for path in (show.folder / ".airdate-cache").rglob("*.mp3"))

    found(show)
    before = copies()
    assert len(before) == 1
    put(show, DRAFT, audio=recording(40))
    assert found(show)[1]
    assert copies() == before


def test_what_is_found_in_a_draft_is_what_is_found_once_it_is_out(show):
    put(show, DRAFT, 'title = "S2E3: Soon"', "chapters = [{start = 3, title = 'x'}]", audio=recording(40))
    before = {row[:2] for row in found(show)[1]}
    put(show, "date = 2026-05-09T06:00:00+02:00", 'title = "S2E3: Soon"', "chapters = [{start = 3, title = 'x'}]", audio=recording(40))
    after = {row[:2] for row in found(show)[1]}
    assert before and {(code, "warning" if severity == "error" else severity) for code, severity in after} >= before


def test_a_check_of_what_waits_leaves_the_remembered_notes_of_all_others(show):
    assert show.publish().status == 0
    kept = show.folder / ".airdate-cache" / "notes.sqlite"
    show.episode("2026-07-01-ahead", date="2026-07-01T06:00:00+02:00")
    show.run("check", "--json")
    with contextlib.closing(sqlite3.connect(kept)) as connection:
        assert ("first",) in connection.execute("SELECT slug FROM notes").fetchall()
