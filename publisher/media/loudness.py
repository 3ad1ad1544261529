"""How loud a recording is, measured by ffmpeg where it is installed, and remembered by the recording's sha256."""

from __future__ import annotations

import re
import shutil
import subprocess
from typing import TYPE_CHECKING, NamedTuple

from publisher.core.digests import code_digest
from publisher.core.local_cache import CacheFile

if TYPE_CHECKING:
    from pathlib import Path

LONGEST = 600
"""Seconds that measuring one recording may take."""
_METER = "ebur128=peak=true:framelog=verbose"
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
        self._changed = False

    def get(self, recording: Path, sha256: str) -> Loudness | None:
        """Of a recording; None when it cannot be measured (silence has no loudness)."""
        if sha256 not in self._known:
            if shutil.which("ffmpeg") is None:
                return None
            self._known[sha256], self._changed = measure_loudness(recording), True
        row = self._known[sha256]
        return Loudness(*row) if isinstance(row, (list, tuple)) and len(row) == 2 else None

    def save(self) -> None:
        """Write the file when something was measured."""
        if self._changed:
            self._file.write(self._known)


def measure_loudness(recording: Path) -> Loudness | None:
    """What ffmpeg says of a recording; None when it cannot tell."""
    command = ["ffmpeg", "-nostdin", "-hide_banner", "-nostats", "-vn", "-i", f"file:{recording}", "-af", _METER, "-f", "null", "-"]
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, errors="replace", timeout=LONGEST, check=False, stdin=subprocess.DEVNULL
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    summary = done.stderr.rpartition("Summary:")[2] if done.returncode == 0 else ""
    loudness, peak = _LOUDNESS.search(summary), _PEAK.search(summary)
    return Loudness(float(loudness[1]), float(peak[1])) if loudness and peak and float(loudness[1]) > -70 else None
