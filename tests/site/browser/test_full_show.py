"""The full show, page by page: what it weighs, where its lines break, which way its words run."""

from __future__ import annotations

import gzip

import pytest
from lxml import html

from publisher.core import layout
from tests.support import full_show as show
from tests.support.needs import needs

pytestmark = needs("browser", "chromium")
EPISODE, BARE, ARABIC = (f"episodes/{slug}.html" for slug in (show.FULL, show.BARE, show.ARABIC))
WEIGHTS = {
    EPISODE: (180, 180, 133),
    BARE: (110, 60, 45),
    ARABIC: (110, 60, 45),
    f"episodes/{show.TRAILER}.html": (110, 60, 34),
    f"embed/{show.FULL}.html": (40, 40, 35),
    f"embed/{show.BARE}.html": (40, 40, 30),
    f"embed/{show.ARABIC}.html": (40, 40, 30),
    "index.html": (110, 60, 30),
    "archive/1.html": (10, 10, 25),
    "season-1.html": (90, 60, 25),
    "people.html": (150, 150, 30),
    "people/voice0.html": (30, 30, 25),
    "subscribe.html": (10, 10, 25),
    "ueber.html": (10, 10, 25),
    "search.html": (10, 10, 35),
    f"episodes/{show.GONE}.html": (10, 10, 25),
    "404.html": (10, 10, 25),
}
"""A page of each kind -> kB of pictures that it loads at once on a phone of 360 px (two dots a pixel) and at 1280 px, kB of text, styles and scripts."""
WIDTHS = (320, 360, 768, 1280, 1920)


@pytest.fixture(scope="module")
def tab(browser, full_show):
    """Opens a page of the full show at a width; one tab for each number of dots a pixel."""
    pages = {dots: browser.new_page(device_scale_factor=dots, color_scheme="light") for dots in (1, 2)}

    def open_(key: str, width: int, dots: int = 1):
        page = pages[dots]
        page.set_viewport_size({"width": width, "height": 780 if width < 700 else 900})
        page.goto(f"{full_show.origin}/{key}")
        return page

    yield open_
    for page in pages.values():
        page.close()


def test_a_page_of_each_kind_is_looked_at(full_show):
    def kinds(keys):
        return {layout.parse(key)[0].kind for key in keys}

    there = {path.relative_to(full_show.folder).as_posix() for path in full_show.folder.rglob("*.html")}
    assert there >= set(show.PAGES)
    assert kinds(show.PAGES) == kinds(there)
    assert WEIGHTS.keys() == set(show.PAGES)


@pytest.mark.parametrize("key", WEIGHTS)
@pytest.mark.parametrize(("width", "dots"), [(360, 2), (1280, 1)])
def test_a_page_loads_no_more_than_it_shows(browser, full_show, key, width, dots):
    context = browser.new_context(viewport={"width": width, "height": 780}, device_scale_factor=dots)
    page = context.new_page()
    answers = []

    def answered(answer):
        answers.append(answer)

    page.on("response", answered)
    page.goto(f"{full_show.origin}/{key}", wait_until="load")
    page.wait_for_timeout(100)
    pictures, words = 0, 0
    for answer in answers:
        if answer.request.resource_type == "image":
            pictures += len(answer.body())
            assert "artwork-" not in answer.url or answer.url.rpartition("artwork-")[2].count("-") == 1, f"the original: {answer.url}"
        elif answer.request.resource_type in ("document", "script", "stylesheet"):
            words += len(gzip.compress(answer.body(), 6))
    context.close()
    phone, desk, text = WEIGHTS[key]
    assert pictures <= 1000 * (phone if width == 360 else desk), f"{pictures:,} bytes of pictures"
    assert words <= 1000 * text, f"{words:,} bytes of words, styles and scripts, compressed"


@pytest.mark.parametrize("key", [EPISODE, BARE, f"embed/{show.FULL}.html", f"embed/{show.BARE}.html", "people.html", "season-1.html"])
def test_a_picture_is_no_larger_than_it_is_shown(tab, key):
    page = tab(key, 1280)
    page.evaluate("for (const image of document.images) image.loading = 'eager'")
    # a function, for an expression is read anew at each look, which the policy of the page forbids
    page.wait_for_function("() => [...document.images].every((image) => image.complete)")
    seen = page.evaluate("[...document.images].map((one) => [one.currentSrc, one.naturalWidth, one.clientWidth])")
    assert seen
    for address, has, shown in seen:
        assert has <= max(320 if shown >= 64 else 160, 1.5 * shown), f"{address}: {has} px for {shown}"


_BROKEN = """() => {
    const found = [];
    for (const stamp of document.querySelectorAll(".at, .notes a[href^='#t=']")) {
        const range = document.createRange();
        range.selectNodeContents(stamp);
        const lines = new Set([...range.getClientRects()].map((box) => Math.round(box.top)));
        if (lines.size > 1) found.push(`${stamp.textContent} in ${lines.size} lines`);
        const said = stamp.closest(".said, .part h3");
        if (!said) continue;
        const [text, place, style] = [range.getBoundingClientRect(), said.getBoundingClientRect(), getComputedStyle(said)];
        const room = parseFloat(style.paddingInlineStart) || parseFloat(style.gridTemplateColumns);
        const used = style.direction === "rtl" ? place.right - text.left : text.right - place.left;
        const dot = parseFloat(getComputedStyle(said, "::before").insetInlineStart) - 4; // and the ground around it
        if (said.localName === "h3" && used > dot) found.push(`${stamp.textContent} needs ${used}, the dot begins at ${dot}`);
        if (used > room - 12) found.push(`${stamp.textContent} needs ${used} of ${room}`);
    }
    return found;
}"""
_ROWS = """() => [...document.querySelectorAll(".chapters li")].map((row) => {
    const box = (name) => row.querySelector(name).getBoundingClientRect();
    return [box(".thumb"), box(".name"), box(".at"), row.getBoundingClientRect()].map((one) => [one.left, one.top, one.right, one.bottom]);
})"""


