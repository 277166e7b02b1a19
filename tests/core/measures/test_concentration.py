"""Concentration, held by known answers, by PySAL `inequality`, by integers worked in Fractions and by properties.

`tests/known/concentration.json`: 18 books worked in exact rationals and compared with PySAL inequality and
concentrationMetrics; null is undefined. The file counts accounts without revenue, so its cases run with them included.
"""

from __future__ import annotations

import itertools
import json
import math
import pickle
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from inequality.gini import Gini
from inequality.theil import Theil, TheilD

from core.measures import concentration

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from random import Random

    from core.measures.concentration import Money

KNOWN: dict[str, Any] = json.loads((Path(__file__).parents[2] / "known" / "concentration.json").read_text("utf-8"))
CASES: dict[str, dict[str, Any]] = {case["name"]: case for case in KNOWN["cases"]}
WITH_CREDITS = ("negative_credit", "negative_large", "negative_total")
UNDEFINED = ("all_zero", "empty")
DEFINED = tuple(name for name in CASES if name not in WITH_CREDITS + UNDEFINED)

FORMULAS: dict[str, Callable[[Money], float | None]] = {
    "gini": concentration.gini,
    "gini_corrected": concentration.gini_corrected,
    "hhi_0_1": lambda counted: concentration.hhi(counted) / 10_000,
    "hhi_10000": concentration.hhi,
    "effective_number": concentration.effective_accounts,
    "hhi_normalised": concentration.hhi_normalised,
    "cv2_population": lambda counted: counted.size * concentration.hhi(counted) / 10_000 - 1,
    "theil_t": concentration.theil,
    "entropy_nats": concentration.entropy,
    "exp_entropy": concentration.exp_entropy,
    "hall_tideman": concentration.hall_tideman,
    "hoover": concentration.hoover,
}
TOP_SHARES = (0.01, 0.05, 0.1, 0.2, 0.5)

amounts_of_cents = st.integers(min_value=-(10**13), max_value=10**13)
books = st.lists(amounts_of_cents, max_size=40).map(lambda values: np.array(values, dtype=np.int64))
earning_books = st.lists(st.integers(min_value=1, max_value=10**13), min_size=1, max_size=40).map(
    lambda values: np.array(values, dtype=np.int64)
)


def cents(values: Sequence[int | str]) -> Money:
    """Amounts as written, in cents, exactly."""
    exact = [Decimal(value) * 100 for value in values]
    assert all(value == int(value) for value in exact)
    return np.array([int(value) for value in exact], dtype=np.int64)


def book(name: str) -> Money:
    """Amounts of a known case; "600000 x75, 15584 x1925" stands for 75 and 1,925 accounts."""
    given_as = CASES[name]["input"]
    if isinstance(given_as, str):
        parts = [part.split(" x") for part in given_as.split(", ")]
        given_as = [int(amount) for amount, times in parts for _ in range(int(times))]
    return cents(given_as)


def counted(amounts: Money, *, include_zeros: bool = True) -> Money:
    return concentration.shares_base(amounts, include_zeros=include_zeros).counted


def shares_of(measured: concentration.Concentration) -> tuple[object, ...]:
    """Everything that is a share or made of shares."""
    return (
        measured.total,
        measured.top_n,
        measured.top_share,
        measured.gini,
        measured.gini_corrected,
        measured.hhi,
        measured.effective_accounts,
        measured.pareto_80,
        measured.theil,
    )


# --- known answers (tests/known/concentration.json) ------------------------------------------------------------------


def test_all_18_known_cases_are_used() -> None:
    assert len(CASES) == 18
    assert set(DEFINED) | set(WITH_CREDITS) | set(UNDEFINED) == set(CASES)


@pytest.mark.parametrize("field", FORMULAS)
@pytest.mark.parametrize("name", DEFINED)
def test_every_formula_gives_the_known_answer(name: str, field: str) -> None:
    expected = CASES[name]["expected"][field]
    found = FORMULAS[field](counted(book(name)))
    assert found == (None if expected is None else pytest.approx(expected, rel=1e-12, abs=1e-12))


@pytest.mark.parametrize("name", DEFINED)
def test_top_n_and_top_share_give_the_known_answers(name: str) -> None:
    expected, descending = CASES[name]["expected"], counted(book(name))
    for n in (1, 3, 5, 10, 20):
        assert concentration.top_n(descending, n) == pytest.approx(expected[f"cr{n}"], rel=1e-14)
    for p in TOP_SHARES:
        found = concentration.top_share(descending, p)
        assert found.share == pytest.approx(expected[f"top{p}_ceil"], rel=1e-14)
        assert (found.accounts, found.of) == (math.ceil(Decimal(str(p)) * expected["n"]), expected["n"])


