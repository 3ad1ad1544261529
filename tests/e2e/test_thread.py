"""The thread that closes itself, by the real command: posted once whatever ends it, answered there, and the answers stand in the page."""

from __future__ import annotations

import json
import os
import re
import runpy
import shutil
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

import pytest

from tests.support import ROOT
from tests.support.e2e_show import Bucket
from tests.support.fault_proxy import Fault, FaultProxy, Request
from tests.support.scripted_bluesky import ScriptedBluesky
from tests.support.scripted_mastodon import TOKEN, ScriptedMastodon
from tests.support.scripted_network import Trouble
from tests.support.service_servers import Answering
from tests.support.show_factory import Show, recording
from tests.support.thread_scene import LATER, NEW, NOW, SECRET, Scene, text_of, thread_scene

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.support.e2e_show import Running

POST, CREATE = "POST /api/v1/statuses", "POST /xrpc/com.atproto.repo.*Record"
HOSTILE = (
    '<p>Lovely <script>alert(1)</script><img src="https://evil.example/x.png" onerror="alert(2)"><a href="javascript:alert(3)">here</a></p>'
)


@pytest.fixture(scope="module")
def prepared(s3_server, tmp_path_factory, warm) -> Iterator[tuple[Scene, dict]]:
    """The networks, and a show that was published before any was named."""
    name = s3_server.make_bucket(public=True)
    with ScriptedMastodon() as mastodon, ScriptedBluesky() as bluesky, Answering() as hook:
        scene = thread_scene(tmp_path_factory.mktemp("thread"), Bucket(s3_server, name), warm, (mastodon, bluesky, hook))
        yield scene, scene.bucket.snapshot()
    s3_server.drop_bucket(name)


@pytest.fixture
def scene(prepared, tmp_path) -> Scene:
    """The same for each test, with nothing posted yet."""
    first, objects = prepared
    first.bucket.restore(objects)
    first.forget()
    shutil.copytree(first.show.folder, tmp_path / "show", symlinks=True)
    return replace(first, show=Show(tmp_path / "show", now=NOW), said=[])


def test_it_is_posted_answered_there_and_the_answers_stand_in_the_page(scene, open_page):
    scene.add(title="The hinge & the door")
    assert "The hinge & the door" in scene.publish("--dry-run").stdout
    assert scene.counts() == (0, 0, 0), "a look posts nothing"
    scene.publish()
    scene.is_whole()
    [post] = scene.mastodon.posts()
    assert "The hinge & the door" in post.text
    assert f"{scene.bucket.url}/episodes/second.html" in post.text
    assert post.language == "en"
    scene.mastodon.reply(post.id, HOSTILE, at=scene.mastodon.now)
    scene.mastodon.reply(post.id, "<p>Between us alone</p>", visibility="direct", name="Private Person")
    first = scene.bluesky.reply(scene.record(), "A fine hinge.", handle="bob.test", name="Bob")
    scene.bluesky.reply(first, "Not for everybody", handle="eve.test", labels=("!no-unauthenticated",))
    scene.show.edit(NEW, "Some notes.", "Some other notes.")
    scene.publish(now=LATER)
    page = open_page(f"{scene.bucket.url}/episodes/second.html", java_script_enabled=False)
    shown = page.locator("body").inner_text()
    assert "Lovely" in shown
    assert "A fine hinge." in shown
    assert "Ada" in shown
    assert page.locator('a[href^="https://social.example/@ada/"]').count()
    assert "Between us" not in scene.page()
    assert "Private Person" not in scene.page()
    assert "Not for everybody" not in scene.page()
    assert "alert(" not in page.locator(".comments, #comments").first.inner_html()
    assert "evil.example" not in scene.page()
    scene.is_whole()
    scene.leaks_nothing()


def kill(running: list[Running]) -> Callable[[object], None]:
    """Ends the command that runs, as a power cut would."""

    def end(_: object) -> None:
        running[0].kill()

    return end


@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize("call", [POST, CREATE], ids=["mastodon", "bluesky"])
def test_a_power_cut_around_a_post_posts_nothing_twice_an_hour_later(scene, call, moment):
    scene.add()
    running: list[Running] = []
    for network in (scene.mastodon, scene.bluesky):
        getattr(network, moment)(call, kill(running))
    running.append(scene.start())
    assert running[0].wait().status == -9
    scene.mastodon.forget_keys()
    scene.publish(now=LATER)
    scene.is_whole()
    scene.leaks_nothing()


