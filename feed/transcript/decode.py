"""The bytes of a transcript to text, in whatever encoding a tool wrote them."""

import codecs

from feed.findings import ContentFault

LARGEST = 8_000_000
"""Bytes of a transcript; three hours of word-level JSON are about two million."""


def decode(data: bytes) -> str:
    """The text of a transcript file, with plain line ends and without byte order mark.

    Reads UTF-8, UTF-16 (with or without a mark), Windows-1252 and Latin-1. Raises ContentFault `transcript-too-large` above
    8 MB.
    """
    if len(data) > LARGEST:
        raise ContentFault(
            f"the transcript has {len(data)} bytes; the limit is {LARGEST} (8 MB)",
            code="transcript-too-large",
            hint="is this really the transcript? WebVTT needs about 80 kB an hour",
        )
    text = _decode(data).removeprefix("\ufeff")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _decode(data: bytes) -> str:
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return data.decode("utf-16", errors="replace")
    head = data[:2000]
    if head.count(0) > len(head) // 4:  # every second byte of Latin text is nought in UTF-16
        return data.decode("utf-16-le" if head[1::2].count(0) >= head[::2].count(0) else "utf-16-be", errors="replace")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as fault:
        if fault.start >= len(data) - 3 and fault.end == len(data) and fault.start > 0:  # cut in the middle of a character
            return data[: fault.start].decode("utf-8")
    try:
        return data.decode("cp1252")
    except UnicodeDecodeError:
        return data.decode("latin-1")
