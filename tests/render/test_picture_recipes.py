from __future__ import annotations

import pytest

from publisher.core import layout
from publisher.core.addresses import Links
from publisher.incremental_build.artifacts import Made
from publisher.render.picture_recipes import cover_image, picture_image

LINKS = Links("https://small.example", layout.HOME)


def made(key):
    return Made(key, 1000, "0" * 64, "image/jpeg")


def test_a_picture_that_is_published_as_it_was_given_tells_its_pixels_by_its_name():
    image = picture_image(made(layout.sized_picture("pilot", 1200, 630, "0123abcd", "jpg")), LINKS)
    assert (image.url, image.width, image.height) == ("https://small.example/art/pilot-1200x630-0123abcd.jpg", 1200, 630)


@pytest.mark.parametrize("slug", ["pilot", "trip-1200x630"])
def test_a_cover_tells_none_whatever_its_episode_is_called(slug):
    image = cover_image(made(layout.picture(slug, "0123abcd", "jpg")), LINKS)
    assert (image.url, image.width, image.height) == (f"https://small.example/art/{slug}-0123abcd.jpg", 0, 0)
