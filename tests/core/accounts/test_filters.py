"""Filters: a whole book narrowed is the same as a book that was scanned with the filter, cell for cell."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.accounts import books, cube, filters
from core.accounts.cube import HALF, NOT_GIVEN
from core.errors import UnknownName
from core.measures import portfolio
from tests import making

if TYPE_CHECKING:
    from core.accounts.cube import Cube
    from core.measures.portfolio import Portfolio
    from core.model.model import Model

WANTED = [*making.WORDS, making.UNLISTED, NOT_GIVEN, "nobody"]


def listed(prepared: Portfolio) -> pa.Table:
    return prepared.listing.rows()


def must_be_equal(narrowed: Cube, scanned: Cube) -> None:
    for field in dataclasses.fields(scanned):
        ours, theirs = getattr(narrowed, field.name), getattr(scanned, field.name)
        assert (ours.dtype, ours.shape) == (theirs.dtype, theirs.shape), field.name
        if field.name == "revenue_log":
            assert ours == pytest.approx(theirs, rel=1e-12)
        else:
            assert ours.tolist() == theirs.tolist(), field.name


def must_be_the_same(whole: Portfolio, model: Model, chosen: dict[str, list[str]]) -> None:
    narrowed = portfolio.narrow(whole, model, chosen)
    rows = listed(narrowed)
    scanned = portfolio.prepare(whole.book, model, filters=chosen)
    must_be_equal(narrowed.cube, scanned.cube)
    assert rows.equals(listed(scanned))
    assert (narrowed.told, narrowed.as_of, narrowed.listing) == (scanned.told, scanned.as_of, scanned.listing)


@st.composite
def cases(draw: st.DrawFn) -> tuple[Model, list[dict[str, str]], list[dict[str, list[str]]]]:
    model = draw(making.models(most=3))
    some = st.lists(st.sampled_from(WANTED), max_size=3, unique=True)
    chosen = st.lists(st.fixed_dictionaries({"region": some, "owner": some}), min_size=1, max_size=3)
    return model, draw(making.rows(model)), draw(chosen)


@settings(max_examples=12)
@given(cases())
def test_a_whole_book_narrowed_is_the_book_scanned_with_the_filter(
    case: tuple[Model, list[dict[str, str]], list[dict[str, list[str]]]],
) -> None:
    model, accounts, asked = case
    whole = portfolio.prepare(making.book(making.columns(accounts)), model)
    health = portfolio.judge(whole.book, model.health, whole.as_of)
    must_be_equal(whole.cube, cube.build(whole.book, model, health=health))  # added up on the ground, and by GROUP BY
    for chosen in asked:
        must_be_the_same(whole, model, chosen)
    books.close(whole.book)


def test_the_books_own_probabilities_are_narrowed_too() -> None:
    book = making.book(
        {"region": ["EMEA", "APAC", "EMEA", ""], "churn_probability": ["0.1", "0.2", "", "0.4"],
         "annual_revenue": ["100", "200", "300", "400"], "employees": ["5", "50", "500", "5000"]}
    )  # fmt: skip
    whole = portfolio.prepare(book, making.model())
    assert whole.told is not None
    for chosen in ({"region": ["EMEA"]}, {"region": ["EMEA", NOT_GIVEN]}, {"region": ["nowhere"]}):
        must_be_the_same(whole, making.model(), chosen)
    books.close(book)


@pytest.mark.parametrize("amount", ["0.01", "10485.75", "10485.76", "10995116277.75", "9999999999999.99"])
def test_squares_are_exact_at_the_edges_of_their_limbs(amount: str) -> None:
    count = 3
    book = making.book({"annual_revenue": [amount] * count, "region": ["EMEA"] * (count - 1) + ["APAC"]})
    whole = portfolio.prepare(book, making.model())
    must_be_the_same(whole, making.model(), {"region": ["EMEA"]})
    found = portfolio.narrow(whole, making.model(), {"region": ["EMEA"]}).cube
    cents = int(amount.replace(".", ""))
    assert int(found.squared_high[0]) * HALF + int(found.squared_low[0]) == (count - 1) * cents**2
    books.close(book)


def test_a_narrowed_portfolio_is_not_narrowed_further_but_scanned() -> None:
    book = making.book({"region": ["EMEA", "APAC", "EMEA"], "owner": ["A", "A", "B"]})
    narrowed = portfolio.narrow(portfolio.prepare(book, making.model()), making.model(), {"region": ["EMEA"]})
    assert narrowed.listing.part is not None
    again = portfolio.narrow(narrowed, making.model(), {"owner": ["A"]})
    assert int(again.cube.accounts.sum()) == 2, "the filters given are all there are"
    books.close(book)


def test_a_book_whose_sums_might_not_fit_has_no_ground() -> None:
    small = {"row": [0], "status": [0], "health_score": [None], "engagement_score": [1.0]}
    money = {"potential": [None], "pipeline": [None]}
    table = pa.table({**small, **money, "cents": [1 << 61]}).cast(
        pa.schema(
            [("row", pa.int64()), ("status", pa.uint8()), ("health_score", pa.float64()),
             ("engagement_score", pa.float64()), ("potential", pa.int64()), ("pipeline", pa.int64()),
             ("cents", pa.int64())]
        )
    )  # fmt: skip
    assert filters.ground(table, np.zeros(1, dtype=np.int32)) is not None
    assert filters.ground(pa.concat_tables([table] * 3), np.zeros(3, dtype=np.int32)) is None


def test_an_unknown_filter_is_refused() -> None:
    book = making.book({"region": ["EMEA"]})
    whole = portfolio.prepare(book, making.model())
    with pytest.raises(UnknownName, match="There is no filter named “colour”"):
        portfolio.narrow(whole, making.model(), {"colour": ["red"]})
    books.close(book)


def test_scores_are_rounded_to_hundredths_as_a_scan_does() -> None:
    scores = ["0", "0.005", "0.015", "1.005", "2.675", "33.335", "49.995", "74.125", "99.995", "100", ""]
    book = making.book({"engagement_score": scores, "region": ["EMEA"] * len(scores)})
    must_be_the_same(portfolio.prepare(book, making.model()), making.model(), {"region": ["EMEA"]})
    books.close(book)


def test_a_column_with_too_many_values_to_be_numbered_is_compared_by_its_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(books, "MOST_CODES", 2)
    owners = ["Ann", "Bob", "Cid", "", "Ann"]
    book = making.book({"owner": owners, "region": ["EMEA", "APAC", "EMEA", "EMEA", "APAC"]})
    assert set(book.codes) & {"owner", "region"} == {"region"}
    whole = portfolio.prepare(book, making.model())
    for chosen in ({"owner": ["Ann", NOT_GIVEN]}, {"owner": ["Ann", "Cid"], "region": ["EMEA"]}, {"owner": ["x"]}):
        must_be_the_same(whole, making.model(), chosen)
    books.close(book)
