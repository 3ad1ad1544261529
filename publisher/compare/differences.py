"""What differs between two feeds, a row for each difference; which episode is which is known by then."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from typing import TYPE_CHECKING

from feed.findings import Severity
from feed.text_cleaning import printable_line
from publisher.compare.results import Difference
from publisher.core.console import count_words

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from publisher.compare.episodes import ComparedEpisode, Feed
    from publisher.compare.matches import Matches
    from publisher.web.web_requests import Answer

ERROR, WARNING, HINT = Severity.ERROR, Severity.WARNING, Severity.HINT
_GONE = frozenset({404, 410})


def episode_row(
    what: str, severity: Severity, episode: ComparedEpisode, old: str, new: str, message: str, apps: Sequence[str] = ()
) -> Difference:
    """A row about an episode."""
    return Difference(
        what=what, severity=severity, episode=episode.name, title=episode.title, old=old, new=new, message=message, apps=tuple(apps)
    )


def show_row(what: str, severity: Severity, old: str, new: str, message: str) -> Difference:
    """A row about the show."""
    return Difference(what=what, severity=severity, episode="", title="", old=old, new=new, message=message)


def identity_rows(old: Feed, new: Feed, matches: Matches) -> Iterator[Difference]:
    """What would come twice or be lost, what is new, and what stands in a feed more than once."""
    partner = {other: place for place, other in reversed(list(matches.pairs.items()))}
    in_apps: dict[int, list[str]] = {}
    for name, places in matches.twice.items():
        for place in places:
            in_apps.setdefault(place, []).append(name)
    for place, apps in sorted(in_apps.items()):
        before, after = old.episodes[place], new.episodes[partner[place]]
        yield episode_row("twice", ERROR, before, before.name, after.name, _why_twice(before, after), apps)
    for place in matches.lost:
        episode = old.episodes[place]
        yield episode_row("lost", ERROR, episode, episode.name, "", "nothing in the new feed is this episode")
    for place, episode in enumerate(new.episodes):
        if place not in matches.pairs:
            yield episode_row("new", HINT, episode, "", episode.name, "new: the old feed does not have it")
    for feed, which in ((old, "old"), (new, "new")):
        pages = feed.seen.pages > 1
        names = {episode.name: episode for episode in feed.episodes}
        for episode in feed.again:
            if pages and names[episode.name] == episode:
                continue  # archive pages hold it again
            message = f"stands in the {which} feed more than once by this guid: apps keep one"
            yield episode_row("duplicate", WARNING, episode, episode.name, "", message)


def _why_twice(old: ComparedEpisode, new: ComparedEpisode) -> str:
    if old.guid == new.guid and old.is_permalink != new.is_permalink:
        which = "old" if old.is_permalink else "new"
        return f'the guid is the same, but no address, and the {which} feed does not say isPermaLink="false": it is completed by that feed\'s address'
    if old.guid == new.guid and old.guid:
        return "the guid is the same, but apps complete it by the feed's address, or keep blanks around it"
    if not old.guid and new.guid:
        return "the old feed has no guid for it: apps know it by other things, and these changed"
    return "the guid changed" if new.guid else "the guid is gone"


def field_rows(old: Feed, new: Feed, matches: Matches) -> Iterator[Difference]:
    """What changed of the episodes that are in both."""
    for place, other in sorted(matches.pairs.items(), key=lambda pair: pair[1]):
        yield from _changes(old.episodes[other], new.episodes[place])
    yield from _order(old, new, matches)


def _changes(old: ComparedEpisode, new: ComparedEpisode) -> Iterator[Difference]:
    if old.guid != new.guid:
        yield episode_row("guid", WARNING, old, old.guid, new.guid, "another guid")
    if old.date != new.date or (old.date is None and old.written_date != new.written_date):
        yield episode_row("date", WARNING, old, _when(old), _when(new), "another date")
    for what, before, after, severity in (
        ("title", old.title, new.title, WARNING),
        ("enclosure", old.enclosure, new.enclosure, HINT),
        ("explicit", _yes(old.explicit), _yes(new.explicit), WARNING),
        ("block", _yes(old.block), _yes(new.block), WARNING),
    ):
        if before != after:
            yield episode_row(what, severity, old, before, after, f"{_NAMES[what]} changed")
    if bool(old.artwork) != bool(new.artwork):
        words = "its own artwork is gone" if old.artwork else "artwork of its own is new"
        yield episode_row("artwork", WARNING if old.artwork else HINT, old, old.artwork, new.artwork, words)
    if old.duration is not None and new.duration is not None and abs(old.duration - new.duration) > 1:
        yield episode_row("duration", HINT, old, f"{old.duration} s", f"{new.duration} s", "another length in seconds")


_NAMES = {"title": "the title", "enclosure": "the recording's address", "explicit": "explicit", "block": "block"}


def _yes(flag: bool) -> str:
    return "yes" if flag else "no"


def _when(episode: ComparedEpisode) -> str:
    return episode.date.isoformat() if episode.date is not None else printable_line(episode.written_date)


def _order(old: Feed, new: Feed, matches: Matches) -> Iterator[Difference]:
    """Episodes that stand elsewhere among the others: as few as there must be to explain the new order. Where the old feed was not sorted
    and the new one is, one line: apps sort by date, the newest first, and keep the feed's order where dates are equal (AntennaPod,
    FeedItemPubdateComparator.java; newsboat, article-sort-order).
    """
    common = [(matches.pairs[place], place) for place in range(len(new.episodes)) if place in matches.pairs]
    stay = _longest_rising([other for other, _ in common])
    before = {other: rank for rank, (other, _) in enumerate(sorted(common), 1)}
    if len(stay) < len(common) and [other for other, _ in common] == sorted(before, key=lambda other: _as_apps_sort(old.episodes[other])):
        words = count_words(len(common) - len(stay), "episode stands", "episodes stand")
        yield show_row(
            "order", HINT, "", "", f"the old feed is not sorted by date, the new one is: {words} elsewhere, and apps show them as before"
        )
        return
    for rank, (other, _) in enumerate(common, 1):
        if other not in stay:
            message = f"stands at place {rank} of those in both, was at {before[other]}"
            yield episode_row("order", WARNING, old.episodes[other], str(before[other]), str(rank), message)


def _as_apps_sort(episode: ComparedEpisode) -> float:
    """By date, the newest first; without one last."""
    return -episode.date.timestamp() if episode.date is not None else float("inf")


def _longest_rising(numbers: Sequence[int]) -> set[int]:
    """The longest part of a row that goes up, found by patience sorting."""
    tops: list[int] = []
    places: list[int] = []
    before: list[int] = []
    for place, number in enumerate(numbers):
        pile = bisect_left(tops, number)
        before.append(places[pile - 1] if pile else -1)
        if pile == len(tops):
            tops.append(number)
            places.append(place)
        else:
            tops[pile], places[pile] = number, place
    found, place = set(), places[-1] if places else -1
    while place >= 0:
        found.add(numbers[place])
        place = before[place]
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What the recordings of both feeds answered, by address; what was not asked for is in neither."""

    old: Mapping[str, Answer]
    new: Mapping[str, Answer]


