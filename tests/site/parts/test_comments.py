"""Comments from the show's folder: text, in order, bounded; and a file that is none stops nothing."""

import json

import pytest
from lxml import html

from publisher.core.show_files import SourceFile
from publisher.site.parts.comments import MAX_COMMENTS, Comments, read_comments
from tests.support.show_factory import make_show, tree

SAID = [
    {"id": "a", "name": "Ada", "text": "The hinge!\n\nAnd <b>the</b> pin.", "date": "2026-05-22T08:00:00Z", "at": 7.9},
    {"id": "b", "name": "Bell", "text": "Oiled.", "reply_to": "a"},
    {"name": "Cy", "text": "Good.", "reply_to": "b", "date": "soon", "at": "x"},
]


def said(folder, body):
    (folder / "odd.json").write_bytes(body)
    return SourceFile(path=folder / "odd.json", name="comments/odd.json", digest="", root=folder)


def test_answers_stand_below_what_they_answer():
    (first,) = read_comments(SAID)
    assert (first.name, first.paragraphs, first.at) == ("Ada", ("The hinge!", "And <b>the</b> pin."), 7)
    assert [(answer.name, answer.date, answer.at) for answer in first.answers] == [("Bell", None, None), ("Cy", None, None)]


@pytest.mark.parametrize("item", [None, 3, "text", [], {}, {"text": " "}, {"name": "x"}])
def test_what_is_no_comment_is_left_out(item):
    assert read_comments([item]) == ()


@pytest.mark.parametrize("at", [-1, 1e9, float("nan"), True, None, [1]])
def test_a_moment_is_a_second_of_a_recording(at):
    assert read_comments([{"text": "x", "at": at}])[0].at is None


def test_names_texts_and_lists_are_bounded(tmp_path):
    (one,) = read_comments([{"name": "n" * 1000 + "\x00", "text": "t" * 100_000}])
    assert (len(one.name), len(one.paragraphs[0])) == (50, 5000)
    long = said(tmp_path, json.dumps({"comments": [{"text": "x"}] * (MAX_COMMENTS + 9)}).encode())
    assert len(Comments({"long": long}).of("long")) == MAX_COMMENTS


@pytest.mark.parametrize("body", ["", "{", "[]", '{"comments": {}}', '{"comments": 3}', "[" * 100_000, '{"other": []}', "\xff"])
def test_a_file_that_is_none_is_named_and_stops_nothing(tmp_path, body):
    comments = Comments({"odd": said(tmp_path, body.encode("latin-1"))})
    assert comments.of("odd") == ()
    assert [(item.code, item.file) for item in comments.findings()] == [("comments-unreadable", "comments/odd.json")]


def test_comments_in_the_folder_stand_on_the_page_and_change_it_alone(tmp_path):
    show = make_show(tmp_path / "show")
    show.episode()
    show.episode("2026-05-08-second", date="2026-05-08T06:00:00Z")
    show.write("comments/first.json", json.dumps({"comments": SAID[:1]}))
    assert show.publish("--yes").status == 0
    before = tree(show.public)
    page = html.fromstring(before["episodes/first.html"])
    rows = page.xpath("//section[@id='comments']//li")
    assert len(rows) == 1
    assert rows[0].xpath("./p[@dir]/text()") == ["The hinge!", "And <b>the</b> pin."]
    assert rows[0].xpath(".//a[@href='#t=7']")
    assert page.xpath("//*[@id='t=7']")
    assert not page.xpath("//form[@class='saying']")
    assert b'id="comments"' not in before["episodes/second.html"]
    show.write("comments/first.json", json.dumps({"comments": SAID}))
    assert show.publish("--yes").status == 0
    after = tree(show.public)
    pages = {key for key in before if key.endswith((".html", ".xml")) and after[key] != before[key]}
    assert pages == {"episodes/first.html"}
    assert len(html.fromstring(after["episodes/first.html"]).xpath("//section[@id='comments']//li")) == 3


def test_a_file_that_is_none_is_said_by_every_check_and_every_publish_until_it_is_mended(tmp_path):
    show = make_show(tmp_path / "show")
    show.episode()

    def said(*words: str) -> list[str]:
        outcome = show.run(*words, "--json")
        return [row["file"] for row in outcome.findings("comments-unreadable")]

    assert said("check") == []
    show.write("comments/first.json", '{"nonsense": 1')
    broken = ["comments/first.json"]
    assert [said("check"), said("check")] == [broken, broken]
    assert [said("--no-verify", "--yes") for _ in range(3)] == [broken] * 3
    assert said("check") == broken
    show.write("comments/first.json", json.dumps({"comments": SAID}))
    assert (said("check"), said("--no-verify", "--yes")) == ([], [])


def test_half_a_pictograph_in_a_comment_stops_nothing(tmp_path):
    show = make_show(tmp_path / "show")
    show.episode()
    show.write("comments/first.json", r'{"comments": [{"name": "Ada \udc00", "text": "cut \ud83d, whole \ud83d\ude00"}]}')
    done = show.publish("--yes")
    assert done.status == 0, done.stderr
    page = html.fromstring((show.public / "episodes/first.html").read_bytes().decode())
    assert page.xpath("//section[@id='comments']//li/p[@dir]/text()") == ["cut , whole \U0001f600"]
