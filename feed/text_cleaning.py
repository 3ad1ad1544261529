"""Texts cleaned of what XML and UTF-8 cannot hold, put on one line, and cut to length."""

import json
import re
from typing import Any

_UNFIT = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")
_IMPOSSIBLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_FIT = bytes([0x09, 0x0A, *range(0x20, 0x7F)])
_LONE = re.compile("[\ud800-\udfff]")
_SURROGATE = re.compile(r"[\ud800-\udfff]|\\u[dD][89a-fA-F]")
_HEX = "[0-9a-fA-F]{2}"
_ESCAPED = re.compile(rf"(\\u[dD][89abAB]{_HEX}\\u[dD][c-fC-F]{_HEX}|\\(?!u[dD][89a-fA-F]).)|\\u{_HEX}{_HEX}", re.DOTALL)
"""An escape in JSON; all but a lone surrogate are the group."""
_ARROWS = (("<->", "↔"), ("->", "→"), ("<-", "←"), ("<", "‹"), (">", "›"))
_SENTENCE_END = re.compile(r"[.!?…][\"'”’»)\]]?(?=\s)|[。！？]")
_ELLIPSIS = " …"


def xml_safe(text: str) -> str:
    """`text` without what XML cannot hold: control characters, lone surrogates, non-characters. Line ends become line feeds."""
    if text.isprintable():
        return text
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    # Far quicker than the pattern over long notes.
    return _UNFIT.sub("", text) if not text.isascii() or text.encode("ascii").translate(None, _FIT) else text


def xml_exact(text: str) -> str:
    """`text` without what XML cannot hold at all and without blanks around it, all else kept: apps compare it letter by letter."""
    return _IMPOSSIBLE.sub("", text).strip()


def read_json(raw: str | bytes) -> Any:
    """JSON from anywhere, its texts without lone surrogates, which JSON can write and UTF-8 cannot hold. Raises ValueError,
    also for what is nested deeper than anybody writes it.
    """
    text = raw if isinstance(raw, str) else raw.decode(json.detect_encoding(raw), "surrogatepass")
    # the two looks before it are far quicker than the pattern
    if (r"\ud" in text or r"\uD" in text or _holds_surrogates(text)) and _SURROGATE.search(text):
        text = _ESCAPED.sub(r"\1", _LONE.sub("", text))
    try:
        return json.loads(text)  # noqa: TID251  the one place
    except RecursionError:
        raise ValueError("it is nested too deeply") from None


def _holds_surrogates(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return True
    return False


def outside_comments(text: str) -> str:
    """HTML or XML without its comments; one that never ends is none."""
    parts: list[str] = []
    at = 0
    while (begin := text.find("<!--", at)) >= 0 and (end := text.find("-->", begin + 4)) >= 0:
        parts.append(text[at:begin])
        at = end + 3
    return "".join([*parts, text[at:]])


def one_line(text: str) -> str:
    """`text` on a single line, fit for a feed, runs of white space as one blank."""
    return " ".join(xml_safe(text).split())


def printable_line(text: str) -> str:
    """`text` on a single line without control characters, fit for a terminal."""
    return " ".join("".join(character if character.isprintable() else " " for character in text).split())


def without_angles(text: str) -> str:
    """Plain text that no app mistakes for HTML: YouTube refuses `<` and `>` in descriptions, others swallow what follows."""
    for written, shown in _ARROWS:
        text = text.replace(written, shown)
    return text


def cut_at_sentence(text: str, limit: int) -> str:
    """`text` in at most `limit` UTF-8 bytes: up to the last full sentence, else the last word and an ellipsis."""
    if len(text.encode()) <= limit:
        return text
    if limit <= len(_ELLIPSIS.encode()):
        return ""
    # One character more than fits tells whether a full stop is followed by a blank.
    head = text.encode()[:limit].decode(errors="ignore")
    ends = [match.end() for match in _SENTENCE_END.finditer(text[: len(head) + 1]) if match.end() <= len(head)]
    if ends and ends[-1] > len(head) // 2:
        return head[: ends[-1]]
    head = text.encode()[: limit - len(_ELLIPSIS.encode())].decode(errors="ignore")
    words = head.rsplit(None, 1)
    return (words[0] if len(words) == 2 and len(words[0]) > len(head) // 2 else head.rstrip()) + _ELLIPSIS
