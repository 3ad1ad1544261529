"""How loud a recording is, measured by ffmpeg where it is installed, and remembered by the recording's sha256."""

from __future__ import annotations

import re
import shutil
import subprocess
from typing import TYPE_CHECKING, NamedTuple

from publisher.core.digests import code_digest
from publisher.core.local_cache import CacheFile

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

LONGEST = 600
"""Seconds that measuring one recording may take."""
_METER = "ebur128@{place}=peak=true:framelog=verbose"
_SUMMARY = re.compile(r"^\[(?:Parsed_)?ebur128@(\d+)\b[^\]\n]*\] Summary:$", re.MULTILINE)
_LOUDNESS = re.compile(r"\bI:\s*(-?\d{1,3}(?:\.\d{1,3})?) LUFS")
_PEAK = re.compile(r"\bPeak:\s*(-?\d{1,3}(?:\.\d{1,3})?) dBFS")


class Loudness(NamedTuple):
    """Integrated loudness in LUFS and true peak in dBTP (EBU R 128)."""

    loudness: float
    peak: float


class LoudnessCache:
    """Measures what was not measured before; without ffmpeg nothing is known."""

    def __init__(self, path: Path) -> None:
        self._file = CacheFile(path, code_digest("publisher/media/loudness.py", libraries=()))
        self._known = self._file.read()

    def measure(self, recordings: Mapping[str, Path]) -> None:
        """Look at these recordings, by sha256, as far as they are not known, and remember."""
        new = {sha256: path for sha256, path in recordings.items() if sha256 not in self._known}
        if new and shutil.which("ffmpeg") is not None:
            self._known.update(zip(new, measure_loudness(list(new.values())), strict=True))
            self._file.write(self._known)

    def get(self, sha256: str) -> Loudness | None:
        """Of a recording that was measured; None when it cannot be (silence has no loudness)."""
        row = self._known.get(sha256)
        return Loudness(*row) if isinstance(row, (list, tuple)) and len(row) == 2 else None


def measure_loudness(recordings: Sequence[Path]) -> list[Loudness | None]:
    """What ffmpeg says of each recording; None where it cannot tell. One process measures all: to start costs more than a short recording.

    A file that ffmpeg does not read stops the process; then each is measured by itself.
    """
    command = ["ffmpeg", "-nostdin", "-hide_banner", "-nostats"]
    for recording in recordings:
        command += ["-vn", "-i", f"file:{recording}"]
    for place in range(len(recordings)):
        command += ["-map", f"{place}:a:0", "-af", _METER.format(place=place), "-f", "null", "-"]
    try:
        done = subprocess.run(
            command,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=LONGEST * len(recordings),
            check=False,
            stdin=subprocess.DEVNULL,
        )
    except (OSError, subprocess.TimeoutExpired):
        return [None] * len(recordings)
    if done.returncode and len(recordings) > 1:
        return [found for recording in recordings for found in measure_loudness([recording])]
    _, *parts = _SUMMARY.split(done.stderr)
    told = {int(place): summary for place, summary in zip(parts[::2], parts[1::2], strict=True)} if not done.returncode else {}
    return [_read(told.get(place, "")) for place in range(len(recordings))]


def _read(summary: str) -> Loudness | None:
    loudness, peak = _LOUDNESS.search(summary), _PEAK.search(summary)
    return Loudness(float(loudness[1]), float(peak[1])) if loudness and peak and float(loudness[1]) > -70 else None
