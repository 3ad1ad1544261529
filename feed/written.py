"""What a person writes: the tables of config.toml that describe the podcast, and the front matter of an episode.

Names are the field's own (Podcasting 2.0, iTunes). A docstring says what listeners see and which tag a field becomes.
Nothing is derived here; an unknown key is an error. The JSON Schemas that editors use are made from these models.
"""

from __future__ import annotations

import datetime as dt
import re
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, SerializeAsAny, StringConstraints, model_validator

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
Address = Annotated[str, StringConstraints(strip_whitespace=True, pattern=r"^https?://")]
Seconds = Annotated[float, Field(ge=0, le=10_000_000, allow_inf_nan=False)]
Count = Annotated[int, Field(ge=1, le=2**53 - 1)]


def _as_moment(value: object) -> object:
    """A date or time of day as TOML and YAML give it, or the same written as text; never a number, which would count seconds from 1970."""
    text = value.strip() if isinstance(value, str) else None
    if isinstance(value, (int, float)) or (text is not None and not re.match(r"\d{4}-\d\d-\d\d|\d\d:\d\d", text)):
        raise ValueError(_MOMENT)
    if text is not None and len(text) == len("2026-05-21"):
        return dt.date.fromisoformat(text)
    return value


_MOMENT = "must be a date like 2026-05-21T06:00:00+02:00, or a time of day like 06:00:00"
Moment = Annotated[dt.datetime, BeforeValidator(_as_moment)]
MomentOrDay = Annotated[dt.datetime | dt.date, BeforeValidator(_as_moment)]
TimeOfDay = Annotated[dt.time, BeforeValidator(_as_moment)]


def _whole_or_decimal(value: float) -> float:
    """3 for 3.0, so that a whole number is written as one everywhere."""
    if round(value, 2) != value:
        raise ValueError("must have at most two decimals, like 3.5")
    return int(value) if value.is_integer() else value


EpisodeNumber = Annotated[float, Field(gt=0, le=2**53 - 1, allow_inf_nan=False), AfterValidator(_whole_or_decimal), SerializeAsAny()]
"""A whole number (an int), or one between two others with at most two decimals (a float), as `<podcast:episode>` takes it."""


def whole(number: float | None) -> int | None:
    """The number where only whole ones are understood: in iTunes' tags and in those of recordings."""
    return number if isinstance(number, int) else None


class Table(BaseModel):
    """A table a person writes: frozen, and unknown keys are errors. What checks a table is built when it is first needed."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True, defer_build=True)


class OwnerTable(Table):
    """`[show.owner]`: who owns the show. Spotify, YouTube and Amazon send a code to this address before they list it."""

    name: Text
    """`<itunes:owner><itunes:name>`."""
    email: Text
    """`<itunes:owner><itunes:email>` and `<podcast:locked owner>`, written only when `public` is true."""
    public: bool = False
    """Write name and address into the public feed (spammers read feeds; directories need it once)."""


class VerifyTable(Table):
    """`[show.verify]`: codes with which directories check that the feed is yours."""

    apple: Text | None = None
    """`<podcast:txt purpose="applepodcastsverify">`."""
    other: tuple[Text, ...] = ()
    """`<podcast:txt purpose="verify">`, one each."""


class AiTable(Table):
    """`[show.ai]`: what machines made. Apple asks for it in the audio, the show and the episode."""

    content: bool
    """`<podcast:txt purpose="ai-content">` true or false."""
    voices: bool = False
    """The voices are synthetic."""
    disclosure: Text | None = None
    """The sentence that ends both descriptions and stands on the page; needed when `content` is true."""


class FundingTable(Table):
    """A way to support the show: `<podcast:funding url>label`."""

    url: Text
    """Where the button leads (https)."""
    label: Text = "Support the show"
    """What the button says, at most 128 characters."""


class LocationTable(Table):
    """A place: `<podcast:location rel geo osm country>name`."""

    name: Text
    """Shown to people, in the language of the feed, at most 128 characters."""
    rel: Literal["subject", "creator"] = "subject"
    """What the show is about, or where it is made."""
    geo: str | None = None
    """`geo:lat,lon` (RFC 5870)."""
    osm: str | None = None
    """An OpenStreetMap object: N, W or R and its number."""
    country: str | None = None
    """ISO 3166-1 alpha-2."""


class LicenseTable(Table):
    """`<podcast:license url>identifier`. A bare string is the identifier alone."""

    id: Text
    """One of ARR, CC-BY-4.0, CC-BY-NC-4.0, CC-BY-NC-ND-4.0, POD-V4V-1.0, or your own with a `url`."""
    url: str | None = None
    """Where the licence can be read; needed for your own."""


class RemoteItemTable(Table):
    """Another feed or an item of it: `<podcast:remoteItem>`."""

    feed_guid: Text
    """The other feed's podcast:guid."""
    feed_url: str | None = None
    """The other feed's address."""
    item_guid: str | None = None
    """One item of it."""
    medium: str | None = None
    """Its medium, when not podcast."""
    title: str | None = None
    """Shown where the other feed cannot be read."""


