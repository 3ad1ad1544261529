"""`publish check` a second time: the same findings, without doing again what did not change; and what a published file keeps."""

from __future__ import annotations

import shutil

import pytest

import publisher.check.episodes
import publisher.media.loudness
from publisher.core.errors import StorageError
from tests.support.every_tag_show import BELL, make_every_tag
from tests.support.show_factory import make_show, picture, recording


@pytest.fixture
def show(tmp_path):
    made = make_show(tmp_path / "show")
    made.episode()
    made.episode("2026-05-08-second", date="2026-05-08T06:00:00+02:00")
    return made


def findings(show, *arguments):
    outcome = show.run("check", "--json", *arguments)
    assert outcome.status in (0, 3), outcome.stderr
    return outcome.findings()


def judged(monkeypatch):
    """The episodes whose chapters are judged from now on."""
    seen = []
    rule = publisher.check.episodes.chapter_faults
    monkeypatch.setattr(
        publisher.check.episodes,
        "chapter_faults",
        lambda content, *rest, **more: (seen.append(content.slug), rule(content, *rest, **more))[1],
    )
    return seen


def test_a_second_check_finds_the_same_and_judges_nothing_again(show, monkeypatch):
    first = findings(show)
    assert first
    seen = judged(monkeypatch)
    assert findings(show) == first
    assert seen == []


def test_only_a_changed_episode_is_judged_again(show, monkeypatch):
    before = findings(show)
    show.edit("2026-05-01-first", "+++\n\n", 'chapters = [{start=3,title="x"}]\n+++\n\n')
    seen = judged(monkeypatch)
    after = findings(show)
    assert seen == ["first"]
    assert {row["code"] for row in after} - {row["code"] for row in before} == {"C003", "C004"}
    show.edit("2026-05-01-first", 'chapters = [{start=3,title="x"}]\n', "")
    assert findings(show) == before


def test_a_comment_in_the_config_moves_the_lines(show):
    show.configure("explicit = false", 'explicit = false\ncopyright = "© Ada"')
    (row,) = [row for row in findings(show) if row["code"] == "F025"]
    show.configure("[show]\n", "# a comment\n[show]\n")
    (moved,) = [row for row in findings(show) if row["code"] == "F025"]
    assert moved["line"] == row["line"] + 1


def test_a_damaged_memory_is_no_error(show):
    first = findings(show)
    for text in ("", "[]", "\0", "[" * 100_000):
        show.write(".airdate-cache/findings.json", text)
        assert findings(show) == first


def test_a_published_file_keeps_its_tags_and_check_says_what_differs(show):
    show.publish()
    codes = {"U009", "audio-tags-differ"}
    assert not codes & {row["code"] for row in findings(show)}
    show.edit(
        "2026-05-01-first", 'title = "First"', 'title = "Other"\nchapters = [{start=0,title="x"},{start=5,title="y"},{start=9,title="z"}]'
    )
    rows = {row["code"]: row for row in findings(show) if row["code"] in codes}
    assert rows.keys() == codes
    assert {row["severity"] for row in rows.values()} == {"hint"}
    assert all("audio_revision = 2" in row["hint"] for row in rows.values())
    assert "no chapters" in rows["audio-tags-differ"]["message"]
    assert show.publish().status == 0


@pytest.mark.parametrize("after", [picture(1500, 1500), picture(1400, 1400, "JPEG", "L"), None])
def test_a_published_file_keeps_its_cover_and_check_sees_that_it_is_another_one(show, after):
    name = "episodes/2026-05-01-first/cover.jpg"
    show.write(name, picture())
    assert show.publish().status == 0
    assert "audio-tags-differ" not in {row["code"] for row in findings(show)}
    show.write(name, after) if after else (show.folder / name).unlink()
    (row,) = [row for row in findings(show) if row["code"] == "audio-tags-differ"]
    assert "its cover is the one of before" in row["message"]
    show.write(name, picture())
    assert "audio-tags-differ" not in {row["code"] for row in findings(show)}


def test_of_a_staged_file_nobody_knows_which_cover_it_holds(show):
    """It was made where it was staged, perhaps with another cover than the one beside the notes now."""
    show.episode("2026-07-01-ahead", date="2026-07-01T06:00:00+02:00")
    name = "episodes/2026-07-01-ahead/cover.jpg"
    show.write(name, picture(1500, 1500))
    assert show.run("stage", "ahead").status == 0
    (show.folder / "episodes/2026-07-01-ahead/audio.mp3").unlink()
    show.write(name, picture())
    show.now = "2026-08-01T12:00:00+00:00"
    assert show.publish().status == 0
    show.write(name, picture(1500, 1500))
    assert "audio-tags-differ" not in {row["code"] for row in findings(show)}


