"""The nearest ways, held by known answers, by trying every way there is, and by a linear program.

`tests/known/robustness.json`: `one_weight` (flips of one weight, checked there by bisection on the tier) and
`min_change` (least weight moved, checked there by a linear program); cut-off 75.
"""

from __future__ import annotations

import itertools
import json
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from core.accounts.banding import MISSING
from core.decisions import nearest
from core.decisions.nearest import Profile
from core.model import toml
from core.model.criteria import PointsCriterion
from tests import making

if TYPE_CHECKING:
    import random
    from collections.abc import Sequence

    from core.model.criteria import Criterion
    from core.model.model import Model

KNOWN: dict[str, Any] = json.loads((Path(__file__).parents[2] / "known" / "robustness.json").read_text("utf-8"))
SCORECARD = toml.load(toml.DEFAULT)
ACME = Profile((100, 80, 100, 100, 80, 50), SCORECARD.weights, 7_500)


def profile(points: list[int]) -> Profile:
    return Profile(tuple(10 * p for p in points), SCORECARD.weights, 7_500)


def moved_to(start: Profile, weights: tuple[Fraction, ...]) -> Fraction:
    """The margin of the same points under other weights, in hundredths of a score point."""
    return sum((w * start.above(j) for j, w in enumerate(weights)), Fraction(0))


def ladder(criterion: Criterion, now: int, *, up: bool) -> list[int]:
    """The points that can be stepped to, worked from the sentence that says what a step is."""
    if criterion.kind in {"bands", "categories"}:
        beyond = {level for level in criterion.levels if (level > now if up else level < now)}
        return sorted(beyond, reverse=not up)
    found, end = [], 100 if up else 0
    while now != end:
        now = min(now + 10, 100) if up else max(now - 10, 0)
        found.append(now)
    return found


@st.composite
def places(
    draw: st.DrawFn, kinds: Sequence[str] = ("bands", "categories", "linear", "points"), most: int = 6
) -> tuple[Model, Profile]:
    """A model, and a profile that its bands can give, before one of its cut-offs; something of it is known."""
    model = draw(making.models(kinds=kinds, most=most))
    points = tuple(draw(st.sampled_from([*sorted(set(c.levels)), MISSING])) for c in model.criteria)
    found = Profile(points, model.weights, draw(st.sampled_from(model.cut_offs[:-1])))
    assume(found.present)
    return model, found


# By bands ------------------------------------------------------------------------------------------------------------


def every_way(model: Model, start: Profile, *, up: bool) -> list[tuple[int, Fraction]]:
    """Steps and distance past the cut-off of every combination of steps that passes it."""
    choices = [
        [now] if now == MISSING else [now, *ladder(c, now, up=up)]
        for c, now in zip(model.criteria, start.points, strict=True)
    ]
    found = []
    for chosen in itertools.product(*(range(len(each)) for each in choices)):
        points = tuple(each[n] for each, n in zip(choices, chosen, strict=True))
        there = Profile(points, start.weights, start.cut_off)
        if there.margin >= 0 if up else there.margin < 0:
            found.append((sum(chosen), abs(there.distance)))
    return found


@settings(max_examples=150)
@given(places(kinds=("bands", "categories"), most=4))
def test_no_way_has_fewer_steps_and_none_of_as_few_is_nearer(place: tuple[Model, Profile]) -> None:
    model, start = place
    up = start.margin < 0
    ways = every_way(model, start, up=up)
    found = nearest.climb(start, model.criteria, up=up)
    if found is None:
        assert ways == []
        return
    cut_off = Fraction(start.cut_off, 100)
    assert (found.steps, abs(found.score - cut_off)) == min(ways)
    assert found.score >= cut_off if up else found.score < cut_off


@settings(max_examples=40)
@given(places(kinds=("linear", "points", "bands"), most=2))
def test_where_every_tenth_is_a_level_a_step_is_a_point(place: tuple[Model, Profile]) -> None:
    model, start = place
    up = start.margin < 0
    ways = every_way(model, start, up=up)
    found = nearest.climb(start, model.criteria, up=up)
    assert (found is None) == (not ways)
    if found is not None:
        assert (found.steps, abs(found.score - Fraction(start.cut_off, 100))) == min(ways)


