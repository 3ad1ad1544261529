"""The front matter split from the notes, and the limits above which notes are refused before they are parsed."""

import re
from typing import NamedTuple

from feed.findings import ContentFault

NOTES_BYTES = 256_000
LINE_BYTES = 20_000
FRONT_BYTES = 64_000
LINES = 5_000
MARKERS = 10_000
TABLE_CELLS = 10_000
TABLE_COLUMNS = 100
LINKS = 2_000
RAW_TAGS = 4_000
DEPTH = 100
HTML_CHARACTERS = 1_500_000
ADDRESS_CHARACTERS = 2_000

# In all the notes, and in one paragraph, where the parser looks back over the others for each new one.
_NOTES = {"[": 10_000, "`": 10_000, "*": 10_000, "_": 20_000, "~": 10_000, "<": 10_000, "&": 20_000}
_PARAGRAPH = {"[": 600, "]": 600, "`": 1_000, "*": 4_000, "_": 4_000, "~": 4_000, "<": 600, "://": 400, "@": 400, "&": 4_000}
_TABLE_RULE = re.compile(r"[\s>|:-]*\|[\s>|:-]*|[\s>]*:?-+:?\s*")
_MARKERS = re.compile(r"[\s>*+-]*")
_INVISIBLE = "\ufeff\u200b\u200c\u200d\u2060"
"""What editors and web pages leave before a text, and nobody sees."""
_TOML_PIECE = re.compile(
    r"""#[^\n]*|"{3}(?:\\.|[^\\])*?"{3}|'{3}.*?'{3}|"(?:\\.|[^"\\\n])*"|'[^'\n]*'""",
    re.DOTALL,
)
_FENCES = {"+++": "toml", "---": "yaml"}


class SplitText(NamedTuple):
    """`episode.md` in its two parts. Offsets are added to a line within a part (from 1) to get the line in the file."""

    kind: str
    front: str
    front_line_offset: int
    notes: str
    notes_line_offset: int


def split_front_matter(text: str) -> SplitText:
    """The front matter (`kind` toml between `+++`, yaml between `---`, "" when there is none) and the notes below it.

    Raises ContentFault: front-matter-unclosed (line 1), front-matter-too-large.
    """
    text = text.lstrip(_INVISIBLE).replace("\r\n", "\n").replace("\r", "\n")
    lines = text.split("\n")
    first = next((number for number, line in enumerate(lines) if line.strip()), len(lines))
    fence = lines[first].strip(_INVISIBLE).rstrip() if first < len(lines) else ""
    if fence not in _FENCES:
        return SplitText("", "", 0, text, 0)
    close = _close(lines, first, fence)
    if close is None:
        raise ContentFault(
            f"the front matter begins with {fence} and never ends",
            code="front-matter-unclosed",
            line=first + 1,
            hint=f"put a line with only {fence} below its last key",
        )
    front = "\n".join(lines[first + 1 : close]) + "\n" if close > first + 1 else ""
    size = _bytes(front)
    if size > FRONT_BYTES:
        raise ContentFault(
            f"the front matter holds {size:,} bytes, at most {FRONT_BYTES:,} are read",
            code="front-matter-too-large",
            line=first + 1,
            hint="put long texts below it, into the notes",
        )
    return SplitText(_FENCES[fence], front, first + 1, "\n".join(lines[close + 1 :]), close + 1)


def _close(lines: list[str], first: int, fence: str) -> int | None:
    """The line that ends the front matter: the fence again, in YAML also `...`; in TOML none that stands within a longer text."""
    ends = (fence, "...") if fence == "---" else (fence,)
    found = [number for number in range(first + 1, len(lines)) if lines[number].strip(_INVISIBLE).rstrip() in ends]
    if fence == "---" or len(found) < 2:
        return found[0] if found else None
    text = "\n".join(lines[first + 1 : found[-1]])
    inside = [(text.count("\n", 0, at.start()), text.count("\n", 0, at.end())) for at in _TOML_PIECE.finditer(text) if at[0][:1] != "#"]
    outside = (number for number in found if not any(begin < number - first - 1 <= end for begin, end in inside))
    return next(outside, found[0])


def check_limits(markdown: str) -> None:
    """Refuses notes that are too large to render in about a second.

    Raises ContentFault: notes-too-large, notes-line-too-long, notes-too-complex; each message names its limit.
    """
    size = _bytes(markdown)
    if size > NOTES_BYTES:
        raise ContentFault(
            f"the notes hold {size:,} bytes, at most {NOTES_BYTES:,} are rendered",
            code="notes-too-large",
            hint="put long texts on a page of their own and link to it",
        )
    for mark, most in _NOTES.items():
        if markdown.count(mark) > most:
            raise too_complex(f"the notes have more than {most:,} times {mark}")
    written = cells = columns = markers = 0
    for number, line in enumerate(markdown.replace("\r\n", "\n").replace("\r", "\n").split("\n"), 1):
        if not line.strip():
            columns = 0
            continue
        written += 1
        length = _bytes(line)
        if length > LINE_BYTES:
            raise ContentFault(
                f"this line holds {length:,} bytes, at most {LINE_BYTES:,} are rendered",
                code="notes-line-too-long",
                line=number,
                hint="break it into paragraphs",
            )
        if written > LINES:
            raise too_complex(f"the notes have more than {LINES:,} lines that are not blank", number)
        lead = _MARKERS.match(line)
        markers += len("".join(lead[0].split())) if lead else 0
        if markers > MARKERS:
            raise too_complex(f"the notes have more than {MARKERS:,} marks of lists and quotes", number)
        if _TABLE_RULE.fullmatch(line):
            columns = max(columns, line.count("|") + 1)
            if columns > TABLE_COLUMNS:
                raise too_complex(f"this table has more than {TABLE_COLUMNS} columns", number)
        cells += columns
        if cells > TABLE_CELLS and columns > 1:
            raise too_complex(f"the tables have more than {TABLE_CELLS:,} cells", number)


def check_paragraph(content: str, line: int) -> None:
    """Refuses one paragraph with so much markup that parsing it takes seconds. `line` is its first line."""
    for mark, most in _PARAGRAPH.items():
        if content.count(mark) > most:
            raise too_complex(f"this paragraph has more than {most:,} times {mark}", line)


def too_complex(message: str, line: int = 0) -> ContentFault:
    """A notes-too-complex fault."""
    return ContentFault(message, code="notes-too-complex", line=line, hint="simplify the notes, or put this on a page of its own")


def _bytes(text: str) -> int:
    return len(text.encode("utf-8", "surrogatepass"))
