"""Arrays by row: amounts, codes and names of a listing and a book."""

from __future__ import annotations

from core.accounts import arrays, books
from core.measures import portfolio
from tests import making

BOOK = {
    "account_id": ["c", "a", "b", "d"],
    "name": ["Gamma", "Alpha", "Beta", "Delta"],
    "annual_revenue": ["30", "", "-5", "20.25"],
    "employees": ["10", "2000", "150", "10"],
    "Fit": ["1", "2", "3", "4"],
    "region": ["North", "", "South", "North"],
}


def test_a_listing_gives_its_accounts_in_row_order_with_missing_amounts_as_0() -> None:
    found = arrays.listed(portfolio.prepare(making.book(BOOK), making.model()).listing)
    assert found.row.tolist() == [0, 1, 2, 3]
    assert found.cents.tolist() == [3000, 0, -500, 2025]
    assert len(found.profile) == 4


def test_filters_leave_the_rows_of_the_book() -> None:
    prepared = portfolio.prepare(making.book(BOOK), making.model(), filters={"region": ["North"]})
    assert arrays.listed(prepared.listing).row.tolist() == [0, 3]


def test_a_text_column_comes_as_codes_by_row() -> None:
    book = making.book(BOOK)
    found = arrays.coded(book, "region")
    assert [found.values[code] if code >= 0 else None for code in found.code] == ["North", None, "South", "North"]


def test_a_column_with_more_values_than_are_kept_as_codes_is_numbered_anew() -> None:
    many = books.MOST_CODES + 1
    book = making.book({"owner": [f"Owner {i % many}" for i in range(many + 2)]})
    assert "owner" not in book.codes
    found = arrays.coded(book, "owner")
    assert len(found.values) == many
    assert [found.values[found.code[row]] for row in (0, many, many + 1)] == ["Owner 0", "Owner 0", "Owner 1"]


def test_a_column_that_the_file_did_not_have_is_missing_everywhere() -> None:
    found = arrays.coded(making.book(BOOK), "country")
    assert found.code.tolist() == [-1] * 4
    assert found.values == ()


def test_names_come_in_the_order_asked() -> None:
    book = making.book(BOOK)
    assert arrays.named(book, [2, 0]) == [("b", "Beta"), ("c", "Gamma")]
    assert arrays.named(book, []) == []
