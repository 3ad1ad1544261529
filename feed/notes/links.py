"""The links of notes, made absolute; what is not http, https or mailto is dropped."""

from urllib.parse import urljoin, urlsplit

from feed.text_cleaning import xml_safe

_SCHEMES = frozenset({"http", "https", "mailto"})


def absolute(address: str, base_url: str) -> str:
    """`address` as seen from the page at `base_url`; "" when it leads nowhere a browser should go."""
    address = "".join(xml_safe(address).split())
    if not address:
        return ""
    try:
        joined = urljoin(base_url, address)
        parts = urlsplit(joined)
    except ValueError:
        return ""
    if parts.scheme.lower() not in _SCHEMES or (parts.scheme.lower() != "mailto" and not parts.netloc):
        return ""
    return joined


def is_external(address: str, base_url: str) -> bool:
    """Whether an absolute address leads to another host."""
    return urlsplit(address).netloc.lower() != urlsplit(base_url).netloc.lower() and not address.startswith("mailto:")


def is_web(address: str) -> bool:
    """Whether an absolute address is a page that apps open: https or, on old sites, http."""
    return address.lower().startswith(("https://", "http://"))
