"""One accent makes two schemes in which everything can be read."""

import pytest

from publisher.media.colors import contrast, dark_tokens, light_tokens, luminance, oklch, parse_hex, to_oklch

ACCENTS = ["#c8391f", "#ffff00", "#000000", "#ffffff", "#00a", "#7fff00", "#808080", "#ff00ff", "#123456"]


@pytest.mark.parametrize("accent", ACCENTS)
@pytest.mark.parametrize("scheme", [light_tokens, dark_tokens])
def test_every_text_can_be_read_on_every_ground_it_stands_on(scheme, accent):
    made = scheme(accent)
    for text in (made.ink, made.soft, made.accent, *made.speakers):
        for ground in (made.paper, made.sunken, made.wash) if text != made.soft else (made.paper, made.raised, made.wash):
            assert contrast(text, ground) >= 4.5, (text, ground)
    assert contrast(made.ink, made.mark) >= 4.5
    assert contrast(made.on_fill, made.fill) >= 4.5
    assert contrast(made.edge, made.paper) >= 3
    assert contrast(made.fill, made.paper) >= 3


def test_a_good_accent_is_kept_as_it_is_for_the_play_button():
    assert light_tokens("#c8391f").fill == "#c8391f"


def test_contrast_is_that_of_the_standard():
    assert contrast("#000", "#fff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)
    assert luminance("#ffffff") == pytest.approx(1)


@pytest.mark.parametrize("color", ["#c8391f", "#00ff00", "#3366cc", "#ffffff"])
def test_a_colour_survives_the_way_through_oklch(color):
    assert oklch(*to_oklch(color)) == color


@pytest.mark.parametrize("text", ["red", "#12", "#12345", "#gggggg", "", "url(x)", "#fff;}"])
def test_what_is_no_colour_is_refused(text):
    with pytest.raises(ValueError, match="not a colour"):
        parse_hex(text)
