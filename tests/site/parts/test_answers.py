"""Answers from social networks: cleaned, bounded, in the order of time, among the comments; published as they are, and never dropped."""

import json

import pytest
from lxml import html

from feed.text_cleaning import read_json
from publisher.core.errors import StorageError
from publisher.site.parts.answers import LARGEST_FILE, MAX_ANSWERS, AnswerFile, as_comments, bounded, clean, read_answers, written
from publisher.site.parts.comments import merged, read_comments
from tests.support.show_factory import make_show, tree

POST = {"network": "mastodon", "address": "https://social.example/@show/1"}


def row(number: int, **values: object) -> dict[str, object]:
    return {
        "id": f"a{number}",
        "network": "mastodon",
        "name": f"Ada {number}",
        "handle": "ada@social.example",
        "profile": "https://social.example/@ada",
        "address": f"https://social.example/@ada/{number}",
        "text": f"Answer {number}.",
        "date": f"2026-05-22T08:{number // 60:02}:{number % 60:02}Z",
    } | values


def body(*rows: object, slug: str = "first", **values: object) -> bytes:
    return json.dumps({"episode": slug, "posts": [POST], "answers": rows} | values).encode()


def read(*rows: object, **values: object) -> AnswerFile:
    found = read_answers(body(*rows, **values), "first")
    assert found is not None
    return found


def shape(comments: object) -> list[object]:
    return [[one.id, shape(one.answers)] if one.answers else one.id for one in comments]


def test_a_file_is_the_same_after_it_was_read():
    first = read(row(2), row(1, by_show=True, warning="spoiler"), hidden=["a9"])
    assert [answer.id for answer in first.answers] == ["a1", "a2"]
    assert (first.posts, first.hidden) == ((("mastodon", POST["address"]),), ("a9",))
    again = read_answers(written(first), "first")
    assert (again, written(again)) == (first, written(first))


@pytest.mark.parametrize(
    "wrong",
    [
        {"id": ""},
        {"id": 'x" onload="'},
        {"id": 5},
        {"text": ""},
        {"text": " \n\n "},
        {"text": 7},
        {"date": "soon"},
        {"date": "2026-05-22T08:00:00"},
        {"date": "9999-12-31T23:59:59-23:59"},
        {"address": "javascript:alert(1)"},
        {"address": "https://a.example/\u202etxt"},
        {"address": "https://user:secret@a.example/1"},
        {"address": 'https://a.example/"><script>'},
        {"address": "https://a.example/" + "x" * 1000},
        {"network": "<b>"},
    ],
)
def test_what_has_no_text_no_time_or_no_place_is_none(wrong):
    assert clean(row(1, **wrong)) is None


def test_names_handles_and_profiles_cannot_play_tricks():
    found = clean(
        row(
            1,
            name="\u202eevil\u2066 \u200b" + "n" * 100_000,
            handle='ada"><script>',
            profile="javascript:alert(1)",
            warning="w" * 9000,
            text="a\u202eb" + "t" * 100_000,
            reply_to="a1",
        )
    )
    assert found is not None
    assert (found.name, found.handle, found.profile, found.reply_to) == ("evil " + "n" * 45, "", "", "")
    assert (len(found.warning), len(found.text), found.text[:2]) == (200, 5000, "ab")


def test_the_newest_five_hundred_of_five_thousand_stay():
    found = read(*(row(number, date=f"2026-05-22T{number // 3600:02}:{number // 60 % 60:02}:{number % 60:02}Z") for number in range(5000)))
    assert [answer.id for answer in found.answers] == [f"a{number}" for number in range(5000 - MAX_ANSWERS, 5000)]


def test_a_file_never_grows_beyond_what_a_show_takes():
    rows = [clean(row(number, text="\U0001f600" * 5000)) for number in range(MAX_ANSWERS)]
    kept = bounded(one for one in rows if one is not None)
    assert kept[-1].id == f"a{MAX_ANSWERS - 1}"
    assert LARGEST_FILE - 30_000 < len(written(AnswerFile(episode="first", answers=kept))) < LARGEST_FILE + 200_000


def test_hidden_ones_are_left_out_by_id_or_by_address():
    found = read(row(1), row(2), row(3), hidden=["a1", "https://social.example/@ada/3", 5, ""])
    assert [answer.id for answer in found.answers] == ["a2"]


def test_an_answer_stands_below_the_first_of_its_row_however_deep_it_is():
    deep = [row(number, reply_to=f"a{number - 1}") for number in range(1, 400)]
    assert shape(as_comments(read(row(0), *deep).answers)) == [["a0", [f"a{number}" for number in range(1, 400)]]]
    assert shape(as_comments(read(row(1, reply_to="gone"), row(2, reply_to="a1")).answers)) == [["a1", ["a2"]]]
    late_head = read(row(1, reply_to="a2"), row(2))
    assert shape(as_comments(late_head.answers)) == [["a2", ["a1"]]]


