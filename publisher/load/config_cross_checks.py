"""What no table of config.toml can check alone: keys that must fit each other, time zones, categories, addresses."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlsplit

from publisher.core.placeholders import has_none

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from publisher.load.config_tables import Config


class Disagreement(NamedTuple):
    """A fault at one key of config.toml."""

    code: str
    key: tuple[str | int, ...]
    message: str
    hint: str = ""


def disagreements(config: Config) -> list[Disagreement]:
    """Every demand that a config, valid table by table, does not meet."""
    return [
        fault
        for rule in (_time_zone, _people, _categories, _site_address, _accent, _seasons, _disclosure, _provider, _feed_file)
        for fault in rule(config)
    ]


def is_person_id(guest: str) -> bool:
    """Whether a guest is written as an id of `[people]`; a plain name has a capital letter or a space."""
    return re.fullmatch(r"[a-z0-9_-]+", guest) is not None


def _time_zone(config: Config) -> Iterator[Disagreement]:
    zone = config.show.timezone
    if zone is not None and not _zone_known(zone):
        yield Disagreement("timezone-unknown", ("show", "timezone"), f"no time zone is called `{zone}`", _zone_hint(zone))


def _people(config: Config) -> Iterator[Disagreement]:
    named: list[tuple[tuple[str | int, ...], Sequence[str]]] = [(("show", "hosts"), config.show.hosts)]
    for count, live in enumerate(config.live):
        ids = [guest if is_person_id(guest) else "" for guest in live.guests]
        named += [(("live", count, "hosts"), live.hosts or ()), (("live", count, "guests"), ids)]
    for path, people in named:
        for index, person in enumerate(people):
            if person and person not in config.people:
                yield Disagreement("person-unknown", (*path, index), f"`{person}` is not in [people]", f"add a table [people.{person}]")


def _categories(config: Config) -> Iterator[Disagreement]:
    from feed.categories import did_you_mean, is_category

    key = ("show", "categories")
    for index, category in enumerate(config.show.categories):
        if not is_category(category):
            close = did_you_mean(category)
            hint = f"did you mean `{close}`?" if close else "`publish explain category-unknown` lists Apple's"
            yield Disagreement("category-unknown", (*key, index), f"Apple knows no category `{category}`", hint)
    if not config.show.categories:
        yield Disagreement("category-unknown", key, "`show.categories` names no category", 'categories = ["News > Tech News"]')


def _site_address(config: Config) -> Iterator[Disagreement]:
    key, written = ("site", "url"), config.site.url
    if has_none(written) and not config.show.guid:
        message = "the show has neither an address nor a guid, which would be made of the address"
        yield Disagreement("no-address", ("show",), message, "write url under [site], or a guid under [show]: `uuidgen` makes one")
    try:
        url = urlsplit(written)
        absolute = url.scheme in ("https", "http") and bool(url.hostname) and (url.port or 1) > 0
    except ValueError:
        absolute = False
    if not absolute or re.search(r"[\s<>\"\\^`{|}]", written):
        example = 'url = "https://podcast.example.org"'
        yield Disagreement("site-url", key, f"`site.url` must be an absolute address, not `{written}`", example)
    elif url.query or url.fragment or written.endswith(("?", "#")):
        plain = written.partition("?")[0].partition("#")[0]
        yield Disagreement("site-url", key, "`site.url` must end in a path, without ? or #", f'url = "{plain}"')


def _accent(config: Config) -> Iterator[Disagreement]:
    from publisher.media.colors import parse_hex

    try:
        parse_hex(config.site.accent or "#000")
    except ValueError:
        message = f"`site.accent` must be a colour like #c8391f, not `{config.site.accent}`"
        hint = 'accent = "#c8391f", or leave it out: it is taken from the artwork then'
        yield Disagreement("site-accent", ("site", "accent"), message, hint)


def _seasons(config: Config) -> Iterator[Disagreement]:
    for number in config.seasons:
        if not (number.isascii() and number.isdecimal() and int(number) >= 1):
            yield Disagreement("season-number", ("seasons", number), f"a season is a number from 1, not `{number}`", "[seasons.2]")


def _disclosure(config: Config) -> Iterator[Disagreement]:
    ai = config.show.ai
    if ai is not None and ai.content and not ai.disclosure:
        message = "a show with machine-made content must say so: `show.ai.disclosure` is missing"
        yield Disagreement("ai-disclosure", ("show", "ai"), message, 'disclosure = "The voices in this show are synthetic."')


def _provider(config: Config) -> Iterator[Disagreement]:
    from publisher.stores.providers import BY_NAME

    provider = config.storage.provider
    if provider and provider not in BY_NAME:
        message = f"`storage.provider` is not known: `{provider}`"
        yield Disagreement("wrong-value", ("storage", "provider"), message, f"one of {', '.join(BY_NAME)}")


def _feed_file(config: Config) -> Iterator[Disagreement]:
    file = config.feed.file
    if "/" in file or not file.endswith((".xml", ".rss")):
        yield Disagreement("feed-file", ("feed", "file"), f"`feed.file` must be a name like feed.xml, not `{file}`")


def _zone_known(name: str) -> bool:
    from zoneinfo import ZoneInfo

    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return False
    return True


def _zone_hint(name: str) -> str:
    import difflib
    from zoneinfo import available_timezones

    names = sorted(available_timezones())
    close = difflib.get_close_matches(name, names, n=1) or [
        zone for zone in names if zone.lower().endswith("/" + name.lower().replace(" ", "_"))
    ]
    return f"did you mean `{close[0]}`?" if close else "names are like Europe/Berlin"
