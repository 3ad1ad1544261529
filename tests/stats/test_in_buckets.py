"""Logs in one bucket, the show and its numbers in another: from several machines, at once, and when the logs are gone."""

from __future__ import annotations

import gzip
import subprocess
import sys

import pytest

from publisher.core.errors import Exit
from tests.stats.logged_show import LATER, LoggedShow, at
from tests.support import ROOT
from tests.support.show_factory import long_recording, make_show

NOW = ("--now", LATER)


@pytest.fixture
def logs(s3_server, bucket):  # the bucket's fixture sets the keys
    name = s3_server.make_bucket()
    yield name
    s3_server.drop_bucket(name)


@pytest.fixture
def far(tmp_path, s3_server, bucket, logs):
    """A published show in a bucket, whose logs go into another one."""
    show = make_show(tmp_path / "far")
    show.configure('url = "public"', f'url = "s3://{bucket}/show"\nendpoint = "{s3_server.endpoint}"\nprovider = "{s3_server.provider}"')
    show.write("config.toml", show.config.read_text("utf-8") + f'\n[stats]\nlogs = "s3://{logs}/cdn/"\n')
    show.episode("2026-05-01-long", audio=long_recording(120))
    assert show.publish("--yes").status == Exit.OK
    keys = [item["Key"] for item in s3_server.client().list_objects_v2(Bucket=bucket, Prefix="show/media/")["Contents"]]
    return LoggedShow(show, {"long": f"/{keys[0]}"}, {"long": len(long_recording(120)) * 2})


def put(s3_server, bucket, name, *lines):
    s3_server.client().put_object(Bucket=bucket, Key=f"cdn/{name}", Body=gzip.compress("".join(lines).encode()))


def held(s3_server, bucket):
    found = s3_server.client().list_objects_v2(Bucket=bucket, Prefix="show/.airdate/stats/").get("Contents", [])
    return sorted(item["Key"].rpartition("/")[2] for item in found)


def test_any_machine_goes_on_and_numbers_outlive_their_logs(far, s3_server, bucket, logs, tmp_path):
    put(s3_server, logs, "1.gz", *(far.line(at(hours=hour), ip=f"203.0.113.{hour}") for hour in range(1, 6)))
    pulled = far.show.run("stats", "pull", "--json", *NOW)
    assert pulled.status == Exit.OK, pulled.stderr
    assert pulled.document["read"] == ["1.gz"]
    other = LoggedShow(far.show.copy(tmp_path / "other"), far.paths, far.sizes)
    s3_server.client().delete_object(Bucket=logs, Key="cdn/1.gz")
    put(s3_server, logs, "2.gz", far.line(at(days=5)))
    assert {row["date"]: row["downloads"] for row in other.stats()["days"]} == {"2026-06-01": 5, "2026-06-06": 1}
    s3_server.client().delete_object(Bucket=logs, Key="cdn/2.gz")
    told = far.show.run("stats", "--json", *NOW)
    assert told.document["downloads"] == 6
    assert "the numbers are those that were kept" in told.stderr
    assert held(s3_server, bucket) == ["2026-06-logs.parquet", "open-logs.zip", "probe"]


def test_two_commands_at_once_count_once(far, s3_server, logs):
    for number in range(4):
        put(s3_server, logs, f"{number}.gz", *(far.line(at(days=number, hours=hour), ip=f"203.0.113.{hour}") for hour in range(5)))
    call = [sys.executable, "-m", "publisher.cli", "--config", str(far.show.config), *NOW, "stats", "--json"]
    runs = [subprocess.Popen(call, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) for _ in range(2)]
    for run in runs:
        _, said = run.communicate(timeout=120)
        assert run.returncode == Exit.OK, said
    assert far.stats()["downloads"] == 20


def test_what_answers_to_anybody_is_refused(far, s3_server, bucket, logs):
    put(s3_server, logs, "1.gz", far.line(at()))
    public = s3_server.make_bucket(public=True)
    far.show.configure(f"s3://{bucket}/show", f"s3://{public}/show")
    for arguments in (["stats"], ["stats", "pull"], ["stats", "2026-06", "--json"]):
        outcome = far.show.run(*arguments, *NOW)
        assert outcome.status == Exit.REFUSED, outcome.stderr
        assert "publish explain refused-readable" in outcome.stderr or '"refused-readable"' in outcome.stdout
    assert held(s3_server, public) == ["probe"]
    far.show.configure("[site]", "[site]")
    far.show.configure(f's3://{public}/show"', f's3://{public}/show"\nprivate = "s3://{bucket}/private"')
    assert far.show.run("stats", *NOW).status == Exit.OK
    s3_server.drop_bucket(public)
