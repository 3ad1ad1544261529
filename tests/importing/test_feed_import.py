from __future__ import annotations

import tomllib

import pytest

from publisher.importing.html_to_markdown import as_markdown
from publisher.load.episode_text import read_episode_text
from publisher.web.bounded_fetch import Fetcher, FetchError
from publisher.web.web_requests import is_inside
from tests.support.service_servers import Answering
from tests.support.show_factory import Show, picture, recording

HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?><rss version="2.0" xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd" '
    'xmlns:podcast="https://podcastindex.org/namespace/1.0" xmlns:content="http://purl.org/rss/1.0/modules/content/" '
    'xmlns:atom="http://www.w3.org/2005/Atom" xmlns:psc="http://podlove.org/simple-chapters"><channel>'
)
GUID = "917393e3-1b1e-5cef-ace4-edaa54e1f810"


def full(address):
    return f"""{HEAD}<title>Old &amp; Gold</title><description>&lt;p&gt;All of it.&lt;/p&gt;</description><language>de-DE</language>
<itunes:author>Ada "A" Field</itunes:author><itunes:explicit>no</itunes:explicit><itunes:type>serial</itunes:type>
<itunes:category text="News"><itunes:category text="Tech News"/></itunes:category><itunes:image href="{address}/art.png"/>
<itunes:owner><itunes:name>Ada</itunes:name><itunes:email>ada@old.example</itunes:email></itunes:owner>
<podcast:guid>{GUID}</podcast:guid><atom:link rel="next" href="/feed-2.xml"/>
<item><title>Zwei: Über alles</title><link>https://old.example/?p=2&amp;x=1</link><guid isPermaLink="false">tag:2</guid><pubDate>Fri, 08 May 2026 06:00:00 +0200</pubDate>
<itunes:season>2</itunes:season><itunes:episode>7</itunes:episode><itunes:episodeType>bonus</itunes:episodeType><itunes:explicit>yes</itunes:explicit>
<description>short</description>
<content:encoded><![CDATA[<p>With <b>notes</b> and <a href="https://a.example">a link</a>.</p>
<script>x</script>]]></content:encoded>
<podcast:transcript url="{address}/t.srt" type="application/srt"/><podcast:transcript url="{address}/t.vtt" type="text/vtt"/>
<podcast:chapters url="{address}/c.json" type="application/json+chapters"/>
<enclosure url="{address}/hop" length="1" type="audio/mpeg"/></item></channel></rss>""".encode()


def older(address):
    return f"""{HEAD}<title>Old &amp; Gold</title><item><title>One</title><guid>one</guid><podcast:episode>1.50</podcast:episode>
<pubDate>Fri, 01 May 2026 06:00:00 GMT</pubDate>
<psc:chapters version="1.2"><psc:chapter start="00:00:00.000" title="Hello"/><psc:chapter start="00:05:00" title="Bye"/></psc:chapters>
<description>Plain.</description><enclosure url="{address}/one.mp3" length="1" type="audio/mpeg"/></item></channel></rss>""".encode()


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch):
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def host():
    with Answering(answers=[(404, b"", {})]) as server:
        server.routes = {
            "/feed.xml": (200, full(server.address), {}),
            "/feed-2.xml": (200, older(server.address), {}),
            "/art.png": (200, picture(form="PNG"), {}),
            "/hop": (302, b"", {"Location": "/two.mp3"}),
            "/two.mp3": (200, recording(voice=2), {"ETag": '"two"'}),
            "/one.mp3": (200, recording(voice=1), {}),
            "/t.vtt": (200, b"WEBVTT\n\n00:00.000 --> 00:02.000\nHallo\n", {}),
            "/t.srt": (200, b"never fetched", {}),
            "/c.json": (200, b'{"version": "1.2.0", "chapters": [{"startTime": 0, "title": "A"}, {"startTime": 5, "title": "B"}]}', {}),
        }
        yield server


def taken(host, folder, *options, feed="/feed.xml"):
    return Show(folder).run("import", f"{host.address}{feed}", str(folder), *options)


def front(folder, name):
    return read_episode_text((folder / "episodes" / name / "episode.md").read_bytes())


