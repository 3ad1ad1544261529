"""What lies in examples/ is what its words say: a template that a runner understands, a daily show that runs for a month, a container."""

from __future__ import annotations

import base64
import datetime as dt
import hmac
import importlib.util
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import time
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest
from lxml import etree

from tests.support import ROOT
from tests.support.e2e_show import clean_environment
from tests.support.needs import needs
from tests.support.service_servers import Answering
from tests.support.show_factory import Show, recording

if TYPE_CHECKING:
    from collections.abc import Iterator

EXAMPLES = ROOT / "examples"
DAILY = EXAMPLES / "daily"


def test_the_template_holds_the_recipe_as_it_is_and_nothing_that_makes_copies_of_it_the_same_show():
    template = EXAMPLES / "show"
    assert (template / ".github/workflows/publish.yml").read_bytes() == (ROOT / "docs/ci/github.yml").read_bytes()
    assert "guid" not in tomllib.loads((template / "config.toml").read_text("utf-8"))["show"]
    assert "guid" not in (template / "episodes/2026-01-01-hello/episode.md").read_text("utf-8")
    assert len((template / "README.md").read_text("utf-8").splitlines()) < 20


def test_what_the_template_s_readme_says_publishes_the_draft(tmp_path):
    show = Show(Path(shutil.copytree(EXAMPLES / "show", tmp_path / "show")))
    show.configure("https://podcast.example.org", "https://small.field.test")
    show.configure("s3://my-bucket/my-show", "public")
    show.write("episodes/2026-01-01-hello/audio.mp3", recording())
    for arguments in (("release", "hello"), ("check",), ("--yes",)):
        done = show.run(*arguments)
        assert done.status == 0, f"{arguments}: {done.stderr}"
    assert b"<title>Hello</title>" in (show.public / "feed.xml").read_bytes()


