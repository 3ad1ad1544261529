"""Rules about the Podcasting 2.0 tags, in the channel and in items."""

from __future__ import annotations

import re
from itertools import chain
from typing import TYPE_CHECKING
from uuid import UUID

from feed.findings import ERROR, HINT, WARNING
from feed.iso_codes import COUNTRIES
from feed.podcasting20.word_lists import LICENSES, MEDIUMS, RECIPIENT_TYPES, ROLES, SERVICES, SOCIAL_PROTOCOLS, is_role
from feed.rules.addresses import is_secure, is_web, split
from feed.rules.parsing import JudgedDate, read_date, read_number, read_whole
from feed.rules.rulebook import Rulebook, Violation

if TYPE_CHECKING:
    from collections.abc import Iterator

    from feed.reader import Node
    from feed.rules.feed_context import FeedContext

PODCASTING20: Rulebook[FeedContext] = Rulebook(heading="Podcasting 2.0")

_LICENSES = frozenset(known.lower() for known in LICENSES)
_GEO = re.compile(r"geo:(-?\d{1,3}(?:\.\d{1,20})?),(-?\d{1,3}(?:\.\d{1,20})?)(?:,-?\d{1,6}(?:\.\d{1,20})?)?(?:;[A-Za-z0-9=.;-]{0,100})?")
_OSM = re.compile(r"[NWR]\d{1,20}(?:#\d{1,10})?")
_RULE_PART = re.compile(r"([A-Z]{3,12})=([A-Z0-9,+:-]{1,200})")
_RULE_KEYS = frozenset(
    {"FREQ", "INTERVAL", "COUNT", "UNTIL", "WKST", "BYSECOND", "BYMINUTE", "BYHOUR", "BYDAY", "BYMONTHDAY", "BYYEARDAY", "BYWEEKNO"}
    | {"BYMONTH", "BYSETPOS"}
)
_FREQUENCIES = frozenset({"SECONDLY", "MINUTELY", "HOURLY", "DAILY", "WEEKLY", "MONTHLY", "YEARLY"})
_NODE_ADDRESS = re.compile(r"0[23][0-9a-fA-F]{64}")
_LIGHTNING_ADDRESS = re.compile(r"[a-z0-9._+-]{1,64}@[a-z0-9.-]{1,253}")
_LINKS = {
    "podcast:funding": ("url",),
    "podcast:person": ("href", "img"),
    "podcast:trailer": ("url",),
    "podcast:license": ("url",),
    "podcast:transcript": ("url",),
    "podcast:chapters": ("url",),
    "podcast:image": ("href",),
    "podcast:contentLink": ("href",),
    "podcast:remoteItem": ("feedUrl",),
    "podcast:socialInteract": ("accountUrl",),
}


def _tags(feed: FeedContext, name: str) -> Iterator[tuple[Node, str | None, str]]:
    for parent, guid, prefix in feed.parents():
        for node in parent.named.get(name, ()):
            yield node, guid, prefix


def is_guid(text: str) -> bool:
    """A UUID as podcast:guid writes it."""
    try:
        return len(text) == 36 and str(UUID(text)) == text.lower()
    except ValueError:
        return False


@PODCASTING20.rule("F016", WARNING, "the show has a podcast:guid, a UUID of version 5", source="podcast namespace, PSP-1")
def guid(feed: FeedContext) -> Iterator[Violation]:
    """It is the show's identity for life, wherever the feed moves. It is minted once from the first address."""
    node = feed.channel.first("podcast:guid")
    value = node.text.strip() if node else ""
    if node is None:
        yield Violation("show.guid", "the show has no podcast:guid", "publish init mints one", line=feed.channel.line)
    elif not is_guid(value):
        yield Violation("show.guid", f"podcast:guid is not a UUID: {value[:60]}", line=node.line)
    elif UUID(value).version != 5:
        message = f"podcast:guid is a UUID of version {UUID(value).version}, not 5"
        yield Violation("show.guid", message, "keep it if apps know it already", line=node.line)


@PODCASTING20.rule("F018", WARNING, "the feed says whether other hosts may import it", source="podcast namespace, PSP-1")
def locked(feed: FeedContext) -> Iterator[Violation]:
    """`<podcast:locked>yes` keeps strangers from claiming the show at another host."""
    node = feed.channel.first("podcast:locked")
    if node is None:
        yield Violation("show.locked", "the show has no podcast:locked", "write yes or no", line=feed.channel.line)
    elif node.text.strip() not in {"yes", "no"}:
        yield Violation("show.locked", f"podcast:locked is {node.text.strip()[:20]!r}", "write yes or no", line=node.line)


