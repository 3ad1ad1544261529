"""A served show, looked at from outside as a directory's crawler would, and judged by the rules about hosting."""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field, replace
from itertools import chain
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin

from feed.findings import ContentFault, Finding, Severity
from feed.reader import FeedDocument, Node, read_feed
from feed.rules import to_finding
from feed.rules.addresses import is_web, split
from feed.rules.markup import links
from feed.text_cleaning import read_json
from publisher.core.addresses import is_inside
from publisher.core.layout import STATE_KEY
from publisher.verify.hosting_rules import HOSTING
from publisher.verify.observations import PLAYER, SeenShow, ServedFile, authority
from publisher.web.web_requests import Answer, Limits, WebClient, open_client

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Generator, Mapping, Sequence


_ORIGIN = {"Origin": PLAYER}
_NOT_THERE = frozenset((403, 404, 410))
"""A bucket that nobody may list answers 403 for what is not there."""
_BEYOND = 1 << 50
"""Bytes; no recording is that long."""
_NOT_ASKED = Answer(address="")
_READ, _HEAVY = frozenset({"page", "chapters"}), frozenset({"audio", "artwork"})
"""Kinds of files whose bodies are looked into, and of those that players ask for in parts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LookScope:
    """What is asked for: the files, chapter pictures and pages of the `newest` episodes (at most `limits.addresses` files and as many
    pictures), or of all (`everything`).

    Only the show's own hosts are asked: those of the feed and of what it names, and what they redirect to. `site_url` is where the
    storage's root is (default: the feed's folder), `old_urls` are the feed's former addresses, `state` is what only the publisher
    needs, `outgoing` asks for links in the notes too; where `only` is given, other files of the feed are not asked for.
    """

    newest: int = 10
    everything: bool = False
    limits: Limits = field(default_factory=Limits)
    old_urls: Sequence[str] = ()
    site_url: str = ""
    outgoing: bool = False
    state: str = STATE_KEY
    only: Container[str] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SentFeed:
    """The feed that was just published, `document` read from `body`; `etag` is what the storage calls it ("": not known)."""

    body: bytes
    document: FeedDocument
    etag: str = ""


def look_at_served(
    feed_url: str,
    scope: LookScope,
    *,
    progress: Callable[[int, int], None] | None = None,
    sent: SentFeed | None = None,
    missing: Callable[[str], None] = lambda _address: None,
) -> Generator[None, None, list[Finding]]:
    """What a crawler would find wrong with the show at `feed_url`, in the order of the rules. Never raises for what a server does.

    A cache that still serves something else than what was just `sent` is a warning; what that names is asked for together with
    the feed itself, in the first step. `progress` hears (done, all), `missing` of each address behind which there is nothing, or nothing for us.
    """
    with open_client(scope.limits) as client, ThreadPoolExecutor(max_workers=scope.limits.threads) as pool:
        crawler = WebClient(client, scope.limits, typed=feed_url)
        asked = pool.submit(crawler.ask, "GET", feed_url, _ORIGIN, keep=True)
        try:
            if sent is None:
                yield
                document, fault = _read(asked.result())
                condition = _condition(asked.result())
            else:
                document, fault = sent.document, None
                condition = {"If-None-Match": f'"{sent.etag}"'} if sent.etag else {}
            nothing = SeenShow(feed_url=feed_url, feed=_NOT_ASKED, document=document)
            visited = yield from _visit(crawler, pool, scope, nothing, condition, progress)
            feed = asked.result()
            if sent is not None and feed.inside and not is_inside(feed_url):  # only its answer said that this network may be asked
                visited = yield from _visit(crawler, pool, scope, nothing, condition, progress)
            if sent is not None:
                document, fault = (document, None) if feed.status == 200 and feed.content == sent.body else _read(feed)
                if (visited.conditional is None or visited.conditional.status != 304) and _condition(feed) != condition:
                    visited = replace(visited, conditional=crawler.ask("GET", feed_url, _condition(feed)) if _condition(feed) else None)
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    seen = replace(visited, feed=feed, document=document, files=visited.files if document is not None else ())
    for answer in (feed, *(file.head for file in seen.files)):
        if answer is not None and answer.status in _NOT_THERE:
            missing(answer.address)
    findings = [to_finding(broken, file="") for broken in HOSTING.check(seen)]
    if fault is not None:
        findings.insert(0, fault.finding(feed_url))
    if sent is not None and feed.status == 200 and feed.content != sent.body:
        age = f" (it is {feed.header('age')} s old)" if feed.header("age").isdigit() else ""
        message = f"a cache still serves another feed than the one just published{age}: {feed_url}"
        findings.append(
            Finding(code="H008", severity=Severity.WARNING, message=message, hint="purge the cache, or wait until it is out of date")
        )
    return findings


def _visit(
    crawler: WebClient,
    pool: ThreadPoolExecutor,
    scope: LookScope,
    seen: SeenShow,
    condition: Mapping[str, str],
    progress: Callable[[int, int], None] | None,
) -> Generator[None, None, SeenShow]:
    """Everything else that is asked for once it is known what the feed names."""
    feed_url, document = seen.feed_url, seen.document
    files = _files(document, scope) if document else []
    outside = _links(document, scope) if scope.outgoing and document else []
    audio = (file.address for file in _named(document, scope) if file.kind == "audio") if document else ()
    robots = list(dict.fromkeys(authority(address) for address in (feed_url, *audio)))
    root = scope.site_url.rstrip("/") + "/" if scope.site_url else urljoin(feed_url, ".")
    served = [[pool.submit(crawler.ask, *question, keep=file.kind in _READ) for question in _questions(file)] for file in files]
    feeds = [pool.submit(job) for job in _feed_jobs(crawler, feed_url, condition, urljoin(root, scope.state))]
    old_feeds = [pool.submit(crawler.ask, "GET", url) for url in scope.old_urls]
    links_ = [pool.submit(_outside, crawler, url) for url in outside]
    robots_ = [pool.submit(crawler.ask, "GET", f"{host}/robots.txt", keep=True) for host in robots]
    jobs: list[Future[Any]] = [*chain.from_iterable(served), *feeds, *old_feeds, *links_, *robots_]
    yield
    for done, _ in enumerate(as_completed(jobs), 1):
        if progress:
            progress(done, len(jobs))
    found = [_served(file, [job.result() for job in asked]) for file, asked in zip(files, served, strict=True)]
    pictures = chapter_pictures(found)
    pictures = pictures if scope.everything else pictures[: scope.limits.addresses]
    heads = pool.map(lambda file: _outside(crawler, file.address), pictures)
    found += [replace(file, head=head) for file, head in zip(pictures, heads, strict=True)]
    head, conditional, compressed, insecure, state = (job.result() for job in feeds)
    return replace(
        seen,
        addresses=_addresses(feed_url, document),
        head=head,
        conditional=conditional if conditional.address else None,
        compressed=compressed,
        insecure=insecure if insecure.address else None,
        state=state,
        old_feeds=[job.result() for job in old_feeds],
        links=[(url, job.result()) for url, job in zip(outside, links_, strict=True)],
        robots={host: job.result() for host, job in zip(robots, robots_, strict=True)},
        files=found,
    )


def _read(feed: Answer) -> tuple[FeedDocument | None, ContentFault | None]:
    if feed.status != 200:
        return None, None
    try:
        return read_feed(feed.content, mended=False), None
    except ContentFault as fault:
        return None, fault


def _condition(feed: Answer) -> dict[str, str]:
    """What a feed that did not change is asked for with; nothing where it says neither what it is nor of when."""
    if feed.header("etag"):
        return {"If-None-Match": feed.header("etag")}
    return {"If-Modified-Since": feed.header("last-modified")} if feed.header("last-modified") else {}


def _feed_jobs(crawler: WebClient, feed_url: str, condition: Mapping[str, str], state_url: str) -> list[Callable[[], Answer]]:
    """The five other ways of asking; an Answer without address stands for what is not asked."""
    insecure = "http://" + feed_url.removeprefix("https://") if feed_url.startswith("https://") else ""
    return [
        lambda: crawler.ask("HEAD", feed_url),
        lambda: crawler.ask("GET", feed_url, condition) if condition else _NOT_ASKED,
        lambda: crawler.ask("GET", feed_url, {"Accept-Encoding": "gzip, br"}),
        lambda: crawler.ask("GET", insecure) if insecure else _NOT_ASKED,
        lambda: crawler.ask("HEAD", state_url),
    ]


def _questions(file: ServedFile) -> list[tuple[str, str, Mapping[str, str]]]:
    """The ways in which the readers of a file ask for it, the plain one first."""
    if file.kind not in _HEAVY:
        return [("GET", file.address, _ORIGIN)]
    first, beyond = {**_ORIGIN, "Range": "bytes=0-1"}, {"Range": f"bytes={_BEYOND}-"}
    return [("HEAD", file.address, _ORIGIN), ("GET", file.address, first), ("GET", file.address, beyond)]


def _served(file: ServedFile, answers: Sequence[Answer]) -> ServedFile:
    """A file with the answers to its questions; of one that is not there only the first counts."""
    head, *parts = answers
    part, beyond = parts if parts and head.status not in {0, 404, 410} else (None, None)
    return replace(file, head=head, part=part, beyond=beyond, whole=head if file.kind in _READ else None)


def _outside(crawler: WebClient, address: str) -> Answer:
    """A link of others: HEAD, and GET only where HEAD is not understood."""
    answer = crawler.ask("HEAD", address)
    return crawler.ask("GET", address) if answer.status in {403, 404, 405, 501} else answer


def _episodes(document: FeedDocument, scope: LookScope) -> Sequence[Node]:
    return document.items if scope.everything else document.items[: scope.newest]


def _files(document: FeedDocument, scope: LookScope) -> list[ServedFile]:
    """What is asked for of what the feed names."""
    files = [file for file in _named(document, scope) if scope.only is None or file.address in scope.only]
    return files if scope.everything else files[: scope.limits.addresses]


def _named(document: FeedDocument, scope: LookScope) -> list[ServedFile]:
    """What the feed names, each address once: artwork first, then episode by episode, newest first."""
    found: dict[str, ServedFile] = {}

    def add(kind: str, address: str, *, type_: str = "", length: str = "", item: str | None = None) -> None:
        if is_web(address) and address not in found:
            size = int(length) if length.isascii() and length.isdigit() and len(length) < 16 else 0
            found[address] = ServedFile(kind=kind, address=address, type=type_, length=size, item=item)

    channel = document.channel
    add("artwork", channel.attribute("itunes:image", "href"))
    for node in _episodes(document, scope):
        guid = node.value("guid") or None
        for enclosure in node.all("enclosure")[:1]:
            add("audio", enclosure.get("url"), type_=enclosure.get("type"), length=enclosure.get("length"), item=guid)
        for transcript in node.all("podcast:transcript"):
            add("transcript", transcript.get("url"), type_=transcript.get("type"), item=guid)
        for chapters in node.all("podcast:chapters")[:1]:
            add("chapters", chapters.get("url"), type_=chapters.get("type"), item=guid)
        add("artwork", node.attribute("itunes:image", "href"), item=guid)
        if _own_page(node.value("link"), document):
            add("page", node.value("link"), item=guid)
    return list(found.values())


def chapter_pictures(files: Sequence[ServedFile]) -> list[ServedFile]:
    """The pictures that chapters files name, each once; what is no chapters file names none."""
    found: dict[str, ServedFile] = {}
    for file in files:
        if file.kind != "chapters" or file.whole is None:
            continue
        try:
            document = read_json(file.whole.body)
        except (ValueError, RecursionError):
            continue
        chapters = document.get("chapters") if isinstance(document, dict) else None
        for chapter in chapters if isinstance(chapters, list) else ():
            address = chapter.get("img") if isinstance(chapter, dict) else None
            if isinstance(address, str) and is_web(address):
                found.setdefault(address, ServedFile(kind="picture", address=address, item=file.item))
    return list(found.values())


def _own_page(link: str, document: FeedDocument) -> bool:
    """A page elsewhere is not the show's to answer for."""
    own = [document.channel.value("link"), *(node.get("href") for node in document.channel.all("atom:link") if node.get("rel") == "self")]
    return bool(link) and authority(link) in {authority(address) for address in own}


def _links(document: FeedDocument, scope: LookScope) -> list[str]:
    """The addresses elsewhere that the notes lead to, a hundred at most."""
    own = authority(document.channel.value("link"))
    found: dict[str, None] = {}
    for node in _episodes(document, scope):
        for name in ("description", "content:encoded"):
            for address in links(node.value(name)):
                parts = split(address)
                # links of others are asked for only where they lead to the public web by name
                if is_web(address) and parts and "." in (parts.hostname or "") and authority(address) != own:
                    found.setdefault(address)
    return list(found)[:100]


def _addresses(feed_url: str, document: FeedDocument | None) -> list[str]:
    """Every address of a file that the feed names, each once."""
    found = {feed_url: None}
    for node in (document.channel, *document.items) if document else ():
        for name, attribute in (
            ("enclosure", "url"),
            ("itunes:image", "href"),
            ("podcast:transcript", "url"),
            ("podcast:chapters", "url"),
        ):
            found.update({child.get(attribute): None for child in node.all(name) if child.get(attribute)})
    return list(found)
