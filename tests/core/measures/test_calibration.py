"""Calibration: known answers, a second opinion, and lists that know something or nothing."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import brier_score_loss, roc_auc_score

from core.measures import calibration

KNOWN: dict[str, Any] = json.loads((Path(__file__).parents[2] / "known" / "health_tiers.json").read_text("utf-8"))
CASE = KNOWN["calibration"]
SCORE, LOST = np.array(CASE["score"]), np.array(CASE["churned"]) == 1
ONES = np.ones(len(LOST))


def test_the_known_fit_and_its_brier_score_are_reproduced() -> None:
    # Source: tests/known/health_tiers.json, "calibration": 400 accounts, 114 lost; statsmodels and scikit-learn.
    fitted = calibration.logit(SCORE, LOST)
    assert fitted is not None
    assert fitted == pytest.approx((CASE["logit_intercept"], CASE["logit_slope_per_point"]), abs=1e-9)
    said = calibration.probability(SCORE, fitted)
    found = calibration.judge(-SCORE, LOST, ONES, said)
    assert found.lost == CASE["n_events"]
    assert found.brier == pytest.approx(CASE["brier"], abs=1e-12)
    assert found.reference == pytest.approx(CASE["brier_reference"], abs=1e-12)
    assert found.skill == pytest.approx(CASE["brier_skill"], abs=1e-11)
    assert found.bias == pytest.approx(CASE["mean_pred_minus_rate"], abs=1e-12)
    parts, known = found.murphy, CASE["murphy"]
    assert parts is not None
    assert parts.reliability == pytest.approx(known["reliability"], abs=1e-12)
    assert parts.resolution == pytest.approx(known["resolution"], abs=1e-12)
    assert parts.uncertainty == pytest.approx(known["uncertainty"], abs=1e-12)
    assert parts.brier == pytest.approx(known["brier_binned"], abs=1e-12)
    error = sum(abs(each.forecast - each.observed) * each.accounts for each in found.bins) / len(LOST)
    assert error == pytest.approx(CASE["ece_10"], abs=1e-12)
    assert found.enough


def test_a_second_implementation_finds_the_same() -> None:
    fitted = calibration.logit(SCORE, LOST)
    assert fitted is not None
    other = LogisticRegression(C=np.inf, tol=1e-12, max_iter=10_000).fit(SCORE[:, None], LOST)
    assert fitted == pytest.approx((other.intercept_[0], other.coef_[0][0]), abs=1e-6)
    said = calibration.probability(SCORE, fitted)
    assert calibration.brier(said, LOST) == pytest.approx(brier_score_loss(LOST, said), abs=1e-12)
    found = calibration.auc(-SCORE, LOST)
    assert found is not None
    assert found.value == pytest.approx(roc_auc_score(LOST, -SCORE), abs=1e-12)


@settings(max_examples=200)
@given(st.lists(st.tuples(st.integers(0, 5), st.booleans()), min_size=2, max_size=40))
def test_auc_is_the_share_of_pairs_that_stand_right(accounts: list[tuple[int, bool]]) -> None:
    danger, lost = np.array([d for d, _ in accounts], dtype=float), np.array([y for _, y in accounts])
    found = calibration.auc(danger, lost)
    if lost.all() or not lost.any():
        assert found is None
        return
    pairs = [(a > b) + (a == b) / 2 for a in danger[lost] for b in danger[~lost]]
    assert found is not None
    assert found.value == pytest.approx(sum(pairs) / len(pairs))
    assert 0 <= found.low <= found.value + 1e-12
    assert found.value - 1e-12 <= found.high <= 1


def test_the_interval_is_the_one_of_delong_written_out() -> None:
    rng = np.random.default_rng(3)
    lost = rng.random(60) < 0.4
    danger = np.round(rng.normal(size=60) + lost, 1)
    high, low = danger[lost], danger[~lost]
    right = (high[:, None] > low) + (high[:, None] == low) / 2
    variance = right.mean(axis=1).var(ddof=1) / len(high) + right.mean(axis=0).var(ddof=1) / len(low)
    found = calibration.auc(danger, lost)
    assert found is not None
    assert found.high - found.value == pytest.approx(1.959963984540054 * math.sqrt(variance), abs=1e-12)


def test_the_interval_covers_a_half_nineteen_times_in_twenty_where_there_is_no_signal() -> None:
    rng = np.random.default_rng(7)
    covered = 0
    for _ in range(600):
        found = calibration.auc(rng.normal(size=150), rng.random(150) < 0.25)
        assert found is not None
        covered += not found.informs
    assert 0.92 <= covered / 600 <= 0.975


@pytest.mark.parametrize(
    ("danger", "lost", "revenue", "share"),
    [
        ([3, 2, 1, 0], [1, 0, 0, 0], [10, 30, 30, 30], 1.0),
        ([0, 1, 2, 3], [1, 0, 0, 0], [10, 30, 30, 30], 0.0),
        ([3, 2, 1, 0], [1, 1, 0, 0], [5, 10, 40, 45], 10 / 15),
        ([1, 1, 1, 1], [1, 0, 1, 0], [25, 25, 25, 25], 0.1),
        ([3, 2, 1, 0], [1, 0, 0, 0], [-5, 30, 30, 30], None),
        ([3, 2, 1, 0], [0, 0, 0, 0], [10, 30, 30, 30], None),
    ],
)
def test_capture_is_the_lost_revenue_in_the_worst_tenth_of_revenue(
    danger: list[float], lost: list[int], revenue: list[float], share: float | None
) -> None:
    found = calibration.capture(np.array(danger, float), np.array(lost) == 1, np.array(revenue, float))
    assert found == (None if share is None else pytest.approx(share))


def test_few_probabilities_are_points_of_their_own() -> None:
    said = np.array([0.05] * 20 + [0.06] * 10 + [0.6] * 10)
    lost = np.arange(40) % 4 == 0
    found = calibration.reliability(said, lost)
    assert [each.forecast for each in found] == pytest.approx([0.05, 0.06, 0.6])
    assert [each.accounts for each in found] == [20, 10, 10]
    assert [each.observed for each in found] == [5 / 20, 3 / 10, 2 / 10]
    assert all(each.low < each.observed < each.high for each in found)


def test_where_a_line_parts_lost_and_kept_no_fit_is_given() -> None:
    score = np.arange(40.0)
    assert calibration.logit(score, score < 20) is None
    assert calibration.logit(np.ones(40), np.arange(40) % 2 == 0) is None
    assert calibration.logit(score, np.arange(40) < 9) is None, "nine lost accounts are too few"


def test_with_nobody_lost_or_nobody_at_all_nothing_is_made_up() -> None:
    none = calibration.judge(np.arange(5.0), np.zeros(5, dtype=bool), np.ones(5), np.full(5, 0.2))
    assert (none.auc, none.capture, none.skill, none.reference) == (None, None, None, 0.0)
    nobody = calibration.judge(np.array([]), np.array([], dtype=bool), np.array([]), np.array([]))
    assert (nobody.accounts, nobody.auc, nobody.brier, nobody.bins) == (0, None, None, ())
    assert not nobody.enough


@pytest.mark.parametrize(
    ("values", "read"),
    [
        (["TRUE", "false"], [1, 0]), (["Yes", " no "], [1, 0]), ([1.0, 0.0], [1, 0]), (["Churned", "active"], [1, 0]),
        (["1", "2"], None), (["Basic"], None), ([None, ""], [math.nan, math.nan]),
    ],
)  # fmt: skip
def test_a_column_of_outcomes_is_read_or_refused(values: list[object], read: list[float] | None) -> None:
    found = calibration.outcomes(values)
    assert (found is None) == (read is None)
    if found is not None and read is not None:
        assert found.tolist() == pytest.approx(read, nan_ok=True)
