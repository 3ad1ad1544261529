"""What differs between the words of two publishes."""

from __future__ import annotations

import pytest

from publisher.sync.written_parts import changed, changed_of_show


def test_what_differs_came_or_went_is_named_in_the_order_it_is_written_down():
    assert changed({"notes": "1", "gone": "1", "title": "1"}, {"title": "2", "notes": "1", "new": "1"}) == ("title", "new", "gone")


@pytest.mark.parametrize("word", ["settings", "live streams", "pictures"])
def test_what_earlier_publishes_did_not_write_down_is_told_of_only_where_both_did(word):
    assert changed_of_show({"pages": "1"}, {"pages": "2", word: "1"}) == ("pages",)
    assert changed_of_show({"pages": "1", word: "1"}, {"pages": "1"}) == ()
    assert changed_of_show({word: "1"}, {word: "2"}) == (word,)