def daily_in(folder: Path):
    """The example in a folder of its own, with its script as a module that records silence."""
    shutil.copytree(DAILY, folder)
    spec = importlib.util.spec_from_file_location("daily", folder / "daily.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    module.speak = lambda text, target: target.write_bytes(recording(20.0, len(text)))
    return module


def titles(feed: bytes) -> list[str]:
    return [item.findtext("title") for item in etree.fromstring(feed).iter("item")]


def test_a_daily_show_runs_for_thirty_days(tmp_path):
    daily = daily_in(tmp_path / "daily")
    show = Show(tmp_path / "daily")
    show.configure("https://podcast.example.org", "https://small.field.test")
    first, requests = dt.date(2026, 5, 2), []
    for number in range(30):
        day = first + dt.timedelta(number)
        daily.make_episode(day)
        daily.make_episode(day)
        done = show.publish("--yes", "--json", now=f"{day}T05:10:00+00:00")
        assert done.status == 0, f"{day}: {done.stderr}"
        requests.append(done.document["requests"])
        assert titles((show.public / "feed.xml").read_bytes())[0] == f"{day:%A, %B} {day.day}"
    assert len(titles((show.public / "feed.xml").read_bytes())) == 30
    assert max(requests[20:]) <= max(requests[5:15]) + 2, requests


@needs("media", "espeak-ng", "ffmpeg")
def test_its_script_does_so_by_itself_on_a_bucket_and_twice_a_day_does_no_harm(place, tmp_path):
    show = Show(Path(shutil.copytree(DAILY, tmp_path / "daily")))
    show.configure("https://podcast.example.org", place.url)
    show.configure('"public"', f'"s3://{place.name}"')
    wrapper = tmp_path / "bin" / "publish"
    wrapper.parent.mkdir()
    wrapper.write_text(f'#!/bin/sh\nexec {Path(sys.prefix) / "bin" / "publish"} --now "$DAY"T05:10:00Z "$@"\n')
    wrapper.chmod(0o755)
    environment = clean_environment(tmp_path / "home", place.server.endpoint)
    environment["PATH"] = f"{wrapper.parent}:{environment['PATH']}"
    for day in ("2026-05-01", "2026-05-02", "2026-05-02"):
        before = place.objects()
        done = subprocess.run(
            [sys.executable, show.folder / "daily.py", day],
            env=environment | {"DAY": day},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=180,
            check=False,
        )
        assert done.returncode == 0, done.stderr
    assert place.objects() == before
    assert titles(place.get("feed.xml")) == ["Saturday, May 2", "Friday, May 1"]


def test_its_script_is_short():
    code = [line for line in (DAILY / "daily.py").read_text("utf-8").splitlines() if line.strip()]
    assert len(code) <= 40


@pytest.fixture
def receiver() -> Iterator[tuple[str, Answering]]:
    """The program that takes what `[announce.webhook]` sends, and a server in place of all whom it tells."""
    with Answering() as told:
        ways = {"DISCORD_WEBHOOK": f"{told.address}/discord", "NTFY_TOPIC": f"{told.address}/topic", "BUTTONDOWN_KEY": "key"}
        process = subprocess.Popen(
            [sys.executable, EXAMPLES / "webhook" / "receive.py", "0"],
            env=ways | {"AIRDATE_WEBHOOK_SECRET": SECRET, "BUTTONDOWN_ADDRESS": f"{told.address}/emails"},
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        yield process.stdout.readline().strip(), told
        process.kill()
        process.communicate()


SECRET = "any long text that nobody guesses"
DOCUMENT = json.loads(re.search(r"^```json\n(.*?)^```", (ROOT / "docs/how-to/webhook.md").read_text("utf-8"), re.MULTILINE | re.DOTALL)[1])


def hand_in(address: str, *, secret: str = SECRET, age: int = 0, document: object = DOCUMENT) -> int:
    """Send a document, signed as Standard Webhooks says; the status."""
    body, at = json.dumps(document).encode(), str(int(time.time()) - age)
    signature = base64.b64encode(hmac.digest(secret.encode(), f"msg_1.{at}.".encode() + body, "sha256")).decode()
    headers = {"webhook-id": "msg_1", "webhook-timestamp": at, "webhook-signature": f"v1,bm8= v1,{signature}"}
    return httpx.post(address, content=body, headers=headers).status_code


def test_the_receiver_tells_discord_a_telephone_and_a_newsletter_of_an_episode(receiver):
    address, told = receiver
    assert hand_in(address) == 204
    discord, ntfy, newsletter = (asked.json for asked in told.asked)
    assert discord["content"].startswith("**The hinge**")
    assert discord["allowed_mentions"] == {"parse": []}
    assert (ntfy["topic"], ntfy["title"], ntfy["click"]) == ("topic", "The hinge", DOCUMENT["data"]["episode"]["page"])
    assert newsletter["status"] == "draft"
    assert [asked.path for asked in told.asked] == ["/discord", "/", "/emails"]
    assert told.asked[2].headers["authorization"] == "Token key"


@pytest.mark.parametrize("odd", [{"secret": "another"}, {"age": 3600}, {"age": -3600}])
def test_the_receiver_passes_nothing_on_that_is_unsigned_or_old(receiver, odd):
    address, told = receiver
    assert hand_in(address, **odd) == 401
    assert told.asked == []


def test_the_receiver_says_when_somebody_could_not_be_told(receiver):
    address, told = receiver
    told.routes["/discord"] = (500, b"", {})
    assert hand_in(address) == 502
    assert [asked.path for asked in told.asked] == ["/discord", "/", "/emails"]
    assert hand_in(address, document={"type": "of.tomorrow", "data": {}}) == 204


CONTAINERS = ("Containerfile", "deploy/Containerfile")


def instructions(file: str = CONTAINERS[0]) -> list[tuple[str, str]]:
    """A container file's lines, joined where they go on: instruction and the rest."""
    text = (ROOT / file).read_text("utf-8").replace("\\\n", " ")
    return [(word, rest) for word, _, rest in (line.partition(" ") for line in text.splitlines() if line and line[0] != "#")]


@pytest.mark.parametrize("file", CONTAINERS)
def test_the_container_is_built_in_one_stage_and_runs_in_another_as_nobody_in_particular(file):
    found = instructions(file)
    stages = [number for number, (word, _) in enumerate(found) if word == "FROM"]
    assert [found[number][1] for number in stages] == ["${PYTHON} AS build", "${PYTHON}"]
    run = found[stages[1] :]
    assert [rest for word, rest in run if word == "USER"] == ["10001"]
    assert not [rest for word, rest in run if word == "RUN" and re.search(r"\b(?:pip install|apt-get|gcc|make)\b", rest)]
    assert [rest.split()[0] for word, rest in run if word == "COPY"] == ["--from=build"]
    for word, rest in found[: stages[1]]:
        for source in rest.split()[:-1] if word == "COPY" else ():
            assert (ROOT / source).exists(), source


def builder() -> tuple[str, str, list[str]]:
    """A program that builds containers, an image with Python that it has already, and options; a skip where there is none.

    Nothing is fetched: `podman pull` the image once, or name another in AIRDATE_BASE_IMAGE. AIRDATE_BUILD_OPTIONS are for the build.
    """
    image = os.environ.get("AIRDATE_BASE_IMAGE") or instructions()[0][1].partition("=")[2]
    programs = [name for name in ("podman", "buildah", "docker") if shutil.which(name)]
    if not programs:
        pytest.skip("no podman, buildah or docker here")
    for name in programs:
        found = subprocess.run([name, "inspect", "--type", "image", image], capture_output=True, check=False, timeout=60)
        if found.returncode == 0:
            return name, image, shlex.split(os.environ.get("AIRDATE_BUILD_OPTIONS", ""))
    pytest.skip(f"{' and '.join(programs)}: the image {image} is not here, see AIRDATE_BASE_IMAGE")


@pytest.mark.parametrize("file", CONTAINERS)
def test_the_container_file_builds_and_the_program_runs_in_it_as_nobody_and_without_pip(file):
    name, image, options = builder()

    def run(*arguments: str) -> str:
        done = subprocess.run([name, *arguments], cwd=ROOT, capture_output=True, text=True, check=False, timeout=900)
        assert done.returncode == 0, done.stderr[-2000:]
        return done.stdout

    run("build", *options, "--build-arg", f"PYTHON={image}", "--tag", "airdate-test", "--file", file, ".")
    look = "publish --version; id -u; ! python3 -m pip --version"
    if name == "buildah":
        container = run("from", "airdate-test").strip()
        said = run("run", *[one for one in options if one.startswith("--isolation")], container, "sh", "-c", look)
        run("rm", container)
    else:
        said = run("run", "--rm", "--entrypoint", "sh", "airdate-test", "-c", look)
    version = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["version"]
    assert version in said
    assert said.splitlines()[1] == "10001"
