"""`[[live]]`: live streams."""

from typing import Literal, Self

from pydantic import model_validator

from feed.schema.shared import SharedItemTags
from feed.schema.tags import AlternateTable, ContentLinkTable
from feed.schema.value_types import Address, Moment, Table, Text


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


class LiveKeys(Table):
    """The keys of a stream alone."""

    title: Text
    """What the stream is called."""
    status: Literal["pending", "live", "ended"]
    """Where it stands."""
    start: Moment
    """When it starts, with offset or in the show's time zone."""
    end: Moment | None = None
    """When it ends; a day after its start when absent. A day after its end it leaves the feed."""
    guid: Text
    """A changed guid is another stream."""
    description: str | None = None
    """What it is about: `<content:encoded>`."""
    link: Address | None = None
    """The stream's page: one more `<podcast:contentLink>`, for `<link>` would be the show's to apps that know no streams."""
    url: Text
    """The stream."""
    type: Text = "audio/mpeg"
    """Its MIME type."""
    content_links: tuple[ContentLinkTable, ...]
    """Where else it can be followed; at least one."""
    transcripts: tuple[LiveTranscriptTable, ...] = ()
    """Captions, each an address. Not in the feed: AntennaPod drops a feed whose stream has them."""
    chapters: Address | None = None
    """Address of a chapters document (JSON). Not in the feed: AntennaPod drops a feed whose stream has them."""
    image: Address | None = None
    """https address: `<podcast:image>`."""
    alternates: tuple[AlternateTable, ...] = ()
    """Other encodings of the stream, each with its `url`: `<podcast:alternateEnclosure>`."""


class LiveItemTable(SharedItemTags, LiveKeys):
    """`[[live]]`: a live stream announced in the feed: `<podcast:liveItem>`.

    `explicit` and `funding` of its own are not in the feed: apps that know no streams take them for the show's.
    """

    @model_validator(mode="after")
    def _no_files(self) -> Self:
        if any(table.url is None for table in self.alternates) or any(":" not in image.href for image in self.images):
            raise ValueError("a stream's pictures and alternates are addresses, not files")
        return self
