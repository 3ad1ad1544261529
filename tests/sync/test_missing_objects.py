"""Which objects count as lost: by listings first, and by reading where an ETag alone differs."""

from __future__ import annotations

import hashlib

import pytest

from publisher.incremental_build.artifacts import RecipeRecord, StoredObject
from publisher.stores.protocol import Headers
from publisher.sync.missing_objects import DOUBTS, LostObjects, lost_in_listings, lost_of
from tests.support.memory_bucket import Bucket

HEADERS = Headers(content_type="text/plain", cache_control="no-store")


class Reads(Bucket):
    """A bucket that tells which objects were read."""

    def __init__(self):
        super().__init__()
        self.read_keys = []

    def fetch(self, key, target, **more):
        self.read_keys.append(key)
        return super().fetch(key, target, **more)


@pytest.fixture
def bucket():
    return Reads()


def put(bucket, key, body=b"words", *, etag=None, expected=b"words"):
    """An object, and what State says of it."""
    bucket.put(key, body, HEADERS)
    there = bucket.head(key).etag
    return StoredObject(
        size=len(expected),
        sha256=hashlib.sha256(expected).hexdigest(),
        etag=there if etag is None else etag,
        content_type="text/plain",
        cache_control="no-store",
        since=1,
    )


@pytest.mark.parametrize("look", [lost_of, lambda *given: lost_of(*given, given[1].keys()), lost_in_listings])
def test_an_object_is_lost_when_it_is_not_there_or_holds_other_bytes(bucket, look):
    expected = {
        "same": put(bucket, "same"),
        "moved": put(bucket, "moved", etag="named in another way"),
        "other": put(bucket, "other", b"sword", etag="before"),
        "longer": put(bucket, "longer", b"words and words", etag="before"),
        "unnamed": put(bucket, "unnamed", etag=""),
        "gone": put(bucket, "gone"),
    }
    bucket.delete(["gone"])
    found = look(bucket, expected)
    assert (found.missing, set(found.changed)) == ({"gone"}, {"other", "longer"})
    assert found.changed["other"] == bucket.head("other").etag
    assert sorted(bucket.read_keys) == ["moved", "other"], "what else there is to know, the listing tells"


def test_a_look_that_nobody_asked_for_reads_no_bucket_that_names_all_bytes_in_another_way(bucket):
    expected = {f"{number}": put(bucket, f"{number}", etag="another") for number in range(DOUBTS)}
    assert lost_in_listings(bucket, expected) == LostObjects()
    assert len(bucket.read_keys) == DOUBTS
    expected["more"] = put(bucket, "more", etag="another")
    bucket.read_keys.clear()
    assert lost_in_listings(bucket, expected) == LostObjects()
    assert bucket.read_keys == []
    assert lost_of(bucket, expected) == LostObjects() and len(bucket.read_keys) == DOUBTS + 1


def test_recipes_of_which_nothing_is_lost_are_told_apart():
    recipes = {"a": RecipeRecord("", ("one", "two")), "b": RecipeRecord("", ("three",))}
    assert LostObjects().unharmed(recipes) is recipes
    assert set(LostObjects(missing=frozenset(["two"])).unharmed(recipes)) == {"b"}
    assert set(LostObjects(changed={"three": ""}).unharmed(recipes)) == {"a"}
