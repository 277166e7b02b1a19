"""Margins, held by known answers, by a linear program, and by random weightings that move less.

`tests/known/robustness.json`, `min_change`: the least weight moved, found there by a linear program; cut-off 75.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from core.decisions.robustness import exact, margins
from core.measures import tiers
from tests.core.decisions.robustness import shared
from tests.core.decisions.robustness.shared import ACME, KNOWN, PROFILES, SCORECARD

if TYPE_CHECKING:
    from core.accounts.cube import Cube
    from core.model.model import Model


def by_program(above: list[int], weights: tuple[int, ...], *, up: bool) -> float | None:
    """Half the least Σ|w' - w| with Σ w' u on the other side of 0, by HiGHS; None where there is none."""
    count = len(above)
    sign = -1 if up else 1
    found = linprog(
        [*[0.0] * count, *[0.5] * count],
        A_ub=[
            [*(sign * np.array(above) / 1_000), *[0.0] * count],
            *([*(np.eye(count)[j] * s), *(-np.eye(count)[j])] for j in range(count) for s in (1, -1)),
        ],
        b_ub=[0.0, *(s * weights[j] / 10_000 for j in range(count) for s in (1, -1))],
        A_eq=[[*[1.0] * count, *[0.0] * count]], b_eq=[1.0], bounds=(0, None), method="highs",
    )  # fmt: skip
    return float(found.fun) if found.status == 0 else None


@pytest.mark.parametrize("case", KNOWN["min_change"]["cases"])
def test_the_least_weight_moved_is_the_known_one(case: dict[str, Any]) -> None:
    points = np.array([[10 * p for p in case["points"]]], dtype=np.uint8)
    found = float(margins.least_moved(points, SCORECARD.weights, 7_500, up=case["score"] < 75)[0])
    known = case["weight_mass_to_move"]
    assert found == (float("inf") if known is None else pytest.approx(known, abs=1e-9))


@pytest.mark.parametrize("up", [True, False])
def test_no_linear_program_moves_less(up: bool) -> None:  # noqa: FBT001
    rng = np.random.default_rng(3)
    rows = np.array([PROFILES[i] for i in rng.integers(0, 1728, 120)], dtype=np.uint8)
    above = exact.above(rows, 7_500)
    crosses = (above @ np.array(SCORECARD.weights) < 0) == up
    found = margins.least_moved(rows[crosses], SCORECARD.weights, 7_500, up=up)
    for row, moved in zip(above[crosses].tolist(), found.tolist(), strict=True):
        program = by_program(row, SCORECARD.weights, up=up)
        # Standing on the cut-off is not below it: where that is all that weights can do, no weights take it down.
        reachable = max(row) >= 0 if up else min(row) < 0
        assert moved == (pytest.approx(program, abs=1e-9) if program is not None and reachable else float("inf"))


def test_acme_needs_28_points_from_revenue_to_competition() -> None:
    found = margins.certificate(SCORECARD, ACME, tier=0)
    assert found is not None
    assert (found.tier, found.better) == ("Tier 2", False)
    assert float(found.shift.moved) == pytest.approx(0.28)
    assert found.now == (0.3, 0.2, 0.15, 0.15, 0.1, 0.1)
    assert found.then == pytest.approx((0.02, 0.2, 0.15, 0.15, 0.1, 0.38))


@given(shared.settings_(missing=False))
@settings(max_examples=40, deadline=None)
def test_the_certificate_of_one_account_is_its_margin(made: tuple[Model, Cube]) -> None:
    model, cube = made
    verdict = tiers.weigh(cube, model)
    found = margins.measure(cube, model, verdict)
    for i, points in enumerate(cube.points.tolist()):
        one = margins.certificate(model, points, tier=int(verdict.tier[i]), gate=int(cube.gate[i]))
        expected = float("inf") if one is None else float(one.shift.moved)
        assert min(found.up[i], found.down[i]) == pytest.approx(expected, abs=1e-12)
        if one:
            assert sum(one.then) == pytest.approx(1)


@given(shared.settings_(), st.integers(0, 2**32 - 1))
@settings(max_examples=80, deadline=None)
def test_any_weighting_closer_than_the_margin_keeps_the_tier(made: tuple[Model, Cube], seed: int) -> None:
    model, cube = made
    verdict = tiers.weigh(cube, model)
    least = margins.measure(cube, model, verdict).least
    rng = np.random.default_rng(seed)
    now = np.array(model.weights) / 10_000
    for _ in range(40):
        other = rng.dirichlet(np.full(len(now), rng.choice([0.3, 1.0, 5.0])))
        other = now + rng.random() * (other - now)
        whole = np.round(other * 10**8).astype(np.int64)
        moved = np.abs(whole / whole.sum() - now).sum() / 2
        tier = exact.tier(cube.points, cube.gate, whole.tolist(), model)
        closer = moved < least - 1e-9
        assert tier[closer].tolist() == verdict.tier[closer].tolist()


def test_a_margin_is_0_exactly_on_a_cut_off() -> None:
    cube = shared.cube(PROFILES)
    verdict = tiers.weigh(cube, SCORECARD)
    found = margins.measure(cube, SCORECARD, verdict)
    on_75 = verdict.scores.earned == 750_000
    assert on_75.sum() == 25
    assert (found.down[on_75] == 0).all()
    on_any = on_75 | (verdict.scores.earned == 600_000) | (verdict.scores.earned == 400_000)
    assert (found.least == 0).tolist() == on_any.tolist()


def test_an_unrated_account_has_no_margin_and_one_with_blanks_may_become_unrated() -> None:
    cube = shared.cube([(255, 255, 255, 255, 255, 50), (100, 80, 100, 255, 80, 50)])
    found = margins.measure(cube, SCORECARD, tiers.weigh(cube, SCORECARD))
    assert np.isnan(found.least[0])
    assert found.unrated[1] == pytest.approx(0.25), "85 % of the weight is known and 60 % must be"
    assert margins.certificate(SCORECARD, (75,) * 6, tier=0) is None, "no weights change a score that is all one"
