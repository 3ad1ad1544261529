"""`publish import`: the feed of another host as a show's folder, identity kept. What is there already is never overwritten, so that
the same command goes on where it was cut.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Literal

from feed.findings import ContentFault
from feed.guids import show_guid
from feed.text_cleaning import printable_line
from feed.times import parse_time
from publisher.core.console import Console, count_words
from publisher.core.errors import StorageError, UsageError
from publisher.core.json_results import Result
from publisher.core.local_cache import CACHE
from publisher.core.show_files import links_out
from publisher.importing.chosen_items import TakenBefore, choose_items, in_the_future
from publisher.importing.earlier_import import grow_config, kept_config, kept_words, people_here, seasons_here, taken_before
from publisher.importing.episode_pages import episode_pages, host_of
from publisher.importing.feed_source import guid_base, read_source, unpacked
from publisher.importing.folder_texts import base_lines, config_text, episode_text, former_lines, notes_text, season_lines, written_notes
from publisher.importing.html_to_markdown import NotesSurroundings, dropped_pictures
from publisher.importing.import_account import NAME, on_screen, write_account
from publisher.importing.named_hosts import addresses_naming
from publisher.importing.old_files import page_at, take_alternates, take_further_pictures
from publisher.importing.old_pictures import OldPictures, take_pictures_of_chapters, take_pictures_of_notes, take_portraits
from publisher.importing.recording_fetch import LARGEST_RECORDING, page_instead, take_recording
from publisher.importing.recordings_left_there import audio_ending, let_stay, staying_lines, stays
from publisher.importing.tags.feed_tags import image_of, seasons_of
from publisher.importing.tags.item_recordings import address_of_recording, recording_of
from publisher.importing.tags.item_transcripts import transcripts_of
from publisher.importing.tags.left_tags import not_taken
from publisher.importing.tags.people import people_lines, people_of
from publisher.media.recordings import is_audio_name
from publisher.web.bounded_fetch import Fetcher, FetchError

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from feed.reader import Node
    from publisher.importing.chosen_items import ChosenItem
    from publisher.importing.feed_source import FeedSource
    from publisher.importing.tags.people import People


LARGEST_PICTURE = 32 << 20
LARGEST_DOCUMENT = 8 << 20

_WRITTEN_OF_OLD = re.compile(rb"^(guid|guid_base|former|audio|audio_unmeasured) = .*$", re.MULTILINE)
"""Keys that name the old host rightly: an identity, and where the feed and a recording were."""


Media = Literal["comes", "later", "stays"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported(Result):
    """What `publish import` took over."""

    folder: str
    """Where the show lies now."""
    guid: str
    """The show's identity."""
    episodes: int
    """How many there are."""
    missing: int
    """How many recordings could not be had."""
    warnings: tuple[str, ...]
    """Everything that was not taken over, mended or guessed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportOptions:
    """What is wanted of an import."""

    url: str = ""
    """Where listeners will reach the show."""
    language: str = ""
    """Of a show whose feed names none."""
    media: Media = "comes"
    """What becomes of recordings: they are fetched, fetched by a later call, or stay at the old host for a while."""
    forced: bool = False
    """Whether a locked show is taken."""
    retag: bool = False
    """Whether recordings get tags of this show; else they are to be published byte for byte as they are."""
    now: dt.datetime | None = None
    """What is dated later is named."""
    known: TakenBefore = field(default_factory=TakenBefore)
    """What episodes that are not in the folder yet are called."""
    own: bool = False
    """Whether the feed is this show's own: nothing moves."""


def import_show(feed: str, folder: Path, console: Console, options: ImportOptions) -> Imported:
    """Write the show's folder, as `take_show` does, and say what is in it and what comes next."""
    with Fetcher(feed) as fetcher:
        taken = take_show(fetcher, feed, folder, console, options)
    _tell(taken, folder, console, options)
    return taken


