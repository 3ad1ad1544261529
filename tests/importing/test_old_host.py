"""A show that was taken over leans on its old host no more: its recordings, pictures and pages are here, and its links lead to ours."""

from __future__ import annotations

import hashlib
import json
from urllib.parse import urlsplit

import pytest

from feed.reader import read_feed
from publisher.importing.named_hosts import addresses_naming
from publisher.load.episode_text import read_episode_text
from tests.support.service_servers import Answering
from tests.support.show_factory import Show, picture, recording, tree

HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?><rss version="2.0" xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd" '
    'xmlns:podcast="https://podcastindex.org/namespace/1.0" xmlns:content="http://purl.org/rss/1.0/modules/content/" '
    'xmlns:psc="http://podlove.org/simple-chapters"><channel><title>Old</title><description>All of it.</description>'
    "<language>en</language><itunes:author>Ada</itunes:author><itunes:explicit>no</itunes:explicit>"
    '<itunes:category text="Science"/>'
)
DAYS = [f"{day:02} May 2026 06:00:00 +0000" for day in (20, 13, 6)]
AUDIO = {"/Two.mp3": recording(voice=2), "/One.mp3": recording(voice=1), "/Three.mp3": recording(voice=3)}


@pytest.fixture
def host(monkeypatch):
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    with Answering(answers=[(404, b"", {})]) as server:
        server.routes = {path: (200, body, {"Content-Type": "audio/mpeg"}) for path, body in AUDIO.items()}
        server.routes["/art.png"] = (200, picture(form="PNG"), {})
        yield server


def item(host, title, date, more="", notes="Words."):
    """One item with its own page at the old host."""
    return (
        f"<item><title>{title}</title><guid isPermaLink='false'>{title.lower()}</guid><pubDate>{date}</pubDate>"
        f"<link>{host.address}/shows/{title.lower()}?a=1&amp;b=2</link><content:encoded><![CDATA[{notes}]]></content:encoded>"
        f'<enclosure url="{host.address}/{title}.mp3" length="{len(AUDIO[f"/{title}.mp3"])}" type="audio/mpeg"/>'
        f"<itunes:duration>00:20</itunes:duration>{more}</item>"
    )


def imported(host, folder, items, *options, head=""):
    body = f'{HEAD}{head}<itunes:image href="{host.address}/art.png"/>{"".join(items)}</channel></rss>'
    host.routes["/feed.xml"] = (200, body.encode(), {})
    done = Show(folder).run("import", f"{host.address}/feed.xml", str(folder), "--json", "--url", "https://new.example", *options)
    assert done.status == 0, done.stderr
    return done


def published(folder, *options):
    done = Show(folder).publish(*options)
    assert done.status == 0, done.stderr
    return read_feed((folder / "public" / "feed.xml").read_bytes())


def notes_of(folder, name):
    return read_episode_text((folder / "episodes" / name / "episode.md").read_bytes())[2].strip()


def old_addresses(host, folder):
    """What the built show still says of the old host, its subscribers' address apart."""
    return addresses_naming([urlsplit(host.address).netloc], tree(folder / "public").items())


# recordings


def test_an_imported_recording_is_published_byte_for_byte(host, tmp_path):
    marks = "<psc:chapters><psc:chapter start='0:00' title='Hello'/><psc:chapter start='0:10' title='Bye'/></psc:chapters>"
    imported(host, tmp_path, [item(host, "Two", DAYS[0], marks), item(host, "One", DAYS[1])])
    for row in published(tmp_path).items:
        path = urlsplit(row.attribute("enclosure", "url")).path
        there = (tmp_path / "public" / path.lstrip("/")).read_bytes()
        assert hashlib.sha256(there).hexdigest() == hashlib.sha256(AUDIO[f"/{row.value('title')}.mp3"]).hexdigest()
    again = Show(tmp_path).run("check", "--json")
    assert not again.findings("audio-tags-differ")


