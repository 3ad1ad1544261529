"""A transcript of 3,000 cues: what searching, playing and reading it cost, counted; and how words in it are found."""

import pytest

from tests.support import sample_pages
from tests.support.listening import found, heard, until
from tests.support.needs import needs

pytestmark = needs("browser", "chromium", "ffmpeg")

CUES = 3000
WORDS = ("der", "Leuchtturm", "zwanzig-zwanzig", "hat’s", "Straße", "und", "niemand", "ＡＢＣ", "Größe", "E-Mail", "naïve", "zehn")
PAGE = "episodes/long.html"
# What is read of the transcript in one go, and what is asked of the page: counted from before the page's own scripts.
COUNTING = """
window.reads = []; window.asked = 0; window.measured = 0;
let open = false;
const end = new MessageChannel();
end.port1.onmessage = () => { open = false; };
const data = Object.getOwnPropertyDescriptor(CharacterData.prototype, "data");
Object.defineProperty(CharacterData.prototype, "data", {...data, get() {
  if (!open) { open = true; window.reads.push(0); end.port2.postMessage(0); }
  window.reads[window.reads.length - 1] += 1;
  return data.get.call(this);
}});
for (const kind of [Document, Element]) {
  const every = kind.prototype.querySelectorAll;
  kind.prototype.querySelectorAll = function (selector) { window.asked += 1; return every.call(this, selector); };
}
const box = Element.prototype.getBoundingClientRect;
Element.prototype.getBoundingClientRect = function () { window.measured += 1; return box.call(this); };
"""
CHANGES = """
window.changed = [];
new MutationObserver((records) => { for (const record of records) window.changed.push(record.target.className || record.target.nodeName); })
  .observe(document.querySelector(".timeline"), {subtree: true, childList: true, attributes: true, characterData: true});
"""


@pytest.fixture(scope="module")
def look():
    return {"viewport": {"width": 1280, "height": 720}}


@pytest.fixture(scope="module")
def long_page(site):
    """A page of 3,000 cues in the minute that the made-up recording lasts, and its address."""
    lines = [
        (f"Voice {number // 9 % 4}", " ".join(WORDS[(number * 7 + step * 5) % len(WORDS)] for step in range(9)) + f" {number}.")
        for number in range(CUES)
    ]
    view = sample_pages.make_view(sample_pages.make_episode(3, site=site.origin, slug="long"), cues=sample_pages.cues_of(lines, every=0.02))
    made = sample_pages.make_site(sample_pages.make_settings(site=site.origin), sample_pages.make_show(site=site.origin), [view])
    sample = {key: body for key, body in made.items() if "long" in key or key.startswith("assets/")}
    for key, body in sample.items():
        target = site.folder / key
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(body)
    return f"{site.origin}/{PAGE}"


@pytest.fixture
def counted(browser, long_page, open_page):
    context = browser.new_context(viewport={"width": 1280, "height": 720})
    context.add_init_script(COUNTING)
    page = open_page(long_page, context=context)
    page.evaluate(CHANGES)
    yield page
    context.close()


def search(page, text, label):
    page.locator("#find").fill(text)
    until(page, f"document.querySelector('.hits').value === '{label}'")


def test_a_search_changes_no_element_and_reads_a_hundred_cues_at_a_time(counted):
    elements = counted.evaluate("document.querySelectorAll('*').length")
    search(counted, "Leuchtturm", "1 of 2250")
    search(counted, "d", "1 of 6750")
    until(counted, "CSS.highlights.get('found').size > 0")
    assert counted.evaluate("document.querySelectorAll('*').length") == elements
    assert counted.evaluate("window.changed") == []
    reads = counted.evaluate("window.reads")
    assert sum(reads) >= CUES
    assert max(reads) <= 300
    assert counted.evaluate("CSS.highlights.get('found').size") < 1000  # what is in sight alone
    search(counted, "zebra", "Nothing found")
    assert sum(counted.evaluate("window.reads")) < 2.5 * CUES  # read once, in each of the ways to spell


def test_what_is_found_far_away_comes_into_sight(counted):
    for number in (2501, 17, 1234, 2999):
        search(counted, f"{WORDS[(number * 7 + 40) % len(WORDS)]} {number}", "1 of 1")
        until(counted, "(b => b.top > 60 && b.bottom < innerHeight - 60)([...CSS.highlights.get('here')][0].getBoundingClientRect())")


def test_an_address_with_a_time_leads_to_its_place_in_a_long_transcript(open_page, long_page):
    for width, second in ((1280, 41), (360, 58), (360, 3)):
        page = open_page(f"{long_page}#t={second}", viewport={"width": width, "height": 700})
        until(page, "(b => b.top > 0 && b.bottom < innerHeight)(document.querySelector('.cue[aria-current]').getBoundingClientRect())")
        page.wait_for_timeout(400)
        assert page.evaluate(
            "(b => b.top > 0 && b.bottom < innerHeight)(document.querySelector('.cue[aria-current]').getBoundingClientRect())"
        )


