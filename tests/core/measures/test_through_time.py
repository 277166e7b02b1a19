"""Concentration through time: each period as measured alone, unknown ones None, ranks that depend on no order.

`tests/known/concentration.json` holds 18 books worked in exact rationals.
"""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from inequality.gini import Gini

from core.accounts import timeline
from core.accounts.timeline import Period, Timeline
from core.measures import basis, concentration, portfolio, through_time
from core.measures.through_time import MEASURES
from tests import making

if TYPE_CHECKING:
    from core.measures.basis import Basis

KNOWN: dict[str, Any] = json.loads((Path(__file__).parents[2] / "known" / "concentration.json").read_text("utf-8"))
LISTED = [case for case in KNOWN["cases"] if not isinstance(case["input"], str)]
POSITIVE = [case for case in LISTED if case["expected"]["defined"] and not case["expected"]["n_negative"]]
amounts = st.lists(st.integers(-(10**13), 10**13), max_size=40).map(lambda values: np.array(values, dtype=np.int64))


@pytest.mark.parametrize("case", POSITIVE, ids=lambda case: case["name"])
def test_a_point_gives_the_known_answers(case: dict[str, Any]) -> None:
    cents = np.array([int(Decimal(str(value)) * 100) for value in case["input"]], dtype=np.int64)
    found, wanted = through_time.point("x", 0, cents), case["expected"]
    assert (found.top_1, found.top_5, found.top_10, found.top_20) == pytest.approx(
        tuple(wanted[f"cr{n}"] for n in (1, 5, 10, 20))
    )
    assert found.hhi == pytest.approx(wanted["hhi_10000"])
    assert found.effective_accounts == pytest.approx(wanted["effective_number"])


def test_there_are_known_cases() -> None:
    assert len(POSITIVE) > 8


@given(cents=amounts)
def test_a_point_is_the_headline_of_its_amounts(cents: concentration.Money) -> None:
    found, wanted = through_time.point("x", 0, cents), concentration.measure(cents)
    assert (found.accounts, found.total) == (wanted.accounts_counted, wanted.total)
    assert (found.top_1, found.top_5, found.top_10, found.top_20) == tuple(wanted.top_n[n] for n in (1, 5, 10, 20))
    top, pareto = wanted.top_share[0.2], wanted.pareto_80
    assert found.top_share == (top.share if top else None)
    assert found.pareto_80 == (pareto.accounts if pareto else None)
    assert (found.gini, found.hhi, found.effective_accounts) == (wanted.gini, wanted.hhi, wanted.effective_accounts)


def test_totals_beyond_64_bits_are_measured_the_same() -> None:
    cents = np.array([2**61, 2**61, 2**61, 2**61, 2**60], dtype=np.int64)
    found, wanted = through_time.point("x", 0, cents), concentration.measure(cents)
    assert (found.gini, found.pareto_80, found.total) == (wanted.gini, 4, 2**63 + 2**60)
    assert wanted.pareto_80 is not None
    assert wanted.pareto_80.accounts == 4


def test_pareto_compares_integers_where_floats_take_one_account_too_many() -> None:
    for values, exact, _ in KNOWN["pareto_float_trap"]["examples"]:
        assert through_time.point("x", 0, np.array(values, dtype=np.int64)).pareto_80 == exact


def test_gini_agrees_with_pysal() -> None:
    cents = (np.random.default_rng(3).lognormal(8, 1.5, 500) * 100).astype(np.int64)
    assert through_time.point("x", 0, cents).gini == pytest.approx(Gini(cents.astype(float)).g, abs=1e-9)


def test_hand_worked_indices_of_five_accounts() -> None:
    # Shares .4 .4 .1 .05 .05: HHI 10,000 (.16 + .16 + .01 + .0025 + .0025) = 3,350, inverse 2.985; the largest fifth is
    # one account with .4; the Gini is 2 (1·50 + 2·50 + 3·100 + 4·400 + 5·400) / (5 · 1,000) − 6/5 = .42.
    found = through_time.point("x", 0, np.array([400, 400, 100, 50, 50]))
    assert found.hhi == pytest.approx(3350)
    assert found.effective_accounts == pytest.approx(2.98507463)
    assert (found.top_share, found.gini, found.pareto_80) == (0.4, 0.42, 2)


@pytest.mark.parametrize("cents", [[], [0, 0], [-5]])
def test_a_period_without_revenue_is_undefined_and_not_zero(cents: list[int]) -> None:
    found = through_time.point("x", 0, np.array(cents, dtype=np.int64))
    assert [getattr(found, name) for name in MEASURES] == [None] * len(MEASURES)


