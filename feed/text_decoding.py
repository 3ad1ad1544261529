"""The bytes of a text file to text: the one door for transcripts and chapters, in whatever encoding a tool wrote them."""

from __future__ import annotations

import codecs
import re
import unicodedata
from typing import NamedTuple

from feed.findings import GUESSED, LEFT_OUT, ContentFault, Remark

# The encodings that texts of a language were written in before UTF-8, and the scripts of its letters as Unicode names them.
_CYRILLIC = (("CYRILLIC",), ("cp1251", "koi8_r", "koi8_u", "cp866", "iso8859_5", "mac_cyrillic"))
_ARABIC = (("ARABIC",), ("cp1256", "iso8859_6"))
_HEBREW = (("HEBREW",), ("cp1255", "iso8859_8", "cp862"))
_OTHER_SCRIPTS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    **dict.fromkeys(("be", "bg", "kk", "ky", "mk", "mn", "ru", "sr", "tg", "uk"), _CYRILLIC),
    **dict.fromkeys(("ar", "fa", "ur"), _ARABIC),
    **dict.fromkeys(("he", "iw", "yi"), _HEBREW),
    "el": (("GREEK",), ("cp1253", "iso8859_7")),
    "ja": (("HIRAGANA", "KATAKANA", "CJK"), ("cp932", "euc_jp")),
    "ko": (("HANGUL", "CJK"), ("cp949",)),
    "th": (("THAI",), ("cp874",)),
    "zh": (("CJK",), ("gb18030", "big5hkscs")),
}
_LATIN_LETTERS = {
    **dict.fromkeys(("bs", "cs", "hr", "hu", "pl", "ro", "sk", "sl", "sq"), "cp1250"),
    **dict.fromkeys(("az", "tr"), "cp1254"),
    **dict.fromkeys(("et", "lt", "lv"), "cp1257"),
    "vi": "cp1258",
}
_UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_NO_UTF_8 = re.compile("[\udc80-\udcff]+")  # how `surrogateescape` marks them
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
_WORD = re.compile(rb"[A-Za-z\x80-\xff]+")
_HIGH = re.compile(rb"[\x80-\xff]")
_HIGH_LETTER = re.compile(rb"[\xa0-\xff]")  # below are the quotes and dashes of Windows


class Decoded(NamedTuple):
    """A text, and what a person must hear of how it was read."""

    text: str
    remarks: tuple[Remark, ...] = ()


def decode_text(data: bytes, language: str = "") -> Decoded:
    """The text of a file, without byte order mark; `language` is the one it should be in ("": not known).

    UTF-8, UTF-16 and ISO-2022 tell themselves apart; UTF-8 stays UTF-8 with a few bytes that are none. Anything else is guessed from
    the language, and by charset-normalizer. Raises ContentFault `text-encoding` where it is in no script of the language.
    """
    wide = _utf_16(data)
    if wide:
        return Decoded(data.decode(wide, errors="replace").removeprefix("\ufeff"))
    if data.isascii() and b"\x1b$" in data:
        return Decoded(data.decode("iso2022_jp", errors="replace"))
    try:
        return Decoded(data.decode("utf-8").removeprefix("\ufeff"))
    except UnicodeDecodeError:
        return _mended(data) or _guessed(data, language.split("-", maxsplit=1)[0].lower())


def is_text(data: bytes) -> bool:
    """Whether a file is text in some encoding, not a recording, a picture or a packed document: those are full of control characters."""
    beginning = data[:200_000].decode(_utf_16(data) or "latin-1", errors="replace")
    return 50 * len(_CONTROL.findall(beginning)) <= len(beginning)


def _utf_16(data: bytes) -> str:
    """The codec of a text in UTF-16; "" for any other."""
    if data.startswith(_UTF_16):
        return "utf-16"
    head = data[:2000]
    if head.count(0) <= len(head) // 4:  # every second byte of Latin text is nought
        return ""
    return "utf-16-le" if head[1::2].count(0) >= head[::2].count(0) else "utf-16-be"


