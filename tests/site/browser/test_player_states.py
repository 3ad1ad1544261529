"""What the player does when something is slow, odd, missing or forbidden."""

import contextlib
import functools
import threading
from dataclasses import replace

import pytest

from tests.support import sample_pages
from tests.support.browsing import RangeHandler, Site
from tests.support.listening import PAUSED, TIME, current, found, heard, state, until
from tests.support.needs import needs

pytestmark = needs("browser", "chromium", "ffmpeg")

PAGE = "episodes/episode-3.html"


@pytest.fixture(scope="module")
def look():
    return {"viewport": {"width": 1280, "height": 720}}


@pytest.fixture
def page(visit):
    return visit(PAGE)


@pytest.mark.parametrize("address", ["#t=abc", "#t=", "?t=NaN", "#t=-5", "#t=99999999999", "?t=1:99:99:9", "#t=%E0%A4%A"])
def test_nonsense_in_the_address_does_no_harm(visit, address):
    page = visit(f"{PAGE}{address}")
    page.locator("[data-do=play]").click()
    until(page, f"!{PAUSED} || document.querySelector('audio').ended")


@pytest.mark.parametrize(
    ("address", "time"),
    [
        ("?t=50s", 50),
        ("#t=0h0m41s", 41),
        ("?t=00:00:35", 35),
        ("#t=27.5", 27),
        ("?t=30%2C33", 30),
        ("#t=,20", 0),
        ("#t=npt:42", 42),
        ("#t=npt%3A30,33", 30),
    ],
)
def test_a_time_may_be_written_in_many_ways(visit, address, time):
    assert visit(f"{PAGE}{address}").locator("[data-show=elapsed]").text_content() == f"0:{time:02}"


def test_a_new_fragment_on_the_open_page_leads_there(page):
    page.evaluate("location.hash = '#t=41'")
    until(page, "document.querySelector('[data-show=elapsed]').textContent === '0:41'")
    assert page.evaluate(PAUSED)


def test_a_whole_second_means_what_begins_within_it(visit, site):
    show = sample_pages.make_show(site=site.origin)
    chapters = tuple(replace(chapter, start=chapter.start * 1.03) for chapter in sample_pages.CHAPTERS)  # 0, 20.6, 42.23
    episode = sample_pages.make_episode(6, site=site.origin, chapters=chapters)
    view = sample_pages.make_view(episode, cues=sample_pages.cues_of(every=4.7))
    made = sample_pages.make_site(sample_pages.make_settings(site=site.origin), show, [view])
    (site.folder / "episodes/episode-6.html").write_bytes(made["episodes/episode-6.html"])
    page = visit("episodes/episode-6.html#t=23")  # a cue begins at 23.5
    assert "Eleven seconds" in current(page, ".cue")[0]
    page.locator(".chapter").nth(1).click()
    heard(page, 20.59)
    assert "A lamp that waits" in current(page, ".chapter")[0]


def test_loading_and_waiting_for_the_network_are_said(open_page, site):
    starts, goes_on = threading.Event(), threading.Event()

    class Slow(RangeHandler):
        """The recording comes late, and after its first 16 seconds it does not come at all for a while."""

        def do_GET(self):  # noqa: N802  the name it has there
            if not self.path.endswith(".mp3"):
                super().do_GET()
                return
            body = (site.folder / "media/minute.mp3").read_bytes()
            first = int(self.headers.get("Range", "bytes=0-").removeprefix("bytes=").partition("-")[0])
            (goes_on if first else starts).wait(20)
            self.send_response(206)
            self.send_header("Content-Type", "audio/mpeg")
            self.send_header("Content-Range", f"bytes {first}-{len(body) - 1}/{len(body)}")
            self.send_header("Content-Length", str(len(body) - first))
            self.end_headers()
            with contextlib.suppress(OSError):
                self.wfile.write(body[first:128_000])
                goes_on.wait(20)
                self.wfile.write(body[max(first, 128_000) :])

    slow = Site(site.folder)
    slow.server.RequestHandlerClass = functools.partial(Slow, directory=site.folder)
    page = open_page(f"{slow.origin}/{PAGE}")
    page.locator("[data-do=play]").click()
    assert state(page) == "loading"
    assert page.locator("[data-show=status]").inner_text() == "Loading"
    starts.set()
    heard(page, 0)
    assert state(page) == "playing"
    page.keyboard.press("l")
    page.keyboard.press("ArrowRight")
    until(page, "document.querySelector('.player').dataset.state === 'buffering'")
    assert page.locator("[data-show=status]").inner_text() == "Waiting for the network"
    assert page.locator("[data-do=play]").get_attribute("aria-label") == "Pause"
    goes_on.set()
    heard(page, 35)
    slow.close()


