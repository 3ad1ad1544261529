"""The published copy of a recording: the same audio, with complete tags that every player shows.

The recording on disk is never touched. ID3 is written as v2.3 with UTF-16, the form that all readers know.
"""

from __future__ import annotations

import os
import struct
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

from publisher.measure import AudioFault, probe
from publisher.mpeg import tag_length

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime
    from pathlib import Path
    from typing import BinaryIO

    from feed.model import AudioFacts, Chapter

LARGEST_COVER: Final = 300_000
"""Bytes: the tag stands before the audio, so every byte of it delays the first second heard."""
_COVER_PIXELS: Final = 1400
_CHAPTER_PIXELS: Final = 600
_CHAPTER_PICTURES: Final = 600_000
"""Bytes for the pictures of all chapters together: with the cover, the tag stays under a megabyte."""
_SMALLEST_PICTURE: Final = 8_000
_MOST_LISTED: Final = 255
"""Children of one CTOC frame: their count is one byte (ID3v2 Chapter Frame Addendum 1.0, section 3.2)."""
_MOST_CHAPTERS: Final = _MOST_LISTED * _MOST_LISTED
_NO_OFFSET: Final = 0xFFFFFFFF
_CHUNK: Final = 1 << 20

# What a podcaster's own tools put there and players use: loudness, encoder, rights. All else is replaced or dropped.
_KEPT: Final = ("RVA2", "TSSE", "TCOP", "TCOM", "TPUB")

# ISO 639-1 to ID3's ISO 639-2 codes.
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


def write_copy(recording: Path, target: Path, tags: AudioTags, *, facts: AudioFacts | None = None) -> AudioFacts:
    """Write the published copy of `recording` to `target` and measure it: the facts are the copy's.

    The audio stays as it is, bit for bit; old tags give way, loudness and rights are kept. Same input, same bytes. `facts`
    are those of the recording, when they are known; its doubts are the copy's, and what could not be written is one more.
    `target` appears whole or not at all. Raises AudioFault when the recording cannot be read, OSError when the copy cannot be written.
    """
    facts = facts or probe(recording)
    if target.exists() and target.samefile(recording):
        raise AudioFault("the published copy would overwrite the recording", code="audio-unreadable", hint="name another folder for it")
    temporary = target.with_name(f"{target.name}.part")
    try:
        notes = (_write_mp3 if facts.extension == "mp3" else _write_mp4)(recording, temporary, tags, facts)
        copy = probe(temporary)
        if abs(copy.duration - facts.duration) > 0.05:
            hint = "is the recording still being exported, copied or synced?"
            raise AudioFault("the audio changed while it was copied", code="audio-unreadable", hint=hint)
        temporary.replace(target)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    return replace(copy, doubts=(*facts.doubts, *notes))


def language_code(language: str) -> str:
    """The three letters ID3 wants for a BCP 47 tag: `deu` for `de-AT`; `und` when there are none."""
    primary = language.replace("_", "-").split("-")[0].lower()
    code = _LANGUAGES.get(primary, primary)
    return code if len(code) == 3 and code.isascii() and code.isalpha() else "und"


def _write_mp3(recording: Path, temporary: Path, tags: AudioTags, facts: AudioFacts) -> list[str]:
    with recording.open("rb") as source, temporary.open("wb") as copy:
        tag, notes = _id3_tag(source, tags, facts.duration)
        start, end = _audio_extent(source)
        copy.write(tag)
        source.seek(start)
        left = end - start
        while left > 0 and (data := source.read(min(left, _CHUNK))):
            copy.write(data)
            left -= len(data)
    return notes


def _audio_extent(handle: BinaryIO) -> tuple[int, int]:
    """Offsets of the audio between the tags in front and those behind (ID3v1, APE)."""
    end = handle.seek(0, os.SEEK_END)
    start = 0
    while True:
        handle.seek(start)
        head = handle.read(32)
        length = tag_length(head) if head[:3] != b"TAG" else 0
        if not length or start + length >= end:
            break
        start += length
    while True:
        length = max(_id3v1_behind(handle, end), _ape_behind(handle, end))
        if not length or end - length <= start:
            return start, end
        end -= length


