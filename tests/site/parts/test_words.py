"""Every word of every language is there."""

import datetime as dt
import re
import string
import tomllib
from pathlib import Path

import pytest

import publisher.site
from publisher.comments.service.refusals import STATUSES
from publisher.site.parts.words import LANGUAGES, words_for

HERE = Path(publisher.site.__file__).parent
CATALOGUES = {path.stem: tomllib.loads(path.read_text(encoding="utf-8")) for path in (HERE / "catalogues").glob("*.toml")}
FOLDERS = (HERE, HERE.parent / "comments", HERE.parent / "stats" / "report")  # whoever answers in the pages’ words
FILES = (path for folder in FOLDERS for path in sorted(folder.rglob("*.*")) if path.suffix in {".py", ".html", ".xml", ".js"})
SOURCES = "".join(path.read_text(encoding="utf-8") for path in FILES)
# Names of keys on the keyboard, and words that are the same in both languages.
ALIKE = {
    "apps",
    "bonus",
    "trailer",
    "player",
    "pause",
    "position",
    "shift",
    "volume",
    "sources",
    "pages",
    "share_link",
    "feed",
    "site_menu",
    "chapter",
    "license",
    "chat",
    "video",
    "stats_title",
} | {"hours_short", "minutes_short", "seconds_short"}


def places(text):
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def test_there_is_a_catalogue_for_each_language():
    assert set(CATALOGUES) == set(LANGUAGES)


@pytest.mark.parametrize("language", [name for name in LANGUAGES if name != "en"])
def test_a_language_has_every_word_with_the_same_places_and_none_left_in_english(language):
    english, other = CATALOGUES["en"], CATALOGUES[language]
    assert set(other) == set(english)
    for key, text in english.items():
        if isinstance(text, str):
            assert places(other[key]) == places(text), key
            assert other[key] != text or key in ALIKE, f"{key} is still English"


def test_portuguese_is_that_of_brazil_throughout():
    said = "\n".join(text for text in CATALOGUES["pt"].values() if isinstance(text, str)).lower()
    european = (
        r"leitor\b|subscre|(?<!com)partilh|telemóvel|ecrã|ficheiro|descarreg|utilizador|aceder|à espera|continua a \w+r\b|contacto|registo"
    )
    assert re.findall(european, said) == []
    assert {"compartilhar", "baixar", "assinar"} <= set(said.splitlines())


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_language_has_every_plural_form_it_needs(language):
    words = words_for(language)
    needed = {words.locale.plural_form(number) for number in range(200)}
    for key, forms in CATALOGUES[language].items():
        if isinstance(forms, dict):
            assert needed <= set(forms), key


def test_no_word_is_kept_that_no_page_says():
    unused = [key for key in CATALOGUES["en"] if not key.startswith("role_") and not re.search(rf"[\"']{re.escape(key)}[\"']", SOURCES)]
    assert unused == [
        "bonus",
        *(f"comment_refused_{code}" for code in STATUSES if code != "closed"),
    ]  # of the type of an episode, of a refusal


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", ("April 8, 2026", "18 min", "1 hr 2 min", "3 episodes", "1 episode")),
        ("en-gb", ("8 April 2026", "18 min", "1 hr 2 min", "3 episodes", "1 episode")),
        ("de", ("8. April 2026", "18 Min.", "1 Std. 2 Min.", "3 Folgen", "1 Folge")),
        ("pt-br", ("8 de abril de 2026", "18 min", "1 h 2 min", "3 episódios", "1 episódio")),
        ("ja", ("2026年4月8日", "18分", "1時間2分", "エピソード3本", "エピソード1本")),
    ],
)
def test_dates_lengths_and_numbers_are_said_as_the_language_does(language, said):
    words = words_for(language)
    moment = dt.datetime(2026, 4, 8, 23, 30, tzinfo=dt.timezone(dt.timedelta(hours=-8)))
    heard = (words.date(moment), words.length(1086), words.length(3720), words.count("count_episodes", 3), words.count("count_episodes", 1))
    assert tuple(re.sub(r"[\s\u202f\xa0]+", " ", text) for text in heard) == said


@pytest.mark.parametrize(
    ("language", "number", "said"),
    [
        ("en", 3, "Episode 3"),
        ("en", 3.5, "Episode 3.5"),
        ("de", 3.5, "Folge 3,5"),
        ("de", 1234, "Folge 1234"),
        ("de", 1234.25, "Folge 1234,25"),
    ],
)
def test_the_number_of_an_episode_is_never_grouped_and_has_the_point_of_its_language(language, number, said):
    words = words_for(language)
    assert words("episode", number=words.number(number)) == said


@pytest.mark.parametrize(("language", "direction"), [("ar", "rtl"), ("he", "rtl"), ("en", "ltr"), ("ja", "ltr")])
def test_a_page_runs_in_the_direction_of_its_language(language, direction):
    assert words_for(language).direction == direction


@pytest.mark.parametrize("language", ["pl", "xx", "zz-zz", "tlh", "en-xx", "no-such-language"])
def test_a_language_without_a_catalogue_gets_english_words(language):
    words = words_for(language)
    assert words("play") == "Play"
    assert words.language == language
