"""The layout of the storage: what each kind of key looks like, and what a name may be."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feed.paging import page_name
from publisher.core import layout
from publisher.core.errors import StorageError
from publisher.core.layout import Kind

SHA = "0123456789abcdef" * 4
SECRET = SHA[:40]

EVERY_KIND = [
    (layout.recording("pilot", SHA, "mp3"), Kind.RECORDING, "media/pilot-01234567.mp3"),
    (layout.alternate("pilot", "video", SHA, "mp4"), Kind.ALTERNATE, "media/pilot-alt-video-01234567.mp4"),
    (layout.picture("pilot", SHA, "jpg"), Kind.PICTURE, "art/pilot-01234567.jpg"),
    (layout.picture(layout.ARTWORK, SHA, "png"), Kind.PICTURE, "art/artwork-01234567.png"),
    (layout.picture(layout.of_season(2), SHA, "jpg"), Kind.PICTURE, "art/season-2-01234567.jpg"),
    (layout.small_picture("pilot", 640, SHA), Kind.SMALL_PICTURE, "art/pilot-640-01234567.jpg"),
    (layout.small_picture(layout.of_person("Ada"), 320, SHA), Kind.SMALL_PICTURE, "art/person-ada-320-01234567.jpg"),
    (layout.sized_picture(layout.OF_SHOW, 1200, 630, SHA, "png"), Kind.SIZED_PICTURE, "art/show-1200x630-01234567.png"),
    (layout.social_picture("pilot", SHA), Kind.SOCIAL_PICTURE, "art/social-pilot-01234567.jpg"),
    (layout.icon(32, SHA), Kind.ICON, "art/icon-32-01234567.png"),
    (layout.asset("site", SHA, "css"), Kind.ASSET, "assets/site-01234567.css"),
    (layout.transcript("pilot", "", SHA, "vtt"), Kind.TRANSCRIPT, "episodes/pilot/transcript-01234567.vtt"),
    (layout.transcript("pilot", "de-CH", SHA, "vtt"), Kind.TRANSLATION, "episodes/pilot/transcript-de-ch-01234567.vtt"),
    (layout.chapters("pilot", SHA), Kind.CHAPTERS, "episodes/pilot/chapters-01234567.json"),
    (layout.markdown("pilot", SHA), Kind.MARKDOWN, "episodes/pilot/episode-01234567.md"),
    (layout.HOME, Kind.HOME, "index.html"),
    (layout.NOT_FOUND, Kind.NOT_FOUND, "404.html"),
    (layout.SUBSCRIBE, Kind.SUBSCRIBE, "subscribe.html"),
    (layout.PEOPLE, Kind.PEOPLE, "people.html"),
    (layout.SEARCH, Kind.SEARCH, "search.html"),
    (layout.SITEMAP, Kind.SITEMAP, "sitemap.xml"),
    (layout.ROBOTS, Kind.ROBOTS, "robots.txt"),
    (layout.MANIFEST, Kind.MANIFEST, "site.webmanifest"),
    (layout.episode_page("pilot"), Kind.EPISODE, "episodes/pilot.html"),
    (layout.embed_page("pilot"), Kind.EMBED, "embed/pilot.html"),
    (layout.oembed("pilot"), Kind.OEMBED, "oembed/pilot.json"),
    (layout.comments("pilot"), Kind.COMMENTS, "comments/pilot.json"),
    (layout.older_comments("pilot", 2), Kind.OLDER_COMMENTS, "comments/pilot-2.json"),
    (layout.answers("pilot"), Kind.ANSWERS, "comments/pilot.social.json"),
    (layout.archive_page(3), Kind.ARCHIVE, "archive/3.html"),
    (layout.season_page(2), Kind.SEASON, "season-2.html"),
    (layout.season_page(2, 1), Kind.SEASON_PART, "season-2/1.html"),
    (layout.person_page("ada"), Kind.PERSON, "people/ada.html"),
    (layout.person_page("ada", 1), Kind.PERSON_PART, "people/ada/1.html"),
    (layout.own_page("imprint"), Kind.OWN_PAGE, "imprint.html"),
    (layout.search_program(SHA, "pagefind.js"), Kind.SEARCH_PROGRAM, "search/pagefind-01234567/pagefind.js"),
    (layout.search_index("2026-05", "fragment/en_1.pf_fragment"), Kind.SEARCH_INDEX, "search/2026-05/fragment/en_1.pf_fragment"),
    (layout.feed("feed.xml"), Kind.FEED, "feed.xml"),
    (layout.feed_page("feed.xml", 2), Kind.FEED_PAGE, "feed-2.xml"),
    (layout.STATE_KEY, Kind.STATE, ".airdate/state.json"),
    (layout.shard("2026", SHA), Kind.SHARD, ".airdate/state-2026-0123456789ab.json.gz"),
    (layout.claim(12), Kind.CLAIM, ".airdate/claims/00000012"),
    (layout.history_part(12, 0, "ab12"), Kind.HISTORY, ".airdate/history/00000012-ab12-0"),
    (layout.text("config.toml", SHA[:16]), Kind.TEXT, f".airdate/texts/config.toml-{SHA[:16]}.json.gz"),
    (layout.kept_file(SHA), Kind.KEPT_FILE, f".airdate/files/{SHA}.gz"),
    (layout.STATS_PAGE, Kind.STATS_PAGE, "stats/index.html"),
    (layout.stats_month("2026-05", "logs"), Kind.STATS_MONTH, ".airdate/stats/2026-05-logs.parquet"),
    (layout.stats_open("logs"), Kind.STATS_OPEN, ".airdate/stats/open-logs.zip"),
    (layout.stats_imported("old-host"), Kind.STATS_IMPORTED, ".airdate/stats/imported-old-host.parquet"),
    (layout.STATS_PROBE, Kind.STATS_PROBE, ".airdate/stats/probe"),
    (layout.probe("conditions"), Kind.PROBE, ".airdate/probe-conditions"),
    (layout.staged_note(SECRET), Kind.STAGED_NOTE, f"staged/{SECRET}.json"),
    (layout.staged_recording(SECRET, SHA, "mp3"), Kind.STAGED_RECORDING, f"staged/{SECRET}-{SHA[:8]}.mp3"),
    (layout.key_of(f"staged/{SECRET}.mp3"), Kind.STAGED_UNHASHED, f"staged/{SECRET}.mp3"),
]


@pytest.mark.parametrize(("key", "kind", "text"), EVERY_KIND, ids=[text for _, _, text in EVERY_KIND])
def test_each_kind_lies_where_it_always_lay_and_is_read_again(key, kind, text):
    assert key == text
    found = layout.read(kind, text)
    assert found is not None
    assert found.key == text
    assert found in layout.parse(text)


def test_no_kind_is_forgotten():
    assert {kind for _, kind, _ in EVERY_KIND} == set(Kind)


slugs = st.from_regex(r"[a-z0-9]+(-[a-z0-9]+){0,4}", fullmatch=True) | st.sampled_from(
    [
        "news-20260521",
        "secret-399e96f18d96f281",
        "a-deadbeef",
        "x-alt-y",
        "x-alt-y-01234567",
        "season-3",
        "social-show",
        "person-ada",
        "artwork",
        "show",
        "icon-32",
        "a-640",
        "a-1200x630",
        "index",
        "404",
        "transcript-01234567",
    ]
)
numbers = st.integers(min_value=1, max_value=99_999)
names = st.text(st.characters(exclude_characters="/\\", exclude_categories=["Cc", "Cs"]), min_size=1, max_size=40).filter(
    lambda name: name not in {".", ".."}
)
hashes = st.text("0123456789abcdef", min_size=64, max_size=64)
PARTS = {
    "slug": slugs,
    "page": slugs,
    "person": slugs,
    "subject": slugs | st.builds(layout.of_season, numbers) | st.builds(layout.of_person, names),
    "name": names,
    "run": names,
    "feed": names,
    "file": st.lists(names, min_size=1, max_size=3).map("/".join),
    "feed_ending": st.sampled_from(["xml", "rss"]),
    "ending": st.sampled_from(["mp3", "m4a", "vtt", "json", "jpg"]),
    "language": st.sampled_from(["de", "pt-br", "zh-hant-tw"]),
    "hash": hashes.map(lambda sha: sha[:8]),
    "long_hash": hashes.map(lambda sha: sha[:12]),
    "text_hash": hashes.map(lambda sha: sha[:16]),
    "whole_hash": hashes,
    "secret": hashes.map(lambda sha: sha[:40]),
    "number": numbers.map(str),
    "part": numbers.map(str),
    "size": numbers.map(str),
    "pixels": st.builds("{}x{}".format, numbers, numbers),
    "month": st.sampled_from(["2026-05", "2026-12"]),
    "source": st.sampled_from(["logs", "old-host", "open"]),
    "span": st.sampled_from(["2026", "2026-05"]),
    "generation": st.integers(min_value=0, max_value=10**10).map("{:08}".format),
}


@st.composite
def readings(draw):
    """Any object that may lie on a storage, whatever its kind."""
    kind = draw(st.sampled_from(list(Kind)))
    words = [part.partition("}")[0] for part in kind.value.split("{")[1:]]
    return layout.KeyReading(kind, {word: draw(PARTS[word]) for word in words})


@given(readings())
def test_a_key_that_was_made_is_read_as_what_it_is_and_every_reading_of_it_makes_it_again(reading):
    key = reading.key
    found = layout.parse(key)
    assert any(one.kind is reading.kind and one.key == key for one in found)
    assert {one.key for one in found} == {key}


@given(slugs, hashes)
def test_whatever_is_made_for_an_episode_may_be_of_that_episode(slug, sha):
    made = [
        layout.recording(slug, sha, "mp3"),
        layout.alternate(slug, "video", sha, "mp4"),
        layout.picture(slug, sha, "jpg"),
        layout.small_picture(slug, 640, sha),
        layout.sized_picture(slug, 800, 600, sha, "png"),
        layout.social_picture(slug, sha),
        layout.transcript(slug, "", sha, "vtt"),
        layout.transcript(slug, "de", sha, "vtt"),
        layout.chapters(slug, sha),
        layout.markdown(slug, sha),
        layout.episode_page(slug),
        layout.embed_page(slug),
        layout.oembed(slug),
        layout.comments(slug),
    ]
    assert [key for key in made if slug not in layout.owners(key)] == []


@given(slugs)
def test_a_page_is_never_taken_for_a_file_that_is_named_by_its_bytes(slug):
    for key in (layout.episode_page(slug), layout.embed_page(slug), layout.oembed(slug), layout.comments(slug), layout.own_page(slug)):
        assert not layout.EPISODE_FILES & {one.kind for one in layout.parse(key)}


@given(names, st.integers(min_value=1, max_value=999))
def test_a_page_of_the_feed_is_named_as_the_feed_says(stem, number):
    key = layout.feed_page(f"{stem}.xml", number)
    assert key == page_name(f"{stem}.xml", number)
    assert layout.read(Kind.FEED_PAGE, key).parts["part"] == str(number)


@pytest.mark.parametrize("text", ["", "media/", "media/x", "episodes/a/b/c.html", "media/../x-01234567.mp3", "search/2026/../x", "x.php"])
def test_what_looks_like_no_key_of_ours_has_no_reading(text):
    assert layout.parse(text) == ()


@pytest.mark.parametrize(
    "text", ["", "a//b", "../a", "a/./b", "a\\b", "a\nb", "a\x7f", "a/..", "\ud800", "a" * 1025, "ä" * 513, "/a", "a/"]
)
def test_a_name_that_could_leave_its_place_is_no_key(text):
    with pytest.raises(StorageError) as caught:
        layout.key_of(text)
    assert caught.value.code == "storage-key"


@pytest.mark.parametrize("text", ["a", "..a", ".hidden/x", "a b/ü.html", "ä" * 512, "a" * 1024])
def test_any_other_name_is_one(text):
    assert layout.key_of(text) == text


def test_a_key_stays_text_in_json():
    assert json.loads(json.dumps({layout.HOME: [layout.claim(1)]})) == {"index.html": [".airdate/claims/00000001"]}


@pytest.mark.parametrize(
    ("path", "owner"),
    [
        ("/media/pilot-01234567.mp3", "pilot"),
        ("/e/show.example/media/news-20260521-01234567.mp3", "news-20260521"),
        ("/show/media/x-alt-y-01234567.mp3", "x-alt-y"),
        ("/media/pilot.mp3", None),
        ("/other/pilot-01234567.mp3", None),
        ("/media/deep/pilot-01234567.mp3", None),
    ],
)
def test_the_recording_behind_an_address_is_known_by_the_end_of_its_path(path, owner):
    found = layout.recording_in(path)
    assert (found.owner if found else None) == owner


def test_what_a_name_tells_is_told_and_nothing_is_guessed():
    assert layout.pixels_in(layout.sized_picture("a", 1200, 630, SHA, "jpg")) == (1200, 630)
    assert layout.pixels_in(layout.picture("a", SHA, "jpg")) == (0, 0)
    assert layout.language_in(layout.transcript("a", "pt-BR", SHA, "srt")) == "pt-br"
    assert layout.language_in(layout.transcript("a", "", SHA, "srt")) == ""
    assert layout.generation_in(layout.claim(7)) == layout.generation_in(layout.history_part(7, 3, "run-1")) == 7
    assert layout.generation_in(layout.STATE_KEY) is None
    assert layout.shard_name(layout.shard("2026", SHA)) == "2026"
    assert layout.secret_in(layout.staged_note(SECRET)) == layout.secret_in(layout.staged_recording(SECRET, SHA, "mp3")) == SECRET
    assert layout.secret_in(layout.key_of(f"staged/{SECRET}.mp3")) == SECRET
    assert layout.name_in_text(layout.text("a-b", SHA[:16])) == "a-b" and layout.name_in_text(layout.STATE_KEY) == ""


def test_listeners_have_no_business_with_what_the_program_remembers_or_keeps_ahead():
    unseen = {kind for key, kind, _ in EVERY_KIND if layout.is_unseen(key)}
    assert unseen == {
        Kind.STATE,
        Kind.SHARD,
        Kind.CLAIM,
        Kind.HISTORY,
        Kind.TEXT,
        Kind.KEPT_FILE,
        Kind.PROBE,
        Kind.STATS_MONTH,
        Kind.STATS_OPEN,
        Kind.STATS_IMPORTED,
        Kind.STATS_PROBE,
        Kind.STAGED_NOTE,
        Kind.STAGED_RECORDING,
        Kind.STAGED_UNHASHED,
    }


def test_an_own_page_may_lie_anywhere_but_where_one_of_ours_does():
    assert [
        slug
        for slug in ("index", "404", "people", "search", "season-3", "about", "season-finale")
        if layout.is_taken(layout.own_page(slug))
    ] == [
        "index",
        "404",
        "people",
        "search",
        "season-3",
    ]


def test_the_folders_of_keys():
    assert layout.folder_of(layout.search_index("2025", "a.json")) == "search/2025/"
    assert layout.folder_of(layout.HOME) == layout.ROOT
    assert layout.top_folders([layout.HOME, layout.chapters("a", SHA), layout.icon(32, SHA), layout.episode_page("b")]) == [
        "art/",
        "episodes/",
    ]
