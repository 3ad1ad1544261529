"""What is said, once, of a show whose listeners' requests nobody logs: a day without a log never comes back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from publisher.core.local_cache import CacheFile

if TYPE_CHECKING:
    from publisher.workspace import Workspace

NO_LOGS = "No logs are kept: numbers begin the day they are. `publish bucket --logs` switches them on, or says how."


def say_no_logs(workspace: Workspace, command: str) -> None:
    """Say it in the words of NO_LOGS, unless config.toml names logs or this command has said it on this machine before."""
    if workspace.config.stats.logs or workspace.console.quiet:
        return
    file = CacheFile(workspace.cache / "no-logs.json", "1")
    said = file.read()
    if command not in said:
        workspace.console.show(NO_LOGS)
        file.write({**said, command: True})
