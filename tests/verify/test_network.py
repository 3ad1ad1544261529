from __future__ import annotations

import dataclasses
import json
import socket
import ssl
import threading
import time
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import pytest

from feed.findings import Severity
from feed.reader import read_feed
from publisher.verify.hosting_rules import HOSTING
from publisher.verify.network import LookScope, SentFeed, look_at_served
from publisher.verify.observations import SeenShow
from publisher.verify.steps import to_the_end
from publisher.web.web_requests import Answer, Hop, Limits, WebClient, open_client
from tests.support.servers import make_certificate

QUICK = Limits(step=10.0, answer=20.0, pauses=(0.01, 0.02))
AUDIO, COVER, VTT = "/media/bridge-0a1b2c3d.mp3", "/art/cover-0a1b2c3d.jpg", "/episodes/bridge/transcript-0a1b2c3d.vtt"
CHAPTERS, PAGE, STATE = "/episodes/bridge/chapters-0a1b2c3d.json", "/episodes/bridge.html", "/.airdate/state.json"
ERROR, WARNING, HINT = Severity.ERROR, Severity.WARNING, Severity.HINT


def verify_served(feed_url, scope, **heard):
    return to_the_end(look_at_served(feed_url, scope, **heard))


def found(site, *, sent=None, **options) -> list[tuple[str, Severity]]:
    findings = verify_served(site.feed_url, LookScope(limits=QUICK, **options), sent=sent)
    return [(finding.code, finding.severity) for finding in findings]


def test_a_well_served_show_has_no_findings(site):
    assert verify_served(site.feed_url, LookScope(limits=QUICK)) == []


def change(path, *, method="", status=0, drop=(), body=None, when="", **headers):
    """A fault: how replies for `path` differ."""

    def fault(reply):
        if reply.path != path or (method and reply.method != method) or (when and when not in reply.asked):
            return
        for name in drop:
            reply.headers.pop(name, None)
        reply.headers |= {name.replace("_", "-"): value for name, value in headers.items()}
        if status:
            reply.status = status
            reply.headers.pop("Content-Range", None)
        if body is not None:
            reply.body = body

    return fault


def redirect(path, *targets, status=301):
    """A fault: `path` leads over all targets."""
    chain = dict(zip((path, *targets), targets, strict=False))

    def fault(reply):
        if reply.path in chain:
            reply.status, reply.body, reply.headers = status, b"", {"Location": chain[reply.path]}

    return fault


def ignore_range(path):
    def fault(reply):
        if reply.path == path and reply.status in {206, 416}:
            reply.status, reply.body = 200, b"a" * 40_000
            reply.headers.pop("Content-Range", None)

    return fault


def answer_past_the_end(reply):
    if reply.path == AUDIO and reply.status == 416:
        reply.status = 200


