# ruff: noqa: E501  one case, one line
"""Faults of an episode's folder: each is told with file, line and what to do; none is guessed away, none lets half a show out."""

from __future__ import annotations

import datetime as dt
import json
import shutil

import pytest

from feed.findings import ContentFault
from publisher.core.slugs import slug_of
from publisher.load.dates import resolve_date
from publisher.load.episode_text import read_episode_text
from tests.support.show_factory import picture, recording, tree

GOOD = 'title = "Second"\ndate = 2026-05-08T06:00:00+02:00\n'
NAME = "2026-05-08-second"
FILE = f"episodes/{NAME}/episode.md"


def toml(front: str, notes: str = "Notes.\n") -> str:
    return f"+++\n{front}\n+++\n\n{notes}"


def yaml(front: str) -> str:
    return f"---\n{front}\n---\n\nNotes.\n"


def at(date: str) -> str:
    return toml(f'title = "Second"\ndate = {date} # HERE')


# Each case: episode.md with HERE on the line to blame (no HERE: line 1), the code, a part of the message, a part of the hint.
TEXTS = {
    "no value": (toml(GOOD + "season = # HERE"), "syntax", "not valid TOML", ""),
    "text without quotes": (toml(GOOD + "summary = Hello there # HERE"), "syntax", "not valid TOML", "between quotes"),
    "a colon in TOML": (toml(GOOD + "summary: Hello # HERE"), "syntax", "not valid TOML", "between --- lines"),
    "an unknown key": (toml(GOOD + 'guest = ["Bo"] # HERE'), "unknown-key", "`guest`", "did you mean `guests`?"),
    "a key that slid below the chapters": (
        toml(GOOD + '[[chapters]]\nstart = 0\ntitle = "a"\nepisode = 3 # HERE'),
        "unknown-key",
        "`chapters[1].episode`",
        "`episode` belongs above the first [[chapters]]: in TOML a table takes every key below it",
    ),
    "a key of the second chapter": (
        toml(GOOD + '[[chapters]]\nstart = 0\ntitle = "a"\n[[chapters]]\nstart = 9\ntitel = "b" # HERE'),
        "unknown-key",
        "`chapters[2].titel`",
        "did you mean `title`?",
    ),
    "words for a number": (toml(GOOD + 'episode = "five" # HERE'), "wrong-value", "`episode` must be a number, not 'five'", "itunes:episode"),
    "season nought": (toml(GOOD + "season = 0 # HERE"), "wrong-value", "`season` must be at least 1, not 0", ""),
    "maybe for true": (toml(GOOD + 'explicit = "maybe" # HERE'), "wrong-value", "`explicit` must be true or false, not 'maybe'", ""),
    "a text for a list": (toml(GOOD + 'tags = "cheese" # HERE'), "wrong-value", "`tags` must be a list", ""),
    "a negative time": (toml(GOOD + "[[soundbites]]\nstart_time = -1 # HERE\nduration = 20"), "wrong-value", "soundbites[1].start_time", ""),
    "no title": (toml("date = 2026-05-08T06:00:00+02:00"), "missing-key", "`title` is missing", ""),
    "a date of digits": (at("20260508"), "wrong-value", "`date` must be a date like 2026-05-21T06:00:00+02:00", ""),
    "a date of digits as text": (at('"20260508"'), "wrong-value", "not '20260508'", ""),
    "a date with a point": (at("1.5"), "wrong-value", "`date` must be a date like", ""),
    "a date that is a word": (at('"soon"'), "wrong-value", "not 'soon'", ""),
    "a month too many": (at('"2026-13-08"'), "wrong-value", "month must be in 1..12", ""),
    "a bare date": (at("2026-05-08"), "date-without-time", "has no time", "set release_time under [show]"),
    "a bare date as text": (at('"2026-05-08"'), "date-without-time", "has no time", "2026-05-08T06:00:00"),
    "an hour that does not exist": (at("2026-03-29T02:30:00"), "date-in-gap", "does not exist in Europe/Berlin", "an hour later, or an offset"),
    "an hour that happens twice": (at("2025-10-26T02:30:00"), "date-in-fold", "happens twice", "+02:00 or 2025-10-26T02:30:00+01:00"),
    "a host nobody knows": (toml(GOOD + 'hosts = ["zed"] # HERE'), "person-unknown", "`zed` is not in [people]", "[people.zed]"),
    "a guest written as an id": (toml(GOOD + 'guests = ["bo-x"] # HERE'), "person-unknown", "`bo-x`", ""),
    "an episode nought": (toml(GOOD + "episode = 0 # HERE"), "wrong-value", "`episode` must be more than 0", "3.5"),
    "an episode of three decimals": (toml(GOOD + "episode = 3.125 # HERE"), "wrong-value", "`episode` must have at most two decimals", "3.5"),
    "a slug with spaces": (toml(GOOD + 'slug = "Bad Slug" # HERE'), "slug-invalid", "not `Bad Slug`", 'slug = "bad-slug"'),
    "a slug of nothing": (toml(GOOD + 'slug = "!!"'), "slug-empty", "no address", "slug ="),
    "a slug that is taken": (toml(GOOD + 'slug = "first" # HERE'), "slug-twice", "episodes/2026-05-01-first is also `first`", "another slug"),
    "a guid that is taken": (toml(GOOD + 'guid = "first-guid" # HERE'), "guid-twice", "looks like a copy of episodes/2026-05-01-first", "delete the `guid`"),
    "a chapter without a time": (toml(GOOD + '[[chapters]] # HERE\nstart = "x"\ntitle = "a"'), "chapter-time", "no time", "MM:SS"),
    "a cover outside": (toml(GOOD + 'cover = "/etc/hostname" # HERE'), "path-outside", "`cover` leads out of the show's folder", "copy the file"),
    "a cover that is not here": (toml(GOOD + 'cover = "nope.jpg" # HERE'), "file-missing", "nope.jpg", "looked in"),
    "a name no disk takes": (toml(GOOD + f'cover = "{"x" * 300}.jpg" # HERE'), "file-missing", "xxx", ""),
    "audio outside": (toml(GOOD + 'audio = "../../../x.mp3" # HERE'), "path-outside", "outside the show's folder", "copy the recording"),
    "audio that is not here": (toml(GOOD + 'audio = "nope.mp3" # HERE'), "audio-missing", "", "copy the recording"),
    "a picture in the notes that is not here": (toml(GOOD, "One\n\n![x](nope.jpg) <!-- # HERE -->\n"), "file-missing", "nope.jpg", "copy it"),
    "a picture in the notes from outside": (toml(GOOD, "![x](../../../../etc/hostname) # HERE\n"), "path-outside", "leads out", ""),
    "notes too large": (toml(GOOD, "word " * 100_000), "notes-too-large", "256,000", "a page of their own"),
    "a file too large": (toml(GOOD, "word " * 300_000), "file-too-large", "larger than", "right file"),
    "front matter too large": (toml(GOOD + "# " + "x" * 70_000), "front-matter-too-large", "64,000", "into the notes"),
    "front matter that never ends": ("+++ \n" + GOOD, "front-matter-unclosed", "never ends", "only +++"),
    "YAML with a colon in a text": (yaml("date: 2026-05-08T06:00:00+02:00\ntitle: a: b # HERE"), "syntax", "not valid YAML", "between quotes"),
    "YAML with a tab": (yaml("date: 2026-05-08T06:00:00+02:00\ntitle: a\n\tx: b # HERE"), "syntax", "not valid YAML", ""),
    "YAML with an alias": (yaml("date: 2026-05-08T06:00:00+02:00\ntitle: &a x\nsummary: *a # HERE"), "syntax", "aliases are not read", "write the value out"),
    "YAML with a key twice": (yaml("date: 2026-05-08T06:00:00+02:00\ntitle: x\ntitle: y # HERE"), "syntax", "`title` stands here twice", ""),
    "YAML with a tag": (yaml("date: 2026-05-08T06:00:00+02:00\ntitle: !!python/object:os.system x # HERE"), "syntax", "tags are not read", "alone"),
    "YAML with a wrong value": (yaml("title: x\ndate: 2026-05-08T06:00:00+02:00\nsoundbites:\n  - start_time: 1\n    duration: long # HERE"), "wrong-value", "soundbites[1].duration", ""),
    "not UTF-8": (toml(GOOD + "# ok").replace("ok", "Ad\udce4 # HERE"), "not-utf8", "not UTF-8", "save it as UTF-8"),
}  # fmt: skip


