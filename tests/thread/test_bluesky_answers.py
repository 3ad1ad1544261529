"""What the AppView tells below a post, good and bad: the shapes are those of app.bsky.feed.defs and app.bsky.feed.getPostThread."""

from __future__ import annotations

from typing import Any

import pytest

from publisher.state.published_episodes import Post
from publisher.thread.bluesky_answers import is_gone, read_thread, thread_address

ROOT = "at://did:plc:show/app.bsky.feed.post/root"
POST = Post(network="bluesky", status="posted", at="2026-06-01T12:00:00Z", host="bsky.social", id=ROOT)


def view(did: str, key: str, text: str = "Hello", replies: tuple[Any, ...] = (), **more: Any) -> dict[str, Any]:
    uri = f"at://{did}/app.bsky.feed.post/{key}"
    record = {"$type": "app.bsky.feed.post", "text": text, "createdAt": "2026-06-01T12:01:00.000Z"} | more.pop("record", {})
    author = {"did": did, "handle": "ada.example", "displayName": "Ada"} | more.pop("author", {})
    return {
        "post": {"uri": uri, "author": author, "record": record, "indexedAt": "2026-06-01T12:02:00.000Z", **more},
        "replies": list(replies),
    }


def thread(*replies: Any, **more: Any) -> dict[str, Any]:
    return {"thread": {"post": {"uri": ROOT, "author": {"did": "did:plc:show"}, "record": {}}, "replies": list(replies)}, **more}


def texts(found: Any) -> list[str]:
    return sorted(answer.text for answer in read_thread(found, POST) or ())


def test_the_address_that_is_asked() -> None:
    address = thread_address(POST, "https://public.api.bsky.app")
    assert address == (
        "https://public.api.bsky.app/xrpc/app.bsky.feed.getPostThread"
        "?uri=at%3A%2F%2Fdid%3Aplc%3Ashow%2Fapp.bsky.feed.post%2Froot&depth=100&parentHeight=0"
    )
    assert thread_address(Post(network="bluesky", status="posted", at="", id="at://x/y&z"), "https://a.example") == ""


def test_answers_to_answers_keep_what_they_answer_and_the_show_is_marked() -> None:
    deep = view("did:plc:show", "c", "Third")
    found = {
        answer.text: answer
        for answer in read_thread(thread(view("did:plc:a", "a", "First", (view("did:plc:b", "b", "Second", (deep,)),))), POST) or ()
    }
    assert [found[text].reply_to for text in ("First", "Second", "Third")] == ["", found["First"].id, found["Second"].id]
    assert [found[text].by_show for text in ("First", "Second", "Third")] == [False, False, True]
    assert (found["First"].address, found["First"].handle) == ("https://bsky.app/profile/did:plc:a/post/a", "ada.example")


@pytest.mark.parametrize("where", ["answer", "post"])
def test_what_the_show_hid_is_hidden_with_all_below_it(where: str) -> None:
    gate = {"record": {"hiddenReplies": ["at://did:plc:a/app.bsky.feed.post/a", 5]}}
    found = thread(view("did:plc:a", "a", "Rude", (view("did:plc:b", "b", "Below"),)), view("did:plc:c", "c", "Kind"))
    if where == "answer":
        found["threadgate"] = gate
    else:
        found["thread"]["post"]["threadgate"] = gate
    assert texts(found) == ["Kind"]


@pytest.mark.parametrize("label", ["!no-unauthenticated", "!hide", "!takedown", "spam"])
@pytest.mark.parametrize("of", ["author", "post"])
def test_labels_keep_an_answer_away_and_what_is_taken_back_does_not(label: str, of: str) -> None:
    def labelled(**more: Any) -> dict[str, Any]:
        labels = [{"val": label, **more}]
        return view(
            "did:plc:a",
            "a",
            "Labelled",
            (view("did:plc:b", "b", "Below"),),
            **({"author": {"labels": labels}} if of == "author" else {"labels": labels}),
        )

    assert texts(thread(labelled())) == ["Below"]
    assert texts(thread(labelled(neg=True))) == ["Below", "Labelled"]


def test_an_author_who_is_not_whose_repository_it_is_is_left_out() -> None:
    forged = view("did:plc:a", "a", "Forged", author={"did": "did:plc:somebody"})
    odd = [
        None,
        7,
        [],
        {},
        {"post": []},
        {"notFound": True, "uri": "at://x"},
        {"blocked": True},
        view("javascript:", "x"),
        view("did:plc:a", "../x"),
    ]
    assert texts(thread(forged, *odd, view("did:plc:b", "b", "Sound"))) == ["Sound"]


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("2026-06-01T12:01:00.000Z", "2026-06-01T12:01:00Z"),
        ("2026-06-01T14:01:30+02:00", "2026-06-01T12:01:30Z"),
        ("1970-01-01T00:00:00Z", "2026-06-01T12:02:00Z"),
        ("2099-01-01T00:00:00Z", "2026-06-01T12:02:00Z"),
        ("soon", "2026-06-01T12:02:00Z"),
        (None, "2026-06-01T12:02:00Z"),
    ],
)
def test_a_time_that_its_author_made_up_is_the_one_at_which_it_was_seen(written: object, shown: str) -> None:
    (answer,) = read_thread(thread(view("did:plc:a", "a", record={"createdAt": written})), POST) or ()
    assert answer.date == shown


@pytest.mark.parametrize(
    ("index", "uri", "shown"),
    [
        ({"byteStart": 4, "byteEnd": 11}, "https://a.example/whole", "Üh https://a.example/whole so"),
        ({"byteStart": 4, "byteEnd": 99}, "https://a.example/whole", "Üh a.exam… so"),
        ({"byteStart": -4, "byteEnd": 2}, "https://a.example/whole", "Üh a.exam… so"),
        ({"byteStart": True, "byteEnd": None}, "https://a.example/whole", "Üh a.exam… so"),
        ({"byteStart": 4, "byteEnd": 11}, "javascript:alert(1)", "Üh a.exam… so"),
    ],
)
def test_a_shortened_link_shows_its_whole_address(index: dict[str, object], uri: str, shown: str) -> None:
    text = "Üh a.exam… so"
    index = {**index, "byteEnd": 13} if index.get("byteEnd") == 11 else index
    facet = {"index": index, "features": [{"$type": "app.bsky.richtext.facet#link", "uri": uri}]}
    assert texts(thread(view("did:plc:a", "a", text, record={"facets": [facet, "x", {}]}))) == [shown]


@pytest.mark.parametrize("found", [None, [], {}, {"thread": []}, {"thread": {"post": {"uri": "at://another"}}}])
def test_what_is_no_thread_below_this_post_is_none(found: object) -> None:
    assert read_thread(found, POST) is None


@pytest.mark.parametrize(
    ("found", "gone"),
    [
        ({"error": "NotFound"}, True),
        ({"thread": {"notFound": True}}, True),
        ({"thread": {"blocked": True}}, True),
        ({"thread": {}}, False),
        ([], False),
    ],
)
def test_a_post_that_is_gone_is_known(found: object, gone: bool) -> None:
    assert is_gone(found) is gone
