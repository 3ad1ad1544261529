"""What stands beside the transcript and leads through it: chapters in view, keys, soundbites, and what a seek without a network says."""

import functools
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from feed.model import Chapter
from tests.support import sample_pages
from tests.support.browsing import QuietServer, RangeHandler
from tests.support.listening import PAUSED, TIME, current, heard, until
from tests.support.needs import needs

pytestmark = needs("browser", "chromium", "ffmpeg")

PAGE = "episodes/episode-3.html"


@pytest.fixture(scope="module")
def look():
    return {"viewport": {"width": 1280, "height": 720}}


@pytest.fixture
def page(visit):
    return visit(PAGE)


@pytest.fixture
def put(site):
    """Writes the page of an episode of its own, and says where."""

    def write(slug, *, cues=None, language="en", **values):
        episode = sample_pages.make_episode(3, site=site.origin, slug=slug, **values)
        show = sample_pages.make_show(site=site.origin, language=language)
        made = sample_pages.make_site(sample_pages.make_settings(site=site.origin), show, [sample_pages.make_view(episode, cues=cues)])
        for key, body in made.items():
            if slug in key or key.startswith("assets/"):
                target = site.folder / key
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(body)
        return f"episodes/{slug}.html"

    return write


@pytest.fixture(scope="module")
def many():
    """Forty chapters and 600 cues in a minute."""
    chapters = tuple(Chapter(start=float(number) * 1.5, title=f"Chapter {number + 1}, which has a longer name") for number in range(40))
    lines = [("", f"This is what is said in sentence number {number}, and it is long enough for a line.") for number in range(600)]
    return chapters, sample_pages.cues_of(lines, every=0.1)


# ---- chapters in view


def test_on_a_wide_screen_the_chapters_stay_in_view_beside_the_transcript(visit, put, many):
    chapters, cues = many
    page = visit(put("beside", chapters=chapters, cues=cues))
    page.evaluate("document.querySelectorAll('.said')[20].scrollIntoView()")
    page.wait_for_timeout(300)
    page.evaluate("document.querySelectorAll('.said')[20].scrollIntoView()")
    shown, said = page.locator("nav.chapters").bounding_box(), page.locator(".timeline").bounding_box()
    assert shown["y"] >= 0
    assert shown["y"] + shown["height"] <= 720 - page.locator(".player").bounding_box()["height"]
    assert shown["x"] >= said["x"] + said["width"]
    page.locator(".chapter").nth(35).evaluate("(link) => link.click()")
    until(page, "document.querySelectorAll('.chapter')[35].ariaCurrent === 'true'")
    assert page.evaluate("""() => {
      const [list, row] = [document.querySelector('nav.chapters'), document.querySelector('.chapter[aria-current]')].map((e) => e.getBoundingClientRect());
      return row.top >= list.top && row.bottom <= list.bottom;
    }""")


def test_nothing_beside_the_transcript_covers_anything(visit, put, many):
    chapters, cues = many
    page = visit(put("covers", chapters=chapters, cues=cues, notes=replace(sample_pages.make_episode().notes, page="<p>Short.</p>")))
    boxes = [page.locator(part).bounding_box() for part in (".side", "nav.chapters", "#notes", "#transcript")]
    for index, one in enumerate(boxes):
        for other in boxes[index + 1 :]:
            across = one["x"] < other["x"] + other["width"] and other["x"] < one["x"] + one["width"]
            assert not (across and one["y"] < other["y"] + other["height"] and other["y"] < one["y"] + one["height"])


def test_on_a_narrow_screen_they_stand_before_the_transcript(open_page, site):
    page = open_page(f"{site.origin}/{PAGE}", viewport={"width": 800, "height": 700})
    chapters, said = page.locator("nav.chapters").bounding_box(), page.locator("#transcript").bounding_box()
    assert chapters["y"] + chapters["height"] <= said["y"]


# ---- by keyboard


def test_every_sentence_is_reached_by_keyboard_and_says_its_words(page):
    page.keyboard.press("t")
    labels = []
    for _ in range(12):
        page.keyboard.press("ArrowDown")
        labels.append(page.evaluate("document.activeElement.ariaLabel"))
        assert page.evaluate("document.activeElement.getAttribute('aria-hidden')") is None
        assert page.evaluate("getComputedStyle(document.activeElement).opacity") == "1"
    assert [label.partition(" ")[0] for label in labels] == [f"0:{second:02}" for second in range(0, 60, 5)]
    assert labels[7] == "0:35 So the sea was wrong, and everybody agreed on it."
    page.keyboard.press("ArrowDown")  # after the last one is none
    assert page.evaluate("document.activeElement.getAttribute('href')") == "#t=55"
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    heard(page, 45)
    page.locator("#find").focus()
    assert page.evaluate("[...document.querySelectorAll('.said .at')].filter((at) => at.tabIndex < 0 && !at.ariaHidden).length") == 0
    assert page.evaluate("document.querySelectorAll('.said .at[aria-label]').length") == 0


def test_from_the_transcript_one_goes_on_where_it_is_heard(visit):
    page = visit(f"{PAGE}#t=25")
    page.keyboard.press("t")
    page.keyboard.press("ArrowDown")
    assert page.evaluate("document.activeElement.getAttribute('href')") == "#t=25"


