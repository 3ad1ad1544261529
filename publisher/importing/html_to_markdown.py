"""Notes of other hosts, HTML as it comes, as the Markdown our notes are written in. What Markdown has no word for becomes its text."""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import unescape
from typing import TYPE_CHECKING
from urllib.parse import urljoin

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from lxml import html as lxml_html

    from publisher.importing.episode_pages import EpisodePage

LONGEST = 100_000
"""Characters of one episode's notes; the rest is cut."""
_MARK = re.compile(r"([\\`*_\[\]<>])")
_START = re.compile(r"^(\s*)(#{1,6}(?=\s)|[-+](?=\s)|={3,}|~{3,}|\+{3}|-{3})", re.MULTILINE)
_NUMBER = re.compile(r"^(\s*\d{1,9})([.)])(?=\s)", re.MULTILINE)
_BARE = re.compile(r"https?://[^\s<>\"]*[^\s<>\".,;:!?)\]']")
_PICTURE = re.compile(r"!\[(?:\\.|[^\]\\])*\]\(<([^<>]+)>\)")


@dataclass(frozen=True, slots=True, kw_only=True)
class NotesSurroundings:
    """Where notes stood: `base` is the address of their page, `ours` gives the page here of an address that is an episode's."""

    base: str = ""
    ours: Callable[[str], EpisodePage | None] = lambda _address: None


def as_markdown(written: str, around: NotesSurroundings = NotesSurroundings()) -> str:
    """HTML or plain text as Markdown; never raises. Scripts and styles are dropped with what is in them, and so are pictures that
    `dropped_pictures` names; relative addresses become whole ones, and links to an episode lead to its page here.
    """
    import nh3
    from lxml import html

    written = _readable(written)
    if not re.search(r"<[a-zA-Z/!]", written):
        lines = "".join(_escaped(piece) if page is None else _to_page(page) for piece, page in _pieces(unescape(written), around))
        return _tidy(re.sub(r"(?<=\S)[ \t]*\n(?=[^\n])", "  \n", lines))
    allowed = {"a": {"href"}, "img": {"src", "alt", "width", "height"}}
    clean = nh3.clean(written, tags=TAGS, attributes=allowed, link_rel=None, url_schemes={"http", "https", "mailto"})
    root = html.fragment_fromstring(clean, create_parent="div")
    _adapt(root, around)
    return _tidy(_inside(root, 0))


def _readable(written: str) -> str:
    return "".join(character for character in written[:LONGEST] if character >= " " or character in "\n\t").replace("\x7f", "")


def picture_addresses(markdown: str) -> list[str]:
    """The addresses of pictures in Markdown that `as_markdown` wrote, each once, in their order."""
    return list(dict.fromkeys(match[1] for match in _PICTURE.finditer(markdown)))


def dropped_pictures(written: str) -> Iterator[str]:
    """What notes hold for pictures and `as_markdown` leaves out: those written into the notes themselves, and those that count readers."""
    from lxml import html

    if "<img" not in written.lower():
        return
    for image in html.fragment_fromstring(_readable(written), create_parent="div").iter("img"):
        source = (image.get("src") or "").strip()
        if source.startswith("data:"):
            yield f"a picture that is written into the notes themselves ({source[:24]}…)"
        elif source and _counts(image):
            yield f"a picture of one pixel, which counts readers: {source[:300]}"


def _counts(image: lxml_html.HtmlElement) -> bool:
    return any((image.get(side) or "").strip().removesuffix("px") in {"0", "1", "2"} for side in ("width", "height"))


