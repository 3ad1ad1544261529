"""A show's folder that may not be written: every command does its work all the same, and leaves nothing behind on the machine."""

from __future__ import annotations

import pytest

from tests.support.show_factory import make_show


@pytest.fixture
def show(tmp_path):
    made = make_show(tmp_path / "show", storage=str(tmp_path / "public"))
    made.episode(front='alternates = [{ file = "low.mp3" }]')
    made.episode("2026-05-02-second")
    made.write("episodes/2026-05-01-first/low.mp3", (made.folder / "episodes/2026-05-02-second/audio.mp3").read_bytes())
    (tmp_path / "temporary").mkdir()
    made.environment["TMPDIR"] = str(tmp_path / "temporary")
    folders = [made.folder, *(path for path in made.folder.rglob("*") if path.is_dir())]
    for path in folders:
        path.chmod(0o555)
    yield made
    for path in folders:
        path.chmod(0o755)


COMMANDS = {
    "publish": ("--no-verify",),
    "the plan alone": ("--dry-run",),
    "check": ("check",),
    "status": ("status",),
    "stage": ("stage",),
    "prune": ("prune", "-y"),
    "withdraw": ("withdraw", "first", "-y", "--no-verify"),
}


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_works_and_leaves_nothing_in_the_temporary_folder(show, tmp_path, command):
    if command != "publish":
        assert show.program("--no-verify", humble=True).status == 0
    outcome = show.program(*COMMANDS[command], humble=True)
    assert outcome.status == 0, outcome.stderr
    assert list((tmp_path / "temporary").iterdir()) == []
    assert not (show.folder / ".airdate-cache").exists()


def test_a_command_that_fails_leaves_nothing_either(show, tmp_path):
    assert show.program("--no-verify", "--strict", humble=True).status == 3
    assert list((tmp_path / "temporary").iterdir()) == []


def test_a_folder_that_may_be_written_keeps_the_cache(show, tmp_path):
    show.folder.chmod(0o755)
    assert show.program("--no-verify", humble=True).status == 0
    assert list((tmp_path / "temporary").iterdir()) == []
    assert (show.folder / ".airdate-cache/.gitignore").exists()
