"""Stress, held by known answers, by hand and by measuring what stays anew.

`tests/known/revenue_at_risk.json`: the share of revenue that stays after losing the top 1, 2, 3 and 5 of four books.
"""

from __future__ import annotations

import json
import math
import statistics
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.measures import concentration, stress

KNOWN: dict[str, Any] = json.loads((Path(__file__).parents[2] / "known" / "revenue_at_risk.json").read_text("utf-8"))
CASES: dict[str, dict[str, Any]] = KNOWN["cases"]
books = st.lists(st.integers(1, 10**12), min_size=1, max_size=40)


def counted(amounts: list[int]) -> concentration.Money:
    return concentration.shares_base(np.array(amounts, dtype=np.int64)).counted


@pytest.mark.parametrize("name", CASES)
def test_what_stays_after_losing_the_top_accounts_is_known(name: str) -> None:
    book = counted(CASES[name]["r"])
    known = {int(n): stays for n, stays in CASES[name]["revenue_after_losing_top"].items()}
    rows = stress.ladder(book, tuple(known))
    assert [row.accounts for row in rows] == [n for n in known if n <= book.size]
    for row in rows:
        assert 1 - row.share == pytest.approx(known[row.accounts], abs=1e-12)


@given(books)
def test_what_stays_is_as_concentrated_as_a_book_of_its_own(amounts: list[int]) -> None:
    book = counted(amounts)
    for row in stress.ladder(book):
        own = concentration.measure(book[row.accounts :])
        rest = row.rest
        assert (rest.accounts, rest.revenue) == (own.accounts, own.total)
        assert row.lost + rest.revenue == sum(amounts)
        assert (rest.top1, rest.top10, rest.hhi, rest.gini) == (own.top_n[1], own.top_n[10], own.hhi, own.gini)
        assert rest.effective_accounts == own.effective_accounts


@given(books)
def test_refilling_takes_as_many_average_accounts_as_the_loss_is_worth(amounts: list[int]) -> None:
    for row in stress.ladder(counted(amounts)):
        mean, median = sum(amounts) / len(amounts), statistics.median(amounts)
        assert row.refill_mean == pytest.approx(row.lost / mean, abs=1)
        assert (row.refill_mean - 1) * mean < row.lost * (1 + 1e-9)
        assert (row.refill_median - 1) * median < row.lost * (1 + 1e-9) <= row.refill_median * median * (1 + 2e-9)


@given(books, st.data())
def test_a_chosen_set_leaves_the_others(amounts: list[int], data: st.DataObject) -> None:
    chosen = data.draw(st.lists(st.sampled_from(range(len(amounts))), min_size=1, unique=True))
    lost = stress.lose(counted(amounts), [amounts[i] for i in chosen])
    assert lost is not None
    own = concentration.measure(np.array([a for i, a in enumerate(amounts) if i not in chosen], dtype=np.int64))
    assert (lost.accounts, lost.lost) == (len(chosen), sum(amounts[i] for i in chosen))
    assert (lost.rest.accounts, lost.rest.hhi, lost.rest.gini) == (own.accounts, own.hhi, own.gini)


def test_losing_the_largest_as_a_set_is_losing_the_top() -> None:
    book = counted([90, 50, 50, 20, 10])
    (_, three, _) = stress.ladder(book, (1, 3, 5))
    assert stress.lose(book, [50, 90, 50]) == three


def test_everything_lost_leaves_nothing_defined() -> None:
    (row,) = stress.ladder(counted([70]), (1, 3))
    assert row.rest == stress.Rest(0, 0, None, None, None, None, None)
    assert (row.share, row.refill_mean, row.refill_median) == (1.0, 1, 1)


def test_accounts_without_revenue_among_the_chosen_change_nothing() -> None:
    assert stress.lose(counted([70, 30]), [0, -5]) is None
    lost = stress.lose(counted([70, 30]), [0, 30])
    assert lost is not None
    assert lost.accounts == 1


@pytest.mark.parametrize("chosen", [[40], [70, 70], [1]])
def test_an_amount_that_no_account_has_is_refused(chosen: list[int]) -> None:
    with pytest.raises(ValueError, match="no account"):
        stress.lose(counted([70, 30]), chosen)


def test_a_book_without_revenue_has_nothing_to_lose() -> None:
    assert stress.ladder(counted([])) == []
    assert stress.largest_against_typical(counted([])) is None
    with pytest.raises(ZeroDivisionError):
        stress.ladder(np.array([0, 0]))


def test_the_largest_is_held_against_those_in_the_middle() -> None:
    amounts = [5_000, *range(140, 20, -10)]  # 13 accounts: the ten in the middle are 140 … 50 without their ends
    found = stress.largest_against_typical(counted(amounts))
    assert found is not None
    assert found.typical_revenue == sum(sorted(amounts)[2:12]) == sum(range(50, 141, 10))
    assert found.largest_hurts_more
    assert found.worth == pytest.approx(5_000 / statistics.median(amounts))
    equal = stress.largest_against_typical(counted([100] * 20))
    assert equal is not None
    assert not equal.largest_hurts_more
    assert (equal.worth, equal.typical_revenue) == (1, 1_000)


@pytest.mark.parametrize("accounts", [1, 5, 11])
def test_too_few_accounts_have_no_typical_ones(accounts: int) -> None:
    assert stress.largest_against_typical(counted([100] * accounts)) is None
    assert stress.largest_against_typical(counted([100] * 12)) is not None


def test_a_loss_beyond_all_is_refused() -> None:
    rest = stress.Rest(0, 0, None, None, None, None, None)
    with pytest.raises(ValueError, match="not a loss"):
        stress.Stress(1, 10, math.nextafter(1, 2), rest, 1, 1)