def test_letters_of_another_keyboard_are_known_by_their_place(page):
    page.evaluate("document.body.dispatchEvent(new KeyboardEvent('keydown', {key: 'д', code: 'KeyL', bubbles: true, cancelable: true}))")
    assert page.locator("[data-show=elapsed]").text_content() == "0:30"


def test_a_key_that_is_held_does_not_flutter(page):
    page.keyboard.press("k")
    heard(page, 0)
    page.keyboard.down("k")
    page.keyboard.down("k")  # the key repeats
    page.keyboard.up("k")
    assert page.evaluate(PAUSED)


def test_space_plays_but_on_a_button_it_presses_the_button(page):
    page.keyboard.press(" ")
    heard(page, 0)
    page.locator("[data-do=forward]").focus()
    page.keyboard.press(" ")
    heard(page, 30)


def test_search_finds_what_crosses_two_cues_and_ignores_accents_but_not_the_times(page):
    field = page.locator("#find")
    field.fill("forty years. and every")
    until(page, "document.querySelector('.hits').value === '1 of 1'")
    assert found(page, "here") == ["forty years. And every"]
    field.fill("0:05")
    until(page, "document.querySelector('.hits').value === 'Nothing found'")
    field.fill("stübbörn")
    until(page, "document.querySelector('.hits').value === '1 of 1'")
    assert found(page, "here") == ["stubborn"]


@pytest.mark.parametrize("key", ["PageUp", "ArrowDown", "End"])
def test_keys_that_scroll_stop_the_following_too(page, key):
    page.locator("a.at[href='#t=10']").click()
    heard(page, 10)
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press(key)
    assert page.locator("[data-do=follow]").get_attribute("aria-pressed") == "false"


def test_turning_the_volume_or_the_wheel_over_the_player_does_not_stop_the_following(page):
    page.locator("a.at[href='#t=10']").click()
    heard(page, 10)
    until(page, "document.querySelector('.player-place').classList.contains('docked')")
    page.locator("[data-do=play]").focus()
    page.keyboard.press("ArrowDown")
    page.locator("[data-do=play]").hover()
    page.mouse.wheel(0, 5)
    assert page.locator("[data-do=follow]").get_attribute("aria-pressed") == "true"


def test_the_sound_is_switched_off_and_seen_to_be(page):
    button = page.locator("[data-do=mute]")
    button.click()
    until(page, "document.querySelector('[data-do=mute]').ariaPressed === 'true'")
    assert page.locator(".volume").input_value() == "0"
    page.locator("[data-do=play]").focus()
    page.keyboard.press("ArrowDown")
    until(page, "document.querySelector('[data-do=mute]').ariaPressed === 'false'")
    assert page.locator(".volume").input_value() == "95"


def test_where_only_the_device_sets_the_volume_there_is_no_slider(browser, open_page, site):
    context = browser.new_context()
    context.add_init_script("Object.defineProperty(HTMLMediaElement.prototype, 'volume', {get: () => 1, set() {}});")
    page = open_page(f"{site.origin}/{PAGE}", context=context)
    assert page.locator(".loud").is_hidden()
    context.close()


