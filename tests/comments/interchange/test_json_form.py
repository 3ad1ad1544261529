"""What is exported, taken into an empty database and exported again is the same bytes, whatever the comments hold."""

from __future__ import annotations

import datetime as dt
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feed.findings import ContentFault
from publisher.comments.database import open_database
from publisher.comments.database.values import STATES, StoredComment
from publisher.comments.interchange.json_form import read_export, write_export

MOMENTS = st.integers(0, 7 * 10**15).map(lambda count: dt.datetime(1970, 1, 1, tzinfo=dt.UTC) + dt.timedelta(microseconds=count))
TEXTS = st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]), max_size=30)
OWN_NAMES = st.text("abcdefghijklmnopqrstuvwxyzABC0123456789-_", min_size=1, max_size=24)
COMMENTS = st.lists(
    st.builds(
        StoredComment,
        id=OWN_NAMES,
        show=st.just("show"),
        episode=st.sampled_from(["first", "second"]),
        guid=TEXTS,
        name=TEXTS,
        text=TEXTS,
        at=st.none() | st.integers(0, 359_999),
        reply_to=st.none() | OWN_NAMES,
        language=TEXTS,
        created=MOMENTS,
        edited=st.none() | MOMENTS,
        state=st.sampled_from(STATES),
        decided=st.none() | MOMENTS,
        consent=TEXTS,
        consent_language=TEXTS,
        consent_version=TEXTS,
        consent_at=st.none() | MOMENTS,
        author=TEXTS,
        source=st.sampled_from(["form", "isso", "disqus", "wordpress", "json", "moderator"]),
        foreign_id=st.just(""),
    ),
    max_size=8,
    unique_by=lambda comment: comment.id,
)


@given(COMMENTS)
def test_what_was_written_reads_the_same(comments):
    body = write_export("show", comments)
    assert sorted(read_export(body, "show"), key=lambda one: one.id) == sorted(comments, key=lambda one: one.id)


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def databases(request, tmp_path_factory):
    """Two databases, one filled from the other; each export is of another show, so that nothing has to be emptied between examples."""
    if request.param == "sqlite":
        folder = tmp_path_factory.mktemp("databases")
        addresses = [f"sqlite:///{folder / name}.sqlite" for name in ("one", "two")]
    else:
        server = request.getfixturevalue("postgres_server")
        addresses = [server.database() for _ in range(2)]
    opened = [open_database(address) for address in addresses]
    yield opened
    for one in opened:
        one.close()


NUMBER = iter(range(1_000_000))


@settings(max_examples=25, deadline=None)
@given(comments=COMMENTS)
def test_an_export_goes_through_an_empty_database_without_loss(databases, comments):
    one, two = databases
    number = next(NUMBER)
    show = f"show-{number}"
    one.add([_of(comment, show, number) for comment in comments])
    body = write_export(show, one.list(show))
    two.add(read_export(body, show))
    assert write_export(show, two.list(show)) == body
    assert len(json.loads(body)["comments"]) == len(comments)


def _of(comment: StoredComment, show: str, number: int) -> StoredComment:
    import dataclasses

    return dataclasses.replace(comment, show=show, id=f"{comment.id}-{number}")


WHOLE = json.loads(
    write_export(
        "show", [StoredComment(id="a", show="show", episode="first", name="A", text="B", created=dt.datetime(2026, 1, 1, tzinfo=dt.UTC))]
    )
)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"show": "other"}, "another show"),
        ({"version": 2}, "no export"),
        ({"comments": {}}, "no export"),
        ({"comments": [3]}, "comment 1"),
        ({"comments": [WHOLE["comments"][0], WHOLE["comments"][0] | {"created": "yesterday"}]}, "comment 2"),
        ({"comments": [WHOLE["comments"][0] | {"state": "liked"}]}, "comment 1"),
        ({"comments": [WHOLE["comments"][0] | {"at": True}]}, "comment 1"),
        ({"comments": [WHOLE["comments"][0] | {"text": None}]}, "comment 1"),
        ({"comments": [WHOLE["comments"][0] | {"text": "a\x00b"}]}, "comment 1"),
        ({"comments": [WHOLE["comments"][0] | {"created": "0001-01-01T00:00:00.000000Z"}]}, "comment 1"),
        ({"comments": [WHOLE["comments"][0] | {"decided": "9999-12-31T23:59:59.999999Z"}]}, "comment 1"),
        ({"comments": [{key: value for key, value in WHOLE["comments"][0].items() if key != "consent"}]}, "comment 1"),
        ({"comments": WHOLE["comments"] * 2}, "same id"),
    ],
)
def test_what_is_not_whole_is_refused_with_the_comment_that_is_at_fault(change, words):
    with pytest.raises(ContentFault, match=words):
        read_export(json.dumps(WHOLE | change).encode(), "show")
