"""Figures by period against the same in plain pandas, worked from the rows of the history alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest

from core.measures import portfolio
from core.model import toml
from core.report import periods
from tests import making

if TYPE_CHECKING:
    from collections.abc import Mapping

    from core.accounts.timeline import Step
    from core.measures.portfolio import Portfolio

LENGTH = {"month": 1, "quarter": 3, "year": 12}
FIRST, LAST = 12 * 2022 + 3, 12 * 2025 + 4
"""April 2022 to May 2025: neither a whole year at the beginning nor at the end."""


@pytest.fixture(scope="module")
def past() -> pd.DataFrame:
    """Sixty accounts: some come, some go, some pay by quarter, some have credits; two are not in the account table."""
    random = np.random.default_rng(11)
    rows = []
    for number in range(62):
        start, end = FIRST + 20 * (number % 5 == 1) + number % 7 * (number > 20), LAST - 14 * (number % 6 == 2)
        for month in range(start, end + 1, 3 if number % 4 == 3 else 1):
            amount = round(float(random.pareto(1.3)) * 500 * (-1 if random.random() < 0.08 else 1), 2)
            rows.append((f"A{number:04}", month, amount))
    return pd.DataFrame(rows, columns=["account_id", "month", "amount"])


@pytest.fixture(scope="module")
def prepared(past: pd.DataFrame) -> Portfolio:
    days = [f"{month // 12}-{month % 12 + 1:02}-17" for month in past["month"]]
    history = {"account_id": list(past["account_id"]), "period": days, "amount": [f"{a:.2f}" for a in past["amount"]]}
    book = making.book({"annual_revenue": [str(100 + at) for at in range(60)]}, history)
    return portfolio.prepare(book, toml.load(toml.DEFAULT))


def paid(past: pd.DataFrame, first: int, last: int) -> pd.Series[float]:
    """What each account of the book paid from one month to another."""
    inside = past[past["month"].between(first, last) & (past["account_id"] < "A0060")]
    return inside.groupby("account_id")["amount"].sum().round(2)


def figures(amounts: pd.Series[float]) -> dict[str, float]:
    """The measures as textbooks write them."""
    ordered = np.sort(amounts[amounts > 0].to_numpy())[::-1]
    shares, n = ordered / ordered.sum(), ordered.size
    hhi = 10_000 * float((shares**2).sum())
    gaps = np.abs(ordered[:, None] - ordered[None, :]).sum()  # Gini as half the relative mean difference
    return {
        "accounts_counted": n,
        "total_revenue": float(ordered.sum()),
        "top_1": float(shares[0]),
        "top_5": float(shares[:5].sum()),
        "top_10": float(shares[:10].sum()),
        "hhi": hhi,
        "effective_accounts": 10_000 / hhi,
        "gini": float(gaps / (2 * n * n * ordered.mean())),
        "pareto_80": int(np.argmax(np.cumsum(shares) >= 0.8 - 1e-12)) + 1,
    }


def retained(before: pd.Series[float], after: pd.Series[float]) -> dict[str, float]:
    cohort = before[before > 0]
    end = after.reindex(cohort.index).fillna(0).clip(lower=0)
    return {"nrr": end.sum() / cohort.sum(), "grr": np.minimum(end, cohort).sum() / cohort.sum()}


def check(row: Mapping[str, Any], past: pd.DataFrame, first: int, last: int, *, a_year_before: bool) -> None:
    amounts = paid(past, first, last)
    wanted = figures(amounts)
    if a_year_before:
        wanted |= retained(paid(past, first - 12, last - 12), amounts)
    else:
        assert row["nrr"] is None
        assert row["grr"] is None
    assert {name: row[name] for name in wanted} == pytest.approx(wanted, rel=1e-9)


@pytest.mark.parametrize("step", ["month", "quarter", "year"])
def test_every_period_of_the_calendar_equals_plain_pandas(prepared: Portfolio, past: pd.DataFrame, step: Step) -> None:
    rows, length = periods.report(prepared, step)["calendar"], LENGTH[step]
    whole = [at for at in range(FIRST // length, LAST // length + 1) if at * length >= FIRST]
    whole = whole[-36:]
    assert [row["known"] for row in rows] == [(at + 1) * length - 1 <= LAST for at in whole]
    first = whole[0] * length
    for at, row in zip(whole, rows, strict=True):
        if row["known"]:
            month = at * length
            check(row, past, month, month + length - 1, a_year_before=month - 12 >= first)


@pytest.mark.parametrize("step", ["month", "quarter", "year"])
def test_every_span_of_twelve_months_equals_plain_pandas(prepared: Portfolio, past: pd.DataFrame, step: Step) -> None:
    rows = periods.report(prepared, step)["trailing"]
    ends = list(range(LAST, FIRST + 10, -LENGTH[step]))[::-1]
    assert len(rows) == len(ends)
    for end, row in zip(ends, rows, strict=True):
        check(row, past, end - 11, end, a_year_before=end - 12 >= ends[0])


def test_what_lies_after_the_as_of_date_is_not_read(prepared: Portfolio, past: pd.DataFrame) -> None:
    assert prepared.as_of is not None
    assert prepared.as_of.isoformat() == "2025-05-17"
    assert periods.report(prepared, "year")["trailing"][-1]["period"] == "May 2025"
    assert not any("2026" in row["period"] for row in periods.report(prepared, "month")["calendar"])
    assert int(past["month"].max()) == LAST


def test_a_book_without_a_history_has_no_periods() -> None:
    book = making.book({"annual_revenue": ["100", "50"]})
    found = periods.report(portfolio.prepare(book, toml.load(toml.DEFAULT)), "year")
    assert found == {"step": "year", "calendar": [], "trailing": []}
