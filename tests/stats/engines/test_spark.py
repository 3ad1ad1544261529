"""The count on Spark is the count on DuckDB, number for number: every form of log, and every window."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from contextlib import closing
from dataclasses import replace

import pytest

from publisher.stats.agents.known_agents import classify
from publisher.stats.agents.networks import listed, ranges
from publisher.stats.blocks import first_lines
from publisher.stats.engines.duckdb_engine import DuckCount
from publisher.stats.engines.spark_engine import SparkCount, spark_session
from publisher.stats.forms.known import forms_of
from tests.support import ROOT
from tests.support.log_traffic import MONDAY, SERVICES, Asked, Traffic, combined, write_logs
from tests.support.needs import needs

pytestmark = needs("spark", "java")
QUICK = {
    "spark.sql.shuffle.partitions": "2",
    "spark.sql.codegen.wholeStage": "false",
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
def both(all_logs, tmp_path_factory):
    """The logs read by both engines."""
    logs, recordings, _ = all_logs
    centres, included = list(ranges(listed(("203.0.113.0/24", "2001:db8:ffff::/48")))), list(ranges(listed(("192.0.2.2",))))
    with closing(DuckCount(tmp_path_factory.mktemp("duck"))) as duck, spark_session(tmp_path_factory.mktemp("java"), QUICK) as session:
        duck.know(recordings, most=MOST)
        duck.countries(country_of)
        duck.networks("networks", centres)
        duck.networks("included", included)
        for path, form in logs:
            duck.read(path.name, path, form, classify)
        known = {"recordings": recordings, "networks": centres, "included": included}
        spark = SparkCount(session, tmp_path_factory.mktemp("spark"), known, most=MOST)
        for path, form in logs:
            spark.take(path, form)
        spark.read(classify, country_of)
        yield duck, spark


@pytest.mark.parametrize("window", ["rolling", "calendar", "extending"])
def test_both_engines_count_the_same_in_each_window_whatever_the_form_of_log(both, all_logs, window):
    duck, spark = both
    duck.count(window)
    found = spark.count(window)
    assert found.sums == tuple(duck.downloads())
    assert found.left_out == duck.left_out()
    assert found.lines == duck.lines == sum(found.left_out.values()) + sum(row[-1] for row in found.sums)
    assert (found.left_out["data-centre"], found.left_out["unrealistic"]) == (MOST + 1, MOST + 1)
    assert {row[4] for row in found.sums} >= {"", "DE"}
    if window == "rolling":
        counted = Counter()
        for day, slug, _, _, _, downloads in found.sums:
            counted[day.isoformat(), slug] += downloads
        assert counted == all_logs[2]


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
