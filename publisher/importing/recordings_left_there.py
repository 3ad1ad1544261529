"""Recordings that stay at the old host for a while: an episode's front matter names the address, and what the old feed tells of it."""

from __future__ import annotations

import re
import tomllib
from typing import TYPE_CHECKING

from feed.findings import ContentFault
from feed.text_cleaning import printable_line
from feed.times import parse_time
from publisher.core.addresses import origin
from publisher.core.local_cache import write_whole
from publisher.importing.tags.item_recordings import recording_of
from publisher.load.episode_text import read_episode_text
from publisher.load.toml_and_yaml import toml_string
from publisher.media.recordings import is_audio_name

if TYPE_CHECKING:
    from pathlib import Path

    from feed.reader import Node
    from publisher.web.bounded_fetch import Fetcher

_STAYS = re.compile(r'^audio\s*[=:]\s*[\'"]?https?://', re.MULTILINE)
AUDIO = {
    "audio/mpeg": "mp3",
    "audio/mp3": "mp3",
    "audio/x-m4a": "m4a",
    "audio/m4a": "m4a",
    "audio/mp4": "m4a",
    "audio/aac": "aac",
    "audio/ogg": "ogg",
    "audio/opus": "opus",
    "video/mp4": "mp4",
}


def audio_ending(kind: str, address: str) -> str:
    """How the name of a recording ends, without a dot: as its type has it, else its address."""
    ending = re.search(r"\.(mp3|m4a|mp4|aac|ogg|opus)(?:$|[?#])", address.lower())
    return AUDIO.get(kind.partition(";")[0].strip().lower()) or (ending[1] if ending else "mp3")


def stays(folder: Path) -> bool:
    """Whether the episode in `folder` names its recording by an address: it is not fetched before somebody asks for it."""
    path = folder / "episode.md"
    return path.exists() and bool(_STAYS.search(path.read_bytes()[:65536].decode("utf-8", "replace")))


def let_stay(fetcher: Fetcher, item: Node, place: Path, warnings: list[str]) -> bool:
    """Let the episode.md in `place` name the recording at the old host, every line of a person's as it is; whether its recording is here
    already, and nothing is written. What a person has to write is a warning.
    """
    path = place / "episode.md"
    raw = path.read_bytes()
    try:
        front = read_episode_text(raw)[0]
    except ContentFault:
        return False  # which is told
    if front.get("audio") or any(is_audio_name(file.name) for file in place.iterdir()):
        return True
    lines = staying_lines(fetcher, item, place.name, warnings)
    wanted = {**front, **tomllib.loads("\n".join(lines))}
    end = b"\r\n" if b"\r\n" in raw else b"\n"
    first, rest = raw.split(b"\n", 1)
    written = b"\n".join((first, b"".join(line.encode() + end for line in lines) + rest))
    try:
        fits = read_episode_text(written)[0] == wanted
    except ContentFault:
        fits = False
    if fits:
        write_whole(path, written)
    elif lines:
        warnings.append(f"{place.name}: write into its front matter where the recording is: {'; '.join(lines)}")
    return False


def staying_lines(fetcher: Fetcher, item: Node, name: str, warnings: list[str]) -> list[str]:
    """The lines of front matter for a recording that stays; none, and a warning, where the feed names none. The old host is asked where
    the address leads, since pages may only load from hosts that they name, and for the length where the feed tells none.
    """
    recording = recording_of(item)
    if recording is None:
        return []  # it is a draft, which is told
    address = recording.get("url")
    if not origin(address):
        warnings.append(f"{name}: the feed names no recording that could stay: {printable_line(address)[:300]}")
        return []
    answer = fetcher.look(address)
    length = recording.get("length") or recording.get("fileSize")
    told = int(length) if re.fullmatch(r"[0-9]{1,15}", length) else 0
    if answer.status not in {200, 405, 501}:
        warnings.append(
            f"{name}: the recording at {printable_line(address)[:300]} cannot be had now ({answer.fault or f'it answers {answer.status}'})"
        )
    if told < 1 and answer.status == 200 and answer.length:
        told = answer.length
        warnings.append(f"{name}: the feed does not tell the length of the recording; the host says {told:,} bytes")
    told = max(told, 1)
    hops = [*(hop.address for hop in answer.hops), answer.address]
    hosts = [host for host in dict.fromkeys(filter(None, map(origin, hops))) if host != origin(address)]
    facts = [f"length = {told}", f"type = {toml_string(_type(recording))}"]
    facts += [f"duration = {toml_string(duration)}"] if (duration := _duration(item)) else []
    facts += [f"hosts = [{', '.join(map(toml_string, hosts))}]"] if hosts else []
    return [
        f"audio = {toml_string(address)}    # until `publish pull --from-host` brings it here",
        f"audio_unmeasured = {{ {', '.join(facts)} }}    # as the old feed tells",
    ]


def _type(recording: Node) -> str:
    kind = recording.get("type").partition(";")[0].strip().lower()
    ending = audio_ending(kind, recording.get("url"))
    return kind if kind in AUDIO else next(known for known, name in AUDIO.items() if name == ending)


def _duration(item: Node) -> str:
    written = item.value("itunes:duration")
    try:
        return written if parse_time(written) > 0 else ""
    except ValueError:
        return ""
