"""Comments from the show's folder: text, in order, bounded; and a file that is none stops nothing."""

import json

import pytest
from lxml import html

from feed.text_cleaning import read_json
from feed.times import short_clock
from publisher.core.show_files import SourceFile
from publisher.site.parts.comments import MAX_COMMENTS, Comments, Thread, read_comments, read_thread
from tests.support.odd_comments import EXPECTED, LISTED, Seen
from tests.support.show_factory import make_show, tree

SAID = [
    {"id": "a", "name": "Ada", "text": "The hinge!\n\nAnd <b>the</b> pin.", "date": "2026-05-22T23:30:00-05:00", "at": 7.9},
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


def seen(comment):
    at = "" if comment.at is None else short_clock(comment.at)
    return Seen(comment.name, comment.paragraphs, comment.moment, at, tuple(seen(answer) for answer in comment.answers), comment.by_show)


def test_of_odd_comments_what_is_one_is_shown_and_nothing_is_guessed():
    found = read_comments(read_json(json.dumps(LISTED)))
    for one, expected in zip(found, EXPECTED, strict=True):
        assert seen(one) == expected


def test_names_texts_and_lists_are_bounded(tmp_path):
    (one,) = read_comments([{"name": "n" * 1000 + "\x00", "text": "t" * 100_000}])
    assert (len(one.name), len(one.paragraphs[0])) == (50, 5000)
    long = said(tmp_path, json.dumps({"comments": [{"text": "x"}] * (MAX_COMMENTS + 9)}).encode())
    assert len(Comments({"long": long}).of("long").comments) == MAX_COMMENTS


@pytest.mark.parametrize(
    ("rows", "said", "total", "shown"),
    [
        (3, {}, 3, 3),
        (3, {"total": 10_000}, 10_000, 3),
        (MAX_COMMENTS + 9, {}, MAX_COMMENTS + 9, MAX_COMMENTS),
        *((3, {"total": total}, 3, 3) for total in (None, -1, 2, True, "10", 1.5, 10**9, [])),
    ],
)
def test_the_newest_are_shown_and_all_are_counted(rows, said, total, shown):
    thread = read_thread({"comments": [{"text": f"number {number}"} for number in range(rows)], **said})
    assert (thread.total, len(thread.comments)) == (total, shown)
    assert thread.comments[-1].paragraphs == (f"number {rows - 1}",)


def test_older_comments_that_no_page_shows_are_told(tmp_path):
    show = make_show(tmp_path / "show")
    show.episode()
    show.write("comments/first.json", json.dumps({"comments": [{"text": f"number {number}"} for number in range(501)]}))
    (row,) = [row for row in show.run("check", "--json").findings("left-out") if row["file"].startswith("comments/")]
    assert row["message"] == "the page shows the newest 500 of these 501 comments"


@pytest.mark.parametrize("body", ["", "{", "[]", '{"comments": {}}', '{"comments": 3}', "[" * 100_000, '{"other": []}', "\xff"])
def test_a_file_that_is_none_is_named_and_stops_nothing(tmp_path, body):
    comments = Comments({"odd": said(tmp_path, body.encode("latin-1"))})
    assert comments.of("odd") == Thread()
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


def test_feed_page_and_state_say_where_comments_are_taken(tmp_path):
    from lxml import etree

    show = make_show(tmp_path / "show")
    show.write("config.toml", show.config.read_text("utf-8") + '\n[site.comments]\nurl = "https://comments.small.example/comments"\n')
    for day, form in (("01", "open"), ("02", "closed"), ("03", "none")):
        show.episode(f"2026-05-{day}-{form}", date=f"2026-05-{day}T06:00:00Z", front=f'comment_form = "{form}"')
    assert show.publish("--yes", "--no-verify").status == 0
    files = tree(show.public)
    feed = etree.fromstring(files["feed.xml"])
    told = {item.findtext("link"): item.findtext("comments") for item in feed.iter("item")}
    link = "https://small.example/episodes/{}.html"
    assert told == {link.format(form): f"{link.format(form)}#comments" if form != "none" else None for form in ("open", "closed", "none")}
    pages = {form: html.fromstring(files[f"episodes/{form}.html"]) for form in ("open", "closed", "none")}
    assert [len(page.xpath("//form[@class='saying']")) for page in pages.values()] == [1, 0, 0]
    assert [len(page.xpath("//p[@class='closed']")) for page in pages.values()] == [0, 1, 0]
    assert [len(page.xpath("//*[@id='comments'] | //a[@href='#comments']")) for page in pages.values()] == [2, 2, 0]
