"""Times of the recording in running text: `18:05` and `1:18:05`, but not `16:9`, a verse, a score, an hour of the day or a date's hour."""

import re

from feed.times import parse_time

TIME = re.compile(r"(?<![\w:.+/])(?<!\d-\d\d )(?<!\d-\d\dT)(?P<time>[0-9]{1,3}:[0-5][0-9](?::[0-5][0-9])?)(?![\w:+/])(?![.,][0-9])")
_CLOCK_BEHIND = re.compile(
    r"(?:\s?[-–—]\s?[0-9]{1,2}:[0-5][0-9])?\s?"
    r"(?:[AaPp]\.?[Mm]\b|Uhr\b|o[’']clock\b|hrs?\b|UTC\b|GMT\b|ME[SZ]{1,2}\b|[A-Z]{1,4}T\b|(?:in the )?(?:morning|afternoon|evening)\b|tonight\b)"
)
_CLOCK_BEFORE = re.compile(
    r"(?:\w(?:day|tag)s?|Mittwoch|tomorrow|today|tonight|heute|morgen|(?<![\w:])[0-9]{1,2}\.(?:\s?\w{3,9}|[0-9]{1,2}\.(?:[0-9]{4})?)),?\s+(?:at\s+|um\s+|the\s+)?$"
)
_SCORE_BEFORE = re.compile(
    r"\b(?:scores?|scored|won|wins?|beats?|beaten|lost|loses?|results?|final|led|leads?|victory|defeat|draw|drew|tied"
    r"|gewann|gewinnt|gewonnen|siegt|siegte|verlor|verliert|verloren|Ergebnis|Endstand|Spielstand|Halbzeitstand|Stand)\b[:,]?"
    r"(?:\s+(?:was|is|of|by|at|with|it|them|a|the|mit|von|war|ist))*\s+$"
)
_SCORE_BEHIND = re.compile(r"\s+(?:wins?|victory|defeat|loss|draw|lead|against|gegen|Sieg|Niederlage)\b")
_VERSE_BEFORE = re.compile(r"(?<![\w’'-])(?P<word>[^\W\d_][\w.’'-]*)\s+$")
_AT = (
    "at from to until till by around about after before minute minutes min time timestamp timecode mark see listen hear watch "
    "jump skip go start starts begins chapter part and or ab bei bis von um nach vor minuten zeit zeitmarke sekunde ca "
    "kapitel teil siehe und oder à de vers jusqu minuto hasta desde a em até"
)
_BEFORE_A_TIME = frozenset(_AT.split())
"""Words that may begin with a capital, since they begin a sentence or are nouns, and are no book of verses."""
_GOES_ON = re.compile(r"\s*(?:[,;&–—-]|and|or|und|oder)\s*")
TIME_AT_START = re.compile(r"\s*[\[(]?[0-9]{1,3}:[0-5][0-9](?::[0-5][0-9])?[\])]?(?![\w:])")


def _is_other(text: str, match: re.Match[str]) -> bool:
    """Whether what looks like a time is an hour of the day, a score or a verse."""
    before = text[max(0, match.start() - 40) : match.start()]
    word = _VERSE_BEFORE.search(before)
    verse = word is not None and word["word"][0].isupper() and word["word"].rstrip(".").lower() not in _BEFORE_A_TIME
    looks = (_CLOCK_BEFORE.search(before), _SCORE_BEFORE.search(before), _CLOCK_BEHIND.match(text, match.end()))
    return verse or any(looks) or _SCORE_BEHIND.match(text, match.end()) is not None


def split_times(text: str, duration: float | None = None) -> list[str | tuple[str, float]]:
    """`text` in pieces: strings, and (as written, seconds) for each time before `duration` seconds."""
    pieces: list[str | tuple[str, float]] = []
    end = 0
    other = -1  # where the last time ended that is none of the recording
    for match in TIME.finditer(text):
        try:
            seconds = parse_time(match["time"])
        except ValueError:
            continue
        if duration is not None and seconds >= duration:
            continue
        if _is_other(text, match) or (other >= 0 and _GOES_ON.fullmatch(text, other, match.start())):
            other = match.end()
            continue
        if match.start() > end:
            pieces.append(text[end : match.start()])
        pieces.append((match["time"], seconds))
        end = match.end()
    if end < len(text):
        pieces.append(text[end:])
    return pieces
