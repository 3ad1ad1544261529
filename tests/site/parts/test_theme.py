"""Templates and assets, and the show's own in front of them."""

import re
import sys
from pathlib import Path

import pytest

import publisher.site
from publisher.site.html import show_pages as pages
from publisher.site.parts.theme import Theme
from tests.support import sample_pages


def theme_of(**settings):
    return Theme(sample_pages.make_settings(**settings))


def test_an_asset_is_named_by_its_content():
    names = [asset.key for asset in theme_of().assets]
    assert [re.sub("-[0-9a-f]{8}", "", name) for name in names] == [
        "assets/boot.js",
        "assets/comments.js",
        "assets/icon.svg",
        "assets/page.js",
        "assets/player.js",
        "assets/search.js",
        "assets/site.css",
        "assets/transcript.js",
    ]
    other = {asset.key for asset in theme_of(accent="#005f73").assets}
    assert {re.sub("-.*", "", name) for name in set(names) - other} == {"assets/icon", "assets/site"}


def test_the_same_theme_gives_the_same_bytes():
    assert theme_of().assets == theme_of().assets


def test_styles_hold_the_colours_and_nothing_from_elsewhere():
    theme = theme_of()
    css = next(asset.body.decode() for asset in theme.assets if asset.key.endswith(".css"))
    assert f"--fill:{theme.light.fill};" in css
    assert f"--fill:{theme.dark.fill};" in css
    assert "/* light */" not in css
    assert "/* dark */" not in css
    assert not re.search(r"url\(|@import|https?:", css)


def test_the_shows_folder_shadows_a_template_and_an_asset_by_name_and_may_add_one(tmp_path):
    (tmp_path / "message.html").write_text("{% extends 'base.html' %}{% block main %}<h1>Lost, {{ heading }}</h1>{% endblock %}")
    (tmp_path / "site.css").write_text(":root{/* light */}")
    (tmp_path / "type.woff2").write_bytes(b"font")
    theme, plain = Theme(sample_pages.make_settings(), sample_pages.theme_in(tmp_path)), theme_of()
    page = pages.not_found_page(theme, sample_pages.make_show()).decode()
    assert "<h1>Lost, There is no such page</h1>" in page
    assert theme.keys["site.css"] in page
    assert theme.keys["site.css"] != plain.keys["site.css"]
    assert theme.keys["type.woff2"].startswith("assets/type-")


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("[CC BY](https://example.org/by)", '<a href="https://example.org/by">CC BY</a>'),
        ("<script>x</script>", "&lt;script&gt;x&lt;/script&gt;"),
        ("[x](javascript:alert(1))", "[x](javascript:alert(1))"),
        ("![x](https://track.example/1.gif)", '!<a href="https://track.example/1.gif">x</a>'),
    ],
)
def test_the_footer_is_a_line_of_markdown_that_cannot_run_or_ask_anybody(written, shown):
    assert theme_of(footer=written).footer == shown


def test_scripts_stay_small():
    import gzip

    scripts = {asset.key.partition("-")[0]: asset.body for asset in theme_of().assets if asset.key.endswith(".js")}
    assert len(gzip.compress(scripts.pop("assets/search"))) < 4_000
    assert sorted(scripts) == [
        "assets/boot",
        "assets/comments",
        "assets/page",
        "assets/player",
        "assets/transcript",
    ]  # those of an episode's page
    assert sum(len(gzip.compress(script)) for script in scripts.values()) < 17_300


def test_scripts_are_sent_without_comments_and_nothing_else_is_cut():
    for path in (Path(publisher.site.__file__).parent / "assets").glob("*.js"):
        for line in path.read_text("utf-8").splitlines():
            code = "" if line.lstrip().startswith("//") or " // " not in line else line.partition(" // ")[0]
            assert all(code.count(quote) % 2 == 0 for quote in "\"`'"), f"{path.name}: a text holds what begins a comment: {line}"
        sent = next(asset.body for asset in theme_of().assets if asset.key.startswith(f"assets/{path.stem}-"))
        assert b" // " not in sent
        assert b"\n//" not in sent
    written = (Path(publisher.site.__file__).parent / "assets/site.css").read_text("utf-8")
    style = next(asset.body.decode() for asset in theme_of().assets if asset.key.startswith("assets/site-"))
    assert "/*" not in style
    assert {line.strip() for line in written.splitlines() if "/*" not in line and "*/" not in line} - {""} <= set(style.splitlines())


def test_a_template_is_compiled_once_and_kept_beside_ours(tmp_path, monkeypatch):
    monkeypatch.setattr("publisher.site.parts.template_environment._Compiled._folder", tmp_path / "kept")
    (tmp_path / "kept").mkdir()
    (tmp_path / "kept" / f"0000-older.{sys.implementation.cache_tag}.compiled").write_bytes(b"")
    page = pages.not_found_page(theme_of(), sample_pages.make_show())
    kept = sorted(path.name for path in (tmp_path / "kept").iterdir())
    assert len(kept) > 1
    assert not any(name.startswith("0000") for name in kept)
    monkeypatch.setattr("jinja2.environment.Environment._generate", lambda *_: pytest.fail("compiled twice"))
    assert pages.not_found_page(theme_of(), sample_pages.make_show()) == page


@pytest.mark.parametrize("found", [b"", b"no code", b"\xe3"])
def test_a_compiled_template_that_is_damaged_is_made_anew(found, tmp_path, monkeypatch):
    monkeypatch.setattr("publisher.site.parts.template_environment._Compiled._folder", tmp_path)
    page = pages.not_found_page(theme_of(), sample_pages.make_show())
    for path in tmp_path.iterdir():
        path.write_bytes(found)
    assert pages.not_found_page(theme_of(), sample_pages.make_show()) == page


def test_where_compiled_templates_cannot_be_kept_pages_are_made_all_the_same(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("no folder")
    monkeypatch.setattr("publisher.site.parts.template_environment._Compiled._folder", tmp_path / "file")
    assert pages.not_found_page(theme_of(), sample_pages.make_show())
