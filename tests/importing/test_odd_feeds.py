"""Feeds that are no plain RSS 2.0, or name their recordings oddly: taken as apps take them, and what was done is said."""

from __future__ import annotations

import gzip

import pytest

from tests.support.imported_feeds import DAYS, HEAD, USUAL, imported, item, published
from tests.support.show_factory import Show, recording


def refused(host, folder, body, headers=None, status=200):
    host.routes["/feed.xml"] = (status, body if isinstance(body, bytes) else body.encode(), headers or {})
    done = Show(folder).run("import", f"{host.address}/feed.xml", str(folder / "show"), "--yes", "--url", "https://new.example")
    assert done.status in {3, 4}
    assert not (folder / "show").exists()
    return done.stderr


@pytest.mark.parametrize(
    ("body", "said", "advice"),
    [
        ('<feed xmlns="http://www.w3.org/2005/Atom"><title>A</title></feed>', "it is an Atom feed", "RSS feed"),
        ('<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"/>', "it is RSS 1.0", "RSS 2.0"),
        ('<opml><body><outline xmlUrl="https://pod.example/feed"/></body></opml>', "a list of feeds", "https://pod.example/feed"),
        ('<rss version="2.0"></rss>', "no <channel>", "copied whole"),
        ("<RSS><channel/></RSS>", "<RSS>, not with <rss>", "of a page"),
        ('<html><head><link type="application/rss+xml" href="/pod.xml"/></head><body>Log in</body></html>', "a web page", "/pod.xml"),
        ('<html xmlns="http://www.w3.org/1999/xhtml"><body/></html>', "a web page", "RSS button"),
    ],
    ids=["Atom", "RSS 1.0", "OPML", "no channel", "another root", "a page that is XML", "XHTML"],
)
def test_what_is_no_podcast_feed_is_refused_with_what_it_is(host, tmp_path, body, said, advice):
    words = refused(host, tmp_path, body)
    assert said in words
    assert advice in words


@pytest.mark.parametrize(
    ("status", "headers", "body", "advice"),
    [
        (401, {}, b"", "for subscribers only?"),
        (403, {}, b"", "give the file"),
        (404, {}, b"", "is the address right?"),
        (410, {}, b"", "gone for good"),
        (200, {"Content-Encoding": "br"}, b"\x0b\x02", "give the file"),
        (200, {"Content-Encoding": "gzip"}, gzip.compress(b"<rss>" + bytes(64_100_000)), "larger than 64,000,000 bytes"),
    ],
    ids=["a password", "forbidden", "not there", "gone", "brotli", "a bomb"],
)
def test_a_feed_that_cannot_be_had_says_what_to_do(host, tmp_path, status, headers, body, advice):
    assert advice in refused(host, tmp_path, body, headers, status)


def test_a_feed_in_a_namespace_of_its_own_is_read(host, tmp_path):
    whole = f"{HEAD}{USUAL}<itunes:image href='{host.address}/art.png'/>{item(host, 'One', DAYS[0], 'one')}</channel></rss>"
    host.routes["/own.xml"] = (200, whole.replace("<rss ", '<rss xmlns="http://backend.userland.com/rss2" ').encode(), {})
    done = Show(tmp_path).run("import", f"{host.address}/own.xml", str(tmp_path / "show"), "--yes", "--url", "https://new.example")
    assert done.status == 0, done.stderr
    assert [row[0] for row in published(tmp_path / "show")] == ["one"]
    assert "RSS's own elements stand in a namespace" in Show(tmp_path).run("check", f"{host.address}/own.xml").stdout


def test_items_outside_the_channel_are_taken_and_it_is_said(host, tmp_path):
    nested = f"<channel>{item(host, 'Nested', DAYS[1], 'two')}</channel>"
    rows = [item(host, "One", DAYS[0], "one"), nested, "</channel>", item(host, "Behind", DAYS[2], "three"), "<channel>"]
    done = imported(host, tmp_path, rows)
    assert any("2 items outside its <channel>" in line for line in done.document["warnings"])
    assert [row[0] for row in published(tmp_path)] == ["one", "two", "three"]