@settings(max_examples=60)
@given(places())
def test_the_steps_that_are_told_give_the_score_that_is_told(place: tuple[Model, Profile]) -> None:
    model, start = place
    found = nearest.climb(start, model.criteria, up=start.margin < 0)
    if found is None:
        return
    points = list(start.points)
    ids = [criterion.id for criterion in model.criteria]
    for step in found.changes:
        j = ids.index(step.id)
        assert points[j] == round(10 * step.points_before)
        points[j] = round(10 * step.points_after)
        assert ladder(model.criteria[j], start.points[j], up=start.margin < 0)[step.steps - 1] == points[j]
        assert step.value_after == nearest.value(model.criteria[j], points[j])
    there = Profile(tuple(points), start.weights, start.cut_off)
    assert found.score == there.distance + Fraction(start.cut_off, 100)
    assert found.steps == sum(step.steps for step in found.changes)


def test_acme_leaves_tier_1_by_two_bands_of_revenue() -> None:
    found = nearest.climb(ACME, SCORECARD.criteria, up=False)
    assert found is not None
    [step] = found.changes
    assert (found.steps, float(found.score), step.id, step.steps) == (2, 74.0, "revenue_potential", 2)
    assert (step.value_before, step.value_after) == ("400,000+", "100,000–200,000")


def test_of_ways_with_as_few_steps_the_nearest_is_told_and_then_the_earlier_criterion() -> None:
    # 69.0: one step of industry gives 76.5, one of revenue or of size 75.0 both; revenue comes first.
    found = nearest.climb(Profile((80, 50, 50, 50, 100, 100), SCORECARD.weights, 7_500), SCORECARD.criteria, up=True)
    assert found is not None
    assert [(step.id, step.steps) for step in found.changes] == [("revenue_potential", 1)]
    assert found.score == 75


def test_what_no_points_can_do_is_no_way() -> None:
    assert nearest.climb(Profile((0, MISSING), (5_000, 5_000), 0), making.model().criteria, up=False) is None


def test_eighteen_criteria_of_a_hundred_levels_are_no_hardship() -> None:
    criteria = tuple(PointsCriterion(id=f"c{j}", name=f"C{j}", column=f"c{j}", importance=1) for j in range(18))
    weights = (*range(501, 518), 10_000 - sum(range(501, 518)))
    found = nearest.climb(Profile((13,) * 18, weights, 9_000), criteria, up=True)
    assert found is not None
    assert found.score >= 90


# By weights ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("case", KNOWN["min_change"]["cases"], ids=lambda case: str(case["points"]))
def test_the_least_weight_moved_is_the_oracle_s(case: dict[str, Any]) -> None:
    start = profile(case["points"])
    found = nearest.shift(start, SCORECARD.criteria, up=start.margin < 0)
    if case["weight_mass_to_move"] is None:
        assert found is None
        return
    assert found is not None
    assert float(found.moved) == pytest.approx(case["weight_mass_to_move"], abs=1e-12)
    assert float(found.moved) == pytest.approx(case["l1_lp"] / 2, abs=1e-9)
    assert moved_to(start, found.weights) == 0


def test_acme_falls_when_more_than_28_points_move_from_revenue_to_competition() -> None:
    found = nearest.shift(ACME, SCORECARD.criteria, up=False)
    assert found is not None
    assert (found.moved, found.to) == (Fraction(28, 100), "competition")
    assert found.weights == tuple(Fraction(percent, 100) for percent in (2, 20, 15, 15, 10, 38))


@settings(max_examples=60)
@given(places())
def test_a_linear_program_moves_no_less(place: tuple[Model, Profile]) -> None:
    model, start = place
    up = start.margin < 0
    found = nearest.shift(start, model.criteria, up=up)
    weights = [Fraction(w, 10_000) for w in start.weights]
    above = [float(start.above(j)) for j in range(len(weights))]
    size = len(weights)
    # Unknown: what each weight gains and loses, both at least 0. Gains equal losses; no weight loses more than it has.
    program = linprog(
        [1.0] * size + [0.0] * size,
        A_ub=[[-a if up else a for a in above] + [a if up else -a for a in above]],
        b_ub=[-abs(float(moved_to(start, tuple(weights))))],
        A_eq=[[1.0] * size + [-1.0] * size],
        b_eq=[0.0],
        bounds=[(0, None)] * size + [(0, float(w)) for w in weights],
    )
    if found is not None:
        assert program.fun == pytest.approx(float(found.moved), abs=1e-6)
        assert moved_to(start, found.weights) == 0
        assert (sum(found.weights), min(found.weights) >= 0) == (1, True)
        changed = sum(abs(a - b) for a, b in zip(found.weights, weights, strict=True))
        assert changed == 2 * found.moved
    elif up:
        assert max(above) <= 0  # only a missing value would stand on the cut-off, and it gives no score
    else:
        assert min(start.above(j) for j in start.known) >= 0


