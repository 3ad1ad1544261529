"""The recipes of docs/ci: the commands that a runner would run, as they stand there, and a runner for them."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ruamel.yaml import YAML

from tests.support import ROOT
from tests.support.show_factory import Outcome

if TYPE_CHECKING:
    from collections.abc import Mapping

RECIPES = ROOT / "docs" / "ci"
INSTALL = re.compile(r"\b(?:pip install|-m venv|apt-get)\b")
"""What stands in a line that installs: the tests have everything already."""
ACTIONS = ("github.yml", "pages.yml", "shows.yml", "forgejo.yml")
NAMES = ("github.yml", "pages.yml", "gitlab.yml", "forgejo.yml", "woodpecker.yml", "cron.md", "systemd/publish.service")


def documents(name: str) -> list[Any]:
    """The YAML of a recipe; a GitLab component has its inputs first."""
    return list(YAML(typ="safe").load_all((RECIPES / name).read_text("utf-8")))


def filled(name: str, **inputs: str) -> str:
    """A GitLab component as GitLab reads it: each input in its place, as given or as it is by itself."""
    text = (RECIPES / name).read_text("utf-8")
    values = {name: value["default"] for name, value in documents(name)[0]["spec"]["inputs"].items()} | inputs
    return re.sub(r"\$\[\[ inputs\.(\w+) \]\]", lambda match: str(values[match[1]]).replace("'", '"'), text)


def jobs(name: str, **inputs: str) -> dict[str, list[str]]:
    """The jobs of a recipe, each with its shell scripts in their order; `inputs` of a GitLab component, else as it says."""
    text = (RECIPES / name).read_text("utf-8")
    if name in ACTIONS:
        steps = {job: body["steps"] for job, body in documents(name)[0]["jobs"].items()}
        found = {job: [step["run"].splitlines() for step in body if "run" in step] for job, body in steps.items()}
    elif name == "gitlab.yml":
        parts = YAML(typ="safe").load(filled(name, **inputs).partition("\n---\n")[2])
        found = {job.rpartition("-")[2]: [[line for part in body["script"] for line in part.splitlines()]] for job, body in parts.items()}
    elif name == "woodpecker.yml":
        found = {step["name"]: [step["commands"]] for step in documents(name)[0]["steps"]}
    elif name == "cron.md":
        table = text.partition("```cron\n")[2].partition("```")[0]  # what may be added stands further down
        found = {"publish": [[line] for line in re.findall(r"^\S+ +\S+ +\* +\* +\* +(.+)$", table, re.MULTILINE)]}
    else:
        found = {"publish": [[re.findall(r"^ExecStart=(.+)$", text, re.MULTILINE)[0].replace("%h", '"$HOME"')]]}
    kept = {job: ["\n".join(line for line in lines if not INSTALL.search(line)) for lines in scripts] for job, scripts in found.items()}
    return {job: [script for script in scripts if script] for job, scripts in kept.items()}


def shell(script: str) -> list[str]:
    """How runners start a script; Ctrl-C reaches it, also where these tests run in the background."""
    return ["env", "--default-signal=INT", "bash", "-eo", "pipefail", "-c", script]


def run(script: str, folder: Path, environment: Mapping[str, str]) -> Outcome:
    """A script in a show's folder, without a terminal."""
    done = subprocess.run(
        shell(script),
        cwd=folder,
        env=dict(environment),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )
    log = folder / "publish.log"
    return Outcome(done.returncode, done.stdout, done.stderr + (log.read_text("utf-8") if log.exists() else ""))


def with_program(show: Path) -> Path:
    """The show's folder, with the program installed beside it as the recipes say."""
    (show / ".venv").symlink_to(Path(sys.prefix))
    return show
