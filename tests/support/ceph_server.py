"""Ceph's S3 gateway over a cluster of one monitor and one store in memory, from Debian's packages; ready in three seconds."""

from __future__ import annotations

import base64
import contextlib
import json
import os
import secrets
import signal
import socket
import struct
import subprocess
import tempfile
import time
import uuid
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.support.servers import (
    DOMAIN,
    KEY,
    READ_KEY,
    READ_SECRET,
    SECRET,
    S3Server,
    free_ports,
    make_certificate,
    need,
    wait_until_answers,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

PROGRAMS = ("ceph-mon", "ceph-osd", "ceph", "radosgw-admin", "radosgw", "monmaptool")
"""In Debian's packages ceph-mon, ceph-osd, ceph-common and radosgw; a manager (ceph-mgr) is not needed for this little."""

MAY = {
    "mon.": {"mon": "allow *"},
    "client.admin": {"mon": "allow *", "osd": "allow *"},
    "client.gateway": {"mon": "allow rw", "osd": "allow rwx"},
}

SETTINGS = """\
[global]
fsid = {cluster}
mon host = v2:127.0.0.1:{monitor}
mon initial members = a
public addr = 127.0.0.1
cluster addr = 127.0.0.1
run dir = {sockets}
admin socket = {sockets}/$name
log file = {folder}/$name.log
keyring = {folder}/keyring
mon data = {folder}/monitor
osd data = {folder}/store
osd objectstore = memstore
memstore device bytes = 8589934592
osd pool default size = 1
osd pool default min size = 1
osd pool default pg num = 1
osd pool default pgp num = 1
osd pool default pg autoscale mode = off
mon allow pool size one = true
auth allow insecure global id reclaim = false
# one monitor has nobody to wait for
paxos propose interval = 0.01
paxos min wait = 0.01
# what was deleted gives its memory back at once
rgw gc obj min wait = 1
rgw gc processor period = 1
rgw dns name = {domain}
rgw frontends = beast endpoint=127.0.0.1:{plain}{secure}
"""


class CephServer(S3Server):
    """Ceph's radosgw: `KEY`/`SECRET` may do all, `READ_KEY`/`READ_SECRET` only read, by a policy of each bucket."""

    provider = "ceph"

    def __init__(self, folder: Path, programs: dict[str, str]) -> None:
        super().__init__()
        self.folder = folder
        self._programs = programs
        self._daemons: list[subprocess.Popen[bytes]] = []
        self._sockets = Path(tempfile.mkdtemp(prefix="ceph-"))  # the path of a Unix socket has 107 bytes
        self.port, secure, monitor = free_ports(3)
        self.endpoint = f"http://127.0.0.1:{self.port}"
        self.secure_endpoint = f"https://localhost:{secure}"
        self.certificate = folder / "cert.pem"
        for name in ("monitor", "store"):
            (folder / name).mkdir(parents=True)
        over_tls = ""
        if make_certificate(self.certificate, folder / "key.pem"):
            over_tls = f" ssl_endpoint=127.0.0.1:{secure} ssl_certificate={self.certificate} ssl_private_key={folder / 'key.pem'}"
        cluster = str(uuid.uuid4())
        places = {"cluster": cluster, "monitor": monitor, "sockets": self._sockets, "folder": folder, "domain": DOMAIN}
        (folder / "ceph.conf").write_text(SETTINGS.format(**places, plain=self.port, secure=over_tls))
        (folder / "keyring").write_text("".join(_key_of(name, may) for name, may in MAY.items()))
        try:
            self._start_cluster(cluster, monitor)
            self._make_users()
            self.start()
        except BaseException:
            self.end()
            raise

    def start(self) -> None:
        """Start the gateway, or start it again: what it kept is in the cluster."""
        self.process = self._begin("radosgw", "-n", "client.gateway")
        try:
            wait_until_answers(self.endpoint, self.process)
        except RuntimeError:
            self.stop()
            raise

    def stop(self) -> None:
        """Kill the gateway; the cluster stays."""
        _kill(self.process)

    def end(self) -> None:
        """Kill all of it."""
        for daemon in self._daemons:
            _kill(daemon)
        for path in self._sockets.iterdir():
            path.unlink()
        self._sockets.rmdir()

    def make_bucket(self, *, public: bool = False) -> str:
        """A new bucket that `READ_KEY` may read, and everybody where `public`."""
        name = super().make_bucket(public=public)
        everything = f"arn:aws:s3:::{name}"
        reader = {"AWS": ["arn:aws:iam:::user/reader"]}
        statements = [
            {"Effect": "Allow", "Principal": reader, "Action": "s3:GetObject", "Resource": f"{everything}/*"},
            {"Effect": "Allow", "Principal": reader, "Action": "s3:ListBucket", "Resource": everything},
        ]
        if public:
            statements.append({"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": f"{everything}/*"})
        self.client().put_bucket_policy(Bucket=name, Policy=json.dumps({"Version": "2012-10-17", "Statement": statements}))
        return name

    def allow_reader(self, bucket: str, policy: dict[str, Any]) -> None:
        """`READ_KEY` may do what this policy of a key says, and nothing else; what it writes belongs to the bucket's owner as well."""
        reader, owner = ({"AWS": [f"arn:aws:iam:::user/{name}"]} for name in ("reader", "publisher"))
        everything = {"Effect": "Allow", "Principal": owner, "Action": "s3:*", "Resource": f"arn:aws:s3:::{bucket}/*"}
        statements = [*({**one, "Principal": reader} for one in policy["Statement"]), everything]
        self.client().put_bucket_policy(Bucket=bucket, Policy=json.dumps({**policy, "Statement": statements}))

    def counted(self, bucket: str) -> dict[str, int]:
        """How many requests the gateway counted, by its own kinds; nobody else speaks to it while a test does."""
        count = self._ask("client.gateway", "perf dump")["rgw"]
        return {"all": int(count["req"])}

    def _start_cluster(self, cluster: str, monitor: int) -> None:
        map_of_monitors = self.folder / "monitors"
        self._run("monmaptool", "--create", "--fsid", cluster, "--addv", "a", f"[v2:127.0.0.1:{monitor}]", str(map_of_monitors))
        self._run("ceph-mon", "--mkfs", "-i", "a", "--monmap", str(map_of_monitors), "--keyring", str(self.folder / "keyring"))
        self._begin("ceph-mon", "-i", "a")
        store, key = str(uuid.uuid4()), _new_key()
        (self.folder / "store-secret").write_text(json.dumps({"cephx_secret": key}))
        self._run("ceph", "--connect-timeout=30", "osd", "new", store, "-i", str(self.folder / "store-secret"))
        with (self.folder / "keyring").open("a") as file:
            file.write(f"[osd.0]\nkey = {key}\n")
        self._run("ceph-osd", "-i", "0", "--mkfs", "--osd-uuid", store)
        self._begin("ceph-osd", "-i", "0")

    def _make_users(self) -> None:
        for name, key, secret in (("publisher", KEY, SECRET), ("reader", READ_KEY, READ_SECRET)):
            arguments = [f"--uid={name}", f"--display-name={name}", f"--access-key={key}", f"--secret-key={secret}"]
            self._run("radosgw-admin", "user", "create", *arguments)

    def _run(self, program: str, *arguments: str) -> None:
        done = subprocess.run(
            [self._programs[program], *arguments],
            env=self._environment(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        if done.returncode:
            raise RuntimeError(f"{program} {arguments[0]} ended with {done.returncode}: {done.stderr[-500:]}")

    def _begin(self, program: str, *arguments: str) -> subprocess.Popen[bytes]:
        daemon = subprocess.Popen(
            [self._programs[program], *arguments, "-f"],
            env=self._environment(),
            cwd=self.folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        self._daemons.append(daemon)
        return daemon

    def _environment(self) -> dict[str, str]:
        return {
            "PATH": "/usr/sbin:/usr/bin:/sbin:/bin",
            "HOME": str(self.folder),
            "LC_ALL": "C.UTF-8",
            "CEPH_CONF": str(self.folder / "ceph.conf"),
        }

    def _ask(self, daemon: str, question: str) -> Any:
        """What a daemon answers at its socket."""
        with socket.socket(socket.AF_UNIX) as line:
            line.settimeout(10)
            line.connect(str(self._sockets / daemon))
            line.sendall(json.dumps({"prefix": question}).encode() + b"\0")
            with line.makefile("rb") as answer:
                (length,) = struct.unpack(">I", answer.read(4))
                return json.loads(answer.read(length))


def ceph_server(folder: Path) -> Iterator[CephServer]:
    """A CephServer for as long as the caller goes on."""
    server = CephServer(folder, {program: need(program, "ceph") for program in PROGRAMS})
    try:
        yield server
    finally:
        server.end()


def _new_key() -> str:
    """A key as Ceph writes them: its kind, when it was made, its length, sixteen bytes."""
    return base64.b64encode(struct.pack("<hIIh", 1, int(time.time()), 0, 16) + secrets.token_bytes(16)).decode()


def _key_of(name: str, may: dict[str, str]) -> str:
    return f"[{name}]\nkey = {_new_key()}\n" + "".join(f'caps {part} = "{what}"\n' for part, what in may.items())


def _kill(process: subprocess.Popen[bytes]) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(process.pid, signal.SIGKILL)
    process.wait()