@PODCASTING20.rule("F031", WARNING, "the update frequency is a rule that can be read", source="podcast namespace, RFC 5545")
def update_frequency(feed: FeedContext) -> Iterator[Violation]:
    """Apps count down to the next episode by it. A rule with COUNT needs a dtstart; the text has at most 128 characters."""
    for node in feed.channel.all("podcast:updateFrequency"):
        rule, key = node.get("rrule"), "show.update_frequency"
        fault = _rule_fault(rule) if rule else ""
        if fault:
            yield Violation(key, f"the rrule cannot be read: {fault}", "such as FREQ=WEEKLY;BYDAY=MO", line=node.line)
        elif "COUNT=" in rule and not node.get("dtstart"):
            yield Violation(key, "a rule with COUNT needs a dtstart", line=node.line)
        if len(node.text.strip()) > 128:
            yield Violation(key, f"the text has {len(node.text.strip())} characters; 128 are shown", line=node.line)


@PODCASTING20.rule("F032", ERROR, "addresses in podcast: tags are absolute and https", source="podcast namespace")
def secure_links(feed: FeedContext) -> Iterator[Violation]:
    """Web players cannot load anything but https, though the namespace does not forbid http: a warning. This machine is exempt."""
    for parent, item, prefix in feed.parents():
        groups = [parent, *chain.from_iterable(parent.named.get(name, ()) for name in ("podcast:podroll", "podcast:publisher"))]
        for group in groups:
            for name, attributes in _LINKS.items():
                for node in group.named.get(name, ()):
                    for attribute in attributes:
                        address = node.get(attribute)
                        if address and not is_secure(address):
                            message = f"{name} {attribute} is not an absolute https address: {address[:120]}"
                            key, severity = f"{prefix}.{name.removeprefix('podcast:')}", WARNING if is_web(address) else ERROR
                            yield Violation(key, message, item=item, severity=severity, line=node.line)
        for node in parent.named.get("podcast:funding", ()):
            if not node.get("url"):
                yield Violation(f"{prefix}.funding", "podcast:funding has no url", item=item, line=node.line)


@PODCASTING20.rule("F033", WARNING, "people have a name, and a role apps know", source="podcast namespace, Podcast Taxonomy")
def people(feed: FeedContext) -> Iterator[Violation]:
    """Apps translate known roles and groups; others are shown as they are, or not at all."""
    for node, item, prefix in _tags(feed, "podcast:person"):
        name, role, group = node.text.strip(), node.get("role"), node.get("group")
        field = f"{prefix}.hosts"
        if not name:
            yield Violation(field, "a podcast:person has no name", item=item, line=node.line)
        if len(name) > 128:
            yield Violation(field, f"a person's name has {len(name)} characters; 128 are shown", item=item, line=node.line)
        if role and not is_role(role):
            yield Violation(field, f"no such role: {role[:60]}", "such as host, co-host, guest", item=item, line=node.line)
        if group and group.lower() not in ROLES:
            yield Violation(field, f"no such group: {group[:60]}", f"one of {', '.join(ROLES)}", item=item, line=node.line)


@PODCASTING20.rule("F034", ERROR, "the licence is a known one or has an address", source="podcast namespace")
def licence(feed: FeedContext) -> Iterator[Violation]:
    """A licence of your own must say where it can be read."""
    for node, item, prefix in _tags(feed, "podcast:license"):
        name = node.text.strip()
        if name.lower() not in _LICENSES and not node.get("url"):
            hint = f"one of {', '.join(LICENSES)}, or give its url"
            yield Violation(f"{prefix}.license", f"unknown licence {name[:60]!r} without url", hint, item=item, line=node.line)


@PODCASTING20.rule("F035", WARNING, "places have a name, real coordinates and a rel", source="podcast namespace, RFC 5870")
def location(feed: FeedContext) -> Iterator[Violation]:
    """Text and schema of the namespace differ on the default of rel, so it is always written."""
    for node, item, prefix in _tags(feed, "podcast:location"):
        for fault in _location_faults(node):
            yield Violation(f"{prefix}.location", fault, item=item, line=node.line)


@PODCASTING20.rule("F036", ERROR, "the medium is a known one, and a list of feeds has no episodes", source="podcast namespace")
def medium(feed: FeedContext) -> Iterator[Violation]:
    """Mediums that end in L, and mixed, list other feeds."""
    node = feed.channel.first("podcast:medium")
    if node is None:
        return
    value = node.text.strip()
    if value not in MEDIUMS:
        yield Violation("show.medium", f"no such medium: {value[:40]}", f"one of {', '.join(MEDIUMS)}", line=node.line)
    elif (value.endswith("L") or value == "mixed") and feed.items:
        yield Violation("show.medium", f"a feed of medium {value} lists feeds, not episodes", line=node.line)


