"""Traffic whose downloads are known, since it is put together of listeners, and the logs of it as each service writes them.

Each scene is a few requests and how many downloads they are, day by day. Where a form of log tells less, the scene says what is to be counted of
it then (`Blind`): so each form has a truth of its own, which follows from what its service documents.
"""

from __future__ import annotations

import bz2
import datetime as dt
import gzip
import json
import random
from collections import Counter
from dataclasses import dataclass, field, replace
from enum import Flag, auto
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

MONDAY = dt.datetime(2026, 6, 1, tzinfo=dt.UTC)
APPS = (
    "AntennaPod/3.4.0",
    "Overcast/3.0 (+http://overcast.fm/; iOS podcast app)",
    "Pocket Casts",
    "Podcasts/1650.20 CFNetwork/1402.0.8 Darwin/22.2.0",
    "AppleCoreMedia/1.0.0.20G81 (iPhone; U; CPU OS 16_6 like Mac OS X; de_de)",
    "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0",
)
BOTS = ("Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)", "curl/8.5.0", "python-requests/2.32.0")
WATCHES = ("atc/1.0 watchOS/10.1 model/Watch6,1 hwp/t8301 build/21S67 (6; dt:231)", "Podcasts/1650.20 (null)/(null) watchOS/10.1")


class Blind(Flag):
    """What a form of log does not tell."""

    NOTHING = 0
    RANGES = auto()
    """Which bytes were sent: the same ones twice are twice as many."""
    BROKEN_OFF = auto()
    """That a download ended before its end."""
    ADDRESSES = auto()
    """The last part of an IPv4 address: neighbours with the same app are one."""


@dataclass(frozen=True, kw_only=True)
class Asked:
    """A request and its answer."""

    at: dt.datetime
    ip: str
    agent: str
    path: str
    size: int
    method: str = "GET"
    status: int = 200
    sent: int = -1
    first: int | None = None
    last: int | None = None

    @property
    def bytes(self) -> int:
        """What was sent of the body."""
        return self.sent if self.sent >= 0 else self.meant

    @property
    def meant(self) -> int:
        """What the answer's Content-Length says."""
        if self.method == "HEAD" or self.status not in (200, 206):
            return 0
        return self.size if self.first is None or self.last is None else self.last - self.first + 1


@dataclass(frozen=True)
class Scene:
    """Requests, and the downloads that they are: a count for each day, in all forms of log but where `other` says another."""

    asked: list[Asked]
    downloads: dict[dt.date, int]
    other: dict[Blind, dict[dt.date, int]] = field(default_factory=dict)
    slug: str = "long"

    def truth(self, blind: Blind) -> dict[dt.date, int]:
        """What is to be counted by a log that does not tell so much."""
        return next((told for what, told in self.other.items() if what & blind), self.downloads)


@dataclass
class Traffic:
    """A week of a show with the recordings `long` (two minutes and more) and `short` (below one); the same for the same seed."""

    paths: dict[str, str]
    sizes: dict[str, int]
    seed: int = 1
    listeners: int = 12
    scenes: list[Scene] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._draw = random.Random(self.seed)  # noqa: S311  # the same each time
        self._networks = 0
        for make in SCENES:
            for _ in range(self.listeners if make in (_whole, _in_parts) else 1):
                self.scenes.append(make(self))

    def truth(self, blind: Blind = Blind.NOTHING) -> dict[tuple[str, str], int]:
        """Downloads by day and slug, in rolling windows."""
        sums: Counter[tuple[str, str]] = Counter()
        for scene in self.scenes:
            sums.update({(day.isoformat(), scene.slug): number for day, number in scene.truth(blind).items() if number})
        return dict(sums)

    def asked(self) -> list[Asked]:
        """All requests, in the order of time."""
        return sorted((one for scene in self.scenes for one in scene.asked), key=lambda one: (one.at, one.ip, one.agent, one.first or 0))

    def network(self) -> str:
        """The first three parts of IPv4 addresses that nobody else has."""
        self._networks += 1
        return f"198.{18 + self._networks // 250}.{self._networks % 250}"

    def moment(self, day: int = -1) -> dt.datetime:
        """A moment of the week, late enough for what comes an hour later to be of the same day."""
        day = self._draw.randrange(6) if day < 0 else day
        return MONDAY + dt.timedelta(days=day, seconds=self._draw.randrange(20 * 3600))

    def app(self) -> str:
        """An app that is counted."""
        return self._draw.choice(APPS)

    def request(self, slug: str = "long", **other: object) -> Asked:
        """A request for the whole recording, but for what is said."""
        said = {"at": self.moment(), "ip": f"{self.network()}.7", "agent": self.app(), "path": self.paths[slug], "size": self.sizes[slug]}
        return Asked(**{**said, **other})  # type: ignore[arg-type]


