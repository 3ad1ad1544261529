"""Which times in running text seek in the recording, and which are verses, scores and hours of the day."""

from __future__ import annotations

import pytest

from feed.notes.times_in_text import split_times


@pytest.mark.parametrize(
    "text",
    [
        "We read John 3:16 today", "1 Cor. 13:04 and Psalm 23:10", "Genesis 1:01, 2:15 and 3:05", "siehe Johannes 3:16",
        "10:00 CET", "at 14:00 GMT+1", "18:00–20:00 Uhr", "18:00 - 20:00 CEST", "7:30 in the morning", "9:00 EST / 15:00 CET",
        "they won 21:14", "after a score of 21:14", "the final was 25:22, 21:25 and 15:13", "21:14 win over the other side",
        "das Spiel endete mit einem Stand von 21:14", "FC Ada beat Bo 21:14", "on Monday, 20:15", "Montag 18:00", "tomorrow at 10:00", "am 24.12. um 18:00",
        "6:30 pm", "18:30 Uhr",
    ],
)  # fmt: skip
def test_other_times_seek_nowhere(text):
    assert [piece for piece in split_times(text, 90_000) if not isinstance(piece, str)] == []
    assert "".join(str(piece) for piece in split_times(text, 90_000)) == text


@pytest.mark.parametrize(
    ("text", "times"),
    [
        ("At 18:05 we sing.", ["18:05"]), ("18:05 The song", ["18:05"]), ("the song (18:05)", ["18:05"]), ("from 18:05 to 19:10", ["18:05", "19:10"]),
        ("See 1:18:05 and 2:00:00", ["1:18:05", "2:00:00"]), ("ab Minute 12:30", ["12:30"]), ("Ada says, 18:05, that", ["18:05"]),
        ("John 3:16. More at 18:05", ["18:05"]), ("we lost the thread here, 18:05", ["18:05"]),
    ],
)  # fmt: skip
def test_times_of_the_recording_seek(text, times):
    found = [piece[0] for piece in split_times(text, 90_000) if not isinstance(piece, str)]
    assert found == times


def test_no_time_seeks_behind_the_end():
    assert split_times("At 18:05 and 20:00", 1100) == ["At ", ("18:05", 1085.0), " and 20:00"]
