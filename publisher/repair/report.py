"""What a publish found missing on the storage and put back: to people, as its result, and remembered where it could not be."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from publisher.core.addresses import Links
from publisher.core.console import Console, count_words
from publisher.core.errors import NotVerified
from publisher.core.json_results import LostRow, Repair
from publisher.core.layout import HOME, Key
from publisher.repair.private_copies import GONE, kept_again, kept_rows

if TYPE_CHECKING:
    from publisher.folder_to_plan import Prepared
    from publisher.repair.look import Look
    from publisher.workspace import Workspace


def show_found(console: Console, found: Look, *, asked_for: bool) -> None:
    """Say what is missing; that nothing is, where somebody asked."""
    kept = Counter(found.kept.values())
    gone = len(found.lost.missing) + sum(not etag for etag in found.parts.values()) + kept["missing"]
    other = len(found.lost.changed) + sum(bool(etag) for etag in found.parts.values()) + kept["changed"]
    verb = "is" if gone == 1 else "are"
    words = [f"{count_words(gone, 'file')} {verb} missing"] * bool(gone)
    words += [f"{count_words(other, 'file')} {'holds' if other == 1 else 'hold'} other bytes than were put there"] * bool(other)
    if words:
        console.say(f"On the storage {' and '.join(words)}.")
    elif asked_for and found.looked_at is not None:
        console.say(f"Looked for {count_words(found.looked_at, 'file')} on the storage: nothing is missing.")


def repair_of(workspace: Workspace, found: Look, prepared: Prepared, *, done: bool) -> Repair | None:
    """What was found, as a result; None where nobody looked. `done` says whether the plan was carried out: what is kept is then put back."""
    if found.looked_at is None:
        return None
    kept = kept_again(workspace, prepared, found.kept) if done else frozenset[Key]()
    if done and len(kept) < len(found.kept):
        left = count_words(len(found.kept) - len(kept), "file")
        workspace.console.warn(f"{left} that the storage kept for a lost folder cannot be put back: {GONE}")
    plan, lost = prepared.plan, found.lost
    rows = [
        LostRow(key=key, found="missing" if key in lost.missing else "changed", put_back=done and key not in plan.lost, reason=reason)
        for key in sorted(lost.keys - plan.forgotten)
        for reason in [_reason(key, prepared) if key in plan.lost else ""]
    ]
    rows += [
        LostRow(key=key, found="changed" if etag else "missing", put_back=done, reason="") for key, etag in sorted(found.parts.items())
    ]
    rows += kept_rows(found.kept, kept, done=done)
    return Repair(looked_at=found.looked_at, files=tuple(rows))


def _reason(key: Key, prepared: Prepared) -> str:
    return prepared.reasons.get(key, "it cannot be made again")


def remember(workspace: Workspace, prepared: Prepared) -> None:
    """What is lost still is asked for again by the next publish, and nothing else."""
    links = Links(workspace.config.site.url, HOME)
    workspace.missing_addresses.keep(links.absolute(key) for key in sorted(prepared.plan.lost))


def refuse_lost(prepared: Prepared, repair: Repair | None) -> None:
    """Raise NotVerified, with what to do, where something stays lost."""
    lost = sorted(prepared.plan.lost)
    if not lost:
        return
    raise NotVerified(
        f"{count_words(len(lost), 'file')} that listeners are led to {'is' if len(lost) == 1 else 'are'} lost and cannot be put back",
        cause="\n".join(f"{key}: {_reason(key, prepared)}" for key in lost[:10]),
        hint="put back what it was made of as it was (or the published file itself, as the episode's recording), then: publish --repair",
        code="not-restored",
        repair=repair,
    )
