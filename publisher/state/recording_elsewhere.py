"""A recording that still lies at the host that the show came from: `audio = "https://…"` in the front matter, with what that host's feed tells."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from feed.findings import ContentFault
from feed.model import AudioFacts
from feed.rules.addresses import extension
from feed.times import parse_time
from publisher.core.addresses import origin, outside
from publisher.state.published_episodes import AudioElsewhere

if TYPE_CHECKING:
    from feed.schema.episode import FrontMatter
    from publisher.state.published_episodes import PublishedEpisode

_ENDINGS = {"audio/mpeg": "mp3", "audio/x-m4a": "m4a", "audio/m4a": "m4a", "audio/mp4": "m4a", "video/mp4": "mp4"}
BRING = "publish pull --from-host"


def recording_elsewhere(written: FrontMatter, slug: str) -> AudioElsewhere:
    """The recording that `audio` names by its address. Raises ContentFault audio-elsewhere."""
    address, told = written.audio or "", written.audio_unmeasured
    if not outside(address) or not origin(address):
        raise ContentFault(
            f"`audio` names what is no web address: {address[:200]}", code="audio-elsewhere", hint="https://…, or a file here"
        )
    if told is None:
        raise ContentFault(
            f"nothing tells the length and type of the recording at {urlsplit(address).netloc}",
            code="audio-elsewhere",
            hint=f'write audio_unmeasured = {{ length = 12345678, type = "audio/mpeg" }} as its feed tells, or bring it here: `{BRING} {slug}`',
        )
    try:
        duration = parse_time(told.duration) if told.duration is not None else 0.0
    except ValueError:
        duration = 0.0
    facts = AudioFacts(
        size=told.length,
        sha256="",
        duration=duration,
        type=told.type,
        extension=_ENDINGS.get(told.type, "") or extension(address) or "mp3",
    )
    return AudioElsewhere(url=address, facts=facts, hosts=tuple(dict.fromkeys(filter(None, map(origin, (address, *told.hosts))))))


def refuse_another_move(elsewhere: AudioElsewhere, published: PublishedEpisode | None, slug: str) -> None:
    """Raise ContentFault audio-frozen where listeners have the recording at another place: it moves once, to here."""
    if published is None:
        return
    if published.audio is not None:
        raise ContentFault(
            "this recording is published here, and `audio` names another place",
            code="audio-frozen",
            hint=f"apps pinned the one here, and a recording moves once: take `audio` out, and `publish pull {slug}` if it is not in the folder",
        )
    before = published.elsewhere
    if before is not None and before.url != elsewhere.url:
        raise ContentFault(
            f"listeners get this recording from {before.url[:300]}, and `audio` names another place",
            code="audio-frozen",
            hint=f"apps pinned that address, and a recording moves once: write it back, then `{BRING} {slug}` brings it here",
        )
