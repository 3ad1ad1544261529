"""New shows and new episodes: `init`, `new`, `release`."""

from __future__ import annotations

import uuid

import pytest

from feed.guids import show_guid
from publisher.load.config_reader import read_config
from publisher.load.episode_text import read_episode_text
from tests.support.show_factory import Show, make_show, picture, recording


def start(folder, *answers: str):
    """`publish init` in `folder`."""
    return Show(folder).run("init", str(folder), *answers)


@pytest.fixture
def show(tmp_path):
    """A show with one episode that is due."""
    made = make_show(tmp_path / "show")
    made.episode()
    return made


@pytest.fixture
def artwork(tmp_path):
    path = tmp_path / "cover.jpg"
    path.write_bytes(picture())
    return str(path)


@pytest.fixture
def take(tmp_path):
    path = tmp_path / "take.mp3"
    path.write_bytes(recording())
    return str(path)


def test_a_new_show_goes_from_nothing_to_a_feed(tmp_path, artwork, take):
    folder = tmp_path / "new"
    answers = [
        "--title",
        'Say "Hi" \\ Tübingen',
        "--author",
        "Ada",
        "--url",
        "https://hi.example/pod/",
        "--artwork",
        artwork,
        "--timezone",
        "Europe/Berlin",
    ]
    outcome = start(folder, *answers)
    assert outcome.status == 0, outcome.stderr
    assert 'publish new "The first episode" --audio recording.mp3' in outcome.stderr
    show = Show(folder)
    config = read_config(show.config).config
    assert config.show.title == 'Say "Hi" \\ Tübingen'
    assert config.show.guid == show_guid("https://hi.example/pod/feed.xml")
    assert show.publish().status == 5, "there is no episode yet"
    outcome = show.run("new", "Größer & schöner", "--audio", take)
    assert outcome.status == 0, outcome.stderr
    assert "publish release groesser-schoener" in outcome.stderr
    outcome = show.run("release", "groesser-schoener")
    assert outcome.status == 0, outcome.stderr
    outcome = show.publish()
    assert outcome.status == 0, outcome.stderr
    assert "Größer &amp; schöner" in (folder / "public/feed.xml").read_text()
    assert "/public/" in (folder / ".gitignore").read_text()


def test_without_an_address_the_guid_is_made_up_and_no_two_are_the_same(tmp_path):
    guids = set()
    for name in ("a", "b"):
        assert start(tmp_path / name).status == 0
        guids.add(uuid.UUID(read_config(tmp_path / name / "config.toml").config.show.guid))
    assert len(guids) == 2
    assert uuid.UUID("58c5d453-ce41-5f39-9af8-1792af28cfa4") not in guids


def test_init_says_what_is_still_to_do(tmp_path):
    outcome = start(tmp_path / "a")
    assert "put a square picture" in outcome.stderr
    assert "write where they reach it into config.toml: url under [site]" in outcome.stderr


@pytest.mark.parametrize("size", [(1600, 1200), (600, 600), None])
def test_init_says_at_once_that_no_directory_takes_an_artwork(tmp_path, size):
    unfit = tmp_path / "cover.jpg"
    unfit.write_bytes(picture(*size) if size else b"no picture")
    said = start(tmp_path / "show", "--artwork", str(unfit)).stderr
    assert "another picture in place of artwork.jpg" in said
    assert "3000" in said or size is None
    unfit.write_bytes(picture(1500, 1500))
    assert "another picture" not in start(tmp_path / "other", "--artwork", str(unfit)).stderr


def test_init_never_writes_over_a_show(tmp_path):
    start(tmp_path / "a", "--title", "Mine")
    outcome = start(tmp_path / "a", "--title", "Yours")
    assert outcome.status == 2
    assert read_config(tmp_path / "a/config.toml").config.show.title == "Mine"


