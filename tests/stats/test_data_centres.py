"""Requests from networks that the show's owner names: data centres are left out, networks with many listeners are counted."""

from __future__ import annotations

import json
import os
import threading
import time
from contextlib import closing
from ipaddress import ip_network
from typing import TYPE_CHECKING

import pytest

from publisher.core.errors import Exit
from publisher.stats.agents.known_agents import classify
from publisher.stats.agents.networks import ranges
from publisher.stats.blocks import first_lines
from publisher.stats.engines.duckdb_engine import DuckCount
from publisher.stats.forms.known import forms_of
from tests.stats.logged_show import at

if TYPE_CHECKING:
    from tests.support.show_factory import Outcome


def configure(logged, lines):
    logged.show.write("config.toml", f"{logged.show.config.read_text('utf-8').rstrip()}\n{lines}\n")


def test_a_clouds_own_file_leaves_its_networks_out_and_an_inclusion_brings_one_back(logged):
    cloud = {"prefixes": [{"ip_prefix": "198.51.100.0/24"}], "ipv6_prefixes": [{"ipv6_prefix": "2001:db8:1::/48"}]}
    logged.show.write("clouds/aws.json", json.dumps(cloud))
    addresses = ["198.51.100.7", "198.51.100.8", "2001:db8:1:2::3", "203.0.113.7", "2001:db8:2::1"]
    logged.log(*(logged.line(at(hours=1), ip=address) for address in addresses))
    assert logged.downloads() == {"long": 5}
    configure(logged, 'datacentres = "clouds/aws.json"')
    assert logged.downloads() == {"long": 2}
    assert logged.left_out() == {"data-centre": 3}
    configure(logged, 'include = ["198.51.100.8"]')
    assert logged.downloads() == {"long": 3}


@pytest.mark.parametrize("key", ["datacentres", "country"])
@pytest.mark.parametrize("odd", ["a link out", "a pipe", "a device", "far too large"])
def test_what_is_named_is_a_file_of_the_folder_and_nothing_of_it_is_shown(logged, tmp_path, key, odd):
    (tmp_path / "environ").write_text("AWS_SECRET_ACCESS_KEY=hunter2\n")
    path = logged.show.folder / "named.txt"
    if odd == "a pipe":
        os.mkfifo(path)
    elif odd == "far too large":
        path.touch()
        os.truncate(path, 5 << 30)
    else:
        path.symlink_to(tmp_path / "environ" if odd == "a link out" else "/dev/zero")
    configure(logged, f'{key} = "named.txt"')
    logged.log(logged.line(at()))
    outcomes: list[Outcome] = []
    running = threading.Thread(target=lambda: outcomes.append(logged.show.run("stats", "check")), daemon=True)
    running.start()
    running.join(30)
    assert outcomes, "the command hangs"
    assert outcomes[0].status == Exit.CONTENT, outcomes[0].stderr
    assert "named.txt" in outcomes[0].stderr
    assert "hunter2" not in outcomes[0].stderr


def test_a_file_that_is_not_there_and_an_address_that_is_none_are_told_with_their_place(logged):
    configure(logged, 'datacentres = "clouds.txt"')
    logged.log(logged.line(at()))
    outcome = logged.show.run("stats")
    assert outcome.status == Exit.CONTENT
    assert "clouds.txt" in outcome.stderr
    assert "publish explain stats-networks" in outcome.stderr
    configure(logged, 'include = ["the university"]')
    outcome = logged.show.run("stats")
    assert outcome.status == Exit.CONTENT
    assert "'the university' is no address" in outcome.stderr
    assert "config.toml:" in outcome.stderr


def test_agents_are_known_by_the_list(logged):
    watch = "atc/1.0 watchOS/7.4 model/Watch5,4"
    agents = ["Overcast/3.0 (+http://overcast.fm/; iOS podcast app)", "curl/8.5.0", watch, "-", "Firefox 55.02", "Somebody's player/1"]
    logged.log(*(logged.line(at(), agent=agent) for agent in agents))
    assert logged.downloads() == {"long": 2}
    assert logged.left_out() == {"bot": 1, "watch": 1, "no-agent": 1, "malformed-agent": 1}


def test_twelve_thousand_networks_are_not_compared_with_each_address(tmp_path):
    addresses = [f"{n >> 16 & 255}.{n >> 8 & 255}.{n & 255}.9" for n in range(0, 100_000 * 167, 167)]
    rest = '- - [01/Jun/2026:00:00:00 +0000] "GET /media/a.mp3 HTTP/1.1" 200 999 "-" "x" "-"'
    log = tmp_path / "access.log"
    log.write_text("".join(f"{address} {rest}\n" for address in addresses))
    folder = tmp_path / "count"
    folder.mkdir()
    networks = [ip_network(f"{n >> 8}.{n & 255}.0.0/17") for n in range(12_000)]
    with closing(DuckCount(folder, threads=1)) as count:
        count.know([("media/a.mp3", "a", 999, 0, 0, 0.0)], most=500)
        count.networks("networks", ranges(networks))
        began = time.process_time()
        count.read("access.log", log, forms_of({"access.log": first_lines(log)})["access.log"], classify)
        taken = time.process_time() - began
        count.count("rolling")
        left_out = count.left_out()["data-centre"]
    within = [parts for address in addresses if (parts := [int(part) for part in address.split(".")])[0] * 256 + parts[1] < 12_000]
    assert left_out == sum(parts[2] < 128 for parts in within) > 0
    assert taken < 5
