"""Whatever else is done to the storage, the numbers stay: no other command takes them for something of its own, or for a leftover."""

from __future__ import annotations

from publisher.core import layout
from publisher.core.errors import Exit
from publisher.stats.kept.private_side import PRIVATE

KEYS = (
    layout.stats_month("2026-05", "logs"),
    layout.stats_open("logs"),
    layout.stats_imported("old-host"),
    layout.STATS_PROBE,
)
LATER = "2027-06-01T12:00:00+00:00"


def test_no_command_touches_them(far, memory, tmp_path):
    assert far.publish().status == Exit.OK
    for key in KEYS:
        memory.put(key, f"of {key}".encode(), PRIVATE)
    memory.clock.pass_by(365 * 86_400)

    def done(*arguments, statuses=(Exit.OK,)):
        outcome = far.run(*arguments, now=LATER)
        assert outcome.status in statuses, (arguments, outcome.stderr)
        assert {key: memory.read(key).body for key in KEYS} == {key: f"of {key}".encode() for key in KEYS}, arguments
        return outcome

    far.edit("2026-05-01-first", "Some notes.", "Other notes.")
    done("--no-verify", "--yes")
    done("--no-verify", "--yes", "--repair")
    done("prune", "--yes")
    done("--no-verify", "withdraw", "first", "--yes")
    done("prune", "--yes")
    far.edit("2026-05-08-second", "Some notes.", "Other notes.")
    done("--no-verify", "--yes")
    done("status")
    done("--no-verify", "rollback", "--yes", statuses=(Exit.OK, Exit.REFUSED))  # what was withdrawn stays so
    assert not any("stats" in key for key in memory.written if key.startswith("-"))
    restored = far.run("restore", "s3://memory", str(tmp_path / "restored"), now=LATER)
    assert restored.status == Exit.OK, restored.stderr
    assert not any("stats" in path.as_posix() for path in (tmp_path / "restored").rglob("*") if path.suffix in (".zip", ".parquet"))


def test_their_keys_are_read_back():
    assert layout.month_in(KEYS[0]) == ("2026-05", "logs")
    assert [layout.month_in(key) for key in KEYS[1:]] == [("", "")] * 3
    assert all(layout.is_unseen(key) for key in KEYS)