def test_the_sleep_timer_ends_with_the_chapter(visit):
    page = visit(f"{PAGE}#t=19")
    # The page itself scrolls to its sentence at some time, and a docked player has no timer in sight: up, until it stays.
    until(page, "(scrollTo(0, 0), window.calm = document.querySelector('.docked') ? 0 : (window.calm ?? 0) + 1) > 30")
    page.locator("[data-do=sleep]").select_option("chapter")
    page.keyboard.press("k")
    heard(page, 19)
    until(page, f"{PAUSED} && {TIME} >= 19.9 && {TIME} < 22")
    assert page.locator("[data-do=sleep]").input_value() == "0"


def test_the_sleep_timer_ends_after_its_minutes(page):
    page.locator("[data-do=sleep]").select_option("15")
    page.keyboard.press("k")
    heard(page, 0)
    page.evaluate("(was => { performance.now = () => was + 14 * 60000; })(performance.now())")
    page.wait_for_timeout(400)
    assert not page.evaluate(PAUSED)
    page.evaluate("(was => { performance.now = () => was + 2 * 60000; })(performance.now())")
    until(page, PAUSED)


def test_without_transcript_and_chapters_it_plays_and_their_keys_rest(visit):
    page = visit("episodes/episode-1.html")
    assert page.get_by_text("There is no transcript of this episode.").is_visible()
    assert page.locator(".chapters, .toolbar").count() == 0
    for key in (".", ",", "f", "/", "t", "Shift+ArrowRight"):
        page.keyboard.press(key)
    page.keyboard.press("l")
    page.keyboard.press("k")
    heard(page, 30)
    assert page.locator(".seek").get_attribute("aria-valuetext").startswith("30 seconds of 1 minute")


def test_a_recording_that_was_just_loaded_is_where_it_was_asked_for_before_its_event_says_that_it_is_loaded(browser, open_page, site):
    context = browser.new_context()
    context.add_init_script("document.addEventListener('loadedmetadata', () => { window.early = now(); }, true);")
    page = open_page(f"{site.origin}/{PAGE}", context=context)
    page.evaluate("go(41, { play: true })")
    heard(page, 41)
    assert page.evaluate("early") == 41
    page.evaluate("audio.load()")
    assert page.evaluate("now() >= 41")
    context.close()


def test_the_lock_screen_knows_the_episode_and_its_keys_work(browser, open_page, site):
    context = browser.new_context()
    context.add_init_script(
        """window.handlers = {};
        MediaSession.prototype.setActionHandler = (name, handler) => { handlers[name] = handler; };
        const tell = MediaSession.prototype.setPositionState;
        MediaSession.prototype.setPositionState = function (told) { window.told = told; tell.call(this, told); };"""
    )
    page = open_page(f"{site.origin}/{PAGE}", context=context)
    page.keyboard.press("k")
    heard(page, 0)
    session = page.evaluate("(m => [m.title, m.artist, m.album, m.artwork.length])(navigator.mediaSession.metadata)")
    assert session == ["The clock that is late on purpose", "Slow Light Radio", "Slow Light", 1]
    assert page.evaluate("navigator.mediaSession.playbackState") == "playing"
    for action, details, time in [
        ("nexttrack", {}, 20),
        ("previoustrack", {}, 0),
        ("seekforward", {"seekOffset": 10}, 10),
        ("seekbackward", {}, 0),
        ("seekto", {"seekTime": 44}, 44),
    ]:
        page.evaluate("([action, details]) => handlers[action](details)", [action, details])
        heard(page, time - 0.1, time + 3)
    until(page, "window.told.position >= 44 && Math.abs(window.told.duration - 60) < 1")
    page.evaluate("handlers.pause()")
    assert page.evaluate(PAUSED)
    context.close()


def test_a_page_works_where_nothing_can_be_stored(open_page, site, browser):
    context = browser.new_context()
    context.add_init_script("Object.defineProperty(window, 'localStorage', { get() { throw new Error('off') } })")
    page = open_page(f"{site.origin}/{PAGE}", context=context)
    page.keyboard.press("k")
    heard(page, 0.1)
    context.close()


def test_without_a_network_it_says_so_and_goes_on_when_it_is_back(open_page, site):
    page = open_page(f"{site.origin}/{PAGE}")
    page.context.set_offline(True)
    page.locator("[data-do=play]").click()
    until(page, "!document.querySelector('.trouble').hidden")
    assert page.locator(".trouble p").first.inner_text() == "There is no network. What is loaded goes on playing."
    page.context.set_offline(False)
    heard(page, 0.1)
    assert page.locator(".trouble").is_hidden()
    page.troubles.clear()  # the request that had no network


