"""What Isso, Disqus and WordPress export is read; of what is left out somebody hears."""

from __future__ import annotations

import datetime as dt
import json
import sqlite3
import time
from pathlib import Path

import pytest

from feed.findings import ContentFault
from publisher.comments.database import open_database
from publisher.comments.interchange.foreign_rows import taken_over
from publisher.comments.interchange.import_export import read_foreign
from publisher.comments.interchange.json_form import read_export, write_export
from publisher.comments.interchange.threads import ForeignThreads, KnownEpisode
from publisher.comments.published_comments import files_of
from publisher.core.html_text import plain_text

DISQUS = """<?xml version="1.0" encoding="utf-8"?>
<disqus xmlns="http://disqus.com" xmlns:dsq="http://disqus.com/disqus-internals">
<category dsq:id="9"><forum>hinge</forum><title>General</title></category>
<thread dsq:id="100"><id>first</id><forum>hinge</forum><category dsq:id="9"/><link>https://old.example/show/first/</link>
  <title>The first one</title><message/><createdAt>2019-01-01T00:00:00Z</createdAt>
  <author><name>Ada</name><isAnonymous>false</isAnonymous><username>ada</username></author><isClosed>false</isClosed><isDeleted>false</isDeleted>
</thread>
<thread dsq:id="101"><id/></thread>
<post dsq:id="1"><id/><message><![CDATA[<p>One &amp; two.<br>Three</p><p>See <a href="https://a.example/x" rel="nofollow">this</a></p>]]></message>
  <createdAt>2019-02-03T04:05:06Z</createdAt><isDeleted>false</isDeleted><isSpam>false</isSpam>
  <author><name>Tilda</name><email>t@a.example</email><isAnonymous>true</isAnonymous></author><ipAddress>192.0.2.1</ipAddress>
  <thread dsq:id="100"/></post>
<post dsq:id="2"><id/><message><![CDATA[<script>alert(1)</script>An answer]]></message><createdAt>2019-02-04T04:05:06Z</createdAt>
  <isDeleted>false</isDeleted><isSpam>false</isSpam><author><name></name></author><thread dsq:id="100"/><parent dsq:id="1"/></post>
<post dsq:id="3"><id/><message>Buy</message><createdAt>2019-02-05T04:05:06Z</createdAt><isDeleted>false</isDeleted><isSpam>true</isSpam>
  <author><name>S</name></author><thread dsq:id="100"/></post>
<post dsq:id="4"><id/><message>Gone</message><createdAt>2019-02-05T04:05:06Z</createdAt><isDeleted>true</isDeleted><isSpam>false</isSpam>
  <author><name>S</name></author><thread dsq:id="100"/></post>
<post dsq:id="5"><id/><message>Lost</message><createdAt>2019-02-05T04:05:06Z</createdAt><isDeleted>false</isDeleted><isSpam>false</isSpam>
  <author><name>S</name></author><thread dsq:id="77"/></post>
</disqus>
"""
WORDPRESS = """<?xml version="1.0" encoding="UTF-8" ?>
<!-- generator="WordPress/6.5" created="2026-01-01 00:00" -->
<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:wp="http://wordpress.org/export/1.2/"><channel>
<title>Blog</title><wp:wxr_version>1.2</wp:wxr_version>
<item><title><![CDATA[The first one]]></title><link>https://old.example/2019/02/first/</link><wp:post_id>7</wp:post_id>
  <wp:post_name><![CDATA[first]]></wp:post_name>
%s
</item>
<item><title>About</title><link>https://old.example/about/</link><wp:comment><wp:comment_id>90</wp:comment_id><wp:comment_author>X</wp:comment_author>
  <wp:comment_date_gmt>2019-03-01 10:00:00</wp:comment_date_gmt><wp:comment_content>On a page</wp:comment_content>
  <wp:comment_approved>1</wp:comment_approved><wp:comment_type/><wp:comment_parent>0</wp:comment_parent></wp:comment></item>
</channel></rss>
"""