def fault(outcome, code: str, message: str = ""):
    found = [item for item in outcome.findings(code) if message in item["message"]]
    assert found, outcome.stdout + outcome.stderr
    return found[0]


@pytest.mark.parametrize("name", TEXTS)
def test_a_fault_is_told_with_its_line_and_what_to_do(show, name):
    text, code, message, hint = TEXTS[name]
    show.write(FILE, text.encode("utf-8", "surrogateescape"))
    show.write(f"episodes/{NAME}/audio.mp3", recording(voice=9))
    outcome = show.publish("--json")
    assert outcome.status == 3, outcome.stderr
    found = fault(outcome, code, message)
    assert found["file"] == FILE
    assert found["severity"] == "error"
    assert hint in found["hint"]
    marked = [number for number, line in enumerate(text.split("\n"), 1) if "# HERE" in line]
    assert found["line"] == marked[0] if marked else found["line"] in (0, 1)
    assert not show.public.joinpath("feed.xml").exists()
    assert "Traceback" not in outcome.stderr


# What lies beside episode.md: file -> bytes; then the code, the file that is named, a part of message and hint.
FOLDERS = {
    "no recording": ({}, "audio-missing", "episode.md", "no recording", "draft = true"),
    "an empty recording": ({"audio.mp3": b""}, "audio-empty", "audio.mp3", "0 bytes", "still being"),
    "a recording cut short": ({"audio.mp3": recording()[:100]}, "audio-not-audio", "audio.mp3", "no audio", ""),
    "a picture called mp3": ({"audio.mp3": picture()}, "audio-not-audio", "audio.mp3", "JPEG picture", ""),
    "several recordings": ({"a.mp3": recording(), "b.mp3": recording(30.0)}, "audio-several", "episode.md", "a.mp3 (0:20), b.mp3 (0:30)", 'audio = "a.mp3"'),
    "a master alone": ({"audio.wav": b"RIFF\0\0\0\0WAVEfmt " + bytes(99)}, "audio-type", "episode.md", "WAV", "ffmpeg -i"),
    "a transcript that is none": ({"audio.mp3": recording(), "transcript.vtt": b"hello"}, "transcript-unreadable", "transcript.vtt", "no form", "WebVTT"),
    "chapters that are none": ({"audio.mp3": recording(), "chapters.json": b"nope"}, "chapters-unreadable", "chapters.json", "no chapter", ""),
    "a cover that is none": ({"audio.mp3": recording(), "cover.jpg": b"nope"}, "image-unreadable", "cover.jpg", "no JPEG", "export"),
    "a cover that is not square": ({"audio.mp3": recording(), "cover.jpg": picture(1400, 1500)}, "artwork-not-square", "cover.jpg", "1500", "crop"),
}  # fmt: skip


