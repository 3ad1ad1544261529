"""Where the old feed's address leads: apps follow a redirect, and keep the new address only where it is for good."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from feed.findings import Severity
from publisher.compare.results import Difference, RedirectSeen
from publisher.web.web_requests import Limits, WebClient, open_client

if TYPE_CHECKING:
    from collections.abc import Iterator

FOR_GOOD = frozenset({301, 308})
_LIMITS = Limits(threads=1, redirects=10)


def ask_old_address(old: str, new: str) -> RedirectSeen:
    """What the old address answers; the body is not read. Never raises for what a server does."""
    with open_client(_LIMITS) as client:
        answer = WebClient(client, _LIMITS, typed=old).ask("GET", old)
    statuses = tuple(hop.status for hop in answer.hops)
    return RedirectSeen(
        address=old,
        leads_to=answer.address,
        statuses=statuses,
        permanent=bool(statuses) and set(statuses) <= FOR_GOOD,
        to_new=bool(statuses) and _same(answer.address, new),
        fault="" if answer.status == 200 else answer.outcome,
    )


def redirect_rows(seen: RedirectSeen, new: str) -> Iterator[Difference]:
    """What there is to say of it."""

    def row(message: str, severity: Severity = Severity.WARNING) -> Difference:
        return Difference(what="redirect", severity=severity, episode="", title="", old=seen.address, new=seen.leads_to, message=message)

    if not seen.statuses:
        yield row(
            f"the old address does not redirect: it {seen.fault}" if seen.fault else "the old address does not redirect yet", Severity.HINT
        )
        return
    written = ", ".join(map(str, seen.statuses))
    if not seen.permanent:
        yield row(f"the old address redirects for now only ({written}): apps go on asking the old host; a move needs 301")
    if seen.fault:
        yield row(f"the old address redirects to {seen.leads_to}, which {seen.fault}")
    if not seen.to_new:
        yield row(f"the old address redirects to {seen.leads_to}, {_how_wrong(seen.leads_to, new)}")
    elif seen.permanent and not seen.fault:
        yield row(f"the old address redirects to the new feed ({written})", Severity.HINT)
    if urlsplit(seen.address).scheme == "https" and urlsplit(seen.leads_to).scheme == "http":
        yield row("the redirect leads from https to http: apps of today refuse that")


def _how_wrong(found: str, new: str) -> str:
    there, wanted = urlsplit(found), urlsplit(new)
    if there.netloc.lower() == wanted.netloc.lower():
        return f"not to the whole path of the new feed: {new}"
    return f"not to the new feed: {new}"


def _same(found: str, new: str) -> bool:
    """One address, whichever way its host is written."""
    there, wanted = urlsplit(found), urlsplit(new)
    return (there.scheme, there.netloc.lower(), there.path or "/", there.query) == (
        wanted.scheme,
        wanted.netloc.lower(),
        wanted.path or "/",
        wanted.query,
    )
