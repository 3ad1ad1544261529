"""The country of an address: by the database that the config names, else by the log, else nobody's business."""

from __future__ import annotations

import pytest

from publisher.core.errors import ContentError, Exit
from publisher.stats.agents.countries import country_reader
from tests.stats.logged_show import at
from tests.support.country_database import write_database

NETWORKS = {
    "203.0.113.0/24": {"country": {"iso_code": "DE"}},
    "198.51.100.0/24": {"registered_country": {"iso_code": "us"}},
    "192.0.2.0/24": {"country_code": "FR"},
    "2001:db8:7::/48": {"country": "JP"},
    "2001:db8:8::/48": {"country": {"iso_code": "too long"}},
}


@pytest.mark.parametrize(
    ("address", "country"),
    [
        ("203.0.113.7", "DE"),
        ("198.51.100.1", "US"),
        ("192.0.2.200", "FR"),
        ("20010db800070001", "JP"),
        ("20010db800080001", ""),
        ("8.8.8.8", ""),
        ("no address", ""),
        ("", ""),
    ],
)
def test_an_address_has_its_country_in_each_way_that_databases_write_it(tmp_path, address, country):
    assert country_reader(write_database(tmp_path / "countries.mmdb", NETWORKS), tmp_path)(address) == country


def test_a_file_that_is_none_is_refused(tmp_path):
    (tmp_path / "countries.mmdb").write_bytes(b"no such thing")
    for name in ("countries.mmdb", "missing.mmdb"):
        with pytest.raises(ContentError, match="no database of countries"):
            country_reader(tmp_path / name, tmp_path)


def test_the_command_tells_countries_by_the_database_that_is_named(logged):
    write_database(logged.show.folder / "countries.mmdb", NETWORKS)
    lines = [logged.line(at(minutes=number), ip=f"203.0.113.{number}") for number in range(1, 13)]
    logged.log(*lines, *(logged.line(at(), ip=f"2001:db8:7:{number}::1") for number in range(12)))
    assert {row["name"] for row in logged.stats()["countries"]} == {""}
    logged.show.write("config.toml", logged.show.config.read_text("utf-8") + 'country = "countries.mmdb"\n')
    document = logged.stats()
    assert {row["name"]: row["downloads"] for row in document["countries"]} == {"DE": 12, "JP": 12}
    logged.show.write("config.toml", logged.show.config.read_text("utf-8").replace("countries.mmdb", "missing.mmdb"))
    assert logged.show.run("stats").status == Exit.CONTENT
