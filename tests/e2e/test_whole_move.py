"""A show leaves another host: imported, published, compared, redirected, and two listeners who subscribed at the old address all along
notice nothing but the next episode. docs/how-to/move.md is this in words.
"""

from __future__ import annotations

import json

import pytest

from publisher.load.config_edits import with_values
from tests.support.e2e_show import program
from tests.support.needs import needs
from tests.support.podcast_clients import gpodder, gpodder_update, newsboat
from tests.support.service_servers import Answering
from tests.support.show_factory import Show, picture, recording

pytestmark = [needs("clients", "gpo"), needs("clients", "newsboat")]

EPISODES = {
    "Third & last": ("https://old.example/?p=3&x=1", "Wed, 20 May 2026 06:00:00 +0000"),
    "Second": ("Show  name  2", "Wed, 13 May 2026 08:00:00 CEST"),
    "First": ("1", "Wed, 06 May 2026 06:00:00 -0000"),
}
"""Of the old host: title, guid and date as it writes them."""
NOW = "2026-06-02T12:00:00+00:00"


def escaped(text):
    return text.replace("&", "&amp;")


class OldHost(Answering):
    """Another host: a feed of its own, recordings, pages, and a redirect that can be switched."""

    def __enter__(self):
        super().__enter__()
        self.feed = f"{self.address}/show/feed/mp3"
        self.answers = [(404, b"", {})]
        items = ""
        for number, (title, (guid, date)) in enumerate(EPISODES.items()):
            sound = recording(voice=number)
            self.routes[f"/media/{number}.mp3"] = (200, sound, {"Content-Type": "audio/mpeg"})
            items += (
                f"<item><title>{escaped(title)}</title><link>{self.address}/show/{number}-page</link><pubDate>{date}</pubDate>"
                f'<guid isPermaLink="false">{escaped(guid)}</guid><description>Notes of {escaped(title)}.</description>'
                f'<enclosure url="{self.address}/media/{number}.mp3?source=feed" length="{len(sound)}" type="audio/mpeg"/></item>'
            )
        self.routes["/cover.png"] = (200, picture(form="PNG"), {"Content-Type": "image/png"})
        head = (
            '<?xml version="1.0" encoding="UTF-8"?><rss version="2.0" xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd"><channel>'
            f"<title>A show that moves</title><link>{self.address}/show</link><description>All of it.</description><language>en</language>"
            "<generator>Podigee (https://podigee.com)</generator><itunes:author>Ada</itunes:author><itunes:explicit>no</itunes:explicit>"
            f'<itunes:category text="Science"/><itunes:image href="{self.address}/cover.png"/>'
        )
        self.routes["/show/feed/mp3"] = (200, f"{head}{items}</channel></rss>".encode(), {"Content-Type": "application/rss+xml"})
        return self

    def redirect(self, status, new):
        self.routes["/show/feed/mp3"] = (status, b"", {"Location": new})


class Listeners:
    """gPodder and newsboat, subscribed at one address from the first day on; newsboat's list of feeds is never touched again."""

    def __init__(self, folder, feed):
        self.homes, self.feed = (folder / "gpodder", folder / "newsboat"), feed
        gpodder(self.homes[0], feed)

    def assert_have(self, guids):
        """Each of them once, and nothing else; the address that gPodder keeps since."""
        feeds, heard = gpodder_update(self.homes[0])
        for app, episodes in (("gPodder", heard), ("newsboat", newsboat(self.homes[1], self.feed))):
            assert sorted(episode.guid for episode in episodes) == sorted(guids), app
        return feeds


@pytest.fixture
def old(monkeypatch):
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    with OldHost() as host:
        yield host


def test_a_whole_move_and_nobody_gets_an_episode_twice_or_misses_one(old, place, warm, tmp_path):
    new = f"{place.url}/feed.xml"
    guids = [guid for guid, _ in EPISODES.values()]
    desk = tmp_path / "desk"
    desk.mkdir()
    listeners = Listeners(tmp_path, old.feed)
    listeners.assert_have(guids)

    def run(folder, *arguments, status=0):
        done = warm.run(Show(folder), *arguments, endpoint=place.server.endpoint, now=NOW)
        assert done.status == status, done.stdout + done.stderr
        return done

    def ticks():
        steps = json.loads(run(show.folder, "move", "--json").stdout)["steps"]
        return {step["step"] for step in steps if step["done"]}

    def warnings():
        done = program(show, "status", endpoint=place.server.endpoint)
        assert done.status == 0, done.stderr
        return [line for line in done.stderr.splitlines() if line.startswith("warning: ")]

    def safe(*feeds):
        found = json.loads(run(show.folder, "compare", *feeds, "--json").stdout)
        return (found["episodes"], found["twice"], found["lost"])

    # 1. taken over
    run(desk, "import", old.feed, "show", "--yes", "--url", place.url)
    show = Show(desk / "show", now=NOW)
    config = with_values(show.config.read_bytes(), [(("storage", "url"), f"s3://{place.name}")])
    assert config is not None
    show.config.write_bytes(config)

    # 2. compared before anything is published, then published and compared with what is served
    assert safe(old.feed) == (3, 0, 0)
    assert ticks() == {"old-feed", "imported", "compared", "leans"}
    run(show.folder, "--yes")
    assert safe(old.feed, new) == (3, 0, 0)
    assert ticks() == {"old-feed", "imported", "served", "compared", "new-feed-url", "leans"}
    listeners.assert_have(guids)

    # 3. redirected: for now only is not enough, and is told
    old.redirect(302, new)
    assert "redirect" not in ticks() and "apps do not take that for good" in warnings()[0]
    old.redirect(301, new)
    assert ticks() >= {"redirect", "served", "new-feed-url", "leans"}
    assert warnings() == []
    assert safe(old.feed, new) == (3, 0, 0)
    assert listeners.assert_have(guids) == [new], "gPodder takes a 301 for good"

    # 4. the next episode comes from here
    show.episode("2026-06-02-next", date="2026-06-02T06:00:00+00:00")
    run(show.folder, "--yes")
    listeners.assert_have([*guids, "next-guid"])

    # 5. the old address stops, and it is told
    old.redirect(404, new)
    assert "does not redirect: it answers 404" in warnings()[0]
