"""A show with everything a page can show, made of values; and its whole site as files, for tests, benchmarks and pictures."""

from __future__ import annotations

import datetime as dt
import subprocess
from dataclasses import replace
from typing import TYPE_CHECKING

from feed.model import Chapter, Cue, Document, Enclosure, Episode, Image, Notes, Person, Show
from feed.schema.episode import FrontMatter
from feed.schema.show import AiTable, ShowTable
from feed.transcript.paragraphs import paragraphs
from publisher.core import layout
from publisher.core.show_files import SourceFile
from publisher.load.config_tables import SubscribeTable
from publisher.site.html import episode_pages
from publisher.site.html import machine_files as machines
from publisher.site.html import show_pages as pages
from publisher.site.parts.page_values import ARCHIVE_EPISODES, EpisodeView, Neighbour, SiteSettings
from publisher.site.parts.theme import Theme

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

SITE = "http://127.0.0.1:8000/show"
PEOPLE = (
    Person(name="Emma Okafor", id="emma", role="host", url="https://emma.example"),
    Person(name="Jonas Weiß", id="jonas", role="guest"),
)
CHAPTERS = (
    Chapter(start=0, title="Who keeps the lights on"),
    Chapter(start=20, title="A lamp that waits for ships", url="https://example.org/lamp"),
    Chapter(start=41, title="What the fog said"),
)
_LINES = (
    ("Emma Okafor", "There is a lighthouse on this island that nobody has slept in for forty years."),
    ("Emma Okafor", "And every evening, at the minute the almanac says, its lamp turns on."),
    ("Jonas Weiß", "It is not magic, I have to disappoint you there. It is a photocell and a very stubborn clock."),
    ("Jonas Weiß", "The clock is the interesting part."),
    ("Emma Okafor", "You said on the phone that the clock is late on purpose."),
    ("Jonas Weiß", "Eleven seconds. Somebody in 1931 wrote it into the log, and every keeper after him kept it so."),
    ("Jonas Weiß", "Because the harbour's own clock was eleven seconds late, and the pilots set their watches by the lamp."),
    ("Emma Okafor", "So the sea was wrong, and everybody agreed on it."),
    ("Jonas Weiß", "That is what a standard is!"),
    ("Emma Okafor", "What happens in fog?"),
    ("Jonas Weiß", "In fog the lamp is only a rumour. Then there is the horn, and the horn has its own opinion about time."),
    ("Emma Okafor", "Let us listen to it."),
)


def cues_of(lines: Sequence[tuple[str, str]] = _LINES, *, every: float = 5.0) -> tuple[Cue, ...]:
    """One cue a line, `every` seconds."""
    return tuple(
        Cue(start=number * every, end=(number + 1) * every, speaker=speaker, text=text) for number, (speaker, text) in enumerate(lines)
    )


def make_show(*, site: str = SITE, language: str = "en", **values: object) -> Show:
    """A show without episodes; `values` go into its ShowTable."""
    written: dict[str, object] = {
        "title": "Slow Light",
        "description": "Conversations with people who look after things: lighthouses, archives, footpaths, bees. Every other Thursday.",
        "author": "Slow Light Radio",
        "language": language,
        "categories": ("Society & Culture",),
        "explicit": False,
        "license": "CC-BY-4.0",
        "funding": "https://example.org/support",
        **values,
    }
    return Show(
        written=ShowTable.model_validate(written),
        guid="58c5d453-ce41-5f39-9af8-1792af28cfa4",
        link=f"{site}/index.html",
        feed_url=f"{site}/feed.xml",
        image=Image(url=f"{site}/art/show.jpg", width=1400, height=1400),
        people=PEOPLE[:1],
    )


def make_episode(number: int = 3, *, site: str = SITE, **values: object) -> Episode:
    """One episode of a minute; `values` replace fields of the Episode, `title` its title, `written` more front matter."""
    written = {
        "title": values.pop("title", "The clock that is late on purpose"),
        "season": 2,
        "episode": number,
        **values.pop("written", {}),  # type: ignore[dict-item]
    }
    slug = str(values.pop("slug", f"episode-{number}"))
    made = Episode(
        written=FrontMatter.model_validate(written),
        slug=slug,
        guid=f"guid-{slug}",
        date=dt.datetime(2026, 4, 1, 6, tzinfo=dt.UTC) + dt.timedelta(days=14 * number),
        link=f"{site}/episodes/{slug}.html",
        enclosure=Enclosure(url=f"{site}/media/minute.mp3", length=481_000, type="audio/mpeg", duration=60.0),
        notes=Notes(
            page=(
                "<p>On an island with no village there is a lamp that has not missed an evening since 1931. Jonas Weiß looks "
                'after it from the mainland. At <a class="time" href="#t=27">0:27</a>'
                " he explains why its clock is <em>eleven seconds late</em>.</p>\n"
                '<ul><li><a href="https://example.org/log" rel="noopener">The keeper’s log</a>, scanned</li>'
                "<li>A map of the harbour</li></ul>"
            ),
            apps="",
            text="",
            summary="On an island with no village there is a lamp that has not missed an evening since 1931.",
        ),
        people=PEOPLE,
        transcripts=(
            Document(url=f"{site}/episodes/{slug}/transcript-1a2b3c4d.vtt", type="text/vtt", language="en"),
            Document(url=f"{site}/episodes/{slug}/transcript-1a2b3c4d.txt", type="text/plain", language="en", timed=False),
        ),
        chapters=CHAPTERS,
        chapters_document=Document(url=f"{site}/episodes/{slug}/chapters-1a2b3c4d.json", type="application/json+chapters"),
    )
    return replace(made, **values)  # type: ignore[arg-type]


