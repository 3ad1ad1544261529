"""Pictures for links shared elsewhere."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from feed.findings import ContentFault
from publisher.core.show_files import SourceFile
from publisher.site.page_kinds import social_pictures as social
from tests.support.show_factory import make_show, picture, tree


@pytest.fixture
def cover(tmp_path):
    path = tmp_path / "cover.jpg"
    path.write_bytes(picture())
    return SourceFile(path=path, name="cover.jpg", digest="", root=tmp_path)


def drawn(cover, title, *, under="A Small Show", language="en"):
    body = social.picture(cover, title, under, language, "#c8391f")
    assert social.picture(cover, title, under, language, "#c8391f") == body
    return Image.open(io.BytesIO(body))


def ink(image, left, right):
    """How many light points there are between two columns: letters."""
    return sum(image.convert("L").crop((left, 0, right, social.HEIGHT)).histogram()[180:])


@pytest.mark.parametrize("title", ["The zip", "Ελλάδα", "Привет, мир", "Ein Fußweg ist eine Gewohnheit", "Bees 🐝 at 5 °C"])
def test_a_title_stands_beside_the_cover(cover, title):
    image = drawn(cover, title)
    assert image.size == (1200, 630)
    assert ink(image, 620, 1200) > 1000
    assert ink(image, 0, 560) == 0


def test_a_language_from_right_to_left_has_its_cover_on_the_right(cover):
    image = drawn(cover, "المنارة التي لا تنام", under="ضوء بطيء", language="ar")
    assert ink(image, 0, 560) > 1000
    assert ink(image, 660, 1200) == 0


def test_a_script_without_a_font_leaves_the_cover_alone(cover):
    assert social.face_for("हिन्दी") is None
    alone, other = drawn(cover, "हिन्दी", language="hi"), drawn(cover, "தமிழ்", language="ta")
    assert alone.tobytes() == other.tobytes()


def test_no_font_of_the_system_is_used():
    from pathlib import Path

    for face in social.FACES[:2]:
        font = social._font(face, 40)
        assert face.package in Path(font.path).parts
        assert font.path.endswith(face.file)


@pytest.mark.parametrize("title", ["W" * 300, "word " * 80, "Donaudampfschifffahrtsgesellschaftskapitän", "x" * 30 + " y"])
def test_a_long_title_stays_on_the_picture(cover, title):
    image = drawn(cover, title)
    assert ink(image, 1150, 1200) == 0
    assert sum(image.convert("L").crop((600, 0, 1200, 40)).histogram()[180:]) == 0
    assert sum(image.convert("L").crop((600, 600, 1200, 630)).histogram()[180:]) == 0


def test_pages_name_their_picture_and_a_new_title_makes_that_one_alone(tmp_path):
    show = make_show(tmp_path)
    show.configure("social_images = false", "social_images = true")
    show.episode("2026-05-01-first")
    show.episode("2026-05-08-second")
    assert show.publish("--yes").status == 0
    before = tree(show.public)
    pictures = {key for key in before if key.startswith("art/social-")}
    assert {key.rpartition("-")[0] for key in pictures} == {"art/social-show", "art/social-first", "art/social-second"}
    page = before["episodes/first.html"].decode()
    first = next(key for key in pictures if "first" in key)
    assert f'<meta property="og:image" content="https://small.example/{first}">' in page
    assert '<meta name="twitter:card" content="summary_large_image">' in page
    assert '<meta property="og:image:alt" content="First">' in page
    assert '<meta name="twitter:player" content="https://small.example/embed/first.html">' in page
    assert f'content="https://small.example/{next(key for key in pictures if "show" in key)}"' in before["index.html"].decode()
    show.edit("2026-05-01-first", 'title = "First"', 'title = "Another title"')
    assert show.publish("--yes").status == 0
    assert len({key for key in tree(show.public) if key.startswith("art/social-")} - pictures) == 1


def test_they_can_be_left_out(tmp_path):
    show = make_show(tmp_path)
    show.episode()
    assert show.publish("--yes").status == 0
    assert not [key for key in tree(show.public) if key.startswith("art/social-")]


def test_a_picture_whose_cover_cannot_be_read_now_is_left_out_with_a_line_and_made_by_the_next_publish(tmp_path, monkeypatch):
    show = make_show(tmp_path / "show")
    show.configure("social_images = false", "social_images = true")
    show.episode()
    assert show.publish().status == 0
    show.edit("2026-05-01-first", 'title = "First"', 'title = "Another title"')

    def unreadable(*_):
        raise ContentFault("the file cannot be read: Input/output error", code="file-unreadable")

    with monkeypatch.context() as patched:
        patched.setattr(social, "picture", unreadable)
        done = show.publish()
    assert done.status == 0
    (said,) = [line for line in done.stderr.splitlines() if "is left out: the file cannot be read" in line]
    assert "artwork.jpg" in said
    assert "social-first" not in (show.public / "episodes/first.html").read_text()
    again = show.publish()
    assert "left out" not in again.stderr
    assert "social-first" in (show.public / "episodes/first.html").read_text()
