"""The player, in a real browser with real sound."""

import pytest
from needs import needs

pytestmark = needs("browser", "chromium", "ffmpeg")

PAGE = "episodes/episode-3.html"
TIME = "document.querySelector('audio').currentTime"
PAUSED = "document.querySelector('audio').paused"


@pytest.fixture
def page(open_page, site):
    return open_page(f"{site.origin}/{PAGE}")


def until(page, condition, timeout=8000):
    """Ask again and again; playwright's own waiting needs eval, which the pages' policy forbids."""
    for _ in range(timeout // 50):
        if page.evaluate(condition):
            return
        page.wait_for_timeout(50)
    raise AssertionError(f"never came true: {condition}")


def heard(page, start, end=None):
    """Wait until the recording plays between these seconds."""
    until(page, f"!{PAUSED} && {TIME} >= {start} && {TIME} < {end or start + 8}")


def current(page, selector):
    return [text.strip() for text in page.locator(f"{selector}[aria-current]").all_inner_texts()]


def test_the_button_plays_and_pauses_and_says_which(page):
    button = page.locator("[data-do=play]")
    assert button.get_attribute("aria-label") == "Play the episode"
    button.click()
    heard(page, 0.2)
    until(page, "document.querySelector('[data-do=play]').ariaLabel === 'Pause'")
    button.click()
    until(page, f"{PAUSED} && document.querySelector('[data-do=play]').ariaLabel === 'Play'")


def test_a_time_in_the_transcript_plays_from_there_and_is_in_the_address(page):
    page.locator("a.at[href='#t=25']").click()
    heard(page, 25)
    assert page.url.endswith("#t=25")
    until(page, "document.querySelector('.cue[aria-current]')?.textContent.includes('Eleven seconds')")


def test_words_in_the_transcript_play_from_there(page):
    page.get_by_text("So the sea was wrong").click()
    heard(page, 35)


def test_a_chapter_plays_from_its_start_and_is_marked(page):
    page.locator(".chapter").nth(1).click()
    heard(page, 20)
    assert [text.split("\n")[-1] for text in current(page, ".chapter")] == ["A lamp that waits for ships"]
    assert page.locator("[data-show=title]").inner_text() == "A lamp that waits for ships"


def test_a_time_in_the_notes_plays_from_there(page):
    page.locator(".notes a.time").click()
    heard(page, 27)


@pytest.mark.parametrize(
    ("address", "time", "cue"),
    [
        ("#t=41", 41, "That is what a standard is!"),
        ("?t=0:35", 35, "So the sea was wrong"),
        ("#t=30,33", 30, "Because the harbour"),
        ("?t=50s", 50, "In fog the lamp"),
    ],
)
def test_an_address_with_a_time_waits_there_without_playing(open_page, site, address, time, cue):
    page = open_page(f"{site.origin}/{PAGE}{address}")
    assert page.evaluate(PAUSED)
    assert page.locator("[data-show=elapsed]").inner_text() == f"0:{time}"
    assert cue in current(page, ".cue")[0]
    assert page.locator(".cue[aria-current]").bounding_box()["y"] < 800
    page.locator("[data-do=play]").click()
    heard(page, time, time + 4)


def test_a_range_stops_at_its_end(open_page, site):
    page = open_page(f"{site.origin}/{PAGE}#t=30,31")
    page.locator("[data-do=play]").click()
    heard(page, 30)
    until(page, f"{PAUSED} && {TIME} > 30.9 && {TIME} < 32")


@pytest.mark.parametrize("address", ["#t=abc", "#t=", "?t=NaN", "#t=-5", "#t=99999999999", "?t=1:99:99:9", "#t=%E0%A4%A"])
def test_nonsense_in_the_address_does_no_harm(open_page, site, address):
    page = open_page(f"{site.origin}/{PAGE}{address}")
    page.locator("[data-do=play]").click()
    until(page, f"!{PAUSED} || document.querySelector('audio').ended")


@pytest.mark.parametrize(
    ("keys", "start", "time"),
    [
        (["k"], 0, (0, 3)),
        (["l"], 0, (30, 33)),
        (["l", "j"], 0, (15, 18)),
        (["ArrowRight", "ArrowRight"], 0, (10, 13)),
        (["l", "ArrowLeft"], 0, (25, 28)),
        (["l", "Shift+ArrowRight"], 0, (35, 38)),
        (["l", "Shift+ArrowLeft"], 0, (25, 28)),
        (["."], 0, (20, 23)),
        (["l", "Alt+ArrowRight"], 0, (41, 44)),
        (["l", ",", ","], 0, (0, 3)),
        (["l", ","], 0, (20, 23)),
    ],
)
def test_keys_move_as_the_list_of_keys_says(page, keys, start, time):
    for key in keys:
        page.keyboard.press(key)
    if "k" not in keys:
        page.keyboard.press("k")
    heard(page, *time)


def test_keys_change_speed_sound_and_search_and_a_field_keeps_its_keys(page):
    page.keyboard.press(">")
    page.keyboard.press(">")
    assert page.evaluate("document.querySelector('audio').playbackRate") == 1.2
    page.keyboard.press("<")
    assert page.evaluate("document.querySelector('audio').playbackRate") == 1.1
    page.keyboard.press("m")
    assert page.evaluate("document.querySelector('audio').muted")
    page.keyboard.press("/")
    page.keyboard.type("jlk")
    assert page.locator("#find").input_value() == "jlk"
    assert page.evaluate(f"{TIME} === 0 && {PAUSED}")


def test_space_plays_but_on_a_button_it_presses_the_button(page):
    page.keyboard.press(" ")
    heard(page, 0)
    page.locator("[data-do=forward]").focus()
    page.keyboard.press(" ")
    heard(page, 30)


def test_the_list_of_keys_opens_and_closes_by_key(page):
    page.keyboard.press("?")
    assert page.locator("#keys").is_visible()
    page.keyboard.press("Escape")
    assert page.locator("#keys").is_hidden()
    assert page.evaluate(PAUSED)


def test_the_slider_speaks_times_and_chapters(page):
    slider = page.locator(".seek")
    assert slider.get_attribute("aria-valuetext") == "0:00 of 1:00, chapter Who keeps the lights on"
    slider.focus()
    page.keyboard.press("ArrowRight")
    assert slider.get_attribute("aria-valuetext") == "0:05 of 1:00, chapter Who keeps the lights on"
    page.keyboard.press("PageUp")
    assert slider.get_attribute("aria-valuetext").startswith("0:59 of 1:00, chapter What the fog said")


def test_where_one_stopped_is_remembered_and_forgotten_at_the_end(open_page, site, browser):
    context = browser.new_context()
    page = open_page(f"{site.origin}/{PAGE}", context=context)
    page.locator("a.at[href='#t=25']").click()
    heard(page, 26)
    page.keyboard.press("k")
    page.close()
    page = open_page(f"{site.origin}/{PAGE}", context=context)
    assert page.evaluate(PAUSED)
    assert "Continues at 0:2" in page.locator("[data-show=status]").inner_text()
    page.keyboard.press("k")
    heard(page, 26)
    page.evaluate("document.querySelector('audio').currentTime = 59.5")
    until(page, "document.querySelector('audio').ended")
    until(page, "document.querySelector('.player').dataset.state === 'ended'")
    assert page.evaluate("localStorage.getItem('airdate:position:guid-episode-3')") is None
    context.close()


def test_the_next_episode_is_offered_at_the_end(open_page, site):
    page = open_page(f"{site.origin}/episodes/episode-2.html#t=59")
    page.keyboard.press("k")
    page.locator(".after").wait_for(state="visible", timeout=8000)
    assert page.locator(".after a").inner_text() == "Next: The clock that is late on purpose"


def test_only_one_tab_plays(open_page, site, browser):
    context = browser.new_context()
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
    assert {text.lower() for text in page.locator("mark").all_inner_texts()} == {"clock"}
    field.press("Enter")
    assert page.locator(".hits").inner_text() == "2 of 4"
    field.press("Shift+Enter")
    field.press("Shift+Enter")
    assert page.locator(".hits").inner_text() == "4 of 4"
    assert page.locator("mark.here").count() == 1
    page.locator("[data-do=hit-next]").click()
    assert page.locator(".hits").inner_text() == "1 of 4"
    field.fill("zebra")
    until(page, "document.querySelector('.hits').value === 'Nothing found'")
    before = page.locator(".timeline").inner_text()
    field.press("Escape")
    assert page.locator("mark").count() == 0
    assert page.locator(".timeline").inner_text() == before


def test_search_finds_what_crosses_two_cues_and_ignores_accents_but_not_the_times(page):
    field = page.locator("#find")
    field.fill("forty years. and every")
    until(page, "document.querySelector('.hits').value === '1 of 1'")
    assert page.locator("mark").count() == 2
    field.fill("0:05")
    until(page, "document.querySelector('.hits').value === 'Nothing found'")
    field.fill("stübbörn")
    until(page, "document.querySelector('.hits').value === '1 of 1'")
    assert page.locator("mark").inner_text() == "stubborn"


def test_the_player_stays_in_reach_below_and_goes_back_up(page):
    place = page.locator(".player-place")
    page.locator("#transcript").scroll_into_view_if_needed()
    page.evaluate("scrollTo(0, document.body.scrollHeight)")
    until(page, "document.querySelector('.player-place').classList.contains('docked')")
    page.wait_for_timeout(300)
    box = page.locator(".player").bounding_box()
    assert abs(box["y"] + box["height"] - 800) < 1
    assert place.bounding_box()["height"] > 100  # nothing jumps
    page.evaluate("scrollTo(0, 0)")
    until(page, "!document.querySelector('.player-place').classList.contains('docked')")


def test_the_transcript_follows_until_the_reader_scrolls_and_again_when_asked(open_page, site):
    page = open_page(f"{site.origin}/{PAGE}", viewport={"width": 360, "height": 600}, reduced_motion="reduce")
    page.locator("a.at[href='#t=10']").click()
    heard(page, 10)
    page.evaluate("document.querySelector('audio').currentTime = 50")
    until(page, "document.querySelector('.cue[aria-current]')?.textContent.includes('In fog')")
    until(page, "(b => b.top > 0 && b.bottom < innerHeight)(document.querySelector('.cue[aria-current]').getBoundingClientRect())")
    page.mouse.move(180, 300)
    page.mouse.wheel(0, -400)
    page.locator(".to-now").wait_for(state="visible")
    assert page.locator("[data-do=follow]").get_attribute("aria-pressed") == "false"
    page.locator(".to-now").click()
    assert page.locator("[data-do=follow]").get_attribute("aria-pressed") == "true"
    until(page, "(b => b.top > 0 && b.bottom < innerHeight)(document.querySelector('.cue[aria-current]').getBoundingClientRect())")


def test_a_recording_that_is_gone_is_said_with_a_way_to_try_again_and_a_link(open_page, site):
    target = site.folder / "episodes/broken.html"
    target.write_bytes((site.folder / PAGE).read_bytes().replace(b"minute.mp3", b"missing.mp3"))
    page = open_page(f"{site.origin}/episodes/broken.html")
    page.locator("[data-do=play]").click()
    page.locator(".trouble").wait_for(state="visible")
    assert page.locator(".player").get_attribute("data-state") == "error"
    assert page.locator(".trouble a").get_attribute("href") == "../media/missing.mp3"
    (site.folder / "media/missing.mp3").write_bytes((site.folder / "media/minute.mp3").read_bytes())
    page.locator("[data-do=retry]").click()
    heard(page, 0.1)
    assert page.locator(".trouble").is_hidden()
    page.troubles[:] = [text for text in page.troubles if "404" not in text]
    (site.folder / "media/missing.mp3").unlink()


def test_sharing_offers_the_page_and_the_moment(page):
    page.keyboard.press("l")
    page.locator("[data-do=share]").first.click()
    assert page.locator("#share-link").input_value().endswith("/episodes/episode-3.html#t=30")
    page.locator("#share-at").uncheck()
    assert page.locator("#share-link").input_value().endswith("/episodes/episode-3.html")
    assert page.locator("#share-embed").input_value().startswith("<iframe src=")
    page.locator("#share [data-do=close]").click()
    assert page.locator("#share").is_hidden()


def test_selected_words_can_be_copied_with_a_link(open_page, site):
    page = open_page(f"{site.origin}/{PAGE}", permissions=["clipboard-read", "clipboard-write"])
    cue = page.get_by_text("That is what a standard is!")
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
    assert "is what a standard is" in quote
    assert "0:4" not in quote
    assert link.endswith("/episodes/episode-3.html#t=40")


def test_the_speed_is_remembered_for_all_episodes(open_page, site, browser):
    context = browser.new_context()
    page = open_page(f"{site.origin}/{PAGE}", context=context)
    page.locator("[data-do=speed]").select_option("1.5")
    other = open_page(f"{site.origin}/episodes/episode-2.html", context=context)
    assert other.evaluate("document.querySelector('audio').playbackRate") == 1.5
    context.close()


def test_the_lock_screen_knows_the_episode_and_its_chapters(page):
    page.keyboard.press("k")
    heard(page, 0)
    session = page.evaluate("(m => [m.title, m.artist, m.album, m.artwork.length])(navigator.mediaSession.metadata)")
    assert session == ["The clock that is late on purpose", "Slow Light Radio", "Slow Light", 1]


def test_the_embedded_player_plays(open_page, site):
    page = open_page(f"{site.origin}/embed/episode-3.html", viewport={"width": 360, "height": 200})
    page.locator("[data-do=play]").click()
    heard(page, 0.1)
    assert page.evaluate("document.documentElement.scrollHeight") <= 200


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
    page.locator("[data-do=share]").click()
    page.locator("[data-do=native]").click()
    assert page.evaluate("window.shared.url").endswith("/episodes/episode-3.html#t=30")
    context.close()


def test_where_there_is_none_it_is_not_offered(browser, open_page, site):
    context = browser.new_context()
    context.add_init_script("navigator.share = undefined;")
    page = open_page(f"{site.origin}/{PAGE}", context=context)
    page.locator("[data-do=share]").click()
    assert page.locator("[data-do=copy]").is_visible()
    assert page.locator("[data-do=native]").is_hidden()
    context.close()


def test_a_frame_tells_the_page_around_it_how_high_it_is(open_page, site):
    (site.folder / "around.html").write_text(
        "<!doctype html><link rel=icon href='data:,'><script>addEventListener('message', (event) => { window.told = JSON.parse(event.data); });</script>"
        '<iframe src="embed/episode-3.html?t=27" width="600" height="400"></iframe>'
    )
    page = open_page(f"{site.origin}/around.html")
    until(page, "window.told?.context === 'iframe.resize'")
    assert 80 < page.evaluate("window.told.height") <= 400
    assert page.frames[1].locator("[data-show=elapsed]").inner_text() == "0:27"
