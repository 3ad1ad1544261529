"""What a person types, and what is meant: forces, the show around a folder, questions with Enter alone."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from publisher.core.errors import FORCES
from tests.support import ROOT
from tests.support.show_factory import make_show

PUBLISH = str(Path(sys.executable).with_name("publish"))


def typed(folder: Path, *arguments: str, answer: str) -> tuple[int, str]:
    """The real command on a terminal, a person typing `answer`; its status and what stands on the screen."""
    ours, theirs = pty.openpty()
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "TERM": "dumb"}
    process = subprocess.Popen([PUBLISH, *arguments], cwd=folder, env=environment, stdin=theirs, stdout=theirs, stderr=theirs)
    os.close(theirs)
    os.write(ours, answer.encode())
    shown = b""
    while True:
        try:
            block = os.read(ours, 4096)
        except OSError:  # the terminal closes with the process
            break
        if not block:
            break
        shown += block
    os.close(ours)
    return process.wait(timeout=60), shown.decode()


@pytest.fixture
def published(tmp_path):
    show = make_show(tmp_path)
    show.episode()
    show.episode("2026-05-08-second", date="2026-05-08T06:00:00+02:00")
    assert show.publish().status == 0
    return show


def test_enter_alone_takes_nothing_down(published):
    status, shown = typed(published.folder, "withdraw", "first", "--no-verify", answer="\n")
    assert status == 5
    assert "[y/N]" in shown and "for good" in shown and "guid" in shown
    assert "first" in (published.folder / "public/feed.xml").read_text()


def test_where_nobody_can_answer_nothing_is_taken_down_without_yes(published):
    done = published.run("withdraw", "first", "--json")
    assert (done.status, done.document["error"]["code"]) == (5, "needs-yes")
    assert "--yes" in done.document["error"]["hint"]
    assert "first" in (published.folder / "public/feed.xml").read_text()


def test_yes_takes_it_down_and_its_folder_says_so_at_every_publish(published):
    status, _ = typed(published.folder, "withdraw", "first", "--no-verify", answer="y\n")
    assert status == 0
    for _ in range(2):
        done = published.publish()
        assert done.status == 0
        assert "withdrawn for good" in done.stderr and "another guid" in done.stderr
    (published.folder / "episodes/2026-05-01-first/episode.md").write_text(
        (published.folder / "episodes/2026-05-01-first/episode.md").read_text().replace("+++\n", "+++\ndraft = true\n", 1)
    )
    assert "withdrawn for good" not in published.publish().stderr


@pytest.mark.parametrize("name", ["nonsense", "remove=", "empty=first", "older=", "Remove=first", ""])
def test_a_force_that_no_refusal_has_ends_with_2_and_is_quoted(published, name):
    done = published.publish("--force", name)
    assert done.status == 2
    assert f"`--force {name}`" in done.stderr and "remove" in done.stderr


@pytest.mark.parametrize("name", [*FORCES, "remove=first", "guid=first", "older=first", "host=mastodon"])
def test_each_force_that_a_refusal_names_is_known(published, name):
    assert published.publish("--force", name).status == 0


def test_every_refusal_is_a_force_that_is_known():
    import ast

    named = set()
    for path in (ROOT / "publisher").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Tripped":
                if any(word.arg == "final" for word in node.keywords):  # one that no force covers
                    continue
                named.update(word.value.value for word in node.keywords if word.arg == "name" and isinstance(word.value, ast.Constant))
    assert named and named <= set(FORCES)


def test_the_show_is_found_from_inside_its_folders(published):
    inside = published.folder / "episodes/2026-05-01-first"
    done = subprocess.run(
        [PUBLISH, "status"],
        cwd=inside,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0 and "2 episodes published" in done.stdout


def test_a_config_above_that_is_no_shows_is_left_alone(tmp_path):
    (tmp_path / "config.toml").write_text('baseURL = "https://hugo.example"\n')
    (tmp_path / "inner").mkdir()
    done = subprocess.run(
        [PUBLISH],
        cwd=tmp_path / "inner",
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 3 and "publish explain config-missing" in done.stderr


def test_a_draft_alone_is_told_how_to_go_on_the_air(tmp_path):
    show = make_show(tmp_path)
    show.episode("2026-05-01-idea", date=None, front="draft = true")
    done = show.publish()
    assert done.status == 5 and "publish release idea" in done.stderr
    checked = show.run("check", "--json")
    assert checked.status == 0, "a new show is not at fault"
    (row,) = checked.findings("F026")
    assert row["file"] == "episodes/2026-05-01-idea/episode.md" and "`publish release idea`" in row["hint"]


def test_a_new_show_without_any_episode_is_told_how_to_begin_one(tmp_path):
    (row,) = make_show(tmp_path).run("check", "--json").findings("F026")
    assert row["severity"] == "warning" and "`publish new TITLE`" in row["hint"]


def test_a_published_show_in_which_every_episode_is_a_draft_again_is_at_fault(tmp_path):
    show = make_show(tmp_path)
    show.episode("2026-05-01-idea")
    assert show.publish().status == 0
    show.edit("2026-05-01-idea", "guid =", "draft = true\nguid =")
    checked = show.run("check", "--json")
    assert checked.status == 3 and [row["severity"] for row in checked.findings("F026")] == ["error"]


def test_a_scheduled_one_alone_is_told_that_nothing_happens_by_itself(tmp_path):
    show = make_show(tmp_path)
    show.episode("2026-07-01-later", date="2026-07-01T06:00:00+02:00")
    done = show.publish()
    assert done.status == 5 and "2026-07-01 06:00" in done.stderr and "by itself" in done.stderr


@pytest.mark.parametrize(
    ("front", "meant"),
    [
        ("date = 24.12.2026", "2026-12-24"),
        ('date = "24.12.2026"', "2026-12-24"),
        ('date = "24/12/2026"', "2026-12-24"),
        ('date = "12/24/2026"', "2026-12-24"),
        ("date = 24-12-2026", "2026-12-24"),
        ("date = 2026/12/24", "2026-12-24"),
        ('date = "24.12.2026 18:30"', "2026-12-24T18:30:00"),
        ("date = 24.12.2026 um 18 Uhr", "2026-12-24T18:00:00"),
        ('date = "24.12.2026 6:30 pm"', "2026-12-24"),
        ('date = "2026/12/24 18:30:05 +01:00"', "2026-12-24T18:30:05+01:00"),
    ],
)
def test_a_date_as_people_write_it_gets_the_one_that_is_read(tmp_path, front, meant):
    show = make_show(tmp_path)
    show.episode("2026-12-24-eve", date=None, front=front)
    done = show.publish()
    hint = done.stderr.split("eve/episode.md")[-1].splitlines()[1]
    assert done.status == 3 and hint.split()[-1] == meant, done.stderr


def test_a_day_that_no_month_has_is_told(tmp_path):
    show = make_show(tmp_path)
    show.episode("2026-12-24-eve", date=None, front="date = 2026-02-30")
    assert "there is no day 2026-02-30" in show.publish().stderr


def test_a_date_that_may_be_two_days_is_not_guessed(tmp_path):
    show = make_show(tmp_path)
    show.episode("2026-12-24-eve", date=None, front='date = "05/06/2026"')
    done = show.publish()
    assert done.status == 3 and "write 2026" not in done.stderr


@pytest.mark.parametrize(
    ("edit", "code", "file", "said"),
    [
        (
            lambda show: show.edit("2026-05-01-first", "guid =", "draft = true\nguid ="),
            "refused-remove",
            "first/episode.md",
            "draft = true",
        ),
        (lambda show: show.edit("2026-05-01-first", "date = 2026", "date = 2031"), "refused-remove", "first/episode.md", "in the future"),
        (lambda show: show.remove("2026-05-01-first"), "refused-remove", "config.toml", "publish withdraw first"),
        (lambda show: show.edit("2026-05-01-first", "date = 2026", "date = 24.12."), "refused-remove", "config.toml", "is at fault"),
        (lambda show: show.configure("https://small", "https://large"), "refused-links", "config.toml", "former = "),
        (
            lambda show: show.configure("[storage]", '[feed]\nfile = "podcast.xml"\n\n[storage]'),
            "refused-feed-address",
            "config.toml",
            "new_feed_url under [feed]",
        ),
    ],
    ids=["draft", "future", "gone", "broken", "address", "another feed"],
)
def test_a_check_warns_of_what_a_publish_refuses(published, edit, code, file, said):
    edit(published)
    done = published.run("check", "--json")
    rows = [row for row in done.findings(code) if said in row["message"] + row["hint"]]
    refused = published.publish()
    if "is at fault" in said:  # the fault itself is told before, and stops a publish
        assert rows == [] and done.status == refused.status == 3
        return
    assert [(row["severity"], row["file"].endswith(file)) for row in rows] == [("warning", True)]
    assert done.status == 0 and refused.status == 5 and said in refused.stderr


def test_a_check_does_not_tell_to_wait_for_what_listeners_have(published):
    for name in ("2026-05-01-first", "2026-05-08-second"):
        published.edit(name, "date = 2026", "date = 2031")
    (row,) = published.run("check", "--json").findings("F026")
    assert "run `publish` then" not in row["hint"]


def test_a_published_folder_without_a_time_is_not_called_missing(published):
    published.edit("2026-05-01-first", "date = 2026-05-01T06:00:00+02:00", "date = 2027-05-01")
    done = published.publish()
    assert done.status == 5 and "its folder, which is here, is at fault" in done.stderr
    assert "not in this folder" not in done.stderr and "write date = 2027-05-01T06:00:00" in done.stderr
