"""The bytes of a transcript to text with plain line ends."""

from feed.findings import ContentFault
from feed.text_decoding import Decoded, decode_text

LARGEST = 8_000_000
"""Bytes of a transcript; three hours of word-level JSON are about two million."""


def decode(data: bytes, language: str = "") -> Decoded:
    """The text of a transcript file, with plain line ends and without byte order mark; `language` is the one it should be in.

    Raises ContentFault `transcript-too-large` above 8 MB, `text-encoding` for a text in no script of the language.
    """
    if len(data) > LARGEST:
        raise ContentFault(
            f"the transcript has {len(data)} bytes; the limit is {LARGEST} (8 MB)",
            code="transcript-too-large",
            hint="is this really the transcript? WebVTT needs about 80 kB an hour",
        )
    text, remarks = decode_text(data, language)
    return Decoded(text.replace("\r\n", "\n").replace("\r", "\n"), remarks)