@PODCASTING20.rule("F037", ERROR, "podcast:block names a service and says yes or no", source="podcast namespace")
def blocks(feed: FeedContext) -> Iterator[Violation]:
    """Without id it concerns every directory."""
    for node in feed.channel.all("podcast:block"):
        if "id" in node.attributes and node.get("id") not in SERVICES:
            yield Violation("show.blocks", f"no such service: {node.get('id')[:40]}", line=node.line)
        if node.text.strip() not in {"yes", "no"}:
            yield Violation("show.blocks", f"podcast:block is {node.text.strip()[:20]!r}", "write yes or no", line=node.line)


@PODCASTING20.rule("F038", ERROR, "podcast:txt keeps its limits", source="podcast namespace")
def txt(feed: FeedContext) -> Iterator[Violation]:
    """At most 4000 characters, the purpose at most 128; ai-content is true or false."""
    for node, item, prefix in _tags(feed, "podcast:txt"):
        text, purpose = node.text.strip(), node.get("purpose")
        if len(text) > 4000:
            yield Violation(f"{prefix}.txt", f"a txt has {len(text):,} characters; 4,000 are allowed", item=item, line=node.line)
        if len(purpose) > 128:
            yield Violation(f"{prefix}.txt", f"a purpose has {len(purpose)} characters; 128 are allowed", item=item, line=node.line)
        if purpose == "ai-content" and text not in {"true", "false"}:
            yield Violation(f"{prefix}.ai", f"ai-content is {text[:20]!r}", "write true or false", item=item, line=node.line)


@PODCASTING20.rule("F039", ERROR, "trailers have title, address and date", source="podcast namespace")
def trailer(feed: FeedContext) -> Iterator[Violation]:
    """Apps play the newest one to people who look at the show for the first time."""
    for node in feed.channel.all("podcast:trailer"):
        if not node.text.strip():
            yield Violation("show.trailer", "the trailer has no title", line=node.line)
        if not node.get("url"):
            yield Violation("show.trailer", "the trailer has no url", line=node.line)
        _, fault, severity = read_date(node.get("pubdate")) if node.get("pubdate") else JudgedDate(None, "is missing")
        if fault:
            yield Violation("show.trailer", f"the trailer's pubdate {fault}", severity=severity, line=node.line)
        if "season" in node.attributes and not read_whole(node.get("season")):
            yield Violation("show.trailer", f"the trailer's season is {node.get('season')[:20]!r}", line=node.line)


@PODCASTING20.rule("F040", ERROR, "comments have a known protocol and an address, or are disabled", source="podcast namespace")
def social(feed: FeedContext) -> Iterator[Violation]:
    """`protocol="disabled"` stands alone: beside another it says both."""
    for parent, item, prefix in feed.parents():
        found = parent.named.get("podcast:socialInteract", ())
        for node in found:
            protocol, uri = node.get("protocol"), node.get("uri")
            fault = ""
            if protocol not in SOCIAL_PROTOCOLS:
                fault = f"no such protocol: {protocol[:40]!r}"
            elif protocol == "disabled" and (uri or len(found) > 1):
                fault = "disabled stands alone, without uri and without another"
            elif protocol != "disabled" and split(uri) is None:
                fault = f"a socialInteract needs the absolute uri of a post: {uri[:80]!r}"
            if fault:
                yield Violation(f"{prefix}.social", fault, item=item, line=node.line)


@PODCASTING20.rule("F041", ERROR, "payments say how and to whom", source="podcast namespace")
def value(feed: FeedContext) -> Iterator[Violation]:
    """A wrong address loses listeners' money."""
    for node, item, prefix in _tags(feed, "podcast:value"):
        faults = [f"podcast:value has no {name}" for name in ("type", "method") if not node.get(name)]
        if not node.all("podcast:valueRecipient"):
            faults.append("podcast:value has no recipient")
        recipients = [*node.all("podcast:valueRecipient")]
        for stretch in node.all("podcast:valueTimeSplit"):
            recipients += stretch.all("podcast:valueRecipient")
            if bool(stretch.all("podcast:remoteItem")) == bool(stretch.all("podcast:valueRecipient")):
                faults.append("a valueTimeSplit has one remoteItem or recipients of its own")
            faults += [
                f"a valueTimeSplit has no {name} in seconds" for name in ("startTime", "duration") if read_number(stretch.get(name)) is None
            ]
        faults += [fault for recipient in recipients for fault in _recipient_faults(recipient)]
        for fault in faults:
            yield Violation(f"{prefix}.value", fault, item=item, line=node.line)


