"""An episode is told once to each network, after the show was looked at, whatever is cut, repeated or done by two machines."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json

import pytest
from lxml import etree

from publisher.announce import follow_up
from publisher.core.errors import NotVerified
from tests.support.scripted_bluesky import DID, PASSWORD, POST
from tests.support.scripted_mastodon import TOKEN
from tests.support.scripted_network import Trouble
from tests.thread.conftest import SECRET

LINK = "https://small.example/episodes/new.html"
LATER = "2026-06-01T13:00:00+00:00"
PODCAST = "{https://podcastindex.org/namespace/1.0}"


def told(mastodon, bluesky, hook):
    """How often each network was told: what stands there, and how many documents came."""
    return len(mastodon.posts()), len(bluesky.posts()), len(hook.asked)


def test_a_new_episode_is_told_once_to_each_network_and_feed_and_page_lead_to_the_posts(posted, memory, mastodon, bluesky, hook):
    done = posted.run("--yes", "--json")
    assert done.status == 0, done.stderr
    assert told(mastodon, bluesky, hook) == (1, 1, 1), "and none of last month"
    (status,), (record,) = mastodon.posts(), bluesky.posts()
    assert status.text == f"New\n\nWhat it is about.\n\n{LINK}"
    assert (status.language, status.visibility, len(status.media)) == ("en", "public", 1)
    assert mastodon.media[status.media[0]]["description"] == "New · A Small Show"
    assert record.value["text"] == status.text
    assert record.value["langs"] == ["en"]
    card = record.value["embed"]["external"]
    assert (card["uri"], card["title"], card["description"]) == (LINK, "New", "What it is about.")
    assert card["thumb"]["mimeType"] == "image/jpeg"
    (facet,) = record.value["facets"]
    place = facet["index"]
    assert record.value["text"].encode()[place["byteStart"] : place["byteEnd"]].decode() == LINK
    addresses = [row["address"] for row in done.document["posts"]]
    assert addresses == [f"{mastodon.address}/@show/{status.id}", f"https://bsky.app/profile/{bluesky.handle}/post/{record.uri[-13:]}", ""]
    feed = etree.fromstring(memory.bytes_of("feed.xml"))
    (item,) = feed.xpath("//item[title='New']")
    found = [(node.get("protocol"), node.get("uri")) for node in item.iter(f"{PODCAST}socialInteract")]
    assert found == [("activitypub", addresses[0]), ("atproto", addresses[1])]
    assert addresses[0] in memory.bytes_of("episodes/new.html").decode()
    assert "socialInteract" not in etree.tostring(feed.xpath("//item[title='First']")[0]).decode()
    assert done.document["generation"] == 2
    again = posted.run("--yes", now=LATER)
    assert again.status == 0
    assert told(mastodon, bluesky, hook) == (1, 1, 1)


def test_the_document_is_signed_as_the_standard_says_and_tells_of_the_posts(posted, mastodon, hook):
    assert posted.run("--yes").status == 0
    (asked,) = hook.asked
    message, seconds = asked.headers["webhook-id"], asked.headers["webhook-timestamp"]
    expected = hmac.new(SECRET.encode(), f"{message}.{seconds}.".encode() + asked.body, hashlib.sha256).digest()
    assert asked.headers["webhook-signature"] == f"v1,{base64.b64encode(expected).decode()}"
    document = json.loads(asked.body)
    assert document["type"] == "episode.published"
    assert document["data"]["episode"]["page"] == LINK
    assert [row["network"] for row in document["data"]["posts"]] == ["mastodon", "bluesky"]
    assert document["data"]["posts"][0]["page"].startswith(mastodon.address)


def test_no_secret_is_said_kept_or_told_to_another_network(posted, memory, mastodon, bluesky, hook):
    mastodon.script("POST /api/v1/statuses", Trouble.SERVER_ERROR, for_ever=True)
    hook.answers = [(500, SECRET.encode(), {})]
    done = posted.run("--yes", "--json", "-v")
    kept = b"".join(body for _, body in sorted(memory.contents.items())) + done.stdout.encode() + done.stderr.encode()
    kept += b"".join(path.read_bytes() for path in posted.folder.rglob("*") if path.is_file())
    sent = {
        "mastodon": [(asked.headers, asked.body) for asked in mastodon.asked],
        "bluesky": [(asked.headers, asked.body) for asked in bluesky.asked],
        "webhook": [(asked.headers, asked.body) for asked in hook.asked],
    }
    for name, secret in (("mastodon", TOKEN), ("bluesky", PASSWORD), ("webhook", SECRET)):
        assert secret.encode() not in kept
        assert "key=hidden" not in done.stderr
        assert all(secret not in f"{asked}" for other, asked in sent.items() if other != name)


def test_a_dry_run_shows_the_words_and_asks_nobody(posted, mastodon, bluesky, hook):
    done = posted.run("--dry-run")
    assert done.status == 0
    assert (
        f"“new” would be told to Mastodon ({mastodon.address.partition('://')[2]}):\n  New\n\n  What it is about.\n\n  {LINK}"
        in done.stdout
    )
    rows = posted.run("--dry-run", "--json").document["posts"]
    assert [(row["slug"], row["network"]) for row in rows] == [("new", "mastodon"), ("new", "bluesky"), ("new", "webhook")]
    assert not (mastodon.asked or bluesky.asked or hook.asked)


def test_who_says_no_announce_is_told_nothing_later_either(posted, mastodon, bluesky, hook):
    assert posted.run("--yes", "--no-announce").status == 0
    assert posted.run("--yes", now=LATER).status == 0
    assert told(mastodon, bluesky, hook) == (0, 0, 0)


def test_an_imported_show_tells_of_nothing_that_is_old(posted, mastodon, bluesky, hook):
    posted.remove("2026-06-01-new")
    for number in range(30):
        posted.episode(f"2026-04-{number + 1:02}-old-{number}", date=f"2026-04-{number + 1:02}T06:00:00+02:00")
    assert posted.run("--yes").status == 0
    assert told(mastodon, bluesky, hook) == (0, 0, 0)


def test_nothing_is_told_before_somebody_looked(posted, monkeypatch, mastodon, bluesky, hook):
    done = posted.publish("--yes")
    assert done.status == 0
    assert "nothing is posted before" in done.stderr
    with monkeypatch.context() as patch:

        def wrong(*_):
            raise NotVerified("it is not right")

        patch.setattr(follow_up, "_verify", wrong)
        assert posted.run("--yes").status == 6
    assert told(mastodon, bluesky, hook) == (0, 0, 0)
    assert posted.run("--yes").status == 0
    assert told(mastodon, bluesky, hook) == (1, 1, 1)


FAILING = {
    "it wants no more": (Trouble.RATE_LIMITED, "it answers 429"),
    "its token is no longer good": (Trouble.EXPIRED, "expired"),
    "it is out of order": (Trouble.SERVER_ERROR, "it answers 50"),
    "it hangs up before": (Trouble.HANG_UP_BEFORE, "nobody can tell"),
    "a page answers": (Trouble.NONSENSE, "its answer is no JSON"),
}


@pytest.mark.parametrize("name", FAILING)
@pytest.mark.parametrize("network", ["mastodon", "bluesky"])
def test_a_network_that_fails_is_a_warning_and_is_made_up_for(posted, mastodon, bluesky, hook, network, name):
    trouble, words = FAILING[name]
    server, call = (mastodon, "POST /api/v1/statuses") if network == "mastodon" else (bluesky, "POST /xrpc/com.atproto.repo.putRecord")
    server.script(call, trouble, for_ever=True)
    done = posted.run("--yes")
    assert done.status == 0, done.stderr
    assert words in done.stderr.replace("has expired", "expired")
    assert len(server.posts()) == 0
    assert len(mastodon.posts()) + len(bluesky.posts()) == 1, "the other one is told"
    server.heal()
    again = posted.run("--yes", now=LATER)
    assert again.status == 0, again.stderr
    assert told(mastodon, bluesky, hook) == (1, 1, 1)


@pytest.mark.parametrize("trouble", [Trouble.HANG_UP_AFTER, Trouble.ERROR_AFTER])
@pytest.mark.parametrize("forgets", [False, True], ids=["at once", "an hour later"])
@pytest.mark.parametrize("network", ["mastodon", "bluesky"])
def test_a_post_whose_answer_is_lost_is_found_and_not_repeated(posted, mastodon, bluesky, hook, network, forgets, trouble):
    server, call = (mastodon, "POST /api/v1/statuses") if network == "mastodon" else (bluesky, "POST /xrpc/com.atproto.repo.putRecord")
    server.script(call, trouble, for_ever=forgets)
    assert posted.run("--yes").status == 0
    if forgets:
        mastodon.forget_keys()
        server.heal()
    assert posted.run("--yes", now=LATER).status == 0
    assert told(mastodon, bluesky, hook) == (1, 1, 1)
    if network == "bluesky":
        assert bluesky.posts()[0].uri.startswith(f"at://{DID}/{POST}/")


def test_a_document_whose_answer_is_lost_is_never_repeated_by_itself(posted, mastodon, bluesky, hook):
    hook.answers = [(504, b"", {})]
    done = posted.run("--yes")
    assert "nobody can tell whether “new” was told to the webhook" in done.stderr
    hook.answers = [(200, b"", {})]
    again = posted.run("--yes", now=LATER)
    assert again.status == 0
    assert "nobody can tell" not in again.stderr
    assert told(mastodon, bluesky, hook) == (1, 1, 1)
    asked = posted.run("announce", "new", "--yes", now=LATER)
    assert asked.status == 0, asked.stderr
    assert told(mastodon, bluesky, hook) == (1, 1, 2)
    assert hook.asked[0].headers["webhook-id"] == hook.asked[1].headers["webhook-id"]


def test_a_document_that_is_refused_comes_again(posted, mastodon, bluesky, hook):
    hook.answers = [(401, b"", {}), (200, b"", {})]
    assert posted.run("--yes").status == 0
    assert posted.run("--yes", now=LATER).status == 0
    assert told(mastodon, bluesky, hook) == (1, 1, 2)
    assert posted.run("--yes", now=LATER).status == 0
    assert told(mastodon, bluesky, hook) == (1, 1, 2)
