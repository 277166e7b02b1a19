"""Exposure: revenue, health and probability of every account that has revenue."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from core.accounts import books
from core.measures import exposure, portfolio
from core.model.health import LossProbabilities
from tests import making

if TYPE_CHECKING:
    from collections.abc import Iterator

    from core.measures.portfolio import Portfolio

ASSUMED = LossProbabilities().by_status()


def prepared(**columns: list[str]) -> Portfolio:
    return portfolio.prepare(making.book({**columns}), making.model())


@pytest.fixture
def told() -> Iterator[Portfolio]:
    found = prepared(
        annual_revenue=["100", "50.5", "-20", "", "0", "10"],
        engagement_score=["90", "10", "10", "10", "10", ""],
        churn_probability=["", "0.9", "0.9", "0.9", "0.9", "0.3"],
    )
    yield found
    books.close(found.book)


def test_only_accounts_with_revenue_can_be_lost(told: Portfolio) -> None:
    held = exposure.exposure(told)
    assert held.revenue.tolist() == [100_00, 50_50, 10_00]
    assert held.statuses == ["Healthy", "Critical", "Not known"]


def test_the_books_own_probability_holds_where_it_has_one(told: Portfolio) -> None:
    held = exposure.exposure(told)
    assert held.accounts_told == 2
    assert held.probability(ASSUMED, from_book=True).tolist() == [0.05, 0.9, 0.3]


def test_without_the_book_health_decides_and_what_is_not_known_is_not_lost(told: Portfolio) -> None:
    held = exposure.exposure(told)
    assert held.probability(ASSUMED, from_book=False).tolist() == [0.05, 0.60, 0.0]
    assert held.probability({**ASSUMED, "Not known": 0.5}, from_book=False).tolist() == [0.05, 0.60, 0.5]


def test_a_book_that_says_nothing_leaves_all_to_assumptions() -> None:
    found = prepared(annual_revenue=["100", "50"], engagement_score=["90", "60"])
    held = exposure.exposure(found)
    assert held.accounts_told == 0
    assert np.isnan(held.told).all()
    both = [held.probability(ASSUMED, from_book=own).tolist() for own in (False, True)]
    assert both == [[0.05, 0.25]] * 2
    books.close(found.book)


def test_the_expected_loss_is_that_of_the_other_pages(told: Portfolio) -> None:
    held, model = exposure.exposure(told), making.model()
    risk = portfolio.risk(told.cube, model.health, told.told)
    own = model.health.loss_probability.from_book
    expected = float(held.revenue @ held.probability(model.health.loss_probability.by_status(), from_book=own))
    assert expected == pytest.approx(risk.expected_loss, rel=1e-9)


def test_a_book_without_revenue_exposes_nothing() -> None:
    found = prepared(annual_revenue=["", "-5"])
    held = exposure.exposure(found)
    assert held.revenue.size == held.probability(ASSUMED, from_book=True).size == 0
    assert held.statuses == []
    books.close(found.book)