def part(one: Asked, begins: float, ends: float, seconds: float = 0) -> Asked:
    """The same listener asking for a range, in parts of the whole."""
    first, last = int(one.size * begins), int(one.size * ends) - 1
    return replace(one, status=206, first=first, last=last, at=one.at + dt.timedelta(seconds=seconds))


def _whole(week: Traffic) -> Scene:
    one = week.request()
    return Scene([one], {one.at.date(): 1})


def _whole_short(week: Traffic) -> Scene:
    """Below a minute, the whole file counts."""
    one = week.request("short")
    return Scene([one], {one.at.date(): 1}, slug="short")


def _in_parts(week: Traffic) -> Scene:
    """An app that looks whether ranges are served, and then fetches piece by piece; its last answer overlaps the one before."""
    one = week.request()
    look = replace(one, status=206, first=0, last=1)
    pieces = [part(one, number / 10, (number + 1) / 10, 1 + number) for number in range(9)]
    return Scene([look, *pieces, part(one, 0.85, 1, 12)], {one.at.date(): 1})


def _looks_only(week: Traffic) -> Scene:
    one = week.request()
    return Scene([replace(one, status=206, first=0, last=1)], {})


def _too_little(week: Traffic) -> Scene:
    one = week.request()
    return Scene([part(one, 0, 0.1), part(one, 0.5, 0.6, 30)], {})


def _same_part_again(week: Traffic) -> Scene:
    """Somebody hears the same bit six times: it is no minute, but where ranges are not told its bytes are."""
    one = week.request()
    return Scene([part(one, 0.3, 0.45, number) for number in range(6)], {}, {Blind.RANGES: {one.at.date(): 1}})