def test_a_show_is_taken_over_with_its_identity_and_its_files(host, tmp_path):
    folder = tmp_path / "show"
    done = taken(host, folder, "--json", "--url", "https://new.example")
    assert done.status == 0, done.stderr
    assert done.document["warnings"] == []
    config = tomllib.loads((folder / "config.toml").read_text())
    assert config["show"]["guid"] == GUID
    assert config["show"]["title"] == "Old & Gold"
    assert config["feed"] == {"former": [f"{host.address}/feed.xml"], "new_feed_url": "https://new.example/feed.xml"}
    assert config["show"]["categories"] == ["News > Tech News"]
    assert (config["show"]["type"], config["show"]["explicit"], config["show"]["artwork"]) == ("serial", False, "artwork.png")
    assert sorted(path.name for path in (folder / "episodes").iterdir()) == ["2026-05-01-one", "2026-05-08-zwei-ueber-alles"]
    episode = folder / "episodes" / "2026-05-08-zwei-ueber-alles"
    assert sorted(path.name for path in episode.iterdir()) == ["audio.mp3", "chapters.json", "episode.md", "transcript.vtt"]
    assert (episode / "audio.mp3").read_bytes() == recording(voice=2)
    written, _, notes, _ = front(folder, episode.name)
    assert {name: written[name] for name in ("guid", "season", "episode", "type", "explicit")} == {
        "guid": "tag:2",
        "season": 2,
        "episode": 7,
        "type": "bonus",
        "explicit": True,
    }
    assert written["date"].isoformat() == "2026-05-08T06:00:00+02:00"
    assert written["former"] == ["https://old.example/?p=2&x=1"]
    assert "former" not in front(folder, "2026-05-01-one")[0]
    assert notes.strip() == "With **notes** and [a link](<https://a.example>)."
    assert front(folder, "2026-05-01-one")[0]["episode"] == 1.5
    assert (folder / "episodes" / "2026-05-01-one" / "chapters.txt").read_text() == "00:00:00.000 Hello\n00:05:00 Bye\n"


def test_what_was_taken_over_can_be_published_with_the_same_guids(host, tmp_path):
    folder = tmp_path / "show"
    assert taken(host, folder, "--url", "https://new.example").status == 0
    done = Show(folder).publish()
    assert done.status == 0, done.stderr
    feed = (folder / "public" / "feed.xml").read_text()
    assert all(guid in feed for guid in (GUID, ">tag:2<", ">one<"))


def test_a_second_call_fetches_only_what_is_missing_and_overwrites_nothing(host, tmp_path):
    folder = tmp_path / "show"
    first = taken(host, folder, "--no-audio", "--json")
    assert first.document["missing"] == 0
    assert not list(folder.rglob("audio.*"))
    note = folder / "episodes" / "2026-05-01-one" / "episode.md"
    note.write_text(note.read_text() + "mine\n")
    host.routes["/one.mp3"] = (500, b"", {})
    second = taken(host, folder, "--json")
    assert (second.status, second.document["missing"]) == (0, 1)
    assert "500" in second.stderr
    host.routes["/one.mp3"] = (200, recording(voice=1), {})
    host.asked.clear()
    assert taken(host, folder, "--json").document["missing"] == 0
    again = "/feed.xml"  # where its address ends: apps complete guids by that
    assert [asked.path for asked in host.asked] == ["/feed.xml", "/feed-2.xml", again, "/one.mp3"]
    assert note.read_text().endswith("mine\n")


def test_without_a_guid_the_show_keeps_the_one_of_its_address(host, tmp_path):
    from feed.guids import show_guid

    folder = tmp_path / "show"
    done = taken(host, folder, "--no-audio", "--json", feed="/feed-2.xml")
    assert done.document["guid"] == show_guid(f"{host.address}/feed-2.xml")
    assert any("categor" in line for line in done.document["warnings"])


def test_a_folder_of_another_show_is_left_alone(host, tmp_path):
    (tmp_path / "config.toml").write_text("mine")
    assert taken(host, tmp_path).status == 2
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "file").write_text("x")
    assert taken(host, tmp_path / "other").status == 2
    assert (tmp_path / "config.toml").read_text() == "mine"


