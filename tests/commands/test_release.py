"""`publish release` refuses what listeners have already."""

from __future__ import annotations

import re
import shlex

import pytest

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


@pytest.mark.parametrize(("date", "front"), [("2026-04-01T06:00:00+02:00", "draft = true"), (None, "draft = true"), (None, "")])
def test_where_nothing_can_be_published_the_storage_is_not_asked(far, memory, date, front):
    far.episode("2026-07-01-later", date=date, front=front)
    asked = memory.requests
    done = far.run("release", "later")
    assert done.status == 0 and "it was due" not in done.stderr, done.stderr
    assert memory.requests == asked


def test_a_scheduled_one_gets_its_new_date(tmp_path):
    show = make_show(tmp_path)
    show.episode("2026-07-01-later", date="2026-07-01T06:00:00+02:00")
    done = show.run("release", "later", "--at", "2026-07-02T06:00:00+02:00")
    assert done.status == 0 and "(it was due 2026-07-01 06:00:00+02:00)" in done.stderr
    assert "2026-07-02T06:00:00+02:00" in (show.folder / "episodes/2026-07-01-later/episode.md").read_text()


def test_a_withdrawn_one_is_refused_and_says_that_it_is_for_good(tmp_path):
    show = make_show(tmp_path)
    show.episode()
    show.episode("2026-05-08-second", date="2026-05-08T06:00:00+02:00")
    assert show.publish().status == 0
    assert show.run("withdraw", "first", "--yes", "--no-verify").status == 0
    done = show.run("release", "first")
    assert done.status == 2 and "withdrawn for good" in done.stderr and "another slug and guid" in done.stderr


@pytest.mark.parametrize(
    "typed", ["24.12.2026 18:30", "24/12/2026 18.30", "12/24/2026, 18:30", "2026/12/24 18:30", "24.12.2026 um 18:30 Uhr"]
)
def test_a_date_as_people_type_it_gets_the_line_that_runs(tmp_path, typed):
    show = make_show(tmp_path)
    show.episode("2026-07-01-later", date=None, front="draft = true")
    done = show.run("release", "later", "--at", typed)
    assert done.status == 2
    line = re.search(r"`publish (release [^`]*)`", done.stderr)[1]
    assert show.run(*shlex.split(line)).status == 0
    assert "date = 2026-12-24T18:30:00+01:00" in (show.folder / "episodes/2026-07-01-later/episode.md").read_text()


@pytest.mark.parametrize("typed", ["2026-12-24", "24.12.2026"])
def test_a_day_alone_gets_lines_that_lead_to_a_time(tmp_path, typed):
    show = make_show(tmp_path)
    show.episode("2026-07-01-later", date=None, front="draft = true")
    line = ["release", "later", "--at", typed]
    for _ in range(3):
        done = show.run(*line)
        if done.status == 0:
            break
        line = shlex.split(re.search(r"`publish (release [^`]*)`", done.stderr)[1])
    assert done.status == 0, done.stderr
    assert "date = 2026-12-24T06:00:00+01:00" in (show.folder / "episodes/2026-07-01-later/episode.md").read_text()


@pytest.mark.parametrize("typed", ["05/06/2026", "tomorrow", "24.13.2026", "32.12.2026"])
def test_a_date_that_may_be_two_days_or_none_is_not_guessed(tmp_path, typed):
    show = make_show(tmp_path)
    show.episode("2026-07-01-later", date=None, front="draft = true")
    done = show.run("release", "later", "--at", typed)
    assert done.status == 2 and "write it like 2026-05-21T06:00" in done.stderr