def recording_rows(old: Feed, new: Feed, matches: Matches, asked: Asked) -> Iterator[Difference]:
    """Bytes on both sides, measured where they were asked for, and recordings that are not there."""
    for place, other in sorted(matches.pairs.items(), key=lambda pair: pair[1]):
        before, after = old.episodes[other], new.episodes[place]
        answers = asked.old.get(before.enclosure), asked.new.get(after.enclosure)
        for answer, which, severity in ((answers[0], "old", HINT), (answers[1], "new", WARNING)):
            if answer is not None and answer.status != 200:
                gone = answer.status in _GONE
                words = f"its recording in the {which} feed {'is not there' if gone else 'could not be looked at'}: it {answer.outcome}"
                yield episode_row("recording", severity if gone else HINT, before, before.enclosure, after.enclosure, words)
        sizes = _bytes(answers[0], before), _bytes(answers[1], after)
        if None not in sizes and sizes[0] != sizes[1]:
            yield episode_row("bytes", HINT, before, str(sizes[0]), str(sizes[1]), "the recording has another length in bytes")


def _bytes(answer: Answer | None, episode: ComparedEpisode) -> int | None:
    """The length that was answered; without an answer the one that the feed promises, where it says one."""
    if answer is not None and answer.status == 200 and answer.length is not None:
        return answer.length
    return episode.length if episode.length is not None and episode.length > 1 else None


