"""Two feeds on two real servers: what would come twice or be lost, and what is only said."""

from __future__ import annotations

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support.show_factory import Show, make_show
from tests.support.two_hosts import Hosts, item, rss

MOVED = [item(n, enclosure=f"https://new.invalid/{n}.mp3", link=f"https://new.invalid/{n}") for n in (5, 4, 3, 2, 1)]
OLD = [item(n) for n in (5, 4, 3, 2, 1)]


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch):
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(scope="module")
def hosts():
    with Hosts() as both:
        yield both


@pytest.fixture
def compare(hosts, tmp_path):
    """Serve both feeds and compare them, the feeds alone unless options say otherwise."""

    def run(old, new, *options):
        hosts.serve(old if isinstance(old, bytes) else rss(old), new if isinstance(new, bytes) else rss(new))
        return Show(tmp_path).run("compare", *hosts.addresses, *(options or ("--json", "--no-recordings")))

    return run


def kinds(done):
    return {row["what"] for row in done.document["findings"] if row["episode"]}


def last_line(done):
    return done.stdout.rstrip().rsplit("\n", 1)[-1]


@pytest.mark.parametrize(
    ("new", "twice", "lost", "said"),
    [
        (MOVED, 0, 0, {"enclosure"}),
        ([item(5, date="06 Jan 2020 10:00:00 +0000"), *OLD[1:]], 0, 0, {"date"}),
        ([item(5, title="Other"), *OLD[1:]], 0, 0, {"title"}),
        ([OLD[1], OLD[0], *OLD[2:]], 0, 0, {"order"}),
        ([item(5, more="<itunes:explicit>yes</itunes:explicit>"), *OLD[1:]], 0, 0, {"explicit"}),
        ([item(5, more="<itunes:block>Yes</itunes:block>"), *OLD[1:]], 0, 0, {"block"}),
        ([item(5, more='<itunes:image href="https://new.invalid/5.jpg"/>'), *OLD[1:]], 0, 0, {"artwork"}),
        ([item(5, length="2000"), *OLD[1:]], 0, 0, {"bytes"}),
        ([item(6), *OLD], 0, 0, {"new"}),
        (OLD[1:], 0, 1, {"lost"}),
        ([item(5, guid="x"), *OLD[1:]], 1, 0, {"twice", "guid"}),
        ([item(n, guid=f"x{n}", enclosure=f"https://new.invalid/{n}.mp3") for n in (5, 4, 3, 2, 1)], 5, 0, {"twice", "guid", "enclosure"}),
        ([item(5, guid="x", title="Other", enclosure="https://new.invalid/5.mp3"), *OLD[1:]], 0, 1, {"new", "lost"}),
        ([item(5), *OLD], 0, 0, {"duplicate"}),
        ([item(5, guid="x"), *OLD], 1, 0, {"twice", "guid"}),
    ],
)
def test_each_fault_is_told_and_counted(compare, new, twice, lost, said):
    done = compare(OLD, new)
    document = done.document
    assert (document["twice"], document["lost"], document["episodes"]) == (twice, lost, 5)
    assert kinds(done) == said
    assert done.status == (3 if twice or lost else 0)
    text = compare(OLD, new, "--no-recordings")
    assert last_line(text) == f"{twice} of 5 episodes would come twice; {lost} would be lost"
    assert text.status == done.status


def test_quietly_only_what_is_wrong_is_said(compare):
    assert compare(OLD, MOVED, "--quiet", "--no-recordings").stderr == ""
    assert compare(OLD, OLD[1:], "--quiet", "--no-recordings").stderr.strip() == "0 of 5 episodes would come twice; 1 would be lost"


def test_many_episodes_that_are_alike_are_told_apart_by_their_number(tmp_path):
    for name in ("old.xml", "new.xml"):
        (tmp_path / name).write_bytes(rss([item(1, guid=None, link="", enclosure=f"https://{name}/{n}.mp3") for n in range(200)]))
    done = Show(tmp_path).run("compare", str(tmp_path / "old.xml"), str(tmp_path / "new.xml"), "--json", "--no-recordings")
    assert (done.document["episodes"], done.document["lost"]) == (200, 0)


