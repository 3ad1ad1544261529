"""A PostgreSQL of Debian's for tests: a process of its own on 127.0.0.1, as another user where the tests run as root."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.support.needs import REQUIRED
from tests.support.servers import free_ports

if TYPE_CHECKING:
    from collections.abc import Iterator

USER = "airdate"


def programs() -> Path | None:
    """Where the newest PostgreSQL's programs lie, beside the path as Debian has it."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: float(path.parts[-3]))
    return found[-1].parent if found else None


class PostgresServer:
    """PostgreSQL with databases that come and go; `database()` gives the address of a new one."""

    def __init__(self, folder: Path, place: Path) -> None:
        self._made = 0
        self._place = place
        self._data = folder / "data"
        (self.port,) = free_ports(1)
        self._drop = ("setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups") if os.getuid() == 0 else ()
        if self._drop:  # PostgreSQL refuses to run as root
            shutil.chown(folder, "nobody", "nogroup")
        self._run("initdb", f"--pgdata={self._data}", f"--username={USER}", "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync")
        settings = {
            "listen_addresses": "127.0.0.1",
            "port": self.port,
            "unix_socket_directories": "",
            "fsync": "off",
            "shared_buffers": "16MB",
        }
        options = [f"-c{name}={value}" for name, value in settings.items()]
        with (folder / "log").open("wb") as log:
            self.process = subprocess.Popen(
                [*self._drop, self._place / "postgres", "-D", self._data, *options],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd="/",
            )
        end = time.monotonic() + 60
        while subprocess.run([self._place / "pg_isready", "-q", "-h127.0.0.1", f"-p{self.port}"], check=False).returncode:
            if self.process.poll() is not None or time.monotonic() > end:
                raise RuntimeError(f"PostgreSQL does not start: {(folder / 'log').read_text()}")
            time.sleep(0.05)

    def _run(self, name: str, *arguments: str) -> None:
        subprocess.run([*self._drop, self._place / name, *arguments], check=True, capture_output=True, timeout=120, cwd="/")

    def database(self) -> str:
        """The address of a new, empty database: a schema of its own, which is made sooner."""
        import psycopg

        self._made += 1
        address = f"postgresql://{USER}@127.0.0.1:{self.port}/postgres"
        with psycopg.connect(address, autocommit=True) as connection:
            connection.execute(f"CREATE SCHEMA comments{self._made}")
        return f"{address}?options=-csearch_path%3Dcomments{self._made}"

    def stop(self) -> None:
        """End it at once: nobody wants what it holds."""
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.process.pid, signal.SIGQUIT)
        self.process.wait(60)


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """One PostgreSQL for the whole run."""
    place = programs()
    if place is None:
        if "postgres" in REQUIRED:
            pytest.fail("PostgreSQL is not installed, and AIRDATE_REQUIRE asks for postgres")
        pytest.skip("postgres: initdb is not installed")
    # not below pytest's own folder: only its owner may look in there
    folder = Path(tempfile.mkdtemp(prefix="airdate-postgres-", dir="/tmp"))
    server = PostgresServer(folder, place)
    try:
        yield server
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(params=["sqlite", "postgresql"])
def database_address(request, tmp_path) -> str:
    """The address of a new database: everything that asks for it runs on SQLite and on PostgreSQL."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'comments.sqlite'}"
    return request.getfixturevalue("postgres_server").database()