def test_a_power_cut_at_any_request_after_the_first_post_is_made_up_for(scene):
    scene.add()
    before, seen = scene.bucket.snapshot(), (scene.show.folder / ".airdate-cache" / "last-publish.json").read_bytes()
    with FaultProxy(scene.bucket.server.port) as proxy:
        first: list[int] = []
        scene.mastodon.before(POST, lambda _: first.append(len(proxy.seen)))
        scene.publish(endpoint=proxy.endpoint)
        [begin], end = first, len(proxy.seen)
    scene.is_whole()
    for number in range(begin - 2, end, 3):
        scene.bucket.restore(before)
        scene.forget()
        (scene.show.folder / ".airdate-cache" / "last-publish.json").write_bytes(seen)
        running: list[Running] = []
        with FaultProxy(scene.bucket.server.port, at_request(number, running)) as proxy:
            running.append(scene.start(endpoint=proxy.endpoint))
            running[0].wait()
        scene.mastodon.forget_keys()
        scene.publish(now=LATER)
        assert scene.counts()[:2] == (1, 1), number
        assert scene.counts()[2] <= 1, number
        assert f"/{scene.status()}" in scene.item(), number


def at_request(number: int, running: list[Running]) -> Callable[[Request], Fault]:
    """The command is killed when this request arrives, which the storage hears of where its number is even."""

    def decide(request: Request) -> Fault:
        if request.number == number:
            running[0].kill()
        return Fault.NONE if request.number < number or number % 2 == 0 else Fault.SERVER_ERROR

    return decide


def test_a_network_in_trouble_is_a_warning_and_made_up_for_by_the_next_publish(scene):
    scene.add()
    scene.mastodon.script(POST, Trouble.HANG_UP_AFTER, for_ever=True)
    scene.bluesky.script(CREATE, Trouble.RATE_LIMITED, for_ever=True)
    outcome = scene.publish()
    assert "Mastodon" in outcome.stderr
    assert "Bluesky" in outcome.stderr
    assert "second-guid" in scene.item()
    scene.mastodon.heal()
    scene.bluesky.heal()
    scene.mastodon.forget_keys()
    for network in (scene.mastodon, scene.bluesky):
        network.script("* *", Trouble.EXPIRED, for_ever=True)
    scene.publish(now=LATER)
    assert scene.counts()[0] <= 1
    scene.mastodon.heal()
    scene.bluesky.heal()
    scene.publish(now=LATER)
    scene.is_whole()
    scene.leaks_nothing()


def test_two_machines_at_once_post_once(scene, tmp_path):
    scene.add()
    clones = [scene.show.copy(tmp_path / f"clone-{number}") for number in range(3)]
    running = [scene.start(show=clone, machine=clone.folder.name) for clone in clones]
    outcomes = [one.wait() for one in running]
    assert [one.status for one in outcomes] == [0, 0, 0], [one.stderr for one in outcomes]
    scene.publish(now=LATER)
    scene.is_whole()


def test_a_rollback_and_what_follows_it_post_nothing_again(scene):
    scene.add()
    scene.publish()
    scene.show.edit(NEW, "Some notes.", "A terrible mistake.")
    scene.publish()
    scene.publish("rollback")
    scene.is_whole()
    scene.publish("rollback", "1")
    assert scene.counts() == (1, 1, 1)
    scene.show.edit(NEW, "A terrible mistake.", "Mended.")
    scene.publish("--force", "resume", now=LATER)
    scene.is_whole()


def test_a_changed_text_of_the_post_posts_nothing_again(scene):
    scene.add()
    scene.publish()
    scene.show.configure(f'server = "{scene.mastodon.address}"', f'server = "{scene.mastodon.address}"\ntext = "New: {{title}} {{link}}"')
    scene.show.edit(NEW, 'title = "Second"', 'title = "Second, renamed"')
    scene.publish(now=LATER)
    scene.is_whole()
    assert "renamed" not in scene.mastodon.posts()[0].text


def test_a_token_goes_to_no_other_host_until_somebody_says_so(scene):
    scene.add()
    scene.publish()
    with ScriptedMastodon() as other:
        scene.show.configure(scene.mastodon.address, other.address)
        scene.add("2026-06-01-third")
        outcome = scene.publish(status=None)
        assert "--force host=mastodon" in outcome.stdout + outcome.stderr
        assert not any(TOKEN in str(asked.headers) + asked.body.decode("latin-1") for asked in other.asked)
        assert other.posts() == []
        scene.leaks_nothing()
        scene.publish("--force", "host=mastodon")
        assert len(other.posts()) == 1
    assert len(scene.mastodon.posts()) == 1


def test_a_token_does_not_follow_a_redirect(scene, monkeypatch):
    scene.add()
    with Answering() as elsewhere:
        monkeypatch.setattr(scene.mastodon, "work", lambda asked: (307, b"", {"Location": f"{elsewhere.address}{asked.path}"}))
        scene.publish()
        assert scene.mastodon.asked
        assert elsewhere.asked == []


