"""Comments in a browser: the form in every state against a service that answers as it is told, what is shown of good and bad data, and where."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from lxml import html

from feed.text_cleaning import read_json
from publisher.comments.pages import Button, ServicePages, ShownComment
from publisher.load.config_reader import read_config
from publisher.site.html.episode_pages import episode_page
from publisher.site.parts.answers import SocialAnswer, as_comments
from publisher.site.parts.comments import merged, read_thread
from publisher.site.parts.theme import Theme
from publisher.site.parts.words import words_for
from tests.support import node_parsers, sample_pages
from tests.support.comments_service import ScriptedService
from tests.support.odd_comments import EXPECTED, LISTED, MARKED, Seen, with_links
from tests.support.show_factory import make_show

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Page

SAID = "The horn has its own opinion."
HELD = "Thank you. Comments are read before they appear."
TROUBLE = "The comment was not sent. It may be the network."
OFFLINE = "There is no network. Your comment is kept here and sent when it is back."
CLOSED = "No more comments are taken on this episode."


@pytest.fixture(scope="module")
def running() -> Iterator[ScriptedService]:
    service = ScriptedService()
    yield service
    service.close()


@pytest.fixture
def service(running: ScriptedService) -> ScriptedService:
    running.reset()
    return running


@pytest.fixture
def talk(site, running) -> Callable[..., str]:
    """Writes an episode's page, with comments from the folder and from the service; gives its key."""

    def talk_(
        name: str, *, folder=None, served=None, away=(), language: str = "en", service: bool = True, days: int | None = None, **written
    ) -> str:
        show = sample_pages.make_show(site=site.origin, language=language)
        settings = sample_pages.make_settings(site=site.origin, comments=running.address if service else "", comments_days=days)
        thread = read_thread(folder or {"comments": []})
        view = sample_pages.make_view(
            sample_pages.make_episode(3, site=site.origin, slug=name, written=written),
            comments=merged(thread.comments, as_comments(away)),
            comments_total=thread.total + len(away),
        )
        theme = Theme(settings)
        files = {asset.key: asset.body for asset in theme.assets} | {view.key: episode_page(theme, show, view)}
        sample_pages.write_texts(site.folder, files)
        if service:
            sample_pages.write_texts(site.folder, {f"comments/{name}.json": json.dumps(served or {"comments": []}).encode()})
        return f"episodes/{name}.html"

    return talk_


@pytest.fixture
def opened(browser, site, running) -> Iterator[Callable[..., Page]]:
    """Opens a key of the site; the test fails when a page logs an error or asks anybody but the site and the service."""
    contexts, troubles = [], []

    def opened_(key: str, *, context=None, **options) -> Page:
        options = {"viewport": {"width": 1280, "height": 800}, **options}
        if context is None:
            context = browser.new_context(**options)
            contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: troubles.append(str(error)))
        # Browsers note refusals and cut lines themselves.
        noted = re.compile(r"Failed to load resource: (the server responded with a status of [45]|net::ERR_INTERNET_DISCONNECTED)")
        page.on("console", lambda told: troubles.append(told.text) if told.type == "error" and not noted.match(told.text) else None)
        page.on("request", lambda asked: None if asked.url.startswith((site.origin, running.origin)) else troubles.append(asked.url))
        page.goto(f"{site.origin}/{key}")
        return page

    yield opened_
    for context in contexts:
        context.close()
    assert troubles == []


def write(page: Page, text: str = SAID, name: str = "Ada") -> None:
    page.locator("#comment-name").fill(name)
    page.locator("#comment-text").fill(text)
    page.locator(".saying [name=consent]").check()


def send(page: Page) -> None:
    page.locator(".saying [type=submit]").click()


def state(page: Page, kind: str) -> str:
    return page.wait_for_selector(f"#comment-state[data-state={kind}]").text_content()


# ---- what is shown


