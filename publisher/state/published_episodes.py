"""The ledger: what was published of each episode, for good."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from feed.model import AudioFacts, Chapter
    from publisher.core.layout import Key


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedAudio:
    """A recording that listeners have: frozen. `facts` are those of the published copy; the two `recording_` fields tell the
    file it was made of, so that any machine can see whether a local file is that recording.
    """

    key: Key
    revision: int
    recording_sha256: str
    recording_size: int
    facts: AudioFacts
    chapters: tuple[Chapter, ...] = ()
    """Those inside the recording itself, before it was tagged."""
    replaced: tuple[Key, ...] = ()
    """Keys of earlier revisions: apps pinned them, so they get the same bytes."""
    cover: str = ""
    """How the sha256 of the episode's cover began when it went into the tags; "" for none, or not known."""

    @property
    def keys(self) -> tuple[Key, ...]:
        """Where it lies on the storage."""
        return self.key, *self.replaced

    @property
    def place(self) -> str:
        """What its bytes are known by in the feed."""
        return self.key


@dataclass(frozen=True, slots=True, kw_only=True)
class AudioElsewhere:
    """A recording that listeners get from the host that the show came from. `facts` are what that host's feed tells: nobody measured
    it, and `sha256` is empty. `hosts` are the origins that its address leads to.
    """

    url: str
    facts: AudioFacts
    hosts: tuple[str, ...] = ()

    @property
    def keys(self) -> tuple[Key, ...]:
        """Nothing of it lies on the storage."""
        return ()

    @property
    def place(self) -> str:
        """What its bytes are known by in the feed."""
        return self.url

    @property
    def recording_sha256(self) -> str:
        """Not known."""
        return ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedAlternate:
    """Another encoding of an episode that was published, made of the file `name`: known wherever that file is not.

    `integrity` is its subresource integrity (sha384-…), `bitrate` bits per second (0: not known).
    """

    name: str
    key: Key
    size: int
    sha256: str
    type: str
    bitrate: int = 0
    integrity: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """The words of an episode as they were published once: `digest` of its sources, when, from which machine and by whom. The
    newest one has a digest for each of its `parts`, by its word.
    """

    digest: str
    at: str
    machine: str
    by: str = ""
    parts: Mapping[str, str] = field(default_factory=dict)


PostStatus = Literal["owed", "posting", "posted", "unclear"]
NETWORKS = ("mastodon", "bluesky", "webhook")
"""Where an episode is posted, in this order: what is told last tells of the other posts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """A post about an episode at one of NETWORKS. `status` is `owed` before it is sent and where it surely was not, `posting` from just
    before until the end of it is known, `posted`, or `unclear` where nobody can tell whether it was taken.

    `at` (ISO 8601, by the command's clock) is when that was, `host` the server's name, `address` where people read it, and `id` what
    the network calls it: the number of a status, the at:// address of a record.
    """

    network: str
    status: PostStatus
    at: str
    host: str = ""
    address: str = ""
    id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedEpisode:
    """One line of the Ledger: an episode that was ever published. `removed` and `withdrawn` ones keep slug and guid for ever.
    `texts` are the last digests of its sources, newest first, so that a stale checkout is known as one.
    """

    slug: str
    guid: str
    date: str
    title: str = ""
    removed: bool = False
    withdrawn: bool = False
    audio: PublishedAudio | None = None
    alternates: tuple[PublishedAlternate, ...] = ()
    texts: tuple[Text, ...] = ()
    elsewhere: AudioElsewhere | None = None
    """Where listeners get the recording, or got it until it moved here, which it does once."""
    comments: str = ""
    """`closed` or `none` where no comments are taken on it: what the service that takes them goes by."""
    posts: tuple[Post, ...] = ()
    """At most one for each network."""

    def post(self, network: str) -> Post | None:
        """The one at a network; None where there is none, and none is owed."""
        return next((item for item in self.posts if item.network == network), None)


def recording_keys(episodes: Iterable[PublishedEpisode]) -> set[Key]:
    """The keys of recordings and their other encodings."""
    found: set[Key] = set()
    for item in episodes:
        found.update(alternate.key for alternate in item.alternates)
        if item.audio is not None:
            found.update(item.audio.keys)
    return found
