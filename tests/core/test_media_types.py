import pytest

from publisher.core.media_types import content_type, mime_type


@pytest.mark.parametrize(
    ("key", "kind"),
    [
        ("media/a-title-1a2b3c4d.mp3", "audio/mpeg"),
        ("media/a.m4a", "audio/x-m4a"),
        ("media/a.M4B", "audio/x-m4a"),
        ("media/a.mp4", "video/mp4"),
        ("media/a.m4v", "video/x-m4v"),
        ("media/a.opus", "audio/ogg"),
        ("episodes/a/transcript-1a2b3c4d.vtt", "text/vtt; charset=utf-8"),
        ("episodes/a/transcript-1a2b3c4d.srt", "application/x-subrip; charset=utf-8"),
        ("episodes/a/transcript-1a2b3c4d.json", "application/json"),
        ("episodes/a/chapters-1a2b3c4d.json", "application/json+chapters"),
        ("episodes/chapters-of-life/transcript.json", "application/json"),
        ("episodes/chapters-of-life.html", "text/html; charset=utf-8"),
        ("feed.xml", "application/rss+xml; charset=utf-8"),
        ("show/feed-2.xml", "application/rss+xml; charset=utf-8"),
        ("podcast.rss", "application/rss+xml; charset=utf-8"),
        ("sitemap.xml", "application/xml; charset=utf-8"),
        ("art/cover-1a2b3c4d.jpg", "image/jpeg"),
        ("art/cover.png", "image/png"),
        ("art/cover.webp", "image/webp"),
        ("index.html", "text/html; charset=utf-8"),
        ("assets/page-1a2b3c4d.css", "text/css; charset=utf-8"),
        ("search/pagefind.en_1.pf_meta", "application/octet-stream"),
        ("no-extension", "application/octet-stream"),
        (".json", "application/octet-stream"),
    ],
)
def test_every_key_has_the_type_the_feed_and_the_apps_expect(key, kind):
    assert content_type(key) == kind


def test_the_feeds_own_type_attribute_carries_no_character_set():
    assert mime_type("transcript.vtt") == "text/vtt"