def seen(item) -> Seen:
    """What is seen of a row, of a file or of a browser."""
    name, time, at = (item.xpath(f"./p[@class='soft']/{path}") for path in ("bdi", "time", "a[@class='at']"))
    show = item.xpath("./p[@class='soft']/span[@class='badge']")
    return Seen(
        name=name[0].text_content() if name else "",
        paragraphs=tuple(part.text_content() for part in item.xpath("./p[@dir]")),
        moment=time[0].get("datetime") if time else "",
        at=at[0].text_content() if at else "",
        answers=tuple(seen(answer) for answer in item.xpath("./ol/li")),
        by_show=[one.text_content() for one in show] == [words_for(str(item.xpath("string(/html/@lang)")))("comment_by_show")],
    )


def rows(markup: str) -> list:
    return html.fromstring(markup).xpath("//ol[@id='thread']/li")


def bare(item) -> str:
    """A row's markup without what only a script offers, and without the blanks between tags."""
    for offered in item.xpath(".//*[@class='does']"):
        offered.drop_tree()
    return re.sub(r">\s+<", "><", html.tostring(item, encoding="unicode", with_tail=False))


@pytest.mark.parametrize("language", ["en", "ar", "pt-BR", "it"])
def test_of_bad_data_script_and_folder_show_the_same(opened, talk, site, language):
    odd = {"comments": LISTED, "total": "many", "older": "../../evil.json"}
    key = talk(f"odd-{language.lower()}", folder=read_json(json.dumps(odd)), served=odd, language=language)
    static = rows((site.folder / key).read_text("utf-8"))
    page = opened(key, timezone_id="Pacific/Kiritimati")
    page.locator("#comments").scroll_into_view_if_needed()
    page.wait_for_selector("#thread .does")
    shown = rows(page.content())
    assert [seen(item) for item in shown] == [seen(item) for item in static] == EXPECTED
    assert [bare(item) for item in shown] == [bare(item) for item in static]
    assert not page.locator(".older").is_visible()


def test_a_little_markdown_is_the_same_by_script_and_from_the_folder(opened, talk, site):
    listed = {"comments": [{"id": f"m{number}", "text": text} for number, (text, _) in enumerate(MARKED)]}
    key = talk("marked", folder=listed, served=listed)
    static = rows((site.folder / key).read_text("utf-8"))
    page = opened(key)
    page.locator("#comments").scroll_into_view_if_needed()
    page.wait_for_selector("#thread .does")
    shown = rows(page.content())
    assert [bare(item) for item in shown] == [bare(item) for item in static]
    wanted = [html.fragment_fromstring(with_links(markup), create_parent="p").text_content() for _, markup in MARKED]
    assert [item.xpath("./p[@dir]")[0].text_content() for item in shown] == wanted


def answer(number: int, second: int, **values: object) -> SocialAnswer:
    return SocialAnswer(
        id=f"a{number}",
        network="mastodon",
        name="Ada Lovelace",
        handle="ada@social.example",
        profile="https://social.example/@ada",
        address=f"https://social.example/@ada/{number}",
        text=f"From elsewhere, number {number}.",
        date=f"2026-05-22T08:00:{second:02}Z",
        **values,
    )


AWAY = (answer(1, 1), answer(2, 9, reply_to="a1"), answer(3, 10), answer(4, 30, warning="The end is told"))
MIXED = ("", "2026-05-22T10:00:05+02:00", "", "2026-05-22 08:00:20", "2026-05-23")


@pytest.mark.parametrize("timezone", ["UTC", "Pacific/Kiritimati"])
def test_answers_from_elsewhere_keep_their_places_when_the_script_brings_newer_comments(opened, talk, site, timezone):
    said = {"comments": [{"id": f"c{number}", "text": "here", "date": date} for number, date in enumerate(MIXED)]}
    key = talk(f"away-{timezone[:3].lower()}", folder=said, served=said, away=AWAY)
    static = rows((site.folder / key).read_text("utf-8"))
    page = opened(key, timezone_id=timezone)
    assert page.locator("[data-count]").text_content() == "9 comments"
    page.locator("#comments").scroll_into_view_if_needed()
    page.wait_for_selector("#thread .does")
    shown = rows(page.content())
    order = ["c0", "a1", "c1", "c2", "a3", "c3", "a4", "c4"]
    assert [item.get("id") for item in shown] == [item.get("id") for item in static] == [f"comment-{one}" for one in order]
    assert [bare(item) for item in shown] == [bare(item) for item in static]
    assert page.locator("[data-count]").text_content() == "9 comments"


