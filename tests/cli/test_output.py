"""What was asked for goes to stdout, messages go to stderr; --json makes stdout one document; a reader that goes away hurts nobody."""

from __future__ import annotations

import contextlib
import functools
import os
import shutil
import signal
import socket
import subprocess
import sys
import time

import httpx
import pytest

from publisher.cli.command_line import COMMANDS
from publisher.commands.schema import result_schemas
from publisher.core.console import Console
from publisher.core.errors import Exit
from tests.support.show_factory import ROOT, Show, make_show

PROGRAM = "import sys; from publisher.cli import main; sys.exit(main())"
LATER = "2026-06-03T12:00:00+00:00"
CALLS = {
    "announce": (["announce"], Exit.USAGE, "", "there is nobody to tell"),
    "bucket": (["bucket"], Exit.OK, "The storage is a folder", ""),
    "build": (["build", "--out", "site"], Exit.OK, "files in site/", ""),
    "check": (["check"], Exit.OK, "hints", ""),
    "comments": (["comments", "serve"], Exit.USAGE, "", "no database is named"),
    "compare": (["compare", "public/feed.xml"], Exit.OK, "0 of 2 episodes would come twice; 0 would be lost", ""),
    "explain": (["explain", "F026"], Exit.OK, "the feed has an episode", ""),
    "import": (["import", "http://127.0.0.1:9/feed.xml", "taken"], Exit.STORAGE, "", "cannot be fetched"),
    "init": (["init", "fresh", "--yes"], Exit.OK, "Your show is in fresh/", "publish preview"),
    "login": (["login"], Exit.USAGE, "", "a folder needs no keys"),
    "move": (["move"], Exit.USAGE, "", "this show has no former address"),
    "new": (["new", "A third"], Exit.OK, "A draft: episodes/2026-06-03-a-third/episode.md", "publish release a-third"),
    "preview": (["preview"], Exit.OK, "preview: http://127.0.0.1:", ""),
    "prune": (["prune", "--yes"], Exit.OK, "", "Nothing to prune"),
    "pull": (["pull"], Exit.OK, "", "Every published recording is here"),
    "purge": (["purge"], Exit.USAGE, "", "there is no content network to ask"),
    "release": (["release", "idea"], Exit.OK, "idea is due 2026-06-03", "publish --dry-run"),
    "restore": (["restore", "public", "brought"], Exit.OK, "2 episodes restored in brought/", "publish pull: 2 recordings"),
    "rollback": (["rollback", "--yes"], Exit.OK, "Rolled back", "publish --force resume"),
    "schema": (["schema"], Exit.OK, '"properties"', ""),
    "stage": (["stage"], Exit.OK, "idea is staged", "1 recording staged"),
    "stats": (["stats"], Exit.USAGE, "", "config.toml names no logs"),
    "status": (["status"], Exit.OK, "idea: draft", ""),
    "submit": (["submit"], Exit.OK, "https://podcastsconnect.apple.com", ""),
    "verify": (["verify"], Exit.OK, "nothing found", ""),
    "withdraw": (["withdraw", "first", "--yes", "--no-verify"], Exit.OK, "“First” is withdrawn", "Published"),
    "publish": (["--no-verify"], Exit.OK, "  feed  https://small.example/feed.xml", "Nothing changed"),
    "publish --dry-run": (["--dry-run"], Exit.OK, "0 files to send", ""),
}
"""Each command as it is given, how it ends, and what is read on stdout and on stderr."""


@pytest.fixture(scope="module")
def published(tmp_path_factory):
    """A show that was published twice, with a draft."""
    show = make_show(tmp_path_factory.mktemp("published") / "show")
    show.episode()
    assert show.publish().status == Exit.OK
    show.episode("2026-05-08-second", date="2026-05-08T06:00:00+02:00")
    show.episode("idea", date=None, front="draft = true")
    assert show.publish().status == Exit.OK
    return show


@pytest.fixture
def show(published, tmp_path):
    shutil.copytree(published.folder, tmp_path / "show")
    return Show(tmp_path / "show")


