"""A live stream whose end has passed is said by check, publish and status, and a day later it leaves the feed and the pages."""

from __future__ import annotations

import pytest

from tests.support.show_factory import LIVE, make_show

BEFORE, OVER, LEFT = "2026-07-01T16:59:59Z", "2026-07-01T18:00:00Z", "2026-07-02T18:00:00Z"
"""Berlin's 20:00 is 18:00 in UTC."""


@pytest.fixture
def show(tmp_path):
    made = make_show(tmp_path / "show")
    made.episode()
    made.config.write_text(made.config.read_text() + LIVE)
    return made


def line_of(show, start):
    return next(number for number, line in enumerate(show.config.read_text().splitlines(), 1) if line.startswith(start))


@pytest.mark.parametrize(
    ("now", "codes", "in_feed"), [(BEFORE, [], True), (OVER, [("live-over", "warning")], True), (LEFT, [("left-out", "hint")], False)]
)
def test_it_is_said_by_each_command_and_leaves_the_feed_a_day_later(show, now, codes, in_feed):
    outcome = show.publish("--json", now=now)
    assert outcome.status == 0, outcome.stderr
    for said in (outcome, show.run("check", "--json", now=now)):
        found = said.findings("live-over", "left-out")
        assert [(row["code"], row["severity"]) for row in found] == codes
        assert all((row["file"], row["line"]) == ("config.toml", line_of(show, "end =")) for row in found)
        assert all("“From the tower” was over 2026-07-01 at 20:00" in row["message"] for row in found)
    assert ("From the tower" in outcome.stderr) == bool(codes)
    (row,) = show.run("--no-verify", "status", "--json", now=now).document["streams"]
    assert (bool(row["said"]), row["over"]) == (bool(codes), "2026-07-01T20:00:00+02:00")
    assert ("From the tower" in show.run("--no-verify", "status", now=now).stderr) == bool(codes)
    assert ("podcast:liveItem" in (show.public / "feed.xml").read_text()) == in_feed
    assert ("From the tower" in (show.public / "index.html").read_text()) == in_feed


def test_a_publish_with_nothing_else_to_do_notices(show):
    show.publish(now=BEFORE)
    quiet = [show.publish("--json", now=BEFORE) for _ in range(2)]
    assert "Nothing changed" in quiet[1].stderr
    assert not quiet[1].findings("live-over")
    over = [show.publish("--json", now=OVER) for _ in range(3)]
    assert [bool(outcome.findings("live-over")) for outcome in over] == [True, True, True]
    assert "podcast:liveItem" in (show.public / "feed.xml").read_text()
    left = show.publish("--json", now=LEFT)
    assert [change["key"] for change in left.document["changes"] if change["key"] == "feed.xml"] == ["feed.xml"]
    assert "podcast:liveItem" not in (show.public / "feed.xml").read_text()
    feed = (show.public / "feed.xml").read_bytes()
    assert "Nothing changed" in show.publish(now="2026-07-09T18:00:00Z").stderr
    assert (show.public / "feed.xml").read_bytes() == feed


def test_the_same_moment_gives_the_same_feed(show, tmp_path):
    other = show.copy(tmp_path / "other")
    for made in (show, other):
        assert made.publish(now=LEFT).status == 0
    assert (show.public / "feed.xml").read_bytes() == (other.public / "feed.xml").read_bytes()


@pytest.mark.parametrize(
    ("change", "now", "code", "in_feed"),
    [
        (('status = "pending"', 'status = "ended"'), OVER, "", True),
        (('status = "pending"', 'status = "ended"'), LEFT, "left-out", False),
        (('status = "pending"', 'status = "live"'), OVER, "live-over", True),
        (("end = 2026-07-01T20:00:00\n", ""), LEFT, "live-over", True),
        (("end = 2026-07-01T20:00:00\n", ""), "2026-07-02T16:59:59Z", "", True),
        (("end = 2026-07-01T20:00:00\n", ""), "2026-07-03T17:00:00Z", "left-out", False),
        (("end = 2026-07-01T20:00:00\n", "end = 2026-07-01T20:00:00-10:00\n"), LEFT, "live-over", True),
    ],
)
def test_when_a_stream_is_over(show, change, now, code, in_feed):
    show.configure(*change)
    found = show.publish("--json", now=now).findings("live-over", "left-out")
    assert [row["code"] for row in found] == ([code] if code else [])
    assert ("podcast:liveItem" in (show.public / "feed.xml").read_text()) == in_feed


