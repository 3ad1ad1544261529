"""What goes into a tag, in the form that tags allow: texts, links, languages, covers."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from feed.model import Chapter


LARGEST_COVER: Final = 300_000
"""Bytes: the tag stands before the audio, so every byte of it delays the first second heard."""
_COVER_PIXELS: Final = 1400

# ISO 639-1 to ID3's ISO 639-2 codes. (Babel's aliases give several for a third of them, and do not tell which is meant.)
_LANGUAGES: Final = dict(
    pair.split(":")
    for pair in (  # noqa: SIM905  a line for each would be no easier to read
        "aa:aar ab:abk ae:ave af:afr ak:aka am:amh an:arg ar:ara as:asm av:ava ay:aym az:aze ba:bak be:bel bg:bul bh:bih bi:bis bm:bam "
        "bn:ben bo:bod br:bre bs:bos ca:cat ce:che ch:cha co:cos cr:cre cs:ces cu:chu cv:chv cy:cym da:dan de:deu dv:div dz:dzo ee:ewe "
        "el:ell en:eng eo:epo es:spa et:est eu:eus fa:fas ff:ful fi:fin fj:fij fo:fao fr:fra fy:fry ga:gle gd:gla gl:glg gn:grn gu:guj "
        "gv:glv ha:hau he:heb hi:hin ho:hmo hr:hrv ht:hat hu:hun hy:hye hz:her ia:ina id:ind ie:ile ig:ibo ii:iii ik:ipk io:ido is:isl "
        "it:ita iu:iku iw:heb ja:jpn jv:jav ka:kat kg:kon ki:kik kj:kua kk:kaz kl:kal km:khm kn:kan ko:kor kr:kau ks:kas ku:kur kv:kom "
        "kw:cor ky:kir la:lat lb:ltz lg:lug li:lim ln:lin lo:lao lt:lit lu:lub lv:lav mg:mlg mh:mah mi:mri mk:mkd ml:mal mn:mon mr:mar "
        "ms:msa mt:mlt my:mya na:nau nb:nob nd:nde ne:nep ng:ndo nl:nld nn:nno no:nor nr:nbl nv:nav ny:nya oc:oci oj:oji om:orm or:ori "
        "os:oss pa:pan pi:pli pl:pol ps:pus pt:por qu:que rm:roh rn:run ro:ron ru:rus rw:kin sa:san sc:srd sd:snd se:sme sg:sag si:sin "
        "sk:slk sl:slv sm:smo sn:sna so:som sq:sqi sr:srp ss:ssw st:sot su:sun sv:swe sw:swa ta:tam te:tel tg:tgk th:tha ti:tir tk:tuk "
        "tl:tgl tn:tsn to:ton tr:tur ts:tso tt:tat tw:twi ty:tah ug:uig uk:ukr ur:urd uz:uzb ve:ven vi:vie vo:vol wa:wln wo:wol xh:xho "
        "yi:yid yo:yor za:zha zh:zho zu:zul"
    ).split()
)


def language_code(language: str) -> str:
    """The three letters ID3 wants for a BCP 47 tag: `deu` for `de-AT`; `und` when there are none."""
    primary = language.replace("_", "-").split("-")[0].lower()
    code = _LANGUAGES.get(primary, primary)
    return code if len(code) == 3 and code.isascii() and code.isalpha() else "und"


def plain_text(text: str) -> str:
    """Without the control characters that end or split a tag's text."""
    return "".join(character for character in text if character.isprintable() or character in "\n\t").strip()


def link_text(url: str) -> str:
    """An address in the characters that ID3 and MP4 links allow."""
    return quote(url, safe="%:/?#[]@!$&'()*+,;=~-._")


def small_cover(picture: bytes) -> tuple[bytes, list[str]]:
    """The picture as a JPEG of at most 300 kB; one that is small enough stays as it is."""
    from feed.findings import ContentFault
    from publisher.media.image_processing import resized

    if picture[:3] == b"\xff\xd8\xff" and len(picture) <= LARGEST_COVER:
        return picture, []
    try:
        return (resized(picture, _COVER_PIXELS, LARGEST_COVER) if picture else b""), []
    except ContentFault as fault:
        return b"", [f"The file has no cover: {fault.message}."]


@dataclass(frozen=True, slots=True, kw_only=True)
class AudioTags:
    """What players show of a file that someone saved, and what Apple Podcasts and Overcast read: its chapters.

    `show` is the album, `artist` the hosts, `number` the track, `season` the disc, `language` BCP 47, `link` the episode's
    page, `cover` a picture in any form (it is made small enough; empty: the recording's own), `chapter_images` pictures
    by the chapter's position. A chapter's `toc` False keeps it out of the table of contents.
    """

    title: str
    show: str
    artist: str = ""
    number: int | None = None
    season: int | None = None
    genre: str = "Podcast"
    date: datetime | None = None
    language: str = ""
    link: str = ""
    description: str = ""
    cover: bytes = b""
    chapters: tuple[Chapter, ...] = ()
    chapter_images: Mapping[int, bytes] = field(default_factory=dict)
