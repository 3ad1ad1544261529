"""The log that stands in the page about numbers is counted by the real command, and comes to what was counted by hand there."""

from __future__ import annotations

import re
import shutil
from collections import Counter

import pytest

from publisher.core.errors import Exit
from publisher.stats.counting.rules import RULES
from publisher.stats.counts import MOST
from publisher.stats.forms.known import FORMS
from tests.support import ROOT
from tests.support.show_factory import make_show

pytest.importorskip("duckdb")

PAGE = (ROOT / "docs" / "explanation" / "statistics.md").read_text("utf-8")
[LOG] = re.findall(r"^```text\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
FRAME = bytes.fromhex("fffb9464") + bytes(380)
"""24 milliseconds of silence at 48 kHz and 128 kbit/s: a minute has 960,000 bytes."""


def tagged(tag_bytes, frames):
    """A recording whose ID3 tag and sound have round numbers of bytes."""
    body = tag_bytes - 10
    size = bytes(body >> shift & 127 for shift in (21, 14, 7, 0))
    return b"ID3\x04\x00\x00" + size + bytes(body) + FRAME * frames


ROWS = [[cell.strip() for cell in row.split("|")] for row in re.findall(r"^\| (\d.*)\|$", PAGE, re.MULTILINE)]
"""The table of what was counted by hand: lines, what happens, what is left out by which rule, downloads."""


@pytest.fixture(scope="module")
def show(tmp_path_factory):
    made = make_show(tmp_path_factory.mktemp("counted") / "show")
    made.episode("2026-05-01-long", audio=tagged(20_000, 7_500))
    made.episode("2026-05-02-short", date="2026-05-02T06:00:00+02:00", audio=tagged(16_000, 1_000))
    stats = '\n[audio]\ntags = false\n\n[stats]\nlogs = "logs/*"\ndatacentres = "centres.txt"\ninclude = ["198.51.100.200"]\n'
    made.write("config.toml", made.config.read_text("utf-8") + stats)
    made.write("centres.txt", "198.51.100.0/24\n")
    assert made.publish().status == Exit.OK
    made.write("logs/access.log", LOG)
    return made


def stats(show, *words, window="rolling"):
    text = show.config.read_text("utf-8").partition("\nwindow = ")[0]
    show.write("config.toml", f'{text.rstrip()}\nwindow = "{window}"\n')
    shutil.rmtree(show.folder / "airdate-private", ignore_errors=True)  # nothing is known of an earlier log
    outcome = show.run("stats", *words, "--json", now="2026-07-15T12:00:00+00:00")
    assert outcome.status == Exit.OK, outcome.stderr
    return outcome.document


def by_hand(column):
    """The numbers of a column of the table, by the word behind them."""
    found = Counter()
    for row in ROWS:
        if row[column]:
            number, _, word = row[column].partition(" ")
            found[word] += int(number)
    return dict(found)


def test_the_command_counts_what_was_counted_by_hand(show):
    assert {row["slug"]: row["downloads"] for row in stats(show)["episodes"]} == by_hand(3) == {"long": 20, "short": 2}
    checked = stats(show, "check")
    assert {row["rule"]: row["requests"] for row in checked["left_out"] if row["requests"]} == by_hand(2)
    assert (checked["lines"], checked["downloads"]) == (60, 22)
    assert [row["line"] for row in checked["unread"]] == [56, 57]


@pytest.mark.parametrize(("window", "downloads"), [("rolling", 22), ("calendar", 23), ("extending", 21)])
def test_each_window_comes_to_what_the_page_says(show, window, downloads):
    found = stats(show, window=window)
    assert found["downloads"] == downloads
    assert re.search(rf"{window}\s+(windows )?(that |it )?(is|ones) {downloads}\b", PAGE)


def test_each_row_of_the_table_counts_by_itself(show):
    """A row that leaves nothing out counts without the others, too: no case leans on another one, but for those about an earlier line."""
    lines = LOG.splitlines(keepends=True)
    for cells in ROWS:
        first, _, last = cells[0].partition("–")
        if "line 1's listener" in cells[1]:
            continue
        show.write("logs/access.log", "".join(lines[int(first) - 1 : int(last or first)]))
        expected = int(cells[3].split()[0]) if cells[3] else 0
        assert stats(show)["downloads"] == expected, cells
    show.write("logs/access.log", LOG)


def test_the_table_has_every_line_once_and_every_rule_but_one():
    covered = []
    for cells in ROWS:
        first, _, last = cells[0].partition("–")
        covered += range(int(first), int(last or first) + 1)
        left_out = int(cells[2].split()[0]) if cells[2] else 0
        counted = int(cells[3].split()[0]) if cells[3] else 0
        assert left_out + counted == int(last or first) - int(first) + 1, cells
    assert covered == list(range(1, len(LOG.splitlines()) + 1)) == list(range(1, 61))
    assert {rule.name for rule in RULES} - set(by_hand(2)) == {"unrealistic"}


def test_the_limits_of_each_form_stand_there():
    names = {}
    for form in FORMS:
        names.setdefault(form.limits, []).append(f"`{form.name}`")
    for limits, forms in names.items():
        assert f"| {', '.join(forms)} | {'; '.join(limits) or 'none that would matter here'} |" in PAGE


def test_the_bound_of_an_address_is_the_one_that_holds():
    assert f"more than {MOST} downloads" in PAGE
