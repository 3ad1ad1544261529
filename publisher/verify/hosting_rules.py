"""The rules about a served show (H001-H023): what was seen from outside, held against what crawlers and apps need.

One module, since they are one book: in its order they are checked and printed.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

from feed.findings import Severity
from feed.rules.addresses import is_loopback, split
from feed.rules.audio import ENCLOSURE_TYPES
from feed.rules.rulebook import Rulebook, Violation
from publisher.core.layout import STATE
from publisher.verify.former_addresses import judge_former
from publisher.verify.observations import SeenShow, ServedFile, authority, has_no_settings, is_bare, lets_anyone_in, max_age, total_length

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

HOSTING: Rulebook[SeenShow] = Rulebook(heading="Hosting")

ERROR, WARNING, HINT = Severity.ERROR, Severity.WARNING, Severity.HINT

SHORT_LIVED = 900
_SIGNED = frozenset({"x-amz-signature", "x-amz-expires", "x-goog-signature", "signature", "expires", "se", "sig", "awsaccesskeyid"})
_HASHED = re.compile(r"-[0-9a-f]{8,64}\.[A-Za-z0-9]{1,5}$")
_ODD = re.compile(r"[^\x21-\x7e]|%[0-9A-Fa-f]{2}")
_WORDS = {
    "audio": "recording",
    "artwork": "picture",
    "transcript": "transcript",
    "chapters": "chapters file",
    "page": "page",
    "picture": "chapter picture",
}
_REFUSED = "a bucket answers 403 both for what is private and for what is not there"
_CDN = "put a content network (CloudFront, Cloudflare, bunny.net …) before the storage"


def _broken(message: str, hint: str = "", *, item: str | None = None, severity: Severity | None = None) -> Violation:
    return Violation("hosting", message, hint, item=item, severity=severity)


def _together(
    files: Iterable[ServedFile], fault: Callable[[ServedFile], str], *, hint: str = "", severity: Severity | None = None
) -> Iterator[Violation]:
    """One finding for all files of one kind with one fault: a setting of the host is mended once."""
    groups: dict[tuple[str, str], list[ServedFile]] = {}
    for file in files:
        text = fault(file)
        if text:
            groups.setdefault((file.kind, text), []).append(file)
    for (kind, text), found in groups.items():
        more = f" (and {len(found) - 1} more: {kind})" if len(found) > 1 else ""
        yield _broken(f"{text}: {found[0].address}{more}", hint, item=found[0].item if len(found) == 1 else None, severity=severity)


def _of(seen: SeenShow, *kinds: str) -> list[ServedFile]:
    """The files of these kinds that anything came back for; H018 speaks of the others."""
    return [file for file in seen.files if file.kind in kinds and file.head and file.head.status and not _missing(file) and not _busy(file)]


def _missing(file: ServedFile) -> bool:
    return file.head is not None and file.head.status in {404, 410}


def _busy(file: ServedFile) -> bool:
    return any(answer is not None and answer.busy for answer in (file.head, file.part, file.beyond))


@HOSTING.rule("H001", ERROR, "the feed is served to anyone, over https", source="Apple")
def feed_reachable(seen: SeenShow) -> Iterator[Violation]:
    """Status 200, a valid certificate, no password, no proof of being human. http is allowed on this machine only."""
    feed, parts = seen.feed, split(seen.feed_url)
    if feed.challenged:
        yield _broken(
            f"the feed {feed.outcome}: {seen.feed_url}", "switch bot protection off for the feed and the media in the content network"
        )
    elif feed.status in {401, 403}:
        yield _broken(
            f"the feed answers {feed.status}, not to anyone: {seen.feed_url}", "is public reading allowed? `publish bucket` sets it"
        )
    elif feed.busy:
        yield _broken(f"the feed {feed.outcome}, again and again: {seen.feed_url}", "let the host allow crawlers more requests")
    elif feed.status != 200:
        yield _broken(f"the feed {feed.outcome}: {seen.feed_url}", "is [site] url the address listeners reach the storage at?")
    if parts and parts.scheme == "http" and not is_loopback(parts.hostname or ""):
        yield _broken(f"the feed is served over http: {seen.feed_url}", "set [site] url to the https address")
    if feed.status == 200 and feed.header("set-cookie"):
        yield _broken(f"the feed sets a cookie: {seen.feed_url}", "caches do not keep such answers", severity=WARNING)


@HOSTING.rule("H002", ERROR, "HEAD is answered like GET", source="Apple")
def heads(seen: SeenShow) -> Iterator[Violation]:
    """Apple asks HEAD for feed, recordings and artwork before it fetches them."""
    if seen.head is not None and seen.feed.status == 200:
        if seen.head.status != 200:
            yield _broken(f"HEAD of the feed {seen.head.outcome}: {seen.feed_url}")
        elif (
            seen.head.length is not None
            and not (seen.head.header("content-encoding") or seen.feed.header("content-encoding"))
            and seen.head.length != len(seen.feed.body)
        ):
            yield _broken(f"HEAD says the feed has {seen.head.length} bytes, GET sends {len(seen.feed.body)}: {seen.feed_url}")
    files = [file for file in _of(seen, "audio", "artwork") if file.head and not file.head.hops]
    yield from _together(files, lambda file: f"HEAD {file.head.outcome}" if file.head and file.head.status != 200 else "", hint=_REFUSED)
    for file in files:
        served = file.head.length if file.head and file.head.status == 200 else None
        if served is not None and total_length(file.part) not in {None, served}:
            yield _broken(f"HEAD says {served} bytes, GET {total_length(file.part)}: {file.address}", item=file.item)


@HOSTING.rule("H003", ERROR, "parts of a file can be asked for", source="Apple")
def ranges(seen: SeenShow) -> Iterator[Violation]:
    """`Range: bytes=0-1` gives 206 with the right Content-Range: without it players cannot jump, and Apple refuses the show."""
    files = [file for file in _of(seen, "audio", "artwork") if file.head and file.head.status == 200 and not file.head.hops]
    yield from _together(files, _range_fault, hint="the host must answer Range; every S3 service does")
    good = [file for file in files if not _range_fault(file)]
    yield from _together(good, _accept_fault, hint="let the host send Accept-Ranges: bytes", severity=WARNING)
    yield from _together(good, _beyond_fault, hint="players ask again for ever", severity=WARNING)


@HOSTING.rule("H004", ERROR, "length and type served are those in the feed", source="PSP-1")
def lengths(seen: SeenShow) -> Iterator[Violation]:
    """Apps check downloads by them, and pin them."""
    for file in _of(seen, "audio"):
        if file.head is None or file.head.status != 200:
            continue
        served = file.head.length if file.head.length is not None else total_length(file.part)
        if file.length and served is not None and served != file.length:
            yield _broken(f"{served} bytes are served, the feed says {file.length}: {file.address}", item=file.item)
        if file.type and file.head.kind != file.type.lower():
            alike = any({file.type.lower(), file.head.kind} <= types for types in ENCLOSURE_TYPES.values())
            message = f"it is served as {file.head.kind or 'nothing'}, the feed says {file.type}: {file.address}"
            yield _broken(message, item=file.item, severity=WARNING if alike else None)


@HOSTING.rule("H005", WARNING, "the feed is served as application/rss+xml", source="W3C validator")
def feed_type(seen: SeenShow) -> Iterator[Violation]:
    """text/xml and application/xml are tolerated; GitHub Pages knows nothing else."""
    if seen.feed.status == 200 and seen.feed.kind != "application/rss+xml":
        severity = HINT if seen.feed.kind in {"text/xml", "application/xml"} else WARNING
        message = f"the feed is served as {seen.feed.kind or 'nothing'}: {seen.feed_url}"
        yield _broken(message, "application/rss+xml; charset=utf-8", severity=severity)


@HOSTING.rule("H006", WARNING, "an unchanged feed is answered with 304", source="Apple")
def conditional(seen: SeenShow) -> Iterator[Violation]:
    """Crawlers ask again and again; with ETag or Last-Modified an unchanged feed costs nothing."""
    if seen.feed.status != 200:
        return
    if not seen.feed.header("etag") and not seen.feed.header("last-modified"):
        yield _broken(f"the feed has neither ETag nor Last-Modified: {seen.feed_url}", _CDN)
    elif seen.conditional is not None and seen.conditional.status != 304:
        yield _broken(f"an unchanged feed {seen.conditional.outcome}, not 304: {seen.feed_url}", _CDN)


@HOSTING.rule("H007", WARNING, "the feed is compressed when asked for", source="W3C validator")
def compression(seen: SeenShow) -> Iterator[Violation]:
    """Feeds shrink to a tenth. A bare bucket and a plain file server cannot do it."""
    answer = seen.compressed
    if answer is not None and answer.status == 200 and len(seen.feed.body) > 1400 and not answer.header("content-encoding"):
        severity = HINT if is_bare(answer) else WARNING
        yield _broken(f"the feed is never compressed: {seen.feed_url}", f"{_CDN} and switch compression on", severity=severity)


@HOSTING.rule("H008", WARNING, "the feed is cached shortly, named-by-hash files for long", source="podcast apps")
def caching(seen: SeenShow) -> Iterator[Violation]:
    """At most 900 seconds for the feed, better 300: a new episode waits that long. Files with a hash in their name are immutable."""
    if seen.feed.status == 200:
        control, age = seen.feed.header("cache-control").lower(), max_age(seen.feed)
        severity = HINT if is_bare(seen.feed) else WARNING
        hint = f"{_CDN} and let it say max-age=300" if is_bare(seen.feed) else "Cache-Control: max-age=300"
        if age is None and not any(word in control for word in ("no-store", "no-cache")):
            yield _broken(f"the feed does not say how long it may be cached: {seen.feed_url}", hint, severity=severity)
        elif age is not None and age > SHORT_LIVED:
            yield _broken(f"the feed may be cached for {age} s: {seen.feed_url}", hint, severity=severity)
    hashed = [file for file in _of(seen, "audio", "artwork") if _HASHED.search(file.address.partition("?")[0])]
    for bare, severity in ((False, WARNING), (True, HINT)):
        files = [file for file in hashed if is_bare(file.head) is bare and file.head and file.head.status == 200]
        yield from _together(files, _immutable_fault, hint="Cache-Control: public, max-age=31536000, immutable", severity=severity)


@HOSTING.rule("H009", WARNING, "web players may read feed, transcripts and chapters", source="podcast namespace")
def cors(seen: SeenShow) -> Iterator[Violation]:
    """`Access-Control-Allow-Origin: *`; without it a browser keeps them from the page. For recordings it is a hint."""
    hint = "`publish bucket` sets CORS; on other hosts, let them send Access-Control-Allow-Origin: *"
    if seen.feed.status == 200 and not lets_anyone_in(seen.feed):
        yield _broken(f"web players may not read the feed: {seen.feed_url}", hint)
    for kinds, severity in ((("transcript", "chapters"), WARNING), (("audio",), HINT)):
        files = [file for file in _of(seen, *kinds) if file.head and file.head.status == 200]
        yield from _together(files, _cors_fault, hint=hint, severity=severity)


@HOSTING.rule("H010", ERROR, "transcripts and chapters are served as what the feed says", source="podcast namespace")
def document_types(seen: SeenShow) -> Iterator[Violation]:
    """text/vtt, application/json, application/x-subrip, text/html; chapters as application/json+chapters."""
    for file in _of(seen, "transcript", "chapters"):
        if file.head is None or file.head.status != 200 or file.head.kind == file.type.lower():
            continue
        tolerated = file.kind == "chapters" and file.head.kind == "application/json"
        severity = HINT if tolerated or has_no_settings(file.head) else WARNING if is_bare(file.head) else None
        yield _broken(
            f"it is served as {file.head.kind or 'nothing'}, the feed says {file.type}: {file.address}", item=file.item, severity=severity
        )


@HOSTING.rule("H011", WARNING, "redirects are few, permanent for the feed, and never over http", source="W3C validator")
def redirects(seen: SeenShow) -> Iterator[Violation]:
    """Each one costs a listener time; a temporary one on the feed is asked for ever."""
    temporary = next((hop for hop in seen.feed.hops if hop.status in {302, 303, 307}), None)
    if temporary:
        yield _broken(f"the feed is redirected for the time being ({temporary.status}): {temporary.address}", "let the host answer 301")
    chains = [("the feed", seen.feed), *((f"a {file.kind} file", file.head) for file in seen.files if file.head)]
    for what, answer in chains:
        if len(answer.hops) > 3:
            yield _broken(f"{what} is redirected {len(answer.hops)} times: {answer.hops[0].address}")
        for address in [*(hop.address for hop in answer.hops[1:]), *([answer.address] if answer.hops else [])]:
            parts = split(address)
            if parts and parts.scheme == "http" and not is_loopback(parts.hostname or ""):
                yield _broken(f"{what} is redirected over http: {address}")
                break


@HOSTING.rule("H012", ERROR, "HEAD and Range work behind redirects too", source="Apple")
def behind_redirects(seen: SeenShow) -> Iterator[Violation]:
    """A measurement prefix must hand both on; shows were delisted for one that did not."""
    for file in _of(seen, "audio", "artwork"):
        if file.head is None or not file.head.hops:
            continue
        fault = f"HEAD {file.head.outcome}" if file.head.status != 200 else _range_fault(file)
        if fault:
            yield _broken(
                f"behind {len(file.head.hops)} redirects {fault}: {file.address}",
                "[feed] enclosure_prefix names the service",
                item=file.item,
            )


@HOSTING.rule("H013", WARNING, "http leads to https", source="podcast namespace")
def https_everywhere(seen: SeenShow) -> Iterator[Violation]:
    """Old links keep working, and nothing is read in between. A host that does not answer on http at all is fine."""
    answer = seen.insecure
    if answer is not None and answer.status == 200 and not any(hop.status in {301, 308, 302, 307} for hop in answer.hops):
        severity = HINT if is_bare(answer) else None
        yield _broken(
            f"the feed is served over http as well, without a redirect: {answer.address}", f"{_CDN} and redirect", severity=severity
        )


@HOSTING.rule("H014", ERROR, "no address in the feed expires", source="all apps")
def signed(seen: SeenShow) -> Iterator[Violation]:
    """A signed address works for hours or days; apps keep it for years."""
    for address in seen.addresses:
        query = address.partition("?")[2][:4000]
        names = {name.lower() for name, _ in parse_qsl(query, keep_blank_values=True, max_num_fields=None)} if query else set()
        if len(names & _SIGNED) > 1 or names & {"x-amz-signature", "x-goog-signature"}:
            yield _broken(f"the address is signed and will expire: {address[:160]}", "publish the plain public address")
            return


@HOSTING.rule("H015", WARNING, "addresses are plain ASCII", source="Apple")
def plain_addresses(seen: SeenShow) -> Iterator[Violation]:
    """Blanks, umlauts and %-escapes are read differently by different clients."""
    found = [address for address in seen.addresses if _ODD.search(address.partition("?")[0])]
    if found:
        more = f" (and {len(found) - 1} more)" if len(found) > 1 else ""
        yield _broken(
            f"the address holds blanks, other letters or %-escapes: {found[0][:160]}{more}", "name files with letters, digits and hyphens"
        )


@HOSTING.rule("H016", WARNING, "former addresses of the feed lead here", source="Apple")
def old_addresses(seen: SeenShow) -> Iterator[Violation]:
    """301, and for good: some apps come back after months. `[feed] former` names the addresses to look at."""
    for answer in seen.old_feeds:
        former = judge_former(answer, seen.feed.address)
        if not former.leads_here:
            message = f"a former address of the feed {former.said}: {former.address}"
            yield _broken(message, f"let it answer 301 with {seen.feed_url}; `publish move` says where that is set")


@HOSTING.rule("H017", WARNING, "recordings are served to be played", source="web players")
def playable(seen: SeenShow) -> Iterator[Violation]:
    """Content-Disposition: attachment makes browsers save instead of play; a Content-Encoding breaks lengths and jumps."""
    for file in _of(seen, "audio"):
        if file.head is None:
            continue
        if file.head.header("content-disposition").lower().startswith("attachment"):
            yield _broken(f"browsers save the recording instead of playing it: {file.address}", "no Content-Disposition", item=file.item)
        if file.head.header("content-encoding").lower() not in {"", "identity"}:
            yield _broken(
                f"the recording is served with Content-Encoding {file.head.header('content-encoding')[:30]}: {file.address}", item=file.item
            )


@HOSTING.rule("H018", ERROR, "everything the feed names is there", source="all apps")
def complete(seen: SeenShow) -> Iterator[Violation]:
    """Files go up before the feed, so nobody ever sees a gap."""
    for file in seen.files:
        if file.head and _missing(file):
            names = "a chapters file names" if file.kind == "picture" else "the feed names"
            message = f"{names} a {_WORDS[file.kind]} that is not there ({file.head.status}): {file.address}"
            yield _broken(message, "`publish --repair` puts back what is missing from the storage", item=file.item)
    yield from _together(
        _of(seen, "transcript", "chapters", "page", "picture"),
        lambda file: f"the {_WORDS[file.kind]} {file.head.outcome}" if file.head and file.head.status != 200 else "",
        hint=_REFUSED,
    )
    busy: dict[str, list[ServedFile]] = {}
    for file in seen.files:
        if _busy(file) and not _missing(file):
            busy.setdefault(authority(file.address), []).append(file)
    for host, files in busy.items():
        message = f"{host} is too busy to answer for {len(files)} of the feed's files, first {files[0].address}"
        yield _broken(message, "look again later; crawlers are turned away like this look", severity=WARNING)
    silent: dict[str, list[ServedFile]] = {}
    for file in seen.files:
        if file.head and not file.head.status:
            silent.setdefault(f"{authority(file.address)} {file.head.outcome}", []).append(file)
    for outcome, files in silent.items():
        yield _broken(f"{outcome}; the feed names {len(files)} of its files, first {files[0].address}", "is [site] url right?")


@HOSTING.rule("H019", WARNING, "robots.txt lets crawlers in", source="directories")
def robots(seen: SeenShow) -> Iterator[Violation]:
    """Apple's crawler takes no notice of it; of others nothing is known, and search engines keep to it."""
    from urllib.robotparser import RobotFileParser

    for host, answer in seen.robots.items():
        if answer.status != 200:
            continue
        parser = RobotFileParser()
        parser.parse(answer.body[:500_000].decode("utf-8", "replace").splitlines())
        addresses = [seen.feed_url, *(file.address for file in seen.files if file.kind in {"audio", "artwork"})]
        blocked = [address for address in addresses if authority(address) == host and not parser.can_fetch("podcasts", address)]
        if blocked:
            yield _broken(f"robots.txt keeps crawlers from {blocked[0]}", f"let {host}/robots.txt allow it")


