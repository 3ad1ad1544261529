"""Episodes with a transcript, for what searches it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.support.show_factory import recording

if TYPE_CHECKING:
    from tests.support.show_factory import Show

CUES = """\
WEBVTT

00:00.000 --> 00:08.000
<v Ada Field>There is a lighthouse on this island that nobody has slept in.

00:08.000 --> 00:16.000
<v Ada Field>Its lamp turns on at the minute the almanac says.

00:30.000 --> 00:40.000
<v Ada Field>A clock was late on purpose, by eleven seconds &amp; &lt;b&gt;no&lt;/b&gt; more.

01:10.000 --> 01:20.000
<v Ada Field>In fog there is the horn, and the horn has its own opinion about {word}.
"""


def searched(show: Show) -> Show:
    """The show with its search, which other tests leave out."""
    show.configure("search = false", "search = true")
    return show


def add_episode(show: Show, name: str, word: str, **values: str) -> None:
    """An episode whose last sentence ends in a word of its own; a minute and a half long."""
    show.episode(name, date=f"{name[:10]}T06:00:00Z", audio=recording(90.0, voice=sum(name.encode())), **values)
    show.write(f"episodes/{name}/transcript.vtt", CUES.replace("{word}", word))
