"""A show that goes to a storage in memory and is told to scripted networks, each with its token in the environment.

`posted` is its folder, for the whole command; `owing` the moment after a publish that was looked at, from which posting alone is tried
over and over: a fresh one takes no time.
"""

from __future__ import annotations

import datetime as dt
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import pytest

from publisher.announce import follow_up, service_requests
from publisher.core.command_call import Options
from publisher.core.console import Console
from publisher.folder_to_plan import Prepared, prepare
from publisher.load.config_reader import read_config
from publisher.stores import open_store as opening
from publisher.sync.apply import commit
from publisher.thread import posting
from publisher.workspace import Workspace
from tests.support.memory_bucket import Bucket, all_well
from tests.support.scripted_bluesky import PASSWORD, ScriptedBluesky
from tests.support.scripted_mastodon import TOKEN, ScriptedMastodon
from tests.support.service_servers import Answering
from tests.support.show_factory import NOW, Show, make_show

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from publisher.core.json_results import PostRow
    from publisher.state.published_episodes import Post
    from publisher.state.state import State

SECRET = "webhook-secret-nobody-may-see"
AT = dt.datetime.fromisoformat(NOW)


@dataclass
class Networks:
    """Everybody who is told."""

    mastodon: ScriptedMastodon
    bluesky: ScriptedBluesky
    hook: Answering

    @property
    def told(self) -> tuple[int, int, int]:
        """What stands at Mastodon and at Bluesky, and how many documents came."""
        return len(self.mastodon.posts()), len(self.bluesky.posts()), len(self.hook.asked)

    @property
    def asked(self) -> int:
        return sum(len(server.asked) for server in (self.mastodon, self.bluesky, self.hook))

    def forget(self) -> None:
        """As they were before anybody asked."""
        for server in (self.mastodon, self.bluesky):
            server.heal()
            server.asked.clear()
        self.mastodon.statuses.clear()
        self.mastodon.media.clear()
        self.mastodon.forget_keys()
        self.mastodon.scopes = ScriptedMastodon.scopes
        self.bluesky.records.clear()
        self.hook.asked.clear()
        self.hook.answers = [(200, b"", {})]


@contextmanager
def all_networks() -> Iterator[Networks]:
    with ScriptedMastodon(now=AT) as mastodon, ScriptedBluesky(now=AT) as bluesky, Answering() as hook:
        yield Networks(mastodon, bluesky, hook)


def show_in(folder: Path, networks: Networks) -> Show:
    """The show, with an episode of today that is not published yet, and one of last month."""
    show = make_show(folder, storage="s3://memory")
    bluesky = networks.bluesky
    tables = f'[announce.mastodon]\nserver = "{networks.mastodon.address}"\n'
    tables += f'[announce.bluesky]\nserver = "{bluesky.address}"\nhandle = "{bluesky.handle}"\nappview = "{bluesky.address}"\n'
    tables += f'[announce.webhook]\nurl = "{networks.hook.address}/hook?key=hidden"\n'
    show.write("config.toml", f"{show.config.read_text()}\n{tables}")
    show.episode("2026-05-01-first")
    show.episode("2026-06-01-new", date="2026-06-01T06:00:00+02:00", notes="What it is about.\n\nAnd more.\n")
    return show


def around(patch: pytest.MonkeyPatch) -> None:
    """Tokens that are good, no pauses, and a look from outside that finds all well."""
    patch.setenv("MASTODON_TOKEN", TOKEN)
    patch.setenv("BLUESKY_APP_PASSWORD", PASSWORD)
    patch.setenv("AIRDATE_WEBHOOK_SECRET", SECRET)
    patch.setattr(service_requests, "SERVICES", service_requests.Services(pauses=(0.0, 0.0)))
    patch.setattr(follow_up, "_verify", all_well)


@pytest.fixture
def networks() -> Iterator[Networks]:
    with all_networks() as found:
        yield found


@pytest.fixture
def posted(tmp_path: Path, memory: Bucket, networks: Networks, monkeypatch: pytest.MonkeyPatch) -> Show:
    around(monkeypatch)
    return show_in(tmp_path / "show", networks)


@dataclass
class Owing:
    """A show that was published and looked at, and owes its posts."""

    workspace: Workspace
    prepared: Prepared
    options: Options
    memory: Bucket
    networks: Networks
    warned: list[str]

    @property
    def state(self) -> State:
        """As the storage has it."""
        return self.workspace.state_copies.read()

    def remember(self, conditions: str) -> None:
        """State says what the storage makes of conditional writes."""
        state = self.state
        commit(self.workspace.storage, replace(state, conditions=conditions), state)
        assert self.state.conditions == conditions

    def post(self, *, hours: float = 0, workspace: Workspace | None = None, **options: Any) -> tuple[PostRow, ...]:
        """What a publish does that changes nothing, so many hours later."""
        at = replace(self.options, now=AT + dt.timedelta(hours=hours), **options)
        return posting.post_new(workspace or self.workspace, self.prepared, at, self.state)[1]

    def kept(self, network: str, slug: str = "new") -> Post | None:
        """What State holds of a post."""
        return self.state.episodes[slug].post(network)


class _Told(Console):
    """A console that keeps its warnings."""

    def __init__(self, warned: list[str]) -> None:
        super().__init__(quiet=True)
        self.warned = warned

    def warn(self, text: str) -> None:
        self.warned.append(text)


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Owing, dict[str, Any]]]:
    """The show after its publish, and what lies on the storage then."""
    memory, warned = Bucket(), []
    with all_networks() as networks, pytest.MonkeyPatch.context() as patch:
        around(patch)
        real = opening.open_store
        patch.setattr(opening, "open_store", lambda location, base: memory if location.url == "s3://memory" else real(location, base))
        show = show_in(tmp_path_factory.mktemp("thread") / "show", networks)
        with patch.context() as nobody:
            nobody.setattr(posting, "is_online", lambda _workspace: False)
            assert show.run("--yes").status == 0
        workspace = Workspace(read_config(show.config), _Told(warned), AT)
        options = Options(now=AT)
        prepared = prepare(workspace, workspace.state_copies.read(), options)
        yield Owing(workspace, prepared, options, memory, networks, warned), memory.memorize()


@pytest.fixture
def owing(published: tuple[Owing, dict[str, Any]], monkeypatch: pytest.MonkeyPatch) -> Owing:
    found, kept = published
    around(monkeypatch)
    found.memory.go_back(kept)
    found.memory.writes_left, found.memory.watch, found.memory.refuse = None, lambda _key: None, lambda _key: False
    found.networks.forget()
    found.warned.clear()
    return found
