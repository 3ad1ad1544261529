"""Which items of another host's feed become episodes, and what each is known by here: folder, slug, guid, date and place in the order."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from feed.text_cleaning import printable_line
from publisher.core.slugs import slug_of
from publisher.importing.tags.item_recordings import address_of_recording, recording_of
from publisher.importing.written_dates import WrittenDate, read_written_date

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Mapping

    from feed.reader import Node

LONGEST_SLUG = 60

_BY_LINK = "gPodder and newsboat go by its link, and will show it twice"


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenBefore:
    """The episodes of a folder. `names` are folders, by guid; `without` are those that have no guid written; `slugs` by folder."""

    names: Mapping[str, str] = field(default_factory=dict)
    without: frozenset[str] = frozenset()
    slugs: Mapping[str, str] = field(default_factory=dict)

    def with_known(self, known: TakenBefore) -> TakenBefore:
        """These, and those of `known` that are not among them."""
        names = {guid: name for guid, name in known.names.items() if guid not in self.names}
        slugs = {name: known.slugs[name] for name in names.values()}
        return TakenBefore(names={**names, **self.names}, without=self.without, slugs={**slugs, **self.slugs})

    def name_of(self, guid: str, otherwise: str) -> str:
        """The folder of an episode: by its guid; else the one it would be called if that has no guid; "" for a new one."""
        return self.names.get(guid, "") or (otherwise if otherwise in self.without else "")


@dataclass(frozen=True, slots=True, kw_only=True)
class ChosenItem:
    """An item, and the episode that it becomes. `name` is its folder's, `slug` what its address is made of. `guid` is "" where the item has nothing to be known by."""

    item: Node
    name: str
    slug: str
    guid: str
    date: WrittenDate | None
    order: int
    """Its place among the episodes of the same moment, the newest highest; 0 where it is alone."""
    number: int
    """The number that it gets by its place, because a serial show needs one; 0 for the feed's own, or none."""

    @property
    def is_episode(self) -> bool:
        """Whether it has a date and a recording; anything else waits for them."""
        return self.date is not None and self.has_recording

    @property
    def has_recording(self) -> bool:
        """Whether the feed names one: a blog post among the episodes has none."""
        return recording_of(self.item) is not None

    @property
    def title(self) -> str:
        """The title on one line; the slug where there is none."""
        return printable_line(self.item.value("title")) or self.slug


def choose_items(items: Iterable[Node], before: TakenBefore, warnings: list[str], *, serial: bool) -> list[ChosenItem]:
    """The episodes, oldest first; names are made of nothing but a-z, 0-9 and dashes. Those that were taken `before` keep their folders.
    What is guessed or left out is in `warnings`.
    """
    dated = [(guid, read_written_date(item.value("pubDate")), item) for guid, item in _once_each(items, warnings)]
    moments = [date.moment.timestamp() for _, date, _ in dated if date is not None]
    if moments != sorted(moments, reverse=True):
        warnings.append("the old feed is not sorted by date: the new one is, as apps show it")
    dated.reverse()  # of equal dates the last in the feed is the oldest
    dated.sort(key=lambda row: (row[1] is None, row[1].moment.timestamp() if row[1] else 0))
    how_many = Counter(moments)
    numbers = _numbers([item for _, _, item in dated]) if serial else {}
    seen: Counter[float] = Counter()
    taken = set(before.slugs.values())
    found = []
    for guid, date, item in dated:
        day = f"{date.moment.date().isoformat()}-" if date else ""
        name = before.name_of(guid, day + _base(item))
        slug = before.slugs[name] if name else _free_slug(_base(item), taken)
        order = 0
        if date is not None and how_many[moment := date.moment.timestamp()] > 1:
            seen[moment] += 1
            order = seen[moment]
        number = numbers.get(id(item), 0)
        found.append(ChosenItem(item=item, name=name or day + slug, slug=slug, guid=guid, date=date, order=order, number=number))
    warnings += _guesses(found)
    return found


