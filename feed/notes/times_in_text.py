"""Times of the recording in running text: `18:05` and `1:18:05`, but not `16:9`, a date's hour or `6:30 pm`."""

import re

from feed.times import parse_time

TIME = re.compile(
    r"(?<![\w:.+/])(?<!\d-\d\d )(?<!\d-\d\dT)(?P<time>[0-9]{1,3}:[0-5][0-9](?::[0-5][0-9])?)"
    r"(?![\w:+/])(?![.,][0-9])(?!\s?(?:[AaPp]\.?[Mm]\b|Uhr\b))"
)
TIME_AT_START = re.compile(r"\s*[\[(]?[0-9]{1,3}:[0-5][0-9](?::[0-5][0-9])?[\])]?(?![\w:])")


def split_times(text: str, duration: float | None = None) -> list[str | tuple[str, float]]:
    """`text` in pieces: strings, and (as written, seconds) for each time before `duration` seconds."""
    pieces: list[str | tuple[str, float]] = []
    end = 0
    for match in TIME.finditer(text):
        try:
            seconds = parse_time(match["time"])
        except ValueError:
            continue
        if duration is not None and seconds >= duration:
            continue
        if match.start() > end:
            pieces.append(text[end : match.start()])
        pieces.append((match["time"], seconds))
        end = match.end()
    if end < len(text):
        pieces.append(text[end:])
    return pieces
