"""Answers to posts come into the folder from scripted servers: public ones, cleaned; deleted and edited ones follow; trouble loses nothing."""

from __future__ import annotations

import datetime as dt
import json
import socket
import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from lxml import html

from feed.text_cleaning import read_json
from publisher.core.console import Console
from publisher.load.config_reader import read_config
from publisher.state.published_episodes import Post
from publisher.sync.apply import commit
from publisher.thread import answers as module
from publisher.workspace import Workspace
from tests.support.scripted_bluesky import DID, ScriptedBluesky
from tests.support.scripted_bluesky import POST as COLLECTION
from tests.support.scripted_mastodon import TOKEN, ScriptedMastodon, Status
from tests.support.scripted_network import Trouble
from tests.support.show_factory import Show, make_show, tree

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NOW = dt.datetime(2026, 6, 1, 12, tzinfo=dt.UTC)
AT = "2026-06-01T12:00:00+00:00"
RKEY = "3mbqxyz234567"


@pytest.fixture
def mastodon() -> Iterator[ScriptedMastodon]:
    with ScriptedMastodon(now=NOW + dt.timedelta(minutes=1)) as server:
        server.statuses["100"] = Status(id="100", acct="show", name="A Show", content="<p>New</p>", visibility="public", at=NOW)
        yield server


@pytest.fixture
def bluesky() -> Iterator[ScriptedBluesky]:
    with ScriptedBluesky(now=NOW + dt.timedelta(minutes=1)) as server:
        yield server


@pytest.fixture
def show(tmp_path: Path, mastodon: ScriptedMastodon, bluesky: ScriptedBluesky) -> Show:
    """A show with one published episode that was posted at both."""
    show = make_show(tmp_path / "show")
    config = show.config.read_text("utf-8")
    table = f'[announce.mastodon]\nserver = "{mastodon.address}"\n[announce.bluesky]\nserver = "{bluesky.address}"\n'
    show.config.write_text(f'{config}\n{table}appview = "{bluesky.address}"\nhandle = "show.test"\n', "utf-8")
    show.episode()
    assert show.publish("--yes", now=AT).status == 0
    return show


@pytest.mark.parametrize("host", ["127.0.0.1:{port}", "localhost:{port}", "[::1]:{port}", "2130706433:{port}", "inner.example:{port}"])
def test_a_host_that_only_state_names_is_not_asked_where_it_lies_inside(show, mastodon, monkeypatch, host):
    """State is a stranger's word: what the config names may be inside, this may not."""
    real = socket.getaddrinfo
    monkeypatch.setattr(
        socket, "getaddrinfo", lambda name, *rest, **more: real({"inner.example": "127.0.0.1"}.get(name, name), *rest, **more)
    )
    port = mastodon.address.rpartition(":")[2]
    show.configure(f'[announce.mastodon]\nserver = "{mastodon.address}"\n', "")
    posted(show, toot(mastodon, host=host.format(port=port)))
    outcome = show.publish(now="2026-06-02T12:00:00+00:00")
    assert outcome.status == 0
    assert "own network" in outcome.stderr
    assert not mastodon.asked


def posted(show: Show, *posts: Post) -> None:
    workspace = Workspace(read_config(show.config), Console())
    state = workspace.state_copies.read()
    episodes = {**state.episodes, "first": replace(state.episodes["first"], posts=posts)}
    commit(workspace.storage, replace(state, episodes=episodes), state)


def toot(server: ScriptedMastodon, **values: Any) -> Post:
    host = server.address.partition("://")[2]
    post = Post(network="mastodon", status="posted", at=AT, host=host, address=f"{server.address}/@show/100", id="100")
    return replace(post, **values)


def skeet(server: ScriptedBluesky) -> Post:
    value = {"$type": COLLECTION, "text": "New", "createdAt": AT}
    uri = f"at://{DID}/{COLLECTION}/{RKEY}"
    from tests.support.scripted_bluesky import Record

    server.records[uri] = Record(uri, "bafyroot", value, server.handle, "A Show", NOW)
    host = server.address.partition("://")[2]
    return Post(network="bluesky", status="posted", at=AT, host=host, address=f"https://bsky.app/profile/{DID}/post/{RKEY}", id=uri)


