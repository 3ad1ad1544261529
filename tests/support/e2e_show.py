"""A show on a real bucket, the real command in processes of their own, and listeners who look all the time."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import posixpath
import queue
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import quote, urlsplit

import pytest
from lxml import etree

from publisher.stores.directory import STATE_FOLDER
from tests.support import ROOT, servers
from tests.support.browsing import Site
from tests.support.fault_proxy import Fault, FaultProxy, Request
from tests.support.show_factory import Outcome, Show, make_show, tree

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

PROGRAMS = Path(sys.executable).parent
SOAK = bool(os.environ.get("AIRDATE_SOAK"))
SITE = "https://small.example"
"""The address of shows whose pages nobody opens: the bytes are the same wherever the bucket is."""


def clean_environment(home: Path, endpoint: str = "") -> dict[str, str]:
    """What a runner has: a home of its own, the programs, the keys and nothing else."""
    home.mkdir(parents=True, exist_ok=True)
    environment = {
        "PATH": f"{PROGRAMS}:/usr/bin:/bin",
        "HOME": str(home),
        "TMPDIR": str(home),
        "LANG": "C.UTF-8",
        "AWS_ACCESS_KEY_ID": servers.KEY,
        "AWS_SECRET_ACCESS_KEY": servers.SECRET,
    }
    return environment | ({"AWS_ENDPOINT_URL_S3": endpoint} if endpoint else {})


@dataclass
class Bucket:
    """A bucket that anybody may read, seen without the code under test."""

    server: Any
    name: str
    read: dict[str, bytes] = field(default_factory=dict)

    def show(self, folder: Path, client: str = "auto") -> Show:
        """A new show for this place."""
        return bucket_show(folder, self.name, client=client)

    @property
    def url(self) -> str:
        return f"{self.server.endpoint}/{self.name}"

    def get(self, key: str) -> bytes | None:
        """As the owner sees it; None where there is none."""
        client = self.server.client()
        try:
            return client.get_object(Bucket=self.name, Key=key)["Body"].read()
        except client.exceptions.NoSuchKey:
            return None

    def put(self, key: str, body: bytes, kind: str = "text/plain", cache: str = "") -> None:
        self.server.client().put_object(Bucket=self.name, Key=key, Body=body, ContentType=kind, CacheControl=cache)

    def delete(self, *keys: str) -> None:
        for key in keys:
            self.server.client().delete_object(Bucket=self.name, Key=key)

    def listed(self) -> set[str]:
        return set(self._etags())

    def _etags(self) -> dict[str, str]:
        pages = self.server.client().get_paginator("list_objects_v2").paginate(Bucket=self.name)
        return {one["Key"]: one["ETag"] for page in pages for one in page.get("Contents", ())}

    def objects(self) -> dict[str, bytes]:
        """Every object by key; what was read once is known by its ETag."""
        there = self._etags()
        self.read.update({etag: self.get(key) or b"" for key, etag in there.items() if etag not in self.read})
        return {key: self.read[etag] for key, etag in there.items()}

    def outcome(self) -> dict[str, bytes]:
        """What must be the same however the work went: all that listeners can reach, and State. Not the records, which name
        the process that wrote them, nor shards and files of a plan that was overtaken."""
        objects = self.objects()
        state = json.loads(objects[".airdate/state.json"])
        named = {*state["shards"].values(), ".airdate/state.json"}
        return {key: body for key, body in objects.items() if not key.startswith(".airdate/") or key in named}

    def state(self) -> dict[str, Any]:
        return json.loads(self.get(".airdate/state.json") or b"{}")

    def snapshot(self) -> dict[str, tuple[bytes, str, str]]:
        """Every object with its headers, for `restore`."""
        client = self.server.client()
        kept = {}
        for key in self.listed():
            answer = client.get_object(Bucket=self.name, Key=key)
            kept[key] = answer["Body"].read(), answer["ContentType"], answer.get("CacheControl", "")
        return kept

    def restore(self, kept: dict[str, tuple[bytes, str, str]]) -> None:
        """Exactly these objects again."""
        there = self.objects()
        self.delete(*there.keys() - kept.keys())
        for key, (body, kind, cache) in kept.items():
            if there.get(key) != body:
                self.put(key, body, kind, cache)


class SharedFolder(Bucket):
    """A folder in the place of a bucket, served as a web host does."""

    def __init__(self, root: Path) -> None:
        root.mkdir(parents=True)
        self.root, self._site = root, Site(root.parent)
        super().__init__(SimpleNamespace(endpoint=self._site.origin, port=self._site.server.server_port), root.name)

    def close(self) -> None:
        self._site.close()

    def show(self, folder: Path, _client: str = "") -> Show:
        return make_show(folder, storage=str(self.root))

    def _path(self, key: str) -> Path:
        return self.root / re.sub(r"^\.airdate/", f"{STATE_FOLDER}/", key)

    def get(self, key: str) -> bytes | None:
        try:
            return self._path(key).read_bytes()
        except FileNotFoundError:
            return None

    def put(self, key: str, body: bytes, _kind: str = "", _cache: str = "") -> None:
        self._path(key).parent.mkdir(parents=True, exist_ok=True)
        self._path(key).write_bytes(body)

    def delete(self, *keys: str) -> None:
        for key in keys:
            self._path(key).unlink()

    def listed(self) -> set[str]:
        return set(self.objects())

    def objects(self) -> dict[str, bytes]:
        return {re.sub(f"^{STATE_FOLDER}/", ".airdate/", name): body for name, body in tree(self.root).items()}

    def snapshot(self) -> dict[str, tuple[bytes, str, str]]:
        return {key: (body, "", "") for key, body in self.objects().items()}


def bucket_show(folder: Path, bucket: str, *, site: str = SITE, client: str = "auto") -> Show:
    """A new show in `folder` for a bucket, spoken to by this client; the endpoint comes from the environment."""
    show = make_show(folder, storage=f"s3://{bucket}")
    if client != "auto":
        show.configure(f'url = "s3://{bucket}"', f'url = "s3://{bucket}"\nclient = "{client}"')
    show.configure('url = "https://small.example"', f'url = "{site}"')
    return show


def program(show: Show, *arguments: str, endpoint: str, name: str = "publish", now: str = "", timeout: float = 120) -> Outcome:
    """The installed command in the show's folder, in a clean home, without a terminal."""
    done = subprocess.run(
        [str(PROGRAMS / name), "--now", now or show.now, *arguments],
        cwd=show.folder,
        env=clean_environment(show.folder.parent / f"home-{show.folder.name}", endpoint),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
    )
    return Outcome(done.returncode, done.stdout, done.stderr)


