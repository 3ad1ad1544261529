"""What a person writes: the tables of config.toml that describe the podcast, and the front matter of an episode.

Names are the field's own (Podcasting 2.0, iTunes). A docstring says what listeners see and which tag a field becomes.
Nothing is derived here; an unknown key is an error. The JSON Schemas that editors use are made from these models.
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from feed.tables import (
    Address,
    AiTable,
    AlternateTable,
    BlockTable,
    ChapterTable,
    ChatTable,
    ContentLinkTable,
    Count,
    EpisodeNumber,
    FundingTable,
    ImageTable,
    LicenseTable,
    LocationTable,
    Moment,
    MomentOrDay,
    OwnerTable,
    RemoteItemTable,
    SocialTable,
    SoundbiteTable,
    SourceTable,
    Table,
    Text,
    TimeOfDay,
    TxtTable,
    UpdateFrequencyTable,
    ValueTable,
    VerifyTable,
    short_forms,
)


class LiveTranscriptTable(Table):
    """`[[live.transcripts]]`: captions written while the stream runs: `<podcast:transcript>`."""

    url: Address
    """Where apps fetch them."""
    type: Text
    """MIME type: text/vtt, application/x-subrip, application/json, text/html or text/plain."""
    language: Text | None = None
    """BCP 47; the show's when absent."""
    rel: Literal["captions"] | None = None
    """captions: they have time codes."""


class LiveItemTable(Table):
    """`[[live]]`: a live stream announced in the feed: `<podcast:liveItem>`."""

    title: Text
    """What the stream is called."""
    status: Literal["pending", "live", "ended"]
    """Where it stands."""
    start: Moment
    """When it starts, with offset or in the show's time zone."""
    end: Moment | None = None
    """When it ends."""
    guid: Text
    """A changed guid is another stream."""
    description: str | None = None
    """What it is about."""
    link: Address | None = None
    """`<link>`: the stream's page; the show's when absent."""
    season: Count | None = None
    """`<itunes:season>`, `<podcast:season>`."""
    episode: EpisodeNumber | None = None
    """`<podcast:episode>`, and `<itunes:episode>` where it is whole."""
    episode_display: str | None = None
    """`<podcast:episode display>`, at most 32 characters."""
    explicit: bool | None = None
    """`<itunes:explicit>`; the show's when absent."""
    hosts: tuple[Text, ...] | None = None
    """Ids of `[people]`; the show's hosts when absent."""
    guests: tuple[Text, ...] = ()
    """Ids of `[people]`, or plain names."""
    url: Text
    """The stream."""
    type: Text = "audio/mpeg"
    """Its MIME type."""
    content_links: tuple[ContentLinkTable, ...]
    """Where else it can be followed; at least one."""
    transcripts: tuple[LiveTranscriptTable, ...] = ()
    """`<podcast:transcript>`, each an address."""
    chapters: Address | None = None
    """`<podcast:chapters>`: address of a chapters document (JSON)."""
    soundbites: tuple[SoundbiteTable, ...] = ()
    """`<podcast:soundbite>`."""
    image: Address | None = None
    """https address."""
    chat: ChatTable | None = None
    """Where listeners talk."""
    alternates: tuple[AlternateTable, ...] = ()
    """Other encodings of the stream, each with its `url`: `<podcast:alternateEnclosure>`."""
    funding: tuple[FundingTable, ...] = ()
    """`<podcast:funding>`."""
    license: LicenseTable | None = None
    """`<podcast:license>`."""
    locations: tuple[LocationTable, ...] = Field((), alias="location")
    """`<podcast:location>`."""
    images: tuple[ImageTable, ...] = ()
    """`<podcast:image>`, each an address."""
    values: tuple[ValueTable, ...] = Field((), alias="value")
    """`<podcast:value>`, instead of the show's."""
    txt: tuple[TxtTable, ...] = ()
    """`<podcast:txt>`."""
    social: tuple[SocialTable, ...] = ()
    """`<podcast:socialInteract>`."""

    @model_validator(mode="before")
    @classmethod
    def _short_forms(cls, data: object) -> object:
        return short_forms(data)

    @model_validator(mode="after")
    def _no_files(self) -> LiveItemTable:
        if any(table.url is None for table in self.alternates) or any(":" not in image.href for image in self.images):
            raise ValueError("a stream's pictures and alternates are addresses, not files")
        return self


