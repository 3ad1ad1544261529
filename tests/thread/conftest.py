"""A show that goes to a storage in memory and is told to scripted networks, each with its token in the environment."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import pytest

from publisher.announce import follow_up, service_requests
from tests.support.scripted_bluesky import PASSWORD, ScriptedBluesky
from tests.support.scripted_mastodon import TOKEN, ScriptedMastodon
from tests.support.service_servers import Answering
from tests.support.show_factory import NOW, Show, make_show

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.support.memory_bucket import Bucket

SECRET = "webhook-secret-nobody-may-see"
AT = dt.datetime.fromisoformat(NOW)


@pytest.fixture
def mastodon() -> Iterator[ScriptedMastodon]:
    with ScriptedMastodon(now=AT) as server:
        yield server


@pytest.fixture
def bluesky() -> Iterator[ScriptedBluesky]:
    with ScriptedBluesky(now=AT) as server:
        yield server


@pytest.fixture
def hook() -> Iterator[Answering]:
    """A program that takes documents."""
    with Answering() as server:
        yield server


@pytest.fixture
def around(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tokens that are good, no pauses, and a look from outside that finds all well."""
    monkeypatch.setenv("MASTODON_TOKEN", TOKEN)
    monkeypatch.setenv("BLUESKY_APP_PASSWORD", PASSWORD)
    monkeypatch.setenv("AIRDATE_WEBHOOK_SECRET", SECRET)
    monkeypatch.setattr(service_requests, "SERVICES", service_requests.Services(pauses=(0.0, 0.0)))
    monkeypatch.setattr(follow_up, "_verify", lambda *_: ())


@pytest.fixture
def posted(tmp_path: Path, memory: Bucket, mastodon: ScriptedMastodon, bluesky: ScriptedBluesky, hook: Answering, around: None) -> Show:
    """The show, with an episode of today that is not published yet, and one of last month."""
    show = make_show(tmp_path / "show", storage="s3://memory")
    tables = f'[announce.mastodon]\nserver = "{mastodon.address}"\n'
    tables += f'[announce.bluesky]\nserver = "{bluesky.address}"\nhandle = "{bluesky.handle}"\n'
    tables += f'[announce.webhook]\nurl = "{hook.address}/hook?key=hidden"\n'
    show.write("config.toml", f"{show.config.read_text()}\n{tables}")
    show.episode("2026-05-01-first")
    show.episode("2026-06-01-new", date="2026-06-01T06:00:00+02:00", notes="What it is about.\n\nAnd more.\n")
    return show
