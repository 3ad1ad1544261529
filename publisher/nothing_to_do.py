"""The shortest way: folder, storage and clock are as the last publish found them, so there is nothing to do.

A publish that finds nothing to do remembers what it looked at by path, size, time of change and inode. The next one compares
those before it reads a single file, and asks the storage whether anybody else published: two requests, whatever the size.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import os
import stat
import sys
import sysconfig
import time
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from feed.findings import Severity
from publisher.core.json_results import Published
from publisher.core.local_cache import CACHE, CacheFile, may_still_change

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from publisher.core.console import Console
    from publisher.state.state import State
    from publisher.workspace import Workspace

FOLDERS = ("episodes", "pages", "comments", "theme")
"""Where a show's files lie, beside those at the top of its folder; a show may name others."""
Rows = list[tuple[str, int, int, int]]
"""Path, size, time of change (ns) and inode; a link has a row of its own, with where it leads."""
CODE = (Path(__file__).parent, Path(__file__).parents[1] / "feed")


@dataclass(frozen=True, slots=True, kw_only=True)
class QuietPublish:
    """A publish that had nothing to do, in the values that are told of it; times are ISO 8601.

    `etag` is that of State's index, `storage` what its store is opened with, `folder` where listeners' files lie ("": in a
    bucket), `due` when the waiting episodes are, `turns` when a live stream is over or leaves the feed; `verified` and
    `announced` say whether what is there was looked at from outside and told to the hubs; `result` is what the publish gave.
    """

    etag: str
    now: str
    due: tuple[str, ...]
    turns: tuple[str, ...]
    verified: bool
    announced: bool
    storage: Mapping[str, Any]
    folder: str
    home_url: str
    result: Published


def quiet_publish(
    workspace: Workspace,
    stored: State,
    moments: tuple[Sequence[dt.datetime], Sequence[dt.datetime]],
    now: dt.datetime,
    result: Published,
    *,
    told: bool,
) -> QuietPublish:
    """What the next publish need not find out again; `moments` are those when episodes are due, and when a live stream is over, and
    `told` says whether everybody was told who is to be.
    """
    storage = workspace.config.storage
    return QuietPublish(
        etag=stored.etag,
        now=now.isoformat(),
        due=tuple(moment.isoformat() for moment in moments[0]),
        turns=tuple(moment.isoformat() for moment in moments[1]),
        verified=stored.verified >= stored.generation,
        announced=told,
        storage=asdict(storage.location(storage.private or storage.url)),
        folder="" if storage.is_bucket else storage.url,
        home_url=workspace.config.home_url,
        result=replace(result, repair=None),
    )


class FolderSnapshot:
    """The show's folder at the start of a command, by the times of its files. `config` is the file or folder as named."""

    def __init__(self, config: Path) -> None:
        path = Path(os.path.abspath(config / "config.toml" if config.is_dir() else config))  # noqa: PTH100  links stay
        self.config = path
        self.folder = path.parent
        self._file = CacheFile(self.folder / CACHE / "unchanged.json", path.name)  # our code is in the digest of what was looked at
        self._last = self._file.read()
        self._watched: tuple[str, ...] = tuple(self._last.get("watched", FOLDERS))
        self.digest = digest_of(self.folder, self._watched)

    def last(self, now: dt.datetime) -> QuietPublish | None:
        """What the last publish found, when it had nothing to do, no file has changed since, and by `now` no episode fell due and no
        live stream was over.
        """
        if not self.digest or self._last.get("digest") != self.digest:
            return None
        try:
            kept = self._last["quiet"]
            due, turns = tuple(kept["due"]), tuple(kept["turns"])
            quiet = QuietPublish(**{**kept, "due": due, "turns": turns, "result": Published.read(kept["result"])})
            moments = [dt.datetime.fromisoformat(at) for at in (*due, *turns)]
        except (KeyError, TypeError, ValueError):
            return None
        return quiet if dt.datetime.fromisoformat(quiet.now) <= now and all(at > now for at in moments) else None

    def remember(self, quiet: QuietPublish, named: Iterable[Path]) -> None:
        """Keep what a publish that had nothing to do found; `named` are the files it looked at, wherever they lie.

        Where those are not all in this snapshot, only their names are kept: the next one looks at them first.
        """
        watched = (*FOLDERS, *sorted({path.as_posix() for path in named if not self._sees(path)}))
        digest = self.digest if watched == self._watched else ""
        self._file.write({"watched": watched, "digest": digest, "quiet": asdict(quiet)})

    def _sees(self, path: Path) -> bool:
        """Whether a file lies where every snapshot looks."""
        path = Path(os.path.abspath(path))  # noqa: PTH100  links stay
        root = self.folder if path.is_relative_to(self.folder) else self.folder.resolve()
        if not path.is_relative_to(root):
            return False
        parts = path.relative_to(root).parts
        return ".." not in parts and (parts[0] in FOLDERS or (len(parts) == 1 and not path.is_dir()))