def pull(show: Show, now: str = "2026-06-02T12:00:00+00:00") -> Any:
    outcome = show.run("comments", "pull", "--json", now=now)
    assert outcome.status == 0, outcome.stderr
    return outcome


def tell(server: ScriptedMastodon, body: bytes, status: int = 200, **headers: str) -> None:
    """It answers so, whatever it is asked."""
    server.work = lambda _asked: (status, body, {"Content-Type": "application/json", **headers})


def kept(show: Show) -> list[dict[str, Any]]:
    return read_json((show.folder / "comments/first.social.json").read_bytes())["answers"]


def texts(show: Show) -> list[str]:
    return [row["text"] for row in kept(show)]


def test_a_webhook_that_was_told_has_no_answers_and_nobody_is_asked_for_any(show, mastodon):
    posted(show, toot(mastodon), Post(network="webhook", status="posted", at=AT, host="hooks.example"))
    mastodon.reply("100", "<p>Lovely</p>")
    assert "warning" not in pull(show).stderr
    assert texts(show) == ["Lovely"]


def test_public_answers_of_both_come_cleaned_and_in_order(show, mastodon, bluesky):
    posted(show, toot(mastodon), skeet(bluesky))
    first = mastodon.reply(
        "100",
        '<p><span class="h-card"><a href="https://x.example/@show" class="u-url mention">@<span>show</span></a></span> Lovely!<br>Really '
        '<a href="https://a.example/long/path"><span class="invisible">https://</span><span class="ellipsis">a.example/lo</span>'
        '<span class="invisible">ng/path</span></a></p><p>2 &lt; 3</p><script>alert(1)</script>',
    )
    second = mastodon.reply(first, "<p>Thanks</p>", acct="show", name="A Show", at=mastodon.now + dt.timedelta(seconds=2))
    mastodon.reply(second, "<p>Unlisted</p>", visibility="unlisted", at=mastodon.now + dt.timedelta(seconds=3), warning="The end")
    for visibility in ("private", "direct"):
        mastodon.reply("100", "<p>Between us</p>", visibility=visibility)
    facet = {"index": {"byteStart": 4, "byteEnd": 17}, "features": [{"$type": "link", "uri": "https://a.example/whole"}]}
    sky = bluesky.reply(f"at://{DID}/{COLLECTION}/{RKEY}", "Üh a.example/w… so", at=bluesky.now + dt.timedelta(seconds=1), facets=[facet])
    bluesky.reply(sky, "Deep", at=bluesky.now + dt.timedelta(seconds=4), handle="bea.test", name="")
    assert pull(show).document["pulled"][-1] == {"comments": 5, "episode": "first", "file": "comments/first.social.json"}
    found = kept(show)
    assert [row["text"] for row in found] == [
        "Lovely!\nReally https://a.example/long/path\n\n2 < 3",
        "Üh https://a.example/whole so",
        "Thanks",
        "Unlisted",
        "Deep",
    ]
    assert [row["network"] for row in found] == ["mastodon", "bluesky", "mastodon", "mastodon", "bluesky"]
    one, two, three, four, five = found
    host = mastodon.address.partition("://")[2]
    assert (one["name"], one["handle"], one["profile"]) == ("Ada", "ada@social.example", "https://social.example/@ada")
    assert (one["address"], one["date"]) == (f"https://social.example/@ada/{first}", "2026-06-01T12:01:00Z")
    assert (three["handle"], three["reply_to"], three["by_show"]) == (f"show@{host}", one["id"], True)
    assert (four["reply_to"], four["warning"]) == (three["id"], "The end")
    assert (two["handle"], two["profile"].rpartition("/")[0], "by_show" in two) == ("ada.test", "https://bsky.app/profile", False)
    assert (five["reply_to"], five["handle"], "name" in five) == (two["id"], "bea.test", False)
    assert "avatar" not in (show.folder / "comments/first.social.json").read_text("utf-8")
    before = (show.folder / "comments/first.social.json").read_bytes()
    assert pull(show, now="2026-06-03T12:00:00+00:00").document["pulled"] == []
    assert (show.folder / "comments/first.social.json").read_bytes() == before


