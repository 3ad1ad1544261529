"""Icons and the accent: what a browser and a home screen show of the artwork, and the one colour taken from it."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from publisher.build import Phase, artifact, hashed
from publisher.site.color import ACCENT, to_oklch

if TYPE_CHECKING:
    from collections.abc import Iterable

    from PIL.Image import Image

    from publisher.build import Artifact, Made
    from publisher.files import SourceFile
    from publisher.rendering import Renderer

SIZES = (32, 180, 192, 512)
"""Pixels: a tab, Apple's home screen, and the two a web manifest asks for."""
_TONES = 256


def recipes(renderer: Renderer) -> tuple[Made, ...]:
    """The icons, in the order of SIZES; () without artwork that can be read."""
    from feed.findings import ContentFault

    file = renderer.source.artwork
    if file is None or not renderer.artwork:
        return ()

    def render() -> Iterable[Artifact]:
        whole = square(file)
        for size in SIZES:
            body = _png(whole, size)
            yield artifact(f"art/icon-{size}-{hashed(body)}.png", body, Phase.MEDIA)

    try:
        return renderer.build.make("icons", [file.digest, SIZES], render)
    except ContentFault:
        return ()  # the artwork's own recipe has said what is wrong with it


def square(file: SourceFile, pixels: int = 1024) -> Image:
    """The middle of a picture as RGB of at most `pixels` a side. Raises ContentFault."""
    from PIL import Image as pictures  # noqa: N813
    from PIL import ImageOps

    from publisher.artwork import resized

    with pictures.open(io.BytesIO(resized(file.read(), pixels, 2_000_000))) as small:
        side = min(small.size)
        return ImageOps.fit(small.convert("RGB"), (side, side), pictures.Resampling.LANCZOS)


def _png(image: Image, size: int) -> bytes:
    from PIL import Image as pictures  # noqa: N813

    small = image.resize((size, size), pictures.Resampling.LANCZOS)
    if size > 64:
        small = small.quantize(_TONES, pictures.Quantize.MEDIANCUT, dither=pictures.Dither.FLOYDSTEINBERG)
    stream = io.BytesIO()
    small.save(stream, "PNG", optimize=True)
    return stream.getvalue()


def accent_of(file: SourceFile | None) -> str:
    """The colour that stands out most in a picture, as #rrggbb; ours where there is none, or it is grey or cannot be read."""
    from feed.findings import ContentFault

    if file is None:
        return ACCENT
    try:
        small = square(file, 64)
    except ContentFault:
        return ACCENT
    tones = small.quantize(24, kmeans=0)
    palette = tones.getpalette() or []
    best, colour = 0.0, ACCENT
    for index, count in enumerate(tones.histogram()[: len(palette) // 3]):
        red, green, blue = palette[3 * index : 3 * index + 3]
        found = f"#{red:02x}{green:02x}{blue:02x}"
        lightness, chroma, _ = to_oklch(found)
        if chroma < 0.05 or not 0.2 < lightness < 0.92:
            continue
        score = chroma**1.5 * count**0.5 * (1 - abs(lightness - 0.58))
        if score > best:
            best, colour = score, found
    return colour