@pytest.mark.parametrize("name", DEFINED)
def test_pareto_gives_the_known_answers(name: str) -> None:
    expected, descending = CASES[name]["expected"], counted(book(name))
    for percent in (50, 80, 90):
        found = concentration.pareto(descending, percent / 100)
        assert found.accounts == expected[f"n_for_{percent}pct"]
        assert found.share_of_accounts == pytest.approx(expected[f"share_accounts_for_{percent}pct"], rel=1e-14)


@pytest.mark.parametrize("name", [name for name in DEFINED if "lorenz" in CASES[name]["expected"]])
def test_lorenz_gives_the_known_curve(name: str) -> None:
    x, y = concentration.lorenz(counted(book(name)))
    np.testing.assert_allclose(np.column_stack((x, y)), CASES[name]["expected"]["lorenz"], rtol=1e-14)


@pytest.mark.parametrize("name", DEFINED)
def test_the_headline_holds_the_known_answers(name: str) -> None:
    expected, measured = CASES[name]["expected"], concentration.measure(book(name), include_zeros=True)
    assert (measured.accounts, measured.zeros, measured.excluded_count) == (expected["n"], expected["n_zero"], 0)
    assert measured.accounts_counted == expected["n"]
    assert measured.total == Decimal(str(expected["total"])) * 100
    for n in concentration.TOP_N:
        assert measured.top_n[n] == pytest.approx(expected[f"cr{n}"])
    top = measured.top_share[0.2]
    assert top is not None
    assert top.share == pytest.approx(expected["top0.2_ceil"])
    assert measured.pareto_80 == concentration.ParetoPoint(
        expected["n_for_80pct"], expected["share_accounts_for_80pct"]
    )
    pairs = {"gini": "gini", "hhi": "hhi_10000", "effective_accounts": "effective_number", "theil": "theil_t"}
    for field, known in (pairs | {"gini_corrected": "gini_corrected"}).items():
        assert getattr(measured, field) == (None if expected[known] is None else pytest.approx(expected[known]))


@pytest.mark.parametrize("include_zeros", [False, True])
@pytest.mark.parametrize("name", UNDEFINED)
def test_a_book_without_revenue_has_no_measures_and_no_nan(name: str, *, include_zeros: bool) -> None:
    measured = concentration.measure(book(name), include_zeros=include_zeros)
    assert shares_of(measured) == (0, dict.fromkeys((1, 5, 10, 20)), dict.fromkeys((0.01, 0.05, 0.1, 0.2)), *[None] * 6)
    assert (measured.accounts, measured.zeros) == (CASES[name]["expected"]["n"], CASES[name]["expected"]["n_zero"])


@pytest.mark.parametrize("name", WITH_CREDITS)
def test_credits_are_set_apart_counted_and_summed(name: str) -> None:
    # The file leaves credits in, to show what that does (HHI 805,556, Gini 8.44, a share of 109 %); its counts hold.
    expected, amounts = CASES[name]["expected"], book(name)
    measured = concentration.measure(amounts)
    assert measured.accounts == expected["n"]
    assert measured.accounts_counted == expected["n_positive"]
    assert (measured.excluded_count, measured.zeros) == (expected["n_negative"], expected["n_zero"])
    assert measured.total + measured.excluded_amount == expected["total"] * 100
    assert shares_of(measured) == shares_of(concentration.measure(amounts[amounts > 0]))


@pytest.mark.parametrize(
    ("name", "top1", "gini", "hhi"),
    [
        ("negative_credit", Fraction(100, 240), Fraction(1, 9), Fraction(10_000 * 20_000, 240**2)),
        ("negative_large", Fraction(100, 105), Fraction(95, 210), Fraction(10_000 * 10_025, 105**2)),
        ("negative_total", Fraction(1), Fraction(0), Fraction(10_000)),
    ],
)
def test_with_credits_set_apart_the_rest_is_measured(name: str, top1: Fraction, gini: Fraction, hhi: Fraction) -> None:
    # Worked by hand on the positive accounts: 100, 80, 60; then 100, 5; then 10.
    measured = concentration.measure(book(name))
    assert (measured.top_n[1], measured.gini) == (float(top1), float(gini))
    assert measured.hhi == pytest.approx(float(hhi), rel=1e-14)


