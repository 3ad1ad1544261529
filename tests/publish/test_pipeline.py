"""The straight line: what a publish sends, why, in which order, and what the second one does."""

from __future__ import annotations

import json
import os
import sys

import pytest

from tests.support.show_factory import FRAME, make_show, picture, recording, tree

PHASES = ["media", "document", "page", "feed", "echo", "state"]


def changes(outcome, *reasons):
    return {change["key"]: change["reason"] for change in outcome.document["changes"] if not reasons or change["reason"] in reasons}


def test_the_first_publish_puts_a_whole_show(show):
    outcome = show.publish("--json")
    assert outcome.status == 0, outcome.stderr
    document = outcome.document
    assert set(changes(outcome).values()) == {"new"}
    assert document["summary"]["new"] == len(document["changes"])
    assert document["summary"]["bytes"] == document["bytes_sent"] == sum(change["bytes"] for change in document["changes"])
    assert document["feed_url"] == "https://small.example/feed.xml"
    files = tree(show.public)
    for change in document["changes"]:
        assert len(files[change["key"]]) == change["bytes"]
    feed = files["feed.xml"].decode()
    assert feed.count("<item>") == 2
    assert "https://small.example/media/first-" in feed


def test_the_documents_for_programs_have_their_shape(show):
    document = show.publish("--json", "--dry-run").document
    assert set(document) >= {"changes", "summary", "findings", "requests", "bytes_sent", "seconds", "feed_url"}
    assert set(document["changes"][0]) == {"action", "key", "reason", "bytes", "phase"}
    assert set(document["summary"]) == {"new", "content", "headers", "lost", "gone", "bytes"}
    assert {change["phase"] for change in document["changes"]} <= set(PHASES)
    assert document["bytes_sent"] == 0
    for row in document["findings"]:
        assert set(row) == {"code", "severity", "file", "line", "message", "hint", "episode"}


def test_a_dry_run_writes_nothing_anywhere(show):
    outcome = show.publish("--dry-run")
    assert outcome.status == 0
    assert "new episode: “Second”" in outcome.stdout
    assert not show.public.exists()


def test_the_second_publish_sends_nothing(show):
    show.publish()
    before = tree(show.public)
    outcome = show.publish("--json")
    assert outcome.document["changes"] == []
    assert outcome.document["bytes_sent"] == 0
    assert "Nothing changed, nothing sent." in outcome.stderr
    assert tree(show.public) == before


def test_the_second_publish_to_a_bucket_is_two_requests(far, memory):
    assert far.publish().status == 0
    before = memory.requests
    memory.written.clear()
    assert far.publish().status == 0
    assert memory.requests - before == 2
    assert memory.written == []


def test_the_second_publish_to_a_real_bucket_is_two_requests_by_its_own_count(tmp_path, bucket, s3_server):
    show = make_show(tmp_path / "show", storage=f"s3://{bucket}/a/prefix")
    show.configure("[storage]\n", f'[storage]\nendpoint = "{s3_server.endpoint}"\nregion = "us-east-1"\naddressing = "path"\n')
    show.episode()
    outcome = show.publish("--json")
    assert outcome.status == 0, outcome.stderr
    keys = {item["Key"] for item in s3_server.client().list_objects_v2(Bucket=bucket)["Contents"]}
    assert {f"a/prefix/{change['key']}" for change in outcome.document["changes"]} <= keys
    assert all(key.startswith("a/prefix/") for key in keys)
    before = s3_server.counted(bucket)
    again = show.publish("--json")
    assert again.document["requests"] == 2
    after = s3_server.counted(bucket)
    assert sum(after.values()) - sum(before.values()) == 2


def test_only_what_changed_is_sent_with_its_reason(show):
    show.publish()
    show.edit("2026-05-01-first", "Some notes.", "Other notes.")
    outcome = show.publish("--json")
    changed = changes(outcome)
    assert changed["episodes/first.html"] == "content"
    assert changed["feed.xml"] == "content"
    assert not any(key.startswith(("media/", "art/", "assets/")) for key in changed)
    assert "episodes/second.html" not in changed


def test_a_changed_title_leaves_the_recording_alone(show):
    show.publish()
    media = {name: body for name, body in tree(show.public).items() if name.startswith("media/")}
    show.edit("2026-05-01-first", 'title = "First"', 'title = "The very first"')
    outcome = show.publish("--json")
    assert changes(outcome)["feed.xml"] == "content"
    assert {name: body for name, body in tree(show.public).items() if name.startswith("media/")} == media


