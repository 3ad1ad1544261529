"""What each service answers, through both clients: one table, in tests/support/service_answers.py."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from publisher.core.errors import StorageError
from publisher.stores.protocol import ConditionFailed, Headers
from publisher.stores.s3.http import Patience
from publisher.stores.s3.store import S3Settings
from tests.support import servers
from tests.support.service_answers import AGAIN, CONDITION, DONE, NONE, ROWS, SINGLY, Row, ServiceServer

if TYPE_CHECKING:
    from pathlib import Path

    from publisher.stores.s3.store import S3Store

PAGE = Headers(content_type="text/html; charset=utf-8")
PART = 1 << 20
HASTE = Patience(connect=2, read=5, total=5, attempts=4, first_pause=0.001, longest_pause=0.01)


def do(store: S3Store, row: Row, folder: Path) -> str:
    """Ask what the row asks; what came of it."""
    recording = folder / "audio.mp3"
    recording.write_bytes(os.urandom(2 * PART + 5))
    work = {
        "write": lambda: store.put("a.html", b"<p>", PAGE),
        "write new": lambda: store.put("a.html", b"<p>", PAGE, if_absent=True),
        "write over": lambda: store.put("a.html", b"<p>", PAGE, if_match="0" * 32),
        "write large": lambda: store.put("a.mp3", recording, PAGE),
        "read": lambda: store.read("here.html"),
        "look": lambda: store.head("here.html"),
        "list": lambda: list(store.list("")),
        "delete": lambda: store.delete(["here.html", "there.html"]),
    }
    try:
        found = work[row.asked]()
    except ConditionFailed:
        return CONDITION
    except StorageError as error:
        return error.code
    return NONE if found is None and row.asked in ("read", "look") else DONE


@pytest.mark.parametrize("row", ROWS, ids=[f"{row.service}: {row.situation} ({row.asked}, {row.status} {row.code})" for row in ROWS])
def test_what_a_service_answers_comes_to_what_it_should(
    s3_store: type[S3Store], aws_environment: pytest.MonkeyPatch, tmp_path: Path, row: Row
) -> None:
    aws_environment.setenv("AWS_ACCESS_KEY_ID", servers.KEY)
    aws_environment.setenv("AWS_SECRET_ACCESS_KEY", servers.SECRET)
    kept = {"/show/here.html": b"here", "/show/there.html": b"there"}
    if row.outcome == CONDITION:
        kept["/show/a.html"] = b"theirs"
    with ServiceServer(row=row, objects=dict(kept)) as server:
        store = s3_store(S3Settings(bucket="show", endpoint=server.address, patience=HASTE, multipart_above=PART, part_size=PART))
        came = do(store, row, tmp_path)
    outcome = row.by_boto3 if row.by_boto3 and s3_store.__name__ == "Boto3Store" else row.outcome
    assert came == (DONE if outcome in (AGAIN, SINGLY) else outcome)
    if outcome == AGAIN:
        assert server.given == 1
    if row.asked == "delete":
        assert server.objects == {}
        assert ("DELETE" in [asked.method for asked in server.asked]) is (outcome == SINGLY)
    if row.outcome == CONDITION:
        assert server.objects["/show/a.html"] == b"theirs"
    if row.when and outcome == DONE:
        assert server.given == 0, "what the service does not take is not sent"


def test_every_row_tells_where_it_is_from() -> None:
    services = {row.service for row in ROWS}
    assert {"AWS", "R2", "B2", "Wasabi", "GCS", "Garage", "Ceph", "SeaweedFS", "OVH"} <= services
    assert all(row.source and row.situation for row in ROWS)