@pytest.mark.parametrize(("amounts", "exact", "in_floats"), KNOWN["pareto_float_trap"]["examples"])
def test_pareto_compares_integers_where_floats_take_one_account_too_many(
    amounts: list[int], exact: int, in_floats: int
) -> None:
    # Source: known answers, "pareto_float_trap".
    found = concentration.pareto(counted(cents(amounts)), 0.8)
    assert found == concentration.ParetoPoint(exact, exact / len(amounts))
    assert found.accounts < in_floats


def test_accounts_without_revenue_raise_gini_as_the_dilution_formula_says() -> None:
    # Source: known answers, "zero_dilution": G_all = 1 - (n / N) * (1 - G_positive), the seed dashboard's five rows.
    known, amounts = KNOWN["zero_dilution"], book("zeros_and_positive_seed_dashboard")
    assert concentration.measure(amounts).gini == known["g_pos"]
    assert concentration.measure(amounts, include_zeros=True).gini == known["g_all"]
    assert 1 - 2 / 5 * (1 - known["g_pos"]) == pytest.approx(known["g_all"])


def test_theil_splits_into_between_and_within_as_known() -> None:
    # Source: known answers, "theil_decomposition", worked with PySAL TheilD.
    known = KNOWN["theil_decomposition"]
    amounts = cents([str(value) for value in known["y"]])
    rows = concentration.by_group(amounts, known["groups"])
    split = concentration.theil_split(rows)
    assert split is not None
    assert split.between == pytest.approx(known["between"], rel=1e-12)
    assert split.within == pytest.approx(known["within"], rel=1e-12)
    assert split.between + split.within == pytest.approx(known["total"], rel=1e-12)
    for row in rows:
        expected = known["by_group"][row.group]
        assert row.accounts == expected["n"]
        assert row.share == pytest.approx(expected["share"], rel=1e-14)
        assert row.theil == pytest.approx(expected["theil"], rel=1e-12)


def test_hhi_splits_into_parts_of_the_groups_as_known() -> None:
    # Source: known answers, "hhi_decomposition", on the vector of "theil_decomposition".
    amounts = cents([str(value) for value in KNOWN["theil_decomposition"]["y"]])
    parts = concentration.hhi_split(concentration.by_group(amounts, KNOWN["theil_decomposition"]["groups"]))
    assert set(parts) == {"A", "B", "C"}
    assert sum(parts.values()) == pytest.approx(KNOWN["hhi_decomposition"]["total"] * 10_000, rel=1e-12)


# --- another implementation (PySAL inequality) -----------------------------------------------------------------------


@pytest.mark.parametrize("zeros", [0, 40])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_gini_and_theil_agree_with_pysal(seed: int, zeros: int) -> None:
    amounts = (np.random.default_rng(seed).lognormal(8, 2, 300) * 100).astype(np.int64)
    amounts[:zeros] = 0
    descending = counted(amounts)
    assert concentration.gini(descending) == pytest.approx(Gini(amounts.astype(float)).g, rel=1e-12)
    assert concentration.theil(descending) == pytest.approx(Theil(amounts.astype(float)).T, rel=1e-10)


def test_theil_split_agrees_with_pysal() -> None:
    rng = np.random.default_rng(4)
    amounts, groups = (rng.lognormal(8, 2, 300) * 100).astype(np.int64), rng.choice(list("ABCDE"), 300)
    split = concentration.theil_split(concentration.by_group(amounts, groups.tolist()))
    library = TheilD(amounts.astype(float), groups)
    assert split is not None
    assert split.between == pytest.approx(float(library.bg[0]), rel=1e-10)
    assert split.within == pytest.approx(float(library.wg[0]), rel=1e-10)


# --- exactness -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("p", "of", "accounts"),
    [(0.2, 5, 1), (0.1, 10, 1), (0.1, 30, 3), (0.07, 100, 7), (0.2, 7, 2), (0.01, 1, 1), (1, 3, 3)],
)
def test_top_share_counts_the_decimal_that_was_meant(p: float, of: int, accounts: int) -> None:
    # Worked by hand; in floats 0.07 * 100 lies above 7, so that ceil gives one account too many.
    assert concentration.top_share(np.full(of, 100), p).accounts == accounts


