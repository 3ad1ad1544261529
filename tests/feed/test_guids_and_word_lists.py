"""Identity, categories and the words of the namespace."""

from __future__ import annotations

from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feed.categories import CATEGORIES, LEGACY, did_you_mean, is_category, split_category
from feed.findings import ContentFault
from feed.guids import episode_guid, show_guid
from feed.podcasting20.word_lists import ROLES, group_of, is_role, license_id
from feed.rss import render_feed
from feed.schema.show import FeedTable
from tests.support.feed_samples import make_show, parse


@pytest.mark.parametrize(
    ("feed_url", "expected"),
    [
        ("podnews.net/rss", "9b024349-ccf0-5f69-a609-6b82873eab3c"),
        ("https://podnews.net/rss", "9b024349-ccf0-5f69-a609-6b82873eab3c"),
        ("http://podnews.net/rss///", "9b024349-ccf0-5f69-a609-6b82873eab3c"),
        ("https://mp3s.nashownotes.com/pc20rss.xml", "917393e3-1b1e-5cef-ace4-edaa54e1f810"),
    ],
)
def test_shows_guid_is_made_of_its_address_without_scheme_and_trailing_slash(feed_url, expected):
    assert show_guid(feed_url) == expected


def test_a_scheme_within_the_address_is_part_of_it():
    assert show_guid("https://a.example/https://b.example/") != show_guid("https://b.example/")


def test_episodes_guid_is_made_of_the_shows_guid_and_the_slug():
    guid = episode_guid("9b024349-ccf0-5f69-a609-6b82873eab3c", "rye")
    assert guid == episode_guid("9B024349-CCF0-5F69-A609-6B82873EAB3C ", "rye")
    assert UUID(guid).version == 5
    assert guid != episode_guid("9b024349-ccf0-5f69-a609-6b82873eab3c", "wheat")
    assert guid != episode_guid("917393e3-1b1e-5cef-ace4-edaa54e1f810", "rye")


def test_episodes_guid_needs_a_show_whose_guid_is_one():
    with pytest.raises(ContentFault) as fault:
        episode_guid("my show", "rye")
    assert fault.value.code == "guid-invalid"


@settings(max_examples=100, derandomize=True, deadline=None, database=None)
@given(st.text(st.characters()))
def test_any_address_and_slug_have_a_guid(text):
    assert UUID(episode_guid(show_guid(text), text)).version == 5


def test_there_are_19_categories_and_91_subcategories():
    assert (len(CATEGORIES), sum(map(len, CATEGORIES.values()))) == (19, 91)


@pytest.mark.parametrize("written", list(CATEGORIES) + [f"{name} > {sub}" for name, subs in CATEGORIES.items() for sub in subs])
def test_each_of_apples_categories_is_known_and_written_as_apple_spells_it(written):
    assert is_category(written)
    elements = parse(render_feed(make_show(written={"categories": [written]}), FeedTable())).findall(
        ".//{http://www.itunes.com/dtds/podcast-1.0.dtd}category"
    )
    assert " > ".join(element.get("text") for element in elements) == written


@pytest.mark.parametrize("written", ["", "news", "News >", "Food", "News > Food", "Arts > Food > Bread", "Stand-up", "Health"])
def test_anything_else_is_not_a_category(written):
    assert not is_category(written)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("news", "News"),
        ("Tech News", "News > Tech News"),
        ("Technology > Tech News", "News > Tech News"),
        ("Comedy > Stand-up", "Comedy > Stand-Up"),
        ("Health", "Health & Fitness"),
        ("News & Politics", "News"),
        ("Technology > Podcasting", "Technology"),
        ("Technolgy", "Technology"),
        ("Arts > Literature", "Arts > Books"),
        ("Sience > Phisics", "Science > Physics"),
        ("Society and Culture", "Society & Culture"),
        ("Bread baking", ""),
        ("", ""),
        (">", ""),
        ("x" * 100_000, ""),
    ],
)
def test_did_you_mean_finds_what_was_meant(written, meant):
    assert did_you_mean(written) == meant


@pytest.mark.parametrize("old", LEGACY)
def test_names_of_old_lead_to_a_category_of_today(old):
    assert is_category(LEGACY[old])
    assert is_category(did_you_mean(old))


def test_a_category_is_split_at_the_arrow():
    assert split_category(" News>Tech News ") == ("News", "Tech News")
    assert split_category("News") == ("News", "")


def test_taxonomy_has_63_roles():
    assert len({(group, role) for group, roles in ROLES.items() for role in roles}) == EXPECTED_ROLES


EXPECTED_ROLES = 63


@pytest.mark.parametrize(
    ("role", "group"),
    [
        ("Guest", "cast"),
        (" producer ", "creative direction"),
        ("editor", "writing"),
        ("camera grip", "video production"),
        ("baker", "cast"),
    ],
)
def test_role_tells_its_group(role, group):
    assert group_of(role) == group


@pytest.mark.parametrize(("role", "expected"), [("Host", True), (" camera grip ", True), ("baker", False), ("", False)])
def test_a_role_is_one_of_the_taxonomy(role, expected):
    assert is_role(role) is expected


@pytest.mark.parametrize(("written", "expected"), [("cc-by-4.0", "CC-BY-4.0"), (" arr ", "ARR"), ("My-Own", "My-Own"), ("CC0", "CC0")])
def test_licence_is_spelled_as_the_list_spells_it(written, expected):
    assert license_id(written) == expected
