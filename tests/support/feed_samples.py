"""Shows and episodes for tests: a plain one, and one that uses every tag."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

from lxml import etree

from feed.model import Chapter, Document, Enclosure, Episode, Image, LiveItem, Notes, Person, Show
from feed.schema.episode import FrontMatter
from feed.schema.live import LiveItemTable
from feed.schema.show import ShowTable
from feed.schema.tags import SeasonTable

NAMESPACES = {
    "atom": "http://www.w3.org/2005/Atom",
    "content": "http://purl.org/rss/1.0/modules/content/",
    "dc": "http://purl.org/dc/elements/1.1/",
    "fh": "http://purl.org/syndication/history/1.0",
    "itunes": "http://www.itunes.com/dtds/podcast-1.0.dtd",
    "podcast": "https://podcastindex.org/namespace/1.0",
    "psc": "http://podlove.org/simple-chapters",
}

ANNA = Person(name="Anna Lind", id="anna", url="https://anna.example/", image="https://show.example/art/anna.jpg")
BEN = Person(name="Ben Ort", id="ben", role="guest")

SHOW = {
    "title": "Bread & Butter",
    "description": "A show about bread.",
    "author": "Anna Lind",
    "language": "en",
    "categories": ["Arts > Food", "Technology"],
    "explicit": False,
}


def make_episode(count: int = 1, *, written: dict[str, object] | None = None, **changes: object) -> Episode:
    slug = f"episode-{count}"
    values: dict[str, object] = {
        "written": FrontMatter.model_validate({"title": f"Rye, part {count}"} | (written or {})),
        "slug": slug,
        "guid": f"7c9e6679-7425-40de-944b-{count:012}",
        "date": datetime(2026, 1, 1, 6, 0, tzinfo=UTC) + timedelta(days=count),
        "link": f"https://show.example/episodes/{slug}.html",
        "enclosure": Enclosure(
            url=f"https://show.example/media/{slug}-00c0ffee.mp3", length=1_234_567, type="audio/mpeg", duration=1151.6, sha256="ab" * 32
        ),
        "notes": Notes(
            page="<p>Notes</p>", apps="<p>Notes &amp; <a href='https://a.example/'>links</a></p>", text="Notes", summary="Summary"
        ),
    }
    return Episode(**(values | changes))


def make_show(*episodes: Episode, written: dict[str, object] | None = None, **changes: object) -> Show:
    values: dict[str, object] = {
        "written": ShowTable.model_validate(SHOW | (written or {})),
        "guid": "9b024349-ccf0-5f69-a609-6b82873eab3c",
        "link": "https://show.example/index.html",
        "feed_url": "https://show.example/feed.xml",
        "image": Image(url="https://show.example/art/artwork-00c0ffee.jpg", width=3000, height=3000),
        "episodes": episodes,
        "people": (ANNA,),
    }
    return Show(**(values | changes))


def make_rich_show() -> Show:
    """A small show that uses every tag."""
    remote = {"feed_guid": "917393e3-1b1e-5cef-ace4-edaa54e1f810", "feed_url": "https://other.example/feed.xml", "title": "Other"}
    value = {
        "type": "lightning",
        "method": "keysend",
        "suggested": "0.00000005",
        "recipients": [
            {"type": "node", "address": "02d5", "split": 99, "name": "Anna", "custom_key": "696969", "custom_value": "abc"},
            {"type": "lnaddress", "address": "fee@show.example", "split": 1, "fee": True},
        ],
    }
    splits = [
        {"start_time": 60, "duration": 237.5, "remote_start_time": 0, "remote_percentage": 95, "remote_item": remote | {"item_guid": "x"}},
        {"start_time": 330, "duration": 53, "recipients": [{"type": "node", "address": "03ae", "split": 5}]},
    ]
    show_level = {
        "type": "serial",
        "apple_title": "Bread",
        "copyright": "Anna Lind",
        "owner": {"name": "Anna Lind", "email": "anna@show.example", "public": True},
        "verify": {"apple": "05124", "other": ["S6lpp-7ZCn8-dZfGc-OoyaG"]},
        "ai": {"content": True, "voices": True, "disclosure": "The voices of this show are synthetic."},
        "blocks": [{"block": True}, {"id": "google", "block": False}],
        "funding": [{"url": "https://pay.example/", "label": "Buy us flour"}, {"url": "https://pay.example/more"}],
        "license": "cc-by-4.0",
        "location": [{"name": "Gdańsk", "rel": "creator", "geo": "geo:54.35,18.65", "osm": "R1569251", "country": "PL"}],
        "artwork_alt": "A loaf",
        "images": [{"href": "https://show.example/art/wide.webp", "width": 1600, "height": 900, "type": "image/webp", "purpose": "banner"}],
        "value": value | {"time_splits": splits},
        "podroll": [remote],
        "remote_items": [remote | {"medium": "music"}],
        "publisher": {"feed_guid": "003af0a0-6a45-55cf-b765-68e3d349551a", "feed_url": "https://publisher.example/feed.xml"},
        "update_frequency": {"text": "weekly, ten times", "rrule": "FREQ=WEEKLY;COUNT=10", "dtstart": "2026-01-01", "complete": False},
        "podping": True,
        "chat": {"server": "jabber.example", "protocol": "xmpp", "account_id": "anna@jabber.example", "space": "bread@muc.example"},
        "social": [{"protocol": "activitypub", "uri": "https://social.example/@bread/1", "priority": 1}],
        "txt": [{"text": "naj3eEZaWVVY9a38uhX8FekACyhtqP4JN"}, {"text": "a release note", "purpose": "release"}],
        "trailer": "https://show.example/media/hello.mp3",
    }
    item_level = {
        "season": 2,
        "episode": 4,
        "episode_display": "Ch. 4",
        "type": "bonus",
        "explicit": True,
        "author": "Ewa Mąka",
        "apple_title": "Rye for Apple",
        "soundbites": [{"start_time": 73.5, "duration": 60, "title": "Why rye"}, {"start_time": 200, "duration": 15.25}],
        "funding": [{"url": "https://pay.example/rye", "label": "Rye"}],
        "license": {"id": "my-own", "url": "https://show.example/licence"},
        "location": [{"name": "Kraków", "country": "PL"}],
        "cover_alt": "Rye in a field",
        "images": [{"href": "https://show.example/art/rye.jpg", "alt": "Rye", "aspect_ratio": "16/9"}],
        "value": value | {"time_splits": splits},
        "txt": [{"text": "hello", "purpose": "release"}],
        "chat": {"server": "irc.example", "protocol": "irc"},
        "content_links": [{"href": "https://video.example/1", "label": "Watch"}],
        "fediverse": "https://social.example/@bread/110",
        "social": [{"protocol": "matrix", "uri": "matrix:r/bread:example", "account_id": "@bread:example", "priority": 2}],
        "block": True,
    }
    newest = make_episode(
        3,
        written=item_level,
        image=Image(url="https://show.example/art/rye-11223344.jpg", width=1400, height=1400),
        people=(ANNA, BEN),
        transcripts=(
            Document(url="https://show.example/e/transcript-1.vtt", type="text/vtt", language="en"),
            Document(url="https://show.example/e/transcript-1.html", type="text/html", timed=False),
        ),
        chapters=(
            Chapter(start=0, title="Start"),
            Chapter(start=61.5, title="Flour & water", url="https://flour.example/?a=1&b=2", image="https://show.example/art/flour.jpg"),
            Chapter(start=70, title="Hidden", toc=False),
            Chapter(start=3661.25, title="End"),
        ),
        chapters_document=Document(url="https://show.example/e/chapters-1.json", type="application/json+chapters"),
        alternates=(
            Enclosure(
                url="https://show.example/media/rye.mp4",
                length=7924786,
                type="video/mp4",
                duration=1151.6,
                sha256="00" * 32,
                bitrate=511276,
                title="Video",
                height=720,
                lang="en",
                rel="video",
                codecs="avc1.4d401f",
            ),
            Enclosure(
                url="https://show.example/media/rye.opus", length=0, type="audio/ogg", duration=1, default=True, integrity="sha384-AAAA"
            ),
        ),
    )
    trailer = make_episode(2, written={"type": "trailer", "season": 2, "comments": False, "fediverse": "https://social.example/@bread/9"})
    berlin = timezone(timedelta(hours=2))
    first = make_episode(
        1, written={"comments": "https://talk.example/1"}, guid="https://old.example/?p=1", date=datetime(2025, 7, 1, tzinfo=berlin)
    )
    live = LiveItemTable.model_validate(
        {
            "title": "Baking live",
            "status": "live",
            "start": datetime(2026, 2, 1, 20, tzinfo=berlin),
            "end": datetime(2026, 2, 1, 21, tzinfo=UTC),
            "guid": "live-1",
            "description": "We bake.",
            "url": "https://stream.example/live.mp3",
            "content_links": [{"href": "https://video.example/live", "label": "Watch live"}],
            "image": "https://show.example/art/live.jpg",
            "chat": {"server": "irc.example", "protocol": "irc", "space": "#bread"},
            "link": "https://show.example/live.html",
            "season": 2,
            "episode": 4.5,
            "episode_display": "Ch. 4½",
            "explicit": True,
            "transcripts": [{"url": "https://stream.example/live.vtt", "type": "text/vtt", "language": "en", "rel": "captions"}],
            "chapters": "https://stream.example/live.json",
            "soundbites": [{"start_time": 73.5, "duration": 60, "title": "Kneading"}],
            "value": value | {"time_splits": splits},
        }
    )
    return make_show(
        newest,
        trailer,
        first,
        written=show_level,
        live=(LiveItem(written=live, people=(ANNA, BEN)),),
        seasons={2: SeasonTable(name="Of Rye")},
    )


def parse(feed: bytes) -> etree._Element:
    """The feed as an app reads it: the channel."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False)
    return etree.fromstring(feed, parser).find("channel")
