"""Reader of SubStation Alpha, ASS and SSA: the lines of dialogue; comments, drawings and styles are left out."""

from __future__ import annotations

import re

from feed.findings import LEFT_OUT, Remark
from feed.transcript.raw_cues import RawCue, RawTranscript, parse_clock
from feed.transcript.speaker_labels import take_labels

_FIELDS = ("layer", "start", "end", "style", "name", "marginl", "marginr", "marginv", "effect", "text")
"""What stands where, unless a line `Format:` says so."""
_LINE = re.compile(r"\s*(Format|Dialogue|Comment):\s*(.*)", re.IGNORECASE)
_EVENTS = re.compile(r"^[ \t]*\[events\][ \t]*$", re.IGNORECASE | re.MULTILINE)
_DIALOGUE = re.compile(r"^Dialogue:\s*[^,\n]{0,20},\s*\d{1,2}:\d{2}:\d{2}", re.IGNORECASE | re.MULTILINE)
_OVERRIDE = re.compile(r"\{[^{}]*\}")
_DRAWS = re.compile(r"\\p[1-9]")
_SPLIT_SECOND = re.compile(r"(:\d{2}),(?=\d{2,3},)")


def recognise(text: str) -> bool:
    """It has a section of events, or a line of dialogue with a time."""
    return "ialogue:" in text and (_EVENTS.search(text) is not None or _DIALOGUE.search(text) is not None)


def read(text: str) -> RawTranscript:
    r"""Dialogue in the file's order; `Name` (or `Actor`) speaks, `\N` breaks a line, `{…}` is markup. What stands twice, as on two
    layers, is taken once.
    """
    fields = list(_FIELDS)
    section = _EVENTS.search(text)
    raws: dict[RawCue, None] = {}
    dropped = {"comments": 0, "drawings": 0}
    for line in text[section.end() if section else 0 :].split("\n"):
        match = _LINE.match(line) if ":" in line[:20] else None
        kind = match[1].lower() if match else ""
        if match is None:
            continue
        if kind == "format":
            fields = ["name" if name.strip().lower() == "actor" else name.strip().lower() for name in match[2].split(",")]
        elif kind == "comment":
            dropped["comments"] += 1
        else:
            values = dict(zip(fields, _SPLIT_SECOND.sub(r"\1.", match[2], count=2).split(",", len(fields) - 1), strict=False))
            written = values.get("text", "")
            if any(_DRAWS.search(markup) for markup in _OVERRIDE.findall(written)):
                dropped["drawings"] += 1
                continue
            said = _OVERRIDE.sub("", written).replace("\\N", "\n").replace("\\n", " ").replace("\\h", " ").strip()
            start, end = (parse_clock(values.get(name, "").strip()) for name in ("start", "end"))
            raws[RawCue(start, end, said, values.get("name", "").strip())] = None
    labelled, guessed = (list(raws), ()) if any(raw.speaker for raw in raws) else take_labels(list(raws))
    kinds = " and ".join(f"{number} {kind}" for kind, number in dropped.items() if number)
    remarks = (Remark(LEFT_OUT, f"of the subtitles are left out: {kinds}"),) if kinds else ()
    return RawTranscript(labelled, remarks=(*remarks, *guessed))
