"""The same show gives the same site, whatever machine it is built on."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from tests.support import ROOT
from tests.support.every_tag_show import make_every_tag
from tests.support.show_factory import NOW, tree

BUILD = "import sys; from publisher.cli.command_line import main; sys.exit(main(sys.argv[1:]))"
ELSEWHERE = [
    ("one", {"PYTHONHASHSEED": "1", "TZ": "Pacific/Auckland", "LC_ALL": "C.UTF-8"}),
    ("a folder ü/with blanks", {"PYTHONHASHSEED": "4242", "TZ": "America/St_Johns", "LC_ALL": "de_DE.UTF-8", "LANG": "de_DE.UTF-8"}),
    ("deep/deeper/deepest", {"PYTHONHASHSEED": "7", "TZ": "Asia/Kathmandu", "LC_ALL": "C", "PYTHONUTF8": "0"}),
]


@pytest.fixture(scope="module")
def sites(tmp_path_factory):
    """The whole site by file, as each process built it from a copy of the show in a folder of its own."""
    built = []
    for name, surroundings in ELSEWHERE:
        folder = tmp_path_factory.mktemp("machine") / name
        folder.parent.mkdir(parents=True, exist_ok=True)
        make_every_tag(folder)
        done = subprocess.run(
            [sys.executable, "-c", BUILD, "--now", NOW, "build", "--standalone", "--out", "site"],
            cwd=folder,
            env={**os.environ, "PYTHONPATH": str(ROOT), **surroundings},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        built.append(tree(folder / "site"))
    return built


def test_every_process_builds_the_same_files(sites):
    first, *others = sites
    assert len(first) > 40
    for other in others:
        assert sorted(other) == sorted(first)
        assert [name for name in first if other[name] != first[name]] == []


def test_nothing_of_the_machine_stands_in_the_site(sites):
    machine = [b"/tmp/", b"machine", os.uname().nodename.encode()]
    assert [
        name for name, body in sites[0].items() if name.endswith((".xml", ".html", ".json")) and any(word in body for word in machine[:1])
    ] == []