def test_playing_changes_two_cues_at_a_time_and_asks_nothing_of_the_whole_page(counted):
    counted.evaluate("""() => {
      const audio = document.querySelector('audio');
      window.ticks = 0;
      audio.addEventListener('timeupdate', () => { window.ticks += 1; });
    }""")
    counted.locator("[data-do=play]").click()
    heard(counted, 0.2)
    counted.evaluate("window.asked = window.measured = window.ticks = 0; window.changed.length = 0")
    until(counted, "window.ticks >= 6")
    asked, measured, ticks, changed = counted.evaluate("[window.asked, window.measured, window.ticks, window.changed.length]")
    assert asked == 0
    assert measured <= 4 * ticks
    assert changed <= 2 * (ticks + 1)


def test_what_is_far_is_not_laid_out(counted):
    counted.wait_for_timeout(200)
    laid = counted.evaluate(
        "[...document.querySelectorAll('.cue')].filter((cue) => cue.checkVisibility({contentVisibilityAuto: true})).length"
    )
    assert laid < CUES / 3


def test_a_selection_looks_at_a_handful_of_cues(counted):
    counted.evaluate("""() => {
      window.looked = 0;
      const meets = Range.prototype.intersectsNode;
      Range.prototype.intersectsNode = function (node) { window.looked += 1; return meets.call(this, node); };
      const cue = document.querySelectorAll('.cue')[1500];
      cue.scrollIntoView({block: 'center'});
      getSelection().selectAllChildren(cue);
      cue.dispatchEvent(new PointerEvent('pointerup', {bubbles: true}));
    }""")
    counted.locator(".quoting").wait_for(state="visible")
    assert counted.evaluate("window.looked") <= 10


@pytest.fixture
def page(visit, site):
    lines = [
        ("", "Don’t panic, sagte er."),
        ("", "It is twenty-twenty, und die Straße ist naß."),
        ("", "ＡＢＣ und ﾃｽﾄ stehen in voller Breite."),
        ("", "Die E\u2011Mail kam an,\u00a0sagte\u2009sie."),
        ("", "Das Brötchen, der Œuvre und Ægir."),
        ("", "Þórr, Łódź und ΟΔΟΣ."),
        ("", "Soft\u00adhyphen und 𝐁old."),
        ("", "قالَ مَرْحَبًا"),
        ("", "A (round) one* and a + b?"),
    ]
    view = sample_pages.make_view(sample_pages.make_episode(3, site=site.origin, slug="folds"), cues=sample_pages.cues_of(lines, every=5))
    made = sample_pages.make_site(sample_pages.make_settings(site=site.origin), sample_pages.make_show(site=site.origin), [view])
    for key, body in made.items():
        if "folds" in key:
            target = site.folder / key
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(body)
    return visit("episodes/folds.html")


FOLDS = [
    *(("don't", "Don’t"), ("dont", "Don’t"), ("DON‘T", "Don’t"), ("twenty twenty", "twenty-twenty"), ("twentytwenty", "twenty-twenty")),
    *(("twenty–twenty", "twenty-twenty"), ("strasse", "Straße"), ("STRASSE", "Straße"), ("straße", "Straße"), ("nass", "naß")),
    *(
        ("abc", "ＡＢＣ"),
        ("ａｂｃ", "ＡＢＣ"),
        ("テスト", "ﾃｽﾄ"),
        ("email", "E\u2011Mail"),
        ("e-mail", "E\u2011Mail"),
        ("e mail", "E\u2011Mail"),
    ),
    *(("sagte sie", "sagte sie"), ("broetchen", "Brötchen"), ("brotchen", "Brötchen"), ("oeuvre", "Œuvre"), ("aegir", "Ægir")),
    *(("thorr", "Þórr"), ("lodz", "Łódź"), ("οδος", "ΟΔΟΣ"), ("softhyphen", "Soft\u00adhyphen"), ("bold", "𝐁old")),
    *(("مرحبا", "مَرْحَبًا"), ("(round)", "(round)"), ("one*", "one*"), ("a + b?", "a + b?")),
]


def test_words_are_found_however_they_are_spelled(page):
    for query, text in FOLDS:
        page.locator("#find").fill("")
        until(page, "CSS.highlights.get('here').size === 0")
        page.locator("#find").fill(query)
        until(page, "document.querySelector('.hits').value !== ''")
        assert found(page, "here") == [text], query
    for query in ("therapist", "...", "--", "["):
        page.locator("#find").fill("")
        until(page, "CSS.highlights.get('here').size === 0")
        page.locator("#find").fill(query)
        page.wait_for_timeout(300)
        assert page.evaluate("document.querySelector('.hits').value") in {"Nothing found", ""}, query
