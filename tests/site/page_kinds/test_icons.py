"""Icons and the accent, from the artwork."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from publisher.core.show_files import SourceFile
from publisher.media.colors import ACCENT, to_oklch
from publisher.media.image_processing import accent_of, square
from publisher.site.page_kinds.icons import SIZES, recipes
from tests.support.show_factory import make_show, tree


def saved(path, *stripes):
    """A picture of coloured stripes."""
    picture = Image.new("RGB", (len(stripes) * 40, 120))
    for number, colour in enumerate(stripes):
        picture.paste(colour, (number * 40, 0, number * 40 + 40, 120))
    picture.save(path, "PNG")
    return path


def source(path):
    return SourceFile(path=path, name=path.name, digest="", root=path.parent)


def test_the_accent_is_the_colour_that_stands_out(tmp_path):
    path = saved(tmp_path / "a.png", "#f5ead6", "#f5ead6", "#14302e", "#d8352a", "#14302e")
    hue = to_oklch(accent_of(source(path)))[2]
    assert abs(hue - to_oklch("#d8352a")[2]) < 6
    assert accent_of(source(path)) == accent_of(source(path))


@pytest.mark.parametrize("stripes", [("#000", "#fff"), ("#777", "#787878")])
def test_a_grey_picture_leaves_the_accent_to_us(tmp_path, stripes):
    assert accent_of(source(saved(tmp_path / "a.png", *stripes))) == ACCENT


def test_no_picture_or_one_that_cannot_be_read_leaves_the_accent_to_us(tmp_path):
    (tmp_path / "a.png").write_bytes(b"no picture")
    assert accent_of(source(tmp_path / "a.png")) == ACCENT
    assert accent_of(source(tmp_path / "missing.png")) == ACCENT


def test_a_wide_picture_is_cut_to_its_middle(tmp_path):
    assert square(source(saved(tmp_path / "a.png", "#f00", "#0f0", "#00f", "#ff0", "#0ff"))).getpixel((60, 60))[2] > 200


def test_the_icons_have_their_sizes_and_every_page_and_the_manifest_name_them(tmp_path):
    import json

    show = make_show(tmp_path)
    show.episode()
    assert show.publish("--yes").status == 0
    files = tree(show.public)
    icons = sorted((key for key in files if key.startswith("art/icon-")), key=lambda key: int(key.split("-")[1]))
    assert [Image.open(io.BytesIO(files[key])).size for key in icons] == [(size, size) for size in SIZES]
    assert [icon["src"] for icon in json.loads(files["site.webmanifest"])["icons"]][: len(icons)] == icons
    for page in ("episodes/first.html", "embed/first.html"):
        text = files[page].decode()
        assert f'<link rel="apple-touch-icon" sizes="180x180" href="../{icons[1]}">' in text
        assert f'<link rel="icon" type="image/png" sizes="32x32" href="../{icons[0]}">' in text


def test_recipes_are_none_without_artwork():
    class Nothing:
        source = type("Source", (), {"artwork": None})
        artwork = ()

    assert recipes(Nothing()) == ()


def test_an_accent_that_is_no_colour_is_named_with_its_line(tmp_path):
    show = make_show(tmp_path)
    show.configure('url = "https://small.example"', 'url = "https://small.example"\naccent = "bright red"')
    outcome = show.run("check")
    assert outcome.status == 3
    line = show.config.read_text().splitlines().index('accent = "bright red"') + 1
    assert f"config.toml:{line}" in outcome.stderr
    assert "like #c8391f" in outcome.stderr
