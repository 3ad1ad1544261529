"""What people answer to the posts of a show: fetched, and laid beside the show's comments, from where the next plan takes it.

Nothing of what was published is lost to a server that does not answer: what could not be fetched stays as it is, with a warning.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from feed.text_cleaning import read_json
from publisher.core import layout
from publisher.core.errors import StorageError, UsageError
from publisher.core.local_cache import write_whole
from publisher.core.secret_variables import secret_in
from publisher.core.show_files import SourceFile, folder_to_write
from publisher.site.parts.answers import AnswerFile, SocialAnswer, SocialAnswers, bounded, moment_of, read_answers, written
from publisher.thread import bluesky_answers, mastodon_answers
from publisher.web.web_requests import Limits, WebClient, open_client

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from publisher.state.published_episodes import Post, PublishedEpisode
    from publisher.state.state import State
    from publisher.workspace import Workspace

YOUNG = dt.timedelta(days=30)
"""For so long after a post its answers are fetched."""
LIMITS = Limits(threads=1, step=10.0, answer=20.0, body=16 << 20, redirects=0, pauses=())
_GONE = frozenset({404, 410})


@dataclass(frozen=True, slots=True, kw_only=True)
class BroughtAnswers:
    """A file of answers that was written into the show's folder: the episode's slug, where it lies there, and how many are in it."""

    episode: str
    file: str
    answers: int


class _NotFetchedError(Exception):
    """Why answers were not fetched, for people."""


def fetch_answers(
    workspace: Workspace, state: State, now: dt.datetime, slugs: Collection[str] | None = None, *, bring: bool = False
) -> list[BroughtAnswers]:
    """Fetch the public answers to every post younger than YOUNG, of all episodes or of these alone, and write the files of those that
    have others now; with `bring` also what was published and is not in the folder. What does not work is a warning.
    """
    asking = _Asking(workspace=workspace, state=state)
    return list(_brought(asking, now, slugs, bring=bring))


@dataclass(slots=True, kw_only=True)
class _Asking:
    """What is asked for one command: a server that did not answer once is left alone."""

    workspace: Workspace
    state: State
    silent: set[str] = field(default_factory=set)


def _brought(asking: _Asking, now: dt.datetime, slugs: Collection[str] | None, *, bring: bool) -> Iterator[BroughtAnswers]:
    workspace, state = asking.workspace, asking.state
    for slug, item in state.episodes.items():
        if item.removed or item.withdrawn or (slugs is not None and slug not in slugs):
            continue
        young = [post for post in item.posts if post.status == "posted" and post.network != "webhook" and _is_young(post, now)]
        if not (young or bring):
            continue
        known, place = _known(workspace, state, slug), workspace.file.folder / layout.answers(slug)
        if any(known.findings()):
            workspace.console.warn(f"{layout.answers(slug)} cannot be read, so it stays as it is; delete it, and it is written anew")
            continue
        before = known.document(slug) if known.digest(slug) else b""
        after = _after(asking, item, young, before, now) if young else before
        here = place.read_bytes() if place.is_file() else b""
        if after in (b"", here) or (after == before and not here and not bring):
            continue
        try:
            folder_to_write(place.parent, workspace.file.folder)
            write_whole(place, after)
        except (OSError, UsageError) as error:
            why = error.message if isinstance(error, UsageError) else error.strerror
            workspace.console.warn(f"{layout.answers(slug)} cannot be written: {why}; what was published stays")
            continue
        found = read_answers(after, slug)
        yield BroughtAnswers(episode=slug, file=layout.answers(slug), answers=len(found.answers) if found is not None else 0)


def _is_young(post: Post, now: dt.datetime) -> bool:
    at = moment_of(post.at)
    return bool(at) and dt.datetime.fromisoformat(at) > now - YOUNG


def _known(workspace: Workspace, state: State, slug: str) -> SocialAnswers:
    """What is known of an episode's answers, here and on the storage."""
    path, stored = workspace.file.folder / layout.answers(slug), state.objects.get(layout.answers(slug))
    root = workspace.file.folder.resolve()
    files = {slug: SourceFile(path=path, name=layout.answers(slug), digest="", root=root)} if path.exists() else {}
    return SocialAnswers(files, lambda _slug: stored.sha256 if stored is not None else "", workspace.tools.stored_answers)


