"""The distribution of the loss, held by known answers, by counting every outcome, and by convolving account by account.

`tests/known/revenue_at_risk.json`: values at risk and shortfalls of four books from all their outcomes, what the normal
and the Cornish-Fisher approximation would say, and the lost share of N equal accounts with a common factor (200,000
draws). Amounts are taken as cents, or as hundreds of them where that lets a fraction of a cent be seen.
"""

from __future__ import annotations

import itertools
import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import owens_t
from scipy.stats import norm

from core.measures import concentration, loss, loss_distribution

KNOWN: dict[str, Any] = json.loads((Path(__file__).parents[2] / "known" / "revenue_at_risk.json").read_text("utf-8"))
CASES: dict[str, dict[str, Any]] = KNOWN["cases"]
STATUSES = np.array([0.05, 0.25, 0.60])
TIE = 1e-10

Numbers = npt.NDArray[np.float64]
Whole = npt.NDArray[np.int64]

few = st.lists(
    st.tuples(st.integers(0, 10**9), st.sampled_from([0.0, 0.05, 0.25, 0.5, 0.6, 1.0]) | st.floats(0, 1)),
    min_size=1,
    max_size=10,
)


def book(name: str) -> tuple[Whole, Numbers]:
    return 100 * np.array(CASES[name]["r"]), np.array(CASES[name]["p"], dtype=float)


def lognormal(n: int, seed: int = 7) -> Whole:
    """Revenue as books have it: few large, many small, no common divisor."""
    return (np.random.default_rng(seed).lognormal(11, 1.6, n) * 100).astype(np.int64)


def by_status(n: int, seed: int = 8) -> Numbers:
    return np.random.default_rng(seed).choice(STATUSES, n, p=[0.75, 0.17, 0.08])


def outcomes(revenue: Whole, probability: Numbers) -> tuple[list[float], list[float]]:
    """Every outcome with its chance, in order of the loss: no formula of ours in it."""
    chances: dict[int, float] = {}
    pairs = [(int(r), float(p)) for r, p in zip(revenue, probability, strict=True)]
    for lost in itertools.product([False, True], repeat=len(pairs)):
        amount = sum(r for (r, _), gone in zip(pairs, lost, strict=True) if gone)
        chance = math.prod(p if gone else 1 - p for (_, p), gone in zip(pairs, lost, strict=True))
        chances[amount] = chances.get(amount, 0.0) + chance
    losses = sorted(chances)
    return [float(loss) for loss in losses], [chances[loss] for loss in losses]


def at_risk(losses: list[float], chances: list[float], level: float) -> float:
    """The smallest loss that is not passed with this chance."""
    running = itertools.accumulate(chances)
    return next((loss for loss, total in zip(losses, running, strict=True) if total >= level - TIE), losses[-1])


def convolved(revenue: Whole, probability: Numbers) -> Numbers:
    """Dynamic programming account by account on a grid of one unit: slow, and nothing can go wrong in it."""
    chances = np.zeros(int(revenue.sum()) + 1)
    chances[0] = 1.0
    for r, p in zip(revenue.tolist(), probability.tolist(), strict=True):
        moved = np.zeros_like(chances)
        moved[r:] = chances[: chances.size - r]
        chances = (1 - p) * chances + p * moved
    return chances


# Known answers -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "level"), [*itertools.product(CASES, loss_distribution.LEVELS)])
def test_value_at_risk_and_shortfall_are_the_known_ones(name: str, level: float) -> None:
    known = CASES[name]
    (found,) = (q for q in loss_distribution.assess(*book(name)).quantiles if q.level == level)
    assert found.value == found.low == found.high == 100 * known[f"VaR{level}"]
    assert found.shortfall == pytest.approx(100 * known[f"ES{level}"], abs=0.51)
    assert found.shortfall_error == 0
    assert found.normal == pytest.approx(100 * known[f"VaR{level}_normal"], abs=0.51)
    assert found.cornish_fisher == pytest.approx(100 * known[f"VaR{level}_cornish_fisher"], abs=0.51)


