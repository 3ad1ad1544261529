"""One accent in, every colour of the pages out: light and dark, with the contrast WCAG AA asks for ensured at build time.

Colours are mixed in OKLCH, where equal steps look equal, and written as hexadecimal sRGB, which every browser reads.
"""

import math
import re
from dataclasses import dataclass

ACCENT = "#c8391f"
"""The light over a studio door."""

TEXT_CONTRAST = 4.5
"""WCAG 2.2, 1.4.3: text of any size."""

SPEAKERS = 6
"""So many voices get a colour of their own; then they repeat."""

_HEX = re.compile(r"#?([0-9a-fA-F]{3}|[0-9a-fA-F]{6})")


def parse_hex(text: str) -> tuple[float, float, float]:
    """Red, green and blue from 0 to 1 out of `#c8391f` or `#c31`. Raises ValueError for anything else."""
    match = _HEX.fullmatch(text.strip())
    if match is None:
        raise ValueError(f"not a colour like #c8391f: {text!r}")
    digits = match[1] if len(match[1]) == 6 else "".join(digit * 2 for digit in match[1])
    return int(digits[:2], 16) / 255, int(digits[2:4], 16) / 255, int(digits[4:], 16) / 255


def luminance(color: str) -> float:
    """Relative luminance, 0 (black) to 1 (white). WCAG 2.2, definition of relative luminance."""
    red, green, blue = (_linear(part) for part in parse_hex(color))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(first: str, second: str) -> float:
    """Contrast ratio of two colours, 1 to 21. WCAG 2.2, definition of contrast ratio."""
    low, high = sorted((luminance(first), luminance(second)))
    return (high + 0.05) / (low + 0.05)


def oklch(lightness: float, chroma: float, hue: float) -> str:
    """The sRGB colour nearest to an OKLCH one (lightness 0 to 1, hue in degrees); chroma gives way until it fits."""
    while True:
        channels = _channels(lightness, chroma, hue)
        if chroma < 0.001 or all(-0.0005 <= channel <= 1.0005 for channel in channels):
            break
        chroma *= 0.97
    return "#" + "".join(f"{round(255 * _gamma(min(1.0, max(0.0, channel)))):02x}" for channel in channels)


def to_oklch(color: str) -> tuple[float, float, float]:
    """Lightness, chroma and hue (degrees) of an sRGB colour."""
    red, green, blue = (_linear(part) for part in parse_hex(color))
    long = math.cbrt(0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue)
    medium = math.cbrt(0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue)
    short = math.cbrt(0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue)
    lightness = 0.2104542553 * long + 0.7936177850 * medium - 0.0040720468 * short
    a = 1.9779984951 * long - 2.4285922050 * medium + 0.4505937099 * short
    b = 0.0259040371 * long + 0.7827717662 * medium - 0.8086757660 * short
    return lightness, math.hypot(a, b), math.degrees(math.atan2(b, a)) % 360


def readable(lightness: float, chroma: float, hue: float, *grounds: str, ratio: float = TEXT_CONTRAST) -> str:
    """The colour asked for, made darker or lighter until it can be read on every one of `grounds`."""
    step = -0.01 if luminance(grounds[0]) > 0.18 else 0.01
    while True:
        color = oklch(lightness, chroma, hue)
        if all(contrast(color, ground) >= ratio for ground in grounds) or not 0 < lightness < 1:
            return color
        lightness += step


@dataclass(frozen=True, slots=True, kw_only=True)
class Tokens:
    """The colours of one scheme, each a custom property of the same name in site.css."""

    paper: str
    raised: str
    sunken: str
    line: str
    edge: str
    ink: str
    soft: str
    accent: str
    fill: str
    on_fill: str
    wash: str
    mark: str
    speakers: tuple[str, ...]

    def css(self) -> str:
        """`--paper:#fff;…`, the body of a rule."""
        named = {name.replace("_", "-"): getattr(self, name) for name in self.__slots__ if name != "speakers"}
        named.update({f"speaker-{number}": color for number, color in enumerate(self.speakers)})
        return "".join(f"--{name}:{value};" for name, value in named.items())


def light_tokens(accent: str = ACCENT) -> Tokens:
    """For a light scheme: paper that leans towards the accent, ink nearly black."""
    lightness, chroma, hue = to_oklch(accent)
    paper, raised, sunken = oklch(0.985, 0.004, hue), oklch(1, 0, hue), oklch(0.958, 0.007, hue)
    wash, mark = oklch(0.93, min(chroma, 0.04), hue), oklch(0.92, 0.13, 98)
    fill = oklch(lightness, chroma, hue) if contrast(accent, paper) >= 3 else readable(lightness, chroma, hue, paper, ratio=3)
    return Tokens(
        paper=paper,
        raised=raised,
        sunken=sunken,
        line=oklch(0.89, 0.008, hue),
        edge=readable(0.68, 0.012, hue, paper, sunken, ratio=3),
        ink=readable(0.23, 0.012, hue, paper, sunken, wash, mark, ratio=10),
        soft=readable(0.5, 0.014, hue, paper, raised, sunken, wash),
        accent=readable(lightness, chroma, hue, paper, raised, sunken, wash),
        fill=fill,
        on_fill=_on(fill),
        wash=wash,
        mark=mark,
        speakers=_speakers(0.48, hue, paper, sunken, wash),
    )


def dark_tokens(accent: str = ACCENT) -> Tokens:
    """For a dark scheme: never black, so that white text does not glare."""
    lightness, chroma, hue = to_oklch(accent)
    paper, raised, sunken = oklch(0.19, 0.006, hue), oklch(0.25, 0.008, hue), oklch(0.225, 0.007, hue)
    wash, mark = oklch(0.3, min(chroma, 0.045), hue), oklch(0.42, 0.09, 98)
    fill = readable(max(lightness, 0.66), min(chroma, 0.17), hue, paper, raised)
    return Tokens(
        paper=paper,
        raised=raised,
        sunken=sunken,
        line=oklch(0.32, 0.009, hue),
        edge=readable(0.5, 0.012, hue, paper, raised, ratio=3),
        ink=readable(0.93, 0.006, hue, paper, raised, wash, mark, ratio=7),
        soft=readable(0.72, 0.01, hue, paper, raised, wash),
        accent=readable(max(lightness, 0.7), min(chroma, 0.15), hue, paper, raised, wash),
        fill=fill,
        on_fill=_on(fill),
        wash=wash,
        mark=mark,
        speakers=_speakers(0.76, hue, paper, raised, wash),
    )


def _speakers(lightness: float, hue: float, *grounds: str) -> tuple[str, ...]:
    """The accent's hue first, then steps by the golden angle, so that neighbours differ most."""
    return tuple(readable(lightness, 0.12, (hue + 137.5 * number) % 360, *grounds) for number in range(SPEAKERS))


def _on(fill: str) -> str:
    """White on a fill, or a near-black where white could not be read; one of both always reaches 4.5."""
    return "#ffffff" if contrast("#ffffff", fill) >= TEXT_CONTRAST else "#0c0a09"


def _channels(lightness: float, chroma: float, hue: float) -> tuple[float, float, float]:
    a, b = chroma * math.cos(math.radians(hue)), chroma * math.sin(math.radians(hue))
    long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    medium = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    return (
        4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short,
        -1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short,
        -0.0041960863 * long - 0.7034186147 * medium + 1.7076147010 * short,
    )


def _linear(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4


def _gamma(part: float) -> float:
    return 12.92 * part if part <= 0.0031308 else 1.055 * part ** (1 / 2.4) - 0.055
