"""`publish stats` as it is typed: the table, CSV, JSON of one episode and of several shows, and the page."""

from __future__ import annotations

import csv
import io

from publisher.core.errors import Exit
from tests.stats.logged_show import at

NOW = ("--now", "2026-06-09T12:00:00Z")


def test_the_table_has_the_last_week_and_the_one_before(logged):
    logged.log(logged.line(at()), logged.line(at(days=7), ip="203.0.113.8"), logged.line(at(days=7), ip="203.0.113.9"))
    lines = logged.show.run("stats", *NOW).stdout.splitlines()
    assert next(line for line in lines if line.startswith("All episodes")).split() == ["All", "episodes", "2", "1", "+100%"]
    assert lines[0].endswith("downloads by days in UTC, logs of 2026-06-01 to 2026-06-08")
    assert any(line.startswith("Counted by the rules of the Podcast Technical Measurement Guidelines 2.3") for line in lines)


def test_one_episode_is_asked_for_by_its_slug_and_a_slip_is_told(logged):
    logged.log(logged.line(at()))
    assert logged.stats("--episode", "long")["episodes"] == [{"slug": "long", "downloads": 1}]
    none = logged.stats("--episode", "short")
    assert (none["downloads"], none["days"], [row["slug"] for row in none["first_days"]]) == (0, [], ["short"])
    outcome = logged.show.run("stats", "--episode", "lomg")
    assert outcome.status == Exit.USAGE
    assert "did you mean `long`?" in outcome.stderr


def test_csv_is_all_that_stdout_has(logged):
    logged.log(logged.line(at()), "torn")
    outcome = logged.show.run("stats", "--csv", "2026-06")
    rows = list(csv.DictReader(io.StringIO(outcome.stdout)))
    assert [(row["date"], row["slug"], row["downloads"], row["source"]) for row in rows] == [("2026-06-01", "long", "1", "logs")]
    assert logged.show.run("stats", "--csv", "--json").status == Exit.USAGE


def test_several_shows_are_one_table(logged):
    logged.log(logged.line(at()))
    both = ("-c", str(logged.show.config))  # beside the one that each command gets
    document = logged.stats(*both)
    assert document["downloads"] == 2
    assert len(document["shows"]) == len(document["episodes"]) == 2
    assert {row["show"] for row in document["episodes"]} == {row["show"] for row in document["shows"]}
    assert logged.show.run("stats", *both, "check").status == Exit.USAGE


def test_the_page_lies_beside_the_config_and_not_in_the_site(logged):
    logged.log(logged.line(at()))
    outcome = logged.show.run("stats", "--html", *NOW)
    page = logged.show.folder / "stats" / "index.html"
    assert outcome.status == Exit.OK
    assert str(page.name) in outcome.stderr and b"Guidelines 2.3" in page.read_bytes()
    assert (page.parent / ".gitignore").read_text() == "*\n"
    assert not (logged.show.public / "stats").exists()
    page.write_text("<h1>Mine</h1>")
    assert logged.show.run("stats", "--html").status == Exit.USAGE
    assert page.read_text() == "<h1>Mine</h1>"


def test_only_sums_are_for_everybody_and_only_where_the_config_says_so(logged):
    logged.log(logged.line(at()))
    logged.show.write("config.toml", logged.show.config.read_text("utf-8") + "public = true\n")
    outcome = logged.show.run("stats", "--html", *NOW)
    assert outcome.stderr.splitlines()[-1].endswith("/stats/index.html")
    public = (logged.show.public / "stats" / "index.html").read_bytes()
    assert b"Guidelines 2.3" in public and b"AntennaPod" not in public
    assert logged.show.publish().status == Exit.OK
    assert logged.show.run("prune", "--yes").status == Exit.OK
    assert (logged.show.public / "stats" / "index.html").read_bytes() == public


def test_a_page_that_listeners_would_reach_is_refused(logged):
    logged.log(logged.line(at()))
    text = logged.show.config.read_text("utf-8")
    assert 'url = "public"' in text
    logged.show.write("config.toml", text.replace('url = "public"', 'url = "."'))
    outcome = logged.show.run("stats", "--html")
    assert outcome.status == Exit.REFUSED
    assert "the folder that listeners reach" in outcome.stderr
    assert not (logged.show.folder / "stats").exists()


def test_status_says_the_last_week_of_what_was_counted_and_reads_no_log(logged):
    logged.log(logged.line(at()), logged.line(at(days=7), ip="203.0.113.8"))
    assert "download" not in logged.show.run("status", *NOW).stdout
    assert logged.show.run("stats", *NOW).status == Exit.OK
    logged.log("not a log any more")
    line = "1 download from 2026-06-02 to 2026-06-08"
    assert line in logged.show.run("status", *NOW).stdout.splitlines()
    assert logged.show.run("status", *NOW, "--json").document["downloads"] == line


def test_the_page_is_not_written_where_a_link_leads(logged, tmp_path):
    logged.log(logged.line(at()))
    (tmp_path / "elsewhere").mkdir()
    (logged.show.folder / "stats").symlink_to(tmp_path / "elsewhere")
    outcome = logged.show.run("stats", "--html", *NOW)
    assert outcome.status == Exit.USAGE and "stats leads out of the show's folder" in outcome.stderr
    assert list((tmp_path / "elsewhere").iterdir()) == []
