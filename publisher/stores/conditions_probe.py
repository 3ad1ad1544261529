"""What a service makes of conditional writes, found out by trying."""

from __future__ import annotations

from publisher.core import layout
from publisher.core.errors import StorageError
from publisher.stores.protocol import ConditionFailed, Conditions, Headers, Store

KEY = layout.probe("conditions")
HEADERS = Headers(content_type="text/plain; charset=utf-8", cache_control="no-store")
NOBODYS = "0" * 32
"""An ETag that no object has."""


def probe_conditions(store: Store) -> Conditions:
    """Try conditional writes on a key of our own. Five requests at most.

    An object already there is another probe under way, or what a killed one left: the first write then tells enough, and
    the object is left to whom it belongs.
    """
    store.conditions = None  # else it would not send what it believes to be refused
    store.conditions = _tried(store)
    return store.conditions


def _tried(store: Store) -> Conditions:
    try:
        store.put(KEY, b"a probe\n", HEADERS, if_absent=True)
    except ConditionFailed:
        return "enforced"
    except StorageError as error:
        if error.code != "storage-conditions":
            raise
        store.conditions = "refused"
        store.put(KEY, b"a probe\n", HEADERS)  # whose refusal would be about something else
        store.delete([KEY])
        return "refused"
    try:
        return "enforced" if _is_stopped(store, if_absent=True) and _is_stopped(store, if_match=NOBODYS) else "ignored"
    finally:
        store.delete([KEY])


def _is_stopped(store: Store, *, if_absent: bool = False, if_match: str | None = None) -> bool:
    """Whether a condition held the write back. Its bytes are others than those there: an answer that got lost would else make
    the repeated request meet its own bytes, which counts as written.
    """
    try:
        store.put(KEY, b"another probe\n", HEADERS, if_absent=if_absent, if_match=if_match)
    except ConditionFailed:
        return True
    return False
