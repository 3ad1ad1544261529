from __future__ import annotations

import tempfile

import pytest

from publisher.stats.kept.private_folder import private_folder


@pytest.fixture(autouse=True)
def elsewhere(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))


def test_nobody_else_reads_it_and_it_is_gone_afterwards():
    with private_folder() as folder:
        assert folder.stat().st_mode & 0o077 == 0
        (folder / "addresses").write_text("203.0.113.7")
    assert not folder.exists()


def test_what_a_killed_count_left_is_taken_away_and_what_is_in_use_is_not(tmp_path):
    left = tmp_path / "airdate-stats-left"
    left.mkdir()
    (left / "in-use").touch()
    (left / "fetched").mkdir()
    (left / "fetched" / "0.log").write_text("203.0.113.7")
    others = tmp_path / "airdate-stats-of-somebody"
    others.mkdir()  # none of ours: it has no lock
    with private_folder() as first:
        assert not left.exists()
        with private_folder() as second:
            assert first.is_dir()
            assert second != first
    assert others.is_dir()
    assert sorted(path.name for path in tmp_path.iterdir()) == [others.name]
