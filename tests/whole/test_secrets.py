"""No secret of the environment is ever said, kept or sent elsewhere, whatever it looks like and however the command ends."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from publisher.announce import service_requests
from publisher.directories import listed
from publisher.stores.s3 import http as s3_http
from tests.support import show_factory
from tests.support.service_servers import Answering

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.support.service_servers import Asked

MARK = "zq9Secret"
SECRETS = (
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "AWS_SECURITY_TOKEN",
    "AIRDATE_PURGE_TOKEN",
    "AIRDATE_SECRET",
    "CLOUDFLARE_API_TOKEN",
    "FASTLY_API_TOKEN",
    "PODPING_TOKEN",
    "MASTODON_TOKEN",
    "BLUESKY_APP_PASSWORD",
    "AIRDATE_WEBHOOK_SECRET",
    "PODCASTINDEX_API_KEY",
    "PODCASTINDEX_API_SECRET",
    "AIRDATE_COMMENTS_TOKEN",
    "NTFY_TOKEN",
    "AIRDATE_SMTP_PASSWORD",
)
"""Every variable of the environment that holds a secret."""
MISSING = b"<Error><Code>NoSuchKey</Code></Error>"


@dataclass
class Bucket(Answering):
    """A bucket that believes any keys, and every other service: a clumsy one, which says back whatever it is sent, behind `before`."""

    objects: dict[str, bytes] = field(default_factory=dict)
    status: int = 200
    before: str = ""

    def answer(self, asked: Asked) -> tuple[int, bytes, dict[str, str]]:
        if not asked.path.startswith("/show"):
            return self.status, self._said_back(asked), {}
        if "list-type" in asked.query:
            return 200, b"<ListBucketResult/>", {}
        there = self.objects.get(asked.path)
        if asked.method == "PUT":
            if "if-none-match" in asked.headers and there is not None:
                return 412, b"", {}
            self.objects[asked.path] = asked.body
        elif asked.method == "POST" or there is None:
            return 404, MISSING, {}
        body = b"" if asked.method == "PUT" else there or b""
        return 200, body, {"ETag": f'"{hash(self.objects[asked.path]) & 0xFFFF:x}"'}

    def _said_back(self, asked: Asked) -> bytes:
        keys = (value.split()[-1] for name, value in asked.headers.items() if name in ("authorization", "fastly-key", "x-auth-key"))
        words = f"{self.before}{' '.join(keys)} {asked.path} {asked.query} {asked.body.decode('utf-8', 'replace')}"
        return json.dumps({"success": False, "errors": [{"message": words}], "error": words}).encode()


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch, aws_environment: pytest.MonkeyPatch) -> Iterator[Bucket]:
    with Bucket() as server:
        addresses = service_requests.Services(
            cloudflare=f"{server.address}/cf",
            fastly=server.address,
            podping=f"{server.address}/podping",
            podcast_index=f"{server.address}/pi",
            pauses=(),
        )
        monkeypatch.setattr(service_requests, "SERVICES", addresses)
        monkeypatch.setattr(
            listed, "SERVICES", listed.DirectoryServices(apple=f"{server.address}/apple", podcast_index=f"{server.address}/pi")
        )
        monkeypatch.setattr(s3_http, "FIRST_TRIES", 1)
        yield server


def made(tmp: Path, service: Bucket, purge: str) -> show_factory.Show:
    show = show_factory.make_show(tmp / "show", storage="s3://show")
    show.configure('url = "s3://show"', f'url = "s3://show"\nendpoint = "{service.address}"\nprovider = "other"')
    cdn = f'[cdn]\npurge = "{purge or service.address + "/purge"}"\nzone = "z"\n'
    show.write("config.toml", f"{show.config.read_text()}\n{cdn}\n[announce]\npodping = true\n")
    show.episode()
    return show


def everything(show: show_factory.Show, service: Bucket, said: list[str]) -> list[str]:
    """Where a secret could be read: what was said, what lies in the storage and in the show's folder, caches and all."""
    kept = [body.decode("utf-8", "replace") for body in service.objects.values()]
    kept += [path.read_bytes().decode("utf-8", "replace") for path in show.folder.rglob("*") if path.is_file() and path.suffix != ".mp3"]
    return [*said, *kept, *(f"{asked.path} {asked.query}" for asked in service.asked)]