FAULTS = [
    ("H001", ERROR, [change("/feed.xml", status=500)]),
    ("H001", ERROR, [change("/feed.xml", status=403)]),
    ("H001", ERROR, [change("/feed.xml", status=403, cf_mitigated="challenge")]),
    ("H001", WARNING, [change("/feed.xml", Set_Cookie="a=b")]),
    ("H002", ERROR, [change("/feed.xml", method="HEAD", status=405)]),
    ("H002", ERROR, [change("/feed.xml", method="HEAD", body=b"xx")]),
    ("H002", ERROR, [change(AUDIO, method="HEAD", status=403)]),
    ("H002", ERROR, [change(COVER, method="HEAD", body=b"xx")]),
    ("H003", ERROR, [ignore_range(AUDIO)]),
    ("H003", ERROR, [change(AUDIO, when="range", Content_Range="bytes 0-0/40000")]),
    ("H003", WARNING, [change(COVER, drop=["Accept-Ranges"])]),
    ("H003", WARNING, [answer_past_the_end]),
    ("H004", ERROR, [change(AUDIO, Content_Type="application/octet-stream")]),
    ("H005", WARNING, [change("/feed.xml", Content_Type="text/plain")]),
    ("H005", HINT, [change("/feed.xml", Content_Type="application/xml")]),
    ("H006", WARNING, [change("/feed.xml", drop=["ETag"])]),
    ("H006", WARNING, [change("/feed.xml", when="if-none-match", status=200)]),
    ("H007", WARNING, [change("/feed.xml", when="accept-encoding", drop=["Content-Encoding"])]),
    ("H007", HINT, [change("/feed.xml", when="accept-encoding", drop=["Content-Encoding"], x_amz_request_id="1")]),
    ("H008", WARNING, [change("/feed.xml", Cache_Control="max-age=3600")]),
    ("H008", WARNING, [change("/feed.xml", drop=["Cache-Control"])]),
    ("H008", WARNING, [change(AUDIO, drop=["Cache-Control"])]),
    ("H008", HINT, [change(AUDIO, drop=["Cache-Control"], Server="GitHub.com")]),
    ("H009", WARNING, [change("/feed.xml", drop=["Access-Control-Allow-Origin"])]),
    ("H009", WARNING, [change(VTT, drop=["Access-Control-Allow-Origin"])]),
    ("H009", HINT, [change(AUDIO, drop=["Access-Control-Allow-Origin"])]),
    ("H010", ERROR, [change(VTT, Content_Type="text/plain")]),
    ("H010", HINT, [change(CHAPTERS, Content_Type="application/json")]),
    ("H010", HINT, [change(VTT, Content_Type="text/plain", Server="GitHub.com")]),
    ("H010", WARNING, [change(VTT, Content_Type="text/plain", Server="AmazonS3")]),
    ("H008", HINT, [change("/feed.xml", drop=["Cache-Control"], Server="GitHub.com")]),
    ("H011", WARNING, [redirect("/feed.xml", "/other.xml", status=302)]),
    ("H011", WARNING, [redirect(AUDIO, "/1", "/2", "/3", "/moved.mp3")]),
    ("H012", ERROR, [redirect(AUDIO, "/moved.mp3"), ignore_range("/moved.mp3")]),
    ("H012", ERROR, [redirect(AUDIO, "/moved.mp3"), change("/moved.mp3", method="HEAD", status=405)]),
    ("H017", WARNING, [change(AUDIO, Content_Disposition="attachment")]),
    ("H018", ERROR, [change(AUDIO, status=404)]),
    ("H018", ERROR, [change(VTT, status=500)]),
    ("H018", ERROR, [change(PAGE, status=404)]),
    ("H018", WARNING, [change(AUDIO, status=429)]),
    ("H018", WARNING, [change(VTT, status=503)]),
    ("H001", ERROR, [change("/feed.xml", status=503)]),
    ("H022", WARNING, [change(PAGE, body=b"<title>t</title>")]),
]


@pytest.mark.parametrize(("code", "severity", "faults"), FAULTS, ids=[f"{row[0]}-{number}" for number, row in enumerate(FAULTS)])
def test_each_fault_of_the_host_breaks_its_rule_and_no_other(site, code, severity, faults):
    site.files |= {"/moved.mp3": site.files[AUDIO], "/other.xml": site.files["/feed.xml"]}
    site.faults += faults
    assert found(site) == [(code, severity)]


def test_a_redirect_that_keeps_everything_is_fine(site):
    site.files["/moved.mp3"] = site.files[AUDIO]
    site.faults.append(redirect(AUDIO, "/prefix", "/moved.mp3", status=302))
    assert found(site) == []


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ('length="40000"', 'length="39999"', [("H004", ERROR)]),
        ("bridge-0a1b2c3d.mp3", "bridge-0a1b2c3d.mp3?X-Amz-Expires=9&amp;X-Amz-Signature=1", [("H014", ERROR), ("H018", ERROR)]),
        ("bridge-0a1b2c3d.mp3", "br%C3%BCcke.mp3", [("H015", WARNING), ("H018", ERROR)]),
        ('<atom:link rel="hub" href="https://hub.example/"/>', "", [("H020", HINT)]),
        ("<title>The bridge</title>", "<title>The bridge & more</title>", [("F001", ERROR)]),
    ],
)
def test_faults_of_the_feed_itself_are_found_where_it_is_served(site, old, new, expected):
    site.feed(old, new)
    assert found(site) == expected


def test_an_episode_is_named_by_a_message_with_the_address(site):
    site.faults.append(change(AUDIO, status=404))
    (finding,) = verify_served(site.feed_url, LookScope(limits=QUICK))
    assert f"{site.url}{AUDIO}" in finding.message and finding.file == ""


def test_robots_txt_that_blocks_recordings_is_found(site):
    site.files["/robots.txt"] = ("text/plain", b"User-agent: *\nDisallow: /media/\n", "max-age=60")
    assert found(site) == [("H019", WARNING)]
    site.files["/robots.txt"] = ("text/plain", b"User-agent: *\nDisallow: /search/\n", "max-age=60")
    assert found(site) == []


