"""Addresses: relative, so that a site works wherever it is served."""

import pytest

from publisher.core.addresses import Links, origin, outside

SITE = "https://pod.example/show"


@pytest.mark.parametrize(
    ("here", "key", "pretty", "link"),
    [
        ("episodes/a.html", "index.html", False, "../index.html"),
        ("episodes/a.html", "episodes/b.html", False, "b.html"),
        ("index.html", "episodes/b.html", False, "episodes/b.html"),
        ("index.html", "index.html", False, "index.html"),
        ("episodes/a.html", "index.html", True, "../"),
        ("episodes/a.html", "episodes/b.html", True, "b"),
        ("index.html", "index.html", True, "./"),
        ("index.html", "assets/site-1.css", True, "assets/site-1.css"),
        ("archive/1.html", "archive/2.html", False, "2.html"),
        ("people/ada.html", "people.html", True, "../people"),
        ("season-1/2.html", "season-1.html", True, "../season-1"),
        ("people/ada/1.html", "people.html", True, "../../people"),
        ("people/ada/1.html", "people/ada.html", True, "../ada"),
        ("people.html", "people/ada.html", True, "people/ada"),
    ],
)
def test_a_link_leads_from_page_to_page(here, key, pretty, link):
    assert Links(SITE, here, pretty).to(key) == link


@pytest.mark.parametrize(("pretty", "address"), [(False, f"{SITE}/index.html"), (True, f"{SITE}/")])
def test_the_home_page_has_one_address(pretty, address):
    assert Links(SITE + "/", "episodes/a.html", pretty).absolute("index.html") == address


def test_the_404_page_links_from_the_servers_root():
    links = Links(SITE, "404.html", rooted=True)
    assert links.to("assets/site-1.css") == "/show/assets/site-1.css"
    assert Links("https://pod.example", "404.html", rooted=True).to("index.html") == "/index.html"
    assert links.own(f"{SITE}/art/a.jpg") == "/show/art/a.jpg"


@pytest.mark.parametrize(
    ("url", "link"),
    [
        (f"{SITE}/media/a.mp3", "../media/a.mp3"),
        ("https://elsewhere.example/a.mp3", ""),
        ("https://pod.example/shower/a.mp3", ""),
        ("", ""),
    ],
)
def test_only_what_lies_on_this_site_is_its_own(url, link):
    assert Links(SITE, "episodes/a.html").own(url) == link


@pytest.mark.parametrize(
    ("url", "kept"),
    [
        ("https://a.example/x?y=1", True),
        ("HTTP://a.example", True),
        ("mailto:a@a.example", True),
        ("javascript:alert(1)", False),
        (" javascript:alert(1)", False),
        ("data:text/html,x", False),
        ("//a.example/x", False),
        ("https://", False),
        ("https://[bad", False),
        (None, False),
    ],
)
def test_pages_link_only_to_addresses_that_cannot_run(url, kept):
    assert bool(outside(url)) is kept


def test_an_origin_cannot_add_words_to_a_policy():
    assert origin("https://user@cdn.example:8443/a.mp3") == "https://cdn.example:8443"
    assert origin("https://cdn.example;script-src *") == ""
    assert origin("https://cdn.example 'unsafe-inline'/a") == ""