ShowType = Literal["episodic", "serial"]
EpisodeType = Literal["full", "trailer", "bonus"]


class ShowTable(Table):
    """`[show]`: the podcast as directories list it."""

    title: Text
    """`<title>`: the show's name, and nothing but its name."""
    description: Text
    """`<description>`: plain text, at most 4000 bytes."""
    author: Text
    """`<itunes:author>`: who makes it. Spotify refuses a show without."""
    language: Text
    """`<language>`: two letters, with a region if it matters: en, de, pt-br."""
    categories: tuple[Text, ...]
    """`<itunes:category>`: "News > Tech News", one or two of Apple's."""
    artwork: Text = "artwork.jpg"
    """`<itunes:image>`: a square JPEG or PNG, 1400 to 3000 pixels."""
    artwork_alt: str | None = None
    """What the artwork shows."""
    explicit: bool
    """`<itunes:explicit>`."""
    type: ShowType = "episodic"
    """`<itunes:type>`: episodic is heard newest first, serial oldest first."""
    guid: str | None = None
    """`<podcast:guid>`: the show's identity for life. Made by `publish init`."""
    timezone: str | None = None
    """IANA name, for dates written without an offset: Europe/Berlin."""
    release_time: TimeOfDay | None = None
    """Completes a bare date: 06:00:00."""
    apple_title: Text | None = None
    """`<itunes:title>` of the show."""
    copyright: Text | None = None
    """`<copyright>`: a name, without year and sign."""
    link: str | None = None
    """`<link>`: the show's home, when it is not on the storage."""
    owner: OwnerTable | None = None
    """`<itunes:owner>`."""
    verify: VerifyTable = VerifyTable()
    """Codes for directories."""
    ai: AiTable | None = None
    """What machines made."""
    locked: bool = True
    """`<podcast:locked>`: other hosts may not import the show."""
    complete: bool = False
    """`<itunes:complete>`: no more episodes will come."""
    block: bool = False
    """`<itunes:block>`: hide the show from Apple Podcasts."""
    blocks: tuple[BlockTable, ...] = ()
    """`<podcast:block>`."""
    medium: Text = "podcast"
    """`<podcast:medium>`."""
    funding: tuple[FundingTable, ...] = ()
    """`<podcast:funding>`."""
    license: LicenseTable | None = None
    """`<podcast:license>`."""
    locations: tuple[LocationTable, ...] = Field((), alias="location")
    """`<podcast:location>`."""
    images: tuple[ImageTable, ...] = ()
    """`<podcast:image>`."""
    values: tuple[ValueTable, ...] = Field((), alias="value")
    """`<podcast:value>`; several for several ways to pay."""
    podroll: tuple[RemoteItemTable, ...] = ()
    """`<podcast:podroll>`: shows you recommend."""
    remote_items: tuple[RemoteItemTable, ...] = ()
    """`<podcast:remoteItem>` of the channel, for lists of feeds."""
    publisher: RemoteItemTable | None = None
    """`<podcast:publisher>`: the feed of the publisher."""
    update_frequency: UpdateFrequencyTable | None = None
    """`<podcast:updateFrequency>`."""
    podping: bool | None = None
    """`<podcast:podping usesPodping>`."""
    chat: ChatTable | None = None
    """`<podcast:chat>`."""
    social: tuple[SocialTable, ...] = ()
    """`<podcast:socialInteract>` of the show."""
    txt: tuple[TxtTable, ...] = ()
    """`<podcast:txt>`."""
    hosts: tuple[Text, ...] = ()
    """Ids of `[people]`: in every episode."""
    trailer: Text | None = None
    """Address of a trailer that is not an episode."""

    @model_validator(mode="before")
    @classmethod
    def _short_forms(cls, data: object) -> object:
        return short_forms(data)


