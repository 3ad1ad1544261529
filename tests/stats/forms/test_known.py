"""Which form a log has, and which logs do not go together."""

from __future__ import annotations

import re

import pytest

from publisher.core.errors import ContentError, Exit
from publisher.stats.forms.known import ALSO, FORMS, forms_of, refuse_two_sides
from tests.stats.logged_show import at
from tests.support import ROOT
from tests.support.log_traffic import SERVICES, Traffic, combined, s3, write_logs

WEEK = Traffic({"long": "/media/long-1a2b3c4d.mp3", "short": "/media/short-1a2b3c4d.mp3"}, {"long": 900_000, "short": 90_000}, listeners=1)
LINES = {name: [line for one in WEEK.asked()[:9] if (line := service.line(one))] for name, service in SERVICES.items()}
FORM = {
    name: {"nginx": "combined", "apache": "combined"}.get(word, word)
    for name in SERVICES
    for word in [re.split(r",? (?!ranges)|,", name)[0]]
}
FORM |= {"nginx without ranges": "combined", "cloudfront, chosen fields": "cloudfront", "cloudfront, parquet": "cloudfront-json"}
FORM |= {"logpush without ranges": "logpush", "r2, a document": "r2"}


@pytest.mark.parametrize("name", SERVICES)
def test_a_form_is_told_by_the_first_lines(name):
    header = SERVICES[name].header.splitlines()
    for lines in ([*header, *LINES[name]], ["what was left of a torn line", "", *header, *LINES[name]]):
        assert forms_of({"a.log": lines})["a.log"].name == FORM[name]


def test_the_form_that_is_named_is_taken():
    assert forms_of({"a.log": LINES["nginx"]}, "s3")["a.log"].name == "s3"
    assert forms_of({"a.log": LINES["nginx"]}, "apache")["a.log"].name == "combined"
    fields = forms_of({"a.log": [*SERVICES["cloudfront, chosen fields"].header.splitlines()]}, "cloudfront")["a.log"].sql
    assert fields != next(form for form in FORMS if form.name == "cloudfront").sql
    with pytest.raises(ContentError) as refused:
        forms_of({"a.log": LINES["nginx"]}, "ngnix")
    assert all(name in refused.value.hint for name in (*ALSO, *(form.name for form in FORMS)))


def test_what_looks_like_a_form_and_is_none_is_not_told():
    iis = (
        "#Fields: date time s-ip cs-method cs-uri-stem cs-uri-query s-port cs-username c-ip cs(User-Agent) cs(Referer) sc-status time-taken"
    )
    stream = "#Fields: date time x-edge-location c-ip x-event sc-bytes x-cf-status x-cf-client-id cs-uri-stem cs-uri-query c-user-agent"
    common = '203.0.113.9 - - [01/Jun/2026:08:00:05 +0000] "GET /media/long-1a2b3c4d.mp3 HTTP/1.1" 200 9000'
    for line in (iis, stream, common, '{"level":"info","msg":"started"}', '{"request": {}, "status": 200}'):
        with pytest.raises(ContentError):
            forms_of({"a.log": [line]})


def test_a_log_without_lines_has_no_form():
    assert forms_of({"a.log": [], "b.log": ["", " "]}) == {}
    assert list(forms_of({"a.log": [], "b.log": LINES["caddy"]})) == ["b.log"]


def test_a_strange_log_among_others_is_read_as_they_are():
    forms = forms_of({"a.txt": ["Read me first."], "b.log": LINES["caddy"], "c.txt": ["And me."]})
    assert [form.name for form in forms.values()] == ["caddy"] * 3
    with pytest.raises(ContentError) as refused:
        forms_of({"a.txt": ["", "Read me first.\x1b[2J"]})
    assert "Read me first." in refused.value.cause


