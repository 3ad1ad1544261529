"""`[show]` and `[feed]`: the podcast as directories list it, and how its feed is written."""

import datetime as dt
from typing import Literal

from feed.schema.shared import SharedTags
from feed.schema.tags import RemoteItemTable
from feed.schema.value_types import Count, Table, Text, TimeOfDay


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


class BlockTable(Table):
    """`<podcast:block id>`: keep the show out of directories."""

    id: str | None = None
    """One service's slug (spotify, apple …); none: every directory."""
    block: bool = True
    """yes or no."""


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


class ShowKeys(Table):
    """The keys of the show alone."""

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
    type: Literal["episodic", "serial"] = "episodic"
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
    hosts: tuple[Text, ...] = ()
    """Ids of `[people]`: in every episode."""
    trailer: Text | None = None
    """Address of a trailer that is not an episode."""


class ShowTable(SharedTags, ShowKeys):
    """`[show]`: the podcast as directories list it."""


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
    """The show is at another host now: the feed points there and new episodes are refused. Written by `publish move --away`."""
    moved_on: dt.date | None = None
    """The day of that, from which `publish move` counts how long the old address has to answer."""
    enclosure_prefix: str | None = None
    """A measurement service put before enclosure addresses; changes no identity."""
    hubs: tuple[Text, ...] = ()
    """`<atom:link rel="hub">`: WebSub."""