def _id3v1_behind(handle: BinaryIO, end: int) -> int:
    if end < 128:
        return 0
    handle.seek(end - 128)
    return 128 if handle.read(3) == b"TAG" else 0


def _ape_behind(handle: BinaryIO, end: int) -> int:
    if end < 32:
        return 0
    handle.seek(end - 32)
    footer = handle.read(32)
    if footer[:8] != b"APETAGEX":
        return 0
    has_header = footer[23] & 0x80
    return int.from_bytes(footer[12:16], "little") + (32 if has_header else 0)


def _id3_tag(source: BinaryIO, tags: AudioTags, duration: float) -> tuple[bytes, list[str]]:
    """The whole ID3v2.3 tag; frames stand in the order given, chapters by time."""
    from mutagen import id3
    from mutagen.id3 import Encoding, PictureType

    text = Encoding.UTF16
    language = language_code(tags.language)
    own = _own_tags(source)
    cover, notes = _cover(tags.cover or _front_cover(own))
    frames: list[Any] = [
        id3.TIT2(encoding=text, text=_plain(tags.title)),
        id3.TALB(encoding=text, text=_plain(tags.show)),
        id3.TPE1(encoding=text, text=_plain(tags.artist)),
        id3.TPE2(encoding=text, text=_plain(tags.artist)),
        id3.TRCK(encoding=text, text=str(tags.number or "")),
        id3.TPOS(encoding=text, text=str(tags.season or "")),
        id3.TCON(encoding=text, text=_plain(tags.genre)),
        id3.TDRC(encoding=text, text=tags.date.strftime("%Y-%m-%d") if tags.date else ""),
        id3.TLAN(encoding=text, text=language if tags.language else ""),
        *(frame for name in _KEPT for frame in own.getall(name)),
        *(frame for frame in own.getall("TXXX") if frame.desc.lower().startswith("replaygain_")),
    ]
    frames = [frame for frame in frames if not isinstance(frame, id3.TextFrame) or str(frame)]
    if tags.link:
        link = _latin(tags.link)
        frames += [id3.WOAF(url=link), id3.WXXX(encoding=text, desc="", url=link)]
    if tags.description:
        frames.append(id3.COMM(encoding=text, lang=language, desc="", text=_plain(tags.description)))
    chapter_frames, chapter_notes = _chapter_frames(tags, duration)
    frames += chapter_frames
    if cover:
        frames.append(id3.APIC(encoding=Encoding.LATIN1, mime="image/jpeg", type=PictureType.COVER_FRONT, desc="", data=cover))
    body = b"".join(map(_frame_bytes, frames))
    size = len(body)
    head = b"ID3\x03\x00\x00" + bytes((size >> 21 & 0x7F, size >> 14 & 0x7F, size >> 7 & 0x7F, size & 0x7F))
    return head + body, [*notes, *chapter_notes]


def _frame_bytes(frame: Any) -> bytes:
    """One frame as ID3v2.3. mutagen sorts the frames of a tag by size; a tag of one frame keeps our order."""
    import io

    from mutagen.id3 import ID3

    tag = ID3()
    tag.add(frame)
    tag.update_to_v23()
    stream = io.BytesIO()
    tag.save(stream, v1=0, v2_version=3, padding=lambda _: 0)
    return stream.getvalue()[10:]


def _own_tags(source: BinaryIO) -> Any:
    from mutagen.id3 import ID3

    source.seek(0)
    too_large = tag_length(source.read(32)) > 32 << 20
    source.seek(0)
    try:
        return ID3() if too_large else ID3(source)
    except Exception:  # noqa: BLE001  a damaged or absent tag: nothing to keep
        return ID3()