@pytest.mark.parametrize(
    ("answer", "code"),
    [(["--category", "Cheese"], "category-unknown"), (["--timezone", "Berlin"], "timezone-unknown"), (["--url", "my.example"], "site-url")],
)
def test_init_refuses_answers_that_no_show_can_have_and_writes_nothing(tmp_path, answer, code):
    outcome = start(tmp_path / "a", *answer)
    assert outcome.status == 3
    assert code in outcome.stderr
    assert not (tmp_path / "a").exists()


def test_a_new_episode_is_a_draft_with_an_identity(show):
    outcome = show.run("new", "A Second One")
    assert outcome.status == 0
    assert "put the recording there: episodes/2026-06-01-a-second-one/audio.mp3" in outcome.stderr
    front, *_ = read_episode_text((show.folder / "episodes/2026-06-01-a-second-one/episode.md").read_bytes())
    assert front["draft"] is True
    assert "date" not in front
    assert uuid.UUID(front["guid"])


def test_a_new_episode_takes_what_the_recording_knows(show, tmp_path):
    from mutagen.id3 import COMM, ID3, TRCK

    path = tmp_path / "take.mp3"
    path.write_bytes(recording())
    tags = ID3()
    tags.add(TRCK(encoding=3, text="7/9"))
    tags.add(COMM(encoding=3, lang="eng", text="Said in the file."))
    tags.save(path)
    assert show.run("new", "Seven", "--audio", str(path)).status == 0
    folder = show.folder / "episodes/2026-06-01-seven"
    front, _, notes, _ = read_episode_text((folder / "episode.md").read_bytes())
    assert front["episode"] == 7
    assert "Said in the file." in notes
    assert (folder / "audio.mp3").read_bytes() == path.read_bytes()


@pytest.mark.parametrize(("title", "status"), [("First", 2), ("!!!", 2), ("", 2)])
def test_a_title_that_gives_no_new_address_is_refused(show, title, status):
    before = sorted((show.folder / "episodes").iterdir())
    assert show.run("new", title).status == status
    assert sorted((show.folder / "episodes").iterdir()) == before


def test_a_recording_that_is_none_makes_no_episode(show, tmp_path):
    (tmp_path / "take.mp3").write_bytes(b"nope")
    outcome = show.run("new", "Next", "--audio", str(tmp_path / "take.mp3"))
    assert outcome.status == 3
    assert "this is no audio" in outcome.stderr
    assert not (show.folder / "episodes/2026-06-01-next").exists()


DRAFTS = {
    "TOML": '+++\n# a comment\ntitle = "Next"   # kept\ndraft = true\nguid = "g"\n+++\n\nNotes\n',
    "TOML with chapters": '+++\ntitle = "Next"\ndraft = true\n\n[[chapters]]\nstart = 0\ntitle = "date = draft"\n+++\nNotes\n',
    "TOML without a draft line": '+++\ntitle = "Next"\n[[chapters]]\nstart = 0\ntitle = "a"\n+++\nNotes\n',
    "TOML with the words in a text": '+++\ntitle = "Next"\nsummary = """\ndate = never\ndraft = x\n"""\ndraft = true\n+++\nNotes',
    "TOML with a list of lists": '+++\ntags = [\n"a",\n]\ntitle = "Next"\n+++\nNotes',
    "TOML from Windows": '+++\r\ntitle = "Next"\r\ndraft = true\r\n+++\r\n\r\nNotes\r\n',
    "TOML with a mark and a blank line": '\ufeff\n+++\ntitle = "Next"\ndraft = true\n+++\nNotes\n',
    "YAML": "---\n# a comment\ntitle: Next\ndraft: true\ntags:\n  - a\n---\n\nNotes\n",
    "YAML that ends in a block": "---\ntitle: Next\nsummary: |\n  date: never\n  draft: x\n---\nNotes\n",
    "an old date": '+++\ntitle = "Next"\ndate = 2020-01-01T06:00:00+01:00 # once\ndraft = true\n+++\nNotes\n',
}


