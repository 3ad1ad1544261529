"""Pages of shows at their limits: nothing in them, thousands of episodes, very long titles, other scripts. For tests and pictures."""

from __future__ import annotations

import datetime as dt
import os
from dataclasses import replace
from typing import TYPE_CHECKING

from feed.model import Chapter, Image
from publisher.core import layout
from publisher.site.html import show_pages as pages
from publisher.site.parts.page_values import Neighbour
from publisher.site.parts.page_windows import newest_first
from publisher.site.parts.theme import Theme
from tests.support import sample_pages

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from feed.model import Show

TITLE = (
    "On the patience of locks, the grammar of keys, and why a door that is ajar has already told you everything you came to ask; " * 2
)[:200]
ODD = {
    "long-title": "long/episodes/episode-1.html",
    "long-title-home": "long/index.html",
    "bare": "bare/episodes/episode-1.html",
    "bare-home": "bare/index.html",
    "bare-embed": "bare/embed/episode-1.html",
    "empty": "empty/index.html",
    "empty-people": "empty/people.html",
    "many": "many/index.html",
    "many-archive": "many/archive/60.html",
    "many-people": "many/people.html",
    "many-season": "many/season-2.html",
    "many-person": "many/person.html",
    "arabic": "ar/episodes/episode-1.html",
    "arabic-home": "ar/index.html",
    "arabic-embed": "ar/embed/episode-1.html",
    "arabic-subscribe": "ar/subscribe.html",
    "japanese": "ja/episodes/episode-1.html",
    "japanese-home": "ja/index.html",
}
"""What a page shows -> its key."""

_ARABIC = (
    ("هدى", "على هذه الجزيرة منارة لم ينم فيها أحد منذ أربعين سنة."),
    ("هدى", "وفي كل مساء، في الدقيقة التي يذكرها التقويم، يضيء مصباحها."),
    ("سامي", "ليس في الأمر سحر. إنها خلية ضوئية، وساعة عنيدة جدًا."),
    ("هدى", "قلتَ لي إن الساعة متأخرة عن قصد."),
    ("سامي", "إحدى عشرة ثانية. كتبها أحدهم في السجل سنة 1931، وحافظ عليها كل من جاء بعده."),
)
_JAPANESE = (
    ("恵", "この島には、四十年のあいだ誰も泊まったことのない灯台があります。"),
    ("恵", "それでも毎晩、暦に書かれた時刻になると明かりがともるのです。"),
    ("健", "魔法ではありません。光センサーと、とても頑固な時計のおかげです。"),
    ("恵", "その時計は、わざと遅れているそうですね。"),
    ("健", "十一秒です。一九三一年に誰かが日誌に書いて、そのあとの灯台守もみな守ってきました。"),
)


def odd_site(origin: str) -> dict[str, bytes]:
    """All of them as files by key; each show in a folder of its own, with the recording and artwork of the sample show."""
    made: dict[str, bytes] = {}
    for folder, files in {
        "long": _long(f"{origin}/long"),
        "bare": _bare(f"{origin}/bare"),
        "empty": _show(f"{origin}/empty"),
        "many": _many(f"{origin}/many"),
        "ar": _speaking(f"{origin}/ar", "ar", "الضوء البطيء", "الساعة التي تتأخر عمدًا، ولماذا لا يصلحها أحد", _ARABIC),
        "ja": _speaking(f"{origin}/ja", "ja", "ゆっくりした光", "わざと遅れている時計と、それを直さない人たち", _JAPANESE),
    }.items():
        made |= {f"{folder}/{key}": body for key, body in files.items()}
    return made


def write_odd_site(folder: Path, files: Mapping[str, bytes]) -> None:
    """The files under `folder`, where the sample show already is."""
    for key, body in files.items():
        target = folder / key
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(body)
    for name in {key.partition("/")[0] for key in files}:
        for shared in ("media/minute.mp3", "art/show.jpg"):
            target = folder / name / shared
            target.parent.mkdir(exist_ok=True)
            if not target.exists():
                os.link(folder / shared, target)


def _show(site: str, *views: object, language: str = "en", image: Image | None = None, **values: object) -> dict[str, bytes]:
    show = sample_pages.make_show(site=site, language=language, **values)
    if image is not None:
        show = replace(show, image=image)
    return sample_pages.make_site(sample_pages.make_settings(site=site), show, views)  # type: ignore[arg-type]  # any view will do


def _long(site: str) -> dict[str, bytes]:
    chapters = (Chapter(start=0, title=TITLE), Chapter(start=20, title="x" * 150), Chapter(start=41, title=TITLE))
    episode = sample_pages.make_episode(1, site=site, title=TITLE, chapters=chapters)
    near = Neighbour(title=TITLE, key="episodes/episode-1.html")
    view = sample_pages.make_view(episode, previous=near, next=near, season_name=TITLE)
    return _show(site, view, title=TITLE, author=TITLE, description=TITLE * 3)


def _bare(site: str) -> dict[str, bytes]:
    """No cover of ours, no transcript, no chapters, nobody heard, no notes."""
    bare = sample_pages.make_episode(1, site=site)
    notes = replace(bare.notes, page="", summary="")
    bare = replace(bare, transcripts=(), chapters=(), chapters_document=None, people=(), notes=notes)
    elsewhere = Image(url="https://pictures.example/show.jpg", width=0, height=0)
    return _show(site, sample_pages.make_view(bare, cues=()), image=elsewhere)


def _many(site: str) -> dict[str, bytes]:
    theme = Theme(sample_pages.make_settings(site=site, seasons=tuple((number, "") for number in range(1, 13))))
    day = sample_pages.make_episode(1, site=site)
    begin = dt.datetime(2018, 1, 1, 6, tzinfo=dt.UTC)
    episodes = tuple(
        replace(day, slug=f"day-{number}", guid=f"day-{number}", date=begin + dt.timedelta(days=number)) for number in range(3000, 0, -1)
    )
    show: Show = replace(sample_pages.make_show(site=site), episodes=episodes)
    files = {asset.key: asset.body for asset in theme.assets}
    archive = sample_pages.paginate(episodes)
    leaf = newest_first(len(episodes))[3]
    part = replace(show, episodes=episodes[leaf.window])
    heard = [(episode.people, Neighbour(title=episode.written.title, key=layout.episode_page(episode.slug))) for episode in episodes]
    return files | {
        layout.HOME: pages.home_page(theme, show),
        layout.archive_page(60): pages.archive_page(theme, replace(show, episodes=archive[59]), 60, len(archive)),
        layout.PEOPLE: pages.people_page(theme, show, heard),
        "season-2.html": pages.season_page(theme, part, 2, "Things that wait", (), leaf),
        "person.html": pages.person_page(theme, part, sample_pages.PEOPLE[0], "emma-okafor", leaf),
    }


def _speaking(site: str, language: str, show: str, title: str, lines: tuple[tuple[str, str], ...]) -> dict[str, bytes]:
    chapters = (Chapter(start=0, title=lines[0][1][:30]), Chapter(start=20, title=title))
    notes = replace(
        sample_pages.make_episode().notes, page=f'<p>{lines[1][1]} <a class="time" href="#t=10">0:10</a></p>', summary=lines[1][1]
    )
    episode = sample_pages.make_episode(1, site=site, title=title, chapters=chapters, notes=notes)
    view = sample_pages.make_view(episode, cues=sample_pages.cues_of(lines * 2))
    other = sample_pages.make_view(replace(episode, slug="episode-0", guid="episode-0"), cues=())
    return _show(site, view, other, language=language, title=show, author=lines[0][0], description=" ".join(text for _, text in lines))