@pytest.mark.parametrize("name", CASES)
def test_moments_and_the_chance_of_losing_nobody_are_the_known_ones(name: str) -> None:
    known, found = CASES[name], loss_distribution.assess(*book(name))
    assert found.expected == pytest.approx(100 * known["expected_loss"], rel=1e-12)
    assert found.deviation == pytest.approx(100 * known["sd"], rel=1e-12)
    assert found.nothing == pytest.approx(known["p_no_loss"], rel=1e-12)
    assert found.total == 100 * known["total"]
    assert found.exact
    assert found.step == 0, "so few outcomes are counted one by one"


def test_the_normal_value_is_far_off_where_five_accounts_are_all_there_is() -> None:
    # Source: known answers: exact 600, normal 452, Cornish-Fisher 528.
    _, found, _ = loss_distribution.assess(*book("five")).quantiles
    assert [round(value / 100) for value in (found.value, found.normal, found.cornish_fisher)] == [600, 452, 528]


def test_the_number_of_accounts_lost_has_the_known_distribution() -> None:
    # Source: known answers, "count_of_lost_accounts_twelve": equal to the Poisson binomial of a library.
    p = np.array(CASES["twelve"]["p"])
    found = loss_distribution.distribution(np.ones(p.size, dtype=np.int64), p)
    np.testing.assert_allclose(found.chances, KNOWN["count_of_lost_accounts_twelve"]["pmf"], atol=1e-15)


# Every outcome counted -----------------------------------------------------------------------------------------------


@given(few)
def test_a_small_book_has_exactly_the_outcomes_that_are_counted(accounts: list[tuple[int, float]]) -> None:
    revenue, p = np.array([r for r, _ in accounts]), np.array([p for _, p in accounts])
    losses, chances = outcomes(revenue, p)
    found = loss_distribution.assess(revenue, p)
    for quantile in found.quantiles:
        assert quantile.value == quantile.low == quantile.high == at_risk(losses, chances, quantile.level)
        at = losses.index(quantile.value)
        beyond = math.fsum(loss * c for loss, c in zip(losses[at + 1 :], chances[at + 1 :], strict=True))
        tail = (beyond + quantile.value * max(0.0, math.fsum(chances[: at + 1]) - quantile.level)) / (
            1 - quantile.level
        )
        assert quantile.shortfall == pytest.approx(min(tail, found.total), rel=1e-6, abs=1)
    none = math.prod(1 - p for r, p in accounts if r)
    assert found.nothing == pytest.approx(none, abs=1e-12)


@settings(deadline=None, max_examples=40)
@given(few, st.integers(3, 10**7))
def test_on_a_grid_the_limits_enclose_what_counting_gives(accounts: list[tuple[int, float]], step: int) -> None:
    """The road of large books, taken by small ones and on a grid that is far too coarse for them."""
    revenue, p = np.array([r for r, _ in accounts]), np.array([p for _, p in accounts])
    held = loss_distribution._losable(revenue, p)
    if not held.amounts.size:
        return
    losses, chances = outcomes(revenue, p)
    rounded = loss_distribution._round(held, step)
    if rounded.total > 1 << 20:
        return
    size = 1 << max(1, rounded.total.bit_length())
    found = loss_distribution._cyclic(rounded.steps, held.chances[rounded.code], rounded.count, size)
    described = loss_distribution._described(held, rounded, found[: rounded.total + 1], 0, int(revenue.sum()))
    for level in loss_distribution.LEVELS:
        quantile = loss_distribution._quantile(described, described.cumulative, level, (0.0, 0.0, 0.0))
        assert quantile.low - 1 <= at_risk(losses, chances, level) <= quantile.high + 1


@given(few)
def test_expectation_and_variance_are_those_of_the_formulas(accounts: list[tuple[int, float]]) -> None:
    revenue, p = np.array([r for r, _ in accounts]), np.array([p for _, p in accounts])
    found = loss_distribution.distribution(revenue, p)
    mean = float(found.losses @ found.chances)
    variance = float((found.losses - mean) ** 2 @ found.chances)
    assert found.chances.sum() == pytest.approx(1, abs=1e-12)
    assert mean == pytest.approx(loss.expected_loss(revenue, p), rel=1e-9, abs=1e-6)
    assert variance == pytest.approx(loss.loss_variance(revenue.astype(float) ** 2, p), rel=1e-6, abs=1e-3)


# Large books ---------------------------------------------------------------------------------------------------------


