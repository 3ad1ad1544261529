"""The front matter of an episode, and `[transcript]`, which config.toml has too."""

from typing import Literal

from pydantic import Field

from feed.schema.shared import SharedItemTags
from feed.schema.tags import AlternateTable, ContentLinkTable
from feed.schema.value_types import Clock, Count, MomentOrDay, Table, Text


class ChapterTable(Table):
    """`[[chapters]]`: one chapter."""

    start: Clock
    """Seconds, MM:SS or HH:MM:SS."""
    title: Text
    """Apple shows about 45 characters, Spotify 40."""
    end: Clock | None = None
    """Where it ends, when not at the next chapter."""
    url: str | None = None
    """A link apps show with the chapter."""
    image: str | None = None
    """A file in the episode's folder, or an https address."""
    toc: bool = True
    """False hides it from lists (some apps show it all the same)."""


class SourceTable(Table):
    """`[[sources]]`: where something said comes from; listed in the notes and shown at its time."""

    title: Text
    """What it is."""
    url: Text
    """Where it is."""
    at: Clock | None = None
    """When it is spoken of: seconds, MM:SS or HH:MM:SS."""


class TranscriptTable(Table):
    """`[transcript]`: what is mended in every transcript."""

    replace: dict[str, str] = Field(default_factory=dict)
    """Wrong spelling -> right spelling, on word boundaries, case kept."""
    speakers: dict[str, str] = Field(default_factory=dict)
    """SPEAKER_00 -> a name or an id of `[people]`."""


class ToldTable(Table):
    """`audio_unmeasured`: what another host's feed tells of a recording that still lies there; nobody has measured it."""

    length: Count
    """Bytes."""
    type: Text
    """Its type: audio/mpeg, audio/x-m4a."""
    duration: Clock | None = None
    """Seconds, MM:SS or HH:MM:SS."""
    hosts: tuple[Text, ...] = ()
    """Where its address leads on to: https://cdn.example.org. Pages let the player load from there."""


class EpisodeKeys(Table):
    """The keys of an episode alone."""

    title: Text
    """`<title>`: without number and show name."""
    date: MomentOrDay | None = None
    """`<pubDate>`: with offset, or in the show's time zone; none: a draft."""
    order: Count | None = None
    """Among episodes of the same date: the highest stands first. Written by `publish import`."""
    guid: str | None = None
    """`<guid>`: the episode's identity for life. Made by `publish new`."""
    guid_base: Text | None = None
    """The old feed's address, by which gPodder and feedparser complete a guid that is no address where that feed does not say
    `isPermaLink="false"`: they know the episode again. Written by `publish import`; one for all of a feed: `<rss xml:base>`."""
    slug: str | None = None
    """The address, when not the folder's name."""
    former: tuple[Text, ...] = ()
    """Addresses its page had at earlier hosts, for the redirects of `publish move --print`. Written by `publish import`."""
    draft: bool = False
    """Published nowhere."""
    unlisted: bool = False
    """Only its page, under an address nobody guesses."""
    type: Literal["full", "trailer", "bonus"] = "full"
    """`<itunes:episodeType>`; a trailer is also the show's `<podcast:trailer>`."""
    author: Text | None = None
    """`<itunes:author>` and `<dc:creator>`: who made the episode, when not the show's author or its hosts."""
    apple_title: Text | None = None
    """`<itunes:title>`."""
    language: str | None = None
    """Of the transcript, when not the show's."""
    summary: Text | None = None
    """`<description>`; the first paragraph of the notes when absent."""
    audio: str | None = None
    """Which file is the recording, when the folder holds several; or its address at the host that the show came from, until
    `publish pull --from-host` brings it here."""
    audio_unmeasured: ToldTable | None = None
    """What that host's feed tells of a recording that lies there."""
    audio_revision: Count = 1
    """Raise it when the recording itself was corrected."""
    audio_tags: bool | None = None
    """False: the recording is published byte for byte as it is, as `publish import` writes of another host's; `[audio] tags` when absent."""
    cover: str | None = None
    """`<itunes:image>` of the episode; `cover.jpg` when there is one."""
    cover_alt: str | None = None
    """What the cover shows."""
    chapters: tuple[ChapterTable, ...] = ()
    """`<podcast:chapters>`, `<psc:chapters>`."""
    sources: tuple[SourceTable, ...] = ()
    """Listed in the notes, shown at their time."""
    alternates: tuple[AlternateTable, ...] = ()
    """`<podcast:alternateEnclosure>`."""
    content_links: tuple[ContentLinkTable, ...] = ()
    """`<podcast:contentLink>`."""
    comments: bool | str | None = None
    """`<comments>`: an address; false: nobody is asked to comment (`socialInteract protocol="disabled"`)."""
    comment_form: Literal["open", "closed", "none"] = "open"
    """Where `[site.comments]` takes comments: `closed` shows those there are and takes no more, `none` has no form on the page."""
    fediverse: str | None = None
    """Address of the post under which people comment: `<podcast:socialInteract protocol="activitypub">`."""
    block: bool = False
    """`<itunes:block>`: hide the episode from Apple Podcasts."""
    tags: tuple[Text, ...] = ()
    """Words that relate episodes on the page."""
    transcript: TranscriptTable | None = None
    """Names mended and speakers named in this episode."""


class FrontMatter(SharedItemTags, EpisodeKeys):
    """The head of `episode.md`."""
