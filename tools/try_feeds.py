"""Hold every feed of a folder against the rules, and count which ones find errors: are they faults that others would call one, too?
Or move every show of it, and count what a subscriber would see.

    python tools/try_feeds.py FOLDER
    python tools/try_feeds.py --move FOLDER

Reads files that end in .xml, .rss or .atom and have an enclosure. Without `--move` nothing is fetched, and nothing is written. With it,
each feed is served on this machine with small recordings instead of its own, imported into a temporary folder, built and compared;
nothing is asked of any other host. A show without a language or artwork gets one, as its import asks for.
"""

from __future__ import annotations

import io
import json
import os
import re
import sys
import tempfile
import threading
import time
import zlib
from collections import Counter
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PIL import Image

from feed.findings import Severity
from feed.rules import check_feed_bytes, find_rule
from publisher.cli.command_line import main as publish

if TYPE_CHECKING:
    from collections.abc import Iterator

ENDINGS = {".xml", ".rss", ".atom"}
KEPT = ("guid", "date", "order")
"""What has to be in the new feed as it was in the old one."""
_MEDIA = re.compile(rb"(<(?:enclosure|media:content)\b[^<>]{0,4000}?\burl\s{0,9}=\s{0,9})(\"[^\"<>]*\"|'[^'<>]*')")
_PICTURE = re.compile(rb"(<itunes:image\b[^<>]{0,4000}?\bhref\s{0,9}=\s{0,9})(\"[^\"<>]*\"|'[^'<>]*')")
_DURATION = re.compile(rb"<itunes:duration>[^<>]{0,60}</itunes:duration>")
_FRAME = bytes([0xFF, 0xFB, 0x50, 0xC4])
"""The header of a frame of MPEG-1 layer III: 64 kbit/s, 44.1 kHz, mono; what follows it may be silence."""


def feeds_in(folder: Path) -> Iterator[tuple[Path, bytes]]:
    """Every feed with an enclosure, in the order of the names."""
    for path in sorted(folder.rglob("*")):
        if path.suffix.lower() in ENDINGS and path.is_file():
            data = path.read_bytes()
            if b"<enclosure" in data:
                yield path, data


def tried(folder: Path) -> tuple[int, Counter[str], Counter[str], dict[str, str]]:
    """How many feeds there are, and of each rule: the feeds with an error of it, its errors, and one of them with its feed."""
    number, feeds, errors, first = 0, Counter[str](), Counter[str](), dict[str, str]()
    for path, data in feeds_in(folder):
        number += 1
        broken = [item for item in check_feed_bytes(data) if item.severity is Severity.ERROR]
        feeds.update({item.code for item in broken})
        for item in broken:
            errors[item.code] += 1
            first.setdefault(item.code, f"{path.relative_to(folder)}:{item.line}: {item.message}")
    return number, feeds, errors, first


# moves