@given(st.lists(st.integers(min_value=0, max_value=2**63 - 1), min_size=1, max_size=30).filter(any))
def test_gini_hoover_and_pareto_are_exact_beyond_64_bits(values: list[int]) -> None:
    # Against the formulas in Fractions; sums of these amounts overflow 64 bits.
    ascending = sorted(values)
    n, revenue = len(values), sum(values)
    descending = np.array(ascending[::-1], dtype=np.int64)
    gini = Fraction(2 * sum(i * x for i, x in enumerate(ascending, 1)), n * revenue) - Fraction(n + 1, n)
    hoover = sum(abs(Fraction(x, revenue) - Fraction(1, n)) for x in ascending) / 2
    fewest = next(k for k in range(1, n + 1) if 5 * sum(ascending[::-1][:k]) >= 4 * revenue)
    assert concentration.total(descending) == revenue
    assert concentration.gini(descending) == float(gini)
    assert concentration.hoover(descending) == float(hoover)
    assert concentration.pareto(descending, 0.8).accounts == fewest


@given(st.lists(st.integers(min_value=-(2**63), max_value=2**63 - 1), max_size=30))
def test_totals_of_credits_and_revenue_are_exact(values: list[int]) -> None:
    assert concentration.total(np.array(values, dtype=np.int64)) == sum(values)


# --- properties ------------------------------------------------------------------------------------------------------


@given(earning_books, st.integers(min_value=2, max_value=1000))
def test_shares_do_not_depend_on_the_unit_of_money(amounts: Money, factor: int) -> None:
    once, scaled = concentration.measure(amounts), concentration.measure(amounts * factor)
    assert (scaled.gini, scaled.top_n, scaled.top_share) == (once.gini, once.top_n, once.top_share)
    assert scaled.pareto_80 == once.pareto_80
    assert scaled.hhi == pytest.approx(once.hhi, rel=1e-12)
    assert scaled.theil == pytest.approx(once.theil, rel=1e-9, abs=1e-12)


@given(earning_books, st.integers(min_value=2, max_value=5))
def test_gini_of_a_book_repeated_is_the_gini_of_the_book(amounts: Money, times: int) -> None:
    repeated = np.tile(amounts, times)
    assert concentration.gini(counted(repeated)) == concentration.gini(counted(amounts))
    assert concentration.hhi(counted(repeated)) == pytest.approx(concentration.hhi(counted(amounts)) / times)


@given(earning_books, st.integers(min_value=1, max_value=30))
def test_accounts_without_revenue_leave_hhi_top_n_and_hall_tideman(amounts: Money, zeros: int) -> None:
    without, with_zeros = counted(amounts), counted(np.append(amounts, np.zeros(zeros, dtype=np.int64)))
    assert concentration.hall_tideman(with_zeros) == concentration.hall_tideman(without)
    assert concentration.hhi(with_zeros) == pytest.approx(concentration.hhi(without), rel=1e-12)
    assert [concentration.top_n(with_zeros, n) for n in (1, 5)] == [concentration.top_n(without, n) for n in (1, 5)]
    diluted = 1 - without.size / with_zeros.size * (1 - concentration.gini(without))
    assert concentration.gini(with_zeros) == pytest.approx(diluted)


@given(books, st.lists(st.integers(min_value=-(10**13), max_value=-1), max_size=10))
def test_credits_never_change_a_share(amounts: Money, more_credits: list[int]) -> None:
    with_more = np.append(amounts, np.array(more_credits, dtype=np.int64))
    assert shares_of(concentration.measure(with_more)) == shares_of(concentration.measure(amounts))
    assert concentration.measure(with_more).excluded_amount == int(amounts[amounts < 0].sum()) + sum(more_credits)


@given(earning_books)
def test_indices_stay_within_their_bounds_and_relate_as_the_formulas_say(amounts: Money) -> None:
    descending, n = counted(amounts), amounts.size
    gini, hhi = concentration.gini(descending), concentration.hhi(descending)
    assert 0 <= gini <= 1 - 1 / n + 1e-15
    assert 10_000 / n * (1 - 1e-12) <= hhi <= 10_000
    assert concentration.hall_tideman(descending) == pytest.approx(1 / (n * (1 - gini)))
    assert concentration.theil(descending) == pytest.approx(math.log(n) - concentration.entropy(descending), abs=1e-12)
    # Hill's family falls with its order: N, exp(H), 1 / HHI, 1 / s_1.
    hill = [n, concentration.exp_entropy(descending), 10_000 / hhi, 1 / concentration.top_n(descending, 1)]
    assert all(later <= earlier * (1 + 1e-12) for earlier, later in itertools.pairwise(hill))