class Running:
    """The command at work."""

    def __init__(self, folder: Path) -> None:
        self.pid = 0
        self._folder = folder
        self._status: int | None = None
        self._ended = threading.Event()

    def ended(self, status: int) -> None:
        self._status = status
        self._ended.set()

    def kill(self) -> None:
        """kill -9; one that is done already is left alone."""
        self._tell(signal.SIGKILL)

    def interrupt(self) -> None:
        """Ctrl-C; the same."""
        self._tell(signal.SIGINT)

    def _tell(self, what: signal.Signals) -> None:
        if not self._ended.is_set():
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, what)

    def wait(self, timeout: float = 240) -> Outcome:
        """How it ended; a negative status is the signal."""
        if not self._ended.wait(timeout):
            self.kill()
            raise AssertionError(f"not done after {timeout} s:\n{(self._folder / 'stderr').read_text()}")
        texts = [(self._folder / name).read_text() for name in ("stdout", "stderr")]
        shutil.rmtree(self._folder)
        return Outcome(-1 if self._status is None else self._status, *texts)


class Warm:
    """Runs the command in forks of one process that has everything imported (see warm_command.py)."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._running: dict[int, Running] = {}
        self._started: queue.Queue[int] = queue.Queue()
        self._early: dict[int, int] = {}
        self._guard = threading.Lock()
        self._starting = threading.Lock()
        self._process = subprocess.Popen(
            [sys.executable, str(Path(__file__).with_name("warm_command.py"))],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=ROOT,
            env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "LANG": "C.UTF-8"},
        )
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            told = json.loads(line)
            if "started" in told:
                self._started.put(told["started"])
                continue
            with self._guard:
                running = self._running.pop(told["ended"], None)
                if running is None:
                    self._early[told["ended"]] = told["status"]
            if running is not None:
                running.ended(told["status"])

    def start(
        self,
        show: Show,
        *arguments: str,
        endpoint: str,
        machine: str = "",
        now: str = "",
        keys: tuple[str, str] = (servers.KEY, servers.SECRET),
        more: Mapping[str, str] | None = None,
        verify: bool = False,
        dies: tuple[Path, int] | None = None,
    ) -> Running:
        """`publish --no-verify ARGUMENTS` begins; each `machine` has a temporary folder of its own. `more` stands in the environment.
        `dies`: a folder, and which change of it is met by kill -9 (counted from 0).
        """
        folder = Path(tempfile.mkdtemp(dir=self._folder))
        for name in ("stdout", "stderr"):
            (folder / name).touch()
        home = self._folder / "home"
        own = home / machine
        own.mkdir(parents=True, exist_ok=True)
        call = {
            "arguments": ["--now", now or show.now, *([] if verify else ["--no-verify"]), *arguments],
            "folder": str(show.folder),
            "environment": clean_environment(home, endpoint)
            | {"AWS_ACCESS_KEY_ID": keys[0], "AWS_SECRET_ACCESS_KEY": keys[1], "TMPDIR": str(own), **(more or {})},
            "machine": machine,
            "dies": dies and [str(dies[0]), dies[1]],
            "stdout": str(folder / "stdout"),
            "stderr": str(folder / "stderr"),
        }
        running = Running(folder)
        assert self._process.stdin is not None
        with self._starting:
            self._process.stdin.write(json.dumps(call).encode() + b"\n")
            self._process.stdin.flush()
            pid = self._started.get(timeout=60)
        running.pid = pid
        with self._guard:
            early = self._early.pop(pid, None)
            if early is None:
                self._running[pid] = running
        if early is not None:
            running.ended(early)
        return running

    def run(self, show: Show, *arguments: str, endpoint: str, **more: Any) -> Outcome:
        """`publish --no-verify ARGUMENTS`, to its end; the rest as for `start`."""
        return self.start(show, *arguments, endpoint=endpoint, **more).wait()

    def close(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        with self._guard:
            for running in self._running.values():
                running.kill()
        self._process.kill()
        self._process.wait()
        assert self._process.stdout is not None
        self._process.stdout.close()


NAMED = re.compile(rb"""(?:url|href|src|content)="([^"]+)\"""")


@dataclass
class Listener:
    """Reads the feed and the first page of a public bucket all the time, as apps and browsers do, and asks for everything they
    name (what was there before, every fifth time); then for everything that one page they lead to names, another one each time.
    `faults` is what it could not get; `feeds` the different feeds it saw, in order. One that is `patient` looks at the page once
    more: a prune right after a withdrawal deletes what the page of before named."""

    bucket: Bucket
    site: str = SITE
    pages: tuple[str, ...] = ("feed.xml", "index.html")
    faults: list[str] = field(default_factory=list)
    feeds: list[bytes] = field(default_factory=list)
    looked: int = 0
    patient: bool = False

    def __post_init__(self) -> None:
        self._stop = threading.Event()
        self._here: set[str] = set()
        self._thread = threading.Thread(target=self._poll, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join(30)
        assert not self._thread.is_alive()
        self.look()

    def assert_content(self) -> None:
        """Nothing that a feed or page named was missing at any time."""
        assert self.looked
        assert not self.faults, self.faults[:10]

    def look(self, *, quick: bool = False) -> None:
        """One look."""
        parts = urlsplit(self.bucket.server.endpoint)
        connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=20)
        try:
            led_to: list[str] = []
            for page in self.pages:
                status, body = self._ask(connection, "GET", page)
                if status in (403, 404) and not self.feeds:  # whoever may not list is told 403
                    continue
                if status != 200:
                    self.faults.append(f"{page}: {status}")
                    continue
                led_to += [
                    name for name in self._read(connection, page, body, quick=quick) if name.endswith(".html") and name not in self.pages
                ]
            if led_to:
                page = led_to[self.looked % len(led_to)]
                self._read(connection, page, self._ask(connection, "GET", page)[1], quick=quick)
        except (OSError, http.client.HTTPException):
            return  # the server is away for a moment: tests that stop it know
        finally:
            connection.close()
        self.looked += 1

    def _read(self, connection: http.client.HTTPConnection, page: str, body: bytes, *, quick: bool) -> list[str]:
        """Look at what a page is and names; what it names."""
        if page.endswith(".xml"):
            try:
                etree.fromstring(body)
            except etree.XMLSyntaxError as error:
                self.faults.append(f"{page} is not whole: {error}")
                return []
            if body not in self.feeds[-1:]:
                self.feeds.append(body)
        names = named(body, self.site, page)
        for number, name in enumerate(names):
            if quick and name in self._here and (number + self.looked) % 5:
                continue
            status, _ = self._ask(connection, "HEAD", name)
            self._here |= {name} if status == 200 else set()
            if status != 200 and not (self.patient and name not in named(self._ask(connection, "GET", page)[1], self.site, page)):
                self.faults.append(f"{page} names {name}: {status}")
        return names

    def _ask(self, connection: http.client.HTTPConnection, method: str, key: str) -> tuple[int, bytes]:
        connection.request(method, f"/{self.bucket.name}/{quote(key)}")
        answer = connection.getresponse()
        return answer.status, answer.read()

    def _poll(self) -> None:
        while not self._stop.is_set():
            self.look(quick=True)
            self._stop.wait(0.01)


def named(body: bytes, site: str, page: str) -> list[str]:
    """The keys of our own that a feed or a page names."""
    keys = []
    for raw in NAMED.findall(body) + re.findall(rb"<(?:link|url)>([^<]+)</(?:link|url)>", body):
        address = raw.decode().replace("&amp;", "&").partition("#")[0].partition("?")[0]
        if address.startswith(site):
            address = address.removeprefix(site).lstrip("/")
        elif page.endswith(".xml") or "://" in address or not re.search(r"\.\w{2,5}$", address) or ":" in address:
            continue
        else:
            address = posixpath.normpath(posixpath.join(posixpath.dirname(page), address))
        if address:
            keys.append(address)
    return list(dict.fromkeys(keys))


def killing(running: Callable[[], Running | None], number: int, *, arrived: bool) -> Callable[[Request], Fault]:
    """kill -9 at request `number`: before the server hears of it, or (`arrived`) while it does its work."""

    def decide(request: Request) -> Fault:
        if request.number == number:
            for _ in range(500):
                if (process := running()) is not None:
                    process.kill()
                    break
                time.sleep(0.01)
            return Fault.NONE if arrived else Fault.SERVER_ERROR
        return Fault.NONE if request.number < number or arrived else Fault.SERVER_ERROR

    return decide


@contextlib.contextmanager
def killed_at(
    warm: Warm, show: Show, bucket: Bucket, number: int, *arguments: str, arrived: bool = False, now: str = ""
) -> Iterator[tuple[Outcome, int]]:
    """One command, killed at request `number` (counted from 0), or right before that change of a folder; its outcome and how many
    requests it came to.
    """
    if isinstance(bucket, SharedFolder):
        yield warm.run(show, *arguments, endpoint="", now=now, dies=(bucket.root, number)), 0
        return
    holder: list[Running] = []
    with FaultProxy(bucket.server.port, killing(lambda: holder[0] if holder else None, number, arrived=arrived)) as proxy:
        holder.append(warm.start(show, *arguments, endpoint=proxy.endpoint, now=now))
        outcome = holder[0].wait()
        yield outcome, len(proxy.seen)


@pytest.fixture(scope="session")
def warm(tmp_path_factory) -> Iterator[Warm]:
    """The command, ready to be forked."""
    command = Warm(tmp_path_factory.mktemp("warm"))
    yield command
    command.close()


@pytest.fixture
def place(s3_server, aws_environment) -> Iterator[Bucket]:
    """A new empty bucket that anybody may read."""
    name = s3_server.make_bucket(public=True)
    yield Bucket(s3_server, name)
    s3_server.drop_bucket(name)


@pytest.fixture(params=[pytest.param("bucket", marks=pytest.mark.s3), "folder"])
def either_place(request, tmp_path) -> Iterator[Bucket]:
    """A new empty bucket or folder that anybody may read."""
    if request.param == "bucket":
        yield request.getfixturevalue("place")
        return
    with contextlib.closing(SharedFolder(tmp_path / "web" / "public")) as folder:
        yield folder
