"""The count on Spark is the count on DuckDB, number for number: every form of log, and every window."""

from __future__ import annotations

import bz2
import gzip
import lzma
import shutil
import subprocess
import sys
from collections import Counter
from contextlib import closing, contextmanager
from dataclasses import replace

import duckdb
import pytest

from publisher.core.errors import Exit
from publisher.core.layout import stats_month
from publisher.stats.agents.known_agents import classify
from publisher.stats.agents.networks import listed, ranges
from publisher.stats.blocks import first_lines
from publisher.stats.engines import spark_counts
from publisher.stats.engines.duckdb_engine import DuckCount
from publisher.stats.engines.spark_counts import SparkCount
from publisher.stats.engines.spark_engine import reads_s3, spark_session
from publisher.stats.forms.known import forms_of
from publisher.stats.kept.one_run import keep
from publisher.stats.sources import BucketLogs
from publisher.stores.protocol import Headers
from tests.stats.kept.test_one_run import LATER as LATER_YET
from tests.stats.kept.test_one_run import RECORDINGS, Desk, line
from tests.stats.logged_show import LATER, LoggedShow, at
from tests.support import ROOT
from tests.support.log_traffic import APPS, BOTS, MONDAY, SERVICES, WATCHES, Asked, Traffic, combined, write_logs, zstd
from tests.support.memory_store import MemoryStore
from tests.support.needs import needs
from tests.support.show_factory import Show

pytestmark = needs("spark", "java")
QUICK = {
    "spark.sql.shuffle.partitions": "2",
    "spark.sql.codegen.wholeStage": "false",
    "spark.sql.codegen.factoryMode": "NO_CODEGEN",
    "spark.sql.adaptive.enabled": "false",
    "spark.driver.extraJavaOptions": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC",
}
"""For a handful of lines, code that is compiled for each query costs more than it saves."""
MOST = 30
SIZES = {"long": 1_900_000, "short": 300_000}
MINUTE = 900_000


@pytest.fixture(scope="module")
def all_logs(tmp_path_factory):
    """The same week from every service, each about recordings of its own, and a day of a program and of a data centre: paths of logs with
    their forms, recordings, and the truth.
    """
    folder, logs, recordings, truth = tmp_path_factory.mktemp("logs"), [], [], Counter()
    for number, (name, service) in enumerate(SERVICES.items()):
        paths = {slug: f"/media/{slug}-{number:08}.mp3" for slug in SIZES}
        traffic = Traffic(paths, SIZES, seed=number, listeners=4)
        write_logs(traffic, service, folder / str(number), files=1, seed=number)
        logs += (folder / str(number)).iterdir()
        for slug, size in SIZES.items():
            recordings.append((paths[slug][1:], f"{name}, {slug}", size, 1000, MINUTE, 120.0 if slug == "long" else 20.0))
        truth.update({(day, f"{name}, {slug}"): number for (day, slug), number in traffic.truth(service.blind).items()})
    crowd = Asked(at=MONDAY, ip="192.0.2.1", agent="", path="/media/crowd-00000000.mp3", size=9000)
    many = [replace(crowd, agent=f"App/{number}", ip=ip) for number in range(MOST + 1) for ip in ("192.0.2.1", "192.0.2.2", "203.0.113.9")]
    (folder / "crowd.log").write_text("".join(f"{combined(one)}\n" for one in many))
    recordings.append(("media/crowd-00000000.mp3", "crowd", 9000, 0, 0, 20.0))
    truth["2026-06-01", "crowd"] = MOST + 1  # of the address that is included
    paths = [*logs, folder / "crowd.log"]
    forms = {path: forms_of({path.name: first_lines(path)}) for path in paths}
    return [(path, forms[path][path.name]) for path in paths], recordings, truth


def country_of(address):
    """Of some of them it is known."""
    return "DE" if address.endswith(("7", "0")) else ""


