from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy import stats

from core.decisions.elicitation import disagreement

ANSWERS = Path(__file__).parents[3] / "known"
ALL = json.loads((ANSWERS / "elicitation.json").read_text(encoding="utf-8"))
EXTRAS = json.loads((ANSWERS / "extras.json").read_text(encoding="utf-8"))
RANKED = json.loads((ANSWERS / "robustness.json").read_text(encoding="utf-8"))["concordance"]
KNOWN = ALL["group"]
ROOM = [[round(100 * share) for share in row] for row in KNOWN["participants_pct"]]


def test_spread_equals_the_known_answers() -> None:
    found = disagreement.spreads(ROOM)
    assert [s.deviation for s in found] == pytest.approx(KNOWN["sd_sample"], abs=1e-12)
    assert [s.upper_quartile - s.lower_quartile for s in found] == pytest.approx(KNOWN["iqr_linear"], abs=1e-12)
    assert [s.mean for s in found] == pytest.approx(KNOWN["mean"], abs=1e-12)


def test_the_most_disputed_criterion_comes_first() -> None:
    found = disagreement.measure(ROOM)
    deviations = [s.deviation or 0 for s in found.spreads]
    assert deviations == sorted(deviations, reverse=True)
    assert found.spreads[0].place == 0
    assert found.people == 5


def test_kendalls_w_with_ties_equals_the_known_answer_and_friedmans_statistic() -> None:
    assert disagreement.kendall_w(ROOM) == pytest.approx(KNOWN["kendall_w"], abs=1e-12)
    statistic = stats.friedmanchisquare(*np.array(ROOM).T).statistic
    assert disagreement.kendall_w(ROOM) == pytest.approx(statistic / (5 * 5), abs=1e-12)


@pytest.mark.parametrize("case", RANKED, ids=range(len(RANKED)))
def test_kendalls_w_of_judges_with_ties_equals_the_known_answers(case: dict[str, Any]) -> None:
    judges = np.array(case["scores_judges_x_items"])
    found = disagreement.kendall_w(judges)
    assert found is not None
    assert found == pytest.approx(case["kendall_w_tie_corrected"], abs=1e-12)
    assert found * len(judges) * (judges.shape[1] - 1) == pytest.approx(case["chi2"], abs=1e-9)


def test_kendalls_w_is_undefined_where_there_is_no_order_to_compare() -> None:
    assert disagreement.kendall_w([[1, 1, 1], [2, 2, 2]]) is None
    assert disagreement.kendall_w([[3, 2, 1]]) is None


def test_distances_equal_the_known_answers() -> None:
    assert disagreement.distances(ROOM) == pytest.approx(np.array(KNOWN["total_variation_matrix"]), abs=1e-12)


def test_goepels_index_equals_the_known_answers() -> None:
    assert disagreement.goepel(ROOM) == pytest.approx(KNOWN["consensus_M9"]["S_star"], abs=1e-12)
    for case in ALL["consensus_extremes"].values():
        assert disagreement.goepel(case["P"]) == pytest.approx(case["S_star"], abs=1e-9)


def test_free_points_make_goepels_index_negative_but_never_ours() -> None:
    """The trap: three people who put everything on different criteria would agree by −70 %."""
    opposed = ALL["consensus_extremes"]["opposed_extremes_n3"]["P"]
    assert disagreement.goepel(opposed) < -0.69
    assert disagreement.consensus(opposed) == 0.0
    assert disagreement.consensus(ALL["consensus_extremes"]["identical"]["P"]) == pytest.approx(1.0)


@pytest.mark.parametrize("people", [2, 3, 6, 10])
def test_consensus_of_people_who_share_nothing_is_0_however_few_they_are(people: int) -> None:
    """Divided by the number of criteria, two opposed people of six criteria would still agree by 40 %."""
    rows = [[10_000 * (j == person % 6) for j in range(6)] for person in range(people)]
    known = EXTRAS["consensus_small_groups"][f"k{people}_n6_disjoint"]
    assert disagreement.consensus(rows) == pytest.approx(known["S_over_min_k_n"], abs=1e-9)


def test_consensus_of_the_room_is_relative_to_its_size() -> None:
    beta = 1 / KNOWN["consensus_M9"]["S"]
    assert disagreement.consensus(ROOM) == pytest.approx((1 / beta - 1 / 5) / (1 - 1 / 5), abs=1e-9)
    assert disagreement.consensus([ROOM[0]]) is None


def test_two_camps_are_found_and_the_larger_comes_first() -> None:
    rows = [[6000 + 10 * i, 3000 - 10 * i, 1000] for i in range(3)] + [
        [1000, 2000 + 10 * i, 7000 - 10 * i] for i in range(4)
    ]
    first, second = disagreement.measure(rows).camps
    assert (first.members, second.members) == ((3, 4, 5, 6), (0, 1, 2))
    assert first.weights == pytest.approx(np.mean(np.array(rows[3:]) / 10_000, axis=0))


def test_few_people_and_people_of_one_mind_form_no_camps() -> None:
    assert disagreement.measure(ROOM).camps == ()
    assert disagreement.measure([[5000, 5000]] * 10).camps == ()


def test_the_same_ballots_give_the_same_camps() -> None:
    rows = np.random.default_rng(3).dirichlet([2] * 6, 50)
    whole = [[int(share * 10_000) for share in row] for row in rows]
    assert disagreement.measure(whole).camps == disagreement.measure(whole).camps
