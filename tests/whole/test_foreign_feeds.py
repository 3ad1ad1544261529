"""`publish check FILE`: feeds that other programs wrote, held against the same rules."""

from __future__ import annotations

import pytest
from show_factory import Show

OLD = """<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0" xmlns:itunes="http://www.itunes.com/DTDs/Podcast-1.0.dtd">
<channel><title> My Cast </title><link>http://cast.example</link><description><![CDATA[<p>Hi</p>]]></description><language>en_US</language>
<itunes:explicit>no</itunes:explicit><itunes:category text="Technology"><itunes:category text="Podcasting"/></itunes:category>
<itunes:image href="cover.webp"/>
<item><title>#1 Hello</title><guid>1</guid><enclosure url="http://cast.example/a.ogg" length="None" type="audio/ogg"/>
<pubDate>Mon, 1 Jan 2026 10:00 EST</pubDate><itunes:duration>01:01.5</itunes:duration></item>
<item><title></title><enclosure url="http://cast.example/a.ogg" length="0" type="audio/mpeg"/></item>
</channel></rss>"""
FEEDS = [
    ("old.xml", OLD, {"F002", "F009", "F010", "F013", "F014", "I001", "I003", "I005", "I008", "I009", "I010", "I011", "I018"}),
    ("atom.xml", '<?xml version="1.0" encoding="utf-8"?><feed xmlns="http://www.w3.org/2005/Atom"><title>A</title></feed>', {"F002"}),
    ("page.html", "<html><body>Not found</body>", {"F001"}),
    ("empty.xml", "", {"F001"}),
]


@pytest.mark.parametrize(("name", "text", "codes"), FEEDS, ids=[row[0] for row in FEEDS])
def test_a_feed_of_others_breaks_these_rules(tmp_path, name, text, codes):
    path = tmp_path / name
    path.write_text(text, "utf-8")
    outcome = Show(tmp_path).run("check", str(path), "--json")
    assert outcome.status == 3
    assert {row["code"] for row in outcome.findings() if row["severity"] == "error"} == codes
    assert {row["file"] for row in outcome.findings()} == {str(path)}
