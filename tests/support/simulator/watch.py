"""What must hold, looked at after every change of the storage: the reader who follows every link all the time."""

from __future__ import annotations

import gzip
import hashlib
import json
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from publisher.core import layout
from publisher.core.errors import AirdateError
from publisher.state.state import read_state
from publisher.sync.claims import LEASE
from tests.support.simulator.tiny_show import names_in

if TYPE_CHECKING:
    from publisher.state.state import State
    from tests.support.simulator.cloud import Cloud, Sent
    from tests.support.simulator.scheduler import Process, Scheduler

SEEN_FROM = ("feed.xml", "index.html")
NEVER_FOLLOWS = frozenset(("bug", "command-failed", "no-end", "stuck", "left", "restless", "not-healed"))
"""Faults that are never excused by an earlier one."""
HALF_A_LEASE = LEASE / 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """Something that must not be. `kind` is one word for the table, `cause` what brought it about where that is known: "late" (a
    request on its way for more than half a lease), "twin" (a write that came after its sender had given it up, and met the very bytes
    it expected, which another had put back), "race" (between a look at the claim and the write after it), "after" (it follows from an earlier one of these).
    """

    kind: str
    words: str
    cause: str = ""


class Watch:
    """Keeps the log, and everything that went wrong."""

    def __init__(self, scheduler: Scheduler) -> None:
        self.log: list[tuple[float, str, str]] = []
        self.faults: list[Fault] = []
        self.cloud: Cloud
        self._scheduler = scheduler
        self._looked: dict[Process, float] = {}
        self._looked_at_state: dict[Process, float] = {}
        self._owner: dict[Process, str] = {}
        self._holder: dict[str, tuple[Process, str, float]] = {}
        """Of each claim: who wrote it last, as whom, and when."""
        self._claims: list[dict[str, str]] = []
        """Of each claim in the order they were made: what it puts, as sha256 by key."""
        self._known: dict[str, int] = {}
        self._at: dict[str, int] = defaultdict(int)
        self._dangling: set[tuple[str, str]] = set()
        self._last: State | None = None

    def note(self, process: Process | None, words: str) -> None:
        """A line of the log."""
        self.log.append((self._scheduler.now, process.name if process is not None else "", words))

    def fault(self, kind: str, words: str, sent: Sent | None = None) -> None:
        """Something that must not be, brought about by `sent`."""
        cause = ""
        if sent is not None and sent.arrived - sent.left > HALF_A_LEASE:
            cause = "late"
        elif sent is not None and sent.given_up and not sent.words.startswith("delete"):
            cause = "twin"
        elif sent is not None and sent.left - sent.looked <= HALF_A_LEASE:
            cause = "race"
        if self.faults and kind not in NEVER_FOLLOWS:
            cause = "after"
        self.faults.append(Fault(kind=kind, words=words, cause=cause))
        self.note(None, f"!!! {kind}: {words}{cause and f' ({cause})'}")

    def looked(self, process: Process, words: str) -> float:
        """When the service last told this process that the claim is its own, or before a write of State what is there."""
        looks = [self._looked.get(process, -1e9)]
        if words.startswith(f"write {layout.STATE_KEY}"):
            looks.append(self._looked_at_state.get(process, -1e9))
        return max(looks)

    def arrived(self, sent: Sent, outcome: Any, *, changes: bool) -> None:
        """The service has carried out a request."""
        kind, _, rest = sent.words.partition(" ")
        key = rest.split(" ")[0]
        if not changes:
            if kind == "read" and key == layout.STATE_KEY:
                self._looked_at_state[sent.process] = self._scheduler.now
            if kind in ("read", "look") and outcome is not None and (claim := rest.split(" ")[-1]).startswith(layout.CLAIMS):
                owner = _document(self.cloud.objects[claim].body).get("owner")
                if owner == self._owner.get(sent.process):
                    self._looked[sent.process] = self._scheduler.now
            return
        if kind == "delete":
            for gone in rest.split(" "):
                self._holder.pop(gone, None)
        if kind == "copy":
            key = rest.rpartition(" to ")[2]
        if kind == "write" and key.startswith(layout.CLAIMS):
            self._claimed(sent, key)
        elif kind != "delete" and not layout.is_unseen(layout.key_of(key)):
            self._in_order(sent, key)
        elif key == layout.STATE_KEY:
            self._remembered(sent)
        self._follow(sent)

    # each of what must hold

    def _claimed(self, sent: Sent, key: str) -> None:
        body = self.cloud.objects[key].body
        document = _document(body)
        self._owner[sent.process] = owner = document.get("owner", "")
        holder, before, at = self._holder.get(key, (sent.process, owner, 0.0))
        if self.cloud.behaviour == "enforced" and owner != before and holder.alive and self._scheduler.now - at < LEASE:
            self.fault("taken-early", f"{sent.process.name} took {key} from {holder.name}, which had renewed it", sent)
        self._holder[key] = sent.process, owner, self._scheduler.now
        self._looked[sent.process] = self._scheduler.now
        if "state" not in document:  # it is being taken back
            return
        digest = hashlib.sha256(json.dumps([document["state"], document["objects"]]).encode()).hexdigest()
        mark = f"{key} {digest}"
        if mark not in self._known:
            self._known[mark] = len(self._claims)
            self._claims.append({row[0]: row[4] for row in document["objects"]})

    def _in_order(self, sent: Sent, key: str) -> None:
        """No page or feed goes back to what an earlier claim had, once a later one's was seen."""
        sha256 = hashlib.sha256(self.cloud.objects[key].body).hexdigest()
        where = [number for number, claim in enumerate(self._claims) if claim.get(key) == sha256]
        if not where:
            return  # named by its bytes: no claim holds it
        later = [number for number in where if number >= self._at[key]]
        if later:
            self._at[key] = later[0]
        else:
            self.fault("older-feed" if key == "feed.xml" else "older-page", f"{key} went back to what it was before", sent)

    def _remembered(self, sent: Sent) -> None:
        """State goes on by one, loses no episode, and what it says of the storage is so."""
        try:
            state = self.state()
        except AirdateError as error:
            self.fault("state-broken", f"{error.message}: {error.cause}", sent)
            return
        before, self._last = self._last, state
        if before is None:
            return
        if state.generation < before.generation:
            self.fault("older-state", f"State went from publish {before.generation} to {state.generation}", sent)
        for slug, item in before.episodes.items():
            now = state.episodes.get(slug)
            if now is None or (now.removed and not item.removed and not now.withdrawn and not item.withdrawn):
                self.fault("episode-lost", f"{slug} is gone from State {state.generation}", sent)
        if state.generation > before.generation:
            for words in self.differences(state):
                self.fault("state-differs", f"State {state.generation}: {words}", sent)

    def _follow(self, sent: Sent) -> None:
        """Whatever feed and home page lead to is there."""
        objects = self.cloud.objects
        known = set(SEEN_FROM)
        for source in (queue := [key for key in SEEN_FROM if key in objects]):
            for key in names_in(objects[source].body):
                if key not in objects:
                    if (source, key) not in self._dangling:
                        self._dangling.add((source, key))
                        self.fault("dangling", f"{source} leads to {key}, which is not there", sent)
                elif key not in known:
                    known.add(key)
                    queue.append(key)

    # for the end

    def state(self) -> State:
        """What the storage remembers."""
        objects = self.cloud.objects
        kept = objects[layout.STATE_KEY]
        return read_state(kept.body, kept.etag, lambda key: objects[key].body if key in objects else None)

    def differences(self, state: State) -> list[str]:
        """Where the storage does not hold what State says."""
        found = []
        for key, stored in sorted(state.objects.items()):
            there = self.cloud.objects.get(key)
            if there is None:
                found.append(f"{key} is missing")
            elif hashlib.sha256(there.body).hexdigest() != stored.sha256:
                found.append(f"{key} holds other bytes")
            elif there.etag != stored.etag:
                found.append(f"{key} has another ETag")
        return found

    @property
    def dangling(self) -> list[str]:
        """What feed and pages lead to now that is not there."""
        before, self._dangling = self._dangling, set()
        faults, self.faults = self.faults, []
        self._follow(None)  # type: ignore[arg-type]
        found = [fault.words for fault in self.faults]
        self._dangling, self.faults = before, faults
        return found


def _document(body: bytes) -> dict[str, Any]:
    try:
        document = json.loads(gzip.decompress(body))
    except (OSError, ValueError):
        return {}
    return document if isinstance(document, dict) else {}
