"""Acceptability, held by known answers, by drawing lots, and by what must be true of any share.

`tests/known/robustness.json`, `smaa`: exact shares and central weights, checked there with 400,000 draws;
`tests/known/extras.json`: shares with missing values.
"""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.accounts.banding import MISSING
from core.decisions.robustness import acceptability, draws, exact
from core.decisions.robustness.acceptability import Belief
from core.errors import TierwiseError
from core.measures import tiers
from tests.core.decisions.robustness import shared
from tests.core.decisions.robustness.shared import ACME, EXTRAS, KNOWN, PROFILES, SCORECARD

if TYPE_CHECKING:
    from core.accounts.cube import Cube
    from core.model.model import Model

beliefs = st.sampled_from([5.0, 10.0, 14.0])


def of_known(case: dict[str, Any]) -> list[int]:
    return [MISSING if p is None else round(10 * p) for p in case["points"]]


@pytest.mark.parametrize(
    ("case", "belief"), [(case, name) for case in KNOWN["smaa"]["cases"] for name in case["acceptability"]]
)
def test_the_share_of_weightings_is_the_known_one(case: dict[str, Any], belief: str) -> None:
    known = case["acceptability"][belief]
    points = of_known(case)
    above = exact.above(np.array([points], dtype=np.uint8), 7_500)
    assert acceptability.reach(above, known["alpha"])[0] == pytest.approx(known["exact"], abs=1e-12)
    central = acceptability.central_weights(points, 7_500, Belief(tuple(known["alpha"])))
    if known["exact"] > 0:
        assert central == pytest.approx(known["central_weights_exact"], abs=1e-9)
    else:
        assert central is None


@pytest.mark.parametrize("case", EXTRAS["acceptability_with_missing_uniform"])
def test_what_is_missing_counts_as_the_cut_off(case: dict[str, Any]) -> None:
    above = exact.above(np.array([of_known(case)], dtype=np.uint8), 7_500)
    assert acceptability.reach(above, (1,) * 6)[0] == pytest.approx(case["exact"], abs=1e-12)


