"""`publish status`: what it says, and how little it asks the storage."""

from __future__ import annotations

import datetime as dt
from types import SimpleNamespace

import pytest

from publisher.announce import follow_up
from publisher.commands import status
from publisher.state.published_episodes import Post, PublishedEpisode
from publisher.state.state import State
from publisher.thread.owed import pending
from tests.support.memory_bucket import all_well
from tests.support.service_servers import Answering
from tests.support.show_factory import make_show


@pytest.fixture
def show(tmp_path):
    made = make_show(tmp_path / "show")
    made.episode()
    assert made.publish().status == 0
    return made


def requests_of(show, memory):
    before = memory.requests
    assert show.run("status").status == 0
    return memory.requests - before


def test_the_storage_is_asked_no_more_when_more_episodes_wait(tmp_path, memory):
    show = make_show(tmp_path / "show", storage="s3://memory")
    show.episode()
    assert show.publish().status == 0
    show.episode("2026-07-01-one")
    one = requests_of(show, memory)
    for day in range(2, 20):
        show.episode(f"2026-07-{day:02}-more-{day}")
    assert requests_of(show, memory) == one


def test_what_is_staged_is_said_so(show):
    show.episode("2026-07-01-ahead", date="2026-07-01T06:00:00+02:00")
    show.episode("2026-07-02-later", date="2026-07-02T06:00:00+02:00")
    assert show.run("stage", "ahead").status == 0
    rows = {row["slug"]: row["staged"] for row in show.run("status", "--json").document["waiting"]}
    assert rows == {"ahead": True, "later": False}


@pytest.mark.parametrize(("line", "due", "held"), [("", "2026-07-01T06:00:00+02:00", ""), ("draft = true", None, "draft")])
def test_a_draft_is_due_at_no_time_even_with_a_date(show, line, due, held):
    show.episode("2026-07-01-ahead", date="2026-07-01T06:00:00+02:00", front=line + "\n")
    (row,) = show.run("status", "--json").document["waiting"]
    assert (row["due"], row["held_back"]) == (due, held)


def test_what_networks_were_not_told_is_a_line_each_with_the_command_that_does_it(tmp_path):
    show = make_show(tmp_path / "show")
    show.write("config.toml", show.config.read_text("utf-8") + '\n[announce.webhook]\nurl = "https://hook.example/a"\n')
    show.episode(date="2026-06-01T06:00:00+02:00")
    soon, later = "2026-06-01T12:00:00+00:00", "2026-06-12T12:00:00+00:00"
    assert show.publish(now=soon).status == 0
    told = show.run("status", "--json", now=soon)
    (row,) = told.document["posts"]
    assert (row["slug"], row["network"], row["status"]) == ("first", "webhook", "owed")
    assert row["command"].startswith("publish -c ") and row["command"].endswith("config.toml")
    assert "“first” is not told to the webhook yet; to do it: publish -c " in show.run("status", now=soon).stdout
    (row,) = show.run("status", "--json", now=later).document["posts"]  # by itself it is given up after a week
    assert row["command"].endswith(" announce first")


@pytest.mark.parametrize(
    ("network", "status", "command"),
    [
        ("mastodon", "owed", ""),
        ("mastodon", "posting", ""),
        ("bluesky", "unclear", ""),
        ("webhook", "posting", ""),
        ("webhook", "unclear", "announce first"),
        ("mastodon", "posted", None),
        ("bluesky", "elsewhere", None),
    ],
)
def test_what_is_unclear_at_a_webhook_is_only_told_again_by_hand(network, status, command):
    post = Post(network=network, status=status if status != "elsewhere" else "owed", at="2026-06-01T12:00:00+00:00")
    item = PublishedEpisode(slug="first", guid="g", date="2026-06-01T06:00:00+02:00", title="First", posts=(post,))
    here = {} if status == "elsewhere" else {network: None}
    config = SimpleNamespace(announce=SimpleNamespace(networks=here))
    found = [row for *_, row in pending(State(episodes={"first": item}), config, dt.datetime(2026, 6, 2, tzinfo=dt.UTC))]
    assert found == ([] if command is None else [command])


def test_a_publish_counts_as_looked_at_until_the_next_one(show, monkeypatch):
    def verified():
        return show.run("status", "--json").document["verified"]

    assert not verified(), "it was not looked at"
    monkeypatch.setattr(follow_up, "_verify", all_well)
    assert show.run("--yes").status == 0
    assert verified()
    show.edit("2026-05-01-first", "Some notes.", "Other notes.")
    assert show.publish().status == 0
    assert not verified()


@pytest.mark.parametrize(
    ("second", "words"), [("29:59", "due 2026-07-01 at 06:30"), ("30:00", "due now: publish"), ("30:01", "due now: publish")]
)
def test_an_episode_is_due_from_its_very_second_on(show, second, words):
    show.episode("2026-07-01-ahead", date="2026-07-01T06:30:00+02:00")
    assert f"ahead: {words}" in show.run("status", now=f"2026-07-01T06:{second}+02:00").stdout


