"""The pages with which the service answers a form that was sent without a script."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any, Literal

from publisher.site.parts.words import words_for

if TYPE_CHECKING:
    from collections.abc import Mapping


def service_page(kind: Literal["confirm", "refused", "taken"], values: Mapping[str, Any], language: str) -> str:
    """A page: `page` leads back; `refused` has its `sentence`, `confirm` the `fields` to be sent once more."""
    words = words_for(language)
    title = words("comment_new") if kind == "confirm" else words("comment_sent") if kind == "taken" else str(values["sentence"])
    inside = ""
    if kind == "confirm":
        fields = values["fields"]
        hidden = "".join(f'<input type="hidden" name="{escape(name)}" value="{escape(value)}">' for name, value in fields.items())
        shown = f'<p><bdi>{escape(fields.get("name", ""))}</bdi></p><blockquote dir="auto">{escape(fields.get("text", ""))}</blockquote>'
        inside = f'{shown}<form method="post">{hidden}<button>{escape(words("comment_send"))}</button></form>'
    page = str(values.get("page") or "")
    back = f'<p><a href="{escape(page)}">{escape(page)}</a></p>' if page else ""
    return (
        f'<!doctype html><html lang="{escape(words.language)}" dir="{words.direction}"><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width"><title>{escape(title)}</title>'
        f"<style>body{{max-width:40rem;margin:2rem auto;padding:0 1rem;font:1.1rem/1.5 serif}}blockquote{{white-space:pre-wrap}}</style>"
        f"<h1>{escape(title)}</h1>{inside}{back}</html>"
    )
