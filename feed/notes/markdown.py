"""Markdown to a cleaned tree of HTML: harmless elements, attributes and addresses only."""

from __future__ import annotations

import re
from collections import Counter
from functools import lru_cache
from typing import TYPE_CHECKING
from urllib.parse import unquote

from feed.notes.html_tree import Child, read_html, walk
from feed.notes.limits import ADDRESS_CHARACTERS, HTML_CHARACTERS, LINKS, RAW_TAGS, check_limits, check_paragraph, too_complex
from feed.notes.raw_html import SILENT, TAGS, show_what_is_no_markup
from feed.notes.times_in_text import TIME_AT_START
from feed.text_cleaning import xml_safe

if TYPE_CHECKING:
    from collections.abc import Iterator

    import nh3
    from markdown_it import MarkdownIt
    from markdown_it.rules_core import StateCore
    from markdown_it.token import Token

ATTRIBUTES = {
    "a": {"href", "id"},
    "abbr": {"title"},
    "code": {"class"},
    "img": {"src", "alt"},
    "li": {"id"},
    "ol": {"start"},
    "section": {"class"},
    "sup": {"class"},
    "td": {"class"},
    "th": {"class"},
    "time": {"datetime"},
}
SCHEMES = frozenset({"http", "https", "mailto"})
# A formatting element left open is opened again in every later block, but at most three of a kind without attributes.
# What stands after the name is therefore moved into an element that holds nothing and is dropped.
_FORMATTING = re.compile(r"<(b|big|code|em|font|i|nobr|s|small|strike|strong|tt|u)[\s/]", re.IGNORECASE)
_TASK = re.compile(r"\[([ xX])\][ \t]+")


def parse_notes(markdown: str) -> list[Child]:
    """The notes as a cleaned tree of TAGS and ATTRIBUTES only.

    Raises ContentFault (see `check_limits`) when they are too large or too complex.
    """
    markdown = xml_safe(markdown)
    check_limits(markdown)
    parser = _parser()
    tokens = parser.parse(markdown)
    html = _cleaner().clean(parser.renderer.render(tokens, parser.options, {}))
    if len(html) > HTML_CHARACTERS:
        raise too_complex(f"the notes become more than {HTML_CHARACTERS:,} characters of HTML")
    return read_html(html)


def images(markdown: str) -> Iterator[tuple[int, str, str]]:
    """Each picture the notes show: line, name as it lies in the folder, text for those who cannot see it."""
    markdown = xml_safe(markdown)
    check_limits(markdown)
    if "![" not in markdown and "<" not in markdown:
        return
    for token in _parser().parse(markdown):
        line = token.map[0] + 1 if token.map else 0
        for inline in token.children or (token,):
            if inline.type in ("softbreak", "hardbreak"):
                line += 1
            elif inline.type == "image":
                yield line, image_name(str(inline.attrs["src"])), inline.content
            elif inline.type in ("html_inline", "html_block"):
                for node in walk(read_html(_cleaner().clean(inline.content))):
                    if node.tag == "img":
                        yield line, image_name(node.attributes.get("src", "")), node.attributes.get("alt", "")


def code(markdown: str) -> list[tuple[int, str]]:
    """Embedded code that is shown as text: line, element."""
    markdown = xml_safe(markdown)
    check_limits(markdown)
    env: dict[str, list[tuple[int, str]]] = {}
    if "<" in markdown:
        _parser().parse(markdown, env)
    return list(dict.fromkeys(env.get("code", [])))


def image_name(source: str) -> str:
    """The name of an image as it lies in the episode's folder: `my%20picture.png` is `my picture.png`."""
    return unquote(source).removeprefix("./")


