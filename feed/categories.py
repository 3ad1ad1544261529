"""Apple's categories: the table directories compare with, the names it had before 2019, and "did you mean"."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

# fmt: off
CATEGORIES: Mapping[str, Sequence[str]] = {
    "Arts": ("Books", "Design", "Fashion & Beauty", "Food", "Performing Arts", "Visual Arts"),
    "Business": ("Careers", "Entrepreneurship", "Investing", "Management", "Marketing", "Non-Profit"),
    "Comedy": ("Comedy Interviews", "Improv", "Stand-Up"),
    "Education": ("Courses", "How To", "Language Learning", "Self-Improvement"),
    "Fiction": ("Comedy Fiction", "Drama", "Science Fiction"),
    "Government": (),
    "History": (),
    "Health & Fitness": ("Alternative Health", "Fitness", "Medicine", "Mental Health", "Nutrition", "Sexuality"),
    "Kids & Family": ("Education for Kids", "Parenting", "Pets & Animals", "Stories for Kids"),
    "Leisure": ("Animation & Manga", "Automotive", "Aviation", "Crafts", "Games", "Hobbies", "Home & Garden", "Video Games"),
    "Music": ("Music Commentary", "Music History", "Music Interviews"),
    "News": ("Business News", "Daily News", "Entertainment News", "News Commentary", "Politics", "Sports News", "Tech News"),
    "Religion & Spirituality": ("Buddhism", "Christianity", "Hinduism", "Islam", "Judaism", "Religion", "Spirituality"),
    "Science": (
        "Astronomy", "Chemistry", "Earth Sciences", "Life Sciences", "Mathematics", "Natural Sciences", "Nature", "Physics",
        "Social Sciences",
    ),
    "Society & Culture": ("Documentary", "Personal Journals", "Philosophy", "Places & Travel", "Relationships"),
    "Sports": (
        "Baseball", "Basketball", "Cricket", "Fantasy Sports", "Football", "Golf", "Hockey", "Rugby", "Running", "Soccer",
        "Swimming", "Tennis", "Volleyball", "Wilderness", "Wrestling",
    ),
    "Technology": (),
    "True Crime": (),
    "TV & Film": ("After Shows", "Film History", "Film Interviews", "Film Reviews", "TV Reviews"),
}
# fmt: on
"""Category -> subcategories, spelled and cased as Apple compares them (19 and 91)."""

LEGACY: Mapping[str, str] = {
    "Literature": "Arts > Books",
    "Fashion": "Arts > Fashion & Beauty",
    "Business News": "News > Business News",
    "Management & Marketing": "Business > Management",
    "Shopping": "Business",
    "Education Technology": "Education",
    "Educational Technology": "Education",
    "Higher Education": "Education > Courses",
    "K-12": "Education > Courses",
    "Training": "Education > Courses",
    "Language Courses": "Education > Language Learning",
    "Games & Hobbies": "Leisure",
    "Other Games": "Leisure > Games",
    "Government & Organizations": "Government",
    "Local": "Government",
    "National": "Government",
    "Regional": "Government",
    "Non-Profit": "Business > Non-Profit",
    "Health": "Health & Fitness",
    "Fitness & Nutrition": "Health & Fitness > Fitness",
    "Self-Help": "Education > Self-Improvement",
    "Kids": "Kids & Family",
    "News & Politics": "News",
    "Science & Medicine": "Science",
    "Medicine": "Health & Fitness > Medicine",
    "Sports & Recreation": "Sports",
    "Outdoor": "Sports > Wilderness",
    "Amateur": "Sports",
    "Professional": "Sports",
    "College & High School": "Sports",
    "Gadgets": "Technology",
    "Podcasting": "Technology",
    "Software How-To": "Technology",
    "Tech News": "News > Tech News",
    "History": "History",
    "Other": "Religion & Spirituality",
}
"""Names from before 2019 -> what Apple calls it now, as config.toml writes it."""


def split_category(written: str) -> tuple[str, str]:
    """`"News > Tech News"` as (category, subcategory), blanks trimmed; the subcategory is "" where none is written."""
    name, _, sub = written.partition(">")
    return name.strip(), sub.strip()


def is_category(written: str) -> bool:
    """Whether this is one of Apple's, exactly as Apple spells it."""
    name, sub = split_category(written)
    return name in CATEGORIES and (not sub or sub in CATEGORIES[name]) and written.count(">") == bool(sub)


def did_you_mean(written: str) -> str:
    """What to write instead of a category Apple does not know, as config.toml writes it; "" where nothing comes near.

    Finds wrong case, a subcategory written alone or under the wrong category, names from before 2019 and slips of the pen.
    """
    from difflib import get_close_matches

    parts = [part for part in split_category(written[:200]) if part]
    for part in reversed(parts):
        if (found := _MEANT.get(part.lower())) is not None:
            return found
        if near := get_close_matches(part.lower(), _MEANT, n=1, cutoff=0.75):
            return _MEANT[near[0]]
    return ""


# Every name in lower case -> what to write: today's names before yesterday's, categories before subcategories.
_MEANT = (
    {old.lower(): new for old, new in LEGACY.items()}
    | {sub.lower(): f"{name} > {sub}" for name, subs in CATEGORIES.items() for sub in subs}
    | {name.lower(): name for name in CATEGORIES}
)
