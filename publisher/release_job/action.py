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
from typing import TYPE_CHECKING

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


def arguments(environment: Mapping[str, str], *, planned: bool) -> list[str]:
    """The words of the command, from the inputs."""
    words = shlex.split(environment.get("AIRDATE_COMMAND", ""))
    words = words[1:] if words[:1] == ["publish"] else words
    alone = not words or words[0].startswith("-")
    if planned and not alone and words[0] not in READS_ONLY:
        words, alone = [], True
    common = ["--config", environment.get("AIRDATE_CONFIG") or "config.toml", "--yes"]
    common += ["--strict"] if environment.get("AIRDATE_STRICT") == "true" else []
    if alone:
        return [*common, *words, "--format", "github", *(["--dry-run"] if planned else [])]
    told = ["--format", "github"] if words[0] == "check" and "--format" not in words else []
    return [*words, *told, *common]


def without_keys(environment: Mapping[str, str], home: str) -> dict[str, str]:
    """What is left of the job's environment where anybody may have started it."""
    kept = {name: value for name, value in environment.items() if name.upper() in KEPT}
    return kept | {"HOME": home, "AWS_EC2_METADATA_DISABLED": "true"}


def main() -> None:
    """Become the command."""
    environment = dict(os.environ)
    if environment.get("GITHUB_EVENT_NAME") == "pull_request_target":
        hint = "it gives a stranger's pull request the keys of the repository: write `on: pull_request` instead"
        Console().commands(github_command("error", {"title": "event"}, f"pull_request_target is refused: {hint}"))
        sys.exit(2)
    ours = publishes(environment)
    words = arguments(environment, planned=not ours or environment.get("AIRDATE_DRY_RUN") == "true")
    environment = environment if ours else without_keys(environment, tempfile.mkdtemp(prefix="airdate-"))
    sys.stdout.flush()
    os.execve(sys.executable, [sys.executable, "-I", "-m", "publisher.cli", *words], environment)  # noqa: S606  it takes our place


if __name__ == "__main__":
    main()
