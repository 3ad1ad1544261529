"""A feed with one fault is imported and published: what apps know an episode by, its date and its place are those of the old feed."""

from __future__ import annotations

import io
import shutil
from urllib.parse import urlsplit

import feedparser
import podcastparser
import pytest

from feed.reader import read_feed
from feed.rules import check_feed_bytes
from publisher.importing.language_names import language_code
from publisher.importing.named_hosts import addresses_naming
from tests.support.imported_feeds import DAYS, USUAL, imported, item, published
from tests.support.show_factory import Show


def test_dates_as_hosts_write_them_stay_the_same_moments(host, tmp_path):
    written = {
        "Thu, 14 Jan 2021 11:00:00 -0000": "2021-01-14T11:00:00+00:00",
        "Wed, 13 Jan 2021 11:00:00 CET": "2021-01-13T10:00:00+00:00",
        "Tue, 12 Jan 2021 11:00:00 GMT+2": "2021-01-12T09:00:00+00:00",
        "2021-01-11T11:00:00": "2021-01-11T11:00:00+00:00",
        "Sa., 9. Jan. 2021 24:00:00 MEZ": "2021-01-09T23:00:00+00:00",
    }
    done = imported(host, tmp_path, [item(host, f"Ep {n}", date, f"g{n}") for n, date in enumerate(written)])
    assert published(tmp_path) == [(f"g{n}", moment) for n, moment in enumerate(written.values())]
    assert [line for line in done.document["warnings"] if "names no time zone" in line and "“Ep 3”" in line]


def test_a_date_that_nobody_can_read_stops_the_publish_and_is_quoted(host, tmp_path):
    odd = ["Fri, 99 Foo 2021", "3/4/2021 10:00", "2021-02-31T10:00:00Z", "2021-02-31", "10:00:00", "yesterday"]
    rows = [item(host, f"Odd {n}", date, f"odd-{n}") for n, date in enumerate(odd)]
    done = imported(host, tmp_path, [item(host, "Good", DAYS[0], "one"), *rows])
    stopped = Show(tmp_path).publish()
    assert stopped.status == 3
    for n, written in enumerate(odd):
        assert any(written in line and f"“Odd {n}”" in line for line in done.document["warnings"])
        assert "draft = true" not in (tmp_path / "episodes" / f"odd-{n}" / "episode.md").read_text("utf-8")
        assert written in stopped.stderr


def test_an_item_without_a_date_is_a_draft_and_named(host, tmp_path):
    done = imported(host, tmp_path, [item(host, "Good", DAYS[0], "one"), item(host, "Bare", None, "two"), item(host, "Void", " ", "three")])
    assert sum("gives it no date" in line for line in done.document["warnings"]) == 2
    assert published(tmp_path) == [("one", "2026-05-20T06:00:00+00:00")]


def test_an_item_without_a_recording_is_a_draft_and_named_and_the_rest_publishes(host, tmp_path):
    """A blog post among the episodes: no episode, no number, no page that others could lead to, and nothing that a second import could fetch."""
    post, undated, empty = (
        f'<item><title>{title}</title><guid isPermaLink="false">{title}</guid><link>https://old.example/{title}</link>{more}</item>'
        for title, more in (
            ("Post", f"<pubDate>{DAYS[1]}</pubDate>"),
            ("Undated", ""),
            ("Empty", '<pubDate>yesterday</pubDate><enclosure url="" type="audio/mpeg"/>'),
        )
    )
    leads = "<content:encoded xmlns:content='http://purl.org/rss/1.0/modules/content/'>&lt;a href='https://old.example/Post'&gt;x&lt;/a&gt;</content:encoded>"
    rows = [item(host, "Late", DAYS[0], "late", leads), post, undated, empty, item(host, "Early", DAYS[2], "early")]
    done = imported(host, tmp_path, rows, head=USUAL + "<itunes:type>serial</itunes:type>")
    for title in ("Post", "Undated", "Empty"):
        assert sum(f"“{title}”: the feed names no recording, so it is a draft" in line for line in done.document["warnings"]) == 1
    assert any("“Undated”: the feed gives it no date" in line for line in done.document["warnings"])
    assert done.document["missing"] == 0 and "no recording" in done.stderr and "for what is missing" not in done.stderr
    assert [row[0] for row in published(tmp_path)] == ["late", "early"]
    feed = (tmp_path / "public/feed.xml").read_text("utf-8")
    assert "<itunes:episode>2</itunes:episode>" in feed and "<itunes:episode>3</itunes:episode>" not in feed
    assert "https://old.example/Post" in feed and "episodes/post" not in feed
    compared = Show(tmp_path).run("compare", f"{host.address}/feed.xml", str(tmp_path / "public/feed.xml"), "--json")
    assert (compared.document["lost"], compared.document["episodes"]) == (0, 2), compared.stderr
    assert [row["old"] for row in compared.document["findings"] if "without a recording" in row["message"]] == ["old"]


