"""Every kind of page of a real publish, opened in a browser: it asks nobody else, does not move, and runs out nowhere."""

from __future__ import annotations

import shutil

import pytest
from lxml import html

from tests.support.browsing import Site
from tests.support.show_factory import make_show, picture

MORE = """

[people.bell]
name = "Bell"
image = "bell.jpg"

[seasons.1]
name = "Things that ring"
artwork = "one.jpg"

[site.comments]
url = "https://comments.example/new"
"""


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """A show with every kind of page, published and served."""
    site = Site(tmp_path_factory.mktemp("whole") / "public")
    show = make_show(site.folder.parent)
    show.configure('url = "https://small.example"\nsearch = false\nsocial_images = false', f'url = "{site.origin}"')
    show.write("config.toml", show.config.read_text() + MORE)
    show.write("bell.jpg", picture(400, 400))
    show.write("one.jpg", picture())
    show.write("pages/about.md", "# About\n\n![a pixel](https://track.example/1.gif) and <img src='https://track.example/2.gif'>\n")
    for number in range(1, 8):
        day = f"2026-05-{number:02}"
        show.episode(
            f"{day}-bell-{number}",
            date=f"{day}T06:00:00Z",
            front=f'season = 1\nepisode = {number}\nguests = ["bell"]',
            notes="0:03 A bell, [elsewhere](https://bells.example/) ![seen](https://track.example/3.gif)\n",
        )
        show.write(
            f"episodes/{day}-bell-{number}/transcript.vtt",
            "WEBVTT\n\n00:00.000 --> 00:04.000\n<v Bell>Ding.\n\n00:04.000 --> 00:09.000\n<v Ada>Dong.\n",
        )
    show.episode("2026-05-20-gone", date="2026-05-20T06:00:00Z")
    assert show.publish("--yes").status == 0
    shutil.rmtree(show.folder / "episodes/2026-05-20-gone")
    (site.folder / "comments").mkdir(exist_ok=True)
    for number in range(1, 8):
        (site.folder / f"comments/bell-{number}.json").write_text('{"comments": [{"name": "Ada", "text": "Ding, dong."}]}')
    outcome = show.publish("--yes", "--force", "remove=gone")
    assert outcome.status == 0, outcome.stderr
    yield site
    site.close()


KINDS = (
    *("index.html", "archive/1.html", "season-1.html", "people.html", "people/bell.html", "subscribe.html", "search.html", "about.html"),
    *("404.html", "episodes/bell-7.html", "episodes/gone.html", "embed/bell-7.html"),
)


def test_these_are_all_the_kinds_there_are(whole):
    pages = {path.relative_to(whole.folder).as_posix() for path in whole.folder.rglob("*.html")}
    others = {f"{folder}/bell-{number}.html" for folder in ("episodes", "embed") for number in range(1, 7)}
    assert pages == {*KINDS, *others, "embed/gone.html", "people/ada.html"}


@pytest.mark.parametrize("key", KINDS)
def test_it_asks_nobody_else_does_not_move_and_runs_out_nowhere(whole, open_page, key):
    page = open_page(f"{whole.origin}/{key}", viewport={"width": 360, "height": 700}, color_scheme="dark")
    page.wait_for_load_state("networkidle")
    moved = page.evaluate("""() => new Promise((done) => {
        let sum = 0;
        new PerformanceObserver((list) => { for (const entry of list.getEntries()) sum += entry.value; }).observe({ type: "layout-shift", buffered: true });
        setTimeout(() => done(sum), 150);
    })""")
    assert moved < 0.01
    assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") == 0
    page.evaluate("scrollTo(0, document.body.scrollHeight)")
    page.wait_for_timeout(100)
    assert page.context.cookies() == []
    if key.startswith("episodes/bell"):
        page.wait_for_selector("#thread li")


@pytest.mark.parametrize("key", ["episodes/gone.html", "embed/gone.html"])
def test_what_was_taken_down_says_so_where_it_was(whole, key):
    page = html.fromstring((whole.folder / key).read_text())
    assert page.xpath("//h1/text()") == ["This episode was taken down"]
    assert "“Gone”" in page.xpath("//p[@class='lead']")[0].text_content()
    assert page.xpath("//meta[@name='robots']/@content") == ["noindex"]


def test_pictures_from_elsewhere_are_links_and_peoples_are_copied(whole):
    about = html.fromstring((whole.folder / "about.html").read_text())
    assert about.xpath("//article//a/@href") == ["https://track.example/1.gif", "https://track.example/2.gif"]
    for path in whole.folder.rglob("*.html"):
        assert not [source for source in html.fromstring(path.read_text()).xpath("//@src") if "://" in source]
    person = html.fromstring((whole.folder / "people/bell.html").read_text())
    assert person.xpath("//img[@class='face']/@src")[0].startswith("../art/person-bell")
