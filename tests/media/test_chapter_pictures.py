"""Which pictures of a recording its chapters get, where the chapters were written elsewhere."""

from __future__ import annotations

import pytest

from feed.model import Chapter
from publisher.media.chapter_pictures import picture_name, with_pictures_of

SHOWN = picture_name(b"a picture")


@pytest.mark.parametrize(
    ("begins", "image", "shown"),
    [(10.0, "", SHOWN), (10.99, "", SHOWN), (9.01, "", SHOWN), (11.0, "", ""), (9.0, "", ""), (10.0, "own.jpg", "own.jpg")],
)
def test_a_chapter_takes_the_picture_that_is_shown_within_a_second_of_it_and_keeps_its_own(begins, image, shown):
    (chapter,) = with_pictures_of([Chapter(start=begins, title="Here", image=image)], [Chapter(start=10.0, title="There", image=SHOWN)])
    assert (chapter.title, chapter.image) == ("Here", shown)


def test_a_picture_that_lies_elsewhere_is_none_of_the_recording():
    (chapter,) = with_pictures_of([Chapter(start=1.0, title="Here")], [Chapter(start=1.0, title="There", image="https://x.example/a.jpg")])
    assert chapter.image == ""