def test_answers_from_elsewhere_stay_where_older_comments_come_above_them(opened, talk, site):
    newest = {"comments": [{"id": "c9", "text": "x", "date": "2026-05-22T08:00:20Z"}], "total": 2, "older": "old-2.json"}
    key = talk("old", served=newest, away=AWAY)
    older = {"comments": [{"id": "c1", "text": "x", "date": "2026-05-22T08:00:05Z"}]}
    sample_pages.write_texts(site.folder, {"comments/old-2.json": json.dumps(older).encode()})
    page = opened(key)
    page.locator("#comments").scroll_into_view_if_needed()
    page.locator(".older button").click()
    page.wait_for_selector("#comment-c1")
    assert [item.get("id") for item in rows(page.content())] == [f"comment-{one}" for one in ("a1", "c1", "a3", "c9", "a4")]
    assert page.locator("[data-count]").text_content() == "6 comments"


@pytest.mark.parametrize("served", ["", "{", "[]", '{"comments": 3}', "null", "<html>"])
def test_a_file_that_is_none_leaves_what_the_folder_has(opened, talk, site, served):
    key = talk("left", folder={"comments": [{"name": "Ada", "text": "The hinge!"}]})
    (site.folder / "comments/left.json").write_text(served)
    page = opened(key)
    with page.expect_response("**/comments/left.json"):
        page.locator("#comments").scroll_into_view_if_needed()
    page.wait_for_timeout(50)
    assert page.locator("#thread li").count() == 1


def test_a_time_stands_on_the_bar_and_seeks(opened, talk):
    listed = [
        {"id": "a", "name": "Ada", "text": "The hinge!", "at": 27},
        {"name": "Bell", "text": "Oiled.", "at": 27},
        {"text": "x", "at": 4000},
    ]
    page = opened(talk("timed", folder={"comments": listed}, service=False))
    mark = page.locator(".marks a")
    assert mark.count() == 1
    assert mark.get_attribute("title") == "The hinge!"
    bar, place = page.locator(".rail").bounding_box(), mark.bounding_box()
    assert abs(place["x"] + place["width"] / 2 - (bar["x"] + bar["width"] * 27 / 60)) < 4
    mark.click()
    assert page.evaluate("[location.hash, now() >= 27 && now() < 58]") == ["#t=27", True]  # it plays on
    page.goto("about:blank")
    page = opened("episodes/timed.html")
    page.locator("#thread a.at").nth(1).click()
    assert page.evaluate("[location.hash, now() >= 27 && now() < 58]") == ["#t=27", True]  # it plays on
    assert page.locator(".facts [data-count]").text_content() == "3 comments"


def test_marks_come_with_the_first_play_without_a_look_at_the_comments(opened, talk):
    page = opened(talk("played", served={"comments": [{"name": "Ada", "text": "The hinge!", "at": 27}]}))
    assert page.locator(".marks a").count() == 0
    page.locator("[data-do=play]").click()
    page.wait_for_selector(".marks a")
    assert page.locator(".facts [data-count]").text_content() == "1 comment"


