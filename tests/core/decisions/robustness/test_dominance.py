"""What no weights can change, held by trying weights: every corner, and many between."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.accounts.banding import MISSING
from core.decisions.robustness import dominance, exact
from core.measures import tiers
from tests.core.decisions.robustness import shared
from tests.core.decisions.robustness.shared import ACME, PROFILES, SCORECARD

if TYPE_CHECKING:
    from core.accounts.cube import Cube
    from core.model.model import Model

levels = st.lists(st.sampled_from([0, 50, 80, 100, MISSING]), min_size=3, max_size=3)


def score(points: list[int], weights: np.ndarray) -> float | None:
    known = np.array(points) != MISSING
    return float((np.array(points) * weights)[known].sum() / weights[known].sum()) if known.any() else None


def test_of_all_profiles_8_are_always_in_tier_1_and_64_never() -> None:
    cube = shared.cube(PROFILES)
    verdict = tiers.weigh(cube, SCORECARD)
    found = dominance.reach(cube, SCORECARD, verdict)
    fates = dominance.fates(cube, verdict, found)
    assert (fates[0].tier, fates[0].always, fates[0].never) == ("Tier 1", 8, 64)
    assert fates[0].sometimes == 1728 - 8 - 64
    assert dominance.never_in(found, 0, verdict).sum() == 64
    assert sum(fate.accounts for fate in fates) == 1728


@given(shared.settings_())
@settings(max_examples=60, deadline=None)
def test_the_best_and_the_worst_tier_are_reached_with_all_weight_on_one_criterion(made: tuple[Model, Cube]) -> None:
    model, cube = made
    verdict = tiers.weigh(cube, model)
    found = dominance.reach(cube, model, verdict)
    count = len(model.weights)
    floorless = model.model_copy(update={"coverage_floor": 0.0})
    corners = [
        exact.tier(cube.points, cube.gate, np.eye(count, dtype=int)[j].tolist(), floorless) for j in range(count)
    ]
    for i in range(len(cube)):
        reached = [int(corner[i]) for corner in corners if corner[i] < len(model.tiers)]
        if verdict.tier[i] == len(model.tiers):
            assert found.best[i] == found.worst[i] == len(model.tiers)
        else:
            assert (found.best[i], found.worst[i]) == (min(reached), max(reached))
            assert found.best[i] <= verdict.tier[i] <= found.worst[i]


@given(levels, levels, st.integers(0, 2**32 - 1))
@settings(max_examples=200, deadline=None)
def test_one_that_stands_above_another_scores_no_less_under_any_weights(
    one: list[int], other: list[int], seed: int
) -> None:
    found = dominance.relation(one, other)
    assert dominance.relation(other, one) == {"above": "below", "below": "above"}.get(found, found)
    rng = np.random.default_rng(seed)
    for _ in range(30):
        weights = rng.dirichlet([0.5] * 3) + 1e-9
        a, b = score(one, weights), score(other, weights)
        if found == dominance.ABOVE:
            assert a is not None
            assert b is not None
            assert a >= b - 1e-9
        if found == dominance.EQUAL:
            assert a == (None if b is None else pytest.approx(b))


def test_what_is_open_is_really_open_where_the_same_is_known() -> None:
    assert dominance.relation((100, 0, 255), (0, 100, 255)) == dominance.OPEN
    assert dominance.relation((255, 80, 255), (50, 255, 255)) == dominance.ABOVE, "80 is above 50, whatever counts"
    assert dominance.relation((255,) * 3, (0,) * 3) == dominance.OPEN
    assert dominance.relation((255,) * 3, (255,) * 3) == dominance.EQUAL


def test_pairs_are_counted_as_they_are_one_by_one() -> None:
    rng = np.random.default_rng(1)
    rows = np.unique(rng.choice([0, 50, 100, MISSING], size=(40, 3)), axis=0)
    counts = rng.integers(0, 4, len(rows))
    cube = shared.cube(rows.tolist(), accounts=counts.tolist())
    model = shared.model(3)
    verdict = tiers.weigh(cube, model)
    found = dominance.order(cube, verdict)
    rated = np.flatnonzero(verdict.tier < 3)
    pairs = decided = 0
    for place, i in enumerate(rated):
        for k in rated[place + 1 :]:
            both = int(counts[i] * counts[k])
            pairs += both
            decided += both * (dominance.relation(rows[i].tolist(), rows[k].tolist()) in {"above", "below"})
    assert found is not None
    # Two profiles whose known points are one and the same number stand level: no weights order them, nor change that.
    level = sum(
        int(counts[i] * counts[k])
        for place, i in enumerate(rated)
        for k in rated[place + 1 :]
        if dominance.relation(rows[i].tolist(), rows[k].tolist()) == "equal"
    )
    assert (found.pairs, found.decided) == (pairs, decided + level)
    assert found.share == pytest.approx((decided + level) / pairs)


def test_too_many_profiles_are_not_compared_pair_by_pair() -> None:
    cube = shared.cube(PROFILES)
    verdict = tiers.weigh(cube, SCORECARD)
    assert dominance.order(cube, verdict, most=1_000) is None
    nobody = shared.cube([ACME])
    found = dominance.order(nobody, tiers.weigh(nobody, SCORECARD))
    assert found is not None
    assert found.share is None


def test_all_pairs_of_all_profiles_are_counted_right() -> None:
    cube = shared.cube(PROFILES)
    found = dominance.order(cube, tiers.weigh(cube, SCORECARD))
    assert found is not None
    # On one criterion with l levels, l(l + 1)/2 ordered pairs (equal ones included) have the first no lower.
    ordered = np.prod([len(set(c.levels)) * (len(set(c.levels)) + 1) // 2 for c in SCORECARD.criteria])
    rows = np.array(PROFILES)
    apart = (rows.min(axis=1)[:, None] >= rows.max(axis=1)[None, :]).sum() - (
        rows.min(axis=1) == rows.max(axis=1)
    ).sum()
    assert found.decided == ordered - 1728 + apart - _both(rows)


def _both(rows: np.ndarray) -> int:
    """Pairs that are apart and also no lower on every criterion: all of those that are apart."""
    least, most = rows.min(axis=1), rows.max(axis=1)
    return int((least[:, None] >= most[None, :]).sum() - (least == most).sum())
