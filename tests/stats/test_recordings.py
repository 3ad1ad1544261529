"""Which bytes make a minute, for each recording that listeners ever had."""

from __future__ import annotations

from feed.model import AudioFacts
from publisher.core.errors import Exit
from publisher.core.layout import key_of
from publisher.state.published_episodes import PublishedAlternate, PublishedAudio, PublishedEpisode
from publisher.stats.recordings import recordings_of
from tests.stats.logged_show import at
from tests.support.show_factory import long_recording


def episode(facts: AudioFacts, **said) -> PublishedEpisode:
    audio = PublishedAudio(key=key_of("media/a-00000002.mp3"), revision=2, recording_sha256="", recording_size=0, facts=facts, **said)
    other = PublishedAlternate(
        name="video", key=key_of("media/a-alt-video-00000003.mp4"), size=90_000_000, sha256="", type="video/mp4", bitrate=800_000
    )
    unknown = PublishedAlternate(name="small", key=key_of("media/a-alt-small-00000004.ogg"), size=900, sha256="", type="audio/ogg")
    return PublishedEpisode(slug="a", guid="a", date="", audio=audio, alternates=(other, unknown))


def facts(**said) -> AudioFacts:
    return AudioFacts(
        **{"size": 10_300_000, "sha256": "", "duration": 600.0, "type": "audio/mpeg", "extension": "mp3", "bitrate": 128_000, **said}
    )


def test_a_minute_is_what_is_left_without_the_header_by_the_duration():
    (own, *_) = recordings_of([episode(facts(tag_bytes=300_000, cover_bytes=290_000))])
    assert own == ("media/a-00000002.mp3", "a", 10_300_000, 300_000, 1_000_000, 600.0)


def test_where_the_tag_is_within_the_file_its_cover_is_the_header():
    (own, *_) = recordings_of([episode(facts(tag_bytes=0, cover_bytes=300_000, type="audio/x-m4a", extension="m4a"))])
    assert own[3:5] == (300_000, 1_000_000)


def test_addresses_of_replaced_recordings_give_the_same_bytes_and_other_encodings_have_their_own_rate():
    rows = list(recordings_of([episode(facts(), replaced=(key_of("media/a-00000001.mp3"),))]))
    assert [row[0] for row in rows] == [
        "media/a-00000002.mp3", "media/a-00000001.mp3", "media/a-alt-video-00000003.mp4", "media/a-alt-small-00000004.ogg",
    ]  # fmt: skip
    assert rows[0][1:] == rows[1][1:]
    assert rows[2][2:] == (90_000_000, 0, 6_000_000, 600.0)
    assert rows[3][4] == 0  # nobody knows its rate: the whole file


def test_downloads_of_a_replaced_and_of_a_withdrawn_recording_stay(logged):
    show = logged.show
    old, withdrawn = logged.paths["long"], logged.paths["short"]
    show.write("episodes/2026-05-01-long/audio.mp3", long_recording(120, voice=7))
    show.edit("2026-05-01-long", "+++\n\n", "audio_revision = 2\n+++\n\n")
    assert show.publish("--yes").status == Exit.OK
    assert show.run("withdraw", "short", "--yes", "--no-verify").status == Exit.OK
    (new,) = {f"/media/{path.name}" for path in (show.public / "media").glob("long-*.mp3")} - {old}
    asked = [(old, "203.0.113.1"), (new, "203.0.113.2"), (old, "203.0.113.3"), (new, "203.0.113.3"), (withdrawn, "203.0.113.1")]
    size = max(logged.sizes.values()) * 2
    logged.log(*(logged.line(at(hours=n), ip=ip, sent=size, request=f"GET {path} HTTP/1.1") for n, (path, ip) in enumerate(asked)))
    assert logged.downloads() == {"long": 3, "short": 1}
