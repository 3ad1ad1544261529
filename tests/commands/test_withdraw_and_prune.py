"""Withdrawn and pruned: of everything an episode ever had, nothing answers but the pages that say it is gone."""

from __future__ import annotations

import datetime as dt
import gzip
import hashlib
import json
from dataclasses import replace

import pytest

from publisher.commands.prune import doomed_objects
from publisher.core import layout
from publisher.incremental_build.artifacts import FOREVER, SHORT, RecipeRecord, StoredObject
from publisher.incremental_build.recipe_names import episode_of
from publisher.state.published_episodes import PublishedAlternate, PublishedEpisode
from publisher.state.state import FORMAT, State, read_state, write_state
from publisher.sync.plan import Plan, next_state
from tests.support.show_factory import picture, recording

SECRET = "2026-05-20-secret-take"
OTHER = "2026-05-22-other"
GONE_PAGES = {"episodes/secret-take.html", "embed/secret-take.html"}
WORD = "Unspeakable"
VTT = "WEBVTT\n\n00:00.000 --> 00:04.000\n{}\n"


def everything(show, name: str, take: int) -> None:
    """An episode with everything an episode can have; another `take` has other bytes in each."""
    folder = f"episodes/{name}"
    word = WORD if "secret" in name else "Plain"
    front = "\n".join(
        [
            f"audio_revision = {take}",
            "season = 9" if "secret" in name else "season = 1",
            'guests = ["guest"]' if "secret" in name else "",
            "[[alternates]]",
            'file = "video.m4a"',
            "[[chapters]]",
            'start = "0:00"',
            f'title = "{word} {take}"',
            'image = "chapter.jpg"',
            "[[chapters]]",
            'start = "0:10"',
            'title = "Later"',
        ]
    )
    notes = f"{word} notes {take}.\n\n![A latch](photo.jpg)\n"
    title, voice = f"{word} title {take}", take + len(name)
    show.episode(name, title=title, date=f"{name[:10]}T06:00:00+02:00", front=front, notes=notes, audio=recording(voice=voice))
    show.write(f"{folder}/video.m4a", recording(12, voice=50 + take + len(name)))
    show.write(f"{folder}/cover.jpg", picture(1400 + take, 1400 + take))
    show.write(f"{folder}/photo.jpg", picture(300 + take, 200))
    show.write(f"{folder}/chapter.jpg", picture(500 + take, 500 + take))
    show.write(f"{folder}/transcript.en.vtt", VTT.format(f"{word} words, take {take}."))
    show.write(f"{folder}/transcript.de.vtt", VTT.format(f"{word} Worte, {take}."))
    show.write(f"comments/{name[11:]}.json", json.dumps({"comments": [{"name": word, "text": f"{word} comment {take}"}]}))


@pytest.fixture
def full(far):
    """The show with everything that pages can have, two of its episodes with all that an episode can have."""
    far.configure("search = false\nsocial_images = false", "search = true")
    far.configure('[people.ada]\nname = "Ada Field"', '[people.ada]\nname = "Ada Field"\n\n[people.guest]\nname = "A Guest"')
    everything(far, SECRET, 1)
    everything(far, OTHER, 1)
    return far


def ever_written(memory) -> set[str]:
    return {key for key in memory.written if not key.startswith(("-", ".airdate"))}


