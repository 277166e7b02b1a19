"""Sentences on concentration: what a year and joined subsidiaries have changed, in words that agree with it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from core.measures import concentration
from core.measures.portfolio import Risk
from core.measures.tiers import UNRATED, TierRow
from core.report import sentences

if TYPE_CHECKING:
    from core.measures.concentration import Concentration

NBSP = "\u00a0"


def measured(*amounts: int) -> Concentration:
    return concentration.measure(np.array(amounts, dtype=np.int64))


def tier(name: str, accounts: int, share: float | None) -> TierRow:
    return TierRow(name, accounts, 0, 0, None, share, None, 0, 0, 0)


MANY = measured(100, *[10] * 20)
"""The top 10 bring 190 of 300."""


@pytest.mark.parametrize(
    ("before", "ending"),
    [
        (None, " of revenue."),
        (measured(), " of revenue."),
        (measured(50, *[10] * 20), " of revenue; that is 7.3 points more than a year ago."),
        (measured(200, *[10] * 20), " of revenue; that is 9.2 points less than a year ago."),
        (MANY, " of revenue; that is as much as a year ago."),
    ],
)
def test_the_change_in_a_year_is_said_in_points(before: Concentration | None, ending: str) -> None:
    assert sentences.concentration(MANY, before) == f"The top 10 of 21 paying accounts bring 63.3{NBSP}%{ending}"


def test_ten_or_fewer_bring_all_and_have_no_change() -> None:
    assert sentences.concentration(measured(5), measured(5, 5)) == "All revenue comes from 1 paying account."
    assert sentences.concentration(measured(5, 5), None, who="customers") == "All revenue comes from 2 customers."


def test_no_revenue_is_said() -> None:
    assert sentences.concentration(measured(-5), MANY) == "No account has revenue yet."
    assert sentences.joined(measured(-5), measured(-5)) == "No account has revenue yet."


def test_the_effect_of_joining_is_said() -> None:
    together = measured(120, *[10] * 18)
    assert sentences.joined(together, MANY) == (
        f"With subsidiaries joined, the top 10 hold 70.0{NBSP}%, 6.7 points more; 21 paying accounts are 19 customers."
    )
    assert "as much as without" in sentences.joined(MANY, MANY)


def test_a_book_without_revenue_counts_its_first_tier() -> None:
    rows = [tier("A", 2, None), tier(UNRATED, 1, None)]
    assert sentences.overview(rows, "USD") == "2 accounts of 3 are A; no account has revenue yet."


def test_a_book_that_cannot_be_rated_says_so() -> None:
    rows = [tier("A", 0, 0.0), tier(UNRATED, 3, 1.0)]
    assert sentences.overview(rows, "USD").endswith(
        "reaches A under this model: too little is known of any to rate it."
    )
    rows[1] = tier("B", 3, 1.0)
    assert sentences.overview(rows, "USD") == "No account reaches A under this model."


def test_health_that_nobody_knows_is_not_called_safe() -> None:
    assert sentences.at_risk(Risk(0, 0, 100, 0.0), "USD") == "No account is At Risk or Critical."
    assert sentences.at_risk(Risk(2, 0, 0, 0.0), "USD") == "2 accounts are At Risk or Critical; no account has revenue."
    blind = sentences.at_risk(Risk(0, 0, 100, 0.0, blind=True), "USD")
    assert blind == "The health of no account is known: too few of its signals are in the book."
