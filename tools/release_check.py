"""Build wheel and source archive, and prove them where the sources are out of the way: on each Python at hand with the newest
packages, and on the oldest with the lowest that pyproject.toml allows. Both ends pass the tests of tests/feed as well.

    python tools/release_check.py
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
PYTHONS = ("3.11", "3.12", "3.13")
"""What the classifiers promise."""
PASSED_ON = ("HOME", "LANG", "PATH", "SSL_CERT_FILE", "TMPDIR", "XDG_CACHE_HOME", "XDG_CONFIG_DIRS")
ELSE = "--category Technology --timezone Europe/Berlin --url https://podcast.field.test --artwork cover.jpg"
FIRST_DAY = (
    f"publish init my-show --title 'Meine Sendung' --author 'Ada Field' --description 'Worum es geht.' --language de {ELSE}",
    "cd my-show && publish new 'Die erste' --audio ../first.mp3",
    "cd my-show && publish release die-erste",
    "cd my-show && publish --yes",
    "cd my-show && publish --dry-run",
    "airdate explain state-newer",
)


def passed_on() -> dict[str, str]:
    """What of our environment a command gets."""
    return {name: value for name, value in os.environ.items() if name in PASSED_ON or name.startswith(("PIP_", "UV_"))}


def run(command: list[str | Path], *, cwd: Path | None = None, **environment: str) -> str:
    """What a command says; CalledProcessError, with that printed, where it ends badly."""
    done = subprocess.run(
        command, cwd=cwd, env=passed_on() | environment, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL
    )
    if done.returncode:
        print(done.stdout, done.stderr, sep="\n", file=sys.stderr)
        done.check_returncode()
    return done.stdout + done.stderr


def copy_sources(place: Path) -> Path:
    """The files that packages are made of, in another place."""
    for name in (*PROJECT["tool"]["hatch"]["build"]["targets"]["sdist"]["only-include"], "pyproject.toml", "LICENSE", ".gitignore"):
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, place / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            place.mkdir(parents=True, exist_ok=True)
            shutil.copy(source, place)
    return place


def build(sources: Path, into: Path, **environment: str) -> tuple[Path, Path]:
    """Wheel and source archive."""
    run([sys.executable, "-m", "build", "--no-isolation", "--outdir", into, sources], cwd=into.parent, **environment)
    [wheel], [archive] = into.glob("*.whl"), into.glob("*.tar.gz")
    return wheel, archive


def files_missing(wheel: Path) -> set[str]:
    """Where the wheel and the sources differ in what they hold."""
    inside = {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}
    files = (path for top in ("feed", "publisher") for path in (ROOT / top).rglob("*") if path.is_file())
    return inside ^ {path.relative_to(ROOT).as_posix() for path in files if path.parent.name != "__pycache__"}


def first_day(programs: Path, home: Path) -> Path:
    """A show's first day with the commands in `programs`; the folder it is published into."""
    home.mkdir()
    shutil.copy(ROOT / "artwork.jpg", home / "cover.jpg")
    shutil.copy(ROOT / "episodes" / "2026-05-03-the-zip-that-unbites-itself" / "audio.mp3", home / "first.mp3")
    environment = {"HOME": str(home), "PATH": f"{programs}:/usr/bin:/bin", "LANG": "C.UTF-8"}
    said = [run(["bash", "-ec", line], cwd=home, **environment) for line in FIRST_DAY]
    assert "0 files to send" in said[4], said[4]
    assert "newer Airdate" in said[5], said[5]
    place = run([programs / "python", "-c", "import publisher, feed; print(publisher.__file__, feed.__file__)"], cwd=home)
    assert all(Path(path).is_relative_to(programs.parent) for path in place.split()), place
    public = home / "my-show" / "public"
    page = (public / "episodes" / "die-erste.html").read_text("utf-8")
    assert '<html lang="de"' in page, "the German catalogue is not inside"
    assert "Abonnieren" in page, "the German catalogue is not inside"
    for asset in re.findall(r'(?:href|src)="(?:\.\./|/)*(assets/[^"?#]+)"', page):
        assert (public / asset).is_file(), asset
    assert re.search(r'<enclosure [^>]*url="[^"]*/media/die-erste-', (public / "feed.xml").read_text("utf-8"))
    return public


def lowest() -> list[str]:
    """The constraints that hold each dependency at the lowest version it may have."""
    return [found.expand(r"\1==\2") for line in PROJECT["project"]["dependencies"] if (found := re.fullmatch(r"(.+?)>=([\d.]+)", line))]


def pythons() -> dict[str, Path]:
    """The Pythons at hand, on the path or with pyenv, by version."""
    found = {}
    for version in PYTHONS:
        kept = sorted((Path.home() / ".pyenv" / "versions").glob(f"{version}.*/bin/python{version}"))
        named = Path(kept[-1]) if kept else shutil.which(f"python{version}")
        if named:
            found[version] = Path(named)
    return found


def main() -> int:
    """Run it all; 0 when all of it holds."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        wheel, archive = build(copy_sources(folder / "sources"), folder / "dist")
        assert not files_missing(wheel), files_missing(wheel)
        low = folder / "lowest.txt"
        low.write_text("\n".join(lowest()) + "\n", encoding="utf-8")
        found = pythons()
        newest = max(found, key=PYTHONS.index)
        for version in set(PYTHONS) - set(found):
            print(f"Python {version} is not on this machine: not tried")
        for title, version, package, limits in (
            *((f"newest-{version}", version, wheel, ()) for version in found),
            ("lowest", min(found, key=PYTHONS.index), wheel, ("-c", low)),
            ("source-archive", newest, archive, ()),
        ):
            place = folder / title
            run([found[version], "-m", "venv", place])
            run([place / "bin" / "python", "-m", "pip", "install", "--quiet", *limits, package], cwd=folder)
            run([place / "bin" / "python", "-m", "pip", "check"], cwd=folder)
            first_day(place / "bin", folder / f"home-{title}")
            if title in ("lowest", f"newest-{newest}"):  # what one first day does not come across
                run([place / "bin" / "python", "-m", "pip", "install", "--quiet", *limits, "pytest", "hypothesis"], cwd=folder)
                run(
                    [place / "bin" / "python", "-m", "pytest", "-q", "-W", "default", "-p", "no:cacheprovider", "tests/feed"],
                    cwd=folder / "sources",
                )
            print(f"{title}: Python {version}, installed from {package.name}, whole", flush=True)
            shutil.rmtree(place)
    return 0


if __name__ == "__main__":
    sys.exit(main())
