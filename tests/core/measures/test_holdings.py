"""Holdings, held by counting every account by itself."""

from __future__ import annotations

from collections import Counter
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from hypothesis import given, settings
from hypothesis import strategies as st

from core.accounts import books
from core.measures import holdings, portfolio
from tests import making, reference

if TYPE_CHECKING:
    from core.model.model import Model


@st.composite
def cases(draw: st.DrawFn) -> tuple[Model, list[dict[str, str]]]:
    model = draw(making.models())
    return model, draw(making.rows(model))


@settings(max_examples=30)
@given(cases())
def test_holdings_are_those_of_every_account_by_itself(case: tuple[Model, Any]) -> None:
    model, accounts = case
    opened = making.book(making.columns(accounts))
    prepared = portfolio.prepare(opened, model)
    cents = [max(reference.cents(a["annual_revenue"]), 0) for a in accounts]
    for place, criterion in enumerate(model.criteria):
        earned = [reference.points(criterion, a[criterion.column]) for a in accounts]
        found = holdings.holdings(prepared.cube, model, place)
        assert sum(row.accounts for row in found) == len(accounts)
        assert sum(row.revenue for row in found) == sum(cents)
        assert (found[-1].label, found[-1].accounts) == (holdings.NOTHING, earned.count(None))
        if criterion.kind in ("bands", "categories"):
            counted = Counter(points for points in earned if points is not None)
            assert {Fraction(repr(row.points)): row.accounts for row in found[:-1] if row.accounts} == counted
        else:
            ranges = [sum(1 for p in earned if p is not None and min(int(p) // 2, 4) == i) for i in range(5)]
            assert [row.accounts for row in found[:-1]] == ranges
    books.close(opened)


def test_bands_that_earn_the_same_share_a_row() -> None:
    bands = [{"points": 0}, {"from": 100, "points": 5}, {"from": 1000, "points": 0}]
    model = making.model(
        criteria=[{"id": "s", "name": "S", "column": "employees", "importance": 1, "kind": "bands", "bands": bands}]
    )
    opened = making.book({"employees": ["5", "2000", "150", None]})
    prepared = portfolio.prepare(opened, model)
    found = holdings.holdings(prepared.cube, model, 0)
    assert [(row.label, row.points, row.accounts) for row in found] == [
        ("<100 or 1,000+", 0.0, 2), ("100–999", 5.0, 1), ("Missing", None, 1)
    ]  # fmt: skip
    books.close(opened)