@pytest.mark.parametrize(
    ("answer", "status"),
    [
        ((404, b"", {}), 4),
        ((302, b"", {"Location": "/feed.xml"}), 4),
        ((302, b"", {"Location": "file:///etc/passwd"}), 4),
        ((200, b"<html><body>Hi</body></html>", {}), 3),
        ((200, b"not xml", {}), 3),
        ((200, b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><rss version="2.0"><x>&e;</x></rss>', {}), 3),
    ],
)
def test_what_is_no_feed_leaves_no_folder(host, tmp_path, answer, status):
    host.routes["/feed.xml"] = answer
    done = taken(host, tmp_path / "show")
    assert done.status == status
    assert "publish explain import-" in done.stderr
    assert not (tmp_path / "show").exists()


def test_a_hostile_feed_writes_nothing_outside_its_folder(host, tmp_path):
    item = (
        '<item><title>../../../evil/{0}</title><guid>{0}"\n[show]</guid><pubDate>{1}</pubDate><description>+++\nx</description>'
        '<enclosure url="{2}" length="99999999999999999999" type="../../x"/></item>'
    )
    rows = [
        item.format(1, "Fri, 01 May 2026 06:00:00 +0000", "file:///etc/passwd"),
        item.format(2, "Fri, 99 Foo 99999", "gopher://x"),
        item.format(3, "Fri, 01 May 2026 06:00:00 +9999", "//"),
        item.format(3, "", "no address at all"),
    ]
    title = '"""\n[storage]\nurl = "/"'
    host.routes["/feed.xml"] = (200, f"{HEAD}<title>{title}</title>{''.join(rows)}</channel></rss>".encode(), {})
    done = taken(host, tmp_path / "show", "--json")
    assert done.status == 0, done.stderr
    assert done.document["missing"] == done.document["episodes"] == 3
    assert [path.name for path in tmp_path.iterdir()] == ["show"]
    config = tomllib.loads((tmp_path / "show" / "config.toml").read_text())
    assert config["storage"] == {"url": "public"}
    for path in (tmp_path / "show" / "episodes").iterdir():
        assert "/" not in path.name.strip(".")
        written, *_ = front(tmp_path / "show", path.name)
        assert set(written) <= {"title", "date", "draft", "guid", "slug", "audio_tags"}


def test_a_broken_feed_is_taken_over_and_each_mend_is_said(host, tmp_path):
    text = f"\n{HEAD}<title>Caf\u00e9 &nbsp;&amp; Co</title><item><title>A &copy; &\x0b B</title><guid>1</guid></item></channel></rss>"
    host.routes["/feed.xml"] = (200, text.encode("cp1252"), {})
    done = taken(host, tmp_path / "show", "--json")
    assert done.status == 0, done.stderr
    assert tomllib.loads((tmp_path / "show" / "config.toml").read_text())["show"]["title"] == "Caf\u00e9 & Co"
    said = " | ".join(done.document["warnings"])
    assert all(word in said for word in ("no utf-8", "before <?xml", "control character", "HTML knows", "a bare &"))
    assert "a bare &" in done.stderr


def locked(word, owner=' owner="ada@old.example"'):
    tags = f"<podcast:locked{owner}>{word}</podcast:locked><itunes:block>Yes</itunes:block><itunes:complete>yes</itunes:complete>"
    item = "<item><title>One</title><guid>1</guid><itunes:block>yes</itunes:block></item><item><title>Two</title><guid>2</guid></item>"
    return f"{HEAD}<title>Old</title>{tags}{item}</channel></rss>".encode()


@pytest.mark.parametrize("word", ["yes", " Yes ", "true"])
def test_a_locked_show_is_left_where_it_is_unless_it_is_forced_and_stays_locked(host, tmp_path, word):
    host.routes["/feed.xml"] = (200, locked(word), {})
    refused = taken(host, tmp_path / "show")
    assert refused.status == 3
    assert "ada@old.example" in refused.stderr and "--force locked" in refused.stderr
    assert not (tmp_path / "show").exists()
    done = taken(host, tmp_path / "show", "--force", "locked")
    assert done.status == 0, done.stderr
    assert tomllib.loads((tmp_path / "show" / "config.toml").read_text())["show"].get("locked", True) is True


def test_an_unlocked_hidden_or_ended_show_is_that_afterwards_too(host, tmp_path):
    host.routes["/feed.xml"] = (200, locked("no"), {})
    assert taken(host, tmp_path / "show").status == 0
    show = tomllib.loads((tmp_path / "show" / "config.toml").read_text())["show"]
    assert (show["locked"], show["block"], show["complete"]) == (False, True, True)
    assert front(tmp_path / "show", "one")[0]["block"] is True
    assert "block" not in front(tmp_path / "show", "two")[0]


PARTS = """<podcast:location rel="creator" geo="geo:52.5,13.4" osm="R62422">Berlin</podcast:location>
<podcast:license url="https://a.example/l">own</podcast:license><podcast:txt purpose="x">words "so"</podcast:txt>
<podcast:value type="lightning" method="keysend" suggested="0.00000005"><podcast:valueRecipient name="Ada" type="node" address="02d"
 customKey="7" customValue="v" split="90" fee="true"/><podcast:valueRecipient type="node" split="0"/></podcast:value>
<podcast:socialInteract protocol="activitypub" uri="https://a.example/p" accountId="@a" priority="1"/>
<podcast:funding url="http://a.example/f">Give</podcast:funding>"""


def test_what_a_show_and_an_episode_say_of_themselves_is_taken_over(host, tmp_path):
    show = f"""{PARTS}<podcast:medium>music</podcast:medium><podcast:trailer url="tel:1"/><podcast:person role="Guest" href="https://a.example/b">Bo "B"</podcast:person>
<podcast:updateFrequency rrule="FREQ=DAILY">daily</podcast:updateFrequency><podcast:person>Bo "B"</podcast:person>
<itunes:category text="Arts"/><itunes:image href="/art.png"/><description>All.</description><language>en</language><itunes:author>A</itunes:author>"""
    item = f"""{PARTS}<podcast:soundbite startTime="1.5" duration="1">Best</podcast:soundbite><podcast:episode display="Ch. 3">3</podcast:episode>
<podcast:soundbite startTime="x" duration="30"/><pubDate>Fri, 01 May 2026 06:00:00 GMT</pubDate><description>So.</description>
<enclosure url="{host.address}/one.mp3" length="1" type="audio/mpeg"/>"""
    feed = f"{HEAD}<title>Old</title>{show}<item><title>One</title><guid>1</guid>{item}</item></channel></rss>"
    host.routes["/feed.xml"] = (200, feed.replace("/art.png", f"{host.address}/art.png").encode(), {})
    folder = tmp_path / "show"
    done = taken(host, folder, "--url", "https://new.example", "--json")
    assert done.status == 0, done.stderr
    assert done.document["warnings"] == [
        "not taken over: <podcast:valueRecipient> that is not as it must be (2 times)",
        "not taken over: <podcast:soundbite> that is not as it must be",
        "not taken over: a trailer at “tel:1”, which is no web address",
    ]
    loaded = Show(folder).run("check", "--json")
    assert "unknown-key" not in loaded.stdout and "Traceback" not in loaded.stderr
    config = tomllib.loads((folder / "config.toml").read_text())
    assert (config["show"]["medium"], config["show"]["hosts"]) == ("music", ["bo-b", "bo-b-2"])
    assert config["people"]["bo-b"] == {"name": 'Bo "B"', "role": "guest", "url": "https://a.example/b"}
    assert config["show"]["update_frequency"] == {"text": "daily", "rrule": "FREQ=DAILY"}
    written = front(folder, "2026-05-01-one")[0]
    for table in (config["show"], written):
        assert table["location"] == [{"name": "Berlin", "rel": "creator", "geo": "geo:52.5,13.4", "osm": "R62422"}]
        assert table["license"] == {"id": "own", "url": "https://a.example/l"}
        assert table["txt"] == [{"text": 'words "so"', "purpose": "x"}]
        ada = {"name": "Ada", "type": "node", "address": "02d", "custom_key": "7", "custom_value": "v", "split": 90, "fee": True}
        assert table["value"] == [{"type": "lightning", "method": "keysend", "suggested": "0.00000005", "recipients": [ada]}]
        assert table["social"] == [{"protocol": "activitypub", "uri": "https://a.example/p", "account_id": "@a", "priority": 1}]
        assert table["funding"] == [{"url": "http://a.example/f", "label": "Give"}]
    assert written["soundbites"] == [{"start_time": 1.5, "duration": 1.0, "title": "Best"}]
    assert written["episode_display"] == "Ch. 3"


def test_a_file_is_taken_as_well_as_an_address(host, tmp_path):
    from feed.guids import show_guid

    own = '<atom:link rel="self" href="https://old.example/feed.xml"/>'
    (tmp_path / "saved.xml").write_bytes(
        f"{HEAD}<title>Old</title>{own}<item><title>One</title><guid>1</guid></item></channel></rss>".encode()
    )
    done = Show(tmp_path).run("import", str(tmp_path / "saved.xml"), str(tmp_path / "show"), "--no-audio", "--json")
    assert done.status == 0, done.stderr
    assert (done.document["episodes"], done.document["guid"]) == (1, show_guid("https://old.example/feed.xml"))
    assert tomllib.loads((tmp_path / "show" / "config.toml").read_text())["feed"]["former"] == ["https://old.example/feed.xml"]
    missing = Show(tmp_path).run("import", str(tmp_path / "none.xml"), str(tmp_path / "other"))
    assert missing.status == 2 and not (tmp_path / "other").exists()


def test_what_is_sent_compressed_without_being_asked_is_unpacked(host, tmp_path):
    import gzip
    import zlib

    for path, packed, name in (
        ("/feed.xml", gzip.compress, "gzip"),
        ("/feed-2.xml", zlib.compress, "deflate"),
        ("/t.vtt", gzip.compress, "GZIP"),
    ):
        host.routes[path] = (200, packed(host.routes[path][1]), {"Content-Encoding": name})
    host.routes["/one.mp3"] = (200, gzip.compress(recording(voice=1)), {"Content-Encoding": "gzip"})
    folder = tmp_path / "show"
    done = taken(host, folder, "--json")
    assert (done.status, done.document["episodes"], done.document["missing"]) == (0, 2, 0), done.stderr
    assert (folder / "episodes" / "2026-05-01-one" / "audio.mp3").read_bytes() == recording(voice=1)
    assert (folder / "episodes" / "2026-05-08-zwei-ueber-alles" / "transcript.vtt").read_bytes().startswith(b"WEBVTT")


def paged(number, following, items=1):
    rows = "".join(f"<item><title>E{number}.{row}</title><guid>{number}.{row}</guid></item>" for row in range(items))
    return f'{HEAD}<title>Old</title><atom:link rel="next" href="{following}"/>{rows}</channel></rss>'.encode()


def test_every_page_of_a_feed_is_read_and_pages_without_end_are_not(host, tmp_path):
    for number in range(60):
        host.routes[f"/p{number}"] = (200, paged(number, f"/p{number + 1}"), {})
    host.routes["/p60"] = (200, paged(59, "/p61"), {})
    done = taken(host, tmp_path / "show", "--no-audio", "--json", feed="/p0")
    assert done.document["episodes"] == 60
    assert any("no further ones" in line for line in done.document["warnings"])


def test_a_recording_that_was_cut_goes_on_where_it_stopped(host, tmp_path):
    whole = recording(voice=2)
    target = tmp_path / "audio.mp3"
    (tmp_path / "audio.mp3.part").write_bytes(whole[:1000])
    (tmp_path / "audio.mp3.part.etag").write_text('"two"')
    host.routes["/two.mp3"] = (206, whole[1000:], {"Content-Range": f"bytes 1000-{len(whole) - 1}/{len(whole)}", "ETag": '"two"'})
    with Fetcher(host.address) as fetcher:
        fetcher.download(f"{host.address}/two.mp3", target, 1 << 20)
    assert target.read_bytes() == whole
    assert (host.asked[-1].headers["range"], host.asked[-1].headers["if-range"]) == ("bytes=1000-", '"two"')
    assert [path.name for path in tmp_path.iterdir()] == ["audio.mp3"]


def test_a_recording_that_changed_meanwhile_starts_anew(host, tmp_path):
    (tmp_path / "audio.mp3.part").write_bytes(b"old bytes")
    (tmp_path / "audio.mp3.part.etag").write_text('"old"')
    with Fetcher(host.address) as fetcher:
        fetcher.download(f"{host.address}/two.mp3", tmp_path / "audio.mp3", 1 << 20)
    assert (tmp_path / "audio.mp3").read_bytes() == recording(voice=2)


def test_a_file_that_is_too_large_is_not_kept(host, tmp_path):
    with Fetcher(host.address) as fetcher, pytest.raises(FetchError, match="cannot be fetched"):
        fetcher.download(f"{host.address}/two.mp3", tmp_path / "audio.mp3", 1000)
    assert not (tmp_path / "audio.mp3").exists()
    with Fetcher(host.address) as fetcher, pytest.raises(FetchError):
        fetcher.get(f"{host.address}/two.mp3", 1000)


def test_a_feed_from_outside_leads_nobody_into_this_network(host):
    with Fetcher("https://feeds.example.org/feed.xml") as fetcher, pytest.raises(FetchError) as caught:
        fetcher.get(f"{host.address}/two.mp3", 1 << 20)
    assert "own network" in caught.value.cause
    assert host.asked == []


@pytest.mark.parametrize(
    ("name", "inside"),
    [
        ("127.0.0.1", True),
        ("127.1", True),
        ("0x7f000001", True),
        ("[::ffff:10.0.0.1]", True),
        ("localhost", True),
        ("169.254.169.254", True),
        ("10.0.0.8", True),
        ("[::1]", True),
        ("8.8.8.8", False),
        ("[2606:4700::1]", False),
        ("a.example", False),
    ],
)
def test_addresses_of_this_network_are_known(name, inside):
    assert is_inside(f"http://{name}/feed.xml") is inside


@pytest.mark.parametrize(
    ("written", "markdown"),
    [
        ("Plain *text*\nnext", "Plain \\*text\\*  \nnext"),
        ("Tom &amp; Ada", "Tom & Ada"),
        ("<p>a</p><p>b<br/>c</p>", "a\n\nb  \nc"),
        ("<ul><li>a</li><li>b<ol><li>c</li></ol></li></ul>", "- a\n- b\n\n  1. c"),
        ('<a href="javascript:x">bad</a>', "bad"),
        ('<a href="https://a.example/x">https://a.example/x</a>', "<https://a.example/x>"),
        ("<h1>Top</h1>x", "## Top\n\nx"),
        ("<p># one</p><p>1. two</p>", "\\# one\n\n1\\. two"),
        ("<script>alert(1)</script><img src=x onerror=y>z", "z"),
        ("<b> </b>", ""),
        ("", ""),
        ('Use them!<a href="https://a.example/b.html">So</a>', "Use them\\![So](<https://a.example/b.html>)"),
        ('Use them! <b>Or!</b><a href="https://a.example">So</a>', "Use them! **Or!**[So](<https://a.example>)"),
        ('<i>Now</i>!<a href="https://a.example">So</a>!', "*Now*\\![So](<https://a.example>)!"),
    ],
)
def test_notes_keep_what_markdown_has_words_for(written, markdown):
    assert as_markdown(written) == markdown


def test_notes_made_to_be_slow_are_not():
    import time

    begun = time.process_time()
    for text in ("<ul><li>" * 20_000, "<b><i>" * 20_000, "<div>" * 50_000, "*" * 200_000, "<p>" + " " * 200_000):
        as_markdown(text)
    assert time.process_time() - begun < 20


@pytest.mark.parametrize(
    ("comments", "key"),
    [
        ("https://old.example/?p=2&amp;x=1", True),
        ("https://old.example/?p=2&amp;x=1#comments", True),  # the section of the old page: there is one of our own
        ("https://old.example/?p=3#comments", "https://old.example/?p=3#comments"),
        ("https://talk.example/2", "https://talk.example/2"),
    ],
)
def test_comments_on_the_old_page_become_those_on_the_new_one(host, tmp_path, comments, key):
    feed = full(host.address).replace(b"<itunes:season>2", f"<comments>{comments}</comments><itunes:season>2".encode())
    host.routes["/feed.xml"] = (200, feed, {})
    assert taken(host, tmp_path / "show", "--url", "https://new.example").status == 0
    assert (
        next(
            read_episode_text(path.read_bytes())[0]
            for path in (tmp_path / "show/episodes").glob("*/episode.md")
            if b"Zwei" in path.read_bytes()
        )["comments"]
        == key
    )
