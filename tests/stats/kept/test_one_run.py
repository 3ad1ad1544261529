"""What is counted bit by bit, in any order, on any day, twice or by two at once, is what is counted at once."""

from __future__ import annotations

import datetime as dt
import gzip
import os
import random
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from publisher.core import layout
from publisher.core.errors import StorageError
from publisher.stats.agents.agent import Agent
from publisher.stats.engines.duckdb_engine import DuckCount
from publisher.stats.forms.known import FORMS
from publisher.stats.kept.one_run import Keeper, keep
from publisher.stats.sources import LocalLogs
from tests.support.memory_store import MemoryStore

if TYPE_CHECKING:
    from pathlib import Path

MONDAY = dt.datetime(2026, 6, 1, tzinfo=dt.UTC)
LATER = MONDAY + dt.timedelta(days=100)
SIZE = 2_000_000
RECORDINGS = [(f"media/{slug}-01234567.mp3", slug, SIZE, 0, 1_000_000, 120.0) for slug in ("one", "two")]
FORM = next(form for form in FORMS if form.name in ("combined", "nginx"))


def line(minutes, who=1, slug="one", asked=""):
    at = MONDAY + dt.timedelta(minutes=minutes)
    first, _, last = asked.partition("-")
    sent, status = (int(last) - int(first) + 1, 206) if asked else (SIZE, 200)
    quoted = f"bytes={asked}" if asked else "-"
    path = f"/media/{slug}-01234567.mp3"
    return f'203.0.113.{who} - - [{at:%d/%b/%Y:%H:%M:%S} +0000] "GET {path} HTTP/1.1" {status} {sent} "-" "App/1" "{quoted}"\n'


class Desk:
    """A folder of logs, a store, and runs over them at any time."""

    def __init__(self, folder: Path, window: str = "rolling", store=None):
        self.folder, self.window = folder, window
        self.store = store or MemoryStore()
        self.recordings = RECORDINGS
        folder.mkdir(parents=True, exist_ok=True)

    def log(self, name, *lines, pack=False):
        body = "".join(lines).encode()
        (self.folder / name).write_bytes(gzip.compress(body) if pack else body)

    def keeper(self, now=LATER, store=None):
        def counting(folder, salt):
            count = DuckCount(folder, threads=1)
            count.know(self.recordings, most=500, salt=salt)
            return count

        return Keeper(
            store=store or self.store,
            guid="guid-1",
            window=self.window,
            method=self.window,
            recordings={row[0]: dt.date(2026, 5, 1) for row in self.recordings},
            now=now,
            source=LocalLogs(self.folder, "*"),
            counting=counting,
            classify=lambda agent: Agent(kind="app", app="App", device="phone"),
            form=lambda name, lines, other: FORM if lines else None,
            refuse=lambda forms: None,
        )

    def run(self, now=LATER):
        return keep(self.keeper(now))


def sums(kept):
    return {(row[0].day, row[1]): row[5] for row in kept.sums}


@pytest.fixture
def desk(tmp_path):
    return Desk(tmp_path / "logs")


def test_what_is_counted_stays_when_the_logs_are_gone(desk):
    desk.log("a", line(0), line(60, slug="two"), line(1441))
    first = desk.run()
    assert sums(first) == {(1, "one"): 1, (1, "two"): 1, (2, "one"): 1}
    (desk.folder / "a").unlink()
    desk.log("b", line(5000))
    assert sums(desk.run()) == {**sums(first), (4, "one"): 1}


def test_a_file_that_was_read_is_not_read_again_however_it_is_called_and_packed(desk):
    desk.log("access.log", line(0), line(1), line(3000))
    first = desk.run()
    assert first.read == ("access.log",)
    desk.log("access.log.1.gz", line(0), line(1), line(3000), pack=True)
    (desk.folder / "access.log").unlink()
    again = desk.run()
    assert again.read == ()
    assert (again.sums, again.late) == (first.sums, 0)


def test_a_log_that_grows_is_read_on(desk):
    lines = [line(100 * number, who=number % 3, slug=["one", "two"][number % 2]) for number in range(60)]
    alone = Desk(desk.folder.parent / "alone")
    alone.log("access.log", *lines)
    for end in (10, 11, 30, 60):
        desk.log("access.log", *lines[:end])
        kept = desk.run()
    assert kept.sums == alone.run().sums
    assert [(file.lines, file.unread) for file in kept.files] == [(60, 0)]


def test_a_late_line_of_a_closed_day_is_counted_while_its_logs_are_here(desk):
    desk.log("a", line(1380, asked="0-700000"))
    assert sums(desk.run()) == {}
    desk.log("b", line(1445, asked="700001-1500000"))
    assert sums(desk.run()) == {(1, "one"): 1}


