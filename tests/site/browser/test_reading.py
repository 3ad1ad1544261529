"""Pages as they are read: without a script, narrow and wide, light and dark, by keyboard, right to left, on paper."""

from dataclasses import replace

import pytest

from tests.support import odd_pages, sample_pages
from tests.support.needs import needs
from tests.support.show_factory import picture

pytestmark = needs("browser", "chromium", "ffmpeg")

PAGE = "episodes/episode-3.html"
PAGES = [
    "index.html",
    PAGE,
    "episodes/episode-1.html",
    "people.html",
    "subscribe.html",
    "404.html",
    "archive/1.html",
    "episodes/gone.html",
    "embed/episode-3.html",
]
SIDEWAYS = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
# A WCAG 2.2 contrast check of everything that shows text, by the colours that the browser computed.
FAINT = """() => {
  const parse = (text) => {
    const [r, g, b, a] = text.match(/[\\d.]+/g).map(Number);
    const scale = text.startsWith("color(srgb") ? 255 : 1;
    return [r * scale, g * scale, b * scale, a ?? 1];
  };
  const linear = (part) => (part /= 255) <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  const light = ([r, g, b]) => 0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b);
  const found = [];
  for (const el of document.querySelectorAll("body *")) {
    if (![...el.childNodes].some((node) => node.nodeType === 3 && node.data.trim())) continue;
    if (!el.checkVisibility({opacityProperty: true, visibilityProperty: true})) continue;
    if (el.closest(".hush, .skip, option, script, svg")) continue;
    let ground = [255, 255, 255];
    const chain = [];
    for (let up = el; up; up = up.parentElement) chain.unshift(parse(getComputedStyle(up).backgroundColor));
    for (const [r, g, b, a] of chain) ground = [0, 1, 2].map((i) => [r, g, b][i] * a + ground[i] * (1 - a));
    const [high, low] = [light(parse(getComputedStyle(el).color)), light(ground)].sort((a, b) => b - a);
    if ((high + 0.05) / (low + 0.05) < 4.5) found.push(el.outerHTML.slice(0, 80));
  }
  return found;
}"""


@pytest.fixture(scope="module")
def odd(site):
    """Shows at their limits, beside the made-up one."""
    odd_pages.write_odd_site(site.folder, odd_pages.odd_site(site.origin))


def test_every_page_keeps_to_its_width_and_every_text_stands_out(visit, odd, look):
    for key in (*PAGES, f"{PAGE}#t=25", *odd_pages.ODD.values()):
        page = visit(key)
        assert page.evaluate(SIDEWAYS) == 0, key
        assert page.evaluate(FAINT) == [], key
        page.troubles[:] = [text for text in page.troubles if "404" not in text]  # no documents stand beside the odd pages


@pytest.mark.parametrize(
    ("width", "options"),
    [(320, {}), (768, {}), (640, {"device_scale_factor": 2}), (320, {"has_touch": True, "is_mobile": True}), (320, {"text": "2"})],
    ids=["320", "768", "1280 at a zoom of 200 %", "phone", "largest text"],
)
def test_nothing_runs_out_sideways(browser, site, odd, width, options):
    text = options.get("text")
    context = browser.new_context(
        viewport={"width": width, "height": 450}, **{key: value for key, value in options.items() if key != "text"}
    )
    if text:
        context.add_init_script(f"try {{ localStorage.setItem('airdate:text', '{text}') }} catch {{}}")
    page = context.new_page()
    for key in (*PAGES, *odd_pages.ODD.values()):
        page.goto(f"{site.origin}/{key}")
        assert page.evaluate(SIDEWAYS) == 0, key
        if page.locator(".player").count():
            assert page.locator("[data-do=play]").bounding_box()["width"] > 40, key
    context.close()


@pytest.mark.parametrize("title", ["Donaudampfschifffahrtsgesellschaft" * 6, "long " * 40, "長い題名" * 50])
def test_a_very_long_title_stays_in_its_place(open_page, site, title):
    show = sample_pages.make_show(site=site.origin, title=title)
    view = sample_pages.make_view(
        replace(sample_pages.make_episode(8, site=site.origin, title=title[:200]), transcripts=(), chapters_document=None)
    )
    made = sample_pages.make_site(sample_pages.make_settings(site=site.origin), show, [view])
    for key in ("episodes/episode-8.html", "embed/episode-8.html"):
        (site.folder / key).write_bytes(made[key])
        page = open_page(f"{site.origin}/{key}", viewport={"width": 320, "height": 700})
        assert page.evaluate(SIDEWAYS) == 0
        assert page.locator("[data-do=play]").bounding_box()["width"] > 40


@pytest.mark.parametrize("width", [320, 1280])
def test_chapters_with_pictures_stand_in_columns_and_their_titles_have_room(open_page, site, width):
    art = site.folder / "art" / "square-1a2b3c4d.png"
    art.parent.mkdir(exist_ok=True)
    art.write_bytes(picture(600, 400))
    images = (f"{site.origin}/art/{art.name}", "", f"{site.origin}/art/{art.name}")
    chapters = tuple(replace(chapter, image=image) for chapter, image in zip(sample_pages.CHAPTERS, images, strict=True))
    episode = replace(sample_pages.make_episode(9, site=site.origin), chapters=chapters)
    made = sample_pages.make_site(
        sample_pages.make_settings(site=site.origin), sample_pages.make_show(site=site.origin), [sample_pages.make_view(episode)]
    )
    (site.folder / "episodes/episode-9.html").write_bytes(made["episodes/episode-9.html"])
    page = open_page(f"{site.origin}/episodes/episode-9.html", viewport={"width": width, "height": 800})
    rows = page.evaluate("""() => [...document.querySelectorAll(".chapter")].map((row) =>
      [".thumb", ".at", ".name"].map((part) => row.querySelector(part)?.getBoundingClientRect().toJSON()))""")
    for thumb, at, name in rows:
        assert thumb is None or (thumb["right"] <= at["left"] and thumb["top"] < name["bottom"] and thumb["bottom"] > name["top"])
        assert at["right"] <= name["left"] or at["bottom"] <= name["top"] + 1
        assert name["width"] > min(width / 3.5, 150)  # on a wide screen the list stands beside the transcript
    assert len({name["left"] for _, _, name in rows}) == 1


