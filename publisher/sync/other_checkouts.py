"""Words that another checkout published since this folder last did: a publish that would replace them is refused.

A fresh clone (a CI's) knows nothing of what it saw and is judged by the older texts of State alone; a folder that `publish init` made
knows that it has seen nothing. Losing the memory loses this refusal, nothing else. What was pulled and edited before any command ran
is known by git: its history of the episode's folder holds their text.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

from publisher.core.console import listed_words
from publisher.core.local_cache import CacheFile
from publisher.load.dates import moment_words
from publisher.sync.kept.texts import CONFIG
from publisher.sync.plan_refusals import Tripped
from publisher.sync.written_parts import changed_of_show, parts_of_show

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from pathlib import Path

    from publisher.load.schedule import Publication
    from publisher.load.show_source import EpisodeSource, ShowSource
    from publisher.state.state import State

TEXTS = 8
"""Versions of an episode's text that a folder remembers to have had."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenWords:
    """What a folder has seen: the `generation` that it last published (0: none yet) with the show's `words` then, and which `texts`
    it has had of each episode, by slug. `beside` are those that `publish pull --texts` laid beside other words of this folder, each
    with these: it has had theirs once its own have changed.
    """

    generation: int = 0
    words: Mapping[str, str] = field(default_factory=dict)
    texts: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    beside: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def had(self, episode: EpisodeSource) -> tuple[str, ...]:
        """The texts that this folder knows of an episode."""
        theirs, *own = self.beside.get(episode.slug, ("",))
        return (*self.texts.get(episode.slug, ()), *((theirs,) if own and episode.text_digest not in own else ()))


class LastPublish:
    """What this folder has seen, kept for each storage in the file `path`."""

    def __init__(self, path: Path, storage: str) -> None:
        self._file = CacheFile(path, "2")
        self._storage = storage

    def read(self) -> SeenWords | None:
        """What was seen; None where this folder does not know: a fresh clone."""
        known = self._file.read().get(self._storage)
        if not isinstance(known, dict):
            return None
        texts, beside = ({slug: tuple(row) for slug, row in known.get(name, {}).items()} for name in ("texts", "beside"))
        return SeenWords(generation=known["generation"], words=known["words"], texts=texts, beside=beside)

    def keep(
        self,
        generation: int,
        words: Mapping[str, str],
        episodes: Iterable[EpisodeSource],
        beside: Mapping[str, tuple[str, ...]] | None = None,
    ) -> None:
        """Remember a publish from this folder; 0 is that of a new show, before the first. What lies `beside` is settled by it."""
        before = self.read() or SeenWords()
        texts = {item.slug: tuple(dict.fromkeys((item.text_digest, *before.texts.get(item.slug, ()))))[:TEXTS] for item in episodes}
        now = SeenWords(generation=generation, words=words, texts=texts, beside=beside or {})
        if now != before or not generation:
            row: dict[str, Any] = {
                "generation": generation,
                "words": dict(words),
                "texts": {slug: list(had) for slug, had in texts.items()},
                "beside": {slug: list(pair) for slug, pair in now.beside.items()},
            }
            self._file.write({**self._file.read(), self._storage: row})

    def had(self, episodes: Iterable[EpisodeSource]) -> None:
        """Remember the texts that lie in this folder now, where anything is remembered."""
        before = self.read()
        if before is not None:
            self.keep(before.generation, before.words, episodes, before.beside)

    def laid_beside(self, slug: str, theirs: str, own: str) -> None:
        """Remember that the text `theirs` of an episode lies beside this folder's `own`."""
        before = self.read() or SeenWords()
        row = {**self._file.read().get(self._storage, {"generation": before.generation, "words": {}, "texts": {}})}
        row["beside"] = {**row.get("beside", {}), slug: [theirs, own]}
        self._file.write({**self._file.read(), self._storage: row})


def replaced_unseen(
    source: ShowSource,
    state: State,
    publication: Publication,
    seen: SeenWords | None,
    came_by_git: Callable[[EpisodeSource, str, str], bool] = lambda _episode, _slug, _digest: False,
) -> Iterator[Tripped]:
    """A refusal for each episode, and for the show, whose words came after the publish that was `seen` and are not those here, nor
    (`came_by_git`: an episode, its slug and their digest) what those here go on from.
    """
    if seen is None:
        return
    here = f"this folder last saw publish {seen.generation}" if seen.generation else "this folder has seen none of it"
    earlier = {at for number, at in state.published.items() if int(number) <= seen.generation}
    for item in publication.episodes:
        known = state.episodes.get(item.slug)
        texts = known.texts if known is not None else ()
        had = seen.had(item.source)
        if texts and texts[0].at not in earlier and texts[0].at in state.published.values() and texts[0].digest not in had:
            if any(item.source.text_digest == text.digest for text in texts):
                continue  # the same words, or older ones: a refusal of its own
            if came_by_git(item.source, item.slug, texts[0].digest):
                continue
            came = f"{texts[0].by or texts[0].machine or 'another machine'} on {moment_words(texts[0].at, source.config.show.timezone)}"
            message = f"“{item.slug}” was published with other words, by {came}, and {here}"
            yield Tripped(
                name="older",
                scope=item.slug,
                message=message,
                hint=f"take theirs over first ({_theirs(source, str(PurePosixPath(item.source.file).parent), item.slug)}), or say that yours go on from them",
            )
    words = parts_of_show(source)
    theirs = changed_of_show(seen.words, state.words)
    lost = [word for word in changed_of_show(words, state.words) if word in theirs]
    if lost and state.words:
        message = f"the {listed_words(lost)} of the show changed on the storage since, and {here}"
        what = f"{CONFIG} and the files that it names" if set(lost) & {"cover", "pictures", "pages", "looks"} else CONFIG
        yield Tripped(
            name="older",
            scope=CONFIG,
            message=message,
            hint=f"take theirs over first ({_theirs(source, what)}): is this {CONFIG} up to date?",
        )


def _theirs(source: ShowSource, what: str, slug: str = "") -> str:
    """What brings the words of others here: git, and where the storage keeps them, this command; else a copy by hand of `what`."""
    folder = source.file.folder.resolve()
    ways = [f"`{f'publish pull --texts {slug}'.strip()}`"] if source.config.storage.private else []
    ways += ["`git pull`"] if any((above / ".git").exists() for above in (folder, *folder.parents)) else []
    return " or ".join(ways) or f"copy {what} from the folder it was published from"
