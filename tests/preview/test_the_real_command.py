"""`publish preview` as people start it: every recording is heard in a real browser, and no address it names is missing."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import urldefrag, urljoin

import httpx
import pytest
from lxml import etree, html

from tests.support import ROOT
from tests.support.browsing import Site
from tests.support.listening import heard
from tests.support.needs import needs
from tests.support.show_factory import Show, make_show, picture, recording

pytestmark = [pytest.mark.alone, needs("browser", "chromium", "ffmpeg")]

PROGRAM = "import sys; from publisher.cli.command_line import main; sys.exit(main(sys.argv[1:]))"
FORMS = ("mp3", "m4a")
STATES = ("draft", "scheduled", "published", "away", "staged", "replaced")
"""`away`: published, the recording is not in the folder any more. `replaced`: published, and a newer recording is here."""
SLUGS = [f"{state}-{form}" for state in STATES for form in FORMS]
DATE = {"scheduled": "2031-03-02T06:00:00Z", "staged": "2031-03-03T06:00:00Z", "draft": None}
MORE = """\
[[chapters]]
start = 0
title = "Begin"
image = "chapter.jpg"
[[chapters]]
start = 5
title = "End"
[[alternates]]
file = "small.mp3"
"""
CUES = "WEBVTT\n\n00:00:00.000 --> 00:00:04.000\nNobody owns only one kettle.\n"
ADDRESSES = "//@href | //@src | //@poster | //@action | //meta[starts-with(@content, 'http')]/@content"


@pytest.fixture(scope="module")
def sounds(tmp_path_factory):
    """A recording of six seconds in each form."""
    folder = tmp_path_factory.mktemp("sounds")
    sine = ("-f", "lavfi", "-i", "sine=f=300:d=6")
    for form in FORMS:
        subprocess.run(["ffmpeg", "-v", "error", "-bitexact", *sine, "-b:a", "64k", str(folder / f"audio.{form}")], check=True)
    return {form: (folder / f"audio.{form}").read_bytes() for form in FORMS}


def show_of_every_kind(folder, sounds, *, pretty):
    """Episodes in every state and form, one of them with all that an episode can name."""
    show = make_show(folder)
    show.configure("search = false\nsocial_images = false", "" if pretty else "search = false")
    if pretty:
        show.configure("[site]\n", "[site]\npretty_urls = true\n")
    for form in FORMS:
        for state in STATES:
            more = {"draft": "draft = true", "published": MORE, "away": MORE}.get(state, "")
            made = show.episode(f"{state}-{form}", date=DATE.get(state, "2026-05-01T06:00:00Z"), front=more, audio=None)
            (made / f"audio.{form}").write_bytes(sounds[form])
            if more == MORE:
                (made / "chapter.jpg").write_bytes(picture(600, 600))
                (made / "small.mp3").write_bytes(recording(6, 9))
                (made / "transcript.vtt").write_text(CUES)
    published = show.publish()
    assert published.status == 0, published.stderr
    for form in FORMS:
        staged = show.run("stage", f"staged-{form}")
        assert staged.status == 0, staged.stderr
        for state in ("away", "staged"):
            (show.folder / f"episodes/{state}-{form}/audio.{form}").unlink()
        (show.folder / f"episodes/away-{form}/small.mp3").unlink()
        show.edit(f"replaced-{form}", "date =", "audio_revision = 2\ndate =")
        newer = show.folder / f"episodes/replaced-{form}/audio.{form}"
        encoded = ("-f", "lavfi", "-i", "sine=f=500:d=6", "-b:a", "64k")
        subprocess.run(["ffmpeg", "-v", "error", "-y", "-bitexact", *encoded, str(newer)], check=True)
    return show


@dataclass
class Running:
    url: str
    show: Show
    pretty: bool = False


@contextmanager
def previewing(show, *more, pretty=False):
    """`publish preview` in a process of its own, on a free port."""
    call = [sys.executable, "-c", PROGRAM, "--config", str(show.config), "--now", show.now, "preview", "--port", "0", *more]
    said = []
    with subprocess.Popen(call, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        try:
            for line in process.stdout:
                said.append(line)
                if found := re.match(r"preview: (http\S+)", line):
                    yield Running(found[1], show, pretty)
                    break
            else:
                raise AssertionError("".join(said))
        finally:
            process.kill()


@pytest.fixture(scope="module", params=[False, True], ids=["html", "pretty"])
def running(request, tmp_path_factory, sounds):
    show = show_of_every_kind(tmp_path_factory.mktemp("show") / "show", sounds, pretty=request.param)
    with previewing(show, pretty=request.param) as preview:
        yield preview


def page_of(running, slug, folder="episodes"):
    return f"{running.url}{folder}/{slug}" + ("" if running.pretty else ".html")


def listen(browser, address):
    """Open a page, press play, hear, and see no error."""
    page = browser.new_page()
    try:
        assert page.goto(address).status == 200
        page.locator("[data-do=play]").click()
        heard(page, 0.3)
        assert not page.locator(".trouble").is_visible()
    finally:
        page.close()


@pytest.mark.filterwarnings("ignore::ResourceWarning")
@pytest.mark.parametrize("slug", SLUGS)
def test_a_recording_is_heard(running, browser, slug):
    listen(browser, page_of(running, slug))


@pytest.mark.filterwarnings("ignore::ResourceWarning")
def test_the_small_player_for_other_sites_is_heard(running, browser):
    listen(browser, page_of(running, "published-mp3", "embed"))


def addresses(answer):
    """Every address that a page or document names."""
    kind = answer.headers["content-type"].partition(";")[0]
    if kind == "text/html":
        tree = html.fromstring(answer.content)
        for pictures in tree.xpath("//@srcset | //@imagesrcset"):
            yield from (one.split()[0] for one in pictures.split(","))
        yield from tree.xpath(ADDRESSES)
    elif kind.endswith("xml"):
        tree = etree.fromstring(answer.content)
        yield from tree.xpath("//@href | //@url | //@src | //@uri")
        yield from (text.strip() for text in tree.xpath("//text()") if re.fullmatch(r"\s*http\S+\s*", text))
        yield from re.findall(r'(?:href|src)="([^"]+)"', "".join(tree.itertext()))
    elif "json" in kind:
        for text in texts(answer.json()):
            yield from [text] if re.fullmatch(r"https?://\S+", text) else re.findall(r'(?:href|src)="([^"]+)"', text)
    elif kind == "text/plain":
        yield from re.findall(r"https?://\S+", answer.text)


def texts(value):
    """Every text in a JSON value."""
    if isinstance(value, str):
        yield value
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from texts(inner)


def crawl(origin):
    """The status of every address on this origin that can be reached, and who names it."""
    waiting, seen = {origin: "", f"{origin}feed.xml": "", f"{origin}robots.txt": "", f"{origin}sitemap.xml": ""}, {}
    with httpx.Client(timeout=30, follow_redirects=True) as client:
        while waiting:
            address, namer = waiting.popitem()
            answer = client.get(address)
            seen[address] = (answer.status_code, namer)
            if answer.status_code == 200:
                for raw in addresses(answer):
                    found = urldefrag(urljoin(str(answer.url), raw.strip()))[0]
                    if found.startswith(origin) and "/__preview__/" not in found and found not in seen:
                        waiting[found] = address
    return seen


def test_nothing_that_home_pages_and_feed_name_is_missing(running):
    seen = crawl(running.url)
    assert {address: named for address, named in seen.items() if named[0] != 200} == {}
    names = " ".join(seen)
    for part in (*(f"/{slug}" for slug in SLUGS), "-alt-small-", "chapters-", "transcript-", "/embed/", "/oembed/", "/art/"):
        assert part in names, part


def test_enclosures_are_served_as_the_storage_serves_them(running):
    feed = etree.fromstring(httpx.get(f"{running.url}feed.xml").content)
    enclosures = feed.findall(".//enclosure")
    assert len(enclosures) == len(SLUGS)
    for one in enclosures:
        head, part = httpx.head(one.get("url"), timeout=30), httpx.get(one.get("url"), headers={"range": "bytes=0-99"}, timeout=30)
        assert (head.status_code, part.status_code) == (200, 206), one.get("url")
        assert head.headers["content-length"] == one.get("length")
        assert part.headers["content-range"] == f"bytes 0-99/{one.get('length')}"
        assert head.headers["content-type"] == part.headers["content-type"] == one.get("type")
        assert httpx.get(one.get("url"), headers={"if-none-match": head.headers["etag"]}).status_code == 304


def test_addresses_of_replaced_recordings_go_on_working(running):
    feed = httpx.get(f"{running.url}feed.xml").text
    old = [path.name for path in running.show.public.glob("media/replaced-*")]
    assert len(old) == len(FORMS)
    for name in old:
        new = re.search(rf"media/{name[:-13]}-\w+\.{name[-3:]}", feed)[0]
        assert name not in new
        assert httpx.get(f"{running.url}media/{name}").content == httpx.get(running.url + new).content


def test_at_a_time_it_is_what_listeners_will_have_then(running):
    """Without drafts, and with what is due by then."""
    with previewing(running.show, "--at", "2031-03-02T07:00:00Z", pretty=running.pretty) as later:
        episodes = etree.fromstring(httpx.get(f"{later.url}feed.xml").content).findall(".//item")
        slugs = {item.findtext("link").rpartition("/")[2].removesuffix(".html") for item in episodes}
        assert slugs == {slug for slug in SLUGS if not slug.startswith(("draft", "staged"))}
        assert httpx.get(page_of(later, "draft-mp3")).status_code == 404


def test_what_is_not_there_is_missing(running):
    for path in ("episodes/none", "media/none.mp3", "episodes/none.html", "media/", "staged/"):
        assert httpx.get(running.url + path).status_code == 404


@pytest.mark.filterwarnings("ignore::ResourceWarning")
def test_a_show_whose_address_nobody_knows_yet_is_heard(browser, sounds, tmp_path):
    show = make_show(tmp_path / "show")
    show.configure('url = "https://small.example"\n', "")
    for slug, front in (("first", ""), ("next", "draft = true")):
        (show.episode(slug, front=front, audio=None) / "audio.mp3").write_bytes(sounds["mp3"])
    with previewing(show) as preview:
        for slug in ("first", "next"):
            listen(browser, page_of(preview, slug))
        seen = crawl(preview.url)
    assert {address: named for address, named in seen.items() if named[0] != 200} == {}


# what happens while it runs


@pytest.fixture
def show(tmp_path):
    made = make_show(tmp_path / "show")
    made.episode(front="draft = true")
    return made


def until_served(url, condition):
    """Ask until the answer is as wanted; the last one."""
    for _ in range(100):
        answer = httpx.get(url)
        if condition(answer):
            return answer
        time.sleep(0.1)
    raise AssertionError(f"never came true: {answer.status_code} {answer.text[:2000]}")


def enclosure(url):
    return re.search(r'enclosure url="([^"]+)"', httpx.get(f"{url}feed.xml").text)[1]


def test_a_changed_recording_is_the_one_that_is_served(show):
    with previewing(show) as running:
        first = enclosure(running.url)
        time.sleep(0.5)
        show.write("episodes/2026-05-01-first/audio.mp3", recording(21, 7))
        until_served(f"{running.url}feed.xml", lambda answer: first not in answer.text)
        answer = httpx.get(enclosure(running.url))
    assert (answer.status_code, len(answer.content) > len(recording(20.5))) == (200, True)


def test_copies_that_a_publish_beside_took_away_are_made_again(show):
    with previewing(show) as running:
        before = httpx.get(enclosure(running.url)).content
        shutil.rmtree(show.folder / ".airdate-cache/media")
        assert httpx.get(enclosure(running.url)).content == before


def test_a_published_recording_that_the_storage_does_not_give_comes_from_its_address(show, tmp_path):
    (tmp_path / "served").mkdir()
    site = Site(tmp_path / "served")
    try:
        show.configure('url = "https://small.example"', f'url = "{site.origin}"')
        show.edit("2026-05-01-first", "draft = true", "")
        assert show.publish().status == 0
        (show.folder / "episodes/2026-05-01-first/audio.mp3").unlink()
        shutil.copytree(show.public / "media", site.folder / "media")
        shutil.rmtree(show.public / "media")
        name = next((site.folder / "media").iterdir())
        with previewing(show) as running:
            assert httpx.get(enclosure(running.url)).content == name.read_bytes()
            shutil.rmtree(site.folder / "media")
            assert httpx.get(enclosure(running.url)).status_code == 200  # it was fetched once
        with previewing(show) as running:
            answer = httpx.get(enclosure(running.url))
            assert (answer.status_code, "not on the storage any more" in answer.text) == (502, True)
    finally:
        site.close()


def test_a_broken_template_is_said_and_the_preview_goes_on(show):
    show.write("theme/footer.html", "{% if %}")
    with previewing(show) as running:
        answer = httpx.get(running.url)
        assert (answer.status_code, "reload.js" in answer.text) == (503, True)
        time.sleep(0.5)
        show.write("theme/footer.html", "<p>Mended</p>")
        until_served(f"{running.url}index.html", lambda answer: answer.status_code == 200 and "Mended" in answer.text)
        show.write("theme/footer.html", "{% if %}")
        time.sleep(1)
        assert "Mended" in httpx.get(f"{running.url}index.html").text


def test_the_missing_page_of_a_show_below_a_path_leads_home(show):
    show.configure('url = "https://small.example"', 'url = "https://small.example/show"')
    with previewing(show) as running:
        missing = httpx.get(f"{running.url}none.html")
        links = [link for link in html.fromstring(missing.content).xpath("//@href | //@src") if link.startswith("/show/")]
        assert (missing.status_code, len(links) > 2) == (404, True)
        assert {httpx.get(urljoin(running.url, link), follow_redirects=True).status_code for link in links} == {200}


def test_whatever_the_show_is_made_of_is_followed_also_when_an_editor_puts_a_new_file_in_its_place(show):
    with previewing(show) as running:
        time.sleep(0.5)
        for title in ("Once", "Twice"):
            text = re.sub(r'^title = ".*"', f'title = "{title}"', show.config.read_text(), count=1, flags=re.MULTILINE)
            show.write("config.toml.new", text).replace(show.config)
            until_served(f"{running.url}index.html", lambda answer, title=title: title in answer.text)
        before = re.findall(r"art/artwork-\w+\.jpg", httpx.get(f"{running.url}feed.xml").text)[0]
        show.write("artwork.jpg", picture(1500, 1500))
        until_served(f"{running.url}feed.xml", lambda answer: before not in answer.text)


def test_what_a_publish_beside_writes_builds_nothing_anew(show):
    show.episode("2026-05-02-second", date="2026-05-02T06:00:00Z")
    with previewing(show) as running, httpx.stream("GET", f"{running.url}__preview__/events", timeout=30) as events:
        lines = (line for line in events.iter_lines() if line.startswith("data:"))
        assert '"generation": 1' in next(lines)
        time.sleep(0.5)
        assert show.publish().status == 0
        time.sleep(1.5)
        show.edit("2026-05-02-second", "Some notes.", "Other notes.")
        assert '"generation": 2' in next(lines)
