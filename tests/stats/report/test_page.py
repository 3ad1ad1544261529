"""The page of numbers: whole without a script, in the show's looks and language, and nothing that anybody asked with is markup."""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import re
from dataclasses import replace

import lxml.html
import pytest

from publisher.core.show_files import SourceFile
from publisher.load.config_tables import SubscribeTable
from publisher.site.parts.charts import ceiling
from publisher.site.parts.page_values import SiteSettings
from publisher.site.parts.theme import Theme
from publisher.site.parts.words import LANGUAGES
from publisher.stats.period import Period
from publisher.stats.report.page import NumbersPage
from publisher.stats.report.values import DailySum
from tests.support import node_parsers
from tests.support.needs import needs
from tests.support.sample_numbers import FIRST, SLUGS, TODAY, sample_numbers

SETTINGS = SiteSettings(url="https://podcast.example", subscribe=SubscribeTable())
NUMBERS = sample_numbers()
PICTURES = ("days", "first", "apps", "devices", "countries")


def page_of(show=NUMBERS, *, own=None, sums_only=False, asked=None, chosen=""):
    """The page as text."""
    page = NumbersPage(show, Theme(SETTINGS, own), TODAY, asked=asked, chosen=chosen, sums_only=sums_only)
    return page.html().decode()


def pictures(text):
    """By name: its heading, what it says of itself, and the rows of the table under it."""
    found = {}
    for picture in lxml.html.fromstring(text).xpath("//section[figure]"):
        name = picture.xpath("h2/@id")[0].removesuffix("-head")
        rows = [[cell.text_content() for cell in row] for row in picture.xpath(".//tbody/tr")]
        found[name] = picture.xpath("h2")[0].text_content(), picture.xpath("figure/svg/desc")[0].text_content(), rows
    return found


def test_each_picture_has_a_title_words_and_the_same_numbers_in_a_table():
    found = pictures(page_of())
    assert tuple(found) == PICTURES
    whole = sum(row.downloads for row in NUMBERS.sums)
    for name in ("days", "apps", "devices", "countries"):
        heading, said, rows = found[name]
        assert heading and said
        assert sum(int(row[1].replace(",", "")) for row in rows) == whole, name
    assert found["first"][2][0] == ["1", "1,530", "1,180"]
    assert found["first"][1].startswith("All downloads since an episode came out, day after day. Day 5: 2,959.")


def test_a_picture_draws_its_numbers():
    drawn = lxml.html.fromstring(page_of()).xpath("//figure[@class='bars']//rect")
    assert len(drawn) == 90
    most = max(drawn, key=lambda bar: float(bar.get("height")))
    assert most.xpath("title")[0].text == "June 25, 2026: 1,743"
    assert float(most.get("height")) == pytest.approx(180 * 1743 / 2000, abs=0.1)


def test_a_long_time_is_drawn_in_weeks_and_nothing_is_lost():
    long = Period(first=FIRST - dt.timedelta(days=400), last=TODAY)
    heading, said, rows = pictures(page_of(asked=long))["days"]
    assert heading == "Downloads by week"
    assert "in the week from" in said
    assert sum(int(row[1].replace(",", "")) for row in rows) == sum(row.downloads for row in NUMBERS.sums)


def test_the_episode_that_is_asked_for_is_the_one_that_is_drawn():
    assert "The sea was wrong" in pictures(page_of(chosen="the-sea-was-wrong"))["first"][0]
    assert "The last log book" in pictures(page_of(chosen="no-such-episode"))["first"][0]


def test_it_loads_nothing_runs_nothing_and_its_policy_knows_both_of_its_styles():
    text = page_of()
    page = lxml.html.fromstring(text)
    assert page.xpath("//script | //link | //img | //@style | //@onclick") == []
    policy = page.xpath("//meta[@http-equiv]/@content")[0]
    for style in re.findall(r"<style>(.*?)</style>", text, re.DOTALL):
        known = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
        assert f"'sha256-{known}'" in policy


def test_what_is_for_everybody_has_sums_alone():
    text = page_of(sums_only=True)
    assert tuple(pictures(text)) == ("days", "first")
    assert "Apple Podcasts" not in text and "Germany" not in text