def test_what_nothing_names_any_more_is_gone_from_the_plan_and_still_there(show):
    show.publish()
    old = next((show.public / "art").glob("artwork-????????.jpg")).relative_to(show.public).as_posix()
    show.write("artwork.jpg", picture(1500, 1500))
    outcome = show.publish("--json")
    assert changes(outcome, "gone")[old] == "gone"
    assert (show.public / old).is_file(), "publish deletes nothing"


def test_nothing_is_deleted_by_any_publish(far, memory):
    far.publish()
    before = set(memory.contents)
    far.write("artwork.jpg", picture(1500, 1500))
    far.remove("2026-05-01-first")
    assert far.publish("--force", "remove=first", "--force", "shrink").status == 0
    assert {key for key in before if not key.startswith(".airdate/")} <= set(memory.contents)
    assert not [key for key in memory.written if key.startswith("-") and "probe" not in key]


def test_a_removed_episode_says_so_on_its_page_and_leaves_the_feed(show):
    show.publish()
    show.remove("2026-05-01-first")
    assert show.publish("--force", "remove=first").status == 0
    page = (show.public / "episodes/first.html").read_text()
    assert "noindex" in page
    assert "Some notes." not in page
    assert "first-guid" not in (show.public / "feed.xml").read_text()
    assert "episodes/first.html" not in (show.public / "index.html").read_text()


def test_phases_are_put_one_after_the_other_and_state_is_last(far, memory):
    assert far.publish().status == 0
    order = [key for key in memory.written if "probe" not in key]

    def at(part):
        return [index for index, key in enumerate(order) if key.lstrip("-").startswith(part)]

    claim = at(".airdate/claims/")[0]
    pages = [index for index, key in enumerate(order) if key.endswith((".html", "sitemap.xml"))]
    assert max(at("media/") + at("art/") + at("assets/")) < claim < min(pages)
    assert max(pages) < at("feed.xml")[0]
    assert order[-1] == ".airdate/state.json"
    assert at("feed.xml")[0] < at(".airdate/state-")[0]


@pytest.mark.parametrize(
    ("failing", "never"),
    [
        ("media/", (".airdate/claims", "episodes/first.html", "index.html", "feed.xml", ".airdate/state.json")),
        ("episodes/", ("feed.xml", ".airdate/state.json")),
        ("feed.xml", (".airdate/state.json",)),
    ],
)
def test_a_phase_that_fails_stops_all_after_it(far, memory, failing, never):
    memory.refuse = lambda key: key.startswith(failing)
    outcome = far.publish("--json")
    assert outcome.status == 4
    assert outcome.document["error"]["code"] == "storage-denied"
    assert not [key for key in memory.written if key.startswith(never)]
    memory.refuse = lambda _key: False
    memory.clock.pass_by(120)
    assert far.publish().status == 0
    assert "feed.xml" in memory.keys


def test_changed_headers_are_a_reason_of_their_own(far, memory, monkeypatch):
    far.publish()
    from publisher.incremental_build import artifacts, build

    monkeypatch.setattr(artifacts, "SHORT", "public, max-age=60")
    monkeypatch.setattr(build, "code_digest", lambda *_parts, **_libraries: "another")
    outcome = far.publish("--json")
    reasons = changes(outcome)
    assert reasons["feed.xml"] == "headers"
    assert reasons["index.html"] == "headers"
    assert memory.read("feed.xml").headers.cache_control == "public, max-age=60"
    assert not any(key.startswith("media/") for key in reasons)


def test_an_episode_is_published_when_it_is_due_and_not_before(show):
    show.episode("2026-07-01-third", title="Quince Marmalade", date="2026-07-01T06:00:00+02:00")
    outcome = show.publish("--json", now="2026-07-01T03:59:59+00:00")
    assert outcome.document["next_due"] == "2026-07-01T06:00:00+02:00"
    assert "third" not in (show.public / "feed.xml").read_text()
    outcome = show.publish("--json", now="2026-07-01T04:00:00+00:00")
    assert changes(outcome)["episodes/third.html"] == "new"
    assert "third-guid" in (show.public / "feed.xml").read_text()