def test_an_item_whose_recording_only_media_rss_names_is_an_episode(host, tmp_path):
    row = item(host, "One", DAYS[0], "one").replace("<enclosure url", '<media:content xmlns:media="http://search.yahoo.com/mrss/" url')
    done = imported(host, tmp_path, [row])
    assert done.document["missing"] == 0 and [row[0] for row in published(tmp_path)] == ["one"]


def test_a_guid_keeps_every_character_but_blanks_at_its_ends(host, tmp_path):
    guids = [
        ("Show  Name  12", "Show  Name  12"),
        ("a\N{SOFT HYPHEN}b\N{ZERO WIDTH SPACE}c", "a\N{SOFT HYPHEN}b\N{ZERO WIDTH SPACE}c"),
        ("\n  padded\n", "padded"),
        ("<![CDATA[ cd&ata ]]>", "cd&ata"),
        ("two\nlines\tand\N{NO-BREAK SPACE}blanks", "two\nlines\tand\N{NO-BREAK SPACE}blanks"),
        ("https://old.example/?p=1&amp;x=2", "https://old.example/?p=1&x=2"),
        ("&quot;quoted&quot; \\n \N{STUDIO MICROPHONE}&#127;&#133;x", '"quoted" \\n \N{STUDIO MICROPHONE}\x7f\x85x'),
        ("e\N{COMBINING ACUTE ACCENT}", "e\N{COMBINING ACUTE ACCENT}"),
    ]
    imported(host, tmp_path, [item(host, f"Ep {n}", DAYS[0], xml) for n, (xml, _) in enumerate(guids)])
    assert [row[0] for row in published(tmp_path)] == [guid for _, guid in guids]


def test_of_two_items_with_one_guid_the_first_in_the_feed_stays_and_it_is_said(host, tmp_path):
    rows = [item(host, "New", DAYS[0], "dup"), item(host, "Old", DAYS[1], " dup "), item(host, "Other", DAYS[2], "dup  2")]
    done = imported(host, tmp_path, rows)
    assert done.document["episodes"] == 2
    assert any("“New” stays" in line and "“Old” is left out" in line for line in done.document["warnings"])
    assert [row[0] for row in published(tmp_path)] == ["dup", "dup  2"]
    assert "<title>New</title>" in (tmp_path / "public" / "feed.xml").read_text()


def test_an_item_without_a_guid_is_known_by_its_recording_and_it_is_said(host, tmp_path):
    done = imported(host, tmp_path, [item(host, "None", DAYS[0]), item(host, "Empty", DAYS[1], ""), item(host, "Own", DAYS[2], "own")])
    assert any(line.startswith("2 of 3 episodes without a guid") and "“None”" in line for line in done.document["warnings"])
    assert [row[0] for row in published(tmp_path)] == [f"{host.address}/None.mp3", f"{host.address}/Empty.mp3", "own"]