@pytest.mark.parametrize("name", FOLDERS)
def test_a_file_that_cannot_be_used_is_named(show, name):
    files, code, blamed, message, hint = FOLDERS[name]
    show.write(FILE, toml(GOOD))
    for file, content in files.items():
        show.write(f"episodes/{NAME}/{file}", content)
    outcome = show.publish("--json")
    assert outcome.status == 3, outcome.stderr
    found = fault(outcome, code, message)
    assert found["file"] == f"episodes/{NAME}/{blamed}"
    assert hint in found["hint"]
    assert not show.public.joinpath("feed.xml").exists()


def test_front_matter_that_is_missing_is_told_before_a_published_page_is_lost(show):
    show.episode(NAME, date="2026-05-08T06:00:00+02:00")
    assert show.publish().status == 0
    before = tree(show.public)
    show.write(FILE, "Just notes.\n")
    outcome = show.publish()
    assert outcome.status in (3, 5)
    assert "does not start with front matter" in outcome.stderr
    assert tree(show.public) == before


def test_all_faults_of_all_files_are_told_at_once_and_the_published_show_stays_whole(show):
    assert show.publish().status == 0
    before = tree(show.public)
    show.episode("2026-05-08-second", date="20260508", front='guest = ["Bo"]\nseason = 0')
    show.episode("2026-05-09-third", date="2026-05-09T06:00:00+02:00", audio=b"RIFF")
    show.episode("2026-05-10-fourth", date="2026-05-10T06:00:00", front='cover = "nope.jpg"')
    show.write("episodes/2026-05-10-fourth/transcript.vtt", "nope")
    outcome = show.publish("--json")
    assert outcome.status == 3
    assert {item["code"] for item in outcome.findings()} >= {"wrong-value", "unknown-key", "audio-not-audio", "file-missing"}
    assert tree(show.public) == before
    assert outcome.document["status"] == 3
    assert "faults to mend first" in outcome.document["error"]["message"]


