"""config.toml and episode.md, written from the feed of another host."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from feed.categories import did_you_mean, is_category
from feed.reader.whole_addresses import joined
from feed.rules.addresses import is_web
from feed.text_cleaning import printable_line
from publisher.core import placeholders
from publisher.core.slugs import slug_of
from publisher.importing.feed_source import is_completed
from publisher.importing.html_to_markdown import as_lines, as_markdown
from publisher.importing.language_names import language_code
from publisher.importing.old_files import with_our_pages
from publisher.importing.tags.feed_tags import episode_keys, show_keys, type_of, verify_keys
from publisher.importing.tags.live_items import live_lines
from publisher.importing.tags.people import people_lines
from publisher.importing.tags.tag_tables import key_lines
from publisher.load.toml_and_yaml import toml_string

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from feed.reader import Node
    from publisher.importing.chosen_items import ChosenItem
    from publisher.importing.feed_source import FeedSource
    from publisher.importing.html_to_markdown import NotesSurroundings
    from publisher.importing.tags.people import People


LONGEST_LABEL = 128
"""Characters of a funding's words (podcast namespace)."""


def config_text(
    source: FeedSource,
    guid: str,
    url: str,
    people: People,
    seasons: Mapping[int, str],
    warnings: list[str],
    *,
    language: str = "",
    own: bool = False,
) -> Iterator[str]:
    """The lines of config.toml. What has no place in it is in `warnings`. `language` is a person's word where the feed has none; the feed
    is this show's `own` where it is not left.
    """
    feed_url, channel = source.address, source.channel
    categories = list(_categories(channel, warnings))
    proposed = ""
    if not categories:
        categories, proposed = [_proposal(channel)], "    # a proposal: the old feed names none that Apple knows"
        warnings.append(f"no category that Apple knows: config.toml proposes “{categories[0]}”; write your own under [show]")
    if len(categories) > 2:
        warnings.append(f"two categories are taken over, as directories read them; left out: {', '.join(categories[2:])[:300]}")
    author = printable_line(channel.value("itunes:author")) or printable_line(channel.value("title"))
    yield "[show]"
    yield f"title = {toml_string(printable_line(channel.value('title')) or placeholders.UNTITLED)}"
    yield f"description = {toml_string(as_lines(channel.value('description') or channel.value('itunes:summary')) or placeholders.DESCRIPTION)}"
    yield f"author = {toml_string(author or placeholders.UNKNOWN)}"
    yield _language(channel.value("language"), language, warnings)
    yield f"categories = [{', '.join(toml_string(name) for name in categories[:2])}]{proposed}"
    yield f"explicit = {_flag(channel.value('itunes:explicit'))}"
    yield f"guid = {toml_string(guid)}    # the show's identity for life: never change it"
    if channel.value("itunes:type").lower() == "serial":
        yield 'type = "serial"'
    yield from _locked(channel.value("podcast:locked"), warnings)
    yield from (f"{key} = true" for key in ("block", "complete") if channel.value(f"itunes:{key}").lower() == "yes")
    yield from key_lines(show_keys(channel, source.items, (feed_url, url), warnings))
    yield from key_lines({"hosts": list(people.show)} if people.show else {})
    if channel.value("copyright"):
        yield f"copyright = {toml_string(printable_line(channel.value('copyright')))}"
    owner = channel.first("itunes:owner")
    if owner is not None and "@" in owner.value("itunes:email"):
        yield "\n[show.owner]"
        yield f"name = {toml_string(printable_line(owner.value('itunes:name')) or author)}"
        yield f"email = {toml_string(printable_line(owner.value('itunes:email')))}"
        yield "public = true    # the old feed shows it"
    if codes := verify_keys(channel):
        yield "\n[show.verify]"
        yield from key_lines(codes)
    yield from _funding(channel, warnings)
    yield from people_lines(people.known)
    yield from season_lines(seasons)
    yield from live_lines(channel, people, warnings)
    yield "\n[site]"
    yield (
        f"url = {toml_string(url)}    # where listeners reach the storage"
        if url
        else '# url = "https://…"    # where listeners will reach the storage'
    )
    yield '\n[storage]\nurl = "public"'
    if feed_url and not own and feed_url != f"{url.rstrip('/')}/feed.xml":
        yield f"\n[feed]\nformer = [{toml_string(feed_url)}]    # `publish verify` sees whether it leads to the new feed"
        if url:
            new = f"{url.rstrip('/')}/feed.xml"
            yield f"new_feed_url = {toml_string(new)}    # what Apple looks for in the new feed when the old one redirects"
        hubs = [link.get("href") for link in channel.all("atom:link") if link.get("rel") == "hub" and link.get("href").startswith("http")]
        yield from key_lines({"hubs": hubs} if hubs else {})


def season_lines(seasons: Mapping[int, str]) -> Iterator[str]:
    """`[seasons.<number>]` of those that have a name, for config.toml."""
    for number, name in seasons.items():
        yield f"\n[seasons.{number}]"
        yield f"name = {toml_string(name)}"


def _locked(written: str, warnings: list[str]) -> Iterator[str]:
    """The line of a show that may be taken over, as the old feed says."""
    if written.lower() in {"no", "false"}:
        yield "locked = false"
    elif written and written.lower() not in {"yes", "true"}:
        what = f"the feed says “{printable_line(written)[:40]}” where podcast:locked takes yes or no"
        warnings.append(f"{what}: the new feed says yes; write locked = false under [show] for no")