def test_ten_thousand_comments_are_read_by_five_hundred(opened, talk, site):
    def part(first: int, number: int) -> dict:
        older = {"older": f"many-{number + 1}.json"} if first else {}
        listed = [{"id": f"c{place}", "name": "Ada", "text": f"number {place}", "at": place % 60} for place in range(first, first + 500)]
        return {"comments": listed, "total": 10_000, **older}

    parts = [part(first, number) for number, first in enumerate(range(9_500, -1, -500), 1)]
    key = talk("many", folder=parts[0], served=parts[0])
    sample_pages.write_texts(
        site.folder, {f"comments/many-{number}.json": json.dumps(made).encode() for number, made in enumerate(parts[1:], 2)}
    )
    body = (site.folder / key).read_text("utf-8")
    assert len(rows(body)) == 500
    assert len(body) < 250_000
    assert "10,000 comments" in body
    page = opened(f"{key}#comments")
    for loaded in (1_000, 1_500):
        page.locator(".older button").click()
        page.wait_for_function("number => document.querySelectorAll('#thread > li').length === number", arg=loaded)
    assert page.locator("#thread > li").first.locator("p[dir]").text_content() == "number 8500"
    assert page.locator(".facts [data-count]").text_content() == "10,000 comments"
    assert page.locator(".marks a").count() == 60


def test_older_comments_come_above_and_answers_find_what_they_answer(opened, talk, site):
    newer = [{"id": "c", "name": "Cy", "text": "Oiled.", "reply_to": "a"}, {"id": "d", "name": "Dee", "text": "Good."}]
    key = talk("deep", served={"comments": newer, "total": 4, "older": "deep-2.json"})
    below = [{"id": "a", "name": "Ada", "text": "The hinge!"}, {"id": "b", "name": "Bell", "text": "The pin!"}]
    (site.folder / "comments/deep-2.json").write_text(json.dumps({"comments": below}))
    page = opened(f"{key}#comments")
    page.locator(".older button").click()
    page.locator("#comment-a").wait_for()
    names = (
        "[...document.querySelectorAll('#thread > li')].map((item) => [...item.querySelectorAll('bdi')].map((name) => name.textContent))"
    )
    assert page.evaluate(names) == [["Ada", "Cy"], ["Bell"], ["Dee"]]
    assert not page.locator(".older").is_visible()


# ---- the form, in every state


def test_a_comment_is_held_and_the_form_is_empty_again(opened, talk, service):
    page = opened(talk("held"))
    assert service.sent == []
    write(page)
    send(page)
    assert state(page, "held") == HELD
    nonce, sent = service.sent
    assert (nonce.method, nonce.path, nonce["episode"]) == ("GET", "/nonce", "held")
    assert {name: sent[name] for name in ("episode", "guid", "name", "language", "text", "nonce")} == {
        "episode": "held",
        "guid": "guid-held",
        "name": "Ada",
        "language": "en",
        "text": SAID,
        "nonce": "n-1",
    }
    assert sent["page"].endswith("/episodes/held.html")
    assert "real name" in sent["consent"]
    assert not {"at", "website", "reply_to", "token"} & sent.fields.keys()
    assert sent.headers["Accept"] == "application/json"
    assert page.locator("#comment-text").input_value() == ""
    assert page.locator("#comment-name").input_value() == "Ada"
    assert not page.locator(".saying [name=consent]").is_checked()
    waiting = page.locator("#thread > li")
    assert (waiting.locator(".badge").text_content(), waiting.locator("p[dir]").text_content()) == ("Waits to be read", SAID)
    write(page, "And a second one.")
    send(page)
    page.wait_for_function("() => document.querySelector('#comment-text').value === ''")
    assert service.posts()[1]["token"] == "secret"


def test_an_approved_comment_stands_at_once(opened, talk, service):
    service.answers["POST"] = [(201, {"id": "mine", "token": "secret", "state": "approved"})]
    page = opened(talk("approved"))
    write(page)
    send(page)
    assert state(page, "approved") == "Thank you. Your comment is here."
    assert (page.locator("#thread > li").count(), page.locator("#thread .badge").count()) == (1, 0)


