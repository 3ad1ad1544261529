"""Long lists over pages: a full page keeps what it holds, and a serial show is told in its own order."""

from types import SimpleNamespace

import pytest
from lxml import html

from publisher.site.parts.page_windows import FIRST_EPISODES, in_story_order, newest_first, oldest_first
from tests.support.show_factory import make_show, tree


@pytest.mark.parametrize("leaves", [newest_first, oldest_first])
@pytest.mark.parametrize("count", [0, 1, 9, 25, 26, 34, 35, 36, 50, 60, 61, 1000])
def test_every_episode_stands_on_one_page_and_pages_lead_to_each_other(leaves, count):
    made = leaves(count)
    pages = {leaf.number: leaf for leaf in made}
    assert [episode for leaf in made for episode in range(count)[leaf.window]] == list(range(count))
    assert made[0].number == 0
    assert made[0].back is None
    assert made[-1].onward is None
    for leaf in made[:-1]:
        assert pages[leaf.onward].back == leaf.number
    assert all(len(range(count)[leaf.window]) == 25 for leaf in made[1:-1])


@pytest.mark.parametrize("count", range(1, 130))
def test_a_full_page_holds_the_same_episodes_for_ever(count):
    def held(total):  # by number of page: which episodes, counted from the oldest
        return {leaf.number: [total - 1 - place for place in range(total)[leaf.window]] for leaf in newest_first(total) if leaf.number}

    before, after = held(count), held(count + 1)
    assert {number: after[number] for number in before} == before
    assert len(range(count)[newest_first(count)[0].window]) >= min(count, FIRST_EPISODES)
    told = {leaf.number: list(range(count)[leaf.window]) for leaf in oldest_first(count)}
    later = {leaf.number: list(range(count + 1)[leaf.window]) for leaf in oldest_first(count + 1)}
    assert all(later[number] == held for number, held in told.items() if len(held) == 25)


def told(*episodes):
    """Slugs as (slug, season, number), given oldest first, in the order of a serial show."""
    contents = [
        SimpleNamespace(slug=slug, source=SimpleNamespace(written=SimpleNamespace(season=season, episode=number)))
        for slug, season, number in reversed(episodes)
    ]
    return "".join(content.slug for content in in_story_order(contents, serial=True))


@pytest.mark.parametrize(
    ("episodes", "order"),
    [
        ([("a", None, 1), ("b", None, 2)], "ab"),
        ([("b", 1, 2), ("a", 1, 1)], "ab"),
        ([("c", 2, 1), ("a", 1, 1), ("b", 1, 2)], "abc"),
        ([("t", 1, None), ("a", 1, 1), ("x", 1, None), ("b", 1, 2)], "taxb"),
        ([("a", 1, 1), ("t", 2, None), ("b", 2, 1)], "atb"),
        ([("a", None, None), ("b", None, None)], "ab"),
    ],
)
def test_a_serial_show_is_told_by_season_and_number_whatever_the_dates_say(episodes, order):
    assert told(*episodes) == order


@pytest.fixture
def show(tmp_path):
    return make_show(tmp_path / "show")


def publish(show):
    outcome = show.publish("--yes")
    assert outcome.status == 0, outcome.stderr
    return tree(show.public)


def test_pages_of_a_season_and_of_a_person_are_full_and_then_stay(show):
    show.write("config.toml", show.config.read_text() + '\n[people.bell]\nname = "Bell <b>"\n\n[seasons.1]\nname = "One"\n')
    for number in range(1, 37):
        day = f"2026-{1 + number // 28:02}-{1 + number % 28:02}"
        show.episode(f"{day}-n{number}", date=f"{day}T06:00:00Z", front=f'season = 1\nepisode = {number}\nguests = ["bell"]')
    files = publish(show)
    season, person = html.fromstring(files["season-1.html"]), html.fromstring(files["people/bell.html"])
    for page, older in ((season, "season-1/1.html"), (person, "bell/1.html")):
        assert len(page.xpath("//ol[@class='episodes']/li")) == 11
        assert page.xpath("//nav[@class='pager']/a[@rel='next']/@href") == [older]
    for key in ("season-1/1.html", "people/bell/1.html"):
        page = html.fromstring(files[key])
        assert len(page.xpath("//ol[@class='episodes']/li")) == 25
        assert page.xpath("//ol[@class='episodes']/li[last()]//h2/a/@href")[0].endswith("episodes/n1.html")
        assert page.xpath("//nav[@class='pager']/a[@rel='prev']")
        assert not page.xpath("//h1/b")
    assert html.fromstring(files["people.html"]).xpath("//a[@href='people/bell.html']")
    assert b"https://small.example/people/bell.html" in files["sitemap.xml"]
    show.episode("2026-03-01-n37", date="2026-03-01T06:00:00Z", front='season = 1\nepisode = 37\nguests = ["bell"]')
    after = publish(show)
    for key in ("season-1/1.html", "people/bell/1.html"):
        assert after[key] == files[key]
    assert b"/n37.html" in after["season-1.html"]
    assert b"/n37.html" in after["people/bell.html"]


def test_previous_and_next_of_a_serial_show_follow_the_story(show):
    show.configure("explicit = false", 'explicit = false\ntype = "serial"')
    for day, number in (("01", 2), ("08", 1), ("15", 3)):
        show.episode(f"2026-05-{day}-part-{number}", date=f"2026-05-{day}T06:00:00Z", front=f"episode = {number}")
    files = publish(show)
    ways = {
        number: [html.fromstring(files[f"episodes/part-{number}.html"]).xpath(f"//nav//a[@rel='{rel}']/@href") for rel in ("prev", "next")]
        for number in (1, 2, 3)
    }
    assert ways == {1: [[], ["part-2.html"]], 2: [["part-1.html"], ["part-3.html"]], 3: [["part-2.html"], []]}
    show.episode("2026-05-20-extra", date="2026-05-20T06:00:00Z", front='episode = 2.5\ntype = "bonus"')
    files = publish(show)
    extra = html.fromstring(files["episodes/extra.html"])
    assert [extra.xpath(f"//nav//a[@rel='{rel}']/@href") for rel in ("prev", "next")] == [["part-2.html"], ["part-3.html"]]
    assert "Episode 2.5" in extra.text_content()
    assert b'"episodeNumber":"2.5"' in files["episodes/extra.html"].replace(b": ", b":")
    assert b'"episodeNumber":2' in files["episodes/part-2.html"].replace(b": ", b":")
