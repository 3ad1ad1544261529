"""Looks at HTML with two parsers that the code under test does not clean with, and says what should not be there."""
# ruff: noqa: SIM905  words in lines read better than in a column

from __future__ import annotations

import re
from html.parser import HTMLParser

PAGE_TAGS = set(
    "a abbr b blockquote br caption cite code dd del details div dl dt em figcaption figure h1 h2 h3 h4 h5 h6 hr i img ins kbd li mark ol "
    "p pre q s samp section small strong sub summary sup table tbody td tfoot th thead time tr u ul var".split()
)
PAGE_ATTRIBUTES = {
    "a": {"href", "id", "class", "role", "rel"},
    "abbr": {"title"},
    "code": {"class"},
    "img": {"src", "alt", "width", "height", "loading", "decoding"},
    "li": {"id"},
    "ol": {"start"},
    "section": {"class"},
    "sup": {"class"},
    "td": {"class"},
    "th": {"class"},
    "time": {"datetime"},
}
APPS_TAGS = set("p br a ul ol li strong em b i h1 h2".split())
UNFIT = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")


class _Elements(HTMLParser):
    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.found = []
        self.others = []

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, attrs))

    def handle_comment(self, data):
        self.others.append(data)

    handle_decl = handle_pi = unknown_decl = handle_comment


def _by_python(html):
    parser = _Elements()
    parser.feed(html)
    parser.close()
    return parser.found, parser.others


def _by_libxml(html):
    from lxml import html as lxml_html

    if not html.strip():
        return []
    root = lxml_html.fragment_fromstring(html, create_parent="div")
    return [(element.tag, list(element.attrib.items())) for element in root.iterdescendants() if isinstance(element.tag, str)]


def faults(html, *, apps):
    """Every element, attribute or address that may not be there."""
    found = ["a character XML cannot hold"] if UNFIT.search(html) else []
    elements, others = _by_python(html)
    found += [f"a comment or declaration {other!r}" for other in others]
    if re.search(r"<a\b(?:(?!</a>).)*<a\b", html, re.DOTALL):
        found.append("a link in a link")
    for tag, attributes in elements + _by_libxml(html):
        if tag not in (APPS_TAGS if apps else PAGE_TAGS):
            found.append(f"<{tag}>")
        for name, value in attributes:
            if name not in ({"href"} if apps and tag == "a" else set() if apps else PAGE_ATTRIBUTES.get(tag, set())):
                found.append(f"<{tag} {name}>")
            if name in ("href", "src") and not re.match(
                r"https://[^\s/]" if apps else r"https?://[^\s/]|mailto:|#", value or "", re.IGNORECASE
            ):
                found.append(f"<{tag} {name}={value!r}>")
    return found