ODD = st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]), max_size=3)
VALUES = st.builds(lambda before, inside, after: f"{before}{MARK}{inside}{MARK}{after}", ODD, ODD, ODD)


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    values=st.fixed_dictionaries(dict.fromkeys(SECRETS, VALUES)),
    purge=st.sampled_from(["cloudflare", "fastly", ""]),
    status=st.sampled_from([200, 403, 400]),
)
@example(values=dict.fromkeys(SECRETS, MARK), purge="cloudflare", status=403)
@example(values=dict.fromkeys(SECRETS, f"{MARK}\n"), purge="fastly", status=200)
@example(values=dict.fromkeys(SECRETS, MARK) | {"AWS_SESSION_TOKEN": f"{MARK}\n{MARK}"}, purge="", status=200)
@example(values=dict.fromkeys(SECRETS, f"{MARK}\n{MARK}") | dict.fromkeys(SECRETS[:4], MARK), purge="", status=200)
@example(values=dict.fromkeys(SECRETS, f"{MARK}\u00e9{MARK}") | dict.fromkeys(SECRETS[:4], MARK), purge="fastly", status=200)
def test_no_secret_is_said_or_kept(tmp_path_factory, service, aws_environment, values, purge, status):
    service.objects.clear()
    service.asked.clear()
    service.status = status
    for name, value in values.items():
        aws_environment.setenv(name, value)
    show = made(tmp_path_factory.mktemp("secrets"), service, purge)
    outcomes = [
        show.publish("--verbose"),
        show.publish("--json", "--verbose", "--force", "adopt"),
        show.run("login", "--key-id", f"{MARK[:3]}id", "--verbose", "--no-verify", "--json"),
        show.run("bucket", "--verbose"),
        show.run("submit", "--verbose"),
        show.run("announce", "--verbose"),
        show.run("purge", "--json"),
    ]
    assert not [outcome.stderr for outcome in outcomes if "Usage:" in outcome.stderr], "a command that is misused tries nothing"
    said = [text for outcome in outcomes for text in (outcome.stdout, outcome.stderr)]
    for text in everything(show, service, said):
        assert MARK not in text
        assert "Traceback" not in text


@pytest.mark.parametrize("name", ["http_proxy", "HTTP_PROXY", "all_proxy"])
@pytest.mark.parametrize(
    "proxy", ["http://me:{}@127.0.0.1:9", "http://me:{}@[", "nonsense://me:{}@host", "socks5://me:{}@host:1", "me:{}@host:x"]
)
def test_no_password_of_a_proxy_is_said(tmp_path, service, aws_environment, name, proxy):
    for variable in SECRETS[:2]:
        aws_environment.setenv(variable, "key")
    aws_environment.setenv(name, proxy.format(quote(MARK)))
    show = made(tmp_path, service, "")
    outcomes = [show.publish("--verbose"), show.run("check", "http://feeds.example/feed.xml", "--verbose"), show.run("verify", "--verbose")]
    for text in everything(show, service, [text for outcome in outcomes for text in (outcome.stdout, outcome.stderr)]):
        assert MARK not in text
    assert os.environ[name]


@pytest.mark.parametrize("before", ["", "x" * 190, "x" * 197])
@pytest.mark.parametrize(("purge", "status"), [("cloudflare", 200), ("cloudflare", 403), ("fastly", 403), ("", 403)])
def test_what_a_service_says_back_is_told_without_the_token_also_where_it_is_cut(service, aws_environment, purge, status, before, tmp_path):
    service.before, service.status = before, status
    for name in SECRETS:
        aws_environment.setenv(name, f"{MARK}-{name}")
    show = made(tmp_path, service, purge)
    outcomes = [show.publish("--verbose"), show.run("announce"), show.run("purge", "--json")]
    assert [outcome.status for outcome in outcomes] == [0, 0 if status == 200 else 4, 4 if purge == "cloudflare" or status == 403 else 0]
    said = "".join(outcome.stdout + outcome.stderr for outcome in outcomes)
    assert "…" in said or before
    assert MARK[:3] not in said
