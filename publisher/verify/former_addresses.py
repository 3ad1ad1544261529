"""Former addresses of a feed: whether each still leads to where the feed is now, and for good."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from publisher.web.web_requests import Limits, get

if TYPE_CHECKING:
    from collections.abc import Iterable

    from publisher.web.web_requests import Answer

LIMITS = Limits(threads=1, step=5.0, answer=10.0, pauses=())
"""For a command that has something else to say: an old host that is slow is told of, not waited for."""
PERMANENT = frozenset({301, 308})
"""RFC 9110 15.4: the resource has got a new permanent address. AntennaPod and gPodder keep the new one only then."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FormerAddress:
    """An address that apps were given once. `leads_here`: for good, over every step; `said` what it does."""

    address: str
    leads_here: bool
    said: str


def judge_former(answer: Answer, feed_address: str) -> FormerAddress:
    """What the answer of a former address says, where the feed is at `feed_address` now."""
    hops = answer.hops
    asked = hops[0].address if hops else answer.address
    if not hops:
        return FormerAddress(address=asked, leads_here=False, said=f"does not redirect: it {answer.outcome}")
    passing = next((hop for hop in hops if hop.status not in PERMANENT), None)
    if answer.address != feed_address:
        return FormerAddress(address=asked, leads_here=False, said=f"redirects with {hops[0].status} to {answer.address}")
    if passing is not None:
        where = "" if passing is hops[0] else f" on its way, at {passing.address}"
        said = f"redirects with {passing.status}{where} to {answer.address}: apps do not take that for good"
        return FormerAddress(address=asked, leads_here=False, said=said)
    return FormerAddress(address=asked, leads_here=True, said=f"redirects here with {hops[0].status}")


def look_at_former(addresses: Iterable[str], feed_url: str) -> tuple[FormerAddress, ...]:
    """Each former address asked once, within bounds."""
    return tuple(judge_former(get(address, LIMITS), feed_url) for address in addresses)