@pytest.mark.parametrize(
    ("newest", "fresh", "words"),
    [
        ("2026-06-01T11:00:00+00:00", "1h", ""),
        ("2026-06-01T10:59:59+00:00", "1h", "nothing newer than 1 hours is served"),
        ("2026-06-01T10:59:59+00:00", "59m", "nothing newer than 3540 seconds is served"),
        (None, "1h", "the feed has no episode"),
    ],
)
def test_what_is_served_is_fresh_up_to_the_very_second(show, monkeypatch, newest, fresh, words):
    monkeypatch.setattr(status, "newest_served", lambda _url: dt.datetime.fromisoformat(newest) if newest else None)
    outcome = show.run("status", "--fresh", fresh)
    assert (outcome.status == 0) is (not words), outcome.stderr
    assert words in outcome.stderr


def test_a_scheduled_episode_is_told_to_need_a_publish_with_a_cron_line_to_paste(show):
    show.episode("2026-07-01-ahead", date="2026-07-01T06:30:00+02:00")
    for said in (show.publish().stdout, show.publish().stdout, show.run("status").stdout):
        assert "nothing happens by itself: run `publish` after 2026-07-01 06:30+02:00" in said
        line = next(line.strip() for line in said.splitlines() if "* * * *" in line)
        assert line.startswith("10 * * * *  cd ") and str(show.folder) in line and line.endswith("publish --yes --quiet")


def test_nothing_waits_and_nothing_is_said_of_cron(show):
    show.episode("2026-07-01-draft", front="draft = true")
    assert "crontab" not in show.publish().stdout + show.run("status").stdout


def test_a_cron_line_holds_in_a_folder_with_blanks_and_percents(tmp_path):
    show = make_show(tmp_path / "50% my show")
    show.episode("2026-07-01-ahead", date="2026-07-01T06:30:00+02:00")
    said = show.run("status").stdout
    assert "cd '" in said and "50\\% my show' && " in said


def test_what_rollback_pull_and_withdraw_want_is_listed_for_people(show):
    show.episode("2026-05-08-second", date="2026-05-08T06:00:00+02:00")
    assert show.publish().status == 0
    said = show.run("status").stdout
    assert "  second: 2026-05-08, “Second”\n  first: 2026-05-01, “First”\n" in said
    numbers = [line.split(":")[0].strip() for line in said.partition("Publishes to go back to:\n")[2].splitlines()]
    assert numbers == [str(row["number"]) for row in show.run("status", "--json").document["publishes"]][1:], (
        "the one that is out is none to go back to"
    )
    assert show.run("rollback", numbers[-1], "--yes", "--no-verify").status == 0
    assert show.run("pull", "first").status == 0
    assert show.run("withdraw", "first", "--yes", "--no-verify", "--force", "resume").status == 0
    assert "  first: 2026-05-01, withdrawn" in show.run("status").stdout


def test_a_long_list_is_cut_short_but_with_verbose(tmp_path):
    show = make_show(tmp_path / "long")
    for day in range(1, 13):
        show.episode(f"2026-05-{day:02}-day-{day}", date=f"2026-05-{day:02}T06:00:00+02:00")
    assert show.publish().status == 0
    short, whole = show.run("status").stdout, show.run("status", "--verbose").stdout
    assert "… and 2 more (--verbose shows all)" in short and "day-12:" in short and "day-1:" not in short
    assert "day-1:" in whole and "more" not in whole


@pytest.fixture
def old_host():
    with Answering() as server:
        yield server


@pytest.mark.parametrize(
    ("answer", "leads_here", "said"),
    [
        ((301, "/feed.xml"), True, "redirects here with 301"),
        ((308, "/feed.xml"), True, "redirects here with 308"),
        ((302, "/feed.xml"), False, "apps do not take that for good"),
        ((301, "/other.xml"), False, "redirects with 301 to"),
        ((200, ""), False, "does not redirect: it answers 200"),
        ((404, ""), False, "does not redirect: it answers 404"),
    ],
)
def test_whether_the_former_address_still_leads_here_is_said_and_a_redirect_that_stopped_is_a_warning(
    show, old_host, answer, leads_here, said
):
    show.configure('url = "https://small.example"', f'url = "{old_host.address}"')
    show.write("config.toml", show.config.read_text() + f'\n[feed]\nformer = ["{old_host.address}/old.xml"]\n')
    old_host.routes["/old.xml"] = (answer[0], b"", {"Location": old_host.address + answer[1]} if answer[1] else {})
    done = show.run("status", "--json")
    assert done.status == 0, done.stderr
    (row,) = done.document["former"]
    assert (row["address"], row["leads_here"]) == (f"{old_host.address}/old.xml", leads_here)
    assert said in row["said"]
    assert ("warning: The feed's former address" in done.stderr) is not leads_here
    assert show.run("status", "--json", "--no-verify").document["former"] == []
