"""What a long show spares itself: full pages of the feed stay, and notes once rendered are read back."""

from __future__ import annotations

import sys

import pytest

import feed.notes
from tests.support.show_factory import make_show, tree


@pytest.fixture
def long_show(tmp_path):
    show = make_show(tmp_path / "long")
    show.config.write_text(show.config.read_text() + "\n[feed]\nlimit = 2\n")
    for day in range(1, 6):
        show.episode(f"2026-05-0{day}-part-{day}", date=f"2026-05-0{day}T06:00:00+02:00")
    assert show.publish("--yes").status == 0
    return show


def test_a_new_episode_sends_no_full_page_of_the_feed_again(long_show):
    before = tree(long_show.public)
    long_show.episode("2026-05-06-part-6", date="2026-05-06T06:00:00+02:00")
    sent = {change["key"] for change in long_show.publish("--yes", "--json").document["changes"]}
    assert {"feed.xml", "feed-3.xml"} <= sent
    assert not {"feed-1.xml", "feed-2.xml"} & sent
    after = tree(long_show.public)
    assert [after[f"feed-{page}.xml"].count(b"<item>") for page in (1, 2, 3)] == [2, 2, 2]
    assert after["feed-1.xml"] == before["feed-1.xml"]


def test_an_old_episode_changed_sends_its_page_of_the_feed(long_show):
    path = long_show.folder / "episodes" / "2026-05-01-part-1" / "episode.md"
    path.write_text(path.read_text() + "\nMore to read.\n")
    sent = {change["key"] for change in long_show.publish("--yes", "--json").document["changes"]}
    assert "feed-1.xml" in sent
    assert "feed-2.xml" not in sent


def test_findings_on_older_pages_of_the_feed_are_told_by_each_check(long_show):
    first = long_show.run("check", "--format", "json").stdout
    assert first == long_show.run("check", "--format", "json").stdout


def test_notes_of_other_episodes_are_not_rendered_again(long_show, monkeypatch):
    rendered = []
    real = feed.notes.render_notes
    monkeypatch.setattr(feed.notes, "render_notes", lambda text, **given: (rendered.append(given["link"]), real(text, **given))[1])
    long_show.episode("2026-05-06-part-6", date="2026-05-06T06:00:00+02:00")
    with_memory = long_show.publish("--yes", "--json")
    assert with_memory.status == 0, with_memory.stderr
    assert not any("part-1" in link or "part-2" in link for link in rendered)
    recalled = tree(long_show.public)
    (long_show.folder / ".airdate-cache" / "notes.sqlite").write_bytes(b"not a database")
    assert long_show.run("build", "--standalone", "--out", str(long_show.folder / "out")).status == 0
    assert tree(long_show.folder / "out")["feed.xml"] == recalled["feed.xml"]


@pytest.mark.skipif(sys.platform != "linux", reason="memory is counted otherwise")
def test_what_was_rendered_is_not_held_in_memory(tmp_path):
    """Every page is a megabyte here, and a first publish sends all of them."""
    peaks = []
    for count in (10, 50):
        show = make_show(tmp_path / f"show-{count}")
        show.write("theme/footer.html", "<!-- " + "words " * 170_000 + "-->\n")
        for number in range(count):
            show.episode(f"2026-01-01-part-{number}", date=f"2026-01-01T06:{number:02}:00+02:00")
        code = "import resource; print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)"
        outcome = show.program("--no-verify", "--yes", "--quiet", code=code)
        assert outcome.status == 0, outcome.stderr
        assert (show.public / "episodes" / "part-7.html").stat().st_size > 1_000_000
        peaks.append(float(outcome.stdout.split()[-1]))
    assert peaks[1] - peaks[0] < 25, "40 MB were made more"
