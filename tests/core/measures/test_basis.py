"""The basis: accounts or customers, with every total kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from core.accounts import arrays, parents
from core.measures import basis, portfolio
from tests import making

if TYPE_CHECKING:
    from core.measures.basis import Basis
    from core.model.model import Model

MODEL: Model = making.model()


def taken(columns: dict[str, list[str]], *, joined: bool, regions: list[str] | None = None) -> tuple[Basis, list[str]]:
    """A basis, and what its customers are called."""
    book = making.book(
        {"employees": ["10"] * len(columns["account_id"]), "Fit": ["5"] * len(columns["account_id"])} | columns
    )
    prepared = portfolio.prepare(book, MODEL, filters={"region": regions} if regions else None)
    found = basis.of_listing(prepared.listing, parents.read(book) if joined else None)
    names = [key for key, _ in arrays.named(book, found.head)]
    return found, [found.unknown.get(at, name) for at, name in enumerate(names)]


BOOK = {
    "account_id": ["a", "b", "c", "d", "e"],
    "parent_id": ["", "a", "Holding", "", "Holding"],
    "annual_revenue": ["10", "5", "1", "-2", "7"],
    "region": ["N", "S", "N", "N", "S"],
}


def test_without_parents_every_account_is_a_customer() -> None:
    found, names = taken(BOOK, joined=False)
    assert names == ["a", "b", "c", "d", "e"]
    assert found.cents.tolist() == [1000, 500, 100, -200, 700]
    assert not found.joined


def test_joined_a_parent_brings_what_it_and_its_subsidiaries_bring() -> None:
    found, names = taken(BOOK, joined=True)
    assert dict(zip(names, found.cents.tolist(), strict=True)) == {"a": 1500, "Holding": 800, "d": -200}
    assert dict(zip(names, found.members.tolist(), strict=True)) == {"a": 2, "Holding": 2, "d": 1}
    assert found.joined


def test_a_customer_counts_what_of_it_passes_the_filters_and_is_named_by_who_does() -> None:
    found, names = taken(BOOK, joined=True, regions=["S"])
    assert dict(zip(names, found.cents.tolist(), strict=True)) == {"b": 500, "Holding": 700}


def test_a_customer_whose_parent_is_unknown_stands_where_its_largest_account_does() -> None:
    found, names = taken(BOOK, joined=True)
    assert found.head[names.index("Holding")] == 4


def test_credits_of_a_subsidiary_are_netted_before_any_share_is_taken() -> None:
    found, names = taken(BOOK | {"annual_revenue": ["10", "-5", "1", "-2", "7"]}, joined=True)
    assert found.cents[names.index("a")] == 500


def test_amounts_by_row_are_taken_as_the_basis_says() -> None:
    by_row = np.array([1, 20, 300, 4000, 50_000])
    assert taken(BOOK, joined=False, regions=["S"])[0].take(by_row).tolist() == [20, 50_000]
    found, names = taken(BOOK, joined=True)
    assert dict(zip(names, found.take(by_row).tolist(), strict=True)) == {"a": 21, "Holding": 50_300, "d": 4000}


def test_an_empty_listing_has_no_customers() -> None:
    for joined in (False, True):
        found, names = taken(BOOK, joined=joined, regions=["nowhere"])
        assert len(found) == 0
        assert names == []
        assert found.take(np.zeros(5, dtype=np.int64)).tolist() == []


def test_the_largest_come_first_and_what_has_no_revenue_not_at_all() -> None:
    assert basis.largest(np.array([5, 0, 9, -1, 9]), 2).tolist() == [2, 4]
    assert basis.largest(np.array([5, 0, 9, -1]), 10).tolist() == [2, 0]
    assert basis.largest(np.array([0, -1]), 1).tolist() == []


@settings(max_examples=40)
@given(st.data())
def test_joining_keeps_the_total(data: st.DataObject) -> None:
    count = data.draw(st.integers(1, 10))
    ids = [f"A{at}" for at in range(count)]
    cents = data.draw(st.lists(st.integers(-(10**6), 10**9), min_size=count, max_size=count))
    columns = {
        "account_id": ids,
        "parent_id": [data.draw(st.sampled_from([*ids, "", "X"])) for _ in ids],
        "annual_revenue": [f"{'-' if value < 0 else ''}{abs(value) // 100}.{abs(value) % 100:02}" for value in cents],
    }
    alone, together = (taken(columns, joined=joined)[0] for joined in (False, True))
    assert int(alone.cents.sum()) == int(together.cents.sum()) == sum(cents)
    assert int(together.members.sum()) == count
    assert len(together) <= len(alone)