def _front_cover(own: Any) -> bytes:
    pictures = sorted(own.getall("APIC"), key=lambda picture: picture.type != 3)
    return bytes(pictures[0].data) if pictures else b""


def _cover(picture: bytes) -> tuple[bytes, list[str]]:
    """The picture as a JPEG of at most 300 kB; one that is small enough stays as it is."""
    from feed.findings import ContentFault
    from publisher.artwork import resized

    if picture[:3] == b"\xff\xd8\xff" and len(picture) <= LARGEST_COVER:
        return picture, []
    try:
        return (resized(picture, _COVER_PIXELS, LARGEST_COVER) if picture else b""), []
    except ContentFault as fault:
        return b"", [f"The file has no cover: {fault.message}."]


def _spans(chapters: tuple[Chapter, ...], duration: float) -> Iterator[tuple[int, int]]:
    """Start and end of each chapter in milliseconds; a chapter lasts until the next, the last one until the end."""
    last = round(duration * 1000)
    starts = [min(round(chapter.start * 1000), _NO_OFFSET - 1) for chapter in chapters]
    for chapter, (start, following) in zip(chapters, pairwise([*starts, last]), strict=True):
        end = round(chapter.end * 1000) if chapter.end is not None else following
        yield start, min(max(start, end), _NO_OFFSET - 1)


def _chapter_frames(tags: AudioTags, duration: float) -> tuple[list[Any], list[str]]:
    from mutagen import id3
    from mutagen.id3 import CTOCFlags, Encoding, PictureType

    order = sorted(range(len(tags.chapters)), key=lambda position: tags.chapters[position].start)[:_MOST_CHAPTERS]
    chapters = tuple(tags.chapters[position] for position in order)
    pictures, notes = _chapter_pictures(tags.chapter_images)
    if len(tags.chapters) > _MOST_CHAPTERS:
        notes.append(f"Only the first {_MOST_CHAPTERS} chapters are in the file's tags.")
    frames = []
    for number, (position, chapter, (start, end)) in enumerate(zip(order, chapters, _spans(chapters, duration), strict=True)):
        inner: list[Any] = [id3.TIT2(encoding=Encoding.UTF16, text=_plain(chapter.title))] if chapter.title else []
        if chapter.url:
            inner.append(id3.WXXX(encoding=Encoding.UTF16, desc="chapter url", url=_latin(chapter.url)))
        if position in pictures:
            data = pictures[position]
            inner.append(id3.APIC(encoding=Encoding.LATIN1, mime="image/jpeg", type=PictureType.OTHER, desc="", data=data))
        frames.append(
            id3.CHAP(
                element_id=f"chp{number}",
                start_time=start,
                end_time=end,
                start_offset=_NO_OFFSET,
                end_offset=_NO_OFFSET,
                sub_frames=inner,
            )
        )
    listed = [f"chp{number}" for number, chapter in enumerate(chapters) if chapter.toc]
    top = CTOCFlags.TOP_LEVEL | CTOCFlags.ORDERED
    if len(listed) > _MOST_LISTED:
        parts = [listed[at : at + _MOST_LISTED] for at in range(0, len(listed), _MOST_LISTED)]
        contents = [("toc", top, [f"toc{number}" for number in range(len(parts))])]
        contents += [(f"toc{number}", CTOCFlags.ORDERED, part) for number, part in enumerate(parts)]
    else:
        contents = [("toc", top, listed)] if listed else []
    tables = [id3.CTOC(element_id=name, flags=flags, child_element_ids=children, sub_frames=[]) for name, flags, children in contents]
    return [*tables, *frames], notes