@pytest.mark.parametrize("waiting", ["draft", "future", "without date"])
@pytest.mark.parametrize(
    "fault",
    [
        "guest = 1",
        'cover = "../../../../etc/hostname"',
        "x = ",
        'hosts = ["zed"]',
        'guid = "first-guid"',
        'slug = "first"',
        'slug = "Bad Slug"',
        '[[chapters]]\nstart = "x"\ntitle = "a"',
    ],
)
def test_a_half_written_episode_never_keeps_tonights_off_the_air(show, waiting, fault):
    head = {"draft": "draft = true\ndate = 2026-05-01T06:00:00+02:00", "future": "date = 2026-09-01T06:00:00+02:00", "without date": ""}[
        waiting
    ]
    show.write(f"episodes/{NAME}/episode.md", toml(f'title = "Halfwritten"\n{head}\n{fault}'))
    show.write("episodes/2026-04-01-a-copy/episode.md", toml(f'title = "Halfwritten"\n{head}\n{fault}'))
    outcome = show.publish("--json")
    assert outcome.status == 0, outcome.stderr
    assert {item["severity"] for item in outcome.findings() if NAME in item["file"]} <= {"warning", "hint"}
    assert (show.public / "episodes/first.html").is_file()
    assert not any(b"Halfwritten" in body for body in tree(show.public).values())


def test_a_fault_of_a_waiting_episode_is_shown_all_the_same(show):
    show.write(FILE, toml('title = "Half"\ndate = 2026-09-01T06:00:00+02:00\nguest = 1'))
    outcome = show.publish()
    assert outcome.status == 0
    assert f"{FILE}:4: unknown-key" in outcome.stderr
    assert show.publish("--strict", now="2026-06-02T12:00:00+00:00").status == 3


def test_a_bare_future_date_warns_and_its_day_makes_it_an_error(show):
    show.write(FILE, toml('title = "Half"\ndate = 2026-09-01'))
    show.write(f"episodes/{NAME}/audio.mp3", recording())
    assert show.publish().status == 0
    assert show.publish(now="2026-09-01T12:00:00+00:00").status == 3


def test_a_folder_without_episode_md_is_left_out_with_a_word(show):
    show.write("episodes/2026-05-20-empty/notes.txt", "x")
    show.write("episodes/.DS_Store", "x")
    outcome = show.publish()
    assert outcome.status == 0
    assert "episodes/2026-05-20-empty: episode-missing" in outcome.stderr
    assert "DS_Store" not in outcome.stderr


def test_a_link_that_leads_out_of_the_folder_is_not_followed(show, tmp_path):
    (tmp_path / "secret.jpg").write_bytes(picture())
    (show.folder / "episodes/2026-05-01-first/inside.jpg").symlink_to(tmp_path / "secret.jpg")
    show.edit("2026-05-01-first", "+++\n\n", 'cover = "inside.jpg"\n+++\n\n')
    outcome = show.publish("--json")
    assert outcome.status == 3
    assert fault(outcome, "path-outside")["line"] == 5