@pytest.fixture(scope="module")
def session(tmp_path_factory):
    """Spark, started once for all of these tests."""
    with spark_session(tmp_path_factory.mktemp("java"), QUICK) as session:
        yield session


@pytest.fixture(scope="module")
def both(all_logs, session, tmp_path_factory):
    """The logs read by both engines, and what is said of it."""
    logs, recordings, _ = all_logs
    centres, included = list(ranges(listed(("203.0.113.0/24", "2001:db8:ffff::/48")))), list(ranges(listed(("192.0.2.2",))))
    said = []
    duck = DuckCount(tmp_path_factory.mktemp("duck"))
    spark = SparkCount(tmp_path_factory.mktemp("spark"), lambda: session, said.append, many=0)
    with closing(duck), closing(spark):
        for count in (duck, spark):
            count.know(recordings, most=MOST)
            count.countries(country_of)
            count.networks("networks", centres)
            count.networks("included", included)
            for path, form in logs:
                count.read(path.name, path, form, classify, plain=True)
        yield duck, spark, said


@pytest.mark.parametrize("window", ["rolling", "calendar", "extending"])
def test_both_engines_count_the_same_in_each_window_whatever_the_form_of_log(both, all_logs, window):
    duck, spark, _ = both
    duck.count(window)
    spark.count(window)
    sums, left_out = list(spark.downloads()), spark.left_out()
    assert sums == list(duck.downloads())
    assert left_out == duck.left_out()
    assert spark.lines == duck.lines == sum(left_out.values()) + sum(row[-1] for row in sums)
    assert (left_out["data-centre"], left_out["unrealistic"]) == (MOST + 1, MOST + 1)
    assert {row[4] for row in sums} >= {"", "DE"}
    if window == "rolling":
        counted = Counter()
        for day, slug, _, _, _, downloads in sums:
            counted[day.isoformat(), slug] += downloads
        assert counted == all_logs[2]


KEPT_IN = "airdate-private/airdate-state/stats"
"""Where the numbers of a show lie whose storage is a folder."""


def _bytes(lines):
    return "".join(lines).encode("utf-8", "surrogateescape")


def kept_months(show):
    """The rows of the months, as they lie on the private side."""
    columns = 'guid, day, slug, app, device, country, downloads, "window"'
    files = sorted((show.show.folder / KEPT_IN).glob("*.parquet"))
    found = {file.name: duckdb.read_parquet(str(file)).select(columns).order("ALL").fetchall() for file in files}
    assert found
    return found


class SparkDesk(Desk):
    """A desk whose logs lie in a bucket, and whose engine is Spark."""

    def __init__(self, folder, source, session, said):
        super().__init__(folder)
        self.source, self.session, self.said = source, session, said

    def keeper(self, now=LATER_YET, store=None):
        def counting(folder, salt):
            count = SparkCount(folder, lambda: self.session, self.said.append, many=0)
            count.know(RECORDINGS, most=500, salt=salt)
            return count

        return replace(super().keeper(now, store), source=self.source, counting=counting)


def _mounted_as_s3(session, folder):
    """What Hadoop reads at s3a://logs/cdn is a folder: its own view of file systems stands for hadoop-aws, which no package here has."""
    hadoop = session.sparkContext._jsc.hadoopConfiguration()
    hadoop.set("fs.s3a.impl", "org.apache.hadoop.fs.viewfs.ViewFileSystemOverloadScheme")
    hadoop.set("fs.viewfs.overload.scheme.target.file.impl", "org.apache.hadoop.fs.LocalFileSystem")
    hadoop.set("fs.viewfs.mounttable.logs.link./cdn", f"file://{folder}")


@pytest.fixture
def at_hand(session, monkeypatch):
    """The command finds Spark started, and has it count whatever there is."""
    monkeypatch.setattr(spark_counts, "spark_session", contextmanager(lambda folder: iter([session])))
    monkeypatch.setattr(spark_counts, "MUCH", 0)