def test_deleted_and_edited_ones_follow_and_what_is_hidden_stays_away(show, mastodon):
    posted(show, toot(mastodon))
    first, second, third = (mastodon.reply("100", f"<p>Number {number}</p>", acct=f"u{number}@a.example") for number in range(3))
    pull(show)
    assert sorted(texts(show)) == ["Number 0", "Number 1", "Number 2"]
    mastodon.delete(first)
    mastodon.edit(second, "<p>Edited</p>")
    path = show.folder / "comments/first.social.json"
    document = read_json(path.read_bytes())
    path.write_text(json.dumps({**document, "hidden": [f"https://a.example/@u2/{third}"]}))
    pull(show)
    assert texts(show) == ["Edited"]


@pytest.mark.parametrize(
    ("trouble", "said"),
    [
        (Trouble.RATE_LIMITED, "answers 429"),
        (Trouble.SERVER_ERROR, "answers 503"),
        (Trouble.NONSENSE, "answers no JSON"),
        (Trouble.HANG_UP_BEFORE, "does not answer"),
    ],
)
def test_an_instance_in_trouble_is_a_warning_and_what_there_was_stays(show, mastodon, bluesky, trouble, said):
    posted(show, toot(mastodon), skeet(bluesky))
    mastodon.reply("100", "<p>Kept</p>")
    pull(show)
    mastodon.script("GET /api/v1/statuses/100/context", trouble, for_ever=True)
    bluesky.reply(f"at://{DID}/{COLLECTION}/{RKEY}", "New here")
    outcome = pull(show)
    assert said in outcome.stderr
    assert "what was published stays" in outcome.stderr
    assert sorted(texts(show)) == ["Kept", "New here"]


def test_a_slow_instance_is_given_up(show, mastodon, monkeypatch):
    monkeypatch.setattr(module, "LIMITS", replace(module.LIMITS, step=0.3, answer=0.5))
    posted(show, toot(mastodon))
    mastodon.script("GET /api/v1/statuses/100/context", Trouble.SILENT, for_ever=True)
    begun = time.monotonic()
    outcome = pull(show)
    mastodon.released.set()
    assert "does not answer" in outcome.stderr
    assert time.monotonic() - begun < 20
    assert not (show.folder / "comments/first.social.json").exists()


def test_a_post_that_is_gone_keeps_its_answers_and_is_told(show, mastodon, bluesky):
    posted(show, toot(mastodon), skeet(bluesky))
    mastodon.reply("100", "<p>Kept</p>")
    bluesky.reply(f"at://{DID}/{COLLECTION}/{RKEY}", "Kept, too")
    pull(show)
    del mastodon.statuses["100"]
    bluesky.delete(f"at://{DID}/{COLLECTION}/{RKEY}")
    outcome = pull(show)
    assert outcome.stderr.count("the post is not") == 2
    assert sorted(texts(show)) == ["Kept", "Kept, too"]


def test_a_post_is_asked_after_for_thirty_days(show, mastodon):
    posted(show, toot(mastodon))
    mastodon.reply("100", "<p>Late</p>")
    pull(show, now="2026-07-01T12:00:01+00:00")
    assert mastodon.asked == []
    pull(show, now="2026-07-01T11:59:59+00:00")
    assert texts(show) == ["Late"]


@pytest.mark.parametrize("status", ["owed", "posting", "unclear"])
def test_only_what_was_surely_posted_is_asked_after(show, mastodon, status):
    posted(show, toot(mastodon, status=status))
    pull(show)
    assert mastodon.asked == []


def test_the_token_goes_to_its_own_host_alone_and_a_bad_one_is_done_without(show, mastodon, monkeypatch):
    monkeypatch.setenv("MASTODON_TOKEN", TOKEN)
    posted(show, toot(mastodon))
    mastodon.reply("100", "<p>Public</p>")
    mastodon.reply("100", "<p>Secret</p>", visibility="direct")
    pull(show)
    assert mastodon.asked[-1].headers["authorization"] == f"Bearer {TOKEN}"
    assert texts(show) == ["Public"]
    monkeypatch.setenv("MASTODON_TOKEN", "expired")
    mastodon.reply("100", "<p>More</p>")
    pull(show)
    assert len(texts(show)) == 2
    with ScriptedMastodon(now=mastodon.now) as other:
        other.statuses["100"] = mastodon.statuses["100"]
        config = show.config.read_text("utf-8").replace(mastodon.address, other.address)
        show.config.write_text(config, "utf-8")
        monkeypatch.setenv("MASTODON_TOKEN", TOKEN)
        posted(show, toot(mastodon))
        pull(show)
        assert other.asked == []