def test_a_ticket_ends_in_the_same_sentence(compare):
    done = compare(OLD, [item(5, guid="x|*"), *OLD[2:]], "--format", "markdown", "--no-recordings")
    assert last_line(done) == "**1 of 5 episodes would come twice; 1 would be lost**"
    assert "ep-5 → x\\|\\*" in done.stdout
    assert "| gPodder | 1 | 1 |" in done.stdout


def test_the_apps_in_which_something_changes_are_named(compare):
    done = compare(OLD, [item(5, guid="x", enclosure="https://new.invalid/5.mp3"), *OLD[1:]], "--no-recordings")
    named = next(line for line in done.stdout.splitlines() if "would change in" in line)
    assert "gPodder" in named
    assert "AntennaPod" not in named


def test_all_pages_of_both_feeds_are_read(compare, hosts, tmp_path):
    first, second = rss(OLD[:2], '<atom:link rel="next" href="/two.xml"/>'), rss(OLD[1:])
    hosts.serve(first, rss(MOVED))
    hosts.old.routes["/two.xml"] = (200, second, {})
    done = Show(tmp_path).run("compare", *hosts.addresses, "--json", "--no-recordings")
    assert (done.document["episodes"], done.document["lost"], done.document["old"]["pages"]) == (5, 0, 2)
    assert "duplicate" not in kinds(done)
    assert "2 pages" in next(row["message"] for row in done.document["findings"] if row["what"] == "paging")


@pytest.mark.parametrize(("base", "twice"), [("https://old.invalid/feeds/", 0), ("https://other.invalid/", 1)])
def test_a_feed_that_says_by_what_its_guids_are_completed_is_taken_at_its_word(hosts, tmp_path, base, twice):
    old, new = (
        rss([item(1, permalink="", link="", enclosure=f"https://{name}.invalid/1.mp3")]).replace(
            b"<rss ", f'<rss xml:base="{said}" '.encode()
        )
        for name, said in (("old", "https://old.invalid/feeds/"), ("new", base))
    )
    hosts.serve(old, new)
    done = Show(tmp_path).run("compare", *hosts.addresses, "--json", "--no-recordings")
    assert (done.document["twice"], done.document["lost"]) == (twice, 0)
    assert {app["name"] for app in done.document["apps"] if app["twice"]} == ({"gPodder", "feedparser"} if twice else set())


def test_what_the_feeds_say_of_the_show_is_compared(compare):
    head = "<podcast:guid>a</podcast:guid><podcast:locked>yes</podcast:locked><itunes:image href='https://old.invalid/a.jpg'/>"
    other = "<podcast:guid>b</podcast:guid><itunes:new-feed-url>https://elsewhere.invalid/f.xml</itunes:new-feed-url>"
    rows = [row for row in compare(rss(OLD, head), rss(OLD, other)).document["findings"] if not row["episode"]]
    assert {row["what"] for row in rows} == {"guid", "locked", "new-feed-url", "artwork", "redirect"}
    assert any("names another address" in row["message"] for row in rows)


def test_recordings_are_asked_for_on_both_sides(hosts, tmp_path):
    old = [item(n, enclosure=f"{hosts.old.address}/{n}.mp3", length="0") for n in (2, 1)]
    new = [item(n, enclosure=f"{hosts.new.address}/{n}.mp3", length="0") for n in (2, 1)]
    hosts.serve(rss(old), rss(new))
    hosts.old.routes |= {"/1.mp3": (200, b"abc", {}), "/2.mp3": (200, b"abc", {})}
    hosts.new.routes |= {"/1.mp3": (200, b"abcd", {})}
    hosts.old.asked.clear()
    done = Show(tmp_path).run("compare", *hosts.addresses, "--json")
    rows = {(row["what"], row["episode"]): row for row in done.document["findings"] if row["what"] in {"bytes", "recording"}}
    assert set(rows) == {("bytes", "ep-1"), ("recording", "ep-2")}
    assert (rows["bytes", "ep-1"]["old"], rows["bytes", "ep-1"]["new"]) == ("3", "4")
    assert "404" in rows["recording", "ep-2"]["message"]
    assert {asked.method for asked in hosts.old.asked if asked.path.endswith(".mp3")} == {"HEAD"}
    assert done.status == 0


