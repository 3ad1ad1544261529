"""A feed of another host, generated with one fault, imported with the real command and published."""

from __future__ import annotations

import datetime as dt
from email.utils import parsedate_to_datetime

from feed.reader import read_feed
from tests.support.show_factory import Show

HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?><rss version="2.0" xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd" '
    'xmlns:podcast="https://podcastindex.org/namespace/1.0"><channel><title>Old</title><description>All of it.</description>'
    "<itunes:author>Ada</itunes:author><itunes:explicit>no</itunes:explicit>"
)
USUAL = '<language>en</language><itunes:category text="Science"/>'
DAYS = [f"{day:02} May 2026 06:00:00 +0000" for day in (20, 13, 6)]


def item(host, title, date, guid=None, more=""):
    """One item; `guid` is XML as it stands, None for no such element."""
    return (
        f"<item><title>{title}</title>"
        + (f'<guid isPermaLink="false">{guid}</guid>' if guid is not None else "")
        + (f"<pubDate>{date}</pubDate>" if date is not None else "")
        + f'<description>Words.</description><enclosure url="{host.address}/{title.replace(" ", "-")}.mp3" length="9" type="audio/mpeg"/>'
        + f"{more}</item>"
    )


def imported(host, folder, items, *options, head=USUAL):
    picture_of_show = f'<itunes:image href="{host.address}/art.png"/>'
    host.routes["/feed.xml"] = (200, f"{HEAD}{head}{picture_of_show}{''.join(items)}</channel></rss>".encode(), {})
    done = Show(folder).run("import", f"{host.address}/feed.xml", str(folder), "--yes", "--json", "--url", "https://new.example", *options)
    assert done.status == 0, done.stderr
    account = (folder / "IMPORTED.md").read_text("utf-8")
    assert all(" ".join(line.split()) in account for line in done.document["warnings"])
    assert f"{done.document['episodes']} episode" in account
    return done


def published(folder):
    """(guid, date in ISO 8601) of each item, as the new feed has them."""
    done = Show(folder).publish()
    assert done.status == 0, done.stderr
    items = read_feed((folder / "public" / "feed.xml").read_bytes()).items
    return [(row.value("guid"), parsedate_to_datetime(row.value("pubDate")).astimezone(dt.UTC).isoformat()) for row in items]