def start(show, *arguments, **streams):
    """The real command, in the show's folder."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": ""}
    call = [sys.executable, "-c", PROGRAM, "--now", LATER, *arguments]
    if "preview" in arguments:
        with socket.create_server(("127.0.0.1", 0)) as free:
            show.preview = f"http://127.0.0.1:{free.getsockname()[1]}/"
        call += ["--port", show.preview.rpartition(":")[2].rstrip("/")]
    return subprocess.Popen(call, cwd=show.folder, env=environment, text=True, stdin=subprocess.DEVNULL, **streams)


def finish(show, process, name):
    """How it ended and what it said; a preview ends when it is told to."""
    until = time.monotonic() + 30
    while name == "preview" and process.poll() is None:
        with contextlib.suppress(httpx.TransportError):
            httpx.get(show.preview)
            process.send_signal(signal.SIGINT)
            break
        assert time.monotonic() < until
        time.sleep(0.1)
    stdout, stderr = process.communicate(timeout=60)
    return process.returncode, stdout or "", stderr or ""


def closed():
    """The writing end of a pipe that nobody reads."""
    reading, writing = os.pipe()
    os.close(reading)
    return writing


def test_every_command_is_tried_here():
    assert set(COMMANDS) == {name for name in CALLS if not name.startswith("publish")}
    assert set(COMMANDS) - {"schema"} == {name.partition(" ")[0] for name in schemas()} - {"publish", "error"}


@pytest.mark.parametrize("name", CALLS)
def test_what_was_asked_for_is_on_stdout_and_messages_are_on_stderr(show, name):
    arguments, status, asked_for, message = CALLS[name]
    ended, stdout, stderr = finish(show, start(show, *arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE), name)
    assert ended == status, stderr
    assert asked_for in stdout
    assert message in stderr
    assert bool(stdout) == bool(asked_for)
    assert not asked_for or asked_for not in stderr


@pytest.mark.parametrize("form", [[], ["--json"]], ids=["text", "json"])
@pytest.mark.parametrize("name", CALLS)
def test_a_reader_that_went_away_is_neither_a_traceback_nor_a_bug(show, name, form):
    arguments, status, _, message = CALLS[name]
    stdout = closed()
    ended, _, stderr = finish(show, start(show, *arguments, *form, stdout=stdout, stderr=subprocess.PIPE), name)
    os.close(stdout)
    assert "Traceback" not in stderr
    assert "bug" not in stderr
    assert "BrokenPipe" not in stderr
    assert ended == status, stderr
    assert message in stderr


@pytest.mark.parametrize("name", ["publish", "status", "init", "withdraw", "announce", "--help", "--nonsense"])
def test_with_nobody_at_either_stream_a_command_still_does_its_work(show, name):
    arguments, status = CALLS[name][:2] if name in CALLS else ([name], Exit.OK if name == "--help" else Exit.USAGE)
    stream = closed()
    assert start(show, *arguments, stdout=stream, stderr=stream).wait(60) == status
    os.close(stream)
    if name == "init":
        assert (show.folder / "fresh/config.toml").is_file()


@pytest.mark.parametrize("ends", [">&-", "2>&-", "<&-", "<&- >&- 2>&-"])
def test_a_stream_that_was_closed_before_is_no_bug(show, ends):
    call = f'"{sys.executable}" -c "{PROGRAM}" status {ends}'
    done = subprocess.run(
        ["bash", "-c", call], cwd=show.folder, env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, b"")


@pytest.mark.parametrize("name", [name for name in CALLS if name != "preview"])
def test_with_json_stdout_is_one_document_of_the_documented_form(show, name, monkeypatch):
    arguments, status, _, message = CALLS[name]
    monkeypatch.chdir(show.folder)
    outcome = show.run(*arguments, "--json", now=LATER)
    assert outcome.status == status, outcome.stderr
    assert message in outcome.stderr
    document = outcome.document
    if name != "schema":
        schema = schemas()["error" if status else name.split()[0]]
        assert fits(document, schema, schema.get("$defs", {})), document


def test_a_command_line_that_cannot_be_is_a_document_too(show):
    outcome = show.run("status", "--nonsense", "--json")
    assert outcome.status == Exit.USAGE
    assert outcome.document["error"]["message"] == "No such option '--nonsense'."
    assert "No such option" in outcome.stderr


def test_the_plan_of_a_dry_run_is_whole(show):
    for number in range(20):
        show.episode(f"2026-05-09-more-{number}", date="2026-05-09T06:00:00+02:00")
    planned = show.publish("--dry-run", "--json").document["changes"]
    outcome = show.publish("--dry-run", "--verbose")
    assert all(f" {change['key']} " in outcome.stdout for change in planned)


def test_colours_are_seen_on_a_terminal_alone_and_not_against_no_color(monkeypatch, capsys):
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    console = Console()
    console.show(console.paint("plain", "31"))
    assert capsys.readouterr().out == "plain\n"
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True, raising=False)
    console.show(console.paint("red", "31"))
    assert capsys.readouterr().out == "\x1b[31mred\x1b[0m\n"
    monkeypatch.setenv("NO_COLOR", "1")
    console.show(console.paint("plain", "31"))
    assert capsys.readouterr().out == "plain\n"


@functools.cache
def schemas():
    return result_schemas()


def fits(value, schema, defined):
    """Whether a document is of a schema's form: its types, and no key more or less."""
    if "$ref" in schema:
        return fits(value, defined[schema["$ref"].rpartition("/")[2]], defined)
    if "anyOf" in schema:
        return any(fits(value, choice, defined) for choice in schema["anyOf"])
    if "enum" in schema:
        return value in schema["enum"]
    if schema["type"] == "array":
        return isinstance(value, list) and all(fits(item, schema["items"], defined) for item in value)
    if schema["type"] == "object":
        if not isinstance(value, dict):
            return False
        keys = schema["properties"]
        needed = set(schema.get("required", ())) <= set(value) <= set(keys)
        return needed and all(fits(item, keys[key], defined) for key, item in value.items())
    kinds = {"string": str, "integer": int, "number": (int, float), "boolean": bool, "null": type(None)}
    return isinstance(value, kinds[schema["type"]]) and (schema["type"] in ("boolean", "number") or not isinstance(value, bool))
