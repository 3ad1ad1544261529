"""Recordings that stayed at the old host, brought here: each whole and measured before its episode.md names the file."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from feed.findings import ContentFault
from feed.text_cleaning import printable_line
from publisher.core import show_files
from publisher.core.console import size_words
from publisher.core.errors import ContentError
from publisher.core.local_cache import write_whole
from publisher.importing.recording_fetch import LARGEST_RECORDING
from publisher.importing.recordings_left_there import audio_ending
from publisher.load.episode_text import read_episode_text
from publisher.load.named_files import is_address
from publisher.media.recordings import is_audio_name
from publisher.web.bounded_fetch import Fetcher, FetchError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from feed.model import AudioFacts
    from publisher.core.console import Console
    from publisher.load.show_source import EpisodeSource


@dataclass(frozen=True, slots=True, kw_only=True)
class Brought:
    """A recording that is here now: `told` is the length that the old feed gave."""

    episode: EpisodeSource
    path: Path
    size: int
    sha256: str
    told: int


def left_at_old_host(episodes: Iterable[EpisodeSource]) -> list[EpisodeSource]:
    """The episodes that name their recording by an address."""
    return [item for item in episodes if is_address(item.written.audio or "")]


def bring_recordings(
    episodes: Iterable[EpisodeSource], console: Console, measure: Callable[[Path], AudioFacts], faults: list[str]
) -> Iterator[Brought]:
    """Fetch these recordings, one after the other; one that was cut goes on where it was. Why one cannot be had is in `faults`."""
    for episode in episodes:
        try:
            yield _brought(episode, console, measure)
        except FetchError as error:
            faults.append(f"{episode.slug}: {error.message} ({error.cause})")
        except ContentFault as fault:
            faults.append(
                f"{episode.slug}: what lies at {printable_line(episode.written.audio or '')[:300]} is no recording: {fault.message}"
            )


def _brought(episode: EpisodeSource, console: Console, measure: Callable[[Path], AudioFacts]) -> Brought:
    address, told = episode.written.audio or "", episode.written.audio_unmeasured
    length = told.length if told is not None else 0
    path = next((here for here in sorted(episode.folder.glob("audio.*")) if is_audio_name(here.name)), None)
    if path is None:
        console.show(f"  {episode.slug}" + (f" ({size_words(length)})" if length else ""))
        fetched = episode.folder / f"audio.{audio_ending(told.type if told is not None else '', address)}.fetched"
        if not fetched.exists():
            with console.progress("fetching", length) as progress, Fetcher(address) as fetcher:
                fetcher.download(address, fetched, LARGEST_RECORDING, progress.add)
        try:
            path = episode.folder / f"audio.{measure(fetched).extension}"
        except ContentFault:
            fetched.unlink()
            raise
        fetched.replace(path)
    size = path.stat().st_size
    with path.open("rb") as stream:
        sha256 = hashlib.file_digest(stream, "sha256").hexdigest()
    note = f"{size} bytes, sha256 {sha256}; until then {printable_line(address)}"
    text = episode.folder / "episode.md"
    write_whole(text, _naming(show_files.read(text, episode.root), path.name, note, episode.file))
    return Brought(episode=episode, path=path, size=size, sha256=sha256, told=length)


def _naming(raw: bytes, name: str, note: str, file: str) -> bytes:
    """An episode.md whose `audio` names a file, with a note beside; every other line stays as it is, to the byte."""
    front, places, _, _ = read_episode_text(raw)
    lines = raw.decode("utf-8").split("\n")
    at = places["audio",] - 1
    value = " = " if lines[at].split("audio", 1)[1].lstrip().startswith("=") else ": "
    end = "\r" if lines[at].endswith("\r") else ""
    gone = {line - 1 for key, line in places.items() if key[0] == "audio_unmeasured"}
    after = [f'audio{value}"{name}"    # {note}{end}' if number == at else line for number, line in enumerate(lines) if number not in gone]
    written = "\n".join(after).encode()
    wanted: dict[str, Any] = {**{key: one for key, one in front.items() if key != "audio_unmeasured"}, "audio": name}
    try:
        same = read_episode_text(written)[0] == wanted
    except ContentFault:
        same = False
    if not same:
        hint = f'write audio = "{name}" there, and take audio_unmeasured out'
        raise ContentError(f"the recording is here, and {file} cannot be written to name it", hint=hint, code="audio-by-hand")
    return written
