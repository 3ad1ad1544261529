"""Notes of other hosts, HTML as it comes, as the Markdown our notes are written in. What Markdown has no word for becomes its text."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from lxml import html as lxml_html

LONGEST = 100_000
"""Characters of one episode's notes; the rest is cut."""
_MARK = re.compile(r"([\\`*_\[\]<>])")
_START = re.compile(r"^(\s*)(#{1,6}(?=\s)|[-+](?=\s)|={3,}|~{3,}|\+{3}|-{3})", re.MULTILINE)
_NUMBER = re.compile(r"^(\s*\d{1,9})([.)])(?=\s)", re.MULTILINE)


def as_markdown(written: str) -> str:
    """HTML or plain text as Markdown; never raises. Scripts and styles are dropped with what is in them."""
    import nh3
    from lxml import html

    written = "".join(character for character in written[:LONGEST] if character >= " " or character in "\n\t").replace("\x7f", "")
    if not re.search(r"<[a-zA-Z/!]", written):
        from html import unescape

        return _tidy(re.sub(r"(?<=\S)[ \t]*\n(?=[^\n])", "  \n", _escaped(unescape(written))))
    clean = nh3.clean(written, tags=TAGS, attributes={"a": {"href"}}, link_rel=None, url_schemes={"http", "https", "mailto"})
    return _tidy(_inside(html.fragment_fromstring(clean, create_parent="div"), 0))


def as_text(written: str) -> str:
    """HTML or plain text as one line of plain text."""
    from html import unescape

    import nh3

    return " ".join(unescape(nh3.clean(written[:LONGEST], tags=set())).split())


def _inside(element: lxml_html.HtmlElement, depth: int) -> str:
    """The Markdown of what is in an element."""
    if depth > 60:  # nobody nests that deep but to break readers
        return _escaped(element.text_content())
    parts = [_escaped(element.text or "")]
    for child in element:
        if isinstance(child.tag, str):
            parts.append(_WRITERS.get(child.tag, _paragraph)(child, depth + 1))
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
