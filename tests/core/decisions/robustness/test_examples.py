"""Weights from examples: nearest by a linear program, true in integers, and contradictions that really are ones."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.accounts.banding import MISSING
from core.decisions.robustness import examples
from core.decisions.robustness.examples import Above, Contradiction, Found, InTier, Subject
from core.errors import TierwiseError
from core.model.numbers import weights_from
from tests.core.decisions.robustness import shared
from tests.core.decisions.robustness.shared import ACME, SCORECARD

BIG = Subject("Big", (100, 100, 50, 0, 50, 0))
FIT = Subject("Fit", (50, 50, 100, 100, 80, 50))
BLANK = Subject("Blank", (255, 80, 100, 100, 80, 50))
SUBJECTS = {"acme": Subject("Acme", ACME), "big": BIG, "fit": FIT, "blank": BLANK}


def test_no_statements_leave_the_weights_as_they_are() -> None:
    found = examples.nearest(SCORECARD, SUBJECTS, [])
    assert isinstance(found, Found)
    assert (found.weights, found.moved, found.holds) == (SCORECARD.weights, 0, True)


def test_acme_out_of_tier_1_moves_28_points_and_a_hair() -> None:
    found = examples.nearest(SCORECARD, SUBJECTS, [InTier("acme", 1, examples.AT_MOST)])
    assert isinstance(found, Found)
    assert found.holds
    assert found.moved == pytest.approx(0.28, abs=0.001)
    assert found.moved > 0.28
    assert examples.satisfied(SCORECARD, SUBJECTS, InTier("acme", 1, examples.AT_MOST), found.weights)


def test_one_account_above_another_and_both_where_they_belong() -> None:
    wanted: list[examples.Statement] = [Above("fit", "big"), InTier("fit", 0), InTier("big", 1, examples.AT_MOST)]
    found = examples.nearest(SCORECARD, SUBJECTS, wanted)
    assert isinstance(found, Found)
    assert found.holds
    assert sum(found.weights) == 10_000
    assert all(examples.satisfied(SCORECARD, SUBJECTS, statement, found.weights) for statement in wanted)
    # Found again by trying: no random weights that satisfy all are nearer.
    rng = np.random.default_rng(2)
    for draw in rng.dirichlet([3] * 6, 4_000):
        weights = weights_from(draw.tolist())
        if all(examples.satisfied(SCORECARD, SUBJECTS, statement, weights) for statement in wanted):
            moved = sum(abs(a - b) for a, b in zip(weights, SCORECARD.weights, strict=True)) / 20_000
            assert moved >= found.moved - 0.001


def test_a_pair_that_contradicts_itself_is_named_alone() -> None:
    wanted: list[examples.Statement] = [
        InTier("acme", 0),
        Above("big", "fit"),
        InTier("fit", 2, examples.AT_LEAST),
        Above("fit", "big"),
    ]
    found = examples.nearest(SCORECARD, SUBJECTS, wanted)
    assert found == Contradiction((1, 3), smallest=True)


def test_what_no_weights_can_do_is_a_contradiction_by_itself() -> None:
    low = SUBJECTS | {"low": Subject("Low", (0, 50, 50, 50, 50, 50)), "held": Subject("Held", ACME, gate=1)}
    assert examples.nearest(SCORECARD, low, [Above("fit", "big"), InTier("low", 0)]) == Contradiction(
        (1,), smallest=True
    )
    found = examples.nearest(SCORECARD, low, [InTier("held", 0, examples.AT_LEAST)])
    assert found == Contradiction((0,), smallest=True), "a gate holds it, whatever the weights"


def test_a_missing_value_is_weighed_as_the_score_weighs_it() -> None:
    found = examples.nearest(SCORECARD, SUBJECTS, [InTier("blank", 1)])
    assert isinstance(found, Found)
    assert found.holds
    present = 10_000 - found.weights[0]
    assert present >= 6_000, "enough of it stays known"
    with pytest.raises(TierwiseError, match="different criteria"):
        examples.nearest(SCORECARD, SUBJECTS, [Above("blank", "big")])


def test_statements_that_cannot_be_weighed_are_refused_with_the_way_out() -> None:
    with pytest.raises(TierwiseError, match="above itself"):
        examples.nearest(SCORECARD, SUBJECTS, [Above("big", "big")])
    with pytest.raises(TierwiseError, match="Keep the 30"):
        examples.nearest(SCORECARD, SUBJECTS, [Above("fit", "big")] * 31)


statements = st.lists(
    st.one_of(
        st.builds(Above, st.sampled_from("abc"), st.sampled_from("def")),
        st.builds(Above, st.sampled_from("def"), st.sampled_from("abc")),
        st.builds(InTier, st.sampled_from("abcdef"), st.integers(0, 2), st.sampled_from(examples.HOW)),
    ),
    min_size=1, max_size=6,
)  # fmt: skip


@given(statements, st.lists(st.tuples(*[st.integers(0, 10).map(lambda p: 10 * p)] * 3), min_size=6, max_size=6))
@settings(max_examples=80, deadline=None)
def test_an_answer_is_true_and_a_contradiction_is_least(
    wanted: list[examples.Statement], points: list[tuple[int, ...]]
) -> None:
    model = shared.model(3, importance=[50, 30, 20])
    subjects = {name: Subject(name, row) for name, row in zip("abcdef", points, strict=True)}
    if any(isinstance(s, Above) and points["abcdef".index(s.one)] == points["abcdef".index(s.other)] for s in wanted):
        wanted = [s for s in wanted if isinstance(s, InTier)]
    found = examples.nearest(model, subjects, wanted)
    grid = [w for w in itertools.product(range(0, 10_001, 500), repeat=3) if sum(w) == 10_000]

    def possible(places: tuple[int, ...]) -> bool:
        return any(all(examples.satisfied(model, subjects, wanted[p], w) for p in places) for w in grid)

    if isinstance(found, Contradiction):
        assert not possible(found.places)
        for left_out in found.places:
            rest = [wanted[p] for p in found.places if p != left_out]
            assert isinstance(examples.nearest(model, subjects, rest), Found)
        return
    assert sum(found.weights) == 10_000
    assert found.holds == all(examples.satisfied(model, subjects, statement, found.weights) for statement in wanted)
    nearest = [
        sum(abs(a - b) for a, b in zip(w, model.weights, strict=True)) / 20_000
        for w in grid
        if all(examples.satisfied(model, subjects, statement, w) for statement in wanted)
    ]
    # Beside the ends of the grid, nothing is nearer than what was found, a hundredth of a point of score apart.
    assert found.moved <= min(nearest, default=1) + 0.003


def test_an_account_of_which_nothing_is_known_is_in_no_tier() -> None:
    subjects = {"none": Subject("None", (MISSING,) * 6)}
    found = examples.nearest(SCORECARD, subjects, [InTier("none", 3, examples.AT_MOST)])
    assert found == Contradiction((0,), smallest=True)
