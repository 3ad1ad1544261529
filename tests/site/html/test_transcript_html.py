"""The transcript as the page's body."""

import re

import pytest
from lxml import html

from feed.model import Chapter, Cue
from feed.transcript.paragraphs import Section, Turn, paragraphs
from publisher.site.html.transcript_html import render_transcript, stamps_in
from tests.support import sample_pages


def rendered(cues, chapters=(), **options):
    view = render_transcript(paragraphs(cues, chapters), **options)
    return html.fromstring(f"<div>{view.html}</div>"), view


def test_every_cue_has_a_time_that_is_a_link_and_every_link_a_target():
    cues = sample_pages.cues_of()
    tree, view = rendered(cues, sample_pages.CHAPTERS)
    spans = tree.xpath("//span[@class='cue']")
    assert len(spans) == len(cues) == len(view.times)
    targets = set(tree.xpath("//@id"))
    for span, cue in zip(spans, cues, strict=True):
        link = span.find("a")
        assert link.get("href") == f"#t={int(cue.start)}"
        assert link.get("href")[1:] in targets
        assert cue.text in span.text_content()
    assert view.times == tuple((cue.start, cue.end) for cue in cues)


def test_cues_of_the_same_second_share_one_target():
    tree, _ = rendered([Cue(start=0, end=0.5, text="one"), Cue(start=0.5, end=2, text="two"), Cue(start=2, end=3, text="three")])
    assert tree.xpath("//@id") == ["t=0", "t=2"]
    assert tree.xpath("//a/@href") == ["#t=0", "#t=0", "#t=2"]


def test_only_the_first_time_of_a_paragraph_is_a_stop_for_the_tab_key():
    tree, _ = rendered([Cue(start=n, end=n + 1, text=f"word {n}") for n in range(5)])
    assert [link.get("tabindex") for link in tree.xpath("//a[@class='at']")] == [None, "-1", "-1", "-1", "-1"]


def test_a_chapter_heads_its_section_and_a_second_of_the_same_second_has_no_second_id():
    turn = Turn(speaker="", start=3, paragraphs=((Cue(start=3, end=4, text="x"),),))
    sections = [
        Section(chapter=Chapter(start=3, title="A & <b>"), turns=(turn,)),
        Section(chapter=Chapter(start=3.4, title="C"), turns=(turn,)),
    ]
    tree = html.fromstring(f"<div>{render_transcript(sections).html}</div>")
    assert [" ".join(head.text_content().split()) for head in tree.xpath("//h3")] == ["0:03 A & <b>", "0:03 C"]
    assert tree.xpath("//@id[starts-with(., 't=')]") == ["t=3"]


def test_only_what_has_a_heading_is_a_section():
    tree, _ = rendered(sample_pages.cues_of(), sample_pages.CHAPTERS)
    plain, _ = rendered(sample_pages.cues_of())
    assert {place.tag for place in tree.xpath("//*[@class='part'][h3]")} == {"section"}
    assert {place.tag for place in plain.xpath("//*[@class='part']")} == {"div"}


def test_times_in_the_notes_find_a_place_even_where_no_cue_starts():
    wanted = stamps_in('<p>At <a class="time" href="#t=27">0:27</a> and <a href="#t=4000">late</a></p>')
    tree, _ = rendered(sample_pages.cues_of(), sample_pages.CHAPTERS, wanted=wanted)
    place = tree.xpath("//span[@id='t=27']")[0]
    assert place.getnext().text_content().startswith("0:25")
    assert not tree.xpath("//*[@id='t=4000']")


def test_each_voice_has_its_name_once_a_turn_and_a_colour_that_comes_back():
    tree, _ = rendered(sample_pages.cues_of(), sample_pages.CHAPTERS)
    turns = tree.xpath("//div[starts-with(@class, 'turn')]")
    said = {(turn.findtext("p"), turn.get("class")) for turn in turns}
    assert said == {("Emma Okafor", "turn voice-0"), ("Jonas Weiß", "turn voice-1")}


@pytest.mark.parametrize(("space", "text"), [(" ", "一 二"), ("", "一二")])
def test_cues_are_joined_as_the_language_joins_sentences(space, text):
    _, view = rendered([Cue(start=0, end=1, text="一"), Cue(start=1, end=2, text="二")], space=space)
    bare = re.sub(r"<a .*?</a>\s*|\u200b|<[^>]+>|\n", "", view.html)
    assert bare.strip() == text


def test_a_source_stands_below_the_paragraph_in_which_it_is_spoken_of():
    cues = (Cue(start=0, end=5, text="One.", speaker="Ann"), Cue(start=5, end=9, text="Two.", speaker="Bob"))
    page = render_transcript(paragraphs(cues, ()), sources=[(6, "A <b>book</b>", "https://a.example/?x=1&y=2")]).html
    assert page.index("Two.") < page.index(
        '<p class="source"><a rel="noopener" href="https://a.example/?x=1&amp;y=2">A &lt;b&gt;book&lt;/b&gt;</a></p>'
    )
    assert "source" not in render_transcript(paragraphs(cues, ())).html