def test_a_circle_begins_with_its_oldest():
    found = read(row(1, reply_to="a2"), row(2, reply_to="a3"), row(3, reply_to="a1"), row(4, reply_to="a3"))
    assert shape(as_comments(found.answers)) == [["a1", ["a2", "a3", "a4"]]]


def test_answers_stand_among_the_comments_by_time():
    here = read_comments(
        [
            {"id": "c0", "text": "no time"},
            {"id": "c1", "text": "x", "date": "2026-05-22T10:00:05+02:00"},
            {"id": "c2", "text": "no time"},
            {"id": "c3", "text": "x", "date": "2026-05-22 08:00:20"},
            {"id": "c4", "text": "x", "date": "2026-05-23"},
        ]
    )
    found = merged(here, as_comments(read(row(1), row(5), row(6), row(20), row(21)).answers))
    assert shape(found) == ["c0", "a1", "c1", "c2", "a5", "a6", "c3", "a20", "a21", "c4"]
    assert shape(merged((), as_comments(read(row(1)).answers))) == ["a1"]


@pytest.mark.parametrize(
    "raw", [b"", b"{", b"[]", b"\xff", b"[" * 99_999, b'{"episode": "other", "answers": []}', b'{"episode": "first", "answers": {}}']
)
def test_what_is_no_such_file_is_none(raw):
    assert read_answers(raw, "first") is None


HOSTILE = row(
    7,
    name="<script>alert(1)</script>",
    text='<img src=x onerror=alert(1)> https://evil.example/"onmouseover=alert(1) **loud** javascript:alert(1)',
    warning="</summary><script>",
)


def test_answers_stand_in_the_static_page_with_name_place_and_time(tmp_path):
    show = make_show(tmp_path / "show")
    show.episode()
    show.write(
        "comments/first.json", json.dumps({"comments": [{"id": "c", "name": "Cy", "text": "Here.", "date": "2026-05-22T08:00:02Z"}]})
    )
    show.write("comments/first.social.json", body(row(1), row(3, reply_to="a1", by_show=True), HOSTILE).decode())
    assert show.publish("--yes").status == 0
    files = tree(show.public)
    page = html.fromstring(files["episodes/first.html"])
    rows = page.xpath("//ol[@id='thread']/li")
    assert [one.get("id") for one in rows] == ["comment-a1", "comment-c", "comment-a7"]
    assert rows[0].xpath("./p[@class='soft']//a/@href") == ["https://social.example/@ada", "https://social.example/@ada/1"]
    assert "".join(rows[0].xpath("./p[1]")[0].itertext()).split() == [
        "A1",
        "Ada",
        "1",
        "@ada@social.example",
        "·",
        "May",
        "22,",
        "2026",
        "·",
        "Mastodon",
    ]
    assert rows[0].xpath("./ol/li//span[@class='badge']/text()") == ["From the show"]
    assert rows[2].xpath(".//details/summary/text()") == ["</summary><script>"]
    assert rows[2].xpath(".//p[@dir]//a/@href") == ["https://evil.example/"]
    assert rows[2].xpath(".//p[@dir]//strong/text()") == ["loud"]
    section = page.xpath("//section[@id='comments']")[0]
    assert not section.xpath(".//script|.//img|.//*[@onerror or @onmouseover]")
    assert {link.get("rel") for link in section.xpath(".//li//a[@href]")} == {"nofollow ugc noopener"}
    assert page.xpath("//a[@data-count]/text()") == ["4 comments"]
    kept = read_json(files["comments/first.social.json"])
    assert [answer["id"] for answer in kept["answers"]] == ["a1", "a3", "a7"]


def test_a_checkout_without_the_file_keeps_what_was_published(tmp_path):
    show = make_show(tmp_path / "show")
    show.episode()
    show.write("comments/first.social.json", body(row(1)).decode())
    assert show.publish("--yes").status == 0
    (show.folder / "comments/first.social.json").unlink()
    before = tree(show.public)
    assert show.publish("--yes").status == 0
    assert tree(show.public)["episodes/first.html"] == before["episodes/first.html"]
    show.episode(title="Another title")
    assert show.publish("--yes").status == 0
    after = tree(show.public)
    assert b"Another title" in after["episodes/first.html"]
    assert html.fromstring(after["episodes/first.html"]).xpath("//li[@id='comment-a1']")
    assert after["comments/first.social.json"] == before["comments/first.social.json"]
    assert show.run("build", "--out", str(tmp_path / "built")).status == 0
    assert (tmp_path / "built/comments/first.social.json").read_bytes() == before["comments/first.social.json"]


def test_answers_that_the_storage_lost_stay_on_the_page_and_are_told_until_the_file_is_back(tmp_path):
    show = make_show(tmp_path / "show")
    show.episode()
    show.write("comments/first.social.json", body(row(1)).decode())
    assert show.publish("--yes").status == 0
    (show.folder / "comments/first.social.json").unlink()
    (show.public / "comments/first.social.json").unlink()
    outcome = show.run("--repair", "--yes", "--no-verify")
    assert outcome.status == 6
    assert "comments/first.social.json: it cannot be made again" in outcome.stderr
    assert b"comment-a1" in tree(show.public)["episodes/first.html"]
    show.write("comments/first.social.json", body(row(1)).decode())
    assert show.run("--repair", "--yes", "--no-verify").status == 0
    assert read_json(tree(show.public)["comments/first.social.json"])["answers"]


