"""Choosing: the ground and a table in DuckDB want the same accounts, in the same order."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.accounts import books, choosing, engine, listing
from core.accounts.listing import Listing, Wanted
from core.measures import portfolio, tiers
from tests import making

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.measures.portfolio import Portfolio
    from core.model.model import Model

SORTS = ("cents", "health_score", "row", "status", "score", "tier", "provisional", "doubt", "word", "name",
         "revenue_potential", "owner", "profile")  # fmt: skip


def as_table(own: Listing) -> Listing:
    """The same accounts as a table in DuckDB."""
    rows, name = own.rows(), f"{own.name}_as_table"
    return Listing(name, own.book, held=[engine.create(name, rows)])


def said(prepared: Portfolio, model: Model, doubts: Sequence[float | None]) -> pa.Table:
    """What a verdict says of each profile, with a number, a word and a mark beside it."""
    found = portfolio.by_profile(tiers.weigh(prepared.cube, model))
    some = [doubts[i % len(doubts)] for i in range(found.num_rows)]
    found = found.append_column("doubt", pa.array(some, pa.float64()))
    found = found.append_column("word", pa.array([f"{value}" for value in some], pa.string()))
    marks = [value is None or value > 0 for value in some]
    return found.append_column("moved", pa.array(marks, pa.bool_()))


def either(draw: st.DrawFn, values: st.SearchStrategy[Any], otherwise: Any) -> Any:
    return draw(st.just(otherwise) | st.just(otherwise) | values)


@st.composite
def questions(draw: st.DrawFn) -> tuple[Wanted, dict[str, Any]]:
    times = either(draw, st.just("doubt"), "")
    wanted = Wanted(
        tiers=either(draw, st.lists(st.integers(0, 4), max_size=4), None),
        statuses=either(draw, st.lists(st.integers(0, 3), max_size=3), None),
        search=either(draw, st.sampled_from(["account 1", "A00", "2", "nobody"]), ""),
        owners=either(draw, st.lists(st.sampled_from([*making.WORDS[:2], "not given"]), max_size=2), ()),
        ids=either(draw, st.lists(st.sampled_from(["A0000", "A0003", "x"]), max_size=3), ()),
        account_id=either(draw, st.just("A0001"), ""),
        moved=either(draw, st.just(value=True), otherwise=False),
        sort=draw(st.sampled_from(["cents", "doubt", "score", "revenue_potential"] if times else SORTS)),
        times=times,
        descending=draw(st.booleans()),
    )
    page = draw(st.fixed_dictionaries({"limit": st.integers(0, 12), "offset": st.integers(0, 15)}))
    columns = draw(st.sampled_from([(), ("account_id", "tier", "owner", "cents")]))
    return wanted, draw(st.sampled_from([{}, page, page])) | {"columns": columns}


@st.composite
def cases(draw: st.DrawFn) -> Any:
    model = draw(making.models(most=3))
    accounts = draw(making.rows(model))
    for account in accounts:  # few amounts, so that many tie
        account["annual_revenue"] = draw(st.sampled_from(["", "0", "100", "100", "-5", "7.25"]))
        account["revenue_potential"] = draw(st.sampled_from(["", "0", "3", "3"]))
    doubts = draw(st.lists(st.none() | st.sampled_from([0.0, 0.5, 1.0]), min_size=1, max_size=4))
    chosen = draw(st.lists(st.sampled_from(making.WORDS), max_size=3, unique=True))
    return model, accounts, doubts, {"region": chosen}, draw(st.lists(questions(), min_size=1, max_size=6))


@settings(max_examples=12)
@given(cases(), st.booleans())
def test_a_ground_gives_the_pages_and_sums_that_a_table_gives(case: Any, many: bool) -> None:  # noqa: FBT001
    model, accounts, doubts, filters, asked = case
    whole = portfolio.prepare(making.book(making.columns(accounts)), model)
    prepared = portfolio.narrow(whole, model, filters)
    assert prepared.listing.part is not None
    by_profile, table = said(prepared, model, doubts), as_table(prepared.listing)
    with pytest.MonkeyPatch.context() as patch:
        if many:
            patch.setattr(listing, "_FEW", 0)
        for wanted, page in asked:
            ours, theirs = (listing.page(one, by_profile, wanted, **page) for one in (prepared.listing, table))
            assert ours.equals(theirs), (wanted, page)
            ours, theirs = (listing.summary(one, by_profile, wanted) for one in (prepared.listing, table))
            assert ours == theirs, wanted
    books.close(whole.book)


def test_few_of_many_accounts_are_chosen_and_nobody_who_might_come_before_them_is_left_out() -> None:
    revenue = [f"{n % 7}" for n in range(200)]
    book = making.book({"annual_revenue": revenue, "revenue_potential": [f"{n % 3}" for n in range(200)]})
    prepared = portfolio.prepare(book, making.model())
    by_profile = portfolio.by_profile(tiers.weigh(prepared.cube, making.model()))
    part = prepared.listing.part
    assert part is not None
    places = choosing.first(part, book, by_profile, Wanted(), 5)
    assert places is not None
    # 28 accounts have the most revenue, a third of them the most potential too; which of these, only their ids can say.
    found = choosing.table(part, places)["row"].to_pylist()
    assert sorted(found) == [n for n in range(200) if n % 7 == 6 and n % 3 == 2]
    assert choosing.first(part, book, by_profile, Wanted(sort="owner"), 5) is None, "which the ground does not know"
    books.close(book)


def test_numbers_that_are_none_are_left_to_the_database_to_order() -> None:
    book = making.book({"employees": ["1", "200", "5000"], "region": ["EMEA"] * 3})
    prepared = portfolio.prepare(book, making.model())
    by_profile = portfolio.by_profile(tiers.weigh(prepared.cube, making.model()))
    odd = pa.array(np.array([np.nan, 1.0, np.inf]), from_pandas=False)
    by_profile, table = by_profile.append_column("odd", odd), as_table(prepared.listing)
    for descending in (True, False):
        wanted = Wanted(sort="odd", descending=descending)
        ours, theirs = (listing.page(one, by_profile, wanted, limit=2) for one in (prepared.listing, table))
        assert ours["account_id"].to_pylist() == theirs["account_id"].to_pylist()
    books.close(book)