def test_of_a_withdrawn_episode_nothing_answers_but_the_pages_that_say_so(full, memory):
    done = full.publish("--yes")
    assert done.status == 0, done.stderr
    for take in (2, 3):
        everything(full, SECRET, take)
        everything(full, OTHER, take)
        done = full.publish("--yes")
        assert done.status == 0, done.stderr
    (full.folder / f"episodes/{SECRET}/transcript.de.vtt").unlink()
    assert full.publish("--yes").status == 0
    before = set(memory.keys)
    others = {key for key in ever_written(memory) if "other" in key and "/" in key}
    assert {key.partition("/")[0] for key in ever_written(memory) if "secret-take" in key} == {
        "art",
        "media",
        "episodes",
        "embed",
        "oembed",
    }
    assert full.run("withdraw", "secret-take", "--yes", "--no-verify").status == 0
    pruned = full.run("prune", "--yes", "--json")
    assert pruned.status == 0, pruned.stderr
    left = [key for key in ever_written(memory) & set(memory.keys) if "secret-take" in key]
    assert set(left) == GONE_PAGES
    told = {key for key in memory.keys if WORD.encode() in opened(memory.bytes_of(key)) and not key.startswith(".airdate/")}
    assert told <= GONE_PAGES, "these show its title"
    assert not [key for key in memory.keys if f"{WORD} notes".encode() in opened(memory.bytes_of(key))]
    assert others & before <= set(memory.keys), "what others have had stays its thirty days"
    assert pruned.document["deleted"] == sorted(set(pruned.document["deleted"]))


def opened(body: bytes) -> bytes:
    """Bytes as a visitor reads them: search bundles are packed."""
    return gzip.decompress(body) if body.startswith(b"\x1f\x8b") else body


def test_an_episode_may_be_called_as_the_shows_own_pictures_are(far):
    far.episode("2026-05-20-show", date="2026-05-20T06:00:00+02:00")
    far.write("episodes/2026-05-20-show/cover.jpg", picture(1401, 1401))
    done = far.publish("--yes")
    assert done.status == 0, done.stderr


@pytest.mark.parametrize(
    ("recipe", "slug"),
    [
        ("media/a", "a"),
        ("alternate/a/0", "a"),
        ("image/a/b/c.jpg", "a"),
        ("removed/a", "a"),
        ("art/person", "person"),
        ("art/person/ada", ""),
        ("art/season/1", ""),
        ("artwork", ""),
        ("search/a", ""),
        ("feed/2", ""),
        ("social", ""),
    ],
)
def test_a_recipe_tells_whose_it_is(recipe, slug):
    assert episode_of(recipe) == slug


NOW = dt.datetime(2026, 6, 1, tzinfo=dt.UTC)


def stored(cache: str = FOREVER, **facts) -> StoredObject:
    return StoredObject(size=1, sha256="0", etag="", content_type="", cache_control=cache, since=1, **facts)


def entry(slug: str, **facts) -> PublishedEpisode:
    return PublishedEpisode(slug=slug, guid=slug, date="2026-05-01T06:00:00+02:00", **facts)


def after(before: State, **recipes: tuple[str, ...]) -> State:
    """The State after a publish that made these and nothing else."""
    made = {name.replace("_", "/"): RecipeRecord(fingerprint="", keys=keys) for name, keys in recipes.items()}
    after = next_state(before, Plan(changes=(), recipes=made, stale_fingerprints=True))
    return replace(after, published={"1": NOW.isoformat()})


@pytest.fixture
def shared():
    """Two recipes that made one key, of an episode that stays and of one that is withdrawn."""
    recipes = {"image/a": RecipeRecord("", ("k", "of-a")), "image/b": RecipeRecord("", ("k", "of-b"))}
    episodes = {"a": entry("a"), "b": entry("b")}
    return State(generation=1, recipes=recipes, objects={"k": stored(), "of-a": stored(), "of-b": stored()}, episodes=episodes)


def withdraw(state: State, slug: str) -> State:
    return replace(state, episodes={**state.episodes, slug: replace(state.episodes[slug], withdrawn=True)})


def test_a_key_that_a_live_recipe_makes_too_stays_and_what_only_the_withdrawn_one_made_goes(shared):
    state = withdraw(after(shared, image_a=("k", "of-a")), "b")
    assert doomed_objects(state, NOW) == {"of-b"}