def test_a_server_that_shows_nothing_without_an_account_is_told(show, mastodon):
    posted(show, toot(mastodon))
    mastodon.needs_user = True
    assert "answers 401" in pull(show).stderr


def test_a_server_speaks_only_for_its_own_posts(show, mastodon):
    posted(show, toot(mastodon))
    forged = {
        "another author": {"account": {"acct": "eve@evil.example", "url": "https://evil.example/@eve", "display_name": "Eve"}},
        "an author of nowhere": {"account": {"acct": "ada@social.example", "url": "javascript:alert(1)"}},
        "a name of another domain": {"account": {"acct": "president@gov.example", "url": "https://social.example/@ada"}},
        "said to be local": {"account": {"acct": "admin", "url": "https://social.example/@admin"}},
        "no author": {"account": None},
        "no address": {"uri": "javascript:alert(1)"},
        "nobody may see it": {"visibility": "limited"},
    }
    for name, tags in forged.items():
        mastodon.reply("100", f"<p>{name}</p>", **tags)
    mastodon.reply("100", "<p>elsewhere shown</p>", url="https://evil.example/@ada/1")
    mastodon.reply("100", "<p>parts of a domain</p>", acct="ada@threads.example", url="https://www.threads.example/@ada/post/1")
    pull(show)
    assert sorted(texts(show)) == ["elsewhere shown", "parts of a domain"]
    addresses = {row["text"]: row["address"] for row in kept(show)}
    assert addresses["elsewhere shown"].startswith("https://social.example/users/ada/")
    assert addresses["parts of a domain"] == "https://www.threads.example/@ada/post/1"


def test_of_bluesky_what_is_hidden_blocked_or_for_accounts_alone_stays_away(show, bluesky):
    root = skeet(bluesky)
    posted(show, root)
    shown = bluesky.reply(root.id, "Shown", labels=("porn",))
    bluesky.reply(root.id, "Only for accounts", labels=("!no-unauthenticated",))
    bluesky.reply(root.id, "Blocked", blocked=True)
    bluesky.reply(shown, "Below it")
    pull(show)
    assert sorted((row["text"], row.get("warning")) for row in kept(show)) == [("Below it", None), ("Shown", "porn")]


def test_thousands_of_hostile_answers_are_bounded(show, mastodon):
    posted(show, toot(mastodon))
    statuses = [
        {
            "id": str(number),
            "uri": f"https://a.example/users/u/statuses/{number}",
            "url": f"https://a.example/@u/{number}",
            "visibility": "public",
            "created_at": f"2026-06-01T{12 + number // 3600:02}:{number // 60 % 60:02}:{number % 60:02}.000Z",
            "in_reply_to_id": str(number - 1),
            "content": "<p>" + "<b>" * 500 + "x" * 6_000 if number % 100 == 0 else "<p>ok</p>",
            "account": {
                "acct": "u@a.example",
                "url": "https://a.example/@u",
                "display_name": "\u202e" + "n" * 100_000 if number % 1000 == 0 else "n",
            },
        }
        for number in range(5000)
    ]
    tell(mastodon, json.dumps({"ancestors": [], "descendants": statuses}).encode())
    pull(show)
    assert (len(kept(show)), max(len(row["text"]) for row in kept(show))) == (500, 5000)


@pytest.mark.parametrize(
    "body", [b"{}", b"[]", b'{"descendants": [1, null, {"account": []}]}', b"[" * 90_000, b'{"descendants": {"a": 1}}']
)
def test_nonsense_is_never_a_traceback(show, mastodon, body):
    posted(show, toot(mastodon))
    tell(mastodon, body)
    pull(show)
    assert not (show.folder / "comments/first.social.json").exists()


def test_a_redirect_to_another_host_is_not_followed(show, mastodon, bluesky):
    posted(show, toot(mastodon))
    tell(mastodon, b"", status=302, Location=f"{bluesky.address}/elsewhere")
    assert "redirect" in pull(show).stderr
    assert bluesky.asked == []


def rows(show: Show) -> list[str]:
    page = html.fromstring(tree(show.public)["episodes/first.html"])
    return [one.text_content().strip() for one in page.xpath("//ol[@id='thread']//li[contains(@class, 'away')]/p[@dir]")]


