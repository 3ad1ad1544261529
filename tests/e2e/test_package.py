"""What `pip install` puts on a machine: the same packages wherever they are built, and a show made by them without the sources."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import sysconfig
import tarfile
import zipfile
from email.parser import BytesParser
from email.policy import default

import pytest

from tests.support import ROOT
from tools import release_check

EPOCH = "1700000000"
LATER = 1_800_000_000
FROM_AN_INDEX = re.compile(r"(?:pipx?|uv tool) (?:install|download)(?: -\S+)* [\"']?airdate\b|\bairdate(?:\[\w+\])?[=~>]=|line `airdate`")


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """Wheel and source archive."""
    folder = tmp_path_factory.mktemp("built")
    return release_check.build(release_check.copy_sources(folder / "sources"), folder / "dist", SOURCE_DATE_EPOCH=EPOCH)


@pytest.fixture(scope="module")
def programs(built, tmp_path_factory):
    """The commands of an environment that has the wheel, and the packages it needs from this one."""
    place = tmp_path_factory.mktemp("installed") / "venv"
    release_check.run([sys.executable, "-m", "venv", "--without-pip", place])
    pip = [sys.executable, "-m", "pip", "--python", place / "bin" / "python", "install", "--quiet", "--no-deps", "--no-index"]
    release_check.run([*pip, built[0]], cwd=place)
    [packages] = place.glob("lib/python*/site-packages")
    (packages / "needed.pth").write_text(sysconfig.get_path("purelib"))  # what is editable there stays there: its own .pth is not read
    return place / "bin"


def test_they_are_the_same_bytes_from_another_folder_at_another_time(built, tmp_path):
    sources = release_check.copy_sources(tmp_path / "elsewhere" / "entirely")
    for path in sources.rglob("*"):
        os.utime(path, (LATER, LATER))
        path.chmod(path.stat().st_mode & 0o700)
    again = release_check.build(sources, tmp_path / "dist", TZ="Asia/Tokyo", LANG="de_DE.UTF-8", SOURCE_DATE_EPOCH=EPOCH)
    assert [path.name for path in again] == [path.name for path in built]
    assert [path.read_bytes() for path in again] == [path.read_bytes() for path in built]


def test_the_time_in_them_is_the_one_that_is_set(built):
    wheel, archive = built
    with tarfile.open(archive) as members:
        assert {member.mtime for member in members} == {int(EPOCH)}
    assert {entry.date_time[:3] for entry in zipfile.ZipFile(wheel).infolist()} == {(2023, 11, 14)}


def test_the_wheel_holds_every_file_of_the_program_and_no_other(built):
    wheel, _ = built
    assert release_check.files_missing(wheel) == set()
    names = set(zipfile.ZipFile(wheel).namelist())
    assert {"feed/py.typed", "publisher/py.typed", "publisher/core/errors.md"} <= names
    assert any(name.endswith(".dist-info/licenses/LICENSE") for name in names)


def test_the_archive_holds_every_file_that_is_tracked(built):
    if not (ROOT / ".git").exists():
        pytest.skip("these sources are no clone: nobody tracks them")
    tracked = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split("\0")
    with tarfile.open(built[1]) as members:
        inside = {name.partition("/")[2] for name in members.getnames()}
    assert {name for name in tracked if name and (ROOT / name).exists()} - inside == set()


def test_what_an_index_would_show_leads_nowhere_but_out(built):
    wheel = zipfile.ZipFile(built[0])
    [name] = (name for name in wheel.namelist() if name.endswith(".dist-info/METADATA"))
    about = BytesParser(policy=default).parsebytes(wheel.read(name))
    assert about["Requires-Python"] == ">=3.11"
    assert {line.rpartition(" ")[2] for line in about.get_all("Classifier") if "Python :: 3." in line} == set(release_check.PYTHONS)
    targets = re.findall(r"\]\(([^)]+)\)", about.get_payload())
    assert [target for target in targets if not target.startswith("https://")] == []


def test_a_show_is_made_by_what_was_installed(programs, tmp_path):
    public = release_check.first_day(programs, tmp_path / "home")
    assert {path.name for path in public.iterdir()} >= {"index.html", "archive", "search.html", "art", "assets", "media"}


def test_no_page_and_no_message_takes_airdate_for_a_package_of_an_index():
    pages = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.*"), *(ROOT / "publisher").rglob("*.md"), *(ROOT / "publisher").rglob("*.py")]
    texts = {path: path.read_text("utf-8") for path in pages if path.suffix in {".md", ".yml", ".py"}}
    assert [str(path.relative_to(ROOT)) for path, text in texts.items() if FROM_AN_INDEX.search(text)] == []


@pytest.mark.parametrize(
    "line", ["pip install -U airdate", 'pip install "airdate[cjk]"', "airdate==0.1.0", "uv tool install airdate", "(a line `airdate`)"]
)
def test_a_line_that_does_is_seen(line):
    assert FROM_AN_INDEX.search(line)


def test_the_lowest_constraints_name_every_dependency_that_has_a_bound():
    bounds = [line for line in release_check.PROJECT["project"]["dependencies"] if ">" in line]
    assert len(release_check.lowest()) == len(bounds)