# A book with a history -----------------------------------------------------------------------------------------------

QUARTERS = ("2024-03-31", "2024-06-30", "2024-09-30", "2024-12-31", "2025-03-31")
PAID: dict[str, tuple[int, ...]] = {
    "a": (10, 10, 10, 10, 50),
    "b": (20, 20, 20, 20, 20),
    "c": (0, 0, 0, 5, 5),
    "d": (0, 0, 0, 0, -3),
}


def made(paid: dict[str, tuple[int, ...]] = PAID, quarters: tuple[str, ...] = QUARTERS) -> tuple[Timeline, Basis]:
    lines = [(key, day, str(amount)) for key, row in paid.items() for day, amount in zip(quarters, row, strict=True)]
    ids, days, cells = zip(*lines, strict=True)
    rows = {"account_id": list(paid), "employees": ["10"] * len(paid), "Fit": ["5"] * len(paid)}
    book = making.book(rows, {"account_id": ids, "period": days, "amount": cells})
    found = timeline.read(book)
    assert found is not None
    return found, basis.of_listing(portfolio.prepare(book, making.model()).listing)


def test_each_period_is_measured_of_its_own_twelve_months() -> None:
    found, mine = made()
    points = through_time.trend(found, mine, timeline.trailing(found))
    assert [(point.label, point.total, point.accounts) for point in points if point] == [
        ("Dec 2024", 125_00, 3), ("Mar 2025", 170_00, 3),
    ]  # fmt: skip
    assert [point.top_1 for point in points if point] == [80 / 125, 80 / 170]


def test_a_period_that_is_not_known_is_none() -> None:
    found, mine = made()
    periods = [Period("before", 0, 11, known=False), *timeline.trailing(found)]
    points = through_time.trend(found, mine, periods)
    assert points[0] is None
    assert all(points[1:])


def test_the_largest_are_ranked_through_all_periods() -> None:
    found, mine = made()
    ranked = through_time.ranks(found, mine, timeline.trailing(found))
    assert [(one.customer, one.cents[-1]) for one in ranked] == [(0, 80_00), (1, 80_00), (2, 10_00)]
    assert {one.customer: one.ranks for one in ranked} == {0: (2, 1), 1: (1, 1), 2: (3, 3)}


def test_equal_amounts_share_the_better_rank_and_no_revenue_has_none() -> None:
    found, mine = made({"a": (1, 1, 1, 1, 9), "b": (0, 0, 0, 0, 9), "c": (5, 5, 5, 5, 9)})
    ranked = {one.customer: one.ranks for one in through_time.ranks(found, mine, timeline.trailing(found))}
    assert ranked == {0: (2, 2), 1: (None, 3), 2: (1, 1)}


def test_no_more_are_ranked_than_asked_and_none_where_nothing_is_known() -> None:
    found, mine = made()
    assert len(through_time.ranks(found, mine, timeline.trailing(found), most=2)) == 2
    assert through_time.ranks(found, mine, []) == []


def test_a_filter_measures_and_ranks_as_if_the_others_were_not_in_the_book() -> None:
    random = np.random.default_rng(9)
    days = [f"{2024 + at // 12}-{at % 12 + 1:02}-15" for at in range(24)]
    lines = [(f"A{at:04}", day, str(random.integers(-20, 90))) for day in days for at in range(60)]
    ids, periods, paid = (list(column) for column in zip(*lines, strict=True))
    regions = ["EMEA" if at % 3 else "APAC" for at in range(60)]
    book = making.book({"region": regions}, {"account_id": ids, "period": periods, "amount": paid})
    past = timeline.read(book)
    assert past is not None
    found = portfolio.prepare(book, making.model(), filters={"region": ["EMEA"]})
    mine, spans = basis.of_listing(found.listing), timeline.trailing(past)
    amounts_of = [mine.take(by_row) for by_row in past.sums(spans)]
    alone = [through_time.point(s.label, s.last, cents) for s, cents in zip(spans, amounts_of, strict=True)]
    assert through_time.trend(past, mine, spans) == alone
    rows = through_time.ranks(past, mine, spans, most=8)
    largest = basis.largest(amounts_of[-1], 8)
    assert [row.customer for row in rows] == largest.tolist()
    for row in rows:
        assert row.cents == tuple(int(cents[row.customer]) for cents in amounts_of)
        wanted = [int((cents > cents[row.customer]).sum()) + 1 for cents in amounts_of]
        assert row.ranks == tuple(
            rank if cents[row.customer] > 0 else None for rank, cents in zip(wanted, amounts_of, strict=True)
        )
