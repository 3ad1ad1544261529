"""The recipes of pictures: artwork, covers, portraits, pictures of notes; and how feed and pages name them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from feed.findings import ContentFault, Finding, Severity
from feed.model import Image
from publisher.core import layout
from publisher.incremental_build.artifacts import Artifact, Made, Phase, artifact, hashed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from feed.schema.tags import ImageTable
    from publisher.core.addresses import Links
    from publisher.core.show_files import SourceFile
    from publisher.incremental_build.build import Build
    from publisher.media.chapter_pictures import RecordedPicture

COVER_SIZES = (320, 640)
"""Pixels of the smaller copies of a cover, in the order in which they are made."""
THUMB_SIZE = 160
"""Pixels of the copies that stand beside a chapter or a name: four dots for each of the 40 px that they are shown in, two for 72."""


def cover_image(made: Made, links: Links) -> Image:
    """Artwork or a cover, as it is published; how many pixels it has is not known."""
    return Image(url=links.absolute(made.key), type=made.content_type)


def picture_image(made: Made, links: Links) -> Image:
    """A picture that is published as it was given; its name tells its pixels."""
    width, height = layout.pixels_in(made.key)
    return Image(url=links.absolute(made.key), width=width, height=height, type=made.content_type)


def with_addresses(tables: Sequence[ImageTable], published: Mapping[str, Made], links: Links) -> tuple[ImageTable, ...]:
    """`images` as they were written, the names of files replaced by addresses, with size and type filled in."""
    done = []
    for table in tables:
        made = published.get(table.href)
        if made is None:
            done.append(table)
            continue
        picture = picture_image(made, links)
        update = {
            "href": picture.url,
            "width": table.width or picture.width or None,
            "height": table.height or picture.height or None,
            "type": table.type or picture.type,
        }
        done.append(table.model_copy(update=update))
    return tuple(done)


class PictureRecipes:
    """The recipes of pictures; one that cannot be used gives (), and what is wrong with it is in `findings`."""

    def __init__(self, build: Build) -> None:
        self._build = build
        self.findings: list[Finding] = []

    def cover(self, recipe: str, subject: str, file: SourceFile, *, episode: str = "") -> tuple[Made, ...]:
        """A picture as directories want it, and the smaller copies of it."""

        def render() -> Iterable[Artifact | Finding]:
            from publisher.media.image_processing import compliant, measure_image

            read = file.read()
            body, _, remarks = compliant(read, measure_image(read))
            for remark in remarks:
                yield Finding(code="artwork-converted", severity=Severity.HINT, message=remark, file=file.name, episode=episode)
            extension = "png" if body.startswith(b"\x89PNG") else "jpg"
            yield artifact(layout.picture(subject, hashed(body), extension), body, Phase.MEDIA)
            yield from _smaller(read, subject, COVER_SIZES)

        return self._make(recipe, [file.digest, list(COVER_SIZES), True, False, subject], render, file, episode=episode)

    def remembered(self, recipe: str) -> tuple[Made, ...]:
        """The pictures of a recipe whose file is nowhere here, as they are published; none where there are none."""
        return self._build.remembered(recipe)

    def portrait(self, recipe: str, subject: str, file: SourceFile) -> tuple[Made, ...]:
        """A small square picture of somebody."""

        def render() -> Iterable[Artifact]:
            from publisher.media.image_processing import measure_image

            read = file.read()
            measure_image(read)
            return _smaller(read, subject, (320,))

        return self._make(recipe, [file.digest, [320], False, False, subject], render, file, severity=Severity.WARNING)

    def thumb(self, recipe: str, subject: str, file: SourceFile) -> Made | None:
        """The smallest copy of a picture that is published in its own size as well: what is wrong with it is told there."""

        def render() -> Iterable[Artifact]:
            from publisher.media.image_processing import measure_image

            read = file.read()
            measure_image(read)
            return _smaller(read, subject, (THUMB_SIZE,))

        try:
            return self._build.make(recipe, [file.digest, [THUMB_SIZE], False, False, subject], render)[0]
        except ContentFault as fault:
            return next(iter(self._build.remembered(recipe)), None) if fault.code == "chapter-picture" else None

    def image(self, recipe: str, subject: str, file: SourceFile, *, episode: str = "") -> tuple[Made, ...]:
        """A picture as it is, but for what a camera wrote into it."""

        def render() -> Iterable[Artifact]:
            from publisher.media.image_processing import measure_image, shareable

            read = file.read()
            measure_image(read)
            body = shareable(read)
            facts = measure_image(body)
            extension = facts.type.rpartition("/")[2].replace("jpeg", "jpg")
            yield artifact(layout.sized_picture(subject, facts.width, facts.height, hashed(body), extension), body, Phase.MEDIA)

        return self._make(recipe, [file.digest, [], True, True, subject], render, file, episode=episode)

    def recorded(self, recipe: str, subject: str, picture: RecordedPicture, *, file: str, episode: str) -> tuple[Made, ...]:
        """A chapter's picture out of a recording. Where the recording is on another machine, the one that is published stays; what is
        wrong is told at `file`.
        """
        made, told = self.image(recipe, subject, picture, episode=episode), len(self.findings)
        if made:
            return made
        fault = self.findings.pop(told - 1)
        if fault.code != "chapter-picture":
            self.findings.append(replace(fault, file=file, severity=Severity.WARNING))
            return ()
        return self._build.remembered(recipe)

    def _make(
        self,
        recipe: str,
        inputs: list[object],
        render: Callable[[], Iterable[Artifact | Finding]],
        file: SourceFile,
        *,
        episode: str = "",
        severity: Severity = Severity.ERROR,
    ) -> tuple[Made, ...]:
        try:
            return self._build.make(recipe, inputs, render)
        except ContentFault as fault:
            self.findings.append(fault.finding(file.name, episode=episode, severity=severity))
            return ()


def _smaller(read: bytes, subject: str, sizes: Sequence[int]) -> Iterable[Artifact]:
    from publisher.media.image_processing import resized

    for size in sizes:
        small = resized(read, size, 60_000 * size // 320)
        yield artifact(layout.small_picture(subject, size, hashed(small)), small, Phase.MEDIA)
