"""What machines ask a site for."""

import json
from xml.etree import ElementTree as ET

from publisher.core import layout
from publisher.site.html import machine_files as machines
from publisher.site.parts.theme import Theme
from tests.support import sample_pages

PRETTY = {False: "/episodes/episode-1.html", True: "/episodes/episode-1"}


def made(**settings):
    show = sample_pages.make_show(title="A & B")
    episode = sample_pages.make_episode(1, title='Quotes " & <b>')
    from dataclasses import replace

    return Theme(sample_pages.make_settings(**settings)), replace(show, episodes=(episode,)), sample_pages.make_view(episode)


def test_the_map_names_every_page_by_its_one_address():
    for pretty, address in PRETTY.items():
        theme, show, _ = made(pretty_urls=pretty)
        root = ET.fromstring(machines.sitemap(theme, [(episode.slug, episode.date) for episode in show.episodes], [layout.PEOPLE]))
        found = [element.text for element in root.iter("{http://www.sitemaps.org/schemas/sitemap/0.9}loc")]
        assert found[0] == sample_pages.SITE + ("/" if pretty else "/index.html")
        assert found[1] == sample_pages.SITE + address
        assert len(found) == 3
        assert [element.text for element in root.iter("{http://www.sitemaps.org/schemas/sitemap/0.9}lastmod")] == ["2026-04-15"]


def test_robots_may_read_everything_and_find_the_map():
    theme, _, _ = made()
    assert machines.robots(theme).decode().split("\n") == ["User-agent: *", "Allow: /", "", f"Sitemap: {sample_pages.SITE}/sitemap.xml", ""]


def test_the_manifest_names_the_show_in_its_language_and_only_own_pictures():
    theme, show, _ = made()
    manifest = json.loads(machines.webmanifest(theme, show))
    assert (manifest["name"], manifest["lang"], manifest["dir"], manifest["start_url"]) == ("A & B", "en", "ltr", "index.html")
    assert [icon["src"] for icon in manifest["icons"]] == ["art/show.jpg", theme.keys["icon.svg"]]


def test_another_site_is_told_how_to_show_the_small_player():
    theme, show, view = made()
    told = json.loads(machines.oembed(theme, show, view))
    assert (told["type"], told["version"], told["title"]) == ("rich", "1.0", 'Quotes " & <b>')
    assert told["html"] == (
        f'<iframe src="{sample_pages.SITE}/embed/episode-1.html" title="Quotes &quot; &amp; &lt;b&gt;" width="100%" height="200" '
        'style="border:0" frameborder="0" loading="lazy"></iframe>'
    )
