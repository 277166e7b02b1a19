"""Loss, held by known answers, by counting every outcome, and by properties.

`tests/known/revenue_at_risk.json`: four books with a probability of loss per account; moments worked from the formulas
and confirmed by the exact distribution over all outcomes. Amounts are taken as cents.
"""

from __future__ import annotations

import itertools
import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.measures import concentration, loss

KNOWN: dict[str, Any] = json.loads((Path(__file__).parents[2] / "known" / "revenue_at_risk.json").read_text("utf-8"))
CASES: dict[str, dict[str, Any]] = KNOWN["cases"]

probabilities = st.floats(min_value=0, max_value=1)
# Amounts with a status (0 Healthy, 1 At Risk, 2 Critical); one probability belongs to each status.
books = st.lists(st.tuples(st.integers(min_value=0, max_value=10**13), st.integers(0, 2)), min_size=1, max_size=30)


@pytest.mark.parametrize("name", CASES)
def test_expected_loss_variance_and_deviation_give_the_known_answers(name: str) -> None:
    known = CASES[name]
    revenue, probability = np.array(known["r"]), np.array(known["p"])
    squared = revenue.astype(float) ** 2
    assert loss.expected_loss(revenue, probability) == pytest.approx(known["expected_loss"], rel=1e-12)
    assert loss.loss_variance(squared, probability) == pytest.approx(known["variance"], rel=1e-12)
    assert loss.loss_deviation(squared, probability) == pytest.approx(known["sd"], rel=1e-12)
    assert loss.expected_loss(revenue, probability) / known["total"] == pytest.approx(known["expected_loss_share"])
    assert loss.loss_deviation(squared, probability) / known["total"] == pytest.approx(known["sd_share_exact"])


@pytest.mark.parametrize("name", CASES)
def test_deviation_at_a_common_probability_follows_from_hhi(name: str) -> None:
    # Source: known answers, "sd_share_if_common_p", with the revenue-weighted mean probability for every account.
    known = CASES[name]
    hhi = concentration.hhi(concentration.shares_base(np.array(known["r"])).counted)
    assert hhi / 10_000 == pytest.approx(known["hhi"], rel=1e-12)
    found = loss.deviation_share(known["expected_loss_share"], hhi)
    assert found == pytest.approx(known["sd_share_if_common_p"], rel=1e-12)


@pytest.mark.parametrize("name", CASES)
def test_what_stays_after_losing_the_top_accounts_is_one_less_top_n(name: str) -> None:
    # Source: known answers, "revenue_after_losing_top".
    counted = concentration.shares_base(np.array(CASES[name]["r"])).counted
    for n, stays in CASES[name]["revenue_after_losing_top"].items():
        assert 1 - concentration.top_n(counted, int(n)) == pytest.approx(stays, abs=1e-12)


def test_moments_are_those_of_all_outcomes_counted_one_by_one() -> None:
    # The 32 outcomes of the known book "five", each with its probability: no formula of ours in it.
    revenue, probability = CASES["five"]["r"], CASES["five"]["p"]
    outcomes = []
    for lost in itertools.product([False, True], repeat=len(revenue)):
        amount = sum(r for r, is_lost in zip(revenue, lost, strict=True) if is_lost)
        chance = math.prod(p if is_lost else 1 - p for p, is_lost in zip(probability, lost, strict=True))
        outcomes.append((amount, chance))
    mean = math.fsum(amount * chance for amount, chance in outcomes)
    variance = math.fsum((amount - mean) ** 2 * chance for amount, chance in outcomes)
    assert loss.expected_loss(np.array(revenue), np.array(probability)) == pytest.approx(mean, rel=1e-12)
    assert loss.loss_variance(np.array(revenue, dtype=float) ** 2, np.array(probability)) == pytest.approx(variance)


@given(books, st.tuples(probabilities, probabilities, probabilities))
def test_sums_per_status_give_the_answer_of_the_accounts(
    book: list[tuple[int, int]], by_status: tuple[float, float, float]
) -> None:
    revenue, status = np.array([r for r, _ in book]), np.array([s for _, s in book])
    squared, assumed = revenue.astype(float) ** 2, np.array(by_status)
    sums = np.array([revenue[status == s].sum() for s in range(3)])
    sums_of_squares = np.array([squared[status == s].sum() for s in range(3)])
    assert loss.expected_loss(sums, assumed) == pytest.approx(loss.expected_loss(revenue, assumed[status]), rel=1e-12)
    found, expected = loss.loss_variance(sums_of_squares, assumed), loss.loss_variance(squared, assumed[status])
    assert found == pytest.approx(expected, rel=1e-12)


@given(books)
def test_revenue_at_risk_is_what_is_lost_when_all_at_risk_is_lost(book: list[tuple[int, int]]) -> None:
    revenue, is_at_risk = np.array([r for r, _ in book]), np.array([s > 0 for _, s in book])
    found = loss.revenue_at_risk(revenue, is_at_risk)
    assert found == sum(r for r, s in book if s > 0)
    assert loss.expected_loss(revenue, is_at_risk.astype(float)) == pytest.approx(found, rel=1e-12)
    assert loss.loss_deviation(revenue.astype(float) ** 2, is_at_risk.astype(float)) == 0


@given(st.lists(st.integers(min_value=1, max_value=10**13), min_size=1, max_size=30), probabilities)
def test_at_one_probability_the_deviation_is_the_root_of_hhi(amounts: list[int], p: float) -> None:
    revenue = np.array(amounts)
    deviation = loss.loss_deviation(revenue.astype(float) ** 2, np.full(revenue.size, p)) / sum(amounts)
    hhi = concentration.hhi(concentration.shares_base(revenue).counted)
    assert deviation == pytest.approx(loss.deviation_share(p, hhi), rel=1e-12)


def test_revenue_at_risk_is_exact_beyond_64_bits() -> None:
    assert loss.revenue_at_risk(np.full(4, 2**62), np.array([True, True, True, False])) == 3 * 2**62
