"""HTML in notes: what is markup stays; what only looks like it, or what pages and apps do not show, is text and not lost.

A cleaner drops `<title>` with all that follows, `<bob at x>` and an unclosed `<!--` without a word. GitHub Flavored Markdown shows
such elements as text (section 6.11, Disallowed Raw HTML); so do we, and for any element that HTML does not know.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from markdown_it import MarkdownIt
    from markdown_it.rules_block import StateBlock
    from markdown_it.rules_core import StateCore
    from markdown_it.token import Token


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


TAGS = _names(
    "a abbr b blockquote br caption cite code dd del details div dl dt em figcaption figure h1 h2 h3 h4 h5 h6 hr i img ins "
    "kbd li mark ol p pre q s samp section small strong sub summary sup table tbody td tfoot th thead time tr u ul var"
)
"""Elements that pages show."""
SILENT = _names(
    "applet audio canvas datalist embed frame frameset head iframe math noembed noframes noscript object option plaintext "
    "script select style svg template textarea title video xmp"
)
"""Elements that a browser does not show as text, and no page of ours as what they are."""
_WORDS_STAY = _names(
    "acronym address article aside bdi bdo big blink body button center col colgroup data dfn dialog dir fieldset font footer form "
    "header hgroup html label legend main map marquee menu meter nav nobr output picture progress rb rp rt rtc ruby search span "
    "strike tt wbr"
)
_BLOCKS = _names(
    "address article aside blockquote body br caption center col colgroup dd details dialog dir div dl dt fieldset figcaption figure "
    "footer form h1 h2 h3 h4 h5 h6 header hgroup hr html img li main menu nav ol p pre search section summary table tbody td tfoot th "
    "thead tr ul wbr"
)
"""Elements that HTML lets stand without an end, or that change no words when they do."""

_KNOWN = TAGS | _WORDS_STAY
_VALUE = r"""(?:[^"'=<>`\s]{1,2000}|'[^']{0,2000}'|"[^"]{0,2000}")"""
_TAG = re.compile(rf"<(?P<end>/)?(?P<name>[A-Za-z][A-Za-z0-9-]*)(?P<rest>(?:\s+[A-Za-z_:][\w:.-]*(?:\s*=\s*{_VALUE})?)*)\s*/?>")
_NAME = re.compile(r"</?([A-Za-z][A-Za-z0-9-]*)")

_Tag = tuple[int, int, str, bool]
"""Start and end in its text, the name, whether it ends an element."""


def show_what_is_no_markup(parser: MarkdownIt) -> None:
    """Make a parser of Markdown do so; `env["code"]` then lists (line, name) of embedded code that became text."""
    parser.block.ruler.at("html_block", _html_block, {"alt": ["paragraph", "reference", "blockquote"]})
    parser.core.ruler.after("inline", "show_what_is_no_markup", _show)


def _html_block(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """A block of HTML begins only with what is markup; anything else begins a paragraph."""
    from markdown_it.rules_block import html_block

    line = state.src[state.bMarks[start] + state.tShift[start] : state.eMarks[start]]
    if line.startswith("<!--"):
        last: int = state.env.setdefault("last_comment_end", state.src.rfind("-->"))
        return last > state.bMarks[start] and html_block(state, start, end, silent)
    name = _NAME.match(line)
    return name is not None and name[1].lower() in _KNOWN and html_block(state, start, end, silent)


def _show(state: StateCore) -> None:
    raw = list(_raw(state.tokens))
    tags = [[*_tags(token.content)] for _, token in raw]
    paired = _paired([(name, ends) for found in tags for _, _, name, ends in found])
    number = 0
    for (line, token), found in zip(raw, tags, strict=True):
        spans: list[tuple[int, int]] = []
        for start, end, name, _ in found:
            if name in _KNOWN and (name in _BLOCKS or number in paired):
                spans.append((start, end))
            elif name in SILENT and (number in paired or " " in token.content[start:end]):
                state.env.setdefault("code", []).append((line, name))
            number += 1
        if token.type == "html_block":
            token.content = _with_text(token.content, spans)
        elif not spans and not token.content.startswith("<!--"):
            token.type = "text"


def _raw(tokens: Sequence[Token]) -> Iterator[tuple[int, Token]]:
    """Every token of raw HTML, and its line."""
    for token in tokens:
        line = token.map[0] + 1 if token.map else 0
        if token.type == "html_block":
            yield line, token
        for child in token.children or ():
            if child.type in ("softbreak", "hardbreak"):
                line += 1
            elif child.type == "html_inline":
                yield line, child
                line += child.content.count("\n")


def _tags(content: str) -> Iterator[_Tag]:
    """The tags in raw HTML, outside of comments."""
    at = 0
    while (at := content.find("<", at)) >= 0:
        end = _comment_end(content, at)
        tag = None if end else _TAG.match(content, at)
        if tag is not None:
            yield at, tag.end(), tag["name"].lower(), bool(tag["end"])
        at = end or (tag.end() if tag is not None else at + 1)


def _comment_end(content: str, start: int) -> int:
    """Where the comment that begins here ends; 0 where none does."""
    return content.find("-->", start + 4) + 3 if content.startswith("<!--", start) and content.find("-->", start + 4) > 0 else 0


def _paired(tags: Sequence[tuple[str, bool]]) -> set[int]:
    """The places of tags that begin and end an element together."""
    found: set[int] = set()
    begun: dict[str, list[int]] = {}
    for place, (name, ends) in enumerate(tags):
        if not ends:
            begun.setdefault(name, []).append(place)
        elif begun.get(name):
            found |= {begun[name].pop(), place}
    return found


def _with_text(content: str, spans: Sequence[tuple[int, int]]) -> str:
    """Raw HTML in which each `<` is text that begins neither a comment nor one of the tags at `spans`."""
    parts: list[str] = []
    ends = dict(spans)
    at = 0
    while (start := content.find("<", at)) >= 0:
        end = ends.get(start) or _comment_end(content, start)
        parts += [content[at:start], content[start:end] if end else "&lt;"]
        at = end or start + 1
    return "".join([*parts, content[at:]])