def take_show(fetcher: Fetcher, feed: str, folder: Path, console: Console, options: ImportOptions) -> Imported:
    """Write the show's folder; `feed` is an address or a file. What is there already is known by its guid and stays as it is. What is
    missing of single episodes is a warning, and had by the next call.

    Raises StorageError when the feed cannot be had, ContentError when it is none or locked, UsageError when another show lies in `folder`.
    """
    url = options.url
    warnings: list[str] = []
    source = read_source(fetcher, feed, warnings, forced=options.forced)
    feed_url, channel, items = source.address, source.channel, list(source.items)
    warnings += not_taken(channel, items)
    guid = channel.value("podcast:guid") or show_guid(feed_url or channel.value("link") or channel.value("title"))
    _refuse_links(folder)
    before = taken_before(folder).with_known(options.known)
    people = people_of(channel, items, people_here(folder / "config.toml"))
    _show(fetcher, source, guid, folder, options, people, warnings)
    rows = choose_items(items, before, warnings, serial=channel.value("itunes:type").lower() == "serial")
    warnings += in_the_future(rows, options.now) if options.now is not None else ()
    pages, pictures, base_of_guids = episode_pages(channel, rows), OldPictures(fetcher, warnings), guid_base(fetcher, source)
    take_portraits(pictures, folder / "config.toml", [row["image"] for row in people.known.values() if "image" in row])
    take_further_pictures(pictures, folder / "config.toml", folder, channel, "config.toml")
    ours, hosts = (
        partial(page_at, url, pages),
        {host_of(feed_url), *pages.hosts, *(host_of(address_of_recording(row.item)) for row in rows)},
    )
    missing, here = 0, 0
    for number, row in enumerate(rows, 1):
        place = folder / "episodes" / row.name
        place.mkdir(parents=True, exist_ok=True)
        base = row.item.value("link") or channel.value("link") or feed_url
        notes = notes_text(row, NotesSurroundings(base=base, ours=pages.ours))
        text = episode_text(row, channel, people, notes, retag=options.retag, ours=ours)
        if (place / "episode.md").exists():
            warnings += kept_words(place, text, notes, row.guid)
            if options.media == "stays" and row.has_recording and not stays(place):
                here += let_stay(fetcher, row.item, place, warnings)
        else:
            lines = base_lines(row.item, base_of_guids) + ([] if options.own else former_lines(row.item))
            lines += staying_lines(fetcher, row.item, row.name, warnings) if options.media == "stays" else []
            text = episode_text(row, channel, people, notes, lines, retag=options.retag, ours=ours)
            (place / "episode.md").write_text(text, "utf-8")
        console.say(f"  {number}/{len(rows)} {row.name}")
        missing += _files(fetcher, row.item, channel, place, console, warnings, audio=options.media == "comes")
        warnings += (f"{row.name}: not taken over: {what}" for what in dropped_pictures(written_notes(row.item)))
        take_pictures_of_notes(pictures, place, notes)
        take_pictures_of_chapters(pictures, place / "chapters.json", ours)
        take_further_pictures(pictures, place / "episode.md", place, row.item, row.name)
        if options.media == "comes":
            take_alternates(fetcher, place, row.item, hosts, warnings)
    warnings += _old_addresses(folder, rows, hosts)
    if here:
        warnings.append(
            f"{count_words(here, 'episode')} {'has its' if here == 1 else 'have their'} recording here already: --media stays moves none away"
        )
    write_account(folder, feed, len(rows), warnings)
    return Imported(folder=str(folder), guid=guid, episodes=len(rows), missing=missing, warnings=tuple(warnings))


def _tell(taken: Imported, folder: Path, console: Console, options: ImportOptions) -> None:
    """What is in the folder now, what is not, and what comes next."""
    for line in on_screen(taken.warnings):
        console.warn(line)
    console.show(
        f"{count_words(taken.episodes, 'episode')} in {folder}/"
        + (f"; {count_words(taken.missing, 'recording')} still missing" if taken.missing else "")
        + (f"; {count_words(len(taken.warnings), 'thing')} not taken over, mended or guessed: {NAME} lists them" if taken.warnings else "")
    )
    console.say("Next:")
    if not options.url:
        console.say("  write where listeners will reach it into config.toml: url under [site]")
    left = sum(stays(path) for path in (folder / "episodes").iterdir())
    if left:
        console.say(f"  {count_words(left, 'recording')} at the old host: `publish pull --from-host` brings them here")
    if taken.missing:
        console.say("  run the same command again for what is missing")
    for line in (f"cd {folder}", "publish check", "publish preview"):
        console.say(f"  {line}")
    console.say("  publish move: what else a move needs, before and after the old address redirects here")