def test_a_content_network_and_what_stands_behind_it_are_refused():
    network, bucket = forms_of({"a.log": LINES["bunny"]}), forms_of({"b.log": LINES["s3"]})
    server = forms_of({"c.log": LINES["nginx"]})
    for both in ({**network, **bucket}, {**network, **server}, {**server, **bucket}):
        with pytest.raises(ContentError) as refused:
            refuse_two_sides(both)
        assert all(name in refused.value.cause for name in both)
    refuse_two_sides({**network, **forms_of({"d.log": LINES["fastly"]})})
    refuse_two_sides({})


def test_the_command_refuses_both_and_counts_nothing(logged):
    traffic = Traffic(logged.paths, logged.sizes, listeners=1)
    write_logs(traffic, SERVICES["bunny"], logged.show.folder / "logs" / "cdn", files=1)
    write_logs(traffic, SERVICES["s3"], logged.show.folder / "logs" / "bucket", files=1)
    config = logged.show.config.read_text("utf-8")
    logged.show.write("config.toml", config.replace('"logs/*"', '"logs/*/*"'))
    outcome = logged.show.run("stats", "--json")
    assert outcome.status == Exit.CONTENT and outcome.document["error"]["code"] == "stats-two-sides"


def test_files_of_the_same_name_are_two(logged):
    """Two servers, each with its access.log; and one whose log is empty today."""
    line = logged.line(at(0, 9))
    for server in ("one", "two"):
        logged.show.write(f"logs/{server}/access.log", line.replace("203.0.113.7", f"203.0.113.{len(server) + ord(server[0])}"))
    logged.show.write("logs/three/access.log", "")
    logged.show.write("config.toml", logged.show.config.read_text("utf-8").replace('"logs/*"', '"logs/*/*.log"'))
    assert logged.downloads() == {"long": 2}


def test_a_line_that_cannot_be_read_is_shown_with_its_file_and_number(logged):
    whole = [logged.line(at(0, number)) for number in range(4)]
    logged.log(*whole[:2], "\n", "Lorem ipsum\n", *whole[2:], "203.0.113.9 - - [01/Jun/2026:10:0")
    document = logged.stats("check")
    assert [(row["file"], row["line"], row["text"][:11]) for row in document["unread"]] == [
        ("logs/access.log", 4, "Lorem ipsum"),
        ("logs/access.log", 7, "203.0.113.9"),
    ]


def test_lines_are_numbered_as_they_stand_in_the_file(logged):
    """CloudFront's headers are lines, too."""
    service = SERVICES["cloudfront, chosen fields"]
    traffic = Traffic(logged.paths, logged.sizes, listeners=1)
    lines = [service.line(one) for one in traffic.asked()]
    logged.log(service.header, *(f"{line}\n" for line in lines), "Lorem ipsum\n", name="E1.2026-06-01-09.log")
    assert [row["line"] for row in logged.stats("check")["unread"]] == [len(lines) + 3]


def test_what_a_form_does_not_tell_is_said_with_its_numbers(logged):
    one = Traffic(logged.paths, logged.sizes, listeners=1).asked()[0]
    logged.log(s3(one) + "\n")
    assert any("does not log which part" in limit for limit in logged.stats()["limits"])
    logged.log(combined(one) + "\n")
    assert not any("does not log which part" in limit for limit in logged.stats()["limits"])


def test_which_form_it_is_taken_for_is_said_first(logged):
    logged.log(logged.line(at(0, 9)))
    assert logged.stats()["limits"][0] == "read as `combined` (nginx and Apache)"


def test_the_page_about_numbers_names_each_form_and_its_limits():
    page = (ROOT / "docs/explanation/statistics.md").read_text("utf-8")
    config = (ROOT / "docs/reference/config.md").read_text("utf-8").partition("`form`")[2].partition("\n")[0]
    for form in FORMS:
        assert f"`{form.name}`" in page and form.name in config
        assert all(limit in page for limit in form.limits)
    assert all(name in config for name in ALSO)
