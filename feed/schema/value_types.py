"""The types of single values, and `Table`, which every table a person writes is made of."""

import datetime as dt
import re
from typing import Annotated

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, SerializeAsAny, StringConstraints

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
Address = Annotated[str, StringConstraints(strip_whitespace=True, pattern=r"^https?://")]
Seconds = Annotated[float, Field(ge=0, le=10_000_000, allow_inf_nan=False)]
Count = Annotated[int, Field(ge=1, le=2**53 - 1)]


def _as_moment(value: object) -> object:
    """A date or time of day as TOML and YAML give it, or the same written as text; never a number, which would count seconds from 1970."""
    text = iso_moment(value) if isinstance(value, str) else None
    if isinstance(value, (int, float)) or (text is not None and not re.match(r"\d{4}-\d\d-\d\d|\d\d:\d\d", text)):
        raise ValueError(_MOMENT)
    if text is not None and len(text) == len("2026-05-21"):
        return dt.date.fromisoformat(text)
    return value if text is None else text


def iso_moment(text: str) -> str:
    """`2018-11-20T16:33:00+01:00` for `2018-11-20 16:33:00 +0100`, as Jekyll and YAML 1.1 write it; any other text as it is."""
    found = _LOOSE.fullmatch(text.strip())
    if found is None:
        return text.strip()
    day, hour, rest, fraction, zone = found.groups()
    offset = "Z" if zone in ("Z", "z", "UTC", "GMT") else _offset(zone or "")
    return f"{day}T{int(hour):02}{rest}{'' if rest.count(':') > 1 else ':00'}{fraction or ''}{offset}"


def _offset(zone: str) -> str:
    sign, digits = zone[:1], zone[1:].replace(":", "")
    return f"{sign}{digits[:-2] if len(digits) > 2 else digits:0>2}:{digits[-2:] if len(digits) > 2 else '00'}" if zone else ""


_LOOSE = re.compile(r"(\d{4}-\d\d-\d\d)(?:[Tt]|\s+)(\d{1,2})(:\d\d(?::\d\d)?)(\.\d{1,6})?\s*([Zz]|UTC|GMT|[+-]\d\d?(?::?\d\d)?)?")
_MOMENT = "must be a date like 2026-05-21T06:00:00+02:00, or a time of day like 06:00:00"
Moment = Annotated[dt.datetime, BeforeValidator(_as_moment)]
MomentOrDay = Annotated[dt.datetime | dt.date, BeforeValidator(_as_moment)]
TimeOfDay = Annotated[dt.time, BeforeValidator(_as_moment)]


def _as_clock(value: object) -> object:
    """A time in a recording, of which TOML has a form of its own: `start = 00:01:30`."""
    if isinstance(value, dt.time) and value.tzinfo is None:
        return value.isoformat()
    if isinstance(value, (str, int, float)) and not isinstance(value, bool):
        return value
    raise ValueError('must be a time: seconds, "MM:SS" or "HH:MM:SS"')


Clock = Annotated[str | float | int, BeforeValidator(_as_clock)]
"""Seconds, `MM:SS` or `HH:MM:SS`, read by `feed.times`."""


def _whole_or_decimal(value: float) -> float:
    """3 for 3.0, so that a whole number is written as one everywhere."""
    if round(value, 2) != value:
        raise ValueError("must have at most two decimals, like 3.5")
    return int(value) if value.is_integer() else value


EpisodeNumber = Annotated[float, Field(gt=0, le=2**53 - 1, allow_inf_nan=False), AfterValidator(_whole_or_decimal), SerializeAsAny()]
"""A whole number (an int), or one between two others with at most two decimals (a float), as `<podcast:episode>` takes it."""


def whole_number(number: float | None) -> int | None:
    """The number where only whole ones are understood: in iTunes' tags and in those of recordings."""
    return number if isinstance(number, int) else None


class Table(BaseModel):
    """A table a person writes: frozen, and unknown keys are errors. What checks a table is built when it is first needed."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True, defer_build=True)
