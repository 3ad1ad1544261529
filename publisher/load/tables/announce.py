"""`[announce]`: whom to tell after a publish, and where new episodes are posted."""

from __future__ import annotations

import re
from string import Formatter
from typing import Annotated, Literal
from urllib.parse import SplitResult, urlsplit

from pydantic import AfterValidator, Field

from feed.rules.addresses import is_loopback
from feed.schema.value_types import Table, Text

PLACEHOLDERS = ("title", "link", "show", "summary", "number", "season")
"""What a text of a post may hold, each in braces."""
TEXT = "{title}\n\n{summary}\n\n{link}"
"""What a post says where nothing is written."""


def _template(text: str) -> str:
    """A text with placeholders that are known, the link among them. Raises ValueError."""
    known = ", ".join(f"{{{name}}}" for name in PLACEHOLDERS)
    try:
        parts = list(Formatter().parse(text))
    except ValueError as error:
        raise ValueError(f"a brace that stands alone is written twice: {{{{ or }}}} ({error})") from None
    named = [name for _, name, form, conversion in parts if name is not None and not form and not conversion]
    odd = next((name for _, name, form, turned in parts if name is not None and (name not in PLACEHOLDERS or form or turned)), None)
    if odd is not None:
        raise ValueError(f"`{{{odd}}}` is no placeholder of a post; known: {known}")
    if "link" not in named:
        raise ValueError("a post leads to the episode: {link} must be in it")
    return text


def _split(address: str) -> SplitResult:
    """An address that a token may go to: https, or this very machine. Raises ValueError."""
    parts = urlsplit(address)
    host = parts.hostname or ""
    if not host or parts.port == 0 or parts.username is not None or re.search(r"[\s<>\"\\^`{|}]", address):
        raise ValueError("must be an address like https://social.example.org")
    if parts.scheme != "https" and not (parts.scheme == "http" and is_loopback(host)):
        raise ValueError("must begin with https://: a token goes there")
    return parts


def _server(address: str) -> str:
    """A server's address, without anything after its name. Raises ValueError."""
    parts = _split(address)
    if parts.path not in ("", "/") or parts.query or parts.fragment:
        raise ValueError(f"must end with the server's name: {parts.scheme}://{parts.netloc}")
    return f"{parts.scheme}://{parts.netloc.lower()}"


def _hook(address: str) -> str:
    """An address that takes a document. Raises ValueError."""
    _split(address)
    return address


def _variable(name: str) -> str:
    """The name of an environment variable. Raises ValueError."""
    if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]{0,99}", name):
        raise ValueError("must be the name of an environment variable, like SHOW_TOKEN: the secret itself never stands here")
    if name.startswith("AWS_"):
        raise ValueError("must be a variable of its own: the storage's keys go nowhere else")
    return name


Template = Annotated[Text, AfterValidator(_template)]
Server = Annotated[Text, AfterValidator(_server)]
Hook = Annotated[Text, AfterValidator(_hook)]
Variable = Annotated[Text, AfterValidator(_variable)]
"""The name of an environment variable; the keys of the storage are for nobody else."""


class MastodonTable(Table):
    """`[announce.mastodon]`: each new episode is posted by your account on a Mastodon server, or one that speaks as Mastodon does."""

    server: Server
    """The server that your account is on: https://mastodon.social. The token goes there and nowhere else; another one is refused until
    `--force host=mastodon`."""
    token_env: Variable = "MASTODON_TOKEN"  # noqa: S105  the name of a variable
    """The environment variable that holds the access token; it never stands here."""
    text: Template = TEXT
    """What the post says, with {title}, {link}, {show}, {summary}, {number} and {season}; what is too long is cut in the summary."""
    language: Text | None = None
    """The language of the post; that of the episode when absent."""
    visibility: Literal["public", "unlisted"] = "public"
    """Who finds the post: everybody, or who has its address or follows you."""


class BlueskyTable(Table):
    """`[announce.bluesky]`: each new episode is posted by your account on Bluesky, or any other server of the AT Protocol."""

    server: Server = "https://bsky.social"
    """The server that keeps your account (PDS). The password goes there and nowhere else; another one is refused until
    `--force host=bluesky`."""
    appview: Server = "https://public.api.bsky.app"
    """Where public answers are read; it needs no account, and gets no password."""
    handle: Annotated[Text, Field(pattern=r"^(?:did:[a-z]+:[A-Za-z0-9._:%-]{1,200}|[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+)$")]
    """Your account's name, without @: show.bsky.social."""
    token_env: Variable = "BLUESKY_APP_PASSWORD"  # noqa: S105  the name of a variable
    """The environment variable that holds an app password of the account; it never stands here."""
    text: Template = TEXT
    """What the post says, with {title}, {link}, {show}, {summary}, {number} and {season}; what is too long is cut in the summary."""
    language: Text | None = None
    """The language of the post; that of the episode when absent."""


class WebhookTable(Table):
    """`[announce.webhook]`: a signed JSON document about each new episode is sent to an address of yours, at most once."""

    url: Hook
    """Where it is sent. Another host is refused until `--force host=webhook`."""
    secret_env: Variable = "AIRDATE_WEBHOOK_SECRET"  # noqa: S105  the name of a variable
    """The environment variable that holds the secret it is signed with; it never stands here."""


class AnnounceTable(Table):
    """`[announce]`: whom to tell after a publish."""

    podping: bool = False
    """Podping, with the key in PODPING_TOKEN."""
    podcast_index: bool = False
    """The Podcast Index's hub."""
    heartbeat: str | None = None
    """An address asked at start, success and failure."""
    mastodon: MastodonTable | None = None
    """New episodes are posted on Mastodon."""
    bluesky: BlueskyTable | None = None
    """New episodes are posted on Bluesky."""
    webhook: WebhookTable | None = None
    """New episodes are told to a program of yours."""

    @property
    def networks(self) -> dict[str, MastodonTable | BlueskyTable | WebhookTable]:
        """Where new episodes are posted, by name, in the order in which they are."""
        tables = {"mastodon": self.mastodon, "bluesky": self.bluesky, "webhook": self.webhook}
        return {name: table for name, table in tables.items() if table is not None}

    @property
    def hosts(self) -> dict[str, str]:
        """By network, the host that its token goes to."""
        return {
            name: urlsplit(table.url if isinstance(table, WebhookTable) else table.server).netloc for name, table in self.networks.items()
        }
