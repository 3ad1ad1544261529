"""Which file is an episode's recording, and what was measured in it, remembered between runs."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import time
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any, Final

from feed.findings import ContentFault
from feed.model import AudioFacts, Chapter
from feed.times import short_clock
from publisher.core.digests import code_digest
from publisher.core.local_cache import CacheFile, Stamp, may_still_change, stamp_of
from publisher.core.media_types import mime_type
from publisher.core.show_files import Refused, place_of, quoted
from publisher.media import file_type as sniff
from publisher.media.measure import AudioFault, measure_audio, missing, wrong_type

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from pathlib import Path

INTEGRITY = "integrity"
"""The tag of AudioFacts under which an alternate's subresource integrity is remembered."""
PUBLISHABLE: Final = frozenset(("mp3", "m4a", "m4b", "mp4"))
"""Extensions of recordings that apps play: Apple takes only MP3 and AAC as a feed's audio."""
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
_AUDIO: Final = tuple(f".{form}" for form in (*PUBLISHABLE, *_OTHER_AUDIO))


def choose_recording(
    folder: Path,
    written: str | None,
    *,
    names: Iterable[str] | None = None,
    root: Path | None = None,
    libraries: Sequence[Path] = (),
    measure: Callable[[Path], AudioFacts] = measure_audio,
) -> Path | None:
    """The recording of the episode in `folder`: what front matter says (`written`), else `audio.*`, else the only one.

    WAV and FLAC beside it are masters and left alone. None when the folder holds no audio at all. `names` are the files of
    the folder where it was listed already. `root` is the show's folder, which no recording may leave, symbolic links
    resolved, but into one of the `libraries`. Raises AudioFault: audio-missing, path-outside, audio-several (listing each
    with its length), audio-type (only a WAV, FLAC … is here).
    """
    if written is not None:
        return _kept(folder / written, root or folder, libraries)
    files = _files(folder, names)
    candidates = [path for path in files if _extension(path) in PUBLISHABLE]
    named = [path for path in candidates if path.stem.lower() == "audio"]
    chosen = [_kept(path, root or folder, libraries) if path.is_symlink() and path.exists() else path for path in named or candidates]
    if len(chosen) > 1:
        raise _several(chosen, measure)
    if chosen:
        return chosen[0]
    masters = [path for path in files if _extension(path) in _OTHER_AUDIO]
    if masters:
        raise wrong_type(masters[0].name, f"{masters[0].name} is {_OTHER_AUDIO[_extension(masters[0])]}")
    return None


def _files(folder: Path, names: Iterable[str] | None) -> list[Path]:
    """The files in an episode's folder that are called like audio and that a person sees, by name."""
    try:
        audio = [name for name in (names if names is not None else [path.name for path in folder.iterdir()]) if is_audio_name(name)]
        return [path for path in map(folder.joinpath, sorted(audio)) if not path.name.startswith(".") and not path.is_dir()]
    except FileNotFoundError:
        return []
    except OSError as error:
        message = f"the folder cannot be read: {error.strerror or error}"
        raise AudioFault(message, code="audio-unreadable", hint=f"allow it: chmod u+rx {quoted(folder.name)}") from None


def is_audio_name(name: str) -> bool:
    """Whether a file is called like audio: a recording, or a master of one."""
    return name.lower().endswith(_AUDIO)


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
    """What was measured, remembered in one file of the cache: an unchanged recording costs one stat call, not a read.

    It is measured again when path or stamp change, or the code that measures. The file is read when needed and written by
    `save`, which lets go of what was read.
    """

    def __init__(self, path: Path, *, measure: Callable[[Path], AudioFacts] = measure_audio) -> None:
        self._file = CacheFile(path, code_digest("publisher/media", "feed/model.py", libraries=("mutagen",)))
        self._measure = measure
        self._entries: dict[str, Any] | None = None
        self._changed = False

    def facts(self, path: Path) -> AudioFacts:
        """What `probe` says about `path`; raises AudioFault as it does."""
        if self._entries is None:
            self._entries = self._file.read()
        name = os.path.abspath(path)  # noqa: PTH100  no stat call for links, unlike resolve
        before = _stamp(path)
        entry = self._entries.get(name)
        if before and isinstance(entry, dict) and entry.get("stamp") == before:
            facts = _from_json(entry.get("facts"))
            if facts is not None:
                return facts
        if self._entries.pop(name, None) is not None:
            self._changed = True
        started = time.time_ns()
        facts = self._measure(path)
        if before and _stamp(path) == before and not may_still_change(before[1], started):
            self._entries[name] = {"stamp": before, "facts": asdict(facts)}
            self._changed = True
        return facts

    def save(self) -> None:
        """Write the file when something was measured."""
        if self._changed and self._entries is not None:
            self._file.write(self._entries)
        self._entries, self._changed = None, False


def _stamp(path: Path) -> Stamp:
    """The stamp of a file; empty when it cannot be looked at."""
    try:
        return stamp_of(path.stat())
    except OSError:
        return []


def _from_json(value: Any) -> AudioFacts | None:
    """The facts as they were remembered, None when the entry is damaged."""
    try:
        chapters = tuple(Chapter(**chapter) for chapter in value["chapters"])
        return AudioFacts(**{**value, "chapters": chapters, "doubts": tuple(value["doubts"]), "left_out": tuple(value["left_out"])})
    except (TypeError, KeyError):
        return None


def measure_alternate(path: Path) -> AudioFacts:
    """The facts of any file that can be an alternate: Opus, WebM and the like by their name and size alone. Raises ContentFault.

    `facts.tags` holds nothing but its subresource integrity (sha384).
    """
    try:
        facts = measure_audio(path)
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
