"""Whatever stands in titles, names and transcripts is text; and nothing leaves the origin."""

import json
from dataclasses import replace

import pytest
from lxml import html

from feed.model import Chapter, Cue, Person
from publisher.core import layout
from publisher.load.config_tables import SubscribeTable
from publisher.site.html import show_pages as pages
from publisher.site.parts.comments import read_comments
from publisher.site.parts.page_values import Neighbour
from publisher.site.parts.page_windows import Leaf
from publisher.site.parts.theme import Theme
from tests.support import sample_pages

ATTACKS = [
    "<script>window.hit=1</script>",
    "</script><script>window.hit=1</script>",
    '"><img src=x onerror=window.hit=1>',
    "'><svg onload=window.hit=1>",
    "<!--<script>",
    "]]><script>window.hit=1</script>",
    "{{ 7*7 }}{% raw %}",
    "\u2028window.hit=1\u2029",
    "<img src=https://track.example/1.gif>",
    "javascript:window.hit=1",
    "&lt;b&gt; &amp; <b>bold</b>",
    "</title><base href=https://evil.example>",
    "<style>@import'https://evil.example'</style>",
]


def hostile_site(attack, site):
    show = sample_pages.make_show(
        site=site,
        title=attack,
        description=attack,
        author=attack,
        copyright=attack,
        license=attack,
        funding=({"url": attack, "label": attack},),
        ai={"content": True, "disclosure": attack},
    )
    person = Person(name=attack, role=attack, url=attack, image=attack)
    episode = replace(
        sample_pages.make_episode(
            1, site=site, title=attack, written={"episode_display": attack[:32], "tags": (attack,), "fediverse": attack}
        ),
        people=(person,),
        guid=attack,
        chapters=(Chapter(start=0, title=attack, url=attack), Chapter(start=5, title=attack)),
    )
    view = sample_pages.make_view(
        episode,
        cues=[Cue(start=0, end=4, speaker=attack, text=attack), Cue(start=5, end=9, text=attack)],
        previous=Neighbour(title=attack, key="episodes/episode-1.html"),
        season_name=attack,
        comments=read_comments([{"name": attack, "text": attack, "at": 1}]),
    )
    settings = sample_pages.make_settings(
        site=site,
        footer=attack,
        subscribe=SubscribeTable(apple=attack, spotify=attack),
        seasons=((2, attack),),
        pages=((attack, "about.html"),),
        report=attack,
        comments=f"{site}/new",
    )
    made = sample_pages.make_site(settings, show, [view])
    theme, listed, leaf = Theme(settings), replace(show, episodes=(episode,)), Leaf(number=1, window=slice(0, 1), back=0)
    made[layout.season_page(2, 1)] = pages.season_page(theme, listed, 2, attack, (), leaf)
    made[layout.person_page("x", 1)] = pages.person_page(theme, listed, person, "x", leaf)
    return made


@pytest.mark.parametrize("attack", ATTACKS)
def test_hostile_words_stay_words(attack):
    for key, body in hostile_site(attack, sample_pages.SITE).items():
        if not key.endswith(".html"):
            continue
        tree = html.fromstring(body)
        assert not tree.xpath("//base | //style | //svg[@onload] | //img[@onerror] | //b[.='bold']"), key
        assert not [link for link in tree.xpath("//@href | //@src | //@action") if link.strip().lower().startswith("javascript:")], key
        assert not [link for link in tree.xpath("//@src") if "example" in link], key
        for script in tree.xpath("//script[not(@src)]"):
            assert script.get("type") in {"application/ld+json", "application/json"}, key


def test_hostile_pages_run_nothing_and_ask_nobody_in_a_browser(open_page, site, browser):
    context = browser.new_context()
    for number, attack in enumerate(ATTACKS):
        folder = site.folder / f"hostile-{number}"
        for key, body in hostile_site(attack, f"{site.origin}/hostile-{number}").items():
            target = folder / key
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(body)
        (folder / "art").mkdir(exist_ok=True)
        (folder / "art/show.jpg").write_bytes((site.folder / "art/show.jpg").read_bytes())
        (folder / "comments").mkdir(exist_ok=True)
        (folder / "comments/episode-1.json").write_text(json.dumps({"comments": [{"name": attack, "text": attack, "at": 1}]}))
        page = open_page(f"{site.origin}/hostile-{number}/episodes/episode-1.html", context=context)
        assert page.evaluate("window.hit") is None
        assert page.locator("h1").text_content().split() == attack.split()
        assert page.locator(".cue").count() == 2
        page.locator("#comments").scroll_into_view_if_needed()
        page.wait_for_selector("#thread li")
        assert page.evaluate("window.hit") is None
        page.close()
    context.close()
