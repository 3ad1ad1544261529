"""Pictures for links shared elsewhere: cover, title and the show's name on 1200 x 630 pixels (Open Graph's usual size).

Fonts come from packages alone, never from the system, so that a picture is the same wherever it is made. A text that no
font here can write whole is left out, and the cover stands alone.
"""

from __future__ import annotations

import io
import unicodedata
from functools import lru_cache
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from feed.findings import ContentFault, Severity
from publisher.core import layout
from publisher.incremental_build.artifacts import Artifact, Made, Phase, artifact, hashed
from publisher.incremental_build.recipe_names import recipe_name
from publisher.site.parts.words import UNSPACED, words_for

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from PIL.Image import Image
    from PIL.ImageFont import FreeTypeFont

    from publisher.core.show_files import SourceFile
    from publisher.render.episode_sources import EpisodeSources
    from publisher.render.media_and_documents import Composition

WIDTH, HEIGHT = 1200, 630
_EDGE, _COVER, _GAP = 72, 486, 64
_LINES = 5
_SIZES = (78, 70, 62, 55, 49, 44)
_SMALL = 34
_ABOVE = 42
_MISSING = "\U0010fffd"
_QUALITY = 84
_TITLE = 200
_INVISIBLE = frozenset(("Cc", "Cf", "Cn", "Co", "Cs"))


class Face(NamedTuple):
    """A font of a package: its file, and where on its axes (by name) we want it."""

    package: str
    file: str
    axes: tuple[tuple[bytes, int], ...] = ()


FACES = (
    Face("fontpkg_source_serif_4", "files/SourceSerif4[opsz,wght].ttf", ((b"Optical Size", 48), (b"Weight", 620))),
    Face("fontpkg_noto_sans_arabic", "files/NotoSansArabic[wdth,wght].ttf", ((b"Weight", 650),)),
    Face("noto_cjk_sans_jp_bold", "NotoSansCJKjp-Bold.otf"),
)
"""The first that can write a text whole does. The last comes with `airdate[cjk]`."""


def recipes(composition: Composition, episode: EpisodeSources | None = None) -> Made | None:
    """The picture of an episode, or of the show; None where `[site] social_images` is off or there is no cover to show."""
    cover = _cover_of(composition, episode)
    if cover is None or not composition.config.site.social_images:
        return None
    show = composition.config.show
    title = episode.source.written.title if episode is not None else show.title
    under = show.title if episode is not None else show.author
    name = episode.slug if episode is not None else layout.OF_SHOW
    artwork = composition.source.artwork  # the accent is taken from it
    inputs = [
        cover.digest,
        title,
        under,
        show.language,
        composition.config.site.accent,
        artwork.digest if artwork is not None else "",
        fonts(),
    ]

    def render() -> Iterable[Artifact]:
        body = picture(cover, title, under, show.language, composition.accent)
        yield artifact(layout.social_picture(name, hashed(body)), body, Phase.MEDIA)

    recipe = "social" if episode is None else recipe_name("social", name)
    try:
        return composition.build.make(recipe, inputs, render)[0]
    except ContentFault as fault:
        told = any(item.file == cover.name and item.severity is Severity.ERROR for item in composition.findings)
        if not told:  # by the cover's own recipe
            fault = ContentFault(f"the picture for links to it is left out: {fault.message}", code=fault.code, hint=fault.hint)
            composition.build.keep(recipe, "unreadable", ())  # the next publish tries again
            composition.build.add(recipe, [fault.finding(cover.name, episode=episode.slug if episode else "", severity=Severity.WARNING)])
        return None


def _cover_of(composition: Composition, episode: EpisodeSources | None) -> SourceFile | None:
    """The episode's own cover, else its season's, else the artwork; one that cannot be used is passed over."""
    if episode is not None and episode.covers:
        season = composition.source.season_artwork.get(episode.source.written.season or 0)
        return episode.source.cover or season
    return composition.source.artwork if composition.artwork else None


@lru_cache(maxsize=1)
def fonts() -> tuple[str, ...]:
    """The fonts that are here, with their versions."""
    found = []
    for face in FACES:
        try:
            found.append(f"{face.package} {version(face.package)}")
        except PackageNotFoundError:
            continue
    return tuple(found)


