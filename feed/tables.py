"""The tables that a show, its episodes and its streams share: one for each tag that has parts of its own, and the types of their values.

Names are the field's own (Podcasting 2.0, iTunes). A docstring says what listeners see and which tag a field becomes.
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


def _license(value: object) -> object:
    return {"id": value} if isinstance(value, str) else value


def short_forms(data: object) -> object:
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
