"""The README does what it says: what a reader would type is typed, in a home of their own, and what it promises is there."""

from __future__ import annotations

import re
import shutil
import sys
import tomllib
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

import pytest
from lxml import etree

from publisher.load.config_tables import StorageTable
from tests.support import ROOT
from tests.support.reader import Reader, commands

if TYPE_CHECKING:
    from pathlib import Path

README = (ROOT / "README.md").read_text("utf-8")
BLOCKS = re.findall(r"^```(\w*)\n(.*?)^```", README, re.MULTILINE | re.DOTALL)
TRIED, OWN = (commands(text) for kind, text in BLOCKS if kind == "sh")
"""The commands of "Two commands", and of "Your own show, in five minutes"."""
FOLDER = (ROOT / "docs" / "reference" / "folder.md").read_text("utf-8")
[BUCKET] = (text for kind, text in BLOCKS if kind == "toml")
PROMISES = {
    "Complete": (
        "tests/feed/test_rss.py::test_psp1_required_and_recommended_tags_are_all_there",
        "tests/whole/test_every_tag.py::test_the_show_uses_every_key",
        "tests/whole/test_every_tag.py::test_an_episode_says_what_its_front_matter_says_in_the_tags_of_podcasting_2",
    ),
    "Checked": (
        "tests/check/test_faults.py::test_a_fault_is_found_where_it_was_made",
        "tests/check/test_any_feed.py::test_a_feed_of_others_breaks_these_rules",
    ),
    "Safe": (
        "tests/publish/test_pipeline.py::test_another_recording_is_refused_until_the_revision_says_so",
        "tests/sync/test_plan_refusals.py::test_it_is_refused_with_the_line_to_type_and_done_when_typed",
        "tests/adoption/test_without_state.py::test_another_show_at_that_address_is_refused",
        "tests/e2e/test_cuts.py::test_a_publish_killed_at_any_other_request_leaves_no_dangling_address_and_is_finished_by_the_next",
    ),
    "Shared": (
        "tests/docs/test_pages.py::test_what_a_page_says_can_be_typed",
        "tests/e2e/test_release_job.py::test_the_job_publishes_a_change_of_text_without_any_recording_and_sends_nothing_the_second_time",
        "tests/e2e/test_together.py::test_publishers_with_different_episodes_lose_none_and_a_merged_clone_has_them_all",
    ),
    "Counted": (
        "tests/docs/test_statistics_page.py::test_the_command_counts_what_was_counted_by_hand",
        "tests/stats/test_windows.py::test_the_table_of_the_guideline_number_for_number",
    ),
    "Yours": (
        "tests/site/browser/test_every_kind.py::test_it_asks_nobody_else_does_not_move_and_runs_out_nowhere",
        "tests/site/browser/test_player.py::test_without_a_script_everything_can_be_read_and_heard",
        "tests/site/parts/test_theme.py::test_the_shows_folder_shadows_a_template_and_an_asset_by_name_and_may_add_one",
    ),
}
"""What README promises -> the tests that do what its reader would do to see it."""
RECORDING = ROOT / "episodes" / "2026-05-03-the-zip-that-unbites-itself" / "audio.mp3"


def recipe(target: str) -> list[str]:
    """What `make TARGET` does once everything is installed, line by line."""
    lines = re.search(rf"^{target}:.*\n((?:\t.*\n)+)", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)[1].splitlines()
    return [line.strip().removeprefix("@").replace("$(BIN)", ".venv/bin") for line in lines]


def is_published(public: Path, episodes: int) -> None:
    """So many episodes are out, if not more by now: the feed can be read; what it names lies there, each recording with its length."""
    items = etree.parse(public / "feed.xml").findall("channel/item")
    assert len(items) >= episodes
    for item in items:
        page, recording = (
            public / unquote(urlsplit(address).path).lstrip("/") for address in (item.findtext("link"), item.find("enclosure").get("url"))
        )
        assert item.findtext("title") in page.read_text("utf-8")
        assert recording.stat().st_size == int(item.find("enclosure").get("length"))


def test_the_sample_show_is_published_and_previewed_as_it_says(tmp_path):
    reader = Reader(tmp_path / "home")
    shutil.copytree(ROOT / "episodes", reader.folder / "episodes")
    for file in ("config.toml", "artwork.jpg"):
        shutil.copy(ROOT / file, reader.folder)
    (reader.folder / ".venv").symlink_to(sys.prefix)
    assert TRIED == ["make publish", "make test"], "the second runs this very test"
    for line in recipe("publish"):
        reader.type(line)
    is_published(reader.folder / "public", episodes=4)
    for name in re.findall(r"^  (\S+?)/?(?=\s)", re.search(r"^```\npublic/\n(.*?)^```", FOLDER, re.MULTILINE | re.DOTALL)[1], re.MULTILINE):
        found = list((reader.folder / "public").glob(name.replace("a-title", "*").replace("1a2b3c4d", "*").replace("…", "*")))
        assert found, f"{name} is not there"
    assert "`.venv/bin/publish preview`" in README
    assert "A letter to the toaster" in reader.look(".venv/bin/publish preview"), "it is due in 2031"


def test_a_show_of_ones_own_in_five_minutes(tmp_path):
    reader = Reader(tmp_path / "home")
    shutil.copy(ROOT / "artwork.jpg", reader.folder / "cover.jpg")
    (reader.folder / "recordings").mkdir()
    shutil.copy(RECORDING, reader.folder / "recordings" / "first.mp3")
    install, *own = OWN
    assert install == "pip install .", "it is installed already"
    for command in own:
        if command == "publish preview":
            assert "The first one" in reader.look(command)
        else:
            reader.type(command)
    is_published(reader.folder / "public", episodes=1)
    assert "0 files to send" in reader.type("publish --dry-run")


@pytest.mark.parametrize("row", re.findall(r"^# .*?: +(provider = .*)$", BUCKET, re.MULTILINE))
def test_each_service_is_one_that_the_config_knows(row):
    storage = tomllib.loads(BUCKET)["storage"] | tomllib.loads(row.replace(",", "\n"))
    StorageTable.model_validate(storage)


def test_it_is_read_in_a_minute():
    assert len(README.splitlines()) <= 80


def test_each_promise_has_tests_that_are_there():
    assert re.findall(r"^- \*\*(\w+)\.\*\*", README, re.MULTILINE) == list(PROMISES)
    for name in (name for names in PROMISES.values() for name in names):
        file, _, test = name.partition("::")
        assert f"\ndef {test}(" in (ROOT / file).read_text("utf-8"), name
