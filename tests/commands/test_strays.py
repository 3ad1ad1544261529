from __future__ import annotations

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
