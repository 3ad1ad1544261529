"""Real podcast clients, run without a screen and in a home of their own: what do they make of a feed?

`gpodder(home, feed_url)` and `newsboat(home, feed_url)` subscribe and give the episodes as the client keeps them;
`gpodder_download` and `podboat_download` fetch a recording with the client itself and give the file.
Every process gets its own session, a time limit, and is gone when the function returns.
"""

from __future__ import annotations

import contextlib
import os
import pty
import signal
import sqlite3
import subprocess
import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

TIMEOUT = 60.0
"""Seconds a client may take."""


class ClientFailed(AssertionError):  # noqa: N818  an outcome a test may expect
    """The client ended with an error, or did not end in time; the message holds what it said."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """One episode as a client keeps it; None where it keeps no such thing. Times in seconds, `date` since 1970 (UTC)."""

    title: str
    guid: str
    url: str
    link: str
    date: int
    type: str
    length: int | None = None
    duration: int | None = None
    description: str = ""
    image: str | None = None


def _environment(home: Path) -> dict[str, str]:
    """A clean one: nothing of the person who runs the tests, and no proxy."""
    home.mkdir(parents=True, exist_ok=True)
    return {
        "PATH": os.environ.get("PATH", "/usr/bin:/bin"),
        "HOME": str(home),
        "GPODDER_HOME": str(home / "gPodder"),
        "LANG": "C.UTF-8",
        "TZ": "UTC",
        "TERM": "xterm",
        "no_proxy": "*",
    }


def _end(process: subprocess.Popen) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait(timeout=10)


def _run(home: Path, *command: str, timeout: float = TIMEOUT) -> str:
    with subprocess.Popen(
        command,
        env=_environment(home),
        cwd=home,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
        text=True,
        errors="replace",
    ) as process:
        try:
            said, _ = process.communicate(timeout=timeout)
        except subprocess.TimeoutExpired as error:
            _end(process)
            raise ClientFailed(f"{' '.join(command)} was not done after {timeout:.0f} s") from error
        finally:
            _end(process)
    if process.returncode:
        raise ClientFailed(f"{' '.join(command)} ended with {process.returncode}:\n{said}")
    return said


def _rows(database: Path, query: str, *arguments: str) -> list[sqlite3.Row]:
    if not database.is_file():
        raise ClientFailed(f"the client kept nothing ({database.name} is missing)")
    with contextlib.closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
        connection.row_factory = sqlite3.Row
        return connection.execute(query, arguments).fetchall()


def gpodder(home: Path, feed_url: str, *, timeout: float = TIMEOUT) -> list[Heard]:
    """Subscribe with gPodder (a second call updates the subscription); the episodes, newest first."""
    database = home / "gPodder" / "Database"
    known = database.is_file() and _rows(database, "SELECT id FROM podcast WHERE url = ?", feed_url)
    said = _run(home, "gpo", "update" if known else "subscribe", feed_url, timeout=timeout)
    rows = _rows(
        database,
        "SELECT episode.* FROM episode JOIN podcast ON podcast.id = episode.podcast_id WHERE podcast.url = ? ORDER BY published DESC",
        feed_url,
    )
    if not rows and not _rows(database, "SELECT id FROM podcast WHERE url = ?", feed_url):
        raise ClientFailed(f"gPodder did not subscribe:\n{said}")
    return _heard(rows)


def gpodder_update(home: Path, *, timeout: float = TIMEOUT) -> tuple[list[str], list[Heard]]:
    """Update every subscription of gPodder: the feeds' addresses as it keeps them since, and all episodes, the newest first."""
    _run(home, "gpo", "update", timeout=timeout)
    database = home / "gPodder" / "Database"
    feeds = [row["url"] for row in _rows(database, "SELECT url FROM podcast ORDER BY id")]
    return feeds, _heard(_rows(database, "SELECT * FROM episode ORDER BY published DESC"))


def _heard(rows: list[sqlite3.Row]) -> list[Heard]:
    return [
        Heard(
            title=row["title"],
            guid=row["guid"],
            url=row["url"],
            link=row["link"],
            date=row["published"],
            type=row["mime_type"],
            length=row["file_size"],
            duration=row["total_time"],
            description=row["description_html"] or row["description"],
            image=row["episode_art_url"],
        )
        for row in rows
    ]


def gpodder_download(home: Path, feed_url: str, guid: str, *, timeout: float = TIMEOUT) -> Path:
    """Download one episode of a subscribed feed with gPodder."""
    said = _run(home, "gpo", "download", feed_url, guid, timeout=timeout)
    rows = _rows(home / "gPodder" / "Database", "SELECT download_filename FROM episode WHERE guid = ?", guid)
    files = [file for file in (home / "gPodder" / "Downloads").rglob("*") if file.is_file()]
    for file in files:
        if rows and rows[0]["download_filename"] == file.name:
            return file
    raise ClientFailed(f"gPodder downloaded nothing for {guid}:\n{said}")


def newsboat(home: Path, feed_url: str, *, timeout: float = TIMEOUT) -> list[Heard]:
    """Read the feed with newsboat (a second call reloads it); the episodes, newest first."""
    home.mkdir(parents=True, exist_ok=True)
    urls, cache, config = home / "urls", home / "cache.db", home / "config"
    urls.write_text(f"{feed_url}\n")
    config.write_text("always-display-description yes\n")
    said = _run(home, "newsboat", "-u", str(urls), "-c", str(cache), "-C", str(config), "-x", "reload", timeout=timeout)
    rows = _rows(cache, "SELECT * FROM rss_item WHERE feedurl = ? AND deleted = 0 ORDER BY pubDate DESC", feed_url)
    if not rows and not _rows(cache, "SELECT title FROM rss_feed WHERE rssurl = ? AND title != ''", feed_url):
        raise ClientFailed(f"newsboat could not read the feed:\n{said}")
    return [
        Heard(
            title=row["title"],
            guid=row["guid"],
            url=row["enclosure_url"],
            link=row["url"],
            date=row["pubDate"],
            type=row["enclosure_type"],
            description=row["content"],
        )
        for row in rows
    ]


def podboat_download(home: Path, url: str, *, timeout: float = TIMEOUT) -> Path:
    """Download one recording with podboat, newsboat's companion. It wants a terminal: it gets one of ours."""
    home.mkdir(parents=True, exist_ok=True)
    target, queue, config = home / "podcasts" / url.rsplit("/", 1)[1], home / "queue", home / "config"
    target.parent.mkdir(exist_ok=True)
    config.write_text(f'download-path "{target.parent}/"\n')
    queue.write_text(f'{url} "{target}"\n')
    ours, theirs = pty.openpty()
    reader = threading.Thread(target=_swallow, args=(ours,), daemon=True)
    try:
        with subprocess.Popen(
            ["podboat", "-a", "-q", str(queue), "-C", str(config)],
            env=_environment(home),
            cwd=home,
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            start_new_session=True,
        ) as process:
            reader.start()
            try:
                until = time.monotonic() + timeout
                while not target.is_file() and process.poll() is None and time.monotonic() < until:
                    time.sleep(0.1)
            finally:
                _end(process)
    finally:
        os.close(theirs)
        reader.join(timeout=5)
        os.close(ours)
    if not target.is_file():
        raise ClientFailed(f"podboat downloaded nothing from {url}")
    return target


def _swallow(terminal: int) -> None:
    """Read what the client draws, so that it never waits for us; ends when its side of the terminal is closed."""
    with contextlib.suppress(OSError):
        while os.read(terminal, 4096):
            pass
