"""What `publish compare` says an app knows an episode by is what the real app keeps of it."""

from __future__ import annotations

import pytest

from publisher.compare.apps import gpodder_guid, newsboat_guid
from publisher.compare.episodes import read_whole_feed
from tests.support.needs import needs
from tests.support.podcast_clients import gpodder, newsboat
from tests.support.two_hosts import item, rss

KINDS = [
    item(1),
    item(2, guid="two", permalink=""),
    item(3, guid="https://old.invalid/3", permalink=' isPermaLink="true"'),
    item(4, guid="\n four \n"),
    item(5, guid=None),
    item(6, guid=None, link=""),
    item(7, guid="/seven?a=1", permalink=' isPermaLink="true"'),
    item(8, guid="Ünı 8 🎙"),
    item(9, guid=""),
    item(10, guid=""),
]


@needs("clients", "gpo", "newsboat")
@pytest.mark.parametrize(("client", "key"), [(gpodder, gpodder_guid), (newsboat, newsboat_guid)], ids=["gpodder", "newsboat"])
def test_an_app_keeps_what_it_is_said_to_know_an_episode_by(served, tmp_path, client, key):
    folder, address = served
    (folder / "feed.xml").write_bytes(rss(KINDS, "<link>https://old.invalid/</link><description>All kinds.</description>"))
    known = {heard.guid for heard in client(tmp_path / "home", f"{address}feed.xml")}
    assert known == {key(episode) for episode in read_whole_feed(f"{address}feed.xml").episodes}