def _once_each(items: Iterable[Node], warnings: list[str]) -> list[tuple[str, Node]]:
    """Each item with its guid, all characters kept; of two with one guid the first, as apps take it. Without one, apps know an
    episode by the address of its recording (AntennaPod, gPodder).
    """
    first: dict[str, Node] = {}
    found = []
    for item in items:
        guid = item.value("guid") or address_of_recording(item)
        if guid and guid in first:
            same = "guid" if item.value("guid") else "recording and no guid"
            warnings.append(
                f"two items have the same {same}: {_title(first[guid])} stays, which is first in the feed, {_title(item)} is left out"
            )
            continue
        first.setdefault(guid, item)
        found.append((guid, item))
    return found


def _numbers(oldest_first: list[Node]) -> dict[int, int]:
    """Numbers for the full episodes of a serial show, by `id` of the item: within each season of which none has a number."""
    full = [
        item
        for item in oldest_first
        if item.value("itunes:episodeType").lower() not in ("trailer", "bonus") and recording_of(item) is not None
    ]
    has_numbers = {_season(item) for item in full if item.value("itunes:episode") or item.value("podcast:episode")}
    count: Counter[str] = Counter()
    found = {}
    for item in full:
        season = _season(item)
        if season not in has_numbers:
            count[season] += 1
            found[id(item)] = count[season]
    return found


def _season(item: Node) -> str:
    return (item.value("itunes:season") or item.value("podcast:season")).lstrip("0")


def _base(item: Node) -> str:
    return slug_of(printable_line(item.value("title"))[:200])[:LONGEST_SLUG].strip("-") or "episode"


def _free_slug(base: str, taken: set[str]) -> str:
    slug, number = base, 1
    while slug in taken:
        number += 1
        slug = f"{base}-{number}"
    taken.add(slug)
    return slug


def _guesses(found: list[ChosenItem]) -> Iterable[str]:
    """What was guessed, a line for each kind, and a line for each episode that waits for its date."""
    known_by_address = [row for row in found if row.guid and not row.item.value("guid")]
    unknown = [row for row in found if not row.guid]
    unzoned = [row for row in found if row.date is not None and not row.date.zoned]
    numbered = [row for row in found if row.number]
    for rows, words in (
        (
            known_by_address,
            f"without a guid: most apps know it by its recording's address, which is now its guid; {_BY_LINK}",
        ),
        (unknown, "without a guid and a recording: it gets a new guid"),
        (unzoned, "with a date that names no time zone: it is read as UTC"),
        (numbered, "of a serial show without numbers: numbered by order"),
    ):
        if rows:
            yield f"{len(rows)} of {len(found)} episodes {words}: {', '.join(_title(row.item) for row in rows)}"
    played = Counter(url for row in found if (url := address_of_recording(row.item)))
    for url in (url for url, times in played.items() if times > 1):
        titles = ", ".join(_title(row.item) for row in found if address_of_recording(row.item) == url)
        yield f"episodes with the same recording, which some apps show once: {titles}: {printable_line(url)[:300]}"
    for row in found:
        if row.date is None:
            written = printable_line(row.item.value("pubDate"))
            why = f"its date cannot be read: “{written[:100]}”" if written else "the feed gives it no date, so it is a draft"
            yield f"{_title(row.item)}: {why}; write it into the episode.md of {row.name}"
        if not row.has_recording:
            put = f"where it is to be one, put a recording into the folder {row.name} and take the mark off"
            yield f"{_title(row.item)}: the feed names no recording, so it is a draft and no episode; {put}"


def _title(item: Node) -> str:
    return f"“{printable_line(item.value('title'))[:100] or 'without a title'}”"


def in_the_future(found: Iterable[ChosenItem], now: dt.datetime) -> Iterable[str]:
    """A line for each episode whose date has not come yet: the old feed shows it, this one will not before."""
    for row in found:
        if row.date is not None and row.date.moment > now and row.has_recording:
            when = row.date.moment.isoformat(sep=" ")
            yield f"{_title(row.item)}: its date is in the future ({when}): it leaves the feed until then; else write another date into {row.name}"
