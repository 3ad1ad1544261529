"""Transcripts are read and written again only when something that they are made of changed."""

from __future__ import annotations

import json
import shutil

import pytest

from publisher.core.digests import code_digest
from tests.house.test_imports import imports, modules
from tests.support import ROOT
from tests.support.show_factory import make_show, tree

WORDS = "WEBVTT\n\n00:01.000 --> 00:09.000\n<v Ada>Machines one can reach.\n\n00:09.000 --> 00:19.500\n<v Ada>From a chair.\n"


@pytest.fixture
def show(tmp_path):
    made = make_show(tmp_path / "show")
    made.write(f"{made.episode().relative_to(made.folder)}/transcript.vtt", WORDS)
    made.write(f"{made.episode('2026-05-08-second', date='2026-05-08T06:00:00+02:00').relative_to(made.folder)}/transcript.vtt", WORDS)
    return made


@pytest.fixture
def done(monkeypatch):
    """What is done with transcripts from now on: each reading of a file, each WebVTT written."""
    from feed.transcript import reading, writers

    seen = []
    for module, name in ((reading, "read_transcript"), (writers, "write_vtt")):
        function = getattr(module, name)
        monkeypatch.setattr(module, name, lambda *a, _name=name, _f=function, **k: (seen.append(_name), _f(*a, **k))[1])
    return seen


def state_of(show):
    from publisher.stores.directory import DirectoryStore
    from publisher.sync.state_copies import StateCopies
    from publisher.sync.storage import Storage

    store = DirectoryStore(show.public)
    return StateCopies(show.folder / ".nothing", Storage(public=store, private=store)).read()


def another_version(monkeypatch, *parts: str) -> None:
    """From now on the code is another: that of the files and folders `parts`, or any that makes no transcripts."""

    def digest(*of, **libraries):
        return code_digest(*of, **libraries) + "another" * (not of or any(part in of for part in parts))

    monkeypatch.setattr("publisher.incremental_build.build.code_digest", digest)
    monkeypatch.setattr("publisher.check.last_check.code_digest", digest)


def test_another_version_of_what_makes_no_transcripts_renders_none_again(show, done, monkeypatch):
    assert show.publish().status == 0
    assert set(done) == {"read_transcript", "write_vtt"}
    done.clear()
    another_version(monkeypatch)
    before = state_of(show)
    assert show.publish().status == 0
    changed = {name for name, row in state_of(show).recipes.items() if row.fingerprint != before.recipes[name].fingerprint}
    assert {"page/first", "feed"} <= changed
    assert not any(name.startswith("transcript") for name in changed)
    assert done == []


def test_an_edit_of_the_config_that_concerns_no_transcript_renders_none_again(show, done):
    assert show.publish().status == 0
    done.clear()
    show.configure('url = "https://small.example"', 'url = "https://small.example"\nfooter = "All of it."')
    assert show.publish().status == 0
    assert b"All of it." in tree(show.public)["episodes/first.html"]
    assert done == []


def test_without_the_cache_they_are_read_for_the_pages_and_not_written(show, done):
    assert show.publish().status == 0
    done.clear()
    shutil.rmtree(show.folder / ".airdate-cache")
    show.configure('url = "https://small.example"', 'url = "https://small.example"\nfooter = "All of it."')
    assert show.publish().status == 0
    assert set(done) == {"read_transcript"}


def test_what_concerns_a_transcript_renders_it_again(show, done, monkeypatch):
    assert show.publish().status == 0
    done.clear()
    show.configure("[site]\n", '[transcript.replace]\nchair = "sofa"\n\n[site]\n')
    assert show.publish().status == 0
    assert done.count("write_vtt") == 2
    done.clear()
    show.write("episodes/2026-05-01-first/transcript.vtt", WORDS.replace("reach", "see"))
    assert show.publish().status == 0
    assert done.count("write_vtt") == done.count("read_transcript") == 1
    done.clear()
    another_version(monkeypatch, "feed/transcript")
    assert show.publish().status == 0
    assert done.count("write_vtt") == done.count("read_transcript") == 2


def test_a_check_reads_writes_and_judges_only_transcripts_that_changed(show, done, monkeypatch):
    first = show.run("check", "--json").findings()
    assert done.count("write_vtt") == 2
    done.clear()
    another_version(monkeypatch)
    show.configure('url = "https://small.example"', 'url = "https://small.example"\nfooter = "All of it."')
    assert show.run("check", "--json").findings() == first
    assert done == []
    show.write("episodes/2026-05-01-first/transcript.vtt", WORDS.replace("00:19.500", "00:39.500"))
    (fault,) = [row for row in show.run("check", "--json").findings() if row["code"].startswith("T0")]
    assert fault["file"] == "episodes/2026-05-01-first/transcript.vtt"
    assert done.count("write_vtt") == 1


def test_a_damaged_memory_of_cues_is_no_error(show, done):
    assert show.publish().status == 0
    first = tree(show.public)
    (kept,) = (show.folder / ".airdate-cache" / "transcripts").glob("first*")
    document = json.loads(kept.read_text())
    for number, content in enumerate(({"cues": {"": [["x"]]}}, {"cues": 3, "findings": []}, {})):
        kept.write_text(json.dumps({**document, "content": content}))
        show.edit("2026-05-01-first", "notes.", f"notes. {number}")
        assert show.publish().status == 0
        show.edit("2026-05-01-first", f"notes. {number}", "notes.")
        assert show.publish("--force", "older=first").status == 0
        assert tree(show.public)["episodes/first.html"] == first["episodes/first.html"]


def test_the_cues_of_an_episode_that_is_gone_are_forgotten(show):
    assert show.publish().status == 0
    show.remove("2026-05-08-second")
    assert show.publish("--force", "remove=second").status == 0
    show.configure("Machines one can reach", "Engines one can reach")
    assert show.publish().status == 0
    assert [path.name for path in (show.folder / ".airdate-cache" / "transcripts").iterdir()] == ["first.json"]


def test_the_code_that_makes_transcripts_is_named_in_full():
    """All that their readers, writers and rules import is in their digest, but for plain values."""
    from publisher.render.transcripts import MADE_BY

    known = modules()
    made_by = {name for name, path in known.items() if any(path == ROOT / part or (ROOT / part) in path.parents for part in MADE_BY)}
    values = {"feed", "feed.findings", "feed.model", "feed.rules", "feed.podcasting20.word_lists", "feed.rules.feed_context"}
    needed = {name for name in made_by if name.startswith("feed.")}
    assert {"feed.transcript.writers", "feed.rules.transcripts"} <= needed
    for name in needed:
        assert imports(name, known[name].read_text(), set(known)) <= needed | values, name


@pytest.mark.parametrize(
    ("name", "inside", "warned"),
    [
        ("transcript.vtt", "en", False),
        ("transcript.vtt", "EN-us", False),
        ("transcript.de.vtt", "de-AT", False),
        ("transcript.de.vtt", "eng", False),
        ("transcript.de.vtt", "en", True),
        ("transcript.vtt", "de", True),
    ],
)
def test_a_file_that_names_another_language_than_its_name_does_is_said(tmp_path, name, inside, warned):
    show = make_show(tmp_path / "show")
    show.write(f"{show.episode().relative_to(show.folder)}/{name}", WORDS.replace("WEBVTT\n", f"WEBVTT\nLanguage: {inside}\n"))
    assert bool(show.run("check", "--json").findings("transcript-language")) is warned
