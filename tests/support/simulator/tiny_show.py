"""A show of a few lines instead of a folder that is loaded and rendered: what it makes goes through the real plan."""

from __future__ import annotations

import datetime as dt
import functools
import hashlib
import tempfile
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from feed.model import AudioFacts
from publisher.core import layout
from publisher.core.addresses import Links
from publisher.core.console import _COLORS, Console
from publisher.folder_to_plan import Prepared, Selection
from publisher.incremental_build.artifacts import Phase, artifact, hashed
from publisher.incremental_build.build import Build, Known
from publisher.incremental_build.recipe_names import recipe_name
from publisher.load.config_reader import read_config
from publisher.load.schedule import RecordingFinder, publication
from publisher.render.recording_recipe import publish_recording
from publisher.render.recordings_again import recordings_again, without_lost_ones
from publisher.state.published_episodes import PublishedEpisode
from publisher.sync.plan import make_plan
from publisher.sync.plan_refusals import refuse, tripwires
from publisher.sync.storage import Storage
from publisher.workspace import Workspace
from tests.support import show_factory

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

SITE = "https://small.example/"
GUID = "0f9f6ba2-7e5d-5c6f-9d6b-0f5a3b2c1d00"


@dataclass(frozen=True, kw_only=True)
class Episode:
    """An episode of the folder, as far as the line asks for it."""

    slug: str
    title: str
    revision: int = 1
    recorded: bool = True
    draft: bool = False

    @property
    def guid(self) -> str:
        return f"{self.slug}-guid"

    @property
    def written(self) -> Any:
        return SimpleNamespace(
            unlisted=False, guid=self.guid, audio_revision=self.revision, title=self.title, order=None, audio=None, alternates=()
        )

    cover = None

    @property
    def file(self) -> str:
        return f"episodes/{self.slug}/episode.md"

    @property
    def date(self) -> dt.datetime:
        return dt.datetime(2020, 1, 1, tzinfo=dt.UTC) + dt.timedelta(hours=len(self.slug))

    @property
    def text_digest(self) -> str:
        return hashed(self.title)

    def line(self, *_path: str) -> int:
        return 1

    def told_at(self, _path: Path | None) -> str:
        return self.file

    def waits(self, _now: dt.datetime | None) -> str:
        return "draft" if self.draft else ""


@dataclass(frozen=True, kw_only=True)
class Folder:
    """A checkout of the show."""

    words: str = "Welcome."
    artwork: str = "blue"
    episodes: dict[str, Episode] = field(default_factory=dict)

    def having(self, episode: Episode) -> Folder:
        return replace(self, episodes={**self.episodes, episode.slug: episode})


@functools.cache
def config_file() -> Any:
    """A real config, read once."""
    folder = Path(tempfile.mkdtemp(prefix="airdate-simulator-"))
    (folder / "artwork.jpg").write_bytes(show_factory.picture())
    (folder / "config.toml").write_text(show_factory.CONFIG.replace('url = "public"', 'url = "s3://simulated"'))
    return read_config(folder / "config.toml")


@functools.cache
def _recording(slug: str, revision: int) -> Path:
    """A file whose bytes are those of this recording."""
    folder = config_file().folder / ".airdate-cache"
    folder.mkdir(exist_ok=True)
    path = folder / f"{slug}-{revision}.mp3"
    path.write_bytes(f"recording {revision} of {slug}".encode())
    return path


@functools.cache
def _facts(path: Path) -> AudioFacts:
    raw = path.read_bytes()
    return AudioFacts(size=len(raw), sha256=hashlib.sha256(raw).hexdigest(), duration=1.0, type="audio/mpeg", extension="mp3")


def _copy(_sources: Any, path: Path) -> tuple[Path, AudioFacts]:
    return path, _facts(path)


class SimulatedConsole(Console):
    """A console whose lines go into the log."""

    def __init__(self, note: Callable[[str], None]) -> None:
        super().__init__(color=False, _started=0.0)
        self._note = note

    def _print(self, text: str, _stream: Any) -> None:
        self._note(_COLORS.sub("", text))


class SimulatedWorkspace(Workspace):
    """A folder and a line to the storage, opened for one command on one machine."""

    def __init__(self, line: Any, folder: Folder, cache: Path, note: Callable[[str], None]) -> None:
        super().__init__(config_file(), SimulatedConsole(note))
        self.folder = folder
        self.cache = cache
        self.store = line
        self.storage = Storage(public=line, private=line)
        self.facts: Any = SimpleNamespace(save=lambda: None)
        self.published_copies: Any = SimpleNamespace(keep=lambda _episodes: None)

    @property
    def recordings(self) -> RecordingFinder:
        def choose(episode: Any) -> Path | None:
            return _recording(episode.slug, episode.revision) if episode.recorded else None

        return RecordingFinder(choose=choose, measure=_facts, staged=self.staged)

    tools: Any = None
    tools_here: Any = None

    def forget_copies(self) -> None:
        """There are none."""