def test_without_a_script_everything_can_be_read_heard_and_reached(open_page, site):
    page = open_page(f"{site.origin}/{PAGE}", java_script_enabled=False)
    assert page.locator("audio").bounding_box()["width"] > 250
    assert page.locator("audio").get_attribute("controls") is not None
    assert page.locator(".controls").is_hidden()
    assert page.locator(".find").is_hidden()
    assert page.locator(".cue").count() == 12
    assert page.get_by_role("heading", name="Transcript").is_visible()


@pytest.mark.parametrize("link", [".notes a.time", ".chapter >> nth=2", ".cue a[href='#t=35']"])
def test_without_a_script_a_time_leads_to_its_place(open_page, site, link):
    page = open_page(f"{site.origin}/{PAGE}", java_script_enabled=False, viewport={"width": 800, "height": 500})
    target = page.locator(link).get_attribute("href")
    page.locator(link).click()
    assert page.url.endswith(target)
    box = page.locator(f"[id='{target[1:]}']").bounding_box()
    assert 0 <= box["y"] < 500


def test_the_tab_key_meets_skip_links_first_and_a_paragraph_once(open_page, site):
    page = open_page(f"{site.origin}/{PAGE}")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the player"
    assert page.locator(".skip").first.bounding_box()["y"] >= 0
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "player"
    stops = page.evaluate("[...document.querySelectorAll('.timeline a')].filter((a) => a.tabIndex >= 0).length")
    assert stops == 3 + 9  # headings and paragraphs, not cues


def test_what_one_presses_is_large_enough_for_a_finger(open_page, site):
    page = open_page(f"{site.origin}/{PAGE}", viewport={"width": 360, "height": 780}, has_touch=True, is_mobile=True)
    small = page.evaluate(
        """() => [...document.querySelectorAll("button, select, .chip, .chapter, header.site a, .files a, .neighbours a")]
        .filter((el) => el.checkVisibility() && !el.closest(".find"))
        .filter((el) => Math.min(el.getBoundingClientRect().height, el.getBoundingClientRect().width) < 43.5)
        .map((el) => el.outerHTML.slice(0, 90))"""
    )
    assert small == []


def test_the_chosen_appearance_is_kept(open_page, site, browser):
    context = browser.new_context(color_scheme="light")
    page = open_page(f"{site.origin}/index.html", context=context)
    button = page.locator("#appearance")
    light = page.evaluate("getComputedStyle(document.documentElement).backgroundColor")
    button.click()
    button.click()
    assert button.get_attribute("aria-label") == "Appearance: dark"
    other = open_page(f"{site.origin}/{PAGE}", context=context)
    dark = other.evaluate("getComputedStyle(document.documentElement).backgroundColor")
    assert dark != light
    context.close()


def test_a_page_in_arabic_runs_from_right_to_left(open_page, site):
    show = sample_pages.make_show(site=site.origin, language="ar")
    episode = sample_pages.make_episode(7, site=site.origin, title="الساعة التي تتأخر عمدًا")
    made = sample_pages.make_site(
        sample_pages.make_settings(site=site.origin),
        show,
        [sample_pages.make_view(replace(episode, transcripts=(), chapters_document=None))],
    )
    for key, body in made.items():
        if "episode-7" in key:
            (site.folder / key).write_bytes(body)
    page = open_page(f"{site.origin}/episodes/episode-7.html")
    cover, title = page.locator(".cover").bounding_box(), page.locator("h1").bounding_box()
    assert cover["x"] > title["x"]
    assert page.evaluate(SIDEWAYS) == 0
    time, words = page.locator(".said .at").first.bounding_box(), page.locator(".cue").first.bounding_box()
    assert time["x"] >= words["x"] + words["width"]  # in the margin, which is on the right
    page.locator(".seek").focus()
    page.keyboard.press("ArrowLeft")  # forward is to the left
    assert page.locator("[data-show=elapsed]").inner_text() == "0:05"


def test_nothing_jumps_when_the_script_takes_over(open_page, site, browser):
    context = browser.new_context(viewport={"width": 360, "height": 780})
    context.add_init_script(
        """window.shift = 0;
        new PerformanceObserver((list) => { for (const entry of list.getEntries()) window.shift += entry.value; })
          .observe({type: "layout-shift", buffered: true});"""
    )
    page = open_page(f"{site.origin}/{PAGE}", context=context)
    page.wait_for_timeout(500)
    assert page.evaluate("window.shift") < 0.01
    context.close()


def test_on_paper_the_transcript_stands_with_its_times_and_the_player_does_not(open_page, site):
    page = open_page(f"{site.origin}/{PAGE}")
    page.emulate_media(media="print")
    assert page.locator(".player-place").is_hidden()
    assert page.locator(".toolbar").is_hidden()
    assert page.locator(".said .at").first.is_visible()


def test_in_forced_colours_the_current_sentence_is_still_marked(open_page, site):
    page = open_page(f"{site.origin}/{PAGE}#t=25", forced_colors="active")
    here = page.evaluate("getComputedStyle(document.querySelector('.cue[aria-current]')).backgroundColor")
    other = page.evaluate("getComputedStyle(document.querySelector('.cue:not([aria-current])')).backgroundColor")
    assert here != other
