"""Faulty episodes held back, so that they do not keep the others off the air: a new one waits, a published one stays as it was."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from feed.findings import Finding, Severity
from publisher.core.console import count_words
from publisher.core.errors import ContentError
from publisher.core.slugs import slug_of
from publisher.load.schedule import address_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from publisher.held_back.as_served import ServedEpisodes
    from publisher.held_back.published_copies import PublishedCopies
    from publisher.load.show_source import EpisodeSource, ShowSource
    from publisher.state.published_episodes import PublishedEpisode
    from publisher.state.state import State

OF_THE_SHOW = frozenset({"moved"})
"""Faults that name an episode and are the show's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """An episode that is held back: its folder's `name`, its `faults`, and `published`, its line of the Ledger, where listeners have it;
    `untouched` where its words are nowhere, and its files stay as they are.
    """

    slug: str
    name: str
    faults: tuple[Finding, ...]
    published: PublishedEpisode | None = None
    untouched: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class WithoutFaulty:
    """The show without its faulty episodes, who is `held`, and who cannot be (`stuck`): published, and not here as it was."""

    source: ShowSource
    held: tuple[Held, ...] = ()
    stuck: tuple[str, ...] = ()

    @property
    def frozen(self) -> frozenset[str]:
        """The guids of the held ones that stay as they were published."""
        return frozenset(item.published.guid for item in self.held if item.published is not None)


def of_episodes(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """The errors that belong to one episode."""
    errors = (item for item in findings if item.severity is Severity.ERROR and item.code not in OF_THE_SHOW)
    return tuple(item for item in errors if item.episode or _folder_in(item.file))


def with_published_faults(source: ShowSource, state: State, copies: PublishedCopies) -> ShowSource:
    """The show in which what is wrong with the folder of a published episode is an error, though its text no longer says that it is due."""
    understood, guids = {item.folder.name for item in source.episodes}, {item.guid for item in source.episodes}

    def counted(item: Finding) -> Finding:
        folder = _folder_in(item.file)
        if not folder or folder in understood or item.severity is not Severity.WARNING:
            return item
        known = _published_from(folder, state, copies)
        stays = known is None or known.removed or known.withdrawn or known.guid in guids
        return item if stays else replace(item, severity=Severity.ERROR)

    return replace(source, findings=tuple(map(counted, source.findings)))


def without_faulty(
    source: ShowSource, state: State, faults: Sequence[Finding], copies: PublishedCopies, served: ServedEpisodes
) -> WithoutFaulty:
    """Leave out the episodes that these faults belong to, all or, where one of them is stuck, none."""
    by_folder = _by_folder(source, state, faults)
    here = {item.folder.name: item for item in source.episodes}
    live = {item.guid: item for item in state.episodes.values() if not (item.removed or item.withdrawn)}
    sound = {item.guid for name, item in here.items() if name not in by_folder}
    stay: dict[str, EpisodeSource] = {}
    held: list[Held] = []
    stuck = [item.episode for item in by_folder.pop("", ())]
    for folder, found in by_folder.items():
        there = here.get(folder)
        known = _published_from(folder, state, copies) if there is None else live.get(there.guid)
        published = known if known is not None and known.guid in live.keys() - sound else None  # else new, or a second one of its name
        if published is not None:
            place = source.folder / "episodes" / folder
            text = _as_published(published, there, place, copies, source) or served.find(published, place, source.config, source.guid)
            if text is None:
                stuck.append(published.slug)
                continue
            stay[folder] = text
        name, slug = (there.name, there.slug) if there is not None else (found[0].file, found[0].episode or slug_of(folder))
        slug = published.slug if published is not None else slug
        untouched = folder in stay and stay[folder].served is not None
        held.append(Held(slug=slug, name=name, faults=tuple(found), published=published, untouched=untouched))
    unknown = [folder for folder in by_folder if folder not in here and folder not in stay]
    found_here = sound.union(item.guid for item in (*here.values(), *stay.values()))
    for item in sorted((item for guid, item in live.items() if guid not in found_here), key=lambda item: item.slug) if unknown else ():
        left = served.find(item, source.folder / "episodes" / item.slug, source.config, source.guid)  # it may be that of such a folder
        if left is None:
            stuck.append(item.slug)
            continue
        stay[f"/{item.slug}"] = left  # no name of a folder
        faults_there = tuple(fault for folder in unknown for fault in by_folder[folder])
        held.append(Held(slug=item.slug, name=left.name, faults=faults_there, published=item, untouched=True))
    if stuck:
        return WithoutFaulty(source=source, stuck=tuple(dict.fromkeys(stuck)))
    episodes = [*stay.values(), *(item for name, item in here.items() if name not in by_folder)]
    told = set(faults)
    findings = tuple(item for item in source.findings if item not in told)
    in_order = tuple(sorted(episodes, key=lambda item: item.name))
    return WithoutFaulty(source=replace(source, episodes=in_order, findings=findings), held=tuple(held))


def not_here_as_published(stuck: Sequence[str], faults: Sequence[Finding], *, moves: bool) -> ContentError:
    """Faulty episodes that listeners have, and that this machine cannot leave as they have them. `moves`: the show's addresses change."""
    names = ", ".join(f"“{slug}”" for slug in stuck)
    return ContentError(
        f"not published: {count_words(len(faults), 'fault')} to mend first",
        faults,
        cause=f"{names}: this machine does not have it as it was published, and "
        + ("its page would change with the show's address" if moves else "the storage does not hold all of it")
        + ", so it cannot be left so",
        hint="mend it, or publish with --skip-faulty on the machine that published it, or from a clone with its whole history (git fetch --unshallow)",
        code="content-invalid",
    )


def _by_folder(source: ShowSource, state: State, faults: Iterable[Finding]) -> dict[str, list[Finding]]:
    """The faults of each episode's folder, by its name; under "" those of none that is here."""
    known = state.by_guid()
    slugs = {slug: item.folder.name for item in source.episodes for slug in _names(item, known)}
    found: dict[str, list[Finding]] = {}
    for fault in faults:
        found.setdefault(_folder_in(fault.file) or slugs.get(fault.episode, ""), []).append(fault)
    return found


def _as_published(
    published: PublishedEpisode, there: EpisodeSource | None, folder: Path, copies: PublishedCopies, source: ShowSource
) -> EpisodeSource | None:
    """An episode with the words that listeners have: from the copies, else from its folder where these are the same; else None."""
    if not published.texts or (published.audio is None and published.elsewhere is None):
        return None
    digest = published.texts[0].digest
    text = copies.find(published.slug, digest, folder, source.config, source.guid)
    if text is None and there is not None and there.text_digest == digest:
        text = there
    return text if text is not None and text.guid == published.guid else None


def _published_from(folder: str, state: State, copies: PublishedCopies) -> PublishedEpisode | None:
    """The published episode of a folder that cannot be understood, as far as that is known."""
    return state.episodes.get(copies.slug_of(folder) or slug_of(folder))


def _names(episode: EpisodeSource, known: dict[str, PublishedEpisode]) -> set[str]:
    """What findings call an episode: its slug, and the one in its addresses."""
    return {episode.slug, known[episode.guid].slug if episode.guid in known else address_of(episode)}


def _folder_in(file: str) -> str:
    """The name of the episode's folder that a file lies in; "" where it lies elsewhere."""
    parts = PurePosixPath(file).parts
    return parts[1] if len(parts) > 1 and parts[0] == "episodes" else ""
