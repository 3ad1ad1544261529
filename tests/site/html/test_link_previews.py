"""What other programs show of a link: a picture in its true size, what is on it, whose it is; and nothing that nobody said."""

from __future__ import annotations

import json

import pytest
from lxml import html

from publisher.site.html.page_frame import apple_id, locale
from tests.support.show_factory import make_show, tree


def metas(page):
    return {node.get("property") or node.get("name"): node.get("content") for node in html.fromstring(page).xpath("//meta[@content]")}


@pytest.fixture
def show(tmp_path):
    made = make_show(tmp_path / "show")
    made.episode()
    return made


def test_oembed_names_the_small_picture_in_its_true_size(show):
    from io import BytesIO

    from PIL import Image

    assert show.publish().status == 0
    files = tree(show.public)
    document = json.loads(files["oembed/first.json"])
    body = files[document["thumbnail_url"].removeprefix("https://small.example/")]
    size = Image.open(BytesIO(body)).size
    assert (document["thumbnail_width"], document["thumbnail_height"]) == size == (640, 640)


def test_a_page_says_what_is_known_and_nothing_else(show):
    assert show.publish().status == 0
    found = metas(tree(show.public)["episodes/first.html"])
    assert found["twitter:card"] == "summary"
    assert found["twitter:player"] == "https://small.example/embed/first.html"
    assert found["og:image:alt"] == "A plain field of blue."
    assert not {"og:locale", "fediverse:creator", "apple-itunes-app"} & found.keys()


def test_country_account_and_app_are_said_where_they_are_written(show):
    show.configure('language = "en"', 'language = "en-gb"')
    show.configure("[storage]", '[site.subscribe]\napple = "https://podcasts.apple.com/gb/podcast/a-small-show/id1234567890"\n\n[storage]')
    show.configure(
        "[people.ada]",
        '[[show.social]]\nprotocol = "activitypub"\nuri = "https://social.example/@ada"\naccount_id = "@ada@social.example"\n\n[people.ada]',
    )
    done = show.publish()
    assert done.status == 0, done.stderr
    files = tree(show.public)
    for name in ("index.html", "episodes/first.html"):
        found = metas(files[name])
        assert found["og:locale"] == "en_GB"
        assert found["fediverse:creator"] == "@ada@social.example"
        assert found["apple-itunes-app"] == "app-id=1234567890"


@pytest.mark.parametrize(
    ("language", "said"), [("en", ""), ("en-GB", "en_GB"), ("zh-Hant-TW", "zh_TW"), ("zh-hant", ""), ("es-419", ""), ("PT-br", "pt_BR")]
)
def test_a_country_is_never_guessed(language, said):
    assert locale(language) == said


@pytest.mark.parametrize(
    ("address", "number"),
    [
        ("https://podcasts.apple.com/us/podcast/x/id123456?mt=2", "123456"),
        ("https://podcasts.apple.com/podcast/id123456", "123456"),
        ("https://podcasts.apple.com/us/podcast/idea", ""),
        ("https://apple.example/id123456", ""),
        ("", ""),
    ],
)
def test_the_number_of_a_show_is_read_from_its_address(address, number):
    assert apple_id(address) == number
