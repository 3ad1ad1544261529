"""What a post says fits the network, holds the link whole, and is cut between letters that people see."""

from __future__ import annotations

import pytest
import regex
from hypothesis import given
from hypothesis import strategies as st

from publisher.load.tables.announce import TEXT, BlueskyTable, MastodonTable
from publisher.thread import bluesky, mastodon
from publisher.thread.post_text import PostContent, TooLongError, graphemes, text_of
from tests.support.scripted_mastodon import TOKEN, ScriptedMastodon

LINK = "https://podcast.example.org/show/episodes/a-rather-long-address-of-an-episode.html"
FAMILY = "👩‍👩‍👧‍👦"
GERMAN = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft " * 9
ARABIC = "حَلْقَةٌ جَدِيدَةٌ عَنِ الذَّكَاءِ الِاصْطِنَاعِيِّ " * 30


def always(_text: str) -> bool:
    return True


def values(title: str, summary: str = "", **more: str) -> dict[str, str]:
    return {"title": title, "summary": summary, "link": LINK, "show": "A Show", "number": "", "season": ""} | more


def content(title: str, summary: str = "") -> PostContent:
    return PostContent(guid="g", date="2026-06-01T06:00:00+02:00", values=values(title, summary), language="de")


def test_what_fits_stands_as_it_is_and_what_is_empty_leaves_no_gap():
    assert text_of(TEXT, values("New", "About it."), always) == f"New\n\nAbout it.\n\n{LINK}"
    assert text_of(TEXT, values("New"), always) == f"New\n\n{LINK}"
    assert text_of("{show} {number}: {title}\n\n\n \n{link} {{x}}", values("New", number="7"), always) == f"A Show 7: New\n\n{LINK} {{x}}"


@pytest.mark.parametrize(
    "summary", [GERMAN, ARABIC, FAMILY * 600, "word " * 200, "語" * 900], ids=["german", "arabic", "emoji", "words", "cjk"]
)
def test_the_summary_is_cut_first_and_the_title_stays(summary):
    for text, limit, count in (
        (bluesky.words(BlueskyTable(handle="a.example"), content("Der Titel", summary)), 300, graphemes),
        (mastodon.words(MastodonTable(server="https://a.example"), content("Der Titel", summary)), 500, mastodon.length),
    ):
        title, cut, link = text.split("\n\n")
        assert (title, link) == ("Der Titel", LINK)
        assert cut.endswith("…")
        clusters = regex.findall(r"\X", summary)
        kept = regex.findall(r"\X", cut[:-1])
        assert kept == clusters[: len(kept)], "never between the parts of one letter"
        assert count(text) <= limit
        assert count(text) > limit - 90 or len(text.encode()) > 2900 - 90, "as much as goes"


@pytest.mark.parametrize("title", [GERMAN, ARABIC, FAMILY * 400, "語" * 900])
def test_a_title_that_is_too_long_is_cut_when_the_summary_is_gone(title):
    text = bluesky.words(BlueskyTable(handle="a.example"), content(title, "About it."))
    assert graphemes(text) <= 300
    assert len(text.encode()) <= 3000
    assert text.endswith(LINK)
    assert text.startswith(title[:20])


def test_a_template_that_is_too_long_by_itself_is_refused():
    with pytest.raises(TooLongError, match="too long without summary and title"):
        bluesky.words(BlueskyTable(handle="a.example", text="x" * 300 + " {link}"), content("A"))


def test_an_address_counts_the_same_at_mastodon_however_long_it_is():
    assert mastodon.length(f"New {LINK}") == 4 + 23
    assert mastodon.length("New http://a.example/ and https://b.example") == 4 + 23 + 5 + 23


@pytest.mark.parametrize(("said", "limit"), [(5000, 5000), (None, 500), ("many", 500), (0, 500)])
def test_a_server_that_takes_more_is_given_more_and_asked_only_then(said, limit):
    with ScriptedMastodon() as server:
        instance = server._instance()
        instance["configuration"]["statuses"]["max_characters"] = said
        server._instance = lambda: instance  # type: ignore[method-assign]
        table = MastodonTable(server=server.address)
        for summary, asked in (("short", 0), ("word " * 2000, 1)):
            mastodon.post(table, content("Der Titel", summary), TOKEN, None, summary[:4])
            assert len(server.calls("GET /api/v2/instance")) == asked
        long = next(asked for asked in reversed(server.asked) if asked.path.endswith("/statuses")).json["status"]
        assert limit - 20 < mastodon.length(long) <= limit


TEXTS = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=400)


@given(title=TEXTS, summary=TEXTS, limit=st.integers(120, 500))
def test_no_words_make_a_post_too_long_or_lose_its_link(title, summary, limit):
    said = values(" ".join(title.split()), " ".join(summary.split()))
    text = text_of(TEXT, said, lambda text: graphemes(text) <= limit)
    assert graphemes(text) <= limit
    assert LINK in text


def test_links_and_tags_are_marked_by_their_bytes():
    text = f"Ä {FAMILY} #Podcast #2026 a#b #Wörter_2 {LINK}"
    found = [
        (text.encode()[facet["index"]["byteStart"] : facet["index"]["byteEnd"]].decode(), facet["features"][0]["$type"].partition("#")[2])
        for facet in bluesky._facets(text, LINK)
    ]
    assert found == [("#Podcast", "tag"), ("#Wörter_2", "tag"), (LINK, "link")]


@pytest.mark.parametrize("date", ["2026-06-01T06:00:00+02:00", "1999-01-01T00:00:00+00:00"])
def test_the_key_of_a_record_is_a_tid_that_every_machine_makes_alike(date):
    one = PostContent(guid="g", date=date, values=values("A"), language="de")
    other = PostContent(guid="h", date=date, values=values("A"), language="de")
    assert regex.fullmatch("[234567abcdefghij][234567abcdefghijklmnopqrstuvwxyz]{12}", bluesky.key_of(one))
    assert bluesky.key_of(one) == bluesky.key_of(one) != bluesky.key_of(other)