def test_drafts_and_coming_episodes_leak_nowhere(show):
    secrets = {
        "2026-05-10-leaky-a": {"title": "Quagga Whisper", "front": "draft = true", "notes": "Gnomon text.\n"},
        "2026-09-01-leaky-b": {"title": "Zephyr Umbrella", "date": "2026-09-01T06:00:00+02:00", "notes": "Gnomon text.\n"},
        "leaky-c": {"title": "Obelisk Marmot", "date": None, "notes": "Gnomon text.\n"},
    }
    for name, written in secrets.items():
        show.episode(name, **{"date": "2026-05-10T06:00:00+02:00", **written})
    assert show.publish().status == 0
    show.edit("2026-05-01-first", "Some notes.", "Other notes.")
    assert show.publish().status == 0
    assert_nowhere(show.public, "Quagga", "Zephyr", "Obelisk", "Gnomon", "leaky-")


def test_an_unlisted_episode_is_on_its_own_page_and_nowhere_else(show):
    show.episode("2026-05-10-secret", title="Quagga Whisper", front="unlisted = true", notes="Gnomon text.\n")
    assert show.publish().status == 0
    pages = [name for name, body in tree(show.public).items() if b"Quagga" in body]
    assert len([name for name in pages if name.startswith("episodes/")]) == 1
    assert all(name.startswith(("episodes/secret-", "embed/secret-", "oembed/secret-", "media/secret-")) for name in pages), pages
    for name, body in tree(show.public).items():
        if not name.startswith(("episodes/", "embed/", "oembed/", "airdate-state/", "media/")):
            assert b"secret" not in body, name
    page = next(name for name in pages if name.startswith("episodes/"))
    assert "noindex" in (show.public / page).read_text()


def assert_nowhere(folder, *words):
    import gzip

    for name, body in tree(folder).items():
        plain = gzip.decompress(body) if body[:2] == b"\x1f\x8b" else body
        for word in words:
            assert word not in name
            assert word.encode() not in plain, (word, name)


def test_a_folder_that_was_renamed_keeps_its_address_by_its_guid(show):
    show.publish()
    show.rename("2026-05-01-first", "2026-05-01-a-better-name")
    outcome = show.publish("--json")
    assert outcome.status == 0, outcome.stderr
    assert not any("better" in key for key in changes(outcome))
    assert "episodes/first.html" in (show.public / "index.html").read_text()


def test_a_new_episode_may_not_take_the_address_of_a_renamed_one(show):
    show.publish()
    show.rename("2026-05-01-first", "2026-05-01-other")
    show.episode("2026-05-20-first", date="2026-05-20T06:00:00+02:00", guid=False)
    found = show.publish("--json")
    assert found.status == 3
    assert found.findings("slug-taken")[0]["file"] == "episodes/2026-05-20-first/episode.md"
    show.edit("2026-05-20-first", "+++\n\n", 'slug = "first-2"\n+++\n\n')
    assert show.publish().status == 0


def test_an_address_is_not_given_again_after_its_episode_was_taken_away(show):
    show.episode("2026-05-09-third", date="2026-05-09T06:00:00+02:00")
    show.publish()
    show.remove("2026-05-01-first")
    assert show.publish("--force", "remove=first").status == 0
    show.episode("2026-05-20-first", date="2026-05-20T06:00:00+02:00", guid=False)
    outcome = show.publish("--json")
    assert outcome.status == 3
    assert 'guid = "first-guid"' in outcome.findings("slug-taken")[0]["hint"]
    show.edit("2026-05-20-first", "+++\n\n", 'guid = "first-guid"\n+++\n\n')
    assert show.publish().status == 0, "it is the same episode again"


def test_another_recording_is_refused_until_the_revision_says_so(far, memory):
    far.publish()
    old = next(key for key in memory.keys if key.startswith("media/first-"))
    bytes_before = memory.bytes_of(old)
    far.write("episodes/2026-05-01-first/audio.mp3", recording(30.0, voice=1))
    outcome = far.publish("--json")
    assert outcome.status == 3
    found = outcome.findings("audio-frozen")[0]
    assert found["file"] == "episodes/2026-05-01-first/audio.mp3"
    assert "audio_revision = 2" in found["hint"]
    assert memory.bytes_of(old) == bytes_before
    far.edit("2026-05-01-first", "+++\n\n", "audio_revision = 2\n+++\n\n")
    memory.written.clear()
    outcome = far.publish("--json")
    assert outcome.status == 0, outcome.stderr
    new = next(key for key in memory.keys if key.startswith("media/first-") and key != old)
    assert new in memory.bytes_of("feed.xml").decode()
    assert old not in memory.bytes_of("feed.xml").decode()
    assert memory.bytes_of(old) == memory.bytes_of(new) != bytes_before
    assert FRAME in memory.bytes_of(new)
    assert memory.written.index(new) < memory.written.index("feed.xml") < memory.written.index(old)
    assert far.publish("--json").document["changes"] == []


