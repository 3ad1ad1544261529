"""The full show as a designer looks at it: what lies over what, what is cut, what stands in line with what; measured."""

from __future__ import annotations

import pytest

from tests.support import full_show as show
from tests.support.listening import until
from tests.support.needs import needs

pytestmark = needs("browser", "chromium")
EPISODE, BARE, ARABIC = (f"episodes/{slug}.html" for slug in (show.FULL, show.BARE, show.ARABIC))
PHONES = (320, 360, 390)
WIDTHS = (320, 360, 768, 1280, 1920)
BOX = "(name) => { const box = document.querySelector(name).getBoundingClientRect(); return [box.left, box.top, box.right, box.bottom]; }"
LEFT, TOP, RIGHT, BOTTOM = range(4)


@pytest.fixture(scope="module")
def tab(browser, full_show):
    """Opens a page of the full show at a width; one tab, which remembers nothing."""
    page = browser.new_page()
    page.add_init_script("try { localStorage.clear(); } catch {}")

    def open_(key: str, width: int):
        page.set_viewport_size({"width": width, "height": 780 if width < 700 else 900})
        page.goto("about:blank")
        page.goto(f"{full_show.origin}/{key}")
        return page

    yield open_
    page.close()


def edges(page, names: str, side: str) -> set[int]:
    """Where each of them begins or ends, in whole pixels."""
    return set(
        page.evaluate(
            "([names, side]) => [...document.querySelectorAll(names)].map((one) => Math.round(one.getBoundingClientRect()[side]))",
            [names, side],
        )
    )


@pytest.mark.parametrize("width", PHONES)
def test_the_ways_from_hit_to_hit_stay_in_their_field(tab, width):
    page = tab(EPISODE, width)
    page.locator("#find").fill("Nebel")
    page.wait_for_selector("[data-do=hit-next]:not([disabled])")
    field = page.evaluate(BOX, ".find")
    for name in ("[data-do=hit-back]", "[data-do=hit-next]", ".hits"):
        box = page.evaluate(BOX, name)
        assert field[LEFT] <= box[LEFT], name
        assert box[RIGHT] <= field[RIGHT], name
    page.locator("#find").fill("")
    page.wait_for_selector(".follow:visible")


@pytest.mark.parametrize("width", WIDTHS)
def test_the_player_leaves_the_end_of_the_page_free(tab, width):
    page = tab(BARE, width)
    page.evaluate("scrollTo(0, document.documentElement.scrollHeight)")
    page.wait_for_selector(".docked")
    page.evaluate("scrollTo(0, document.documentElement.scrollHeight)")
    assert page.evaluate(BOX, "#appearance")[BOTTOM] <= page.evaluate(BOX, ".player")[TOP] - 24


@pytest.mark.parametrize("width", WIDTHS)
def test_a_badge_is_whole_where_a_line_begins_with_it(tab, width):
    page = tab(EPISODE, width)
    facts = page.evaluate(BOX, ".facts")
    badge = page.evaluate(BOX, ".facts .badge")
    assert facts[LEFT] <= badge[LEFT] < badge[RIGHT] <= facts[RIGHT]


@pytest.mark.parametrize("width", WIDTHS)
def test_the_ring_around_a_link_is_whole_and_no_point_begins_a_line(tab, width):
    page = tab(EPISODE, width)
    rows = page.evaluate("""(() => {
        const facts = document.querySelector(".facts"), edge = facts.getBoundingClientRect().left;
        return [...facts.querySelectorAll("li")].map((one) => {
            const gap = parseFloat(getComputedStyle(facts).columnGap);
            return [one.getBoundingClientRect().left - edge, gap, one.querySelector("a") !== null];
        });
    })()""")
    assert any(link for _, _, link in rows)
    for left, gap, link in rows:
        if link:
            assert left >= 5, "the ring is 2 px, 3 px away"
        first = left < gap
        assert not first or left < gap / 2 - 1.5, "the point before it is cut off"


def test_what_stands_below_one_another_stands_in_line(tab):
    for width in WIDTHS:
        page = tab(EPISODE, width)
        assert len(edges(page, ".chapters .quiet", "right")) == 1, width
        assert len(edges(page, ".bite .name", "left")) == 1, width
        if width == 768:
            assert len(edges(page, ".chapters .lasts", "right")) == 1
    page = tab(EPISODE, 768)
    follow, more = page.evaluate(BOX, ".follow"), page.evaluate(BOX, ".toolbar .drop")
    assert more[LEFT] - follow[RIGHT] < 16


@pytest.mark.parametrize("width", [320, 1280])
def test_an_episode_that_runs_the_other_way_does_so_in_its_player_and_its_chapters(tab, width):
    page = tab(ARABIC, width)
    first = page.evaluate("""() => {
        const range = document.createRange(), text = document.querySelector(".now span").firstChild;
        range.setStart(text, 0);
        range.setEnd(text, 1);
        return [range.getBoundingClientRect().right, document.querySelector(".now").getBoundingClientRect().right];
    }""")
    assert first[0] <= first[1] + 1, "a title that is too long begins where it is seen"
    stamp, name, lasts = (page.evaluate(BOX, f".chapter {part}") for part in (".at", ".name", ".lasts"))
    assert stamp[LEFT] >= name[RIGHT] - 1, "the time stands before the title"
    assert page.evaluate("getComputedStyle(document.querySelector('.chapter .lasts')).direction") == "ltr"
    if width == 320:
        assert abs(lasts[RIGHT] - name[RIGHT]) < 2, "what stands below the title begins with it"
    policy, said = page.evaluate(BOX, ".policy"), page.evaluate(BOX, ".timeline")
    assert page.evaluate("getComputedStyle(document.querySelector('.policy')).paddingInlineStart") == "0px"
    assert policy[LEFT] == said[LEFT]


