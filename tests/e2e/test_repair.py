"""What somebody deleted from a bucket, or overwrote there: put back by the real command, and asked for as listeners do."""

from __future__ import annotations

import http.client
from functools import partial
from urllib.parse import quote

import pytest

from tests.support.e2e_show import bucket_show, clean_environment, named
from tests.support.fault_proxy import Fault, FaultProxy
from tests.support.show_factory import picture, recording

VTT = "WEBVTT\n\n00:00.000 --> 00:04.000\nHello.\n"
WANTED = {
    "the feed": lambda key: key == "feed.xml",
    "the first page": lambda key: key == "index.html",
    "an episode's page": lambda key: key == "episodes/first.html",
    "a transcript": lambda key: key.startswith("episodes/first/transcript-") and key.endswith(".vtt"),
    "artwork": lambda key: key.startswith("art/artwork-") and not any(size in key for size in ("-160-", "-320-", "-640-")),
    "a recording": lambda key: key.startswith("media/first-") and "-alt-" not in key,
    "another encoding": lambda key: key.startswith("media/first-alt-"),
    "a part of State": lambda key: key.startswith(".airdate/state-2026-"),
}


@pytest.fixture
def show(place, warm, tmp_path):
    """A published show with all that an episode can have; `.there` is what lay in the bucket then."""
    show = bucket_show(tmp_path / "desk", place.name, site=place.url)
    folder = show.episode(front='[[alternates]]\nfile = "small.mp3"\ntitle = "Small"\n')
    show.episode("2026-05-08-second", date="2026-05-08T06:00:00+02:00")
    (folder / "transcript.vtt").write_text(VTT)
    (folder / "cover.jpg").write_bytes(picture(1400, 1400, mode="L"))
    (folder / "small.mp3").write_bytes(recording(20.0, voice=91))
    done = warm.run(show, "--yes", endpoint=place.server.endpoint)
    assert done.status == 0, done.stderr
    show.there = place.objects()
    return show


def looking(show, endpoint):
    """`publish --yes` in a process of its own, which looks at the result from outside."""
    return partial(show.program, "--yes", env=clean_environment(show.folder.parent / "home", endpoint))


def key_of(show, kind):
    (key,) = filter(WANTED[kind], show.there)
    return key


def asked_for(place, key):
    """What a listener gets."""
    connection = http.client.HTTPConnection("127.0.0.1", place.server.port, timeout=20)
    try:
        connection.request("GET", f"/{place.name}/{quote(key)}")
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


def assert_whole(place, show):
    """Listeners get everything as it was, beginning at the feed."""
    status, feed = asked_for(place, "feed.xml")
    assert status == 200
    keys = named(feed, place.url, "feed.xml")
    assert len(keys) > 8
    for key in keys:
        assert asked_for(place, key) == (200, show.there[key]), key
    now = place.objects()
    visible = [key for key in show.there if not key.startswith(".airdate/")]
    assert [key for key in visible if now.get(key) != show.there[key]] == []


@pytest.mark.parametrize("kind", WANTED)
def test_what_was_deleted_in_a_bucket_is_put_back(place, warm, show, kind):
    run = partial(warm.run, show, "--yes", endpoint=place.server.endpoint)
    key = key_of(show, kind)
    place.delete(key)
    assert "Nothing changed" in run().stderr
    done = run("--repair", "--json")
    assert done.status == 0, done.stderr
    assert [(row["key"], row["found"], row["put_back"]) for row in done.document["repair"]["files"]] == [(key, "missing", True)]
    assert_whole(place, show)
    assert place.get(key) == show.there[key]


@pytest.mark.parametrize("damage", [lambda body: bytes(len(body)), lambda body: body[:-7]], ids=["overwritten", "cut short"])
def test_what_was_damaged_in_a_bucket_is_put_back(place, warm, show, damage):
    run = partial(warm.run, show, "--yes", endpoint=place.server.endpoint)
    keys = {key_of(show, kind) for kind in WANTED}
    for key in keys:
        place.put(key, damage(show.there[key]))
    assert "Nothing changed" in run().stderr
    told = run("--dry-run", "--repair", "--json")
    assert told.status == 0, told.stderr
    assert {row["key"] for row in told.document["repair"]["files"]} == keys
    assert all(place.get(key) != show.there[key] for key in keys)
    done = run("--repair", "--json")
    assert done.status == 0, done.stderr
    assert {(row["key"], row["found"], row["put_back"]) for row in done.document["repair"]["files"]} == {
        (key, "changed", True) for key in keys
    }
    assert_whole(place, show)
    again = run("--repair", "--json")
    assert again.document["repair"]["files"] == []
    assert "nothing is missing" in again.stderr


