"""Search over the whole show: one index a month of the newest year, one for every year before it, joined in the browser.

An index holds a document per episode, with a mark at every passage of its transcript, so that a hit opens the episode at
its second. Indexes are made by pagefind, which is told of the episodes alone and never reads a page.
"""

from __future__ import annotations

import base64
import contextlib
import json
import os
import subprocess
from fnmatch import fnmatchcase
from functools import cache, partial
from html import escape
from importlib import import_module
from threading import Thread
from typing import TYPE_CHECKING, Any, NamedTuple

from feed.findings import Finding, Severity
from feed.text_cleaning import read_json
from feed.word_boundaries import join, parted
from publisher.core import layout
from publisher.core.errors import AirdateError
from publisher.incremental_build.artifacts import Artifact, Phase, artifact, hashed
from publisher.incremental_build.recipe_names import recipe_name
from publisher.site.parts.words import UNSPACED

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from feed.model import Chapter, Cue
    from publisher.core.layout import Key
    from publisher.load.config_tables import Config
    from publisher.render.episode_content import EpisodeContent
    from publisher.render.media_and_documents import Composition
    from publisher.site.page_kinds.own_pages import PlainPage
    from publisher.site.site import Site

PASSAGE = 20.0
"""Seconds after which a passage ends with the sentence that is being said."""
_PIECES = ("*.pf_meta", "index/*.pf_index", "fragment/*.pf_fragment")
_ENTRY = "pagefind-entry.json"
_MARK = "¶"
_SECONDS = 600
_REINSTALL = "pip install --force-reinstall pagefind-bin, or write search = false under [site]"


class Passage(NamedTuple):
    """What is said from `start` seconds on; `heading` is the chapter that begins with it."""

    start: float
    heading: str
    text: str


class Tool(NamedTuple):
    """The program that makes indexes, and which version of it."""

    path: Path
    version: str


@cache
def tool(primary_language: str) -> Tool | None:
    """The program of its package; for languages written without spaces the one that knows their words, where that is installed."""
    for path in _installed(primary_language):
        try:
            answer = subprocess.run([path, "--version"], capture_output=True, timeout=20, check=True, stdin=subprocess.DEVNULL)
        except (OSError, subprocess.SubprocessError):
            continue
        return Tool(path, f"{path.stem} {answer.stdout.decode(errors='replace').strip()}")
    return None


def _installed(primary_language: str) -> Iterator[Path]:
    for package in (("pagefind_bin_extended",) if primary_language in UNSPACED else ()) + ("pagefind_bin",):
        try:
            yield import_module(package).get_executable()
        except (ImportError, FileNotFoundError):
            continue


def wanted(composition: Composition) -> tuple[bool, tuple[Finding, ...]]:
    """Whether the site has a search: `[site] search`, and the program that makes it runs here; and what is wrong with it."""
    if not composition.config.site.search:
        return False, ()
    language = _language(composition.config)
    found = tool(language)
    place = composition.source.file.path.name
    if found is None:
        missing = Finding(
            code="search-unavailable",
            severity=Severity.WARNING,
            message="the pages are without search: pagefind does not run here",
            file=place,
            hint=_REINSTALL,
        )
        return False, (missing,)
    if language in UNSPACED and "extended" not in found.version:
        plain = Finding(
            code="search-words",
            severity=Severity.HINT,
            message="search finds whole sentences only: this language is written without spaces",
            file=place,
            hint="pip install pagefind-bin-extended beside Airdate adds the dictionaries",
        )
        return True, (plain,)
    return True, ()


