"""Margins by integers, held to `tiers.weigh`, which decides tiers everywhere else."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from core.decisions.robustness import exact
from core.measures import scoring, tiers
from core.model import toml
from core.model.numbers import weights_from

SCORECARD = toml.load(toml.DEFAULT)
points = st.lists(st.integers(0, 100) | st.just(255), min_size=6, max_size=6)


@given(st.lists(points, min_size=1, max_size=8), st.lists(st.integers(0, 50), min_size=6, max_size=6))
def test_a_tier_by_margins_is_the_tier_by_scores(rows: list[list[int]], importance: list[int]) -> None:
    weights = weights_from([*importance[:5], importance[5] + 1])
    matrix, gate = np.array(rows, dtype=np.uint8), np.arange(len(rows), dtype=np.uint8) % 3
    expected = tiers.assign(scoring.score(matrix, weights), SCORECARD, gate).tier
    assert exact.tier(matrix, gate, weights, SCORECARD).tolist() == expected.tolist()
    assert exact.tier(matrix, gate, [7 * w for w in weights], SCORECARD).tolist() == expected.tolist()


@given(st.integers(0, 5), st.integers(0, 10_000))
def test_a_weight_moved_leaves_the_others_in_proportion(criterion: int, share: int) -> None:
    found = exact.moved_to(SCORECARD.weights, criterion, share)
    assert found[criterion] * 10_000 == share * sum(found)
    others = [j for j in range(6) if j != criterion]
    a, b = others[0], others[-1]
    assert found[a] * SCORECARD.weights[b] == found[b] * SCORECARD.weights[a]


def test_others_without_any_weight_share_equally_what_is_left() -> None:
    assert exact.moved_to((10_000, 0, 0), 0, 4_000) == [8_000, 6_000, 6_000]
    assert exact.moved_to((10_000,), 0, 4_000) == [10_000]