@given(earning_books, st.randoms(use_true_random=False))
def test_the_order_of_rows_does_not_matter(amounts: Money, random: Random) -> None:
    shuffled = amounts.tolist()
    random.shuffle(shuffled)
    assert concentration.measure(np.array(shuffled)) == concentration.measure(amounts)


@given(earning_books)
def test_lorenz_rises_bends_upwards_ends_at_one_and_holds_gini(amounts: Money) -> None:
    x, y = concentration.lorenz(counted(amounts))
    assert (x[0], y[0], x[-1], y[-1]) == (0, 0, 1, 1)
    assert np.all(np.diff(y) >= 0)
    assert np.all(np.diff(y, n=2) >= -1e-15)
    assert np.all(y <= x + 1e-15)
    assert 1 - 2 * np.trapezoid(y, x) == pytest.approx(concentration.gini(counted(amounts)), abs=1e-12)


@given(earning_books)
def test_concentration_curve_is_lorenz_seen_from_the_other_end(amounts: Money) -> None:
    descending = counted(amounts)
    accounts, shares = concentration.concentration_curve(descending)
    _, y = concentration.lorenz(descending)
    assert accounts.tolist() == list(range(amounts.size + 1))
    np.testing.assert_allclose(shares, 1 - y[::-1], atol=1e-15)
    assert shares[1] == concentration.top_n(descending, 1)


@given(earning_books, st.integers(min_value=2, max_value=50))
def test_a_thinned_curve_keeps_its_ends_and_its_points(amounts: Money, points: int) -> None:
    descending = counted(amounts)
    all_x, all_y = concentration.concentration_curve(descending)
    x, y = concentration.concentration_curve(descending, points)
    assert x.size <= points
    assert (x[0], y[0], x[-1], y[-1]) == (0, 0, amounts.size, 1)
    assert np.all(np.diff(x) > 0)
    assert dict(zip(x, y, strict=True)).items() <= dict(zip(all_x, all_y, strict=True)).items()


def test_thinning_keeps_the_few_large_accounts() -> None:
    # Ten accounts of 1,000,000 before ten thousand of 1: even steps in accounts would jump over all ten.
    amounts = np.array([1_000_000] * 10 + [1] * 10_000)
    x, y = concentration.concentration_curve(amounts, 50)
    assert x[:12].tolist()[:11] == list(range(11))
    assert np.diff(y).max() < 0.11


@given(st.lists(st.tuples(amounts_of_cents, st.sampled_from(["A", "B", "C", None])), min_size=1, max_size=40))
def test_parts_of_theil_and_hhi_add_up_to_the_book(rows: list[tuple[int, str | None]]) -> None:
    amounts = np.array([amount for amount, _ in rows], dtype=np.int64)
    groups = concentration.by_group(amounts, [group for _, group in rows])
    whole, split = concentration.measure(amounts), concentration.theil_split(groups)
    assert sum(row.revenue for row in groups) == whole.total
    assert sum(row.accounts for row in groups) == whole.accounts
    assert sum(row.accounts_counted for row in groups) == whole.accounts_counted
    if whole.theil is None:
        assert split is None
        assert concentration.hhi_split(groups) == {}
    else:
        assert split is not None
        assert split.between + split.within == pytest.approx(whole.theil, abs=1e-12)
        assert sum(concentration.hhi_split(groups).values()) == pytest.approx(whole.hhi, rel=1e-12)
        assert math.fsum(row.share or 0 for row in groups) == pytest.approx(1)


# --- groups and doors ------------------------------------------------------------------------------------------------


def test_groups_come_by_revenue_then_name_and_the_missing_one_is_named() -> None:
    amounts = np.array([10, 30, 20, 20, -5, 0])
    groups = np.array(["B", None, "C", "A", "D", float("nan")], dtype=object)
    rows = concentration.by_group(amounts, groups)
    assert [row.group for row in rows] == ["not given", "A", "C", "B", "D"]
    assert (rows[0].accounts, rows[0].accounts_counted, rows[0].revenue) == (2, 1, 30)


