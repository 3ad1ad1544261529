"""A small database of countries as MaxMind's form has it (MaxMind DB File Format Specification 2.0): networks of IPv6, IPv4 below ::/96."""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


def write_database(path: Path, networks: Mapping[str, object]) -> Path:
    """The file with an entry for each network."""
    nodes: list[list[int | bytes]] = [[0, 0]]
    for text, entry in networks.items():
        network = ipaddress.ip_network(text)
        above = 96 if network.version == 4 else 0
        address, length = int(network.network_address), network.prefixlen + above
        node = 0
        for place in range(length - 1):
            side = address >> (127 - place) & 1
            if not nodes[node][side]:
                nodes.append([0, 0])
                nodes[node][side] = len(nodes) - 1
            node = int(nodes[node][side])
        nodes[node][address >> (128 - length) & 1] = encoded(entry)
    data, records = b"", b""
    for pair in nodes:
        for record in pair:
            if isinstance(record, bytes):
                value, data = len(nodes) + 16 + len(data), data + record
            else:
                value = record or len(nodes)
            records += value.to_bytes(4, "big")
    told = {"binary_format_major_version": bytes([0xA1, 2]), "binary_format_minor_version": bytes([0xA0])}
    told |= {
        "build_epoch": bytes([0x01, 9 - 7, 1]),
        "database_type": "Test",
        "description": {"en": "made up"},
        "ip_version": bytes([0xA1, 6]),
    }
    told |= {
        "languages": bytes([0x01, 11 - 7]) + encoded("en"),
        "node_count": bytes([0xC4]) + len(nodes).to_bytes(4, "big"),
        "record_size": bytes([0xA1, 32]),
    }
    path.write_bytes(records + bytes(16) + data + b"\xab\xcd\xefMaxMind.com" + encoded(told))
    return path


def encoded(value: object) -> bytes:
    """A value of the data section; bytes are encoded already: 0xA… is a number of 16 bits, 0xC4 one of 32, 0x00 what is told by the next byte."""
    if isinstance(value, bytes):
        return value
    if isinstance(value, dict):
        return bytes([7 << 5 | len(value)]) + b"".join(encoded(name) + encoded(item) for name, item in value.items())
    text = str(value).encode()
    return bytes([2 << 5 | len(text)]) + text
