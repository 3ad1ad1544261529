"""`publish init` on a terminal: one question at a time, each answer judged at once, what the machine knows offered."""

from __future__ import annotations

import os
import pty
import select
import shlex
import signal

import pytest

from publisher.load.config_reader import read_config
from tests.cli.test_what_is_typed import PUBLISH, typed
from tests.support import ROOT
from tests.support.show_factory import picture

ALL = ["--title", "T", "--author", "A", "--description", "D", "--language", "en", "--category", "Comedy", "--timezone", "UTC"]
ALL += ["--url", "https://x.example", "--storage", "public"]


def without(name):
    at = ALL.index(f"--{name}")
    return ALL[:at] + ALL[at + 2 :]


@pytest.mark.parametrize(
    ("name", "wrong", "reason", "right"),
    [
        ("category", "Tecnology", "did you mean `Technology`?", "Technology"),
        ("timezone", "Berlin", "did you mean `Europe/Berlin`?", "Europe/Berlin"),
        ("url", "my.example", "https://my.example", "https://my.example"),
        ("language", "deutsch", "two letters", "de"),
        ("storage", "nein", "is no place", "s3://bucket/show"),
        ("storage", "s3://b/../x", "names no bucket", "public"),
        ("title", "a\x07b", "a character in it", "Mine"),
    ],
)
def test_a_wrong_answer_is_asked_again_at_once_with_the_reason(tmp_path, name, wrong, reason, right):
    status, shown = typed(tmp_path, "init", "show", *without(name), answer=f"{wrong}\n{right}\n")
    assert status == 0, shown
    assert reason in shown and shown.index(reason) < shown.index("Your show is in")
    config = read_config(tmp_path / "show/config.toml").config
    assert right in (
        *config.show.categories,
        config.show.timezone,
        config.site.url,
        config.show.language,
        config.storage.url,
        config.show.title,
    )


def test_a_wrong_option_is_asked_for_before_any_other_question(tmp_path):
    options = ["--category", "Cheese", *without("category")[:-2]]
    status, shown = typed(tmp_path, "init", "show", *options, answer="Comedy\n\n")
    assert status == 0, shown
    assert shown.index("Apple knows no category `Cheese`") < shown.index("Which category")


def test_the_machines_time_zone_and_language_are_offered(tmp_path, monkeypatch):
    monkeypatch.setenv("TZ", "America/Lima")
    monkeypatch.setenv("LC_ALL", "es_PE.UTF-8")
    at = ALL.index("--language")
    options = [*ALL[:at], "--category", "Comedy", "--url", "https://x.example", "--storage", "public"]
    status, shown = typed(tmp_path, "init", "show", *options, answer="\n\n")
    assert status == 0, shown
    assert "[es]" in shown and "[America/Lima]" in shown
    show = read_config(tmp_path / "show/config.toml").config.show
    assert (show.language, show.timezone) == ("es", "America/Lima")


def test_a_picture_that_lies_there_is_offered_with_its_size_and_one_that_will_not_do_is_told(tmp_path):
    (tmp_path / "artwork.png").write_bytes(picture(800, 600, "PNG"))
    (tmp_path / "cover.jpg").write_bytes(picture(1500, 1500))
    status, shown = typed(tmp_path, "init", "show", *ALL, answer="y\n")
    assert status == 0, shown
    assert "800 by 600" in shown and "cover.jpg lies here, 1500 by 1500 pixels" in shown
    assert (tmp_path / "show/artwork.jpg").read_bytes() == (tmp_path / "cover.jpg").read_bytes()
    assert "Still missing" not in shown


def test_artwork_that_lies_in_the_shows_folder_already_stays_there(tmp_path):
    (tmp_path / "artwork.jpg").write_bytes(picture(1500, 1500))
    status, shown = typed(tmp_path, "init", ".", *ALL, answer="y\n")
    assert status == 0, shown
    assert (tmp_path / "artwork.jpg").read_bytes() == picture(1500, 1500)


@pytest.mark.parametrize("folder", ["show", "."])
def test_it_ends_with_the_three_commands_to_type_next(tmp_path, folder):
    status, shown = typed(tmp_path, "init", folder, *ALL, answer="")
    assert status == 0, shown
    commands = [line.strip() for line in shown.partition("Next:")[2].splitlines() if line.strip()]
    assert len(commands) == 3
    assert all(command.startswith(("cd show", "publish ")) for command in commands)


def test_what_was_answered_is_kept_when_the_input_ends(tmp_path):
    status, shown = typed(tmp_path, "init", "show", answer="It's mine\nAda Field\n\x04")
    assert status != 0
    assert not (tmp_path / "show").exists()
    line = next(line for line in shown.splitlines() if "To go on from here" in line).partition("here: ")[2]
    words = shlex.split(line)
    assert words[:3] == ["publish", "init", "show"]
    assert words[3:] == ["--title", "It's mine", "--author", "Ada Field"]


@pytest.mark.parametrize("begun", ["", "half an ans"], ids=["at a question", "in the middle of an answer"])
def test_ctrl_c_at_a_real_terminal_keeps_what_was_answered(tmp_path, begun):
    child, terminal = pty.fork()  # the terminal is the child's own: Ctrl-C is a signal, not a letter
    if child == 0:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        os.chdir(tmp_path)
        os.execve(PUBLISH, [PUBLISH, "init", "show"], {**os.environ, "PYTHONPATH": str(ROOT), "TERM": "dumb"})  # noqa: S606  there is no shell between a terminal and the command
    shown = b""
    for question, answer in (
        (b"called?", b"It's mine\n"),
        (b"makes it?", b"Ada Field\n"),
        (b"or two?", begun.encode() + b"\x03"),
        (b"", b""),
    ):
        silent = 0
        while not question or question not in shown:
            if not select.select([terminal], [], [], 2)[0]:
                silent += 1
                assert silent < 30, shown.decode()
                if not question:
                    os.write(terminal, b"\x03")  # the first one came in the moment before it listened: a person presses again
                continue
            try:
                block = os.read(terminal, 4096)
            except OSError:  # the terminal closes with the process
                break
            if not block:
                break
            shown += block
        if answer:
            os.write(terminal, answer)
    os.close(terminal)
    _, status = os.waitpid(child, 0)
    assert os.waitstatus_to_exitcode(status) == 130, shown.decode()
    assert not (tmp_path / "show").exists()
    assert "publish init show --title 'It'\"'\"'s mine' --author 'Ada Field'" in " ".join(shown.decode().split())
    assert "Traceback" not in shown.decode()


def test_a_language_that_is_none_is_refused_where_nobody_is_asked(tmp_path):
    status, shown = typed(tmp_path, "init", "show", "-y", "--language", "deutsch", answer="")
    assert status == 2 and "two letters" in shown
    assert not (tmp_path / "show").exists()
    assert typed(tmp_path, "init", "show", "-y", "--language", "fil", answer="")[0] == 0
    assert 'language = "fil"' in (tmp_path / "show" / "config.toml").read_text("utf-8")


def test_a_picture_that_is_not_the_artwork_stays_where_it_is(tmp_path):
    (tmp_path / "cover.jpg").write_bytes(picture(1500, 1500))
    status, shown = typed(tmp_path, "init", "show", *ALL, answer="n\n")
    assert status == 0, shown
    assert not (tmp_path / "show/artwork.jpg").exists()
    assert "Still missing" in shown
