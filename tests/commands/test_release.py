"""`publish release` refuses what listeners have already."""

from __future__ import annotations

from tests.support.show_factory import make_show


def test_a_published_episode_is_refused_and_its_file_stays(tmp_path):
    show = make_show(tmp_path)
    show.episode()
    assert show.publish().status == 0
    before = (show.folder / "episodes/2026-05-01-first/episode.md").read_bytes()
    done = show.run("release", "first")
    assert done.status == 2
    assert "is published, since 2026-05-01" in done.stderr and "publish explain release-published" in done.stderr
    assert (show.folder / "episodes/2026-05-01-first/episode.md").read_bytes() == before


def test_a_scheduled_one_gets_its_new_date(tmp_path):
    show = make_show(tmp_path)
    show.episode("2026-07-01-later", date="2026-07-01T06:00:00+02:00")
    assert show.run("release", "later", "--at", "2026-07-02T06:00:00+02:00").status == 0
    assert "2026-07-02T06:00:00+02:00" in (show.folder / "episodes/2026-07-01-later/episode.md").read_text()


def test_a_withdrawn_one_is_refused_and_says_that_it_is_for_good(tmp_path):
    show = make_show(tmp_path)
    show.episode()
    show.episode("2026-05-08-second", date="2026-05-08T06:00:00+02:00")
    assert show.publish().status == 0
    assert show.run("withdraw", "first", "--yes", "--no-verify").status == 0
    done = show.run("release", "first")
    assert done.status == 2 and "withdrawn for good" in done.stderr and "another slug and guid" in done.stderr