def test_all_of_it_is_put_back_in_one_go(place, warm, show):
    place.delete(*(key for key in show.there if not key.startswith(".airdate/")))
    done = warm.run(show, "--yes", "--repair", endpoint=place.server.endpoint)
    assert done.status == 0, done.stderr
    assert_whole(place, show)


def test_the_index_of_state_is_taken_from_the_record_and_the_rest_is_put_back(place, warm, show):
    place.delete(".airdate/state.json", key_of(show, "a transcript"), "episodes/first.html")
    done = warm.run(show, "--yes", "--repair", endpoint=place.server.endpoint)
    assert done.status == 0, done.stderr
    assert_whole(place, show)


def test_a_recording_that_is_another_one_now_is_named_and_not_replaced(place, warm, show):
    run = partial(warm.run, show, "--yes", endpoint=place.server.endpoint)
    lost = key_of(show, "a recording")
    place.delete(lost, key_of(show, "a transcript"), "feed.xml")
    original = (show.folder / "episodes/2026-05-01-first/audio.mp3").read_bytes()
    show.write("episodes/2026-05-01-first/audio.mp3", recording(21.0, voice=5))
    done = run("--repair", "--json")
    assert done.status == 6
    assert f"{lost}: " in done.stderr
    assert "audio_revision = 2" in done.stderr
    assert asked_for(place, lost)[0] in (403, 404)
    assert asked_for(place, "feed.xml") == (200, show.there["feed.xml"])
    show.write("episodes/2026-05-01-first/audio.mp3", original)
    assert run("--repair").status == 0
    assert_whole(place, show)


def test_a_key_that_may_list_nothing_asks_for_each_object(place, warm, show):
    key = key_of(show, "a transcript")
    place.delete(key)

    def no_listing(request):
        return Fault.FORBIDDEN if request.method == "GET" and "list-type" in request.path else Fault.NONE

    with FaultProxy(place.server.port, no_listing) as proxy:
        done = warm.run(show, "--yes", "--repair", endpoint=proxy.endpoint)
    assert done.status == 0, done.stderr
    assert_whole(place, show)


def test_a_look_at_a_thousand_objects_costs_a_listing_for_each_folder(place, warm, show):
    with FaultProxy(place.server.port) as proxy:
        done = warm.run(show, "--yes", "--repair", "--json", endpoint=proxy.endpoint)
        asked = [request for request, _ in proxy.seen]
    assert done.status == 0, done.stderr
    assert done.document["repair"]["files"] == []
    assert {request.method for request in asked} <= {"GET", "HEAD"}
    at_the_root = sum("/" not in key for key in show.there)
    assert len(asked) <= at_the_root + 16, "folders, the parts of State, its index and the claim"


def test_the_next_publish_after_verify_puts_back_what_it_missed(place, show):
    run = looking(show, place.server.endpoint)
    key = key_of(show, "a recording")
    assert run().status == 0
    place.delete(key)
    looked = run("verify")
    assert looked.status == 6
    assert "publish --repair" in looked.stdout
    done = run("--json")
    assert done.status == 0, done.stderr
    assert [row["key"] for row in done.document["repair"]["files"]] == [key]
    assert_whole(place, show)


def test_the_look_from_outside_after_a_publish_is_remembered_as_well(place, show):
    run = looking(show, place.server.endpoint)
    key = key_of(show, "a recording")
    place.delete(key)
    show.edit("2026-05-08-second", "Some notes.", "Better notes.")
    assert run().status == 6
    done = run()
    assert done.status == 0, done.stderr
    assert asked_for(place, key) == (200, show.there[key])


def test_a_404_of_a_content_network_proves_nothing(place, tmp_path):
    """The storage has the object, and only what stands before it says that it has not."""
    stale: set[str] = set()

    def decide(request):
        return Fault.GONE if any(key in request.path for key in stale) else Fault.NONE

    with FaultProxy(place.server.port, decide) as network:
        show = bucket_show(tmp_path / "desk", place.name, site=f"{network.endpoint}/{place.name}")
        show.episode()
        run = looking(show, place.server.endpoint)
        assert run().status == 0
        (key,) = (key for key in place.listed() if key.startswith("media/"))
        stale.add(key)
        assert run("verify").status == 6
        before = place.objects()
        with FaultProxy(place.server.port) as proxy:
            done = looking(show, proxy.endpoint)("--json", "--no-verify")
            sent = [request for request, _ in proxy.seen if request.method not in ("GET", "HEAD")]
        assert done.status == 0, done.stderr
        assert done.document["repair"] == {"looked_at": 1, "files": []}
        assert sent == []
        assert place.objects() == before
