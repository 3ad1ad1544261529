"""What a feed says beside the usual, as a show and an episode are written with it: streams, stretches, places, encodings, other shows."""

from __future__ import annotations

import datetime as dt

from feed.model import Enclosure, LiveItem
from feed.schema.live import LiveItemTable
from tests.support.sample_pages import SITE

EVENING = dt.datetime(2026, 5, 1, 20, tzinfo=dt.timezone(dt.timedelta(hours=2)))
EPISODE = {
    "soundbites": [{"start_time": 41, "duration": 15.5}, {"start_time": 20, "duration": 15, "title": "A <b>lamp</b>"}],
    "location": [
        {"name": "Heligoland", "rel": "subject", "osm": "R3787052#1"},
        {"name": "Hamburg", "rel": "creator", "geo": "geo:53.55,9.99;u=10"},
        {"name": "Nowhere", "geo": "javascript:alert(1)", "osm": "X1"},
    ],
    "license": {"id": "cc-by-4.0", "url": "https://creativecommons.org/licenses/by/4.0/"},
    "chat": {"server": "irc.example.org", "protocol": "irc", "space": "#slow light"},
}
SHOW = {
    "podroll": [
        {"feed_guid": "9b024349-ccf0-5f69-a609-6b82873eab3c", "feed_url": "https://other.example/feed.xml", "title": "Another show"},
        {"feed_guid": "8b024349-ccf0-5f69-a609-6b82873eab3c", "feed_url": "javascript:alert(1)", "title": "A show without a way"},
        {"feed_guid": "7b024349-ccf0-5f69-a609-6b82873eab3c", "feed_url": "https://third.example/rss"},
        {"feed_guid": "6b024349-ccf0-5f69-a609-6b82873eab3c"},
    ],
    "update_frequency": {"text": "every other Thursday"},
    "chat": {"server": "matrix.example", "protocol": "matrix", "space": "#slow:matrix.example"},
    "location": "Lower Saxony",
}
ALTERNATES = (
    Enclosure(url=f"{SITE}/media/minute.mp3", length=481_000, type="audio/mpeg", duration=60, default=True),
    Enclosure(url="https://video.example/a.mp4", length=25_000_000, type="video/mp4", duration=60, height=720, lang="de"),
    Enclosure(url=f"{SITE}/media/a.opus", length=0, type="audio/opus", duration=60, title="Opus, small"),
    Enclosure(url="ipfs://somewhere", length=5, type="audio/opus", duration=60, title="Nowhere"),
)


def live(status: str = "live", **values: object) -> LiveItem:
    """A stream in that state; `values` replace what is written of it."""
    written = {
        "title": "The lamp, live",
        "status": status,
        "start": EVENING,
        "end": EVENING + dt.timedelta(hours=2),
        "guid": "live-1",
        "url": "https://stream.example/live.mp3",
        "description": "We sit <below> the lamp.",
        "content_links": [{"href": "https://video.example/live", "label": "Watch it"}, {"href": "javascript:alert(1)", "label": "Evil"}],
        "chat": EPISODE["chat"],
    }
    return LiveItem(written=LiveItemTable.model_validate(written | values))
