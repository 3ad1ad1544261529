"""A made-up show's downloads, as a report gets them: ten episodes, each Thursday one, with a tail that everybody's numbers have."""

from __future__ import annotations

import datetime as dt

from publisher.load.config_tables import SubscribeTable
from publisher.site.parts.page_values import SiteSettings
from publisher.site.parts.theme import Theme
from publisher.stats.period import Period
from publisher.stats.report.page import NumbersPage
from publisher.stats.report.values import DailySum, EpisodeOnce, OldTotal, ShowNumbers

TODAY = dt.date(2026, 6, 30)
FIRST = dt.date(2026, 4, 1)
SLUGS = (
    "who-keeps-the-lights-on",
    "the-lamp-that-waits",
    "a-clock-eleven-seconds-late",
    "what-the-fog-said",
    "the-sea-was-wrong",
    "bees-in-the-tower",
    "the-archive-downstairs",
    "a-footpath-that-moved",
    "salt-and-brass",
    "the-last-log-book",
)
APPS = (("Apple Podcasts", "mobile", 0.41), ("Overcast", "mobile", 0.2), ("AntennaPod", "mobile", 0.17), ("Firefox", "computer", 0.12))
COUNTRIES = (("DE", 0.5), ("US", 0.3), ("", 0.2))


def episode(number: int) -> EpisodeOnce:
    """The episode with this number, from 0."""
    day = dt.date(2026, 4, 23) + dt.timedelta(weeks=number)
    return EpisodeOnce(slug=SLUGS[number], title=SLUGS[number].replace("-", " ").capitalize(), date=day)


def sample_numbers(*, title: str = "Slow Light", guid: str = "58c5d453-ce41-5f39-9af8-1792af28cfa4", language: str = "en") -> ShowNumbers:
    """Its numbers until the day before TODAY; what the old host counted before FIRST stands apart."""
    last = TODAY - dt.timedelta(days=1)
    episodes = tuple(map(episode, range(len(SLUGS))))
    sums = []
    for index, item in enumerate(episodes):
        for age in range((last - item.date).days + 1):
            number = round((900 + 70 * index) / (1 + age) ** 1.3)
            sums += _parts(item.date + dt.timedelta(days=age), item.slug, number)
    old = tuple(OldTotal(date=FIRST - dt.timedelta(days=days), downloads=100 + days) for days in range(1, 31))
    return ShowNumbers(
        guid=guid,
        title=title,
        language=language,
        episodes=episodes,
        sums=tuple(sums),
        old=old,
        counted=Period(first=FIRST, last=last),
        open_from=last - dt.timedelta(days=1),
        limits=("where the log has no ranges, a part of a recording counts by its bytes",),
        unread=3,
    )


def _parts(day: dt.date, slug: str, number: int) -> list[DailySum]:
    """One day of an episode, divided by app and country; what is left over has an app that nobody knows."""
    found, left = [], number
    for app, device, part in APPS:
        for country, share in COUNTRIES:
            downloads = int(number * part * share)
            left -= downloads
            if downloads:
                found.append(DailySum(date=day, slug=slug, app=app, device=device, country=country, downloads=downloads))
    return [*found, DailySum(date=day, slug=slug, downloads=left)] if left else found


def sample_page() -> bytes:
    """The page of these numbers."""
    theme = Theme(SiteSettings(url="https://podcast.example", subscribe=SubscribeTable()))
    return NumbersPage(sample_numbers(), theme, TODAY, asked=None, sums_only=False).html()