def test_whoever_made_a_key_long_ago_is_still_known_when_its_last_maker_leaves_it(shared):
    state = after(after(shared, image_a=("k", "of-a"), image_b=("new",)), image_a=(), image_b=("new",))
    assert doomed_objects(withdraw(state, "b"), NOW) == {"k", "of-b"}
    assert doomed_objects(withdraw(state, "a"), NOW) == {"k", "of-a"}
    assert doomed_objects(state, NOW) == set()


def test_a_page_of_the_show_that_is_gone_goes_with_a_withdrawn_episode_and_a_style_sheet_stays():
    made = {"archive/2": RecipeRecord("", ("archive/2.html",)), "assets": RecipeRecord("", ("assets/old.css",))}
    objects = {"archive/2.html": stored(SHORT), "assets/old.css": stored()}
    state = after(State(generation=1, recipes=made, objects=objects, episodes={"a": entry("a")}))
    assert doomed_objects(state, NOW) == set()
    assert doomed_objects(withdraw(state, "a"), NOW) == {"archive/2.html"}


def test_what_an_older_state_kept_no_maker_of_goes_but_not_the_recordings_of_others():
    other = PublishedAlternate(name="x", key="media/b-alt", size=1, sha256="", type="audio/mpeg")
    episodes = {"a": entry("a", withdrawn=True), "b": entry("b", removed=True, alternates=(other,))}
    objects = {"media/b-alt": stored(gone=1), "art/odd-name.jpg": stored(gone=1), "art/live.jpg": stored()}
    state = State(generation=1, objects=objects, episodes=episodes, published={"1": NOW.isoformat()})
    assert doomed_objects(state, NOW) == {"art/odd-name.jpg"}


@pytest.mark.parametrize(("gone", "days"), [(1, 30), (7, 30), (10, 60)])
def test_an_object_goes_after_the_grace_since_the_publish_that_let_it_go_or_else_the_oldest_remembered(gone, days):
    published = {"7": NOW.isoformat(), "10": (NOW + dt.timedelta(days=30)).isoformat()}
    state = State(generation=10, objects={"art/old.jpg": stored(gone=gone)}, episodes={"a": entry("a")}, published=published)
    assert doomed_objects(state, NOW + dt.timedelta(days=days)) == set()
    assert doomed_objects(state, NOW + dt.timedelta(days=days, seconds=1)) == {"art/old.jpg"}


def test_what_a_publish_nobody_remembers_let_go_stays_where_none_is_remembered():
    state = State(generation=10, objects={"art/old.jpg": stored(gone=1)}, episodes={"a": entry("a")})
    assert doomed_objects(state, NOW + dt.timedelta(days=900)) == set()


def test_makers_are_remembered_and_a_state_without_them_is_read(shared):
    state = after(shared, image_a=("k",))
    index, shards = write_state(state)
    assert read_state(index, "", shards.get).objects == state.objects
    assert state.objects["of-b"].makers == ("image/b",)
    document = json.loads(index)
    document["format"] = 1
    parts = {key: json.loads(gzip.decompress(body)) for key, body in shards.items()}
    for shard in (document["site"], *parts.values()):
        shard["objects"] = {key: row[:7] for key, row in shard["objects"].items()}
    packed = {}
    for name, key in document["shards"].items():  # each part is named by what it holds
        raw = json.dumps(parts[key]).encode()
        document["shards"][name] = layout.shard(name, hashlib.sha256(raw).hexdigest())
        packed[document["shards"][name]] = gzip.compress(raw)
    old = read_state(json.dumps(document).encode(), "", packed.get)
    assert old.objects["of-b"] == state.objects["of-b"]._replace(makers=())


def test_a_state_of_the_next_form_is_refused_and_this_one_is_read():
    from publisher.core.errors import StorageError

    document = json.loads(write_state(State(generation=1))[0])
    assert document["format"] == FORMAT
    document["format"] = FORMAT + 1
    with pytest.raises(StorageError, match="newer Airdate"):
        read_state(json.dumps(document).encode(), "", {}.get)
