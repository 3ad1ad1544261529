"""The search page, with the keyboard, in a browser that obeys the page's policy."""

from __future__ import annotations


def asked(open_page, served, query, **options):
    page = open_page(f"{served.origin}/search.html", **options)
    page.locator("#q").fill(query)
    return page


def test_a_word_said_in_any_year_leads_to_its_second(served, open_page):
    page = asked(open_page, served, "porridge")
    hit = page.locator(".moment").first
    hit.wait_for()
    assert page.locator("#results h2").all_inner_texts() == ["Fog"]
    assert hit.locator(".when").inner_text() == "1:10"
    assert hit.locator("mark").all_inner_texts() == ["Porridge."]
    hit.click()
    page.wait_for_url("**/episodes/fog.html#t=70")
    assert page.locator("[data-show=elapsed]").inner_text() == "1:10"


def test_what_is_found_is_counted_and_stands_in_the_address(served, open_page):
    page = asked(open_page, served, "lighthouse")
    page.locator("#found", has_text="3 results").wait_for()
    assert page.url.endswith("?q=lighthouse")
    again = open_page(page.url)
    again.locator("#found", has_text="3 results").wait_for()


def test_the_arrow_keys_walk_through_the_results_and_back(served, open_page):
    page = asked(open_page, served, "lighthouse")
    page.locator(".moment").first.wait_for()
    page.locator("#q").focus()
    page.keyboard.press("ArrowDown")
    assert page.evaluate("document.activeElement.closest('h2') !== null")
    page.keyboard.press("ArrowDown")
    assert page.evaluate("document.activeElement.className") == "moment"
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowUp")
    assert page.evaluate("document.activeElement.id") == "q"


def test_text_that_looks_like_markup_stays_text(served, open_page):
    page = asked(open_page, served, "wicks")
    page.locator("#results article").first.wait_for()
    assert page.locator("#results h2").inner_text() == "Lamps & <i>wicks</i>"
    page.locator("#q").fill("eleven seconds")
    page.locator(".moment", has_text="<b>no</b>").first.wait_for()
    assert page.locator("#results i, #results b").count() == 0


def test_mended_words_and_plain_pages_are_found_and_hidden_ones_are_not(served, open_page):
    page = asked(open_page, served, "marmelade")
    page.locator("#found", has_text="1 result").wait_for()
    page.locator("#q").fill("inparticular")
    page.locator("#results h2", has_text="Imprint").wait_for()
    assert page.locator("#results h2 a").get_attribute("href").endswith("/imprint.html")
    page.locator("#q").fill("secretum")
    page.locator("#found", has_text="Nothing found").wait_for()
    assert page.locator("#results li").count() == 0


def test_the_box_on_the_home_page_leads_here(served, open_page):
    page = open_page(f"{served.origin}/index.html")
    page.locator("form[role=search] input").fill("quicksilver")
    page.keyboard.press("Enter")
    page.wait_for_url("**/search.html?q=quicksilver")
    page.locator("#found", has_text="1 result").wait_for()


def test_without_a_script_a_sentence_leads_to_all_episodes(served, open_page):
    page = open_page(f"{served.origin}/search.html?q=lamp", java_script_enabled=False)
    assert "Search needs JavaScript." in page.locator("#search").inner_text()
    assert page.locator("#search noscript a, #search p a").first.get_attribute("href") == "index.html#episodes"


def test_an_index_that_does_not_load_says_so(served, open_page):
    page = open_page(f"{served.origin}/subscribe.html")
    page.route("**/pagefind-entry.json*", lambda route: route.abort())
    page.goto(f"{served.origin}/search.html?q=lamp")
    page.locator("#found", has_text="does not load").wait_for()
    assert page.troubles
    page.troubles.clear()  # of the request that was cut off


def test_a_narrow_page_does_not_scroll_sideways(served, open_page):
    page = asked(open_page, served, "lighthouse", viewport={"width": 320, "height": 640})
    page.locator(".moment").first.wait_for()
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
