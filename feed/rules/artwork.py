"""Rules about pictures: what was measured, held against what directories take."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from feed.findings import ERROR, HINT, WARNING, Severity
from feed.rules.addresses import extension
from feed.rules.rulebook import Rulebook, Violation

if TYPE_CHECKING:
    from collections.abc import Iterator

    from feed.model import ImageFacts
    from feed.rules.feed_context import FeedContext

ARTWORK: Rulebook[ImageContext] = Rulebook(heading="Artwork")
PICTURES: Rulebook[FeedContext] = Rulebook(heading="Further pictures")

_EXTENSIONS = {"image/jpeg": {"jpg", "jpeg"}, "image/png": {"png"}}


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageContext:
    """Artwork to be checked: the show's (`item` None) or an episode's. `name` is its file name or address."""

    facts: ImageFacts
    name: str = ""
    item: str | None = None


def _violation(image: ImageContext, message: str, hint: str = "", *, severity: Severity | None = None) -> Violation:
    return Violation("show.artwork" if image.item is None else "artwork", message, hint, item=image.item, severity=severity)


@ARTWORK.rule("A001", ERROR, "artwork is JPEG or PNG, and named so", source="Apple, PSP-1")
def kind(image: ImageContext) -> Iterator[Violation]:
    """Apple compares the extension with the content."""
    fitting = _EXTENSIONS.get(image.facts.type)
    if fitting is None:
        yield _violation(image, f"the artwork is {image.facts.type}", "save it as JPEG or PNG")
    elif image.name and extension(image.name) not in fitting:
        yield _violation(
            image, f"the artwork is {image.facts.type}, its name ends in .{extension(image.name)[:10]}", f"call it .{min(fitting)}"
        )


@ARTWORK.rule("A002", ERROR, "artwork is square", source="Apple")
def square(image: ImageContext) -> Iterator[Violation]:
    """Apps crop or refuse anything else."""
    if image.facts.width != image.facts.height:
        yield _violation(image, f"the artwork is {image.facts.width} x {image.facts.height} pixels", "make it square")


@ARTWORK.rule("A003", ERROR, "artwork has 1400 to 3000 pixels a side, best 3000", source="Apple")
def size(image: ImageContext) -> Iterator[Violation]:
    """Smaller or larger artwork is refused; below 3000 it looks soft on large screens."""
    smallest, largest = sorted((image.facts.width, image.facts.height))
    if smallest < 1400 or largest > 3000:
        yield _violation(image, f"the artwork is {image.facts.width} x {image.facts.height} pixels", "1400 to 3000 a side")
    elif smallest < 3000:
        yield _violation(image, f"the artwork is {image.facts.width} x {image.facts.height} pixels; 3000 are best", severity=WARNING)


@ARTWORK.rule("A004", ERROR, "artwork is RGB without transparency", source="Apple")
def mode(image: ImageContext) -> Iterator[Violation]:
    """Grey, palette and print colours, and alpha channels, are refused."""
    if image.facts.mode != "RGB":
        what = {"RGBA": "transparent", "LA": "transparent", "L": "grey", "P": "in palette colours", "CMYK": "in print colours (CMYK)"}
        yield _violation(
            image, f"the artwork is {what.get(image.facts.mode, f'of mode {image.facts.mode}')}", "save it as RGB without transparency"
        )


@ARTWORK.rule("A005", WARNING, "artwork is smaller than 500 kB", source="PRX, NPR One")
def weight(image: ImageContext) -> Iterator[Violation]:
    """Every app loads it in every list."""
    if image.facts.size > 500_000:
        yield _violation(image, f"the artwork has {image.facts.size:,} bytes", "save it as JPEG of quality 85")


@ARTWORK.rule("A006", HINT, "artwork says 72 dpi", source="Apple")
def dpi(image: ImageContext) -> Iterator[Violation]:
    """Only a number in the file; screens ignore it."""
    if image.facts.dpi != 72:
        yield _violation(image, f"the artwork says {image.facts.dpi} dpi, Apple asks for 72")


@ARTWORK.rule("A009", WARNING, "artwork is in sRGB", source="PSP-1")
def colours(image: ImageContext) -> Iterator[Violation]:
    """With another colour profile the same picture looks different from app to app."""
    if not image.facts.srgb:
        yield _violation(image, "the artwork has a colour profile other than sRGB", "convert it to sRGB")


@PICTURES.rule("A008", WARNING, "further pictures say what they show and are as wide as they say", source="podcast namespace")
def pictures(feed: FeedContext) -> Iterator[Violation]:
    """`<podcast:image>` is read aloud by its alt, and laid out by its aspect-ratio before it has loaded."""
    for parent, guid, prefix in feed.parents():
        field = f"{prefix}.images"
        for node in parent.named.get("podcast:image", ()):
            if not node.get("alt"):
                own = "episode.cover_alt" if guid else "show.artwork_alt"
                where = own if node.get("purpose") == "artwork" else field
                hint = f"say what it shows: {where.rpartition('.')[2] if where == own else 'alt'} = …"
                yield Violation(where, "a podcast:image has no alt", hint, item=guid, line=node.line)
            facts = feed.pictures.get(node.get("href"))
            width, height = (facts.width, facts.height) if facts else (_pixels(node.get("width")), _pixels(node.get("height")))
            across, _, down = node.get("aspect-ratio").partition("/")
            if width and height and _pixels(across) and _pixels(down):
                wanted, actual = _pixels(across) / _pixels(down), width / height
                if abs(wanted - actual) > 0.02 * wanted:
                    message = f"a podcast:image says {node.get('aspect-ratio')}, but has {width} x {height} pixels"
                    yield Violation(field, message, item=guid, line=node.line)


def _pixels(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 7 else 0