def test_retag_gives_imported_recordings_the_tags_of_this_show(host, tmp_path):
    imported(host, tmp_path, [item(host, "One", DAYS[0])], "--retag")
    [row] = published(tmp_path).items
    there = (tmp_path / "public" / urlsplit(row.attribute("enclosure", "url")).path.lstrip("/")).read_bytes()
    assert there[:3] == b"ID3"
    assert there != AUDIO["/One.mp3"]


def test_new_episodes_of_an_imported_show_are_tagged_as_ever(host, tmp_path):
    imported(host, tmp_path, [item(host, "One", DAYS[0])])
    show = Show(tmp_path)
    show.episode("2026-05-21-own", date="2026-05-21T06:00:00+02:00", audio=recording(voice=4))
    newest = published(tmp_path).items[0]
    there = (tmp_path / "public" / urlsplit(newest.attribute("enclosure", "url")).path.lstrip("/")).read_bytes()
    assert there[:3] == b"ID3"
    assert there != recording(voice=4)


# pictures


def test_pictures_in_notes_are_fetched_and_shown(host, tmp_path):
    host.routes["/media/a.jpg"] = (200, picture(200, 200), {})
    host.routes["/media/b"] = (200, picture(300, 200, form="PNG"), {})
    notes = (
        f'<p>See <img src="{host.address}/media/a.jpg?w=1" alt="A [map]"> and '
        f'<a href="https://a.example/"><img src="{host.address}/media/b"></a></p><p><img src="{host.address}/media/a.jpg?w=1"></p>'
    )
    done = imported(host, tmp_path, [item(host, "One", DAYS[0], notes=notes)])
    folder = tmp_path / "episodes" / "2026-05-20-one"
    assert sorted(path.name for path in folder.iterdir()) == ["audio.mp3", "episode.md", "notes-1.jpg", "notes-2.png"]
    assert notes_of(tmp_path, folder.name) == (
        "See ![A \\[map\\]](notes-1.jpg) and [![](notes-2.png)](<https://a.example/>)\n\n![](notes-1.jpg)"
    )
    published(tmp_path)
    assert (tmp_path / "public" / "episodes" / "one.html").read_text("utf-8").count('<img src="https://new.example/art/one-') == 3
    assert old_addresses(host, tmp_path) == ()
    assert done.document["warnings"] == []


def test_a_picture_in_notes_that_cannot_be_had_stays_a_link_and_is_said(host, tmp_path):
    host.routes["/page"] = (200, b"<html>no picture</html>", {})
    notes = (
        f'<p>See <img src="{host.address}/gone.jpg" alt="the map"> <img src="{host.address}/page"> <img src="data:image/gif;base64,R0"></p>'
    )
    done = imported(host, tmp_path, [item(host, "One", DAYS[0], notes=notes)])
    assert f"[the map](<{host.address}/gone.jpg>)" in notes_of(tmp_path, "2026-05-20-one")
    for said in ("/gone.jpg", "/page"):
        assert [line for line in done.document["warnings"] if said in line and line.startswith("2026-05-20-one: ")], done.document[
            "warnings"
        ]
    assert [line for line in done.document["warnings"] if "data:image" in line]
    published(tmp_path)