def test_old_totals_stand_apart_and_method_and_limits_beside():
    page = lxml.html.fromstring(page_of())
    words = page.text_content()
    assert "3,465 from March 2, 2026 to March 31, 2026, counted by the old host’s own rules, and in none of the numbers above." in words
    assert "Podcast Technical Measurement Guidelines 2.3" in words and "within 24 hours of the first" in words
    assert (
        "Where the log has no ranges, a part of a recording counts by its bytes." in words
        and "3 lines of the logs could not be read." in words
    )
    assert "certified" not in words


def test_without_logs_there_is_a_page_that_says_so():
    text = page_of(replace(NUMBERS, counted=None, sums=(), unread=0, open_from=None))
    assert "No log was read yet, so nothing is counted." in text
    assert pictures(text) == {}


def test_a_show_whose_first_episode_is_not_out_and_one_of_a_single_day_have_pages():
    assert tuple(pictures(page_of(replace(NUMBERS, episodes=())))) == ("days", "apps", "devices", "countries")
    day = Period(first=FIRST, last=FIRST)
    single = replace(NUMBERS, counted=day, sums=(DailySum(date=FIRST, slug=SLUGS[0], downloads=1),), episodes=())
    assert pictures(page_of(single, asked=day))["days"][2] == [["April 1, 2026", "1"]]


def test_what_somebody_asked_with_is_text():
    evil = '"><script>alert(1)</script></title></svg>'
    show = replace(NUMBERS, title=evil, sums=(*NUMBERS.sums, DailySum(date=TODAY, slug=SLUGS[0], app=evil, device=evil, downloads=99_999)))
    page = lxml.html.fromstring(page_of(show, asked=Period(first=TODAY, last=TODAY)))
    assert page.xpath("//script") == []
    assert evil in page.text_content()


def test_the_shows_own_style_and_template_take_the_place_of_ours(tmp_path):
    def own(name, text):
        (tmp_path / name).write_text(text)
        return {name: SourceFile(name=f"theme/{name}", path=tmp_path / name, digest="", root=tmp_path)}

    assert "outline: 7px solid teal" in page_of(own=own("site.css", "body { outline: 7px solid teal }"))
    template = "{% for picture in pictures %}{{ picture.name }} {{ picture.chart.height }} {% endfor %}"
    assert page_of(own=own("stats.html", template)).split()[:2] == ["days", "218"]


@pytest.mark.parametrize(("value", "top"), [(0, 2), (1, 2), (2, 2), (3, 4), (9, 10), (10, 10), (11, 20), (1746, 2000), (61_000, 80_000)])
def test_the_highest_line_of_a_grid_is_a_round_number_that_has_a_half(value, top):
    assert ceiling(value) == top


@pytest.fixture(scope="module")
def shown(tmp_path_factory):
    """The page in each language, on a disk."""
    folder = tmp_path_factory.mktemp("numbers")
    for language in LANGUAGES:
        (folder / f"{language}.html").write_text(page_of(sample_numbers(language=language)), "utf-8")
    return folder


@needs("browser", "chromium")
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
def test_axe_has_nothing_against_it_and_it_is_no_wider_than_its_window(browser, shown, width, scheme):
    page = browser.new_page(color_scheme=scheme, viewport={"width": width, "height": 800})
    troubles = []
    page.on("console", lambda message: troubles.append(message.text))
    page.add_init_script("window.ready = true")
    for language in LANGUAGES if width == 360 else ("en", "ar"):
        page.goto((shown / f"{language}.html").as_uri())
        for fold in page.locator("summary").all():
            fold.click()
        assert page.evaluate("document.documentElement.scrollWidth") == width, language
        outside = """[...document.querySelectorAll("figure text")].filter((text) => {
            const box = text.getBoundingClientRect(); return box.left < 0 || box.right > innerWidth; }).map((text) => text.textContent)"""
        assert page.evaluate(outside) == [], language
        page.evaluate(node_parsers.source_of("axe-core/axe.min.js"))
        assert page.evaluate(node_parsers.RUN_AXE, language == "en") == [], language
    assert troubles == []
    page.close()