@pytest.mark.parametrize("key", [EPISODE, BARE, ARABIC])
def test_no_stamp_breaks_or_lies_over_the_words(tab, key):
    page = tab(key, WIDTHS[0])
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 800})
        assert page.evaluate(_BROKEN) == [], width


def test_no_stamp_from_ten_hours_on_breaks_or_lies_under_the_dot(tab):
    page = tab(EPISODE, WIDTHS[0])
    page.evaluate("""() => {
        document.querySelector(".hours").classList.replace("hours", "tens");
        for (const stamp of document.querySelectorAll(".part .at")) stamp.textContent = "10:00:00";
    }""")
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 800})
        assert page.evaluate(_BROKEN) == [], width


def test_the_first_letter_of_a_long_name_keeps_its_circle(tab):
    """Who has no portrait, among those with one."""
    for width in (320, 1280):
        page = tab(EPISODE, width)
        page.evaluate("""() => { for (const face of document.querySelectorAll(".people img")) {
            const letter = document.createElement("span");
            letter.className = "initial"; letter.textContent = "H"; face.replaceWith(letter);
            letter.nextElementSibling.firstElementChild.textContent = "Hubert Wolfeschlegelsteinhausenbergerdorff"; } }""")
        assert (
            page.evaluate(
                "[...document.querySelectorAll('.people .initial')].filter((one) => Math.abs(one.offsetWidth - one.offsetHeight) > 1).length"
            )
            == 0
        )


def test_a_chapter_has_its_picture_and_stamp_beside_its_title(tab):
    page = tab(EPISODE, WIDTHS[0])
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 800})
        rows = page.evaluate(_ROWS)
        assert len(rows) == show.CHAPTERS
        for thumb, name, at, row in rows:
            assert thumb[2] <= name[0], "the title stands beside the picture"
            assert at[2] <= name[0] or at[3] <= name[1] + 1, "the stamp stands beside the title or above it"
            assert row[3] - row[1] <= 160
            assert name[2] - name[0] >= 0.4 * (row[2] - row[0])


def test_twelve_people_leave_the_player_on_the_first_screen_of_a_phone(tab):
    for width in (320, 360):
        page = tab(EPISODE, width)
        assert page.locator(".hero .people li").count() == len(show.PEOPLE)
        assert page.evaluate("document.querySelector('.play').getBoundingClientRect().bottom") <= 780, width


def test_the_way_here_does_not_repeat_the_name_of_the_show(full_show):
    for path in full_show.folder.rglob("*.html"):
        page = html.fromstring(path.read_bytes())
        trail = [link.text_content().strip() for link in page.xpath("//nav[@class='trail']//li")]
        assert "Langsames Licht: Gespräche über Dinge, die warten" not in trail, path.name
        assert len(trail) != 1, f"{path.name}: a way of one step leads nowhere"


def test_words_of_another_direction_run_their_own_way(tab):
    page = tab(ARABIC, 1280)
    way = "(name) => getComputedStyle(document.querySelector(name)).direction"
    for name in ("h1", ".notes", ".said", ".chapter .name", ".now span"):
        assert page.evaluate(way, name) == "rtl", name
        assert page.evaluate("(name) => document.querySelector(name).closest('[lang]').lang", name) == "ar", name
    for name in ("#transcript-title", ".facts", ".toolbar", "#notes-title", ".acts"):
        assert page.evaluate(way, name) == "ltr", name
        assert page.evaluate("(name) => document.querySelector(name).closest('[lang]').lang", name) == "de", name
    for key in ("index.html", "archive/1.html", "season-2.html", f"embed/{show.ARABIC}.html", "people.html", BARE):
        page = tab(key, 1280)
        found = page.evaluate("""() => [...document.querySelectorAll("h1, h2, h3, b, li > a, .headline a, article > p")]
            .filter((one) => one.childElementCount === 0 && /[ء-ي]{3}/.test(one.textContent) && !one.closest(".people, .crowd h2"))
            .map((one) => [getComputedStyle(one).direction, one.closest("[lang]").lang])""")
        assert found, key
        assert {tuple(one) for one in found} == {("rtl", "ar")}, key


@pytest.mark.parametrize("width", [320, 1280])
def test_long_words_may_be_hyphenated_where_the_language_is_known(tab, width):
    for key, names in (
        (BARE, ("h1", ".notes p", ".said")),
        ("index.html", ("h1", ".latest h3", ".episodes h3:not([lang])", ".lead")),
    ):
        page = tab(key, width)
        for name in names:
            style = page.evaluate(
                "(name) => { const one = document.querySelector(name); return [getComputedStyle(one).hyphens, one.closest('[lang]').lang]; }",
                name,
            )
            assert style == ["auto", "de"], (key, name)
        assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") == 0


def test_cells_of_a_table_break_no_word_that_could_stay_whole(tab):
    page = tab(EPISODE, 768)
    lines = page.evaluate("""() => { const range = document.createRange(); range.selectNodeContents(document.querySelector(".notes tbody tr:last-child td"));
        return new Set([...range.getClientRects()].map((box) => box.top)).size; }""")
    assert lines == 1
