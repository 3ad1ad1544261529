"""Icons: what a browser and a home screen show of the artwork."""

from __future__ import annotations

from typing import TYPE_CHECKING

from feed.findings import ContentFault
from publisher.core import layout
from publisher.incremental_build.artifacts import Artifact, Made, Phase, artifact, hashed

if TYPE_CHECKING:
    from collections.abc import Iterable

    from publisher.render.media_and_documents import Composition

SIZES = (32, 180, 192, 512)
"""Pixels: a tab, Apple's home screen, and the two a web manifest asks for."""


def recipes(composition: Composition) -> tuple[Made, ...]:
    """The icons, in the order of SIZES; () without artwork that can be read."""
    file = composition.source.artwork
    if file is None or not composition.artwork:
        return ()

    def render() -> Iterable[Artifact]:
        from publisher.media.image_processing import png, square

        whole = square(file)
        for size in SIZES:
            body = png(whole, size)
            yield artifact(layout.icon(size, hashed(body)), body, Phase.MEDIA)

    try:
        return composition.build.make("icons", [file.digest, SIZES], render)
    except ContentFault:
        return ()  # the artwork's own recipe has said what is wrong with it