@lru_cache(maxsize=1)
def _parser() -> MarkdownIt:
    from markdown_it import MarkdownIt
    from mdit_py_plugins.footnote import footnote_plugin

    parser = MarkdownIt("commonmark", {"html": True, "linkify": True, "typographer": False, "maxNesting": 20})
    parser.enable(["table", "strikethrough", "linkify"])
    parser.use(footnote_plugin, inline=False)
    if parser.linkify is not None:
        parser.linkify.set({"fuzzy_link": False, "fuzzy_email": False, "fuzzy_ip": False})
        parser.linkify.pretest = _may_hold_address
    parser.core.ruler.after("block", "bounds", _bounds)
    show_what_is_no_markup(parser)
    parser.core.ruler.push("adapt", _adapt)
    return parser


def _may_hold_address(text: str) -> bool:
    """Whether it is worth looking for addresses: each of their schemes needs two strokes, but for `mailto:`."""
    return "//" in text or "mailto:" in text.lower()


@lru_cache(maxsize=1)
def _cleaner() -> nh3.Cleaner:
    import nh3

    return nh3.Cleaner(
        tags=set(TAGS),
        attributes={tag: set(names) for tag, names in ATTRIBUTES.items()},
        clean_content_tags=set(SILENT),
        url_schemes=set(SCHEMES),
        link_rel=None,
    )


def _bounds(state: StateCore) -> None:
    """Before the inline markup is parsed: refuse what would take long."""
    raw = 0
    for token in state.tokens:
        if token.type == "inline":
            check_paragraph(token.content, _line(token))
        elif token.type == "html_block":
            raw += token.content.count("<")
            if raw > RAW_TAGS:
                raise too_complex(f"the notes hold more than {RAW_TAGS:,} HTML tags", _line(token))


def _adapt(state: StateCore) -> None:
    """After parsing: classes instead of styles, boxes as characters, lists of times on lines of their own."""
    counts: Counter[str] = Counter()
    before = ""
    for token in state.tokens:
        if token.type in ("th_open", "td_open"):
            style = str(token.attrs.pop("style", ""))
            if style:
                token.attrs["class"] = style.replace("text-align:", "align-")
        elif token.type == "html_block":
            token.content = _FORMATTING.sub(r"<\1><wbr ", token.content)
        elif token.type == "inline" and token.children:
            if before == "list_item_open paragraph_open":
                _tick_box(token.children[0])
            _adapt_inline(token.children, counts)
            if counts["link_open"] + counts["image"] > LINKS:
                raise too_complex(f"the notes hold more than {LINKS:,} links", _line(token))
            if counts["html_inline"] > RAW_TAGS:
                raise too_complex(f"the notes hold more than {RAW_TAGS:,} HTML tags", _line(token))
        before = f"{before.rpartition(' ')[2]} {token.type}"


def _adapt_inline(children: list[Token], counts: Counter[str]) -> None:
    """The same within a paragraph; `counts` adds up the kinds of token in all of them."""
    for number, child in enumerate(children):
        counts[child.type] += 1
        if child.type in ("link_open", "image"):
            _shorten_link(child)
        elif child.type == "html_inline":
            child.content = _FORMATTING.sub(r"<\1><wbr ", child.content)
        elif child.type == "softbreak" and _starts_with_time(children, number + 1):
            child.type, child.tag = "hardbreak", "br"


def _tick_box(first: Token) -> None:
    task = _TASK.match(first.content) if first.type == "text" else None
    if task:
        first.content = ("☐ " if task[1] == " " else "☑ ") + first.content[task.end() :]


def _shorten_link(token: Token) -> None:
    token.attrs.pop("title", None)
    for name in ("href", "src"):
        # A reference definition is written once and used often: long addresses would multiply.
        if len(str(token.attrs.get(name, ""))) > ADDRESS_CHARACTERS:
            token.attrs[name] = ""


def _starts_with_time(children: list[Token], start: int) -> bool:
    text = next((child.content for child in children[start : start + 3] if child.content), "")
    return TIME_AT_START.match(text) is not None


def _line(token: Token) -> int:
    return token.map[0] + 1 if token.map else 0
