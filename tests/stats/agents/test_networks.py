"""Data centres and shared networks: the forms in which they are published, and the pairs that come of them."""

from __future__ import annotations

import json
from ipaddress import ip_address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from publisher.core.errors import ContentError
from publisher.stats.agents.networks import listed, ranges, read_networks
from publisher.stats.counting.addresses import PART, written

AWS = {
    "syncToken": "1764000000",
    "createDate": "2026-11-24-10-00-00",
    "prefixes": [{"ip_prefix": "203.0.113.0/24", "region": "eu-west-1", "service": "EC2", "network_border_group": "eu-west-1"}],
    "ipv6_prefixes": [{"ipv6_prefix": "2001:db8::/32", "region": "eu-west-1", "service": "EC2", "network_border_group": "eu-west-1"}],
}
GOOGLE = {
    "syncToken": "1764000000000",
    "creationTime": "2026-11-24T10:00:00.000000",
    "prefixes": [{"ipv4Prefix": "203.0.113.0/24", "service": "Google Cloud"}, {"ipv6Prefix": "2001:db8::/32", "scope": "europe-west1"}],
}
AZURE = {
    "changeNumber": 400,
    "cloud": "Public",
    "values": [{"name": "AzureCloud", "properties": {"changeNumber": 1, "addressPrefixes": ["203.0.113.0/24", "2001:db8::/32"]}}],
}
ORACLE = {
    "last_updated_timestamp": "2026-11-24",
    "regions": [{"region": "x", "cidrs": [{"cidr": "203.0.113.0/24"}, {"cidr": "2001:db8::/32"}]}],
}
BOTH = [
    ("203000", "203000113000", "203000113255"),
    ("20010d", "20010db800000000", "20010db8ffffffff"),
]


@pytest.mark.parametrize(
    "cloud", [AWS, GOOGLE, AZURE, ORACLE, ["203.0.113.0/24", "2001:db8::/32"]], ids=["aws", "google", "azure", "oracle", "list"]
)
def test_the_json_that_clouds_publish_is_read(tmp_path, cloud):
    file = tmp_path / "ranges.json"
    file.write_text(json.dumps(cloud))
    assert ranges(read_networks(file, tmp_path)) == BOTH


@pytest.mark.parametrize(
    "text",
    [
        "203.0.113.0/24\n2001:db8::/32\n",
        "# ours\n\n203.0.113.0/24  # a rack\r\n2001:db8::/32\r\n",
        "cidr,country\n203.0.113.0/24,DE\n2001:db8::/32,DE\n",
        "\ufeff203.0.113.0 - 203.0.113.255\n2001:db8:: 2001:db8:ffff:ffff:ffff:ffff:ffff:ffff\n",
        "start,end,name\n203.0.113.0,203.0.113.255,Somebody\n2001:db8::/32,,Somebody\n",
        "203.0.113.64/26\n203.0.113.0 - 203.0.113.255\n203.0.113.7\n2001:db8:1::1\n2001:db8::/32\n",
    ],
    ids=["lines", "comments", "csv", "ranges", "columns", "overlapping"],
)
def test_a_file_of_lines_is_read(tmp_path, text):
    file = tmp_path / "ranges.txt"
    file.write_text(text, encoding="utf-8")
    assert ranges(read_networks(file, tmp_path)) == BOTH


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        ("203.0.113.0/24\nnowhere\n", "line 2 is no network: nowhere"),
        ("203.0.113.0/33\n", "line 1 is no network"),
        ("203.0.113.0 - 2001:db8::1\n", "line 1 is no network"),
        ("203.0.113.9 - 203.0.113.1\n", "line 1 is no network"),
        ('{"prefixes": []}', "no network stands in it"),
        ('{"prefixes": [', "Expecting"),
        ("# nothing\n", "no network stands in it"),
        ("", "it is empty"),
    ],
)
def test_a_file_that_names_none_says_where(tmp_path, text, cause):
    file = tmp_path / "ranges.txt"
    file.write_text(text)
    with pytest.raises(ContentError) as refused:
        read_networks(file, tmp_path)
    assert cause in refused.value.cause
    assert "ranges.txt" in refused.value.message


NETWORKS = st.one_of(
    st.tuples(st.integers(0, 2**32 - 1), st.integers(4, 32)), st.tuples(st.integers(2**125, 2**126 - 1), st.integers(16, 128))
).map(lambda made: ip_network(made, strict=False) if made[0] < 2**32 else ip_network((made[0].to_bytes(16, "big"), made[1]), strict=False))


@given(NETWORKS, st.ip_addresses(), st.integers(0, 2**128))
def test_an_address_stands_in_a_row_when_it_stands_in_the_network(network, any_address, within):
    for address in (any_address, network[within % network.num_addresses]):
        text = written(str(address))
        rows = [row for row in ranges([network]) if row[0] == text[:PART] and len(row[1]) == len(text) and row[1] <= text <= row[2]]
        expected = ip_network(f"{network.network_address}/64", strict=False) if network.version == 6 and network.prefixlen > 64 else network
        assert len(rows) == (address in expected), (network, address)


def test_families_do_not_meet():
    assert written("200.119.0.1")[:PART] == "200119" == ranges([ip_network("2001:1900::/32")])[0][0]
    assert len(written("200.119.0.1")) != len(ranges([ip_network("2001:1900::/32")])[0][1])


@pytest.mark.parametrize("wide", ["::/0", "2000::/3"])
def test_what_is_wider_than_any_data_centre_is_refused(tmp_path, wide):
    file = tmp_path / "ranges.txt"
    file.write_text(f"203.0.113.0/24\n{wide}\n")
    with pytest.raises(ContentError, match=r"ranges\.txt"):
        read_networks(file, tmp_path)


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(ContentError) as refused:
        read_networks(tmp_path / "ranges.txt", tmp_path)
    assert "No such file" in refused.value.cause


def test_shared_networks_are_named_in_config():
    assert listed(["203.0.113.9", " 2001:db8::/32"]) == [ip_network("203.0.113.9/32"), ip_network("2001:db8::/32")]
    assert ip_address("203.0.113.9") in listed(["203.0.113.0/24"])[0]
    with pytest.raises(ValueError, match="dorm"):
        listed(["dorm"])