def test_another_encoding_that_is_not_here_stays_as_it_was_published(tmp_path):
    show = make_every_tag(tmp_path / "show")
    assert show.publish().status == 0
    before = (show.public / "feed.xml").read_bytes()
    for name in ("small.mp3", "talk.opus"):
        (show.folder / BELL / name).unlink()
    again = show.publish("--json")
    assert (again.status, again.document["changes"]) == (0, [])
    assert (show.public / "feed.xml").read_bytes() == before
    shutil.rmtree(show.folder / ".airdate-cache")
    show.write(f"{BELL}/small.mp3", recording(30, 8))
    assert show.publish().status == 0
    assert (show.public / "feed.xml").read_bytes() != before


def test_a_moved_show_refuses_a_new_episode_and_serves_the_old_ones(show):
    show.publish()
    show.write("config.toml", show.config.read_text() + '\n[feed]\nmoved_to = "https://else.example/feed.xml"\n')
    assert show.publish().status == 0
    assert b"<itunes:new-feed-url>https://else.example/feed.xml" in (show.public / "feed.xml").read_bytes()
    show.episode("2026-05-15-third", date="2026-05-15T06:00:00+02:00")
    refused = show.publish("--json")
    assert refused.status == 3
    assert [row["file"] for row in refused.findings("moved")] == ["episodes/2026-05-15-third/episode.md"]


def test_loudness_is_measured_once_for_each_recording(tmp_path, monkeypatch):
    if shutil.which("ffmpeg") is None:
        pytest.skip("media: ffmpeg not installed")
    import subprocess

    path = tmp_path / "tone.mp3"
    tone = ["ffmpeg", "-v", "error", "-f", "lavfi", "-i", "sine=frequency=440:duration=5", "-af", "volume=12dB", str(path)]
    subprocess.run(tone, check=True)
    quiet = tmp_path / "quiet.mp3"
    subprocess.run(["ffmpeg", "-v", "error", "-i", str(path), "-af", "volume=-20dB", str(quiet)], check=True)
    recordings = {"aa": path, "bb": quiet}
    cache = publisher.media.loudness.LoudnessCache(tmp_path / "loudness.json")
    cache.measure(recordings)
    loud, soft = cache.get("aa"), cache.get("bb")
    assert loud is not None and -16 < loud.loudness < -4 and -15 < loud.peak < 3
    assert soft is not None and 19 < loud.loudness - soft.loudness < 21
    monkeypatch.setattr(publisher.media.loudness, "measure_loudness", None)
    again = publisher.media.loudness.LoudnessCache(tmp_path / "loudness.json")
    again.measure(recordings)
    assert (again.get("aa"), again.get("bb")) == (loud, soft)


def test_a_recording_that_cannot_be_heard_leaves_the_others_their_loudness(tmp_path):
    if shutil.which("ffmpeg") is None:
        pytest.skip("media: ffmpeg not installed")
    import subprocess

    tone, silence, broken = (tmp_path / name for name in ("tone.mp3", "silence.wav", "broken.mp3"))
    for source, path in (("sine=frequency=440:duration=5", tone), ("anullsrc=duration=5", silence)):
        subprocess.run(["ffmpeg", "-v", "error", "-f", "lavfi", "-i", source, "-t", "5", str(path)], check=True)
    broken.write_bytes(b"nothing that sounds")
    alone = publisher.media.loudness.measure_loudness([tone])
    assert alone[0] is not None
    assert publisher.media.loudness.measure_loudness([broken, tone, silence, tmp_path / "missing.mp3"]) == [None, *alone, None, None]


def test_a_reason_stands_in_place_of_what_is_meant_in_check_and_publish_alike(show):
    show.write("config.toml", show.config.read_text() + "\n[feed]\nlimit = 1\n")

    def told() -> list[list[dict]]:
        codes = ("feed-limit", "exception-unused", "comments-unreadable")
        published = show.publish("--yes", "--json", "--dry-run")
        return [[row for row in rows if row["code"] in codes] for rows in (findings(show), published.findings())]

    show.write("comments/first.json", "{")
    for rows in told():
        assert {(row["code"], row["severity"]) for row in rows} == {("comments-unreadable", "warning"), ("feed-limit", "warning")}
    reasons = {"feed-limit": "Old news.", "comments-unreadable": "Being moved."}
    tables = "".join(f'\n[[check.exceptions]]\nrule = "{rule}"\nreason = "{reason}"\n' for rule, reason in reasons.items())
    show.write("config.toml", show.config.read_text() + tables)
    for rows in told():
        assert {row["code"]: (row["severity"], row["message"], row["hint"]) for row in rows} == {
            rule: ("hint", reason, "") for rule, reason in reasons.items()
        }
    assert "Old news." in show.run("check").stdout


def test_where_the_storage_does_not_answer_what_this_machine_last_saw_is_compared(far, memory, monkeypatch):
    assert far.publish().status == 0

    def read(_key, **_known):
        raise StorageError("the storage does not answer", code="storage-unreachable")

    monkeypatch.setattr(memory, "read", read)
    done = far.run("check")
    assert done.status == 0, done.stderr
    assert "compared with the copy last seen" in done.stderr
    assert "nothing was compared" not in done.stderr
