"""Every word the pages say by themselves, in the show's language, with its dates, lengths and plural forms."""

from __future__ import annotations

import datetime as dt
import tomllib
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from babel import Locale

_CATALOGUES = files("publisher.site").joinpath("catalogues")
LANGUAGES = tuple(sorted(path.name.removesuffix(".toml") for path in _CATALOGUES.iterdir()))
_RIGHT_TO_LEFT = frozenset({"ar", "arc", "ckb", "dv", "fa", "he", "ks", "ku", "ps", "sd", "ug", "ur", "yi"})
_RIGHT_TO_LEFT_SCRIPTS = frozenset({"adlm", "arab", "hebr", "nkoo", "rohg", "syrc", "thaa"})
UNSPACED = frozenset({"ja", "zh", "th", "lo", "km", "my"})
"""Languages written without spaces between words."""


@dataclass(frozen=True, slots=True)
class Words:
    """The catalogue of one language. `words("play")` is a word, `words.count("episodes", 3)` a number of things.

    `language` is the BCP 47 tag of the show; where we have no catalogue for it the words are English.
    """

    language: str
    spoken: str
    table: Mapping[str, Any]
    locale: Locale

    def __call__(self, key: str, **values: object) -> str:
        """The word or sentence `key`, its `{places}` filled. KeyError for a word nobody wrote."""
        text: str = self.table[key]
        return text.format(**values) if values else text

    def __contains__(self, key: str) -> bool:
        """Whether there is such a word, and it is no plural."""
        return isinstance(self.table.get(key), str)

    def count(self, key: str, number: int) -> str:
        """`3 episodes`, in the plural form the language has for this number (CLDR)."""
        from babel.numbers import format_decimal

        forms: Mapping[str, str] = self.table[key]
        form = forms.get(self.locale.plural_form(number), forms["other"])
        return form.format(n=format_decimal(number, locale=self.locale))

    def forms(self, key: str) -> Mapping[str, str]:
        """Every plural form of a number of things, for what counts in the browser."""
        forms: Mapping[str, str] = self.table[key]
        return forms

    @property
    def direction(self) -> str:
        """`rtl` for a language written from right to left, else `ltr`."""
        return direction_of(self.language)

    @property
    def primary(self) -> str:
        """The language without its region, lower case."""
        return self.language.partition("-")[0].lower()

    @property
    def space(self) -> str:
        """What stands between two sentences: nothing in languages written without spaces."""
        return "" if self.primary in UNSPACED else " "

    def number(self, value: float) -> str:
        """`3`, `3.5`, in German `3,5`: the number of an episode, never grouped."""
        from babel.numbers import format_decimal

        return str(value) if isinstance(value, int) else format_decimal(value, format="0.##", locale=self.locale)

    def date(self, moment: dt.datetime) -> str:
        """`8 April 2026`, in the zone the date was written in."""
        from babel.dates import format_date

        return format_date(moment.date(), format="long", locale=self.locale)

    def moment(self, moment: dt.datetime, *, day: bool = True, zone: bool = True) -> str:
        """`8 April 2026, 20:00 UTC+02:00`, in the zone it was written in; without its `day` the time alone, its `zone` if asked."""
        from babel.dates import format_time

        offset = moment.strftime("%z")
        name = "UTC" if moment.utcoffset() in {None, dt.timedelta(0)} else f"UTC{offset[:3]}:{offset[3:5]}"
        time = format_time(moment.time(), format="short", locale=self.locale) + (f" {name}" if zone else "")
        return f"{self.date(moment)}, {time}" if day else time

    def language_name(self, tag: str) -> str:
        """`German`, `Deutsch`: the language `tag` (BCP 47) as this one calls it; the tag itself when it is not known."""
        name: str = self.locale.languages.get(tag.replace("_", "-").partition("-")[0].lower(), tag)
        return name[:1].upper() + name[1:]

    def length(self, seconds: float) -> str:
        """`1 hr 18 min`: a length for people, in whole minutes; in seconds below one minute."""
        if round(seconds) < 60:
            return self("seconds_short", n=round(seconds))
        minutes = round(seconds / 60)
        parts = ("hours_short", minutes // 60), ("minutes_short", minutes % 60)
        return self.space.join(self(key, n=number) for key, number in parts if number)

    def bytes(self, size: int) -> str:
        """`4.2 MB`, decimal, as download pages count."""
        from babel.numbers import format_decimal

        return f"{format_decimal(max(size, 100_000) / 1_000_000, format='#,##0.0', locale=self.locale)} MB"


def direction_of(language: str) -> str:
    """`rtl` for a language (BCP 47) written from right to left, else `ltr`."""
    primary, *further = language.replace("_", "-").lower().split("-")
    script = next((part for part in further if len(part) == 4 and part.isalpha()), "")  # az-Arab, ku-Latn
    return "rtl" if script in _RIGHT_TO_LEFT_SCRIPTS or (not script and primary in _RIGHT_TO_LEFT) else "ltr"


@lru_cache(maxsize=32)
def words_for(language: str) -> Words:
    """The words for pages in `language` (`de`, `pt-br`); English where it is not one of `LANGUAGES`."""
    from babel import Locale, UnknownLocaleError

    primary = language.replace("_", "-").partition("-")[0].lower()
    spoken = primary if primary in LANGUAGES else "en"
    try:
        locale = Locale.parse(language.replace("_", "-"), sep="-")
    except (UnknownLocaleError, ValueError):
        locale = Locale.parse(spoken)
    if locale.language != spoken:
        locale = Locale.parse(spoken)
    return Words(language, spoken, _catalogue(spoken), locale)


@lru_cache(maxsize=16)
def _catalogue(language: str) -> Mapping[str, Any]:
    return tomllib.loads(_CATALOGUES.joinpath(f"{language}.toml").read_text(encoding="utf-8"))
