"""The service as a process: small, bounded in time, ended gently, as its description says, and over all of its shows."""

from __future__ import annotations

import asyncio
import os
import re
import socket
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest
import uvicorn
from starlette.responses import PlainTextResponse
from uvicorn.server import ServerState

from publisher.comments.service import fields, server
from publisher.site.parts.words import words_for
from tests.comments.service.conftest import SITE
from tests.support.comment_service import Service
from tests.support.servers import find_program

CONSENT = words_for("en")("comment_consent")


@pytest.fixture(scope="module")
def service(published, german, neighbour, tmp_path_factory):
    configs = [one.config for one in (published, german, neighbour)]
    with Service(configs, f"sqlite:///{tmp_path_factory.mktemp('served')}/comments.sqlite") as running:
        yield running


def form(service, **other):
    """A form of the English show, old enough to be sent."""
    nonce = httpx.get(f"{service.url}/nonce?episode=first", headers={"origin": SITE}).json()["nonce"]
    return {"episode": "first", "name": "Ada", "text": "Ten letters and more.", "consent": CONSENT, "nonce": nonce} | other


def stops_taking(service, seconds=30.0):
    """Whether new connections are refused before long."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            httpx.get(f"{service.url}/healthz")
        except httpx.TransportError:
            return True
        time.sleep(0.05)
    return False


def answered_to(service, raw, seconds=30.0):
    """What a socket hears, until the other end closes it."""
    with socket.create_connection(("127.0.0.1", service.port), timeout=seconds) as line:
        line.sendall(raw)
        heard = b""
        while part := line.recv(65_536):
            heard += part
        return heard


def test_one_process_takes_the_comments_of_three_shows_in_little_memory(service, german, neighbour):
    waiting = {}
    for site, show, language in ((SITE, "", "en"), ("https://klein.example", "sendung", "de"), ("https://klein.example", "andere", "ar")):
        page = f"{site}/{show}/episodes/first.html"
        asked = httpx.post(
            f"{service.url}/comments",
            data={
                "episode": "first",
                "name": "Ada",
                "text": f"Ten letters in {language}.",
                "consent": words_for(language)("comment_consent"),
                "page": page,
            },
            headers={"origin": site, "accept": "text/html"},
        )
        assert asked.status_code == 200, asked.text
        waiting[site, language] = asked.text
    time.sleep(1.1)  # what the page that asks once more waits for
    import lxml.html

    for (site, _), text in waiting.items():
        again = dict(lxml.html.fromstring(text).forms[0].fields)
        done = httpx.post(f"{service.url}/comments", data=again, headers={"origin": site, "accept": "application/json"})
        assert done.status_code == 201, done.text
    for show in (german, neighbour):
        listed = show.run("comments", "list", "--json", "--database", service.database).document["comments"]
        assert [(row["episode"], row["state"]) for row in listed] == [("first", "held")]
    held = re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{service.process.pid}/status").read_text())
    assert int(held[1]) < 200_000


HEALTH = b"GET /healthz HTTP/1.1\r\nHost: x\r\n"
BODY = b"Content-Length: 900\r\n\r\n"
SLOW = {
    "a body of the show's": f"POST /comments HTTP/1.1\r\nHost: x\r\nOrigin: {SITE}\r\nContent-Type: application/json\r\n".encode() + BODY,
    "a body of a stranger": b"POST /comments HTTP/1.1\r\nHost: x\r\nOrigin: https://evil.example\r\n" + BODY,
    "a body of a moderator": b"POST /moderate/x HTTP/1.1\r\nHost: x\r\n" + BODY,
    "a body that nobody reads": HEALTH + BODY,
    "a body in chunks for nobody": b"POST /nowhere HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n9",
    "a head": b"POST /comm",
    "a second head": HEALTH + b"\r\n" + HEALTH + b"X-Long: ",
    "nothing": b"",
}
ANSWERED = {
    "a body of the show's": b"408",
    "a body of a stranger": b"403",
    "a body of a moderator": b"408",
    "a body that nobody reads": b"200",
}
ANSWERED |= {"a body in chunks for nobody": b"404", "a second head": b"200"}


def processor_seconds(process):
    """What a process worked so far."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def test_a_comment_costs_little_work(service):
    """A reader waits less than a fifth of a second: of that the work is a small part, whatever else the machine does."""
    with httpx.Client(base_url=service.url, headers={"origin": SITE, "accept": "application/json"}) as client:
        nonces = [client.get("/nonce?episode=first").json()["nonce"] for _ in range(41)]
        time.sleep(2.1)
        for number, nonce in enumerate(nonces):
            if number == 1:
                begun = processor_seconds(service.process.pid)  # what is made at the first is no part of it
            sent = {"episode": "first", "name": "Ada", "text": f"Ten letters, {number} times.", "consent": CONSENT, "nonce": nonce}
            answer = client.post("/comments", data=sent, headers={"x-forwarded-for": f"10.7.{number}.1"})
            assert answer.status_code == 201, answer.text
    assert (processor_seconds(service.process.pid) - begun) / 40 < 0.05


