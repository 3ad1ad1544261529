"""Pictures, places and authors of chapters go from the recording and the chapters file to documents, feed, page and copy."""

from __future__ import annotations

import io
import json
import re
import shutil

import pytest
from mutagen.id3 import APIC, CHAP, CTOC, ID3, TIT2

from tests.support.show_factory import picture, recording, tree


def illustrated(shades: tuple[int, ...] = (300, 320, 340)) -> bytes:
    """A recording with three chapters, each with a picture of its own."""
    tag, stream = ID3(), io.BytesIO()
    tag.add(CTOC(element_id="toc", flags=3, child_element_ids=[str(number) for number in range(len(shades))], sub_frames=[]))
    for number, pixels in enumerate(shades):
        shown = APIC(encoding=0, mime="image/jpeg", type=0, desc="", data=picture(pixels, pixels))
        inner = [TIT2(encoding=3, text=f"Part {number + 1}"), shown]
        tag.add(CHAP(element_id=str(number), start_time=number * 5000, end_time=number * 5000 + 5000, sub_frames=inner))
    tag.save(stream, v2_version=3)
    return stream.getvalue() + recording()


def only(show, pattern: str) -> bytes:
    [found] = show.public.glob(pattern)
    return found.read_bytes()


def test_chapter_pictures_of_a_recording_reach_every_form(show):
    show.episode("2026-05-03-third", date="2026-05-03T06:00:00+02:00", audio=illustrated())
    outcome = show.publish()
    assert outcome.status == 0, outcome.stderr
    chapters = json.loads(only(show, "episodes/third/chapters*.json"))["chapters"]
    images = [chapter["img"] for chapter in chapters]
    assert len(set(images)) == 3
    for image in images:
        assert (show.public / image.removeprefix("https://small.example/")).exists()
    feed, page = (show.public / "feed.xml").read_text(), only(show, "episodes/third.html").decode()
    for image in images:
        assert f'image="{image}"' in feed
    thumbs = re.findall(r'<img class="thumb" src="\.\./([^"]+)"', page)  # small copies, which are one picture where they are alike
    assert len(thumbs) == 3
    assert all((show.public / thumb).exists() for thumb in thumbs)
    [copy] = show.public.glob("media/third-*.mp3")
    assert [len(frame.sub_frames.getall("APIC")) for frame in ID3(copy).getall("CHAP")] == [1, 1, 1]


def test_chapters_that_are_written_elsewhere_keep_the_pictures_of_their_time(show):
    front = "chapters = [{start=0,title='a'},{start=5,title='b'},{start=12,title='c'}]"
    show.episode("2026-05-03-third", date="2026-05-03T06:00:00+02:00", audio=illustrated(), front=front)
    assert show.publish().status == 0
    chapters = json.loads(only(show, "episodes/third/chapters*.json"))["chapters"]
    assert ["img" in chapter for chapter in chapters] == [True, True, False]


def test_a_published_picture_stays_where_its_recording_is_on_another_machine(show, tmp_path, monkeypatch):
    show.episode("2026-05-03-third", date="2026-05-03T06:00:00+02:00", audio=illustrated())
    assert show.publish().status == 0
    before = tree(show.public)
    (show.folder / "episodes/2026-05-03-third/audio.mp3").unlink()
    shutil.rmtree(show.folder / ".airdate-cache")
    monkeypatch.setattr("publisher.incremental_build.build.code_digest", lambda *_, **__: "another version")
    outcome = show.publish()
    assert outcome.status == 0, outcome.stderr
    after = tree(show.public)
    assert {name: body for name, body in after.items() if "airdate-state" not in name} == {
        name: body for name, body in before.items() if "airdate-state" not in name
    }


def test_a_chapters_file_names_pictures_beside_it_places_and_its_author(show):
    folder = show.episode("2026-05-03-third", date="2026-05-03T06:00:00+02:00")
    (folder / "my pic.jpg").write_bytes(picture(200, 200))
    rows = [
        {"startTime": 0, "title": "One", "img": "my pic.jpg", "location": {"name": "Austin", "geo": "geo:30.3,-97.7", "height": 3}},
        {"startTime": 8, "title": "Two", "location": "nowhere"},
        {"startTime": 14, "title": "Three", "img": "gone.jpg"},
    ]
    (folder / "chapters.json").write_text(json.dumps({"version": "1.2.0", "author": "Ada", "chapters": rows}))
    outcome = show.publish("--json")
    assert outcome.status == 0
    document = json.loads(only(show, "episodes/third/chapters*.json"))
    assert document["author"] == "Ada"
    first, second, third = document["chapters"]
    assert first["location"] == {"name": "Austin", "geo": "geo:30.3,-97.7"}
    assert (show.public / first["img"].removeprefix("https://small.example/")).exists()
    assert "location" not in second and "img" not in third
    [told] = outcome.findings("chapter-picture")
    assert "gone.jpg" in told["message"]


def test_another_version_that_tags_otherwise_replaces_no_published_recording(show, monkeypatch):
    assert show.publish().status == 0
    before = {name: body for name, body in tree(show.public).items() if name.startswith("media/") or name == "feed.xml"}
    monkeypatch.setattr("publisher.media.tagged_copy._write_mp3", lambda *_: pytest.fail("a published recording was copied again"))
    monkeypatch.setattr("publisher.incremental_build.build.code_digest", lambda *_, **__: "another version")
    shutil.rmtree(show.folder / ".airdate-cache")
    outcome = show.publish("--json")
    assert outcome.status == 0
    assert not [change for change in outcome.document["changes"] if change["key"].startswith("media/")]
    assert {name: body for name, body in tree(show.public).items() if name in before} == before
