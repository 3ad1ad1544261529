"""A reader and a moderator in chromium, with nothing but real parts: the service as a process, its mail, the storage, the static page after a publish."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from tests.support.browsing import Site
from tests.support.comment_service import Service
from tests.support.mail_sink import MailSink
from tests.support.needs import needs
from tests.support.seeds import SEEDS, needs_seeds
from tests.support.servers import free_ports
from tests.support.show_factory import Show, long_recording, make_show

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Page

pytestmark = needs("browser", "chromium")
SAID = "The hinge has its own opinion."
HELD = "Thank you. Comments are read before they appear."


@dataclass
class Place:
    """A published show, who serves it, its comments service, and where its moderator's mail arrives."""

    show: Show
    site: Site
    service: Service
    sink: MailSink
    slug: str

    @property
    def page(self) -> str:
        """The address of the episode's page."""
        return f"{self.site.origin}/episodes/{self.slug}.html"

    def command(self, *words: str) -> object:
        """What `publish comments …` says."""
        outcome = self.show.run("comments", *words, "--json")
        assert outcome.status == 0, outcome.stderr
        return outcome.document

    def publish(self) -> None:
        """Bring the comments here, and publish them into the page."""
        self.command("pull")
        outcome = self.show.publish("--yes", "--no-verify")
        assert outcome.status == 0, outcome.stderr


def small_show(folder, origin: str) -> tuple[Show, str]:
    show = make_show(folder)
    show.configure('url = "https://small.example"', f'url = "{origin}"')
    show.episode("2026-05-01-first", audio=long_recording(800))
    return show, "first"


def seed_show(folder, origin: str) -> tuple[Show, str]:
    subprocess.run([sys.executable, str(SEEDS / "make_show.py"), str(folder), "--site", origin], check=True, capture_output=True)
    return Show(folder), "metas-ai-purge"


@pytest.fixture(scope="module")
def opened_place(tmp_path_factory) -> Iterator[Callable[..., Place]]:
    ends = []

    def opened(build=small_show, *, least: float = 0.3, more: str = "") -> Place:
        within = tmp_path_factory.mktemp("place")
        folder = within / "show"
        site = Site(folder / "public")
        (folder / "public").mkdir(parents=True)
        sink = MailSink()
        ends.extend((site.close, sink.stop))
        show, slug = build(folder, site.origin)
        database = f"sqlite:///{within / 'comments.sqlite'}"
        service = Service([show.config], database, port=free_ports(1)[0])
        service_tables = f"""
[site.comments]
url = "http://127.0.0.1:{service.port}/comments"

[comments]
database = "{database}"
least_seconds = {least}
per_hour = 100
{more}
[comments.mail]
to = ["ada@small.example"]
from = "comments@small.example"
host = "127.0.0.1"
port = {sink.port}
"""
        show.write("config.toml", show.config.read_text("utf-8") + service_tables)
        assert tomllib.loads(show.config.read_text("utf-8"))
        outcome = show.publish("--yes", "--no-verify")
        assert outcome.status == 0, outcome.stderr
        service.start()
        ends.append(service.stop)
        return Place(show=show, site=site, service=service, sink=sink, slug=slug)

    yield opened
    for end in reversed(ends):
        end()


@pytest.fixture(scope="module")
def place(opened_place) -> Place:
    """One for all tests that need none of their own."""
    return opened_place()


@pytest.fixture
def visit(browser) -> Iterator[Callable[..., Page]]:
    """Opens an address; the test fails when a page logs an error."""
    contexts, troubles = [], []

    def visit_(url: str, *, context=None, **options) -> Page:
        if context is None:
            context = browser.new_context(viewport={"width": 1280, "height": 800}, **options)
            contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: troubles.append(str(error)))
        page.on("console", lambda told: troubles.append(told.text) if told.type == "error" and "status of 422" not in told.text else None)
        page.goto(url)
        return page

    yield visit_
    for context in contexts:
        context.close()
    assert troubles == []


def write(page: Page, text: str = SAID) -> None:
    page.locator("#comment-name").fill("Tilda")
    page.locator("#comment-text").fill(text)
    page.locator(".saying [name=consent]").check()


def send(page: Page, state: str = "held") -> str:
    page.locator(".saying [type=submit]").click()
    return page.wait_for_selector(f"#comment-state[data-state={state}]").text_content()


def link_in(sink: MailSink, action: str) -> str:
    """The signed link of the newest mail."""
    with sink.came:
        assert sink.came.wait_for(lambda: sink.mails, timeout=60)
    return re.search(rf"{action}: (http\S+/moderate/\S+)", sink.mails[-1].get_content(), re.IGNORECASE)[1]


