"""What action.yml runs: the command that fits what started the job, in the environment that it may have.

A pull request, and whatever else anybody may start, gets a plan by a command that holds no key: of the job's environment it has what
is listed here and nothing else, and another home. What was pushed to the default branch or a tag, a schedule and what a person
started there are published.

    python -m publisher.release_job.action
"""

from __future__ import annotations

import os
import shlex
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from feed.text_cleaning import read_json
from publisher.core.console import Console
from publisher.core.finding_formats import github_command

if TYPE_CHECKING:
    from collections.abc import Mapping

STARTED_BY_US = frozenset({"schedule", "workflow_dispatch", "repository_dispatch", "release"})
"""Events that only the repository's own people and clock bring."""
READS_ONLY = ("check", "status", "verify")
KEPT = frozenset({
    "PATH", "LANG", "LC_ALL", "TZ", "TMPDIR", "CI", "RUNNER_TEMP", "SSL_CERT_FILE", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY",
    "GITHUB_ACTIONS", "GITHUB_ACTOR", "GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY", "GITHUB_WORKSPACE",
    "AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3", "AWS_REGION", "AWS_DEFAULT_REGION",
})  # fmt: skip
"""What a command without keys has of the job's environment."""


def publishes(environment: Mapping[str, str]) -> bool:
    """Whether what started the job may publish. Forgejo and Gitea set the same variables."""
    event, ref = environment.get("GITHUB_EVENT_NAME", ""), environment.get("GITHUB_REF", "")
    if event not in STARTED_BY_US | {"push"}:
        return False
    return ref.startswith("refs/tags/") or ref.removeprefix("refs/heads/") in _default_branches(environment)


def _default_branches(environment: Mapping[str, str]) -> tuple[str, ...]:
    """The name of the default branch; the usual ones where the event does not say it, as that of a schedule."""
    try:
        event = read_json(Path(environment["GITHUB_EVENT_PATH"]).read_bytes())
        return (str(event["repository"]["default_branch"]),)
    except (KeyError, TypeError, ValueError, OSError):
        named = environment.get("GITHUB_REF_NAME", "") if environment.get("GITHUB_EVENT_NAME") == "schedule" else ""
        return ("main", "master", named)


def is_true(environment: Mapping[str, str], name: str) -> bool:
    """Whether an input is `true`. Raises ValueError for what is neither yes nor no: `yes` for a dry run must not publish."""
    said = environment.get(f"AIRDATE_{name.upper().replace('-', '_')}", "")
    if said.strip().lower() not in ("true", "false", ""):
        raise ValueError(f"the input {name} is true or false, not {said!r}")
    return said.strip().lower() == "true"


def arguments(environment: Mapping[str, str], *, planned: bool) -> list[str]:
    """The words of the command, from the inputs. Raises ValueError for what a shell could not read either."""
    try:
        words = shlex.split(environment.get("AIRDATE_COMMAND", ""))
    except ValueError as error:
        raise ValueError(f"the input command cannot be read: {error}") from error
    words = words[1:] if words[:1] == ["publish"] else words
    alone = not words or words[0].startswith("-")
    if planned and not alone and words[0] not in READS_ONLY:
        words, alone = [], True
    common = ["--config", environment.get("AIRDATE_CONFIG") or "config.toml", "--yes"]
    common += ["--strict"] if is_true(environment, "strict") else []
    if alone:
        return [*common, *words, "--format", "github", *(["--dry-run"] if planned else [])]
    told = ["--format", "github"] if words[0] == "check" and "--format" not in words else []
    return [*words, *told, *common]


def without_keys(environment: Mapping[str, str], home: str) -> dict[str, str]:
    """What is left of the job's environment where anybody may have started it."""
    kept = {name: value for name, value in environment.items() if name.upper() in KEPT}
    return kept | {"HOME": home, "AWS_EC2_METADATA_DISABLED": "true"}


def _refuse(title: str, text: str) -> NoReturn:
    """Say on the job's page why nothing is run, and end."""
    Console().commands(github_command("error", {"title": title}, text))
    sys.exit(2)


def main() -> None:
    """Become the command."""
    environment = dict(os.environ)
    if environment.get("GITHUB_EVENT_NAME") == "pull_request_target":
        hint = "it gives a stranger's pull request the keys of the repository: write `on: pull_request` instead"
        _refuse("event", f"pull_request_target is refused: {hint}")
    ours = publishes(environment)
    try:
        words = arguments(environment, planned=is_true(environment, "dry-run") or not ours)
    except ValueError as error:
        _refuse("input", str(error))
    environment = environment if ours else without_keys(environment, tempfile.mkdtemp(prefix="airdate-"))
    sys.stdout.flush()
    os.execve(sys.executable, [sys.executable, "-I", "-m", "publisher.cli", *words], environment)  # noqa: S606  it takes our place


if __name__ == "__main__":
    main()