def make_view(episode: Episode, *, cues: Sequence[Cue] | None = None, **values: object) -> EpisodeView:
    """The view of an episode with its transcript."""
    said = cues_of() if cues is None else cues
    return EpisodeView(episode=episode, sections=paragraphs(said, episode.chapters) if said else (), **values)  # type: ignore[arg-type]


def make_settings(*, site: str = SITE, **values: object) -> SiteSettings:
    """Settings with two places to subscribe."""
    shops = SubscribeTable(apple="https://podcasts.apple.com/podcast/id1", spotify="https://open.spotify.com/show/1")
    return SiteSettings(url=site, **{"subscribe": shops, **values})  # type: ignore[arg-type]


def theme_in(folder: Path) -> dict[str, SourceFile]:
    """The templates and assets in a folder, as a show's theme."""
    files = {path.relative_to(folder).as_posix(): path for path in sorted(folder.rglob("*")) if path.is_file()}
    return {name: SourceFile(path=path, name=f"theme/{name}", digest="", root=folder) for name, path in files.items()}


def make_site(
    settings: SiteSettings, show: Show, views: Sequence[EpisodeView], own: Mapping[str, SourceFile] | None = None
) -> dict[str, bytes]:
    """Every page, asset and document of a site by key; episodes newest first. Recordings and pictures are not among them."""
    theme = Theme(settings, own)
    show = replace(show, episodes=tuple(view.episode for view in views))
    site = {asset.key: asset.body for asset in theme.assets}
    for view in views:
        slug = view.episode.slug
        site[view.key] = episode_pages.episode_page(theme, show, view)
        site[layout.embed_page(slug)] = episode_pages.embed_page(theme, show, view)
        site[layout.oembed(slug)] = machines.oembed(theme, show, view)
        for document in (*view.episode.transcripts, *([view.episode.chapters_document] if view.episode.chapters_document else [])):
            site[document.url.removeprefix(settings.url + "/")] = b"-"
    archive = paginate(show.episodes)
    for number, episodes in enumerate(archive, 1):
        site[layout.archive_page(number)] = pages.archive_page(theme, replace(show, episodes=episodes), number, len(archive))
    site[layout.HOME] = pages.home_page(theme, show)
    site[layout.SUBSCRIBE] = pages.subscribe_page(theme, show)
    site[layout.PEOPLE] = pages.people_page(
        theme, show, [(item.people, Neighbour(title=item.written.title, key=layout.episode_page(item.slug))) for item in show.episodes]
    )
    site[layout.NOT_FOUND] = pages.not_found_page(theme, show)
    site["episodes/gone.html"] = pages.removed_page(theme, show, "episodes/gone.html", "An episode that is gone")
    site[layout.SITEMAP] = machines.sitemap(theme, [(view.episode.slug, view.episode.date) for view in views])
    site[layout.ROBOTS] = machines.robots(theme)
    site[layout.MANIFEST] = machines.webmanifest(theme, show)
    site["feed.xml"] = b"<rss/>"
    return site


def paginate(episodes: Sequence[Episode], size: int = ARCHIVE_EPISODES) -> list[tuple[Episode, ...]]:
    """`episodes` (newest first) as they stand on archive pages, the oldest page first. Pages are filled from the oldest episode on."""
    oldest_first = list(reversed(episodes))
    return [tuple(reversed(oldest_first[begin : begin + size])) for begin in range(0, len(episodes), size)]


def sample_site(site: str = SITE, theme: Path | None = None, **settings: object) -> dict[str, bytes]:
    """Three episodes of the made-up show, `theme` its theme's folder."""
    show = make_show(site=site, ai=AiTable(content=True, voices=True, disclosure="Written by people, spoken by machines."))
    first, second, third = (make_episode(number, site=site, title=title) for number, title in _TITLES)
    near = [Neighbour(title=episode.written.title, key=layout.episode_page(episode.slug)) for episode in (first, second, third)]
    views = (
        make_view(third, previous=near[1], season_name="Things that wait"),
        make_view(second, previous=near[0], next=near[2]),
        make_view(replace(first, transcripts=(), chapters=(), chapters_document=None), cues=(), next=near[1]),
    )
    return make_site(make_settings(site=site, **settings), show, views, theme_in(theme) if theme is not None else None)


_TITLES = ((1, "A footpath is a habit"), (2, "Bees do not keep minutes"), (3, "The clock that is late on purpose"))


def write_texts(folder: Path, files: Mapping[str, bytes]) -> None:
    """The files under `folder`."""
    for key, body in files.items():
        target = folder / key
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(body)


def write_site(folder: Path, files: Mapping[str, bytes]) -> None:
    """The files under `folder`, and the recording and artwork they refer to."""
    write_texts(folder, files)
    (folder / "media").mkdir(exist_ok=True)
    (folder / "art").mkdir(exist_ok=True)
    _ffmpeg("-f", "lavfi", "-i", "sine=frequency=220:duration=60", "-af", "volume=0.02", "-b:a", "64k", str(folder / "media/minute.mp3"))
    rings = "geq=r='200+40*sin(hypot(X-520,Y-420)/46)':g='86+30*sin(hypot(X-520,Y-420)/46)':b='60+16*sin(hypot(X-900,Y-900)/60)'"
    _ffmpeg(
        "-f", "lavfi", "-i", "color=c=black:s=1400x1400:d=1", "-vf", f"format=rgb24,{rings}", "-frames:v", "1", str(folder / "art/show.jpg")
    )


def _ffmpeg(*arguments: str) -> None:
    subprocess.run(["ffmpeg", "-v", "error", "-y", *arguments], check=True, stdin=subprocess.DEVNULL)
