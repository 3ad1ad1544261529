"""What is sent at the same time."""

from __future__ import annotations

import hashlib
import threading
from typing import TYPE_CHECKING

import pytest

from publisher.incremental_build.artifacts import FOREVER, Artifact, CopyOf, Phase, Recipe, artifact
from publisher.state.state import State
from publisher.sync.apply import STATE_HEADERS, apply_changes
from publisher.sync.plan import make_plan, next_state
from publisher.sync.storage import Storage
from publisher.sync.this_run import Run
from publisher.sync.uploads import RECORDINGS, put_hidden
from tests.support.memory_store import MemoryStore

if TYPE_CHECKING:
    from pathlib import Path


class Narrow(MemoryStore):
    """A store that counts who is under way, and keeps every recording waiting until a small object has arrived."""

    def __init__(self) -> None:
        super().__init__()
        self.small = threading.Event()
        self.under_way = 0
        self.most = 0
        self.order: list[str] = []
        self._counting = threading.Lock()

    def put(self, key, body, headers, **conditions):
        with self._counting:
            self.under_way += not isinstance(body, bytes)
            self.most = max(self.most, self.under_way)
            self.order.append(key)
        if isinstance(body, bytes):
            self.small.set()
        else:
            assert self.small.wait(20), "nothing small came while recordings were on their way"
        try:
            return super().put(key, body, headers, **conditions)
        finally:
            with self._counting:
                self.under_way -= not isinstance(body, bytes)


def recording(folder: Path, number: int) -> Artifact:
    path = folder / f"{number:02}.mp3"
    path.write_bytes(bytes([number]) * (1000 + number))
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    size = path.stat().st_size
    return Artifact(
        key=f"media/{path.name}", body=path, content_type="audio/mpeg", cache_control=FOREVER, phase=Phase.MEDIA, size=size, sha256=digest
    )


def test_documents_go_while_recordings_are_on_their_way_few_at_a_time_the_biggest_first(tmp_path):
    made = (
        *(recording(tmp_path, number) for number in range(3 * RECORDINGS)),
        artifact("episodes/a/chapters-1.json", "{}", Phase.DOCUMENT),
        artifact("episodes/a.html", "<p>", Phase.PAGE),
    )
    plan = make_plan(State(), {"all": Recipe(fingerprint="1", keys=tuple(item.key for item in made), artifacts=made)})
    store = Narrow()
    uploads = [change.artifact for change in plan.uploads]
    apply_changes(Storage(public=store, private=store), uploads, State(), next_state(State(), plan), Run(owner="1-a", machine="here"))
    assert store.most <= RECORDINGS
    sent = [key for key in store.order if key.startswith("media/")]
    assert sent.index(f"media/{3 * RECORDINGS - 1:02}.mp3") < RECORDINGS < sent.index("media/00.mp3")
    assert store.order.index("episodes/a.html") > max(map(store.order.index, [*sent, "episodes/a/chapters-1.json"]))


@pytest.mark.parametrize("apart", [True, False])
def test_a_copy_is_taken_from_where_its_original_lies(apart):
    """What was staged lies on the private side, what apps pinned on the side of the listeners."""
    public = MemoryStore()
    private = MemoryStore() if apart else public
    private.put("staged.mp3", b"staged", STATE_HEADERS)
    public.put("media/new.mp3", b"new", STATE_HEADERS)
    for source, key, phase in (("staged.mp3", "media/a.mp3", Phase.MEDIA), ("media/new.mp3", "media/old.mp3", Phase.ECHO)):
        item = Artifact(key=key, body=CopyOf(source), content_type="audio/mpeg", cache_control=FOREVER, phase=phase, size=6, sha256="")
        put_hidden(Storage(public=public, private=private), item)
    assert [public.read(key).body for key in ("media/a.mp3", "media/old.mp3")] == [b"staged", b"new"]
    assert public.read("media/a.mp3").headers.content_type == "audio/mpeg"


def test_within_one_bucket_a_staged_recording_is_copied_and_never_fetched(monkeypatch):
    bucket = MemoryStore()
    bucket.put("staged.mp3", b"staged", STATE_HEADERS)
    monkeypatch.delattr(MemoryStore, "fetch")
    item = Artifact(
        key="media/a.mp3", body=CopyOf("staged.mp3"), content_type="audio/mpeg", cache_control=FOREVER, phase=Phase.MEDIA, size=6, sha256=""
    )
    put_hidden(Storage(public=bucket, private=bucket), item)
    assert bucket.read("media/a.mp3").body == b"staged"
