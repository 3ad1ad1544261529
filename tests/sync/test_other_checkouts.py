"""Two checkouts that edit one episode: the later publish says whose words it replaces, when it can be sure."""

from __future__ import annotations

import shutil

import pytest

BEFORE, MEANWHILE, NOW, LATER = (f"2026-06-0{day}T12:00:00+00:00" for day in (1, 2, 3, 4))
CODE = "text-unseen"


@pytest.fixture
def two(far, tmp_path):
    """Two checkouts of a published show; each has published from its folder."""
    assert far.publish(now=BEFORE).status == 0
    other = far.copy(tmp_path / "other")
    assert other.publish(now=BEFORE).status == 0
    return far, other


def test_words_that_another_checkout_published_meanwhile_are_replaced_with_a_warning(two, memory):
    here, other = two
    other.edit("2026-05-01-first", "Some notes.", "Words from the other desk.")
    assert other.publish(now=MEANWHILE).status == 0
    here.edit("2026-05-01-first", "Some notes.", "Words from here.")
    told = here.publish("--dry-run", "--json", now=NOW)
    (row,) = told.findings(CODE)
    assert row["severity"] == "warning"
    assert "2026-06-02 at 12:00" in row["message"]
    assert here.publish("--strict", now=NOW).status == 3
    assert b"Words from the other desk." in memory.bytes_of("feed.xml")
    done = here.publish(now=NOW)
    assert done.status == 0
    assert "other words" in done.stderr
    assert b"Words from here." in memory.bytes_of("feed.xml")
    assert here.publish("--json", now=LATER).findings(CODE) == []


def test_what_was_taken_over_is_no_conflict(two):
    here, other = two
    other.edit("2026-05-01-first", "Some notes.", "Words from the other desk.")
    assert other.publish(now=MEANWHILE).status == 0
    shutil.copytree(other.folder / "episodes", here.folder / "episodes", dirs_exist_ok=True)
    assert here.publish("--json", now=NOW).findings(CODE) == []
    here.edit("2026-05-01-first", "other desk", "other desk, and more")
    assert here.publish("--json", now=LATER).findings(CODE) == []


def test_another_episode_that_was_edited_elsewhere_is_a_matter_for_the_older_text(two):
    here, other = two
    other.edit("2026-05-01-first", "Some notes.", "Words from the other desk.")
    assert other.publish(now=MEANWHILE).status == 0
    here.edit("2026-05-08-second", "Some notes.", "Words from here.")
    done = here.publish(now=NOW)
    assert done.status == 5
    assert "--force older=first" in done.stderr


def test_a_checkout_that_never_published_says_nothing_it_cannot_know(two, tmp_path):
    here, other = two
    other.edit("2026-05-01-first", "Some notes.", "Words from the other desk.")
    assert other.publish(now=MEANWHILE).status == 0
    fresh = here.copy(tmp_path / "fresh")
    fresh.edit("2026-05-01-first", "Some notes.", "Words of a runner.")
    assert fresh.publish("--json", now=NOW).findings(CODE) == []