def test_answers_that_are_edited_or_deleted_follow_and_a_gone_post_leaves_what_stands(scene):
    scene.add()
    scene.publish()
    post = scene.status()
    edited = scene.mastodon.reply(post, "<p>The door squeaks</p>")
    deleted = scene.mastodon.reply(post, "<p>Never mind</p>", name="Bob", acct="bob@social.example")
    gone = scene.bluesky.reply(scene.record(), "A passing thought")
    scene.show.edit(NEW, "Some notes.", "Notes, once.")
    scene.publish(now=LATER)
    assert all(words in text_of(scene.page()) for words in ("The door squeaks", "Never mind", "A passing thought"))
    scene.mastodon.edit(edited, "<p>The door sings</p>")
    scene.mastodon.delete(deleted)
    scene.bluesky.delete(gone)
    scene.show.edit(NEW, "Notes, once.", "Notes, twice.")
    scene.publish(now=LATER)
    assert "The door sings" in text_of(scene.page())
    assert not any(words in scene.page() for words in ("squeaks", "Never mind", "A passing thought"))
    scene.mastodon.delete(post)
    scene.show.edit(NEW, "Notes, twice.", "Notes, again.")
    outcome = scene.publish(now=LATER)
    assert "The door sings" in text_of(scene.page())
    assert "Notes, again." in scene.page()
    assert "were not fetched" in outcome.stderr
    assert scene.mastodon.posts() == []


def test_a_fresh_checkout_keeps_the_answers_while_the_networks_are_away(scene, tmp_path):
    scene.add()
    scene.publish()
    scene.mastodon.reply(scene.status(), "<p>Lovely indeed</p>")
    scene.show.edit(NEW, "Some notes.", "Notes, once.")
    scene.publish(now=LATER)
    for network in (scene.mastodon, scene.bluesky):
        network.script("* *", Trouble.HANG_UP_BEFORE, for_ever=True)
    clone = scene.show.copy(tmp_path / "clone")
    for found in (clone.folder / "comments").glob("*.social.json"):
        found.unlink()
    clone.edit(NEW, "Notes, once.", "Notes, twice.")
    scene.publish(now=LATER, show=clone, machine="ci")
    assert "Notes, twice." in scene.page()
    assert "Lovely indeed" in text_of(scene.page())


def test_a_quiet_publish_asks_no_network_and_the_storage_as_little_as_before(scene):
    scene.add()
    scene.publish()
    for path in (scene.show.folder, *scene.show.folder.rglob("*")):
        os.utime(path, (1_700_000_000, 1_700_000_000))  # what was just written is looked at again
    counts = []
    for _ in range(3):
        with FaultProxy(scene.bucket.server.port) as proxy:
            asked = len(scene.mastodon.asked) + len(scene.bluesky.asked)
            scene.publish(endpoint=proxy.endpoint, now=LATER)
            counts.append((len(proxy.seen), len(scene.mastodon.asked) + len(scene.bluesky.asked) - asked))
    assert counts[-1][0] <= 2
    assert counts[-1][1] == 0


def test_the_webhook_is_told_once_and_never_again_after_an_unclear_end(scene, monkeypatch):
    scene.add()
    running: list[Running] = []
    answer = scene.hook.answer
    monkeypatch.setattr(scene.hook, "answer", lambda asked: (running[0].kill(), answer(asked))[1])
    running.append(scene.start())
    assert running[0].wait().status == -9
    monkeypatch.undo()
    outcome = scene.publish(now=LATER)
    assert len(scene.hook.asked) == 1
    assert "webhook" in outcome.stderr
    scene.publish(now=LATER)
    assert len(scene.hook.asked) == 1


def test_the_document_is_as_its_page_says_and_signed_for_the_receiver_among_the_examples(scene, monkeypatch):
    scene.add()
    scene.publish()
    [asked] = scene.hook.asked
    page = (ROOT / "docs/how-to/webhook.md").read_text("utf-8")
    shown = json.loads(re.search(r"^```json\n(.*?)^```", page, re.MULTILINE | re.DOTALL)[1])
    assert keys_of(asked.json) == keys_of(shown)
    assert [post["network"] for post in asked.json["data"]["posts"]] == ["mastodon", "bluesky"]
    receiver = runpy.run_path(str(ROOT / "examples/webhook/receive.py"))
    monkeypatch.setattr("time.time", lambda: datetime.fromisoformat(NOW).timestamp() + 60)
    assert receiver["is_signed"](asked.headers, asked.body, SECRET)
    assert not receiver["is_signed"](asked.headers, asked.body + b" ", SECRET)


def keys_of(value: object) -> object:
    """The shape of a document."""
    if isinstance(value, dict):
        return {key: keys_of(one) for key, one in value.items()}
    return [keys_of(value[0])] if isinstance(value, list) else None


def test_of_an_imported_show_of_300_episodes_none_is_posted_but_what_is_new(scene):
    for number in range(300):
        scene.show.episode(
            f"2020-01-01-old-{number}", date=f"2020-{1 + number // 28:02}-{1 + number % 28:02}T06:00:00Z", audio=recording(1.0)
        )
    scene.add()
    looked = scene.publish("--dry-run", "--json")
    assert {row["slug"] for row in looked.document["posts"]} == {"second"}
    for number in range(8, 300):
        scene.show.remove(f"2020-01-01-old-{number}")
    scene.publish()
    assert "old-7-guid" in scene.item("old-7")
    scene.is_whole()