def select(workspace: Any, state: Any, options: Any, *, live: Any = None, scope: Any = None) -> Selection:
    """Stands in for folder_to_plan.select."""
    folder = workspace.folder
    source: Any = SimpleNamespace(
        guid=GUID, config=workspace.config, findings=(), episodes=tuple(folder.episodes.values()), named=(), streams=(), file=workspace.file
    )
    recordings = workspace.recordings
    if scope is not None and scope.offline:
        recordings = replace(recordings, staged=lambda _guid: None)
    published = publication(source, state, options.now, recordings, with_drafts=scope is not None and scope.drafts)
    return Selection(source=source, state=state, publication=published, tools=SimpleNamespace(make_copy=_copy))


def compose(source: Any, state: Any, published: Any, tools: Any, build: Build) -> Any:
    """Stands in for media_and_documents.compose: the recordings."""
    recordings, episodes = {}, []
    for item in published.episodes:
        sources: Any = SimpleNamespace(recorded=item, source=item.source, slug=item.slug, config=source.config, tagged=False)
        audio = publish_recording(sources, build, _copy)
        recordings[item.slug] = SimpleNamespace(audio=audio, alternates_published=())
        episodes.append(sources)
    return SimpleNamespace(recordings=recordings, build=build, episodes=episodes, tools=tools, links=Links(SITE, layout.HOME))


def prepare(workspace: Any, state: Any, options: Any, *, scope: Any) -> Prepared:
    """Stands in for folder_to_plan.prepare: the same refusals, a tiny show, and the real plan."""
    lost = scope.lost
    selection = select(workspace, state, options)
    source, published = selection.source, without_lost_ones(selection.publication, lost.keys)
    refuse(tripwires(source, state, published, options.now), options.forces)
    build = Build(Known(recipes=lost.unharmed(state.recipes), objects=state.objects))
    composition = compose(source, state, published, selection.tools, build)
    contents = _pages(workspace.folder, state, published, composition, build)
    episodes = {item.slug: _entry(item, composition, state) for item in contents}
    rendering: Any = SimpleNamespace(episodes=episodes, contents=contents, build=build, composition=composition)
    reasons = recordings_again(composition, lost.keys)
    return Prepared(
        source=source,
        state=state,
        publication=published,
        rendering=rendering,
        plan=make_plan(state, build.site, lost.keys),
        findings=(),
        damaged=lost.changed,
        reasons=reasons,
    )


def _entry(item: Any, composition: Any, state: Any) -> PublishedEpisode:
    before = state.episodes.get(item.slug)
    return PublishedEpisode(
        slug=item.slug,
        guid=item.source.guid,
        date=item.recorded.date.isoformat(),
        title=item.source.title,
        audio=composition.recordings[item.slug].audio,
        texts=before.texts if before is not None else (),
    )


def _pages(folder: Folder, state: Any, published: Any, composition: Any, build: Build) -> list[Any]:
    """What the show consists of, each recipe with all it looks at."""

    def link(key: str) -> str:
        return f'<a href="{SITE}{key}">'

    def made(name: str, key: Any, body: str, phase: Phase) -> Any:
        build.make(name, [key, body], lambda: iter([artifact(key, body, phase)]))
        return key

    picture = made("art", layout.picture("artwork", hashed(folder.artwork), "png"), folder.artwork, Phase.MEDIA)
    contents = []
    items, lines = [], []
    for item in published.episodes:
        source = item.source
        contents.append(SimpleNamespace(slug=item.slug, source=source, recorded=item))
        audio = composition.recordings[item.slug].audio
        text = f"what is said in {source.title}"
        transcript = made(recipe_name("transcript", item.slug), layout.transcript(item.slug, "", hashed(text), "txt"), text, Phase.DOCUMENT)
        page = f'<html><h1>{source.title}</h1><img src="{SITE}{picture}"><audio src="{SITE}{audio.key}"></audio>{link(transcript)}</html>'
        made(recipe_name("page", item.slug), layout.episode_page(item.slug), page, Phase.PAGE)
        lines.append(f"{link(layout.episode_page(item.slug))}{source.title}</a>")
        items.append(
            f'<item><title>{source.title}</title><guid>{source.guid}</guid><link href="{SITE}{layout.episode_page(item.slug)}"/>'
            f'<enclosure url="{SITE}{audio.key}" type="audio/mpeg" length="{audio.facts.size}"/>'
            f'<podcast:transcript url="{SITE}{transcript}" type="text/plain"/></item>'
        )
    for gone in published.removed:
        made(recipe_name("removed", gone.slug), layout.episode_page(gone.slug), "<html>It was taken down.</html>", Phase.PAGE)
    made("home", layout.HOME, f'<html>{folder.words}<img src="{SITE}{picture}">{"".join(lines)}</html>', Phase.PAGE)
    head = '<rss version="2.0" xmlns:podcast="https://podcastindex.org/namespace/1.0"><channel><title>Tiny</title>'
    feed = f'{head}<description>{folder.words}</description><image href="{SITE}{picture}"/>{"".join(items)}</channel></rss>'
    made("feed", layout.feed("feed.xml"), feed, Phase.FEED)
    return contents


def names_in(body: bytes) -> Iterator[str]:
    """The keys that a page or feed leads to."""
    for piece in body.split(SITE.encode())[1:]:
        yield piece[: piece.index(b'"')].decode()
