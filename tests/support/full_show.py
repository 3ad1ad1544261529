"""A full show in a folder: two hours in 3,000 cues, 8 voices, 40 chapters with pictures, 12 people, long words, two directions of script.

    python -m tests.support.full_show FOLDER [--url URL]

makes it ready to be published and served at URL. Everything in it is made from numbers: the same bytes each time, in a second or two.
"""

from __future__ import annotations

import argparse
import functools
import io
import random
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.support.browsing import Site
from tests.support.show_factory import Show, long_recording

if TYPE_CHECKING:
    from collections.abc import Iterator

SITE = "https://full.example"
FULL, BARE, ARABIC, TRAILER, GONE = "zwei-stunden", "ohne-bild", "sariaa", "vorab", "zurueckgezogen"
"""Slugs: the two hours; no cover of its own, a word as its title, no chapters; in Arabic; the trailer; taken down."""
SHORT = tuple(f"kurz-{number}" for number in range(1, 6))
"""Slugs of small episodes: enough for an archive and for a person's own page."""
PAGES = (
    *(f"episodes/{slug}.html" for slug in (FULL, BARE, ARABIC, TRAILER, GONE)),
    *(f"embed/{slug}.html" for slug in (FULL, BARE, ARABIC)),
    *("index.html", "archive/1.html", "season-1.html", "people.html", "people/voice0.html"),
    *("subscribe.html", "search.html", "ueber.html", "404.html"),
)
"""Keys of pages, of each kind at least one."""
SECONDS, CUES, CHAPTERS = 7200, 3000, 40
VOICES = (
    "Anneliese-Charlotte von Hohenlohe-Waldenburg",
    "Jonas Weiß",
    "نجيب عبد الرحمن المنصوري",
    "Bo Li",
    "Maria da Conceição Albuquerque",
    "Þórgunnur Ægisdóttir",
    "佐藤 恵",
    "Otto",
)
SILENT = ("Emma Okafor", "Ílker Çağlayan", "Sven Åkesson-Lindqvist", "Chidimma Nwachukwu")
"""Four more who are named and say nothing."""
PEOPLE = (*VOICES, *SILENT)
LONG_WORDS = (
    *("Donaudampfschifffahrtsgesellschaftskapitänswitwe", "Rindfleischetikettierungsüberwachungsaufgabenübertragungsgesetz"),
    *("Straßenverkehrsordnungswidrigkeitenverfahren", "Grundstücksverkehrsgenehmigungszuständigkeitsübertragungsverordnung"),
)
_WORDS = (
    *("der", "die", "das", "und", "aber", "warum", "Brücke", "Leuchtturm", "Uhr"),
    *("leise", "morgen", "niemand", "Größe", "Straße", "Brötchen", "hören", "wieder", "zwanzig-zwanzig"),
    *("hat's", "geht's", "Maßstab", "Übung", "weißt", "größer", "Nebel", "Hafen", "Papier"),
    *("sieben", "Drucker", "Schlüssel", "Fenster", "Geduld", "beinahe", "jedenfalls"),
)
_ARABIC = (
    "على هذه الجزيرة منارة لم ينم فيها أحد منذ أربعين سنة.",
    "وفي كل مساء، في الدقيقة التي يذكرها التقويم، يضيء مصباحها.",
    "ليس في الأمر سحر. إنها خلية ضوئية، وساعة عنيدة جدًا من طراز PX-100.",
    "إحدى عشرة ثانية. كتبها أحدهم في السجل سنة 1931.",
)
CONFIG = """\
[show]
title = "Langsames Licht: Gespräche über Dinge, die warten"
description = "Gespräche mit Menschen, die auf etwas achtgeben: Leuchttürme, Archive, Fußwege, Bienen. Jeden zweiten Donnerstag."
author = "Radio Langsames Licht"
language = "de"
categories = ["Society & Culture > Documentary", "Education"]
artwork = "artwork.jpg"
artwork_alt = "Ein Streifen Licht über dunklem Wasser."
explicit = false
type = "serial"
timezone = "Europe/Berlin"
guid = "58c5d453-ce41-5f39-9af8-1792af28cfa4"
copyright = "Radio Langsames Licht"
hosts = ["voice0", "voice1"]
license = { id = "cc-by-4.0", url = "https://creativecommons.org/licenses/by/4.0/" }
location = [{ name = "Husum", rel = "creator", geo = "geo:54.48,9.05", country = "DE" }]
chat = { server = "irc.full.example", protocol = "irc", account_id = "@licht", space = "#langsames-licht" }
update_frequency = { text = "Jeden zweiten Donnerstag", rrule = "FREQ=WEEKLY;INTERVAL=2;BYDAY=TH" }
podroll = [
    { feed_guid = "917393e3-1b1e-5cef-ace4-edaa54e1f810", feed_url = "https://other.example/feed.xml", title = "Nebenan im Nebel" },
    { feed_guid = "9b024349-ccf0-5f69-a609-6b82873eab3c", feed_url = "https://third.example/feed.xml", title = "Wetterleuchten" },
]

[[show.funding]]
url = "https://full.example/pay?a=1&b=2"
label = "Das Licht bezahlen"

[[show.social]]
protocol = "activitypub"
uri = "https://social.example/@licht/1"
account_id = "@licht@social.example"
account_url = "https://social.example/@licht"

[show.owner]
name = "Radio Langsames Licht"
email = "licht@full.example"
public = true

[show.ai]
content = true
voices = true
disclosure = "Von Menschen geschrieben, von Maschinen gesprochen."

[seasons.1]
name = "Dinge, die warten"
artwork = "season-1.jpg"

[seasons.2]
name = "Dinge, die sich nicht beeilen"

[[live]]
title = "Live aus dem Leuchtturm: die Verordnung wird verlesen"
status = "live"
start = 2026-06-01T13:30:00
end = 2026-06-01T16:30:00
guid = "live-1"
description = "Wir lesen."
link = "https://full.example/live.html"
url = "https://full.example/live.mp3"
hosts = ["voice0"]
guests = ["voice1"]

[[live.content_links]]
href = "https://video.example/live"
label = "Bei Video Example zusehen"

[site]
url = "{url}"
social_images = false

[site.comments]
url = "https://comments.example/new"

[storage]
url = "public"

"""
_EPISODE = """\
+++
title = "Wie man auf eine Donaudampfschifffahrtsgesellschaftskapitänswitwe wartet und dabei das Zählen verlernt"
date = 2026-05-24T06:00:00
guid = "full-two-hours"
season = 2
episode = 7
cover = "cover.jpg"
cover_alt = "Ein Fernglas auf einer Fensterbank."
summary = "Zwei Stunden mit acht Stimmen über das Warten, und wer dabei am meisten zu sagen hat."
hosts = ["voice0", "voice1"]
guests = [{guests}]
tags = ["warten", "licht"]
license = {{ id = "cc-by-sa-4.0", url = "https://creativecommons.org/licenses/by-sa/4.0/" }}
location = [{{ name = "Leuchtturm Westerheversand", rel = "subject", geo = "geo:54.3736,8.6402" }}]
chat = {{ server = "xmpp.full.example", protocol = "xmpp", space = "zwei-stunden" }}

[[soundbites]]
start_time = 61.5
duration = 30
title = "Was der Nebel sagte"

[[soundbites]]
start_time = 4500
duration = 45

[[sources]]
title = "{law}"
url = "https://full.example/gesetz"
at = "1:02:03"

[[sources]]
title = "Das Logbuch von 1931"
url = "https://full.example/logbuch"

[[alternates]]
url = "https://video.example/zwei-stunden.mp4"
type = "video/mp4"
title = "Video"
height = 720
length = 792478600
bitrate = 880000
lang = "de"

[[content_links]]
href = "https://video.example/zwei-stunden"
label = "Bei Video Example ansehen"

[[social]]
protocol = "activitypub"
uri = "https://social.example/@licht/2"

{chapters}
+++

Ein Gespräch über {law}, über *Geduld* und über alles, was dazwischen liegt. Bei 1:15:41 spricht zum ersten Mal jemand anderes.

## Woraus vorgelesen wird

- [Das Logbuch](https://full.example/logbuch), Seite 12 bis 400
- `{law}`
- Eine Karte des Hafens, 0:42

| Ort | Zeit | {law} |
|---|---|---|
| Hafen | 1:00:00 | ja |
| Leuchtturm | 1:59:59 | nein |

> Ein Riegel ist ein Versprechen mit einer Feder darin.
"""


