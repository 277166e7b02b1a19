"""Tipping points, held by known answers and by weighing the profiles anew at exact weights.

`tests/known/robustness.json`: `one_weight` (found there by bisection on the tier, cut-off 75) and
`breakpoints_criterion0`; `tornado` knows what Tier 1 holds 5 and 10 points away.
"""

from __future__ import annotations

import itertools
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.accounts.banding import MISSING
from core.decisions.robustness import tipping
from core.decisions.robustness.tipping import Interval, Lines, Spans
from core.measures import tiers
from tests.core.decisions.robustness import shared
from tests.core.decisions.robustness.shared import ACME, KNOWN, PROFILES, SCORECARD

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy.typing as npt

    from core.accounts.cube import Cube
    from core.model.model import Model


def at(model: Model, cube: Cube, criterion: int, share: Fraction) -> npt.NDArray[np.int64]:
    """The tier of every profile with one weight at a share, the others in proportion: worked in fractions."""
    whole = sum(model.weights) - model.weights[criterion]
    weights = [share * whole if j == criterion else (1 - share) * w for j, w in enumerate(model.weights)]
    found = []
    for points, gate in zip(cube.points.tolist(), cube.gate.tolist(), strict=True):
        known = [(w, p) for w, p in zip(weights, points, strict=True) if p != MISSING]
        present = sum((w for w, _ in known), Fraction(0))
        if not present or present * 10_000 < model.floor * sum(weights):
            found.append(len(model.tiers))
            continue
        score = sum((w * p for w, p in known), Fraction(0)) / present
        found.append(max(gate, sum(100 * score < cut_off for cut_off in model.cut_offs[:-1])))
    return np.array(found)


def inside(spans: Spans, i: int) -> Iterator[tuple[Fraction, bool]]:
    """Weights at, just beside and between the ends of an interval, with whether it holds them."""
    low, high = (Fraction(float(end)).limit_denominator(1_000_000) for end in (spans.low[i], spans.high[i]))
    hair = Fraction(1, 10**7)
    if low > high:
        yield from ((Fraction(n, 8), False) for n in range(9))
        return
    both = not (low == high and (spans.low_open[i] or spans.high_open[i]))
    yield low, both and not spans.low_open[i]
    yield high, both and not spans.high_open[i]
    if low < high:
        yield (low + high) / 2, True
        yield low + hair, low + hair < high
        yield high - hair, low < high - hair
    if low - hair >= 0:
        yield low - hair, False
    if high + hair <= 1:
        yield high + hair, False


@pytest.mark.parametrize("case", KNOWN["one_weight"]["cases"])
def test_the_interval_around_tier_1_is_the_known_one(case: dict[str, Any]) -> None:
    cube = shared.cube([[10 * p for p in case["points"]]])
    for j, (low, high) in enumerate(case["stability_interval_tier1_or_not"].values()):
        found = Lines(cube.points, cube.gate, SCORECARD, j).reached(0, negative=case["score"] < 75)
        assert float(found.low[0]) == pytest.approx(low, abs=1e-9)
        assert float(found.high[0]) == pytest.approx(high, abs=1e-9)


def test_acme_leaves_tier_1_when_competition_passes_its_tipping_point_and_not_at_it() -> None:
    found = tipping.intervals(shared.cube([ACME]), SCORECARD, tiers.weigh(shared.cube([ACME]), SCORECARD))
    assert [(float(s.low[0]), float(s.high[0])) for s in found[:5]] == [(0, 1)] * 5
    assert float(found[5].high[0]) == pytest.approx(0.4230769230769231, abs=1e-12)
    assert not found[5].high_open[0], "on the cut-off it is still in"


def test_an_account_below_a_cut_off_has_left_its_tier_at_the_tipping_point() -> None:
    # 75.5 and 71: (8,8,5,10,8,5) leaves Tier 1 downwards, (10,8,5,5,5,5) leaves Tier 2 upwards.
    cube = shared.cube([(100, 80, 50, 50, 50, 50)])
    found = tipping.intervals(cube, SCORECARD, tiers.weigh(cube, SCORECARD))[0]
    assert float(found.high[0]) == pytest.approx(0.39655172413793105, abs=1e-12)
    assert found.high_open[0], "on the cut-off it is in the better tier already"


@given(shared.settings_(), st.data())
@settings(max_examples=60, deadline=None)
def test_a_tier_is_kept_inside_its_interval_and_nowhere_else(made: tuple[Model, Cube], data: st.DataObject) -> None:
    model, cube = made
    verdict = tiers.weigh(cube, model)
    j = data.draw(st.integers(0, len(model.weights) - 1))
    spans = tipping.intervals(cube, model, verdict)[j]
    if model.weights[j] == 10_000:
        assert np.isnan(spans.low).all()
        return
    assert spans.hold(model.weights[j] / 10_000).all()
    for i in range(len(cube)):
        for share, holds in inside(spans, i):
            assert (at(model, cube, j, share)[i] == verdict.tier[i]) == holds, (i, share, holds)