def test_pictures_of_chapters_come_over(host, tmp_path):
    host.routes |= {"/c/1.jpg": (200, picture(300, 300), {}), "/c/2.png": (200, picture(200, 200, form="PNG"), {})}
    chapters = [
        {"startTime": 0, "title": "A", "img": f"{host.address}/c/1.jpg"},
        {"startTime": 5, "title": "B", "img": f"{host.address}/c/2.png", "url": f"{host.address}/shows/one?b=2&a=1"},
        {"startTime": 9, "title": "C", "img": f"{host.address}/c/1.jpg", "odd": [1]},
        {"startTime": 12, "title": "D", "img": f"{host.address}/c/gone.jpg"},
    ]
    host.routes["/c.json"] = (200, json.dumps({"version": "1.2.0", "author": "Ada", "chapters": chapters}).encode(), {})
    done = imported(
        host, tmp_path, [item(host, "One", DAYS[0], f'<podcast:chapters url="{host.address}/c.json" type="application/json+chapters"/>')]
    )
    folder = tmp_path / "episodes" / "2026-05-20-one"
    here = json.loads((folder / "chapters.json").read_text("utf-8"))
    assert [row["img"] for row in here["chapters"]] == ["chapter-1.jpg", "chapter-2.png", "chapter-1.jpg", f"{host.address}/c/gone.jpg"]
    assert here["chapters"][1]["url"] == "https://new.example/episodes/one.html"
    assert (here["author"], here["chapters"][2]["odd"]) == ("Ada", [1])
    assert (folder / "chapter-2.png").read_bytes() == picture(200, 200, form="PNG")
    assert [line for line in done.document["warnings"] if "/c/gone.jpg" in line]
    published(tmp_path)


def test_pictures_of_inline_chapters_and_their_links_come_over(host, tmp_path):
    host.routes["/c/1.jpg"] = (200, picture(300, 300), {})
    marks = (
        f"<psc:chapters><psc:chapter start='0:00' title='Hello' image='{host.address}/c/1.jpg' href='https://a.example/'/>"
        "<psc:chapter start='0:10' title='Bye'/></psc:chapters>"
    )
    imported(host, tmp_path, [item(host, "One", DAYS[0], marks)])
    folder = tmp_path / "episodes" / "2026-05-20-one"
    assert json.loads((folder / "chapters.json").read_text("utf-8"))["chapters"] == [
        {"startTime": 0, "title": "Hello", "img": "chapter-1.jpg", "url": "https://a.example/"},
        {"startTime": 10, "title": "Bye"},
    ]
    published(tmp_path)
    assert old_addresses(host, tmp_path) == ()


def test_portraits_come_over(host, tmp_path):
    host.routes["/ada.jpg"] = (200, picture(400, 400), {})
    head = (
        f'<podcast:person img="{host.address}/ada.jpg" href="https://ada.example/">Ada Field</podcast:person>'
        f'<podcast:person role="guest" img="{host.address}/gone.jpg">Bob</podcast:person>'
    )
    done = imported(host, tmp_path, [item(host, "One", DAYS[0])], head=head)
    assert (tmp_path / "people" / "ada-field.jpg").read_bytes() == picture(400, 400)
    config = (tmp_path / "config.toml").read_text("utf-8")
    assert 'image = "people/ada-field.jpg"' in config
    assert [line for line in done.document["warnings"] if "/gone.jpg" in line]
    feed = published(tmp_path)
    [person] = [node for node in feed.channel.all("podcast:person") if node.text == "Ada Field"]
    assert person.get("img").startswith("https://new.example/")


# links


def test_links_to_episodes_of_the_old_host_become_links_to_ours(host, tmp_path):
    other = urlsplit(host.address).netloc
    notes = (
        f'<p>As in <a href="{host.address}/shows/one?b=2&amp;a=1#t=60">the first</a>, <a href="https://{other}/shows/one/?a=1&amp;b=2">again</a>, '
        f'<a href="{host.address}/shows/nobody">nobody</a>, <a href="{host.address}/One.mp3">heard</a>, '
        f'<a href="https://a.example/shows/one?a=1&amp;b=2">elsewhere</a></p>'
    )
    done = imported(host, tmp_path, [item(host, "Two", DAYS[0], notes=notes), item(host, "One", DAYS[1])])
    assert notes_of(tmp_path, "2026-05-20-two") == (
        f"As in [the first](<one.html>), [again](<one.html>), [nobody](<{host.address}/shows/nobody>), [heard](<one.html>), "
        "[elsewhere](<https://a.example/shows/one?a=1&b=2>)"
    )
    feed = published(tmp_path)
    assert 'href="https://new.example/episodes/one.html"' in feed.items[0].value("content:encoded")
    assert [(row.file, row.address) for row in old_addresses(host, tmp_path)]
    assert {row.address for row in old_addresses(host, tmp_path)} == {f"{host.address}/shows/nobody"}
    assert [line for line in done.document["warnings"] if "/shows/nobody" in line]