def test_an_old_checkout_brings_no_old_answers_back(tmp_path):
    show = make_show(tmp_path / "show")
    show.episode()
    old = body(row(1), row(2), changed="2026-05-22T09:00:00Z").decode()
    show.write("comments/first.social.json", body(row(1), row(2), row(3), changed="2026-06-01T09:00:00Z").decode())
    assert show.publish("--yes").status == 0
    published = tree(show.public)["comments/first.social.json"]
    show.write("comments/first.social.json", old)
    show.episode(title="Another title")
    assert show.publish("--yes").status == 0
    assert tree(show.public)["comments/first.social.json"] == published
    assert html.fromstring(tree(show.public)["episodes/first.html"]).xpath("//li[@id='comment-a3']")
    show.write("comments/first.social.json", json.dumps({**json.loads(old), "hidden": ["a2"]}))
    assert show.publish("--yes").status == 0
    kept = read_json(tree(show.public)["comments/first.social.json"])
    assert ([answer["id"] for answer in kept["answers"]], kept["hidden"]) == (["a1", "a3"], ["a2"])


def test_what_was_taken_out_by_hand_is_out(tmp_path):
    show = make_show(tmp_path / "show")
    show.episode()
    show.write("comments/first.social.json", body(row(1), row(2), changed="2026-05-22T09:00:00Z").decode())
    assert show.publish("--yes").status == 0
    show.write("comments/first.social.json", body(row(2), changed="2026-05-22T09:00:00Z").decode())
    assert show.publish("--yes").status == 0
    assert [answer["id"] for answer in read_json(tree(show.public)["comments/first.social.json"])["answers"]] == ["a2"]


def test_a_file_that_is_none_is_told_and_what_was_published_stays(tmp_path):
    show = make_show(tmp_path / "show")
    show.episode()
    show.write("comments/first.social.json", body(row(1)).decode())
    assert show.publish("--yes").status == 0
    before = tree(show.public)
    show.write("comments/first.social.json", "<<<<<<< HEAD")
    outcome = show.run("--yes", "--json")
    assert [found["file"] for found in outcome.findings("comments-unreadable")] == ["comments/first.social.json"]
    assert tree(show.public)["comments/first.social.json"] == before["comments/first.social.json"]


def test_the_answers_to_an_episode_that_was_taken_down_are_nowhere(tmp_path):
    show = make_show(tmp_path / "show")
    show.episode()
    show.episode("2026-05-08-second", date="2026-05-08T06:00:00Z")
    show.write("comments/first.social.json", body(row(1)).decode())
    assert show.publish("--yes").status == 0
    assert show.run("withdraw", "first", "--yes").status == 0
    assert read_json(tree(show.public)["comments/first.social.json"])["answers"] == []


POSTS = """
fediverse = "https://social.example/@show/1"
social = [
  {protocol = "atproto", uri = "at://did:plc:abc/app.bsky.feed.post/3k"},
  {protocol = "activitypub", uri = "https://social.example/@show/1"},
  {protocol = "nostr", uri = "javascript:alert(1)"},
]
"""


def test_the_page_leads_to_each_post_that_is_named(tmp_path):
    show = make_show(tmp_path / "show")
    show.episode(front=POSTS.strip())
    assert show.publish("--yes").status == 0
    page = html.fromstring(tree(show.public)["episodes/first.html"])
    links = page.xpath("//div[@class='elsewhere']//a")
    assert [(link.text, link.get("href")) for link in links] == [
        ("social.example", "https://social.example/@show/1"),
        ("bsky.app", "https://bsky.app/profile/did:plc:abc/post/3k"),
    ]
    assert page.xpath("//div[@class='elsewhere']//input/@value") == [link.get("href") for link in links]
    assert page.xpath("//div[@class='elsewhere']/p[@class='soft']/text()")


def test_a_build_without_a_network_has_what_lies_here(tmp_path, memory):
    show = make_show(tmp_path / "show", storage="s3://memory")
    show.episode()
    show.write("comments/first.social.json", body(row(1)).decode())
    outcome = show.publish("--yes")
    assert outcome.status == 0, outcome.stderr
    (show.folder / "comments/first.social.json").unlink()
    show.episode(title="Another title")
    assert show.run("build", "--out", str(tmp_path / "built")).status == 0
    assert b"comment-a1" in (tmp_path / "built/episodes/first.html").read_bytes()
    memory.read = unreachable
    outcome = show.run("build", "--out", str(tmp_path / "offline"))
    assert outcome.status == 0, outcome.stderr
    assert b"comment-a1" not in (tmp_path / "offline/episodes/first.html").read_bytes()


def unreachable(*_asked: object, **_known: object) -> None:
    raise StorageError("the storage does not answer", code="storage-unreachable")
