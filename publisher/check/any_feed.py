"""`publish check FEED`: every rule that any feed in the world can be held against."""

from __future__ import annotations

import gzip
import re
import zlib
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from feed.reader import LARGEST_FEED
from publisher.core.errors import UsageError
from publisher.web.web_requests import get_feed

if TYPE_CHECKING:
    from feed.findings import Finding
    from publisher.core.command_call import Options

_OURS = re.compile(r"\[(?:show|site|feed|audio|check|announce|storage|people)\b|\b(?:add|say what it shows): \w+ = |publish init")


def check_foreign(feed: str, options: Options) -> list[Finding]:
    """What is wrong with `feed`, an address or a file (a `.gz` is unpacked); the lines are the feed's own.

    Raises UsageError for a file that cannot be read, StorageError for an address that gives no feed.
    """
    from feed.rules import check_feed_bytes, filter_findings, to_finding

    url: str | None = None
    if feed.startswith(("http://", "https://")):
        answer = get_feed(feed)
        data, url = answer.content, answer.address
    else:
        data = _read(feed)
    broken = check_feed_bytes(data, feed_url=url, now=options.now)
    findings = [to_finding(item, file=feed) for item in broken]
    return filter_findings([replace(item, hint=_for_others(item.hint)) for item in findings], select=options.select, ignore=options.ignore)


def _for_others(hint: str) -> str:
    """A hint without our own files and commands, which say nothing to whoever wrote the feed with something else."""
    return "" if _OURS.search(hint) else hint


def _read(feed: str) -> bytes:
    path = Path(feed)
    try:
        if path.stat().st_size > LARGEST_FEED:
            raise _too_large(feed)
        with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as stream:
            data = stream.read(LARGEST_FEED + 1)
    except (OSError, EOFError, zlib.error) as error:
        cause = getattr(error, "strerror", None) or str(error)
        raise UsageError(f"the feed cannot be read: {feed}", cause=cause, hint=_meant(feed, path), code="feed-unreadable") from error
    if len(data) > LARGEST_FEED:
        raise _too_large(feed)
    return data


def _meant(feed: str, path: Path) -> str:
    """What somebody most likely wanted to type."""
    if path.is_dir():
        return f"`publish -c {path / 'config.toml'} check` checks the show in a folder"
    if "://" not in feed and "." in feed.partition("/")[0] and "/" in feed.strip("./"):
        return f"an address begins with https://: `publish check https://{feed}`"
    return "give a file, or an address that begins with https://"


def _too_large(feed: str) -> UsageError:
    return UsageError(f"the feed is larger than 64 MB: {feed}", code="feed-too-large")
