"""Details: what a few accounts show is what the whole book shows of them."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import numpy as np
import pytest

from core.accounts import books, details
from core.measures import portfolio
from tests import making

if TYPE_CHECKING:
    from collections.abc import Iterator

    from core.measures.portfolio import Portfolio

COLUMNS = {
    "account_id": ["a", "b", "c", "d", "e"],
    "parent_id": ["", "a", "a", "z", ""],
    "owner": ["Ann", "Ann", "Bob", "", "Ann"],
    "annual_revenue": ["10", "20", "30", "", "-5"],
    "engagement_score": ["80", "60", "20", "", "55"],
    "churn_probability": ["0.5", "", "0.1", "0.9", ""],
}
PAST = {
    "account_id": ["a", "a", "a", "b", "b", "c", "z"],
    "period": ["2024-12-31", "2026-06-30", "2026-09-30", "2024-03-31", "2026-08-31", "2022-01-01", "2026-09-30"],
    "amount": ["7", "1.5", "2", "9", "4", "3", "1000"],
}


@pytest.fixture(scope="module")
def prepared() -> Iterator[Portfolio]:
    found = portfolio.prepare(
        making.book({k: list(v) for k, v in COLUMNS.items()}, {k: list(v) for k, v in PAST.items()}), making.model()
    )
    yield found
    books.close(found.book)


def test_the_signals_of_a_few_are_those_of_all(prepared: Portfolio) -> None:
    everyone = books.signals(prepared.book, prepared.as_of)
    some = books.signals(prepared.book, prepared.as_of, [4, 1])
    assert some["row"].tolist() == [1, 4]
    for name, values in everyone.items():
        assert some[name].tolist() == pytest.approx(values[[1, 4]].tolist(), nan_ok=True), name
    assert all(not len(values) for values in books.signals(prepared.book, prepared.as_of, []).values())


def test_a_trend_is_eight_quarters_up_to_today(prepared: Portfolio) -> None:
    assert prepared.as_of == dt.date(2026, 9, 30)
    assert details.trends(prepared.book, [1, 0, 2, 3], prepared.as_of) == [
        [0, 0, 0, 0, 0, 0, 0, 4.0],
        [7.0, 0, 0, 0, 0, 0, 1.5, 2.0],
        [],
        [],
    ]
    assert details.trends(prepared.book, [0], None) == [[]]


def test_the_past_of_one_is_everything_recorded_oldest_first(prepared: Portfolio) -> None:
    found = details.past(prepared.book, 0).to_pylist()
    assert [(str(row["period"]), float(row["amount"])) for row in found] == [
        ("2024-12-31", 7.0), ("2026-06-30", 1.5), ("2026-09-30", 2.0)
    ]  # fmt: skip


def test_relatives_are_parent_siblings_and_children(prepared: Portfolio) -> None:
    def kin(account: str, parent: str | None) -> list[tuple[str, str]]:
        rows = details.family(prepared.listing, account, parent).to_pylist()
        return [(row["kin"], row["account_id"]) for row in rows]

    assert kin("b", "a") == [("sibling", "c"), ("parent", "a")]
    assert kin("a", None) == [("child", "c"), ("child", "b")]
    assert kin("d", "z") == []
    assert kin("e", None) == []


def test_shares_count_revenue_above_nothing(prepared: Portfolio) -> None:
    assert details.owned(prepared.listing, "Ann") == {
        "accounts": 5, "revenue": 6000, "owner_accounts": 3, "owner_revenue": 3000,
    }  # fmt: skip
    assert details.owned(prepared.listing, None)["owner_accounts"] == 0


def test_the_books_own_probabilities_are_added_up_exactly(prepared: Portfolio) -> None:
    found = details.told(prepared.listing).to_pylist()
    assert sum(row["told"] for row in found) == 3
    assert sum(row["loss"] for row in found) == pytest.approx(0.5 * 1000 + 0.1 * 3000)
    assert sum(row["untold_revenue"] for row in found) == 2000
    risk = portfolio.risk(prepared.cube, making.model().health, prepared.told)
    assert risk.told == 3
    assert risk.expected_loss == pytest.approx(500 + 300 + 0.25 * 2000), "b is At Risk, and of it the book says nothing"
    off = making.model(health={"loss_probability": {"from_book": False}})
    assert portfolio.prepare(prepared.book, off).told is None


def test_who_stopped_paying_is_told_by_the_last_quarter_of_the_year_after() -> None:
    past = {
        "account_id": ["k", "k", "l", "l", "m", "n", "n"],
        "period": ["2025-06-30", "2026-08-31", "2025-06-30", "2026-05-31", "2024-06-30", "2024-06-30", "2025-01-31"],
        "amount": ["10", "1", "20", "5", "3", "40", "30"],
    }  # fmt: skip
    book = making.book({"annual_revenue": ["1"]}, {k: list(v) for k, v in past.items()})
    rows = details.survival(book, dt.date(2025, 9, 30)).to_pylist()
    assert [(row["account_id"], row["before"], row["now"], row["after"]) for row in rows] == [
        ("k", 0, 10, 1), ("l", 0, 20, 0), ("n", 40, 30, 0)
    ]  # fmt: skip
    books.close(book)


def test_columns_stand_beside_health_in_the_order_of_rows(prepared: Portfolio) -> None:
    found = details.values(prepared.listing, ["owner"])
    assert found["row"].to_pylist() == [0, 1, 2, 3, 4]
    assert found["owner"].to_pylist() == ["Ann", "Ann", "Bob", None, "Ann"]
    assert np.isnan(found["health_score"].to_pandas()[3])