class FrontMatter(Table):
    """The head of `episode.md`."""

    title: Text
    """`<title>`: without number and show name."""
    date: MomentOrDay | None = None
    """`<pubDate>`: with offset, or in the show's time zone; none: a draft."""
    guid: str | None = None
    """`<guid>`: the episode's identity for life. Made by `publish new`."""
    slug: str | None = None
    """The address, when not the folder's name."""
    draft: bool = False
    """Published nowhere."""
    unlisted: bool = False
    """Only its page, under an address nobody guesses."""
    season: Count | None = None
    """`<itunes:season>`, `<podcast:season>`."""
    episode: EpisodeNumber | None = None
    """`<podcast:episode>`: 3, or 3.5 for an extra between 3 and 4; `<itunes:episode>` where it is whole."""
    episode_display: str | None = None
    """`<podcast:episode display>`: "Ch. 3", at most 32 characters."""
    type: EpisodeType = "full"
    """`<itunes:episodeType>`; a trailer is also the show's `<podcast:trailer>`."""
    explicit: bool | None = None
    """`<itunes:explicit>`; the show's when absent."""
    apple_title: Text | None = None
    """`<itunes:title>`."""
    language: str | None = None
    """Of the transcript, when not the show's."""
    summary: Text | None = None
    """`<description>`; the first paragraph of the notes when absent."""
    audio: str | None = None
    """Which file is the recording, when the folder holds several."""
    audio_revision: Count = 1
    """Raise it when the recording itself was corrected."""
    cover: str | None = None
    """`<itunes:image>` of the episode; `cover.jpg` when there is one."""
    cover_alt: str | None = None
    """What the cover shows."""
    hosts: tuple[Text, ...] | None = None
    """Ids of `[people]`; the show's hosts when absent."""
    guests: tuple[Text, ...] = ()
    """Ids of `[people]`, or plain names."""
    chapters: tuple[ChapterTable, ...] = ()
    """`<podcast:chapters>`, `<psc:chapters>`."""
    soundbites: tuple[SoundbiteTable, ...] = ()
    """`<podcast:soundbite>`."""
    sources: tuple[SourceTable, ...] = ()
    """Listed in the notes, shown at their time."""
    alternates: tuple[AlternateTable, ...] = ()
    """`<podcast:alternateEnclosure>`."""
    funding: tuple[FundingTable, ...] = ()
    """`<podcast:funding>`."""
    license: LicenseTable | None = None
    """`<podcast:license>`."""
    locations: tuple[LocationTable, ...] = Field((), alias="location")
    """`<podcast:location>`."""
    images: tuple[ImageTable, ...] = ()
    """`<podcast:image>`."""
    values: tuple[ValueTable, ...] = Field((), alias="value")
    """`<podcast:value>`, instead of the show's."""
    txt: tuple[TxtTable, ...] = ()
    """`<podcast:txt>`."""
    chat: ChatTable | None = None
    """`<podcast:chat>`."""
    content_links: tuple[ContentLinkTable, ...] = ()
    """`<podcast:contentLink>`."""
    comments: bool | str | None = None
    """`<comments>`: an address; false: nobody is asked to comment (`socialInteract protocol="disabled"`)."""
    fediverse: str | None = None
    """Address of the post under which people comment: `<podcast:socialInteract protocol="activitypub">`."""
    social: tuple[SocialTable, ...] = ()
    """`<podcast:socialInteract>`."""
    block: bool = False
    """`<itunes:block>`: hide the episode from Apple Podcasts."""
    tags: tuple[Text, ...] = ()
    """Words that relate episodes on the page."""
    transcript: TranscriptTable | None = None
    """Names mended and speakers named in this episode."""

    @model_validator(mode="before")
    @classmethod
    def _short_forms(cls, data: object) -> object:
        return short_forms(data)


class TranscriptTable(Table):
    """`[transcript]`: what is mended in every transcript."""

    replace: dict[str, str] = Field(default_factory=dict)
    """Wrong spelling -> right spelling, on word boundaries, case kept."""
    speakers: dict[str, str] = Field(default_factory=dict)
    """SPEAKER_00 -> a name or an id of `[people]`."""


class FeedTable(Table):
    """`[feed]`: how the feed is written."""

    file: Text = "feed.xml"
    """Its name on the storage; part of the address listeners subscribe to."""
    limit: Count | None = None
    """Episodes in the first feed document; older ones go to further pages (RFC 5005)."""
    full_notes: Count | None = None
    """Only the newest N items carry `<content:encoded>` and `<psc:chapters>`."""
    new_feed_url: str | None = None
    """`<itunes:new-feed-url>`: the address this feed now has."""
    former: tuple[Text, ...] = ()
    """Addresses this feed had before; `publish verify` sees that each of them leads here for good (301)."""
    moved_to: str | None = None
    """The show is at another host now: the feed points there and new episodes are refused."""
    enclosure_prefix: str | None = None
    """A measurement service put before enclosure addresses; changes no identity."""
    hubs: tuple[Text, ...] = ()
    """`<atom:link rel="hub">`: WebSub."""


FrontMatter.model_rebuild()