def test_equal_dates_keep_the_order_of_the_feed(host, tmp_path):
    names = ["12", "11", "10", "9", "2", "1", "b", "c", "a"]
    rows = [item(host, f"Chapter {name}", "Sat, 15 Sep 2012 16:14:51 -0600", f"ch-{name}") for name in names]
    imported(host, tmp_path, [item(host, "Later", DAYS[0], "later"), *rows])
    assert [row[0] for row in published(tmp_path)] == ["later", *(f"ch-{name}" for name in names)]
    assert "order" not in (tmp_path / "episodes" / "2026-05-20-later" / "episode.md").read_text()


def test_a_serial_show_without_numbers_is_numbered_by_order_and_it_is_said(host, tmp_path):
    rows = [
        item(host, "Second", DAYS[0], "2"),
        item(host, "Extra", DAYS[1], "x", "<itunes:episodeType>bonus</itunes:episodeType>"),
        item(host, "First", DAYS[2], "1"),
    ]
    done = imported(host, tmp_path, rows, head=f"{USUAL}<itunes:type>serial</itunes:type>")
    assert any("numbered by order" in line and "“First”, “Second”" in line for line in done.document["warnings"])
    assert [row[0] for row in published(tmp_path)] == ["2", "x", "1"]
    numbers = [row.value("itunes:episode") for row in read_feed((tmp_path / "public" / "feed.xml").read_bytes()).items]
    assert numbers == ["2", "", "1"]


@pytest.mark.parametrize(
    ("written", "code"),
    [
        *(
            ("de_DE", "de-de"),
            ("pt_BR.UTF-8", "pt-br"),
            ("Deutsch", "de"),
            ("german", "de"),
            ("Português", "pt"),
            ("eng", "en"),
            ("ger", "de"),
        ),
        *(("en-US", "en-us"), ("iw", "he"), ("English (US)", "en"), ("fil", "fil"), ("zh-Hant", "zh-hant"), ("es-419", "es-419")),
        *(("", ""), ("xx", ""), ("Klingon & co", ""), ("  ", ""), ("-", "")),
    ],
)
def test_a_language_is_read_however_it_is_named(written, code):
    assert language_code(written) == code


def test_a_language_that_is_written_anew_is_said(host, tmp_path):
    done = imported(host, tmp_path, [], "--no-audio", head='<language>de_DE</language><itunes:category text="Science"/>')
    assert '\nlanguage = "de-de"\n' in (tmp_path / "config.toml").read_text("utf-8")
    assert any("language “de_DE”" in line for line in done.document["warnings"])


@pytest.mark.parametrize("written", ["", "<language>xx</language>"])
def test_a_language_that_nobody_names_is_left_open_and_said(host, tmp_path, written):
    head = f'{written}<itunes:category text="Science"/>'
    done = imported(host, tmp_path / "open", [item(host, "One", DAYS[0], "one")], head=head)
    assert any("language" in line for line in done.document["warnings"])
    stopped = Show(tmp_path / "open").publish()
    assert stopped.status == 3
    assert "language" in stopped.stderr
    imported(host, tmp_path / "said", [item(host, "One", DAYS[0], "one")], "--language", "pt-br", head=head)
    assert published(tmp_path / "said") == [("one", "2026-05-20T06:00:00+00:00")]
    assert Show(tmp_path).run("import", f"{host.address}/feed.xml", str(tmp_path / "wrong"), "--language", "Deutsch").status == 2


@pytest.mark.parametrize(
    ("written", "proposed"),
    [
        ("", "Society & Culture"),
        ('<itunes:category text="Zorblax"/>', "Society & Culture"),
        ("<category>technology</category>", "Technology"),
        ("<itunes:keywords>zorblax, comedy</itunes:keywords>", "Comedy"),
    ],
)
def test_without_a_category_that_apple_knows_one_is_proposed_that_publishes(host, tmp_path, written, proposed):
    done = imported(host, tmp_path, [item(host, "One", DAYS[0], "one")], head=f"<language>en</language>{written}")
    assert any(f"proposes “{proposed}”" in line for line in done.document["warnings"])
    assert f'categories = ["{proposed}"]' in (tmp_path / "config.toml").read_text("utf-8")
    if not written:
        assert [row[0] for row in published(tmp_path)] == ["one"]


