"""A link is good for one action on one comment for thirty days, and nobody makes one up."""

from __future__ import annotations

import base64
import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from publisher.comments.moderation.signed_links import ACTIONS, Link, read_link, sign

NOW = dt.datetime(2026, 6, 1, 12, tzinfo=dt.UTC)
LINK = Link(action="approve", show="0f9f6ba2", comment="c_-1", made=NOW)


@pytest.mark.parametrize("action", ACTIONS)
def test_a_link_says_what_was_signed(action):
    link = Link(action=action, show="0f9f6ba2", comment="c_-1", made=NOW)
    signed = sign("secret", link)
    assert read_link("secret", signed) == link
    assert set(signed) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_."), "mail programs break no line in it"


def test_another_secret_signs_another_link():
    assert read_link("other", sign("secret", LINK)) is None


def test_a_link_is_bound_to_its_action_comment_show_and_time():
    said, _, signature = sign("secret", LINK).partition(".")
    words = base64.urlsafe_b64decode(said + "=" * (-len(said) % 4)).decode()
    for old, new in (("approve", "reject"), ("c_-1", "c_-2"), ("0f9f", "1f9f"), (str(int(NOW.timestamp())), str(int(NOW.timestamp()) + 9))):
        changed = base64.urlsafe_b64encode(words.replace(old, new).encode()).decode().rstrip("=")
        assert read_link("secret", f"{changed}.{signature}") is None


def test_every_letter_counts():
    signed = sign("secret", LINK)
    for place in range(len(signed)):
        other = "A" if signed[place] != "A" else "B"
        assert read_link("secret", f"{signed[:place]}{other}{signed[place + 1 :]}") is None, place
        assert read_link("secret", signed[:place]) is None


@given(st.text(max_size=80))
def test_no_text_is_a_link(text):
    assert read_link("secret", text) is None
    assert read_link("secret", f"{text}.{text}") is None


def test_a_link_is_good_for_thirty_days():
    assert not LINK.expired(NOW + dt.timedelta(days=30))
    assert LINK.expired(NOW + dt.timedelta(days=30, seconds=1))
    assert LINK.expired(NOW - dt.timedelta(hours=1)), "a clock that is set back makes none good for longer"