def _adapt(root: lxml_html.HtmlElement, around: NotesSurroundings) -> None:
    """Whole addresses in place of relative ones, and pages of ours in place of the old host's."""
    for element in list(root.iter("a", "img")):
        name = "href" if element.tag == "a" else "src"
        written = (element.get(name) or "").strip()
        if not written or written.startswith("#") or (element.tag == "img" and _counts(element)):
            element.attrib.pop(name, None)
            continue
        address = _joined(around.base, written)
        page = around.ours(address) if element.tag == "a" else None
        if page is not None and element.text_content().strip() == written:
            for child in list(element):
                element.remove(child)
            element.text = page.title
        element.set(name, page.link if page is not None else address)
    for text in root.xpath(".//text()[contains(., '://')][not(ancestor::a or ancestor::code or ancestor::pre)]"):
        _link_pages(text.getparent(), _pieces(str(text), around), tail=text.is_tail)


def _joined(base: str, address: str) -> str:
    try:
        return urljoin(base, address)
    except ValueError:
        return address


def _pieces(text: str, around: NotesSurroundings) -> list[tuple[str, EpisodePage | None]]:
    """A text cut into addresses of episodes, each with its page, and what is between them."""
    found: list[tuple[str, EpisodePage | None]] = []
    end = 0
    for match in _BARE.finditer(text):
        page = around.ours(match[0])
        if page is not None:
            found += [(text[end : match.start()], None), (match[0], page)]
            end = match.end()
    return [*found, (text[end:], None)]


def _link_pages(parent: lxml_html.HtmlElement, pieces: list[tuple[str, EpisodePage | None]], *, tail: bool) -> None:
    """Put links into a text of a tree, in place of bare addresses."""
    if len(pieces) == 1:
        return
    place, above = (parent.getparent().index(parent) + 1, parent.getparent()) if tail else (0, parent)
    if tail:
        parent.tail = pieces[0][0]
    else:
        parent.text = pieces[0][0]
    for (_, page), (after, _) in zip(pieces[1::2], pieces[2::2], strict=True):
        link = above.makeelement("a", {"href": page.link if page is not None else ""})
        link.text, link.tail = page.title if page is not None else "", after
        above.insert(place, link)
        place += 1


def _to_page(page: EpisodePage) -> str:
    return f"[{_escaped(page.title)}](<{page.link}>)"


def as_text(written: str) -> str:
    """HTML or plain text as one line of plain text."""
    import nh3

    return " ".join(unescape(nh3.clean(written[:LONGEST], tags=set())).split())


def as_lines(written: str) -> str:
    """HTML or plain text as plain text with its paragraphs, at most one blank line between them."""
    import nh3

    text = written[:LONGEST]
    if re.search(r"<[a-zA-Z/!]", text):
        text = re.sub(r"<br\b[^<>]*>", "\n", " ".join(text.split()), flags=re.IGNORECASE)
        text = re.sub(r"</?(?:p|div|ul|ol|h[1-6]|blockquote|pre|table)\b[^<>]*>|<hr\b[^<>]*>", "\n\n", text, flags=re.IGNORECASE)
        text = re.sub(r"<(?:li|tr)\b[^<>]*>", "\n", text, flags=re.IGNORECASE)
    lines = [" ".join(line.split()) for line in unescape(nh3.clean(text, tags=set())).split("\n")]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def _inside(element: lxml_html.HtmlElement, depth: int) -> str:
    """The Markdown of what is in an element."""
    if depth > 60:  # nobody nests that deep but to break readers
        return _escaped(element.text_content())
    parts = [_escaped(element.text or "")]
    for child in element:
        if isinstance(child.tag, str):
            written = _WRITERS.get(child.tag, _paragraph)(child, depth + 1)
            if written.startswith("[") and parts[-1].endswith("!"):
                parts[-1] = f"{parts[-1][:-1]}\\!"  # else the link would be a picture
            parts.append(written)
        parts.append(_escaped(child.tail or ""))
    return "".join(parts)


def _listed(element: lxml_html.HtmlElement, depth: int) -> str:
    rows = [child for child in element if child.tag == "li"]
    lines = [_item(f"{number}." if element.tag == "ol" else "-", _inside(row, depth)) for number, row in enumerate(rows, 1)]
    return "\n\n" + "\n".join(lines) + "\n\n"