def nothing_to_do(snapshot: FolderSnapshot, console: Console, *, now: dt.datetime, strict: bool, verify: bool) -> Published | None:
    """The result of a publish that has nothing to do; None when that must be looked at closely. Raises StorageError.

    Two requests: State's index, and whether a publish is under way or was cut.
    """
    from publisher.core import layout
    from publisher.publish_report import show_findings, show_steps
    from publisher.stores.aws_profile import usable_profile
    from publisher.stores.open_store import Location, open_store
    from publisher.sync.missing_addresses import MISSING

    quiet = snapshot.last(now)
    if quiet is None or (snapshot.folder / CACHE / MISSING).exists() or not quiet.announced or (verify and not quiet.verified):
        return None
    findings = [row.finding() for row in quiet.result.findings]
    if strict and any(item.severity is not Severity.HINT for item in findings):
        return None
    location = Location(**quiet.storage)
    store = open_store(replace(location, profile=usable_profile(location.profile, os.environ)), snapshot.folder)
    stored = store.read(layout.STATE_KEY, known=quiet.etag)
    if stored is None or not stored.unchanged or store.read(layout.claim(quiet.result.generation + 1)) is not None:
        return None
    show_findings(console, findings, {item.episode for item in findings})
    console.say("Nothing changed, nothing sent.")
    due = [dt.datetime.fromisoformat(at) for at in quiet.due]
    show_steps(console, quiet.result.feed_url, quiet.home_url, due, snapshot.config, quiet.folder)
    return replace(quiet.result, requests=store.requests, seconds=round(console.seconds, 3))


class _LinkedFolderError(Exception):
    """A folder is a link: what lies behind it could change unseen."""


def digest_of(folder: Path, watched: Sequence[str]) -> str:
    """A digest over path, size, time and inode of every file a publish may look at, our own code among them.

    "" where a time is too young to be trusted, or a folder is a link.
    """
    rows: Rows = []
    try:
        for code in CODE:
            _walk(str(code), rows)
        _walk(str(folder), rows, deeper=False)
        for name in watched:
            _look_at(str(folder / name), rows)
    except _LinkedFolderError:
        return ""
    if may_still_change(max(row[2] for row in rows), time.time_ns()):
        return ""
    libraries = {os.stat(sysconfig.get_path(place)).st_mtime_ns for place in ("purelib", "platlib")}  # noqa: PTH116  a name, no path
    digest = hashlib.sha256(repr((sys.version, sorted(libraries))).encode())
    digest.update(repr(rows).encode("utf-8", "surrogateescape"))
    return digest.hexdigest()


def _look_at(path: str, rows: Rows) -> None:
    """A file or folder by name; one that is not there is a fact, too."""
    try:
        status = os.stat(path)  # noqa: PTH116  tens of thousands: texts are faster
    except (OSError, ValueError):
        rows.append((path, -1, 0, 0))
        return
    if not stat.S_ISDIR(status.st_mode):
        rows.append((path, status.st_size, status.st_mtime_ns, status.st_ino))
        rows.append((os.path.realpath(path), 0, 0, 0))
    elif os.path.islink(path):  # noqa: PTH114  as above
        raise _LinkedFolderError
    else:
        _walk(path, rows)


def _walk(folder: str, rows: Rows, *, deeper: bool = True) -> None:
    """Every file of a folder, by name; with `deeper` those of its folders too."""
    try:
        with os.scandir(folder) as entries:
            found = sorted(entries, key=lambda entry: entry.name)
    except OSError:
        rows.append((folder, -1, 0, 0))
        return
    for entry in found:
        try:
            if entry.is_dir():
                if deeper and entry.name != "__pycache__":
                    if entry.is_symlink():
                        raise _LinkedFolderError
                    _walk(entry.path, rows)
                continue
            if entry.is_symlink():
                rows.append((os.path.realpath(entry.path), 0, 0, 0))
            status = entry.stat()
        except OSError:
            rows.append((entry.path, -1, 0, 0))
            continue
        rows.append((entry.path, status.st_size, status.st_mtime_ns, status.st_ino))