def test_a_feed_without_episodes_says_so(host, tmp_path):
    done = imported(host, tmp_path, [])
    assert "the feed holds no episodes" in done.document["warnings"]


@pytest.mark.parametrize("garbage", ["<br />\n<b>Notice</b>: Undefined index in <b>x.php</b> & more\n", "Warning: x\n\n"])
def test_what_a_broken_host_writes_before_the_feed_is_taken_out_and_it_is_said(host, tmp_path, garbage):
    rows = [item(host, "One", DAYS[0], "one")]
    imported(host, tmp_path / "plain", rows)
    status, body, headers = host.routes["/feed.xml"]
    host.routes["/odd.xml"] = (status, garbage.encode() + body, headers)
    done = Show(tmp_path).run("import", f"{host.address}/odd.xml", str(tmp_path / "odd"), "--yes", "--json", "--url", "https://new.example")
    assert any("something before the feed, taken out" in line for line in done.document["warnings"])
    assert published(tmp_path / "odd") == published(tmp_path / "plain")


def test_addresses_without_a_host_are_read_from_where_the_feed_lies(host, tmp_path):
    whole = host.address
    rows = [
        item(host, "One", DAYS[0], "one", '<link>/one</link><itunes:image href="art.png"/>').replace(f'"{whole}/', '"/rel/'),
        item(host, "Two", DAYS[1], "two").replace(f'"{whole}/', f'"//{whole.partition("//")[2]}/'),
        item(host, "Three", DAYS[2]).replace(f'"{whole}/', '"').replace("<item>", '<item xml:base="/based/">'),
    ]
    done = imported(host, tmp_path, rows)
    assert done.document["missing"] == 0
    assert [line for line in done.document["warnings"] if "5 addresses without a host" in line and "/rel/One.mp3" in line]
    assert {"/rel/One.mp3", "/Two.mp3", "/based/Three.mp3"} <= {asked.path for asked in host.asked}
    assert [row[0] for row in published(tmp_path)] == ["one", "two", f"{whole}/based/Three.mp3"]
    assert f'former = ["{whole}/one"]' in (tmp_path / "episodes/2026-05-20-one/episode.md").read_text("utf-8")


def test_the_recording_is_the_enclosure_that_sounds_and_further_ones_are_said(host, tmp_path):
    def named(title, *files):
        rows = "".join(f'<enclosure url="{host.address}/{name}" length="9" type="{kind}"/>' for name, kind in files)
        return item(host, title, DAYS[0], title.lower()).replace("<enclosure", f"{rows}<none", 1)

    rows = [
        named("Picture", ("p.jpg", "image/jpeg"), ("p.mp3", "audio/mpeg"), ("p.m4a", "audio/x-m4a")),
        named("Mislabelled", ("m.mp3", "text/html")),
        named("Bare", ("b", ""), ("c.pdf", "application/pdf")),
        named("Paper", ("only.pdf", "application/pdf")),
    ]
    done = imported(host, tmp_path, rows)
    assert {asked.path for asked in host.asked} & {"/p.jpg", "/p.m4a", "/c.pdf", "/only.pdf"} == set()
    assert [row[0] for row in published(tmp_path)] == ["picture", "mislabelled", "bare"]
    said = "\n".join(done.document["warnings"])
    for words in ("a further <enclosure> of an episode, audio/x-m4a", "application/pdf (2 times)", "“Paper”: the feed names no recording"):
        assert words in said


def test_a_recording_in_a_media_group_or_of_no_type_is_one(host, tmp_path):
    def media(title, xml):
        named = f'<x xmlns:media="http://search.yahoo.com/mrss/">{xml}</x>'.replace("<x ", "<media:group ").replace(
            "</x>", "</media:group>"
        )
        return item(host, title, DAYS[0], title.lower()).replace("<enclosure", f"{named}<none", 1)

    rows = [
        media("Typed", f'<media:content url="{host.address}/t.mp3" type="audio/mpeg"/>'),
        media("Medium", f'<media:content url="{host.address}/m" medium="audio"/>'),
        media("Named", f'<media:content url="{host.address}/n.mp3?x=1"/>'),
        media("Picture", f'<media:content url="{host.address}/n.jpg"/>'),
    ]
    done = imported(host, tmp_path, rows)
    assert [row[0] for row in published(tmp_path)] == ["typed", "medium", "named"]
    assert any(line == "not taken over: <media:group> of episodes" for line in done.document["warnings"])


