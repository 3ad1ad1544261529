"""Front matter as other tools and tired people write it: read where it is clear, else one line that says how it is written."""

from __future__ import annotations

import pytest

from feed.notes import split_front_matter
from tests.support.show_factory import recording

NAME = "2026-05-08-second"
FILE = f"episodes/{NAME}/episode.md"


def published(show, text: str):
    show.write(FILE, text)
    show.write(f"episodes/{NAME}/audio.mp3", recording(voice=9))
    return show.publish("--json")


@pytest.mark.parametrize(
    "date",
    [
        "2026-05-08 06:00:00 +0200", "2026-05-08 06:00 +02:00", "2026-05-08 6:00:00 +2", "2026-05-08T6:00:00+02:00", "2026-05-08 04:00:00 UTC",
        "2026-05-08T04:00Z", "2026-05-08   06:00:00.5 +0200",
    ],
)  # fmt: skip
@pytest.mark.parametrize("form", ["---\ntitle: Second\ndate: {}\n---\n\nNotes.", '+++\ntitle = "Second"\ndate = "{}"\n+++\n\nNotes.'])
def test_a_date_of_other_tools_is_read(show, form, date):
    outcome = published(show, form.format(date))
    assert outcome.status == 0, outcome.stdout
    feed = (show.public / "feed.xml").read_text()
    assert "Fri, 08 May 2026 06:00:00 +0200" in feed or "Fri, 08 May 2026 04:00:00 +0000" in feed


@pytest.mark.parametrize(
    ("line", "hint"),
    [
        ("date = 2026-05-08 06:00:00 +0200", "date = 2026-05-08T06:00:00+02:00"),
        ("date = 2026-05-08T6:00:00Z", "date = 2026-05-08T06:00:00Z"),
        ("date = 24.12.2026", "2026-12-24"),
        ('date = "24.12.2026"', "2026-12-24"),
        ("date = 12/24/2026", "2026-12-24"),
        ("date = 2026-05-08T06:00:00+02:00\nsummary = 1:30", 'summary = "1:30"'),
    ],
)
def test_a_date_that_is_none_is_told_how_to_be_written(show, line, hint):
    outcome = published(show, f'+++\ntitle = "Second"\n{line}\n+++\n\nNotes.')
    assert outcome.status == 3
    [found] = [row for row in outcome.findings() if row["file"] == FILE]
    assert hint in found["hint"] or hint in found["message"]


@pytest.mark.parametrize(("written", "seconds"), [("00:01:30", "00:01:30"), ("00:00:05.5", "00:00:05.500")])
def test_a_time_of_toml_is_a_start(show, written, seconds):
    show.write("config.toml", (show.folder / "config.toml").read_text())
    front = f'+++\ntitle = "Second"\ndate = 2026-05-08T06:00:00+02:00\n[[chapters]]\nstart = 00:00:00\ntitle = "a"\n[[chapters]]\nstart = {written}\ntitle = "b"\n+++\n'
    show.write(FILE, front)
    show.write(f"episodes/{NAME}/audio.mp3", recording(120, 9))
    outcome = show.publish("--json")
    assert outcome.status == 0, outcome.stdout
    assert f'start="{seconds}' in (show.public / "feed.xml").read_text()


@pytest.mark.parametrize("value", ["[1]", "true", "2026-05-08", "{a = 1}"])
def test_a_fault_is_one_line(show, value):
    outcome = published(show, f'+++\ntitle = "Second"\ndate = 2026-05-08T06:00:00+02:00\n[[chapters]]\nstart = {value}\ntitle = "a"\n+++\n')
    assert outcome.status == 3
    [found] = outcome.findings("wrong-value")
    assert 'must be a time: seconds, "MM:SS" or "HH:MM:SS"' in found["message"]
    assert found["line"] == 5


def test_a_value_of_several_kinds_is_one_fault(show):
    outcome = published(show, '+++\ntitle = "Second"\ndate = 2026-05-08T06:00:00+02:00\ncomments = [1]\n+++\n')
    [found] = outcome.findings("wrong-value")
    assert "true or false or text between quotes" in found["message"]


@pytest.mark.parametrize(
    ("text", "notes"),
    [
        ('\u200b+++\ntitle = "a"\n+++\nNotes', "Notes"),
        ('\ufeff\u200b\n+++\u200b\ntitle = "a"\n+++\u2060\nNotes', "Notes"),
        ('+++\nsummary = """\nIn parts:\n+++\nof it.\n"""\n+++\nNotes', "Notes"),
        ("+++\nsummary = '''\n+++\n'''\ntitle = 'a'\n+++\nNotes\n+++\nMore", "Notes\n+++\nMore"),
        ('+++\ntitle = "a" # it\'s """\n+++\nNotes\n\n+++\n\n"""x"""', 'Notes\n\n+++\n\n"""x"""'),
        ("---\ntitle: a\n...\nNotes\n---\nMore", "Notes\n---\nMore"),
        ('+++\ntitle = """never closed\n+++\nNotes\n+++\n', "Notes\n+++\n"),
    ],
)
def test_the_notes_begin_where_front_matter_ends(text, notes):
    found = split_front_matter(text)
    assert found.kind
    assert found.notes == notes
    assert found.notes_line_offset == text.count("\n") - notes.count("\n")


def test_text_that_begins_with_a_sign_of_yaml_is_told(show):
    outcome = published(show, "---\ntitle: @home\ndate: 2026-05-08T06:00:00+02:00\n---\n")
    [found] = outcome.findings("syntax")
    assert "between quotes" in found["hint"] and found["line"] == 2
