from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from core.decisions.elicitation import group, pairwise
from core.errors import TierwiseError

KNOWN = json.loads((Path(__file__).parents[3] / "known" / "elicitation.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", sorted(KNOWN["ahp"]))
def test_weights_and_consistency_equal_the_known_answers(name: str) -> None:
    case = KNOWN["ahp"][name]
    found = pairwise.solve(np.array(case["matrix"]))
    assert found.weights == pytest.approx(case["weights_eigenvector"], abs=1e-9)
    assert found.geometric == pytest.approx(case["weights_geometric_mean"], abs=1e-9)
    assert found.largest_eigenvalue == pytest.approx(case["lambda_max"], abs=1e-9)
    assert found.ci == pytest.approx(case["ci"], abs=1e-9)
    assert found.cr == pytest.approx(case["cr_saaty"], abs=1e-9)
    assert found.gci == pytest.approx(case["gci"], abs=1e-9)


@pytest.mark.parametrize("name", ["drinks_saaty_2008", "leader_experience", "leader_criteria", "house_saaty_1980_1990"])
def test_weights_equal_what_was_published(name: str) -> None:
    case = KNOWN["ahp"][name]
    found = pairwise.solve(np.array(case["matrix"]))
    assert found.weights == pytest.approx(case["published"]["weights_3dp"], abs=0.00051)


def test_the_table_of_random_indices_is_saatys_of_1980() -> None:
    assert {str(n): value for n, value in enumerate(pairwise.RANDOM_INDEX, 1)} == KNOWN["ri"]["saaty"]
    assert pairwise.TABLE == "Saaty 1980"


def test_consistent_comparisons_are_found_perfect() -> None:
    weights = np.array([4, 2, 1, 1]) / 8
    found = pairwise.solve(weights[:, None] / weights[None, :])
    assert found.weights == pytest.approx(weights)
    assert found.cr == pytest.approx(0, abs=1e-12)
    assert found.misfits == ()
    assert found.acceptable is True


def test_two_criteria_cannot_contradict_each_other_and_sixteen_have_no_index() -> None:
    assert pairwise.solve(pairwise.matrix({(0, 1): 7}, 2)).cr == 0
    many = pairwise.solve(np.ones((16, 16)))
    assert (many.cr, many.acceptable) == (None, None)


def test_the_three_comparisons_that_fit_least_are_pointed_out() -> None:
    """Of the leader example one entry is turned round: it must be named first, with what the others come to."""
    case = np.array(KNOWN["ahp"]["leader_criteria"]["matrix"])
    case[0, 3], case[3, 0] = 1 / 7, 7
    found = pairwise.solve(case)
    assert found.acceptable is False
    assert len(found.misfits) == pairwise.SHOWN
    assert (found.misfits[0].first, found.misfits[0].second) == (0, 3)
    assert found.misfits[0].said == pytest.approx(1 / 7)
    assert found.misfits[0].implied == pytest.approx((4 * 3 * 3 * 5) ** (1 / 2))


def test_combined_judgements_and_combined_weights_are_the_same_by_geometric_means() -> None:
    known = KNOWN["aij_aip"]
    matrices = [np.array(each) for each in known["matrices"]]
    judged = pairwise.geometric_means(pairwise.combined(matrices))
    weighed = group.geometric([pairwise.geometric_means(each) for each in matrices])
    assert judged == pytest.approx(known["aij_rowgm"], abs=1e-12)
    assert weighed == pytest.approx(judged, abs=1e-14)
    assert group.mean([pairwise.geometric_means(each) for each in matrices]) == pytest.approx(
        known["aip_arithmetic_rowgm"], abs=1e-12
    )


def test_a_missing_comparison_and_one_off_the_scale_are_refused() -> None:
    with pytest.raises(TierwiseError, match="a comparison is missing"):
        pairwise.matrix({(0, 1): 2}, 3)
    with pytest.raises(TierwiseError, match="not between 1/9 and 9"):
        pairwise.matrix({(0, 1): 12}, 2)
