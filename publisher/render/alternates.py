"""`[[alternates]]`: other encodings of an episode, measured, published beside it, and known where their files are not.

Their addresses stay without `[feed] enclosure_prefix`: a measurement service counts what podcast apps play by default, and
`integrity` promises the bytes behind the very address that is written.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from feed.findings import ContentFault, Finding, Severity
from feed.model import AudioFacts, Enclosure
from publisher.core import layout
from publisher.core.media_types import UNKNOWN
from publisher.core.show_files import Refused, place_of
from publisher.core.slugs import slug_of
from publisher.incremental_build.artifacts import FOREVER, Artifact, Phase
from publisher.incremental_build.recipe_names import recipe_name
from publisher.media.recordings import INTEGRITY, is_media
from publisher.state.published_episodes import PublishedAlternate

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from feed.schema.tags import AlternateTable
    from publisher.core.layout import Key
    from publisher.incremental_build.build import Build
    from publisher.render.episode_sources import EpisodeSources


def publish_alternates(
    sources: EpisodeSources,
    build: Build,
    known: Mapping[str, PublishedAlternate],
    *,
    libraries: Sequence[Path] = (),
    measure: Callable[[Path], AudioFacts],
    findings: list[Finding],
) -> tuple[tuple[Enclosure, ...], tuple[PublishedAlternate, ...]]:
    """An episode's other encodings, as the feed names them and as State remembers them. `known` are those that were published,
    by the name of their file: one that is not here is taken from there. What is wrong goes to `findings`.
    """
    enclosures = []
    published = []
    for number, table in enumerate(sources.source.written.alternates):
        made = None
        if table.file is not None:
            try:
                made = _made(
                    sources,
                    table.file,
                    build,
                    known.get(table.file),
                    libraries=libraries,
                    measure=measure,
                    recipe=recipe_name("alternate", sources.slug, number),
                )
            except ContentFault as fault:
                findings.append(
                    Finding(
                        code=fault.code,
                        severity=Severity.ERROR,
                        message=f"{table.file}: {fault.message}",
                        file=sources.source.file,
                        line=sources.source.line("alternates", number, "file"),
                        hint=fault.hint,
                        episode=sources.slug,
                    )
                )
                continue
            published.append(made)
        enclosures.append(_enclosure(table, made, sources.links.absolute))
    return tuple(enclosures), tuple(published)


def _made(
    sources: EpisodeSources,
    name: str,
    build: Build,
    known: PublishedAlternate | None,
    *,
    libraries: Sequence[Path],
    measure: Callable[[Path], AudioFacts],
    recipe: str,
) -> PublishedAlternate:
    folder = sources.source.folder
    path = folder / name
    try:
        place = place_of(path, folder, libraries)
        here = True
    except Refused as fault:
        if fault.code != "path-outside":
            raise
        raise ContentFault("this leads out of the episode's folder", code=fault.code, hint=fault.hint) from fault
    except OSError:
        here = False
    try:
        facts = measure(path) if here else None
    except ContentFault as fault:
        if fault.code != "audio-missing" or known is None:
            raise
        facts = None  # a pointer of git stands in its place
    if facts is None:
        if known is None:
            raise ContentFault("this file is not here", code="file-missing", hint="copy it into the episode's folder, or mend its name")
        build.keep(recipe, f"frozen:{known.key}", (known.key,))
        return known
    if not facts.duration and not place.is_relative_to(folder.resolve()) and not is_media(path):
        raise ContentFault("this is no audio", code="audio-not-audio", hint="put the recording itself there")
    key = layout.alternate(sources.slug, slug_of(path.stem) or "file", facts.sha256, facts.extension)
    made = PublishedAlternate(
        name=name,
        key=key,
        size=facts.size,
        sha256=facts.sha256,
        type=facts.type,
        bitrate=facts.bitrate,
        integrity=facts.tags.get(INTEGRITY, ""),
    )
    stored = () if known is not None and known.key == key else (_artifact(made, path),)
    build.keep(recipe, f"frozen:{key}", (key,), stored or None)
    return made


def _artifact(made: PublishedAlternate, path: Path) -> Artifact:
    return Artifact(
        key=made.key, body=path, content_type=made.type, cache_control=FOREVER, phase=Phase.MEDIA, size=made.size, sha256=made.sha256
    )


def _enclosure(table: AlternateTable, made: PublishedAlternate | None, absolute: Callable[[Key], str]) -> Enclosure:
    """What is written goes before what was measured."""
    kind = table.type or (made.type if made else UNKNOWN)
    return Enclosure(
        url=absolute(made.key) if made else table.url or "",
        length=made.size if made else table.length or 0,
        type=kind,
        duration=0,
        bitrate=table.bitrate or (made.bitrate if made else 0),
        title=table.title or "",
        height=table.height or 0,
        lang=table.lang or "",
        rel=table.rel or "",
        codecs=table.codecs or "",
        default=bool(table.default),
        integrity=table.integrity or (made.integrity if made else ""),
        sources=table.sources,
    )