@pytest.mark.parametrize("build", [small_show, pytest.param(seed_show, marks=[needs_seeds, needs("media", "ffmpeg")])])
def test_a_comment_at_1234_is_approved_by_the_mailed_link_and_stands_on_the_static_page(opened_place, visit, build):
    place = opened_place(build)
    page = visit(f"{place.page}#t=754")
    write(page)
    assert page.locator(".at-moment label").text_content().strip() == "About the moment 12:34"
    page.locator("#comment-at").check()
    assert send(page) == HELD
    (waiting,) = place.command("list")["comments"]
    assert (waiting["name"], waiting["text"], waiting["at"], waiting["state"]) == ("Tilda", SAID, 754, "held")
    # the moderator
    link = link_in(place.sink, "approve")
    desk = visit(link, java_script_enabled=False)
    assert SAID in desk.locator("main").text_content()
    assert place.command("list")["comments"], "a look decides nothing"
    desk.get_by_role("button", name="Approve").click()
    desk.wait_for_selector("h1:text-is('It is on the page now.')")
    # the reader, at once and on the static page
    page = visit(f"{place.page}#comments", context=page.context)
    page.wait_for_selector("#thread:has(a.at):not(:has(.badge))", state="attached")
    place.publish()
    page = visit(place.page, java_script_enabled=False)
    assert page.locator("#thread li p[dir]").all_text_contents() == [SAID]
    assert page.locator(".facts [data-count]").text_content() == "1 comment"
    page = visit(place.page)
    page.locator("#thread a.at").click()
    assert page.evaluate("[location.hash, now() >= 754]") == ["#t=754", True]  # it plays on
    page.evaluate("go(0)")
    page.locator(".marks a").click()
    assert page.evaluate("now() >= 754")


def test_answers_edits_and_deletions_reach_the_service(place, visit):
    page = visit(place.page)
    write(page)
    send(page)
    page.get_by_role("button", name="Edit your comment").click()
    page.locator("#comment-text").fill("The hinge has none.")
    page.locator(".saying [type=submit]").click()
    page.wait_for_selector("#thread p[dir]:text-is('The hinge has none.')")
    (waiting,) = place.command("list")["comments"]
    assert waiting["text"] == "The hinge has none."
    place.command("approve", waiting["id"])
    page = visit(f"{place.page}#comments", context=page.context)
    page.get_by_role("button", name="Answer").click()
    write(page, "And who oiled it?")
    send(page)
    (answer,) = place.command("list")["comments"]
    place.command("approve", answer["id"])
    page = visit(f"{place.page}#comments", context=page.context)
    page.locator("#thread ol p[dir]:text-is('And who oiled it?')").wait_for()
    page.on("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="Delete").last.click()
    page.locator("#thread ol").wait_for(state="detached")
    assert [row["text"] for row in place.command("list", "--all")["comments"] if row["state"] == "approved"] == ["The hinge has none."]


def test_without_a_script_the_way_is_asked_once_more_and_thanked(place, visit):
    page = visit(place.page, java_script_enabled=False)
    write(page, "x  x  x  x  x")  # long enough for a browser that counts blanks
    page.locator(".saying [type=submit]").click()
    page.wait_for_selector(".message .lead")
    assert page.locator("textarea").input_value() == "x  x  x  x  x"
    page.locator("textarea").fill("Without any script.")
    page.wait_for_timeout(400)  # the least time is the service's
    page.get_by_role("button").click()
    page.wait_for_selector(f"h1:text-is('{HELD}')")
    assert [row["text"] for row in place.command("list")["comments"]] == ["Without any script."]
    page.get_by_role("link", name="Back to the episode").click()
    page.wait_for_url(place.page)
    write(page, "A second one, confirmed.")
    page.locator(".saying [type=submit]").click()
    page.wait_for_selector("h1:text-is('Send this comment?')")
    assert "A second one, confirmed." in page.locator(".thread").text_content()
    page.wait_for_timeout(400)
    page.get_by_role("button").click()
    page.wait_for_selector(f"h1:text-is('{HELD}')")
    assert len(place.command("list")["comments"]) == 2


def test_with_altcha_the_browser_works_for_a_comment(opened_place, visit):
    place = opened_place(more='captcha = "altcha"')
    page = visit(place.page)
    write(page)
    assert send(page) == HELD
    assert len(place.command("list")["comments"]) == 1


def test_a_service_that_is_down_costs_a_reader_no_word(place, browser):
    page = browser.new_page()
    page.goto(place.page)
    write(page, "The service is down.")
    place.service.stop()
    assert send(page, "failed") == "The comment was not sent. It may be the network."
    assert page.locator("#comment-text").input_value() == "The service is down."
    place.service.start()
    assert send(page) == HELD
    page.close()
