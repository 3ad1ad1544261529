"""New episodes posted at networks, each once, whatever is cut, repeated or done by two machines.

State is the record: `owed` is written by the very publish that brings an episode, `posting` before a network is asked, and how that
ended after it. What is found as `posting` was cut in between: the network is asked whether it has the post before it is sent again,
under the same key as the first time. A webhook cannot be asked, so it is told at most once.
"""

from __future__ import annotations

import datetime as dt
import time
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from publisher.announce.hubs import is_online
from publisher.core.errors import StorageError
from publisher.core.json_results import PostRow
from publisher.core.secret_variables import secret_in
from publisher.load.tables.announce import MastodonTable, WebhookTable
from publisher.state.posts import with_post, without_post
from publisher.sync.apply import commit
from publisher.sync.this_run import Overtaken
from publisher.thread import bluesky, mastodon, webhook
from publisher.thread.calls import Outcome
from publisher.thread.owed import DONE, TRIED_FOR, jobs, owes, with_owed
from publisher.thread.post_content import content_of, document_of, picture_of
from publisher.thread.post_text import TooLongError

if TYPE_CHECKING:
    from publisher.core.command_call import Options
    from publisher.folder_to_plan import Prepared
    from publisher.load.config_tables import Config
    from publisher.load.tables.announce import BlueskyTable
    from publisher.render.episode_content import EpisodeContent
    from publisher.state.published_episodes import Post
    from publisher.state.state import State
    from publisher.thread.post_text import PostContent
    from publisher.workspace import Workspace

FRESH = dt.timedelta(minutes=1)
"""How long after it is owed a post cannot have been made by anybody else: later a network is asked whether it has it."""


def would_post(workspace: Workspace, prepared: Prepared, options: Options) -> tuple[PostRow, ...]:
    """What a publish of this plan would post, in words, told to people as well."""
    config, rows = workspace.config, []
    ledger = with_owed(workspace, prepared.rendering.episodes, prepared.state, options)
    for slug, network in jobs(replace(prepared.state, episodes={**prepared.state.episodes, **ledger}), config):
        content = _content_of(prepared, slug)
        if content is None or not options.announce:
            continue
        text = _words(config, network, content_of(content, config, None))
        rows.append(PostRow(slug=slug, network=network, status="owed", text=text, address=""))
        workspace.console.show(f"“{slug}” would be {DONE[network]} ({config.announce.hosts[network]}){':' if text else ''}")
        for line in text.splitlines():
            workspace.console.show(f"{'>' if options.markdown else ' '} {line}".rstrip())
    return tuple(rows)


def post_new(workspace: Workspace, prepared: Prepared, options: Options, state: State) -> tuple[State, tuple[PostRow, ...]]:
    """Post what is owed; State as it is on the storage then, and what was posted or tried. What did not work is a warning.

    Raises StorageError where the storage cannot be written: what was just posted is found by the next publish.
    """
    poster = _Poster(
        workspace=workspace, prepared=prepared, options=options, state=state, pending=_with_forced_hosts(state, workspace, options)
    )
    todo = list(jobs(state, workspace.config)) if options.announce and _may_post(workspace, state) else []
    try:
        for slug, network in todo:
            poster.do(slug, network)
        poster.commit()
    except Overtaken:
        workspace.console.say("Another publish is at work; the next one posts what is left.")
    return poster.state, tuple(poster.rows)


def _may_post(workspace: Workspace, state: State) -> bool:
    """Whether listeners have what is posted; why not is told where something is owed."""
    if not owes(state, workspace.config):
        return False
    feed = workspace.config.feed_url
    if state.verified < state.generation:
        workspace.console.warn(
            "nothing is posted before somebody looked at the show from outside: the next publish without --no-verify posts"
        )
    elif not is_online(workspace):
        workspace.console.warn(f"nothing is posted yet: {feed} does not serve this publish; once it is online, the next publish posts")
    else:
        return True
    return False


def _with_forced_hosts(state: State, workspace: Workspace, options: Options) -> State:
    """State with the hosts that somebody said secrets may go to from now on."""
    hosts = workspace.config.announce.hosts
    meant = {network for network in state.token_hosts if {"host", f"host={network}"} & options.forces and network in hosts}
    changed = {**state.token_hosts, **{network: hosts[network] for network in meant}}
    return replace(state, token_hosts=changed) if changed != state.token_hosts else state


