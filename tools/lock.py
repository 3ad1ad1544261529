"""Write locked/build.txt and locked/run.txt: the versions of constraints.txt that Airdate needs to be built and to run, each with the hashes
of the files that pip takes for it, on each Python and system of SYSTEMS. What is locked already at that version stays as it is.

    python tools/lock.py
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
import tomllib
from collections import defaultdict
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "locked"
PYTHONS = ("3.11", "3.12", "3.13")
SYSTEMS = {
    "linux": ("manylinux_2_28_{}", "manylinux_2_17_{}", "manylinux2014_{}", "manylinux_2_12_{}", "manylinux2010_{}", "manylinux_2_5_{}", "manylinux1_{}"),
    "darwin": ("macosx_14_0_{}", "macosx_13_0_{}", "macosx_12_0_{}", "macosx_11_0_{}", "macosx_10_15_{}", "macosx_10_13_{}", "macosx_10_12_{}"),
}  # fmt: skip
MACHINES = {"linux": ("x86_64", "aarch64"), "darwin": ("arm64", "x86_64")}
SOURCES = {"feedgen": "setuptools"}
"""What there are no wheels of, with what builds it."""
HEAD = "# Made by `make lock` from constraints.txt; `pip install --require-hashes -r` takes nothing else.\n"


def needed(names: Iterable[str]) -> set[str]:
    """Every package that these need, themselves too, on any Python and system of ours. What they need is read from what is installed."""
    found: set[str] = set()
    waiting = [Requirement(name) for name in names]
    while waiting:
        asked = waiting.pop()
        name = canonicalize_name(asked.name)
        if name in found:
            continue
        found.add(name)
        waiting += [more for more in map(Requirement, metadata.requires(name) or ()) if _applies(more)]
    return found


def _applies(asked: Requirement) -> bool:
    if asked.marker is None:
        return True
    places = ({"python_version": python, "sys_platform": system, "extra": ""} for python in PYTHONS for system in SYSTEMS)
    return any(asked.marker.evaluate(place) for place in places)


def parts() -> dict[str, set[str]]:
    """The packages of each file."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    build = needed([*project["build-system"]["requires"], *SOURCES.values()])
    return {"build": build, "run": needed(project["project"]["dependencies"]) - build}


def constraints() -> dict[str, str]:
    """The version of each package."""
    lines = (line.partition("==") for line in (ROOT / "constraints.txt").read_text("utf-8").splitlines())
    return {canonicalize_name(name): version for name, _, version in lines}


def locked(text: str) -> dict[str, tuple[str, set[str]]]:
    """The version and the hashes of each package in a locked file."""
    rows = re.findall(r"^(\S+)==(\S+) \\\n((?:    --hash=sha256:[0-9a-f]{64}(?: \\)?\n)+)", text, re.MULTILINE)
    return {name: (version, set(re.findall(r"[0-9a-f]{64}", hashes))) for name, version, hashes in rows}


def hashes(wanted: dict[str, str]) -> dict[str, set[str]]:
    """SHA-256 of each file that pip would take, by package."""
    found: dict[str, set[str]] = defaultdict(set)
    wheels = [f"{name}=={version}" for name, version in wanted.items() if name not in SOURCES]
    sources = [f"{name}=={version}" for name, version in wanted.items() if name in SOURCES]
    for python in PYTHONS if wheels else ():
        for system, machines in MACHINES.items():
            for machine in machines:
                tags = [part for form in SYSTEMS[system] for part in ("--platform", form.format(machine))]
                tags += ["--platform", "macosx_11_0_universal2", "--platform", "macosx_10_13_universal2"] if system == "darwin" else []
                abis = [part for abi in (f"cp{python.replace('.', '')}", "abi3", "none") for part in ("--abi", abi)]
                print(f"Python {python} on {system}, {machine}", flush=True)
                for name, digest in _report(
                    [*wheels, "--only-binary=:all:", "--python-version", python, "--implementation", "cp", *abis, *tags]
                ):
                    found[name].add(digest)
    for name, digest in _report([*sources, *(f"--no-binary={name}" for name in SOURCES)]) if sources else ():
        found[name].add(digest)
    return found


def _report(arguments: list[str]) -> Iterator[tuple[str, str]]:
    """What `pip install` would take, with its hash."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.json"
        always = ["--dry-run", "--quiet", "--no-deps", "--ignore-installed", "--target", folder, "--report", str(report)]
        subprocess.run([sys.executable, "-m", "pip", "install", *always, *arguments], check=True)
        for item in json.loads(report.read_text("utf-8"))["install"]:
            yield canonicalize_name(item["metadata"]["name"]), item["download_info"]["archive_info"]["hashes"]["sha256"]


def main() -> None:
    """Write both files."""
    versions = constraints()
    FOLDER.mkdir(exist_ok=True)
    texts = [path.read_text("utf-8") for path in FOLDER.glob("*.txt")]
    found = {name: digests for text in texts for name, (version, digests) in locked(text).items() if versions.get(name) == version}
    found |= hashes({name: versions[name] for names in parts().values() for name in sorted(names) if name not in found})
    for part, names in parts().items():
        rows = [
            " \\\n    ".join([f"{name}=={versions[name]}", *(f"--hash=sha256:{one}" for one in sorted(found[name]))])
            for name in sorted(names)
        ]
        (FOLDER / f"{part}.txt").write_text("\n".join([HEAD, *rows]) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
