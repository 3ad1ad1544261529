"""A lost machine where nobody kept the texts: what listeners have is read back from the storage, and what is not is said."""

from __future__ import annotations

from lxml import etree

from tests.support.e2e_show import bucket_show, program
from tests.support.every_tag_show import make_every_tag
from tests.support.show_factory import Show, make_show, picture, tree

NOW, LATER = "2026-06-02T12:00:00+00:00", "2026-06-03T12:00:00+00:00"
OWN = ("guid", "title", "pubDate", "link", "description", "{http://purl.org/rss/1.0/modules/content/}encoded")


def rows(feed):
    """What makes an episode the same one, in order, with the words that listeners read."""
    return [[item.findtext(tag) for tag in OWN] + [dict(item.find("enclosure").attrib)] for item in etree.fromstring(feed).iter("item")]


def test_the_feed_is_the_same_for_every_subscriber(tmp_path):
    show = make_show(tmp_path / "show", storage=str(tmp_path / "host"))
    show.configure("[storage]", '[feed]\nfile = "podcast.rss"\n\n[storage]')
    show.episode(
        "2026-05-01-another-name", title="First of all", front='slug = "begin"', notes="See [the second](second.html).\n\n- one\n- two\n"
    )
    show.episode("2026-05-08-second", date="2026-05-08T06:00:00+02:00", title="Second")
    show.write("episodes/2026-05-08-second/cover.jpg", picture(1400, 1400))
    show.write("episodes/2026-05-08-second/transcript.vtt", "WEBVTT\n\n00:00.000 --> 00:04.000\nHello there.\n")
    assert show.publish(now=NOW).status == 0
    before = tree(tmp_path / "host")["podcast.rss"]
    done = Show(tmp_path / "new").run("restore", str(tmp_path / "host"), str(tmp_path / "new"), "--json", now=NOW)
    assert done.status == 0, done.stderr
    assert (done.document["episodes"], done.document["as_published"]) == (2, False)
    assert any("this storage has no private side" in line for line in done.document["left"])
    new = Show(tmp_path / "new")
    assert "former" not in "".join(path.read_text() for path in new.folder.rglob("*.[mt][do]*"))
    assert not list(new.folder.rglob("audio.*"))
    again = new.publish("--json", now=LATER)
    assert again.status == 0, again.stderr
    after = tree(tmp_path / "host")["podcast.rss"]
    assert rows(after) == rows(before)
    assert new.run("pull").status == 0
    assert new.publish("--json", now=LATER).document["changes"] == []


def test_every_tag_comes_back_in_the_feed(tmp_path):
    show = make_every_tag(tmp_path / "show")
    line = next(line for line in show.config.read_text().splitlines() if line.startswith("url =") and "://" not in line)
    show.configure(line, f'url = "{tmp_path / "host"}"')
    assert show.publish(now=NOW).status == 0
    before = tree(tmp_path / "host")["feed.xml"]
    done = Show(tmp_path / "new").run("restore", str(tmp_path / "host"), str(tmp_path / "new"), "--json", now=NOW)
    assert done.status == 0, done.stderr
    again = Show(tmp_path / "new").publish("--json", now=LATER)
    assert again.status == 0, again.stderr
    assert rows(tree(tmp_path / "host")["feed.xml"]) == rows(before)


def test_a_storage_without_the_feed_is_refused_with_what_is_left_to_do(tmp_path):
    show = make_show(tmp_path / "show", storage=str(tmp_path / "host"))
    show.episode()
    assert show.publish(now=NOW).status == 0
    (tmp_path / "host/feed.xml").unlink()
    done = Show(tmp_path / "new").run("restore", str(tmp_path / "host"), str(tmp_path / "new"), "--json")
    assert (done.status, done.document["error"]["code"]) == (4, "restore-nothing")
    assert "publish import https://small.example/feed.xml" in done.document["error"]["hint"]


def test_over_buckets_with_a_private_one_nothing_is_sent_afterwards(tmp_path, s3_server, bucket):
    private = s3_server.make_bucket()
    show = bucket_show(tmp_path / "show", f"{bucket}/shows/one")
    show.configure("[storage]", f'[storage]\nprivate = "s3://{private}/shows/one"')
    show.episode()
    show.write("pages/about.md", "# About\n")
    try:
        done = program(show, "--no-verify", endpoint=s3_server.endpoint, now=NOW)
        assert done.status == 0, done.stderr
        new = Show(tmp_path / "new/show")
        here = Show(tmp_path)
        below = program(here, "restore", f"s3://{private}", str(new.folder), endpoint=s3_server.endpoint)
        assert below.status == 2
        assert f"s3://{private}/shows/one" in below.stderr
        done = program(here, "restore", f"s3://{private}/shows/one", str(new.folder), endpoint=s3_server.endpoint)
        assert done.status == 0, done.stderr
        assert "1 episode restored" in done.stdout
        other = Show(tmp_path / "other/show")
        done = program(here, "restore", f"s3://{private}/shows/one", str(other.folder), "--endpoint", s3_server.endpoint, endpoint="")
        assert done.status == 0, done.stderr
        assert tree(other.folder) == {name: body for name, body in tree(new.folder).items() if "cache" not in name} | {
            name: body for name, body in tree(other.folder).items() if "cache" in name
        }
        again = program(new, "--no-verify", endpoint=s3_server.endpoint, now=LATER)
        assert again.status == 0
        assert "Nothing changed, nothing sent." in again.stderr
        pulled = program(new, "pull", endpoint=s3_server.endpoint, now=LATER)
        assert pulled.status == 0, pulled.stderr
        again = program(new, "--no-verify", endpoint=s3_server.endpoint, now=LATER)
        assert "Nothing changed, nothing sent." in again.stderr
    finally:
        s3_server.drop_bucket(private)


def test_over_a_bucket_alone_the_first_publish_says_that_no_texts_are_kept_and_no_other_does(tmp_path, s3_server, bucket):
    show = bucket_show(tmp_path / "show", bucket)
    show.episode()
    done = program(show, "--no-verify", endpoint=s3_server.endpoint, now=NOW)
    assert done.status == 0
    assert done.stderr.count("kept nowhere but in this folder") == 1
    show.edit("2026-05-01-first", "Some notes.", "Other notes.")
    assert "kept nowhere" not in program(show, "--no-verify", endpoint=s3_server.endpoint, now=LATER).stderr
    before = s3_server.client().get_object(Bucket=bucket, Key="feed.xml")["Body"].read()
    new = Show(tmp_path / "new/show")
    done = program(Show(tmp_path), "restore", f"s3://{bucket}", str(new.folder), "--endpoint", s3_server.endpoint, endpoint="")
    assert done.status == 0, done.stderr
    again = program(new, "--no-verify", endpoint="", now=LATER)
    assert again.status == 0, again.stderr
    assert rows(s3_server.client().get_object(Bucket=bucket, Key="feed.xml")["Body"].read()) == rows(before)