_BROKEN = r"""() => {
    const found = [], walk = document.createTreeWalker(document.querySelector("main"), NodeFilter.SHOW_TEXT), range = document.createRange();
    while (walk.nextNode()) {
        const text = walk.currentNode, parent = text.parentElement;
        if (!parent.checkVisibility() || parent.closest("script, .long .said")) continue;
        for (const word of text.data.matchAll(/(?<![\p{L}\p{M}])[\p{L}\p{M}]{2,11}(?![\p{L}\p{M}])/gu)) {
            if (/[\u3040-\u30ff\u4e00-\u9fff]/.test(word[0])) continue;
            range.setStart(text, word.index);
            range.setEnd(text, word.index + word[0].length);
            const boxes = [...range.getClientRects()];
            if (boxes.some((box) => box.top > boxes[0].bottom - 2)) found.push(word[0]);
        }
    }
    return found;
}"""


@pytest.mark.parametrize("key", ["index.html", "archive/1.html", "people.html", "people/voice0.html", EPISODE, BARE, "search.html?q=Nebel"])
def test_no_word_of_common_length_breaks_on_the_smallest_phone(tab, key):
    page = tab(key, 320)
    if "?" in key:
        page.wait_for_selector(".moment")
    assert page.evaluate(_BROKEN) == []


def test_the_rail_of_a_small_frame_ends_where_its_box_does(tab):
    page = tab(f"embed/{show.FULL}.html", 320)
    pad = page.evaluate("parseFloat(getComputedStyle(document.querySelector('.controls')).paddingRight)")
    assert page.evaluate(BOX, ".controls")[RIGHT] - page.evaluate(BOX, ".rail")[RIGHT] <= pad + 2


def test_a_date_in_a_heading_stays_whole(tab):
    page = tab("archive/1.html", 320)
    lines = page.evaluate("""[...document.querySelectorAll("h1 .day")].map((day) => {
        const range = document.createRange();
        range.selectNodeContents(day);
        return new Set([...range.getClientRects()].map((box) => Math.round(box.top / 8))).size;
    })""")
    assert lines == [1, 1]
    assert " ".join(page.locator("h1").inner_text().split()) == "Folgen, 1. Februar 2026 – 30. Mai 2026"


@pytest.mark.parametrize("width", [320, 360, 1280])
def test_what_the_player_says_of_itself_is_not_cut(tab, width):
    page = tab(EPISODE + "#t=3723", width)
    page.wait_for_selector(".docked")
    assert page.locator("[data-show=elapsed]").is_visible()
    until(page, "scrollTo(0, 0) ?? !document.querySelector('.docked')")
    said = page.evaluate(
        "(() => { const one = document.querySelector('.status'); return [one.textContent, one.scrollWidth - one.clientWidth]; })()"
    )
    assert said == ["Beginnt bei 1:02:03", 0]


def test_what_a_field_asks_for_ends_in_dots_where_it_is_too_long_and_can_be_read(tab):
    page = tab("index.html", 320)
    shown = page.evaluate("""(() => {
        const field = document.querySelector("#q"), probe = document.createElement("span");
        probe.className = "soft";
        document.body.append(probe);
        return [getComputedStyle(field).textOverflow, getComputedStyle(field, "::placeholder").color === getComputedStyle(probe).color];
    })()""")
    assert shown == ["ellipsis", True]


def test_the_foot_uses_the_width_there_is(tab):
    page = tab("index.html", 1280)
    assert page.evaluate(BOX, "ul.feet")[LEFT] >= page.evaluate(BOX, "div.feet")[RIGHT]
    for width in (768, 1280, 1920):
        page.set_viewport_size({"width": width, "height": 900})
        assert len(edges(page, "ul.feet li", "top")) <= 2, width
        assert page.evaluate(BOX, "#appearance")[TOP] <= page.evaluate(BOX, "ul.feet li:nth-last-child(2)")[BOTTOM], (
            "no sign alone in a line"
        )


def test_headings_of_two_lines_are_one_heading(tab):
    page = tab("index.html", 320)
    high = page.evaluate("""[...document.querySelectorAll("h1, h2, h3")].map((one) => {
        const style = getComputedStyle(one);
        return parseFloat(style.lineHeight) / parseFloat(style.fontSize);
    })""")
    assert max(high) <= 1.36


def test_the_way_here_is_cut_at_its_end(tab):
    page = tab(EPISODE, 768)
    assert page.evaluate("(() => { const one = document.querySelector('.trail a'); return one.scrollWidth - one.clientWidth; })()") == 0


def test_an_arrow_follows_the_words_it_belongs_to(tab):
    page = tab("people.html", 320)
    gaps = page.evaluate("""[...document.querySelectorAll(".crowd ul .icon")].map((icon) => {
        const range = document.createRange();
        range.selectNodeContents(icon.previousSibling);
        const [end, box] = [[...range.getClientRects()].at(-1), icon.getBoundingClientRect()];
        return [box.left - end.right, Math.abs((box.top + box.bottom - end.top - end.bottom) / 2)];
    })""")
    assert gaps
    assert all(-1 <= along < 12 and off < 6 for along, off in gaps), gaps
