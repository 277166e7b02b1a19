"""The profile cube: sums by profile that are exact, filters, and what a filter offers."""

from __future__ import annotations

import math
from collections import Counter
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.accounts import books, cube
from core.accounts.cube import HALF, NOT_GIVEN, Cube
from core.errors import UnknownName
from core.measures import portfolio
from tests import making, reference

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from core.model.model import Model


def built(columns: Mapping[str, Sequence[str | None]], model: Model | None = None) -> Cube:
    book = making.book(columns)
    found = portfolio.prepare(book, model or making.model()).cube
    books.close(book)
    return found


@st.composite
def cases(draw: st.DrawFn) -> tuple[Model, list[dict[str, str]]]:
    model = draw(making.models(most=3))
    return model, draw(making.rows(model))


def allowed(model: Model, account: Mapping[str, str], missing_fails: bool | None) -> int:  # noqa: FBT001
    """The best tier of the gates, where a missing value passes or fails."""
    failed = [g for g in model.gates if not reference.passes(g, account.get(g.column, ""), missing_fails)]
    return max((model.tier_names.index(gate.best_tier) for gate in failed), default=0)


@settings(max_examples=12)
@given(cases())
def test_every_sum_of_a_profile_is_the_sum_over_its_accounts(case: tuple[Model, list[dict[str, str]]]) -> None:
    model, accounts = case
    found = built(making.columns(accounts), model)
    limits = list(zip(found.gate.tolist(), found.gate_best.tolist(), found.gate_worst.tolist(), strict=True))
    assert len(found) == len({*zip(map(tuple, found.points.tolist()), limits, strict=True)})

    groups: dict[object, list[dict[str, str]]] = {}
    for account in accounts:
        points = tuple(255 if p is None else int(10 * p) for p in reference.judge(model, account).points)
        gates = tuple(allowed(model, account, missing_fails) for missing_fails in (None, False, True))
        groups.setdefault((points, gates), []).append(account)
    assert len(groups) == len(found)

    for i in range(len(found)):
        group = groups[(tuple(map(int, found.points[i])), limits[i])]
        cents = [reference.cents(account["annual_revenue"]) for account in group]
        earning = [amount for amount in cents if amount > 0]
        assert (found.accounts[i], found.counted[i], found.revenue[i]) == (len(group), len(earning), sum(earning))
        scores = [float(account["engagement_score"]) for account in group if account.get("engagement_score")]
        assert (found.engagement_known[i], found.engagement_sum[i]) == (len(scores), round(100 * sum(scores)))
        judged = [score for account in group if (score := reference.health(account, model.health)[1]) is not None]
        assert found.health_known[i] == len(judged)
        assert abs(int(found.health_sum[i]) - 100 * float(sum(judged))) <= len(judged)  # each is rounded once
        assert found.potential[i] == sum(reference.cents(account["revenue_potential"]) for account in group)
        assert found.pipeline[i] == sum(reference.cents(account["pipeline"]) for account in group)
        assert found.credits[i] == sum(amount < 0 for amount in cents)
        assert found.credit_amount[i] == sum(amount for amount in cents if amount < 0)
        assert int(found.squared_high[i]) * HALF + int(found.squared_low[i]) == sum(amount**2 for amount in earning)
        assert found.revenue_log[i] == pytest.approx(math.fsum(a * math.log(a) for a in earning), rel=1e-12)
        statuses = [reference.health(account, model.health)[0] for account in group]
        assert found.health_accounts[i].tolist() == [statuses.count(code) for code in range(4)]
        revenue = Counter[int]()
        for status, amount in zip(statuses, cents, strict=True):
            revenue[status] += max(amount, 0)
        assert found.health_revenue[i].tolist() == [revenue[code] for code in range(4)]


def test_sums_of_the_largest_amounts_are_exact() -> None:
    amounts = ["9999999999999.99", "9999999999999.97", "0.01"]
    found = built({"annual_revenue": amounts, "revenue_potential": amounts, "pipeline": amounts})
    cents = [int(Fraction(amount) * 100) for amount in amounts]
    assert found.revenue.tolist() == found.potential.tolist() == found.pipeline.tolist() == [sum(cents)]
    assert int(found.squared_high[0]) * HALF + int(found.squared_low[0]) == sum(c * c for c in cents)


def test_a_cube_cannot_be_written_to() -> None:
    found = built({"employees": ["5"]})
    for array in (found.revenue, found.points, found.health_accounts, found.key):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 0


def test_a_cube_without_accounts_is_a_cube() -> None:
    book = making.book({"region": ["EMEA"]})
    found = portfolio.prepare(book, making.model(), filters={"region": ["nowhere"]}).cube
    assert (len(found), found.points.shape, found.health_accounts.shape) == (0, (0, 2), (0, 4))
    assert found.accounts.dtype == np.int64
    books.close(book)


def test_a_filter_offers_the_values_there_are_and_one_value_is_no_choice() -> None:
    book = making.book({"region": ["EMEA", "APAC", ""], "industry": ["x", "x", "x"], "owner": ["", "A", "A"]})
    assert cube.choices(book) == {"region": ["APAC", "EMEA", NOT_GIVEN], "owner": ["A", NOT_GIVEN]}
    books.close(book)


@pytest.mark.parametrize(
    ("wanted", "accounts"),
    [([], 4), (["EMEA"], 1), (["EMEA", "APAC"], 2), ([NOT_GIVEN], 2), (["EMEA", NOT_GIVEN], 3), (["'; DROP"], 0)],
)
def test_a_filter_keeps_the_accounts_of_its_values(wanted: list[str], accounts: int) -> None:
    book = making.book({"region": ["EMEA", "APAC", "", ""]})
    found = portfolio.prepare(book, making.model(), filters={"region": wanted}).cube
    assert int(found.accounts.sum()) == accounts
    books.close(book)


def test_an_unknown_filter_is_one_sentence() -> None:
    book = making.book({"region": ["EMEA"]})
    with pytest.raises(UnknownName, match=r"There is no filter named “colour”. Choose one of: industry, lifecycle,"):
        portfolio.prepare(book, making.model(), filters={"colour": ["red"]})
    books.close(book)
