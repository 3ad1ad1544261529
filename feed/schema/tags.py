"""One table for each tag that has parts of its own."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from feed.schema.value_types import Count, Seconds, Table, Text


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


class TxtTable(Table):
    """`<podcast:txt purpose>`: a free text for machines."""

    text: Text
    """At most 4000 characters."""
    purpose: str | None = None
    """At most 128 characters."""


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
    def _one_place(self) -> Self:
        if (self.file is None) == (self.url is None):
            raise ValueError("needs a `file` or a `url`, one of the two")
        if self.url is not None and self.type is None:
            raise ValueError("a `url` needs its `type`, such as video/mp4")
        return self


class PersonTable(Table):
    """`[people.<id>]`: someone who appears in several episodes."""

    name: Text
    """`<podcast:person>name`, on the page and in transcripts."""
    role: Text | None = None
    """Podcast taxonomy: host, co-host, guest, narrator …; when absent host or guest, as an episode names them under `hosts` or `guests`."""
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