def wordpress_comment(number: int, content: str, *, approved: str = "1", kind: str = "comment", parent: int = 0, gmt: str = "") -> str:
    return f"""<wp:comment><wp:comment_id>{number}</wp:comment_id><wp:comment_author><![CDATA[Tilda]]></wp:comment_author>
    <wp:comment_author_email><![CDATA[t@a.example]]></wp:comment_author_email><wp:comment_author_url>https://a.example</wp:comment_author_url>
    <wp:comment_author_IP><![CDATA[192.0.2.7]]></wp:comment_author_IP><wp:comment_date><![CDATA[2019-03-0{number} 12:00:00]]></wp:comment_date>
    <wp:comment_date_gmt><![CDATA[{gmt or f"2019-03-0{number} 10:00:00"}]]></wp:comment_date_gmt>
    <wp:comment_content><![CDATA[{content}]]></wp:comment_content><wp:comment_approved><![CDATA[{approved}]]></wp:comment_approved>
    <wp:comment_type><![CDATA[{kind}]]></wp:comment_type><wp:comment_parent>{parent}</wp:comment_parent></wp:comment>"""


def isso_database(path, rows):
    with sqlite3.connect(path) as connection:
        connection.executescript(
            """CREATE TABLE threads (id INTEGER PRIMARY KEY, uri VARCHAR(256) UNIQUE, title VARCHAR(256));
            CREATE TABLE comments (tid REFERENCES threads(id), id INTEGER PRIMARY KEY, parent INTEGER, created FLOAT NOT NULL, modified FLOAT,
            mode INTEGER, remote_addr VARCHAR, text VARCHAR, author VARCHAR, email VARCHAR, website VARCHAR, likes INTEGER DEFAULT 0,
            dislikes INTEGER DEFAULT 0, voters BLOB NOT NULL, notification INTEGER NOT NULL DEFAULT 0);
            INSERT INTO threads VALUES (1, '/show/first/', 'The first one');"""
        )
        connection.executemany(
            "INSERT INTO comments (tid, id, parent, created, modified, mode, remote_addr, text, author, email, website, likes, voters)"
            " VALUES (?, ?, ?, ?, ?, ?, '192.0.2.0', ?, ?, ?, ?, ?, x'00')",
            rows,
        )
    connection.close()
    return path


def moment(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text)


def test_disqus(tmp_path):
    file = tmp_path / "export.xml"
    file.write_text(DISQUS)
    source, found = read_foreign(file)
    assert source == "disqus"
    first, answer, spam = found.comments
    assert (first.name, first.text) == ("Tilda", "One & two.\nThree\n\nSee this (https://a.example/x)")
    assert (first.created, first.address) == (moment("2019-02-03T04:05:06+00:00"), "https://old.example/show/first/")
    assert (answer.name, answer.text, answer.parent) == ("Anonymous", "An answer", "1")
    assert (first.state, spam.state) == ("approved", "spam")
    assert found.left_out == {"that were deleted": 1, "whose thread is missing": 1}
    assert +found.not_kept == {"mail addresses": 1, "network addresses": 1}


def test_wordpress(tmp_path):
    comments = [
        wordpress_comment(1, "First line\nsecond\n\nA <strong>paragraph</strong> &amp; more"),
        wordpress_comment(2, "Waits", approved="0", gmt="0000-00-00 00:00:00"),
        wordpress_comment(3, "Buy", approved="spam"),
        wordpress_comment(4, "Away", approved="trash"),
        wordpress_comment(5, "[…] links here […]", kind="pingback"),
        wordpress_comment(6, "An answer", kind="", parent=1),
    ]
    file = tmp_path / "blog.xml"
    file.write_text(WORDPRESS % "\n".join(comments))
    source, found = read_foreign(file)
    assert source == "wordpress"
    first, waits, spam, answer, page = found.comments
    assert first.text == "First line\nsecond\n\nA paragraph & more"
    assert (waits.state, waits.created) == ("held", moment("2019-03-02T12:00:00+00:00"))
    assert (spam.state, answer.parent, page.address) == ("spam", "1", "https://old.example/about/")
    assert found.left_out == {"that were in the trash": 1, "that are pingbacks or trackbacks": 1}
    assert found.not_kept["mail addresses"] == 4