def test_state_that_anyone_can_read_is_a_warning(site):
    site.files[STATE] = ("application/json", b"{}", "no-store")
    assert found(site) == [("H023", WARNING)]


def test_former_addresses_must_lead_here_for_good(site):
    site.faults += [redirect("/old.xml", "/feed.xml"), redirect("/older.xml", "/feed.xml", status=302)]
    assert found(site, old_urls=[f"{site.url}/old.xml"]) == []
    assert found(site, old_urls=[f"{site.url}/old.xml", f"{site.url}/older.xml", f"{site.url}/gone.xml"]) == [("H016", WARNING)] * 2


def test_a_former_address_that_leads_here_over_a_passing_redirect_is_found(site):
    site.faults += [redirect("/old.xml", "/between.xml"), redirect("/between.xml", "/feed.xml", status=302)]
    assert found(site, old_urls=[f"{site.url}/old.xml"]) == [("H016", WARNING)]


def test_links_in_the_notes_are_asked_only_when_wished_for(site):
    assert found(site) == []
    assert ("GET", "/there") not in site.log
    assert found(site, outgoing=True) == [("H021", WARNING)]


def test_a_cache_that_serves_the_feed_of_before_is_a_warning(site):
    body = site.files["/feed.xml"][1]
    assert found(site, sent=as_sent(body)) == []
    assert found(site, sent=as_sent(body + b" ")) == [("H008", WARNING)]


def as_sent(body, etag=""):
    return SentFeed(body=body, document=read_feed(body), etag=etag)


def test_of_what_was_just_put_nothing_else_is_asked_for(site):
    assert found(site, only={site.url + VTT, site.url + PAGE}) == []
    asked = [path for _, path in site.log]
    assert {VTT, PAGE} <= set(asked)
    assert not {AUDIO, COVER, CHAPTERS} & set(asked)
    site.faults = [change(VTT, status=404)]
    assert "H018" in {code for code, _ in found(site, only={site.url + VTT})}, "and what is wrong with it is found"


def test_what_a_feed_just_sent_names_is_asked_for_before_the_feed_has_come(site):
    arrived = threading.Event()

    def wait_for_the_page(reply):
        if (reply.method, reply.path) == ("GET", "/feed.xml") and not (reply.asked.keys() & {"if-none-match", "range"}):
            assert arrived.wait(10)
        if reply.path == PAGE:
            arrived.set()

    site.faults = [wait_for_the_page]
    body = site.files["/feed.xml"][1]
    assert found(site, sent=as_sent(body)) == []


def test_a_show_behind_a_name_of_this_network_is_looked_at_whole(site, monkeypatch):
    real = socket.getaddrinfo

    def getaddrinfo(host, port, *args, **options):
        return real("127.0.0.1" if host == "media.example" else host, port, *args, **options)

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    here, there = site.url, site.url.replace("127.0.0.1", "media.example")
    for path, (kind, body, cache) in site.files.items():
        site.files[path] = (kind, body.replace(here.encode(), there.encode()), cache)
    body = site.files["/feed.xml"][1]
    findings = verify_served(f"{there}/feed.xml", LookScope(limits=QUICK), sent=as_sent(body))
    assert not [finding for finding in findings if "own network" in finding.message]
    assert ("HEAD", AUDIO) in site.log


def test_the_etag_of_a_put_is_believed_and_another_one_of_a_network_in_front_is_asked_with_once_more(site):
    body = site.files["/feed.xml"][1]
    for etag, times in ((str(len(body)), 1), ("the-storage-s-own", 2)):
        site.log.clear()
        conditions = []
        site.faults = [lambda reply, kept=conditions: kept.append(reply.asked["if-none-match"]) if "if-none-match" in reply.asked else None]
        assert found(site, sent=as_sent(body, etag)) == []
        assert len(conditions) == times


def test_only_the_newest_episodes_are_looked_at_unless_all_are_asked_for(site):
    items = "".join(
        f'<item><guid>{n}</guid><enclosure url="{site.url}/media/{n}.mp3" length="9" type="audio/mpeg"/></item>' for n in range(30)
    )
    site.feed("</item>", f"</item>{items}")
    assert len([code for code, _ in found(site, newest=3)]) == 2
    assert len([code for code, _ in found(site, everything=True)]) == 30