def recipes(site: Site, shared: str, contents: Sequence[EpisodeContent], plain: Sequence[PlainPage]) -> None:
    """The indexes, the program that reads them in the browser, and the search page."""
    language = _language(site.config)
    found = tool(language)
    if found is None:
        return
    show = site.config.show
    inputs = [found.version, language, site.config.site.pretty_urls]

    def first() -> Iterable[Artifact]:
        pages = [_document(site.links.path(layout.HOME), show.title, _paragraphs(show.description), ())]
        pages += [_document(site.links.path(page.key), page.title, page.body, ()) for page in plain]
        files = index_files(found, language, pages)
        spoken = read_json(files[_ENTRY])["languages"].popitem()[1]["wasm"] or "unknown"
        runtime = {name: files[name] for name in ("pagefind.js", f"wasm.{spoken}.pagefind")}
        key = partial(layout.search_program, hashed(b"".join(runtime[name] for name in sorted(runtime))))
        yield artifact(key("pagefind.js"), runtime.pop("pagefind.js"), Phase.MEDIA)
        for name, body in sorted(runtime.items()):
            yield artifact(key(name), body, Phase.MEDIA)
        yield from _bundle(key, files)

    made = site.build.make(
        recipe_name("search", "pages"), [*inputs, show.title, show.description, [[page.key, page.file.digest] for page in plain]], first
    )
    runtime = layout.folder_of(made[0].key)
    bundles = []
    config = site.config
    people = [[name, person.name] for name, person in sorted(config.people.items())]
    common = [config.chapters.in_notes, config.show.hosts, people]
    visible = [content for content in contents if content.slug not in site.marked]
    for name, together in bundles_of(visible).items():

        def bundle(name: str = name, contents: Sequence[EpisodeContent] = together) -> Iterable[Artifact]:
            pages = [episode_document(content.for_once(), site.links.path(content.key), language) for content in contents]
            yield from _bundle(partial(layout.search_index, name), index_files(found, language, pages))

        made = site.build.make(recipe_name("search", name), [*inputs, common, [_inputs(content) for content in together]], bundle)
        bundles.append(layout.folder_of(made[-1].key))

    def page() -> Iterable[Artifact]:
        from publisher.site.html.show_pages import search_page

        yield artifact(layout.SEARCH, search_page(site.theme, site.show, runtime, bundles), Phase.PAGE)

    site.build.make(recipe_name("search", "page"), [shared, runtime, bundles], page)


def bundles_of(contents: Sequence[EpisodeContent]) -> Mapping[str, list[EpisodeContent]]:
    """Episodes (newest first) by index: `2026-05` in the year of the newest, `2025` before. Oldest first in each, so that order is fixed."""
    found: dict[str, list[EpisodeContent]] = {}
    newest = contents[0].recorded.date.year if contents else 0
    for content in contents:
        date = content.recorded.date
        found.setdefault(f"{date:%Y-%m}" if date.year == newest else f"{date:%Y}", []).append(content)
    return {name: sorted(items, key=lambda item: (item.recorded.date, item.slug)) for name, items in found.items()}


def passages(cues: Sequence[Cue], chapters: Sequence[Chapter]) -> tuple[Passage, ...]:
    """Cues in stretches of about PASSAGE seconds; a chapter begins a new one."""
    starts = [chapter for chapter in chapters if chapter.toc]
    found: list[Passage] = []
    words: list[str] = []
    start, heading = 0.0, ""
    upcoming = 0

    def close() -> None:
        if words or heading:
            found.append(Passage(start, heading, join(words)))

    for cue in cues:
        while upcoming < len(starts) and cue.start >= starts[upcoming].start - 0.5:
            close()
            start, heading, words = starts[upcoming].start, starts[upcoming].title, []
            upcoming += 1
        if words and cue.start - start >= PASSAGE:
            close()
            start, heading, words = cue.start, "", []
        if not words and not heading:
            start = cue.start
        words.append(cue.text)
    close()
    found += [Passage(chapter.start, chapter.title, "") for chapter in starts[upcoming:]]
    return tuple(found)


def episode_document(content: EpisodeContent, url: str, language: str) -> tuple[str, str]:
    """What is found of an episode: title, people, tags, notes, chapters and every word of its transcript; in an index of `language`."""
    written = content.source.written
    intro = [
        content.notes.page,
        _paragraphs("\n".join([", ".join(person.name for person in content.sources.people), ", ".join(written.tags)])),
    ]
    spoken = passages(content.sources.cues, content.chapters)
    if language not in UNSPACED:  # whose own program knows where words of such scripts begin
        spoken = tuple(passage._replace(text=parted(passage.text)) for passage in spoken)
    meta = f'<span data-pagefind-meta="date">{content.recorded.date.date().isoformat()}</span>'
    return _document(url, written.title, meta + "".join(intro), spoken)