@settings(max_examples=60)
@given(places(), st.randoms(use_true_random=False))
def test_weights_that_move_less_keep_the_tier(place: tuple[Model, Profile], chance: random.Random) -> None:
    model, start = place
    up = start.margin < 0
    found = nearest.shift(start, model.criteria, up=up)
    weights = [Fraction(w, 10_000) for w in start.weights]
    drawn = [chance.randint(0, 100) for _ in weights]
    assume(sum(drawn))
    other = [Fraction(w, sum(drawn)) for w in drawn]
    mass = sum((abs(a - b) for a, b in zip(other, weights, strict=True)), Fraction(0)) / 2
    assume(mass)
    part = Fraction(999, 1000) * (min(Fraction(1), found.moved / mass) if found else Fraction(1))
    near = tuple(a + (b - a) * part for a, b in zip(weights, other, strict=True))
    assume(sum(near[j] for j in start.known))
    assert moved_to(start, near) < 0 if up else moved_to(start, near) >= 0


# By one weight -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("case", KNOWN["one_weight"]["cases"], ids=lambda case: str(case["points"]))
def test_one_weight_flips_where_the_oracle_says(case: dict[str, Any]) -> None:
    start = profile(case["points"])
    found = {flip.id: flip for flip in nearest.flips(start, SCORECARD.criteria, up=start.margin < 0)}
    for criterion, (name, at) in zip(SCORECARD.criteria, case["flip_at"].items(), strict=True):
        flip = found.get(criterion.id)
        assert (flip is None) == (at is None), name
        if flip is not None:
            assert float(flip.at) == pytest.approx(at, abs=1e-9)
            assert float(100 * flip.change) == pytest.approx(case["delta_points"][name], abs=1e-7)


def test_acme_leaves_tier_1_when_competition_passes_42_31_percent() -> None:
    [flip] = nearest.flips(ACME, SCORECARD.criteria, up=False)
    assert (flip.id, flip.weight, flip.at) == ("competition", Fraction(1, 10), Fraction(11, 26))
    assert round(float(100 * flip.at), 2) == 42.31


@settings(max_examples=100)
@given(places())
def test_at_the_flip_the_margin_is_nothing_and_beyond_it_the_other_side(place: tuple[Model, Profile]) -> None:
    model, start = place
    up = start.margin < 0
    weights = [Fraction(w, 10_000) for w in start.weights]
    found = {flip.id: flip for flip in nearest.flips(start, model.criteria, up=up)}

    def margin(k: int, x: Fraction) -> Fraction:
        scaled = [w * (1 - x) / (1 - weights[k]) for w in weights]
        return moved_to(start, tuple(x if j == k else w for j, w in enumerate(scaled)))

    for k, criterion in enumerate(model.criteria):
        if weights[k] == 1:
            assert criterion.id not in found
            continue
        ends = [margin(k, Fraction(0)), margin(k, Fraction(1))]
        flip = found.get(criterion.id)
        if flip is None:
            # No end, and so nothing between them, lies on the other side; at 1, a missing value gives no score.
            assert start.points[k] == MISSING or all(end < 0 if up else end >= 0 for end in ends)
            continue
        assert 0 <= flip.at <= 1
        assert margin(k, flip.at) == 0
        beyond = flip.at + (Fraction(1 if flip.at >= flip.weight else 0) - flip.at) / 7
        if flip.at != flip.weight:
            assert margin(k, beyond) >= 0 if up else margin(k, beyond) < 0 or beyond == flip.at


def test_touching_the_cut_off_is_in_so_it_counts_on_the_way_up_and_not_on_the_way_down() -> None:
    # Source: docs/methods.md, where getting this wrong gave false flips at 0 and 1.
    criteria = making.model().criteria
    rising = nearest.flips(Profile((75, 0), (5_000, 5_000), 7_500), criteria, up=True)
    assert {flip.id: flip.at for flip in rising} == {"size": Fraction(1), "fit": Fraction(0)}
    assert nearest.flips(Profile((75, 100), (5_000, 5_000), 7_500), criteria, up=False) == ()


def test_a_flip_at_which_too_little_would_be_known_is_left_out() -> None:
    # 4 and 10 points at 40 and 40 %, the rest missing: raising the second does it, and so does lowering the first,
    # which would leave less than the floor known.
    criteria = making.model().criteria
    three = (*criteria, PointsCriterion(id="third", name="Third", column="third", importance=1))
    start = Profile((40, 100, MISSING), (4_000, 4_000, 2_000), 7_500)
    assert {flip.id for flip in nearest.flips(start, three, up=True)} == {"size", "fit"}
    strict = Profile(start.points, start.weights, start.cut_off, floor=7_800)
    assert {flip.id for flip in nearest.flips(strict, three, up=True)} == {"fit"}