def test_a_show_goes_from_duckdb_to_spark_and_back_and_has_the_numbers_of_one_count(logged, at_hand, tmp_path):
    shutil.copytree(logged.show.folder, tmp_path / "alone")
    alone = LoggedShow(Show(tmp_path / "alone"), logged.paths, logged.sizes)
    lines = [logged.line(at(hours=hour), ["long", "short"][hour % 2], ip=f"203.0.113.{hour % 5}") for hour in range(0, 130, 7)]
    odd = [line.replace("AntennaPod", agent) for line, agent in zip(lines[8:], ("Caf\udce9", "A\x01B", "Ö", "App"), strict=False)]
    parts = {
        "access.log": "".join(lines[:6]),
        "access.log.2.gz": gzip.compress(_bytes(lines[6:12])) + gzip.compress(_bytes(odd)),
        "access.log.3.bz2": bz2.compress(_bytes(lines[12:15]).replace(b"\n", b"\r\n")),
        "access.log.4.zst": zstd(_bytes([*lines[15:], *lines[:2], "no line of a log\n"])),
        "access.log.5.xz": lzma.compress(_bytes(lines[18:])),
        "access.log.6.gz": gzip.compress(_bytes(lines[3:5])) + bytes(512),
    }
    logged.show.write("logs/access.log", parts["access.log"])
    first = logged.show.run("stats", "pull", "--json", now="2026-06-02T12:00:00+00:00")
    assert (first.status, first.document["read"]) == (Exit.OK, ["logs/access.log"]), first.stderr
    for name, part in parts.items():
        for show in (logged.show, alone.show):
            show.write(f"logs/{name}", part)
    logged.show.write("logs/access.log", parts["access.log"] + lines[6])
    alone.show.write("logs/access.log", parts["access.log"] + lines[6])
    counted = logged.show.run("stats", "--engine", "spark", "--json", now=LATER)
    assert counted.status == Exit.OK, counted.stderr
    assert (
        "are unpacked on this machine first: logs/access.log (its other lines are counted already), logs/access.log.5.xz" in counted.stderr
    )
    assert "Spark cannot read the logs as they lie" in counted.stderr  # zeros after the end of what is packed
    assert counted.document == alone.stats()
    assert counted.document["unread"] == 1
    assert kept_months(logged) == kept_months(alone)
    for engine in ("duckdb", "spark"):
        again = logged.show.run("stats", "pull", "--engine", engine, "--json", now=LATER)
        assert (again.status, again.document["read"]) == (Exit.OK, []), again.stderr
    late = [logged.line(at(days=1, hours=hour), ip="198.51.100.9") for hour in (1, 30)]
    for show in (logged.show, alone.show):
        show.write("logs/late.log", "".join(late))
    found = logged.show.run("stats", "--engine", "spark", "--json", now=LATER).document
    assert found == alone.stats() != counted.document
    assert kept_months(logged) == kept_months(alone)


def test_logs_in_a_bucket_are_read_by_s3a_where_spark_has_it(session, tmp_path, monkeypatch):
    lines = [line(minutes, who=minutes % 7 + 1) for minutes in range(0, 4000, 230)]
    truth = Desk(tmp_path / "truth")
    truth.log("all", *lines)
    store, there, said = MemoryStore(), tmp_path / "objects", []
    there.mkdir()
    for name, body in {
        "a b.gz": gzip.compress(_bytes(lines[:9])),
        "c.log": _bytes(lines[9:14]),
        "d.xz": lzma.compress(_bytes(lines[14:])),
    }.items():
        store.put(name, body, Headers(content_type="text/plain", cache_control=""))
        (there / name).write_bytes(body)
    source = BucketLogs(store, "logs/cdn", "", "s3://logs/cdn")
    assert not reads_s3(session)
    with closing(SparkCount(there, lambda: session, said.append, many=0)) as count:
        assert not count.reads_there("s3a://logs/cdn/c.log")
    assert "has nothing that reads s3a:// (hadoop-aws)" in said[0]
    desk = SparkDesk(tmp_path / "desk", source, session, said)
    _mounted_as_s3(session, there)
    assert reads_s3(session)
    fetched = []
    monkeypatch.setattr(store, "fetch", lambda key, path, fetch=store.fetch: fetched.append(key) or fetch(key, path))
    kept = desk.run()
    assert set(fetched) == {"a b.gz", "d.xz"}  # the first to tell the form, the other since Spark does not unpack it
    assert kept.sums == truth.run().sums
    assert kept.read == ("a b.gz", "c.log", "d.xz")
    again = replace(desk.keeper(), counting=truth.keeper().counting)
    assert (keep(again).read, keep(again).sums) == ((), kept.sums)