@HOSTING.rule("H020", HINT, "somebody is told when an episode comes out", source="podcast namespace, WebSub")
def notification(seen: SeenShow) -> Iterator[Violation]:
    """A hub or podping brings a new episode to apps within a minute instead of an hour."""
    if seen.document is None:
        return
    channel = seen.document.channel
    hub = any(node.get("rel") == "hub" for node in channel.all("atom:link"))
    ping = any(node.get("usesPodping") == "true" for node in channel.all("podcast:podping"))
    if not hub and not ping:
        yield _broken("no hub and no podping is told of new episodes", "[feed] hubs and [announce]")


@HOSTING.rule("H021", WARNING, "links in the notes lead somewhere", source="listeners")
def outgoing(seen: SeenShow) -> Iterator[Violation]:
    """Asked only when wished for: these are the addresses of others."""
    for address, answer in seen.links:
        if answer.status in {404, 410} or answer.status >= 500 or not answer.status:
            yield _broken(f"a link in the notes {answer.outcome}: {address}")


@HOSTING.rule("H022", WARNING, "pages tell feed readers and networks what they are", source="podcast apps")
def pages(seen: SeenShow) -> Iterator[Violation]:
    """`<link rel="alternate" type="application/rss+xml">`, a canonical address, and og: tags for a shared link's card."""
    yield from _together([file for file in seen.files if file.kind == "page" and file.whole and file.whole.status == 200], _page_fault)


