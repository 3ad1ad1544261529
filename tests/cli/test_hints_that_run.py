"""Lines of hints, typed where the person is: they do what they say."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from publisher.core.show_files import typed_here
from publisher.media.measure import wrong_type
from tests.support import ROOT
from tests.support.show_factory import make_show, recording


@pytest.fixture
def wav(tmp_path):
    made = tmp_path / "master take.wav"
    subprocess.run(["ffmpeg", "-loglevel", "error", "-f", "lavfi", "-i", "sine=d=2", str(made)], check=True, timeout=60)
    return made


HOSTILE = ("a $(touch pwned).wav", "a `touch pwned`.wav", 'the "best" of.wav', "it's $5!.wav", "back\\slash.wav", "-y.wav")


@pytest.mark.parametrize("name", HOSTILE)
def test_a_file_s_name_in_a_line_to_be_typed_is_a_name_and_runs_nothing(tmp_path, wav, name):
    show = make_show(tmp_path / "show")
    wav.rename(show.episode(audio=None) / name)
    line = re.search(r"ffmpeg .*", show.publish().stderr)[0].replace("ffmpeg", "ffmpeg -loglevel error", 1)
    subprocess.run(["bash", "-c", line], cwd=show.folder, stdin=subprocess.DEVNULL, check=True, timeout=60)
    assert not list(show.folder.rglob("pwned"))
    assert show.publish().status == 0


@pytest.mark.parametrize("name", [*HOSTILE, "''$", "'\"'", "plain.wav", "-"])
def test_a_line_to_be_typed_names_the_file_from_where_its_folder_s_path_begins(name):
    said = typed_here(wrong_type(name, "WAV").hint, "some where")
    words = shlex.split(said.partition("ffmpeg ")[2])
    assert Path(words[1]) == Path("some where", name)
    assert Path(words[-1]) == Path("some where", f"{name.removesuffix('.wav')}.mp3")


def ffmpeg_line(said):
    """The line of a hint as a shell takes it apart."""
    return shlex.split(re.search(r"ffmpeg .*", said)[0].replace("ffmpeg", "ffmpeg -loglevel error", 1))


def test_the_line_for_a_wav_runs_in_the_shows_folder(tmp_path, wav):
    show = make_show(tmp_path / "show")
    folder = show.episode(audio=None)
    wav.rename(folder / wav.name)
    done = show.publish()
    assert done.status == 3
    assert "audio-type" in done.stderr
    subprocess.run(ffmpeg_line(done.stderr), cwd=show.folder, check=True, timeout=60)
    assert show.publish().status == 0


def test_the_line_for_a_wav_that_new_is_given_runs_where_it_was_typed(tmp_path, wav):
    show = make_show(tmp_path / "show")
    command = [str(Path(sys.executable).with_name("publish")), "new", "One", "--audio"]
    given = {
        "cwd": show.folder,
        "env": {"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin"},
        "capture_output": True,
        "text": True,
        "timeout": 60,
    }
    done = subprocess.run([*command, f"../{wav.name}"], check=False, **given)
    assert done.returncode == 3
    assert "publish explain audio-type" in done.stderr
    subprocess.run(ffmpeg_line(done.stderr), cwd=show.folder, check=True, timeout=60)
    assert subprocess.run([*command, f"../{wav.stem}.mp3"], check=False, **given).returncode == 0


def test_a_doubt_about_a_recording_names_it_by_its_path(tmp_path):
    show = make_show(tmp_path)
    show.episode(audio=recording(20).replace(b"\xff\xfb\x50", b"\xff\xfb\x00"))
    assert 'ffmpeg -i "episodes/2026-05-01-first/audio.mp3"' in show.publish().stderr


@pytest.mark.parametrize("written", ["", 'audio = "talk.mp3"'])
def test_a_recording_that_is_elsewhere_is_staged_on_the_machine_that_has_it(tmp_path, written):
    show = make_show(tmp_path / "show")
    show.episode(audio=None, front=written)
    show.episode("2026-05-08-second", date="2026-05-08T06:00:00+02:00")
    done = show.publish()
    assert done.status == 3
    assert "`publish stage first` on the machine that has it; draft = true" in done.stderr
    there = show.copy(tmp_path / "there")
    there.configure('url = "public"', f'url = "{show.public}"')
    there.write(f"episodes/2026-05-01-first/{'talk' if written else 'audio'}.mp3", recording())
    assert there.run("stage", "first").status == 0
    assert show.publish().status == 0, "staged there, published here"


def test_a_draft_without_a_recording_is_not_told_to_be_a_draft(tmp_path):
    show = make_show(tmp_path)
    show.episode()
    show.episode("2026-05-08-idea", date=None, front="draft = true", audio=None)
    done = show.run("check")
    assert "draft = true" not in done.stdout