def _after(asking: _Asking, item: PublishedEpisode, young: list[Post], before: bytes, now: dt.datetime) -> bytes:
    """The file as it is to be: answers of networks that did not answer, or are asked no more, stay; b"" where nobody ever answered."""
    known = read_answers(before, item.slug) or AnswerFile(episode=item.slug)
    fetched: dict[str, list[SocialAnswer]] = {}
    for post in young:
        if post.host in asking.silent:
            continue
        try:
            fetched[post.network] = _fetched(asking, post)
        except _NotFetchedError as error:
            asking.workspace.console.warn(f"the answers to “{item.slug}” were not fetched: {error}; what was published stays")
    kept = [answer for answer in known.answers if answer.network not in fetched]
    posts = tuple((post.network, post.address) for post in item.posts if post.status == "posted" and post.address)
    fresh = bounded((*kept, *(answer for answers in fetched.values() for answer in answers)), known.hidden)
    if not (fresh or before) or (fresh, posts) == (known.answers, known.posts):
        return before
    changed = now.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    after = written(replace(known, changed=changed, posts=posts, answers=fresh))
    return after if fetched else before


def _fetched(asking: _Asking, post: Post) -> list[SocialAnswer]:
    """The public answers to a post. Raises _NotFetchedError."""
    table = asking.workspace.config.announce
    if post.network == "bluesky":
        appview = table.bluesky.appview if table.bluesky is not None else "https://public.api.bsky.app"
        found = _json(asking, post, bluesky_answers.thread_address(post, appview), gone=frozenset({400, *_GONE}))
        if bluesky_answers.is_gone(found):
            raise _NotFetchedError("the post is not there any more")
        answers = bluesky_answers.read_thread(found, post)
    else:
        ours = table.mastodon if table.mastodon is not None and table.hosts["mastodon"] == post.host else None
        address = mastodon_answers.context_address(post, ours.server if ours is not None else f"https://{post.host}")
        found = _json(asking, post, address, gone=_GONE, token=_token(asking, post), ours=ours is not None)
        answers = mastodon_answers.read_context(found, post)
    if answers is None:
        raise _NotFetchedError(f"{post.host} answers something else than what is below a post")
    return answers


def _token(asking: _Asking, post: Post) -> str:
    """The account's token where it is for this very host, else ""."""
    table = asking.workspace.config.announce.mastodon
    bound = asking.state.token_hosts.get(post.network, post.host)
    if table is None or not urlsplit(table.server).netloc == bound == post.host:
        return ""
    try:
        return secret_in(table.token_env)
    except StorageError:
        return ""


def _json(asking: _Asking, post: Post, address: str, *, gone: Collection[int], token: str = "", ours: bool = True) -> Any:
    """What is at an address: with the token, and where that is no longer good without. One that is not `ours`, but State's word alone, leads
    nowhere inside. Raises _NotFetchedError.
    """
    if not address:
        raise _NotFetchedError(f"{post.host} has no post of such a name")
    asked = urlsplit(address).netloc
    for headers in ({"Authorization": f"Bearer {token}"}, {}) if token else ({},):
        with open_client(LIMITS) as client:
            answer = WebClient(client, LIMITS, typed=address if ours else "").ask(
                "GET", address, {"Accept": "application/json", **headers}, keep=True
            )
        if answer.status not in (401, 403):
            break
    if answer.status in gone:
        raise _NotFetchedError(f"the post is not at {asked} any more ({answer.status})")
    if answer.status != 200 or answer.unreadable:
        asking.silent.add(post.host)
        raise _NotFetchedError(f"{asked} {answer.unreadable or answer.outcome}")
    try:
        return read_json(answer.content)
    except ValueError as error:
        raise _NotFetchedError(f"{asked} answers no JSON") from error