def test_amounts_that_fit_the_grid_give_what_convolving_account_by_account_gives() -> None:
    rng = np.random.default_rng(3)
    revenue, p = rng.integers(1, 400, 300), by_status(300)
    found = loss_distribution.distribution(1_000_00 * revenue, p)
    slow = convolved(revenue, p)
    assert found.step == 1_000_00
    assert (found.below, found.above) == (0, 0), "nothing was rounded"
    np.testing.assert_allclose(found.chances, slow[: found.chances.size], atol=1e-14)
    risk = loss_distribution.assess(1_000_00 * revenue, p)
    assert risk.exact
    expected = [1_000_00 * int(np.searchsorted(np.cumsum(slow), level - TIE)) for level in loss_distribution.LEVELS]
    assert [q.value for q in risk.quantiles] == expected


@pytest.mark.parametrize("p", [0.4999, 0.5, 0.501, 0.97])
def test_even_odds_are_no_harder_than_others(p: float) -> None:
    revenue = np.random.default_rng(4).integers(1, 90, 120)
    found = loss_distribution.distribution(revenue * 100, np.full(120, p))
    slow, first = convolved(revenue, np.full(120, p)), round(found.losses[0] / 100)
    np.testing.assert_allclose(found.chances, slow[first : first + found.chances.size], atol=1e-13)
    assert slow[:first].sum() + slow[first + found.chances.size :].sum() < 1e-10, "what the grid leaves out"


@pytest.mark.parametrize("n", [400, 5_000])
def test_the_limits_of_a_rounded_book_enclose_a_grid_of_single_cents(n: int) -> None:
    """Amounts up to a thousand cents, so that account by account is possible; the grid is made far coarser by hand."""
    rng = np.random.default_rng(5)
    revenue, p = rng.integers(1, 1_000, n), by_status(n)
    exact = loss_distribution.assess(revenue, p)
    assert exact.exact
    slow = np.cumsum(convolved(revenue, p)) if n < 1_000 else None
    held = loss_distribution._losable(revenue, p)
    rounded = loss_distribution._round(held, 97)
    size = 1 << rounded.total.bit_length()
    found = loss_distribution._cyclic(rounded.steps, held.chances[rounded.code], rounded.count, size)
    coarse = loss_distribution._described(held, rounded, found[: rounded.total + 1], 0, int(revenue.sum()))
    for right in exact.quantiles:
        if slow is not None:
            assert right.value == np.searchsorted(slow, right.level - TIE)
        near = loss_distribution._quantile(coarse, coarse.cumulative, right.level, (0.0, 0.0, 0.0))
        assert near.low <= right.value <= near.high
        assert abs(near.value - right.value) <= 97
        assert near.high - near.low < 0.15 * right.value
        assert abs(near.shortfall - right.shortfall) <= near.shortfall_error + 1


def test_two_thousand_accounts_have_narrow_limits_that_hold_for_whole_thousands() -> None:
    # The way of the known answers ("scale"): every amount in whole thousands, then dynamic programming.
    revenue, p = lognormal(2_000), by_status(2_000)
    found = loss_distribution.assess(revenue, p)
    thousands = np.maximum(1, np.round(revenue / 1_000_00)).astype(np.int64)
    coarse = loss_distribution.assess(1_000_00 * thousands, p)
    for quantile, other in zip(found.quantiles, coarse.quantiles, strict=True):
        assert quantile.high - quantile.low < 0.002 * quantile.value
        assert quantile.value == pytest.approx(other.value, rel=0.002)
        assert quantile.shortfall_error < 0.001 * quantile.shortfall
        assert quantile.normal == pytest.approx(quantile.value, rel=0.25)
    assert coarse.exact


@pytest.mark.parametrize("n", [100_000, 1_000_000])
def test_many_accounts_have_limits_within_a_thousandth(n: int) -> None:
    revenue, p = lognormal(n), by_status(n)
    found = loss_distribution.assess(revenue, p)
    assert found.accounts == n
    for quantile in found.quantiles:
        assert quantile.high - quantile.low < 0.001 * quantile.value
        # So many accounts, none of them large: the central limit theorem holds.
        assert quantile.value == pytest.approx(quantile.normal, rel=0.01)


