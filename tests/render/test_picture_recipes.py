from __future__ import annotations

import pytest

from feed.schema.tags import ImageTable
from publisher.core import layout
from publisher.core.addresses import Links
from publisher.incremental_build.artifacts import Made
from publisher.render.picture_recipes import cover_image, picture_image, with_addresses

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


def test_a_picture_named_by_its_file_gets_its_address_and_what_is_known_of_it_and_what_was_written_stays():
    published = {
        "wide.jpg": made(layout.sized_picture("pilot", 1200, 630, "0123abcd", "jpg")),
        "art.jpg": made(layout.picture("pilot", "0123abcd", "jpg")),
    }
    tables = [
        ImageTable(href="wide.jpg"),
        ImageTable(href="wide.jpg", width=600, height=315),
        ImageTable(href="art.jpg"),
        ImageTable(href="https://x.example/a.jpg"),
    ]
    done = with_addresses(tables, published, LINKS)
    assert [(table.href.rpartition("/")[2], table.width, table.height, table.type) for table in done] == [
        ("pilot-1200x630-0123abcd.jpg", 1200, 630, "image/jpeg"),
        ("pilot-1200x630-0123abcd.jpg", 600, 315, "image/jpeg"),
        ("pilot-0123abcd.jpg", None, None, "image/jpeg"),
        ("a.jpg", None, None, tables[3].type),
    ]
