from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.decisions.elicitation import best_worst
from core.errors import TierwiseError

KNOWN = json.loads((Path(__file__).parents[3] / "known" / "elicitation.json").read_text(encoding="utf-8"))["bwm"]


def test_the_best_is_the_one_whose_comparison_with_the_worst_both_lists_tell_alike() -> None:
    """The first is as much as the best, the third: so both are 1 from it, and only the third is five of the worst."""
    assert best_worst.extremes([1, 5, 1], [3, 1, 5]) == (2, 1)


@pytest.mark.parametrize("name", sorted(KNOWN["cases"]))
def test_the_linear_form_equals_the_known_answers(name: str) -> None:
    case = KNOWN["cases"][name]
    found = best_worst.solve(case["ab"], case["aw"])
    assert found.weights == pytest.approx(case["linear_weights"], abs=1e-8)
    assert found.xi == pytest.approx(case["linear_xi"], abs=1e-8)


@pytest.mark.parametrize("name", sorted(KNOWN["cases"]))
def test_consistency_before_solving_equals_the_known_answers(name: str) -> None:
    case = KNOWN["cases"][name]
    found = best_worst.consistency(case["ab"], case["aw"])
    assert found.ratio == pytest.approx(case["input_CR"], abs=1e-12)
    assert found.threshold == case["input_CR_threshold"]
    assert found.acceptable is True


def test_thresholds_stand_by_number_of_criteria() -> None:
    """A public program uses the column of five criteria for all; ours must not."""
    for whole, row in KNOWN["input_cr_thresholds_rows_aBW_cols_n3_to_9"].items():
        for n, threshold in enumerate(row, 3):
            from_best, to_worst = [1, *[2] * (n - 2), int(whole)], [int(whole), *[2] * (n - 2), 1]
            assert best_worst.consistency(from_best, to_worst).threshold == threshold


def test_more_than_nine_criteria_have_no_threshold() -> None:
    found = best_worst.consistency([1, *[2] * 9, 4], [4, *[2] * 9, 1])
    assert (found.threshold, found.acceptable) == (None, None)


def test_the_criterion_that_fits_least_is_named() -> None:
    found = best_worst.consistency([1, 9, 3, 4], [4, 9, 2, 1])
    assert found.least_fitting == 1
    assert found.acceptable is False
    assert best_worst.consistency([1, 2, 4], [4, 2, 1]).least_fitting is None


@pytest.mark.parametrize(
    ("from_best", "to_worst", "said"),
    [
        ([1, 2], [2], "a comparison is missing"),
        ([1], [1], "a comparison is missing"),
        ([1, 10], [10, 1], "not a number from 1 to 9"),
        ([1, 0.5], [2, 1], "not a number from 1 to 9"),
        ([2, 3], [3, 2], "not compared with the worst"),
        ([1, 3], [4, 1], "not compared with the worst"),
    ],
)
def test_comparisons_that_cannot_be_meant_are_refused(from_best: list[float], to_worst: list[float], said: str) -> None:
    with pytest.raises(TierwiseError, match=said):
        best_worst.solve(from_best, to_worst)


@given(st.lists(st.integers(1, 9), min_size=1, max_size=7), st.data())
def test_comparisons_made_from_weights_give_the_weights_back(levels: list[int], data: st.DataObject) -> None:
    """Weights w_j ∝ 1/a_Bj with a_BW the largest are consistent wherever a_jW = a_BW / a_Bj is on the scale."""
    whole = max(levels)
    from_best = [1, *levels, whole]
    to_worst = [whole / a for a in from_best]
    found = best_worst.solve(from_best, to_worst)
    shares = np.array([1 / a for a in from_best])
    assert found.xi == pytest.approx(0, abs=1e-9)
    assert found.weights == pytest.approx(shares / shares.sum(), abs=1e-7)
