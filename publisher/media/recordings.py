"""Which file is an episode's recording, and what was measured in it, remembered between runs."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import json
import os
import time
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any, Final

from feed.characters import read_json
from feed.findings import ContentFault
from feed.model import AudioFacts, Chapter
from feed.times import short_clock
from publisher.core.media_types import mime_type
from publisher.core.show_files import Refused, place_of
from publisher.media import file_type as sniff
from publisher.media.measure import AudioFault, missing, probe, wrong_type

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path


INTEGRITY = "integrity"
"""The tag of AudioFacts under which an alternate's subresource integrity is remembered."""


__all__ = ["PUBLISHABLE", "SUFFIXES", "AudioFault", "FactsCache", "choose", "probe"]

PUBLISHABLE: Final = frozenset(("mp3", "m4a", "m4b", "mp4"))
"""Extensions of recordings that apps play: Apple takes only MP3 and AAC as a feed's audio."""
SUFFIXES: Final = tuple(f".{form}" for form in sorted(PUBLISHABLE))
_OTHER_AUDIO: Final = {
    "wav": "a WAV",
    "flac": "a FLAC",
    "aif": "an AIFF",
    "aiff": "an AIFF",
    "ogg": "an Ogg",
    "oga": "an Ogg",
    "opus": "an Opus",
    "aac": "a raw AAC",
    "wma": "a WMA",
    "mp2": "an MP2",
    "caf": "a Core Audio file",
    "mka": "a Matroska file",
    "webm": "a WebM",
}
MEASURING: Final = 2
"""Raise it with every change of what is measured: facts remembered under another number are measured again."""
_RACY: Final = 2_000_000_000
"""Nanoseconds in which a file may change without a new time stamp (FAT counts in steps of two seconds)."""


def choose(
    folder: Path,
    written: str | None,
    *,
    root: Path | None = None,
    libraries: Sequence[Path] = (),
    measure: Callable[[Path], AudioFacts] = probe,
) -> Path | None:
    """The recording of the episode in `folder`: what front matter says (`written`), else `audio.*`, else the only one.

    WAV and FLAC beside it are masters and left alone. None when the folder holds no audio at all. `root` is the show's
    folder, which no recording may leave, symbolic links resolved, but into one of the `libraries`. Raises AudioFault:
    audio-missing, path-outside, audio-several (listing each with its length), audio-type (only a WAV, FLAC … is here).
    """
    if written is not None:
        return _kept(folder / written, root or folder, libraries)
    files = _files(folder)
    candidates = [path for path in files if _extension(path) in PUBLISHABLE]
    named = [path for path in candidates if path.stem == "audio"]
    chosen = [_kept(path, root or folder, libraries) if path.exists() else path for path in named or candidates]
    if len(chosen) > 1:
        raise _several(chosen, measure)
    if chosen:
        return chosen[0]
    masters = [path for path in files if _extension(path) in _OTHER_AUDIO]
    if masters:
        raise wrong_type(masters[0].name, f"{masters[0].name} is {_OTHER_AUDIO[_extension(masters[0])]}")
    return None


def _files(folder: Path) -> list[Path]:
    """The files in an episode's folder that a person sees, by name."""
    try:
        return sorted(path for path in folder.iterdir() if not path.name.startswith(".") and not path.is_dir())
    except FileNotFoundError:
        return []
    except OSError as error:
        message = f"the folder cannot be read: {error.strerror or error}"
        raise AudioFault(message, code="audio-unreadable", hint=f'allow it: chmod u+rx "{folder.name}"') from None


def _extension(path: Path) -> str:
    return path.suffix[1:].lower()


def _kept(path: Path, root: Path, libraries: Sequence[Path]) -> Path:
    try:
        place_of(path, root, libraries)
    except Refused as fault:
        if fault.code != "path-outside":
            raise missing(path) from None
        hint = 'copy the recording into the show\'s folder, or name its library in config.toml: [load] linked = ["/srv/recordings"]'
        raise AudioFault(f"the recording lies outside the show's folder: {path.name}", code=fault.code, hint=hint) from None
    except OSError:  # a folder one may not enter, a name too long
        raise missing(path.with_name("audio") if len(path.name) > 200 else path) from None
    return path


