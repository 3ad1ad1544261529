"""Claims: the right to change the show now. One object that is lock, write-ahead log and history.

A claim holds the next State (without ETags) and the new bytes of everything listeners see change. Whoever finds one whose
owner has died can finish its work from the claim alone.
"""

from __future__ import annotations

import base64
import hashlib
import zlib
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from itertools import chain
from typing import TYPE_CHECKING, Any

from feed.text_cleaning import read_json
from publisher.core import layout
from publisher.core.digests import canonical_json
from publisher.core.errors import StorageError
from publisher.incremental_build.artifacts import PRIVATE, Artifact, CopyOf, Phase, bytes_of
from publisher.state import reading
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
ON_ITS_WAY = LEASE / 2
"""Seconds that a request may be on its way after it was sent."""
PART = 4 * 1024 * 1024
"""Bytes of a claim that are written in one object; more goes into history parts before it."""
_GZIP = 31
"""What zlib calls a gzip's window: the largest, with gzip's header, which has no time in it."""
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
    written: tuple[bytes, Mapping[Key, bytes]] | None = None
    """Its State as bytes, in place of `state`: index, and the shards that are new."""

    def in_bytes(self) -> Claim:
        """The claim with its State as bytes alone: it is written again and again while it is held, and State becomes another meanwhile."""
        known = self.state.packed
        packed = replace(
            known, contents=dict(known.contents), bodies=dict(known.bodies)
        )  # what is packed here is in no State that is stored
        index, shards = write_state(replace(self.state, packed=packed))
        there = set(self.state.shards.values())
        return replace(self, state=State(), written=(index, {key: body for key, body in shards.items() if key not in there}))


def history_parts(claim: Claim) -> Iterator[tuple[Key, bytes]]:
    """The history parts that go before the claim's object (none unless its bytes exceed PART), one at a time: together they may be
    more than a machine's memory.
    """
    if claim.parts or sum(item.size for item in claim.objects if not isinstance(item.body, CopyOf)) <= PART:
        return
    for number, chunk in enumerate(_chunks(claim.objects, PART)):
        yield layout.history_part(claim.generation, number, claim.owner), _packed_rows(chunk)


def write_claim(claim: Claim) -> bytes:
    """The claim's object; what its `parts` hold is not in it once more."""
    head = {"generation": claim.generation, "owner": claim.owner, "machine": claim.machine, "beat": claim.beat}
    if claim.withdrawn is not None:
        rest = {"format": 2, "withdrawn": dict(claim.withdrawn), "objects": [], "parts": list(claim.parts)}
        return _packed(_pieces({**head, **rest}))
    index, shards = claim.written or claim.in_bytes().written or (b"", {})
    document = {
        **head,
        "format": 1,
        "state": index.decode(),
        "shards": shards,
        "objects": [] if claim.parts else [_row(item) for item in claim.objects],
        "parts": list(claim.parts),
        "new": list(claim.new),
    }
    return _packed(_pieces(document))


def _pieces(value: Any) -> Iterator[bytes]:
    """Canonical JSON in pieces, and bytes in base64: a large show's State need not be there as text."""
    if not isinstance(value, dict) or not value:
        yield canonical_json(base64.b64encode(value).decode() if isinstance(value, bytes) else value)
        return
    for number, name in enumerate(sorted(value)):
        yield (b"," if number else b"{") + canonical_json(name) + b":"
        yield from _pieces(value[name])
    yield b"}"


def _packed(pieces: Iterable[bytes]) -> bytes:
    """One gzip of all pieces, the same bytes as at once."""
    packer = zlib.compressobj(6, wbits=_GZIP)
    packed = [packer.compress(piece) for piece in pieces]
    return b"".join((*packed, packer.flush()))


def read_claim(store: Store, generation: int, raw: bytes) -> Claim:
    """A claim as stored; its State names only the shards that lie on the storage already, for the others may be in the claim
    alone. Raises StorageError when it or a part of it is damaged.
    """
    with _damage_explained(generation):
        document = reading.document(reading.unpacked(raw))
        if document["generation"] != generation:
            raise ValueError(f"it says that it is of publish {document['generation']!r:.60}")
        if document["format"] == 2:
            return Claim(
                generation=generation,
                owner=reading.line(document["owner"]),
                machine=reading.line(document["machine"]),
                state=State(),
                objects=(),
                parts=_parts(generation, document),
                beat=reading.count(document["beat"]),
                withdrawn=_withdrawn(document),
            )
        shards = {reading.key(key): base64.b64decode(body) for key, body in document["shards"].items()}

        def shard(key: Key) -> bytes | None:
            stored = None if key in shards else store.read(key)
            return shards.get(key) or (stored.body if stored else None)

        state = read_state(reading.text(document["state"]).encode(), "", shard)
        if state.generation != generation:
            raise ValueError(f"what would be remembered is of publish {state.generation}")
        return Claim(
            generation=generation,
            owner=reading.line(document["owner"]),
            machine=reading.line(document["machine"]),
            state=replace(state, shards={name: key for name, key in state.shards.items() if key not in shards}),
            objects=_objects(store, generation, document),
            parts=_parts(generation, document),
            new=reading.keys(document.get("new", [])),
            beat=reading.count(document.get("beat", 0)),
        )


