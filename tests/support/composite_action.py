"""A runner of composite actions, as small as ours needs: `run` steps in bash, inputs through `env:`, outputs and summary in files."""

from __future__ import annotations

import re
import subprocess
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ruamel.yaml import YAML

from tests.support import ROOT

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_EXPRESSION = re.compile(r"\$\{\{ *([\w.-]+) *\}\}")
_OUTPUT = re.compile(r"^([\w-]+)(?:=(.*)|<<(\S+)\n(.*?)\n?\3)$", re.MULTILINE | re.DOTALL)


def action() -> dict[str, Any]:
    """action.yml."""
    return YAML(typ="safe").load((ROOT / "action.yml").read_text("utf-8"))


@dataclass
class Job:
    """How a job's steps went: `said` is what they printed on both streams."""

    status: int = 0
    said: str = ""
    summary: str = ""
    outputs: dict[str, str] = field(default_factory=dict)

    @property
    def commands(self) -> list[str]:
        """The lines that GitHub's runner would take for commands."""
        return [line for line in self.said.splitlines() if line.lstrip().startswith("::") or "##[" in line]


def run(
    workspace: Path, runner: Path, environment: Mapping[str, str], inputs: Mapping[str, str] | None = None, *, steps: tuple[str, ...] = ()
) -> Job:
    """The steps (those named so) as written, for a job with this environment, the checkout in `workspace`."""
    whole = action()
    given = {name: row.get("default", "") for name, row in whole["inputs"].items()} | dict(inputs or {})
    files = {"GITHUB_OUTPUT": runner / "output", "GITHUB_STEP_SUMMARY": runner / "summary"}
    for path in files.values():
        path.write_text("")
    job, known = Job(), {f"inputs.{name}": value for name, value in given.items()}
    for step in whole["runs"]["steps"]:
        if steps and step["name"] not in steps:
            continue
        own = {name: _EXPRESSION.sub(lambda found: known[found[1]], value) for name, value in step.get("env", {}).items()}
        assert "${{" not in step["run"], "an input would be shell"
        done = subprocess.run(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]],
            cwd=workspace,
            env={
                **environment,
                "CI": "true",
                "GITHUB_ACTIONS": "true",
                "GITHUB_ACTION_PATH": str(ROOT),
                "GITHUB_WORKSPACE": str(workspace),
                "RUNNER_TEMP": str(runner),
                **{name: str(path) for name, path in files.items()},
                **own,
            },
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=300,
            check=False,
        )
        job.said += done.stdout
        job.status = done.returncode
        if job.status:
            break
    written = {found[1]: found[2] if found[3] is None else found[4] for found in _OUTPUT.finditer(files["GITHUB_OUTPUT"].read_text())}
    known |= {
        f"steps.{step['id']}.outputs.{name}": value for step in whole["runs"]["steps"] if "id" in step for name, value in written.items()
    }
    for name, row in whole["outputs"].items():
        job.outputs[name] = _EXPRESSION.sub(lambda found: known.get(found[1], ""), row["value"])
    job.summary = files["GITHUB_STEP_SUMMARY"].read_text()
    return job