@pytest.mark.parametrize(
    ("head", "said"),
    [
        ("".join(f'<itunes:category text="{name}"/>' for name in ("Comedy", "Science", "Fiction")), "Fiction"),
        ('<itunes:category text="Commedy"/>', "“Commedy”"),
        ('<podcast:funding url="paypal:me">Pay</podcast:funding>', "paypal:me"),
        (f'<podcast:funding url="https://pay.example">{"long " * 40}end</podcast:funding>', "https://pay.example"),
    ],
    ids=["a third category", "a category nearly right", "a funding that is no web address", "a long label"],
)
def test_what_is_cut_or_guessed_of_the_show_is_said(host, tmp_path, head, said):
    usual = "" if "category" in head else '<itunes:category text="Science"/>'
    done = imported(host, tmp_path, [], "--no-audio", head=f"<language>en</language>{usual}{head}")
    assert [line for line in done.document["warnings"] if said in line], done.document["warnings"]


def test_every_way_to_pay_is_taken(host, tmp_path):
    head = "".join(f'<podcast:funding url="https://pay.example/{n}">Pay</podcast:funding>' for n in range(6))
    imported(host, tmp_path, [], "--no-audio", head=f'<language>en</language><itunes:category text="Science"/>{head}')
    assert (tmp_path / "config.toml").read_text("utf-8").count('url = "https://pay.example/') == 6


def test_inline_chapters_are_taken_all_and_one_without_a_time_is_said(host, tmp_path):
    rows = [f'<psc:chapter start="0:{n // 60:02}:{n % 60:02}" title="Part {n}"/>' for n in range(1100)] + [
        '<psc:chapter start="soon" title="Last"/>'
    ]
    chapters = f'<psc:chapters xmlns:psc="http://podlove.org/simple-chapters">{"".join(rows)}</psc:chapters>'
    done = imported(host, tmp_path, [item(host, "One", DAYS[0], "one", chapters)], "--no-audio")
    [found] = tmp_path.glob("episodes/*/chapters.txt")
    assert len(found.read_text("utf-8").splitlines()) == 1100
    assert [line for line in done.document["warnings"] if "“Last”" in line]


def test_a_feed_without_a_fault_is_taken_over_whole_and_that_is_said(host, tmp_path):
    done = imported(host, tmp_path, [item(host, f"Ep {n}", date, f"g{n}") for n, date in enumerate(DAYS)])
    assert done.document["warnings"] == []
    assert "Everything was taken over." in (tmp_path / "IMPORTED.md").read_text()
    assert [row[0] for row in published(tmp_path)] == ["g0", "g1", "g2"]


def test_what_recurs_is_told_once_on_the_screen_and_whole_in_the_account(host, tmp_path):
    pixel = '<content:encoded xmlns:content="http://purl.org/rss/1.0/modules/content/">&lt;img src="https://t.example/{}" width="1" height="1"&gt;x</content:encoded>'
    rows = [item(host, f"Ep {n}", f"{20 - n:02} May 2026 06:00:00 +0000", f"g{n}", pixel.format(n)) for n in range(7)]
    done = imported(host, tmp_path, [*rows, item(host, "Odd", "yesterday", "odd")])
    assert sum("a picture of one pixel" in line for line in done.document["warnings"]) == 7
    told = [line for line in done.stderr.splitlines() if "a picture of one pixel" in line]
    assert len(told) == 1 and "7 times" in told[0] and "IMPORTED.md" in told[0]
    assert "“Odd”: its date cannot be read" in done.stderr


def test_apps_that_will_show_an_episode_twice_are_named(host, tmp_path):
    rows = [
        item(host, "None", DAYS[0]),
        item(host, "Part", DAYS[1], "abc").replace(' isPermaLink="false"', ""),
        item(host, "Own", DAYS[2], "own"),
    ]
    done = imported(host, tmp_path, rows)
    assert any("“None”" in line and "newsboat go by its link, and will show it twice" in line for line in done.document["warnings"])
    assert not [line for line in done.document["warnings"] if "“Part”" in line or "“Own”" in line]
    compared = Show(tmp_path).run("-c", str(tmp_path / "config.toml"), "compare", f"{host.address}/feed.xml", "--json", "--no-recordings")
    twice = {row["title"]: row["apps"] for row in compared.document["findings"] if row["what"] == "twice"}
    assert twice == {"None": ["newsboat", "Audiobookshelf"]}