def _emphasis(element: lxml_html.HtmlElement, depth: int) -> str:
    inner = _inside(element, depth)
    mark = "**" if element.tag in ("strong", "b") else "*"
    words = inner.strip()
    return f"{_blank(inner, 0)}{mark}{words}{mark}{_blank(inner, -1)}" if words and "\n\n" not in words else inner


def _link(element: lxml_html.HtmlElement, depth: int) -> str:
    inner = _inside(element, depth)
    href = re.sub(r"[\s<>]", "", element.get("href") or "")
    words = " ".join(inner.split())
    if not href or not words:
        return inner
    return f"<{href}>" if element.text_content().strip() == href else f"[{words}](<{href}>)"


def _image(element: lxml_html.HtmlElement, _depth: int) -> str:
    alt = _escaped(" ".join((element.get("alt") or "").split()))
    source = re.sub(r"[\s<>]", "", element.get("src") or "")
    return f"![{alt}](<{source}>)" if "://" in source else ""


def _heading(element: lxml_html.HtmlElement, depth: int) -> str:
    words = " ".join(_inside(element, depth).split())
    return f"\n\n{'#' * max(2, int(element.tag[1:]))} {words}\n\n" if words else ""


def _quote(element: lxml_html.HtmlElement, depth: int) -> str:
    return "\n\n" + "\n".join(f"> {line}".rstrip() for line in _tidy(_inside(element, depth)).split("\n")) + "\n\n"


def _paragraph(element: lxml_html.HtmlElement, depth: int) -> str:
    return f"\n\n{_inside(element, depth)}\n\n"


_WRITERS: dict[str, Callable[[lxml_html.HtmlElement, int], str]] = {
    "br": lambda _element, _depth: "  \n",
    "hr": lambda _element, _depth: "\n\n***\n\n",
    "code": lambda element, _depth: _code(element.text_content(), block=False),
    "pre": lambda element, _depth: _code(element.text_content(), block=True),
    **dict.fromkeys(("ul", "ol"), _listed),
    **dict.fromkeys(("strong", "b", "em", "i"), _emphasis),
    "a": _link,
    "img": _image,
    **dict.fromkeys(("h1", "h2", "h3", "h4", "h5", "h6"), _heading),
    "blockquote": _quote,
}
"""How each element is written; any other is a paragraph."""
TAGS = {"p", "div", "li", *_WRITERS}


def _item(mark: str, inner: str) -> str:
    return f"{mark} " + _tidy(inner).replace("\n", "\n" + " " * (len(mark) + 1)).replace("\n" + " " * (len(mark) + 1) + "\n", "\n\n")


def _code(text: str, *, block: bool) -> str:
    longest = max((len(run) for run in re.findall(r"`+", text)), default=0)
    if block:
        fence = "`" * max(3, longest + 1)
        return f"\n\n{fence}\n{text.strip(chr(10))}\n{fence}\n\n"
    mark = "`" * (longest + 1)
    words = " ".join(text.split())
    return f"{mark} {words} {mark}" if "`" in words else f"{mark}{words}{mark}" if words else ""


def _blank(text: str, end: int) -> str:
    return " " if text and text[end].isspace() else ""


def _escaped(text: str) -> str:
    return _NUMBER.sub(r"\1\\\2", _START.sub(r"\1\\\2", re.sub(r"[ \t]+", " ", _MARK.sub(r"\\\1", text))))


def _tidy(text: str) -> str:
    """Without blank lines in a row, and without blanks that mean nothing (two at a line's end are a break)."""
    lines = [re.sub(r"(?<=\S) {2,}$", "  ", line) if line.strip() else "" for line in text.split("\n")]
    lines = [line.rstrip() if not following.strip() else line for line, following in zip(lines, [*lines[1:], ""], strict=True)]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()
