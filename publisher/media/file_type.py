"""What a file is by its first bytes, whatever it is called."""

from typing import Final

# Audio that apps and directories do not take as an enclosure: (offset, bytes, name). ID3v2 tags may stand before some.
_OTHER_AUDIO: Final = (
    (0, b"fLaC", "FLAC"),
    (0, b"wvpk", "WavPack"),
    (0, b"MAC ", "Monkey's Audio"),
    (0, b"caff", "Core Audio"),
    (0, b"#!AMR", "AMR"),
    (0, b".snd", "Sun audio"),
    (0, b"TTA1", "True Audio"),
    (0, b"MThd", "MIDI"),
    (0, b"\x30\x26\xb2\x75\x8e\x66\xcf\x11", "WMA or WMV"),
    (0, b"\x1a\x45\xdf\xa3", "Matroska or WebM"),
    (0, b"RF64", "WAV"),
    (0, b"BW64", "WAV"),
    (0, b"riff\x2e\x91\xcf\x11", "Wave64"),
    (8, b"WAVE", "WAV"),
    (8, b"AIFF", "AIFF"),
    (8, b"AIFC", "AIFF"),
    (8, b"AVI ", "AVI video"),
    (0, b"FLV\x01", "Flash video"),
    (4, b"wide", "QuickTime"),
)
_NOT_AUDIO: Final = (
    (0, b"version https://git-lfs.github.com/spec/", "a git-lfs pointer, not the recording itself"),
    (0, b"/annex/objects/", "a git-annex pointer, not the recording itself"),
    (0, b"\xff\xd8\xff", "a JPEG picture"),
    (0, b"\x89PNG\r\n", "a PNG picture"),
    (0, b"GIF8", "a GIF picture"),
    (8, b"WEBP", "a WebP picture"),
    (0, b"%PDF-", "a PDF"),
    (0, b"PK\x03\x04", "a ZIP archive"),
    (0, b"\x1f\x8b", "a gzip archive"),
    (0, b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive"),
    (0, b"Rar!", "a RAR archive"),
    (0, b"\x7fELF", "a program"),
    (0, b"MZ", "a Windows program"),
    (0, b"SQLite format 3", "a database"),
    (0, b"bplist00", "a property list"),
    (0, b"{\\rtf", "a text document (RTF)"),
    (0, b"\xd0\xcf\x11\xe0", "an Office document"),
)
ZEROS: Final = "nothing but zero bytes"
_MP4_ATOMS: Final = frozenset((b"ftyp", b"moov", b"mdat", b"free", b"skip", b"pnot", b"moof", b"styp"))


def _matches(table: tuple[tuple[int, bytes, str], ...], head: bytes) -> str:
    return next((name for offset, mark, name in table if head[offset : offset + len(mark)] == mark), "")


def is_mp4(head: bytes) -> bool:
    """Whether a file that starts with `head` is an MP4 (ISO 14496-12): M4A, M4B, MP4."""
    return head[4:8] in _MP4_ATOMS


def other_audio(head: bytes) -> str:
    """The name of an audio or video format that apps do not take, "" for anything else."""
    if head[:4] == b"OggS":
        return "Opus" if b"OpusHead" in head[:64] else "Ogg"
    if head[:1] == b"\xff" and len(head) > 1 and head[1] & 0xF6 == 0xF0:
        return "raw AAC (ADTS)"
    return _matches(_OTHER_AUDIO, head)


def not_audio(head: bytes) -> str:
    """What `head` looks like when it is no audio: "an HTML page", "a JPEG picture"; "" when that cannot be told."""
    name = _matches(_NOT_AUDIO, head)
    if name:
        return name
    if not head.strip(b"\0"):
        return ZEROS
    start = head[:1024].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if start.startswith((b"<!doctype html", b"<html")) or b"<html" in start:
        return "an HTML page, perhaps a log-in or error page saved in place of the recording"
    if start.startswith((b"<?xml", b"<rss")):
        return "an XML document"
    if start.startswith((b"{", b"[")) and _is_text(head):
        return "a JSON document"
    return "a text" if _is_text(head) else ""


def _is_text(head: bytes) -> bool:
    # The last characters may be cut in the middle, so their bytes are let go.
    text = head[: len(head) - 4] if len(head) > 512 else head
    try:
        decoded = text.decode()
    except UnicodeDecodeError:
        return False
    return all(character.isprintable() or character in "\t\r\n\f" for character in decoded)
