"""Pages follow their sources, and a mistake leaves the old pages standing."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time

import httpx
import pytest

from feed.findings import Finding, Severity
from publisher.core.errors import ContentError
from tests.support.show_factory import make_show

pytestmark = pytest.mark.alone


@pytest.fixture
def events():
    """The states a preview sends, each with the time it came."""

    def listen(url):
        with httpx.stream("GET", f"{url}__preview__/events", timeout=10) as answer:
            for line in answer.iter_lines():
                if line.startswith("data: "):
                    yield json.loads(line.removeprefix("data: ")), time.monotonic()

    return listen


def write_later(path, text):
    time.sleep(0.3)  # the watcher has begun
    path.write_text(text)
    return time.monotonic()


def test_a_change_rebuilds_and_tells_the_page_within_a_second(previewed, folder, events):
    def rebuild():
        (folder / "index.html").write_text("<html><head></head>new</html>")

    with previewed(rebuild) as served:
        states = events(served.url)
        first, _ = next(states)
        changed = write_later(served.source / "episode.md", "new")
        second, told = next(states)
        assert (first["generation"], second["generation"]) == (0, 1)
        assert told - changed < 1
        assert "new" in served.get("index.html").text
        states.close()


def test_a_mistake_is_shown_and_the_old_page_stays_until_it_is_mended(previewed, events, capsys):
    fault = Finding(
        code="x", severity=Severity.ERROR, message="the date is not a date", file="episodes/a/episode.md", line=3, hint="write 2026-05-03"
    )
    outcomes = [ContentError("one fault", [fault], hint="mend it"), ZeroDivisionError("no"), None]

    def rebuild():
        outcome = outcomes.pop(0)
        if outcome:
            raise outcome

    with previewed(rebuild) as served:
        states = events(served.url)
        next(states)
        write_later(served.source / "episode.md", "1")
        first, _ = next(states)
        assert "episodes/a/episode.md:3: the date is not a date (write 2026-05-03)" in first["error"]
        assert (first["generation"], served.get("episodes/zip.html").status_code) == (0, 200)
        write_later(served.source / "episode.md", "2")
        second, _ = next(states)
        assert second["error"] == "ZeroDivisionError: no"
        write_later(served.source / "episode.md", "3")
        third, _ = next(states)
        assert third == {"generation": 1, "error": ""}
        states.close()
    assert "the date is not a date" in capsys.readouterr().err


def test_what_the_rebuild_writes_does_not_rebuild_again(previewed, folder):
    rebuilds = []

    def rebuild():
        rebuilds.append(1)
        (folder / "index.html").write_text(f"<html>{len(rebuilds)}</html>")

    with previewed(rebuild, watch=[folder.parent]) as served:
        write_later(served.source / "episode.md", "1")
        time.sleep(1.2)
    assert len(rebuilds) == 1


def test_a_watched_path_that_is_not_there_is_no_error(previewed, tmp_path):
    with previewed(lambda: None, watch=[tmp_path / "none"]) as served:
        assert served.get("index.html").status_code == 200


def test_ctrl_c_ends_it_with_an_open_page_and_frees_the_port(folder):
    program = (
        "import signal, sys; from pathlib import Path; from publisher.preview.server import Changes, serve; folder = Path(sys.argv[1])\n"
        "from publisher.preview.application import Preview; from publisher.preview.served_files import Sources\n"
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"  # a shell's background job is started without it
        "preview = Preview(folder=folder, site_url='https://a.example', sources=Sources(folder))\n"
        "serve(preview, Changes(rebuild=lambda: None, watch=[folder]), port=0)\n"
        "print('done')"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program, str(folder)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    ) as process:
        try:
            said = process.stderr.readline()
            address = said.split()[1]
            with httpx.stream("GET", f"{address}__preview__/events", timeout=5) as answer:
                next(answer.iter_lines())
                time.sleep(0.5)
                process.send_signal(signal.SIGINT)
                out, error = process.communicate(timeout=8)
        finally:
            process.kill()
    assert (process.returncode, out, error) == (0, "done\n", "")
    with pytest.raises(httpx.ConnectError):
        httpx.get(address)


def test_a_fault_of_the_theme_is_shown_and_the_preview_lives_on(tmp_path, events):
    show = make_show(tmp_path / "show")
    show.episode()
    style = show.write("theme/site.css", b"\n\xff")
    call = ["--config", str(show.config), "--now", show.now, "--json", "preview", "--port", "0"]
    program = "import sys; from publisher.cli.command_line import main; sys.exit(main(sys.argv[1:]))"
    with subprocess.Popen([sys.executable, "-c", program, *call], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        try:
            address = next(line.split('"')[3] for line in process.stdout if '"url"' in line)
            states = events(address)
            first, _ = next(states)
            assert "theme/site.css:2: the file is not UTF-8 text" in first["error"]
            assert httpx.get(f"{address}index.html").status_code == 503
            write_later(style, "body{}")
            second, _ = next(states)
            assert second == {"generation": 1, "error": ""}
            write_later(show.folder / "theme/footer.html", "\n{{ nothing }}")
            third, _ = next(states)
            assert "theme/footer.html:2: this template cannot be rendered: 'nothing' is undefined" in third["error"]
            assert httpx.get(f"{address}index.html").status_code == 200
            states.close()
        finally:
            process.terminate()