def test_a_wordpress_export_with_control_characters_is_read(tmp_path):
    file = tmp_path / "blog.xml"
    file.write_text(WORDPRESS % wordpress_comment(1, "Before\x08after"))
    _, found = read_foreign(file)
    assert [comment.text for comment in found.comments] == ["Beforeafter", "On a page"]


def test_isso(tmp_path):
    rows = [
        (1, 1, None, 1549166706.25, None, 1, "Plain *text* & <b>", "Tilda", "t@a.example", "https://a.example", 3),
        (1, 2, 1, 1549166800.0, 1549166900.5, 2, "Waits", None, None, None, 0),
        (1, 3, None, 1549166801.0, None, 4, "", None, None, None, 0),
        (9, 4, None, 1549166802.0, None, 1, "Lost", None, None, None, 0),
    ]
    source, found = read_foreign(isso_database(tmp_path / "comments.db", rows))
    assert source == "isso"
    first, answer = found.comments
    assert (first.text, first.name, first.state) == ("Plain *text* & <b>", "Tilda", "approved")
    assert first.created == moment("2019-02-03T04:05:06.250000+00:00")
    assert (answer.name, answer.parent, answer.state, answer.edited) == (
        "Anonymous",
        "1",
        "held",
        moment("2019-02-03T04:08:20.500000+00:00"),
    )
    assert found.left_out == {"that were deleted": 1, "whose thread is missing": 1}
    assert +found.not_kept == {"mail addresses": 1, "addresses of home pages": 1, "votes": 3}


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("a.xml", b"<rss/>"),
        ("a.db", b"SQLite format 3\x00" + bytes(4000)),
        ("a.json", b"{"),
        ("a.json", b'{"comments": 3}'),
        ("a.json", b'{"comments": {"a": 1}}'),
        ("a.json", b'{"comments": ' + b"[" * 100_000),
        ("a.xml", b'<disqus xmlns="http://disqus.com"'),
        ("a.txt", b""),
    ],
)
def test_what_is_no_export_is_told_in_a_sentence(tmp_path, name, body):
    (tmp_path / name).write_bytes(body)
    with pytest.raises(ContentFault) as caught:
        read_foreign(tmp_path / name)
    assert caught.value.code == "import-comments"


def test_entities_of_an_export_are_not_expanded(tmp_path):
    file = tmp_path / "export.xml"
    secret = tmp_path / "secret"
    secret.write_text("never seen")
    head = f'<?xml version="1.0"?><!DOCTYPE disqus [<!ENTITY s SYSTEM "{secret.as_uri()}">]>'
    file.write_text(DISQUS.replace('<?xml version="1.0" encoding="utf-8"?>', head).replace("Lost", "&s;").replace('"77"', '"100"'))
    _, found = read_foreign(file)
    assert "never seen" not in "".join(comment.text for comment in found.comments)


def test_the_form_that_pages_read(tmp_path):
    file = tmp_path / "first.json"
    file.write_text(
        '{"comments": [{"id": "a1", "name": "Ada", "text": "The hinge!", "date": "2026-05-22T08:00:00Z", "at": 754},'
        ' {"id": "a2", "name": "", "text": "Oiled.", "date": "2026-05-22T09:30:00Z", "reply_to": "a1"},'
        ' {"text": "no time"}]}'
    )
    source, found = read_foreign(file)
    rows = taken_over(found, source, "show", ForeignThreads(episodes={"first": EPISODES["first"]}, site_url="https://small.example")).rows
    assert [(row.episode, row.text, row.at) for row in rows] == [("first", "The hinge!", 754), ("first", "Oiled.", None)]
    assert rows[1].reply_to == rows[0].id
    assert found.left_out == {"without a text or a time": 1}