def test_progress_counts_up_to_all(site):
    heard = []
    verify_served(site.feed_url, LookScope(limits=QUICK), progress=lambda done, every: heard.append((done, every)))
    assert heard == [(n, heard[-1][1]) for n in range(1, heard[-1][1] + 1)]


def test_an_address_where_nobody_answers_is_one_finding():
    findings = verify_served("http://127.0.0.1:9/feed.xml", LookScope(limits=QUICK))
    assert [finding.code for finding in findings] == ["H001"]


def test_a_host_that_does_not_answer_is_one_finding_however_many_files_it_has(site):
    items = "".join(f'<item><enclosure url="http://127.0.0.1:9/{n}.mp3" length="9" type="audio/mpeg"/></item>' for n in range(5))
    site.feed("</item>", f"</item>{items}")
    (finding,) = verify_served(site.feed_url, LookScope(limits=QUICK))
    assert finding.code == "H018" and "5 of its files" in finding.message


SMALL = dataclasses.replace(QUICK, body=1000)


@pytest.fixture
def crawler():
    with open_client(QUICK) as client:
        yield lambda limits=SMALL, **options: WebClient(client, limits, **({"typed": "http://127.0.0.1/"} | options))


def test_redirects_are_bounded_and_never_lead_to_this_machine_from_outside(site, crawler):
    site.faults.append(redirect("/loop", "/loop2", "/loop"))
    answer = crawler().ask("GET", f"{site.url}/loop")
    assert (answer.status, len(answer.hops)) == (0, 6)
    refused = crawler(typed="https://feeds.example/").ask("GET", f"{site.url}/loop")
    assert (refused.status, refused.fault) == (0, "an address of this machine's own network")


def busy(times, **headers):
    """A fault: the first `times` requests are answered 429, whatever they are for."""
    asked = []

    def fault(reply):
        asked.append(reply.path)
        if len(asked) <= times:
            reply.status, reply.body = 429, b""
            reply.headers = {name.replace("_", "-"): value for name, value in headers.items()}

    return fault


@pytest.mark.parametrize(
    ("faults", "status", "asked"),
    [
        (busy(1), 200, 2),
        (busy(2, Retry_After="0"), 200, 3),
        (busy(9), 429, 3),
        (busy(1, Retry_After="3600"), 429, 1),
        (busy(1, Retry_After="99999999999999999999"), 429, 1),
        (busy(1, Retry_After="Tue, 22 Nov 2095 06:00:00 GMT"), 429, 1),
        (busy(1, Retry_After="Sun, 22 Nov 2015 06:00:00 GMT"), 200, 2),
        (busy(1, Retry_After="soon"), 200, 2),
        (busy(1, cf_mitigated="challenge"), 429, 1),
    ],
)
def test_a_busy_host_is_asked_again_as_long_as_it_is_reasonable(site, crawler, faults, status, asked):
    site.faults.append(faults)
    answer = crawler().ask("GET", site.feed_url)
    assert (answer.status, len(site.log)) == (status, asked)


def test_all_requests_wait_for_a_busy_host_and_it_is_given_up_once(site, crawler):
    site.faults.append(busy(4))
    look = crawler(limits=dataclasses.replace(QUICK, pauses=(0.2, 0.2)))
    started = time.monotonic()
    assert look.ask("GET", site.feed_url).status == 429
    assert time.monotonic() - started >= 0.4
    assert look.ask("GET", site.feed_url).status == 429
    assert len(site.log) == 4
    assert look.ask("GET", site.feed_url).status == 200


def test_a_busy_host_is_not_blamed_for_what_it_did_not_say(site):
    site.faults.append(change(AUDIO, when="range", status=429))
    (finding,) = verify_served(site.feed_url, LookScope(limits=QUICK))
    assert finding.code == "H018" and finding.message.startswith(f"{site.url} is too busy to answer for 1 of the feed's files")


def test_a_connection_that_is_cut_is_tried_again(site, crawler):
    cut = []

    def hang_up(reply):
        if not cut:
            cut.append(True)
            reply.headers["Content-Length"] = "999999"
            reply.headers["Connection"] = "close"

    site.faults.append(hang_up)
    assert crawler(limits=dataclasses.replace(QUICK)).ask("GET", site.feed_url, keep=True).status == 200
    assert len(site.log) == 2