@given(shared.settings_(), st.data())
@settings(max_examples=60, deadline=None)
def test_the_staircase_is_what_weighing_at_each_weight_gives(made: tuple[Model, Cube], data: st.DataObject) -> None:
    model, cube = made
    j = data.draw(st.integers(0, len(model.weights) - 1))
    if model.weights[j] == 10_000:
        return
    tier = data.draw(st.integers(0, len(model.tiers)))
    found = tipping.staircase(cube, model, j, tier)
    steps = [Fraction(float(w)).limit_denominator(1_000_000) for w in found.weight]
    places = [*steps, *((a + b) / 2 for a, b in itertools.pairwise(steps))]
    for share in places:
        inside_ = at(model, cube, j, share) == tier
        expected = int(cube.accounts[inside_].sum()), int(cube.revenue[inside_].sum())
        nearest = float(found.weight[np.abs(found.weight - float(share)).argmin()])
        assert found.holds(nearest if share in steps else float(share)) == expected


def known_book() -> Cube:
    """The 500 accounts of the known tornado, made as it says."""
    rng = np.random.default_rng(5)
    profile = rng.integers(0, 1728, 500)
    revenue = np.round(np.round(np.exp(rng.normal(11, 1.2, 500)), 2) * 100).astype(np.int64)
    return shared.cube([PROFILES[i] for i in profile], revenue=revenue.tolist())


@pytest.mark.parametrize("criterion", range(6))
def test_tier_1_holds_at_other_weights_what_is_known(criterion: int) -> None:
    rows = list(KNOWN["tornado"]["rows"].values())[criterion]
    found = tipping.staircase(known_book(), SCORECARD, criterion)
    weight = SCORECARD.weights[criterion]
    for change, known in rows.items():
        share = (weight + round(float(change) * 10_000)) / 10_000
        assert found.holds(share) == (known["tier1_accounts"], round(100 * known["tier1_revenue"]))


def test_the_breakpoints_of_the_first_weight_are_the_known_ones() -> None:
    known = KNOWN["breakpoints_criterion0"]
    cube = known_book()
    spans = Lines(cube.points, cube.gate, SCORECARD, 0).reached(0)
    tips = np.concatenate(
        [spans.low[(spans.low > 0) & (spans.low < 1)], spans.high[(spans.high > 0) & (spans.high < 1)]]
    )
    firsts = [value for value in known["first"] if value > 0]
    assert sorted(tips.tolist())[: len(firsts)] == pytest.approx(firsts, abs=1e-12)


def test_the_whole_list_stays_where_every_account_stays() -> None:
    cube = shared.cube([ACME, (80, 80, 50, 100, 80, 50)])
    spans = tipping.intervals(cube, SCORECARD, tiers.weigh(cube, SCORECARD))
    found = tipping.whole_list(spans[5])
    assert (found.low, found.high) == pytest.approx((0, 2 / 17))
    assert not found.high_open
    on_line = shared.cube([(100, 100, 50, 50, 0, 100)])
    found = tipping.whole_list(tipping.intervals(on_line, SCORECARD, tiers.weigh(on_line, SCORECARD))[0])
    assert (found.low, found.low_open) == (0.3, False)
    nothing, flags = np.zeros(0), np.zeros(0, dtype=bool)
    assert tipping.whole_list(Spans(nothing, nothing, flags, flags)) == Interval(0.0, 1.0)


@pytest.mark.parametrize("share", [1.0, 0.9, 0.5])
def test_so_many_accounts_keep_their_tier_inside_and_fewer_beside_it(share: float) -> None:
    cube = known_book()
    verdict = tiers.weigh(cube, SCORECARD)
    spans = tipping.intervals(cube, SCORECARD, verdict)[0]
    found = tipping.keeping(cube, spans, 0.3, share)
    assert found.low is not None
    assert found.high is not None
    assert found.low <= 0.3 <= found.high

    def kept(weight: float) -> float:
        return float(cube.accounts[spans.hold(weight)].sum() / cube.accounts.sum())

    if found.low < found.high:
        assert kept((found.low + found.high) / 2) >= share
    for end, beyond, open_ in ((found.low, -1e-9, found.low_open), (found.high, 1e-9, found.high_open)):
        if 0 < end < 1:
            assert kept(end + beyond) < share or open_
        if not open_:
            assert kept(end) >= share


def test_the_only_criterion_has_no_others_to_tip_against() -> None:
    model = shared.model(1)
    cube = shared.cube([[80]])
    (found,) = tipping.intervals(cube, model, tiers.weigh(cube, model))
    assert tipping.whole_list(found) == Interval(None, None)
    assert tipping.keeping(cube, found, 1.0) == Interval(None, None)
    assert tipping.stairs(cube, found).accounts_at.tolist() == [0, 0]