def _mended(data: bytes) -> Decoded | None:
    """UTF-8 with some bytes that are none, where more signs are whole; None where those are too few.

    A byte that Windows-1252 has a sign for is read as that (people paste them), others are marked as lost.
    """
    text = data.decode("utf-8", errors="surrogateescape").removeprefix("\ufeff")
    runs = list(_NO_UTF_8.finditer(text))
    good = _NO_UTF_8.sub("", text)
    good = "" if good.isascii() else re.sub("[\x00-\x7f]+", "", good)
    last = _bytes(runs[-1])
    cut = runs[-1].end() == len(text) and last[0] >= 0xC2 and (bool(good) or len(last) > 1)
    if sum(map(len, map(_bytes, runs[: len(runs) - cut]))) > len(good) or not (good or cut):
        return None
    remarks: list[Remark] = []
    if cut:
        text, runs = text[: runs[-1].start()], runs[:-1]
        remarks.append(Remark(LEFT_OUT, "the file ends in the middle of a character, which is left out: is it cut off?"))
    if runs:
        latin = all(sign < "\u0250" or not sign.isalpha() for sign in good)
        at = runs[0].start()
        line = text.count("\n", 0, at) + 1
        text = _NO_UTF_8.sub(lambda match: _replaced(_bytes(match), latin=latin), text)
        many = "a byte that is" if len(runs) == 1 else f"bytes in {len(runs)} places that are"
        near = " ".join(text[max(text.rfind("\n", 0, at) + 1, at - 20) : at + 20].partition("\n")[0].split())
        remarks.append(Remark(GUESSED, f"{many} no UTF-8, replaced (line {line}): {near}"))
    return Decoded(text, tuple(remarks))


def _bytes(match: re.Match[str]) -> bytes:
    return match[0].encode("utf-8", "surrogateescape")


def _replaced(run: bytes, *, latin: bool) -> str:
    try:
        said = run.decode("cp1252")
    except UnicodeDecodeError:
        return "\ufffd"
    return said if latin or not any(sign.isalpha() for sign in said) else "\ufffd"


def _guessed(data: bytes, language: str) -> Decoded:
    """Text of before UTF-8: in the usual encoding of Latin letters where its words look like that, else in one of the language's script."""
    scripts, codecs_ = _OTHER_SCRIPTS.get(language, ((), ()))
    if _looks_latin(data):
        name = _LATIN_LETTERS.get(language, "cp1252")
        for codec in (name, "cp1252", "latin-1"):
            try:
                return _said(data.decode(codec), codec)
            except UnicodeDecodeError:
                continue
    from charset_normalizer import from_bytes

    found = [(match.encoding, str(match)) for match in from_bytes(data, cp_isolation=list(codecs_) or None)]
    if not language or scripts:
        for codec, text in found:
            if not scripts or _written_in(text, scripts):
                return _said(text.removeprefix("\ufeff"), codec)
    looks = f" (it looks like {_name(found[0][0])})" if found else ""
    written = f"not written as `{language}` is" if language else "written in no encoding we know"
    raise ContentFault(
        f"the file is not UTF-8, and {written}{looks}",
        code="text-encoding",
        line=1,
        hint="save it as UTF-8; if it is in another language, name it so: transcript.ru.srt",
    )


def _said(text: str, codec: str) -> Decoded:
    return Decoded(text, (Remark(GUESSED, f"not UTF-8; read as {_name(codec)}: save it as UTF-8 if letters are wrong"),))


def _name(codec: str) -> str:
    """An encoding as editors name it."""
    names = {
        "latin-1": "ISO-8859-1",
        "cp932": "Shift JIS",
        "cp949": "EUC-KR",
        "big5": "Big5",
        "big5hkscs": "Big5",
        "euc_jp": "EUC-JP",
        "gb18030": "GB18030",
    }
    return names.get(codec) or (f"Windows-{codec[2:]}" if codec.startswith("cp") else codec.replace("_", "-"))


def _looks_latin(data: bytes) -> bool:
    """Whether letters beyond ASCII stand among ASCII ones: words of other scripts have none of those."""
    latin = other = 0
    for match in _WORD.finditer(data, 0, 200_000):
        high = len(_HIGH.findall(match[0]))
        if 2 * high > len(match[0]) and len(_HIGH_LETTER.findall(match[0])) > 2:
            other += 1
        elif high and high < len(match[0]):
            latin += 1
    return latin >= other


def _written_in(text: str, scripts: tuple[str, ...]) -> bool:
    """Whether most letters beyond ASCII are of these scripts."""
    letters = [sign for sign in text[:20_000] if sign > "\x7f" and sign.isalpha()]
    return 2 * sum(unicodedata.name(sign, "").split(" ", 1)[0].split("-")[0] in scripts for sign in letters) > len(letters)