class RecipientTable(Table):
    """`<podcast:valueRecipient>`: who gets a share."""

    type: Text
    """node, lnaddress or wallet."""
    address: Text
    """Where the payment goes."""
    split: Count
    """Shares, as a whole number."""
    name: str | None = None
    """Shown in apps."""
    custom_key: str | None = None
    """For wallets that share a node."""
    custom_value: str | None = None
    """Goes with `custom_key`."""
    fee: bool | None = None
    """Taken before the splits."""


class TimeSplitTable(Table):
    """`<podcast:valueTimeSplit>`: another split for a stretch of the episode."""

    start_time: Seconds
    """Seconds from the start."""
    duration: Seconds
    """Seconds."""
    remote_start_time: Seconds | None = None
    """Where in the other item it starts."""
    remote_percentage: Annotated[int, Field(ge=0, le=100)] | None = None
    """How much goes to the other item."""
    remote_item: RemoteItemTable | None = None
    """The other item, or …"""
    recipients: tuple[RecipientTable, ...] = ()
    """… recipients of its own."""


class ValueTable(Table):
    """`<podcast:value>`: streaming payments."""

    type: Text = "lightning"
    """lightning or bitcoin."""
    method: Text = "keysend"
    """keysend, lnaddress or amp."""
    suggested: str | None = None
    """Suggested amount per minute, as a decimal."""
    recipients: tuple[RecipientTable, ...]
    """At least one."""
    time_splits: tuple[TimeSplitTable, ...] = ()
    """Stretches with other splits (episodes and streams only)."""


class BlockTable(Table):
    """`<podcast:block id>`: keep the show out of directories."""

    id: str | None = None
    """One service's slug (spotify, apple …); none: every directory."""
    block: bool = True
    """yes or no."""


class TxtTable(Table):
    """`<podcast:txt purpose>`: a free text for machines."""

    text: Text
    """At most 4000 characters."""
    purpose: str | None = None
    """At most 128 characters."""


class UpdateFrequencyTable(Table):
    """`<podcast:updateFrequency>`: how often episodes come."""

    text: Text
    """For people: "daily", "every other week"."""
    rrule: str | None = None
    """For machines: an RFC 5545 rule."""
    dtstart: str | None = None
    """ISO date, needed when the rule has COUNT."""
    complete: bool | None = None
    """No more episodes will come."""


class ChatTable(Table):
    """`<podcast:chat>`: where listeners talk."""

    server: Text
    """Host name."""
    protocol: Text
    """irc, xmpp, nostr or matrix."""
    account_id: str | None = None
    """Who hosts it."""
    space: str | None = None
    """The room."""


class ImageTable(Table):
    """`<podcast:image>`: one more picture."""

    href: Text
    """Address, or a file in the folder."""
    alt: str | None = None
    """What it shows."""
    aspect_ratio: str | None = None
    """1/1, 16/9."""
    width: Count | None = None
    """Pixels."""
    height: Count | None = None
    """Pixels."""
    type: str | None = None
    """MIME type, needed for WebP and video."""
    purpose: str | None = None
    """artwork, social, canvas, banner, publisher, circular, poster."""


class SocialTable(Table):
    """`<podcast:socialInteract>`: the post under which people comment."""

    protocol: Text
    """activitypub, atproto, nostr, matrix, lightning, twitter, hive, or disabled."""
    uri: str | None = None
    """The root post; not with disabled."""
    account_id: str | None = None
    """@show@example.social."""
    account_url: str | None = None
    """Its page."""
    priority: int | None = None
    """Low comes first."""