def _chapter_pictures(images: Mapping[int, bytes]) -> tuple[dict[int, bytes], list[str]]:
    """Each chapter's picture, made so small that all of them together do not delay the first second."""
    from feed.findings import ContentFault
    from publisher.artwork import resized

    share = _CHAPTER_PICTURES // max(1, len(images))
    if share < _SMALLEST_PICTURE:
        return {}, [f"The {len(images)} chapter pictures are left out of the file's tags: together they would delay its start."]
    made, notes = {}, []
    for position in sorted(images):
        try:
            made[position] = resized(images[position], _CHAPTER_PIXELS, min(share, 100_000))
        except ContentFault as fault:
            notes.append(f"The picture of chapter {position + 1} is left out of the file's tags: {fault.message}.")
    return made, notes


def _write_mp4(recording: Path, temporary: Path, tags: AudioTags, facts: AudioFacts) -> list[str]:
    from mutagen.mp4 import MP4, MP4Cover, MP4FreeForm

    with recording.open("rb") as source, temporary.open("wb") as copy:
        while data := source.read(_CHUNK):
            copy.write(data)
    mp4: Any = MP4(temporary)
    own = mp4.tags or {}
    kept = {name: own[name] for name in ("\xa9too", "cprt", "\xa9wrt", "----:com.apple.iTunes:iTunSMPB") if name in own}
    cover, notes = _cover(tags.cover or next((bytes(picture) for picture in own.get("covr", ())), b""))
    mp4.tags = None
    mp4.add_tags()
    values: dict[str, Any] = {
        **kept,
        "\xa9nam": [_plain(tags.title)],
        "\xa9alb": [_plain(tags.show)],
        "\xa9ART": [_plain(tags.artist)],
        "aART": [_plain(tags.artist)],
        "\xa9gen": [_plain(tags.genre)],
        "\xa9day": [tags.date.strftime("%Y-%m-%d") if tags.date else ""],
        "\xa9cmt": [_plain(tags.description)],
        "ldes": [_plain(tags.description)],
        "trkn": [(tags.number, 0)] if tags.number and tags.number < 1 << 16 else [],
        "disk": [(tags.season, 0)] if tags.season and tags.season < 1 << 16 else [],
        "----:com.apple.iTunes:LANGUAGE": [MP4FreeForm(language_code(tags.language).encode())] if tags.language else [],
        "----:com.apple.iTunes:WWW": [MP4FreeForm(_latin(tags.link).encode())] if tags.link else [],
        "covr": [MP4Cover(cover, MP4Cover.FORMAT_JPEG)] if cover else [],
    }
    for name, value in values.items():
        if value and value != [""]:
            mp4.tags[name] = value
    mp4.tags["pcst"] = True
    mp4.tags["stik"] = [21]
    mp4.save(temporary, padding=lambda _: 0)
    return [*notes, *_lay_out(temporary, tags, facts)]


def _lay_out(temporary: Path, tags: AudioTags, facts: AudioFacts) -> list[str]:
    """Index in front and chapters inside, where they are not so already."""
    from publisher.remux import NotRewritable, rewrite

    if facts.faststart and _outline(tags.chapters) == _outline(facts.chapters):
        return []
    rewritten = temporary.with_name(f"{temporary.name}2")
    try:
        rewrite(temporary, rewritten, tags.chapters, facts.duration)
        rewritten.replace(temporary)
    except (NotRewritable, struct.error) as error:
        rewritten.unlink(missing_ok=True)
        return [f"This MP4 could not be laid out anew ({error}): apps read the chapters from the feed, not from the file."]
    except BaseException:
        rewritten.unlink(missing_ok=True)
        raise
    return []


def _outline(chapters: tuple[Chapter, ...]) -> list[tuple[float, str]]:
    return [(round(chapter.start, 3), chapter.title) for chapter in chapters]


def _plain(text: str) -> str:
    """Without the control characters that end or split a tag's text."""
    return "".join(character for character in text if character.isprintable() or character in "\n\t").strip()


def _latin(url: str) -> str:
    """An address in the characters that ID3 and MP4 links allow."""
    return quote(url, safe="%:/?#[]@!$&'()*+,;=~-._")