@PODCASTING20.rule("F042", ERROR, "the publisher is one remote item, and remote items have a UUID", source="podcast namespace")
def remote_items(feed: FeedContext) -> Iterator[Violation]:
    """The publisher's feed must point back, else apps drop the link."""
    groups = [*feed.channel.all("podcast:podroll"), *feed.channel.all("podcast:publisher"), feed.channel]
    for group in groups:
        found = group.all("podcast:remoteItem")
        if group.name == "podcast:publisher" and (len(found) != 1 or found[0].get("medium") != "publisher"):
            yield Violation("show.publisher", 'podcast:publisher needs exactly one remoteItem medium="publisher"', line=group.line)
        key = "show." + {"podcast:podroll": "podroll", "podcast:publisher": "publisher"}.get(group.name, "remote_items")
        for node in found:
            if not is_guid(node.get("feedGuid")):
                yield Violation(key, f"a remoteItem's feedGuid is not a UUID: {node.get('feedGuid')[:60]!r}", line=node.line)


@PODCASTING20.rule("F043", HINT, "labels are short enough to be shown whole", source="podcast namespace")
def soft_limits(feed: FeedContext) -> Iterator[Violation]:
    """Apps may cut funding and season names after 128 characters, an episode's display and an encoding's title after 32."""
    for parent, item, prefix in feed.parents():
        labels = [(node, "funding", "label", node.text.strip(), 128) for node in parent.named.get("podcast:funding", ())]
        labels += [(node, "season", "name", node.get("name"), 128) for node in parent.named.get("podcast:season", ())]
        labels += [(node, "episode_display", "display", node.get("display"), 32) for node in parent.named.get("podcast:episode", ())]
        for node in parent.named.get("podcast:alternateEnclosure", ()):
            labels += [(node, "alternates", "title", node.get("title"), 32), (node, "alternates", "rel", node.get("rel"), 32)]
        for node, key, name, text, limit in labels:
            if len(text) > limit:
                message = f"{node.name} {name} has {len(text)} characters; {limit} are shown"
                yield Violation(f"{prefix}.{key}", message, item=item, line=node.line)


def _rule_fault(rule: str) -> str:
    if len(rule) > 1000:
        return "too long"
    keys: dict[str, str] = {}
    for part in rule.removeprefix("RRULE:").rstrip(";").split(";"):
        match = _RULE_PART.fullmatch(part)
        if match is None or match.group(1) not in _RULE_KEYS:
            return f"{part[:40]!r}"
        if match.group(1) in keys:
            return f"{match.group(1)} stands twice"
        keys[match.group(1)] = match.group(2)
    if keys.get("FREQ") not in _FREQUENCIES:
        return "no FREQ"
    return next((f"{key} is not a number" for key in ("INTERVAL", "COUNT") if key in keys and not read_whole(keys[key])), "")


def _location_faults(node: Node) -> Iterator[str]:
    name, geo, osm, country = node.text.strip(), node.get("geo"), node.get("osm"), node.get("country")
    if not 0 < len(name) <= 128:
        yield "a place needs a name of at most 128 characters"
    match = _GEO.fullmatch(geo) if geo else None
    if geo and (match is None or not (abs(float(match.group(1))) <= 90 and abs(float(match.group(2))) <= 180)):
        yield f"geo is not geo:latitude,longitude: {geo[:60]!r}"
    if osm and not _OSM.fullmatch(osm):
        yield f"osm is not N, W or R and a number: {osm[:60]!r}"
    if country and country.upper() not in COUNTRIES:
        yield f"no such country: {country[:20]!r}"
    if node.get("rel") not in {"subject", "creator"}:
        yield "a place has no rel (subject or creator)"


def _recipient_faults(node: Node) -> Iterator[str]:
    kind, address = node.get("type"), node.get("address")
    if kind not in RECIPIENT_TYPES:
        yield f"no such type of recipient: {kind[:40]!r}"
    if (
        not address
        or (kind == "node" and not _NODE_ADDRESS.fullmatch(address))
        or (kind == "lnaddress" and not _LIGHTNING_ADDRESS.fullmatch(address.lower()))
    ):
        yield f"not an address of a {kind[:40] or 'recipient'}: {address[:80]!r}"
    if not read_whole(node.get("split")):
        yield f"a recipient's split is not a whole number above 0: {node.get('split')[:20]!r}"