def ids(address, feed):
    """What gPodder's parser and feedparser know each episode by, read from this address."""
    there = podcastparser.parse(address, io.BytesIO(feed))["episodes"]
    told = feedparser.parse(feed, response_headers={"content-location": address, "content-type": "application/xml; charset=utf-8"})
    return {row["title"]: row["guid"] for row in there}, {row["title"]: row.get("id") for row in told["entries"]}


@pytest.mark.parametrize("base", ["", "https://elsewhere.example/of/old/"])
def test_a_guid_that_apps_complete_by_the_old_feeds_address_is_completed_by_it_for_ever(host, tmp_path, base):
    """gPodder and feedparser take `abc` for an address where nothing says that it is none; most hosts of one's own making do not say so."""
    names = {
        "Part": "abc-123",
        "Uuid": "0b4cf4e1-5c6b-4fd1-bd1e-b4dfd1f0a1ce",
        "Path": "/ep/4?x=1",
        "Blank": "a b",
        "Urn": "urn:uuid:1",
        "Own": "own",
    }
    rows = [
        item(host, title, f"{20 - n:02} May 2026 06:00:00 +0000", guid).replace("" if title == "Own" else ' isPermaLink="false"', "")
        for n, (title, guid) in enumerate(names.items())
    ]
    imported(host, tmp_path, rows)
    address = f"{host.address}/feed.xml"
    old = host.routes["/feed.xml"][1].replace(b"<rss ", f'<rss xml:base="{base}" '.encode() if base else b"<rss ")
    if base:
        host.routes["/feed.xml"] = (200, old, {})
        shutil.rmtree(tmp_path / "episodes")
        assert Show(tmp_path).run("import", address, str(tmp_path), "--yes", "--url", "https://new.example").status == 0
    assert [row[0] for row in published(tmp_path)] == list(names.values())
    new = (tmp_path / "public" / "feed.xml").read_bytes()
    (gpodder, told), (gpodder_now, told_now) = ids(address, old), ids("https://new.example/feed.xml", new)
    changed = {title for title in names if gpodder[title] != gpodder_now[title] or told[title] != told_now[title]}
    assert changed == {"Blank"} and gpodder["Part"] == (base or f"{host.address}/") + "abc-123"
    compared = Show(tmp_path).run("-c", str(tmp_path / "config.toml"), "compare", address, "--json", "--no-recordings")
    assert {row["title"]: row["apps"] for row in compared.document["findings"] if row["what"] == "twice"} == {
        "Blank": ["gPodder", "feedparser"]
    }
    assert not [finding for finding in check_feed_bytes(new) if finding.code == "I005"]
    assert not addresses_naming([urlsplit(base or address).netloc.partition(":")[0]], [("feed.xml", new)])


def test_an_unsorted_feed_is_sorted_as_apps_show_it_and_compares_as_equal(host, tmp_path):
    dates = [DAYS[1], DAYS[2], DAYS[0], DAYS[1]]
    done = imported(host, tmp_path, [item(host, f"Ep {n}", date, f"g{n}") for n, date in enumerate(dates)])
    assert any("not sorted by date" in line for line in done.document["warnings"])
    assert [row[0] for row in published(tmp_path)] == ["g2", "g0", "g3", "g1"]
    compared = Show(tmp_path).run("-c", str(tmp_path / "config.toml"), "compare", f"{host.address}/feed.xml", "--json", "--no-recordings")
    rows = [(row["episode"], row["message"]) for row in compared.document["findings"] if row["what"] == "order"]
    assert len(rows) == 1 and rows[0][0] == "" and "apps show them as before" in rows[0][1]
