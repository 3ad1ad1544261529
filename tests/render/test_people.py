"""Who is heard in an episode, and as what."""

from __future__ import annotations

import pytest
from lxml import etree, html

from tests.support.feed_samples import NAMESPACES
from tests.support.show_factory import make_show, tree

PERSON, LIVE_ITEM = (f"{{{NAMESPACES['podcast']}}}{name}" for name in ("person", "liveItem"))
PEOPLE = """
[people.bea]
name = "Bea Lamp"

[people.cem]
name = "Cem Horn"
role = "narrator"

[site]"""
LIVE = """[[live]]
title = "Live"
status = "pending"
start = 2026-06-02T18:00:00Z
guid = "live-1"
url = "https://live.example/a.mp3"
guests = ["bea"]
content_links = [{ href = "https://live.example/", label = "Watch" }]

[storage]"""


@pytest.fixture
def show(tmp_path):
    made = make_show(tmp_path / "show")
    made.configure("\n[site]", PEOPLE)
    made.configure("[storage]", LIVE)
    made.episode(front='guests = ["bea", "cem", "Dora Bell"]')
    made.episode("2026-05-02-second", date="2026-05-02T06:00:00Z", front='hosts = ["bea"]')
    return made


def test_a_person_without_a_role_is_what_an_episode_names_them_as(show):
    done = show.publish()
    assert done.status == 0, done.stderr
    files = tree(show.public)
    said = {}
    for item in etree.fromstring(files["feed.xml"]).iter("item"):
        said[item.findtext("title")] = [(one.text, one.get("role")) for one in item.iter(PERSON)]
    assert said["First"] == [("Ada Field", "host"), ("Bea Lamp", "guest"), ("Cem Horn", "narrator"), ("Dora Bell", "guest")]
    assert said["Second"] == [("Bea Lamp", "host")]
    (live,) = etree.fromstring(files["feed.xml"]).iter(LIVE_ITEM)
    assert [(one.text, one.get("role")) for one in live.iter(PERSON)] == [("Ada Field", "host"), ("Bea Lamp", "guest")]
    page = html.fromstring(files["episodes/first.html"])
    assert [" ".join(line.text_content().split()) for line in page.xpath("//ul[@class='people']/li/span[last()]")] == [
        *("Ada Field Host", "Bea Lamp Guest", "Cem Horn Narrator", "Dora Bell Guest")
    ]