def owner_of(generation: int, raw: bytes) -> str:
    """Whose a claim is, whether it is being taken back or not. Raises StorageError."""
    with _damage_explained(generation):
        return reading.line(reading.document(reading.unpacked(raw))["owner"])


def read_objects(store: Store, generation: int, raw: bytes) -> tuple[Artifact, ...]:
    """What a claim changed, without its State, whose parts `prune` may have taken away long since. Raises StorageError."""
    with _damage_explained(generation):
        return _objects(store, generation, reading.document(reading.unpacked(raw)))


def new_keys(generation: int, raw: bytes) -> frozenset[Key]:
    """The keys under which nothing was before this claim. Raises StorageError."""
    with _damage_explained(generation):
        return frozenset(reading.keys(reading.document(reading.unpacked(raw)).get("new", [])))


def shard_in_records(store: Store, key: Key, generation: int) -> bytes | None:
    """A part of State that is lost, without ETags, from the last record up to this publish that holds it; None where none is left."""
    for item in sorted(store.list(layout.CLAIMS), key=lambda item: item.key, reverse=True):
        stored = store.read(item.key) if (layout.generation_in(item.key) or 0) <= generation else None
        if stored is None:
            continue
        with suppress(*reading.DAMAGE):  # another one may be whole
            shards = reading.document(reading.unpacked(stored.body))["shards"]
            found = [body for name, body in shards.items() if layout.shard_name(reading.key(name)) == layout.shard_name(key)]
            if found:
                return base64.b64decode(found[0])
    return None


def _objects(store: Store, generation: int, document: dict[str, Any]) -> tuple[Artifact, ...]:
    rows = list(reading.rows(document["objects"]))
    for key in () if "withdrawn" in document else _parts(generation, document):
        part = store.read(key)
        if part is None:
            raise ValueError(f"its part {key} is missing")
        rows += reading.rows(read_json(reading.unpacked(part.body)))
    return tuple(_artifact(row) for row in rows)


def _parts(generation: int, document: dict[str, Any]) -> tuple[Key, ...]:
    """The history parts, which are its own and nothing else."""
    parts = reading.keys(document["parts"])
    for key in parts:
        if layout.generation_in(key) != generation:
            raise ValueError(f"{key} is no part of it")
    return parts


def _withdrawn(document: dict[str, Any]) -> dict[Key, str]:
    """The pages that are taken back, whoever finds it deletes them: nothing but what listeners see."""
    found = {reading.key(key): reading.header(etag) for key, etag in document["withdrawn"].items()}
    for key in found:
        if layout.is_unseen(key):
            raise ValueError(f"{key} is nothing that listeners see")
    return found


@contextmanager
def _damage_explained(generation: int) -> Iterator[None]:
    """Raise a StorageError that says in words what is wrong with a claim that cannot be read."""
    try:
        yield
    except reading.DAMAGE as error:
        raise StorageError(
            f"the record of publish {generation} cannot be read: {layout.claim(generation)}",
            cause=reading.damage_in_words(error),
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


def _packed_rows(items: Iterable[Artifact]) -> bytes:
    """The rows as JSON, packed row by row: together they would be in memory five times over."""
    rows = ((b"," if number else b"[") + canonical_json(_row(item)) for number, item in enumerate(items))
    return _packed(chain(rows, (b"]",)))


def _artifact(row: Any) -> Artifact:
    key, content_type, cache_control, phase, sha256, form, size, text = reading.rows(row)
    body = CopyOf(reading.key(text)) if form == "copy" else text.encode() if form == "text" else base64.b64decode(text)
    item = Artifact(
        key=reading.key(key),
        body=body,
        content_type=reading.header(content_type),
        cache_control=reading.header(cache_control),
        phase=Phase(reading.count(phase)),
        size=reading.count(size),
        sha256=reading.text(sha256),
    )
    if layout.is_unseen(item.key) or item.phase not in (Phase.PAGE, Phase.FEED, Phase.ECHO):
        raise ValueError(f"{item.key} is nothing that listeners see")
    if isinstance(body, bytes) and (len(body), hashlib.sha256(body).hexdigest()) != (item.size, item.sha256):
        raise ValueError(f"{item.key} holds other bytes than it says")
    return item


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
