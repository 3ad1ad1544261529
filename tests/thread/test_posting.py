"""An episode is told once to each network, after the show was looked at, whatever is cut, repeated or done by two machines."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from dataclasses import replace

import pytest
from lxml import etree

from publisher.announce import follow_up
from publisher.core.errors import NotVerified, StorageError
from publisher.core.layout import STATE_KEY
from publisher.load.config_reader import read_config
from publisher.state.posts import with_post
from publisher.state.published_episodes import Post
from publisher.sync.apply import commit
from publisher.thread import calls
from publisher.workspace import Workspace
from tests.support.scripted_bluesky import PASSWORD
from tests.support.scripted_mastodon import TOKEN
from tests.support.scripted_network import Trouble
from tests.thread.conftest import AT, SECRET, around

LINK = "https://small.example/episodes/new.html"
LATER = "2026-06-01T13:00:00+00:00"
PODCAST = "{https://podcastindex.org/namespace/1.0}"
CALL = {"mastodon": "POST /api/v1/statuses", "bluesky": "POST /xrpc/com.atproto.repo.putRecord"}


# the whole command


def test_a_new_episode_is_told_once_to_each_network_and_feed_and_page_lead_to_the_posts(posted, memory, networks):
    with_hubs = f'[feed]\nhubs = ["{networks.hook.address}/hub"]\n'
    posted.write("config.toml", posted.config.read_text() + with_hubs)
    done = posted.run("--yes", "--json")
    assert done.status == 0, done.stderr
    assert networks.told == (1, 1, 2), "and none of last month"
    assert [asked.path for asked in networks.hook.asked] == ["/hook", "/hub"], "hubs hear once, of the feed that leads to the posts"
    (status,), (record,) = networks.mastodon.posts(), networks.bluesky.posts()
    assert status.text == f"New\n\nWhat it is about.\n\n{LINK}"
    assert (status.language, status.visibility, len(status.media)) == ("en", "public", 1)
    assert networks.mastodon.media[status.media[0]]["description"] == "New · A Small Show"
    assert record.value["text"] == status.text
    assert record.value["langs"] == ["en"]
    card = record.value["embed"]["external"]
    assert (card["uri"], card["title"], card["description"]) == (LINK, "New", "What it is about.")
    assert card["thumb"]["mimeType"] == "image/jpeg"
    (facet,) = record.value["facets"]
    place = facet["index"]
    assert record.value["text"].encode()[place["byteStart"] : place["byteEnd"]].decode() == LINK
    addresses = [row["address"] for row in done.document["posts"]]
    shown = f"https://bsky.app/profile/{networks.bluesky.handle}/post/{record.uri[-13:]}"
    assert addresses == [f"{networks.mastodon.address}/@show/{status.id}", shown, ""]
    feed = etree.fromstring(memory.bytes_of("feed.xml"))
    (item,) = feed.xpath("//item[title='New']")
    found = [(node.get("protocol"), node.get("uri")) for node in item.iter(f"{PODCAST}socialInteract")]
    assert found == [("activitypub", addresses[0]), ("atproto", addresses[1])]
    assert all(address in memory.bytes_of("episodes/new.html").decode() for address in addresses)
    assert "socialInteract" not in etree.tostring(feed.xpath("//item[title='First']")[0]).decode()
    assert done.document["generation"] == 2
    posted.configure("[announce.mastodon]\n", '[announce.mastodon]\ntext = "Other words: {link}"\n')
    posted.edit("2026-06-01-new", "What it is about.", "Other notes.")
    assert posted.run("--yes", now=LATER).status == 0
    assert networks.told == (1, 1, 3), "other words make no other post"


def test_a_storage_that_forgot_everything_takes_posts_over_from_the_feed_and_tells_nobody_again(posted, memory, networks, monkeypatch):
    from publisher.adoption import without_state
    from publisher.adoption.served_feed import LiveFeed

    shown = networks.mastodon.address
    assert posted.run("--yes").status == 0
    feed = memory.bytes_of("feed.xml").replace(shown.encode(), b"https://social.example")
    there = memory.memorize()
    memory.go_back({})
    monkeypatch.setattr(without_state, "served_feed", lambda *_: LiveFeed("https://small.example/feed.xml", feed, online=True))
    asked = posted.run("--yes", now=LATER)
    assert asked.status == 0, asked.stderr
    assert networks.told == (1, 1, 1)
    item = etree.fromstring(memory.bytes_of("feed.xml")).xpath("//item[title='New']")[0]
    found = [node.get("uri") for node in item.iter(f"{PODCAST}socialInteract")]
    assert len(found) == 2
    assert found[0].startswith("https://social.example/@show/")
    memory.go_back({key: kept for key, kept in there.items() if not key.startswith(".airdate/")})
    asked = posted.run("--yes", "--force", "adopt", "--force", "overwrite", now=LATER)
    assert asked.status == 0, asked.stderr
    assert networks.told == (1, 1, 1), "nobody can tell what the feed that lay there was"


def test_a_show_without_networks_loads_nothing_of_them(show):
    done = show.program("--no-verify", "--yes", code="print(*sorted(name for name in sys.modules if name.startswith('publisher.thread')))")
    assert done.status == 0, done.stderr
    assert done.stdout.splitlines()[-1] == "publisher.thread"


def test_what_is_written_wins_over_a_post_of_ours(posted, memory, networks):
    posted.edit("2026-06-01-new", "guid", 'fediverse = "https://social.example/@me/1"\nguid')
    assert posted.run("--yes").status == 0
    item = etree.fromstring(memory.bytes_of("feed.xml")).xpath("//item[title='New']")[0]
    found = [(node.get("protocol"), node.get("uri")) for node in item.iter(f"{PODCAST}socialInteract")]
    assert found[0] == ("activitypub", "https://social.example/@me/1")
    assert [protocol for protocol, _ in found] == ["activitypub", "atproto"]


def test_a_dry_run_shows_the_words_and_asks_nobody(posted, networks):
    done = posted.run("--dry-run")
    assert done.status == 0
    host = networks.mastodon.address.partition("://")[2]
    assert f"“new” would be posted on Mastodon ({host}):\n  New\n\n  What it is about.\n\n  {LINK}" in done.stdout
    rows = posted.run("--dry-run", "--json").document["posts"]
    assert [(row["slug"], row["network"]) for row in rows] == [("new", "mastodon"), ("new", "bluesky"), ("new", "webhook")]
    assert not networks.asked


def test_who_says_no_announce_is_told_nothing_later_either(posted, networks):
    assert posted.run("--yes", "--no-announce").status == 0
    assert posted.run("--yes", now=LATER).status == 0
    assert networks.told == (0, 0, 0)


def test_an_imported_show_tells_of_nothing_that_is_old_until_somebody_asks(posted, networks):
    posted.remove("2026-06-01-new")
    for number in range(30):
        posted.episode(f"2026-04-{number + 1:02}-old-{number}", date=f"2026-04-{number + 1:02}T06:00:00+02:00")
    done = posted.run("--yes")
    assert done.status == 0
    assert "31 episodes are older than a day, so no network is told of them" in done.stderr
    assert networks.told == (0, 0, 0)
    asked = posted.run("announce", "old-3", "--yes")
    assert asked.status == 0, asked.stderr
    assert networks.told == (1, 1, 1)
    assert "old-3" in networks.mastodon.posts()[0].text
    assert "Every network has “old-3” already" in posted.run("announce", "old-3", "--yes").stderr
    assert networks.told == (1, 1, 1)
    assert posted.run("announce", "nonsense", "--yes").status == 2
    assert posted.run("withdraw", "old-4", "--yes", "--no-verify").status == 0
    posted.remove("2026-04-06-old-5")
    assert posted.run("--yes", "--force", "remove=old-5").status == 0
    for gone in ("old-4", "old-5"):
        refused = posted.run("announce", gone, "--yes")
        assert refused.status == 2 and f"no episode `{gone}` is published" in refused.stderr
    assert networks.told == (1, 1, 1)


def test_an_episode_that_comes_late_is_posted_nowhere_and_a_line_says_so_once(posted, networks):
    assert posted.run("--yes").status == 0
    posted.episode("2026-05-20-late", date="2026-05-20T06:00:00+02:00")
    assert "`publish announce late` does it" in posted.run("--yes").stderr
    assert "older than a day" not in posted.run("--yes", "--no-announce").stderr
    assert networks.told == (1, 1, 1)


def test_an_episode_is_new_for_a_day_and_not_a_second_longer(posted):
    posted.episode("2026-05-31-within", date="2026-05-31T12:00:00Z")
    posted.episode("2026-05-31-beyond", date="2026-05-31T11:59:59Z")
    done = posted.run("--yes", "--dry-run", "--json")
    told = {row["slug"] for row in done.document["posts"]}
    assert "within" in told
    assert "beyond" not in told


def test_nothing_is_told_before_somebody_looked_nor_by_a_rollback(posted, monkeypatch, networks):
    done = posted.publish("--yes")
    assert done.status == 0
    assert "nothing is posted before" in done.stderr
    with monkeypatch.context() as patch:

        def wrong(*_):
            yield
            raise NotVerified("it is not right")

        patch.setattr(follow_up, "_verify", wrong)
        posted.edit("2026-05-01-first", "Some notes.", "Other notes.")
        assert posted.run("--yes").status == 6
    assert posted.run("rollback", "--yes").status == 0
    assert posted.run("--yes").status == 5, "it is held"
    assert not networks.asked
    assert posted.run("--yes", "--force", "resume").status == 0
    assert networks.told == (1, 1, 1)


def test_a_quiet_publish_is_none_while_a_post_is_owed(posted, networks, monkeypatch):
    monkeypatch.delenv("MASTODON_TOKEN")
    for _ in range(3):
        assert posted.run("--yes").status == 0
    assert networks.told == (0, 1, 1)
    monkeypatch.setenv("MASTODON_TOKEN", TOKEN)
    assert posted.run("--yes").status == 0
    assert networks.told == (1, 1, 1)


def test_a_token_goes_to_no_other_host_until_somebody_says_so(posted, networks, monkeypatch):
    assert posted.run("--yes").status == 0
    posted.configure(networks.mastodon.address, "http://localhost:9")
    posted.episode("2026-06-02-next", date="2026-06-01T13:30:00+02:00")
    refused = posted.run("--yes", now=LATER)
    assert refused.status == 5
    assert "--force host=mastodon" in refused.stderr
    assert networks.told == (1, 1, 1)
    posted.configure("http://localhost:9", networks.mastodon.address.replace("127.0.0.1", "localhost"))
    assert posted.run("--yes", "--force", "host=mastodon", now=LATER).status == 0
    assert networks.told == (2, 2, 2)
    assert posted.run("--yes", now=LATER).status == 0, "it is the one from now on"


def test_a_moved_account_is_said_once_also_where_nothing_is_owed(posted, networks):
    assert posted.run("--yes").status == 0
    posted.configure(networks.mastodon.address, networks.mastodon.address.replace("127.0.0.1", "localhost"))
    assert posted.run("--yes", now=LATER).status == 5
    assert posted.run("--yes", "--force", "host=mastodon", now=LATER).status == 0
    assert posted.run("--yes", now=LATER).status == 0
    assert networks.told == (1, 1, 1)


# posting alone


def test_the_document_is_signed_as_the_standard_says_and_tells_of_the_posts(owing):
    owing.post()
    (asked,) = owing.networks.hook.asked
    message, seconds = asked.headers["webhook-id"], asked.headers["webhook-timestamp"]
    expected = hmac.new(SECRET.encode(), f"{message}.{seconds}.".encode() + asked.body, hashlib.sha256).digest()
    assert asked.headers["webhook-signature"] == f"v1,{base64.b64encode(expected).decode()}"
    document = json.loads(asked.body)
    assert document["type"] == "episode.published"
    assert document["data"]["episode"]["page"] == LINK
    assert [row["network"] for row in document["data"]["posts"]] == ["mastodon", "bluesky"]
    assert document["data"]["posts"][0]["page"].startswith(owing.networks.mastodon.address)


def test_no_secret_is_said_kept_or_told_to_another_network(owing):
    networks = owing.networks
    networks.mastodon.script("POST /api/v1/statuses", Trouble.SERVER_ERROR, for_ever=True)
    networks.hook.answers = [(400, json.dumps({"error": SECRET}).encode(), {})]
    rows = owing.post()
    kept = b"".join(body for _, body in sorted(owing.memory.contents.items())) + f"{owing.warned} {rows}".encode()
    kept += b"".join(path.read_bytes() for path in owing.workspace.file.folder.rglob("*") if path.is_file())
    sent = {"mastodon": networks.mastodon.asked, "bluesky": networks.bluesky.asked, "webhook": networks.hook.asked}
    assert "it answers 400: …" in "".join(owing.warned)
    for name, secret in (("mastodon", TOKEN), ("bluesky", PASSWORD), ("webhook", SECRET)):
        assert secret.encode() not in kept
        assert "hidden" not in f"{owing.warned}"
        assert all(secret not in f"{asked}" for other, found in sent.items() if other != name for asked in found)


@pytest.mark.parametrize("value", ["", " ", "zq9Secret\nzq9Secret", "zq9Secret\u00e9", "whsec_zq9Secret!"])
def test_a_secret_that_is_none_is_told_by_its_name_and_asks_nobody(owing, monkeypatch, value):
    for name in ("MASTODON_TOKEN", "BLUESKY_APP_PASSWORD", "AIRDATE_WEBHOOK_SECRET"):
        monkeypatch.setenv(name, value if name.startswith("AIRDATE") or not value.startswith("whsec_") else "")
    owing.post()
    assert owing.networks.told == (0, 0, 0)
    assert len(owing.warned) == 3
    assert "zq9Secret" not in "".join(owing.warned)
    assert all(name in "".join(owing.warned) for name in ("MASTODON_TOKEN", "BLUESKY_APP_PASSWORD", "AIRDATE_WEBHOOK_SECRET"))
    assert {owing.kept(network).status for network in ("mastodon", "bluesky", "webhook")} == {"owed"}
    around(monkeypatch)
    owing.post(hours=1)
    assert owing.networks.told == (1, 1, 1)


FAILING = {
    "it wants no more": (Trouble.RATE_LIMITED, "it answers 429", "owed"),
    "its token is no longer good": (Trouble.EXPIRED, "expired", "owed"),
    "it is out of order": (Trouble.SERVER_ERROR, "it answers 50", "unclear"),
    "it hangs up before": (Trouble.HANG_UP_BEFORE, "nobody can tell", "unclear"),
    "a page answers": (Trouble.NONSENSE, "its answer is no JSON", "unclear"),
}


@pytest.mark.parametrize("name", FAILING)
@pytest.mark.parametrize("network", CALL)
def test_a_network_that_fails_is_a_warning_and_is_made_up_for(owing, network, name):
    trouble, words, status = FAILING[name]
    server = getattr(owing.networks, network)
    server.script(CALL[network], trouble, for_ever=True)
    rows = owing.post()
    (warned,) = owing.warned
    assert words in warned
    assert "the next publish" in warned
    assert next(row.status for row in rows if row.network == network) == status == owing.kept(network).status
    assert sum(owing.networks.told) == 2, "the others are told"
    server.heal()
    owing.post(hours=1)
    assert owing.networks.told == (1, 1, 1)


@pytest.mark.parametrize("trouble", [Trouble.RATE_LIMITED, Trouble.EXPIRED, Trouble.SERVER_ERROR, Trouble.HANG_UP_BEFORE])
@pytest.mark.parametrize(
    ("network", "call"),
    [
        ("mastodon", "POST /api/v2/media"),
        ("bluesky", "POST /xrpc/com.atproto.server.createSession"),
        ("bluesky", "POST /xrpc/com.atproto.repo.uploadBlob"),
    ],
)
def test_trouble_before_the_post_itself_leaves_it_owed(owing, network, call, trouble):
    getattr(owing.networks, network).script(call, trouble, for_ever=True)
    owing.post()
    assert owing.kept(network).status == "owed"
    getattr(owing.networks, network).heal()
    owing.post(hours=1)
    assert owing.networks.told == (1, 1, 1)


@pytest.mark.parametrize("trouble", [Trouble.HANG_UP_AFTER, Trouble.ERROR_AFTER])
@pytest.mark.parametrize("forgets", [False, True], ids=["at once", "an hour later"])
@pytest.mark.parametrize("network", CALL)
def test_a_post_whose_answer_is_lost_is_found_and_not_repeated(owing, network, forgets, trouble):
    server = getattr(owing.networks, network)
    server.script(CALL[network], trouble, for_ever=forgets)
    owing.post()
    if forgets:
        owing.networks.mastodon.forget_keys()
        server.heal()
    owing.post(hours=2)
    assert owing.networks.told == (1, 1, 1)
    assert owing.kept(network).status == "posted"
    assert owing.kept(network).address


def test_a_post_is_found_behind_many_others_and_never_made_where_nobody_can_tell(owing):
    mastodon = owing.networks.mastodon
    mastodon.script(CALL["mastodon"], Trouble.HANG_UP_AFTER, for_ever=True)
    owing.post()
    mastodon.heal()
    mastodon.forget_keys()
    (ours,) = mastodon.posts()
    for _ in range(500):
        mastodon.reply(ours.id, "<p>Something else.</p>", acct=mastodon.username)
    for status in mastodon.posts()[1:]:
        status.reply_to = None
    for count, found in ((400, "unclear"), (100, "posted")):
        for status in mastodon.posts()[1 + count :]:
            del mastodon.statuses[status.id]
        owing.post(hours=2)
        assert len(mastodon.posts()) == count + 1
        assert owing.kept("mastodon").status == found


def test_a_document_whose_answer_is_lost_is_never_repeated(owing):
    owing.networks.hook.answers = [(504, b"", {})]
    owing.post()
    assert "nobody can tell whether “new” was told to the webhook" in owing.warned[-1]
    owing.warned.clear()
    owing.networks.hook.answers = [(200, b"", {})]
    owing.post(hours=1)
    assert owing.networks.told == (1, 1, 1)
    assert owing.warned == []


@pytest.mark.parametrize("said", [b"ok", b"<html>", b"[]", b"\xff"])
def test_a_program_that_takes_a_document_may_say_anything(owing, said):
    owing.networks.hook.answers = [(200, said, {})]
    owing.post()
    assert owing.kept("webhook").status == "posted"


@pytest.mark.parametrize("answer", [(302, b"", {"Location": "http://127.0.0.1:9/"}), (404, b"gone", {}), (410, b"", {})])
def test_a_program_that_is_elsewhere_is_told_nothing_and_redirects_lead_nowhere(owing, answer):
    owing.networks.hook.answers = [answer]
    owing.post()
    assert owing.kept("webhook").status == "owed"
    assert f"it answers {answer[0]}" in owing.warned[-1]


NONSENSE = [b"", b"[]", b"null", b"1", b'"x"', b'{"id": 5, "did": [], "blob": 1}', b'{"id": "a b", "did": "did:x:y"}', b"\xff", b"[" * 3000]


@pytest.mark.parametrize("body", NONSENSE, ids=[repr(body[:20]) for body in NONSENSE])
@pytest.mark.parametrize("status", [200, 400])
def test_nonsense_is_a_warning_and_never_a_traceback(owing, monkeypatch, body, status):
    for server in (owing.networks.mastodon, owing.networks.bluesky):
        monkeypatch.setattr(server, "answer", lambda _asked: (status, body, {}))
    for hours in (0, 1):  # the second one looks first
        owing.post(hours=hours)
        assert len(owing.warned) == 2
        owing.warned.clear()
    assert {owing.kept(network).status for network in CALL} <= {"owed", "unclear"}
    monkeypatch.undo()
    around(monkeypatch)
    owing.post(hours=2)
    assert owing.networks.told == (1, 1, 1)


@pytest.mark.parametrize("made", ["9999-12-31T23:59:59.999Z", "0001-01-01T00:00:00Z", "soon", None, "2026-06-01T12:00:00"])
def test_times_beyond_all_others_are_only_times(owing, made):
    mastodon, state = owing.networks.mastodon, owing.state
    long_ago = Post(network="mastodon", status="posting", at="0001-01-01T00:00:00+00:00", host=mastodon.address.partition("://")[2])
    commit(owing.workspace.storage, with_post(state, "new", long_ago), state)
    mastodon.reply("0", "<p>Something else.</p>", acct=mastodon.username, created_at=made)
    mastodon.posts()[0].reply_to = None
    owing.post()
    assert owing.kept("mastodon").status in ("posted", "unclear")
    assert len(mastodon.posts()) <= 2


def test_a_token_that_may_not_look_says_what_it_needs(owing):
    owing.networks.mastodon.script(CALL["mastodon"], Trouble.HANG_UP_BEFORE, for_ever=True)
    owing.post()
    owing.networks.mastodon.heal()
    owing.networks.mastodon.scopes = frozenset({"write:media", "write:statuses"})
    owing.post(hours=1)
    assert "needs read:accounts and read:statuses" in owing.warned[-1]
    assert owing.kept("mastodon").status == "unclear"
    owing.post(hours=24 * 9)
    assert owing.kept("mastodon").status == "unclear", "what may stand there is not forgotten"


def test_a_withdrawal_names_the_posts_that_stay(posted, networks):
    addresses = [row["address"] for row in posted.run("--yes", "--json").document["posts"]]
    assert addresses.count("") == 1, "that of the webhook"
    said = posted.run("withdraw", "new", "--yes").stdout.splitlines()
    lines = [line.rpartition(" ")[2] for line in said if line.startswith("What was posted of it stays where it is")]
    assert lines == [address for address in addresses if address]


@pytest.mark.parametrize("network", CALL)
def test_status_says_that_a_post_that_may_stand_there_is_looked_for(posted, networks, network):
    getattr(networks, network).script(CALL[network], Trouble.HANG_UP_BEFORE, for_ever=True)
    assert posted.run("--yes").status == 0
    line = next(line for line in posted.run("status").stdout.splitlines() if line.startswith("Nobody can tell whether “new” was"))
    assert "; to look for it: publish -c " in line


@pytest.mark.parametrize("network", CALL)
def test_a_network_that_says_nothing_is_waited_for_once_and_looked_at_the_next_time(owing, monkeypatch, network):
    server = getattr(owing.networks, network)
    server.released.clear()
    server.script(CALL[network], Trouble.SILENT)
    monkeypatch.setattr(calls, "LIMITS", replace(calls.LIMITS, step=0.2))
    owing.post()
    assert owing.kept(network).status == "unclear"
    assert "no answer in time" in owing.warned[-1]
    server.released.set()
    monkeypatch.undo()
    around(monkeypatch)
    while not server.posts():  # it is taken all the same
        time.sleep(0.01)
    owing.networks.mastodon.forget_keys()
    owing.post(hours=2)
    assert owing.networks.told == (1, 1, 1)


def test_a_document_that_is_refused_comes_again_under_the_same_id(owing):
    owing.networks.hook.answers = [(401, b"", {}), (200, b"", {})]
    for hours in range(3):
        owing.post(hours=hours)
    assert owing.networks.told == (1, 1, 2)
    assert len({asked.headers["webhook-id"] for asked in owing.networks.hook.asked}) == 1


def test_a_picture_that_a_network_does_not_take_is_told_and_the_post_stands(owing, monkeypatch):
    monkeypatch.setattr("publisher.thread.bluesky.LARGEST", 10)
    monkeypatch.setattr("tests.support.scripted_mastodon._PICTURES", ())
    owing.post()
    assert owing.networks.told == (1, 1, 1)
    assert owing.networks.mastodon.posts()[0].media == ()
    assert ["its picture was not taken" in words for words in owing.warned] == [True, True]


def test_a_post_that_nobody_takes_for_a_week_is_left_alone(owing):
    owing.networks.mastodon.script("*", Trouble.EXPIRED, for_ever=True)
    owing.post()
    owing.networks.mastodon.heal()
    owing.post(hours=24 * 8)
    assert owing.networks.told == (0, 1, 1)
    assert "`publish announce new` does it" in owing.warned[-1]
    assert owing.kept("mastodon") is None


def test_very_many_episodes_of_today_come_from_elsewhere_and_are_told_to_nobody(owing):
    from publisher.thread.owed import with_owed

    new = replace(owing.state.episodes["new"], posts=())
    for count, owed in ((10, 10), (11, 0)):
        ledger = {f"new-{number}": replace(new, slug=f"new-{number}") for number in range(count)}
        found = with_owed(owing.workspace, ledger, owing.state, owing.options)
        assert sum(len(item.posts) == 3 for item in found.values()) == owed
    assert "11 episodes of today come at once" in owing.warned[-1]


@pytest.mark.parametrize("down", [{"withdrawn": True}, {"removed": True}])
def test_what_listeners_do_not_have_any_more_is_told_to_nobody(owing, down):
    state = owing.state
    gone = replace(state.episodes["new"], **down)
    from publisher.thread.posting import post_new

    post_new(owing.workspace, owing.prepared, owing.options, replace(state, episodes={**state.episodes, "new": gone}))
    assert not owing.networks.asked


class _Cut(BaseException):
    """The process ends here."""


WRITES = 8
"""A part of State and its index, before each of three networks is asked and after the last."""


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("number", range(WRITES))
def test_cut_at_any_write_nothing_is_told_twice(owing, number, after):
    """A write of State or of a part of it fails, or is carried out and the process is gone."""
    done = 0

    def cut(_key):
        nonlocal done
        done += 1
        if done == number + 1:
            raise _Cut

    def refuse(key):
        cut(key)
        return False

    owing.memory.watch, owing.memory.refuse = (cut, lambda _key: False) if after else (lambda _key: None, refuse)
    with pytest.raises(_Cut):
        owing.post()
    owing.memory.watch, owing.memory.refuse = lambda _key: None, lambda _key: False
    owing.networks.mastodon.forget_keys()
    for hours in (2, 3):
        owing.post(hours=hours)
    mastodon, bluesky, documents = owing.networks.told
    assert (mastodon, bluesky) == (1, 1)
    assert documents <= 1
    assert owing.kept("mastodon").status == owing.kept("bluesky").status == "posted"
    assert documents == 1 or owing.kept("webhook").status == "unclear"


REQUESTS = 6
"""Two to Mastodon, three to Bluesky, one to the webhook."""


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("number", range(REQUESTS))
def test_cut_at_any_request_nothing_is_told_twice(owing, monkeypatch, number, after):
    done, real = 0, calls.request

    def cut(*arguments, **options):
        nonlocal done
        done += 1
        answer = real(*arguments, **options) if done != number + 1 or after else None
        if done == number + 1:
            raise _Cut
        return answer

    with monkeypatch.context() as patch:
        patch.setattr(calls, "request", cut)
        with pytest.raises(_Cut):
            owing.post()
    owing.networks.mastodon.forget_keys()
    for hours in (2, 3):
        owing.post(hours=hours)
    mastodon, bluesky, documents = owing.networks.told
    assert (mastodon, bluesky) == (1, 1)
    assert documents == (0 if number == REQUESTS - 1 and not after else 1)
    assert owing.kept("webhook").status == ("unclear" if number == REQUESTS - 1 else "posted")


def test_the_storage_that_goes_away_after_a_post_loses_nothing(owing):
    owing.networks.mastodon.after(CALL["mastodon"], lambda _asked: setattr(owing.memory, "writes_left", 0))
    with pytest.raises(StorageError):
        owing.post()
    owing.memory.writes_left = None
    owing.networks.mastodon.forget_keys()
    owing.post(hours=2)
    assert owing.networks.told == (1, 1, 1)


@pytest.mark.parametrize("conditions", ["enforced", "ignored", "refused"])
@pytest.mark.parametrize("call", ["POST /api/v2/media", "POST /api/v1/statuses"])
@pytest.mark.parametrize("moment", ["before", "after"])
def test_of_two_machines_at_once_one_tells(owing, tmp_path, monkeypatch, call, moment, conditions):
    """The second one comes while the first one asks, and finds what that has written."""
    owing.remember(conditions)
    monkeypatch.setattr(owing.memory, "behaviour", conditions)
    other = Workspace(read_config(owing.workspace.file.path), owing.workspace.console, AT)
    other.cache = tmp_path
    other.state_copies.read()

    def too(_asked):
        owing.post(workspace=other)

    getattr(owing.networks.mastodon, moment)(call, too)
    owing.post()
    owing.post(hours=2)
    assert owing.networks.told == (1, 1, 1)


def test_a_publish_that_was_planned_before_a_post_was_made_does_not_forget_it(owing):
    before = owing.state
    planned = replace(before, generation=before.generation + 1)
    owing.post()
    stored = commit(owing.workspace.storage, planned, before)
    assert stored.episodes["new"].post("mastodon").status == "posted"
    assert stored.token_hosts.keys() == {"mastodon", "bluesky", "webhook"}
    assert json.loads(owing.memory.bytes_of(STATE_KEY))["generation"] == before.generation + 1
    assert owing.state.episodes["new"] == stored.episodes["new"]


def test_a_publish_that_is_finished_for_a_dead_machine_does_not_forget_a_post(owing):
    planned = owing.state
    owing.post()
    now = owing.state
    stored = commit(owing.workspace.storage, replace(planned, generation=now.generation + 1), now)
    assert [post.status for post in stored.episodes["new"].posts] == ["posted"] * 3


def test_what_went_further_wins_where_two_know_of_a_post(owing):
    from publisher.state.posts import with_posts_of

    state = owing.state
    posted = with_post(state, "new", Post(network="mastodon", status="posted", at="2026-06-01T12:00:00+00:00", id="1"))
    assert with_posts_of(state, posted).episodes["new"] == posted.episodes["new"]
    assert with_posts_of(posted, state) is posted