def test_a_session_that_is_given_the_printed_text_alone_ends_with_the_numbers_and_with_months_that_are_read(logged, session, tmp_path):
    alone = LoggedShow(shutil.copytree(logged.show.folder, tmp_path / "alone") and Show(tmp_path / "alone"), logged.paths, logged.sizes)
    paths = {slug: logged.paths[slug] for slug in logged.sizes}
    write_logs(Traffic(paths, logged.sizes, seed=5, listeners=6), SERVICES["nginx"], alone.show.folder / "logs", files=3, seed=5)
    logs = tmp_path / "logs"
    logs.mkdir()
    for number, log in enumerate(sorted((alone.show.folder / "logs").iterdir())):
        packed = (bytes, gzip.compress, bz2.compress)[number](log.read_bytes().replace(b"\n", b"\r\n" if number else b"\n"))
        (logs / f"{number}.log{('', '.gz', '.bz2')[number]}").write_bytes(packed)
    expected = alone.stats()
    agents = tmp_path / "agents.txt"
    agents.write_text("\n".join((*APPS, *BOTS, *WATCHES)))
    options = ("--logs", f"{logs}/*", "--months", str(tmp_path / "months"), "--form", "nginx", "--agents", str(agents))
    printed = logged.show.run("stats", "sql", "--for", "spark", *options, "--json")
    assert printed.status == Exit.OK, printed.stderr
    own, rows = session.newSession(), []
    own.sql("CREATE SCHEMA printed")
    own.sql("USE printed")
    for statement in printed.document["statements"]:
        found = own.sql(statement)
        if "AS agent FROM requests" in " ".join(statement.split()):
            assert found.collect() == []
    rows = found.collect()
    own.sql("DROP SCHEMA printed CASCADE")
    days = Counter()
    for row in rows:
        days[row["day"].isoformat(), row["slug"]] += row["downloads"]
    assert days == {(row["date"], row["slug"]): row["downloads"] for row in expected["days"]}
    for file in (tmp_path / "months").glob("month=*/*.parquet"):
        target = logged.show.folder / KEPT_IN / stats_month(file.parent.name.removeprefix("month="), "logs").rpartition("/")[2]
        target.parent.mkdir(parents=True, exist_ok=True)
        assert not target.exists()
        shutil.copy(file, target)
    told = logged.show.run("stats", "--json", now=LATER)
    assert told.status == Exit.OK, told.stderr
    assert [told.document[name] for name in ("episodes", "days", "apps")] == [expected[name] for name in ("episodes", "days", "apps")]
    assert kept_months(logged) == kept_months(alone)


def test_without_java_it_is_said_what_to_install(tmp_path):
    program = "from pathlib import Path; from publisher.stats.engines.spark_engine import spark_session as s; s(Path(%r)).__enter__()"
    done = subprocess.run(
        [sys.executable, "-c", program % str(tmp_path)],
        cwd=ROOT,
        env={"JAVA_HOME": "/nowhere"},
        check=False,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert "UsageError: Spark does not start" in done.stderr