def test_keys_of_a_single_sign_can_be_turned_off_and_stay_off(open_page, site, browser):
    context = browser.new_context()
    page = open_page(f"{site.origin}/{PAGE}", context=context)
    page.locator("[data-do=keys]").click()
    page.locator("#letters").uncheck()
    page.keyboard.press("Escape")
    for other in (page, open_page(f"{site.origin}/episodes/episode-2.html", context=context)):
        for key in ("k", "l", ".", "/", "t", "?", "m", ">"):
            other.keyboard.press(key)
        assert other.evaluate(f"{PAUSED} && {TIME} === 0")
        assert other.locator("#keys").is_hidden()
        assert other.locator("[data-show=elapsed]").inner_text() == "0:00"
        assert other.evaluate("document.activeElement === document.body || document.activeElement.dataset.do === 'keys'")
        other.keyboard.press("ArrowRight")
        assert other.locator("[data-show=elapsed]").inner_text() == "0:05"
    other.locator("[data-do=keys]").click()
    assert not other.locator("#letters").is_checked()
    other.locator("#letters").check()
    other.keyboard.press("Escape")
    other.keyboard.press("l")
    assert other.locator("[data-show=elapsed]").inner_text() == "0:35"
    context.close()


@pytest.mark.parametrize("width", [320, 360])
def test_the_list_of_keys_is_within_reach_on_a_narrow_screen_with_a_keyboard(open_page, site, width):
    page = open_page(f"{site.origin}/{PAGE}", viewport={"width": width, "height": 700})
    page.locator("[data-do=keys]").click()
    assert page.locator("#letters").is_visible()
    assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") == 0


# ---- soundbites


def test_a_soundbite_plays_to_its_end(visit, put):
    page = visit(put("bites", written={"soundbites": [{"start_time": 20, "duration": 1.2, "title": "A lamp"}]}))
    page.locator(".bite").click()
    heard(page, 20, 21.5)
    until(page, f"{PAUSED} && {TIME} > 21.1 && {TIME} < 22")
    assert page.url.endswith("#t=20,21.2")
    page.locator("[data-do=play]").click()  # and on
    heard(page, 21.3)
    assert "You said on the phone" in current(page, ".cue")[0]


# ---- on other sites


@pytest.mark.parametrize("policy", ["", "<meta http-equiv=Content-Security-Policy content=\"style-src 'none'\">"])
def test_the_code_for_other_sites_has_no_border_even_where_they_permit_no_styles(open_page, page, site, policy):
    code = page.locator("#share-embed").input_value()
    (site.folder / "other.html").write_text(f"<!doctype html>{policy}<link rel=icon href='data:,'>{code}")
    other = open_page(f"{site.origin}/other.html")
    assert other.evaluate("getComputedStyle(document.querySelector('iframe')).borderTopWidth") == "0px"
    assert other.evaluate("document.querySelector('iframe').loading") == "lazy"
    other.troubles[:] = [text for text in other.troubles if "style-src" not in text]


# ---- without a network


class Held(RangeHandler):
    """Gives the beginning of a recording, and the rest when it may."""

    may = threading.Event()

    def do_GET(self):  # noqa: N802  the name it has there
        asked = self.headers.get("Range", "")
        if self.path.endswith(".mp3") and not self.may.is_set():
            if asked and int(asked.removeprefix("bytes=").partition("-")[0]) > 100_000:
                self.may.wait(30)
            else:
                self._beginning()
                return
        super().do_GET()

    def _beginning(self):
        whole = Path(self.translate_path(self.path)).read_bytes()
        self.send_response(206)
        self.send_header("Content-Type", "audio/mpeg")
        self.send_header("Content-Range", f"bytes 0-{len(whole) - 1}/{len(whole)}")
        self.send_header("Content-Length", str(len(whole)))
        self.end_headers()
        self.wfile.write(whole[:80_000])
        self.wfile.flush()
        self.may.wait(30)


@pytest.mark.parametrize("playing", [True, False])
def test_a_seek_without_a_network_says_so_and_goes_on_when_it_is_back(open_page, site, playing):
    Held.may.clear()
    server = QuietServer(("127.0.0.1", 0), functools.partial(Held, directory=site.folder))
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    try:
        page = open_page(f"http://127.0.0.1:{server.server_port}/{PAGE}")
        page.locator("[data-do=play]").click()
        heard(page, 0.1)
        if not playing:
            page.keyboard.press("k")
        page.context.set_offline(True)
        page.locator(".chapter").nth(2).evaluate("(link) => link.click()") if playing else page.evaluate("location.hash = '#t=50'")
        until(page, "!document.querySelector('.trouble').hidden", timeout=3000)
        assert page.locator(".trouble p").first.inner_text() == "There is no network. What is loaded goes on playing."
        until(page, "document.querySelector('#say').textContent.startsWith('There is no network')", timeout=3000)
        Held.may.set()
        page.context.set_offline(False)
        until(page, "document.querySelector('.trouble').hidden")
        if not playing:
            assert page.evaluate(PAUSED)
            page.locator("[data-do=play]").click()
        heard(page, 41 if playing else 50)
        page.close()  # before its server: a page that still loads its recording would say that it cannot
        page.troubles.clear()
    finally:
        Held.may.set()
        server.shutdown()
        server.server_close()
