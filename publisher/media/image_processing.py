"""Pictures measured, cropped, scaled and compressed as directories want them: square, RGB, 1400 to 3000 pixels, at most 500 kB."""

from __future__ import annotations

import hashlib
import io
import warnings
from typing import TYPE_CHECKING, Any, Final

from PIL import Image, ImageCms, ImageOps

from feed.findings import ContentFault
from feed.model import ImageFacts
from publisher.core.show_files import quoted
from publisher.media import file_type as sniff
from publisher.media.colors import ACCENT, to_oklch

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from publisher.core.show_files import SourceFile

_TONES = 256
SMALLEST: Final = 1400
LARGEST: Final = 3000
"""Pixels per side that Apple takes for a show's artwork."""
HEAVIEST: Final = 500_000
"""Bytes: larger artwork loads slowly, and some directories refuse it."""

_TYPES: Final = {"JPEG": "image/jpeg", "PNG": "image/png", "WEBP": "image/webp", "GIF": "image/gif"}
_LARGEST_FILE: Final = 64 << 20
_MOST_PIXELS: Final = 120_000_000
"""Decoded, that is half a gigabyte: larger ones are bombs or mistakes."""
_EXIF_ORIENTATION: Final = 0x0112
_EXIF_PLACE: Final = 0x8825


class ImageFault(ContentFault):
    """A picture that cannot be used. Codes: image-missing, image-unreadable, artwork-too-small, artwork-not-square."""


def measure_image(source: Path | bytes) -> ImageFacts:
    """Measure a picture by its content: JPEG, PNG, WebP or GIF. It is decoded whole, so a truncated one is found out.

    Raises ImageFault with image-missing or image-unreadable.
    """
    data = source if isinstance(source, bytes) else _read(source)
    return _facts(data, _open(data))


def compliant(source: Path | bytes, facts: ImageFacts | None = None) -> tuple[bytes, ImageFacts, tuple[str, ...]]:
    """The show's artwork as Apple and Spotify take it: its bytes, their facts, and a sentence on each thing that was mended.

    A file that fits is returned as it is. Too many pixels or bytes, transparency, another colour space, WebP or GIF, a
    rotation or a place in its EXIF data: it becomes an sRGB JPEG. What cannot be mended raises ImageFault:
    artwork-too-small, artwork-not-square. `facts` are those of `measure_image`, when they are known.
    """
    data = source if isinstance(source, bytes) else _read(source)
    image = _open(data)
    facts = facts or _facts(data, image)
    if facts.width != facts.height:
        raise ImageFault(
            f"the artwork is {facts.width} by {facts.height} pixels, not square",
            code="artwork-not-square",
            hint=_square_hint(min(facts.width, facts.height)),
        )
    if facts.width < SMALLEST:
        raise ImageFault(
            f"the artwork is {facts.width} by {facts.height} pixels; directories want {SMALLEST} to {LARGEST}",
            code="artwork-too-small",
            hint="export it again at 3000 by 3000 pixels; enlarging would only blur it",
        )
    notes = tuple(_shortcomings(facts, image))
    if not notes:
        return data, facts, ()
    made, side, quality = _smaller(_to_rgb(image), LARGEST, HEAVIEST, SMALLEST)
    result = ImageFacts(size=len(made), sha256=hashlib.sha256(made).hexdigest(), type="image/jpeg", width=side, height=side)
    return (
        made,
        result,
        (*notes, f"It is published as an sRGB JPEG of {side} by {side} pixels and {len(made):,} bytes (quality {quality})."),
    )


def _square_hint(side: int) -> str:
    """How to come to a square that is taken, from a picture whose shorter side has `side` pixels."""
    anew = f"export it again as a square of {LARGEST} by {LARGEST} pixels"
    if side < SMALLEST:
        return f"{anew}; it is too small to be cropped: directories want {SMALLEST} to {LARGEST}"
    return f"crop it to {side} by {side} pixels, or {anew}"


def shareable(source: Path | bytes) -> bytes:
    """A picture of the notes as it may be published: as it is, unless its EXIF data tells where it was taken or turns it;
    then upright, as a JPEG, without that data.

    Raises ImageFault with image-missing or image-unreadable.
    """
    data = source if isinstance(source, bytes) else _read(source)
    image = _open(data)
    exif = _exif(image)
    if _EXIF_PLACE not in exif and exif.get(_EXIF_ORIENTATION, 1) == 1:
        return data
    made = io.BytesIO()
    _to_rgb(image).save(made, "JPEG", quality=90, optimize=True)
    return made.getvalue()


def resized(source: Path | bytes, pixels: int, limit_bytes: int) -> bytes:
    """A JPEG of at most `pixels` per side and `limit_bytes`, never enlarged: covers in tags, pictures on pages, icons.

    Raises ImageFault with image-missing or image-unreadable.
    """
    data = source if isinstance(source, bytes) else _read(source)
    return _smaller(_to_rgb(_open(data)), pixels, limit_bytes, 1)[0]


