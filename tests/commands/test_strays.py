from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest

from publisher.commands.prune import GRACE
from publisher.core.layout import shard
from publisher.sync.apply import STATE_HEADERS
from tests.support.show_factory import make_show

LEFT = [
    "episodes/news-20260521/transcript-de-89abcdef.vtt",
    "media/news-20260521-89abcdef.mp3",
    "media/news-20260521-alt-video-89abcdef.mp4",
]
"""What publishes that were cut left of an episode that is published now."""
OTHERS = [
    "episodes/news-20260521/cat-89abcdef.jpg",
    "episodes/somebody-89abcdef.html",
    "media/cats.mp3",
    "media/news-89abcdef.mp3",
    "media/unheard-of-89abcdef.mp3",
]


def test_where_a_storage_keeps_no_marks_what_a_cut_publish_left_of_an_episode_goes_and_all_else_stays(tmp_path):
    show = make_show(tmp_path)
    show.episode("news-20260521")
    assert show.publish().status == 0
    for key in (*LEFT, *OTHERS):
        path = show.public / key
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"bytes")
    outcome = show.run("prune", "--yes", "--json", now="2028-01-01T12:00:00+00:00")
    assert outcome.status == 0, outcome.stderr
    assert outcome.document["strays"] == LEFT
    assert [key for key in OTHERS if not (show.public / key).exists()] == []
    assert [key for key in LEFT if (show.public / key).exists()] == []


def test_where_a_storage_keeps_marks_what_carries_ours_goes_and_all_else_stays(far, memory, monkeypatch):
    assert far.publish().status == 0
    ours, other = "media/unheard-of-89abcdef.mp3", "media/cats.mp3"
    for key in (ours, other):
        memory.put(key, b"bytes", STATE_HEADERS)
    head = memory.head
    monkeypatch.setattr(memory, "head", lambda key: replace(head(key), ours=key == ours))
    memory.clock.pass_by(2 * GRACE.total_seconds())
    outcome = far.run("prune", "--yes", "--json", now=(dt.datetime.fromisoformat(far.now) + 2 * GRACE).isoformat())
    assert outcome.document["strays"] == [ours]
    assert [key for key in (ours, other) if key in memory.keys] == [other]


@pytest.mark.parametrize(("seconds", "goes"), [(0, False), (1, True)])
def test_the_grace_is_that_very_time(far, memory, seconds, goes):
    """What nothing refers to: a file that a cut publish left, a part of State, what an episode that was removed had."""
    assert far.publish().status == 0
    removed = next(key for key in memory.keys if key.startswith("media/second-"))
    far.remove("2026-05-08-second")
    assert far.publish("--force", "remove=second").status == 0
    stray, part = "media/first-89abcdef.mp3", shard("2026", "0" * 64)
    for key in (stray, part):
        memory.put(key, b"bytes", STATE_HEADERS)
    age = GRACE + dt.timedelta(seconds=seconds)
    memory.clock.pass_by(age.total_seconds())
    outcome = far.run("prune", "--yes", now=(dt.datetime.fromisoformat(far.now) + age).isoformat())
    assert outcome.status == 0, outcome.stderr
    assert [key for key in (stray, part, removed) if key in memory.keys] == ([] if goes else [stray, part, removed])