@functools.cache
def low_recording(seconds: int) -> bytes:
    """An MP3 of silence at 8 kbit/s (MPEG 2.5, 8 kHz): two hours are 7 MB."""
    frame = bytes([0xFF, 0xE3, 0x18, 0xC4]) + bytes(68)
    return frame * round(seconds * 8000 / 576)


@functools.cache
def photograph(number: int, width: int, height: int) -> bytes:
    """A picture that weighs what a photograph does: soft shapes of many colours."""
    from PIL import Image

    cells = (24, max(2, 24 * height // width))
    rough = Image.frombytes("RGB", cells, random.Random(number).randbytes(cells[0] * cells[1] * 3))  # noqa: S311  # the same each time
    stream = io.BytesIO()
    rough.resize((width, height), Image.Resampling.BICUBIC).save(stream, "JPEG", quality=88)
    return stream.getvalue()


def transcript() -> str:
    """3,000 cues of WebVTT, one each 2.4 seconds; turns of one to five cues, here and there a word that fills a line."""
    drawn = random.Random(3000)  # noqa: S311  # the same each time
    lines, voice, left = ["WEBVTT", ""], 0, 3
    for number in range(CUES):
        if left == 0:
            voice, left = (voice + drawn.randrange(1, len(VOICES))) % len(VOICES), drawn.randrange(1, 6)
        left -= 1
        words = [drawn.choice(_WORDS) for _ in range(drawn.randrange(4, 13))]
        if number % 97 == 5:
            words.insert(2, LONG_WORDS[number % len(LONG_WORDS)])
        text = _ARABIC[number % len(_ARABIC)] if voice == 2 and number % 2 else " ".join(words).capitalize() + "."
        begin = number * 2.4
        lines += [f"{_stamp(begin)} --> {_stamp(begin + 2.4)}", f"<v {VOICES[voice]}>{text}", ""]
    return "\n".join(lines)


def make_full(folder: Path, url: str = SITE) -> Show:
    """The whole show, ready to publish; GONE is still in it."""
    show = Show(folder)
    people = "".join(
        f'[people.voice{number}]\nname = "{name}"\nimage = "people/{number}.jpg"\nrole = "{"host" if number < 2 else "guest"}"\n\n'
        for number, name in enumerate(PEOPLE)
    )
    show.write("config.toml", CONFIG.replace("{url}", url) + people)
    for number in range(len(PEOPLE)):
        show.write(f"people/{number}.jpg", photograph(100 + number, 480, 480))
    show.write("artwork.jpg", photograph(1, 3000, 3000))
    show.write("season-1.jpg", photograph(2, 1400, 1400))
    show.write(
        "pages/ueber.md", f'+++\ntitle = "Über die Sendung"\n+++\n\nEin Streifen Licht, und {LONG_WORDS[1]}.\n\n## Regeln\n\n1. Warten.\n'
    )
    _two_hours(show)
    _others(show)
    return show


def publish_full(folder: Path, url: str) -> Path:
    """The show published, with an episode taken down and comments; the folder that is served."""
    show = make_full(folder, url)
    for arguments in (("--yes",), ("--yes", "--force", f"remove={GONE}")):
        outcome = show.publish(*arguments)
        assert outcome.status == 0, outcome.stderr
        shutil.rmtree(folder / "episodes" / f"2026-03-01-{GONE}", ignore_errors=True)
    return show.public


@pytest.fixture(scope="session")
def full_show(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The full show, published once for the whole run and served: look, but change nothing in its folder."""
    folder = tmp_path_factory.mktemp("full")
    site = Site(folder / "public")
    publish_full(folder, site.origin)
    yield site
    site.close()


def _two_hours(show: Show) -> None:
    chapters = []
    for number in range(CHAPTERS):
        begin = number * SECONDS // CHAPTERS
        title = (
            LONG_WORDS[number % len(LONG_WORDS)] if number % 7 == 3 else f"Kapitel {number + 1}: {_WORDS[number % len(_WORDS)]} im Nebel"
        )
        more = f'url = "https://full.example/kapitel/{number}"\n' if number % 4 == 0 else ""
        chapters.append(f'[[chapters]]\nstart = {begin}\ntitle = "{title}"\nimage = "chapter-{number}.jpg"\n{more}')
        show.write(f"episodes/2026-05-24-{FULL}/chapter-{number}.jpg", photograph(200 + number, 600, 338 if number % 3 else 600))
    text = _EPISODE.format(
        guests=", ".join(f'"voice{number}"' for number in range(2, len(PEOPLE))), law=LONG_WORDS[1], chapters="\n".join(chapters)
    )
    show.write(f"episodes/2026-05-24-{FULL}/episode.md", text)
    show.write(f"episodes/2026-05-24-{FULL}/cover.jpg", photograph(3, 1600, 1600))
    show.write(f"episodes/2026-05-24-{FULL}/audio.mp3", low_recording(SECONDS))
    show.write(f"episodes/2026-05-24-{FULL}/transcript.vtt", transcript())
    show.write(
        f"comments/{FULL}.json",
        '{"comments": [{"name": "Ílker", "text": "Donaudampfschifffahrtsgesellschaft!", "date": "2026-05-25T10:00:00Z", "at": 3723},'
        ' {"name": "سامي", "text": "إحدى عشرة ثانية."}]}',
    )


def _others(show: Show) -> None:
    show.episode(
        f"2026-02-01-{TRAILER}",
        title="Vorab: worum es geht",
        date="2026-02-01T06:00:00",
        front='type = "trailer"\nseason = 1',
        notes="Was hier geschieht, in zwanzig Sekunden.\n",
    )
    show.episode(
        f"2026-03-01-{GONE}", title="Das Scharnier, das zu viel sprach", date="2026-03-01T06:00:00", front="season = 1\nepisode = 1"
    )
    for number, slug in enumerate(SHORT, 2):
        day = f"2026-03-{number * 3:02}"
        front = f'season = {1 + number // 5}\nepisode = {number}\nguests = ["voice2"]'
        show.episode(
            f"{day}-{slug}", title=f"Kurz gewartet, Teil {number}", date=f"{day}T06:00:00", front=front, notes="0:03 Etwas *Kurzes*.\n"
        )
    show.episode(
        f"2026-05-30-{BARE}",
        title=f"{LONG_WORDS[1]}, vorgelesen",
        date="2026-05-30T06:00:00",
        front="season = 2\nepisode = 9",
        notes=f"{LONG_WORDS[3]} und nichts weiter. " * 3 + "\n",
        audio=long_recording(700, 8),
    )
    lines = [
        f"{_stamp(number * 25)} --> {_stamp(number * 25 + 25)}\nWir warten noch {number} Minuten. {LONG_WORDS[number % 4]}."
        for number in range(28)
    ]
    show.write(f"episodes/2026-05-30-{BARE}/transcript.vtt", "WEBVTT\n\n" + "\n\n".join(lines) + "\n")
    show.episode(
        f"2026-05-28-{ARABIC}",
        title="الساعة التي تتأخر عمدًا، ولماذا لا يصلحها أحد",
        date="2026-05-28T06:00:00",
        front='language = "ar"\nseason = 2\nepisode = 8\nguests = ["voice2"]\n\n'
        f'[[chapters]]\nstart = 0\ntitle = "{_ARABIC[0]}"\n\n[[chapters]]\nstart = 30\ntitle = "PX-100 والوقت"\n\n'
        f'[[chapters]]\nstart = 55\ntitle = "{_ARABIC[3]}"',
        notes=f"{_ARABIC[1]} 0:10\n\n- {_ARABIC[2]}\n- {_ARABIC[3]}\n",
        audio=long_recording(80, 9),
    )
    lines = [
        f"{_stamp(number * 5)} --> {_stamp(number * 5 + 5)}\n<v {VOICES[2] if number % 5 else VOICES[1]}>{_ARABIC[number % 4]}"
        for number in range(16)
    ]
    show.write(f"episodes/2026-05-28-{ARABIC}/transcript.vtt", "WEBVTT\n\n" + "\n\n".join(lines) + "\n")


def _stamp(seconds: float) -> str:
    thousandths = round(seconds * 1000)
    return f"{thousandths // 3_600_000:02}:{thousandths // 60_000 % 60:02}:{thousandths // 1000 % 60:02}.{thousandths % 1000:03}"


if __name__ == "__main__":
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("folder", type=Path)
    arguments.add_argument("--url", default=SITE)
    options = arguments.parse_args()
    make_full(options.folder, options.url)