def _broken_off(week: Traffic) -> Scene:
    one = week.request()
    return Scene([replace(one, sent=one.size // 20)], {}, {Blind.BROKEN_OFF: {one.at.date(): 1}})


def _broken_off_and_taken_up(week: Traffic) -> Scene:
    one = week.request()
    return Scene([replace(one, sent=one.size // 20), part(one, 0.05, 1, 60)], {one.at.date(): 1})


def _pauses(week: Traffic) -> Scene:
    """Within 24 hours it is the same download, after them another."""
    one = week.request(at=week.moment(day=0))
    later = [replace(one, at=one.at + dt.timedelta(hours=hours)) for hours in (3, 23, 25, 48)]
    return Scene([one, *later], {one.at.date(): 1, later[2].at.date(): 1})


def _over_midnight(week: Traffic) -> Scene:
    """A download belongs to the day it began."""
    late = MONDAY + dt.timedelta(days=2, hours=23, minutes=59, seconds=50)
    one = week.request(at=late)
    return Scene([part(one, 0, 0.5), part(one, 0.5, 1, 60)], {late.date(): 1})


def _household(week: Traffic) -> Scene:
    """One address: four apps are four listeners, three people with the same app are one."""
    ip, at = f"{week.network()}.20", week.moment()
    four = [week.request(ip=ip, at=at + dt.timedelta(seconds=number), agent=APPS[number]) for number in range(4)]
    three = [replace(four[0], at=at + dt.timedelta(minutes=number)) for number in range(1, 4)]
    return Scene([*four, *three], {at.date(): 4})


def _neighbours(week: Traffic) -> Scene:
    """Two addresses of one network with the same app."""
    network, one = week.network(), week.request(at=week.moment())
    return Scene([replace(one, ip=f"{network}.{end}") for end in (1, 2)], {one.at.date(): 2}, {Blind.ADDRESSES: {one.at.date(): 1}})


def _sixth_version(week: Traffic) -> Scene:
    """Two addresses of one household, and one of another."""
    one = week.request(ip="2001:db8:0:7::1")
    return Scene([one, replace(one, ip="2001:db8:0:7:aaaa:bbbb:cccc:dddd"), replace(one, ip="2001:db8:0:8::1")], {one.at.date(): 2})


def _machines(week: Traffic) -> Scene:
    return Scene([week.request(agent=agent) for agent in (*BOTS, *WATCHES, "")], {})


def _nothing_sent(week: Traffic) -> Scene:
    one = week.request()
    looks = [
        replace(one, method="HEAD"),
        replace(one, status=304, sent=0),
        replace(one, status=404, sent=150),
        replace(one, status=416, sent=0),
    ]
    return Scene([*looks, replace(one, method="POST", status=405, sent=150)], {})


def _other_files(week: Traffic) -> Scene:
    return Scene([week.request(path=path) for path in ("/feed.xml", "/", "/media/another-show-00000000.mp3")], {})


SCENES: tuple[Callable[[Traffic], Scene], ...] = (
    _whole, _whole_short, _in_parts, _looks_only, _too_little, _same_part_again, _broken_off, _broken_off_and_taken_up, _pauses,
    _over_midnight, _household, _neighbours, _sixth_version, _machines, _nothing_sent, _other_files,
)  # fmt: skip


@dataclass(frozen=True)
class Service:
    """How a service writes a request, and what it does not tell."""

    line: Callable[[Asked], str | None]
    """The line; None for what it does not log."""
    blind: Blind = Blind.NOTHING
    header: str = ""
    pack: Callable[[bytes], bytes] = bytes
    ending: str = ".log"
    document: bool = False
    """Whether lines are the entries of one JSON document."""


HEADERS = 431
"""Bytes of an answer's headers, where a service counts them."""


def _stamp(one: Asked) -> str:
    return f"{one.at:%d/%b/%Y:%H:%M:%S} +0000"


def _range(one: Asked) -> str:
    return "-" if one.first is None else f"bytes={one.first}-{one.last}"


def combined(one: Asked) -> str:
    """nginx and Apache."""
    return f'{one.ip} - - [{_stamp(one)}] "{one.method} {one.path} HTTP/1.1" {one.status} {one.bytes} "-" "{one.agent or "-"}"'


def in_local_time(one: Asked) -> str:
    """Apache with servers' names first, somewhere in India."""
    there = one.at.astimezone(dt.timezone(dt.timedelta(hours=5, minutes=30)))
    return f"a.example:443 {combined(one)}".replace(_stamp(one), f"{there:%d/%b/%Y:%H:%M:%S} +0530")


def s3(one: Asked) -> str:
    """S3's server access log, of a bucket with a prefix."""
    key = f"show{one.path}"
    sent = one.bytes or "-"
    return (
        f'{"79a5" * 16} bucket [{_stamp(one)}] {one.ip} - 3E57427F3EXAMPLE REST.{one.method}.OBJECT {key} "{one.method} /{key} HTTP/1.1" '
        f'{one.status} - {sent} {one.size} 70 10 "-" "{one.agent or "-"}" - s9lzHYrFp76= - TLS_AES_128_GCM_SHA256 - bucket.s3.amazonaws.com TLSv1.3 - -'
    )


CLOUDFRONT = (
    "date", "time", "x-edge-location", "sc-bytes", "c-ip", "cs-method", "cs(Host)", "cs-uri-stem", "sc-status", "cs(Referer)", "cs(User-Agent)",
    "cs-uri-query", "cs(Cookie)", "x-edge-result-type", "x-edge-request-id", "x-host-header", "cs-protocol", "cs-bytes", "time-taken",
    "x-forwarded-for", "ssl-protocol", "ssl-cipher", "x-edge-response-result-type", "cs-protocol-version", "fle-status",
    "fle-encrypted-fields", "c-port", "time-to-first-byte", "x-edge-detailed-result-type", "sc-content-type", "sc-content-len",
    "sc-range-start", "sc-range-end",
)  # fmt: skip
CHOSEN = ("timestamp(ms)", "sc-status", "cs(User-Agent)", "cs-uri-stem", "sc-bytes", "c-ip", "cs-method", "sc-range-start", "sc-range-end")


def _cloudfront(one: Asked) -> dict[str, str]:
    ranged = one.status == 206 and one.first is not None
    return {
        **dict.fromkeys(CLOUDFRONT, "-"),
        "date": f"{one.at:%Y-%m-%d}", "time": f"{one.at:%H:%M:%S}", "timestamp(ms)": f"{one.at.timestamp():.0f}123",
        "x-edge-location": "FRA56-P1", "sc-bytes": str(one.bytes + HEADERS), "c-ip": one.ip, "cs-method": one.method,
        "cs-uri-stem": one.path, "sc-status": str(one.status), "cs(User-Agent)": one.agent.replace("%", "%25").replace(" ", "%20") or "-",
        "sc-content-len": str(one.meant) if one.meant else "-",
        "sc-range-start": str(one.first) if ranged else "-", "sc-range-end": str(one.last) if ranged else "-",
    }  # fmt: skip


def _bunny(one: Asked) -> str:
    masked = one.ip if ":" in one.ip else one.ip.rpartition(".")[0] + ".0"
    url = f"https://a.b-cdn.net{one.path}"
    return (
        f"HIT|{one.status}|{one.at.timestamp():.0f}421|{one.bytes + HEADERS}|390|{masked}|-|{url}|WA|{one.agent or '-'}|322b688bd63fb63f|DE"
    )


def _bunny_json(one: Asked) -> str:
    ranged = one.status == 206 and one.first is not None
    entry = {
        "timestamp": f"{one.at:%Y-%m-%dT%H:%M:%S}.421Z", "pullZoneId": 390, "cacheStatus": "HIT", "statusCode": one.status,
        "bytesSent": one.bytes + HEADERS, "bodyBytesSent": one.bytes, "remoteIp": one.ip, "countryCode": "DE", "path": one.path,
        "userAgent": one.agent or None, "contentRange": f"bytes {one.first}-{one.last}/{one.size}" if ranged else None,
    }  # fmt: skip
    return json.dumps(entry)


def _logpush(one: Asked, *, ranges: bool = True) -> str:
    entry = {
        "ClientIP": one.ip, "ClientRequestMethod": one.method, "ClientRequestURI": one.path, "ClientRequestUserAgent": one.agent,
        "ClientCountry": "de", "EdgeResponseStatus": one.status, "EdgeResponseBytes": one.bytes + HEADERS,
        "EdgeStartTimestamp": int(one.at.timestamp()) * 10**9, "ParentRayID": "00",
    }  # fmt: skip
    return json.dumps(entry | ({"RequestHeaders": {"range": _range(one)} if one.first is not None else {}} if ranges else {}))


def _r2(one: Asked) -> str | None:
    if one.status >= 400 or one.method == "POST":
        return None
    event = {
        "action": "HeadObject" if one.method == "HEAD" else "GetObject", "interface": "Public", "bucket": "bucket",
        "actor": {"type": "service", "id": "public"}, "request": {"method": one.method, "uri": one.path, "bytes": 0},
        "response": {"status": one.status, "bytes": one.meant}, "requestMetadata": {"ip": one.ip, "userAgent": one.agent, "colo": "FRA"},
        "resource": {"type": "object", "key": one.path[1:], "size": one.size},
    }  # fmt: skip
    stamp = int(one.at.timestamp() * 1000)
    return json.dumps({"$metadata": {"timestamp": stamp, "service": "bucket"}, "timestamp": stamp, "dataset": "r2", "source": event})


def _caddy(one: Asked) -> str:
    headers = {"User-Agent": [one.agent]} if one.agent else {}
    if one.first is not None:
        headers["Range"] = [_range(one)]
    entry = {
        "level": "info", "ts": one.at.timestamp() + 0.25, "logger": "http.log.access.log0", "msg": "handled request",
        "request": {"remote_ip": one.ip, "client_ip": one.ip, "proto": "HTTP/2.0", "method": one.method, "uri": one.path, "headers": headers},
        "duration": 0.04, "size": one.bytes, "status": one.status, "resp_headers": {"Server": ["Caddy"]},
    }  # fmt: skip
    return json.dumps(entry)


def _fastly(one: Asked) -> str:
    from publisher.bucket.log_steps import FASTLY_FIELDS

    said = {
        "time": f"{one.at:%Y-%m-%dT%H:%M:%SZ}", "ip": one.ip, "agent": one.agent, "method": one.method, "url": one.path,
        "status": one.status, "bytes": one.bytes, "range": "" if one.first is None else _range(one), "country": "DE", "edge": True,
    }  # fmt: skip
    return json.dumps({name: said[name] for name in FASTLY_FIELDS})


def zstd(data: bytes) -> bytes:
    """Packed by zstd."""
    import sys
    from importlib import import_module

    return import_module("compression.zstd" if sys.version_info >= (3, 14) else "backports.zstd").compress(data)


def _parquet(data: bytes) -> bytes:
    """Lines of JSON as a Parquet file with CloudFront's names of columns."""
    import tempfile
    from pathlib import Path

    import duckdb

    rows = [json.loads(line) for line in data.splitlines() if line.startswith(b"{")]
    names = {name: name.lower().replace("(", "_").replace(")", "").replace("-", "_") for name in CLOUDFRONT}
    with tempfile.TemporaryDirectory() as folder:
        lines = Path(folder, "rows.json")
        lines.write_text("".join(json.dumps({names[name]: row[name] for name in CLOUDFRONT}) + "\n" for row in rows), "utf-8")
        made = Path(folder, "a.parquet")
        duckdb.read_json(str(lines), columns=dict.fromkeys(names.values(), "VARCHAR")).write_parquet(str(made))
        return made.read_bytes()


ADDED = Blind.RANGES
SERVICES: dict[str, Service] = {
    "nginx": Service(lambda one: f'{combined(one)} "{_range(one)}"'),
    "nginx without ranges": Service(combined, ADDED, pack=gzip.compress, ending=".log.gz"),
    "apache": Service(lambda one: f'{in_local_time(one)} "{_range(one)}"', pack=bz2.compress),
    "caddy": Service(_caddy, pack=gzip.compress, ending=".log.gz"),
    "s3": Service(s3, ADDED, ending=""),
    "cloudfront": Service(
        lambda one: "\t".join(_cloudfront(one)[name] for name in CLOUDFRONT),
        header=f"#Version: 1.0\n#Fields: {' '.join(CLOUDFRONT)}\n",
        pack=gzip.compress,
        ending=".gz",
    ),
    "cloudfront, chosen fields": Service(
        lambda one: " ".join(_cloudfront(one)[name] for name in CHOSEN), header=f"#Version: 1.0\n#Fields: {' '.join(CHOSEN)}\n"
    ),
    "cloudfront-json": Service(lambda one: json.dumps(_cloudfront(one)), pack=gzip.compress, ending=".gz"),
    "cloudfront, parquet": Service(lambda one: json.dumps(_cloudfront(one)), pack=_parquet, ending=".parquet"),
    "r2": Service(_r2, ADDED | Blind.BROKEN_OFF, ending=".json"),
    "r2, a document": Service(_r2, ADDED | Blind.BROKEN_OFF, ending=".json", document=True),
    "bunny": Service(_bunny, ADDED | Blind.ADDRESSES),
    "bunny-json": Service(_bunny_json, document=True, ending=".json"),
    "fastly": Service(_fastly, pack=zstd, ending=".log.zst"),
    "logpush": Service(_logpush, pack=gzip.compress, ending=".log.gz"),
    "logpush without ranges": Service(lambda one: _logpush(one, ranges=False), ADDED),
}
"""By a name that begins with the form's, each in what it is commonly packed in."""

STRANGE = ("", "Lorem ipsum dolor sit amet", '{"a": ', "\ufffd\ufffd\t|||||", "'; DROP TABLE lines; --", "x" * 70_000)
"""Lines that no form reads; the first is no line at all."""


def write_logs(traffic: Traffic, service: Service, folder: Path, *, files: int = 5, seed: int = 1) -> int:
    """The logs of the traffic in several files: some lines late (in the file after theirs), some doubled, all in a rough order only, and
    strange lines among them. How many of those there are that cannot be read.
    """
    folder.mkdir(parents=True, exist_ok=True)
    lines = [line for one in traffic.asked() if (line := service.line(one)) is not None]
    draw = random.Random(seed)  # noqa: S311  # the same each time
    cut: list[list[str]] = [[] for _ in range(files)]
    for number, line in enumerate(lines):
        place = number * files // len(lines)
        late = draw.random() < 0.1
        cut[min(place + late, files - 1)].append(line)
        if draw.random() < 0.1:
            cut[draw.randrange(files)].append(line)
    strange = 0
    for number, part_of in enumerate(cut):
        rough = sorted(part_of, key=lambda line: part_of.index(line) + draw.uniform(-3, 3))
        odd = [] if service.document or service.pack is _parquet else STRANGE
        strange += sum(bool(line.strip()) for line in odd)
        (folder / f"{number:02}{service.ending}").write_bytes(service.pack(b"".join(_encoded(service, [*rough, *odd]))))
    return strange


def _encoded(service: Service, lines: list[str]) -> Iterator[bytes]:
    if service.document:
        entries = [json.loads(line) for line in lines]
        wrapped = (
            {"result": {"events": {"events": entries}}, "success": True} if "source" in entries[0] else {"data": entries, "pagination": {}}
        )
        yield json.dumps(wrapped, indent=1).encode()
        return
    yield service.header.encode()
    yield from (f"{line}\n".encode() for line in lines)
