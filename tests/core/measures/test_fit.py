"""Fit and need: every account of the book is on the plane, or counted as not being there."""

from __future__ import annotations

import numpy as np
import pytest

from core.measures import fit, portfolio, tiers
from core.model import toml
from tests import making

COLUMNS = {
    "revenue_potential": ["500000", "500000", "150000", "150000", "50000", ""],
    "annual_revenue": ["900", "100", "50", "25", "0", "70"],
    "engagement_score": ["90", "70", "40", "", "", "10"],
}
MODEL = toml.loads("""
name = "One"
[[criteria]]
id = "potential"
name = "Potential"
column = "revenue_potential"
importance = 100
kind = "bands"
bands = [{ points = 0 }, { from = 100000, points = 5 }, { from = 200000, points = 10 }]
[[tiers]]
name = "Tier 1"
cut_off = 75
[[tiers]]
name = "Tier 2"
cut_off = 0
""")


@pytest.fixture
def prepared() -> portfolio.Portfolio:
    return portfolio.prepare(making.book(COLUMNS), MODEL)


def test_a_point_is_a_profile_with_the_mean_of_what_is_known(prepared: portfolio.Portfolio) -> None:
    verdict = tiers.weigh(prepared.cube, MODEL)
    found = fit.plane(prepared.cube, verdict, "engagement")
    columns = (found.score, found.need, found.accounts, found.revenue)
    points = sorted(zip(*(column.tolist() for column in columns), strict=True))
    assert points == [(50.0, 40.0, 2, 7500), (100.0, 80.0, 2, 100000)]
    # The account of 150,000 without engagement, the one of 50,000, and the unrated one.
    assert (found.unplaced, found.beyond) == (3, 0)


def test_what_has_no_room_is_counted(prepared: portfolio.Portfolio) -> None:
    verdict = tiers.weigh(prepared.cube, MODEL)
    found = fit.plane(prepared.cube, verdict, "engagement", most=1)
    assert found.revenue.tolist() == [100000]
    assert (found.unplaced, found.beyond) == (3, 1)


def test_profiles_are_marked_by_their_row(prepared: portfolio.Portfolio) -> None:
    assert fit.marked(prepared.cube, np.array([1])).tolist() == [False, True, *[False] * (len(prepared.cube) - 2)]
