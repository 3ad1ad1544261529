"""How fast the feed of a show with very many episodes is written, and how much memory that takes.

    python -m benchmarks.feed [--episodes 10000] [--rounds 3]

"bare" is the yardstick: feedgen with a single extension that writes the same elements with lxml, without models, cleaning or
lists of writers; the parent checks that both feeds hold the same elements. Time is measured in one process in which both take
turns, so that memory and a busy machine are the same for both: seconds of CPU, the best round. The peak of resident memory is
that of a process which does one of the two once; the input is part of it.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import process_time

from feedgen.ext.base import BaseEntryExtension, BaseExtension
from feedgen.feed import FeedGenerator
from lxml import etree

LIMIT = 500
ITUNES = "{http://www.itunes.com/dtds/podcast-1.0.dtd}"
PODCAST = "{https://podcastindex.org/namespace/1.0}"
PSC = "{http://podlove.org/simple-chapters}"
DC = "{http://purl.org/dc/elements/1.1/}"
ATOM = "{http://www.w3.org/2005/Atom}"
PARAGRAPH = "<p>Today we speak about <a href='https://example.org/{n}'>flour &amp; water</a>: what rye does, what wheat cannot do.</p>\n"


def facts(count: int):
    """The show as plain values, oldest first."""
    for n in range(count):
        notes = "".join(PARAGRAPH.format(n=n * 20 + k) for k in range(17))[:2000]
        yield {
            "title": f"Episode about bread, part {n}",
            "slug": f"episode-{n}",
            "guid": f"7c9e6679-7425-40de-944b-{n:012}",
            "date": datetime(2000, 1, 1, 6, tzinfo=UTC) + timedelta(days=n),
            "url": f"https://show.example/media/episode-{n}-00c0ffee.mp3",
            "link": f"https://show.example/episodes/episode-{n}.html",
            "transcript": f"https://show.example/episodes/episode-{n}/transcript-00c0ffee.vtt",
            "chapters": [(k * 100.5, f"Chapter {k} of {n}") for k in range(10)],
            "notes": notes,
            "summary": f"Part {n}: what rye does, and what wheat cannot do.",
        }


def build_show(count: int):
    from feed.model import Chapter, Document, Enclosure, Episode, Image, Notes, Person, Show
    from feed.schema.episode import FrontMatter
    from feed.schema.show import ShowTable

    episodes = [
        Episode(
            written=FrontMatter(title=fact["title"], season=1, episode=n + 1),
            slug=fact["slug"],
            guid=fact["guid"],
            date=fact["date"],
            link=fact["link"],
            enclosure=Enclosure(url=fact["url"], length=12_345_678, type="audio/mpeg", duration=1800.4),
            notes=Notes(page="", apps=fact["notes"], text="", summary=fact["summary"]),
            transcripts=(Document(url=fact["transcript"], type="text/vtt", language="en"),),
            chapters=tuple(Chapter(start=start, title=title) for start, title in fact["chapters"]),
        )
        for n, fact in enumerate(facts(count))
    ]
    written = {"title": "Bread", "description": "About bread.", "author": "Anna Lind", "language": "en", "explicit": False}
    return Show(
        written=ShowTable.model_validate(written | {"categories": ["Arts > Food"]}),
        guid="9b024349-ccf0-5f69-a609-6b82873eab3c",
        link="https://show.example/index.html",
        feed_url="https://show.example/feed.xml",
        image=Image(url="https://show.example/art/artwork.jpg"),
        episodes=tuple(reversed(episodes)),
        people=(Person(name="Anna Lind"),),
    )


class BareChannel(BaseExtension):
    older = ""
    archive = False

    def extend_ns(self):
        return {
            "itunes": ITUNES[1:-1],
            "podcast": PODCAST[1:-1],
            "psc": PSC[1:-1],
            "dc": DC[1:-1],
            "fh": "http://purl.org/syndication/history/1.0",
        }

    def extend_rss(self, feed):
        channel = feed[0]
        if self.archive:
            etree.SubElement(channel, f"{ATOM}link", rel="current", href="https://show.example/feed.xml", type="application/rss+xml")
        for rel in ("prev-archive", "next") if self.older else ():
            etree.SubElement(channel, f"{ATOM}link", rel=rel, href=self.older, type="application/rss+xml")
        if self.archive:
            etree.SubElement(channel, "{http://purl.org/syndication/history/1.0}archive")
        etree.SubElement(channel, f"{ITUNES}author").text = "Anna Lind"
        etree.SubElement(channel, f"{ITUNES}image", href="https://show.example/art/artwork.jpg")
        category = etree.SubElement(channel, f"{ITUNES}category", text="Arts")
        etree.SubElement(category, f"{ITUNES}category", text="Food")
        etree.SubElement(channel, f"{ITUNES}explicit").text = "false"
        etree.SubElement(channel, f"{ITUNES}type").text = "episodic"
        etree.SubElement(channel, f"{PODCAST}guid").text = "9b024349-ccf0-5f69-a609-6b82873eab3c"
        etree.SubElement(channel, f"{PODCAST}medium").text = "podcast"
        etree.SubElement(channel, f"{PODCAST}locked").text = "yes"
        etree.SubElement(channel, f"{PODCAST}person", role="host", group="cast").text = "Anna Lind"
        etree.SubElement(channel, f"{PODCAST}image", href="https://show.example/art/artwork.jpg", type="image/jpeg", purpose="artwork")


class BareItem(BaseEntryExtension):
    def extend_rss(self, item):
        fact = self.fact
        etree.SubElement(item, f"{DC}creator").text = "Anna Lind"
        etree.SubElement(item, f"{ITUNES}duration").text = "1800"
        etree.SubElement(item, f"{ITUNES}episode").text = str(self.number)
        etree.SubElement(item, f"{ITUNES}season").text = "1"
        etree.SubElement(item, f"{ITUNES}episodeType").text = "full"
        etree.SubElement(item, f"{ITUNES}explicit").text = "false"
        etree.SubElement(item, f"{PODCAST}season").text = "1"
        etree.SubElement(item, f"{PODCAST}episode").text = str(self.number)
        etree.SubElement(item, f"{PODCAST}transcript", url=fact["transcript"], type="text/vtt", language="en", rel="captions")
        etree.SubElement(item, f"{PODCAST}person", role="host", group="cast").text = "Anna Lind"
        chapters = etree.SubElement(item, f"{PSC}chapters", version="1.2")
        for start, title in fact["chapters"]:
            hours, rest = divmod(start, 3600)
            minutes, seconds = divmod(rest, 60)
            etree.SubElement(chapters, f"{PSC}chapter", start=f"{hours:02.0f}:{minutes:02.0f}:{seconds:06.3f}", title=title)


def bare_document(numbered, address="https://show.example/feed.xml", older="", archive=False) -> bytes:
    feed = FeedGenerator()
    feed.title("Bread")
    feed.description("About bread.")
    feed.link(href=address, rel="self", type="application/rss+xml")
    feed.link(href="https://show.example/index.html", rel="alternate")
    feed.image(url="https://show.example/art/artwork.jpg", title="Bread", link="https://show.example/index.html")
    feed.language("en")
    feed.generator("Airdate")
    feed.updated(numbered[0][1]["date"])
    feed.register_extension("bare", BareChannel, BareItem, atom=False)
    feed.bare.older, feed.bare.archive = older, archive
    for number, fact in numbered:
        item = feed.add_entry(order="append")
        item.title(fact["title"])
        item.link(href=fact["link"])
        item.description(fact["summary"])
        item.content(fact["notes"], type="CDATA")
        item.guid(fact["guid"])
        item.enclosure(fact["url"], "12345678", "audio/mpeg")
        item.pubDate(fact["date"])
        item.bare.fact, item.bare.number = fact, number
    return feed.rss_str(pretty=True)


def page_url(page: int) -> str:
    return f"https://show.example/feed-{page}.xml"


def bare_pages(numbered) -> list[bytes]:
    oldest_first = numbered[::-1]
    full = len(numbered) // LIMIT
    pages = [
        bare_document(oldest_first[(k - 1) * LIMIT : k * LIMIT][::-1], page_url(k), page_url(k - 1) if k > 1 else "", archive=True)
        for k in range(1, full + 1)
    ]
    return [*pages, bare_document(numbered[:LIMIT], older=page_url(full))]


def peak_megabytes() -> float:
    """Of this process alone: `getrusage` would begin with what the parent had."""
    line = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) / 1024


def work_of(kind: str, count: int, paged: bool):
    """What is measured: a function that gives the documents."""
    from feed.paging import page_windows
    from feed.rss import render_feed, render_newest, render_page
    from feed.schema.show import FeedTable

    if kind == "bare":
        numbered = list(enumerate(facts(count), 1))[::-1]
        return lambda: bare_pages(numbered) if paged else [bare_document(numbered)]
    show, settings = build_show(count), FeedTable(limit=LIMIT) if paged else FeedTable()
    windows = page_windows(settings, count)

    def ours():
        pages = [
            render_page(replace(show, episodes=show.episodes[window]), settings, page_url, page) for page, window in enumerate(windows, 1)
        ]
        return [*pages, render_newest(show, settings, page_url, len(windows)) if windows else render_feed(show, settings)]

    return ours


def memory(kind: str, count: int, paged: bool, output: str) -> dict[str, float]:
    work = work_of(kind, count, paged)
    before = peak_megabytes()
    documents = work()
    Path(output).write_bytes(b"\0".join([documents[0], documents[-1]]))
    return {"input": before, "peak": peak_megabytes(), "bytes": sum(map(len, documents))}


def seconds(count: int, paged: bool, rounds: int) -> dict[str, float]:
    works = {kind: work_of(kind, count, paged) for kind in ("bare", "ours")}
    best = dict.fromkeys(works, float("inf"))
    for _ in range(rounds):
        for kind, work in works.items():
            start = process_time()
            work()
            best[kind] = min(best[kind], process_time() - start)
    return best


def element_counts(path: Path) -> list[Counter[str]]:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=True)
    return [Counter(element.tag for element in etree.fromstring(data, parser).iter()) for data in path.read_bytes().split(b"\0")]


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--episodes", type=int, default=10_000)
    arguments.add_argument("--rounds", type=int, default=3)
    arguments.add_argument("--child", nargs=3, help=argparse.SUPPRESS)
    options = arguments.parse_args()
    if options.child:
        kind, form, output = options.child
        paged = form == "paged"
        both = kind == "both"
        print(json.dumps(seconds(options.episodes, paged, options.rounds) if both else memory(kind, options.episodes, paged, output)))
        return

    def measured(kind: str, form: str, output: Path):
        command = [sys.executable, "-m", "benchmarks.feed", "--child", kind, form, str(output)]
        command += ["--episodes", str(options.episodes), "--rounds", str(options.rounds)]
        return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)

    print(f"{options.episodes} episodes, 2 kB of notes, 10 chapters, a transcript each; pages of {LIMIT}")
    with tempfile.TemporaryDirectory() as folder:
        for form in ("whole", "paged"):
            best = measured("both", form, Path(folder))
            for kind in ("bare", "ours"):
                figures = measured(kind, form, Path(folder, kind))
                print(
                    f"{form} {kind:5} {best[kind]:6.2f} s  {figures['bytes'] / 1e6:6.1f} MB written"
                    f"  peak {figures['peak']:4.0f} MB (input {figures['input']:.0f} MB)"
                )
            same = element_counts(Path(folder, "bare")) == element_counts(Path(folder, "ours"))
            print(f"{form} ratio {best['ours'] / best['bare']:6.2f}    same elements: {'yes' if same else 'NO'}", flush=True)


if __name__ == "__main__":
    main()