@pytest.mark.parametrize("name", DRAFTS)
def test_release_writes_the_date_and_leaves_every_other_line_as_it_is(show, name):
    text = DRAFTS[name]
    path = show.write("episodes/2026-06-01-next/episode.md", text)
    outcome = show.run("release", "next", "--at", "2026-06-05T06:00")
    assert outcome.status == 0, outcome.stderr
    assert "next is due 2026-06-05 06:00+02:00" in outcome.stdout
    after = path.read_bytes()
    before, _, notes, _ = read_episode_text(text.encode())
    front, _, notes_after, _ = read_episode_text(after)
    assert front.pop("date").isoformat() == "2026-06-05T06:00:00+02:00"
    assert front == {key: value for key, value in before.items() if key not in ("draft", "date")}
    assert notes_after == notes
    kept = [line for line in text.encode().split(b"\n") if not line.startswith((b"draft: true", b"draft = true", b"date = 2020"))]
    assert [line for line in after.split(b"\n") if b"2026-06-05" not in line] == kept
    assert after.count(b"\r\n") == (after.count(b"\n") if "\r\n" in text else 0)


@pytest.mark.parametrize(
    ("at", "said"),
    [
        ("soon", "not a time: soon"),
        ("2026-03-29T02:30", "does not exist in Europe/Berlin"),
        ("2026-10-25T02:30", "happens twice"),
        ("2026-06-05", "has no time"),
    ],
)
def test_release_never_guesses_a_time(show, at, said):
    path = show.write("episodes/2026-06-01-next/episode.md", DRAFTS["TOML"])
    outcome = show.run("release", "next", "--at", at)
    assert outcome.status == 2
    assert said in outcome.stderr
    assert "hint: " in outcome.stderr
    assert path.read_text() == DRAFTS["TOML"]


def test_a_bare_day_is_completed_by_the_release_time(show):
    show.configure("explicit", "release_time = 06:30:00\nexplicit")
    show.write("episodes/2026-06-01-next/episode.md", DRAFTS["TOML"])
    outcome = show.run("release", "next", "--at", "2026-06-05")
    assert "next is due 2026-06-05 06:30+02:00" in outcome.stdout


def test_release_without_a_time_is_now_in_the_shows_time_zone(show):
    path = show.write("episodes/2026-06-01-next/episode.md", DRAFTS["TOML"])
    assert show.run("release", "next", now="2026-06-05T04:00:00+00:00").status == 0
    assert "date = 2026-06-05T06:00:00+02:00\n" in path.read_text()


def test_release_finds_an_episode_beside_a_broken_one_and_names_a_broken_one(show):
    show.write("episodes/2026-06-01-next/episode.md", DRAFTS["TOML"])
    show.write("episodes/2026-06-02-broken/episode.md", "+++\nx =\n+++\n")
    assert show.run("release", "next").status == 0
    outcome = show.run("release", "broken")
    assert outcome.status == 3
    assert "episodes/2026-06-02-broken/episode.md:2" in outcome.stderr


def test_release_refuses_to_write_where_it_cannot_keep_the_rest(show):
    text = "---\n{title: Next, draft: true}\n---\nNotes\n"
    path = show.write("episodes/2026-06-01-next/episode.md", text)
    outcome = show.run("release", "next")
    assert outcome.status in (2, 3)
    assert "by hand" in outcome.stderr
    assert path.read_text() == text


def test_a_scheduled_show_needs_no_one(show):
    show.write("episodes/2026-06-01-next/episode.md", DRAFTS["TOML"])
    show.write("episodes/2026-06-01-next/audio.mp3", recording(voice=4))
    show.run("release", "next", "--at", "2026-06-05T06:00")
    assert "Next" not in (show.publish("--json") and (show.public / "feed.xml").read_text())
    assert show.publish(now="2026-06-05T04:00:00+00:00").status == 0
    assert "<title>Next</title>" in (show.public / "feed.xml").read_text()
