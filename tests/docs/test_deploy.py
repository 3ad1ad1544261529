"""What lies in deploy/ starts the service and stands before it: tried with the programs that read it."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import time

import httpx
import pytest

from publisher.site.parts.words import words_for
from tests.comments.service.conftest import SITE, published_show
from tests.support import ROOT
from tests.support.comment_service import Service
from tests.support.needs import needs
from tests.support.servers import free_ports, wait_until_answers

DEPLOY = ROOT / "deploy"
UNIT = (DEPLOY / "airdate-comments.service").read_text("utf-8")


@pytest.fixture(scope="module")
def show(tmp_path_factory):
    return published_show(tmp_path_factory.mktemp("deployed") / "show")


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd-analyze is not installed")
def test_systemd_takes_the_unit_as_it_is(tmp_path):
    unit = tmp_path / "airdate-comments.service"
    program = tmp_path / "publish"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    unit.write_text(UNIT.replace("/opt/airdate/bin/publish", str(program)), "utf-8")
    done = subprocess.run(["systemd-analyze", "verify", "--man=no", str(unit)], capture_output=True, text=True, check=False, timeout=120)
    said = [line for line in done.stderr.splitlines() if "airdate-comments" in line]
    assert (done.returncode, said) == (0, [])


def test_the_line_of_the_unit_starts_the_service(show, tmp_path):
    (line,) = re.findall(r"^ExecStart=/opt/airdate/bin/publish (.*)$", UNIT, re.MULTILINE)
    (port,) = free_ports(1)
    for old, new in (("/srv/podcast", str(show.folder)), ("/var/lib/airdate-comments", str(tmp_path)), ("--port 8090", f"--port {port}")):
        assert old in line
        line = line.replace(old, new)
    process = subprocess.Popen([sys.executable, "-m", "publisher.cli", *shlex.split(line)], cwd=ROOT, stdout=subprocess.DEVNULL)
    try:
        wait_until_answers(f"http://127.0.0.1:{port}/healthz", process)
    finally:
        os.kill(process.pid, signal.SIGTERM)
        assert process.wait(30) == 0
    assert (tmp_path / "comments.sqlite").is_file()


def nginx(tmp_path, snippet, upstream, port):
    """nginx with the snippet, without its certificates."""
    snippet = re.sub(r"^\s*ssl_certificate.*\n", "", snippet, flags=re.MULTILINE).replace("443 ssl", f"127.0.0.1:{port}")
    folders = "".join(f"{name}_temp_path {tmp_path}/{name};" for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
    head = "user root;\n" if os.geteuid() == 0 else ""
    head += f"daemon off; error_log {tmp_path}/error.log; pid {tmp_path}/pid;\nevents {{}}\nhttp {{ {folders}\n"
    config = tmp_path / "nginx.conf"
    config.write_text(f"{head}{snippet.replace('127.0.0.1:8090', upstream)}\n}}\n")
    command = ["nginx", "-e", str(tmp_path / "error.log"), "-c", str(config)]
    tried = subprocess.run([*command, "-t"], capture_output=True, text=True, check=False)
    assert tried.returncode == 0, tried.stderr
    assert "[warn]" not in tried.stderr, tried.stderr
    return command


def caddy(tmp_path, snippet, upstream, port):
    """Caddy with the snippet, on a port of this machine."""
    config = tmp_path / "Caddyfile"
    here = snippet.replace("comments.example.org {", f"http://127.0.0.1:{port} {{").replace("127.0.0.1:8090", upstream)
    config.write_text("{\n\tadmin off\n}\n" + here)
    tried = subprocess.run(
        ["caddy", "validate", "--config", str(config), "--adapter", "caddyfile"], capture_output=True, text=True, check=False
    )
    assert tried.returncode == 0, tried.stderr
    assert '"warn"' not in tried.stderr, tried.stderr
    return ["caddy", "run", "--config", str(config), "--adapter", "caddyfile"]


@pytest.mark.parametrize(
    ("program", "file"),
    [pytest.param(nginx, "nginx.conf", marks=needs("nginx", "nginx")), pytest.param(caddy, "Caddyfile", marks=needs("caddy", "caddy"))],
)
def test_behind_the_proxy_a_comment_is_taken_and_nobody_passes_for_many(show, tmp_path, program, file):
    (port,) = free_ports(1)
    consent = words_for("en")("comment_consent")
    with Service([show.config], f"sqlite:///{tmp_path}/comments.sqlite") as service:
        command = program(tmp_path, (DEPLOY / file).read_text("utf-8"), f"127.0.0.1:{service.port}", port)
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=os.environ | {"HOME": str(tmp_path)})
        try:
            url = f"http://127.0.0.1:{port}"
            wait_until_answers(f"{url}/healthz", process)
            with httpx.Client(base_url=url, headers={"origin": SITE, "accept": "application/json"}) as client:
                nonces = [client.get("/nonce", params={"episode": "first"}).json() for _ in range(6)]
                time.sleep(nonces[0]["wait"] + 0.1)
                answers = []
                for number, given in enumerate(nonces):
                    fields = {
                        "episode": "first",
                        "name": "Ada",
                        "text": f"Ten letters, number {number}.",
                        "consent": consent,
                        "nonce": given["nonce"],
                    }
                    forged = {"x-forwarded-for": f"203.0.{number}.7", "forwarded": f"for=203.0.{number}.7"}
                    answers.append(client.post("/comments", data=fields, headers=forged))
                assert [answer.status_code for answer in answers] == [201] * 5 + [429]
                assert answers[0].headers["access-control-allow-origin"] == SITE
                assert client.post("/comments", content=b"a" * 200_000, headers={"content-type": "application/json"}).status_code == 413
        finally:
            process.terminate()
            process.wait(30)


def test_no_port_of_these_files_is_open_to_the_world_but_the_proxys():
    assert "127.0.0.1:8090" in (DEPLOY / "nginx.conf").read_text("utf-8")
    assert "127.0.0.1:8090" in (DEPLOY / "Caddyfile").read_text("utf-8")
    assert "--host" not in UNIT
    assert "-p 127.0.0.1:8090:8090" in (DEPLOY / "Containerfile").read_text("utf-8")