def test_a_late_line_is_left_out_and_said_when_they_are_gone(desk):
    desk.log("a", line(0), line(2000))
    first = desk.run()
    (desk.folder / "a").unlink()
    desk.log("b", line(10, who=2), line(2000, who=2), line(9000))
    kept = desk.run()
    assert kept.late == 2
    assert sums(kept) == {**sums(first), (7, "one"): 1}
    assert {file.name: file.late for file in kept.files} == {"a": 0, "b": 2}
    kept = desk.run()
    assert (kept.late, sum(file.late for file in kept.files)) == (0, 2)  # said as long as they are missing
    desk.log("a", line(0), line(2000))
    desk.window = "calendar"
    kept = desk.run()
    assert sums(kept) == {(1, "one"): 2, (2, "one"): 2, (7, "one"): 1}
    assert [file.late for file in kept.files] == [0, 0]


def test_open_days_are_kept_hashed_and_closed_ones_not_at_all(desk):
    desk.log("a", line(0), line(1500), line(4000))
    desk.run(now=MONDAY + dt.timedelta(days=3, hours=1))
    held = {key: desk.store.read(key).body for key in (item.key for item in desk.store.list(layout.STATS))}
    assert sorted(held) == [layout.stats_month("2026-06", "logs"), layout.stats_open("logs")]
    for body in held.values():
        assert b"203.0.113" not in body
        assert b"App/1" not in body
    kept = desk.run(now=MONDAY + dt.timedelta(days=30))
    assert sums(kept) == {(1, "one"): 1, (2, "one"): 1, (3, "one"): 1}


def test_days_whose_logs_are_here_are_counted_anew_by_other_settings(desk):
    desk.log("a", line(0), line(1445), line(6000))
    desk.run(now=MONDAY + dt.timedelta(days=4, hours=5))
    desk.window = "calendar"
    assert sums(desk.run(now=MONDAY + dt.timedelta(days=4, hours=5))) == {(1, "one"): 1, (2, "one"): 1, (5, "one"): 1}
    (desk.folder / "a").unlink()
    desk.log("b", line(20_000))
    desk.window = "rolling"
    kept = desk.run()
    assert sums(kept) == {(1, "one"): 1, (2, "one"): 1, (5, "one"): 1, (14, "one"): 1}
    assert [row[6] for row in kept.sums] == ["calendar", "calendar", "rolling", "rolling"]


def test_a_recording_that_was_not_known_yet_is_counted_while_the_logs_are_here(desk):
    desk.log("a", line(0), line(10, slug="two"))
    desk.recordings = RECORDINGS[:1]
    assert sums(desk.run()) == {(1, "one"): 1}
    desk.recordings = RECORDINGS
    assert sums(desk.run()) == {(1, "one"): 1, (1, "two"): 1}


@pytest.mark.parametrize("now", [LATER, MONDAY + dt.timedelta(days=2)])
def test_a_log_that_is_written_anew_takes_the_place_of_what_it_was(desk, now):
    desk.log("2026-06-01.log", line(0), line(5), line(100, who=2))
    desk.run(now)
    desk.log("2026-06-01.log", line(0), line(1, who=3), line(100, who=2), line(200, who=4))
    kept = desk.run(now)
    assert (sums(kept), kept.late, len(kept.files)) == ({(1, "one"): 4}, 0, 1)
    desk.log("2026-06-01.log", line(3))
    assert sums(desk.run(now)) == {(1, "one"): 1}


def test_a_log_that_was_moved_out_of_sight_stays_counted(desk):
    desk.log("access.log", *(line(number * 60, who=number) for number in range(20)))
    desk.run(now=MONDAY + dt.timedelta(days=1))
    desk.log("access.log", line(1150, who=50), line(1600, who=60))
    assert sums(desk.run(now=MONDAY + dt.timedelta(days=2))) == {(1, "one"): 21, (2, "one"): 1}


def opened(desk):
    import io
    import json
    import zipfile

    body = desk.store.read(layout.stats_open("logs")).body
    with zipfile.ZipFile(io.BytesIO(body)) as packed:
        (desk.folder.parent / "kept.parquet").write_bytes(packed.read("kept.parquet"))
        page = json.loads(packed.read("opened.json"))
    import duckdb

    return page, duckdb.sql(f"FROM read_parquet('{desk.folder.parent / 'kept.parquet'}') ORDER BY ALL").fetchall()


def test_a_key_lives_for_72_hours_and_its_rows_go_with_it(desk):
    lines = [line(60 * hour, who=hour % 4 + 1) for hour in range(24 * 5)]
    hours, seen = 0, {}
    while hours < 24 * 9:
        hours += 5
        desk.log("a", *lines[:hours])
        now = MONDAY + dt.timedelta(hours=hours)
        desk.run(now=now)
        page, rows = opened(desk)
        for day, key in page["keys"].items():
            assert seen.setdefault(day, key) == key
            midnight = dt.datetime.fromisoformat(f"{day}T00:00:00+00:00")
            assert now < midnight + dt.timedelta(hours=72)
        assert all(now < dt.datetime.combine(row[1], dt.time(), dt.UTC) + dt.timedelta(hours=72) for row in rows)
    assert rows == []
    assert len(set(seen.values())) == len(seen)


