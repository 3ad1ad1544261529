"""Real servers for tests, as processes of their own on 127.0.0.1."""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.needs import REQUIRED

if TYPE_CHECKING:
    from collections.abc import Iterator

KEY, SECRET = "publisherkey", "publishersecret12345"
READ_KEY, READ_SECRET = "readkey", "readsecret1234567890"
DOMAIN = "localhost"
"""Whoever asks for `bucket.localhost` means that bucket, by the servers' settings."""


def find_program(name: str) -> str | None:
    """The program beside this Python (a wheel brought it), else on the path."""
    beside = Path(sys.executable).with_name(name)
    return str(beside) if beside.is_file() else shutil.which(name)


def need(name: str, group: str) -> str:
    """The program, or a skip that names it; a failure where AIRDATE_REQUIRE asks for its group."""
    found = find_program(name)
    if found is None:
        if group in REQUIRED:
            pytest.fail(f"{name} is not installed, and AIRDATE_REQUIRE asks for {group}")
        pytest.skip(f"{name} is not installed (needed for {group})")
    return found


def free_ports(count: int) -> list[int]:
    """Ports that are free, and whose neighbours 10,000 above are: SeaweedFS takes those as well."""
    ports: list[int] = []
    start = 10_000 + (os.getpid() * 37) % 9_000
    for port in [*range(start, 20_000), *range(10_000, start)]:
        if _is_free(port) and _is_free(port + 10_000):
            ports.append(port)
            if len(ports) == count:
                return ports
    raise RuntimeError("no free ports")


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def wait_until_answers(url: str, process: subprocess.Popen[bytes], seconds: float = 30) -> None:
    """Wait for any HTTP answer at `url`."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if process.poll() is not None:
            raise RuntimeError(f"the server ended with {process.returncode}")
        try:
            urllib.request.urlopen(url, timeout=2).close()
        except urllib.error.HTTPError as error:
            error.close()
            if error.code < 500:
                return
        except OSError:
            pass
        else:
            return
        time.sleep(0.05)
    raise RuntimeError(f"nothing answers at {url}")


def make_certificate(certificate: Path, key: Path) -> bool:
    """A certificate for localhost that signs itself; False without openssl."""
    program = shutil.which("openssl")
    if program is None:
        return False
    subject = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-days", "2"]
    arguments = [program, "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", *subject]
    subprocess.run([*arguments, "-keyout", str(key), "-out", str(certificate)], check=True, capture_output=True, timeout=60)
    return True


class S3Server:
    """What tests want of any S3 server: `KEY`/`SECRET` may do all, `READ_KEY`/`READ_SECRET` only read, everybody reads public buckets."""

    provider: str
    """As `[storage] provider` calls it."""
    endpoint: str
    port: int
    secure_endpoint: str
    certificate: Path

    def __init__(self) -> None:
        self._made = 0
        self._client: Any = None

    def start(self) -> None:
        """Start again with the same data."""
        raise NotImplementedError

    def stop(self) -> None:
        """Kill what answers."""
        raise NotImplementedError

    def client(self) -> Any:
        """A boto3 client that may do all: the second opinion in tests."""
        import boto3
        from botocore.config import Config

        if self._client is not None:
            return self._client
        config = Config(s3={"addressing_style": "path"}, retries={"total_max_attempts": 3})
        self._client = boto3.client(
            "s3", endpoint_url=self.endpoint, aws_access_key_id=KEY, aws_secret_access_key=SECRET, region_name="us-east-1", config=config
        )
        return self._client

    def make_bucket(self, *, public: bool = False) -> str:
        """A new bucket; everybody may read it where `public`."""
        self._made += 1
        name = f"{'public' if public else 'show'}-{os.getpid()}-{self._made}"
        self.client().create_bucket(Bucket=name)
        return name

    def drop_bucket(self, name: str) -> None:
        """Take a bucket away with all that is in it: servers have an end to volumes, or to memory."""
        client = self.client()
        pages = client.get_paginator("list_objects_v2").paginate(Bucket=name)
        for keys in [[{"Key": one["Key"]} for one in page.get("Contents", ())] for page in pages]:
            if keys:
                client.delete_objects(Bucket=name, Delete={"Objects": keys})
        client.delete_bucket(Bucket=name)

    def counted(self, bucket: str) -> dict[str, int]:
        """How many requests the server itself counted for a bucket, by kind."""
        raise NotImplementedError


class SeaweedServer(S3Server):
    """SeaweedFS with an S3 interface."""

    provider = "seaweedfs"

    def __init__(self, folder: Path, program: str) -> None:
        super().__init__()
        self.folder = folder
        s3, secure, master, volume, filer, admin, metrics = free_ports(7)
        self.port = s3
        self.endpoint = f"http://127.0.0.1:{s3}"
        self.secure_endpoint = f"https://localhost:{secure}"
        self.certificate = folder / "cert.pem"
        self._metrics = f"http://127.0.0.1:{metrics}/metrics"
        (folder / "logs").mkdir(parents=True)
        (folder / "data").mkdir()
        identities = [
            {"name": "anonymous", "actions": ["Read:public-*"]},
            {
                "name": "publisher",
                "credentials": [{"accessKey": KEY, "secretKey": SECRET}],
                "actions": ["Admin", "Read", "Write", "List", "Tagging"],
            },
            {"name": "readonly", "credentials": [{"accessKey": READ_KEY, "secretKey": READ_SECRET}], "actions": ["Read", "List"]},
        ]
        (folder / "s3.json").write_text(json.dumps({"identities": identities}))
        self._arguments = [
            program,
            f"-logdir={folder / 'logs'}",
            "-logtostderr=false",
            "-alsologtostderr=false",
            "mini",
            f"-dir={folder / 'data'}",
            "-ip=127.0.0.1",
            "-ip.bind=127.0.0.1",
            f"-s3.port={s3}",
            f"-master.port={master}",
            f"-volume.port={volume}",
            f"-filer.port={filer}",
            f"-admin.port={admin}",
            f"-metricsPort={metrics}",
            "-webdav=false",
            "-admin.ui=false",
            "-s3.port.iceberg=0",
            "-s3.port.lance=0",
            "-s3.autoCreateBucket=false",
            "-master.telemetry=false",
            f"-s3.config={folder / 's3.json'}",
            f"-s3.domainName={DOMAIN}",
        ]
        if make_certificate(self.certificate, folder / "key.pem"):
            self._arguments += [f"-s3.port.https={secure}", f"-s3.cert.file={self.certificate}", f"-s3.key.file={folder / 'key.pem'}"]
        self.start()

    def start(self) -> None:
        """Start, or start again with the same data."""
        self.process = subprocess.Popen(
            self._arguments, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=self.folder
        )
        try:
            wait_until_answers(f"{self.endpoint}/healthz", self.process)
        except RuntimeError:
            self.stop()
            raise

    def stop(self) -> None:
        """Kill; its own way of ending takes five seconds."""
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def counted(self, bucket: str) -> dict[str, int]:
        """How many requests the server itself counted for a bucket, by kind (HEAD counts as GET).

        It counts after it has answered, so four equal readings are waited for.
        """
        readings: list[dict[str, int]] = []
        while len(readings) < 4 or any(one != readings[-1] for one in readings[-4:]):
            readings.append(self._counted(bucket))
            time.sleep(0.1)
        return readings[-1]

    def _counted(self, bucket: str) -> dict[str, int]:
        with urllib.request.urlopen(self._metrics, timeout=10) as answer:
            text = answer.read().decode()
        counts: dict[str, int] = {}
        for line in text.splitlines():
            if not line.startswith("SeaweedFS_s3_request_total{"):
                continue
            labels = dict(re.findall(r'(\w+)="([^"]*)"', line))
            if labels.get("bucket") == bucket:
                counts[labels["type"]] = counts.get(labels["type"], 0) + int(float(line.rsplit(" ", 1)[1]))
        return counts


class RcloneServer(S3Server):
    """`rclone serve s3`: a service that takes conditions and does not heed them. It begins with a bucket `show`; `KEY` alone is known."""

    provider = "other"

    def __init__(self, folder: Path, program: str) -> None:
        super().__init__()
        (folder / "show").mkdir(parents=True)
        (port,) = free_ports(1)
        self.endpoint = f"http://127.0.0.1:{port}"
        arguments = [program, "serve", "s3", f"--addr=127.0.0.1:{port}", f"--auth-key={KEY},{SECRET}", "--config=", str(folder)]
        self.process = subprocess.Popen(
            arguments, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=folder
        )
        try:
            wait_until_answers(self.endpoint, self.process)
        except RuntimeError:
            self.stop()
            raise

    def stop(self) -> None:
        """Kill."""
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.process.pid, signal.SIGKILL)
        self.process.wait()


def seaweed_server(folder: Path) -> Iterator[SeaweedServer]:
    """A SeaweedServer for as long as the caller goes on."""
    server = SeaweedServer(folder, need("weed", "s3"))
    try:
        yield server
    finally:
        server.stop()
