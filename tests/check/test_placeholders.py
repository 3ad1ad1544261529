"""Words that stand where nobody has written anything yet, and addresses nobody can have: they are named before listeners read them."""

from __future__ import annotations

import pytest

from publisher.core.placeholders import is_example, is_nowhere
from tests.support.show_factory import make_show


@pytest.fixture
def show(tmp_path):
    made = make_show(tmp_path / "show")
    made.episode()
    return made


def test_a_show_in_its_own_words_has_no_placeholder(show):
    assert show.publish("--json").findings("placeholder") == []


@pytest.mark.parametrize(
    ("old", "new", "line", "words"),
    [
        ('title = "A Small Show"', 'title = "My Podcast"', 2, "`title` under [show] is still"),
        ('description = "Machines one can reach from a chair."', 'description = "A podcast."', 3, "A podcast."),
        ('author = "Ada Field"', 'author = "Me"', 4, "`author` under [show] is still"),
        ("https://small.example", "https://podcast.example.org", 22, "https://podcast.example.org is a name kept for examples"),
    ],
)
def test_a_placeholder_in_the_config_is_named_at_every_publish(show, old, new, line, words):
    show.configure(old, new)
    for _ in range(2):
        outcome = show.publish("--json")
        assert outcome.status == 0, outcome.stderr
        (row,) = outcome.findings("placeholder")
        assert (row["severity"], row["file"], row["line"]) == ("warning", "config.toml", line)
        assert words in row["message"] and row["hint"]
        assert words in outcome.stderr
    assert show.publish("--strict").status == 3
    assert [row["line"] for row in show.run("check", "--json").findings("placeholder")] == [line]


def test_notes_that_nobody_wrote_are_named(show):
    show.edit("2026-05-01-first", "Some notes.", "Hello.\n\nWhat is this episode about?")
    outcome = show.publish("--json")
    assert outcome.status == 0, outcome.stderr
    (row,) = outcome.findings("placeholder")
    assert (row["severity"], row["file"], row["line"]) == ("warning", "episodes/2026-05-01-first/episode.md", 9)
    assert "What is this episode about?" in row["message"]


def test_what_init_and_new_write_is_what_is_named(tmp_path, show):
    assert show.run("new", "Second").status == 0
    name = next(path.name for path in (show.folder / "episodes").iterdir() if path.name.endswith("second"))
    show.edit(name, "draft = true", "date = 2026-05-20T06:00:00Z")
    show.write(f"episodes/{name}/audio.mp3", (show.folder / "episodes/2026-05-01-first/audio.mp3").read_bytes()[:-208])
    assert show.run("init", str(tmp_path / "other"), "--yes").status == 0
    show.config.write_text((tmp_path / "other/config.toml").read_text())
    found = {(row["file"], row["message"].split(":")[0]) for row in show.publish("--json").findings("placeholder")}
    assert len([row for row in found if row[0] == "config.toml"]) == 3, found
    assert [row for row in found if row[0] == f"episodes/{name}/episode.md"]


@pytest.mark.parametrize(
    "url", ["https://example.org", "https://podcast.example.com/show", "http://EXAMPLE.net.", "https://a.b.example.edu"]
)
def test_names_kept_for_examples_are_known(url):
    assert is_example(url)


@pytest.mark.parametrize(
    "url", ["https://latch.example", "https://myexample.org", "https://example.de", "https://example.org.uk", "https://[bad"]
)
def test_other_names_may_be_somebodys(url):
    assert not is_example(url)


@pytest.mark.parametrize(
    ("url", "nowhere"), [("https://x.example", True), ("https://a.b.example/show", True), ("https://x.example.de", False)]
)
def test_a_name_that_is_kept_free_for_ever_is_named_when_something_is_published(show, url, nowhere):
    assert is_nowhere(url) is nowhere
    show.configure("https://small.example", url)
    outcome = show.publish()
    assert outcome.status == 0
    assert (f"nobody can reach {url}" in outcome.stderr) is nowhere
    assert "nobody can reach" not in show.publish().stderr, "nothing goes on the air"


def test_a_show_begins_without_an_address_and_gets_one_later_with_no_force(tmp_path, show):
    """Preview and a folder need none; nobody can have subscribed at the one that stands there."""
    assert show.run("init", str(tmp_path / "new"), "--yes").status == 0
    new = show.copy(tmp_path / "kept")
    new.config.write_text((tmp_path / "new/config.toml").read_text())
    outcome = new.publish()
    assert outcome.status == 0 and "the show has no address yet" in outcome.stderr
    new.configure('# url = "https://…"', 'url = "https://mine.test/show"')
    outcome = new.publish()
    assert outcome.status == 0, outcome.stderr
    assert "mine.test/show/media/" in (new.public / "feed.xml").read_text()
    new.configure("https://mine.test/show", "https://other.test/show")
    assert new.publish().status == 5, "from an address that listeners may have"