def test_every_account_may_have_a_probability_of_its_own() -> None:
    revenue, p = lognormal(3_000), np.random.default_rng(6).random(3_000)
    found = loss_distribution.distribution(revenue, p)
    mean = float(found.losses @ found.chances)
    assert mean == pytest.approx(loss.expected_loss(revenue, p), rel=1e-9)
    deviation = math.sqrt(float((found.losses - mean) ** 2 @ found.chances))
    assert deviation == pytest.approx(loss.loss_deviation(revenue.astype(float) ** 2, p), rel=1e-4)


def test_more_probable_losses_never_make_less_be_at_risk() -> None:
    revenue, p = lognormal(500), by_status(500)
    for worse in (np.minimum(1, 1.1 * p), np.maximum(p, 0.2)):
        before, after = loss_distribution.assess(revenue, p), loss_distribution.assess(revenue, worse)
        for one, other in zip(before.quantiles, after.quantiles, strict=True):
            assert one.low <= other.high
            assert one.shortfall <= other.shortfall + one.shortfall_error + other.shortfall_error


# A common factor -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("row", KNOWN["vasicek"]["rows"], ids=lambda row: f"{row['n']} accounts")
def test_a_common_factor_gives_the_known_values_at_risk(row: dict[str, Any]) -> None:
    n, p, rho = row["n"], KNOWN["vasicek"]["p"], KNOWN["vasicek"]["rho"]
    found = loss_distribution.assess(np.full(n, 100_00), np.full(n, p), correlation=rho)
    _, quantile, _ = found.quantiles
    assert quantile.value / found.total == pytest.approx(row["var95_mc"], abs=0.002)
    assert quantile.low <= quantile.value <= quantile.high
    assert (quantile.high - quantile.low) / found.total <= max(1 / n, 0.008)
    # The known shortfall is the mean of the draws that reach the value at risk; 200,000 draws, three standard errors.
    whole = loss_distribution.distribution(np.full(n, 100_00), np.full(n, p), correlation=rho)
    reached = whole.losses >= quantile.value
    beyond = float(whole.losses[reached] @ whole.chances[reached]) / float(whole.chances[reached].sum())
    assert beyond / found.total == pytest.approx(row["es95_mc"], abs=0.003)
    assert quantile.shortfall >= beyond
    alone = loss_distribution.assess(np.full(n, 100_00), np.full(n, p)).quantiles[1]
    assert alone.value / found.total == pytest.approx(row["var_independent"], abs=1e-12)


@pytest.mark.parametrize("n", [5, 20, 100, 1000])
def test_the_deviation_with_a_common_factor_follows_from_hhi(n: int) -> None:
    # Source: known answers, "sd_formula": Var(L/R) = (p2 - p**2) + HHI * (p - p2).
    known = KNOWN["vasicek"]["sd_formula"][str(n)]
    assert loss_distribution.factor_deviation_share(0.1, 0.15, 10_000 / n) == pytest.approx(known, rel=1e-6)
    found = loss_distribution.assess(np.full(n, 100), np.full(n, 0.1), correlation=0.15)
    assert found.deviation / found.total == pytest.approx(known, rel=1e-6)
    assert found.expected / found.total == pytest.approx(0.1, rel=1e-12)


@given(st.floats(0.01, 0.9), st.floats(0.01, 0.9))
def test_two_accounts_fall_together_as_two_normals_do(p: float, rho: float) -> None:
    # The bivariate normal at equal limits through Owen's T: Phi2(h, h; rho) = Phi(h) - 2 T(h, sqrt((1-rho)/(1+rho))).
    h = norm.ppf(p)
    together = p - 2 * owens_t(h, math.sqrt((1 - rho) / (1 + rho)))
    found = loss_distribution.factor_deviation_share(p, rho, 0.0)
    assert found**2 == pytest.approx(together - p * p, abs=1e-8)


def test_a_common_factor_makes_bad_years_worse_and_good_ones_better() -> None:
    revenue, p = lognormal(2_000), by_status(2_000)
    alone, together = (loss_distribution.assess(revenue, p, correlation=rho) for rho in (0.0, 0.15))
    assert together.expected == alone.expected
    assert together.quantiles[-1].low > alone.quantiles[-1].high
    assert together.deviation > 2 * alone.deviation