def _categories(channel: Node, warnings: list[str]) -> Iterator[str]:
    for category in channel.all("itunes:category"):
        below = category.first("itunes:category")
        name = printable_line(category.get("text")) + (f" > {printable_line(below.get('text'))}" if below is not None else "")
        known = name if is_category(name) else did_you_mean(name)
        if known:
            if known != name:
                warnings.append(f"the category “{name[:100]}” is taken for “{known}”")
            yield known
        else:
            warnings.append(f"Apple knows no category “{name}”")


def _funding(channel: Node, warnings: list[str]) -> Iterator[str]:
    for funding in channel.all("podcast:funding"):
        address, label = funding.get("url"), printable_line(funding.text)
        if not address.startswith(("https://", "http://")):
            warnings.append(f"not taken over: funding at “{printable_line(address)[:200]}”, which is no web address")
            continue
        if len(label) > LONGEST_LABEL:
            warnings.append(f"the words of the funding at {address[:200]} are cut to {LONGEST_LABEL} characters, the most that apps show")
        yield "\n[[show.funding]]"
        yield f"url = {toml_string(address)}"
        yield f"label = {toml_string(label[:LONGEST_LABEL] or 'Support the show')}"


def _proposal(channel: Node) -> str:
    """A category that what the feed says of itself elsewhere comes near; the one that most shows fit in where nothing does."""
    words = [node.text for node in channel.all("category")] + channel.value("itunes:keywords").split(",")
    return next((found for word in words if (found := did_you_mean(printable_line(word)))), "Society & Culture")


def _language(written: str, said: str, warnings: list[str]) -> str:
    """The line of the language, left open where nobody names one: a guess would be read aloud wrongly by every app."""
    code = language_code(written) or said
    if not code:
        named = f"names the language “{printable_line(written)[:40]}”, which is no code" if written else "names no language"
        warnings.append(f'the feed {named}: write language = "…" under [show] of config.toml (en, de, pt-br …), or import with --language')
        return '# language = "en"    # the old feed names none: write the code of yours'
    if code != written.lower():
        warnings.append(
            f"the language {f'“{printable_line(written)[:40]}”' if written else 'that the feed does not name'} is written as {code}"
        )
    return f"language = {toml_string(code)}"


def notes_text(chosen: ChosenItem, around: NotesSurroundings) -> str:
    """An episode's notes in Markdown, or its title where it has none."""
    return as_markdown(written_notes(chosen.item), around) or printable_line(chosen.item.value("title"))


def written_notes(item: Node) -> str:
    """The longest of what an item says of itself, as apps take it."""
    return item.value("content:encoded") or item.value("description") or item.value("itunes:summary")


def episode_text(
    chosen: ChosenItem,
    channel: Node,
    people: People,
    notes: str,
    more: Iterable[str] = (),
    *,
    retag: bool = False,
    ours: Callable[[str], str] = lambda _address: "",
) -> str:
    """An episode.md. A date that nobody can read stands in it as it was written: no publish passes over it. The recording stays as it
    is, byte for byte, but where `retag` is wanted; `more` are lines about where page and recording are, or were; `ours` gives the page here of an old episode's.
    """
    item, slug = chosen.item, chosen.slug
    lines = ["+++", f"title = {toml_string(chosen.title)}"]
    written = printable_line(item.value("pubDate"))[:200]
    if chosen.date is not None:
        lines.append(f"date = {chosen.date.moment.isoformat()}")
    elif written:
        lines.append(f"date = {toml_string(written)}    # as the old feed has it")
    missing = [name for name, lacks in (("date", not written), ("recording", not chosen.has_recording)) if lacks]
    lines += [f"draft = true    # the old feed has no {' and no '.join(missing)}"] if missing else []
    lines += [f"order = {chosen.order}    # among the episodes of the same date"] if chosen.order else []
    lines += [f"guid = {toml_string(chosen.guid)}    # the episode's identity for life"] if chosen.guid else []
    lines += [f"slug = {toml_string(slug)}"] if slug_of(slug) != slug else []
    for name, tags in (("season", ("itunes:season", "podcast:season")), ("episode", ("itunes:episode", "podcast:episode"))):
        number = next((value for tag in tags if (value := item.value(tag))), "")
        if re.fullmatch(r"0{0,5}[1-9][0-9]{0,6}", number):
            lines.append(f"{name} = {int(number)}")
        elif name == "episode" and re.fullmatch(r"[0-9]{1,7}\.[0-9]{1,2}", number) and float(number) > 0:
            lines.append(f"{name} = {float(number)}")
        elif name == "episode" and chosen.number:
            lines.append(f"episode = {chosen.number}")
    lines += key_lines({"type": kind} if (kind := type_of(item, channel)) else {})
    if item.value("itunes:explicit"):
        lines.append(f"explicit = {_flag(item.value('itunes:explicit'))}")
    lines += ["block = true"] if item.value("itunes:block").lower() == "yes" else []
    lines += more
    lines += [] if retag else ["audio_tags = false    # the recording stays as the old host has it, byte for byte"]
    heard = people.keys(item)
    lines += key_lines(with_our_pages(episode_keys(item, channel, people.host_names(heard)), ours) | heard)
    return "\n".join([*lines, "+++", "", notes, ""])


def former_lines(item: Node) -> list[str]:
    """The line for the episode's page at the old host."""
    link = item.value("link")
    return [f"former = [{toml_string(link)}]    # its page at the old host"] if is_web(link) else []


def base_lines(item: Node, base: str) -> list[str]:
    """The line for what apps complete an episode's guid by."""
    if not base or not is_completed(item) or joined(base, item.value("guid")) == item.value("guid"):
        return []
    return [f"guid_base = {toml_string(base)}    # apps that complete the guid by it know the episode again"]


def _flag(written: str) -> str:
    return "true" if written.strip().lower() in ("true", "yes", "explicit") else "false"