def _refuse_links(folder: Path) -> None:
    """Raise UsageError for a link in a folder that is there that what is written would be written through. Recordings may be linked."""
    found = next((name for name in links_out(folder) if not is_audio_name(name)), "")
    if found:
        hint = "put the file itself in its place, or take the link away"
        raise UsageError(f"a link leads out of the folder, or to no file: {found}", hint=hint, code="import-exists")


# the show


def _show(
    fetcher: Fetcher, source: FeedSource, guid: str, folder: Path, options: ImportOptions, people: People, warnings: list[str]
) -> None:
    config = folder / "config.toml"
    seasons = seasons_of(source.items, warnings)
    said: list[str] = []
    text = "\n".join(config_text(source, guid, options.url, people, seasons, said, language=options.language, own=options.own)) + "\n"
    if config.exists():
        if guid not in config.read_text("utf-8", "replace"):
            raise UsageError(f"another show lies there already: {folder}", hint="name another folder", code="import-exists")
        warnings += kept_config(config, text)
        new = {number: name for number, name in seasons.items() if number not in seasons_here(config)}
        warnings += grow_config(config, (*people_lines(people.new), *season_lines(new)))
    else:
        if folder.exists() and any(path.name != CACHE for path in folder.iterdir()):
            raise UsageError(f"the folder is not empty: {folder}", hint="name another folder", code="import-exists")
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "episodes").mkdir(exist_ok=True)
        config.write_text(text, "utf-8")
        warnings += said
        (folder / ".gitignore").write_text(".airdate-cache/\n/public/\n", "utf-8")
    _picture(fetcher, image_of(source.channel), folder, "artwork", warnings)


# the episodes


def _old_addresses(folder: Path, rows: Iterable[ChosenItem], hosts: set[str]) -> Iterable[str]:
    """A line with the addresses of the old host that are in what people read of the new folder."""
    named = ("episode.md", "chapters.*", "transcript*.*")
    paths = [
        folder / "config.toml",
        *(path for row in rows for name in named for path in sorted((folder / "episodes" / row.name).glob(name))),
    ]
    texts = ((f"{path}.txt", _WRITTEN_OF_OLD.sub(b"", path.read_bytes())) for path in paths if path.exists())
    found = list(dict.fromkeys(item.address for item in addresses_naming(hosts - {""}, texts)))
    if found:
        yield (
            f"{count_words(len(found), 'address', 'addresses')} in the new folder still {'leads' if len(found) == 1 else 'lead'} to the old host: "
            + ", ".join(found)
        )