def test_what_the_folder_has_stays_where_the_service_has_no_file(opened, talk, service, site):
    key = talk("folder", folder={"comments": [{"id": "a", "name": "Bell", "text": "The hinge!"}]})
    (site.folder / "comments/folder.json").unlink()
    page = opened(key)
    write(page)
    send(page)
    state(page, "held")
    assert page.locator("#thread > li p[dir]").all_text_contents() == ["The hinge!", SAID]
    page = opened(key, context=page.context)
    page.locator("#comments").scroll_into_view_if_needed()
    page.locator("#thread .badge").wait_for()
    assert page.locator("#thread > li p[dir]").all_text_contents() == ["The hinge!", SAID]


def test_what_waits_stays_when_the_missing_file_is_answered_after_it(opened, talk, site):
    key = talk("late", folder={"comments": [{"id": "a", "name": "Bell", "text": "The hinge!"}]})
    (site.folder / "comments/late.json").unlink()
    page = opened(key)
    held_up = []

    def hold_up(route):
        held_up.append(route)

    page.route("**/comments/late.json", hold_up)
    write(page)
    send(page)
    state(page, "held")
    page.locator("#thread .badge").wait_for()
    assert len(held_up) == 1, "it was asked for, and is not answered yet"
    with page.expect_response("**/comments/late.json"):
        held_up[0].fulfill(status=404, body="")
    page.wait_for_timeout(100)
    assert page.locator("#thread > li p[dir]").all_text_contents() == ["The hinge!", SAID]


@pytest.mark.parametrize(
    ("answer", "said"),
    [((429, {"error": "Slower, please.", "code": "rate"}), "Slower, please."), ((500, "oops"), TROUBLE), ((502, None), TROUBLE)],
)
def test_what_failed_is_said_and_the_text_stays(opened, talk, service, answer, said):
    service.answers["POST"] = [answer, (201, {"id": "mine", "token": "secret", "state": "held"})]
    page = opened(talk("failed"))
    write(page)
    send(page)
    assert state(page, "failed") == said
    assert page.locator("#comment-text").input_value() == SAID
    send(page)
    assert state(page, "held") == HELD


def test_a_closed_thread_takes_the_form_away(opened, talk, service):
    service.answers["POST"] = [(403, {"error": CLOSED, "code": "closed"})]
    page = opened(talk("shut"))
    write(page)
    send(page)
    assert page.wait_for_selector(".comments .closed").text_content() == CLOSED
    assert page.locator(".saying").count() == 0
    service.answers["GET"] = [(403, {"error": CLOSED, "code": "closed"})]
    page = opened("episodes/shut.html")
    page.locator("#comment-name").press_sequentially("A")
    assert page.wait_for_selector(".comments .closed").text_content() == CLOSED


def test_without_a_network_a_comment_is_kept_and_sent_when_it_is_back(opened, talk, service, browser):
    page = opened(talk("cut"))
    write(page)
    page.context.set_offline(True)
    send(page)
    assert state(page, "offline") == OFFLINE
    assert service.posts() == []
    page.context.set_offline(False)
    assert state(page, "held") == HELD
    assert service.posts()[0]["text"] == SAID


def test_what_was_kept_is_sent_by_the_next_visit(opened, talk, service, browser):
    page = opened(talk("next"))
    write(page)
    page.context.set_offline(True)
    send(page)
    state(page, "offline")
    context = page.context
    page.close()
    context.set_offline(False)
    page = opened("episodes/next.html", context=context)
    assert state(page, "held") == HELD
    assert (service.posts()[0]["text"], service.posts()[0]["name"]) == (SAID, "Ada")


def test_name_and_half_written_text_are_kept_for_each_episode(opened, talk, service):
    first, second = talk("half"), talk("other")
    page = opened(first)
    page.locator("#comment-name").fill("Ada")
    page.locator("#comment-text").fill("Half a")
    page = opened(second, context=page.context)
    assert page.locator("#comment-name").input_value() == "Ada"
    assert page.locator("#comment-text").input_value() == ""
    page = opened(first, context=page.context)
    assert page.locator("#comment-text").input_value() == "Half a"
    write(page)
    send(page)
    state(page, "held")
    page = opened(first, context=page.context)
    assert page.locator("#comment-text").input_value() == ""