@dataclass(kw_only=True)
class _Poster:
    """One round: `state` is what the storage holds, `pending` what is to be written before the next network is asked."""

    workspace: Workspace
    prepared: Prepared
    options: Options
    state: State
    pending: State
    rows: list[PostRow] = field(default_factory=list)
    _secrets: dict[str, str] = field(default_factory=dict)

    def do(self, slug: str, network: str) -> None:
        """Post one episode at one network."""
        config, item = self.workspace.config, self.pending.episodes[slug]
        post, host = item.post(network), config.announce.hosts[network]
        content = _content_of(self.prepared, slug)
        if post is None or content is None:
            return
        done = f"{DONE[network]} ({host})"
        if post.status == "owed" and self.options.now - dt.datetime.fromisoformat(post.at) > TRIED_FOR:
            self.pending = without_post(self.pending, slug, network)
            self._warn(f"“{slug}” could not be {done} for {TRIED_FOR.days} days, and is left alone: `publish announce {slug}` does it")
            return
        if network == "webhook" and post.status == "posting":
            self.pending = with_post(self.pending, slug, replace(post, status="unclear"))
            self._warn(_unclear(slug, done, "the publish that did it was cut", network))
            return
        if self._may_ask(network, host) and (secret := self._secret(network, done)):
            self._ask(slug, network, post, content, secret)

    def commit(self) -> None:
        """Write what is pending. Raises Overtaken, StorageError."""
        if self.pending is not self.state:
            self.state = self.pending = commit(self.workspace.storage, self.pending, self.state)
            self.workspace.state_copies.write(self.state)

    def _ask(self, slug: str, network: str, post: Post, content: EpisodeContent, secret: str) -> None:
        config, host = self.workspace.config, self.workspace.config.announce.hosts[network]
        written = content_of(content, config, picture_of(content, config, self.state, self.workspace.store))
        begun = post.status in ("posting", "unclear") and post.host == host
        key = post.id if begun and post.id else _key_of(network, written, host)
        owed = dt.datetime.fromisoformat(post.at)
        since = owed if begun or self.options.now - owed > FRESH else None
        now = replace(post, status="posting", host=host, id=key if network == "bluesky" else "")
        self.pending = replace(with_post(self.pending, slug, now), token_hosts={**self.pending.token_hosts, network: host})
        self.commit()
        table = config.announce.networks[network]
        if isinstance(table, MastodonTable):
            outcome = mastodon.post(table, written, secret, since, key)
        elif isinstance(table, WebhookTable):
            document = document_of(self.prepared, content, self.pending.episodes[slug], written)
            outcome = _told(table, document, secret, key, self._seconds())
        else:
            outcome = bluesky.post(table, written, secret, since, key, self.options.now)
        if outcome.unasked and begun:
            outcome = replace(outcome, status="unclear")
        self._note(slug, network, now, outcome, _words(config, network, written))

    def _note(self, slug: str, network: str, post: Post, outcome: Outcome, text: str) -> None:
        """How it ended, for State and for people."""
        done = f"{DONE[network]} ({post.host})"
        ended = replace(post, status=outcome.status)
        if outcome.status == "posted":
            at = self.options.now.astimezone(dt.UTC).isoformat(timespec="seconds")
            ended = replace(ended, at=at, address=outcome.address, id=outcome.id)
            self.workspace.console.say(f"“{slug}” is {done}{f': {outcome.address}' if outcome.address else ''}")
            if outcome.remark:
                self._warn(f"“{slug}” is {done}, but {outcome.remark}")
        elif outcome.status == "unclear":
            self._warn(_unclear(slug, done, outcome.why, network))
        else:
            self._warn(f"“{slug}” was not {done}: {outcome.why}; the next publish tries again")
        self.pending = with_post(self.pending, slug, ended)
        self.rows.append(PostRow(slug=slug, network=network, status=outcome.status, text=text, address=outcome.address))

    def _may_ask(self, network: str, host: str) -> bool:
        """Whether the token of a network may go to this host: it does not where another one had it."""
        bound = self.pending.token_hosts.get(network, host)
        if bound == host:
            return True
        self._warn(f"nothing is {DONE[network]} ({host}): its secret went to {bound} before; if it is meant: --force host={network}")
        return False

    def _secret(self, network: str, done: str) -> str:
        """What the network's variable holds; "" where it holds nothing, which is told once."""
        if network not in self._secrets:
            table = self.workspace.config.announce.networks[network]
            variable = table.secret_env if isinstance(table, WebhookTable) else table.token_env
            try:
                self._secrets[network] = secret_in(variable)
                why = f"{variable} is not set"
            except StorageError as error:
                self._secrets[network], why = "", error.message
            if not self._secrets[network]:
                self._warn(f"nothing is {done}: {why}; the next publish tries again")
        return self._secrets[network]

    def _seconds(self) -> int:
        """The time by the command's clock, now."""
        return int(self.options.now.timestamp() + time.time() - self.options.read_at)

    def _warn(self, words: str) -> None:
        self.workspace.console.warn(words)


def _content_of(prepared: Prepared, slug: str) -> EpisodeContent | None:
    return next((content for content in prepared.rendering.contents if content.slug == slug), None)


def _words(config: Config, network: str, content: PostContent) -> str:
    """What a post says; "" for a document, and for what is too long."""
    table: MastodonTable | BlueskyTable | WebhookTable = config.announce.networks[network]
    try:
        if isinstance(table, WebhookTable):
            return ""
        return mastodon.words(table, content) if isinstance(table, MastodonTable) else bluesky.words(table, content)
    except TooLongError:
        return ""


def _key_of(network: str, content: PostContent, host: str) -> str:
    """What a network tells a second request from a first by: the same on every machine."""
    if network == "mastodon":
        return mastodon.key_of(content, host)
    return webhook.id_of(content.guid) if network == "webhook" else bluesky.key_of(content)


def _unclear(slug: str, done: str, why: str, network: str) -> str:
    next_time = (
        f"it is not told twice by itself; `publish announce {slug}` tells it again"
        if network == "webhook"
        else "the next publish looks for it"
    )
    return f"nobody can tell whether “{slug}” was {done}: {why}; {next_time}"


def _told(table: WebhookTable, document: dict[str, Any], secret: str, key: str, seconds: int) -> Outcome:
    try:
        return webhook.post(table, document, secret, key, seconds)
    except StorageError as error:
        return Outcome(status="owed", why=error.message)
