"""The player and its page, in a real browser with real sound: every interaction at 360 and 1280 px, light and dark."""

import re

import pytest

from tests.support.listening import PAUSED, TIME, current, found, heard, state, until
from tests.support.needs import needs

pytestmark = needs("browser", "chromium", "ffmpeg")

PAGE = "episodes/episode-3.html"
IN_SIGHT = "(b => b.top > 0 && b.bottom < innerHeight)(document.querySelector('.cue[aria-current]').getBoundingClientRect())"


@pytest.fixture
def page(visit):
    return visit(PAGE)


def elapsed(page):
    return page.locator("[data-show=elapsed]").text_content()


def test_the_button_plays_and_pauses_and_says_which(page):
    button = page.locator("[data-do=play]")
    assert button.get_attribute("aria-label") == "Play the episode (1\N{NO-BREAK SPACE}min)"
    assert state(page) == "idle"
    button.click()
    heard(page, 0.1)
    until(page, "document.querySelector('[data-do=play]').ariaLabel === 'Pause'")
    assert state(page) == "playing"
    button.click()
    until(page, f"{PAUSED} && document.querySelector('[data-do=play]').ariaLabel === 'Play'")


def test_skips_of_15_and_30_seconds(page):
    page.locator("[data-do=forward]").click()
    page.locator("[data-do=back]").click()
    assert elapsed(page) == "0:15"
    assert page.locator("[data-show=left]").text_content() == "−0:45"


def test_a_time_in_the_transcript_plays_from_there_and_is_in_the_address(page):
    page.locator("a.at[href='#t=25']").click()
    heard(page, 25)
    assert page.url.endswith("#t=25")
    until(page, "document.querySelector('.cue[aria-current]')?.textContent.includes('Eleven seconds')")


def press(page, text):
    """Click on words of the transcript, not on the time in front of them (which is where playwright would)."""
    words = page.get_by_text(text)
    words.scroll_into_view_if_needed()
    page.mouse.click(*words.evaluate("(e) => (r => [r.x + r.width / 2, r.y + r.height / 2])(e.getClientRects()[0])"))


def test_words_in_the_transcript_lead_there_and_start_no_sound(page):
    press(page, "So the sea was wrong")
    assert page.evaluate(PAUSED)
    assert page.locator("[data-show=status]").text_content() == "Starts at 0:35"
    page.keyboard.press("k")
    heard(page, 35)
    press(page, "What happens in fog?")
    heard(page, 45)


def test_a_chapter_plays_from_its_start_and_is_marked(page):
    page.locator(".chapter").nth(1).click()
    heard(page, 20)
    assert len(current(page, ".chapter")) == 1
    assert "A lamp that waits for ships" in current(page, ".chapter")[0]
    assert page.locator("[data-show=title]").text_content() == "A lamp that waits for ships"
    page.keyboard.press("l")
    until(page, "document.querySelectorAll('.chapter')[2].ariaCurrent === 'true'")
    assert 0.4 < float(page.evaluate("document.querySelectorAll('.chapter')[2].style.getPropertyValue('--part')")) < 0.8


def test_a_time_in_the_notes_plays_from_there(page):
    page.locator(".notes a.time").click()
    heard(page, 27)


@pytest.mark.parametrize(
    ("address", "time", "cue"),
    [("#t=41", 41, "That is what a standard is!"), ("?t=0:35", 35, "So the sea was wrong"), ("#t=30,33", 30, "Because the harbour")],
)
def test_an_address_with_a_time_waits_there_without_playing(visit, address, time, cue):
    page = visit(f"{PAGE}{address}")
    assert page.evaluate(PAUSED)
    assert elapsed(page) == f"0:{time}"
    assert cue in current(page, ".cue")[0]
    until(page, IN_SIGHT)


def test_a_range_plays_to_its_end(visit):
    page = visit(f"{PAGE}#t=30,31")
    page.locator("[data-do=play]").click()
    heard(page, 30, 31.5)
    until(page, f"{PAUSED} && {TIME} > 30.9 && {TIME} < 32")


def test_keys_move_as_the_list_of_keys_says(page):
    for key, time in [
        *(("l", "0:30"), ("j", "0:15"), ("ArrowRight", "0:20"), ("ArrowLeft", "0:15"), ("Shift+ArrowRight", "0:20"), (".", "0:41")),
        *(("Shift+ArrowLeft", "0:35"), ("Alt+ArrowLeft", "0:20"), ("Alt+ArrowRight", "0:41"), (",", "0:20"), (",", "0:00")),
    ]:
        page.keyboard.press(key)
        assert elapsed(page) == time, key
    page.keyboard.press("k")
    heard(page, 0)
    page.keyboard.press(" ")
    until(page, PAUSED)


