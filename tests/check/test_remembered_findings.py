"""What is wrong with an episode is said by every publish, check and preview, whether it is made again or not."""

from __future__ import annotations

import datetime as dt
import gzip
import shutil

import pytest

from publisher.core.command_call import Options
from publisher.core.console import Console
from publisher.folder_to_plan import Purpose, Scope, prepare
from publisher.load.config_reader import read_config
from publisher.workspace import Workspace
from tests.support.show_factory import make_show

NOW = dt.datetime(2026, 6, 1, 12, tzinfo=dt.UTC)


@pytest.fixture
def show(tmp_path):
    made = make_show(tmp_path / "show")
    made.episode("2026-05-01-first", notes="![](photo.jpg)\n")
    (made.folder / "episodes/2026-05-01-first/photo.jpg").write_bytes((made.folder / "artwork.jpg").read_bytes())
    (made.folder / "episodes/2026-05-01-first/transcript.de.vtt").write_text(
        "WEBVTT\nLanguage: en\n\n00:00.000 --> 00:01.000\nHello\n", "utf-8"
    )
    return made


def said(outcome):
    """Code and message of every warning."""
    return {(row["code"], row["message"]) for row in outcome.findings() if row["severity"] != "hint"}


def of_episode(rows):
    return {row for row in rows if row[0] in ("image-alt", "transcript-language")}


def previewed(show):
    workspace = Workspace(read_config(show.config), Console(quiet=True), NOW)
    found = prepare(workspace, workspace.state_copies.read_or_last()[0], Options(now=NOW), Purpose.BUILD, Scope(drafts=True)).findings
    return {(item.code, item.message) for item in found if item.severity != "hint"}


def state_of(show):
    """Every byte that the storage remembers of the show."""
    found = b""
    for path in (show.folder / "public/airdate-state").rglob("*"):
        if path.is_file():
            body = path.read_bytes()
            found += gzip.decompress(body) if path.suffix == ".gz" else body
    return found


def test_what_is_wrong_with_an_episode_that_stays_is_said_by_every_publish(show):
    first = of_episode(said(show.publish("--json")))
    assert {code for code, _ in first} == {"image-alt", "transcript-language"}
    show.episode("2026-05-08-second", date="2026-05-08T06:00:00+02:00")
    assert of_episode(said(show.publish("--json"))) == first
    show.config.write_text(show.config.read_text("utf-8").replace("Machines one", "Machines that one"), "utf-8")
    assert of_episode(said(show.publish("--json"))) == first
    assert of_episode(said(show.publish("--json"))) == first


def test_check_and_preview_say_what_a_publish_says(show):
    first = of_episode(said(show.publish("--json")))
    for _ in range(2):
        assert of_episode(said(show.run("check", "--json"))) == first
    assert of_episode(previewed(show)) == first
    assert of_episode(said(show.publish("--json"))) == first


def test_a_machine_without_the_cache_knows_the_rule(show):
    first = of_episode(said(show.publish("--json")))
    shutil.rmtree(show.folder / ".airdate-cache")
    show.episode("2026-05-08-second", date="2026-05-08T06:00:00+02:00")
    outcome = show.publish("--json")
    assert {code for code, _ in of_episode(said(outcome))} == {code for code, _ in first}
    assert {row["hint"] for row in outcome.findings("image-alt", "transcript-language")} == {"`publish check` says more"}
    assert of_episode(said(show.run("check", "--json"))) == first


def test_what_was_mended_is_said_no_more(show):
    show.publish()
    show.edit("2026-05-01-first", "![](photo.jpg)", "![a machine](photo.jpg)")
    (show.folder / "episodes/2026-05-01-first/transcript.de.vtt").rename(show.folder / "episodes/2026-05-01-first/transcript.en.vtt")
    assert of_episode(said(show.publish("--json"))) == set()
    assert of_episode(said(show.publish("--json"))) == set()


def test_the_storage_remembers_rules_and_no_message(show):
    outcome = show.publish("--json")
    remembered = state_of(show)
    assert b'"image-alt"' in remembered
    for row in outcome.findings("image-alt", "transcript-language"):
        assert row["message"].encode() not in remembered
        assert row["hint"].encode() not in remembered
    assert b"transcript.de.vtt" not in remembered


def test_a_state_without_rules_is_read(show):
    show.publish()
    state = Workspace(read_config(show.config), Console(quiet=True), NOW).state_copies.read_or_last()[0]
    name = "chapters/first"
    assert state.recipes[name].rules == ("image-alt",)
    assert state.recipes["assets"].rules == ()
    assert b'"assets":["' in state_of(show)