class ContentLinkTable(Table):
    """`<podcast:contentLink href>label`."""

    href: Text
    """Where it can be watched or heard."""
    label: Text
    """What the link says."""


class SoundbiteTable(Table):
    """`<podcast:soundbite>`: a stretch worth sharing, 15 to 120 seconds."""

    start_time: Seconds
    """Seconds from the start."""
    duration: Annotated[float, Field(gt=0, le=10_000_000, allow_inf_nan=False)]
    """Seconds."""
    title: str | None = None
    """At most 128 characters; the episode's title when absent."""


class ChapterTable(Table):
    """`[[chapters]]`: one chapter."""

    start: str | float | int
    """Seconds, MM:SS or HH:MM:SS."""
    title: Text
    """Apple shows about 45 characters, Spotify 40."""
    end: str | float | int | None = None
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
    at: str | float | int | None = None
    """When it is spoken of: seconds, MM:SS or HH:MM:SS."""


class AlternateSourceTable(Table):
    """`<podcast:source>`: one more place an alternate can be got from."""

    uri: Text
    """https, ipfs, magnet, an onion address …"""
    content_type: str | None = None
    """MIME type of what lies there, when it is not the alternate's own: application/x-bittorrent."""


class AlternateTable(Table):
    """`[[alternates]]`: another encoding or a video: `<podcast:alternateEnclosure>`."""

    file: str | None = None
    """A file in the episode's folder, or …"""
    url: str | None = None
    """… an address."""
    title: str | None = None
    """At most 32 characters."""
    type: str | None = None
    """MIME type; needed with `url`."""
    height: Count | None = None
    """Pixels, for video."""
    lang: str | None = None
    """BCP 47."""
    bitrate: Count | None = None
    """Bits per second."""
    length: Count | None = None
    """Bytes, for a `url`."""
    rel: str | None = None
    """Same value: same content."""
    codecs: str | None = None
    """RFC 6381."""
    default: bool | None = None
    """The same file as the enclosure."""
    integrity: str | None = None
    """Subresource integrity (sha384-…), or a PGP signature; made for you where the file is here."""
    sources: tuple[AlternateSourceTable, ...] = ()
    """More places it can be got from."""

    @model_validator(mode="after")
    def _one_place(self) -> AlternateTable:
        if (self.file is None) == (self.url is None):
            raise ValueError("needs a `file` or a `url`, one of the two")
        if self.url is not None and self.type is None:
            raise ValueError("a `url` needs its `type`, such as video/mp4")
        return self


class PersonTable(Table):
    """`[people.<id>]`: someone who appears in several episodes."""

    name: Text
    """`<podcast:person>name`, on the page and in transcripts."""
    role: Text = "host"
    """Podcast taxonomy: host, co-host, guest, narrator …"""
    group: Text | None = None
    """Podcast taxonomy: cast, writing …; derived from the role when absent."""
    image: str | None = None
    """A file in the show's folder, or an https address."""
    url: str | None = None
    """Their page."""
    voices: tuple[Text, ...] = ()
    """What transcripts call them: SPEAKER_00."""


class SeasonTable(Table):
    """`[seasons.<number>]`."""

    name: Text | None = None
    """`<podcast:season name>`, at most 128 characters."""
    artwork: str | None = None
    """A square picture in the show's folder; episodes of the season show it when they have no cover of their own."""


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
        return _short_forms(data)

    @model_validator(mode="after")
    def _no_files(self) -> LiveItemTable:
        if any(table.url is None for table in self.alternates) or any(":" not in image.href for image in self.images):
            raise ValueError("a stream's pictures and alternates are addresses, not files")
        return self


ShowType = Literal["episodic", "serial"]
EpisodeType = Literal["full", "trailer", "bonus"]


def _license(value: object) -> object:
    return {"id": value} if isinstance(value, str) else value


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
        return _short_forms(data)


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
        return _short_forms(data)


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


def _short_forms(data: object) -> object:
    """A string for a licence, one table for a list of places, funding or ways to pay."""
    if not isinstance(data, dict):
        return data
    data = dict(data)
    if "license" in data:
        data["license"] = _license(data["license"])
    for key in ("location", "funding", "value"):
        if isinstance(data.get(key), dict):
            data[key] = (data[key],)
        elif key != "value" and isinstance(data.get(key), str):
            data[key] = ({"url" if key == "funding" else "name": data[key]},)
    return data


FrontMatter.model_rebuild()
