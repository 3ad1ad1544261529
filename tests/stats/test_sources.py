from __future__ import annotations

import os

import pytest

from publisher.core.console import Console
from publisher.core.errors import StorageError, UsageError
from publisher.load.config_reader import read_config
from publisher.stats import sources
from publisher.stats.sources import FoundLog, in_steps, log_source
from publisher.workspace import Workspace
from tests.support.show_factory import make_show


@pytest.fixture
def show(tmp_path):
    return make_show(tmp_path / "show")


def source_of(show, logs, storage=""):
    text = show.config.read_text("utf-8").partition("\n[stats]")[0].replace('url = "public"', f'url = "public"\n{storage}')
    show.write("config.toml", f'{text}\n[stats]\nlogs = "{logs}"\n')
    return log_source(Workspace(read_config(show.config), Console()))


def held(source, folder):
    return {log.name: path.read_bytes() for log, path in source.taken(source.found(), folder)}


def test_a_pattern_names_files_from_the_show_on(show, tmp_path):
    show.write("logs/b.log", "b")
    show.write("logs/a.log", "a")
    show.write("logs/deeper/c.log", "c")
    show.write("elsewhere.log", "e")
    assert held(source_of(show, "logs/*"), tmp_path) == {"logs/a.log": b"a", "logs/b.log": b"b"}
    assert list(held(source_of(show, "logs/**/*.log"), tmp_path)) == ["logs/a.log", "logs/b.log", "logs/deeper/c.log"]
    assert held(source_of(show, f"{tmp_path}/show/elsew*"), tmp_path) == {f"{tmp_path}/show/elsewhere.log": b"e"}


def test_pipes_are_passed_over(show):
    show.write("logs/a.log", "a")
    os.mkfifo(show.folder / "logs" / "access.log")
    assert [log.name for log in source_of(show, "logs/*").found()] == ["logs/a.log"]


@pytest.mark.parametrize("link", ["logs/b.log", "logs"])
def test_a_link_out_of_the_folder_is_no_log_unless_the_pattern_itself_leads_there(show, tmp_path, link):
    """git keeps links, and what cannot be read is shown: a job's environment stood in its own log."""
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "b.log").write_text("SECRET=hunter2\n")
    (show.folder / link).parent.mkdir(exist_ok=True)
    (show.folder / link).symlink_to(outside / "b.log" if link.endswith(".log") else outside)
    with pytest.raises(UsageError) as raised:
        source_of(show, "logs/*").found()
    assert raised.value.code == "stats-logs"
    assert "leads out of the show's folder" in raised.value.message
    for pattern in (f"{outside}/*", "../outside/*"):
        assert list(held(source_of(show, pattern), tmp_path).values()) == [b"SECRET=hunter2\n"]


def test_a_link_that_comes_between_looking_and_reading_is_not_followed_out(show, tmp_path):
    path = show.write("logs/a.log", "a")
    (tmp_path / "secret").write_text("hunter2")
    source = source_of(show, "logs/*")
    found = source.found()
    path.unlink()
    path.symlink_to(tmp_path / "secret")
    with pytest.raises(UsageError):
        list(source.taken(found, tmp_path))


def test_a_link_that_stays_in_the_folder_is_followed(show, tmp_path):
    show.write("kept/a.log", "a")
    (show.folder / "logs").symlink_to("kept")
    assert held(source_of(show, "logs/*"), tmp_path) == {"logs/a.log": b"a"}


def test_a_file_that_may_still_change_has_no_mark(show):
    path = show.write("logs/a.log", "a")
    assert source_of(show, "logs/*").found()[0].mark == ""
    os.utime(path, (1_700_000_000, 1_700_000_000))
    assert source_of(show, "logs/*").found()[0].mark.startswith("1-1700000000")


@pytest.mark.parametrize("logs", ["logs/*", "access.log"])
def test_a_pattern_without_a_file_says_where_it_looked(show, logs):
    with pytest.raises(UsageError) as raised:
        source_of(show, logs).found()
    assert str(show.folder) in raised.value.cause


def test_a_few_at_a_time_and_never_too_many_bytes(monkeypatch):
    monkeypatch.setattr(sources, "AT_ONCE", 3)
    monkeypatch.setattr(sources, "BYTES_AT_ONCE", 100)
    logs = [FoundLog(str(number), "", size) for number, size in enumerate([1, 1, 1, 1, 98, 2, 500, 1])]
    assert [[log.size for log in step] for step in in_steps(logs)] == [[1, 1, 1], [1, 98], [2], [500], [1]]


@pytest.fixture
def in_bucket(show, s3_server, bucket):
    for name in ("logs/2026/b.log", "logs/a.log", "logs/a.log.gz", "logs-of-others/c.log", "media/d.mp3", "logs/empty"):
        s3_server.client().put_object(Bucket=bucket, Key=name, Body=b"" if name.endswith("empty") else name.encode())
    return lambda pattern: source_of(
        show, f"s3://{bucket}/{pattern}", f'endpoint = "{s3_server.endpoint}"\nprovider = "{s3_server.provider}"'
    )


@pytest.mark.parametrize(
    ("pattern", "names"),
    {
        "logs": ["2026/b.log", "a.log", "a.log.gz"],
        "logs/": ["2026/b.log", "a.log", "a.log.gz"],
        "logs/*.log": ["2026/b.log", "a.log"],
        "logs/2026/*": ["b.log"],
        "log*.log": ["logs-of-others/c.log", "logs/2026/b.log", "logs/a.log"],
    }.items(),
)
def test_objects_below_a_folder_or_those_a_pattern_names(in_bucket, tmp_path, pattern, names):
    source = in_bucket(pattern)
    found = source.found()
    assert [log.name for log in found] == names
    assert all(log.mark for log in found)
    assert [body.decode().endswith(name) for name, body in held(source, tmp_path / "fetched").items()] == [True] * len(names)
    assert list((tmp_path / "fetched").iterdir()) == []


def test_files_are_taken_away_when_the_next_step_is_fetched_and_when_nobody_asks_on(in_bucket, tmp_path, monkeypatch):
    monkeypatch.setattr(sources, "AT_ONCE", 1)
    source, folder = in_bucket("logs"), tmp_path / "fetched"
    taken = source.taken(source.found(), folder)
    for _ in range(2):
        next(taken)
        assert len(list(folder.iterdir())) == 1
    taken.close()
    assert list(folder.iterdir()) == []


def test_an_object_that_has_gone_since_is_left_out(in_bucket, tmp_path, s3_server, bucket):
    source = in_bucket("logs")
    found = source.found()
    s3_server.client().delete_object(Bucket=bucket, Key="logs/a.log")
    assert [log.name for log, _ in source.taken(found, tmp_path / "fetched")] == ["2026/b.log", "a.log.gz"]


def test_what_is_too_large_is_not_fetched(in_bucket, tmp_path, monkeypatch):
    monkeypatch.setattr(sources, "LARGEST", 5)
    source = in_bucket("logs")
    with pytest.raises(StorageError) as raised:
        list(source.taken(source.found(), tmp_path / "fetched"))
    assert raised.value.code == "stats-log"
