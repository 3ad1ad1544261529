"""The little Markdown of comments: `*emphasis*`, `**strong**`, `` `code` `` and addresses, which become links; all else is text.

The script of the pages reads comments by the same rules.
"""

from __future__ import annotations

import re

from markupsafe import Markup, escape

_MARKED = re.compile(
    r"`([^`\n]+)`|\*\*([^\s*](?:[^*\n]*[^\s*])?)\*\*|\*([^\s*](?:[^*\n]*[^\s*])?)\*|([Hh][Tt][Tt][Pp][Ss]?://[A-Za-z0-9][^\s<>\"'`*]*)"
)
_AFTER = re.compile(r"[.,;:!?)\]}…»”]+\Z")
"""What stands after an address and belongs to the sentence."""
_TAGS = ("code", "strong", "em")


def comment_html(text: str) -> Markup:
    """One paragraph of a comment as HTML, with those tags and no others. Links say that readers wrote them (`ugc`) and lend no rank."""
    import nh3

    parts: list[str] = []
    last = 0
    for found in _MARKED.finditer(text):
        *marked, address = found.groups()
        address = _AFTER.sub("", address or "")
        if address and not _leads(address):
            continue
        inner = next((f"<{tag}>{escape(words)}</{tag}>" for tag, words in zip(_TAGS, marked, strict=True) if words), "")
        parts += [escape(text[last : found.start()]), inner or f'<a href="{escape(address)}">{escape(address)}</a>']
        last = found.start() + len(address) if address else found.end()
    if not parts:
        return escape(text)
    clean = nh3.clean(
        "".join([*parts, escape(text[last:])]),
        tags={*_TAGS, "a"},
        attributes={"a": {"href"}},
        url_schemes={"http", "https"},
        link_rel="nofollow ugc noopener",
    )
    return Markup(clean)  # noqa: S704  nh3 made it


def _leads(address: str) -> bool:
    """Whether browsers can follow it: by the rules of https://url.spec.whatwg.org, which nh3 knows."""
    import nh3

    return "href" in nh3.clean(f'<a href="{escape(address)}"></a>', tags={"a"}, attributes={"a": {"href"}}, url_schemes={"http", "https"})