def test_with_hardly_any_correlation_losses_are_independent() -> None:
    revenue, p = 100 * np.array(CASES["twelve"]["r"]), np.array(CASES["twelve"]["p"])
    alone, together = (loss_distribution.distribution(revenue, p, correlation=rho) for rho in (0.0, 1e-9))
    found = dict(zip(together.losses.tolist(), together.chances.tolist(), strict=True))
    for amount, chance in zip(alone.losses.tolist(), alone.chances.tolist(), strict=True):
        assert found[amount] == pytest.approx(chance, abs=1e-4)


# The door, and the edges ---------------------------------------------------------------------------------------------


def test_nothing_to_lose_is_a_loss_of_nothing() -> None:
    for revenue, p in (([], []), ([0, 0], [0.5, 1.0]), ([100, 50], [0.0, 0.0])):
        found = loss_distribution.assess(np.array(revenue, dtype=np.int64), np.array(p, dtype=float))
        assert [q.value for q in found.quantiles] == [0, 0, 0]
        assert (found.expected, found.deviation, found.nothing) == (0, 0, 1)
        assert found.curve_chances.tolist() == [0]


@pytest.mark.parametrize("correlation", [0.0, 0.15])
def test_what_is_lost_in_any_case_is_lost(correlation: float) -> None:
    found = loss_distribution.assess(np.array([100, 50]), np.array([1.0, 1.0]), correlation=correlation)
    assert [q.value for q in found.quantiles] == [150, 150, 150]
    assert found.nothing == 0
    some = loss_distribution.assess(np.array([100, 50]), np.array([1.0, 0.02]), correlation=correlation)
    assert [q.value for q in some.quantiles] == [100, 100, 150]
    assert some.nothing == 0


def test_one_account_is_lost_or_stays() -> None:
    found = loss_distribution.assess(np.array([12_345]), np.array([0.07]))
    assert [q.value for q in found.quantiles] == [0, 12_345, 12_345]
    assert found.nothing == pytest.approx(0.93)
    assert list(zip(found.curve_losses, found.curve_chances.round(12), strict=True)) == [(0, 0.07), (12_345, 0)]


def test_the_curve_falls_and_passes_through_the_values_at_risk() -> None:
    found = loss_distribution.assess(lognormal(2_000), by_status(2_000))
    assert np.all(np.diff(found.curve_losses) > 0)
    assert np.all(np.diff(found.curve_chances) <= 1e-15)
    for quantile in found.quantiles:
        beyond = float(np.interp(quantile.value, found.curve_losses, found.curve_chances))
        assert beyond == pytest.approx(1 - quantile.level, abs=0.005)


@pytest.mark.parametrize("p", [1e-251, 1e-100, 1e-12])
def test_a_loss_that_hardly_ever_happens_is_none(p: float) -> None:
    for correlation in (0.0, 0.15):
        found = loss_distribution.assess(np.array([1, 10**9]), np.array([p, p]), correlation=correlation)
        assert [q.value for q in found.quantiles] == [0, 0, 0]
        assert found.nothing == pytest.approx(1)


@pytest.mark.parametrize(
    ("revenue", "p", "correlation"),
    [
        ([1, -1], [0.1, 0.1], 0),
        ([1], [1.1], 0),
        ([1], [math.nan], 0),
        ([1, 2], [0.1], 0),
        ([1], [0.1], 0.99),
        ([2**61], [0.1], 0),
    ],
)
def test_what_no_formula_expects_is_refused(revenue: list[int], p: list[float], correlation: float) -> None:
    with pytest.raises(ValueError, match=r"probabilit|negative|correlation|grid"):
        loss_distribution.distribution(np.array(revenue), np.array(p), correlation=correlation)


def test_limits_that_do_not_enclose_the_value_are_refused() -> None:
    with pytest.raises(ValueError, match="limits"):
        loss_distribution.Quantile(0.9, 10, 11, 12, 10, 0, 10, 10)


def test_small_accounts_are_not_rounded_to_nothing() -> None:
    held = loss_distribution._losable(np.full(1_000, 30), np.full(1_000, 0.1))
    rounded = loss_distribution._round(held, 100)
    assert rounded.total == 300
    assert abs(rounded.off.sum()) <= 50
    assert concentration.total(held.amounts) == 30_000