def picture(cover: SourceFile, title: str, under: str, language: str, accent: str) -> bytes:
    """A JPEG. Raises ContentFault when the cover cannot be read."""
    from PIL import Image as pictures  # noqa: N813
    from PIL import ImageDraw

    from publisher.media.colors import dark_tokens

    tokens = dark_tokens(accent)
    words = words_for(language)
    right = words.direction == "rtl"
    canvas = pictures.new("RGB", (WIDTH, HEIGHT), tokens.paper)
    draw = ImageDraw.Draw(canvas)
    shown = _cover(cover)
    face, name = face_for(_line(title)), face_for(_line(under))
    title, under = _line(title, face), _line(under, name)
    if face is None:
        blurred = _backdrop(shown)
        canvas.paste(blurred, (0, 0))
        canvas.paste(shown, ((WIDTH - _COVER) // 2, _EDGE), _corners())
    else:
        canvas.paste(shown, (WIDTH - _EDGE - _COVER if right else _EDGE, _EDGE), _corners())
        left, room = (_EDGE if right else _EDGE + _COVER + _GAP), WIDTH - 2 * _EDGE - _COVER - _GAP
        lines, size = _fit(face, title, room, language)
        step = round(size * 1.16)
        height = len(lines) * step + (_ABOVE + 2 * _SMALL if name else 0)
        top = (HEIGHT - height) // 2
        edge = left + room if right else left
        anchor = "rs" if right else "ls"
        direction = "rtl" if right and _shaped() else None
        for number, line in enumerate(lines):
            draw.text((edge, top + number * step + size), line, font=_font(face, size), fill=tokens.ink, anchor=anchor, direction=direction)
        if name:
            base = top + len(lines) * step + _ABOVE + _SMALL
            bar = (
                (edge - 56, base - _SMALL - 14, edge, base - _SMALL - 8)
                if right
                else (edge, base - _SMALL - 14, edge + 56, base - _SMALL - 8)
            )
            draw.rectangle(bar, fill=tokens.fill)
            (short,) = _wrap(_font(name, _SMALL), under, room, 1, language)
            draw.text((edge, base + 18), short, font=_font(name, _SMALL), fill=tokens.soft, anchor=anchor, direction=direction)
    stream = io.BytesIO()
    canvas.save(stream, "JPEG", quality=_QUALITY, optimize=True, progressive=True)
    return stream.getvalue()


def face_for(text: str) -> Face | None:
    """The first font here that has every letter of a text; None when there is none."""
    letters = sorted(letter for letter in set(text) - {" "} if not _droppable(letter))
    for face in FACES:
        if find_spec(face.package) is None:
            continue
        if all(_has(face, letter) for letter in letters):
            return face
    return None


@lru_cache(maxsize=4096)
def _has(face: Face, letter: str) -> bool:
    font = _font(face, 32)
    return bytes(font.getmask(letter)) != bytes(font.getmask(_MISSING))


@lru_cache(maxsize=32)
def _font(face: Face, size: int) -> FreeTypeFont:
    from PIL import ImageFont

    spec = find_spec(face.package)
    if spec is None or spec.origin is None:
        raise FileNotFoundError(face.package)
    font = ImageFont.truetype(str(Path(spec.origin).parent / face.file), size)
    if face.axes:
        wanted = dict(face.axes)
        font.set_variation_by_axes([float(wanted.get(axis["name"] or b"", axis["default"] or 0)) for axis in font.get_variation_axes()])
    return font


@lru_cache(maxsize=1)
def _shaped() -> bool:
    from PIL import features

    return bool(features.check("raqm"))


def _fit(face: Face, text: str, room: int, language: str) -> tuple[list[str], int]:
    """The text in lines, as large as it goes on the picture; the last line ends in … when it does not go at all."""
    for size in _SIZES:
        lines = _wrap(_font(face, size), text, room, _LINES + 1, language)
        if len(lines) <= _LINES and not any(line.endswith("…") for line in lines):
            return lines, size
    return _wrap(_font(face, _SIZES[-1]), text, room, _LINES, language), _SIZES[-1]


def _wrap(font: FreeTypeFont, text: str, room: int, most: int, language: str) -> list[str]:
    """Lines that fit, at most `most`; a single word that is too long is cut."""
    glue = "" if language.partition("-")[0].lower() in UNSPACED else " "
    parts: Sequence[str] = list(text) if not glue else text.split()
    lines: list[str] = []
    for part in parts:
        joined = f"{lines[-1]}{glue}{part}" if lines else part
        if lines and font.getlength(joined) <= room:
            lines[-1] = joined
        elif len(lines) == most:
            lines[-1] = f"{lines[-1]}{glue}{part}"
            break
        else:
            lines.append(part)
    return [_cut(font, line, room) for line in lines]


def _cut(font: FreeTypeFont, line: str, room: int) -> str:
    if font.getlength(line) <= room:
        return line
    while line and font.getlength(f"{line}…") > room:
        line = line[:-1]
    return f"{line.rstrip()}…"


def _line(text: str, face: Face | None = None) -> str:
    """The text in one line, without invisible signs; with a face also without the pictographs it does not have."""
    text = unicodedata.normalize("NFC", " ".join(text.split()))[:_TITLE]
    kept = (
        sign for sign in text if unicodedata.category(sign) not in _INVISIBLE and not (face and _droppable(sign) and not _has(face, sign))
    )
    return " ".join("".join(kept).split())


def _droppable(sign: str) -> bool:
    return unicodedata.category(sign) in {"So", "Sk"}


@lru_cache(maxsize=2)
def _cover(file: SourceFile) -> Image:
    from PIL import Image as pictures  # noqa: N813

    from publisher.media.image_processing import square

    return square(file).resize((_COVER, _COVER), pictures.Resampling.LANCZOS)


def _backdrop(shown: Image) -> Image:
    """The cover, blurred and darkened, behind itself."""
    from PIL import Image as pictures  # noqa: N813
    from PIL import ImageFilter

    wide = shown.resize((WIDTH, WIDTH), pictures.Resampling.BICUBIC).crop((0, (WIDTH - HEIGHT) // 2, WIDTH, (WIDTH + HEIGHT) // 2))
    return pictures.blend(wide.filter(ImageFilter.GaussianBlur(48)), pictures.new("RGB", (WIDTH, HEIGHT)), 0.45)


@lru_cache(maxsize=1)
def _corners() -> Image:
    """A mask with round corners, smooth."""
    from PIL import Image as pictures  # noqa: N813
    from PIL import ImageDraw

    mask = pictures.new("L", (4 * _COVER, 4 * _COVER))
    ImageDraw.Draw(mask).rounded_rectangle((0, 0, 4 * _COVER - 1, 4 * _COVER - 1), 4 * 28, fill=255)
    return mask.resize((_COVER, _COVER), pictures.Resampling.LANCZOS)