def test_keys_change_speed_sound_and_search_and_a_field_keeps_its_keys(page):
    page.keyboard.press(">")
    page.keyboard.press(">")
    assert page.evaluate("document.querySelector('audio').playbackRate") == 1.2
    page.keyboard.press("<")
    assert page.evaluate("document.querySelector('audio').playbackRate") == 1.1
    page.keyboard.press("m")
    assert page.evaluate("document.querySelector('audio').muted")
    page.keyboard.press("m")
    page.locator("[data-do=play]").focus()
    page.keyboard.press("ArrowDown")
    assert page.evaluate("document.querySelector('audio').volume") == 0.95
    page.keyboard.press("t")
    assert page.evaluate("document.activeElement.id") == "transcript"
    page.keyboard.press("f")
    assert page.locator("[data-do=follow]").get_attribute("aria-pressed") == "false"
    page.keyboard.press("/")
    page.keyboard.type("jlk")
    assert page.locator("#find").input_value() == "jlk"
    assert page.evaluate(f"{TIME} === 0 && {PAUSED}")


def test_a_question_mark_lists_the_keys_and_escape_closes(page):
    page.keyboard.press("?")
    assert page.locator("#keys").is_visible()
    assert page.locator("#keys h2").bounding_box()["y"] > 0  # it begins at its beginning
    listed = set(page.locator("#keys kbd").all_text_contents())
    assert listed >= set("kjl←→,.↑↓<>m/tf?")
    page.keyboard.press("k")
    assert page.evaluate(PAUSED)  # who reads the list is not playing
    page.keyboard.press("Escape")
    assert page.locator("#keys").is_hidden()


def test_the_slider_speaks_times_and_chapters_and_shows_what_is_pointed_at(page):
    slider = page.locator(".seek")
    assert slider.get_attribute("aria-valuetext") == "0 seconds of 1 minute, chapter Who keeps the lights on"
    slider.focus()
    page.keyboard.press("ArrowRight")
    assert slider.get_attribute("aria-valuetext") == "5 seconds of 1 minute, chapter Who keeps the lights on"
    page.keyboard.press("PageUp")
    assert slider.get_attribute("aria-valuetext").startswith("59 seconds of 1 minute, chapter What the fog said")
    box = slider.bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + 10)
    ghost = page.locator(".ghost")
    until(page, "getComputedStyle(document.querySelector('.ghost')).opacity > 0")
    assert re.match(r"0:(29|30)  A lamp that waits for ships", ghost.text_content())
    assert "Eleven seconds" in ghost.text_content() or "Because the harbour" in ghost.text_content()
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] / 4, box["y"] + 10)
    page.mouse.up()
    assert elapsed(page) in {"0:14", "0:15", "0:16"}


def test_where_one_stopped_and_how_fast_is_remembered_and_the_place_forgotten_at_the_end(open_page, site, browser, look):
    context = browser.new_context(**look)
    page = open_page(f"{site.origin}/{PAGE}", context=context)
    page.locator("[data-do=speed]").select_option("1.5")
    page.locator("a.at[href='#t=25']").click()
    heard(page, 25.3)
    page.keyboard.press("k")
    page.goto(f"{site.origin}/{PAGE}")
    assert page.evaluate(PAUSED)
    assert "Continues at 0:2" in page.locator("[data-show=status]").text_content()
    page.keyboard.press("k")
    heard(page, 25)
    assert page.evaluate("document.querySelector('audio').playbackRate") == 1.5
    page.evaluate("document.querySelector('audio').currentTime = 59.5")
    until(page, "document.querySelector('.player').dataset.state === 'ended'")
    assert page.evaluate("localStorage.getItem('airdate:position:guid-episode-3')") is None
    context.close()


def test_the_next_episode_is_offered_at_the_end(visit):
    page = visit("episodes/episode-2.html#t=59")
    page.keyboard.press("k")
    page.locator(".after").wait_for(state="visible", timeout=8000)
    assert page.locator(".after a").inner_text() == "Next: The clock that is late on purpose"
    page.locator("[data-do=play]").click()  # and the same once more
    heard(page, 0, 5)


def test_only_one_tab_plays(open_page, site, browser, look):
    context = browser.new_context(**look)
    first = open_page(f"{site.origin}/{PAGE}", context=context)
    first.keyboard.press("k")
    heard(first, 0)
    second = open_page(f"{site.origin}/episodes/episode-2.html", context=context)
    second.keyboard.press("k")
    heard(second, 0)
    until(first, PAUSED)
    assert not second.evaluate(PAUSED)
    context.close()


def test_search_finds_marks_counts_and_goes_on(page):
    field = page.locator("#find")
    field.fill("CLOCK")
    until(page, "document.querySelector('.hits').value === '1 of 4'")
    until(page, "CSS.highlights.get('found').size > 0")
    assert {text.lower() for text in found(page)} == {"clock"}
    field.press("Enter")
    assert page.locator(".hits").inner_text() == "2 of 4"
    field.press("Shift+Enter")
    field.press("Shift+Enter")
    assert page.locator(".hits").inner_text() == "4 of 4"
    assert len(found(page, "here")) == 1
    until(page, "(b => b.top > 60 && b.bottom < innerHeight - 60)([...CSS.highlights.get('here')][0].getBoundingClientRect())")
    page.locator("[data-do=hit-next]").click()
    assert page.locator(".hits").inner_text() == "1 of 4"
    field.fill("zebra")
    until(page, "document.querySelector('.hits').value === 'Nothing found'")
    before = page.locator(".timeline").inner_text()
    field.press("Escape")
    assert found(page) == found(page, "here") == []
    assert page.locator(".timeline").inner_text() == before