def dripped(service, raw, drop, seconds=30.0):
    """What a socket hears that sends a letter each half second, until the other end closes it."""
    with socket.create_connection(("127.0.0.1", service.port), timeout=0.5) as line:
        line.sendall(raw)
        heard, end = b"", time.monotonic() + seconds
        while time.monotonic() < end:
            try:
                part = line.recv(65_536)
            except TimeoutError:
                line.sendall(drop)
            except OSError:
                return heard
            else:
                if not part:
                    return heard
                heard += part
    raise AssertionError(f"{raw[:60]!r} was listened to for {seconds} seconds")


def test_who_is_slow_is_sent_away_and_keeps_nobody_waiting(service):
    begun = time.monotonic()
    with ThreadPoolExecutor(len(SLOW)) as pool:
        heard = {name: pool.submit(dripped, service, raw, b"a" if raw else b"") for name, raw in SLOW.items()}
        assert httpx.get(f"{service.url}/healthz").status_code == 200
        for name, answer in heard.items():
            assert answer.result()[9:12] == ANSWERED.get(name, b""), name
    assert max(fields.PATIENCE, server.HEAD_SECONDS) - 1 < time.monotonic() - begun


def test_who_reads_no_answer_is_sent_away(monkeypatch):
    """Many requests in a row whose answers fill every buffer: a gentle end would wait for whoever does not read them."""
    monkeypatch.setattr(server, "HEAD_SECONDS", 0.2)
    monkeypatch.setattr(server, "ANSWER_SECONDS", 0.5)
    config = uvicorn.Config(PlainTextResponse("a" * 60_000), log_config=None, lifespan="off")
    config.load()
    state = ServerState()

    async def gone() -> bool:
        loop = asyncio.get_running_loop()
        listening = await loop.create_server(lambda: server.BoundedProtocol(config, state, {}), "127.0.0.1", 0)
        with socket.create_connection(listening.sockets[0].getsockname()) as line:
            line.sendall((HEALTH + b"\r\n") * 500)
            came, end = False, loop.time() + 20
            while loop.time() < end and not (came and not state.connections):
                await asyncio.sleep(0.05)
                came = came or bool(state.connections)
        listening.close()
        return came and not state.connections

    assert asyncio.run(gone())


@pytest.mark.parametrize(
    "raw",
    [
        b"GET /healthz HTTP/1.1\r\nHost: x\r\nX-Long: " + b"a" * 100_000 + b"\r\n\r\n",
        b"nonsense\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"POST /comments HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nabcde",
        b"POST /comments HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"GET /nonce?episode=%00%ff HTTP/1.0\r\n\r\n",
        b"POST /comments HTTP/1.0\r\nOrigin: \xff\xfe\r\nReferer: http://[\r\n\r\n",
    ],
)
def test_what_is_no_request_is_refused(service, raw):
    heard = answered_to(service, raw)
    assert re.match(rb"HTTP/1\.1 [24]\d\d ", heard) or heard == b""
    assert httpx.get(f"{service.url}/healthz").status_code == 200


def test_what_is_under_way_is_answered_before_it_ends(published, tmp_path):
    with Service([published.config], f"sqlite:///{tmp_path}/comments.sqlite") as service:
        sent = form(service)
        time.sleep(2.1)  # the least time, by the clock of another process
        body = httpx.Request("POST", service.url, data=sent).read()
        head = f"POST /comments HTTP/1.1\r\nHost: x\r\nOrigin: {SITE}\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n\r\n"
        with socket.create_connection(("127.0.0.1", service.port), timeout=30) as line:
            line.sendall(head.encode() + body[:50])
            assert httpx.get(f"{service.url}/healthz").status_code == 200  # the other has been taken, too
            service.process.terminate()
            assert stops_taking(service)
            line.sendall(body[50:])
            assert line.recv(65_536).startswith(b"HTTP/1.1 201 ")
        assert service.process.wait(30) == 0


def test_it_is_as_its_description_says(service, tmp_path):
    program = find_program("schemathesis")
    if program is None:
        pytest.skip("schemathesis is not installed")
    arguments = [
        "run",
        f"{service.url}/openapi.json",
        "-H",
        f"Origin: {SITE}",
        "--max-examples",
        "20",
        "--generation-deterministic",
        "--no-color",
    ]
    done = subprocess.run([sys.executable, program, *arguments], cwd=tmp_path, capture_output=True, text=True, timeout=240, check=False)
    assert done.returncode == 0, done.stdout[-5000:]
