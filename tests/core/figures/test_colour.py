"""Colour arithmetic against published values."""

from __future__ import annotations

import pytest

from core.figures import colour


@pytest.mark.parametrize(
    ("one", "other", "ratio"),
    # Ratios quoted by WCAG techniques G17, G18 and the W3C quick reference for greys on white.
    [
        ("#FFFFFF", "#000000", 21.0),
        ("#767676", "#FFFFFF", 4.54),
        ("#949494", "#FFFFFF", 3.03),
        ("#FF0000", "#FFFFFF", 4.0),
    ],
)
def test_contrast_as_wcag_gives_it(one: str, other: str, ratio: float) -> None:
    assert colour.contrast(one, other) == pytest.approx(ratio, abs=0.006)
    assert colour.contrast(other, one) == colour.contrast(one, other)


@pytest.mark.parametrize(
    ("name", "lab"),
    # CSS Color 4, sample conversions to oklab().
    [
        ("#FFFFFF", (1.0, 0.0, 0.0)),
        ("#FF0000", (0.62796, 0.22486, 0.12585)),
        ("#0000FF", (0.45201, -0.03246, -0.31153)),
    ],
)
def test_oklab_as_css_gives_it(name: str, lab: tuple[float, float, float]) -> None:
    assert colour.oklab(name) == pytest.approx(lab, abs=1e-4)


def test_a_spread_keeps_its_ends_and_passes_through_its_anchors() -> None:
    anchors = ("#1B3A6B", "#3E7CB1", "#8DB8D8")
    assert colour.spread(anchors, 5)[::2] == anchors


def test_a_mixture_lies_between() -> None:
    middle = colour.mixed("#1B3A6B", "#CBD5DF", 0.5)
    ends = colour.oklab("#1B3A6B")[0], colour.oklab("#CBD5DF")[0]
    assert colour.oklab(middle)[0] == pytest.approx(sum(ends) / 2, abs=0.005)
