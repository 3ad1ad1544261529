"""Ways to subscribe: apps that take a feed's address by a link of their own, directories, and the address as a picture to scan."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import quote

from publisher.core.addresses import outside

if TYPE_CHECKING:
    from publisher.load.config_tables import SubscribeTable

_BORDER = 2


class SubscribeApp(NamedTuple):
    """An app or directory: `platforms` are those it runs on (ios, mac, android), empty for a page that opens anywhere."""

    name: str
    link: str
    platforms: str = ""


_APPS = (
    SubscribeApp("Overcast", "overcast://x-callback-url/add?url={quoted}", "ios"),
    SubscribeApp("Pocket Casts", "pktc://subscribe/{bare}", "ios android"),
    SubscribeApp("Castro", "castros://subscribe/{bare}", "ios"),
    SubscribeApp("AntennaPod", "antennapod-subscribe://{bare}", "android"),
    SubscribeApp("Podcast Addict", "podcastaddict://{bare}", "android"),
)
"""Links as each app documents them; `{bare}` is the address without its scheme."""


def apps(feed_url: str, shops: SubscribeTable) -> tuple[SubscribeApp, ...]:
    """Every app, those first that open anywhere. Apple's page where the show is listed, else the scheme its app answers to."""
    bare = feed_url.partition("://")[2]
    others = (("Spotify", shops.spotify), ("YouTube", shops.youtube), ("Amazon Music", shops.amazon))
    known = [SubscribeApp(name, link) for name, url in others if (link := outside(url))]
    apple = SubscribeApp("Apple Podcasts", outside(shops.apple) or f"podcast://{bare}", "ios mac")
    return (apple, *known, *(app._replace(link=app.link.format(bare=bare, quoted=quote(feed_url, safe=""))) for app in _APPS))


class Code(NamedTuple):
    """A QR code: modules a side with its quiet border, and the path that draws the dark ones."""

    size: int
    path: str


@lru_cache(maxsize=8)
def qr_code(text: str) -> Code | None:
    """ISO/IEC 18004, level M; None for a text that is too long for one."""
    import segno
    from segno.encoder import DataOverflowError

    try:
        matrix = segno.make(text, error="m", micro=False, boost_error=False).matrix
    except DataOverflowError:
        return None
    runs = []
    for row, modules in enumerate(matrix):
        start = None
        for column, dark in enumerate((*modules, 0)):
            if dark and start is None:
                start = column
            elif not dark and start is not None:
                runs.append(f"M{start + _BORDER} {row + _BORDER}h{column - start}v1h-{column - start}z")
                start = None
    return Code(len(matrix) + 2 * _BORDER, "".join(runs))
