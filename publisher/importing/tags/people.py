"""Persons of a feed as `[people]`, which the show, its episodes and streams name by id; guests of whom only a name is known by that."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from feed.podcasting20.word_lists import group_of
from feed.schema.tags import PersonTable
from feed.text_cleaning import printable_line
from publisher.core.slugs import slug_of
from publisher.importing.tags.tag_tables import fitting, key_lines
from publisher.load.config_cross_checks import is_person_id

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from feed.reader import Node

_HOSTS = frozenset(("host", "co-host"))


@dataclass(slots=True)
class People:
    """Everyone that a feed names, by id; `show` are the ids of those heard in every episode."""

    known: dict[str, dict[str, Any]] = field(default_factory=dict)
    show: tuple[str, ...] = ()
    new: dict[str, dict[str, Any]] = field(default_factory=dict)
    """Those who were not in `known` when it was made."""

    def keys(self, node: Node) -> dict[str, list[str]]:
        """`hosts` and `guests` of an episode or a stream, in the feed's order; none where it names nobody, or the show's people."""
        names = [self._name(person) for person in _persons(node)]
        if not names or tuple(names) == self.show:
            return {}
        if self.show and tuple(names[: len(self.show)]) == self.show:
            return {"guests": names[len(self.show) :]}
        last = max((place for place, name in enumerate(names, 1) if self.known.get(name, {}).get("role") in _HOSTS), default=0)
        found = {"hosts": names[:last]} if last or self.show else {}
        return found | ({"guests": names[last:]} if names[last:] else {})

    def host_names(self, keys: Mapping[str, list[str]]) -> list[str]:
        """What the hosts of an episode with these keys are called."""
        ids = [*keys.get("hosts", self.show), *keys.get("guests", ())]
        return [str(self.known[name]["name"]) for name in ids if self.known.get(name, {}).get("role") in _HOSTS]

    def ids(self, node: Node) -> tuple[str, ...]:
        """The ids of a show's persons."""
        return tuple(self._id(person) for person in _persons(node))

    def _name(self, person: dict[str, Any]) -> str:
        name: str = person["name"]
        plain = person["role"] == "guest" and "image" not in person and "url" not in person and person["group"] == "cast"
        return name if plain and not is_person_id(name) else self._id(person)

    def _id(self, person: dict[str, Any]) -> str:
        """The same in all; else, of a person of this name in the same role, the one of whom a portrait and a page were written here."""
        same = [name for name, row in self.known.items() if _alike(row) == _alike(person)]
        exact = next((name for name in same if _whole(self.known[name]) == _whole(person)), None)
        older = [name for name in same if name not in self.new]
        if exact is not None or older:
            return exact or older[0]
        base = slug_of(person["name"]) or "person"
        found = next(key for number in range(1, 1_000_000) if (key := base if number == 1 else f"{base}-{number}") not in self.known)
        row = {key: value for key, value in person.items() if key != "group" or value != group_of(person["role"])}
        self.known[found] = self.new[found] = row
        return found


def people_of(channel: Node, items: Iterable[Node], known: Mapping[str, dict[str, Any]]) -> People:
    """Everyone of a feed; `known` are the people that config.toml has already."""
    people = People(known=dict(known))
    people.show = people.ids(channel)
    for node in (*items, *channel.all("podcast:liveItem")):
        people.keys(node)
    return people


def people_lines(people: Mapping[str, dict[str, Any]]) -> Iterator[str]:
    """`[people.<id>]`, for config.toml."""
    for name, person in people.items():
        yield f"\n[people.{name}]"
        yield from key_lines(person)


def _persons(node: Node) -> Iterator[dict[str, Any]]:
    for tag in node.all("podcast:person"):
        role = printable_line(tag.get("role")).lower() or "host"
        person = {
            "name": printable_line(tag.text),
            "role": role,
            "group": printable_line(tag.get("group")).lower() or group_of(role),
            "image": tag.get("img"),
            "url": tag.get("href"),
        }
        person = {key: value for key, value in person.items() if value and (key not in {"image", "url"} or _is_address(value))}
        if fitting(person, PersonTable):
            yield person


def left_of_people(node: Node) -> Iterator[str]:
    """What of persons has no place: persons without a name, portraits and pages that are no web address."""
    for tag in node.all("podcast:person"):
        name = printable_line(tag.text)
        if not name:
            yield "<podcast:person> without a name"
        yield from (
            f"the {attribute} of “{name[:100]}”, which is no web address: {printable_line(tag.get(attribute))[:200]}"
            for attribute in ("img", "href")
            if name and tag.get(attribute) and not _is_address(tag.get(attribute))
        )


def _is_address(written: str) -> bool:
    return written.startswith(("https://", "http://")) and printable_line(written) == written


def _alike(row: Mapping[str, Any]) -> tuple[str, str, str]:
    role = str(row.get("role") or "host").lower()
    return str(row.get("name")), role, str(row.get("group") or group_of(role)).lower()


def _whole(row: Mapping[str, Any]) -> tuple[Any, ...]:
    return (*_alike(row), row.get("image"), row.get("url"))