def show_rows(old: Feed, new: Feed) -> Iterator[Difference]:
    """What the two feeds say of the show itself."""
    if old.seen.guid != new.seen.guid:
        severity = WARNING if old.seen.guid else HINT
        yield show_row(
            "guid", severity, old.seen.guid, new.seen.guid, "the show's guid changed" if old.seen.guid else "the show's guid is new"
        )
    if old.seen.locked != new.seen.locked or old.seen.locked:
        words = "the old feed is locked: other hosts are told not to take it" if old.seen.locked else "the new feed is locked"
        yield show_row("locked", HINT, _yes(old.seen.locked), _yes(new.seen.locked), words)
    yield from _new_feed_url(old, new)
    if old.seen.pages > 1 or new.seen.pages > 1:
        words = f"the old feed was read over {old.seen.pages} pages, the new one over {new.seen.pages}"
        yield show_row("paging", HINT, str(old.seen.pages), str(new.seen.pages), words)
    yield from _tags(old, new)
    for feed, which in ((old, "old"), (new, "new")):
        for remark in feed.remarks:
            yield show_row("feed", WARNING, which, "", f"in the {which} feed: {remark}")
        if feed.silent:
            words = (
                f"{count_words(feed.silent, 'item')} of the {which} feed without a recording: no episode, and not counted. gPodder leaves such "
                "items out, newsboat and AntennaPod list them as texts"
            )
            yield show_row("feed", HINT, which, str(feed.silent), words)


def _tags(old: Feed, new: Feed) -> Iterator[Difference]:
    for tag, name in (("title", "title"), ("itunes:type", "type"), ("language", "language"), ("podcast:medium", "medium")):
        before, after = (" ".join(printable_line(feed.channel.value(tag)).split()) for feed in (old, new))
        if before != after and (before or tag != "podcast:medium"):
            yield show_row("show", HINT, before, after, f"the show's {name} changed")
    for tag, what in (("itunes:explicit", "explicit"), ("itunes:block", "block"), ("itunes:complete", "show")):
        before, after = (_yes(feed.channel.value(tag).lower() in {"yes", "true", "explicit"}) for feed in (old, new))
        if before != after:
            yield show_row(what, WARNING, before, after, f"{tag} of the show changed")
    before, after = (feed.channel.attribute("itunes:image", "href") for feed in (old, new))
    if before and not after:
        yield show_row("artwork", WARNING, before, after, "the show's artwork is gone")
    elif before != after:
        yield show_row("artwork", HINT, before, after, "the show's artwork has another address")


def _new_feed_url(old: Feed, new: Feed) -> Iterator[Difference]:
    """`itunes:new-feed-url` has to name the new feed, in the old one and in the new one (docs/sources.md)."""
    for feed, which in ((old, "old"), (new, "new")):
        named = feed.seen.new_feed_url
        if named and named != new.seen.address:
            message = f"itunes:new-feed-url of the {which} feed names another address than the new feed's: {named}"
            yield show_row("new-feed-url", WARNING, old.seen.new_feed_url, new.seen.new_feed_url, message)
        elif not named:
            yield show_row(
                "new-feed-url", HINT, old.seen.new_feed_url, new.seen.new_feed_url, f"the {which} feed has no itunes:new-feed-url"
            )