def test_every_row_carries_the_show(desk):
    import duckdb

    desk.log("a", line(0))
    desk.run()
    path = desk.folder.parent / "month.parquet"
    path.write_bytes(desk.store.read(layout.stats_month("2026-06", "logs")).body)
    found = duckdb.sql(f"SELECT guid, day, slug, downloads, \"window\" FROM read_parquet('{path}')").fetchall()  # noqa: S608
    assert found == [("guid-1", dt.date(2026, 6, 1), "one", 1, "rolling")]


def test_what_belongs_to_another_show_is_not_touched(desk):
    desk.log("a", line(0))
    desk.run()
    keeper = desk.keeper()
    import dataclasses

    with pytest.raises(StorageError) as raised:
        keep(dataclasses.replace(keeper, guid="guid-2"))
    assert raised.value.code == "stats-unreadable"


def test_a_listener_that_is_no_hash_is_damage(desk):
    import io
    import zipfile

    import duckdb

    from publisher.stats.kept.private_side import PRIVATE

    desk.log("a", line(0))
    noon = MONDAY + dt.timedelta(hours=12)
    desk.run(noon)
    key, part = layout.stats_open("logs"), desk.folder.parent / "damaged.parquet"
    with zipfile.ZipFile(io.BytesIO(desk.store.read(key).body)) as packed:
        held = {name: packed.read(name) for name in packed.namelist()}
    part.write_bytes(held["kept.parquet"])
    changed = duckdb.sql(f"SELECT * REPLACE ('somebody' AS listener) FROM read_parquet('{part}')")  # noqa: S608
    changed.write_parquet(str(part.with_name("written.parquet")))
    held["kept.parquet"] = part.with_name("written.parquet").read_bytes()
    body = io.BytesIO()
    with zipfile.ZipFile(body, "w") as packed:
        for name, content in held.items():
            packed.writestr(name, content)
    desk.store.put(key, body.getvalue(), PRIVATE)
    (desk.folder / "a").unlink()
    desk.log("b", line(90, who=2))
    with pytest.raises(StorageError) as raised:
        desk.run(noon)
    assert raised.value.code == "stats-unreadable"


def test_dates_that_are_wrong_count_nothing(desk):
    desk.log("a", line(0), line(60 * 24 * 400))
    kept = desk.run()
    assert sums(kept) == {(1, "one"): 1}
    assert [file.unread for file in kept.files] == [1]
    assert not any(month > "2026-06" for item in desk.store.list(layout.STATS) for month, _ in [layout.month_in(item.key)])


LINES = st.lists(
    st.tuples(
        st.integers(0, 5 * 1440 - 1) | st.sampled_from([0, 1380, 1439, 1440, 1445, 2879, 2880]),
        st.integers(1, 3),
        st.sampled_from(["one", "two"]),
        st.sampled_from(["", "", "0-700000", "700001-1500000", "0-1"]),
    ),
    min_size=1,
    max_size=14,
)


@settings(max_examples=200 if "AIRDATE_SOAK" in os.environ else 5)
@given(
    requests=LINES,
    seed=st.integers(0, 2**16),
    window=st.sampled_from(["rolling", "rolling", "calendar", "extending"]),
    when=st.sampled_from(["long after", "day by day"]),
)
def test_order_cutting_running_after_each_file_and_twice_change_nothing(tmp_path_factory, requests, seed, window, when):
    folder = tmp_path_factory.mktemp("desk")
    lines = [line(*request) for request in requests]
    whole = Desk(folder / "whole", window)
    whole.log("a", *lines)
    expected = whole.run().sums

    chance = random.Random(seed)  # noqa: S311
    desk = Desk(folder / "cut", window)
    if when == "long after":  # logs of last June, counted today, file by file
        chance.shuffle(lines)
        files = [lines[start::3] for start in range(3)]
        times = [LATER] * 3
    else:  # each line comes within a day of what it tells of
        due = sorted((request[0] + chance.randrange(1440), text) for request, text in zip(requests, lines, strict=True))
        ends = [chance.randrange(7 * 1440) for _ in range(3)]
        files = [
            [text for at, text in due if low <= at < high] for low, high in zip([0, *sorted(ends)], [*sorted(ends), 99_999], strict=True)
        ]
        times = [MONDAY + dt.timedelta(minutes=end) for end in sorted(ends)] + [LATER]
    for number, (held, now) in enumerate(zip(files, times, strict=True)):
        desk.log(f"{number}.log", *held, *held[:1], pack=chance.random() < 0.5)
        for _ in range(chance.choice([1, 1, 2])):
            kept = desk.run(now=now)
    kept = desk.run()
    assert kept.sums == expected
    assert kept.late == 0