@contextmanager
def old_host() -> Iterator[tuple[str, dict[str, bytes]]]:
    """A server with whatever is put into the second value, by path; every path that ends in .mp3 is a recording. It also stands in the way
    to all other hosts, and has nothing of theirs.
    """
    documents: dict[str, bytes] = {}

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = _recording(self.path) if self.path.endswith(".mp3") else documents.get(self.path)
            self.send_response(404 if body is None else 200)
            self.send_header("Content-Length", str(len(body or b"")))
            self.end_headers()
            if self.command == "GET" and body is not None:
                self.wfile.write(body)

        do_HEAD = do_CONNECT = do_GET  # noqa: N815

        def log_message(self, *_: object) -> None:
            """Nothing is said of requests."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    address = f"http://127.0.0.1:{server.server_port}"
    before = dict(os.environ)
    os.environ.update({"http_proxy": address, "https_proxy": address, "no_proxy": "127.0.0.1"})
    try:
        yield address, documents
    finally:
        os.environ.clear()
        os.environ.update(before)
        server.shutdown()
        server.server_close()


def _recording(path: str) -> bytes:
    """Three seconds of silence, other bytes for each path."""
    return (_FRAME + bytes(204)) * 115 + _FRAME + bytes(200) + zlib.crc32(path.encode()).to_bytes(4, "big")


@cache
def _picture() -> bytes:
    stream = io.BytesIO()
    Image.new("RGB", (1400, 1400), (30, 90, 120)).save(stream, "JPEG")
    return stream.getvalue()


def at_home(data: bytes, address: str) -> bytes:
    """The feed with recordings and pictures at `address`, each address another one as before; the lengths of its own recordings go."""

    def recording(found: re.Match[bytes]) -> bytes:
        return found[1] + f'"{address}/{zlib.crc32(found[2]):08x}{len(found[2])}.mp3"'.encode() if len(found[2]) > 2 else found[0]

    data = _MEDIA.sub(recording, _DURATION.sub(b"", data))
    return _PICTURE.sub(lambda found: found[1] + f'"{address}/art.jpg"'.encode(), data)


def moved(data: bytes, address: str, documents: dict[str, bytes]) -> dict[str, Any]:
    """The comparison of a feed with what an import of it would publish; of what stopped it the document of the error."""
    documents.clear()
    documents.update({"/feed.xml": at_home(data, address), "/art.jpg": _picture()})
    with tempfile.TemporaryDirectory(prefix="try-feeds-") as name:
        folder, feed = Path(name) / "show", f"{address}/feed.xml"
        asked = not re.search(rb"<language>\s{0,99}\w", data)
        more = ["--language", "en"] if asked else []
        done = _command("import", feed, str(folder), "--yes", "--url", "https://new.example", "--force", "locked", *more)
        if "error" in done:
            return done
        config = folder / "config.toml"
        config.write_text(config.read_text("utf-8").replace("[site]\n", "[site]\nsearch = false\nsocial_images = false\n", 1), "utf-8")
        if not any(folder.glob("artwork.*")):
            (folder / "artwork.jpg").write_bytes(_picture())
        return {"account": done["warnings"], **_command("-c", str(config), "compare", feed, "--no-recordings")}


def _command(*arguments: str) -> dict[str, Any]:
    stdout = io.StringIO()
    with redirect_stdout(stdout), redirect_stderr(io.StringIO()):
        publish([*arguments, "--json"])
    document: dict[str, Any] = json.loads(stdout.getvalue())
    return document


def verdict(document: dict[str, Any]) -> str:
    """`identical`, or why not; `kept` where guids, dates and order are, and some apps make an identity of their own of what is missing."""
    if "error" in document:
        words = [f"{row['code']}: {row['message']}" for row in document.get("findings", []) if row["severity"] == "error"]
        return f"stopped: {document['error']['message']} {'; '.join(words[:3])}"
    rows = [row for row in document["findings"] if row["episode"] and row["what"] in (*KEPT, "new", "twice", "lost")]
    if not rows:
        return "identical"
    apps = ", ".join(app["name"] for app in document["apps"] if app["twice"] or app["missing"])
    nameless = {row["episode"] for row in rows if row["what"] == "guid" and not row["old"] and row["new"] == row["episode"]}
    completed = {row["episode"] for row in rows if row["what"] == "twice" and row["old"] == row["new"]} - nameless
    if {row["episode"] for row in rows} <= nameless | completed and all(row["what"] in ("guid", "twice") for row in rows):
        why = [f"{len(nameless)} without a guid"] if nameless else []
        why += [f"{len(completed)} whose guid they complete or trim"] if completed else []
        return f"kept, but comes twice in {apps}: {', '.join(why)}"
    differs = Counter(row["what"] for row in rows)
    undated = sum("the feed gives it no date" in line for line in document["account"])
    if undated and set(differs) == {"lost"} and differs["lost"] <= undated:
        return f"{differs['lost']} lost: the feed gives them no date, so they are drafts"
    return f"{', '.join(f'{count} {what}' for what, count in differs.items())}{f' ({apps})' if apps else ''}"


def try_moves(folder: Path) -> None:
    """Move each show, and print what a subscriber would see."""
    verdicts = []
    with old_host() as (address, documents):
        for path, data in feeds_in(folder):
            begun = time.monotonic()
            document = moved(data, address, documents)
            verdicts.append(verdict(document))
            count = document.get("episodes", "-")
            print(f"{path.relative_to(folder)}: {count} episodes, {time.monotonic() - begun:.1f} s: {verdicts[-1][:600]}", flush=True)
    kept = sum(verdict.startswith("kept") for verdict in verdicts)
    print(
        f"\n{verdicts.count('identical')} of {len(verdicts)} keep guid, date and order of every episode in every app; {kept} more in most apps"
    )


def main() -> int:
    """Print the table; 2 where no folder was given."""
    arguments = [argument for argument in sys.argv[1:] if argument != "--move"]
    if len(arguments) != 1 or not Path(arguments[0]).is_dir():
        print("usage: python tools/try_feeds.py [--move] FOLDER", file=sys.stderr)
        return 2
    if "--move" in sys.argv:
        try_moves(Path(arguments[0]))
        return 0
    number, feeds, errors, first = tried(Path(arguments[0]))
    print(f"{number} feeds with an enclosure\n\nrule   feeds   errors   source; the first")
    for code, count in sorted(feeds.items(), key=lambda row: (-row[1], row[0])):
        rule = find_rule(code)
        print(f"{code:6}{count:6}{errors[code]:9}   {rule.source if rule else '-'}; {first[code]}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
