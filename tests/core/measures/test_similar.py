"""Similar accounts: the same profile first, then the nearest under the weights."""

from __future__ import annotations

import numpy as np
import pytest

from core.accounts import books
from core.accounts.banding import MISSING
from core.measures import portfolio, similar, tiers
from tests import making


def test_distance_is_the_weighted_difference_of_points() -> None:
    points = np.array([[100, 50], [100, 50], [50, 50], [100, MISSING], [MISSING, MISSING]], dtype=np.uint8)
    assert similar.distances(points, [6000, 4000], 0).tolist() == pytest.approx([0, 0, 30, 40, 100])
    assert similar.distances(points, [6000, 4000], 4).tolist() == pytest.approx([100, 100, 100, 60, 0])


def test_the_nearest_accounts_come_first_and_among_them_those_with_most_potential() -> None:
    model = making.model()
    columns = {
        "employees": ["2000", "2000", "2000", "200", "5", "5"],
        "Fit": ["10", "10", "9", "10", "0", "0"],
        "revenue_potential": ["1", "5", "9", "3", "2", "99"],
    }
    prepared = portfolio.prepare(making.book(columns), model)
    verdict = tiers.weigh(prepared.cube, model)
    (mine,) = np.flatnonzero((prepared.cube.points == [100, 100]).all(axis=1))
    found = similar.accounts(prepared, verdict, model.weights, int(mine), limit=4)
    assert found["account_id"].to_pylist() == ["A0001", "A0000", "A0002", "A0003"]
    assert found["distance"].to_pylist() == pytest.approx([0, 0, 4, 30])
    assert similar.accounts(prepared, verdict, model.weights, int(mine), limit=99).num_rows == 6
    books.close(prepared.book)