def test_nothing_names_the_old_host_of_a_show_that_was_taken_over_whole(host, tmp_path):
    host.routes |= {"/a.jpg": (200, picture(200, 200), {}), "/ada.jpg": (200, picture(400, 400), {})}
    notes = f'<p><a href="{host.address}/shows/one?a=1&amp;b=2">One</a> <img src="{host.address}/a.jpg" alt="A"></p>'
    head = f'<link>{host.address}/shows</link><podcast:person img="{host.address}/ada.jpg">Ada Field</podcast:person>'
    imported(host, tmp_path, [item(host, "Two", DAYS[0], notes=notes), item(host, "One", DAYS[1])], head=head)
    published(tmp_path)
    assert old_addresses(host, tmp_path) == ()


# everything else that a feed names


def test_an_old_host_that_has_all_of_it_is_named_nowhere_afterwards(host, tmp_path):
    """Pictures, other encodings, transcripts, chapters, summaries, soundbites, funding and links of an old host."""
    old, other = host.address, "https://elsewhere.example"
    host.routes |= {
        "/show/wide.png": (200, picture(1200, 600, form="PNG"), {}),
        "/one/square.jpg": (200, picture(800, 800), {}),
        "/one/small.m4a": (200, AUDIO["/Three.mp3"], {}),
        "/one/t.vtt": (200, b"WEBVTT\n\n00:00.000 --> 00:04.000\nHello there.\n", {}),
        "/one/t.de.srt": (200, b"1\n00:00:00,000 --> 00:00:04,000\nGuten Tag.\n", {}),
        "/one/c.json": (
            200,
            json.dumps({"version": "1.2.0", "chapters": [{"startTime": 0, "title": "A", "url": f"{old}/shows/two?a=1&b=2"}]}).encode(),
            {},
        ),
        "/one/cover.jpg": (200, picture(1400, 1400), {}),
        "/ada.jpg": (200, picture(400, 400), {}),
    }
    page = f"{old}/shows/two?a=1&amp;b=2"
    more = (
        f'<itunes:image href="{old}/one/cover.jpg"/>'
        f'<podcast:image href="{old}/one/square.jpg" alt="A square." purpose="social"/>'
        f'<podcast:alternateEnclosure type="audio/mpeg" length="{len(AUDIO["/Three.mp3"])}" title="Small"><podcast:source uri="{old}/one/small.m4a"/>'
        "</podcast:alternateEnclosure>"
        f'<podcast:alternateEnclosure type="video/mp4" title="Video"><podcast:source uri="{other}/one.mp4"/></podcast:alternateEnclosure>'
        f'<podcast:transcript url="{old}/one/t.vtt" type="text/vtt"/>'
        f'<podcast:transcript url="{old}/one/t.de.srt" type="application/x-subrip" language="de"/>'
        f'<podcast:chapters url="{old}/one/c.json" type="application/json+chapters"/>'
        '<podcast:soundbite startTime="1" duration="15">A stretch</podcast:soundbite>'
        f'<podcast:funding url="{page}">As told</podcast:funding>'
        f'<podcast:contentLink href="{page}">The other one</podcast:contentLink>'
        f"<description>In short, after {page}, and {page}. More words than the notes have.</description>"
        f'<podcast:person img="{old}/ada.jpg" href="{other}/ada">Ada Field</podcast:person>'
    )
    head = (
        f"<link>{old}/shows</link>"
        f'<podcast:image href="{old}/show/wide.png" alt="Wide." purpose="banner"/><podcast:funding url="{other}/pay">Pay</podcast:funding>'
    )
    done = imported(
        host,
        tmp_path,
        [item(host, "Two", DAYS[0]), item(host, "One", DAYS[1], more, notes=f'<p>See <a href="{page}">two</a> or {page}</p>')],
        head=head,
    )
    folder = tmp_path / "episodes" / "2026-05-13-one"
    names = {path.name for path in folder.iterdir()}
    assert {"alternate-1.mp3", "image-1.jpg", "transcript.vtt", "transcript.de.srt", "chapters.json", "cover.jpg", "audio.mp3"} <= names
    assert (folder / "alternate-1.mp3").read_bytes() == AUDIO["/Three.mp3"]
    front = read_episode_text((folder / "episode.md").read_bytes())[0]
    there = "https://new.example/episodes/two.html"
    assert front["summary"] == f"In short, after {there}, and {there}. More words than the notes have."
    assert (front["funding"][0]["url"], front["content_links"][0]["href"]) == (there, there)
    assert [(row.get("file"), row.get("url")) for row in front["alternates"]] == [("alternate-1.mp3", None), (None, f"{other}/one.mp4")]
    assert [row["href"] for row in front["images"]] == ["image-1.jpg"]
    feed = published(tmp_path)
    assert old_addresses(host, tmp_path) == ()
    assert done.document["warnings"] == [f"not taken over: the show's page at the old host, {old}/shows: its page here stands instead"]
    [one] = [row for row in feed.items if row.value("title") == "One"]
    sources = [source.get("uri") for tag in one.all("podcast:alternateEnclosure") for source in tag.all("podcast:source")]
    assert sources[0].startswith("https://new.example/media/one-alt-") and sources[1] == f"{other}/one.mp4"
    assert one.attribute("podcast:image", "href").startswith("https://new.example/art/")
    assert feed.channel.value("podcast:funding") == "Pay"