@pytest.mark.parametrize(
    ("status", "target", "permanent", "to_new", "said"),
    [
        (301, "{new}/feed.xml", True, True, "redirects to the new feed (301)"),
        (308, "{new}/feed.xml", True, True, "redirects to the new feed (308)"),
        (302, "{new}/feed.xml", False, True, "for now only (302)"),
        (307, "{new}/feed.xml", False, True, "for now only (307)"),
        (301, "{new}/other.xml", True, False, "not to the whole path of the new feed"),
        (301, "{old}/other.xml", True, False, "not to the new feed"),
    ],
)
def test_the_redirect_of_the_old_address_is_judged(hosts, tmp_path, status, target, permanent, to_new, said):
    hosts.serve(b"", rss(OLD))
    hosts.old.routes |= {
        "/feed.xml": (status, b"", {"Location": target.format(old=hosts.old.address, new=hosts.new.address)}),
        "/other.xml": (200, rss(OLD), {}),
    }
    hosts.new.routes["/other.xml"] = (200, rss(OLD), {})
    document = Show(tmp_path).run("compare", *hosts.addresses, "--json", "--no-recordings").document
    redirect = document["redirect"]
    assert (redirect["statuses"], redirect["permanent"], redirect["to_new"]) == ([status], permanent, to_new)
    assert any(said in row["message"] for row in document["findings"] if row["what"] == "redirect")


def test_files_are_compared_and_nothing_of_a_redirect_is_said(tmp_path):
    (tmp_path / "old.xml").write_bytes(rss(OLD))
    (tmp_path / "new.xml").write_bytes(rss(MOVED))
    done = Show(tmp_path).run("compare", str(tmp_path / "old.xml"), str(tmp_path / "new.xml"), "--json", "--no-recordings")
    assert done.status == 0
    assert done.document["redirect"] is None
    assert "redirect" not in {row["what"] for row in done.document["findings"]}


def test_without_a_new_feed_the_folder_is_built_and_nothing_published(tmp_path):
    show = make_show(tmp_path / "show")
    show.episode()
    show.episode("2026-05-08-second")
    old = tmp_path / "old.xml"
    old.write_bytes(rss([item(1, guid="second-guid", title="Second"), item(2, guid="gone")]))
    done = show.run("compare", str(old), "--json", "--no-recordings")
    assert (done.document["twice"], done.document["lost"], done.document["episodes"]) == (0, 1, 2)
    assert done.document["new"]["address"] == "https://small.example/feed.xml"
    assert done.status == 3
    assert not show.public.exists()


def test_a_feed_that_is_none_is_said(compare):
    assert compare(b"<html></html>", OLD).document["error"]["code"] == "import-feed"


FAULTS = st.lists(st.sampled_from(["whole", "moved", "renamed", "dated", "titled", "gone"]), min_size=1, max_size=12)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(faults=FAULTS)
def test_any_mixture_of_faults_is_counted(faults, tmp_path):
    """What is renamed keeps title and day: it comes twice where the guid decides. What is gone is lost. The rest is only said."""
    changes = {
        "whole": {},
        "moved": {"enclosure": "https://new.invalid/{}.mp3"},
        "renamed": {"guid": "new-{}"},
        "dated": {"date": "{:02} Feb 2021 10:00:00 +0000"},
        "titled": {"title": "Another {}"},
    }
    old = [item(number) for number in range(1, len(faults) + 1)]
    new = [
        item(number, **{key: value.format(number) for key, value in changes[fault].items()})
        for number, fault in enumerate(faults, 1)
        if fault != "gone"
    ]
    (tmp_path / "old.xml").write_bytes(rss(old))
    (tmp_path / "new.xml").write_bytes(rss(new))
    done = Show(tmp_path).run("compare", str(tmp_path / "old.xml"), str(tmp_path / "new.xml"), "--json", "--no-recordings")
    document = json.loads(done.stdout)
    assert (document["twice"], document["lost"]) == (faults.count("renamed"), faults.count("gone"))
    assert done.status == (3 if {"renamed", "gone"} & set(faults) else 0)
