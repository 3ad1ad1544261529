"""config.toml and episode.md, written from the feed of another host."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from feed.categories import did_you_mean, is_category
from feed.text_cleaning import printable_line
from publisher.core import placeholders
from publisher.core.slugs import slug_of
from publisher.importing.html_to_markdown import as_markdown, as_text
from publisher.load.toml_and_yaml import toml_string

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterator

    from feed.reader import Node


def config_text(feed_url: str, channel: Node, guid: str, url: str, warnings: list[str]) -> Iterator[str]:
    """The lines of config.toml. What has no place in it is in `warnings`."""
    categories = list(_categories(channel, warnings))
    if not categories:
        warnings.append('no category that Apple knows: write categories = ["…"] under [show]')
    author = printable_line(channel.value("itunes:author")) or printable_line(channel.value("title"))
    yield "[show]"
    yield f"title = {toml_string(printable_line(channel.value('title')) or placeholders.UNTITLED)}"
    yield f"description = {toml_string(as_text(channel.value('description') or channel.value('itunes:summary')) or placeholders.DESCRIPTION)}"
    yield f"author = {toml_string(author or placeholders.UNKNOWN)}"
    yield f"language = {toml_string(_language(channel.value('language')))}"
    yield f"categories = [{', '.join(toml_string(name) for name in categories[:2])}]"
    yield f"explicit = {_flag(channel.value('itunes:explicit'))}"
    yield f"guid = {toml_string(guid)}    # the show's identity for life: never change it"
    if channel.value("itunes:type").lower() == "serial":
        yield 'type = "serial"'
    if channel.value("podcast:locked").lower() in {"no", "false"}:
        yield "locked = false"
    yield from (f"{key} = true" for key in ("block", "complete") if channel.value(f"itunes:{key}").lower() == "yes")
    if channel.value("copyright"):
        yield f"copyright = {toml_string(printable_line(channel.value('copyright')))}"
    owner = channel.first("itunes:owner")
    if owner is not None and "@" in owner.value("itunes:email"):
        yield "\n[show.owner]"
        yield f"name = {toml_string(printable_line(owner.value('itunes:name')) or author)}"
        yield f"email = {toml_string(printable_line(owner.value('itunes:email')))}"
    for funding in channel.all("podcast:funding")[:5]:
        if funding.get("url").startswith(("https://", "http://")):
            yield "\n[[show.funding]]"
            yield f"url = {toml_string(funding.get('url'))}"
            yield f"label = {toml_string(printable_line(funding.text)[:128] or 'Support the show')}"
    yield "\n[site]"
    yield f"url = {toml_string(url or placeholders.SITE)}    # where listeners reach the storage"
    yield '\n[storage]\nurl = "public"'
    if feed_url and feed_url != f"{url.rstrip('/')}/feed.xml":
        yield f"\n[feed]\nformer = [{toml_string(feed_url)}]    # `publish verify` sees whether it leads to the new feed"


def _categories(channel: Node, warnings: list[str]) -> Iterator[str]:
    for category in channel.all("itunes:category"):
        below = category.first("itunes:category")
        name = printable_line(category.get("text")) + (f" > {printable_line(below.get('text'))}" if below is not None else "")
        known = name if is_category(name) else did_you_mean(name)
        if known:
            yield known
        else:
            warnings.append(f"Apple knows no category “{name}”")


def _language(written: str) -> str:
    return written.lower() if re.fullmatch(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,2}", written) else "en"


def episode_text(item: Node, slug: str, moment: dt.datetime | None) -> str:
    """An episode.md."""
    lines = ["+++", f"title = {toml_string(printable_line(item.value('title')) or slug)}"]
    lines.append(f"date = {moment.isoformat()}" if moment else "draft = true")
    lines += [f"guid = {toml_string(guid_of(item))}    # the episode's identity for life"] if guid_of(item) else []
    lines += [f"slug = {toml_string(slug)}"] if slug_of(slug) != slug else []
    for name, tags in (("season", ("itunes:season", "podcast:season")), ("episode", ("itunes:episode", "podcast:episode"))):
        number = next((value for tag in tags if (value := item.value(tag))), "")
        if re.fullmatch(r"0{0,5}[1-9][0-9]{0,6}", number):
            lines.append(f"{name} = {int(number)}")
        elif name == "episode" and re.fullmatch(r"[0-9]{1,7}\.[0-9]{1,2}", number) and float(number) > 0:
            lines.append(f"{name} = {float(number)}")
    if item.value("itunes:episodeType").lower() in ("trailer", "bonus"):
        lines.append(f"type = {toml_string(item.value('itunes:episodeType').lower())}")
    if item.value("itunes:explicit"):
        lines.append(f"explicit = {_flag(item.value('itunes:explicit'))}")
    lines += ["block = true"] if item.value("itunes:block").lower() == "yes" else []
    notes = as_markdown(item.value("content:encoded") or item.value("description") or item.value("itunes:summary"))
    return "\n".join([*lines, "+++", "", notes or printable_line(item.value("title")), ""])


def guid_of(item: Node) -> str:
    """An item's guid; its enclosure's address where it has none."""
    return printable_line(item.value("guid")) or item.attribute("enclosure", "url")


def _flag(written: str) -> str:
    return "true" if written.strip().lower() in ("true", "yes", "explicit") else "false"