LATER = "2026-06-02T12:00:00+00:00"


def test_a_publish_brings_answers_onto_the_page_and_takes_them_off_again(show, mastodon):
    posted(show, toot(mastodon))
    first = mastodon.reply("100", "<p>On the page</p>")
    outcome = show.publish("--yes", now=LATER)
    assert outcome.status == 0, outcome.stderr
    assert "Answers to “first”: 1 answer, in comments/first.social.json." in outcome.stderr
    assert rows(show) == ["On the page"]
    before = tree(show.public)
    mastodon.edit(first, "<p>Edited</p>")
    second = mastodon.reply(first, "<p>Below it</p>")
    show.episode(title="Something changed")
    assert show.publish("--yes", now=LATER).status == 0
    assert rows(show) == ["Edited", "Below it"]
    changed = {key for key, body in tree(show.public).items() if before.get(key) != body}
    assert {"episodes/first.html", "comments/first.social.json"} <= changed
    mastodon.delete(second)
    assert show.publish("--yes", now=LATER).status == 0
    assert rows(show) == ["Edited"]


def test_a_publish_of_a_show_without_young_posts_and_a_dry_run_ask_nobody(show, mastodon):
    assert show.publish("--yes", now=LATER).status == 0
    posted(show, toot(mastodon))
    mastodon.reply("100", "<p>Unseen</p>")
    assert show.run("--dry-run", now=LATER).status == 0
    assert mastodon.asked == []
    assert not (show.folder / "comments").exists()


def test_a_show_that_posts_nothing_loads_nothing_of_it(tmp_path):
    show = make_show(tmp_path / "show")
    show.episode()
    done = show.program("--no-verify", "--yes", code="print([name for name in sys.modules if name.startswith('publisher.thread.')])")
    assert done.stdout.splitlines()[-1] == "[]"


def test_an_instance_in_trouble_keeps_no_publish_off_the_air(show, mastodon):
    posted(show, toot(mastodon))
    mastodon.reply("100", "<p>Kept</p>")
    assert show.publish("--yes", now=LATER).status == 0
    mastodon.script("GET /api/v1/statuses/100/context", Trouble.SERVER_ERROR, for_ever=True)
    show.episode(title="Something changed")
    outcome = show.publish("--yes", now=LATER)
    assert (outcome.status, rows(show)) == (0, ["Kept"])
    assert "answers 503; what was published stays" in outcome.stderr


def test_a_fresh_checkout_fetches_and_keeps_what_can_no_longer_be_fetched(show, mastodon):
    posted(show, toot(mastodon))
    mastodon.reply("100", "<p>Kept</p>")
    assert show.publish("--yes", now=LATER).status == 0
    (show.folder / "comments/first.social.json").unlink()
    show.episode(title="Something changed")
    assert show.publish("--yes", now="2027-01-01T12:00:00+00:00").status == 0
    assert rows(show) == ["Kept"]
    assert not (show.folder / "comments/first.social.json").exists()
    assert pull(show, now="2027-01-01T12:00:00+00:00").document["pulled"][-1]["comments"] == 1
    assert texts(show) == ["Kept"]


def test_a_file_with_a_conflict_in_it_is_left_alone(show, mastodon):
    posted(show, toot(mastodon))
    mastodon.reply("100", "<p>Kept</p>")
    show.write("comments/first.social.json", "<<<<<<< HEAD")
    outcome = pull(show)
    assert "cannot be read, so it stays as it is" in outcome.stderr
    assert (show.folder / "comments/first.social.json").read_text() == "<<<<<<< HEAD"
    assert mastodon.asked == []


def test_answers_go_nowhere_by_a_link_and_the_publish_is_whole(show, mastodon, tmp_path):
    posted(show, toot(mastodon))
    mastodon.reply("100", "<p>Kept</p>")
    (tmp_path / "elsewhere").mkdir()
    (show.folder / "comments").symlink_to(tmp_path / "elsewhere")
    outcome = pull(show)
    assert (
        "comments/first.social.json cannot be written: nothing is written there: comments leads out of the show's folder" in outcome.stderr
    )
    assert list((tmp_path / "elsewhere").iterdir()) == []
