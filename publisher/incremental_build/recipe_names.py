"""The names of recipes: what is made, and for whom, as `page/slug` or `art/person/ada`."""

from __future__ import annotations

TRANSCRIPT = "transcript"
ANSWERS = "answers"
"""What an episode's posts on social networks got."""
LOOK = "look"
"""What the page of an episode that stays as it was served shows of the show."""
EPISODE_RECIPES = frozenset(
    ("alternate", ANSWERS, "art", "chapters", "image", LOOK, "media", "page", "removed", "social", "thumb", TRANSCRIPT)
)
"""Kinds of recipes that an episode has of its own: the kind, its slug, and what else tells them apart."""


def recipe_name(kind: str, *parts: str | int) -> str:
    """The name of the recipe of this kind for an episode (its slug) or a part of the show."""
    return "/".join((kind, *map(str, parts)))


def kind_of(recipe: str) -> str:
    """What a recipe makes."""
    return recipe.partition("/")[0]


def episode_of(recipe: str) -> str:
    """The slug of the episode that a recipe belongs to; "" for one of the show's own, as `art/person/ada` is."""
    kind, _, rest = recipe.partition("/")
    slug, _, further = rest.partition("/")
    return slug if kind in EPISODE_RECIPES and not (kind == "art" and further) else ""
