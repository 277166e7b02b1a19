"""Fit and need, drawn: a mark a profile, in the colour of its tier, with its place for the list of accounts."""

from __future__ import annotations

from typing import Any

import pytest

from core.figures import fit, theme

TIERS = [("Tier 1", 75.0), ("<b>Rest</b>", 0.0)]
TABLE: dict[str, list[Any]] = {
    "profile": [0, 1, 2],
    "tier": ["Tier 1", "<b>Rest</b>", "Tier 1"],
    "score": [90.0, 20.0, 80.0],
    "need": [40.0, 80.0, 70.0],
    "accounts": [3, 5, 1],
    "revenue": [900_00, 0, 100_00],
}


def test_every_profile_is_a_mark_that_knows_its_place() -> None:
    drawn = fit.scatter(TABLE, TIERS, "health")
    places = {place for trace in drawn.data for place in trace.customdata}
    assert places == {0, 1, 2}
    colours = {theme.safe(trace.name): trace.marker.color for trace in drawn.data}
    assert colours["Tier 1"] == theme.tier_marks(["Tier 1", "x"])["Tier 1"].fill


def test_the_title_compares_the_first_tier_with_the_others() -> None:
    assert theme.alt(fit.scatter(TABLE, TIERS, "health")).startswith("Tier 1 averages health 47.5, the others 80.0")


def test_names_are_no_markup() -> None:
    drawn = fit.scatter(TABLE, TIERS, "health")
    assert "<b>" not in "".join(trace.name for trace in drawn.data)
    assert all("<b>" not in text for trace in drawn.data for text in trace.hovertext)


def test_the_area_of_a_mark_is_its_revenue() -> None:
    first = fit.scatter(TABLE, TIERS, "health").data[-1]
    large, small = first.marker.size
    assert (large / small) ** 2 == pytest.approx(9)


def test_nothing_to_draw_is_said() -> None:
    empty: dict[str, list[Any]] = {name: [] for name in TABLE}
    assert fit.scatter(empty, TIERS, "health").layout.meta["title"] == fit.NOTHING