def test_what_no_database_takes_and_nobody_sees_does_not_come(tmp_path, database_address):
    """One row of a time that is none in UTC would be read with every other one from then on."""
    good = {"id": "a", "name": "Ada", "text": "The hinge!", "date": "2026-05-22T08:00:00Z"}
    odd = [
        {"date": "0001-01-01T00:00:00+23:59"},
        {"date": "0001-01-01T00:00:00Z"},
        {"date": "9999-12-31T23:59:59-23:59"},
        {"text": "\u200b\u2800 \x00"},
        {"text": ["a"]},
        {"text": None},
    ]
    rows = [
        *(good | {"id": f"left-{number}"} | values for number, values in enumerate(odd)),
        "a text",
        None,
        3,
        good | {"id": "a\x00b", "text": "A \x00 \x1b[31m \u202e \ud800 text", "name": "A\x1b\x00da\n"},
        good | {"id": "", "name": {"a": 1}, "at": float("inf")},
        good | {"id": "c", "date": "2026-05-22T10:00:00+02:00", "reply_to": "d", "at": float("nan")},
        good | {"id": "d", "reply_to": "c", "at": True},
        good | {"id": "e", "reply_to": "e"},
        good | {"id": ["f"], "reply_to": {"a": "b\x00"}},
    ]
    file = tmp_path / "first.json"
    file.write_text(json.dumps({"comments": rows}))
    source, found = read_foreign(file)
    assert found.left_out == {"without a text or a time": 6, "of a form that is not known": 3}
    kept = taken_over(found, source, "show", ForeignThreads(episodes=EPISODES, site_url="https://small.example")).rows
    database = open_database(database_address)
    try:
        assert database.add(kept) == 6
        listed = database.list("show")
        assert read_export(write_export("show", listed), "show") == list(listed)
        assert {row.created for row in listed} == {moment("2026-05-22T08:00:00+00:00")}
        assert {row.name for row in listed} == {"Ada", "Anonymous"}
        assert {row.text for row in listed} == {"The hinge!", "A  [31m   text"}
        files_of("first", database.approved("show", "first"), {"first"})
    finally:
        database.close()


@pytest.mark.parametrize("year", ["0001", "0999", "9999"])
def test_a_year_that_is_damage_is_no_time_in_any_export(tmp_path, year):
    old = "2019"
    (tmp_path / "a.xml").write_text(DISQUS.replace(f"<createdAt>{old}-02-03", f"<createdAt>{year}-02-03"))
    (tmp_path / "b.xml").write_text(WORDPRESS % wordpress_comment(1, "Words", gmt=f"{year}-03-01 10:00:00").replace(f"{old}-", f"{year}-"))
    isso_database(tmp_path / "c.db", [(1, 1, None, -6e10 if year < "1970" else 2.3e11, None, 1, "Words", "A", "", "", 0)])
    for name in ("a.xml", "b.xml", "c.db"):
        _, found = read_foreign(tmp_path / name)
        assert found.left_out["without a text or a time"] == 1, name


EPISODES = {
    "first": KnownEpisode(
        slug="first", guid="g1", title="The first one", former=("https://old.example/show/Der-Anfang/", "https://b.example/?p=4")
    ),
    "second": KnownEpisode(slug="second", guid="g2", title="The second one"),
    "twin-a": KnownEpisode(slug="twin-a", guid="g3", title="Twin"),
    "twin-b": KnownEpisode(slug="twin-b", guid="g4", title="Twin"),
}