def index_files(program: Tool, language: str, documents: Sequence[tuple[str, str]]) -> dict[str, bytes]:
    """The files of an index over `documents` (address, HTML), by name. Raises AirdateError (search-failed) when the program fails.

    They come with its answer: it may say that it wrote files, and end, before they are whole on the disk.
    """
    requests: list[dict[str, object]] = [{"type": "NewIndex", "config": {"force_language": language, "keep_index_url": True}}]
    requests += [{"type": "AddFile", "index_id": 0, "url": url, "file_path": None, "file_contents": text} for url, text in documents]
    requests.append({"type": "GetFiles", "index_id": 0})
    answers = _exchange(program, requests)
    if len(answers) < len(requests) or any(answer.get("type") == "Error" for answer in answers):
        reason = next((str(answer.get("message")) for answer in answers if answer.get("type") == "Error"), "it ended early")
        raise _failed(reason)
    files: Any = next(answer["files"] for answer in answers if answer.get("type") == "GetFiles")
    return {file["path"]: base64.b64decode(file["content"]) for file in sorted(files, key=lambda file: file["path"])}


def _failed(cause: str) -> AirdateError:
    return AirdateError("the search index could not be made", cause=cause, hint=_REINSTALL, code="search-failed")


def _exchange(program: Tool, requests: Sequence[Mapping[str, object]]) -> list[dict[str, object]]:
    """Every answer to the requests: base64 of JSON with a comma after each, both ways."""
    sent = b"".join(
        base64.b64encode(json.dumps({"message_id": number, "payload": item}).encode()) + b"," for number, item in enumerate(requests, 1)
    )
    received = b""
    try:
        with subprocess.Popen(
            [program.path, "--service"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        ) as process:
            writer = Thread(target=_write, args=(process, sent), daemon=True)
            writer.start()
            pieces, count = [], 0
            while process.stdout is not None and count < len(requests) and (piece := os.read(process.stdout.fileno(), 1 << 16)):
                pieces.append(piece)
                count += piece.count(b",")
            received = b"".join(pieces)
            writer.join(timeout=_SECONDS)
            if process.stdin is not None:
                process.stdin.close()
    except OSError as error:
        raise _failed(str(error)) from error
    try:
        return [read_json(base64.b64decode(part))["payload"] for part in received.split(b",") if part.strip()]
    except (ValueError, KeyError, TypeError):
        return []


def _write(process: subprocess.Popen[bytes], sent: bytes) -> None:
    with contextlib.suppress(OSError):  # a program that has died says so by its silence
        if process.stdin is not None:
            process.stdin.write(sent)
            process.stdin.flush()


def _bundle(key: Callable[[str], Key], files: Mapping[str, bytes]) -> Iterator[Artifact]:
    """The pieces of an index, whose names carry a hash, and the one file that names them."""
    for name, body in files.items():
        if any(fnmatchcase(name, pattern) for pattern in _PIECES):
            yield artifact(key(name), body, Phase.DOCUMENT)
    yield artifact(key(_ENTRY), files[_ENTRY], Phase.PAGE)


def _document(url: str, title: str, body: str, passages: Sequence[Passage]) -> tuple[str, str]:
    """A document as pagefind reads it: a heading with an id begins each passage."""
    parts = [f'<html><head><title>{escape(title)}</title></head><body><h1 data-pagefind-meta="title">{escape(title)}</h1>{body}']
    for passage in passages:
        parts.append(f'<h6 id="t={int(passage.start)}">{_MARK}</h6>')
        if passage.heading:
            parts.append(f"<p>{escape(passage.heading)}</p>")
        parts.append(f"<p>{escape(passage.text)}</p>")
    return url, "".join([*parts, "</body></html>"])


def _paragraphs(text: str) -> str:
    return "".join(f"<p>{escape(line)}</p>" for line in text.splitlines() if line.strip())


def _inputs(content: EpisodeContent) -> list[object]:
    """All that `episode_document` looks at of one episode; the transcripts' keys carry the hash of the mended text."""
    source = content.source
    return [
        content.slug,
        content.recorded.date.isoformat(),
        source.digest,
        [made.key for made in content.documents.transcripts],
        content.documents.chapters.key if content.documents.chapters else "",
        sorted(made.key for made in content.images.values()),
        round(content.duration),
    ]


def _language(config: Config) -> str:
    return config.show.language.replace("_", "-").partition("-")[0].lower()