def test_a_recording_linked_from_outside_is_refused_when_front_matter_names_it(show, tmp_path):
    (tmp_path / "elsewhere.mp3").write_bytes(recording())
    (show.folder / "episodes/2026-05-01-first/linked.mp3").symlink_to(tmp_path / "elsewhere.mp3")
    show.edit("2026-05-01-first", "+++\n\n", 'audio = "linked.mp3"\n+++\n\n')
    assert fault(show.publish("--json"), "path-outside")["line"] == 5


def test_files_one_may_not_read_are_named_each(show):
    show.episode(NAME, date="2026-05-08T06:00:00+02:00")
    show.episode("2026-05-09-third", date="2026-05-09T06:00:00+02:00")
    (show.folder / FILE).chmod(0)
    (show.folder / "episodes/2026-05-09-third").chmod(0)
    (show.folder / "episodes/2026-05-01-first/audio.mp3").chmod(0)
    try:
        outcome = show.program("--no-verify", "--json", humble=True)
    finally:
        (show.folder / "episodes/2026-05-09-third").chmod(0o755)
    assert outcome.status == 3, outcome.stderr
    assert {item["file"] for item in outcome.findings("file-unreadable", "audio-unreadable")} == {
        FILE,
        "episodes/2026-05-09-third",
        "episodes/2026-05-01-first/audio.mp3",
    }


# The show's artwork: its bytes, then the code of the fault, or None where it is mended with a note.
ARTWORKS = {
    "missing": (None, "file-missing"),
    "not square": (picture(1400, 1500), "artwork-not-square"),
    "too small": (picture(600, 600), "artwork-too-small"),
    "no picture": (b"nope", "image-unreadable"),
    "cut short": (picture()[:2000], "image-unreadable"),
    "for print": (picture(mode="CMYK"), None),
    "WebP called jpg": (picture(form="WEBP"), None),
    "grey": (picture(mode="L"), None),
}


@pytest.mark.parametrize("name", ARTWORKS)
def test_artwork_is_mended_with_a_note_or_refused_by_name(show, name):
    content, code = ARTWORKS[name]
    (show.folder / "artwork.jpg").unlink()
    if content is not None:
        show.write("artwork.jpg", content)
    outcome = show.publish("--json")
    if code:
        assert outcome.status == 3
        found = fault(outcome, code)
        assert found["file"] == ("config.toml" if content is None else "artwork.jpg")
        assert found["hint"]
        return
    assert outcome.status == 0, outcome.stderr
    assert "published as an sRGB JPEG" in " ".join(item["message"] for item in outcome.findings("artwork-converted"))
    published = next((show.public / "art").glob("artwork-????????.jpg")).read_bytes()
    assert published.startswith(b"\xff\xd8\xff")


def test_yaml_is_read_as_1_2():
    text = yaml("title: yes\ndate: 2026-05-08T06:00:00+02:00\nsummary: no\nepisode: 012\ntags: [on, off, 1e3]\nseason: 0o14\ndraft: true")
    front, lines, notes, offset = read_episode_text(text.encode())
    assert front["title"] == "yes"
    assert front["summary"] == "no"
    assert front["episode"] == 12
    assert front["season"] == 12
    assert front["tags"] == ["on", "off", 1000.0]
    assert front["draft"] is True
    assert front["date"] == dt.datetime.fromisoformat("2026-05-08T06:00:00+02:00")
    assert front["date"].utcoffset() == dt.timedelta(hours=2)
    assert lines[("tags", 1)] == 6
    assert (notes.strip(), offset) == ("Notes.", 9)


def test_a_yaml_bomb_ends_at_its_first_alias():
    bomb = "a: &a [x, x]\nb: &b [*a, *a]\n" + "\n".join(f"k{n}: &k{n} [*b, *b]" for n in range(50))
    with pytest.raises(ContentFault, match="aliases"):
        read_episode_text(yaml(bomb).encode())


