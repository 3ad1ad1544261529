"""Times in a recording: seconds to and from the forms people and apps write."""

import re
from functools import lru_cache

_CLOCK = re.compile(r"(?:(\d{1,3}):)?(\d{1,3}):(\d{1,2})(?:[.,](\d{1,9}))?|(\d{1,7})(?:[.,](\d{1,9}))?")


def parse_time(value: object) -> float:
    """Seconds from a number, `75`, `75.5`, `MM:SS`, `HH:MM:SS` or either with a fraction (`.` or `,`).

    Raises ValueError for anything else, negative and not finite numbers included.
    """
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        if not 0 <= value < 1e7:
            raise ValueError(f"not a time: {value}")
        return float(value)
    match = _CLOCK.fullmatch(value.strip()) if isinstance(value, str) and value.isascii() else None
    if match is None:
        raise ValueError(f"not a time: {value!r}")
    hours, minutes, seconds, fraction, plain, plain_fraction = match.groups()
    if plain is not None:
        return float(f"{plain}.{plain_fraction or 0}")
    if int(seconds) > 59 or (hours is not None and int(minutes) > 59):
        raise ValueError(f"not a time: {value!r}")
    return int(hours or 0) * 3600 + int(minutes) * 60 + float(f"{int(seconds)}.{fraction or 0}")


@lru_cache(maxsize=16384)
def clock(seconds: float) -> str:
    """`HH:MM:SS`, whole seconds cut: the form Spotify, YouTube and Apple read in descriptions."""
    whole = int(seconds)
    return f"{whole // 3600:02}:{whole // 60 % 60:02}:{whole % 60:02}"


@lru_cache(maxsize=4096)
def timestamp(seconds: float, separator: str = ".") -> str:
    """`HH:MM:SS.mmm`, rounded to milliseconds: WebVTT and Podlove; with `,` for SRT. Cached: a cue ends where the next one starts."""
    whole, millis = divmod(round(seconds * 1000), 1000)
    return f"{clock(whole)}{separator}{millis:03}"


def short_clock(seconds: float) -> str:
    """`18:02` or `1:18:02`, for people."""
    whole = int(seconds)
    hours, minutes, rest = whole // 3600, whole // 60 % 60, whole % 60
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def iso_duration(seconds: float) -> str:
    """`PT19M12S` (ISO 8601), for `<time>` and schema.org."""
    whole = round(seconds)
    hours, minutes, rest = whole // 3600, whole // 60 % 60, whole % 60
    parts = (f"{hours}H" if hours else "") + (f"{minutes}M" if minutes else "") + (f"{rest}S" if rest or whole == 0 else "")
    return "PT" + parts