def test_the_player_stays_in_reach_below_and_goes_back_up(page):
    place = page.locator(".player-place")
    page.evaluate("scrollTo(0, document.body.scrollHeight)")
    until(page, "document.querySelector('.player-place').classList.contains('docked')")
    until(page, "Math.abs(document.querySelector('.player').getBoundingClientRect().bottom - innerHeight) < 1")
    assert page.locator(".player").bounding_box()["height"] < 110
    assert place.bounding_box()["height"] > 100  # nothing jumps
    page.locator("[data-do=play]").click()
    heard(page, 0)
    page.evaluate("scrollTo(0, 0)")
    until(page, "!document.querySelector('.player-place').classList.contains('docked')")


def test_the_transcript_follows_until_the_reader_scrolls_and_again_when_asked(page):
    page.locator("a.at[href='#t=10']").click()
    heard(page, 10)
    page.evaluate("document.querySelector('audio').currentTime = 50")
    until(page, "document.querySelector('.cue[aria-current]')?.textContent.includes('In fog')")
    until(page, IN_SIGHT)
    page.mouse.move(180, 300)
    page.mouse.wheel(0, -400)
    page.locator(".to-now").wait_for(state="visible")
    assert page.locator("[data-do=follow]").get_attribute("aria-pressed") == "false"
    page.locator(".to-now").click()
    assert page.locator("[data-do=follow]").get_attribute("aria-pressed") == "true"
    until(page, IN_SIGHT)


def test_a_recording_that_is_gone_is_said_with_a_way_to_try_again_and_a_link(visit, site):
    target = site.folder / "episodes/broken.html"
    target.write_bytes((site.folder / PAGE).read_bytes().replace(b"minute.mp3", b"missing.mp3"))
    page = visit("episodes/broken.html")
    page.locator("[data-do=play]").click()
    page.locator(".trouble").wait_for(state="visible")
    assert state(page) == "error"
    assert page.locator(".trouble p").first.inner_text() == "The recording is not where it was, or this browser cannot play it."
    assert page.locator(".trouble a").get_attribute("href") == "../media/missing.mp3"
    (site.folder / "media/missing.mp3").write_bytes((site.folder / "media/minute.mp3").read_bytes())
    page.locator("[data-do=retry]").click()
    heard(page, 0.1)
    assert page.locator(".trouble").is_hidden()
    page.troubles[:] = [text for text in page.troubles if "404" not in text]
    (site.folder / "media/missing.mp3").unlink()


def test_sharing_offers_the_page_and_the_moment(page):
    page.keyboard.press("l")
    page.locator("[data-do=share]").locator("visible=true").first.click()
    assert page.locator("#share-link").input_value().endswith("/episodes/episode-3.html#t=30")
    page.locator("#share [data-do=copy]").click()
    until(page, "document.querySelector('#say').textContent === 'Copied'")
    assert page.evaluate("navigator.clipboard.readText()").endswith("/episodes/episode-3.html#t=30")
    page.locator("#share-at").uncheck()
    assert page.locator("#share-link").input_value().endswith("/episodes/episode-3.html")
    assert page.locator("#share-embed").input_value().startswith("<iframe src=")
    page.locator("#share [data-do=close]").click()
    assert page.locator("#share").is_hidden()


def test_selected_words_can_be_copied_with_a_link(page):
    cue = page.get_by_text("What happens in fog?")
    cue.scroll_into_view_if_needed()
    box = cue.bounding_box()
    page.mouse.move(box["x"] + 1, box["y"] + box["height"] / 2)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] - 1, box["y"] + box["height"] / 2, steps=4)
    page.mouse.up()
    page.locator(".quoting").wait_for(state="visible")
    assert page.evaluate(PAUSED)  # selecting is not clicking
    page.locator("[data-do=quote]").click()
    until(page, "document.querySelector('#say').textContent === 'Copied'")
    quote, link = page.evaluate("navigator.clipboard.readText()").split("\n")
    assert "hat happens in fog" in quote
    assert "0:4" not in quote
    assert link.endswith("/episodes/episode-3.html#t=45")


def test_the_embedded_player_plays_and_starts_where_it_is_told(visit):
    page = visit("embed/episode-3.html?t=27")
    assert elapsed(page) == "0:27"
    page.locator("[data-do=play]").click()
    heard(page, 27)


def test_without_a_script_everything_can_be_read_and_heard(open_page, site, look):
    page = open_page(f"{site.origin}/{PAGE}", java_script_enabled=False, **look)
    assert page.locator(".controls").is_hidden()
    assert page.locator(".find").is_hidden()
    assert page.locator(".cue").count() == 12
    assert page.locator(".cue").last.is_visible()
    page.locator("audio").focus()
    page.keyboard.press(" ")
    heard(page, 0)
