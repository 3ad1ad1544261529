"""Related episodes: earlier ones only, by what is rare in both."""

from __future__ import annotations

from types import SimpleNamespace

from publisher.site.parts.related import related


def episode(slug, title="", tags=(), guests=(), season=None, summary=None):
    written = SimpleNamespace(title=title or slug, tags=tags, guests=guests, season=season, summary=summary)
    return SimpleNamespace(slug=slug, source=SimpleNamespace(written=written))


def found(*oldest_first):
    return {slug: [item.slug for item in items] for slug, items in related(list(reversed(oldest_first))).items()}


FILLER = tuple(episode(f"filler-{number}", f"Unlike{'abcdefgh'[number] * 4} thing") for number in range(8))


def test_a_guest_a_tag_or_a_rare_word_leads_back():
    shown = found(
        episode("a", guests=("grace",)),
        episode("b", tags=("Bees",)),
        episode("c", "The lighthouse of Skerry"),
        *FILLER,
        episode("x", guests=("grace",)),
        episode("y", tags=("bees",)),
        episode("z", "Skerry lighthouse again"),
    )
    assert (shown["x"], shown["y"], shown["z"]) == (["a"], ["b"], ["c"])
    assert shown["a"] == []


def test_what_all_share_says_nothing_and_the_one_before_is_linked_anyway():
    episodes = [episode(str(number), "Another day at the harbour", tags=("news",)) for number in range(6)]
    assert not any(found(*episodes).values())
    assert found(*FILLER, episode("p", tags=("rare",)), episode("q", tags=("rare",)))["q"] == []


def test_a_new_episode_changes_no_older_page():
    episodes = [episode(str(number), f"Bees and {'owl' if number % 3 else 'fox'}", guests=(f"guest{number % 4}",)) for number in range(20)]
    before = found(*episodes)
    after = found(*episodes, episode("new", "Bees and fox", guests=("guest1",)))
    assert {slug: after[slug] for slug in before} == before
    assert 0 < len(after["new"]) <= 3


def test_three_thousand_episodes_take_a_moment():
    import time

    words = [f"word{chr(97 + number % 26)}{chr(97 + number // 26 % 26)}{chr(97 + number // 676)}" for number in range(3000)]
    episodes = [
        episode(str(n), f"{words[n % 400]} {words[n % 77]} {words[n]}", guests=(words[n % 90],), tags=(words[n % 30],)) for n in range(3000)
    ]
    start = time.perf_counter()
    found(*episodes)
    assert time.perf_counter() - start < 5