def test_the_one_after_it_stays_and_its_faults_keep_their_line(show):
    second = LIVE.replace("live-1", "live-2").replace("2026-07-01", "2027-03-28").replace("19:00", "02:30").replace("From the", "By the")
    show.config.write_text(show.config.read_text() + second)
    outcome = show.publish("--json", now=LEFT)
    (found,) = outcome.findings("date-in-gap")
    assert "02:30" in show.config.read_text().splitlines()[found["line"] - 1]
    show.configure("2027-03-28T02:30", "2027-03-28T04:30")
    assert show.publish(now=LEFT).status == 0
    feed = (show.public / "feed.xml").read_text()
    assert "By the tower" in feed
    assert "From the tower" not in feed


@pytest.mark.parametrize(
    "written",
    [
        'chapters = "https://small.example/live.json"',
        'transcripts = [{url = "https://small.example/live.vtt", type = "text/vtt"}]',
        'funding = [{url = "https://small.example/tower", label = "A tower"}]',
        "explicit = true",
    ],
)
def test_what_the_feed_cannot_say_of_a_stream_is_told_at_its_line(show, written):
    show.config.write_text(show.config.read_text() + written + "\n")
    (found,) = show.publish("--json").findings("left-out")
    assert (found["line"], found["severity"]) == (line_of(show, written), "hint")
    assert f"`{written.partition(' ')[0]}` of a live stream is not in the feed" in found["message"]


def test_what_says_the_same_as_the_show_is_not_told(show):
    funding = 'funding = [{url = "https://small.example/tower", label = "A tower"}]\n'
    show.configure("explicit = false", f"explicit = false\n{funding}")
    show.config.write_text(show.config.read_text() + funding + "explicit = false\n")
    assert show.publish("--json").findings("left-out") == []


@pytest.mark.parametrize(
    ("change", "now", "said"),
    [
        (("end = 2026-07-01T20:00:00", "end = 2026-07-01T18:00:00"), "2026-06-30T12:00:00Z", "ends 2026-07-01 at 18:00, before it starts"),
        (("end = 2026-07-01T20:00:00", "end = 2026-07-01T19:00:00"), "2026-06-30T12:00:00Z", "ends 2026-07-01 at 19:00, before it starts"),
        (('status = "pending"', 'status = "live"'), "2026-07-01T15:59:59Z", "starts 2026-07-01 at 19:00, and the feed says live"),
        (('status = "pending"', 'status = "ended"'), "2026-07-01T15:59:59Z", "starts 2026-07-01 at 19:00, and the feed says ended"),
        (('status = "pending"', 'status = "live"'), "2026-07-01T16:00:00Z", ""),
        (('status = "pending"', 'status = "pending"'), "2026-06-30T12:00:00Z", ""),
        (('status = "pending"', 'status = "pending"'), "2026-07-01T16:59:59Z", ""),
        (
            ('status = "pending"', 'status = "pending"'),
            "2026-07-01T17:00:00Z",
            "started 2026-07-01 at 19:00, and the feed says pending: apps tell nobody that it runs",
        ),
    ],
)
def test_times_and_a_status_that_cannot_both_be_so_are_told(show, change, now, said):
    """Somebody may begin an hour early; a feed that says live for weeks before rings in apps."""
    show.configure(*change)
    outcome = show.publish("--json", now=now)
    assert outcome.status == 0, outcome.stderr
    for told in (outcome, show.run("check", "--json", now=now)):
        assert [(row["severity"], row["message"]) for row in told.findings("live-times")] == (
            [("warning", f"the live stream “From the tower” {said}")] if said else []
        )
    (row,) = show.run("--no-verify", "status", "--json", now=now).document["streams"]
    assert bool(row["said"]) == bool(said)


def test_a_publish_with_nothing_else_to_do_notices_that_a_pending_one_has_started(show):
    for _ in range(2):
        assert show.publish("--json", now="2026-07-01T16:59:59Z").findings("live-times") == []
    assert len(show.publish("--json", now="2026-07-01T17:00:00Z").findings("live-times")) == 1


def test_a_stream_that_was_called_live_too_early_is_told_no_more_when_it_starts(show):
    show.configure('status = "pending"', 'status = "live"')
    early = [show.publish("--json", now="2026-07-01T12:00:00Z") for _ in range(2)]
    assert [bool(outcome.findings("live-times")) for outcome in early] == [True, True]
    assert show.publish("--json", now="2026-07-01T16:30:00Z").findings("live-times") == []