def test_a_clone_without_recordings_publishes_a_change_of_text(far, memory, tmp_path):
    far.publish()
    other = far.copy(tmp_path / "clone", audio=False)
    other.edit("2026-05-01-first", "Some notes.", "Better notes.")
    outcome = other.publish("--json")
    assert outcome.status == 0, outcome.stderr
    assert changes(outcome)["episodes/first.html"] == "content"
    assert not any(key.startswith("media/") for key in changes(outcome))
    assert b"Better notes." in memory.bytes_of("episodes/first.html")
    assert memory.bytes_of("feed.xml").decode().count("<enclosure") == 2


def test_a_fresh_checkout_of_what_is_published_sends_nothing(far, memory, tmp_path):
    far.publish()
    memory.written.clear()
    outcome = far.copy(tmp_path / "clone").publish("--json")
    assert outcome.document["changes"] == []
    assert memory.written == []


def test_same_folder_same_bytes_on_any_machine(show, tmp_path, monkeypatch):
    show.publish()
    other = show.copy(tmp_path / "elsewhere")
    monkeypatch.setattr("platform.node", lambda: "another")
    other.publish()
    ours = {name: body for name, body in tree(show.public).items() if not name.startswith("airdate-state/")}
    assert {name: body for name, body in tree(other.public).items() if not name.startswith("airdate-state/")} == ours


def test_a_published_recording_that_cannot_be_read_here_is_a_warning(show):
    show.publish()
    show.write("episodes/2026-05-01-first/audio.mp3", b"")
    show.edit("2026-05-01-first", "Some notes.", "Other notes.")
    outcome = show.publish("--json")
    assert outcome.status == 0, outcome.stderr
    assert outcome.findings("audio-empty")[0]["severity"] == "warning"


HEAVY = {"feedgen", "jinja2", "PIL", "httpx", "babel", "lxml", "markdown_it", "boto3", "mutagen", "rich", "starlette", "nh3"}
LIST = "import json\nprint(json.dumps(sorted({name.partition('.')[0] for name in sys.modules})))"


def test_help_imports_click_and_nothing_heavier(show):
    outcome = show.program("--help", code=LIST)
    loaded = set(json.loads(outcome.stdout.splitlines()[-1]))
    assert "click" in loaded
    assert not loaded & (HEAVY | {"pydantic", "ruamel", "email", "asyncio"})


NETWORKS = '[announce.mastodon]\nserver = "https://social.example"\n[announce.bluesky]\nhandle = "show.example"\n'


def test_a_publish_that_changes_nothing_imports_nothing_heavy(show):
    with show.config.open("a", encoding="utf-8") as config:
        config.write(NETWORKS)
    for recording_file in show.folder.glob("episodes/*/audio.mp3"):
        os.utime(recording_file, (1_700_000_000, 1_700_000_000))  # one that was just written is measured again
    assert show.program("--no-verify").status == 0
    outcome = show.program("--no-verify", code=LIST)
    if "Nothing changed" not in outcome.stderr:  # somebody edited our sources between the two
        outcome = show.program("--no-verify", code=LIST)
    loaded = set(json.loads(outcome.stdout.splitlines()[-1]))
    assert outcome.status == 0
    assert "Nothing changed" in outcome.stderr
    assert not loaded & HEAVY
    assert "pydantic" in loaded


def test_quiet_says_nothing_and_verbose_says_more(show):
    assert show.publish("--quiet").stderr == ""
    show.edit("2026-05-01-first", "Some notes.", "Other notes.")
    long = show.publish("--verbose", "--dry-run").stderr
    assert "more (--verbose" not in long
    assert sys.stdout.isatty() or "\x1b[" not in long


def test_a_folder_is_not_said_to_have_been_looked_at_from_outside(show):
    outcome = show.run("--yes")
    assert outcome.status == 0, outcome.stderr
    assert "from outside" not in outcome.stderr
    assert "Written into public/; upload it to where https://small.example is served, then `publish verify --online`." in outcome.stderr