@pytest.mark.parametrize(
    ("img", "codes"),
    [
        ("{site}/art/part-1.jpg", []),
        ("{site}/art/part-2.jpg", ["H018"]),
        ("art/part-2.jpg", []),
        (7, []),
    ],
)
def test_the_pictures_of_chapters_are_asked_for(site, img, codes):
    img = img.format(site=site.url) if isinstance(img, str) else img
    document = {"version": "1.2.0", "chapters": [{"startTime": 0, "img": img}, {"startTime": 9, "img": img}, 5]}
    site.files[CHAPTERS] = ("application/json+chapters", json.dumps(document).encode(), "max-age=60")
    site.files["/art/part-1.jpg"] = ("image/jpeg", b"j", "max-age=60")
    findings = verify_served(site.feed_url, LookScope(limits=QUICK))
    assert [finding.code for finding in findings] == codes
    assert all("a chapters file names a chapter picture that is not there" in finding.message for finding in findings)
    assert len([path for _, path in site.log if path.startswith("/art/part")]) == (
        1 if img == f"{site.url}/art/part-1.jpg" else 2 * len(codes)
    )


@pytest.mark.parametrize("body", [b"", b"[", b"[]", b"{}", b'{"chapters": 5}', b"[" * 100_000])
def test_a_chapters_file_that_is_none_names_no_pictures(site, body):
    site.files[CHAPTERS] = ("application/json+chapters", body, "max-age=60")
    assert found(site) == []


def test_bodies_are_bounded(site, crawler):
    site.files["/large"] = ("text/plain", b"x" * 100_000, "")
    answer = crawler().ask("GET", f"{site.url}/large", keep=True)
    assert (answer.status, answer.fault) == (0, "it is larger than 1,000 bytes")


@pytest.mark.parametrize(
    "address", ["", "feed.xml", "ftp://127.0.0.1/", "http://", "http://[", "javascript:alert(1)", "file:///etc/passwd"]
)
def test_what_is_no_address_is_refused(crawler, address):
    assert crawler().ask("GET", address).fault == "not an address of the web"


FEED_URL = "https://show.example.org/feed.xml"
GOOD = SeenShow(
    feed_url=FEED_URL,
    feed=Answer(
        address=FEED_URL,
        status=200,
        body=b"x",
        headers={"etag": '"1"', "content-type": "application/rss+xml", "cache-control": "max-age=60", "access-control-allow-origin": "*"},
    ),
)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, []),
        ({"feed_url": "http://show.example.org/feed.xml"}, [("H001", ERROR)]),
        ({"feed": Answer(address=FEED_URL, fault="its certificate is not valid (expired)")}, [("H001", ERROR)]),
        ({"insecure": Answer(address="http://show.example.org/feed.xml", status=200)}, [("H013", WARNING)]),
        ({"insecure": Answer(address="http://show.example.org/feed.xml", status=200, headers={"server": "AmazonS3"})}, [("H013", HINT)]),
        ({"insecure": Answer(address=FEED_URL, status=200, hops=(Hop(address="http://show.example.org/feed.xml", status=301),))}, []),
        ({"insecure": Answer(address="http://show.example.org/feed.xml", fault="refused")}, []),
        (
            {
                "feed": dataclasses.replace(
                    GOOD.feed, hops=(Hop(address="https://a.example", status=301), Hop(address="http://b.example", status=301))
                )
            },
            [("H011", WARNING)],
        ),
    ],
)
def test_rules_about_https_judge_what_was_seen(changes, expected):
    assert [(broken.code, broken.severity) for broken in HOSTING.check(dataclasses.replace(GOOD, **changes))] == expected


def test_every_rule_about_hosting_has_a_case():
    tested = {row[0] for row in FAULTS} | {"H013", "H014", "H015", "H016", "H019", "H020", "H021", "H023"}
    assert {rule.code for rule in HOSTING.rules} == tested


def test_a_certificate_nobody_signed_is_named(tmp_path):
    certificate, key = tmp_path / "certificate.pem", tmp_path / "key.pem"
    if not make_certificate(certificate, key):
        pytest.skip("openssl is not installed")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    server = ThreadingHTTPServer(("127.0.0.1", 0), SimpleHTTPRequestHandler)
    server.handle_error = lambda *_: None
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        (finding,) = verify_served(f"https://127.0.0.1:{server.server_port}/feed.xml", LookScope(limits=QUICK))
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
    assert finding.code == "H001" and "its certificate is not valid" in finding.message
