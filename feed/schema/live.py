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
    """When it ends."""
    guid: Text
    """A changed guid is another stream."""
    description: str | None = None
    """What it is about."""
    link: Address | None = None
    """`<link>`: the stream's page; the show's when absent."""
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
    image: Address | None = None
    """https address."""
    alternates: tuple[AlternateTable, ...] = ()
    """Other encodings of the stream, each with its `url`: `<podcast:alternateEnclosure>`."""


class LiveItemTable(SharedItemTags, LiveKeys):
    """`[[live]]`: a live stream announced in the feed: `<podcast:liveItem>`."""

    @model_validator(mode="after")
    def _no_files(self) -> Self:
        if any(table.url is None for table in self.alternates) or any(":" not in image.href for image in self.images):
            raise ValueError("a stream's pictures and alternates are addresses, not files")
        return self
