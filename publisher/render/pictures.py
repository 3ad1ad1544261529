"""Published pictures as feed and pages name them: the address, and the pixels and type that its name tells."""

from __future__ import annotations

from typing import TYPE_CHECKING

from feed.model import Image
from publisher.core.layout import pixels_in

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from feed.schema.tags import ImageTable
    from publisher.core.addresses import Links
    from publisher.recipes.artifacts import Made


def picture_of(made: Made, links: Links) -> Image:
    """A published picture; width and height are 0 where its name does not tell them."""
    width, height = pixels_in(made.key)
    return Image(url=links.absolute(made.key), width=width, height=height, type=made.content_type)


def with_addresses(tables: Sequence[ImageTable], published: Mapping[str, Made], links: Links) -> tuple[ImageTable, ...]:
    """`images` as they were written, the names of files replaced by addresses, with size and type filled in."""
    done = []
    for table in tables:
        made = published.get(table.href)
        if made is None:
            done.append(table)
            continue
        picture = picture_of(made, links)
        update = {
            "href": picture.url,
            "width": table.width or picture.width or None,
            "height": table.height or picture.height or None,
            "type": table.type or picture.type,
        }
        done.append(table.model_copy(update=update))
    return tuple(done)
