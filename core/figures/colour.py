"""Colour arithmetic: how light a colour is, how far two are apart for an eye, and what lies between them.

In: colours as "#RRGGBB". Out: numbers and colours of the same form. No colour is chosen here; that is the theme's part.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

Triple = tuple[float, float, float]

# Oklab: equal steps look equal, and blue stays blue (Ottosson 2020, https://bottosson.github.io/posts/oklab/).
_TO_LMS = (
    (0.4122214708, 0.5363325363, 0.0514459929),
    (0.2119034982, 0.6806995451, 0.1073969566),
    (0.0883024619, 0.2817188376, 0.6299787005),
)
_TO_LAB = (
    (0.2104542553, 0.7936177850, -0.0040720468),
    (1.9779984951, -2.4285922050, 0.4505937099),
    (0.0259040371, 0.7827717662, -0.8086757660),
)
_FROM_LAB = (
    (1.0, 0.3963377774, 0.2158037573),
    (1.0, -0.1055613458, -0.0638541728),
    (1.0, -0.0894841775, -1.2914855480),
)
_FROM_LMS = (
    (4.0767416621, -3.3077115913, 0.2309699292),
    (-1.2684380046, 2.6097574011, -0.3413193965),
    (-0.0041960863, -0.7034186147, 1.7076147010),
)


def linear(colour: str) -> Triple:
    """The light of a colour: sRGB with its gamma removed, each channel 0 to 1 (IEC 61966-2-1)."""
    red, green, blue = (_linear(int(colour[at : at + 2], 16) / 255) for at in (1, 3, 5))
    return red, green, blue


def hexed(light: Triple) -> str:
    """The colour of a light, clipped to what a screen can show.

    >>> hexed(linear("#3E7CB1"))
    '#3E7CB1'
    """
    return "#" + "".join(f"{round(255 * _gamma(min(max(channel, 0.0), 1.0))):02X}" for channel in light)


def contrast(one: str, other: str) -> float:
    """Contrast ratio, 1 to 21 (WCAG 2.2, https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio).

    >>> contrast("#000000", "#FFFFFF")
    21.0
    """
    darker, lighter = sorted((_luminance(one), _luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def oklab(colour: str) -> Triple:
    """Lightness, green to red, blue to yellow."""
    l, m, s = _times(_TO_LMS, linear(colour))  # noqa: E741 - the letters of the paper
    return _times(_TO_LAB, (_cube_root(l), _cube_root(m), _cube_root(s)))


def mixed(one: str, other: str, part: float) -> str:
    """The colour that lies a part of the way from one to the other.

    >>> mixed("#1B3A6B", "#CBD5DF", 0.0), mixed("#1B3A6B", "#CBD5DF", 1.0)
    ('#1B3A6B', '#CBD5DF')
    """
    lab = tuple(a + (b - a) * part for a, b in zip(oklab(one), oklab(other), strict=True))
    l, m, s = _times(_FROM_LAB, (lab[0], lab[1], lab[2]))  # noqa: E741 - the letters of the paper
    return hexed(_times(_FROM_LMS, (l**3, m**3, s**3)))


def spread(anchors: Sequence[str], n: int) -> tuple[str, ...]:
    """`n` colours at equal steps along a line through the anchors, both ends kept.

    >>> spread(("#000000", "#FFFFFF"), 2)
    ('#000000', '#FFFFFF')
    """
    return tuple(_along(anchors, at * (len(anchors) - 1) / (n - 1)) for at in range(n))


def _along(anchors: Sequence[str], position: float) -> str:
    left = min(int(position), len(anchors) - 2)
    return mixed(anchors[left], anchors[left + 1], position - left)


def _luminance(colour: str) -> float:
    red, green, blue = linear(colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _times(matrix: Sequence[Triple], vector: Triple) -> Triple:
    first, second, third = (sum(a * b for a, b in zip(row, vector, strict=True)) for row in matrix)
    return first, second, third


def _linear(channel: float) -> float:
    return float(channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4)


def _gamma(light: float) -> float:
    return float(12.92 * light if light <= 0.0031308 else 1.055 * light ** (1 / 2.4) - 0.055)


def _cube_root(value: float) -> float:
    return float(abs(value) ** (1 / 3) * (1 if value >= 0 else -1))