def _read(path: Path) -> bytes:
    try:
        if not path.is_file():
            if path.exists():
                raise ImageFault("this is no file", code="image-unreadable", hint="put the picture itself here")
            raise ImageFault("the picture is not here", code="image-missing", hint="copy it into the folder, or correct its name")
        if path.stat().st_size > _LARGEST_FILE:
            message = f"the picture has {path.stat().st_size:,} bytes, more than {_LARGEST_FILE:,}"
            raise ImageFault(message, code="image-unreadable", hint="export it as a JPEG")
        return path.read_bytes()
    except OSError as error:
        message = f"the picture cannot be read: {error.strerror or error}"
        raise ImageFault(message, code="image-unreadable", hint=f"allow it: chmod u+r {quoted(path.name)}") from None


def _open(data: bytes) -> Image.Image:
    """The decoded picture; Pillow may fail on hostile files in any way."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            image: Image.Image = Image.open(io.BytesIO(data), formats=tuple(_TYPES))
            if image.width * image.height > _MOST_PIXELS:
                raise Image.DecompressionBombError  # noqa: TRY301  the same answer as Pillow's own
            image.load()
    except Exception as error:  # noqa: BLE001  decoders raise many kinds: OSError, SyntaxError, struct.error, bombs
        raise _unreadable(data, error) from None
    return image


def _unreadable(data: bytes, error: Exception) -> ImageFault:
    if not data:
        message = "the picture is empty (0 bytes)"
    elif isinstance(error, Image.DecompressionBombError):
        message = "the picture has more pixels than can be read"
    elif "truncated" in str(error).lower() or data[:3] == b"\xff\xd8\xff" or data[:4] == b"\x89PNG":
        message = "the picture is damaged or cut short"
    else:
        described = sniff.not_audio(data[:4096])
        message = "this is no JPEG or PNG picture" + (f"; it looks like {described}" if described else "")
    return ImageFault(message, code="image-unreadable", hint="export it again as a JPEG or PNG")


def _facts(data: bytes, image: Image.Image) -> ImageFacts:
    dpi = image.info.get("dpi", (72, 72))
    try:
        dots = round(float(dpi[0])) or 72
    except (TypeError, ValueError, OverflowError, IndexError, ZeroDivisionError):
        dots = 72
    return ImageFacts(
        size=len(data),
        sha256=hashlib.sha256(data).hexdigest(),
        type=_TYPES[image.format or "JPEG"],
        width=image.width,
        height=image.height,
        mode="RGBA" if "transparency" in image.info and image.mode != "P" else image.mode,
        dpi=dots if dots > 1 else 72,
        srgb=_is_srgb(image),
    )


def _is_srgb(image: Image.Image) -> bool:
    profile = image.info.get("icc_profile")
    if image.mode == "CMYK":
        return False
    if not profile:
        return True
    try:
        return "srgb" in ImageCms.getProfileDescription(ImageCms.getOpenProfile(io.BytesIO(profile))).lower()
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
        return False


def _shortcomings(facts: ImageFacts, image: Image.Image) -> Iterable[str]:
    if facts.type not in ("image/jpeg", "image/png"):
        yield f"The artwork is a {facts.type.removeprefix('image/')} picture, which directories do not take."
    if facts.width > LARGEST:
        yield f"The artwork is {facts.width} by {facts.height} pixels; directories take up to {LARGEST}."
    if facts.size > HEAVIEST:
        yield f"The artwork has {facts.size:,} bytes; up to {HEAVIEST:,} load quickly."
    if image.has_transparency_data:
        yield "The artwork is partly transparent, which directories refuse; it was put on white."
    elif facts.mode != "RGB":
        yield f"The artwork is {_MODES.get(facts.mode, facts.mode)}; directories want RGB."
    if facts.mode != "CMYK" and not facts.srgb:
        yield "The artwork's colour profile is not sRGB."
    exif = _exif(image)
    if exif.get(_EXIF_ORIENTATION, 1) != 1:
        yield "The artwork is stored lying on its side, which some apps do not turn."
    if _EXIF_PLACE in exif:
        yield "The artwork's file tells where it was taken; that was left out."


_MODES: Final = {"CMYK": "CMYK, for print", "L": "greyscale", "LA": "greyscale", "1": "black and white", "P": "a picture with a palette"}


def _exif(image: Image.Image) -> dict[int, Any]:
    try:
        return dict(image.getexif())
    except Exception:  # noqa: BLE001  damaged EXIF data is no reason to refuse a picture
        return {}


def _to_rgb(image: Image.Image) -> Image.Image:
    """Upright, on white, in sRGB."""
    profile = image.info.get("icc_profile")
    try:
        image = ImageOps.exif_transpose(image)
    except Exception:  # noqa: BLE001  damaged EXIF data: as it lies
        image = image.copy()
    if image.has_transparency_data:
        layer = image.convert("RGBA")
        image = Image.new("RGB", layer.size, "white")
        image.paste(layer, mask=layer.getchannel("A"))
    elif image.mode not in ("RGB", "CMYK", "L"):
        image = _to_eight_bits(image).convert("RGB")
    if profile:
        image = _through_profile(image, profile)
    return image if image.mode == "RGB" else image.convert("RGB")


def _to_eight_bits(image: Image.Image) -> Image.Image:
    # Pillow clips 16-bit grey to white when it converts it.
    return image.point(lambda value: value / 256).convert("L") if image.mode.startswith("I") else image


def _through_profile(image: Image.Image, profile: bytes) -> Image.Image:
    try:
        made = ImageCms.profileToProfile(
            image, ImageCms.getOpenProfile(io.BytesIO(profile)), ImageCms.createProfile("sRGB"), outputMode="RGB"
        )
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
        return image  # a profile for another kind of picture: its colours are taken as they are
    return made or image


def _smaller(image: Image.Image, pixels: int, limit: int, smallest: int) -> tuple[bytes, int, int]:
    """The best JPEG within `limit` bytes: quality goes first, then pixels down to `smallest`, then the rest of quality.

    Returns its bytes, longer side and quality.
    """
    encode = _encoder(image)
    side = min(pixels, max(image.size))
    floor = min(side, smallest)
    sides = [side]
    while sides[-1] > floor:
        sides.append(max(floor, sides[-1] * 4 // 5))
    attempts = [(this, quality) for this in sides for quality in (90, 82, 74, 66)] + [
        (floor, quality) for quality in (55, 45, 35, 25, 15, 5)
    ]
    made = b""
    for this, quality in attempts:
        made = encode(this, quality)
        if len(made) <= limit:
            return made, this, quality
    return made, attempts[-1][0], attempts[-1][1]


def _encoder(image: Image.Image) -> Callable[[int, int], bytes]:
    longest = max(image.size)
    scaled: dict[int, Image.Image] = {}

    def encode(side: int, quality: int) -> bytes:
        if side not in scaled:
            scaled.clear()
            size = (max(1, round(image.width * side / longest)), max(1, round(image.height * side / longest)))
            scaled[side] = image if side == longest else image.resize(size, Image.Resampling.LANCZOS)
        stream = io.BytesIO()
        scaled[side].save(stream, "JPEG", quality=quality, optimize=True, progressive=True, dpi=(72, 72), exif=b"", icc_profile=None)
        return stream.getvalue()

    return encode


def square(file: SourceFile, pixels: int = 1024) -> Image.Image:
    """The middle of a picture as RGB of at most `pixels` a side. Raises ContentFault."""
    with Image.open(io.BytesIO(resized(file.read(), pixels, 2_000_000))) as small:
        side = min(small.size)
        return ImageOps.fit(small.convert("RGB"), (side, side), Image.Resampling.LANCZOS)


def png(image: Image.Image, size: int) -> bytes:
    """The picture as a PNG file of so many pixels a side."""
    small = image.resize((size, size), Image.Resampling.LANCZOS)
    if size > 64:
        small = small.quantize(_TONES, Image.Quantize.MEDIANCUT, dither=Image.Dither.FLOYDSTEINBERG)
    stream = io.BytesIO()
    small.save(stream, "PNG", optimize=True)
    return stream.getvalue()


def as_png(data: bytes) -> tuple[str, bytes]:
    """What kind of picture it is (GIF, WEBP), and the same as PNG, the first frame of one that moves. Raises ContentFault."""
    image = _open(data)
    stream = io.BytesIO()
    image.convert("RGBA" if image.has_transparency_data else "RGB").save(stream, "PNG", optimize=True)
    return str(image.format), stream.getvalue()


def accent_of(file: SourceFile) -> str:
    """The colour that stands out most in a picture, as #rrggbb; ours where it is grey or cannot be read."""
    try:
        small = square(file, 64)
    except ContentFault:
        return ACCENT
    tones = small.quantize(24, kmeans=0)
    palette = tones.getpalette() or []
    standing_out: dict[str, float] = {}
    for index, count in enumerate(tones.histogram()[: len(palette) // 3]):
        red, green, blue = palette[3 * index : 3 * index + 3]
        colour = f"#{red:02x}{green:02x}{blue:02x}"
        lightness, chroma, _ = to_oklch(colour)
        if chroma >= 0.05 and 0.2 < lightness < 0.92:
            standing_out[colour] = chroma**1.5 * count**0.5 * (1 - abs(lightness - 0.58))
    return max(standing_out, key=standing_out.__getitem__, default=ACCENT)
