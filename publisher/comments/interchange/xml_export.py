"""XML exports read element by element, so that a large one needs no more memory than its largest post."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from feed.findings import ContentFault

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from lxml import etree

_AT_ONCE = 1 << 16
_CONTROLS = bytes({*range(0x20)} - {0x09, 0x0A, 0x0D})
"""What no XML may hold, and some exports do."""


def each_element(path: Path, take: Callable[[etree._Element, str], bool]) -> None:
    """Give `take` every element when it ends, with its name without namespace; where it says True, the element is done with and let go.

    Control characters, which some exports hold, are passed over. Raises ContentFault `import-comments`.
    """
    from lxml import etree

    parser = etree.XMLPullParser(
        events=("end",), resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True, remove_pis=True, huge_tree=False
    )
    try:
        with path.open("rb") as stream:
            while chunk := stream.read(_AT_ONCE):
                parser.feed(chunk.translate(None, _CONTROLS))
                _pass_on(parser, take)
        parser.close()
        _pass_on(parser, take)
    except etree.XMLSyntaxError as fault:
        words = f"the export cannot be read: {fault.msg}"
        raise ContentFault(words, code="import-comments", line=fault.lineno or 0, hint="is it whole?") from fault


def _pass_on(parser: etree.XMLPullParser, take: Callable[[etree._Element, str], bool]) -> None:
    for _, found in parser.read_events():
        element: Any = found  # an element, with this event
        if isinstance(element.tag, str) and take(element, local_name(element)):
            element.clear()


def local_name(element: etree._Element) -> str:
    """The name of an element, whatever its namespace: exports of different years differ in theirs."""
    return str(element.tag).rpartition("}")[2]


def child(element: etree._Element, name: str) -> etree._Element | None:
    """The first child of this name, whatever its namespace."""
    return next((one for one in element if isinstance(one.tag, str) and local_name(one) == name), None)


def text(element: etree._Element, *names: str) -> str:
    """The text below a way of names, without blanks around it; "" where the way leads nowhere."""
    found: etree._Element | None = element
    for name in names:
        found = child(found, name) if found is not None else None
    return "".join(map(str, found.itertext())).strip() if found is not None else ""