def _files(fetcher: Fetcher, item: Node, channel: Node, place: Path, console: Console, warnings: list[str], *, audio: bool) -> int:
    """Fetch what belongs to an episode; 1 when its recording is missing afterwards."""
    from feed.chapters.reading import read_chapters
    from feed.transcript.reading import read_transcript

    for node in item.all("podcast:chapters")[:1]:
        _document(fetcher, node.get("url"), place / "chapters.json", read_chapters, warnings)
    inline = item.first("psc:chapters")
    if inline is not None and not (place / "chapters.json").exists() and not (place / "chapters.txt").exists():
        _inline_chapters(inline, place, warnings)
    for offered in transcripts_of(item, channel.value("language")):
        any(_document(fetcher, url, place / name, read_transcript, warnings) for url, name in offered.forms)
    cover = image_of(item)
    if cover and cover != image_of(channel):
        _picture(fetcher, cover, place, "cover", warnings)
    enclosure = recording_of(item)
    there = [path for path in sorted(place.glob("audio.*")) if path.suffix not in (".part", ".etag")]
    pages = [path for path in there if page_instead(path)]
    if not audio or stays(place) or there != pages or enclosure is None:
        return 0
    extension = audio_ending(enclosure.get("type"), enclosure.get("url"))
    promised = enclosure.get("length")
    with console.progress("fetching", int(promised) if re.fullmatch(r"[0-9]{1,12}", promised) else 0) as progress:
        try:
            form = take_recording(fetcher, enclosure.get("url"), place / f"audio.{extension}", LARGEST_RECORDING, progress.add)
        except FetchError as error:
            warnings.append(f"{place.name}: the recording {error.message} ({error.cause})")
            return 1
    if form:
        warnings.append(
            f"{place.name}: the recording is {form}, which no publish takes: convert it to MP3 or M4A, `publish check` has the line for it"
        )
    for path in pages:
        if path.name != f"audio.{extension}":
            path.unlink()
    return 0


def _inline_chapters(inline: Node, place: Path, warnings: list[str]) -> None:
    """chapters.txt; chapters.json where they have links or pictures."""
    rows = []
    for row in inline.all("psc:chapter"):
        start, title = row.get("start"), printable_line(row.get("title"))
        if re.fullmatch(r"[0-9:.]{1,16}", start):
            rows.append((start, title, {name: row.get(tag) for name, tag in (("img", "image"), ("url", "href")) if row.get(tag)}))
        else:
            warnings.append(f"{place.name}: the chapter “{title[:100]}” is left out: its start “{printable_line(start)[:40]}” is no time")
    if any(more for _, _, more in rows):
        chapters = [{"startTime": _whole(parse_time(start)), "title": title, **more} for start, title, more in rows]
        (place / "chapters.json").write_text(
            json.dumps({"version": "1.2.0", "chapters": chapters}, ensure_ascii=False, indent=1) + "\n", "utf-8"
        )
    elif rows:
        (place / "chapters.txt").write_text("".join(f"{start} {title}\n" for start, title, _ in rows), "utf-8")


def _whole(seconds: float) -> float:
    return int(seconds) if seconds == int(seconds) else seconds


def _document(fetcher: Fetcher, url: str, target: Path, read: Callable[[bytes], object], warnings: list[str]) -> bool:
    """Fetch a text that can be `read`: a page to log in instead of it would stop the next publish."""
    if target.exists():
        return True
    try:
        raw = unpacked(fetcher.get(url, LARGEST_DOCUMENT), LARGEST_DOCUMENT)
        read(raw)
    except FetchError as error:
        warnings.append(f"{target.parent.name}: {target.name} {error.message} ({error.cause})")
        return False
    except ContentFault as fault:
        warnings.append(f"{target.parent.name}: {target.name} is left out, for it cannot be read: {url[:300]} ({fault.message})")
        return False
    target.write_bytes(raw)
    return True


def _picture(fetcher: Fetcher, url: str, place: Path, name: str, warnings: list[str]) -> None:
    if not url or any(place.glob(f"{name}.*")):
        return
    try:
        raw = fetcher.get(url, LARGEST_PICTURE)
    except StorageError as error:
        warnings.append(f"{name} {error.message} ({error.cause})")
        return
    ending = "jpg" if raw.startswith(b"\xff\xd8\xff") else "png" if raw.startswith(b"\x89PNG\r\n") else ""
    if not ending:
        from publisher.media.image_processing import as_png

        try:
            kind, raw = as_png(raw)
        except ContentFault:
            warnings.append(f"{name} is no picture that can be used: {url[:300]}")
            return
        ending = "png"
        warnings.append(f"{name} was {kind}, which directories do not take; it is PNG now: {url[:300]}")
    (place / f"{name}.{ending}").write_bytes(raw)
    if name == "artwork" and ending == "png":
        config = place / "config.toml"
        config.write_text(config.read_text("utf-8").replace("[show]\n", '[show]\nartwork = "artwork.png"\n', 1), "utf-8")
