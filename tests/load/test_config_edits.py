"""Values that commands write into config.toml: one line, every other byte stays, or nothing at all."""

from __future__ import annotations

import datetime as dt
import tomllib

import pytest

from publisher.load.config_edits import with_values

LOCK = (("show", "locked"), False)


@pytest.mark.parametrize(
    ("before", "change", "after"),
    [
        ("[show]\ntitle = 'A' # x\n", LOCK, "[show]\nlocked = false\ntitle = 'A' # x\n"),
        ("[show]\nlocked = true   # why\n", LOCK, "[show]\nlocked = false   # why\n"),
        ("\ufeff[show]\r\ntitle = 'A'\r\n", LOCK, "\ufeff[show]\r\nlocked = false\r\ntitle = 'A'\r\n"),
        ("show.title = 'A'\n", LOCK, "show.title = 'A'\nshow.locked = false\n"),
        ("[show]\ntitle = 'A'", (("show", "owner", "public"), True), "[show]\ntitle = 'A'\n\n[show.owner]\npublic = true\n"),
        (
            "[show.owner]\nname = 'A'\n[feed]\n",
            (("show", "owner", "public"), True),
            "[show.owner]\npublic = true\nname = 'A'\n[feed]\n",
        ),
        (
            "[feed]\nlimit = 3\n",
            (("feed", "moved_to"), 'https://a.example/"x"'),
            '[feed]\nmoved_to = "https://a.example/\\"x\\""\nlimit = 3\n',
        ),
        ("[feed]\nmoved_on = 2026-01-01 # d\n", (("feed", "moved_on"), dt.date(2026, 11, 29)), "[feed]\nmoved_on = 2026-11-29 # d\n"),
        ("", (("feed", "moved_on"), dt.date(2026, 11, 29)), "[feed]\nmoved_on = 2026-11-29\n"),
    ],
)
def test_one_line_comes_or_changes_and_every_other_byte_stays(before, change, after):
    edited = with_values(before.encode(), [change])
    assert edited is not None and edited.decode() == after
    assert with_values(edited, [change]) == edited


@pytest.mark.parametrize(
    "before",
    [
        "show = {title = 'A'}\n",
        "[show]\nlocked = [\n1]\n",
        '[show]\nlocked = """\nyes"""\n',
        "not toml",
        "[[show]]\ntitle = 'A'\n",
        "show = 'A'\n",
    ],
)
def test_what_would_come_out_otherwise_is_left_to_a_person(before):
    assert with_values(before.encode(), [LOCK]) is None


def test_a_text_that_only_looks_like_the_key_stays():
    before = '[show]\ndescription = """\nlocked = true\n"""\n[feed]\nlocked = true\n'
    edited = with_values(before.encode(), [LOCK])
    assert edited is not None
    assert tomllib.loads(edited.decode()) == {"show": {"description": "locked = true\n", "locked": False}, "feed": {"locked": True}}
