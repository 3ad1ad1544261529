"""The sample show on a real bucket, heard and read by real clients."""

from __future__ import annotations

import shutil
import urllib.request

import pytest

from tests.support import ROOT
from tests.support.e2e_show import Bucket, program
from tests.support.needs import launch_browser, needs
from tests.support.podcast_clients import gpodder, gpodder_download, newsboat, podboat_download
from tests.support.show_factory import Show


@pytest.fixture(scope="module")
def sample(s3_server, tmp_path_factory) -> Show:
    """The sample show, published to a bucket of SeaweedFS by the real command; its site is the bucket's address."""
    name = s3_server.make_bucket(public=True)
    folder = tmp_path_factory.mktemp("sample") / "show"
    shutil.copytree(ROOT / "episodes", folder / "episodes")
    for file in ("config.toml", "artwork.jpg"):
        shutil.copy(ROOT / file, folder)
    show = Show(folder)
    show.configure('url = "https://latch.example"', f'url = "{s3_server.endpoint}/{name}"')
    show.configure('url = "public"', f'url = "s3://{name}"')
    outcome = program(show, "--yes", endpoint=s3_server.endpoint)
    assert outcome.status == 0, outcome.stderr
    yield show, Bucket(s3_server, name)
    s3_server.drop_bucket(name)


def durations(show: Show) -> dict[str, float]:
    from mutagen import File

    return {path.parent.name[11:]: File(path).info.length for path in (show.folder / "episodes").glob("*/audio.*")}


def test_verify_finds_nothing_wrong_from_outside(sample):
    show, bucket = sample
    outcome = program(show, "verify", "--all", endpoint=bucket.server.endpoint)
    assert outcome.status == 0, outcome.stdout


@needs("clients", "gpo")
def test_gpodder_subscribes_lists_and_downloads_byte_for_byte(sample, tmp_path):
    show, bucket = sample
    feed = f"{bucket.url}/feed.xml"
    heard = gpodder(tmp_path / "home", feed)
    published = {row["title"] for row in program(show, "status", "--json", endpoint=bucket.server.endpoint).document["published"]}
    assert {episode.title for episode in heard} == published
    assert len(heard) == 4
    lengths = durations(show)
    for episode in heard:
        slug = episode.link.rpartition("/")[2].removesuffix(".html")
        assert abs(episode.duration - lengths[slug]) <= 1, slug
    newest = heard[0]
    file = gpodder_download(tmp_path / "home", feed, newest.guid)
    assert file.read_bytes() == bucket.get(newest.url.removeprefix(f"{bucket.url}/"))
    assert len(file.read_bytes()) == newest.length


@needs("clients", "newsboat", "podboat")
def test_newsboat_subscribes_lists_and_downloads_byte_for_byte(sample, tmp_path):
    _, bucket = sample
    heard = newsboat(tmp_path / "home", f"{bucket.url}/feed.xml")
    assert len(heard) == 4
    assert [episode.date for episode in heard] == sorted((episode.date for episode in heard), reverse=True)
    for episode in heard:
        assert urllib.request.urlopen(episode.link).status == 200
    file = podboat_download(tmp_path / "home", heard[0].url)
    assert file.read_bytes() == bucket.get(heard[0].url.removeprefix(f"{bucket.url}/"))


@needs("browser", "chromium")
def test_a_browser_plays_an_episode_and_a_click_on_a_time_stamp_seeks_there(sample):
    from playwright.sync_api import sync_playwright

    _, bucket = sample
    with sync_playwright() as playwright:
        browser = launch_browser(playwright)
        try:
            page = browser.new_page()
            said: list[str] = []
            page.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
            page.on("pageerror", lambda error: said.append(str(error)))
            page.goto(f"{bucket.url}/episodes/why-the-kettle-knows.html")
            stamp = page.locator(".part a.at[href^='#t=']:not([aria-hidden])").last
            at = float((stamp.get_attribute("href") or "").rpartition("=")[2])
            assert at > 10
            stamp.click()
            page.wait_for_function("at => { const a = document.querySelector('audio'); return a.currentTime >= at && !a.paused }", arg=at)
            assert page.evaluate("document.querySelector('audio').currentTime") < at + 10
            assert said == []
        finally:
            browser.close()