def test_a_group_without_revenue_is_listed_with_nothing_to_measure() -> None:
    revenue, nothing = concentration.by_group(np.array([10, -5, 0]), ["A", "B", "B"])
    assert (nothing.share, nothing.top1, nothing.hhi, nothing.gini, nothing.theil) == (0, None, None, None, None)
    assert concentration.by_group(np.array([], dtype=np.int64), []) == []
    assert [row.share for row in concentration.by_group(np.array([0, -1]), ["A", "A"])] == [None]
    assert revenue.share == 1


def test_zeros_count_within_groups_only_when_asked() -> None:
    amounts, groups = np.array([10, 0, 20]), ["A", "A", "B"]
    assert {row.group: row.gini for row in concentration.by_group(amounts, groups)} == {"A": 0, "B": 0}
    with_zeros = concentration.by_group(amounts, groups, include_zeros=True)
    assert {row.group: row.gini for row in with_zeros} == {"A": 0.5, "B": 0}


def test_a_group_for_each_amount_is_demanded() -> None:
    with pytest.raises(ValueError, match="2 amounts but 1 groups"):
        concentration.by_group(np.array([1, 2]), ["A"])


def test_amounts_that_are_not_whole_cents_are_refused() -> None:
    with pytest.raises(TypeError, match="whole cents in int64, not float64"):
        concentration.measure(np.array([1.5, 2.0]))


def test_nothing_measured_changes_what_was_given() -> None:
    amounts = np.array([3, -1, 0, 2])
    amounts.setflags(write=False)
    concentration.measure(amounts)
    concentration.by_group(amounts, ["A", "B", None, "A"])
    assert amounts.tolist() == [3, -1, 0, 2]


def test_what_is_counted_cannot_be_written_to() -> None:
    base = concentration.shares_base(np.array([3, 2]))
    with pytest.raises(ValueError, match="read-only"):
        base.counted[0] = 1


@pytest.mark.parametrize("formula", [*FORMULAS.values(), concentration.pareto, concentration.lorenz])
@pytest.mark.parametrize("nothing", [[], [0, 0]])
def test_shares_of_nothing_fail_loudly(formula: Callable[[Money], object], nothing: list[int]) -> None:
    with pytest.raises(ZeroDivisionError):
        formula(np.array(nothing, dtype=np.int64))


@pytest.mark.parametrize("unordered", [[1, 2], [2, -1]])
def test_a_base_refuses_amounts_out_of_order_or_negative(unordered: list[int]) -> None:
    with pytest.raises(ValueError, match="descending"):
        concentration.Base(np.array(unordered), excluded_count=0, excluded_amount=0, zeros=0, accounts=2)


def test_records_refuse_impossible_numbers() -> None:
    good = concentration.measure(np.array([3, 2, 1]))
    fields = {name: getattr(good, name) for name in concentration.Concentration.__slots__}
    impossible: list[dict[str, object]] = [
        {"gini": 1.2},
        {"gini": math.nan},
        {"gini": None},
        {"hhi": 3_000.0},
        {"theil": 1.2},
        {"top_n": {1: 1.1}},
        {"effective_accounts": 3.5},
        {"accounts": 9},
        {"excluded_amount": 5},
    ]
    for change in impossible:
        with pytest.raises(ValueError, match=r"outside|defined exactly|add up|credits"):
            concentration.Concentration(**(fields | change))
    with pytest.raises(ValueError, match="not a share"):
        concentration.TopShare(accounts=2, share=1.1, of=7)
    with pytest.raises(ValueError, match="not a point"):
        concentration.ParetoPoint(accounts=0, share_of_accounts=0.0)


def test_the_headline_survives_a_cache() -> None:
    # A page keeps it in a cache that pickles.
    measured = concentration.measure(np.array([3, 2, 1]))
    assert pickle.loads(pickle.dumps(measured)) == measured  # noqa: S301  # our own bytes


@given(st.lists(st.integers(-(10**15), 10**15), max_size=30), st.integers(1, 3))
def test_squares_add_up_exactly_whatever_their_size(values: list[int], times: int) -> None:
    cents = np.array(values * times, dtype=np.int64)
    assert concentration.squares(cents) == times * sum(value * value for value in values)


def test_squares_beyond_what_floats_can_tell_apart_are_exact_too() -> None:
    cents = np.full(5_000, 2**62 - 12_345, dtype=np.int64)
    assert concentration.squares(cents) == 5_000 * (2**62 - 12_345) ** 2
    assert concentration.squares(np.array([], dtype=np.int64)) == 0