def test_a_lock_counts_wherever_it_stands(host, tmp_path):
    locks = '<podcast:locked>no</podcast:locked><podcast:locked owner="ada@old.example">TRUE</podcast:locked>'
    words = refused(host, tmp_path, f"{HEAD}{USUAL}{locks}{item(host, 'One', DAYS[0], 'one')}</channel></rss>")
    assert "ada@old.example" in words


def test_transcripts_and_chapters_that_cannot_be_read_are_left_out_and_said(host, tmp_path):
    """They would stop the first publish, days later, of somebody who never wrote them."""
    words = b"WEBVTT\n\n00:00.000 --> 00:02.000\nHallo\n"
    page = b"<!DOCTYPE html><html><body>Please log in</body></html>"
    host.routes |= {
        "/packed.vtt": (200, gzip.compress(words), {}),
        "/login.vtt": (200, page, {}),
        "/login.json": (200, page, {}),
        "/text.html": (200, b"<p><time>0:00</time> Hallo.</p>", {}),
        "/audio.mp3": (200, recording(voice=1), {}),
    }

    def named(title, day, transcript, chapters=""):
        more = f'<podcast:transcript url="{host.address}/{transcript}" type="text/{"html" if "html" in transcript else "vtt"}"/>'
        more += f'<podcast:chapters url="{host.address}/{chapters}" type="application/json+chapters"/>' if chapters else ""
        return item(host, title, day, title.lower(), more)

    done = imported(host, tmp_path, [named("Packed", DAYS[0], "packed.vtt"), named("Login", DAYS[1], "login.vtt", "login.json")])
    assert (tmp_path / "episodes/2026-05-20-packed/transcript.vtt").read_bytes() == words
    assert sorted(path.name for path in (tmp_path / "episodes/2026-05-13-login").iterdir()) == ["audio.mp3", "episode.md"]
    for name in ("login.vtt", "login.json"):
        assert any(f"/{name}" in line and "left out" in line for line in done.document["warnings"]), done.document["warnings"]
    assert [row[0] for row in published(tmp_path)] == ["packed", "login"]


def test_a_part_that_nobody_asked_for_is_no_recording(host, tmp_path):
    """Some hosts send the first bytes to everybody, as if players had asked for them."""
    host.routes["/One.mp3"] = (206, recording(voice=1)[:999], {"Content-Range": "bytes 0-998/24128"})
    done = imported(host, tmp_path, [item(host, "One", DAYS[0], "one")])
    assert done.document["missing"] == 1
    assert any("another part than was asked for" in line for line in done.document["warnings"])
    assert not list(tmp_path.rglob("audio.mp3"))


def test_a_recording_that_no_publish_takes_is_said(host, tmp_path):
    host.routes["/One.mp3"] = (200, b"OggS" + bytes(9000), {"Content-Type": "audio/ogg"})
    done = imported(host, tmp_path, [item(host, "One", DAYS[0], "one")])
    assert any("2026-05-20-one: the recording is Ogg, which no publish takes" in line for line in done.document["warnings"])


def test_a_host_that_is_not_there_is_said_without_numbers(tmp_path):
    for address, said in (("https://no-such-host.invalid/feed.xml", "no host of this name"), ("http://127.0.0.1:9/feed.xml", "refused")):
        done = Show(tmp_path).run("import", address, str(tmp_path / "show"))
        assert done.status == 4
        assert said in done.stderr and "Errno" not in done.stderr


@pytest.mark.parametrize(("written", "said"), [("on", True), ("1", True), ("no", False), ("", False)])
def test_a_lock_that_is_neither_yes_nor_no_is_said(host, tmp_path, written, said):
    done = imported(host, tmp_path, [], head=f"{USUAL}<podcast:locked>{written}</podcast:locked>")
    assert any("podcast:locked takes yes or no" in line for line in done.document["warnings"]) is said
