"""A content network's log and that of what stands behind it tell of the same downloads: never both of one day."""

from __future__ import annotations

import pytest

from publisher.core.errors import Exit
from tests.stats.logged_show import LATER, at

HEAD = (
    "#Version: 1.0\n#Fields: date time x-edge-location sc-bytes c-ip cs-method cs(Host) cs-uri-stem sc-status cs(Referer) cs(User-Agent)\n"
)


def network(logged, when, ip="203.0.113.7"):
    path, size = logged.paths["long"], logged.sizes["long"]
    row = (f"{when:%Y-%m-%d}", f"{when:%H:%M:%S}", "FRA1", str(size), ip, "GET", "d.example", path, "200", "-", "AntennaPod/3.4.0")
    return "\t".join(row) + "\n"


@pytest.mark.parametrize("command", [["stats"], ["stats", "check"], ["stats", "pull"]])
def test_both_of_one_day_are_refused(logged, command):
    logged.log(logged.line(at(hours=1)))
    logged.log(HEAD, network(logged, at(hours=1)), name="E2.2026-06-01.abc")
    outcome = logged.show.run(*command, "--now", LATER)
    assert outcome.status == Exit.CONTENT
    assert "publish explain stats-two-sides" in outcome.stderr


def test_also_where_one_was_read_before_and_the_day_is_open(logged):
    logged.log(logged.line(at(hours=1)))
    now = ("--now", "2026-06-02T12:00:00Z")
    assert logged.show.run("stats", *now).status == Exit.OK
    (logged.show.folder / "logs" / "access.log").unlink()
    logged.log(HEAD, network(logged, at(hours=2)), name="E2.2026-06-01.abc")
    assert logged.show.run("stats", *now).status == Exit.CONTENT


def test_who_moves_behind_a_network_goes_on_the_next_day(logged):
    logged.log(logged.line(at(hours=1)))
    logged.log(HEAD, network(logged, at(days=1, hours=2)), name="E2.2026-06-02.abc")
    assert logged.stats()["downloads"] == logged.stats("check")["downloads"] == 2
