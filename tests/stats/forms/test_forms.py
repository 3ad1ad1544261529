"""Each form of log: what a line of it says, and that what cannot be read is a row that says so."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from publisher.stats.counting.tables import REQUESTS
from publisher.stats.forms.bunny import BUNNY, BUNNY_JSON
from publisher.stats.forms.cloudflare import LOGPUSH, R2
from publisher.stats.forms.cloudfront import CLOUDFRONT, CLOUDFRONT_JSON, FIELDS, text_for
from publisher.stats.forms.combined import COMBINED
from publisher.stats.forms.s3_access import S3_ACCESS
from publisher.stats.forms.servers_json import CADDY, FASTLY
from tests.stats.forms.reading import requests_of

if TYPE_CHECKING:
    from publisher.stats.forms.form import Form

AGENT = "Overcast/3.0 (+http://overcast.fm/; iOS podcast app)"
AT = datetime(2026, 6, 1, 8, 0, 5)  # noqa: DTZ001  moments of requests are UTC without saying so
STAMP = int(AT.replace(tzinfo=UTC).timestamp())
PATH = "/show/media/one-1a2b3c4d.mp3"


@dataclass(frozen=True)
class Line:
    """A line of a form and what it says beside agent, moment, path and address."""

    form: Form
    text: str
    says: dict[str, Any]


def combined(asked: str = ' "bytes=0-1"', *, head: str = "203.0.113.9 - - ", status: int = 206, sent: str = "2", agent: str = AGENT) -> str:
    return f'{head}[01/Jun/2026:10:00:05 +0200] "GET {PATH}?source=feed HTTP/1.1" {status} {sent} "https://a.example/" "{agent}"{asked}'


def s3(operation: str = "REST.GET.OBJECT", key: str = PATH[1:], agent: str = AGENT, rest: str = "200 - 4000 90000 70 10") -> str:
    owner = "79a5" * 16
    return (
        f"{owner} bucket [01/Jun/2026:08:00:05 +0000] 203.0.113.9 - 3E57427F3EXAMPLE {operation} {key} "
        f'"GET /bucket/{key}?x=1 HTTP/1.1" {rest} "-" "{agent}" - s9lzHYrFp76 SigV4 ECDHE AuthHeader bucket.s3.amazonaws.com TLSV1.3 - -'
    )


def cloudfront_fields(**other: str) -> dict[str, str]:
    values = dict.fromkeys(FIELDS, "-")
    values |= {
        "date": "2026-06-01", "time": "08:00:05", "x-edge-location": "FRA56-P1", "sc-bytes": "4500", "c-ip": "203.0.113.9",
        "cs-method": "GET", "cs-uri-stem": PATH, "sc-status": "206", "cs(User-Agent)": AGENT.replace(" ", "%20"),
        "sc-content-len": "4000", "sc-range-start": "100", "sc-range-end": "4099",
    }  # fmt: skip
    return values | {name.replace("_", "-"): value for name, value in other.items()}


def cloudfront(**other: str) -> str:
    return "\t".join(cloudfront_fields(**other).values())


def bunny(extended: str = "", url: str = f"https://a.b-cdn.net{PATH}?x") -> str:
    return f"HIT|206|{STAMP}421|4500|390|203.0.113.0|-|{url}|WA|{AGENT}|322b688bd63fb63f2babe9de30a5d262|DE{extended}"


def bunny_json(**other: object) -> str:
    entry = {
        "timestamp": "2026-06-01T10:00:05.421+02:00", "pullZoneId": 390, "requestId": "322b", "cacheStatus": "HIT", "statusCode": 206,
        "bytesSent": 4500, "remoteIp": "203.0.113.0", "countryCode": "DE", "path": f"{PATH}?x", "url": f"https://a.b-cdn.net{PATH}?x",
        "userAgent": AGENT, "referer": None, "bodyBytesSent": None, "contentRange": None,
    }  # fmt: skip
    return json.dumps({**entry, **other})


def logpush(**other: object) -> str:
    entry = {
        "ClientIP": "203.0.113.9", "ClientRequestMethod": "GET", "ClientRequestURI": f"{PATH}?x", "ClientRequestUserAgent": AGENT,
        "EdgeResponseStatus": 206, "EdgeResponseBytes": 4500, "EdgeStartTimestamp": STAMP * 10**9 + 5, "ClientCountry": "de", "RayID": "41dd",
    }  # fmt: skip
    return json.dumps({**entry, **other})


def r2(**other: object) -> dict[str, Any]:
    return {
        "$metadata": {"timestamp": STAMP * 1000 + 7, "service": "bucket", "namespace": "r2"}, "action": "GetObject", "interface": "Public",
        "actor": {"type": "service", "id": "public"}, "bucket": "bucket", "request": {"method": "GET", "uri": f"{PATH}?x", "bytes": 0},
        "response": {"status": 206, "bytes": 4000}, "requestMetadata": {"ip": "203.0.113.9", "userAgent": AGENT, "colo": "FRA"},
        "resource": {"type": "object", "key": PATH[1:], "size": 90000},
        **other,
    }  # fmt: skip


def caddy(ts: object = STAMP + 0.8668249, **other: object) -> dict[str, Any]:
    return {
        "level": "info", "ts": ts, "logger": "http.log.access.log0", "msg": "handled request",
        "request": {
            "remote_ip": "10.0.0.1", "client_ip": "203.0.113.9", "method": "GET", "uri": f"{PATH}?x", "proto": "HTTP/2.0",
            "headers": {"User-Agent": [AGENT], "Range": ["bytes=100-"]},
        },
        "duration": 0.04, "size": 4000, "status": 206, "resp_headers": {"Content-Range": ["bytes 100-4099/90000"]},
        **other,
    }  # fmt: skip


def fastly(**other: object) -> str:
    entry = {
        "time": "2026-06-01T08:00:05Z", "ip": "203.0.113.9", "agent": AGENT, "method": "GET", "url": f"{PATH}?x", "status": 206,
        "bytes": 4000, "range": "bytes=100-4099", "country": "DE", "edge": True,
    }  # fmt: skip
    return json.dumps({**entry, **other})


RANGE = {"first": 100, "last": 4099, "sent": 4000}
LINES = {
    "nginx with ranges": Line(COMBINED, combined(), {"first": 0, "last": 1, "sent": 2, "status": 206}),
    "nginx, to the end": Line(COMBINED, combined(' "bytes=100-"'), {"first": 100, "last": None}),
    "nginx, the last so many": Line(COMBINED, combined(' "bytes=-500"'), {"first": None, "last": None}),
    "nginx, several ranges": Line(COMBINED, combined(' "bytes=0-1,5-6"'), {"first": None, "last": None}),
    "nginx, no range asked": Line(COMBINED, combined(' "-"', status=200, sent="9000"), {"first": None, "last": None, "sent": 9000, "status": 200}),
    "nginx, a range that was not served": Line(COMBINED, combined(status=200, sent="9000"), {"first": None, "last": None, "status": 200}),
    "nginx with forwarded addresses": Line(COMBINED, combined(' "198.51.100.7"'), {"first": None, "last": None}),
    "combined": Line(COMBINED, combined(""), {"first": None, "last": None, "sent": 2}),
    "Apache, no bytes": Line(COMBINED, combined("", sent="-"), {"sent": 0}),
    "Apache with servers' names": Line(COMBINED, combined(head="a.example:443 203.0.113.9 - - "), {"first": 0}),
    "a listener with a name": Line(COMBINED, combined(head="203.0.113.9 - Jo Doe "), {"first": 0}),
    "S3": Line(S3_ACCESS, s3(), {"sent": 4000, "whole": 90000, "status": 200, "first": None, "last": None}),
    "S3, a website's bucket": Line(S3_ACCESS, s3("WEBSITE.GET.OBJECT", rest="206 - 4000 90000 70 10"), {"status": 206, "first": None}),
    "CloudFront": Line(CLOUDFRONT, cloudfront(), {**RANGE, "status": 206}),
    "CloudFront, whole": Line(
        CLOUDFRONT, cloudfront(sc_status="200", sc_range_start="-", sc_range_end="-"), {"first": None, "whole": 4000, "sent": 4000}
    ),
    "CloudFront, broken off": Line(CLOUDFRONT, cloudfront(sc_status="200", sc_bytes="3000"), {"sent": 3000, "whole": 4000}),
    "CloudFront before 2020": Line(CLOUDFRONT, cloudfront(**{"cs(User-Agent)": AGENT.replace(" ", "%2520")}), RANGE),
    "CloudFront as JSON": Line(CLOUDFRONT_JSON, json.dumps(cloudfront_fields()), {**RANGE, "status": 206}),
    "CloudFront as JSON, moments alone": Line(
        CLOUDFRONT_JSON, json.dumps({**cloudfront_fields(), "date": None, "time": None, "timestamp(ms)": f"{STAMP}492", "c-country": "DE"}), RANGE
    ),
    "Bunny": Line(BUNNY, bunny(), {"sent": 4500, "first": None, "country": "DE", "ip": "203.0.113.0"}),
    "Bunny, extended": Line(BUNNY, bunny("|4000|bytes=100-4099|-"), {**RANGE, "ip": "203.0.113.0"}),
    "Bunny as JSON": Line(BUNNY_JSON, bunny_json(), {"sent": 4500, "first": None, "country": "DE", "ip": "203.0.113.0"}),
    "Bunny as JSON, extended": Line(
        BUNNY_JSON, bunny_json(bodyBytesSent=4000, contentRange="bytes 100-4099/90000"), {**RANGE, "whole": 90000, "ip": "203.0.113.0"}
    ),
    "Logpush": Line(LOGPUSH, logpush(), {"sent": 4500, "first": None, "country": "DE"}),
    "Logpush, seconds": Line(LOGPUSH, logpush(EdgeStartTimestamp=STAMP), {}),
    "Logpush, RFC 3339": Line(LOGPUSH, logpush(EdgeStartTimestamp="2026-06-01T08:00:05Z"), {}),
    "Logpush with ranges": Line(
        LOGPUSH,
        logpush(EdgeResponseBodyBytes=4000, ResponseHeaders={"content-range": "bytes 100-4099/90000"}, ParentRayID="00"),
        {**RANGE, "whole": 90000},
    ),
    "R2": Line(R2, json.dumps(r2()), {"sent": 4000, "whole": 90000, "first": None, "status": 206}),
    "R2 through Observability": Line(
        R2, json.dumps({"$metadata": {"timestamp": STAMP * 1000}, "timestamp": STAMP * 1000, "dataset": "r2", "source": r2()}), {"sent": 4000}
    ),
    "Caddy": Line(CADDY, json.dumps(caddy()), {**RANGE, "whole": 90000, "status": 206}),
    "Caddy, asked alone": Line(CADDY, json.dumps(caddy(resp_headers={})), {"first": 100, "last": None}),
    "Caddy, ISO 8601": Line(CADDY, json.dumps(caddy("2026-06-01T10:00:05.123+0200")), {}),
    "Caddy, wall clock": Line(CADDY, json.dumps(caddy("2026/06/01 08:00:05")), {}),
    "Caddy, milliseconds": Line(CADDY, json.dumps(caddy(STAMP * 1000 + 0.25)), {}),
    "Fastly": Line(FASTLY, fastly(), {**RANGE, "country": "DE"}),
    "Fastly, to the end": Line(FASTLY, fastly(range="bytes=100-"), {"first": 100, "last": None}),
    "Fastly's own example": Line(
        FASTLY,
        json.dumps(
            {
                "timestamp": "2026-06-01T08:00:05+0000", "client_ip": "203.0.113.9", "url": PATH, "request_method": "GET",
                "request_user_agent": AGENT, "response_status": 206, "response_body_size": 4000, "fastly_is_edge": True,
            }
        ),
        {"sent": 4000, "first": None},
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", LINES)
def test_a_line_says_who_asked_for_what_and_what_was_sent(name):
    line = LINES[name]
    (row,) = requests_of(line.form, [line.text])
    assert tuple(row) == tuple(REQUESTS)
    common = {"at": AT, "ip": "203.0.113.9", "agent": AGENT, "method": "GET", "path": PATH, "source": "a.log", "number": 1}
    wanted = {**common, **line.says}
    assert {key: row[key] for key in wanted} == wanted


@pytest.mark.parametrize("name", LINES)
def test_a_form_is_told_by_its_lines_and_by_no_others(name):
    forms = {line.form.name: line.form for line in LINES.values()}
    assert [known for known, form in forms.items() if form.tells([LINES[name].text])] == [LINES[name].form.name]


@pytest.mark.parametrize("name", LINES)
def test_a_torn_line_is_a_row_that_is_not_read(name):
    line = LINES[name]
    end = line.text.rfind(AGENT.replace(" ", "%20")[:12]) + 6 if not line.text.startswith("{") else len(line.text) - 3
    (row,) = requests_of(line.form, [line.text[:end]])
    assert row["at"] is None and row["number"] == 1


WRONG = [
    ("no moment", COMBINED, combined().replace("Jun", "Xxx")),
    ("a day that is none", COMBINED, combined().replace("01/Jun", "31/Jun")),
    ("an hour that is none", COMBINED, combined().replace("10:00:05", "25:00:05")),
    ("the year 1970", COMBINED, combined().replace("2026", "1970")),
    ("the year 9999", COMBINED, combined().replace("2026", "9999")),
    ("no status", COMBINED, combined().replace(" 206 2 ", " abc 2 ")),
    ("words", COMBINED, "Lorem ipsum dolor"),
    ("S3: words", S3_ACCESS, "Lorem ipsum dolor"),
    ("S3: a moment that is none", S3_ACCESS, s3().replace("01/Jun", "32/Jun")),
    ("CloudFront: fewer fields", CLOUDFRONT, "\t".join(cloudfront().split("\t")[:20])),
    ("CloudFront: a month that is none", CLOUDFRONT, cloudfront(date="2026-13-01")),
    ("CloudFront: JSON that is none", CLOUDFRONT_JSON, "{not json}"),
    ("Bunny: no moment", BUNNY, bunny().replace(str(STAMP), "abc")),
    ("Bunny: seconds", BUNNY, bunny().replace(f"{STAMP}421", str(STAMP))),
    ("Bunny: another JSON", BUNNY_JSON, '{"a": 1}'),
    ("Logpush: no address", LOGPUSH, logpush(ClientIP="")),
    ("R2: an action without a moment", R2, '{"action": "GetObject"}'),
    ("Caddy: a list", CADDY, "[]"),
    ("Caddy: a number", CADDY, "17"),
    ("Fastly: a moment of words", FASTLY, fastly(time="yesterday")),
    ("Fastly: a status of words", FASTLY, fastly(status="fine")),
]


@pytest.mark.parametrize(("name", "form", "text"), WRONG, ids=[name for name, _, _ in WRONG])
def test_what_is_wrong_is_not_read(name, form, text):
    (row,) = requests_of(form, [text])
    assert row["at"] is None, name


@pytest.mark.parametrize("form", sorted({line.form for line in LINES.values()}, key=lambda form: form.name), ids=lambda form: form.name)
def test_what_is_hostile_stays_text_and_is_bounded(form):
    sample = next(line.text for line in LINES.values() if line.form is form)
    evil = "'; DROP TABLE lines; --" if form is not CLOUDFRONT else "';%20DROP%20TABLE%20lines;%20--"
    place = AGENT if AGENT in sample else AGENT.replace(" ", "%20")
    huge = sample.replace(place, "A" * 60_000)
    rows = requests_of(form, [sample.replace(place, evil), huge, sample, "\x7f\ufffd" * 50, "{" * 5_000, '{"a":' * 5_000])
    assert [row["at"] is not None for row in rows] == [True, True, True, False, False, False]
    assert rows[0]["agent"] == "'; DROP TABLE lines; --"
    assert 1_000 < len(rows[1]["agent"]) < 1_100


def test_empty_lines_and_headers_are_no_requests():
    assert requests_of(COMBINED, ["", " "]) == []
    header = f"#Fields: {' '.join(FIELDS)}"
    assert len(requests_of(CLOUDFRONT, ["#Version: 1.0", header, cloudfront(), header, cloudfront()])) == 2


def test_a_garbled_request_is_a_line_that_was_read():
    """Somebody spoke TLS to the plain port: the server logs it with 400."""
    line = r'203.0.113.9 - - [01/Jun/2026:08:00:05 +0000] "\x16\x03\x01\x05" 400 150 "-" "-" "-"'
    (row,) = requests_of(COMBINED, [line])
    assert row["at"] == AT and row["status"] == 400 and row["agent"] == "" and row["path"] is None


def test_quotes_within_a_field_are_part_of_it():
    (row,) = requests_of(COMBINED, [combined(agent=r"My \"good\" app \\")])
    assert row["first"] == 0 and row["agent"] == r"My \x22good\x22 app \x5c"


def test_escaped_paths_are_told_in_plain_letters():
    for form, text in ((COMBINED, combined()), (S3_ACCESS, s3()), (CLOUDFRONT, cloudfront()), (BUNNY, bunny()), (FASTLY, fastly())):
        (row,) = requests_of(form, [text.replace("one-1a2b", "one%2D1a2b")])
        assert row["path"] == PATH
        (row,) = requests_of(form, [text.replace("one-1a2b", "one%ff-1a2b")])
        assert row["path"] == PATH.replace("one-", "one%ff-")


def test_what_the_bucket_does_of_itself_and_for_its_owner_is_no_download():
    lines = [s3("REST.PUT.OBJECT"), s3("REST.GET.BUCKET", key="-"), s3("S3.EXPIRE.OBJECT"), s3("REST.HEAD.OBJECT")]
    bare = s3("BATCH.DELETE.OBJECT").split('"')[0] + "- 204 - - 90000 - - - - - -"
    unanswered = s3("REST.PUT.OBJECT", rest="- - - 773 103 13").replace("203.0.113.9", "-")
    rows = requests_of(S3_ACCESS, [*lines, bare, unanswered])
    assert [row["at"] for row in rows] == [AT] * 6
    assert [row["method"] for row in rows] == ["PUT", "REST.GET.BUCKET", "S3.EXPIRE.OBJECT", "HEAD", "BATCH.DELETE.OBJECT", "PUT"]


def test_requests_of_machines_in_between_are_no_downloads():
    worker = json.dumps({**r2(interface="Workers"), "request": {}, "response": {"bytes": 5}, "requestMetadata": {"colo": "FRA"}})
    own = json.dumps({"level": "info", "ts": STAMP, "logger": "tls.obtain", "msg": "certificate obtained"})
    put = json.dumps({**r2(action="PutObject")})
    cases = [(R2, worker), (R2, put), (CADDY, own), (FASTLY, fastly(edge=False)), (LOGPUSH, logpush(ParentRayID="41dc"))]
    for form, text in cases:
        (row,) = requests_of(form, [text])
        assert row["at"] == AT and row["method"] not in {"GET", "HEAD"}, text


def test_cloudfronts_fields_may_be_fewer_and_in_any_order():
    names = ["sc-status", "cs(User-Agent)", "cs-uri-stem", "sc-bytes", "c-ip", "cs-method", "timestamp", "sc-range-end", "sc-range-start"]
    values = {**cloudfront_fields(), "timestamp": str(STAMP)}
    for mark in ("\t", " ", "|", ","):
        lines = ["#Version: 1.0", f"#Fields: {' '.join(names)}", mark.join(values[name] for name in names)]
        form = text_for(lines)
        assert CLOUDFRONT.tells(lines)
        (row,) = requests_of(form, lines)
        assert (row["at"], row["ip"], row["agent"], row["first"], row["last"]) == (AT, "203.0.113.9", AGENT, 100, 4099)


def test_an_app_that_escapes_its_own_name_keeps_it_so():
    agent = "Podcast%20Player/12 CFNetwork/1402.0.8 Darwin/22.2.0"
    (row,) = requests_of(CLOUDFRONT, [cloudfront(**{"cs(User-Agent)": agent.replace("%", "%25").replace(" ", "%20")})])
    assert row["agent"] == agent


def test_a_second_header_that_says_something_else_is_not_read_over():
    lines = [f"#Fields: {' '.join(FIELDS)}", cloudfront(), f"#Fields: {' '.join(reversed(FIELDS))}"]
    assert [row["at"] for row in requests_of(text_for(lines), lines)] == [AT, None]


def test_a_header_cannot_put_anything_into_the_statement():
    lines = [f"#Fields: {' '.join(FIELDS)} x'); DROP TABLE lines; -- c-ip", cloudfront() + "\ta" * 6]
    rows = requests_of(text_for(lines), lines)
    assert [row["number"] for row in rows]