@pytest.mark.parametrize(
    ("address", "title", "slug", "guessed"),
    [
        ("https://small.example/show/episodes/first.html", "", "first", False),
        ("https://www.small.example/show/episodes/first", "", "first", False),
        ("/show/episodes/first.html", "", "first", False),
        ("https://old.example/show/Der-Anfang", "", "first", False),
        ("http://old.example/show/Der-Anfang/?x", "", None, False),
        ("/show/Der-Anfang/", "", "first", False),
        ("https://b.example/?p=4", "", "first", False),
        ("https://elsewhere.example/2019/second/", "", "second", True),
        ("https://elsewhere.example/?p=9", "  the SECOND one", "second", True),
        ("https://elsewhere.example/?p=9", "Twin", None, False),
        ("https://elsewhere.example/x", "", None, False),
        ("/named", "", "twin-b", False),
        ("http://[broken", "", None, False),
    ],
)
def test_the_episode_of_a_page(address, title, slug, guessed):
    threads = ForeignThreads(episodes=EPISODES, site_url="https://small.example/show", named={"https://x.example/named/": "twin-b"})
    episode = threads.episode(address, title)
    assert (episode.slug if episode else None) == slug
    assert bool(threads.guessed) is guessed


def test_the_same_export_makes_the_same_rows_and_answers_stay_answers(tmp_path):
    file = tmp_path / "export.xml"
    file.write_text(DISQUS)
    source, found = read_foreign(file)
    threads = ForeignThreads(episodes=EPISODES, site_url="https://small.example", named={"/show/first/": "first"})
    once, again = taken_over(found, source, "s", threads), taken_over(found, source, "s", threads)
    assert once.rows == again.rows
    assert [row.reply_to for row in once.rows] == [None, once.rows[0].id, None]
    assert taken_over(found, source, "another", threads).rows[0].id != once.rows[0].id
    assert {row.consent for row in once.rows} == {""}


def test_html_becomes_text():
    assert plain_text("a < b and 3 & 4") == "a < b and 3 & 4"
    assert plain_text("<ul><li>one</li><li>two</li></ul>after") == "one\n\ntwo\n\nafter"
    assert plain_text('<a href="javascript:x">y</a>') == "y"
    assert plain_text('<a href="https://a.example/long/way">https://a.example/lo…</a>') == "https://a.example/lo…"
    assert plain_text("<div>" * 5_000 + "deep<br>text" + "</div>" * 5_000) == "deep\ntext"


@pytest.mark.parametrize("tag", ["<div>", "<ul><li>", "<a href='https://a.example'>", "<p>x</p>", "<br>"])
def test_tags_that_nobody_wrote_cost_no_more_than_their_letters(tag):
    began = time.process_time()
    assert plain_text(f"{tag * 100_000}deep &amp; last").endswith("deep & last")
    assert time.process_time() - began < 1


def test_a_row_of_isso_that_holds_anything_stops_nothing(tmp_path):
    odd = [
        (1, 1, None, "nan", "inf", 1, "Words", "Ada", "", "", 0),
        (1, 2, b"\x00", 1e9, "inf", 1, b"\xff", "Ada", "", "", 0),
        (1, 3, 7, 1e9, "inf", 1, "Good words", b"\xff", 5, 6, "many"),
        (1, 4, None, 1e9, None, "x", "Words", "Ada", "", "", 0),
    ]
    _, found = read_foreign(isso_database(tmp_path / "comments.db", odd))
    assert [(one.text, one.name, one.edited) for one in found.comments] == [("Good words", "Anonymous", None)]
    assert found.left_out == {"without a text or a time": 2, "that were deleted": 1}
    assert +found.not_kept == {"mail addresses": 1, "addresses of home pages": 1}


def test_a_database_that_isso_itself_wrote():
    """Made by isso 0.14.0 with three POSTs to /new, moderation on."""
    source, found = read_foreign(Path(__file__).with_name("samples") / "isso-0.14.0.db")
    assert source == "isso"
    assert [(one.address, one.name, one.text, one.parent, one.state) for one in found.comments] == [
        ("/episodes/first.html", "Tilda", "The hinge **creaks** & <b>x</b>", "", "held"),
        ("/episodes/first.html", "Ada", "An answer here", "1", "held"),
        ("/about/", "Anonymous", "On another page", "", "held"),
    ]
    assert +found.not_kept == {"mail addresses": 1, "addresses of home pages": 1}