@pytest.mark.parametrize(
    ("written", "zone", "release", "expected"),
    [
        ("2026-05-21T06:00:00+02:00", None, None, "2026-05-21T06:00:00+02:00"),
        ("2026-05-21T06:00:00", "Europe/Berlin", None, "2026-05-21T06:00:00+02:00"),
        ("2026-01-21T06:00:00", "Europe/Berlin", None, "2026-01-21T06:00:00+01:00"),
        ("2026-05-21", "Europe/Berlin", "06:30:00", "2026-05-21T06:30:00+02:00"),
        ("2026-05-21", None, "06:30:00", "date-without-zone"),
        ("2026-05-21T06:00:00", None, None, "date-without-zone"),
        ("2026-05-21", "Europe/Berlin", None, "date-without-time"),
        ("2026-03-29T02:30:00", "Europe/Berlin", None, "date-in-gap"),
        ("2026-03-29T03:00:00", "Europe/Berlin", None, "2026-03-29T03:00:00+02:00"),
        ("2026-10-25T02:30:00", "Europe/Berlin", None, "date-in-fold"),
        ("2026-10-25T02:30:00+01:00", "Europe/Berlin", None, "2026-10-25T02:30:00+01:00"),
        ("2026-10-25", "Europe/Berlin", "02:30:00", "date-in-fold"),
    ],
)
def test_a_time_zone_is_never_guessed(written, zone, release, expected):
    value = dt.date.fromisoformat(written) if len(written) == 10 else dt.datetime.fromisoformat(written)
    time = dt.time.fromisoformat(release) if release else None
    if expected[0].isdecimal():
        assert resolve_date(value, zone, time).isoformat() == expected
    else:
        with pytest.raises(ContentFault) as caught:
            resolve_date(value, zone, time)
        assert caught.value.code == expected
        assert caught.value.hint


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("2026-05-21-a-title", "a-title"),
        ("2026-05-21 Ein Süßer Titel", "ein-suesser-titel"),
        ("Café Noir", "cafe-noir"),
        ("東京", "dongjing"),
        ("2026-05-21", "2026-05-21"),
        ("it's", "its"),
        ("!!", ""),
        ("x" * 300, "x" * 100),
    ],
)
def test_a_folder_name_becomes_an_address(name, slug):
    assert slug_of(name) == slug


def test_the_one_that_listeners_have_longer_is_the_original(show):
    show.write("episodes/2026-04-30-copy/episode.md", toml('title = "Copy"\ndate = 2026-05-30T06:00:00+02:00\nguid = "first-guid"'))
    show.write("episodes/2026-04-30-copy/audio.mp3", recording())
    found = fault(show.publish("--json"), "guid-twice")
    assert found["file"] == "episodes/2026-04-30-copy/episode.md"
    assert found["line"] == 4


def test_a_feed_completes_guids_by_one_address_and_says_so(show):
    for day, base in ((2, "https://old.example/feed"), (3, "https://newer.example/feed")):
        front = f'title = "Day {day}"\ndate = 2026-05-0{day}T06:00:00+02:00\nguid = "day-{day}"\nguid_base = "{base}"'
        show.write(f"episodes/2026-05-0{day}-day-{day}/episode.md", toml(front))
        show.write(f"episodes/2026-05-0{day}-day-{day}/audio.mp3", recording(voice=day))
    outcome = show.publish("--json")
    [found] = outcome.findings("guid-base")
    assert (outcome.status, found["file"], found["line"]) == (0, "episodes/2026-05-02-day-2/episode.md", 5)
    assert "https://newer.example/feed, as that of episodes/2026-05-03-day-3" in found["message"]
    feed = (show.public / "feed.xml").read_text()
    assert 'xml:base="https://newer.example/feed"' in feed
    assert "old.example" not in feed


def test_a_copied_folder_can_become_an_episode_of_its_own(show):
    shutil.copytree(show.folder / "episodes/2026-05-01-first", show.folder / "episodes/2026-05-02-second")
    assert show.publish("--json").status == 3
    show.edit("2026-05-02-second", 'guid = "first-guid"\n', "")
    outcome = show.publish("--json")
    assert outcome.status == 0, outcome.stderr
    assert json.loads(outcome.stdout)["summary"]["new"] > 0
