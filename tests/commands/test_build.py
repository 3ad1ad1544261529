"""`publish build`: the folder is whole, or the command says what is not in it."""

from __future__ import annotations

import datetime as dt

from publisher.commands.build import write_site
from publisher.core.command_call import Options
from publisher.core.console import Console
from publisher.folder_to_plan import Purpose, Scope, prepare
from publisher.load.config_reader import read_config
from publisher.state.state import State
from publisher.workspace import Workspace
from tests.support.listeners import complaints
from tests.support.show_factory import NOW, recording, tree


def built(show, *arguments):
    out = show.folder / "out"
    done = show.run("build", "--out", str(out), *arguments, "--json")
    assert done.status == 0, done.stderr
    return done, tree(out)


def test_after_a_publish_the_recordings_of_the_folder_are_there_too(show):
    (show.folder / "episodes/2026-05-01-first/small.mp3").write_bytes(recording(20.0, voice=91))
    show.edit("2026-05-01-first", "+++\n\n", '[[alternates]]\nfile = "small.mp3"\ntitle = "Small"\n+++\n\n')
    assert show.publish().status == 0
    done, site = built(show)
    assert complaints(site) == []
    published = {name: body for name, body in tree(show.public).items() if name.startswith("media/")}
    assert {name: body for name, body in site.items() if name.startswith("media/")} == published
    assert len(published) == 3
    assert done.document["missing"] == []
    assert "not in" not in done.stderr


def test_a_preview_reads_recordings_where_they_lie_and_copies_none(show, tmp_path):
    now = dt.datetime.fromisoformat(NOW)
    workspace = Workspace(read_config(show.config), Console(quiet=True), now)
    prepared = prepare(workspace, State(), Options(now=now), Purpose.BUILD, Scope(drafts=True))
    for recordings in (True, False):
        write_site(prepared.rendering, tmp_path / "out", recordings=recordings)
        site = tree(tmp_path / "out")
        assert "episodes/first.html" in site
        assert [name for name in site if name.startswith("media/first-")] != [] or not recordings
        assert [name for name in site if name.startswith("media/")] == [] or recordings


def test_a_recording_that_is_not_here_is_named_in_one_line(show):
    assert show.publish().status == 0
    (show.folder / "episodes/2026-05-01-first/audio.mp3").unlink()
    done, site = built(show)
    (lost,) = done.document["missing"]
    assert lost.startswith("media/first-")
    (line,) = (line for line in done.stderr.splitlines() if "recording" in line and "not in" in line)
    assert "1 recording" in line
    assert "publish pull" in done.stderr
    assert {name.rpartition(" ")[2] for name in complaints(site)} == {lost}


def test_a_recording_whose_copy_would_be_another_one_now_is_named(show):
    assert show.publish().status == 0
    show.edit("2026-05-01-first", 'title = "First"', 'title = "Another title"')
    done, _ = built(show)
    assert [key[:12] for key in done.document["missing"]] == ["media/first-"]


def test_standalone_holds_everything(show):
    assert show.publish().status == 0
    show.edit("2026-05-01-first", 'title = "First"', 'title = "Another title"')
    done, site = built(show, "--standalone")
    assert complaints(site) == []
    assert done.document["missing"] == []