def _several(paths: list[Path], measure: Callable[[Path], AudioFacts]) -> AudioFault:
    def described(path: Path) -> str:
        try:
            return f"{path.name} ({short_clock(round(measure(path).duration))})"
        except ContentFault as fault:
            return f"{path.name} ({fault.message})"

    return AudioFault(
        f"several files could be the audio: {', '.join(map(described, paths))}",
        code="audio-several",
        hint="say which in the front matter: " + " or ".join(f"audio = {json.dumps(path.name, ensure_ascii=False)}" for path in paths),
    )


class FactsCache:
    """What was measured, remembered in one JSON file: an unchanged recording costs one stat call, not a read.

    A recording is the same when path, size, time of change (ns) and inode are. One changed less than two seconds before it
    was measured is not remembered: it could change once more without a new time stamp. The file is read when first needed
    and written by `save`; a damaged or unwritable one is no error, as everything in it can be measured again.
    """

    def __init__(self, path: Path, *, measure: Callable[[Path], AudioFacts] = probe) -> None:
        self._path = path
        self._measure = measure
        self._entries: dict[str, Any] | None = None
        self._changed = False

    def facts(self, path: Path) -> AudioFacts:
        """What `probe` says about `path`; raises AudioFault as it does."""
        if self._entries is None:
            self._entries = self._load()
        name = os.path.abspath(path)  # noqa: PTH100  no stat call for links, unlike resolve
        before = _stamp(path)
        entry = self._entries.get(name)
        if before and entry is not None and entry.get("stamp") == before:
            facts = _from_json(entry.get("facts"))
            if facts is not None:
                return facts
        if self._entries.pop(name, None) is not None:
            self._changed = True
        started = time.time_ns()
        facts = self._measure(path)
        if before and _stamp(path) == before and before[1] < started - _RACY:
            self._entries[name] = {"stamp": before, "facts": asdict(facts)}
            self._changed = True
        return facts

    def save(self) -> None:
        """Write the file when something was measured, whole or not at all."""
        if not self._changed or self._entries is None:
            return
        text = json.dumps({"measuring": MEASURING, "files": self._entries}, sort_keys=True)
        temporary = self._path.with_name(f"{self._path.name}.{os.getpid()}.part")
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            temporary.write_text(text, encoding="utf-8")
            temporary.replace(self._path)
            self._changed = False
        except OSError:
            with contextlib.suppress(OSError):
                temporary.unlink()

    def _load(self) -> dict[str, Any]:
        try:
            document = read_json(self._path.read_bytes())
        except (OSError, ValueError, RecursionError):
            return {}
        if not isinstance(document, dict) or document.get("measuring") != MEASURING:
            return {}
        files = document.get("files")
        return {name: entry for name, entry in files.items() if isinstance(entry, dict)} if isinstance(files, dict) else {}


def _stamp(path: Path) -> list[int]:
    """What changes when a file does; empty when it cannot be looked at."""
    try:
        status = path.stat()
    except OSError:
        return []
    return [status.st_size, status.st_mtime_ns, status.st_ino]


def _from_json(value: Any) -> AudioFacts | None:
    """The facts as they were remembered, None when the entry is damaged."""
    try:
        chapters = tuple(Chapter(**chapter) for chapter in value["chapters"])
        return AudioFacts(**{**value, "chapters": chapters, "doubts": tuple(value["doubts"])})
    except (TypeError, KeyError):
        return None


def measure_alternate(path: Path) -> AudioFacts:
    """The facts of any file that can be an alternate: Opus, WebM and the like by their name and size alone. Raises ContentFault.

    `facts.tags` holds nothing but its subresource integrity (sha384).
    """
    from publisher.media.measure import probe

    try:
        facts = probe(path)
    except ContentFault as fault:
        kind = mime_type(path.name)
        if fault.code not in {"audio-type", "audio-not-audio"} or not kind.startswith(("audio/", "video/")):
            raise
        facts = AudioFacts(
            size=path.stat().st_size, sha256=_digest(path, "sha256").hex(), duration=0, type=kind, extension=path.suffix[1:].lower()
        )
    integrity = base64.b64encode(_digest(path, "sha384")).decode("ascii")
    return replace(facts, tags={INTEGRITY: f"sha384-{integrity}"}, chapters=())


def is_media(path: Path) -> bool:
    """Whether a file is audio or video of any kind, by its content."""
    with path.open("rb") as stream:
        head = stream.read(4096)
    return sniff.is_mp4(head) or bool(sniff.other_audio(head))


def _digest(path: Path, name: str) -> bytes:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, name).digest()
