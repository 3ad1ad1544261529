"""Data centres and shared networks: the forms in which they are published, and the pairs that come of them."""

from __future__ import annotations

import json
from ipaddress import ip_address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from publisher.core.errors import ContentError
from publisher.stats.agents.networks import Range, listed, ranges, read_networks, sortable

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
BOTH = [Range("4203000113000", "4203000113255"), Range("620010db800000000", "620010db8ffffffff")]


@pytest.mark.parametrize(
    "cloud", [AWS, GOOGLE, AZURE, ORACLE, ["203.0.113.0/24", "2001:db8::/32"]], ids=["aws", "google", "azure", "oracle", "list"]
)
def test_the_json_that_clouds_publish_is_read(tmp_path, cloud):
    file = tmp_path / "ranges.json"
    file.write_text(json.dumps(cloud))
    assert ranges(read_networks(file)) == BOTH


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
    assert ranges(read_networks(file)) == BOTH


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
        read_networks(file)
    assert cause in refused.value.cause
    assert "ranges.txt" in refused.value.message


@given(st.ip_addresses(), st.ip_addresses())
def test_texts_sort_as_addresses_do(one, other):
    if one.version == other.version == 4:
        assert (sortable(str(one)) < sortable(str(other))) == (one < other)
    elif one.version == other.version and not one.ipv4_mapped and not other.ipv4_mapped:
        assert (sortable(str(one)) < sortable(str(other))) == (int(one) >> 64 < int(other) >> 64)


@given(st.integers(min_value=0, max_value=2**32 - 1), st.integers(min_value=0, max_value=32), st.ip_addresses(v=4))
def test_an_address_stands_in_a_range_when_it_stands_in_its_network(start, length, address):
    network = ip_network((start, length), strict=False)
    (pair,) = ranges([network])
    assert (pair.first <= sortable(str(address)) <= pair.last) == (address in network)
    assert pair.first <= sortable(str(network[0])) <= pair.last


def test_a_listener_is_a_64_of_ipv6_and_a_mapped_address_is_ipv4():
    assert sortable("2001:db8::1:2:3:4") == sortable("2001:db8::") == "620010db800000000"
    assert sortable("::ffff:203.0.113.9") == "4203000113009"
    assert sortable("fe80::1%eth0") == "6fe80000000000000"
    with pytest.raises(ValueError, match="does not appear"):
        sortable("localhost")


def test_shared_networks_are_named_in_config():
    assert listed(["203.0.113.9", " 2001:db8::/32"]) == [ip_network("203.0.113.9/32"), ip_network("2001:db8::/32")]
    assert ip_address("203.0.113.9") in listed(["203.0.113.0/24"])[0]
    with pytest.raises(ValueError, match="dorm"):
        listed(["dorm"])