@given(shared.settings_())
@settings(max_examples=60, deadline=None)
def test_filling_a_blank_with_the_cut_off_changes_no_share(made: tuple[Model, Cube]) -> None:
    model, cube = made
    for cut_off in model.cut_offs[:-1]:
        filled = np.where(cube.points == MISSING, cut_off // 100, cube.points).astype(np.uint8)  # 75.00 is 75 tenths
        alphas = tuple(range(1, len(model.weights) + 1))
        blank = acceptability.reach(exact.above(cube.points, cut_off), alphas)
        assert blank.tolist() == acceptability.reach(exact.above(filled, cut_off), alphas).tolist()


@pytest.mark.parametrize(("spread", "alphas"), [(10, (6, 4, 3, 3, 2, 2)), (4.56, (30, 20, 15, 15, 10, 10))])
def test_a_belief_is_as_wide_as_was_asked_for(spread: float, alphas: tuple[int, ...]) -> None:
    found = acceptability.around(SCORECARD.weights, spread)
    assert found.alphas == alphas
    assert found.spread == pytest.approx(spread, abs=0.01)
    drawn = 100 * draws.from_belief(found, number=40_000).std(axis=0)[0]
    assert drawn == pytest.approx(spread, rel=0.02)


@pytest.mark.parametrize("spread", [0, -1, float("nan")])
def test_a_spread_that_is_none_is_refused_with_the_way_out(spread: float) -> None:
    with pytest.raises(TierwiseError, match=r"is not above 0\. Give the points"):
        acceptability.around(SCORECARD.weights, spread)


def test_a_weight_of_0_stays_0_and_no_belief_is_too_narrow_to_work_out() -> None:
    assert acceptability.around((5_000, 5_000, 0), 10).alphas == (12, 12, 0)
    assert sum(acceptability.around(SCORECARD.weights, 0.01).alphas) == acceptability.MOST_ALPHA
    assert acceptability.around((10_000,), 5).spread == 0


@given(shared.settings_(), beliefs)
@settings(max_examples=60, deadline=None)
def test_the_shares_of_all_tiers_add_up_to_1(made: tuple[Model, Cube], spread: float) -> None:
    model, cube = made
    verdict = tiers.weigh(cube, model)
    found = acceptability.every_tier(cube, model, verdict, acceptability.around(model.weights, spread))
    assert found.by_tier is not None
    rated = verdict.tier < len(model.tiers)
    assert np.abs(found.by_tier[rated].sum(axis=1) - 1).max(initial=0) < 1e-9
    assert found.by_tier[rated].min(initial=0) >= 0
    assert np.isnan(found.by_tier[~rated]).all()
    assert np.isnan(found.confidence[~rated]).all()
    own = acceptability.measure(cube, model, verdict, acceptability.around(model.weights, spread))
    assert own.confidence[rated].tolist() == found.confidence[rated].tolist()
    better = np.arange(len(model.tiers)) < cube.gate[:, None]
    assert found.by_tier[rated][better[rated]].max(initial=0) == 0, "no weights open a gate"


@pytest.mark.parametrize("spread", [None, 10.0, 5.0, 2.5])
def test_exact_and_drawn_shares_agree_within_3_standard_errors(spread: float | None) -> None:
    cube = shared.cube(PROFILES)
    verdict = tiers.weigh(cube, SCORECARD)
    belief = acceptability.around(SCORECARD.weights, spread) if spread else acceptability.anything(6)
    found = acceptability.every_tier(cube, SCORECARD, verdict, belief).by_tier
    drawn = draws.measure(cube, SCORECARD, verdict, draws.from_belief(belief)).by_tier
    assert found is not None
    assert drawn is not None
    error = np.sqrt(found * (1 - found) / draws.DRAWS)
    away = np.abs(drawn - found) / np.maximum(error, 1 / draws.DRAWS)
    # Of some 5,000 shares, whose draws are the same, a few in a thousand may lie beyond 3.
    assert (away > 3).mean() < 0.003
    assert away.max() < 5


@pytest.mark.parametrize("points", [ACME, (100, 100, 50, 50, 0, 100), (255, 80, 100, 100, 80, 50)])
def test_one_account_agrees_with_the_draws_within_3_standard_errors(points: tuple[int, ...]) -> None:
    cube = shared.cube([points])
    verdict = tiers.weigh(cube, SCORECARD)
    belief = acceptability.around(SCORECARD.weights, 10)
    found = acceptability.measure(cube, SCORECARD, verdict, belief)
    drawn = draws.measure(cube, SCORECARD, verdict, draws.from_belief(belief, number=100_000))
    assert drawn.error is not None
    assert abs(found.confidence[0] - drawn.confidence[0]) <= 3 * max(drawn.error[0], 1e-5)


def test_all_of_8_profiles_are_always_in_tier_1_and_64_never() -> None:
    cube = shared.cube(PROFILES)
    verdict = tiers.weigh(cube, SCORECARD)
    found = acceptability.every_tier(cube, SCORECARD, verdict, acceptability.anything(6)).by_tier
    assert found is not None
    assert (found[:, 0] == 1).sum() == 8
    assert (found[:, 0] == 0).sum() == 64


def test_equal_points_leave_nothing_to_weights() -> None:
    above = exact.above(np.array([[75] * 3, [74] * 3, [255] * 3, [75, 255, 255], [75, 74, 75]], dtype=np.uint8), 7_500)
    assert acceptability.reach(above, (3, 2, 1)).tolist() == [1, 0, 1, 1, 0]
    assert acceptability.reach(np.zeros((0, 3), dtype=np.int64), (3, 2, 1)).tolist() == []


@given(st.permutations(range(6)), st.sampled_from(PROFILES))
@settings(max_examples=30, deadline=None)
def test_the_order_of_the_criteria_does_not_matter(order: list[int], points: tuple[int, ...]) -> None:
    alphas = (6, 4, 3, 3, 2, 2)
    here = acceptability.reach(exact.above(np.array([points], dtype=np.uint8), 7_500), alphas)
    mixed = exact.above(np.array([[points[j] for j in order]], dtype=np.uint8), 7_500)
    assert acceptability.reach(mixed, [alphas[j] for j in order])[0] == pytest.approx(here[0], abs=1e-12)


def test_a_large_book_is_worked_through_in_pieces_and_says_how_far_it_is() -> None:
    rows = list(itertools.islice(itertools.product(range(0, 101, 10), repeat=4), 9_000))
    above = exact.above(np.array(rows, dtype=np.uint8), 5_000)
    told: list[float] = []
    found = acceptability.reach(above, (2, 1, 1, 3), progress=told.append)
    assert told == sorted(told)
    assert told[-1] == 1
    for place in (0, 4_500, 8_999):
        assert found[place] == acceptability.reach(above[[place]], (2, 1, 1, 3))[0]


def test_every_cut_off_is_told_of_in_turn() -> None:
    cube = shared.cube(PROFILES)
    told: list[float] = []
    acceptability.measure(
        cube, SCORECARD, tiers.weigh(cube, SCORECARD), acceptability.anything(6), progress=told.append
    )
    assert told == sorted(told)
    assert told[-1] == pytest.approx(1)


def test_the_work_is_known_beforehand() -> None:
    cube = shared.cube(PROFILES)
    narrow, wide = (acceptability.work(cube, SCORECARD, acceptability.around(SCORECARD.weights, s)) for s in (5, 10))
    assert narrow > 10 * wide > 0


def test_what_is_said_of_profiles_joins_like_a_verdict() -> None:
    cube = shared.cube([ACME, (255, 255, 255, 255, 255, 50)])
    verdict = tiers.weigh(cube, SCORECARD)
    found = acceptability.measure(cube, SCORECARD, verdict, acceptability.anything(6))
    table = acceptability.by_profile(verdict, found).select(["profile", "confidence", "doubt", "label"]).to_pylist()
    assert table[0] == {
        "profile": 0, "confidence": pytest.approx(0.9131944), "doubt": pytest.approx(0.0868056), "label": "likely",
    }  # fmt: skip
    assert table[1] == {"profile": 1, "confidence": None, "doubt": 0.0, "label": None}
