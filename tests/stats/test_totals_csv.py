from __future__ import annotations

import datetime as dt

import pytest

from publisher.core.errors import ContentError, Exit
from publisher.stats.totals_csv import read_old_totals


def rows(text, **options):
    body = text if isinstance(text, bytes) else text.encode()
    return [(row.day.isoformat(), row.episode, row.downloads) for row in read_old_totals(body, "old.csv", **options).rows]


APRIL = [("2025-04-03", "One", 5), ("2025-04-03", "Two", 1200), ("2025-04-14", "One", 7)]


@pytest.mark.parametrize(
    "text",
    [
        "Date,Episode,Downloads\n2025-04-03,One,5\n2025-04-03,Two,1200\n2025-04-14,One,7\n",
        "\ufeffDate;Episode Title;Downloads\r\n03.04.2025;One;5\r\n03.04.2025;Two;1.200\r\n14.04.2025;One;7\r\n",
        'episode_title\tdownload_date\tdownloads\nOne\t"Apr 3, 2025"\t5\nTwo\t"Apr 3, 2025"\t"1,200"\nOne\t"Apr 14, 2025"\t7\n',
        "Date,Title,Country,Downloads (IAB)\n4/3/2025,One,DE,2\n4/3/2025,One,AT,3\n4/3/2025,Two,DE,1200\n4/14/2025,One,DE,7\n",
        "Date,One,Two,Total\n2025-04-03,5,1200,1205\n2025-04-14,7,-,7\nTotal,12,1200,1212\n",
        "Episode,2025-04-03,2025-04-14,Total\nOne,5,7,12\nTwo,1200,,1200\nTotal,1205,7,1212\n",
        "Day,Downloads,Episode\n2025-04-03T00:00:00Z,5,One\n2025-04-03T00:00:00Z,1 200,Two\n2025-04-14T00:00:00Z,7,One\n",
    ],
)
def test_a_hosts_export_is_read_whatever_its_shape(text):
    assert rows(text) == APRIL


def test_sums_of_the_whole_show_need_no_episode():
    assert rows("Date,Downloads\n2025-04-03,5\n2025-04-04,0\n2025-04-05,6\n") == [("2025-04-03", "", 5), ("2025-04-05", "", 6)]


def test_a_day_that_may_be_two_is_asked_for():
    text = "Date,Downloads\n3/4/2025,5\n"
    with pytest.raises(ContentError) as raised:
        rows(text)
    assert "--day-first" in raised.value.hint
    assert rows(text, day_first=True) == [("2025-04-03", "", 5)]
    assert rows(text, day_first=False) == [("2025-03-04", "", 5)]
    assert rows("Date,Downloads\n3/4/2025,5\n3/15/2025,6\n", day_first=True) == [("2025-03-04", "", 5), ("2025-03-15", "", 6)]


@pytest.mark.parametrize(
    ("text", "cause"),
    {
        "": "no table",
        "Title,Release Date,Downloads\nOne,2025-04-03,5000\n": "it tells no days: its columns are Title, Release Date, Downloads",
        "Date,Downloads\n2025-04-03,5\nlast week,5\n": "line 3: 'last week' is no day",
        "Date,Downloads\n2025-04-03,5.5\n": "line 2: '5.5' is no number",
        "Date,Downloads\n2025-02-30,5\n": "line 2",
        "Date,Downloads\n30/30/2025,5\n": "line 2",
        "Date,Downloads\n2025-04-03,-5\n": "line 2",
        "Month,Downloads\n2025-04,5\n": "it tells no days",
    }.items(),
)
def test_what_tells_no_days_is_refused_and_says_where(text, cause):
    with pytest.raises(ContentError) as raised:
        rows(text)
    assert cause in raised.value.cause
    assert raised.value.code == "stats-import"


def test_any_encoding_and_no_bytes_are_an_accident():
    assert rows("Date,Episode,Downloads\n2025-04-03,Über uns,5\n".encode("utf-16")) == [("2025-04-03", "Über uns", 5)]
    assert rows("Date,Episode,Downloads\n2025-04-03,Über uns,5\n".encode("latin-1"))[0][2] == 5
    for body in (b"\x00" * 500, bytes(range(256)) * 4, b"\xff\xfe\x00", b'"' * 3000, b"a,b\n" * 3):
        with pytest.raises(ContentError):
            rows(body)


def test_they_are_kept_and_always_shown_apart(logged):
    path = logged.show.write("old.csv", "Date,Episode,Downloads\n2025-04-03,Long,5\n2025-04-03,Gone since,8\n2026-06-01,short,6\n")
    outcome = logged.show.run("stats", "import", str(path), "--host", "Old Host", "--json")
    assert outcome.status == Exit.OK, outcome.stderr
    assert outcome.document["host"] == "old-host"
    assert outcome.document["unknown"] == ["Gone since"]
    assert "no episode here is called “Gone since”" in outcome.stderr
    logged.log(logged.line(dt.datetime(2026, 6, 1, 10, tzinfo=dt.UTC)))
    found = logged.stats()
    assert found["downloads"] == 1
    assert {(row["date"], row["slug"], row["downloads"]) for row in found["imported"]} == {
        ("2025-04-03", "long", 5),
        ("2025-04-03", "", 8),
        ("2026-06-01", "short", 6),
    }
    path.write_text("Date,Downloads\n2025-04-03,20\n")
    assert logged.show.run("stats", "import", str(path), "--host", "Old Host").status == Exit.OK
    assert [(row["date"], row["slug"], row["downloads"]) for row in logged.stats()["imported"]] == [("2025-04-03", "", 20)]


def test_a_file_that_holds_none_changes_nothing(logged):
    path = logged.show.write("old.csv", "Title,Published\nOne,2025-04-03\n")
    outcome = logged.show.run("stats", "import", str(path))
    assert outcome.status == Exit.CONTENT
    assert "publish explain stats-import" in outcome.stderr
    assert logged.show.run("stats", "import", str(path.with_name("none.csv"))).status == Exit.USAGE
    assert not (logged.show.folder / "airdate-private").exists()