def test_the_counter_lives_and_counts_what_the_service_counts(opened, talk, service):
    page = opened(talk("counted"))
    counter = page.locator("#comment-count")
    assert counter.text_content() == "Still missing: 10"
    page.locator("#comment-text").fill("a b c  \n\n    d")
    assert counter.text_content() == "Still missing: 6"
    page.locator("#comment-name").fill("Ada")
    page.locator(".saying [name=consent]").check()
    send(page)
    assert page.evaluate("document.querySelector('#comment-text').validationMessage") == "At least 10 characters."
    assert service.posts() == []
    page.locator("#comment-text").fill("\U0001f600 " * 10)
    assert counter.text_content() == "20 / 5000"
    assert page.evaluate("document.querySelector('#comment-text').validity.valid")


def test_a_nonce_that_is_over_is_asked_for_again(opened, talk, service):
    service.answers["GET"] = [(200, {"nonce": "n-1", "wait": 0}), (200, {"nonce": "n-2", "wait": 0})]
    service.answers["POST"] = [(403, {"error": "Too late.", "code": "nonce"}), (201, {"id": "mine", "token": "secret", "state": "held"})]
    page = opened(talk("over"))
    write(page)
    send(page)
    assert state(page, "held") == HELD
    assert [sent["nonce"] for sent in service.posts()] == ["n-1", "n-2"]


def test_a_service_without_nonces_takes_comments(opened, talk, service):
    service.answers["GET"] = [(404, "no such page")]
    page = opened(talk("plain"))
    write(page)
    send(page)
    assert state(page, "held") == HELD
    assert "nonce" not in service.posts()[0].fields


def test_the_time_is_filled_from_the_player(opened, talk, service):
    page = opened(f"{talk('at')}#t=27")
    page.locator("#comment-text").focus()
    label = page.locator(".at-moment label")
    assert label.text_content().strip() == "About the moment 0:27"
    write(page)
    page.locator("#comment-at").check()
    send(page)
    state(page, "held")
    assert service.posts()[0]["at"] == "27"
    assert page.locator("#thread a.at").text_content() == "0:27"
    assert page.locator(".marks a").count() == 1


def test_an_answer_stands_below_what_it_answers(opened, talk, service):
    listed = [{"id": "a", "name": "Bell", "text": "The hinge!"}, {"id": "b", "name": "Cy", "text": "Oiled.", "reply_to": "a"}]
    page = opened(talk("answered", served={"comments": listed}))
    page.locator("#comments").scroll_into_view_if_needed()
    buttons = page.locator("#thread").get_by_role("button", name="Answer")
    buttons.first.wait_for()
    assert buttons.count() == 1  # one level deep
    buttons.click()
    assert page.evaluate("document.activeElement.id") == "comment-text"
    assert page.locator(".mode span").text_content() == "An answer to Bell"
    page.locator("#comment-text").fill("Half an")
    page = opened("episodes/answered.html", context=page.context)
    assert page.locator(".mode span").text_content() == "An answer to Bell"
    write(page)
    send(page)
    state(page, "held")
    assert service.posts()[0]["reply_to"] == "a"
    assert page.locator("#thread > li > ol > li").last.locator("p[dir]").text_content() == SAID
    assert not page.locator(".mode").is_visible()
    page.locator("#thread").get_by_role("button", name="Answer").click()
    page.locator(".mode button").click()
    write(page)
    send(page)
    page.wait_for_function("() => document.querySelector('#comment-text').value === ''")
    assert "reply_to" not in service.posts()[1].fields


