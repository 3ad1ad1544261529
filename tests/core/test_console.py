"""What goes to a terminal: our own colours, and nothing that somebody else wrote into a title."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from publisher.core.console import Console, harmless, listen, notice, painted
from publisher.core.errors import StorageError

STRANGE = "a\x1b[31mb\x1b]0;owned\x07\x9b2J\u202egnp\u2066x\x7f\r\ud800"
TERMINAL = {chr(code) for code in (*range(9), *range(11, 32), *range(127, 160), *range(0x202A, 0x202F), *range(0x2066, 0x206A))}


@pytest.mark.parametrize("color", [True, False])
@pytest.mark.parametrize("way", ["say", "show", "detail", "warn", "data", "error", "json"])
def test_a_strangers_words_move_no_cursor_and_turn_no_letters(capsys, way, color):
    console = Console(verbose=True, color=color)
    if way == "error":
        console.error(StorageError(STRANGE, cause=STRANGE, hint=STRANGE, code="storage-answer"))
    else:
        getattr(console, way)({"title": STRANGE} if way == "json" else STRANGE)
    written = "".join(capsys.readouterr())
    assert "\\u202e" in written
    left = written if not color else written.replace("\x1b[31;1m", "").replace("\x1b[34;1m", "")
    for ours in ("33;1", "2", "0"):
        left = left.replace(f"\x1b[{ours}m", "")
    assert not set(left) & TERMINAL


def test_what_json_says_stays_what_it_was(capsys):
    Console(as_json=True).json({"title": STRANGE[:-1], "lines": "a\n\tb"})
    assert json.loads(capsys.readouterr().out) == {"title": STRANGE[:-1], "lines": "a\n\tb"}


def test_our_own_colours_are_shown_where_a_stream_shows_colours(capsys):
    Console(color=True).show(painted("good", "32"))
    Console(color=False).show(painted("good", "32"))
    Console(color=True).show("\ufdd08\ufdd1hidden")
    assert capsys.readouterr().out == "\x1b[32mgood\x1b[0m\ngood\n\ufdd08\ufdd1hidden\n"


@given(st.text())
def test_any_text_is_harmless_and_letters_stay(text):
    shown = harmless(text)
    assert not set(shown) & TERMINAL
    shown.encode()
    if text.isprintable():
        assert shown == text


def test_what_happens_far_away_is_said_once_a_command():
    said: list[str] = []
    for _ in range(2):
        listen(said.append)
        notice("a")
        notice("a")
        notice("b")
    assert said == ["a", "b", "a", "b"]
