"""The little Markdown of comments: four marks, and no other tag whatever is written."""

from __future__ import annotations

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import html

from publisher.site.parts.comment_markup import comment_html
from tests.support.odd_comments import MARKED, with_links


@pytest.mark.parametrize(("text", "expected"), MARKED, ids=range(len(MARKED)))
def test_marks_become_tags_and_all_else_is_text(text, expected):
    shown, wanted = (html.fragment_fromstring(markup, create_parent="p") for markup in (str(comment_html(text)), with_links(expected)))
    assert html.tostring(shown) == html.tostring(wanted)


PIECES = ("a", "b ", "<", ">", "&", '"', "'", "`", "*", "**", "\\", "\n", ":", "/", ".", ")", "https://a.", "<script>", "&lt;")


@given(st.lists(st.sampled_from(PIECES), max_size=40).map(lambda pieces: "".join(pieces).strip()))
def test_whatever_is_written_gives_those_tags_alone_and_loses_no_letter(text):
    shown = html.fragment_fromstring(comment_html(text), create_parent="p")
    assert {element.tag for element in shown.iter()} <= {"p", "em", "strong", "code", "a"}
    assert re.sub(r"[*`]", "", shown.text_content()) == re.sub(r"[*`]", "", text)


def test_many_marks_that_end_nowhere_cost_no_more_than_their_letters():
    started = time.process_time()
    for text in ("*a " * 1_600, "**a" * 1_600, "`" * 5_000, "*" * 5_000, "https://a" * 550):
        comment_html(text)
    assert time.process_time() - started < 1