def test_ones_own_comment_is_changed_for_a_while_and_deleted_for_ever(opened, talk, service):
    page = opened(talk("own"))
    write(page)
    send(page)
    state(page, "held")
    page.locator("#comment-text").fill("Half of another")
    page.get_by_role("button", name="Edit your comment").click()
    assert page.locator("#comment-text").input_value() == SAID
    page.locator("#comment-text").fill("The horn has none.")
    send(page)
    page.wait_for_selector("#thread p[dir]:text-is('The horn has none.')")
    changed = service.sent[-1]
    assert (changed.method, changed.path, changed["text"]) == ("PATCH", "/comments/mine", "The horn has none.")
    assert changed.headers["Authorization"] == "Bearer secret"
    assert page.locator("#comment-text").input_value() == "Half of another"
    page.clock.install()
    page.clock.fast_forward(16 * 60 * 1000)
    page.reload()
    page.locator("#comments").scroll_into_view_if_needed()
    page.get_by_role("button", name="Delete").wait_for()
    page.on("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="Delete").click()
    page.wait_for_selector("#thread:not(:has(li))", state="attached")
    gone = service.sent[-1]
    assert (gone.method, gone.path, gone.headers["Authorization"]) == ("DELETE", "/comments/mine", "Bearer secret")


def test_ones_own_comment_is_shown_once_when_it_is_published(opened, talk, service, site):
    page = opened(talk("once"))
    write(page)
    send(page)
    state(page, "held")
    published = {"comments": [{"id": "mine", "name": "Ada", "text": SAID}]}
    (site.folder / "comments/once.json").write_text(json.dumps(published))
    page = opened("episodes/once.html#comments", context=page.context)
    page.get_by_role("button", name="Delete").wait_for()
    page.wait_for_selector("#thread:has(li):not(:has(.badge))", state="attached")
    assert page.locator("#thread li").count() == 1


# ---- how it looks

LAID_OUT = """() => {
    const fields = [...document.querySelectorAll("main :is(button, input:not([type=hidden], [name=website]), textarea, summary)")];
    const boxes = fields.filter((one) => one.checkVisibility()).map((one) => (one.closest("label") ?? one).getBoundingClientRect());
    const odd = boxes.filter((box) => box.height < 24 || box.right > innerWidth + 1 || box.left < -1).map((box) => box.height);
    return [document.documentElement.scrollWidth - innerWidth, ...odd];
}"""


def look_at(page: Page) -> None:
    """Nothing is wider than the window or too small for a finger, and axe has nothing against it, colours included (it takes its time)."""
    assert [size for size in page.evaluate(LAID_OUT) if size > 0] == []
    dark = page.evaluate("matchMedia('(prefers-color-scheme: dark)').matches")
    if dark == (page.viewport_size["width"] < 400):
        page.evaluate(node_parsers.source_of("axe-core/axe.min.js"))
        assert page.evaluate(node_parsers.RUN_AXE, True) == []


def test_every_state_of_the_form_can_be_read_and_pressed(opened, talk, service, look):
    listed = [{"id": "a", "name": "Bell" * 12, "text": "The hinge! " * 20 + "w" * 300, "date": "2026-05-22T08:00:00Z", "at": 27}]
    served = {"comments": listed, "total": 502, "older": "x-2.json"}
    page = opened(f"{talk('seen', served=served)}#t=27", **look)
    page.locator("#comments").scroll_into_view_if_needed()
    page.get_by_role("button", name="Answer").click()
    look_at(page)
    write(page)
    send(page)
    state(page, "held")
    look_at(page)
    page.get_by_role("button", name="Edit your comment").click()
    look_at(page)
    page.locator(".mode button").click()
    service.answers["POST"] = [(422, {"error": "There are too many links in the comment: at most 2 are taken.", "code": "links"})]
    write(page)
    send(page)
    state(page, "failed")
    page.context.set_offline(True)
    send(page)
    state(page, "offline")
    look_at(page)
    page.context.set_offline(False)
    state(page, "failed")
    service.answers["POST"] = [(403, {"error": CLOSED, "code": "closed"})]
    send(page)
    page.wait_for_selector(".comments .closed")
    look_at(page)


@pytest.mark.parametrize("language", ["en", "ar"])
def test_answers_from_elsewhere_and_the_way_to_answer_can_be_read_and_pressed(opened, talk, look, language):
    atproto = {"protocol": "atproto", "uri": "at://did:plc:x/app.bsky.feed.post/3k"}
    posts = {"fediverse": "https://social.example/@show/109", "social": [atproto]}
    long = replace(answer(6, 41), name="W" * 50, handle="w" * 60 + "@" + "x" * 50 + ".example")
    away = (*AWAY, answer(5, 40, by_show=True), long)
    page = opened(talk(f"look-{language}", away=away, service=False, language=language, **posts), **look)
    page.locator("#comments").scroll_into_view_if_needed()
    look_at(page)
    assert page.locator(".elsewhere .chip").first.bounding_box()["height"] >= 44
    page.locator(".thread summary").click()
    assert page.locator(".thread details p").is_visible()
    look_at(page)


@pytest.mark.parametrize("language", ["en", "ar"])
def test_the_pages_of_the_service_can_be_read_and_pressed(browser, tmp_path, look, language):
    show = make_show(tmp_path / "show")
    pages, words = ServicePages(read_config(show.config).config), words_for(language)
    back, fields = "https://small.example/e.html", {"name": "Ada" * 16, "text": "w" * 300, "at": "754", "nonce": "n"}
    shown = ShownComment(name="Ada", text="w" * 300, at=754, episode="The clock that is late on purpose", page=back)
    buttons = [Button(label=words(f"moderate_{action}"), to=action) for action in ("approve", "reject", "spam")]
    made = (
        pages.confirm(language, fields, back),
        pages.refused(language, words("comment_refused_short", n=10), fields, back, again=True),
        pages.refused(language, words("comment_refused_closed"), fields, back, again=False),
        pages.taken(language, "held", back),
        pages.moderation(words("moderate_question"), shown, sentences=[words("moderate_changed")], buttons=buttons, seen="x"),
    )
    page = browser.new_page(**look)
    for one in made:
        page.set_content(one.body.decode())
        look_at(page)
    page.close()


# ---- threads that are closed, or have no form


def test_a_closed_episode_says_so_and_shows_its_comments(opened, talk, service):
    page = opened(talk("over-now", served={"comments": [{"name": "Ada", "text": "The hinge!"}]}, comment_form="closed"))
    page.locator("#comments").scroll_into_view_if_needed()
    page.wait_for_selector("#thread li")
    assert page.locator(".comments .closed").text_content() == CLOSED
    assert page.locator(".saying, [data-comment]").count() == 0


def test_an_episode_without_a_form_has_a_section_only_for_comments(opened, talk):
    page = opened(talk("silent", comment_form="none"))
    assert page.locator("#comments, [data-count], script[src*=comments]").count() == 0
    page = opened(talk("spoken", folder={"comments": [{"name": "Ada", "text": "The hinge!"}]}, comment_form="none"))
    assert page.locator("#thread li").count() == 1
    assert page.locator(".saying, .closed").count() == 0


def test_after_its_last_day_the_form_is_gone_though_the_page_is_old(opened, talk, service):
    page = opened(talk("last", days=30))
    assert page.locator(".comments .closed").text_content() == CLOSED
    page = opened(talk("not-yet", days=100_000))
    assert page.locator(".saying").is_visible()


# ---- without a script


def test_without_a_script_the_form_is_sent_and_the_service_answers_with_its_page(opened, talk, service):
    service.answers["POST"] = [(200, "<!doctype html><title>x</title><h1>Please confirm</h1>")]
    page = opened(talk("scriptless"), java_script_enabled=False)
    assert not page.locator("#comment-count").is_visible()
    write(page)
    send(page)
    page.wait_for_selector("h1:text-is('Please confirm')")
    assert "text/html" in service.posts()[0].headers["Accept"]
    assert service.posts()[0]["text"] == SAID