@HOSTING.rule("H023", WARNING, "what publishing keeps for itself is not public", source="Airdate")
def private_state(seen: SeenShow) -> Iterator[Violation]:
    """It names recordings that are not due yet. `[storage] private` keeps it in a second, private bucket."""
    if seen.state is not None and seen.state.status == 200:
        hint = f"set [storage] private, or let bucket or server leave out {STATE}/ and airdate-state/"
        yield _broken(f"anyone can read what publishing keeps for itself: {seen.state.address}", hint)


def _range_fault(file: ServedFile) -> str:
    if file.part is None:
        return ""
    if file.part.status != 206:
        return f"Range {file.part.outcome}, not 206"
    return "" if file.part.header("content-range").startswith("bytes 0-1/") else "Range is answered with another part"


def _accept_fault(file: ServedFile) -> str:
    answers = [answer for answer in (file.head, file.part) if answer]
    return "" if any(answer.header("accept-ranges").lower() == "bytes" for answer in answers) else "no Accept-Ranges: bytes"


def _beyond_fault(file: ServedFile) -> str:
    return f"Range past the end {file.beyond.outcome}, not 416" if file.beyond and file.beyond.status != 416 else ""


def _immutable_fault(file: ServedFile) -> str:
    if file.head is None or "immutable" in file.head.header("cache-control").lower():
        return ""
    return "" if (max_age(file.head) or 0) >= 2_592_000 else "it may not be cached for long, though its name holds its hash"


def _cors_fault(file: ServedFile) -> str:
    return "" if file.head and lets_anyone_in(file.head) else "web players may not read it"


def _page_fault(file: ServedFile) -> str:
    page = file.whole.body.decode("utf-8", "replace").lower() if file.whole else ""
    wanted = {
        "link to the feed": re.search(r"<link\b[^<>]*application/rss\+xml", page),
        "canonical address": re.search(r"<link\b[^<>]*rel=[\"']?canonical", page),
        "og:title": "og:title" in page,
        "og:image": "og:image" in page,
    }
    missing = [name for name, found in wanted.items() if not found]
    return f"the page has no {' and no '.join(missing)}" if missing else ""
