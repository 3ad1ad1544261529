"""What a publish holds: of each episode names, sizes and hashes, not what was rendered of it."""

from __future__ import annotations

import gc
import gzip
import time
import tracemalloc
from collections import Counter
from threading import Lock

import publisher.ask_and_apply
import publisher.check.rendered
import publisher.render_show
import publisher.state.state
import publisher.sync.apply
from feed.model import Episode, Notes
from feed.text_cleaning import read_json
from publisher.core.digests import canonical_json
from publisher.incremental_build.artifacts import Phase, RecipeRecord, StoredObject, artifact, bytes_of
from publisher.state.published_episodes import PublishedEpisode
from publisher.state.state import State
from publisher.sync.claims import PART, Claim, history_parts, write_claim
from publisher.sync.this_run import Run
from publisher.sync.uploads import LARGE, RECORDINGS, put_all
from tests.support.show_factory import make_show

WORDS = "Words that no other episode has."


def _held() -> list[str]:
    """The values in memory that have the rendered notes of an episode with WORDS."""
    gc.collect()
    notes = [
        item for item in gc.get_objects() if type(item) is Notes and WORDS in item.text
    ]  # a proxy of what is gone raises when asked its class
    return [type(item).__name__ for item in (*notes, *(item for item in gc.get_objects() if type(item) is Episode and item.notes in notes))]


def test_rendered_notes_are_held_of_one_episode_after_another(tmp_path, monkeypatch):
    show = make_show(tmp_path)
    for number in (1, 2, 3):
        show.episode(f"2026-04-0{number}-number-{number}", date=f"2026-04-0{number}T06:00:00+02:00", notes=WORDS)
    held = []
    for module, name in ((publisher.render_show, "_remember_notes"), (publisher.ask_and_apply, "apply_changes")):
        monkeypatch.setattr(module, name, _counting(getattr(module, name), held))
    assert show.publish().status == 0
    assert held == [[], []]


def test_the_rules_let_go_of_each_episode_that_they_judged(tmp_path, monkeypatch):
    show, held = make_show(tmp_path), []
    for number in (1, 2, 3):
        show.episode(f"2026-04-0{number}-number-{number}", date=f"2026-04-0{number}T06:00:00+02:00", notes=WORDS)
    judge = publisher.check.rendered.Judgement._episode
    monkeypatch.setattr(publisher.check.rendered.Judgement, "_episode", _counting(judge, held))
    assert show.run("check").status == 0
    assert held == [[], [], []]


def test_the_rows_of_state_are_held_once_when_it_is_written(tmp_path, monkeypatch):
    show, held = make_show(tmp_path), []
    show.episode()
    monkeypatch.setattr(publisher.sync.apply, "commit", _counting(publisher.sync.apply.commit, held, _rows))
    assert show.publish().status == 0
    (rows,) = held
    assert len(rows) > 10
    assert set(rows.values()) == {1}


def _rows():
    """How many rows there are in memory of each object of a State, told by its bytes."""
    gc.collect()
    return Counter(item.sha256 for item in gc.get_objects() if type(item) is StoredObject)


def _counting(function, held, count=_held):
    def counting(*arguments, **named):
        held.append(count())
        return function(*arguments, **named)

    return counting


def test_a_part_of_state_is_packed_for_the_claim_and_once_more_when_its_etags_are_known(tmp_path, monkeypatch):
    packed, pack = [], publisher.state.state._json
    monkeypatch.setattr(publisher.state.state, "_json", lambda value: packed.append("format" in value) or pack(value))
    show = make_show(tmp_path)
    show.episode()
    assert show.publish().status == 0
    assert packed.count(False) == 2


def test_the_pages_of_a_claim_are_packed_page_by_page():
    pages = tuple(artifact(f"episodes/{number}.html", f"{number} “words” " * 1000, Phase.PAGE) for number in range(400))
    claim = Claim(generation=1, owner="a", machine="b", state=State(), objects=pages)
    tracemalloc.start()
    try:
        parts = list(history_parts(claim))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert len(parts) == 2
    assert peak < PART, "a part was in memory five times over"
    rows = [row for _, body in parts for row in read_json(gzip.decompress(body))]
    assert [(row[0], row[-1]) for row in rows] == [(page.key, bytes_of(page).decode()) for page in pages]
    first = rows[: len(read_json(gzip.decompress(parts[0][1])))]
    assert parts[0][1] == gzip.compress(canonical_json(first), 6, mtime=0), "the same bytes as at once"


def test_a_claim_is_held_as_bytes_and_written_a_value_at_a_time():
    objects = {f"episodes/{number}.html": StoredObject(1, f"{number:064}", "", "text/html", "") for number in range(4000)}
    episodes = {str(year): PublishedEpisode(slug=str(year), guid="g", date=f"{year}-01-01") for year in range(2000, 2020)}
    recipes = {f"page {2000 + number % 20}": RecipeRecord("f", tuple(list(objects)[number::20])) for number in range(20)}
    state = State(generation=1, episodes=episodes, recipes=recipes, objects=objects)
    claim = Claim(generation=1, owner="a", machine="b", state=state, objects=(), new=("one",))
    held = claim.in_bytes()
    assert held.state == State()
    assert state.packed.contents == {}, "what is packed for a claim is in no State that is stored"
    body = write_claim(held)
    assert body == write_claim(claim)
    assert body == gzip.compress(canonical_json(read_json(gzip.decompress(body))), 6, mtime=0), "the same bytes as at once"


def test_a_few_large_bodies_are_in_memory_at_once():
    documents = [artifact(f"feed-{number}.xml", b"x" * (LARGE + 1), Phase.FEED) for number in range(3 * RECORDINGS)]
    here, most, guard = 0, 0, Lock()

    def put(item):
        nonlocal here, most
        with guard:
            here += 1
            most = max(most, here)
        time.sleep(0.02)
        with guard:
            here -= 1
        return item.sha256

    run = Run(owner="1-a", machine="here")
    assert put_all(None, documents, put, run) == {item.key: item.sha256 for item in documents}
    assert most <= RECORDINGS
