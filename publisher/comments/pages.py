"""The pages that the service answers with, in the looks of the show: asked once more, refused, thanked, and those of moderators."""

from __future__ import annotations

import base64
import hashlib
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING

from publisher.core.addresses import outside
from publisher.core.errors import AirdateError
from publisher.load.show_reader import load_looks
from publisher.media.colors import ACCENT
from publisher.site.parts.page_values import SiteSettings
from publisher.site.parts.theme import Theme
from publisher.site.parts.words import words_for

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from publisher.core.show_files import SourceFile
    from publisher.load.config_tables import Config
    from publisher.workspace import Workspace

_KEPT = ("episode", "guid", "page", "language", "reply_to", "at", "nonce", "website")
"""Fields of a form that its reader does not see."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HtmlPage:
    """A page, and what is told with it: it loads nothing, runs nothing, stands in no frame and is kept nowhere."""

    body: bytes
    headers: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownComment:
    """A comment as a page shows it, as text; `episode` is the title of what it is about ("" where that is plain), `page` its address."""

    name: str
    text: str
    at: int | None = None
    episode: str = ""
    page: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Button:
    """A form of one button; `to` is where it posts, this page when absent."""

    label: str
    to: str = ""


class ServicePages:
    """Those of one show; `accent` is its colour, `own` are the files of its theme."""

    def __init__(self, config: Config, accent: str = "", own: Mapping[str, SourceFile] | None = None) -> None:
        site = config.site
        self.language = config.show.language
        self._title = config.show.title
        self._home = outside(site.home or "") or outside(site.url)
        self._settings = SiteSettings(url=site.url, accent=accent or site.accent or ACCENT, subscribe=site.subscribe)
        self._theme = Theme(self._settings, own)
        self._guard = threading.Lock()

    def confirm(self, language: str, fields: Mapping[str, str], back: str) -> HtmlPage:
        """Asks once more for what came without a nonce: `fields` have one now."""
        words, at = words_for(language), fields.get("at", "")
        comment = ShownComment(
            name=fields.get("name", ""), text=fields.get("text", ""), at=int(float(at)) if at else None, page=outside(back)
        )
        hidden = tuple(fields.items())
        return self._page(
            language, words("comment_confirm"), comment=comment, hidden=hidden, buttons=(Button(label=words("comment_send")),), back=back
        )

    def refused(self, language: str, sentence: str, fields: Mapping[str, str], back: str, *, again: bool) -> HtmlPage:
        """Says why nothing was stored; what was written stays in the form where it can be sent `again`, else it is shown."""
        words, text = words_for(language), fields.get("text", "")
        if again:
            hidden = tuple((name, fields[name]) for name in _KEPT if fields.get(name))
            return self._page(language, words("comment_new"), (sentence,), editable=fields, hidden=hidden, back=back)
        comment = ShownComment(name=fields.get("name", ""), text=text) if text else None
        return self._page(language, sentence, comment=comment, back=back)

    def taken(self, language: str, state: str, back: str) -> HtmlPage:
        """Thanks for what is stored."""
        words = words_for(language)
        return self._page(language, words("comment_published" if state == "approved" else "comment_sent"), back=back)

    def moderation(
        self,
        heading: str,
        comment: ShownComment | None = None,
        *,
        sentences: Sequence[str] = (),
        buttons: Sequence[Button] = (),
        seen: str = "",
    ) -> HtmlPage:
        """What a moderator sees behind a link, in the show's language; the first of the buttons is the one that the link is about."""
        return self._page(self.language, heading, sentences, comment=comment, buttons=buttons, hidden=(("seen", seen),))

    def _page(
        self,
        language: str,
        heading: str,
        sentences: Sequence[str] = (),
        *,
        comment: ShownComment | None = None,
        editable: Mapping[str, str] | None = None,
        hidden: Sequence[tuple[str, str]] = (),
        buttons: Sequence[Button] = (),
        back: str = "",
    ) -> HtmlPage:
        values = {
            "heading": heading,
            "sentences": sentences,
            "comment": comment,
            "hidden": hidden,
            "buttons": buttons,
            "back": outside(back),
            "editable": editable and {name: editable.get(name, "") for name in ("name", "text", "consent")},
            "words": words_for(language),
            "show": self._title,
            "home": self._home,
        }
        with self._guard:
            try:
                body = self._theme.render("service.html", style=self._theme.style, **values)
            except AirdateError:  # a template of the show's: `publish check` says what is wrong with it
                self._theme = Theme(self._settings)
                body = self._theme.render("service.html", style=self._theme.style, **values)
            known = base64.b64encode(hashlib.sha256(self._theme.style.encode()).digest()).decode()
        policy = f"default-src 'none'; style-src 'sha256-{known}'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
        return HtmlPage(
            body=body,
            headers={
                "Content-Security-Policy": policy,
                "Cache-Control": "no-store",
                "X-Content-Type-Options": "nosniff",
                "X-Robots-Tag": "noindex",
            },
        )


def pages_of(workspace: Workspace) -> ServicePages:
    """The pages in the looks of the show that lies there; what of its theme cannot be used is left out."""
    looks = load_looks(workspace.file)
    accent = workspace.config.site.accent or (workspace.accent_of(looks.artwork) if looks.artwork is not None else "")
    return ServicePages(workspace.config, accent, looks.theme)
