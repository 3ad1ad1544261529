"""HTML as it is found in feeds: which tags, which links, what a reader sees. Linear scans, nothing is built."""

import html
import re

_TAG = re.compile(r"<(/?)([A-Za-z][A-Za-z0-9:-]{0,30})(?:\s[^<>]*|/)?>")
_LINK = re.compile(r"""<[A-Za-z][^<>]*?\s(?:href|src)\s{0,9}=\s{0,9}(?:"([^"<>]*)"|'([^'<>]*)'|([^\s"'<>]+))""", re.IGNORECASE)
_COMMENT = re.compile(r"<!--[^<>]*-->")
_BLANKS = re.compile(r"\s+")

APPS_KEEP = frozenset({"p", "ol", "ul", "li", "a", "br", "b", "i", "strong", "em", "h1", "h2"})
"""What Apple, PSP-1 and Spotify keep between them."""
DANGEROUS = frozenset({"script", "style", "iframe", "form", "object", "embed", "input", "link", "meta", "base"})


def tag_names(text: str) -> list[str]:
    """The names of the tags that open in `text`, lower case, each once, in order."""
    if "<" not in text:
        return []
    return list(dict.fromkeys(name.lower() for closing, name in _TAG.findall(text) if not closing))


def links(text: str) -> list[str]:
    """Every href and src, entities resolved."""
    if "<" not in text:
        return []
    return [html.unescape(double or single or bare).strip() for double, single, bare in _LINK.findall(text)]


def visible_text(text: str) -> str:
    """What a reader sees: no tags, entities resolved, blanks joined."""
    if "<" in text:
        text = _TAG.sub(" ", _COMMENT.sub(" ", text))
    return _BLANKS.sub(" ", html.unescape(text)).strip()
