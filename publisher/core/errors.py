"""Faults of the world, each with cause, hint, a heading in errors.md beside this module and the exit status it ends in."""

from __future__ import annotations

import errno
from enum import IntEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from feed.findings import Finding
    from publisher.core.json_results import Repair


FORCES = ("adopt", "empty", "feed-address", "guid", "host", "links", "locked", "older", "overwrite", "remove", "resume", "show", "shrink")
"""What `--force` may name: the refusals of a plan, and `locked` of an import. `guid`, `older` and `remove` take an episode, too:
`remove=SLUG`; `host` takes a network: `host=mastodon`."""


class Exit(IntEnum):
    """The documented exit statuses."""

    OK = 0
    BUG = 1
    USAGE = 2
    CONTENT = 3
    STORAGE = 4
    REFUSED = 5
    UNVERIFIED = 6
    HELD = 7
    INTERRUPTED = 130


class AirdateError(Exception):
    """Something in the world is not as it must be.

    `message` says what, `cause` why (one line, may be empty), `hint` what to do next, `code` names the heading in
    errors.md, which `publish explain CODE` prints.
    """

    status = Exit.BUG

    def __init__(self, message: str, *, cause: str = "", hint: str = "", code: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.cause = cause
        self.hint = hint
        self.code = code


class UsageError(AirdateError):
    """The command line asks for something that cannot be."""

    status = Exit.USAGE


class ContentError(AirdateError):
    """The config or the content is invalid; `findings` says where."""

    status = Exit.CONTENT

    def __init__(self, message: str, findings: Sequence[Finding] = (), *, cause: str = "", hint: str = "", code: str = "") -> None:
        super().__init__(message, cause=cause, hint=hint, code=code)
        self.findings = tuple(findings)


class StorageError(AirdateError):
    """The storage or the network failed."""

    status = Exit.STORAGE


def refused_here(error: OSError) -> StorageError:
    """What this machine refused, when nothing nearer to it had words for it."""
    hint = (
        "make room, then run the same command again"
        if error.errno in (errno.ENOSPC, errno.EDQUOT)
        else "may your user read and write there?"
    )
    return StorageError(f"this machine refuses: {error.strerror or error}", cause=str(error.filename or ""), hint=hint, code="disk")


class PlanRefused(AirdateError):  # noqa: N818  a plan that refuses itself is an outcome, not an error of the program
    """The plan would do something that needs an explicit `--force NAME`."""

    status = Exit.REFUSED


class NotVerified(AirdateError):  # noqa: N818  the publish itself succeeded
    """Published, but what listeners get is not right: the look from outside says so, or something lost could not be put back. `repair`
    is what was found lost, where somebody looked.
    """

    status = Exit.UNVERIFIED

    def __init__(self, message: str, *, cause: str = "", hint: str = "", code: str = "", repair: Repair | None = None) -> None:
        super().__init__(message, cause=cause, hint=hint, code=code)
        self.repair = repair