def test_the_devices_own_way_to_share_is_offered_where_there_is_one(browser, open_page, site):
    context = browser.new_context()
    context.add_init_script("navigator.share = async (what) => { window.shared = what; };")
    page = open_page(f"{site.origin}/{PAGE}", context=context)
    page.keyboard.press("l")
    page.locator("[data-do=share]").first.click()
    page.locator("[data-do=native]").click()
    assert page.evaluate("window.shared.url").endswith("/episodes/episode-3.html#t=30")
    context.close()


def test_where_there_is_none_it_is_not_offered(browser, open_page, site):
    context = browser.new_context()
    context.add_init_script("navigator.share = undefined;")
    page = open_page(f"{site.origin}/{PAGE}", context=context)
    page.locator("[data-do=share]").first.click()
    assert page.locator("#share [data-do=copy]").is_visible()
    assert page.locator("[data-do=native]").is_hidden()
    context.close()


def test_escape_puts_the_offer_to_quote_away(page):
    page.evaluate("getSelection().selectAllChildren(document.querySelector('.cue'))")
    page.locator("#transcript").dispatch_event("pointerup")
    page.locator(".quoting").wait_for(state="visible")
    page.keyboard.press("Escape")
    assert page.locator(".quoting").is_hidden()


def test_a_selection_by_finger_is_offered_as_a_quote_below_it(open_page, site):
    page = open_page(f"{site.origin}/{PAGE}", has_touch=True, is_mobile=True, viewport={"width": 360, "height": 780})
    page.locator(".cue").nth(4).scroll_into_view_if_needed()
    page.evaluate("document.body.dispatchEvent(new PointerEvent('pointerdown', {pointerType: 'touch', bubbles: true}))")
    page.evaluate("getSelection().selectAllChildren(document.querySelectorAll('.cue')[4])")
    page.locator(".quoting").wait_for(state="visible")
    lowest = page.evaluate("getSelection().getRangeAt(0).getBoundingClientRect().bottom")
    assert page.locator(".quoting").bounding_box()["y"] > lowest


def test_the_size_of_text_changes_by_its_button_alone(page):
    size = "parseFloat(getComputedStyle(document.querySelector('.said')).fontSize)"
    before = page.evaluate(size)
    page.locator("h1").click()
    page.locator("[data-do=forward]").click()
    assert page.evaluate(size) == before
    page.locator(".toolbar summary").click()
    page.locator("button[data-text]").click()
    assert page.evaluate(size) > before


def test_with_reduced_motion_nothing_slides(open_page, site):
    page = open_page(f"{site.origin}/{PAGE}", reduced_motion="reduce", viewport={"width": 360, "height": 640})
    page.evaluate(
        "{ const real = scrollTo; window.ways = []; window.scrollTo = (where) => { ways.push(where.behavior); real(where); }; 0 }"
    )
    page.locator("a.at[href='#t=10']").click()
    heard(page, 10)
    page.evaluate("document.querySelector('audio').currentTime = 50")
    until(page, "window.ways.length > 0")
    assert set(page.evaluate("window.ways")) == {"auto"}
    assert page.evaluate("getComputedStyle(document.querySelector('.player')).animationName") == "none"


def test_a_frame_tells_the_page_around_it_how_high_it_is(open_page, site):
    (site.folder / "around.html").write_text(
        "<!doctype html><link rel=icon href='data:,'><script>addEventListener('message', (event) => { window.told = JSON.parse(event.data); });</script>"
        '<iframe src="embed/episode-3.html?t=27" width="600" height="400"></iframe>'
    )
    page = open_page(f"{site.origin}/around.html")
    until(page, "window.told?.context === 'iframe.resize'")
    assert 80 < page.evaluate("window.told.height") <= 400
    assert page.frames[1].locator("[data-show=elapsed]").inner_text() == "0:27"
