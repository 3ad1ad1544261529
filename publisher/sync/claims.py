"""Claims: the right to change the show now. One object that is lock, write-ahead log and history.

A claim holds the next State (without ETags) and the new bytes of everything listeners see change. Whoever finds one whose
owner has died can finish its work from the claim alone.
"""

from __future__ import annotations

import base64
import gzip
import zlib
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from feed.text_cleaning import read_json
from publisher.core import layout
from publisher.core.digests import canonical_json
from publisher.core.errors import StorageError
from publisher.incremental_build.artifacts import PRIVATE, Artifact, CopyOf, Phase, bytes_of
from publisher.state.state import State, read_state, write_state
from publisher.stores.protocol import Headers, Store

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import datetime

    from publisher.core.layout import Key

LEASE = 60.0
"""Seconds without renewal after which the owner of a claim counts as dead."""
RENEWAL = 15.0
"""Seconds between renewals."""
PART = 4 * 1024 * 1024
"""Bytes of a claim that are written in one object; more goes into history parts before it."""
HEADERS = Headers(content_type="application/gzip", cache_control=PRIVATE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """What a claim says. `owner` is unique to one run of the command; `objects` are the artifacts of PAGE, FEED and ECHO; `parts`
    the history parts that hold them already; `new` the keys among them where nothing was before; `beat` counts its renewals.
    `withdrawn` is there while the claim is taken back: the pages to delete, with their ETags. It has no State then.
    """

    generation: int
    owner: str
    machine: str
    state: State
    objects: tuple[Artifact, ...]
    parts: tuple[Key, ...] = ()
    new: tuple[Key, ...] = ()
    beat: int = 0
    withdrawn: Mapping[Key, str] | None = None


def history_parts(claim: Claim) -> Iterator[tuple[Key, bytes]]:
    """The history parts that go before the claim's object (none unless its bytes exceed PART), one at a time: together they may be
    more than a machine's memory.
    """
    if claim.parts or sum(item.size for item in claim.objects if not isinstance(item.body, CopyOf)) <= PART:
        return
    for number, chunk in enumerate(_chunks(claim.objects, PART)):
        rows = [_row(item) for item in chunk]
        yield layout.history_part(claim.generation, number, claim.owner), gzip.compress(canonical_json(rows), 6, mtime=0)


def write_claim(claim: Claim) -> bytes:
    """The claim's object; what its `parts` hold is not in it once more."""
    head = {"generation": claim.generation, "owner": claim.owner, "machine": claim.machine, "beat": claim.beat}
    if claim.withdrawn is not None:
        rest = {"format": 2, "withdrawn": dict(claim.withdrawn), "objects": [], "parts": list(claim.parts)}
        return gzip.compress(canonical_json({**head, **rest}), 6, mtime=0)
    index, shards = write_state(claim.state)
    document = {
        **head,
        "format": 1,
        "state": index.decode(),
        "shards": {key: base64.b64encode(body).decode() for key, body in shards.items() if key not in claim.state.shards.values()},
        "objects": [] if claim.parts else [_row(item) for item in claim.objects],
        "parts": list(claim.parts),
        "new": list(claim.new),
    }
    return gzip.compress(canonical_json(document), 6, mtime=0)


def read_claim(store: Store, generation: int, raw: bytes) -> Claim:
    """A claim as stored; its State names only the shards that lie on the storage already, for the others may be in the claim
    alone. Raises StorageError when it or a part of it is damaged.
    """
    with _damage_explained(generation):
        document = read_json(gzip.decompress(raw))
        if document["format"] == 2:
            return Claim(
                generation=document["generation"],
                owner=document["owner"],
                machine=document["machine"],
                state=State(),
                objects=(),
                parts=layout.keys_of(document["parts"]),
                beat=document["beat"],
                withdrawn={layout.key_of(key): etag for key, etag in document["withdrawn"].items()},
            )
        shards = {layout.key_of(key): base64.b64decode(body) for key, body in document["shards"].items()}

        def shard(key: Key) -> bytes | None:
            stored = None if key in shards else store.read(key)
            return shards.get(key) or (stored.body if stored else None)

        state = read_state(document["state"].encode(), "", shard)
        return Claim(
            generation=document["generation"],
            owner=document["owner"],
            machine=document["machine"],
            state=replace(state, shards={name: key for name, key in state.shards.items() if key not in shards}),
            objects=_objects(store, document),
            parts=layout.keys_of(document["parts"]),
            new=layout.keys_of(document.get("new", ())),
            beat=document.get("beat", 0),
        )


def owner_of(generation: int, raw: bytes) -> str:
    """Whose a claim is, whether it is being taken back or not. Raises StorageError."""
    with _damage_explained(generation):
        return str(read_json(gzip.decompress(raw))["owner"])


def read_objects(store: Store, generation: int, raw: bytes) -> tuple[Artifact, ...]:
    """What a claim changed, without its State, whose parts `prune` may have taken away long since. Raises StorageError."""
    with _damage_explained(generation):
        return _objects(store, read_json(gzip.decompress(raw)))


def new_keys(generation: int, raw: bytes) -> frozenset[Key]:
    """The keys under which nothing was before this claim. Raises StorageError."""
    with _damage_explained(generation):
        return frozenset(layout.keys_of(read_json(gzip.decompress(raw)).get("new", ())))


def shard_in_records(store: Store, key: Key, generation: int) -> bytes | None:
    """A part of State that is lost, without ETags, from the last record up to this publish that holds it; None where none is left."""
    for item in sorted(store.list(layout.CLAIMS), key=lambda item: item.key, reverse=True):
        stored = store.read(item.key) if (layout.generation_in(item.key) or 0) <= generation else None
        if stored is None:
            continue
        with suppress(ValueError, KeyError, TypeError, EOFError, gzip.BadGzipFile, zlib.error):  # another one may be whole
            shards = read_json(gzip.decompress(stored.body))["shards"]
            found = [body for name, body in shards.items() if layout.shard_name(layout.key_of(name)) == layout.shard_name(key)]
            if found:
                return base64.b64decode(found[0])
    return None


def _objects(store: Store, document: dict[str, Any]) -> tuple[Artifact, ...]:
    rows = list(document["objects"])
    for key in () if "withdrawn" in document else layout.keys_of(document["parts"]):
        part = store.read(key)
        if part is None:
            raise ValueError(f"its part {key} is missing")
        rows += read_json(gzip.decompress(part.body))
    return tuple(_artifact(row) for row in rows)


@contextmanager
def _damage_explained(generation: int) -> Iterator[None]:
    """Raise a StorageError that says in words what is wrong with a claim that cannot be read."""
    try:
        yield
    except (ValueError, KeyError, TypeError, EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise StorageError(
            f"the record of publish {generation} cannot be read: {layout.claim(generation)}",
            cause=f"{type(error).__name__}: {error}",
            hint="if no publish is running, delete that object and publish again",
            code="claim-unreadable",
        ) from error


def age(now: datetime | None, modified: datetime | None) -> float:
    """Seconds since a claim was written or renewed, by the storage's own clock; 0 when it tells no time."""
    if now is None or modified is None:
        return 0.0
    return (now - modified).total_seconds()


def _row(item: Artifact) -> list[Any]:
    head = [item.key, item.content_type, item.cache_control, int(item.phase), item.sha256]
    if isinstance(item.body, CopyOf):
        return [*head, "copy", item.size, item.body.key]
    body = bytes_of(item)
    try:
        return [*head, "text", item.size, body.decode("utf-8")]
    except UnicodeDecodeError:
        return [*head, "base64", item.size, base64.b64encode(body).decode()]


def _artifact(row: list[Any]) -> Artifact:
    key, content_type, cache_control, phase, sha256, form, size, text = row
    body = CopyOf(layout.key_of(text)) if form == "copy" else text.encode() if form == "text" else base64.b64decode(text)
    return Artifact(
        key=layout.key_of(key),
        body=body,
        content_type=content_type,
        cache_control=cache_control,
        phase=Phase(phase),
        size=size,
        sha256=sha256,
    )


def _chunks(items: Iterable[Artifact], limit: int) -> Iterator[list[Artifact]]:
    chunk: list[Artifact] = []
    size = 0
    for item in items:
        if chunk and size + item.size > limit:
            yield chunk
            chunk, size = [], 0
        chunk.append(item)
        size += item.size
    yield chunk
