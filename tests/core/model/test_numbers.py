"""The exact numbers of a model: steps, and weights that add to 10,000 basis points."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from core.errors import TierwiseError
from core.model import numbers
from core.model.numbers import FULL_WEIGHT, scaled, weights_from

importances = st.lists(
    st.one_of(st.integers(0, 100), st.floats(0, 100), st.sampled_from([1 / 3, 5e-324, 0.1])), min_size=1, max_size=18
).filter(any)


@pytest.mark.parametrize(
    ("importance", "weights"),
    [
        # Source: docs/methods.md (elicitation.json, "rounding"): plain rounding of thirds would add to 9,999.
        ([1, 1, 1], (3334, 3333, 3333)),
        ([1 / 3, 1 / 3, 1 / 3], (3334, 3333, 3333)),
        # Source: the scorecard that comes with the program.
        ([30, 20, 15, 15, 10, 10], (3000, 2000, 1500, 1500, 1000, 1000)),
        # Rank order centroid for 6 criteria (elicitation.json, "roc6"): 1/6 (1 + 1/2 + ... + 1/6), and so on.
        ([Fraction(sum(Fraction(1, i) for i in range(k, 7)), 6) for k in range(1, 7)],
         (4083, 2417, 1583, 1028, 611, 278)),
        ([0, 0, 7], (0, 0, 10_000)),
        ([42.0], (10_000,)),
        ([1] * 7, (1429, 1429, 1429, 1429, 1428, 1428, 1428)),
    ],
)  # fmt: skip
def test_weights_give_the_known_answers(importance: list[float], weights: tuple[int, ...]) -> None:
    assert weights_from(importance) == weights


@given(importances)
def test_weights_add_to_the_whole_and_lie_within_one_basis_point_of_their_share(importance: list[float]) -> None:
    weights = weights_from(importance)
    assert sum(weights) == FULL_WEIGHT
    total = sum(map(Fraction, importance))
    for weight, value in zip(weights, importance, strict=True):
        assert abs(weight - FULL_WEIGHT * Fraction(value) / total) < 1


@given(importances, st.integers(1, 40))
def test_doubling_every_importance_changes_no_weight(importance: list[float], times: int) -> None:
    doubled = [value * 2.0**times for value in importance]
    assert weights_from(doubled) == weights_from(importance)


@given(importances)
def test_the_more_important_criterion_never_weighs_less(importance: list[float]) -> None:
    pairs = sorted(zip(importance, weights_from(importance), strict=True))
    assert [weight for _, weight in pairs] == sorted(weight for _, weight in pairs)


@pytest.mark.parametrize("bad", [[-1, 2], [math.nan, 1], [math.inf, 1], [-math.inf], []])
def test_an_importance_that_is_no_number_from_0_is_refused(bad: list[float]) -> None:
    with pytest.raises(TierwiseError) as caught:
        weights_from(bad)
    assert str(caught.value) == (
        "weights: an importance is negative or not a number. Give every criterion a number from 0 to 100."
    )


def test_no_importance_at_all_is_refused() -> None:
    with pytest.raises(TierwiseError) as caught:
        weights_from([0, 0.0])
    assert str(caught.value) == (
        "weights: every criterion has importance 0, so no account can be told from another. "
        "Raise at least one criterion above 0."
    )


@given(st.integers(0, 10_000))
def test_a_cut_off_of_two_places_is_whole_hundredths(hundredths: int) -> None:
    assert scaled(hundredths / 100, 100) == hundredths


@pytest.mark.parametrize(("value", "steps"), [(7.55, 10), (0.001, 100), (1 / 3, 10), (1e-9, 100)])
def test_a_value_finer_than_its_steps_is_refused(value: float, steps: int) -> None:
    with pytest.raises(ValueError, match=f"is finer than steps of {1 / steps:g}"):
        scaled(value, steps)


@pytest.mark.parametrize(
    ("kind", "good", "bad"),
    [
        (numbers.Points, [0, 10, 7.5], [-0.1, 10.1, math.nan, 7.55]),
        (numbers.CutOff, [0, 100, 74.99], [-1, 100.01, math.inf, 0.001]),
        (numbers.Importance, [0, 100, 1 / 3], [-0.0001, 100.1, math.nan, math.inf]),
        (numbers.Share, [0, 1, 0.6], [-0.1, 1.1, math.nan]),
        (numbers.Number, [-1e300, 0], [math.nan, math.inf, -math.inf]),
    ],
    ids=["points", "cut-off", "importance", "share", "number"],
)
def test_a_number_is_checked_where_it_enters_a_model(kind: Any, good: list[float], bad: list[float]) -> None:
    adapter: TypeAdapter[float] = TypeAdapter(kind)
    assert [adapter.validate_python(value) for value in good] == good
    for value in bad:
        with pytest.raises(ValidationError):
            adapter.validate_python(value)
