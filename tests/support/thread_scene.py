"""A show in a bucket that posts to a scripted Mastodon, a scripted Bluesky and a webhook, by the real command in processes of their own."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from tests.support.e2e_show import bucket_show
from tests.support.scripted_bluesky import PASSWORD, ScriptedBluesky
from tests.support.scripted_mastodon import TOKEN, ScriptedMastodon

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.e2e_show import Bucket, Running, Warm
    from tests.support.service_servers import Answering
    from tests.support.show_factory import Outcome, Show

NOW, LATER = "2026-06-01T12:00:00+00:00", "2026-06-01T13:00:00+00:00"
SECRET = "a-secret-of-the-webhook-nobody-may-see"
NEW = "2026-06-01-second"
"""The folder of the episode that is new at NOW."""
TOKENS = {"MASTODON_TOKEN": TOKEN, "BLUESKY_APP_PASSWORD": PASSWORD, "AIRDATE_WEBHOOK_SECRET": SECRET}


@dataclass
class Scene:
    """All of it. `tokens` stand in the environment of each command."""

    show: Show
    bucket: Bucket
    warm: Warm
    mastodon: ScriptedMastodon
    bluesky: ScriptedBluesky
    hook: Answering
    tokens: dict[str, str] = field(default_factory=lambda: dict(TOKENS))
    said: list[str] = field(default_factory=list)

    def start(self, *arguments: str, show: Show | None = None, endpoint: str = "", **more: Any) -> Running:
        """`publish --yes ARGUMENTS` begins."""
        return self.warm.start(
            show or self.show, "--yes", *arguments, endpoint=endpoint or self.bucket.server.endpoint, more=self.tokens, verify=True, **more
        )

    def publish(self, *arguments: str, status: int | None = 0, **more: Any) -> Outcome:
        """The same, to its end, with this status (None: any)."""
        outcome = self.start(*arguments, **more).wait()
        self.said.append(outcome.stdout + outcome.stderr)
        assert status is None or outcome.status == status, f"{outcome.status}\n{outcome.stdout}{outcome.stderr}"
        return outcome

    def add(self, name: str = NEW, *, date: str = "2026-06-01T12:00:00+02:00", **more: Any) -> None:
        """An episode that is new now."""
        self.show.episode(name, date=date, **more)

    def page(self, slug: str = "second") -> str:
        """An episode's page as it is served."""
        return (self.bucket.get(f"episodes/{slug}.html") or b"").decode()

    def item(self, slug: str = "second") -> str:
        """An episode's part of the feed."""
        feed = (self.bucket.get("feed.xml") or b"").decode()
        return next((part for part in feed.split("<item>")[1:] if f"{slug}-guid" in part), "").partition("</item>")[0]

    def status(self) -> str:
        """The id of the only post on Mastodon."""
        [one] = self.mastodon.posts()
        return one.id

    def record(self) -> str:
        """The address of the only post on Bluesky."""
        [one] = self.bluesky.posts()
        return one.uri

    def counts(self) -> tuple[int, int, int]:
        """How many posts there are on Mastodon and Bluesky, and how often the webhook was told."""
        return len(self.mastodon.posts()), len(self.bluesky.posts()), len(self.hook.asked)

    def is_whole(self) -> None:
        """Each network has the new episode once, and listeners are led there from feed and page."""
        assert self.counts() == (1, 1, 1)
        assert f"/{self.status()}" in self.item()
        assert "podcast:socialInteract" in self.item()
        assert f"/{self.status()}" in self.page()

    def forget(self) -> None:
        """The networks as nobody ever used them."""
        for network in (self.mastodon, self.bluesky):
            network.asked.clear()
            network.heal()
            network.routes.clear()
        self.mastodon.statuses.clear()
        self.mastodon.keys.clear()
        self.mastodon.media.clear()
        self.bluesky.records.clear()
        self.hook.asked.clear()

    def leaks_nothing(self) -> None:
        """No secret stands in what was said, in the bucket, in the show's folder, or in what went to another than its own host."""
        secrets = [secret.encode() for secret in (TOKEN, PASSWORD, SECRET)]
        folder = {path.name: path.read_bytes() for path in self.show.folder.rglob("*") if path.is_file()}
        texts = {"what was said": "\n".join(self.said).encode(), **self.bucket.objects(), **folder}
        assert [name for name, text in texts.items() if any(secret in text for secret in secrets)] == []
        for place, own in ((self.mastodon, TOKEN), (self.bluesky, PASSWORD), (self.hook, "")):
            sent = b"\n".join(f"{asked.path}{asked.query}{asked.headers}".encode() + asked.body for asked in place.asked)
            assert [secret for secret in secrets if secret != own.encode() and secret in sent] == []


def thread_scene(folder: Path, bucket: Bucket, warm: Warm, networks: tuple[ScriptedMastodon, ScriptedBluesky, Answering]) -> Scene:
    """The show, with an episode that was published before any network was named."""
    mastodon, bluesky, hook = networks
    mastodon.now = bluesky.now = datetime.fromisoformat(NOW).astimezone(UTC)
    show = bucket_show(folder / "show", bucket.name, site=bucket.url)
    show.now = NOW
    show.episode()
    scene = Scene(show, bucket, warm, mastodon, bluesky, hook)
    scene.publish(now="2026-05-01T12:00:00+00:00")
    with show.config.open("a", encoding="utf-8") as config:
        config.write(
            f'[announce.mastodon]\nserver = "{mastodon.address}"\n\n'
            f'[announce.bluesky]\nserver = "{bluesky.address}"\nhandle = "{bluesky.handle}"\nappview = "{bluesky.address}"\n\n'
            f'[announce.webhook]\nurl = "{hook.address}/episodes"\n'
        )
    return scene


def port_of(address: str) -> int:
    return urlsplit(address).port or 0


def text_of(page: str) -> str:
    """A page without its tags: what stands there for whoever has no script."""
    return re.sub(r"\s+", " ", re.sub(r"<script.*?</script>|<[^>]+>", " ", page, flags=re.DOTALL))