def test_what_of_it_cannot_come_over_is_listed(host, tmp_path):
    old = host.address
    more = (
        f'<podcast:image href="{old}/gone.jpg"/>'
        f'<podcast:alternateEnclosure type="audio/mpeg"><podcast:source uri="{old}/gone.mp3"/></podcast:alternateEnclosure>'
        f'<podcast:transcript url="{old}/gone.vtt" type="text/vtt"/>'
        f'<podcast:funding url="{old}/support">Support</podcast:funding>'
        f"<description>In short: {old}/about</description>"
    )
    head = f'<podcast:funding url="{old}/pay">Pay</podcast:funding><podcast:trailer url="{old}/trailer.mp3" pubdate="{DAYS[0]}">T</podcast:trailer>'
    done = imported(host, tmp_path, [item(host, "One", DAYS[0], more)], head=head)
    [listed] = [line for line in done.document["warnings"] if "still lead to the old host" in line]
    gone = ("gone.jpg", "gone.mp3", "support", "about", "pay", "trailer.mp3")
    assert listed.startswith(f"{len(gone)} addresses") and all(f"{old}/{name}" in listed for name in gone)
    assert [line for line in done.document["warnings"] if "transcript.vtt" in line]
    published(tmp_path)
    assert {row.address for row in old_addresses(host, tmp_path)} == {f"{old}/{name}" for name in gone}


def test_other_encodings_stay_where_recordings_do_and_come_with_a_later_import(host, tmp_path):
    host.routes["/small.mp3"] = (200, AUDIO["/Three.mp3"], {})
    more = f'<podcast:alternateEnclosure type="audio/mpeg"><podcast:source uri="{host.address}/small.mp3"/></podcast:alternateEnclosure>'
    imported(host, tmp_path, [item(host, "One", DAYS[0], more)], "--no-audio")
    folder = tmp_path / "episodes" / "2026-05-20-one"
    assert not list(folder.glob("alternate-*"))
    imported(host, tmp_path, [item(host, "One", DAYS[0], more)])
    assert (folder / "alternate-1.mp3").exists()
    assert read_episode_text((folder / "episode.md").read_bytes())[0]["alternates"][0]["file"] == "alternate-1.mp3"
    before = tree(tmp_path)
    imported(host, tmp_path, [item(host, "One", DAYS[0], more)])
    assert tree(tmp_path) == before
