"""The whole Podcasting 2.0 namespace (https://podcastindex.org/namespace/1.0) as a feedgen extension.

Every formalised tag is one function in `channel`, `item` or `live`; what several parents carry is in `shared`. The
deprecated `podcast:images` is not written.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from feed.podcasting20.channel import CHANNEL
from feed.podcasting20.item import ITEM
from feed.xml_writing import ChannelTags, ChannelWriter, ItemTags, ItemWriter

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["Podcasting20Channel", "Podcasting20Item"]


class Podcasting20Channel(ChannelTags):
    """The channel's part of the extension."""

    prefixes: ClassVar[Sequence[str]] = ("podcast",)
    writers: ClassVar[Sequence[ChannelWriter]] = CHANNEL


class Podcasting20Item(ItemTags):
    """The item's part of the extension."""

    writers: ClassVar[Sequence[ItemWriter]] = ITEM
