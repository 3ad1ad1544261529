"""A service that takes conditions and does not heed them (`rclone serve s3`): everything works, and the risk is said once."""

from __future__ import annotations

import pytest

from tests.support import servers
from tests.support.e2e_show import bucket_show
from tests.support.fault_proxy import Fault, FaultProxy, Request


@pytest.fixture
def rclone(tmp_path):
    folder = tmp_path / "rclone"
    server = servers.RcloneServer(folder, servers.need("rclone", "s3"))
    yield server.endpoint, folder / "show"
    server.stop()


def test_a_service_without_conditional_writes_publishes_with_a_plain_warning(rclone, warm, tmp_path):
    endpoint, there = rclone
    show = bucket_show(tmp_path / "desk", "show")
    show.episode()
    first = warm.run(show, "--yes", endpoint=endpoint)
    assert first.status == 0, first.stderr
    assert "conditional writes" in first.stderr
    assert b"first-guid" in (there / "feed.xml").read_bytes()
    show.edit("2026-05-01-first", "Some notes.", "Better notes.")
    second = warm.run(show, "--yes", endpoint=endpoint)
    assert second.status == 0, second.stderr
    assert b"Better notes." in (there / "feed.xml").read_bytes()
    assert "Nothing changed" in warm.run(show, "--yes", endpoint=endpoint).stderr
    back = warm.run(show, "rollback", "--yes", endpoint=endpoint)
    assert back.status == 0, back.stderr
    assert b"Some notes." in (there / "feed.xml").read_bytes()


def test_two_publishes_started_together_there_are_kept_apart(rclone, warm, tmp_path):
    endpoint, there = rclone
    show = bucket_show(tmp_path / "desk", "show")
    show.episode()
    assert warm.run(show, "--yes", endpoint=endpoint).status == 0
    show.edit("2026-05-01-first", "Some notes.", "Better notes.")
    clones = [show.copy(tmp_path / name) for name in ("one", "two")]
    outcomes = [
        process.wait() for process in [warm.start(clone, "--yes", endpoint=endpoint, machine=clone.folder.name) for clone in clones]
    ]
    assert [outcome.status for outcome in outcomes] == [0, 0], [outcome.stderr for outcome in outcomes]
    assert b"Better notes." in (there / "feed.xml").read_bytes()


def refused(request: Request) -> Fault:
    """What Backblaze answers to a write on a condition, and nobody has told us of this service."""
    conditional = {"if-match", "if-none-match"} & request.headers.keys()
    return Fault.UNKNOWN if conditional and request.method in ("PUT", "POST") else Fault.NONE


def test_every_way_of_life_works_where_conditions_are_refused(place, warm, tmp_path):
    show = bucket_show(tmp_path / "desk", place.name)
    show.episode()
    show.episode("2026-05-08-second", date="2026-05-08T06:00:00+02:00")
    with FaultProxy(place.server.port, refused) as proxy:

        def run(*arguments):
            done = warm.run(show, *arguments, endpoint=proxy.endpoint)
            assert done.status == 0, f"{arguments}: {done.stderr}"
            return done

        assert "conditional writes" in run("--yes").stderr
        asked = [hit for _, hit in proxy.seen].count(Fault.UNKNOWN)
        show.edit("2026-05-01-first", "Some notes.", "Better notes.")
        run("--yes")
        show.episode("2026-07-01-later", date="2026-07-01T06:00:00+02:00")
        for arguments in (
            ("stage", "later"),
            ("rollback", "--yes"),
            ("prune", "--yes"),
            ("--yes", "--force", "resume"),
            ("withdraw", "first", "--yes"),
        ):
            run(*arguments)
        assert [hit for _, hit in proxy.seen].count(Fault.UNKNOWN) == asked == 1, "what was found out once is remembered"


def test_a_first_publish_that_was_cut_is_finished_where_conditions_are_refused(place, warm, tmp_path):
    show = bucket_show(tmp_path / "desk", place.name)
    show.episode()
    with FaultProxy(
        place.server.port, lambda request: Fault.FORBIDDEN if request.method == "PUT" and "feed.xml" in request.path else refused(request)
    ) as proxy:
        assert warm.run(show, "--yes", endpoint=proxy.endpoint).status == 4
    assert place.get(".airdate/state.json") is None
    with FaultProxy(place.server.port, refused) as proxy:
        done = warm.run(show, "--yes", endpoint=proxy.endpoint)
    assert done.status == 0, done.stderr
    assert b"first-guid" in place.get("feed.xml")


def test_what_was_found_out_is_not_believed_of_another_bucket(s3_server, place, rclone, warm, tmp_path):
    endpoint, there = rclone
    show = bucket_show(tmp_path / "desk", place.name)
    show.episode()
    assert warm.run(show, "--yes", endpoint=s3_server.endpoint).status == 0
    for key, body in place.objects().items():
        (there / key).parent.mkdir(parents=True, exist_ok=True)
        (there / key).write_bytes(body)
    show.configure(f's3://{place.name}"', 's3://show"')
    assert "conditional writes" not in warm.run(show, "--yes", endpoint=endpoint).stderr, "nothing to write"
    show.edit("2026-05-01-first", "Some notes.", "Better notes.")
    assert "conditional writes" in warm.run(show, "--yes", endpoint=endpoint).stderr
    show.edit("2026-05-01-first", "Better notes.", "Best notes.")
    assert "conditional writes" not in warm.run(show, "--yes", endpoint=endpoint).stderr, "said once"
    assert b"Best notes." in (there / "feed.xml").read_bytes()
